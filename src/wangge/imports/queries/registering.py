"""Lines on their way into the register: which are next, what they stand on, what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from wangge.imports.queries.lines import LineKept
from wangge.kernel.database import Tx


async def queue(tx: Tx, id_: UUID, *, verdicts: Sequence[str], numbers: Sequence[int]) -> int:
    """Let open lines of these verdicts be applied, those of some rows. (Where all are, that is said
    once, of the work, and no line is written for it.)"""
    return await tx.run(
        """
        update imports_line set state = 'queued'
         where import_id = :id and state = 'open' and verdict = any (:verdicts::text[])
           and number = any (:numbers::int[])
        """,
        id=id_,
        verdicts=list(verdicts),
        numbers=list(numbers),
    )


async def open_of(tx: Tx, id_: UUID, verdicts: Sequence[str]) -> int:
    """How many open lines there are of these verdicts."""
    return await tx.one(
        int,
        """
        select count(*)::int from imports_line
         where import_id = :id and state = 'open' and verdict = any (:verdicts::text[])
        """,
        id=id_,
        verdicts=list(verdicts),
    )


async def unqueue(tx: Tx, id_: UUID) -> int:
    """What waits to be applied is open again."""
    return await tx.run(
        "update imports_line set state = 'open' where import_id = :id and state = 'queued'",
        id=id_,
    )


async def next_homes(
    tx: Tx, id_: UUID, after: int, limit: int, verdicts: Sequence[str] = ()
) -> list[LineKept]:
    """The next queued lines of households after that one, so many and the rest of the last one; with
    `verdicts` also those that are open."""
    return await tx.many(
        LineKept,
        """
        select l.number, l.part, r.sheet, r.at, l.verdict, l.why, l.state, l.troubles,
               l.area_code, l.home, l.dwelling_id, l.place_reason, l.target_id, l.household_id,
               l.version, l.said_mark, r.mended, r.decided, l.sealed
          from imports_line l join imports_row r using (import_id, number)
         where l.import_id = :id and l.home > :after
           and (l.state = 'queued' or l.state = 'open' and l.verdict = any (:verdicts::text[]))
           and l.home <= (select max(home) from (
                select home from imports_line
                 where import_id = :id and home > :after
                   and (state = 'queued' or state = 'open' and verdict = any (:verdicts))
                 order by home limit :limit) h)
         order by l.home, l.number, l.part
        """,
        id=id_,
        after=after,
        limit=limit,
        verdicts=list(verdicts),
    )


async def some_applied(tx: Tx, id_: UUID) -> bool:
    """Whether any line of the import is in the register."""
    return await tx.one(
        bool,
        """
        select exists (select 1 from imports_line
                        where import_id = :id and state = 'applied') as some
        """,
        id=id_,
    )


@dataclass(frozen=True, slots=True)
class HomeMade:
    home: int
    household_id: UUID


async def homes_made(tx: Tx, id_: UUID, homes: Sequence[int]) -> list[HomeMade]:
    """The households that earlier bites made or found for these homes."""
    return await tx.many(
        HomeMade,
        """
        select distinct on (home) home, household_id from imports_line
         where import_id = :id and home = any (:homes::int[]) and state = 'applied'
           and household_id is not null
         order by home, number
        """,
        id=id_,
        homes=list(homes),
    )


async def places_there(tx: Tx, ids: Sequence[UUID]) -> list[UUID]:
    """Which of these estates, buildings and stairwells there are already."""
    return await tx.many(
        UUID,
        """
        select id from places_compound where id = any (:ids::uuid[])
        union all select id from places_building where id = any (:ids)
        union all select id from places_unit where id = any (:ids)
        """,
        ids=list(ids),
    )


async def deserted(tx: Tx, households: Sequence[UUID]) -> list["Deserted"]:
    """Which of these households nobody lives in any more."""
    return await tx.many(
        Deserted,
        """
        select h.id, h.area_code, h.version, h.from_date from people_household h
         where h.id = any (:ids::uuid[]) and h.to_date is null
           and not exists (select 1 from people_resident t
                            where t.household_id = h.id and t.ended_on is null)
        """,
        ids=list(households),
    )


@dataclass(frozen=True, slots=True)
class Deserted:
    id: UUID
    area_code: str
    version: int
    from_date: date


async def save_lines(tx: Tx, id_: UUID, saved: Sequence[Sequence[object]]) -> int:
    """What became of lines: (number, part, state, verdict, why, troubles as JSON, target_id,
    household_id, sealed or None)."""
    return await tx.run(
        """
        update imports_line t
           set state = r.state, verdict = r.verdict, why = r.why,
               troubles = array(select jsonb_array_elements_text(r.troubles::jsonb)),
               target_id = r.target_id, household_id = r.household_id,
               sealed = coalesce(r.sealed, t.sealed)
          from unnest(:numbers::int[], :parts::int[], :states::text[], :verdicts::text[],
                      :whys::text[], :troubles::text[], :targets::uuid[], :households::uuid[],
                      :sealed::bytea[])
               r(number, part, state, verdict, why, troubles, target_id, household_id, sealed)
         where t.import_id = :id and t.number = r.number and t.part = r.part
        """,
        id=id_,
        numbers=[one[0] for one in saved],
        parts=[one[1] for one in saved],
        states=[one[2] for one in saved],
        verdicts=[one[3] for one in saved],
        whys=[one[4] for one in saved],
        troubles=[one[5] for one in saved],
        targets=[one[6] for one in saved],
        households=[one[7] for one in saved],
        sealed=[one[8] for one in saved],
    )


async def save_applied(tx: Tx, id_: UUID, saved: Sequence[Sequence[object]]) -> int:
    """Lines that are in the register as was previewed: (number, part, target_id, household_id)."""
    return await tx.run(
        """
        update imports_line t
           set state = 'applied', target_id = r.target_id, household_id = r.household_id
          from unnest(:numbers::int[], :parts::int[], :targets::uuid[], :households::uuid[])
               r(number, part, target_id, household_id)
         where t.import_id = :id and t.number = r.number and t.part = r.part
        """,
        id=id_,
        numbers=[one[0] for one in saved],
        parts=[one[1] for one in saved],
        targets=[one[2] for one in saved],
        households=[one[3] for one in saved],
    )


async def one_importer_at_a_time(tx: Tx) -> None:
    """Two imports of one file take turns, so that the second sees what the first brought."""
    await tx.run(
        "select pg_advisory_xact_lock(hashtext(current_schema() || ' register import'))"
    )
