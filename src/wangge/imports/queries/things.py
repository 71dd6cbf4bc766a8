"""Lines of a register's table that hang on each other.

Of a line, `door_mark` is its name, and `marks` are: two that join rows into a home, its shape (which
kinds of marks it has), and its other marks. `head` is one that others of its name may outdo.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.database import Tx


@dataclass(frozen=True, slots=True)
class Marked:
    door_mark: int
    marks: tuple[int, ...]
    head: bool


async def marks_of(tx: Tx, id_: UUID, numbers: Sequence[int]) -> list[Marked]:
    """What is kept of these rows."""
    return await tx.many(
        Marked,
        """
        select door_mark, marks, head from imports_line
         where import_id = :id and number = any (:numbers::int[])
        """,
        id=id_,
        numbers=list(numbers),
    )


async def few_beside(
    tx: Tx, id_: UUID, names: Sequence[int], marks: Sequence[int]
) -> list[int]:
    """All rows of a few homes (three) of each sort among those of these names, and of a few with each of
    these marks. A sort is a shape; those that have a namesake in the register are one of their own.
    Two are enough to know that there are several; one of three may be the asker's."""
    return await tx.many(
        int,
        """
        with named as materialized (
             select home, marks, 'noted.name' = any (troubles) as noted
               from imports_line where import_id = :id and door_mark = any (:names::bigint[])),
        sorts as (
             select home, row_number() over (partition by mark, noted, own order by home) as at
               from (select distinct home, marks[3] as mark, noted, true as own from named
                     union all
                     select distinct home, m.mark, false, false
                       from named cross join unnest(marks) m(mark)
                      where m.mark = any (:marks::bigint[])) s)
        select l.number from imports_line l
         where l.import_id = :id and l.home in (select home from sorts where at <= 3)
         order by l.number
        """,
        id=id_,
        names=list(names),
        marks=list(marks),
    )


async def joined(tx: Tx, id_: UUID, marks: Sequence[int], targets: Sequence[UUID]) -> list[int]:
    """Rows of homes that have one of these marks among those that join, or that speak of these things of
    the register, as far as is known."""
    return await tx.many(
        int,
        """
        select number from imports_line
         where import_id = :id
           and home in (select home from imports_line
                         where import_id = :id
                           and (marks[1:2] && :marks::bigint[]
                                or target_id = any (:targets::uuid[])))
         order by number
        """,
        id=id_,
        marks=list(marks),
        targets=list(targets),
    )


async def hanging_on(tx: Tx, id_: UUID, numbers: Sequence[int]) -> list[int]:
    """Rows of the homes of these, and of those that speak of the same things."""
    return await tx.many(
        int,
        """
        with asked as materialized (
             select home, target_id from imports_line
              where import_id = :id and number = any (:numbers::int[]))
        select number from imports_line
         where import_id = :id
           and home in (select home from asked
                         union
                        select l.home from imports_line l join asked using (target_id)
                         where l.import_id = :id)
         order by number
        """,
        id=id_,
        numbers=list(numbers),
    )


async def names_of(tx: Tx, id_: UUID, numbers: Sequence[int]) -> list[int]:
    """What these rows are called, as marks."""
    return await tx.many(
        int,
        """
        select distinct door_mark from imports_line
         where import_id = :id and number = any (:numbers::int[]) and door_mark <> 0
        """,
        id=id_,
        numbers=list(numbers),
    )
