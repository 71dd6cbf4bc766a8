"""An import's first half: a table is read, its sheets chosen, its columns agreed on."""

import asyncio
import base64
from collections.abc import AsyncIterator, Sequence
from itertools import islice
from pathlib import Path
from uuid import UUID

import msgspec

from wangge.imports import seen as seen_
from wangge.imports.acts import act_of
from wangge.imports.columns.fields import PEOPLE, known_kind, names_a_column
from wangge.imports.columns.guess import SAMPLE_ROWS, guess
from wangge.imports.columns.mapping import Mapping, read_mapping
from wangge.imports.model import PHASES
from wangge.imports.queries import lines, staging
from wangge.imports.queries.staging import KIND, Import
from wangge.imports.records import seal_cells
from wangge.imports.refusals import AreaNotChosen, NotInThisPhase
from wangge.kernel import work
from wangge.kernel.actors import Reach
from wangge.kernel.columns import remember, remembered
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Forbidden, Invalid, Problem
from wangge.kernel.sheets import Row, Sheet, Table, Upload, list_sheets, open_table
from wangge.people.pasted import open_pasted

#: Bytes of an uploaded file; rows of a table; rows staged at a time.
FILE_BYTES_MAX, ROWS_MAX, SLICE_ROWS = 50_000_000, 500_000, 4_000


async def stage(
    tx: Tx,
    vault: Vault,
    source: Path | bytes | str,
    name: str,
    kind: str = PEOPLE,
    *,
    area: str | None = None,
    sheets: Sequence[str] | None = None,
) -> Import:
    """Read an uploaded table (or pasted text, when `source` is a str) into the database.

    A workbook of several sheets waits until some are chosen (`choose_sheets`), unless `sheets`
    names them. Raises Forbidden, Invalid, and the refusals of `kernel.sheets`.
    """
    act = act_of(known_kind(kind))
    reach = tx.reach(act)
    if not reach.areas:
        raise Forbidden(act.name)
    area = _area(reach, area)
    id_ = new_id(tx.now)
    await work.add(tx, id_, KIND)
    upload = source if isinstance(source, str) else await _upload(source, name)
    filled, left = ([], []) if isinstance(upload, str) else await _filled(upload, name)
    await staging.add_import(
        tx, id_, kind, name[:200], "", area_code=area, phase="sheets", sheets=filled
    )
    if sheets is None and len(filled) > 1:
        assert not isinstance(source, str)
        await staging.keep_file(tx, id_, _seal_file(vault, id_, source))
        return await staging.import_of(tx, id_)
    # Of sheets that were offered, somebody saw which are hidden; of one read at once, nobody did.
    notes = [] if sheets or not left else [_unread(left)]
    return await _read(tx, vault, id_, upload, name, kind, sheets or filled[:1] or [""], notes)


async def _upload(source: Path | bytes, name: str) -> Upload:
    return await asyncio.to_thread(Upload, source, name, max_bytes=FILE_BYTES_MAX)


async def _filled(upload: Upload, name: str) -> tuple[list[str], list[str]]:
    """The sheets that are shown and hold something, and the hidden ones. Where one only is shown, it
    is not read to learn that: whoever reads it will say so."""
    named = await asyncio.to_thread(upload.named)
    hidden = [sheet for sheet, is_hidden in named.items() if is_hidden]
    shown = [sheet for sheet, is_hidden in named.items() if not is_hidden]
    if len(shown) > 1:
        listed = await asyncio.to_thread(list_sheets, upload, name)
        shown = [one.name for one in listed if one.rows and not one.hidden]
    return shown, hidden


def _unread(hidden: Sequence[str]) -> Problem:
    return Problem(
        "sheets",
        "隐藏的工作表没有读:{sheets}。里面有要登记的,请在 Excel 里取消隐藏后再上传。",
        None,
        {"sheets": "、".join(hidden)[:200]},
    )


def _area(reach: Reach, wanted: str | None) -> str:
    """The area whose doors are meant: the one asked for, if it is within reach, else the only one
    there is. "" when there are several and none was named."""
    if wanted:
        if not (wanted.isascii() and wanted.isdigit() and reach.covers(wanted)):
            raise Invalid.of("area", "“{area}”不在您的责任范围内。", area=wanted[:20])
        return wanted
    return reach.areas[0] if len(reach.areas) == 1 and reach.areas[0] else ""


def _seal_file(vault: Vault, id_: UUID, source: Path | bytes) -> bytes:
    data = source if isinstance(source, bytes) else source.read_bytes()
    return vault.seal(base64.b64encode(data).decode(), id_.bytes + b"file")


def _open_file(vault: Vault, id_: UUID, sealed: bytes) -> bytes:
    return base64.b64decode(vault.open(sealed, id_.bytes + b"file"))


async def sheets_of(tx: Tx, vault: Vault, found: Import) -> tuple[Sheet, ...]:
    """The sheets of a workbook that waits."""
    sealed = await staging.peek_file(tx, found.id)
    if sealed is None:
        return ()
    data = _open_file(vault, found.id, sealed)
    return await asyncio.to_thread(list_sheets, data, found.name, max_bytes=FILE_BYTES_MAX)


async def choose_sheets(tx: Tx, vault: Vault, import_id: UUID, sheets: Sequence[str]) -> Import:
    """Read these sheets of a workbook that waits, as one table. Raises NotInThisPhase, Invalid."""
    found = await door(tx, import_id, lock=True)
    sealed = await staging.take_file(tx, import_id)
    if found.phase != "sheets" or sealed is None:
        raise NotInThisPhase(PHASES[found.phase])
    if not sheets:
        raise Invalid.of("sheets", "请至少选一张工作表。")
    upload = await _upload(_open_file(vault, import_id, sealed), found.name)
    return await _read(tx, vault, import_id, upload, found.name, found.kind, sheets)


async def _read(
    tx: Tx,
    vault: Vault,
    id_: UUID,
    source: Upload | str,
    name: str,
    kind: str,
    sheets: Sequence[str],
    said: Sequence[Problem] = (),
) -> Import:
    """Stage the rows of these sheets, one after the other, and guess what the columns are."""
    names = names_a_column(kind)
    first: Table | None = None
    notes = list(said)
    samples: list[tuple[str, ...]] = []
    count = 0
    for place, sheet in enumerate(sheets):
        table = (
            open_pasted(source, name, names)
            if isinstance(source, str)
            else await asyncio.to_thread(
                open_table,
                source,
                name,
                sheet=sheet or None,
                known=names,
                sections=True,
                max_rows=ROWS_MAX,
            )
        )
        if first is None:
            first = table
        order = _order(first.headings, table.headings, sheet)
        async for some in _slices(table):
            made = [
                (count + n, row.number, Row(count + n, _put(row.cells, order), row.section))
                for n, row in enumerate(some, 1)
            ]
            samples += [row.cells for _, _, row in made[: max(0, SAMPLE_ROWS - len(samples))]]
            await tx.copy(
                "imports_row",
                ("import_id", "number", "sheet", "at", "sealed"),
                [(id_, n, place, at, seal_cells(vault, id_, row)) for n, at, row in made],
            )
            count += len(some)
        notes += table.notes
    assert first is not None
    kept = await remembered(tx, f"{KIND}.{kind}", first.headings)
    meaning = (
        guess(kind, first.headings, samples)
        if kept is None
        else read_mapping(kept).fit(first.headings)
    )
    await staging.set_read(
        tx,
        id_,
        encoding=first.encoding,
        sheets=sheets if first.sheets else (),
        headings=first.headings,
        mapping=meaning.builtins(),
        remembered=kept is not None,
        notes=[msgspec.to_builtins(note) for note in notes[:500]],
        rows=count,
    )
    await work.set_total(tx, id_, count)
    return await staging.import_of(tx, id_)


def _order(first: Sequence[str], other: Sequence[str], sheet: str) -> tuple[int, ...] | None:
    """Where the first sheet's columns are in another; None when they are the same."""
    if tuple(first) == tuple(other):
        return None
    if sorted(first) != sorted(other):
        raise Invalid.of(
            "sheets", "工作表「{sheet}」的表头和前面的不同,请分开导入。", sheet=sheet
        )
    places = {heading: at for at, heading in enumerate(other)}
    return tuple(places[heading] for heading in first)


def _put(cells: tuple[str, ...], order: tuple[int, ...] | None) -> tuple[str, ...]:
    return cells if order is None else tuple(cells[at] for at in order)


async def _slices(table: Table) -> AsyncIterator[list[Row]]:
    """Parsing takes a processor's whole attention: it is done beside the loop, a slice ahead of what
    the database is given."""

    def parsed() -> list[Row]:
        return list(islice(table.rows, SLICE_ROWS))

    ahead = asyncio.create_task(asyncio.to_thread(parsed))
    try:
        while some := await ahead:
            ahead = asyncio.create_task(asyncio.to_thread(parsed))
            yield some
    finally:
        ahead.cancel()


async def door(tx: Tx, import_id: UUID, *, lock: bool = False, part: bool = False) -> Import:
    """The import, for its uploader or whoever reaches its whole area. With `part` also for an office
    of a part that its area was split into: it places lines without a door, and sees no others.
    Raises NotFound, Forbidden."""
    found = await staging.one_import(tx, import_id, lock=lock)
    if not part and not whole(tx, found):
        raise Forbidden(act_of(found.kind).name)
    return found


def whole(tx: Tx, found: Import) -> bool:
    """Whether the actor may see all of it, and not only what waits for a door."""
    if found.by_id == tx.actor.id or not found.parts:
        return True
    return tx.reach(act_of(found.kind)).covers(found.area_code)


async def agree(
    tx: Tx, import_id: UUID, meaning: Mapping | None = None, *, area: str | None = None
) -> Import:
    """Say what the columns mean and which area is meant, and let the rows be judged anew; whatever
    was mended in cells stays. Raises Invalid, AreaNotChosen, NotInThisPhase."""
    found = await door(tx, import_id, lock=True)
    if found.phase not in ("columns", "review", "judging") or found.applied_at is not None:
        raise NotInThisPhase(PHASES[found.phase])
    chosen_ = (meaning or read_mapping(found.mapping)).checked(found.kind, found.headings)
    area = _area(tx.reach(act_of(found.kind)), area) if area else found.area_code
    if not area:
        raise AreaNotChosen()
    await staging.set_mapping(tx, import_id, chosen_.builtins(), area)
    kept = chosen_.remembered().builtins()
    await remember(tx, f"{KIND}.{found.kind}", found.headings, found.name, kept)
    await lines.drop_lines(tx, import_id)
    seen_.drop(import_id)
    await staging.set_phase(tx, import_id, "judging")
    await work.again(tx, import_id, found.rows)
    return await staging.import_of(tx, import_id)
