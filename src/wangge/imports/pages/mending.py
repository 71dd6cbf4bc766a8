"""Rows mended in place, many at a time, and the work list of addresses nobody understood."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, FromQuery

from wangge.imports import doors, views
from wangge.imports.columns.fields import PEOPLE
from wangge.imports.columns.mapping import read_mapping
from wangge.imports.keeping import UNPLACED_DAYS
from wangge.imports.mending import UNKNOWN
from wangge.imports.pages.common import Answer, Ask, office, path_of
from wangge.imports.queries import lines, staging
from wangge.imports.queries.staging import Import
from wangge.imports.records import open_cells
from wangge.imports.shown import LineView, line_views
from wangge.imports.uploading import door as import_door
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.http import Asking, page
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid, Refusal
from wangge.kernel.settings import decided
from wangge.places import ATLAS
from wangge.places.forms import back, do_form, fields, gone, whole

#: Rows of one grid.
ROWS = 40
#: What is said of a thing whose address was kept in words.
DOOR_OPEN = frozenset({"door_perhaps", "door_in_words"})
#: Reasons that another name of a house or an estate would settle.
NAMES_MISSING = frozenset(
    {"unknown_compound", "no_number", "short_name", "same_sound", "near_sound", "near_name"}
)


@dataclass(frozen=True, slots=True)
class GridRow:
    """A row with its cells (of the columns that are read) and what is said of its people."""

    number: int
    at: int
    cells: tuple[tuple[int, str, bool], ...]
    lines: Sequence[LineView]

    @property
    def door(self) -> str:
        return self.lines[0].decided.get("door", "") if self.lines else ""

    @property
    def asks_door(self) -> bool:
        """Whether somebody may say which door it is: it has none yet, or one that was chosen."""
        return bool(self.door) or any(
            line.verdict == "unplaced" or any(told.code in DOOR_OPEN for told in line.told)
            for line in self.lines
        )


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows to mend, and the row after which the next page begins."""

    found: Import
    headings: tuple[tuple[int, str], ...]
    rows: tuple[GridRow, ...]
    more: int | None
    own: bool


async def grid(
    tx: Tx,
    vault: Vault,
    import_id: UUID,
    locale: Any,
    *,
    verdict: str,
    code: str = "",
    said: int | None = None,
    at: int = 0,
    after: int = 0,
) -> Grid:
    """Rows of a verdict (or one row) with their cells. Five statements."""
    found = await import_door(tx, import_id, part=verdict == "unplaced" and not at)
    own = found.by_id == tx.actor.id
    numbers = (
        [at]
        if at
        else await lines.numbers_of(
            tx, import_id, verdict=verdict, code=code, said=said, after=after, limit=ROWS + 1
        )
    )
    more = numbers[ROWS - 1] if len(numbers) > ROWS else None
    numbers = numbers[:ROWS]
    kept = await staging.rows_of(tx, import_id, numbers)
    told = await line_views(
        tx, vault, found, await lines.lines_of(tx, import_id, numbers), locale, own=own
    )
    meaning = read_mapping(found.mapping)
    read = meaning.headings()
    headings = tuple((n, head) for n, head in enumerate(found.headings) if head in read)
    by_row: dict[int, list[LineView]] = {}
    for line in told:
        by_row.setdefault(line.number, []).append(line)
    rows: list[GridRow] = []
    for row in kept:
        mine = by_row.get(row.number, [])
        cells = open_cells(vault, found.id, row.number, row.sealed).cells if own else ()
        wrong = _wrong(meaning.columns, mine)
        rows.append(
            GridRow(
                row.number,
                row.at,
                tuple((n, cells[n], head in wrong) for n, head in headings) if own else (),
                mine,
            )
        )
    return Grid(found, headings if own else (), tuple(rows), more, own)


def _wrong(columns: Mapping[str, tuple[str, ...]], told: Sequence[LineView]) -> set[str]:
    """Headings whose cell somebody should look at."""
    keys = {one.field for line in told for one in line.told if one.refuses}
    if any(line.verdict == "unplaced" for line in told):
        keys |= {"door", "building", "unit", "room", "compound"}
    return {head for key in keys for head in columns.get(key, ())}


async def _show(
    who: Asking,
    import_id: UUID,
    *,
    verdict: str = "refused",
    code: str = "",
    mark: str = "",
    at: int = 0,
    after: int = 0,
    saved: int | None = None,
    refusal: Refusal | None = None,
) -> Answer:
    if verdict not in ("refused", "unplaced"):
        verdict = "refused"
    async with who.tx(read_only=True) as tx:
        found = await grid(
            tx,
            who.district.vault,
            import_id,
            who.locale,
            verdict=verdict,
            code=code,
            said=_mark(mark),
            at=at,
            after=after,
        )
    return page(
        who,
        "imports/mend.html",
        status=refusal.status if refusal else 200,
        one=found.found,
        grid=found,
        verdict=verdict,
        people=found.found.kind == PEOPLE,
        code=code,
        mark=mark,
        at=at,
        after=after,
        saved=saved,
        refusal=who.said(refusal),
        new_id=new_id,
    )


def _mark(text: str) -> int | None:
    try:
        return int(text) if text else None
    except ValueError as wrong:
        raise Invalid.of("mark", "没有“{code}”这个选项。", code=text[:20]) from wrong


@get("/imports/{import_id:uuid}/mend")
async def mend_page(
    request: Ask,
    import_id: FromPath[UUID],
    verdict: FromQuery[str] = "refused",
    code: FromQuery[str] = "",
    mark: FromQuery[str] = "",
    at: FromQuery[int] = 0,
    after: FromQuery[int] = 0,
    saved: FromQuery[int | None] = None,
) -> Answer:
    """Rows that were refused, or not placed, as a sheet to type into."""
    return await _show(
        office(request),
        import_id,
        verdict=verdict,
        code=code,
        mark=mark,
        at=at,
        after=after,
        saved=saved,
    )


@post("/imports/{import_id:uuid}/mend", status_code=200)
async def mend(request: Ask, import_id: FromPath[UUID]) -> Answer:
    """Keep every changed cell and choice of the sheet, and judge those rows again."""
    who, given = office(request), await fields(request)
    verdict, code, mark = (given.get(key, "") for key in ("verdict", "code", "mark"))
    at, after = (whole(given.get(key, "")) for key in ("at", "after"))
    where = {"verdict": verdict, "code": code, "mark": mark, "at": at, "after": after}
    try:
        rows = await _changed(who, import_id, given)
        body = {"import_id": str(import_id), "rows": rows}
        if rows:
            await do_form(who, given, "imports.mend", body)
    except Refusal as refusal:
        if gone(refusal):
            raise
        return await _show(who, import_id, refusal=refusal, **where)  # type: ignore[arg-type]
    query = "&".join(f"{key}={value}" for key, value in where.items() if value and key != "at")
    # A row by itself goes back to the review; a sheet goes on with what is left of it.
    if at:
        return back(who, path_of(import_id) + (f"?verdict={verdict}" if verdict else ""))
    return back(who, path_of(import_id, f"/mend?{query}&saved={len(rows)}"))


async def _changed(
    who: Asking, import_id: UUID, given: Mapping[str, str]
) -> list[dict[str, Any]]:
    """What a sheet says otherwise than the rows do."""
    cells: dict[int, dict[int, str]] = {}
    made: dict[int, dict[str, Any]] = {}
    for name, text in given.items():
        kind, _, rest = name.partition(".")
        number, _, which = rest.partition(".")
        if not number.isdecimal():
            continue
        row = int(number)
        if kind == "c" and which.isdecimal():
            cells.setdefault(row, {})[int(which)] = text
        elif kind == "d" and text != given.get(f"dwas.{row}", ""):
            made.setdefault(row, {"number": row})["door"] = text
        elif kind == "p" and which.isdecimal() and text != given.get(f"pwas.{row}.{which}", ""):
            made.setdefault(row, {"number": row}).setdefault("people", {})[which] = text
    async with who.tx(read_only=True) as tx:
        found = await import_door(tx, import_id, part=not cells)
        kept = await staging.rows_of(tx, import_id, list(cells)) if cells else []
    for one in kept:
        was = open_cells(who.district.vault, found.id, one.number, one.sealed).cells
        new = {
            found.headings[n]: text
            for n, text in cells[one.number].items()
            if n < len(was) and " ".join(text.split()) != " ".join(was[n].split())
        }
        if new:
            made.setdefault(one.number, {"number": one.number})["cells"] = new
    return list(made.values())


# -- addresses nobody understood ---------------------------------------------------------------


async def _places(who: Asking, import_id: UUID, refusal: Refusal | None = None) -> Answer:
    vault = who.district.vault
    async with who.tx(read_only=True) as tx:
        found = await import_door(tx, import_id, part=True)
        phrases = await views.phrases(tx, vault, import_id, who.locale)
        houses = await doors.houses(tx, found.area_code)
        days = (await decided(tx))(UNPLACED_DAYS)
        atlas = await ATLAS.get(tx)
    estates: dict[tuple[UUID, str], list[Any]] = {}
    for one in houses:
        estates.setdefault((one.compound_id, one.compound), []).append(one)
    return page(
        who,
        "imports/places.html",
        status=refusal.status if refusal else 200,
        one=found,
        phrases=phrases,
        days=days,
        estates=estates,
        meaning=read_mapping(found.mapping),
        missing=sum(
            p.lines
            for p in phrases
            if p.reason in ("no_such_room", "no_such_unit", "no_such_building")
        ),
        names_missing=NAMES_MISSING,
        nameless=sum(p.reason == "which_compound" for p in phrases)
        if found.applied_at is None
        else 0,
        area=atlas.path(found.area_code) if found.area_code else "",
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/imports/{import_id:uuid}/places")
async def places_page(request: Ask, import_id: FromPath[UUID]) -> Answer:
    """The work list: what could not be placed, the commonest first."""
    return await _places(office(request), import_id)


@post("/imports/{import_id:uuid}/places", status_code=200)
async def means(request: Ask, import_id: FromPath[UUID]) -> Answer:
    """Say what a phrase means, or let missing doors be made."""
    who, given = office(request), await fields(request)
    body: dict[str, Any] = {"import_id": str(import_id)}
    verb = "means"
    if given.get("of") == "make":
        verb, body["make"] = "allow", True
    elif given.get("of") == "door":
        verb = "mend"
        body["rows"] = [{"number": int(given["number"]), "door": given.get("door", "")}]
    else:
        body["mark"], body["of"] = given.get("mark", ""), given.get("of", "")
        if given.get("of") == "house":
            body["of"], _, body["thing_id"] = given.get("house", "").partition(":")
        elif given.get("of") == "here":
            body["meant"] = given.get("meant", "")
    try:
        if given.get("of") == "house" and not given.get("house"):
            raise Invalid.of("house", "请选择是哪个小区或哪幢楼。")
        await do_form(who, given, f"imports.{verb}", body)
    except Refusal as refusal:
        if gone(refusal):
            raise
        return await _places(who, import_id, refusal)
    return back(who, path_of(import_id, "/places"))


@get("/imports/{import_id:uuid}/doors")
async def doors_found(
    request: Ask, import_id: FromPath[UUID], q: FromQuery[str] = ""
) -> Answer:
    """Doors for a choice: options of a select."""
    who = office(request)
    async with who.tx(read_only=True) as tx:
        found = await doors.search(tx, import_id, q)
    return page(who, "imports/_doors.html", doors=found, q=q)


@post("/imports/{import_id:uuid}/explain", status_code=200)
async def explain(request: Ask, import_id: FromPath[UUID]) -> Answer:
    """Say what a word of the table means, in every row that uses it."""
    who, given = office(request), await fields(request)
    body = {key: given.get(key, "") for key in ("key", "word", "code")}
    try:
        await do_form(who, given, "imports.explain", {"import_id": str(import_id), **body})
    except Refusal as refusal:
        if gone(refusal):
            raise
        return await _show(who, import_id, refusal=refusal)
    return back(who, path_of(import_id, "?code=" + UNKNOWN.get(body["key"], "")))


ROUTES: list[Any] = [mend_page, mend, places_page, means, doors_found, explain]
