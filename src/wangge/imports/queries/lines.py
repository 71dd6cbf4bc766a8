"""Lines: what would become of rows, counted, shown, queued."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from wangge.kernel.database import Tx

COLUMNS = (
    *(
        "import_id",
        "number",
        "part",
        "verdict",
        "why",
        "state",
        "troubles",
        "area_code",
        "home",
    ),
    *(
        "head",
        "home_kind",
        "dwelling_id",
        "place_reason",
        "target_id",
        "household_id",
        "version",
    ),
    *("door_mark", "said_mark", "marks", "sealed"),
)


class LineKept(msgspec.Struct, frozen=True):
    """A line with the place of its row."""

    number: int
    part: int
    sheet: int
    at: int
    verdict: str
    why: str
    state: str
    troubles: tuple[str, ...]
    area_code: str
    home: int
    dwelling_id: UUID | None
    place_reason: str
    target_id: UUID | None
    household_id: UUID | None
    version: int | None
    said_mark: int
    mended: bool
    decided: dict[str, Any]
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Mark:
    """What `Seen` remembers of a line."""

    number: int
    part: int
    marks: tuple[int, ...]
    door_mark: int
    home: int
    head: bool


@dataclass(frozen=True, slots=True)
class Count:
    verdict: str
    state: str
    lines: int
    noted: int


@dataclass(frozen=True, slots=True)
class CodeCount:
    code: str
    lines: int


@dataclass(frozen=True, slots=True)
class SaidCount:
    """An address that was not understood, and in how many rows."""

    said_mark: int
    place_reason: str
    lines: int
    number: int
    part: int
    sealed: bytes


async def insert_lines(tx: Tx, lines: Sequence[Sequence[object]]) -> int:
    """Lines by COPY, in the order of `COLUMNS`."""
    return await tx.copy("imports_line", COLUMNS, lines)


async def drop_lines(tx: Tx, id_: UUID, numbers: Sequence[int] | None = None) -> int:
    """Lines of these rows, or all, that are not applied."""
    return await tx.run(
        """
        delete from imports_line
         where import_id = :id and state <> 'applied'
           and (:numbers::int[] is null or number = any (:numbers))
        """,
        id=id_,
        numbers=None if numbers is None else list(numbers),
    )


async def marks_of(tx: Tx, id_: UUID, upto: int, but: Sequence[int] = ()) -> list[Mark]:
    """What was read of an import up to a row, without some rows."""
    return await tx.many(
        Mark,
        """
        select number, part, marks, door_mark, home, head from imports_line
         where import_id = :id and number <= :upto and number <> all (:but::int[])
         order by number, part
        """,
        id=id_,
        upto=upto,
        but=list(but),
    )


async def beside(tx: Tx, id_: UUID, numbers: Sequence[int], marks: Sequence[int]) -> list[int]:
    """Rows whose verdict hangs on these: of one household with them, or naming the same people."""
    return await tx.many(
        int,
        """
        select distinct number from imports_line
         where import_id = :id
           and (number = any (:numbers::int[])
                or home in (select home from imports_line
                             where import_id = :id and number = any (:numbers))
                or marks && :marks::bigint[]
                or marks && (select coalesce(array_agg(m.mark), '{}')
                               from imports_line l cross join unnest(l.marks) m(mark)
                              where l.import_id = :id and l.number = any (:numbers)))
         order by number
        """,
        id=id_,
        numbers=list(numbers),
        marks=list(marks),
    )


async def refuse_crowds(tx: Tx, id_: UUID, most: int, homes: Sequence[int] | None) -> int:
    """Households of more people than are believed are refused as a whole, collective ones not;
    those that were too large and are not any more are told so by being judged again.

    Households are counted once (materialized): rows that have just come in are in no statistics,
    and counting them anew for every line took minutes.
    """
    return await tx.run(
        """
        with crowd as materialized (
             select home from imports_line
              where import_id = :id and verdict not in ('refused', 'nothing')
                and (:homes::int[] is null or home = any (:homes))
              group by home
             having count(*) > :most and not bool_or(home_kind = 'collective'))
        update imports_line t
           set verdict = 'refused', troubles = t.troubles || array['home_size']
          from crowd
         where t.import_id = :id and t.home = crowd.home and t.state = 'open'
           and t.verdict not in ('refused', 'nothing')
        """,
        id=id_,
        most=most,
        homes=None if homes is None else list(homes),
    )


async def counts(tx: Tx, id_: UUID) -> list[Count]:
    """How many lines of each verdict and state; `noted` have something said about them."""
    return await tx.many(
        Count,
        """
        select verdict, state, count(*) as lines,
               count(*) filter (where troubles <> '{}') as noted
          from imports_line where import_id = :id group by verdict, state
        """,
        id=id_,
    )


async def codes(tx: Tx, id_: UUID, verdict: str) -> list[CodeCount]:
    """What is wrong with lines of a verdict, the commonest first."""
    return await tx.many(
        CodeCount,
        """
        select c.code, count(*) as lines
          from imports_line l cross join unnest(l.troubles) c(code)
         where l.import_id = :id and (:verdict = '' or l.verdict = :verdict)
         group by c.code order by count(*) desc, c.code
        """,
        id=id_,
        verdict=verdict,
    )


async def rows_saying(tx: Tx, id_: UUID, said: int, reasons: Sequence[str]) -> list[int]:
    """Rows still to be placed that share a misunderstanding, or one of these reasons."""
    return await tx.many(
        int,
        """
        select distinct number from imports_line
         where import_id = :id and verdict = 'unplaced' and state in ('open', 'left')
           and (said_mark = :said or place_reason = any (:reasons::text[]))
         order by number
        """,
        id=id_,
        said=said,
        reasons=list(reasons),
    )


async def numbers_of(
    tx: Tx,
    id_: UUID,
    *,
    verdict: str,
    code: str,
    said: int | None,
    after: int,
    limit: int,
) -> list[int]:
    """Rows of a verdict that wait for a person, after a row."""
    return await tx.many(
        int,
        """
        select distinct number from imports_line
         where import_id = :id and number > :after and verdict = :verdict
           and state in ('open', 'left')
           and (:code = '' or :code = any (troubles))
           and (:said::bigint is null or said_mark = :said)
         order by number limit :limit
        """,
        id=id_,
        verdict=verdict,
        code=code,
        said=said,
        after=after,
        limit=limit,
    )


async def rows_left(tx: Tx, id_: UUID) -> list[int]:
    """Rows that were left for a person to look at."""
    return await tx.many(
        int,
        """
        select distinct number from imports_line where import_id = :id and state = 'left'
         order by number
        """,
        id=id_,
    )


async def rows_with(tx: Tx, id_: UUID, code: str) -> list[int]:
    """Rows of which something is said, that are not registered yet."""
    return await tx.many(
        int,
        """
        select distinct number from imports_line
         where import_id = :id and :code = any (troubles) and state in ('open', 'left')
         order by number
        """,
        id=id_,
        code=code,
    )


async def misunderstood(tx: Tx, id_: UUID, limit: int) -> list[SaidCount]:
    """Addresses that were not understood, those of most rows first, with one line of each."""
    return await tx.many(
        SaidCount,
        """
        select g.said_mark, l.place_reason, g.lines, l.number, l.part, l.sealed
          from (select said_mark, count(*) as lines, min(number * 100 + part) as first
                  from imports_line
                 where import_id = :id and verdict = 'unplaced' and state = 'open'
                 group by said_mark order by count(*) desc, min(number) limit :limit) g
          join imports_line l on l.import_id = :id and l.number * 100 + l.part = g.first
         order by g.lines desc, g.first
        """,
        id=id_,
        limit=limit,
    )


async def page(
    tx: Tx,
    id_: UUID,
    *,
    verdict: str = "",
    code: str = "",
    state: str = "",
    said: int | None = None,
    after: tuple[int, int] = (0, -1),
    limit: int,
) -> list[LineKept]:
    """Lines in the order of the table, after a place, of a verdict, a trouble, a state."""
    return await tx.many(
        LineKept,
        """
        select l.number, l.part, r.sheet, r.at, l.verdict, l.why, l.state, l.troubles,
               l.area_code, l.home, l.dwelling_id, l.place_reason, l.target_id, l.household_id,
               l.version, l.said_mark, r.mended, r.decided, l.sealed
          from imports_line l join imports_row r using (import_id, number)
         where l.import_id = :id and (l.number, l.part) > (:number, :part)
           and (:verdict = '' or l.verdict = :verdict)
           and (:code = '' or :code = any (l.troubles))
           and (:state = '' or l.state = :state)
           and (:said::bigint is null or l.said_mark = :said)
         order by l.number, l.part
         limit :limit
        """,
        id=id_,
        number=after[0],
        part=after[1],
        verdict=verdict,
        code=code,
        state=state,
        said=said,
        limit=limit,
    )


async def lines_of(tx: Tx, id_: UUID, numbers: Sequence[int]) -> list[LineKept]:
    """All lines of these rows."""
    return await tx.many(
        LineKept,
        """
        select l.number, l.part, r.sheet, r.at, l.verdict, l.why, l.state, l.troubles,
               l.area_code, l.home, l.dwelling_id, l.place_reason, l.target_id, l.household_id,
               l.version, l.said_mark, r.mended, r.decided, l.sealed
          from imports_line l join imports_row r using (import_id, number)
         where l.import_id = :id and l.number = any (:numbers::int[])
         order by l.number, l.part
        """,
        id=id_,
        numbers=list(numbers),
    )


@dataclass(frozen=True, slots=True)
class Spot:
    number: int
    part: int


async def applied_of(tx: Tx, id_: UUID, numbers: Sequence[int]) -> list[Spot]:
    """Which lines of these rows are in the register."""
    return await tx.many(
        Spot,
        """
        select number, part from imports_line
         where import_id = :id and number = any (:numbers::int[]) and state = 'applied'
        """,
        id=id_,
        numbers=list(numbers),
    )


async def unplaced_of(tx: Tx, id_: UUID, numbers: Sequence[int]) -> list[int]:
    """Those of these rows all of whose lines wait for a door."""
    return await tx.many(
        int,
        """
        select number from imports_line
         where import_id = :id and number = any (:numbers::int[])
         group by number having bool_and(verdict = 'unplaced' and state in ('open', 'left'))
        """,
        id=id_,
        numbers=list(numbers),
    )


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


async def rows_beside(tx: Tx, id_: UUID, homes: Sequence[int]) -> list[int]:
    """All rows of these homes."""
    return await tx.many(
        int,
        """
        select distinct number from imports_line
         where import_id = :id and home = any (:homes::int[]) order by number
        """,
        id=id_,
        homes=list(homes),
    )


@dataclass(frozen=True, slots=True)
class RowHome:
    number: int
    home: int


async def homes_after(tx: Tx, id_: UUID, after: int, limit: int) -> list[RowHome]:
    """Rows of the next homes after that one, so many and the rest of the last one."""
    return await tx.many(
        RowHome,
        """
        select number, home from imports_line
         where import_id = :id and home > :after
           and home <= (select max(home) from (
                select home from imports_line
                 where import_id = :id and home > :after
                 order by home limit :limit) h)
         order by home, number
        """,
        id=id_,
        after=after,
        limit=limit,
    )


async def set_homes(tx: Tx, id_: UUID, numbers: Sequence[int], homes: Sequence[int]) -> int:
    """Which lines stand together; those that already do are not touched."""
    return await tx.run(
        """
        update imports_line t set home = r.home
          from unnest(:numbers::int[], :homes::int[]) r(number, home)
         where t.import_id = :id and t.number = r.number and t.home <> r.home
        """,
        id=id_,
        numbers=list(numbers),
        homes=list(homes),
    )


@dataclass(frozen=True, slots=True)
class RowAt:
    number: int
    sheet: int
    at: int


async def rows_at(tx: Tx, id_: UUID, numbers: Sequence[int]) -> list[RowAt]:
    """Where these rows stand in their sheets."""
    return await tx.many(
        RowAt,
        """
        select number, sheet, at from imports_row
         where import_id = :id and number = any (:numbers::int[])
        """,
        id=id_,
        numbers=list(numbers),
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
