"""Publishing a roster: the difference between what people go by and what is published becomes stints
noted and cancelled, in one transaction, past the guard. Taking it back is publishing what was before."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

import msgspec

from wangge.hours import queries
from wangge.hours.acts import OVERRIDE, PLAN, PUBLISH
from wangge.hours.commands import cancel_all, must_work_there, note
from wangge.hours.events import RosterPublished
from wangge.hours.model import REASON_MOST, Duty, reason_of
from wangge.hours.rosters import kept
from wangge.hours.rosters.ground import Ground, ground
from wangge.hours.rosters.model import (
    NothingChanges,
    NotPublished,
    RosterBroken,
    RosterFaulty,
    StillWorking,
    still_there,
)
from wangge.kernel.database import Tx
from wangge.kernel.moments import new_id, new_ids
from wangge.kernel.refusals import Forbidden, Stale
from wangge.solvers.shifts import Entry, Judged

#: What no reason makes right: two places at once, what is written twice, what is not in the roster.
BROKEN = frozenset({"overlap", "twice", "unknown", "surplus"})


class Publishing(msgspec.Struct, forbid_unknown_fields=True):
    """`version` is the one that was looked at. `reason`: why it must be although something is against
    it; empty: nothing is."""

    roster_id: UUID
    version: int
    reason: str = ""


class TakingBack(msgspec.Struct, forbid_unknown_fields=True):
    """Go by what was published before, or by nothing. `published`: what people go by now."""

    roster_id: UUID
    published: int
    reason: str


@dataclass(frozen=True, slots=True)
class Told:
    """So many stints were noted, so many cancelled."""

    noted: int
    cancelled: int


async def publish(tx: Tx, body: Publishing) -> Told:
    """Make the latest version what people go by. Raises NotFound, Forbidden, Stale, StillWorking,
    RosterBroken, RosterFaulty, NothingChanges, and the guard's refusals."""
    sheet = await _door(tx, body.roster_id)
    if body.version != sheet.version:
        raise Stale(sheet.version)
    reason = reason_of("reason", body.reason) if body.reason.strip() else ""
    await _in_turn(tx, sheet, sheet.rows)
    found = await ground(tx, sheet)
    if not found.added and not found.gone and not found.loose:
        raise NothingChanges()
    _must_stand(tx, sheet, found.judged, reason)
    return await _go_by(tx, found, sheet.version, reason or sheet.name, reason, "publish")


async def take_back(tx: Tx, body: TakingBack) -> Told:
    """Undo the last publication: the stints still ahead become those of the one before. What somebody
    mended by hand since, and what has begun, stays. Raises as `publish`, and NotPublished."""
    sheet = await _door(tx, body.roster_id)
    if not sheet.published:
        raise NotPublished()
    if body.published != sheet.published:
        raise Stale(sheet.published)
    reason = reason_of("reason", body.reason)
    before = await kept.before_it(tx, sheet.id, sheet.published)
    rows = (await kept.entries_at(tx, sheet.id, before) or ()) if before else ()
    rows = still_there(sheet.plan, rows)
    await _in_turn(tx, sheet, rows)
    found = await ground(tx, sheet, rows)
    if rows:
        _must_stand(tx, sheet, found.judged, reason)
    return await _go_by(tx, found, before, reason, reason, "undo")


async def _door(tx: Tx, id_: UUID) -> kept.Sheet:
    sheet = await kept.hold(tx, PLAN, id_)
    tx.require(PUBLISH, sheet.area_code)
    if sheet.work:
        raise StillWorking()
    return sheet


async def _in_turn(tx: Tx, sheet: kept.Sheet, rows: tuple[Entry, ...]) -> None:
    """Whoever else plans for these people waits, before their books are read."""
    people = {UUID(one.person) for one in rows} | await kept.of_roster(tx, sheet.id)
    await queries.in_turn(tx, sorted(people))


def _must_stand(tx: Tx, sheet: kept.Sheet, judged: Judged, reason: str) -> None:
    broken = sum(one.kind in BROKEN for one in judged.faults)
    if broken:
        raise RosterBroken(broken)
    if not judged.faults and not judged.gates_open:
        return
    if not reason:
        raise RosterFaulty(judged.hard, judged.gates_open)
    if not tx.actor.may(OVERRIDE, sheet.area_code, tx.now):
        raise Forbidden(OVERRIDE.name)


async def _go_by(
    tx: Tx,
    found: Ground,
    version: int,
    why: str,
    override: str,
    way: Literal["publish", "undo"],
) -> Told:
    sheet = found.sheet
    gone = [found.today[one] for one in found.gone] + list(found.loose)
    await cancel_all(
        tx, [(one.id, one.area_code, one.version) for one in gone], why[:REASON_MOST]
    )
    new = found.added
    if new:
        await must_work_there(tx, [UUID(one.person) for one in new], sheet.area_code)
        await note(tx, _duties(tx, found, new), override)
    await kept.set_published(
        tx,
        sheet.id,
        new_id(tx.now),
        version,
        before=sheet.published,
        undone=way == "undo",
        reason=override,
        noted=len(new),
        cancelled=len(gone),
    )
    tx.publish(
        RosterPublished(sheet.id, sheet.area_code, version, len(new), len(gone), way == "undo")
    )
    return Told(len(new), len(gone))


def _duties(tx: Tx, found: Ground, entries: list[Entry]) -> list[Duty]:
    sheet, posts = found.sheet, found.problem.post_of
    return [
        Duty(
            id_,
            UUID(one.person),
            sheet.area_code,
            posts[one.post].name,
            found.begins(one.day, one.shift),
            found.ends(one.day, one.shift),
            "planned",
            "roster",
            sheet.id,
            tx.actor.id,
            tx.now,
            1,
        )
        for id_, one in zip(new_ids(tx.now, len(entries)), entries, strict=True)
    ]
