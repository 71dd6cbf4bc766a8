"""A bite of a register's table: rows that stand together judged, or registered. Each is one
transaction.

A table of one bite is judged at once. A longer one is gone through twice: first its rows are only
marked with what they are known by, then those that stand together are judged, however far apart they
are.
"""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from wangge.imports import bites
from wangge.imports.applying import Done
from wangge.imports.making import Places
from wangge.imports.outcome import applied, counted, keep_done
from wangge.imports.queries import lines, registering, staging, together
from wangge.imports.queries.lines import LineKept
from wangge.imports.queries.staging import Import
from wangge.imports.records import Differs, Said, open_said
from wangge.imports.things.judging import (
    Judged,
    group,
    judge,
    judge_homes,
    judge_of,
    keep,
    mark,
)
from wangge.kernel import work
from wangge.kernel.actors import Actor
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.work import Work
from wangge.people.changes import Change, apply_changes

_BEGUN = {"read": 0, "grouped": 0, "judged": 0, "home": 0}


async def judge_bite(tx: Tx, taken: Work, found: Import, by: Actor, vault: Vault) -> None:
    """The next rows become lines."""
    rules = await judge_of(tx, found, by, vault)
    if found.rows <= bites.JUDGE_ROWS:
        rows = await staging.rows_after(tx, found.id, 0, bites.JUDGE_ROWS)
        await keep(tx, vault, found.id, await judge(tx, rules, found.id, rows))
        await _judged(tx, found)
        return
    at = {key: int(taken.data.get(key, 0)) if taken.done else 0 for key in _BEGUN}
    if at["read"] < found.rows:
        rows = await staging.rows_after(tx, found.id, at["read"], bites.JUDGE_ROWS)
        await mark(tx, rules, found.id, rows)
        at["read"] = rows[-1].number
    elif not at["grouped"]:
        await group(tx, found.id, found.rows)
        at["grouped"] = 1
    else:
        next_ = await together.homes_after(tx, found.id, at["home"], bites.JUDGE_ROWS)
        if not next_:
            await _judged(tx, found)
            return
        numbers, judged = await judge_homes(tx, rules, found.id, [one.number for one in next_])
        await lines.drop_lines(tx, found.id, numbers)
        await keep(tx, vault, found.id, judged)
        at["home"], at["judged"] = next_[-1].home, at["judged"] + len(next_)
    await work.move(tx, found.id, (at["read"] + at["judged"] + 1) // 2, at)


async def _judged(tx: Tx, found: Import) -> None:
    await staging.set_phase(tx, found.id, "review")
    await work.move(tx, found.id, found.rows, {})
    await work.end(tx, found.id, "waiting")


async def apply_bite(tx: Tx, taken: Work, found: Import, by: Actor, vault: Vault) -> None:
    """The next queued lines go into the register, judged anew together with all they stand with:
    what is not as it was previewed is left for a person to look at."""
    await registering.one_importer_at_a_time(tx)
    after = int(taken.data.get("after", 0)) if taken.done else 0
    whole = taken.data.get("whole", ())
    queued = await registering.next_homes(tx, found.id, after, bites.APPLY_LINES, whole)
    if not queued:
        await applied(tx, taken, found)
        return
    numbers = await together.rows_beside(tx, found.id, list({one.home for one in queued}))
    rows = await staging.rows_of(tx, found.id, numbers)
    rules = await judge_of(tx, found, by, vault)
    new = {line.number for line in queued if line.verdict == "new"}
    now = {one.number: one for one in await judge(tx, rules, found.id, rows, new)}

    def decided() -> tuple[list[Done], list[Judged]]:
        going: list[Judged] = []
        done: list[Done] = []
        for line in queued:
            said = open_said(vault, found.id, line.number, line.part, line.sealed)
            one = now[line.number]
            done.append(_outcome(line, said, one))
            if done[-1].state == "applied" and one.line.verdict != "same":
                going.append(one)
        return done, going

    done, going = await asyncio.to_thread(decided)
    tx.cause = found.id
    kept = await _write(tx, vault, found, going)
    done = [_left(one) if one.target_id in kept else one for one in done]
    await keep_done(tx, found.id, done)
    counts = {**counted(taken.data, done), "after": queued[-1].home}
    await work.move(tx, found.id, taken.done + len(queued), counts)


def _outcome(line: LineKept, said: Said, one: Judged) -> Done:
    """Whether a line is still what was previewed."""
    now = one.line
    target = now.thing.id if now.thing else None
    if now.verdict == "same":
        return Done(line, "applied", "same", now.why, target)
    differs = tuple(Differs(*each) for each in now.differs)
    previewed = (line.verdict, line.target_id, said.differs)
    if previewed != (now.verdict, target, differs):
        return _left(Done(line, "applied", line.verdict, line.why, line.target_id))
    made = target or next(change.id for change in now.changes if change.op == "insert")
    return Done(line, "applied", now.verdict, now.why, made)


def _left(one: Done) -> Done:
    line = one.line
    return Done(line, "left", line.verdict, line.why, line.target_id, None, "changed_meanwhile")


async def _write(tx: Tx, vault: Vault, found: Import, going: Sequence[Judged]) -> set[UUID]:
    """Doors that are missing, then who answered before, then the rest. Answers the things that
    somebody else has just changed."""
    made = [one for one in going if one.said.where.make is not None]
    doors: list[Change] = []
    if made:
        wanted = {
            UUID(str(make[key]))
            for one in made
            if (make := one.said.where.make) is not None
            for key in ("compound_id", "building_id", "unit_id")
        }
        places = Places(frozenset(await registering.places_there(tx, list(wanted))))
        for one in made:
            assert one.place.dwelling_id is not None
            places.make(one.said.where, one.place.dwelling_id, one.place.area_code)
        doors = places.changes
    kept: set[UUID] = set()
    # Whoever answered before ends in a wave of its own: two at once would be two of a kind.
    for changes in (
        doors,
        [change for one in going for change in one.line.ends],
        [change for one in going for change in one.line.changes],
    ):
        if changes:
            done = await apply_changes(
                tx, vault, found.id, changes, area_code=found.area_code, fact=False
            )
            kept |= {one.id for one in done.kept}
    return kept
