"""The registers of the first communities: shops along the street, two firms, a site, a kindergarten, a
homestay, let homes, cars of residents, hydrants and lifts; some of it not asked about for long."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid5

from wangge.demo.town import Community, Town
from wangge.demo.town.model import Household
from wangge.kernel.actors import system_actor
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Database
from wangge.kernel.moments import local_date
from wangge.matching.codes import credit_check
from wangge.people.changes import Change, load
from wangge.registers.kinds import KINDS, stale_on
from wangge.registers.writing import PERSON, THING

#: Communities that get some.
COMMUNITIES = 3
#: In each: let homes and cars that are registered so far.
LET, CARS = 8, 30
#: A plate of nobody: no town of the province has this letter.
_PLATES = "浙Z"

#: (name, trade, gas, floor space in square metres)
_SHOPS = (
    ("巷口面馆", "food", "bottle", 46),
    ("老街豆浆铺", "food", "pipe", 30),
    ("杏林大药房", "clinic", "none", 85),
    ("福满便利店", "shop", "none", 60),
    ("青丝理发店", "beauty", "none", 28),
    ("启蒙托管班", "training", "none", 120),
    ("巧手缝纫坊", "workshop", "none", 35),
    ("顺路快递驿站", "parcel", "none", 52),
    ("修车老铺", "repair", "none", 40),
    ("云上网吧", "internet", "none", 160),
    ("和味砂锅店", "food", "bottle", 70),
    ("舒足堂", "bath", "none", 110),
)
#: (kind, name, details, part of whoever answers for it)
_OTHERS: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    (
        "enterprise",
        "示范五金制品厂",
        {"industry": "manufacturing", "staff": 46, "dormitory": True, "hazards": ["dust"]},
        "legal",
    ),
    ("enterprise", "示范物业服务有限公司", {"industry": "property", "staff": 18}, "legal"),
    (
        "site",
        "老旧小区改造二期",
        {"contractor": "示范建筑队", "stage": "fitting", "staff": 35, "dormitory": False},
        "manager",
    ),
    (
        "school",
        "小树苗幼儿园",
        {"level": "kindergarten", "students": 126, "staff": 22, "canteen": True, "buses": 0},
        "manager",
    ),
    ("hotel", "院里民宿", {"category": "homestay", "rooms": 9, "beds": 16}, "owner"),
    ("facility", "北门消防栓", {"category": "hydrant", "works": True}, "manager"),
    ("facility", "东侧充电棚", {"category": "charging", "works": True}, "manager"),
    (
        "facility",
        "1 幢客梯",
        {"category": "lift", "works": True, "number": "T-0001"},
        "contact",
    ),
)
_SURNAMES = "赵钱孙李周吴郑王冯陈"


def _code(number: int) -> str:
    first = f"91990001MA{number:07d}"
    return first + credit_check(first)


def _thing(
    id_: UUID, kind: str, area_code: str, asked_on: date, values: dict[str, Any]
) -> Change:
    return Change(
        THING.name,
        "insert",
        id_,
        area_code,
        {
            **values,
            "kind": kind,
            "confirmed_on": asked_on,
            "stale_on": stale_on(KINDS[kind], asked_on, {}),
        },
    )


def _answers(thing: Change, role: str, number: int) -> Change:
    """Somebody who lives elsewhere, with a number of nobody."""
    values = {
        "thing_id": thing.id,
        "role": role,
        "name": _SURNAMES[number % len(_SURNAMES)] + "样例",
        "phone": f"1990000{number % 10_000:04d}",
        "from_date": thing.values["confirmed_on"],
    }
    return Change(PERSON.name, "insert", uuid5(thing.id, role), thing.area_code, values)


def of_community(community: Community, at: int, today: date) -> Iterator[Change]:
    """Everything of one community, always the same."""
    chance = Random(f"things/{community.plan.code}")
    homes = list(community.households)
    grids = sorted({home.area_code[:15] for home in homes})

    def id_of(what: str) -> UUID:
        return uuid5(homes[0].id, what)

    def asked_on() -> date:
        return today - timedelta(days=chance.choice((20, 45, 70, 120, 200)))

    for n, (name, trade, gas, space) in enumerate(_SHOPS):
        details = {
            "trade": trade,
            "gas": gas,
            "area_m2": space,
            "staff": 1 + n % 5,
            "living_in": n % 6 == 0,
            **({"gas_alarm": n % 2 == 0} if gas != "none" else {}),
        }
        values = {
            "name": name,
            "credit_code": _code(at * 100 + n),
            "location": f"沿街 {2 * n + 1} 号",
            "details": details,
            "opened_on": date(2018 + n % 7, 1 + n, 8),
        }
        shop = _thing(id_of(f"shop/{n}"), "shop", grids[n % len(grids)], asked_on(), values)
        yield shop
        yield _answers(shop, "owner", at * 100 + n)
    for n, (kind, name, details, role) in enumerate(_OTHERS):
        values = {"name": name, "details": details, "location": community.plan.name}
        if KINDS[kind].coded:
            values["credit_code"] = _code(at * 100 + 50 + n)
        other = _thing(id_of(f"other/{n}"), kind, grids[n % len(grids)], asked_on(), values)
        yield other
        yield _answers(other, role, at * 100 + 50 + n)
    yield from _at_home(community, at, asked_on, id_of)


def _at_home(
    community: Community, at: int, asked_on: Callable[[], date], id_of: Callable[[str], UUID]
) -> Iterator[Change]:
    """Let homes, whose tenants and landlord stand with the household; cars of heads of households."""
    homes, people = list(community.households), list(community.residents())
    where = {home.id: home for home in homes}
    buildings = {unit.id: unit.building_id for unit in community.units}

    def door(home: Household) -> dict[str, Any]:
        return {
            "dwelling_id": home.dwelling_id,
            "unit_id": home.unit_id,
            "building_id": buildings[home.unit_id],
        }

    let = [home for home in homes if home.kind == "tenant"]
    for n, home in enumerate(let[:LET]):
        details = {
            "letting": ("whole", "shared")[n % 2],
            "rooms": 1 + n % 3,
            "extinguisher": n % 3 != 0,
            "partitioned": n % 4 == 0,
            "ebike_inside": False,
        }
        yield _thing(
            id_of(f"let/{n}"),
            "rented",
            home.area_code,
            asked_on(),
            {**door(home), "details": details},
        )
    heads = [one for one in people if one.relation == "head"]
    for n, one in enumerate(heads[:: max(1, len(heads) // CARS)][:CARS]):
        home = where[one.household_id]
        electric = n % 3 == 0
        number = at * 1_000 + n
        plate = f"{_PLATES}D{number:05d}" if electric else f"{_PLATES}{number:05d}"
        details = {
            "category": "car",
            "power": "electric" if electric else "fuel",
            "looks": ("白色", "黑色", "银色")[n % 3],
        }
        car = _thing(
            id_of(f"car/{n}"),
            "vehicle",
            home.area_code,
            asked_on(),
            {**door(home), "plate": plate, "details": details},
        )
        yield car
        owner = {
            "thing_id": car.id,
            "unit_id": home.unit_id,
            "role": "owner",
            "resident_id": one.id,
            "name_mask": f"{one.name[0]}*",
            "from_date": car.values["confirmed_on"],
        }
        yield Change(PERSON.name, "insert", uuid5(car.id, "owner"), home.area_code, owner)


async def fill(database: Database, vault: Vault, town: Town, now: datetime) -> None:
    """The registers of the first communities. A community that has them already is passed over."""
    plans = [plan for street in town.plan.streets for plan in street.communities]
    for at, plan in enumerate(plans[:COMMUNITIES], 1):
        rows = list(of_community(town.community(plan.code), at, local_date(now)))
        async with database.tx(system_actor(database.schema)) as tx:
            there = await tx.maybe(
                UUID, "select id from registers_thing where id = :id", id=rows[0].id
            )
            if there is None:
                await load(tx, vault, rows)
