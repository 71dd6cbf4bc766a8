"""Imports of areas that are redrawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.places.holders import Count


@dataclass(frozen=True, slots=True)
class Of:
    """An import's area, and the parts that one was split into."""

    id: UUID
    area_code: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fate:
    """A closed area and what came after it."""

    code: str
    successors: tuple[str, ...]


async def waiting(tx: Tx, codes: Sequence[str]) -> list[Count]:
    """Tables of exactly these areas that wait for somebody, by area."""
    return await tx.many(
        Count,
        """
        select i.area_code, count(*) as items
          from imports_import i join kernel_work w using (id)
         where i.area_code = any (:codes::text[])
           and (w.state in ('waiting', 'running')
                or i.phase = 'review'
               and exists (select 1 from imports_line l
                            where l.import_id = i.id and l.verdict = 'unplaced'
                              and l.state = 'open'))
         group by i.area_code order by i.area_code
        """,
        codes=list(codes),
    )


async def successors(tx: Tx, old: Sequence[str]) -> list[Fate]:
    """What came after these areas."""
    return await tx.many(
        Fate,
        "select code, successors from places_area where code = any (:old::text[])",
        old=list(old),
    )


async def of_areas(tx: Tx, codes: Sequence[str]) -> list[Of]:
    """Imports of these areas, or of one that was split into them."""
    return await tx.many(
        Of,
        """
        select id, area_code, parts from imports_import
         where area_code = any (:codes::text[]) or parts && :codes::text[]
        """,
        codes=list(codes),
    )


async def set_areas(tx: Tx, going: Sequence[Of]) -> int:
    """Give imports the area, and the parts, they are of now."""
    return await tx.run(
        """
        update imports_import i
           set area_code = n.area_code, parts = string_to_array(n.parts, ',')
          from unnest(:ids::uuid[], :areas::text[], :parts::text[]) n(id, area_code, parts)
         where i.id = n.id
        """,
        ids=[one.id for one in going],
        areas=[one.area_code for one in going],
        parts=[",".join(one.parts) for one in going],
    )


async def follow_doors(tx: Tx, old: Sequence[str]) -> int:
    """Lines with a door are where it is now."""
    return await tx.run(
        """
        update imports_line l set area_code = d.area_code
          from places_dwelling d
         where l.area_code = any (:old::text[]) and d.id = l.dwelling_id
           and l.state <> 'applied'
        """,
        old=list(old),
    )
