"""From the town's words to the rooms' rows."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from random import Random

from wangge.demo.town import names
from wangge.demo.town.minting import phone
from wangge.demo.town.model import (
    Area,
    Building,
    Compound,
    Crew,
    Dwelling,
    Household,
    Org,
    Post,
    Resident,
    Ring,
    Team,
    Unit,
)
from wangge.kernel.actors import Role
from wangge.people import model as people
from wangge.places.model import AreaKind
from wangge.places.queries import AreaRow, BuildingRow, CompoundRow, DwellingRow, UnitRow

#: Since when everything stands and everybody serves.
FOUNDED = date(2024, 1, 1)
#: How long from now invented helpers serve; real ones are renewed by hand.
HELPERS_FOR = timedelta(days=people.HELPER_DAYS_MAX)

_GRID_KINDS = {"campus": "dedicated", "market": "dedicated", "enterprise": "dedicated"}
_TAGS = {"elder_80": "elder"}
_RELATIONS = {"flatmate": "tenant"}
_SEXES = {"M": "male", "F": "female"}
_TEAMS = {"micro_grid": "self_governing"}
#: What members are called where the team's template has words of its own.
_IN_TEAM = {
    ("testing", "leader"): "采样人员",
    ("testing", "member"): "秩序维护",
    ("delivery", "member"): "配送员",
}
_POSITIONS = {
    "leader": "组长",
    "member": "组员",
    "micro_head": "微网格长",
    "emergency": "应急队员",
    "volunteer": "志愿者",
    "police": "民警",
}
_BUREAU_WIDTH = 6


def polygon(ring: Ring) -> str:
    """A GeoJSON Polygon as text; GeoJSON repeats the first point."""
    return json.dumps({"type": "Polygon", "coordinates": [[*ring, ring[0]]]})


def area_row(area: Area) -> AreaRow:
    grid_kind: str | None = area.grid_kind
    if area.kind == "grid":
        grid_kind = _GRID_KINDS.get(area.grid_kind or "base", area.grid_kind)
    return AreaRow(
        area.code,
        AreaKind(area.kind),
        grid_kind,
        area.name,
        FOUNDED,
        polygon(area.boundary),
        area.centre_lon,
        area.centre_lat,
    )


def compound_row(compound: Compound) -> CompoundRow:
    return CompoundRow(
        compound.id, compound.area_code, compound.name, compound.lon, compound.lat
    )


def building_row(building: Building) -> BuildingRow:
    return BuildingRow(
        building.id,
        building.compound_id,
        building.area_code,
        building.name,
        str(building.number),
        building.floors,
        building.lon,
        building.lat,
        polygon(building.footprint),
    )


def unit_row(unit: Unit) -> UnitRow:
    return UnitRow(
        unit.id, unit.building_id, unit.area_code, unit.name, str(unit.number), unit.has_lift
    )


def dwelling_row(door: Dwelling) -> DwellingRow:
    return DwellingRow(door.id, door.unit_id, door.area_code, door.floor, door.room, door.name)


def org_row(org: Org) -> people.Org:
    if len(org.area_code) == _BUREAU_WIDTH:
        kind = "bureau"
    else:
        kind = "team" if org.name.endswith("队") else "station"
    return people.Org(org.id, org.code, org.name, org.platform, org.area_code, kind)


def post_row(post: Post, now: datetime) -> people.Post:
    role = Role(post.role)
    helper = role in people.HELPER_ROLES
    return people.Post(
        post.id,
        post.staff_id,
        role,
        post.area_code,
        post.unit_ids,
        (),
        post.org_id,
        helper,
        datetime(FOUNDED.year, FOUNDED.month, FOUNDED.day, tzinfo=UTC),
        now + HELPERS_FOR if helper else None,
    )


def team_row(team: Team, now: datetime) -> people.Team:
    code = _TEAMS.get(team.kind, team.kind)
    return people.Team(team.id, team.name, code, team.area_code, code, now, None)


def members_of(crew: Crew) -> Iterator[tuple[Team, list[people.Member]]]:
    """Each team with its members, in the crew's order; nobody is twice in a team."""
    by_team = {
        team_id: list(found)
        for team_id, found in groupby(crew.team_members, key=lambda member: member.team_id)
    }
    for team in crew.teams:
        seen: dict[object, people.Member] = {}
        for member in by_team.get(team.id, []):
            words = _IN_TEAM.get((team.kind, member.position), _POSITIONS[member.position])
            seen.setdefault(member.staff_id, people.Member(member.staff_id, words))
        yield team, list(seen.values())


#: Where some of the town work.
_WORK = (
    "样例纺织厂",
    "样例中学",
    "样例医院",
    "样例超市",
    "样例物流园",
    "示范软件园",
    "样例公交公司",
)
#: Where those come from who are registered elsewhere; places that do not exist.
_FROM = ("远山省清河县", "远山省临溪市", "南岭省云桥县", "东洲省白塔市")
#: A half-year of a community's rounds; what is older is asked at the next visit.
_ROUND = 180


def _confirmed(of: Household | Resident, today: date) -> date:
    """When a household was last visited: most within the last round, some long ago."""
    chance = of.household_id.int if isinstance(of, Resident) else of.id.int
    days = chance % _ROUND if chance // _ROUND % 100 < 64 else _ROUND + chance % 400
    return max(FOUNDED, today - timedelta(days=days))


def resident_row(person: Resident, tenant: bool, today: date) -> people.ResidentRow:
    """Tenants are mostly registered elsewhere; grown people mostly work somewhere."""
    chance = person.id.int >> 8
    away = tenant and chance % 10 < 8
    grown = 18 <= today.year - person.born.year < 60
    return people.ResidentRow(
        person.id,
        person.household_id,
        person.area_code,
        person.unit_id,
        person.name,
        _SEXES[person.sex],
        person.born.year,
        person.phone or "",
        person.id_number,
        _RELATIONS.get(person.relation, person.relation),
        tuple(dict.fromkeys(_TAGS.get(tag, tag) for tag in person.tags)),
        birth_date=person.born,
        since=max(FOUNDED, person.born),
        hukou=("elsewhere" if chance % 3 else "province") if away else "local",
        hukou_place=_FROM[chance % len(_FROM)] if away else "",
        workplace=_WORK[chance % len(_WORK)] if grown and chance % 10 < 7 else "",
        confirmed_on=_confirmed(person, today),
    )


def household_rows(
    households: Iterable[Household], residents: Iterable[Resident], today: date
) -> tuple[list[people.HouseholdRow], list[people.ResidentRow]]:
    """Households with a flatmate are shared ones, the others families; tenants have a landlord."""
    homes = list(households)
    tenants = {home.id for home in homes if home.kind == "tenant"}
    rows = [resident_row(one, one.household_id in tenants, today) for one in residents]
    shared = {row.household_id for row in rows if row.relation == "tenant"}
    made: list[people.HouseholdRow] = []
    for home in homes:
        rng = Random(home.id.int)
        let = home.id in tenants
        made.append(
            people.HouseholdRow(
                home.id,
                home.dwelling_id,
                home.area_code,
                home.unit_id,
                "shared" if home.id in shared else "family",
                FOUNDED,
                tenure="tenant" if let else "owner",
                landlord_name=names.person(rng) if let else "",
                landlord_phone=phone(rng) if let else "",
                confirmed_on=_confirmed(home, today),
            )
        )
    return made, rows
