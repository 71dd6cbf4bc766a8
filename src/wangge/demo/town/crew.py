"""Who serves in a community: grid heads, grid workers, stairwell heads, helpers, and their teams.

The pattern is the field's own: a large grid is led by a grid head, a stairwell or two by a part-time
head with a deputy; in an emergency everybody joins one of four groups (sweep, testing, mobile,
delivery), and a micro-grid gets a team of one head, two emergency members, two volunteers and one
police officer.
"""

from collections.abc import Iterator
from itertools import cycle, islice
from random import Random
from uuid import UUID

from wangge.demo.town import names
from wangge.demo.town.ground import CommunityLand, MicroLand
from wangge.demo.town.minting import ids, phone, stream
from wangge.demo.town.model import (
    Crew,
    Housing,
    Position,
    Post,
    Role,
    Staff,
    Team,
    TeamKind,
    TeamMember,
)
from wangge.demo.town.sizes import CommunityPlan

MICRO_TEAMS = 3
"""In how many micro-grids of a community the emergency team is already named."""

MICRO_TEAM: tuple[tuple[Position, int], ...] = (
    ("micro_head", 1),
    ("emergency", 2),
    ("volunteer", 2),
    ("police", 1),
)
GROUPS: tuple[tuple[TeamKind, str], ...] = (
    ("sweep", "扫楼组"),
    ("testing", "核酸检测组"),
    ("mobile", "机动组"),
    ("delivery", "物资配送组"),
)


class Roll:
    """Staff and posts being written down."""

    def __init__(self, code: str, index: int, seed: int) -> None:
        self._rng = stream(seed, code, "crew")
        self._staff_ids = ids(stream(seed, code, "ids/staff"), shelf=index)
        self._post_ids = ids(stream(seed, code, "ids/post"), shelf=index)
        self.staff: list[Staff] = []
        self.posts: list[Post] = []

    def hire(self) -> Staff:
        person = Staff(
            next(self._staff_ids),
            names.person(self._rng),
            phone(self._rng),
        )
        self.staff.append(person)
        return person

    def post(
        self,
        staff: Staff,
        role: Role,
        area_code: str,
        unit_ids: tuple[UUID, ...] = (),
        org_id: UUID | None = None,
    ) -> None:
        self.posts.append(
            Post(next(self._post_ids), staff.id, role, area_code, unit_ids, org_id)
        )

    def appoint(
        self,
        role: Role,
        area_code: str,
        unit_ids: tuple[UUID, ...] = (),
        org_id: UUID | None = None,
    ) -> Staff:
        person = self.hire()
        self.post(person, role, area_code, unit_ids, org_id)
        return person


def man(plan: CommunityPlan, land: CommunityLand, housing: Housing, seed: int) -> Crew:
    """The community's own workers: exactly `plan.workers` people when that is given."""
    roll = Roll(plan.code, plan.index, seed)
    grids = [grid.area.code for grid in land.grids]
    micros = [micro for grid in land.grids for micro in grid.micro_grids]
    units = _units(housing)
    heads = [roll.appoint("grid_head", code) for code in grids]
    roll.post(heads[0], "community_officer", plan.code)
    full = [roll.appoint("grid_worker", code) for code in _spread(land, plan.full_time)]
    social = [roll.appoint("social_worker", plan.code) for _ in grids]
    police = [roll.appoint("police", plan.code) for _ in range(max(1, len(grids) // 2))]
    doctors = [roll.appoint("doctor", plan.code) for _ in range(1 + len(grids) // 6)]
    micro_heads = {m.area.code: _stairwell_head(roll, m, units, whole=True) for m in micros}
    deputies = {m.area.code: _stairwell_head(roll, m, units, whole=False) for m in micros}
    spare = len(micros) * 8 // 5 if plan.workers is None else plan.workers - len(roll.staff)
    if spare < 0:
        raise ValueError(f"{plan.workers} workers are too few for {len(micros)} micro-grids")
    helping = [
        (roll.appoint("volunteer", micro.area.code), micro.area.code)
        for micro in islice(cycle(micros), spare)
    ]
    volunteers = [person for person, _ in helping]
    third = len(volunteers) // 3
    half = len(micros) // 2
    second = list(deputies.values())
    groups: dict[TeamKind, list[Staff]] = {
        "sweep": [*heads, *micro_heads.values()],
        "testing": [*doctors, *social, *volunteers[:third]],
        "mobile": [*full, *police, *second[:half]],
        "delivery": [*second[half:], *volunteers[third:]],
    }
    teams: list[Team] = []
    members: list[TeamMember] = []
    mint = ids(stream(seed, plan.code, "ids/team"), shelf=plan.index)
    short = plan.name.removesuffix("社区")
    for kind, title in GROUPS:
        team = Team(next(mint), short + title, kind, plan.code)
        teams.append(team)
        members += [
            TeamMember(team.id, person.id, "member" if n else "leader")
            for n, person in enumerate(groups[kind])
        ]
    stairs = [micro for micro in micros if micro.area.grid_kind == "stairwell"]
    rng = stream(seed, plan.code, "teams")
    for n, micro in enumerate(stairs[:MICRO_TEAMS]):
        code = micro.area.code
        team = Team(next(mint), f"{micro.area.name}自治队", "micro_grid", code)
        near = [person for person, place in helping if place == code]
        pool: dict[Position, list[Staff]] = {
            "micro_head": [micro_heads[code]],
            "emergency": [deputies[code], full[n % len(full)]],
            "volunteer": _two(near, volunteers, rng),
            "police": [police[n % len(police)]],
        }
        teams.append(team)
        members += [
            TeamMember(team.id, person.id, position)
            for position, count in MICRO_TEAM
            for person in pool[position][:count]
        ]
    return Crew((), tuple(roll.staff), tuple(roll.posts), tuple(teams), tuple(members))


def _units(housing: Housing) -> dict[str, list[UUID]]:
    found: dict[str, list[UUID]] = {}
    for unit in housing.units:
        found.setdefault(unit.area_code, []).append(unit.id)
    return found


def _stairwell_head(
    roll: Roll, micro: MicroLand, units: dict[str, list[UUID]], *, whole: bool
) -> Staff:
    here = units[micro.area.code]
    mine = here if whole else here[-max(1, len(here) // 2) :]
    return roll.appoint("part_time_worker", micro.area.code, tuple(mine))


def _spread(land: CommunityLand, count: int) -> Iterator[str]:
    """Grid codes for so many full-time workers: each grid one, then the fullest again."""
    sizes = {
        grid.area.code: sum(micro.households for micro in grid.micro_grids)
        for grid in land.grids
    }
    hands = dict.fromkeys(sizes, 1)
    for _ in range(count - len(sizes)):
        hands[max(sizes, key=lambda code: sizes[code] / hands[code])] += 1
    return (code for code, many in hands.items() for _ in range(many))


def _two(near: list[Staff], all_of_them: list[Staff], rng: Random) -> list[Staff]:
    """Two volunteers, from the micro-grid itself where there are enough."""
    others = [person for person in all_of_them if person not in near]
    rng.shuffle(others)
    return [*near, *others][:2]
