"""`wangge verify`: a list and a register from files, without a database. docs/verification.md."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from uuid import UUID

from wangge.kernel.columns import heading_key, match_headings
from wangge.kernel.refusals import Invalid, Problem
from wangge.kernel.sheets import Table, open_table
from wangge.matching import Door, Doors, read_date, read_id_number, read_phone, tidy
from wangge.matching.linking import Known, Residents, decide, family_of
from wangge.people.pasted import decoded, open_pasted
from wangge.solvers.contacts import Finding, contradictions
from wangge.verification.checking import (
    Outcome,
    held,
    outcomes_of,
    with_namesakes,
)
from wangge.verification.columns import FIELDS, Columns, columns_of, names_a_column
from wangge.verification.reading import (
    SEXES,
    Line,
    Reader,
    entries_of,
    must_have_rows,
    whole_of,
)
from wangge.verification.refusals import NoRegister

#: A register has its address in one column or in four.
_REGISTER: Mapping[str, Sequence[str]] = {
    **{name: FIELDS[name] for name in ("key", "name", "id_number", "phone", "sex", "birth")},
    "compound": ("小区", "小区名称", "compound"),
    "building": ("楼栋", "幢", "楼幢", "幢号", "building"),
    "unit": ("单元", "单元号", "unit"),
    "room": ("室", "室号", "房号", "房间号", "room"),
    "address": FIELDS["address"],
}
_ADDRESS = re.compile(
    r"(?P<compound>.+?)(?P<building>[0-9A-Za-z]+)(?:幢|栋|号楼|座)"
    r"(?P<unit>[0-9]+)单元(?P<room>[0-9A-Za-z-]+)室?"
)
_WORDS = frozenset(heading_key(word) for words in _REGISTER.values() for word in words)


@dataclass(frozen=True, slots=True)
class Register:
    """A register from a file: its people, what each is called there, its doors."""

    people: Residents
    refs: Sequence[str]
    doors: Doors
    unread: int

    def door(self, address: str) -> int | None:
        """The door an address means, when that is sure."""
        return sure_door(self.doors, address)


@dataclass(frozen=True, slots=True)
class Checked:
    """A list held against a register."""

    headings: Sequence[str]
    columns: Columns
    lines: Sequence[Line]
    outcomes: Sequence[Outcome]
    findings: Sequence[Finding]
    notes: Sequence[Problem]


def sure_door(doors: Doors, address: str) -> int | None:
    """The door an address means, when that is sure, as a number: a register is walked by its doors,
    and a number is hashed ten times as fast as a UUID."""
    placed = doors.resolve(address)
    return placed.door.dwelling_id.int if placed.sure and placed.door else None


def open_list(source: Path) -> Table:
    """An Excel or CSV file, or a text file with a pasted chat. Raises the refusals of
    `kernel.sheets` and `people.pasted`."""
    if source.suffix.lower() == ".txt":
        return open_pasted(decoded(source.read_bytes()), source.name, names_a_column)
    return open_table(source, source.name, known=names_a_column)


def read_register(source: Path) -> Register:
    """A register as CSV or Excel. Raises NoRegister, Invalid where nobody is in it, and the refusals of
    `kernel.sheets`."""
    table = open_table(source, source.name, known=lambda text: heading_key(text) in _WORDS)
    found = match_headings(table.headings, _REGISTER)
    if "name" not in found or not {"id_number", "phone", "address", "room"} & set(found):
        raise NoRegister(source.name, "、".join(table.headings[:12]))
    at = {name: table.headings.index(called[0]) for name, called in found.items()}
    names: list[str] = []
    refs: list[str] = []
    ids: list[str | None] = []
    phones: list[str | None] = []
    births: list[date | None] = []
    sexes: list[str] = []
    homes: list[int | None] = []
    doors: dict[tuple[str, str, str, str], Door] = {}
    units: dict[tuple[str, str, str], UUID] = {}
    unread = 0
    for number, cells, *_ in table.rows:

        def of(name: str, cells: Sequence[str] = cells) -> str:
            return cells[at[name]].strip() if name in at else ""

        number_ = read_id_number(of("id_number"))
        names.append(tidy(of("name")))
        refs.append(of("key") or str(number))
        ids.append(number_.value)
        phones.append(read_phone(of("phone")).value)
        births.append(number_.birth or read_date(of("birth")).value)
        sexes.append(number_.sex or SEXES.get(of("sex").lower(), ""))
        home = _home(of)
        if home is None:
            homes.append(None)
            unread += bool(of("address"))
            continue
        door = doors.get(home)
        if door is None:
            unit = units.setdefault(home[:3], UUID(int=len(units)))
            door = doors[home] = _door(home, unit, len(doors))
        homes.append(door.dwelling_id.int)
    if not names:
        raise Invalid.of("register", "登记表里一个人也没有。请看看是不是选错了文件或工作表。")
    people = Residents(names, ids, phones, births, sexes, homes)
    return Register(people, refs, Doors(doors.values()), unread)


def _home(of: Callable[[str], str]) -> tuple[str, str, str, str] | None:
    compound, building, unit, room = (of(n) for n in ("compound", "building", "unit", "room"))
    if not (building and room):
        found = _ADDRESS.fullmatch(of("address"))
        if found is None:
            return None
        compound, building, unit, room = (
            found[name] for name in ("compound", "building", "unit", "room")
        )
    return (
        compound,
        building.removesuffix("幢").removesuffix("栋"),
        unit.removesuffix("单元"),
        room.removesuffix("室"),
    )


def _door(home: tuple[str, str, str, str], unit: UUID, count: int) -> Door:
    compound, building, unit_name, room = home
    digits = re.sub(r"\D", "", room)
    floor = int(digits[:-2]) if 3 <= len(digits) <= 5 else 0
    return Door(
        UUID(int=count),
        unit,
        "",
        compound,
        (),
        building + "幢",
        (),
        unit_name or "1",
        room,
        floor,
    )


def check(
    table: Table, register: Register | None, today: date, columns: Columns | None = None
) -> Checked:
    """Hold a list against a register, and its contacts against one another. Without `columns` its
    headings say what its columns are."""
    columns = columns or columns_of(table.headings)
    lines = [Line(row.number, row.cells) for row in table.rows]
    must_have_rows(len(lines))
    outcomes: list[Outcome] = []
    if columns.of_people and register is not None:
        reader = Reader(columns, today, register.door)
        outcomes = checked(reader, lines, register.people)
    people = {one.number: one.link.target.ref for one in outcomes if one.link.target}
    findings: list[Finding] = []
    if columns.of_contacts:
        whole = whole_of(lines, columns, today)
        findings = contradictions(entries_of(lines, columns, people, whole), today)
    return Checked(table.headings, columns, lines, outcomes, findings, table.notes)


def checked(reader: Reader, lines: Sequence[Line], people: Residents) -> list[Outcome]:
    """Rows against people. Addresses are read only of rows that number and name do not settle;
    namesakes are looked for only where nothing else was found, for whoever has to ask."""
    year = reader.today.year
    rows = [(line.number, reader.said(line.cells, placed=False)) for line in lines]
    near = people.near([said for _, said in rows])
    links = held(rows, near, year=year)
    again = [at for at, one in enumerate(links) if (one.kind, one.why) != ("right", "id")]
    for at in again:
        door = reader.door_of(lines[at].cells)
        rows[at] = (rows[at][0], replace(rows[at][1], door=door))
    # Whoever a row may mean may have lent their number to somebody they live with: one walk finds
    # the people behind the doors of both.
    doors = {rows[at][1].door for at in again} | {one.door for at in again for one in near[at]}
    homes = people.behind(doors)
    for at in again:
        number, said = rows[at]
        around = _each(near[at], homes.get(said.door, ()))
        (links[at],) = held([(number, said)], [around], year=year)
        door = family_of(links[at])
        if door is not None:
            links[at] = decide(said, _each(around, homes.get(door, ())), year=year)
    alone = [at for at, one in enumerate(links) if one.question == "nobody"]
    namesakes = people.namesakes([rows[at][1] for at in alone])
    for at, found in zip(alone, namesakes, strict=True):
        links[at] = with_namesakes(rows[at][1], links[at], found, year=year)
    return outcomes_of(rows, links)


def _each(people: Sequence[Known], more: Sequence[Known]) -> list[Known]:
    """Both, each person once."""
    return list({one.ref: one for one in (*people, *more)}.values())
