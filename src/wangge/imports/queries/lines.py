"""Lines: what would become of rows, counted, shown, queued."""

from collections.abc import Sequence
from dataclasses import dataclass
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
