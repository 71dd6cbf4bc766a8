"""Lines that stand together: of one household, of one thing, naming the same people."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.database import Tx


@dataclass(frozen=True, slots=True)
class Mark:
    """What `Seen` remembers of a line."""

    number: int
    part: int
    marks: tuple[int, ...]
    door_mark: int
    home: int
    head: bool


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
