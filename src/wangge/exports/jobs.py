"""The clock makes the files: one at a time, as whoever asked, with that person's reach of now."""

import logging
from collections.abc import Callable
from datetime import timedelta

from wangge.exports import acts, queries
from wangge.exports.commands import DAY
from wangge.exports.events import ExportMade
from wangge.exports.model import (
    APPROVAL_ABOVE,
    FILE_HOURS,
    TRIES_MAX,
    Export,
    Sheet,
    Watermark,
    all_makers,
    needs_second,
)
from wangge.exports.writing import TooLong, csv_bytes, xlsx
from wangge.kernel import files
from wangge.kernel.actors import Act, Actor
from wangge.kernel.beside import beside
from wangge.kernel.crypto import vault_of
from wangge.kernel.database import Tx
from wangge.kernel.files import shelf_of
from wangge.kernel.jobs import tick
from wangge.kernel.moments import local, new_id
from wangge.kernel.refusals import Refusal
from wangge.kernel.settings import decided
from wangge.people import ROSTER

log = logging.getLogger("wangge.exports")

MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


@tick("exports.make", every=timedelta(seconds=1))
async def make_next(tx: Tx) -> int:
    """Make the file that was asked for first. Answers 1, or 0 when nobody waits."""
    export_id = await queries.next_to_make(tx)
    if export_id is None:
        return 0
    # Counted in a transaction of its own, so that a list which kills its process is not made for
    # ever. The row is not locked meanwhile: it can be withdrawn, and then nothing is kept.
    async with tx.aside() as other:
        tries = await queries.count_try(other, export_id)
    export = await queries.find(tx, export_id)
    assert export is not None
    if tries > TRIES_MAX:
        await queries.set_state(tx, export_id, "failed", "bug")
        return 1
    tx.cause = export_id
    await _make(tx, export)
    return 1


async def _make(tx: Tx, export: Export) -> None:
    roster = await ROSTER.get(tx)
    known = all_makers().get(export.what)
    asker = Actor(
        export.asked_by,
        "staff",
        tx.actor.district,
        roster.grants(export.asked_by, tx.now),
        name=roster.staff_name(export.asked_by),
    )
    allowed = (acts.ASK, *(_act_for(name) for name in export.full_fields))
    if known is None or not all(
        asker.may(act, export.area_code, tx.now) for act in (known.act, *allowed)
    ):
        await queries.set_state(tx, export.id, "failed", "forbidden")
        return
    try:
        async with tx.aside(asker, read_only=True) as mine:
            sheet = await known.make(mine, export.spec)
    except Refusal as refusal:
        log.info("export %s: %s", export.id, refusal.code)
        await queries.set_state(tx, export.id, "failed", "refused")
        return
    people = len({one.resident_id for one in sheet.people}) + sheet.others
    if export.decided_by is None and await _must_wait(tx, export, people):
        # The list has grown since it was asked for, or was larger than said.
        await queries.set_people(tx, export.id, people, "waiting")
        return
    try:
        data, rows = await _written(tx, export, sheet, asker.name)
    except TooLong:
        await queries.set_state(tx, export.id, "failed", "too-long")
        return
    sealed = vault_of(tx.actor.district).seal_bytes(data, export.id.bytes)
    expires_at = tx.now + timedelta(hours=(await decided(tx))(FILE_HOURS))
    file = await files.keep(
        tx, shelf_of(tx.actor.district), new_id(tx.now), sealed, MEDIA[export.format]
    )
    if not await queries.set_made(
        tx,
        export.id,
        people=people,
        rows=rows,
        size=len(data),
        file_id=file.id,
        expires_at=expires_at,
    ):
        await files.forget(tx, [file.id])  # withdrawn meanwhile
        return
    await queries.insert_people(tx, export.id, sheet.people)
    tx.publish(ExportMade(export.id, export.area_code, people, rows, expires_at))


def _act_for(name: str) -> Act:
    return acts.ID_NUMBERS if name == "id_number" else acts.FULL


async def _must_wait(tx: Tx, export: Export, people: int) -> bool:
    above = (await decided(tx))(APPROVAL_ABOVE)
    alone = await queries.people_alone(tx, export.asked_by, export.asked_at - DAY, export.id)
    return needs_second(alone + people, above, export.full_fields)


async def _written(tx: Tx, export: Export, sheet: Sheet, staff: str) -> tuple[bytes, int]:
    """The bytes, written beside the loop while a transaction of its own says how far it is."""
    watermark = watermark_of(export, staff)
    seen = 0

    def told(rows: int) -> None:
        nonlocal seen
        seen = rows

    write: Callable[..., tuple[bytes, int]] = xlsx if export.format == "xlsx" else csv_bytes
    return await beside(
        tx,
        lambda: write(sheet, watermark, told),
        lambda other: queries.set_progress(
            other, export.id, export.asked_by, seen, max(sheet.length, seen), "running"
        ),
        lambda: None,  # a file is written to its end; withdrawn meanwhile, it is forgotten
    )


def watermark_of(export: Export, staff: str) -> Watermark:
    """What stands on every page of an export: who, when, and its number."""
    when = f"{local(export.asked_at):%Y-%m-%d %H:%M}"
    return Watermark(
        export.mark,
        f"{staff} {when} 导出 · 编号 {export.mark} · 内部资料,用完即删,不得转发",
        staff,
        export.asked_at,
        export.title,
    )
