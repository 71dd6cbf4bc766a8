"""A small invented town: enough of everything for a test, small enough to know by heart.

County 990001 示范区
  street 990001001 示范街道
    community …001 杏花社区      grids …001 (micro-grids 001, 002), …002 (micro-grids 001, 002)
    community …002 柳树社区      grids …001 (micro-grid 001), …002 (micro-grid 001)
  street 990001002 邻邦街道      community …001 槐荫社区, grid …001: for what must stay out of reach

Its ground is a rectangle of 0.012° x 0.008° at 120.100 E, 30.100 N: 杏花 is the western half,
柳树 the eastern; first grids south, second grids north; micro-grids are halves, west and east.
邻邦街道 lies east of it. Everyone in it is made up.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from wangge.kernel.actors import Role
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.people import commands as people
from wangge.people.model import HouseholdRow, Member, Org, Post, ResidentRow
from wangge.places import commands as places
from wangge.places.model import kind_of
from wangge.places.queries import AreaRow, BuildingRow, CompoundRow, DwellingRow, UnitRow

#: The tests' moment, a Wednesday.
NOON = datetime(2026, 3, 18, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
#: The town was founded long ago and its helpers stay: wall-clock tests must find them in post.
FOUNDED = datetime(2020, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
FOR_EVER = datetime(2100, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai"))

COUNTY = "990001"
STREET = "990001001"
OTHER_STREET = "990001002"
XINGHUA = "990001001001"
LIUSHU = "990001001002"
HUAIYIN = "990001002001"
GRID_1 = "990001001001001"
GRID_2 = "990001001001002"
GRID_3 = "990001001002001"
GRID_4 = "990001001002002"
OTHER_GRID = "990001002001001"
MICRO_1A = GRID_1 + "001"
MICRO_1B = GRID_1 + "002"
MICRO_2A = GRID_2 + "001"
MICRO_2B = GRID_2 + "002"
MICRO_3A = GRID_3 + "001"
MICRO_4A = GRID_4 + "001"

_NAMESPACE = UUID("0b6c7a34-95c4-5d0e-8c37-7f3e3f1d9901")


def town_id(name: str) -> UUID:
    """The id of anything in the town, by its name: `town_id("staff/grid_worker")`."""
    return uuid5(_NAMESPACE, name)


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """A GeoJSON rectangle."""
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


#: code -> (name, west, south, east, north), degrees.
GROUND: dict[str, tuple[str, float, float, float, float]] = {
    COUNTY: ("示范区", 120.100, 30.100, 120.118, 30.108),
    STREET: ("示范街道", 120.100, 30.100, 120.112, 30.108),
    XINGHUA: ("杏花社区", 120.100, 30.100, 120.106, 30.108),
    GRID_1: ("第一网格", 120.100, 30.100, 120.106, 30.104),
    MICRO_1A: ("一号微网格", 120.100, 30.100, 120.103, 30.104),
    MICRO_1B: ("二号微网格", 120.103, 30.100, 120.106, 30.104),
    GRID_2: ("第二网格", 120.100, 30.104, 120.106, 30.108),
    MICRO_2A: ("一号微网格", 120.100, 30.104, 120.103, 30.108),
    MICRO_2B: ("二号微网格", 120.103, 30.104, 120.106, 30.108),
    LIUSHU: ("柳树社区", 120.106, 30.100, 120.112, 30.108),
    GRID_3: ("第一网格", 120.106, 30.100, 120.112, 30.104),
    MICRO_3A: ("一号微网格", 120.106, 30.100, 120.112, 30.104),
    GRID_4: ("第二网格", 120.106, 30.104, 120.112, 30.108),
    MICRO_4A: ("一号微网格", 120.106, 30.104, 120.112, 30.108),
    OTHER_STREET: ("邻邦街道", 120.112, 30.100, 120.118, 30.108),
    HUAIYIN: ("槐荫社区", 120.112, 30.100, 120.118, 30.108),
    OTHER_GRID: ("第一网格", 120.112, 30.100, 120.118, 30.108),
}

WATER = Org(town_id("org/water"), "GG-01", "供水服务站", "GG", COUNTY, "station")
ENFORCEMENT = Org(town_id("org/enforcement"), "JG-01", "综合执法队", "JG", STREET, "team")
ORGS = (WATER, ENFORCEMENT)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works in the town; `key` is what `as_("key")` takes."""

    key: str
    name: str
    role: Role
    area_code: str
    org: Org | None = None
    units: tuple[str, ...] = ()

    @property
    def id(self) -> UUID:
        return town_id(f"staff/{self.key}")


STAFF: tuple[Person, ...] = (
    Person("linked_leader", "赵演示", Role.LINKED_LEADER, XINGHUA),
    Person("adviser", "钱样例", Role.ADVISER, XINGHUA),
    Person("grid_head", "孙示范", Role.GRID_HEAD, GRID_1),
    Person("grid_head_2", "李模板", Role.GRID_HEAD, GRID_2),
    Person("grid_worker", "周测试", Role.GRID_WORKER, GRID_1),
    Person("grid_worker_2", "吴演练", Role.GRID_WORKER, GRID_2),
    Person("grid_worker_3", "郑虚构", Role.GRID_WORKER, GRID_3),
    Person("other_grid_worker", "王假名", Role.GRID_WORKER, OTHER_GRID),
    Person("part_time_worker", "冯占位", Role.PART_TIME_WORKER, MICRO_1A, units=("1-1-1",)),
    Person("police", "陈范例", Role.POLICE, XINGHUA),
    Person("doctor", "褚样本", Role.DOCTOR, XINGHUA),
    Person("volunteer", "卫试用", Role.VOLUNTEER, GRID_1),
    Person("volunteer_2", "蒋演习", Role.VOLUNTEER, GRID_1),
    Person("social_worker", "沈示例", Role.SOCIAL_WORKER, XINGHUA),
    Person("department_staff", "韩假设", Role.DEPARTMENT_STAFF, COUNTY, org=WATER),
    Person("department_staff_2", "杨虚设", Role.DEPARTMENT_STAFF, STREET, org=ENFORCEMENT),
    Person("acceptor", "朱受理", Role.ACCEPTOR, COUNTY),
    Person("dispatcher", "秦派遣", Role.DISPATCHER, COUNTY),
    Person("shift_supervisor", "尤值班", Role.SHIFT_SUPERVISOR, COUNTY),
    Person("community_officer", "许社区", Role.COMMUNITY_OFFICER, XINGHUA),
    Person("community_officer_2", "何社区", Role.COMMUNITY_OFFICER, LIUSHU),
    Person("street_officer", "吕街道", Role.STREET_OFFICER, STREET),
    Person("other_street_officer", "施邻邦", Role.STREET_OFFICER, OTHER_STREET),
    Person("district_officer", "张区级", Role.DISTRICT_OFFICER, COUNTY),
    Person("data_protection", "孔保护", Role.DATA_PROTECTION, COUNTY),
    Person("system_admin", "曹系统", Role.SYSTEM_ADMIN, COUNTY),
    Person("security_admin", "严安全", Role.SECURITY_ADMIN, COUNTY),
    Person("audit_admin", "华审计", Role.AUDIT_ADMIN, COUNTY),
)
PEOPLE: dict[str, Person] = {person.key: person for person in STAFF}


def phone_of(number: int) -> str:
    """An invented phone number; `number` is below 10,000."""
    return f"1990000{number:04d}"


# key -> (compound, micro-grid); two compounds, a building a micro-grid, then units and doors.
_COMPOUNDS = {
    "1": ("杏花苑", XINGHUA, 120.103, 30.104),
    "2": ("柳树湾", LIUSHU, 120.109, 30.104),
}
#: building key -> (compound, micro-grid, number, floors)
_BUILDINGS = {
    "1-1": ("1", MICRO_1A, "1", 6),
    "1-2": ("1", MICRO_1B, "2", 6),
    "1-3": ("1", MICRO_2A, "3", 6),
    "1-4": ("1", MICRO_2B, "4", 11),
    "2-1": ("2", MICRO_3A, "1", 6),
    "2-2": ("2", MICRO_4A, "2", 11),
}
_UNITS_PER_BUILDING = 2
_DOORS_PER_UNIT = 4
#: A household behind the first doors of each unit: 20 in 12 units.
_HOUSEHOLDS = 20
_SURNAMES = "甲乙丙丁戊己庚辛壬癸"


def unit_id(key: str) -> UUID:
    """`unit_id("1-1-2")`: compound 1, building 1, unit 2."""
    return town_id(f"unit/{key}")


def dwelling_id(key: str) -> UUID:
    """`dwelling_id("1-1-1-201")`: that unit's door 201."""
    return town_id(f"dwelling/{key}")


def household_id(number: int) -> UUID:
    """Households are numbered from 1 to 20."""
    return town_id(f"household/{number}")


def resident_id(number: int) -> UUID:
    """Residents are numbered from 1 to 45."""
    return town_id(f"resident/{number}")


def area_rows() -> list[AreaRow]:
    """Every area, as an import brings it."""
    return [
        AreaRow(
            code,
            kind_of(code),
            {15: "base", 18: "stairwell"}.get(len(code)),
            name,
            date(2020, 1, 1),
            json.dumps(box(west, south, east, north)),
            round((west + east) / 2, 6),
            round((south + north) / 2, 6),
        )
        for code, (name, west, south, east, north) in GROUND.items()
    ]


def doors() -> tuple[list[CompoundRow], list[BuildingRow], list[UnitRow], list[DwellingRow]]:
    """Two compounds, six buildings, twelve units, 48 doors."""
    compounds = [
        CompoundRow(town_id(f"compound/{key}"), code, name, lon, lat)
        for key, (name, code, lon, lat) in _COMPOUNDS.items()
    ]
    buildings: list[BuildingRow] = []
    units: list[UnitRow] = []
    dwellings: list[DwellingRow] = []
    for key, (compound, micro, number, floors) in _BUILDINGS.items():
        _, west, south, east, north = GROUND[micro]
        building = town_id(f"building/{key}")
        buildings.append(
            BuildingRow(
                building,
                town_id(f"compound/{compound}"),
                micro,
                f"{number}幢",
                number,
                floors,
                round((west + east) / 2, 6),
                round((south + north) / 2, 6),
                None,
            )
        )
        for n in range(1, _UNITS_PER_BUILDING + 1):
            unit = unit_id(f"{key}-{n}")
            units.append(
                UnitRow(unit, building, micro, f"{number}幢{n}单元", str(n), floors > 6)
            )
            for floor in range(1, _DOORS_PER_UNIT + 1):
                room = f"{floor}01"
                name = f"{number}幢{n}单元{room}室"
                door = dwelling_id(f"{key}-{n}-{room}")
                dwellings.append(DwellingRow(door, unit, micro, floor, room, name))
    return compounds, buildings, units, dwellings


def homes() -> tuple[list[HouseholdRow], list[ResidentRow]]:
    """20 households with 45 residents; two units have one household, the others more."""
    dwellings = doors()[3]
    # Doors taken in turn over the twelve units, so that every micro-grid has somebody.
    in_turn = sorted(dwellings, key=lambda d: (d.floor, dwellings.index(d)))[:_HOUSEHOLDS]
    households: list[HouseholdRow] = []
    residents: list[ResidentRow] = []
    relations = ("head", "spouse", "child")
    for number, door in enumerate(in_turn, 1):
        home = HouseholdRow(
            household_id(number),
            door.id,
            door.area_code,
            door.unit_id,
            "family",
            date(2020, 1, 1),
        )
        households.append(home)
        for at in range(3 if number <= 5 else 2):
            n = len(residents) + 1
            residents.append(
                ResidentRow(
                    resident_id(n),
                    home.id,
                    home.area_code,
                    home.unit_id,
                    f"{_SURNAMES[(number - 1) % 10]}居民{n}",
                    ("female", "male")[n % 2],
                    1940 + n,
                    phone_of(1000 + n) if at < 2 else "",
                    id_number_of(n) if at == 0 else "",
                    relations[at],
                    ("elder_alone", "medicine") if n % 10 == 1 else (),
                )
            )
    return households, residents


def id_number_of(n: int) -> str:
    """An identity number that cannot be anyone's (area 990001), with its check character."""
    body = f"990001{1940 + n}0101{n:03d}"
    total = sum(int(digit) * (1 << (17 - at)) for at, digit in enumerate(body))
    return body + "10X98765432"[total % 11]


def posts() -> list[Post]:
    """One post for each person."""
    helpers = (Role.PART_TIME_WORKER, Role.VOLUNTEER)
    return [
        Post(
            town_id(f"post/{person.key}"),
            person.id,
            person.role,
            person.area_code,
            tuple(unit_id(key) for key in person.units),
            (),
            person.org.id if person.org else None,
            person.role in helpers,
            FOUNDED,
            FOR_EVER if person.role in helpers else None,
        )
        for person in STAFF
    ]


async def build(tx: Tx, vault: Vault) -> None:
    """Fill an empty district, by the loaders that imports use and one real command."""
    await places.load_areas(tx, area_rows())
    await places.load_buildings(tx, *doors())
    await people.load_orgs(tx, ORGS)
    staff = [(person.id, person.name, phone_of(n)) for n, person in enumerate(STAFF, 1)]
    await people.load_staff(tx, vault, staff, posts())
    households, residents = homes()
    await people.load_households(tx, vault, households)
    await people.load_residents(tx, vault, residents)
    # Founded long ago, and what its people need has not run out.
    await tx.run("update people_tag set until_date = :day", day=FOR_EVER.date())
    await people.form_team(
        tx,
        "self_governing",
        GRID_1,
        [
            Member(PEOPLE["grid_worker"].id, "微网格长"),
            Member(PEOPLE["volunteer"].id, "志愿者"),
            Member(PEOPLE["police"].id, "民警"),
        ],
        team_id=town_id("team/self_governing"),
    )
