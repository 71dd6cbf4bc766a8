"""A bite of a house list: rows judged, or queued households registered. Each is one transaction."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from wangge.imports import beside
from wangge.imports import seen as seen_
from wangge.imports.apart import apart
from wangge.imports.applying import Done, Ground, Plan, Taken, plan
from wangge.imports.judged import judge_of, keep_lines, seen_before, with_chosen
from wangge.imports.judging import HOME_MAX, Judge, judge
from wangge.imports.matching import sought
from wangge.imports.outcome import applied, counted, keep_done
from wangge.imports.placing import chosen
from wangge.imports.queries import registering, staging, together
from wangge.imports.queries.lines import LineKept
from wangge.imports.queries.staging import Import
from wangge.imports.records import open_said
from wangge.kernel import work
from wangge.kernel.actors import Actor
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.work import Work
from wangge.people.changes import (
    Change,
    Touched,
    apply_changes,
    settle,
    write_changes,
)
from wangge.people.queries.known import known

#: Rows judged, and lines applied (whole households), in one bite, and of these so many together.
JUDGE_ROWS, APPLY_LINES, PIECE_LINES = 16_000, 16_000, 1_000


async def judge_bite(tx: Tx, taken: Work, found: Import, by: Actor, vault: Vault) -> None:
    """The next rows of a house list become lines."""
    rows = await staging.rows_after(tx, found.id, taken.done, JUDGE_ROWS)
    if not rows:
        await together.refuse_crowds(tx, found.id, HOME_MAX, None)
        await staging.set_phase(tx, found.id, "review")
        await work.end(tx, found.id, "waiting")
        seen_.drop(found.id)
        beside.end(found.id)
        return
    seen = seen_.held(found.id, taken.done)
    if seen is None:
        seen = await seen_before(tx, found.id, taken.done)
    seen_.drop(found.id)  # a bite that fails leaves nothing behind
    before_number = int(taken.data.get("before", 0)) if taken.done else 0
    above = await staging.rows_of(tx, found.id, [before_number] if before_number else [])
    rules = await with_chosen(tx, await judge_of(tx, found, by, vault), [*above, *rows])
    before, carried = (above[0] if above else None), 0
    other = beside.beside(rules.parting, found.rows)
    parts = other.parts if other else None
    keeping: asyncio.Task[None] | None = None
    try:
        async with aclosing(judge(tx, rules, rows, seen, before, parts)) as pieces:
            async for judged, last in pieces:
                if keeping is not None:
                    await keeping
                # While these are sealed and kept, the next are judged.
                keeping = asyncio.create_task(keep_lines(tx, vault, found.id, judged))
                carried = last
        if keeping is not None:
            await keeping
    except asyncpg.InFailedSQLTransactionError as failed:
        raise await _broken_by(failed, keeping) from None
    finally:
        if keeping is not None:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
    seen.upto = rows[-1].number
    await work.move(tx, found.id, rows[-1].number, {"before": carried or before_number})
    seen_.hold(found.id, seen)


async def apply_bite(tx: Tx, taken: Work, found: Import, by: Actor, vault: Vault) -> None:
    """The next queued households go into the register."""
    await registering.one_importer_at_a_time(tx)
    after = int(taken.data.get("after", 0)) if taken.done else 0
    whole = taken.data.get("whole", ())
    queued = await registering.next_homes(tx, found.id, after, APPLY_LINES, whole)
    if not queued:
        await applied(tx, taken, found)
        return
    rules = await judge_of(tx, found, by, vault)
    tx.cause = found.id
    begun = bool(taken.data.get("begun", True))
    done = await _apply_pieces(tx, found, rules, queued, begun=begun)
    counts = {**counted(taken.data, done), "after": queued[-1].home}
    await work.move(tx, found.id, taken.done + len(queued), counts)


async def _apply_pieces(
    tx: Tx, found: Import, rules: Judge, queued: Sequence[LineKept], *, begun: bool
) -> list[Done]:
    """What becomes of queued lines, a piece of whole households at a time; `begun` where some of the
    table was in the register before it was applied this time.

    While the database writes a piece, and takes the marks of the one before, the next is planned: by
    what the register was before, where that piece says nothing of it (`apart`); else it is looked
    at again.
    """
    vault, pieces, done = rules.vault, _pieces(queued), list[Done]()

    def looked(piece: Sequence[LineKept]) -> "asyncio.Task[tuple[list[Taken], Ground]]":
        return asyncio.create_task(_look(tx, vault, found.id, piece, begun=begun))

    looking: asyncio.Task[tuple[list[Taken], Ground]] | None = looked(pieces[0])
    writing: asyncio.Task[Touched] | None = None
    ending: asyncio.Task[None] | None = None
    above: tuple[list[Taken], Plan] | None = None
    try:
        for next_ in (*pieces[1:], None):
            assert looking is not None
            taken, ground = await looking
            if above is not None and writing is not None:
                if not apart(*above, taken, ground):
                    await writing
                    ground = await _ground(tx, found.id, taken, begun=begun)
                ground = ground.with_places(above[1].changes)
            made = await asyncio.to_thread(plan, tx, rules, taken, ground)
            if above is not None and writing is not None:
                touched = await writing
                if ending is not None:
                    await ending
                ending = asyncio.create_task(
                    _end_piece(tx, vault, found, above[1].done, touched)
                )
            # The next is looked for when all above this one are written; of this one it may see
            # some rows, and then they are not apart.
            looking = looked(next_) if next_ is not None else None
            writing = asyncio.create_task(_write(tx, vault, found, made))
            above = taken, made
            done += made.done
        if above is not None and writing is not None:
            touched = await writing
            if ending is not None:
                await ending
            await _end_piece(tx, vault, found, above[1].done, touched)
    except asyncpg.InFailedSQLTransactionError as failed:
        raise await _broken_by(failed, looking, writing, ending) from None
    finally:
        tasks: list[asyncio.Task[Any]] = [t for t in (looking, writing, ending) if t]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    return done


async def _broken_by(failed: Exception, *tasks: "asyncio.Task[Any] | None") -> Exception:
    """What broke a transaction that its tasks share: whoever came later was told only that it is
    broken."""
    for told in await asyncio.gather(*filter(None, tasks), return_exceptions=True):
        if isinstance(told, Exception) and not isinstance(told, type(failed)):
            return told
    return failed


async def _look(
    tx: Tx, vault: Vault, import_id: UUID, piece: Sequence[LineKept], *, begun: bool
) -> tuple[list[Taken], Ground]:
    """What lines of a piece say, and what they stand on."""
    taken = await asyncio.to_thread(_opened, vault, import_id, piece)
    return taken, await _ground(tx, import_id, taken, begun=begun)


async def _write(tx: Tx, vault: Vault, found: Import, made: Plan) -> Touched:
    """The changes of a plan, and the ends of households that nobody is left in."""
    touched = Touched()
    if made.changes:
        _, touched = await write_changes(
            tx, vault, found.id, made.changes, area_code=found.area_code, fact=False
        )
    if made.left:
        await _end_deserted(tx, vault, found, list(made.left), made.day)
    return touched


def _pieces(queued: Sequence[LineKept]) -> list[list[LineKept]]:
    """Whole households, some `PIECE_LINES` lines at a time."""
    pieces: list[list[LineKept]] = [[]]
    for line in queued:
        last = pieces[-1]
        if len(last) >= PIECE_LINES and last[-1].home != line.home:
            pieces.append(last := [])
        last.append(line)
    return pieces


async def _end_piece(
    tx: Tx, vault: Vault, found: Import, done: Sequence[Done], touched: Touched
) -> None:
    await settle(tx, vault, touched)
    await keep_done(tx, found.id, done)


def _opened(vault: Vault, import_id: UUID, queued: Sequence[LineKept]) -> list[Taken]:
    """What queued lines say, and whom they speak of."""
    made: list[Taken] = []
    for line in queued:
        said = open_said(vault, import_id, line.number, line.part, line.sealed)
        who = sought(vault, said.person, line.dwelling_id, line.area_code)
        made.append(Taken(line, said, who))
    return made


async def _ground(tx: Tx, import_id: UUID, taken: Sequence[Taken], *, begun: bool) -> Ground:
    """What a bite stands on, read in four statements."""
    seeking = [one.who for one in taken]
    dwellings = list({one.line.dwelling_id for one in taken if one.line.dwelling_id})
    found = await known(
        tx,
        ids=[who.id_index for who in seeking if who.id_index is not None],
        phones=[who.phone_index for who in seeking if who.phone_index is not None],
        births=(
            (who.sound, who.person.birth) for who in seeking if who.person.birth is not None
        ),
        dwellings=dwellings,
        people=[one.line.target_id for one in taken if one.line.target_id is not None],
    )
    makes = [one.said.where.make for one in taken if one.said.where.make is not None]
    wanted = {
        UUID(make[key]) for make in makes for key in ("compound_id", "building_id", "unit_id")
    }
    there = await registering.places_there(tx, list(wanted)) if wanted else []
    homes = {one.line.home for one in taken} if begun else set[int]()
    made = await registering.homes_made(tx, import_id, list(homes)) if homes else []
    return Ground(
        found,
        await chosen(tx, dwellings),
        frozenset(there),
        {one.home: one.household_id for one in made},
    )


async def _end_deserted(
    tx: Tx, vault: Vault, found: Import, households: Sequence[UUID], day: date
) -> None:
    """Households whose people have all moved away are over."""
    empty = await registering.deserted(tx, households)
    if empty:
        await apply_changes(
            tx,
            vault,
            found.id,
            [
                Change(
                    "household",
                    "update",
                    one.id,
                    one.area_code,
                    {"to_date": max(day, one.from_date), "ended_why": "moved"},
                    one.version,
                )
                for one in empty
            ],
            area_code=found.area_code,
            fact=False,
        )
