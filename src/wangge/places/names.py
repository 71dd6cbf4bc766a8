"""What estates, houses and areas are called, in memory: so that words of an address are looked up in
a fraction of a millisecond, whatever the size of the county.

Houses that are only numbered (3幢) are left out: everybody has one of those.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from wangge.kernel.cache import Cached
from wangge.kernel.database import Tx
from wangge.matching.addresses.houses import key_of
from wangge.matching.addresses.spelling import normal

Kind = Literal["compound", "building", "area"]
#: Things that words may mean at most.
MEANT_MAX = 60
#: The version number that a change of these names moves.
VERSION = "places.names"


@dataclass(frozen=True, slots=True)
class Named:
    """A thing with one of its names. `id` is None for an area."""

    kind: Kind
    id: UUID | None
    area_code: str
    name: str


class Names:
    """Every name there is, by length, the longest first."""

    def __init__(self, named: list[Named]) -> None:
        kept = [one for one in named if one.kind != "building" or key_of(one.name) is None]
        kept.sort(key=lambda one: (-len(one.name), one.area_code))
        #: In the spelling of an address that was read: 一期 is 1期 there.
        self._named = [(normal(one.name), one) for one in kept]

    def meant(self, words: str, areas: tuple[str, ...]) -> list[Named]:
        """What the words may mean within these areas (or above them): whatever is called so in
        part, or whose whole name stands in the words. At most `MEANT_MAX`."""
        found: list[Named] = []
        words = normal(words)
        if not words:  # dots and dashes only
            return found
        for name, one in self._named:
            if not (words in name or (len(name) > 1 and name in words)):
                continue
            code = one.area_code
            if any(code.startswith(area) or area.startswith(code) for area in areas):
                found.append(one)
                if len(found) == MEANT_MAX:
                    break
        return found


async def _load(tx: Tx) -> Names:
    return Names(
        await tx.many(
            Named,
            """
            select 'compound' as kind, id, area_code, name from places_compound
             union all
            select 'building', id, area_code, name from places_building
             union all
            select case when compound_id is null then 'building' else 'compound' end,
                   coalesce(compound_id, building_id), area_code, name from places_alias
             union all
            select 'area', null, code, name from places_area
             where valid_to is null and length(code) between 9 and 18
            """,
        )
    )


class _OfAreasAndNames(Cached[Names]):
    """Read again when an estate was named or when an area was."""

    async def get(self, tx: Tx, versions: Mapping[str, int] | None = None) -> Names:
        read = versions if versions is not None else await tx.versions()
        both = read.get(VERSION, 0) << 40 | read.get("places", 0)
        return await super().get(tx, {**read, self.name: both})


#: `await NAMES.get(tx)`; renewed when a name changes.
NAMES: Cached[Names] = _OfAreasAndNames(VERSION, _load)
