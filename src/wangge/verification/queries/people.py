"""People of the register beside the rows of a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx


@dataclass(frozen=True, slots=True)
class Shown:
    """Somebody of the register beside a row, masked."""

    id: UUID
    area_code: str
    name_mask: str
    id_mask: str
    phone_mask: str
    sex: str
    birth_year: int | None
    door: str
    dwelling_id: UUID


async def shown(tx: Tx, reach: Reach, ids: Sequence[UUID]) -> dict[UUID, Shown]:
    """People of the register within reach, masked. One statement."""
    found = await tx.many(
        Shown,
        """
        select t.id, t.area_code, t.name_mask, t.id_mask, t.phone_mask, t.sex, t.birth_year,
               d.name as door, h.dwelling_id
          from people_resident t
          join people_household h on h.id = t.household_id
          join places_dwelling d on d.id = h.dwelling_id
         where t.id = any (:ids::uuid[])
           and (exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                         where t.area_code >= r.lo and t.area_code < r.hi)
                or t.unit_id = any (:reach_units::uuid[]))
        """,
        ids=list(dict.fromkeys(ids)),
        **{k: v for k, v in reach.values().items() if k != "reach_buildings"},
    )
    return {one.id: one for one in found}


@dataclass(frozen=True, slots=True)
class Name:
    """The name of somebody of the register, for a mended list that leaves."""

    id: UUID
    name: str
    area_code: str
    id_sealed: bytes | None


async def names(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Name]:
    """Names and sealed numbers of people within the asker's row-level security."""
    found = await tx.many(
        Name,
        """
        select id, name, area_code, id_sealed from people_resident where id = any (:ids::uuid[])
        """,
        ids=list(dict.fromkeys(ids)),
    )
    return {one.id: one for one in found}
