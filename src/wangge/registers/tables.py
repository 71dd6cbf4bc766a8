"""A register's table from somebody's spreadsheet: read, judged row by row, applied, taken back.

The rows wait sealed, and what becomes of them is judged anew at every look and once more when they
are applied, so that a second import of the same file changes nothing.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar, cast
from uuid import UUID

import msgspec

from wangge.kernel.columns import heading_key, match_headings
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date, new_id
from wangge.kernel.refusals import Forbidden, Invalid, NotFound, Problem, Refusal
from wangge.kernel.sheets import open_table
from wangge.matching import Placed, read_date, tidy
from wangge.people.changes import Change, Undone, apply_changes, undo_batch
from wangge.people.model import clean_phone, mask_name, mask_phone
from wangge.people.queries import households
from wangge.people.sealing import phone_index
from wangge.places import ATLAS
from wangge.places.doors import closed_list
from wangge.places.naming import placed_words
from wangge.registers import acts, queries
from wangge.registers.commands import Draft, Spot, cleaned
from wangge.registers.events import ThingsImported
from wangge.registers.kinds import KINDS, PEOPLE, Kind, stale_on
from wangge.registers.model import kind_of, mask_plate, must_have, plate_index
from wangge.registers.writing import PERSON, THING

ROWS_MAX = 5_000
BYTES_MAX = 20_000_000

VERDICTS: Mapping[str, str] = {
    "new": "新登记",
    "changed": "有变化",
    "same": "没有变化",
    "refused": "不能导入",
}
TABLE_STATES: Mapping[str, str] = {
    "waiting": "等待确认",
    "applied": "已导入",
    "undone": "已撤销",
}

PLATE_ELSEWHERE = "这个车牌不能在这里登记,请联系上级单位核对。"
LANDLORD_STANDS = "这一户的房东已在住户登记里,这里不再填一遍。"
WHICH_ONE = "台账里同名或同代码的有好几处,分不清是哪一处。请写上门牌、位置或编号。"
NAMESAKE = "同名的已登记在别的位置,这一行按另一处登记。"


@dataclass(eq=False)
class TableTakenIn(Refusal):
    """A table that was applied or taken back cannot be changed."""

    says: ClassVar[str] = "这张表{state},不能再改。"
    state: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table on its way in."""

    id: UUID
    kind: str
    name: str
    area_code: str
    by_id: UUID
    at: datetime
    headings: tuple[str, ...]
    mapping: tuple[str, ...]
    rows: int
    state: str
    batch_id: UUID | None


@dataclass(slots=True)
class Line:
    """A row and what would become of it. `differs` is (field, old, new) in words, people and plates
    as masks; `problems` why it cannot be taken, `notes` what to look at."""

    number: int
    verdict: str
    title: str
    thing_id: UUID | None = None
    differs: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    problems: list[Problem] = field(default_factory=list[Problem])
    notes: list[Problem] = field(default_factory=list[Problem])
    ends: list[Change] = field(default_factory=list[Change])
    changes: list[Change] = field(default_factory=list[Change])


@dataclass(frozen=True, slots=True)
class Preview:
    """A table with what would become of each row now, and how many of each verdict."""

    table: Table
    lines: list[Line]
    counts: dict[str, int]


# -- columns --------------------------------------------------------------------------------------


def targets(kind: Kind) -> dict[str, tuple[str, tuple[str, ...]]]:
    """What a column can be → its Chinese name, and the words people put above it, the surest first."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    if kind.named:
        found["name"] = (kind.title, (kind.title, *kind.name_also, f"{kind.name}名称", "名称"))
    if kind.coded:
        found["credit_code"] = (
            "统一社会信用代码",
            ("统一社会信用代码", "信用代码", "社会信用代码", "营业执照号"),
        )
    if kind.plated:
        found["plate"] = ("车牌号", ("车牌号", "车牌", "车牌号码", "号牌号码", "车号"))
    found["door"] = (
        "门牌",
        ("门牌", "门牌号", "地址", "详细地址", "经营地址", "房屋地址", "住址", "所在地址"),
    )
    found["location"] = ("位置说明", ("位置说明", "位置", "具体位置"))
    for one in kind.details:
        found[f"d.{one.name}"] = (one.words, (one.words, *one.also))
    found["opened_on"] = (kind.opened, (kind.opened,))
    for at, (role, called) in enumerate(kind.roles.items()):
        plain = ("姓名", "负责人", "联系人") if at == 0 else ()
        numbers = (
            ("联系电话", "电话", "手机号码", "手机号", "手机", "联系方式") if at == 0 else ()
        )
        found[f"n.{role}"] = (f"{called}姓名", (f"{called}姓名", called, *plain))
        found[f"p.{role}"] = (
            f"{called}电话",
            (f"{called}电话", f"{called}手机", f"{called}联系电话", *numbers),
        )
    return found


def _guess(kind: Kind, headings: Sequence[str]) -> list[str]:
    words = {key: words for key, (_, words) in targets(kind).items()}
    of = {found[0]: key for key, found in match_headings(headings, words).items()}
    return [of.get(heading, "") for heading in headings]


# -- staging --------------------------------------------------------------------------------------


async def stage(
    tx: Tx, vault: Vault, kind_code: str, area: str, data: bytes, name: str
) -> UUID:
    """Read a file, whose rows then wait to be looked at. Nothing changes yet.

    Raises Forbidden, Invalid, and the refusals of `kernel.sheets` for what cannot be read.
    """
    kind = kind_of(kind_code)
    found = (await ATLAS.get(tx)).area(area)
    if found is None or not found.open or len(area) < 12:
        raise Invalid.of("area", "请选择所在的社区或网格。")
    tx.require(acts.CHANGE, area)
    known = {
        heading_key(word) for _, words in targets(kind).values() for word in words
    } | {"序号", "备注"}  # fmt: skip

    def read() -> tuple[list[str], list[tuple[int, tuple[str, ...]]]]:
        opened = open_table(
            data,
            name,
            known=lambda text: heading_key(text) in known,
            max_bytes=BYTES_MAX,
            max_rows=ROWS_MAX,
        )
        return list(opened.headings), [(row.number, row.cells) for row in opened.rows]

    headings, rows = await asyncio.to_thread(read)
    if not rows:
        raise Invalid.of("file", "表里没有数据行。")
    id_ = new_id(tx.now)
    await tx.run(
        """
        insert into registers_table (id, kind, name, area_code, by_id, at, headings, mapping, rows,
                                     sealed, state)
        values (:id, :kind, :name, :area_code, :by_id, :at, :headings, :mapping, :rows, :sealed,
                'waiting')
        """,
        id=id_,
        kind=kind.code,
        name=name[:200],
        area_code=area,
        by_id=tx.actor.id,
        at=tx.now,
        headings=headings,
        mapping=_guess(kind, headings),
        rows=len(rows),
        sealed=vault.seal_bytes(msgspec.json.encode(rows), _context(id_)),
    )
    return id_


def _context(table_id: UUID) -> bytes:
    return table_id.bytes + b"registers_table.sealed"


async def latest(tx: Tx, limit: int) -> list[Table]:
    """The last tables of areas within reach, the newest first."""
    return await tx.many(
        Table,
        """
        select id, kind, name, area_code, by_id, at, headings, mapping, rows, state, batch_id
          from registers_table t
         where exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
         order by at desc, id limit :limit
        """,
        limit=limit,
        **_reach(tx),
    )


def _reach(tx: Tx) -> dict[str, Any]:
    values = tx.reach(acts.CHANGE).values()
    return {name: values[name] for name in ("reach_from", "reach_to")}


@dataclass(frozen=True, slots=True)
class _Sealed:
    sealed: bytes | None


async def _table(tx: Tx, table_id: UUID) -> Table:
    """The door to a table; its row is locked. NotFound out of reach."""
    found = await tx.maybe(
        Table,
        """
        select id, kind, name, area_code, by_id, at, headings, mapping, rows, state, batch_id
          from registers_table t
         where id = :id
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
        """,
        id=table_id,
        **_reach(tx),
    )
    if found is None:
        raise NotFound("这张表")
    return found


async def _rows(tx: Tx, vault: Vault, table: Table) -> list[tuple[int, tuple[str, ...]]]:
    kept = await tx.one(
        _Sealed, "select sealed from registers_table where id = :id", id=table.id
    )
    if kept.sealed is None:
        return []
    sealed = kept.sealed

    def opened() -> list[tuple[int, tuple[str, ...]]]:
        plain = vault.open_bytes(sealed, _context(table.id))
        return msgspec.json.decode(plain, type=list[tuple[int, tuple[str, ...]]])

    return await asyncio.to_thread(opened)


async def set_columns(tx: Tx, table_id: UUID, mapping: Sequence[str]) -> None:
    """Say what the columns are. Raises NotFound, Invalid, TableTakenIn."""
    table = await _table(tx, table_id)
    if table.state != "waiting":
        raise TableTakenIn(TABLE_STATES[table.state])
    known, chosen = targets(KINDS[table.kind]), [one for one in mapping if one]
    if len(mapping) != len(table.headings) or any(one not in known for one in chosen):
        raise Invalid.of("mapping", "没有这一列。")
    if len(set(chosen)) < len(chosen):
        raise Invalid.of("mapping", "两列不能是同一项内容。")
    await tx.run(
        "update registers_table set mapping = :mapping where id = :id",
        id=table.id,
        mapping=list(mapping),
    )


# -- judging --------------------------------------------------------------------------------------


async def preview(tx: Tx, vault: Vault, table_id: UUID) -> Preview:
    """What would become of each row now; a fixed number of statements, whatever the number of rows,
    which are judged in a thread. NotFound out of reach."""
    table = await _table(tx, table_id)
    lines = await _judge(tx, vault, table, await _rows(tx, vault, table))
    counts = {code: sum(line.verdict == code for line in lines) for code in VERDICTS}
    return Preview(table, lines, counts)


@dataclass(frozen=True, slots=True)
class _There:
    """A thing that is there."""

    id: UUID
    area_code: str
    dwelling_id: UUID | None
    unit_id: UUID | None
    location: str
    name: str
    credit_code: str
    plate_index: bytes | None
    details: Mapping[str, Any]
    opened_on: date | None
    confirmed_on: date
    confirmed: Mapping[str, str]
    version: int


@dataclass(frozen=True, slots=True)
class _Answers:
    id: UUID
    thing_id: UUID
    role: str
    resident_id: UUID | None
    name: str
    phone_mask: str
    phone_index: bytes | None
    from_date: date
    to_date: date | None


@dataclass(frozen=True, slots=True)
class _Unit:
    id: UUID
    building_id: UUID


@dataclass(slots=True)
class _Wish:
    """A row taken apart."""

    line: Line
    values: dict[str, Any]
    placed: Placed | None
    people: dict[str, tuple[str, str]]
    plate: bytes | None

    @property
    def dwelling_id(self) -> UUID | None:
        door = self.placed.door if self.placed is not None and self.placed.sure else None
        return door.dwelling_id if door else None


async def _judge(
    tx: Tx, vault: Vault, table: Table, rows: Sequence[tuple[int, tuple[str, ...]]]
) -> list[Line]:
    kind = KINDS[table.kind]
    doors = await closed_list(tx, table.area_code[:12]) if "door" in table.mapping else None

    def taken_apart() -> list[_Wish]:
        resolve = doors.resolve if doors else None
        return [_wish(kind, vault, table, number, cells, resolve) for number, cells in rows]

    wishes = await asyncio.to_thread(taken_apart)
    good = [wish for wish in wishes if not wish.line.problems]
    there = await _there(tx, kind, table, good)
    people = await _people(tx, [one.id for one in there])
    units = await _units(tx, good)
    let: set[UUID] = set()
    if kind.at_door:
        homes = await households.behind_doors(tx, [d for w in good if (d := w.dwelling_id)])
        let = {h.dwelling_id for h in homes if h.landlord_mask or h.landlord_phone_mask}
    elsewhere: set[bytes] = set()
    if kind.plated:
        taken = await queries.plates_taken(tx, [w.plate for w in good if w.plate])
        elsewhere = set(taken) - {one.plate_index for one in there}

    def decided() -> None:
        for wish in good:
            if wish.plate in elsewhere:
                _refuse(wish.line, Problem("plate", PLATE_ELSEWHERE))
            if wish.dwelling_id in let and "landlord" in wish.people:
                del wish.people["landlord"]
                wish.line.notes.append(Problem("landlord", LANDLORD_STANDS))
        _decide(
            tx.now,
            vault,
            kind,
            table,
            [wish for wish in good if not wish.line.problems],
            _Found(there, people, units),
        )

    await asyncio.to_thread(decided)
    return [wish.line for wish in wishes]


def _refuse(line: Line, why: Problem) -> None:
    line.verdict = "refused"
    line.problems.append(why)


@dataclass(frozen=True, slots=True)
class _Found:
    """What the database knows of what a table speaks of."""

    there: Sequence[_There]
    people: Mapping[UUID, Sequence[_Answers]]
    units: Mapping[UUID, UUID]


def _decide(
    now: datetime,
    vault: Vault,
    kind: Kind,
    table: Table,
    wishes: Sequence[_Wish],
    found: _Found,
) -> None:
    """Which thing each row speaks of, and what becomes of it. A second row of one thing is refused,
    whatever the two call it: one with its credit code, one with its name only."""
    register, rows = _Known[_There](), _Known[int]()
    for one in found.there:
        register.add(_handles(kind, one), one)
    matches = [register.find(_asked(kind, wish)) for wish in wishes]
    # Several rows with places of their own cannot all be the one of that name without a place.
    claims = Counter(m.item.id for m in matches if m.item is not None and not m.sure)
    taken: dict[UUID, int] = {}
    for wish, match in zip(wishes, matches, strict=True):
        line, before, handles = wish.line, match.item, _asked(kind, wish)
        namesake = match.namesake
        if (
            before is not None
            and not match.sure
            and any(handles.marks)
            and claims[before.id] > 1
        ):
            before, namesake = None, True
        same: _Match[int] = rows.find(handles) if before is None else _Match()
        earlier = same.item if before is None else taken.get(before.id)
        if match.several or same.several:
            _refuse(line, Problem("row", WHICH_ONE))
        elif earlier is not None:
            _refuse(
                line, Problem("row", "和第 {n} 行是同一条,只留一行。", None, {"n": earlier})
            )
        elif before is None:
            if namesake:
                line.notes.append(Problem("name", NAMESAKE))
            rows.add(handles, line.number)
            _new(now, kind, table, wish, found.units)
        else:
            taken[before.id] = line.number
            rows.add(handles, line.number)
            people = found.people.get(before.id, ())
            _changed(now, vault, kind, wish, before, people, found.units)


#: What tells things of one name apart: a number, a door, a place in words.
_Marks: TypeAlias = tuple[Any, ...]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Handles:
    """What a thing is known by. `key` is what there is once only (a plate, a door that is let),
    `code` may have several places."""

    key: Any
    code: str
    name: str
    marks: _Marks


@dataclass(frozen=True)
class _Match(Generic[_T]):
    """Which thing it is, `sure` or for want of another; `several` when it may be more than one,
    `namesake` when only others of that name are there."""

    item: _T | None = None
    sure: bool = True
    several: bool = False
    namesake: bool = False


class _Known(Generic[_T]):
    """Things by what they are known by: the one key; the code; else the name together with the first
    mark that both have. Looking one up costs the same whatever the number of namesakes."""

    def __init__(self) -> None:
        self._keys: dict[Any, _T] = {}
        self._groups: dict[Any, dict[tuple[bool, ...], list[_T]]] = {}
        self._marked: dict[Any, list[_T]] = {}

    def add(self, of: _Handles, item: _T) -> None:
        if of.key is not None:
            self._keys.setdefault(of.key, item)
            return
        groups: list[Any] = [("name", of.name, bool(of.code))]
        if of.code:
            groups.append(("code", of.code))
        shape = tuple(bool(mark) for mark in of.marks)
        for group in groups:
            self._groups.setdefault(group, {}).setdefault(shape, []).append(item)
            for at, mark in enumerate(of.marks):
                if mark:
                    self._marked.setdefault((group, shape, at, mark), []).append(item)

    def find(self, of: _Handles) -> _Match[_T]:
        if of.key is not None:
            return _Match(self._keys.get(of.key))
        if of.code and (coded := self._groups.get(("code", of.code))):
            items = [item for group in coded.values() for item in group]
            if len(items) == 1:
                return _Match(items[0])
            sure, _ = self._marked_as([("code", of.code)], of.marks)
            return _Match(sure[0]) if len(sure) == 1 else _Match(several=True)
        # Another code is another firm; one without a code may have got it since.
        groups: list[Any] = [("name", of.name, False)]
        if not of.code:
            groups.append(("name", of.name, True))
        sure, maybe = self._marked_as(groups, of.marks)
        if sure or maybe:
            found = sure or maybe
            return _Match(found[0], bool(sure)) if len(found) == 1 else _Match(several=True)
        return _Match(namesake=any(self._groups.get(group) for group in groups))

    def _marked_as(self, groups: Sequence[Any], marks: _Marks) -> tuple[list[_T], list[_T]]:
        """Those with the same mark, and those that share no kind of mark to compare; two at most."""
        sure: list[_T] = []
        maybe: list[_T] = []
        for group in groups:
            for shape, items in self._groups.get(group, {}).items():
                at = next((n for n, has in enumerate(shape) if has and marks[n]), None)
                if at is None:
                    maybe += items[:2]
                else:
                    sure += self._marked.get((group, shape, at, marks[at]), [])[:2]
        return sure[:2], maybe[:2]


def _asked(kind: Kind, wish: _Wish) -> _Handles:
    values = wish.values
    key = wish.plate if kind.plated else wish.dwelling_id if kind.at_door else None
    marks = _marks(kind, values["details"], wish.dwelling_id, values["location"])
    return _Handles(key, values["credit_code"], values["name"], marks)


def _handles(kind: Kind, one: _There) -> _Handles:
    key = one.plate_index if kind.plated else one.dwelling_id if kind.at_door else None
    marks = _marks(kind, one.details, one.dwelling_id, one.location)
    return _Handles(key, one.credit_code, one.name, marks)


def _marks(
    kind: Kind, details: Mapping[str, Any], dwelling_id: UUID | None, location: str
) -> _Marks:
    """The surest first. A shop is its door, however its place is put in words; several hydrants with
    numbers of their own stand at one door, and where they stand tells them apart."""
    if "number" in kind.by_name:
        return details.get("number"), location, dwelling_id
    return None, dwelling_id, location


def _wish(
    kind: Kind, vault: Vault, table: Table, number: int, cells: Sequence[str], resolve: Any
) -> _Wish:
    said = {
        key: cell.strip()
        for key, cell in zip(table.mapping, cells, strict=True)
        if key and cell.strip()
    }
    title = said.get("name") or mask_plate(said.get("plate", "")) or said.get("door", "")
    line = Line(number, "new", title)
    placed = resolve(said["door"]) if resolve is not None and "door" in said else None
    location = said.get("location", "")
    if placed is not None and not (placed.door is not None and placed.sure):
        text, blanks = placed_words(placed)
        said_why = Problem("door", text, None, blanks)
        if kind.at_door:
            line.problems.append(said_why)
        else:
            location = location or said["door"]
            line.notes += [said_why, Problem("door", "没对上门牌,写进位置说明。")]
    elif kind.at_door and placed is None:
        line.problems.append(Problem("door", "{kind}要写到门牌。", None, {"kind": kind.name}))
    opened = read_date(said.get("opened_on", ""))
    draft = Draft(
        kind.code,
        Spot(),
        said.get("name", ""),
        said.get("credit_code", ""),
        said.get("plate", ""),
        location,
        {key[2:]: value for key, value in said.items() if key.startswith("d.")},
        opened.value,
    )
    values: dict[str, Any] = {}
    people: dict[str, tuple[str, str]] = {}
    if said.get("opened_on") and opened.value is None:
        line.notes.append(
            Problem(
                "opened_on", "“{field}”应为日期,如 2026-03-18。", None, {"field": kind.opened}
            )
        )
    try:
        values = cleaned(kind, draft)
        must_have(kind, values["name"], values["plate"], values["details"])
        for role in kind.roles:
            name, phone = said.get(f"n.{role}", ""), said.get(f"p.{role}", "")
            if name or phone:
                people[role] = (tidy(name)[:40], clean_phone(phone))
    except Invalid as wrong:
        line.problems += wrong.problems
    if line.problems:
        line.verdict = "refused"
    plate = plate_index(vault, values.get("plate", ""))
    return _Wish(line, values, placed, people, plate)


async def _there(tx: Tx, kind: Kind, table: Table, wishes: Sequence[_Wish]) -> list[_There]:
    """Open things that rows may speak of: of the whole reach by plate, else of the community."""
    return await tx.many(
        _There,
        """
        select id, area_code, dwelling_id, unit_id, location, name, credit_code, plate_index, details,
               opened_on, confirmed_on, confirmed, version
          from registers_thing
         where kind = :kind and closed_on is null
           and (plate_index = any (:plates::bytea[]) or dwelling_id = any (:doors::uuid[])
                or (area_code >= :low and area_code < :high
                    and (credit_code = any (:codes::text[]) or name = any (:names::text[]))))
         order by id
        """,
        kind=kind.code,
        plates=[w.plate for w in wishes if w.plate],
        doors=[w.dwelling_id for w in wishes if kind.at_door and w.dwelling_id],
        low=table.area_code[:12],
        high=table.area_code[:12] + ":",
        codes=[w.values["credit_code"] for w in wishes if w.values["credit_code"]],
        names=[w.values["name"] for w in wishes if w.values["name"]],
    )


async def _people(tx: Tx, things: Sequence[UUID]) -> dict[UUID, list[_Answers]]:
    """Who answers for these things and who did, by thing."""
    rows = await tx.many(
        _Answers,
        """
        select id, thing_id, role, resident_id, name, phone_mask, phone_index, from_date, to_date
          from registers_person where thing_id = any (:things::uuid[])
        """,
        things=list(things),
    )
    found: dict[UUID, list[_Answers]] = {}
    for row in rows:
        found.setdefault(row.thing_id, []).append(row)
    return found


async def _units(tx: Tx, wishes: Sequence[_Wish]) -> dict[UUID, UUID]:
    ids = {w.placed.door.unit_id for w in wishes if w.placed is not None and w.placed.door}
    rows = await tx.many(
        _Unit,
        "select id, building_id from places_unit where id = any (:ids::uuid[])",
        ids=list(ids),
    )
    return {row.id: row.building_id for row in rows}


def _door(wish: _Wish, units: Mapping[UUID, UUID]) -> dict[str, Any]:
    door = wish.placed.door if wish.placed is not None and wish.placed.sure else None
    if door is None:
        return {}
    return {
        "dwelling_id": door.dwelling_id,
        "unit_id": door.unit_id,
        "building_id": units[door.unit_id],
    }


def _new(
    now: datetime, kind: Kind, table: Table, wish: _Wish, units: Mapping[UUID, UUID]
) -> None:
    line, today = wish.line, local_date(now)
    at = _door(wish, units)
    area = (
        wish.placed.door.area_code
        if at and wish.placed and wish.placed.door
        else table.area_code
    )
    line.thing_id = new_id(now)
    values = {
        **at,
        **wish.values,
        "kind": kind.code,
        "confirmed_on": today,
        "stale_on": stale_on(kind, today, {}),
    }
    line.changes.append(Change(THING.name, "insert", line.thing_id, area, values))
    for role, (name, phone) in wish.people.items():
        line.changes.append(
            _answers(now, line.thing_id, area, at.get("unit_id"), role, name, phone)
        )


def _answers(
    now: datetime, thing: UUID, area: str, unit: UUID | None, role: str, name: str, phone: str
) -> Change:
    values = {
        "thing_id": thing,
        "unit_id": unit,
        "role": role,
        "name": name,
        "phone": phone,
        "from_date": local_date(now),
    }
    return Change(PERSON.name, "insert", new_id(now), area, values)


def _changed(
    now: datetime,
    vault: Vault,
    kind: Kind,
    wish: _Wish,
    before: _There,
    people: Sequence[_Answers],
    units: Mapping[UUID, UUID],
) -> None:
    """What a row says otherwise than what is known; what it does not say stays."""
    line, values, today = wish.line, wish.values, local_date(now)
    line.thing_id = before.id
    patch: dict[str, Any] = {}
    told: list[str] = []
    names = {
        "name": kind.title,
        "credit_code": "统一社会信用代码",
        "location": "位置说明",
        "opened_on": kind.opened,
    }
    for name, words in names.items():
        was = getattr(before, name)
        if values[name] and values[name] != was:
            patch[name] = values[name]
            line.differs.append((words, str(was or ""), str(values[name])))
    details = {k: v for k, v in values["details"].items() if before.details.get(k) != v}
    for name, value in details.items():
        one = kind.by_name[name]
        line.differs.append(
            (one.words, _words(one.codes, before.details.get(name)), _words(one.codes, value))
        )
        told.append(name)
    if details:
        patch["details"] = {**before.details, **details}
    at = _door(wish, units)
    area, unit, moved = before.area_code, before.unit_id, False
    if at and at["dwelling_id"] != before.dwelling_id and wish.placed and wish.placed.door:
        patch |= at
        area, unit, moved = wish.placed.door.area_code, at["unit_id"], True
        line.differs.append(
            (
                "门牌",
                "",
                f"{wish.placed.door.building}{wish.placed.door.unit}{wish.placed.door.room}",
            )
        )
    for role, (name, phone) in wish.people.items():
        was = next((p for p in people if p.role == role and p.to_date is None), None)
        _person_changed(now, vault, kind, line, area, unit, was, role, name, phone)
    if line.changes or line.ends:
        told.append(PEOPLE)
    if moved:
        _people_follow(line, people, area, unit)
    if not line.differs:
        line.verdict = "same"
        return
    line.verdict = "changed"
    confirmed = {
        **before.confirmed,
        **{name: today.isoformat() for name in told if name in kind.fresh},
    }
    patch |= {
        "confirmed": confirmed,
        "stale_on": stale_on(kind, before.confirmed_on, confirmed),
    }
    line.changes.append(
        Change(THING.name, "update", before.id, area, patch, version=before.version)
    )


def _people_follow(
    line: Line, people: Sequence[_Answers], area: str, unit: UUID | None
) -> None:
    """Whoever answers for a thing, or did, goes where it goes; else they lie behind a second lock
    that those of the new door cannot open."""
    for changes in (line.ends, line.changes):
        changes[:] = [
            replace(change, values={**change.values, "unit_id": unit}) for change in changes
        ]
    written = {change.id for change in (*line.ends, *line.changes)}
    line.changes += [
        Change(PERSON.name, "update", one.id, area, {"unit_id": unit})
        for one in people
        if one.id not in written
    ]


def _person_changed(
    now: datetime,
    vault: Vault,
    kind: Kind,
    line: Line,
    area: str,
    unit: UUID | None,
    was: _Answers | None,
    role: str,
    name: str,
    phone: str,
) -> None:
    called = kind.roles[role]
    if was is not None and was.resident_id is not None:
        return  # stands in the residents' register, and is corrected there
    assert line.thing_id is not None
    if was is None:
        line.differs.append((called, "", f"{mask_name(name)} {mask_phone(phone)}"))
        line.changes.append(_answers(now, line.thing_id, area, unit, role, name, phone))
        return
    other_name = bool(name) and name != was.name
    other_phone = bool(phone) and phone_index(vault, phone) != was.phone_index
    if not other_name and not other_phone:
        return
    old = f"{mask_name(was.name)} {was.phone_mask}"
    line.differs.append((called, old, f"{mask_name(name or was.name)} {mask_phone(phone)}"))
    if other_name and was.name:
        ended = {"to_date": max(local_date(now), was.from_date)}
        line.ends.append(Change(PERSON.name, "update", was.id, area, ended))
        line.changes.append(_answers(now, line.thing_id, area, unit, role, name, phone))
        return
    given = {**({"name": name} if name else {}), **({"phone": phone} if phone else {})}
    line.changes.append(Change(PERSON.name, "update", was.id, area, given))


def _words(codes: Mapping[str, str] | None, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        several = cast("list[str]", value)
        return "、".join((codes or {}).get(one, one) for one in several)
    return (codes or {}).get(str(value), str(value))


# -- applying, and taking back --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AppliedTable:
    """What an import did: entries that came, that changed, that stayed, and rows that could not be
    taken. `kept` were changed by somebody else in between."""

    table_id: UUID
    new: int
    changed: int
    same: int
    refused: int
    kept: int


async def apply(
    tx: Tx, vault: Vault, table_id: UUID, *, only_new: bool = False
) -> AppliedTable:
    """Take the rows in; with `only_new`, nothing that is there changes. One batch; a fixed number of
    statements. Raises NotFound, Forbidden, TableTakenIn, PlateTaken."""
    # Two at once would each find nothing there, and register everything twice.
    await tx.run(
        "select pg_advisory_xact_lock(hashtext(current_schema() || ' registers import'))"
    )
    await tx.run("select 1 from registers_table where id = :id for update", id=table_id)
    found = await preview(tx, vault, table_id)
    table = found.table
    if table.state != "waiting":
        raise TableTakenIn(TABLE_STATES[table.state])
    wanted = [
        line
        for line in found.lines
        if line.verdict == "new" or (line.verdict == "changed" and not only_new)
    ]
    for code in {change.area_code for line in wanted for change in line.changes}:
        if not tx.reach(acts.CHANGE).covers(code):
            raise Forbidden(acts.CHANGE.name)
    batch, kept = new_id(tx.now), 0
    # Whoever answered before ends in a wave of its own: two at once would be two of a kind.
    for changes in (
        [change for line in wanted for change in line.ends],
        [change for line in wanted for change in line.changes],
    ):
        if changes:
            applied = await apply_changes(
                tx,
                vault,
                batch,
                changes,
                what="thing_import",
                area_code=table.area_code,
                fact=False,
            )
            kept += len(applied.kept)
    await tx.run(
        """
        update registers_table set state = 'applied', sealed = null, batch_id = :batch
         where id = :id
        """,
        id=table.id,
        batch=batch if wanted else None,
    )
    new = sum(line.verdict == "new" for line in wanted)
    if wanted:
        tx.publish(
            ThingsImported(table.id, table.area_code, table.kind, new, len(wanted) - new)
        )
    return AppliedTable(
        table.id, new, len(wanted) - new, found.counts["same"], found.counts["refused"], kept
    )


async def undo(tx: Tx, vault: Vault, table_id: UUID) -> Undone:
    """Put back what a table changed; what somebody changed since stays and is named. Raises NotFound,
    Forbidden, BatchUndone, BatchGone."""
    table = await _table(tx, table_id)
    if table.state != "applied" or table.batch_id is None:
        raise NotFound("这一批改动")
    done = await undo_batch(tx, vault, table.batch_id)
    await tx.run("update registers_table set state = 'undone' where id = :id", id=table.id)
    return done
