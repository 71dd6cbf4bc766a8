"""Doors and houses of an import's area, for whoever says which one a row means."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from wangge.imports.placing import PLACERS
from wangge.imports.queries import doors as queries
from wangge.imports.uploading import door as import_door
from wangge.kernel.database import Tx

#: Doors offered for what somebody typed, and houses of an area to choose a nickname's from.
DOORS_MAX, HOUSES_MAX = 12, 600


@dataclass(frozen=True, slots=True)
class DoorFound:
    """A door as people say it."""

    id: UUID
    name: str


async def search(tx: Tx, import_id: UUID, text: str) -> list[DoorFound]:
    """Doors of the import's area that a text may mean, the likeliest first: read as an address,
    then as a part of a name. Raises NotFound."""
    found = await import_door(tx, import_id, part=True)
    text = " ".join(text.split())[:60]
    if not text or not found.area_code:
        return []
    placer = await (await PLACERS.get(tx)).of(tx, found.area_code)
    made = {one.id: one for one in map(_found, placer.candidates(text))}
    if len(made) < DOORS_MAX:
        for one in await queries.doors_called(tx, found.area_code, text, DOORS_MAX):
            made.setdefault(one.id, DoorFound(one.id, one.compound + one.name))
    return list(made.values())[:DOORS_MAX]


def _found(one: tuple[UUID, str]) -> DoorFound:
    return DoorFound(*one)


async def houses(tx: Tx, area_code: str) -> Sequence[queries.House]:
    """Estates of an area with their houses, for a nickname."""
    return await queries.houses(tx, area_code, HOUSES_MAX) if area_code else []
