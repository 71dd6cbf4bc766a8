"""Names, nicknames and addresses over HTTP. Everything is within the asker's reach."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from wangge.kernel.http import Asking, asking
from wangge.kernel.i18n import translator
from wangge.kernel.paging import Page, page_size
from wangge.kernel.refusals import Invalid, NotFound
from wangge.matching import Door, Placed, elements
from wangge.places import acts
from wangge.places.atlas import ATLAS
from wangge.places.doors import closed_list
from wangge.places.forms import answer_deed, area_digits
from wangge.places.model import AreaKind
from wangge.places.naming import queries
from wangge.places.naming.model import placed_words

Asked = Request[Any, Any, Any]

#: Addresses asked about at a time.
LINES_MAX = 200


@dataclass(frozen=True, slots=True)
class Nickname:
    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class CompoundView:
    """An estate with its nicknames; `buildings` counts its houses."""

    id: UUID
    area_code: str
    name: str
    buildings: int
    aliases: list[Nickname]


@dataclass(frozen=True, slots=True)
class BuildingView:
    """A house with its nicknames."""

    id: UUID
    area_code: str
    name: str
    number: str
    aliases: list[Nickname]


def nicknames(ids: tuple[UUID, ...], names: tuple[str, ...]) -> list[Nickname]:
    """Ids and names, side by side in a row, as pairs."""
    return [Nickname(id_, name) for id_, name in zip(ids, names, strict=True)]


@get("/api/v1/compounds")
async def compounds(
    request: Asked,
    prefix: FromQuery[str] = "",
    after: FromQuery[str] = "",
    limit: FromQuery[int | None] = None,
) -> Page[CompoundView]:
    """Estates within reach whose area begins with `prefix`, with their nicknames."""
    who = asking(request)
    who.must(acts.READ)
    size = page_size(limit)
    async with who.tx(read_only=True) as tx:
        rows = await queries.compounds_page(
            tx,
            tx.reach(acts.READ),
            prefix=area_digits(prefix, "prefix"),
            after=read_place(after),
            limit=size + 1,
        )
    shown = rows[:size]
    return Page(
        [
            CompoundView(
                r.id, r.area_code, r.name, r.buildings, nicknames(r.alias_ids, r.aliases)
            )
            for r in shown
        ],
        place_of(shown[-1].area_code, shown[-1].id) if len(rows) > size else None,
    )


def place_of(area_code: str, id_: UUID) -> str:
    """The mark after a row ordered by area and id."""
    return f"{area_code}.{id_.hex}"


def read_place(mark: str) -> tuple[str, UUID] | None:
    """Back from a mark. Raises Invalid for one we did not make."""
    if not mark:
        return None
    code, _, rest = mark.partition(".")
    try:
        return area_digits(code, "after"), UUID(hex=rest)
    except ValueError as wrong:
        raise Invalid.of("after", "翻页标记无效,请回到第一页。") from wrong


@get("/api/v1/compounds/{compound_id:uuid}/buildings")
async def buildings(
    request: Asked,
    compound_id: FromPath[UUID],
    after: FromQuery[UUID | None] = None,
    limit: FromQuery[int | None] = None,
) -> Page[BuildingView]:
    """The houses of an estate by number, with their nicknames. 404 out of reach."""
    who = asking(request)
    who.signed()
    size = page_size(limit)
    async with who.tx(read_only=True) as tx:
        try:
            await queries.compound(tx, tx.reach(acts.READ), compound_id)
        except NotFound:
            raise NotFound("这个小区") from None
        rows = await queries.buildings_page(tx, compound_id, after=after, limit=size + 1)
    shown = rows[:size]
    return Page(
        [
            BuildingView(r.id, r.area_code, r.name, r.number, nicknames(r.alias_ids, r.aliases))
            for r in shown
        ],
        str(shown[-1].id) if len(rows) > size else None,
    )


class Named(msgspec.Struct, forbid_unknown_fields=True):
    name: str


@post("/api/v1/compounds/{compound_id:uuid}/aliases", status_code=201)
async def name_compound(
    request: Asked, compound_id: FromPath[UUID], data: JSONBody[Named]
) -> Response[Any]:
    """Give an estate a nickname (deed `places.add_alias`)."""
    body = {"of": "compound", "id": str(compound_id), "name": data.name}
    return await answer_deed(request, "places.add_alias", body)


@post("/api/v1/buildings/{building_id:uuid}/aliases", status_code=201)
async def name_building(
    request: Asked, building_id: FromPath[UUID], data: JSONBody[Named]
) -> Response[Any]:
    """Give a house a nickname (deed `places.add_alias`)."""
    body = {"of": "building", "id": str(building_id), "name": data.name}
    return await answer_deed(request, "places.add_alias", body)


@post("/api/v1/aliases/{alias_id:uuid}/remove", status_code=200)
async def remove_alias(request: Asked, alias_id: FromPath[UUID]) -> Response[Any]:
    """Take a nickname away (deed `places.remove_alias`)."""
    return await answer_deed(request, "places.remove_alias", {"id": str(alias_id)})


@post("/api/v1/compounds/{compound_id:uuid}/name", status_code=200)
async def rename_compound(
    request: Asked, compound_id: FromPath[UUID], data: JSONBody[Named]
) -> Response[Any]:
    """Give an estate another name; the old one stays as a nickname (deed
    `places.rename_compound`)."""
    body = {"id": str(compound_id), "name": data.name}
    return await answer_deed(request, "places.rename_compound", body)


# -- addresses ---------------------------------------------------------------------------------


class Lines(msgspec.Struct, forbid_unknown_fields=True):
    """Addresses as people write them, and the area whose doors they are to be found among."""

    area: str
    lines: list[str]


@dataclass(frozen=True, slots=True)
class DoorView:
    dwelling_id: UUID
    unit_id: UUID
    area_code: str
    compound: str
    building: str
    unit: str
    room: str
    floor: int


@dataclass(frozen=True, slots=True)
class PlacedView:
    """Where a line leads. A door that is not `sure` is a proposal. `words` tells why."""

    door: DoorView | None
    sure: bool
    score: float
    reason: str
    words: str
    rivals: list[DoorView]


def door_view(door: Door) -> DoorView:
    """As told to a program."""
    return DoorView(
        door.dwelling_id,
        door.unit_id,
        door.area_code,
        door.compound,
        door.building,
        door.unit,
        door.room,
        door.floor,
    )


def placed_view(placed: Placed, who: Asking) -> PlacedView:
    """As told to a program, in the asker's language."""
    text, values = placed_words(placed)
    return PlacedView(
        door_view(placed.door) if placed.door else None,
        placed.sure,
        placed.score,
        placed.reason,
        translator(who.locale)(text, **values),
        [door_view(door) for door in placed.rivals],
    )


# A POST although it changes nothing: addresses are personal and do not belong in an URL.
@post("/api/v1/addresses/place", status_code=200)
async def place(request: Asked, data: JSONBody[Lines]) -> list[PlacedView]:
    """The door each line means, among those of an area; at most 200 lines. 404 out of reach."""
    who = asking(request)
    who.signed()
    if len(data.lines) > LINES_MAX:
        raise Invalid.of("lines", "一次最多 {most} 行。", most=LINES_MAX)
    area = area_digits(data.area, "area")
    async with who.tx(read_only=True) as tx:
        if not tx.reach(acts.READ).covers(area):
            raise NotFound("这个区域")
        doors = await closed_list(tx, area)
    return [placed_view(doors.resolve(line), who) for line in data.lines]


class Addresses(msgspec.Struct, forbid_unknown_fields=True):
    lines: list[str]


@dataclass(frozen=True, slots=True)
class ElementView:
    """`kind` is one of the element kinds of `matching`; `start` counts characters."""

    kind: str
    text: str
    start: int


@post("/api/v1/addresses/elements", status_code=200)
async def take_apart(request: Asked, data: JSONBody[Addresses]) -> list[list[ElementView]]:
    """Addresses of anywhere, taken apart into province, city, road, house and so on; the
    district's own streets and communities are known by name."""
    who = asking(request)
    who.signed()
    if len(data.lines) > LINES_MAX:
        raise Invalid.of("lines", "一次最多 {most} 行。", most=LINES_MAX)
    async with who.tx(read_only=True) as tx:
        atlas = await ATLAS.get(tx)
    kinds = {
        AreaKind.COUNTY: "district",
        AreaKind.STREET: "town",
        AreaKind.COMMUNITY: "community",
    }
    known = {a.name: kinds[a.kind] for a in atlas.open_areas() if a.kind in kinds}
    return [
        [ElementView(one.kind, one.text, one.start) for one in elements(line, known)]
        for line in data.lines
    ]


ROUTES: list[Any] = [
    compounds,
    buildings,
    name_compound,
    name_building,
    remove_alias,
    rename_compound,
    place,
    take_apart,
]
