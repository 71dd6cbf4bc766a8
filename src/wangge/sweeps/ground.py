"""What a division of doors is made from: what is left of a round, floor by floor, who has it now, and who
may walk there. Read inside of a transaction; thought about after it."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from math import cos, radians
from typing import Any, TypeVar
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.refusals import NotFound
from wangge.people import ROSTER
from wangge.people.roster import Roster
from wangge.solvers.split import Stairwell, Stop, Team, Town
from wangge.sweeps.commands.dealing import walkers
from wangge.sweeps.model import NOT_MET, Kind, Round
from wangge.sweeps.queries import splitting as queries
from wangge.sweeps.queries.splitting import Held, HomeDoor, SplitBlock

#: Blocks of one proposal: a community. More are proposed community by community.
BLOCKS_MAX = 400
#: A round of days is not one walk: nobody is planned for more minutes than this.
MINUTES_MAX = 240.0
#: Doors of one proposal for the home team.
HOMES_MAX = 2_000
#: Teams that are made for going to people's homes.
HOME_TEAMS = ("testing", "mobile")
_METRES_A_DEGREE = 111_320.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ground:
    """What a proposal is made from: blocks in the order of their places, their stops with the doors
    that are left, who has them. `team` is who is divided among: those who knock at every door, or the
    home team; `rooms` are the doors these visit, by block and floor."""

    area_code: str
    blocks: dict[UUID, SplitBlock]
    town: Town
    held: list[Held]
    whole: bool
    team: Team = "doors"
    rooms: Mapping[tuple[UUID, int], Sequence[HomeDoor]] = field(
        default_factory=dict[tuple[UUID, int], Sequence[HomeDoor]]
    )

    @property
    def seen(self) -> str:
        return sha256(b"".join(one.id.bytes for one in self.held)).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Question:
    """All that is read for a proposal: what is left, and who may walk there, holders first. `all_go`:
    they were chosen, and everybody takes part."""

    ground: Ground
    there: list[UUID]
    all_go: bool = False


async def ground(tx: Tx, round_: Round, area_code: str) -> Ground:
    """The doors left of an area, its blocks and who has them: three statements."""
    found = await queries.blocks(tx, round_.id, area_code, BLOCKS_MAX + 1)
    blocks = {one.id: one for one in found[:BLOCKS_MAX]}
    # On another pass whoever was not met is walked to again.
    again = sorted(code.value for code in NOT_MET) if round_.pass_n > 1 else []
    stops: dict[UUID, list[Stop]] = {}
    for row in await queries.floors_left(tx, round_.id, area_code, again):
        if row.block_id in blocks:
            stops.setdefault(row.block_id, []).append(Stop(row.floor, row.doors))
    held = [
        one
        for one in await queries.held(tx, round_.id, area_code, "doors")
        if one.block_id in blocks
    ]
    town = town_of(blocks.values(), stops, _minutes_left(tx, round_))
    return Ground(area_code, blocks, town, held, len(found) <= BLOCKS_MAX)


async def home_ground(tx: Tx, round_: Round, area_code: str, kind: Kind) -> Ground:
    """The same for the home team: the doors where somebody cannot come out, or that asked for a visit.
    Three statements."""
    settled = sorted(code.value for code in kind.settled)
    doors = await queries.home_doors(tx, round_.id, area_code, settled, HOMES_MAX + 1)
    rooms: dict[tuple[UUID, int], list[HomeDoor]] = {}
    for door in doors[:HOMES_MAX]:
        rooms.setdefault((door.block_id, door.floor), []).append(door)
    only = list(dict.fromkeys(block for block, _ in rooms))
    found = await queries.blocks(tx, round_.id, area_code, BLOCKS_MAX + 1, only) if only else []
    blocks = {one.id: one for one in found[:BLOCKS_MAX]}
    stops: dict[UUID, list[Stop]] = {}
    for (block_id, floor), here in rooms.items():
        visits = sum(door.visits for door in here)
        stops.setdefault(block_id, []).append(Stop(floor, 0, visits))
    held = await queries.held(tx, round_.id, area_code, "home")
    town = town_of(blocks.values(), stops, _minutes_left(tx, round_))
    whole = len(found) <= BLOCKS_MAX and len(doors) <= HOMES_MAX
    return Ground(
        area_code,
        blocks,
        town,
        [one for one in held if one.block_id in blocks],
        whole,
        "home",
        rooms,
    )


def _minutes_left(tx: Tx, round_: Round) -> float:
    left = (round_.ends_at - tx.now).total_seconds() / 60
    return left if left >= 1 else float(round_.minutes)


def town_of(
    blocks: Iterable[SplitBlock], stops: Mapping[UUID, Sequence[Stop]], minutes: float
) -> Town:
    """Blocks on a plane in metres around the first of them, as solvers take them."""
    blocks = list(blocks)
    lon0 = next((one.lon for one in blocks if one.lon is not None), 0.0)
    lat0 = next((one.lat for one in blocks if one.lat is not None), 0.0)
    wide = _METRES_A_DEGREE * cos(radians(lat0))
    wells = [
        Stairwell(
            one.id.hex,
            one.label,
            tuple(stops.get(one.id, ())),
            one.lift,
            one.building_id.hex if one.building_id is not None else "",
            None if one.lon is None else (one.lon - lon0) * wide,
            None if one.lat is None else (one.lat - lat0) * _METRES_A_DEGREE,
        )
        for one in blocks
    ]
    return Town(wells, round(min(minutes, MINUTES_MAX), 1))


async def question(tx: Tx, round_: Round, area_code: str) -> Question:
    """What a proposal is made from, in four statements. The arithmetic follows outside of the
    transaction (`thought`)."""
    at = await ground(tx, round_, area_code)
    roster = await ROSTER.get(tx)
    teams = [UUID(team) for team in round_.scope.get("teams", ())]
    holders = list(dict.fromkeys(one.worker_id for one in at.held))
    return Question(at, [*holders, *near(roster, tx, teams, at.blocks.values(), holders)])


async def home_question(
    tx: Tx,
    round_: Round,
    area_code: str,
    kind: Kind,
    team_id: UUID | None,
    busy: Sequence[UUID],
) -> Question:
    """Who visits whom at home: the members of a team that was chosen; without one whoever is there for
    it already, then teams that are made for it, then whoever is near, those last who have doors to
    knock at (`busy`)."""
    at = await home_ground(tx, round_, area_code, kind)
    roster = await ROSTER.get(tx)
    if team_id is not None:
        return Question(at, members(roster, tx, team_id), all_go=True)
    there = dict.fromkeys(one.worker_id for one in at.held)
    for code in HOME_TEAMS:
        for team in roster.teams(code, area_code, tx.now):
            there |= dict.fromkeys(members(roster, tx, team.id))
    others = near(roster, tx, (), at.blocks.values(), list(there))
    occupied = set(busy)
    there |= dict.fromkeys(sorted(others, key=lambda one: one in occupied))
    return Question(at, list(there))


def members(roster: Roster, tx: Tx, team_id: UUID) -> list[UUID]:
    """Members of a live team who still work. Raises NotFound."""
    team = roster.team(team_id)
    if team is None or not team.live(tx.now):
        raise NotFound("这支队伍")
    found = (roster.staff(one.staff_id) for one in roster.members(team_id))
    return [one.id for one in found if one is not None and one.active]


def near(
    roster: Roster,
    tx: Tx,
    teams: Sequence[UUID],
    blocks: Iterable[SplitBlock],
    but: Sequence[UUID] = (),
) -> list[UUID]:
    """Who else may walk there, the nearest first: members of the teams, where there are any."""
    found: dict[UUID, int] = {}
    for block in blocks:
        for distance, staff in walkers(roster, tx, teams, block.area_code, block.id):
            found[staff] = min(found.get(staff, distance), distance)
    without = set(but)
    return [staff for _, staff in sorted((d, s) for s, d in found.items() if s not in without)]


#: One proposal at a time is thought about, beside the loop that answers everybody else.
_THINKING = ThreadPoolExecutor(1, "sweeps-split")


async def thought(make: Callable[..., T], *given: Any) -> T:
    """Work something out beside the event loop."""
    return await asyncio.get_running_loop().run_in_executor(_THINKING, partial(make, *given))
