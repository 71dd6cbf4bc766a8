"""An import of areas from its upload to its undo. Every step is one transaction.

The rows wait as they were read; what becomes of them is judged anew at every look and once more
when they are applied, so that a second import of the same file, or two at the same time, find
everything there.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import msgspec

from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date, new_id
from wangge.kernel.refusals import Forbidden, Invalid, Problem, Refusal
from wangge.places import acts, events
from wangge.places import queries as areas
from wangge.places.atlas import ATLAS
from wangge.places.datums import DATUMS
from wangge.places.holders import all_holders
from wangge.places.imports import queries
from wangge.places.imports.judging import Judged, Line, Verdict, guess_datum, judge
from wangge.places.imports.queries import Image, ImportRow, StagedRow
from wangge.places.imports.reading import RawRow, read_file
from wangge.places.model import area_id
from wangge.places.queries import AreaRow, AreaUpdate


@dataclass(eq=False)
class AreasTakenIn(Refusal):
    """An import that was applied or taken back cannot be changed."""

    says: ClassVar[str] = "这次导入已经{state},不能再改。"
    state: str


STATE_NAMES = {"waiting": "等待确认", "applied": "已导入", "undone": "已撤销"}


@dataclass(frozen=True, slots=True)
class Preview:
    """An import and what would become of it now; counts by verdict."""

    id: UUID
    name: str
    kind: str
    datum: str
    hint: str
    state: str
    at: datetime
    lines: tuple[Line, ...]
    taken: frozenset[int]
    counts: dict[str, int]
    gaps: tuple[Any, ...]
    notes: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """What an import did."""

    id: UUID
    new: int
    changed: int
    same: int
    refused: int


@dataclass(frozen=True, slots=True)
class Kept:
    """An area that an undo left as it is, and why."""

    code: str
    name: str
    why: Problem


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo did and what it could not."""

    id: UUID
    back: int
    kept: tuple[Kept, ...]


async def stage(tx: Tx, data: bytes, name: str, *, datum: str = "") -> ImportRow:
    """Read a file into the database, where it waits to be looked at. Nothing changes yet.

    `datum` is what the coordinates are in; "" lets the map tell. Raises Forbidden, Invalid, and
    the refusals of `kernel.sheets` and `places.imports.reading` for what cannot be read.
    """
    if not tx.reach(acts.CHANGE).areas:
        raise Forbidden(acts.CHANGE.name)
    if datum and datum not in DATUMS:
        raise Invalid.of("datum", "没有“{datum}”这种坐标系。", datum=datum)
    read = await asyncio.to_thread(read_file, data, name)
    if not read.rows:
        raise Invalid.of("file", "文件里没有区域。")
    atlas = await ATLAS.get(tx)
    hint = await asyncio.to_thread(guess_datum, atlas, read.rows, amap=read.amap)
    row = ImportRow(
        new_id(tx.now),
        name[:200],
        read.kind,
        datum or hint or "wgs84",
        hint or "",
        "waiting",
        tx.actor.id,
        tx.now,
        None,
        None,
        msgspec.to_builtins([problem.said("zh") for problem in read.notes[:50]]),
        {},
    )
    await queries.insert(tx, row)
    await queries.insert_rows(tx, row.id, [_staged(one) for one in read.rows])
    return row


def _staged(row: RawRow) -> StagedRow:
    return StagedRow(
        row.number,
        row.code,
        row.parent,
        row.name,
        row.kind,
        row.grid_kind,
        row.boundary,
        msgspec.json.encode(row.problem).decode() if row.problem else "",
        True,
    )


def _raw(row: StagedRow) -> RawRow:
    return RawRow(
        row.number,
        row.code,
        row.name,
        row.parent,
        row.kind,
        row.grid_kind,
        row.boundary,
        msgspec.json.decode(row.problem, type=Problem) if row.problem else None,
    )


def _whole(tx: Tx) -> bool:
    return any(len(area) <= 6 for area in tx.reach(acts.CHANGE).areas)


async def _judged(tx: Tx, found: ImportRow) -> tuple[Judged, dict[int, bool]]:
    atlas = await ATLAS.get(tx)
    staged = await queries.rows(tx, found.id)
    judged = await asyncio.to_thread(
        judge,
        atlas,
        tx.reach(acts.CHANGE),
        [_raw(row) for row in staged],
        found.datum,  # type: ignore[arg-type]
        renames=found.kind == "table",
    )
    return judged, {row.number: row.taken for row in staged}


def _counts(lines: Sequence[Line]) -> dict[str, int]:
    counts = {verdict.value: 0 for verdict in Verdict}
    for line in lines:
        counts[line.verdict.value] += 1
    return counts


async def preview(tx: Tx, import_id: UUID) -> Preview:
    """What would become of every row now. Raises NotFound."""
    found = await queries.one(tx, import_id, whole=_whole(tx))
    judged, taken = await _judged(tx, found)
    return Preview(
        found.id,
        found.name,
        found.kind,
        found.datum,
        found.hint,
        found.state,
        found.at,
        judged.lines,
        frozenset(number for number, yes in taken.items() if yes),
        _counts(judged.lines),
        judged.gaps,
        (),
    )


async def set_datum(tx: Tx, import_id: UUID, datum: str) -> None:
    """Say what the coordinates are in. Raises NotFound, Invalid, AreasTakenIn."""
    if datum not in DATUMS:
        raise Invalid.of("datum", "没有“{datum}”这种坐标系。", datum=datum)
    found = await queries.one(tx, import_id, whole=_whole(tx), lock=True)
    _must_wait(found)
    await queries.set_datum(tx, import_id, datum)


def _must_wait(found: ImportRow) -> None:
    if found.state != "waiting":
        raise AreasTakenIn(STATE_NAMES[found.state])


async def apply(tx: Tx, import_id: UUID, left_out: Sequence[int] = ()) -> Applied:
    """Take the rows in, but those left out and those refused. Raises NotFound, AreasTakenIn."""
    await queries.one_at_a_time(tx)
    found = await queries.one(tx, import_id, whole=_whole(tx), lock=True)
    _must_wait(found)
    judged, _ = await _judged(tx, found)
    lines = _wanted(judged.lines, frozenset(left_out))
    await queries.set_taken(tx, import_id, left_out)
    changed = [line for line in lines if line.verdict is Verdict.CHANGED]
    was = {
        row.code: row for row in await queries.areas_now(tx, [line.code for line in changed])
    }
    new = [line for line in lines if line.verdict is Verdict.NEW]
    await areas.insert_areas(tx, [_area_row(tx, line) for line in new])
    updates = [_update(line, was[line.code]) for line in changed]
    await areas.update_areas(tx, updates)
    after = {u.code: u for u in updates}
    await queries.save_images(
        tx,
        import_id,
        [
            *((line.number, None, _image(_area_row(tx, line))) for line in new),
            *(
                (line.number, _image(was[line.code]), _image(after[line.code]))
                for line in changed
            ),
        ],
    )
    if new or changed:
        await tx.bump("places")
    tx.cause = import_id
    tx.publish(*(events.AreaOpened(area_id(line.code), line.code) for line in new))
    for line in changed:
        fields = {change.field for change in line.changes}
        if fields - {"boundary"}:
            tx.publish(events.AreaRenamed(area_id(line.code), line.code))
        if "boundary" in fields:
            tx.publish(events.BoundaryChanged(area_id(line.code), line.code))
    counts = _counts(judged.lines)
    counts |= {"new": len(new), "changed": len(changed)}
    await queries.set_state(tx, import_id, "applied", counts, tx.now)
    return Applied(import_id, len(new), len(changed), counts["same"], counts["refused"])


def _wanted(lines: Sequence[Line], left_out: frozenset[int]) -> list[Line]:
    """Rows to take: not refused, not left out, and nothing new on what was left out."""
    out = {
        line.code for line in lines if line.number in left_out and line.verdict is Verdict.NEW
    }
    return [
        line
        for line in lines
        if line.verdict is not Verdict.REFUSED
        and line.number not in left_out
        and not any(line.code != code and line.code.startswith(code) for code in out)
    ]


def _centre(shape: Any) -> tuple[float | None, float | None]:
    if shape is None:
        return None, None
    point = shape.representative_point()
    return round(float(point.x), 6), round(float(point.y), 6)


def _area_row(tx: Tx, line: Line) -> AreaRow:
    assert line.kind is not None
    return AreaRow(
        line.code,
        line.kind,
        line.grid_kind,
        line.name,
        local_date(tx.now),
        line.boundary,
        *_centre(line.shape),
    )


def _update(line: Line, was: queries.AreaNow) -> AreaUpdate:
    if line.boundary is None:
        return AreaUpdate(
            line.code, line.name, line.grid_kind, was.boundary, was.centre_lon, was.centre_lat
        )
    return AreaUpdate(line.code, line.name, line.grid_kind, line.boundary, *_centre(line.shape))


def _image(row: AreaRow | AreaUpdate | queries.AreaNow) -> str:
    """An area as JSON, for comparing and putting back."""
    return json.dumps(
        {
            "code": row.code,
            "name": row.name,
            "grid_kind": row.grid_kind,
            "boundary": None if row.boundary is None else json.loads(row.boundary),
            "lon": row.centre_lon,
            "lat": row.centre_lat,
        }
    )


async def undo(tx: Tx, import_id: UUID) -> Undone:
    """Put back what the import changed. An area it opened is taken back while nobody uses it;
    what was changed since, or is used, stays and is said. Raises NotFound, AreasTakenIn."""
    await queries.one_at_a_time(tx)
    found = await queries.one(tx, import_id, whole=_whole(tx), lock=True)
    if found.state != "applied":
        raise AreasTakenIn(STATE_NAMES[found.state])
    images = await queries.images(tx, import_id)
    now = {
        row.code: json.loads(_image(row))
        for row in await queries.areas_now(tx, [image.code for image in images])
    }
    atlas = await ATLAS.get(tx)
    closed = {code for code in now if (area := atlas.area(code)) is None or not area.open}
    kept: list[Kept] = []
    back: list[Image] = []
    for image in images:
        if image.code in closed or now.get(image.code) != image.became:
            kept.append(_kept(image, "导入之后又改过,没有恢复。"))
        elif image.was is not None:
            back.append(image)
    opened = [
        image
        for image in images
        if image.was is None and image.code not in {one.code for one in kept}
    ]
    gone, used = await _unused(tx, opened)
    kept += used
    await areas.update_areas(tx, [_restored(image) for image in back])
    await areas.delete_areas(tx, [image.code for image in gone])
    if back or gone:
        await tx.bump("places")
    tx.cause = import_id
    tx.publish(
        *(events.AreaTakenBack(area_id(image.code), image.code) for image in gone),
        *(events.AreaRenamed(area_id(image.code), image.code) for image in back),
        *(events.BoundaryChanged(area_id(image.code), image.code) for image in back),
    )
    await queries.set_state(
        tx, import_id, "undone", {"back": len(back) + len(gone), "kept": len(kept)}, tx.now
    )
    return Undone(import_id, len(back) + len(gone), tuple(kept))


def _kept(image: Image, words: str, **values: Any) -> Kept:
    return Kept(
        image.code,
        str(image.became.get("name", "")),
        Problem("code", words, image.number, values),
    )


def _restored(image: Image) -> AreaUpdate:
    was = image.was
    assert was is not None
    return AreaUpdate(
        image.code,
        was["name"],
        was["grid_kind"],
        None if was["boundary"] is None else json.dumps(was["boundary"]),
        was["lon"],
        was["lat"],
    )


async def _unused(tx: Tx, opened: Sequence[Image]) -> tuple[list[Image], list[Kept]]:
    """Which of the areas an import opened nothing hangs on, and why the others stay."""
    atlas = await ATLAS.get(tx)
    codes = {image.code for image in opened}
    holding: dict[str, str] = {}
    for holder in all_holders().values():
        for count in await holder.count(tx, sorted(codes)):
            if count.items:
                holding.setdefault(count.area_code, f"{count.items} {holder.name}")
    gone: list[Image] = []
    kept: list[Kept] = []
    staying: set[str] = set()
    for image in opened:  # deepest first: a part that stays keeps what it lies in
        parts = set(atlas.ever_below(image.code))
        if image.code in holding:
            kept.append(_kept(image, "已经有 {what},没有撤销。", what=holding[image.code]))
        elif parts - codes or parts & staying:
            kept.append(_kept(image, "下面还有区域,没有撤销。"))
        elif atlas.predecessors(image.code):
            kept.append(_kept(image, "已经接续了别的区域,没有撤销。"))
        else:
            gone.append(image)
            continue
        staying.add(image.code)
    return gone, kept
