"""Residents on their way into a file: many at a time, sealed; the caller opens what was permitted."""

from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx
from wangge.people.queries.parts import WITHIN
from wangge.people.seers import SEEN, seer

#: Who lives here now, within reach, with a need that the reader may see.
_WHO: LiteralString = (
    """t.area_code >= :low and t.area_code < :high
           and t.ended_on is null and h.to_date is null
           and (:tag = '' or (:tag = any (t.tags) and :tag = any ("""
    + SEEN
    + """)))
           and """
    + WITHIN
)


@dataclass(frozen=True, slots=True)
class LeavingResident:
    """One line of a list that leaves."""

    id: UUID
    area_code: str
    dwelling: str
    name: str
    name_mask: str
    sex: str
    birth_year: int | None
    phone_sealed: bytes | None
    phone_mask: str
    id_sealed: bytes | None
    id_mask: str
    relation: str
    tags: tuple[str, ...]


async def leaving(
    tx: Tx,
    reach: Reach,
    *,
    low: str,
    high: str,
    tag: str,
    after: tuple[str, UUID],
    limit: int,
) -> list[LeavingResident]:
    """Residents within reach whose areas lie in a range, by area and id; "" filters nothing."""
    return await tx.many(
        LeavingResident,
        """
        select t.id, t.area_code, d.name as dwelling, t.name, t.name_mask, t.sex, t.birth_year,
               t.phone_sealed, t.phone_mask, t.id_sealed, t.id_mask, t.relation, """
        + SEEN
        + """ as tags
          from people_resident t
          join people_household h on h.id = t.household_id
          join places_dwelling d on d.id = h.dwelling_id
         where (t.area_code, t.id) > (:after_code, :after_id)
           and """
        + _WHO
        + """
         order by t.area_code, t.id
         limit :limit
        """,
        low=low,
        high=high,
        tag=tag,
        after_code=after[0],
        after_id=after[1],
        limit=limit,
        **seer(tx),
        **reach.values(),
    )


async def count_leaving(tx: Tx, reach: Reach, *, low: str, high: str, tag: str) -> int:
    """How many `leaving` would give in all."""
    return await tx.one(
        int,
        """
        select count(*)
          from people_resident t
          join people_household h on h.id = t.household_id
         where """
        + _WHO,
        low=low,
        high=high,
        tag=tag,
        **seer(tx),
        **reach.values(),
    )
