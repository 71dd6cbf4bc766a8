"""Where a report comes from: the code on a stairwell's door, or a community chosen from a list."""

import re
from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.refusals import NotFound
from wangge.places import ATLAS, AreaKind
from wangge.web.home import queries

_AREA = re.compile(r"\d{6}(\d{3}){0,4}")
_UNIT = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Spot:
    """What a code stands for. `unit_id` is None when it is an area."""

    code: str
    name: str
    area_code: str
    unit_id: UUID | None
    lon: float | None = None
    lat: float | None = None


def code_of(unit_id: UUID) -> str:
    """What a stairwell's QR code ends with."""
    return unit_id.hex


async def spot_of(tx: Tx, code: str) -> Spot:
    """The stairwell or area of a code. An area that was closed stands for its successor. Raises
    NotFound."""
    atlas = await ATLAS.get(tx)
    if _UNIT.fullmatch(code):
        found = await queries.stairwell(tx, UUID(code))
        if found is not None:
            return Spot(code, found.name, found.area_code, found.id, found.lon, found.lat)
    elif _AREA.fullmatch(code):
        for open_code in atlas.resolve(code):
            return Spot(code, atlas.path(open_code).replace(" / ", " "), open_code, None)
    raise NotFound("这个二维码对应的地点")


@dataclass(frozen=True, slots=True)
class Community:
    """One choice of the list for those who came without a code."""

    code: str
    name: str


async def communities(tx: Tx) -> list[tuple[str, list[Community]]]:
    """Communities by street, for the form's list."""
    atlas = await ATLAS.get(tx)
    return [
        (street.name, [Community(area.code, area.name) for area in atlas.children(street.code)])
        for street in atlas.open_areas()
        if street.kind is AreaKind.STREET and atlas.children(street.code)
    ]
