"""What is kept twice so that lists are quick, made true again after a change."""

from collections.abc import Sequence
from uuid import UUID

from wangge.kernel.database import Tx


async def name_residences(tx: Tx, residents: Sequence[UUID]) -> int:
    """A residence shows its resident's mask also to who may not see the resident."""
    return await tx.run(
        """
        update people_residence s set name_mask = t.name_mask
          from people_resident t
         where t.id = any (:ids::uuid[]) and s.resident_id = t.id
           and s.name_mask <> t.name_mask
        """,
        ids=list(residents),
    )


async def living_in(tx: Tx, households: Sequence[UUID]) -> list[UUID]:
    """Who lives in these households now."""
    return await tx.many(
        UUID,
        """
        select id from people_resident
         where household_id = any (:ids::uuid[]) and ended_on is null
        """,
        ids=list(households),
    )


async def copy_tags(tx: Tx, residents: Sequence[UUID]) -> int:
    """The live needs of these residents, as the searchable copy in their own row."""
    return await tx.run(
        """
        update people_resident t
           set tags = (select coalesce(array_agg(g.kind order by g.kind), '{}')
                         from people_tag g where g.resident_id = t.id and g.ended_at is null)
         where t.id = any (:ids::uuid[])
        """,
        ids=list(residents),
    )
