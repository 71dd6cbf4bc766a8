"""Who takes which floors, proposed: whether the clock can be met, with how many people, and what changes
hands. The arithmetic is the solvers'; here the round's doors, lifts and people go in, and names come out.

A proposal is made when it is looked at and is nothing before a person accepts it. What is accepted is
judged once more, by the checker, over the doors as they are then.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from math import cos, radians
from typing import Any, TypeVar
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.people import ROSTER
from wangge.people.roster import Roster
from wangge.solvers import Budget, Sentence, said
from wangge.solvers.split import (
    Answer,
    Hand,
    Run,
    Stairwell,
    Stop,
    Team,
    Town,
    check,
    resplit,
    solve_team,
)
from wangge.sweeps.commands.dealing import candidates, of_teams
from wangge.sweeps.model import NOT_MET, Round
from wangge.sweeps.queries import splitting as queries
from wangge.sweeps.queries.splitting import Held, SplitBlock

#: Blocks of one proposal: a community. More are proposed community by community.
BLOCKS_MAX = 400
#: A round of days is not one walk: nobody is planned for more minutes than this.
MINUTES_MAX = 240.0
#: Orders tried while somebody waits for the page.
TRIES, SECONDS = 120, 0.8
_METRES_A_DEGREE = 111_320.0
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Piece:
    """Floors of a block for one person. `doors` are those left there; `from_id` has them now (None:
    several, or nobody)."""

    block_id: UUID
    label: str
    area_code: str
    road: bool
    floor_from: int
    floor_to: int
    doors: int
    from_id: UUID | None


@dataclass(frozen=True, slots=True)
class Portion:
    """One person's pieces and the minutes until the last door."""

    worker_id: UUID
    pieces: tuple[Piece, ...]
    doors: int
    minutes: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """`seen` names what it was made from: accepted only as long as nobody was dealt anything else.
    `now_longest` is the longest part as it is dealt now, in minutes; `moved` doors change hands."""

    area_code: str
    minutes: float
    doors: int
    need: int | None
    have: int
    proved: bool
    now_longest: float
    longest: float
    moved: int
    portions: tuple[Portion, ...]
    sentences: tuple[Sentence, ...]
    seen: str
    whole: bool


@dataclass(frozen=True, slots=True)
class Ground:
    """What a proposal is made from."""

    area_code: str
    blocks: dict[UUID, SplitBlock]
    town: Town
    held: list[Held]
    whole: bool

    @property
    def seen(self) -> str:
        return sha256(b"".join(one.id.bytes for one in self.held)).hexdigest()[:16]


async def ground(tx: Tx, round_: Round, area_code: str) -> Ground:
    """The doors left of an area, its blocks and who has them: three statements."""
    found = await queries.blocks(tx, round_.id, area_code, BLOCKS_MAX + 1)
    blocks = {one.id: one for one in found[:BLOCKS_MAX]}
    stops: dict[UUID, list[Stop]] = {}
    # On another pass whoever was not met is walked to again.
    again = sorted(code.value for code in NOT_MET) if round_.pass_n > 1 else []
    for row in await queries.floors_left(tx, round_.id, area_code, again):
        if row.block_id in blocks:
            stops.setdefault(row.block_id, []).append(Stop(row.floor, row.doors, row.special))
    held = [
        one for one in await queries.held(tx, round_.id, area_code) if one.block_id in blocks
    ]
    lon0 = next((one.lon for one in blocks.values() if one.lon is not None), 0.0)
    lat0 = next((one.lat for one in blocks.values() if one.lat is not None), 0.0)
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
        for one in blocks.values()
    ]
    left = (round_.ends_at - tx.now).total_seconds() / 60
    minutes = min(left if left >= 1 else float(round_.minutes), MINUTES_MAX)
    return Ground(
        area_code, blocks, Town(wells, round(minutes, 1)), held, len(found) <= BLOCKS_MAX
    )


@dataclass(frozen=True, slots=True)
class Question:
    """All that is read for a proposal: what is left, and who may walk there, holders first."""

    ground: Ground
    there: list[UUID]


async def question(tx: Tx, round_: Round, area_code: str) -> Question:
    """What a proposal is made from, in four statements. The arithmetic follows outside of the
    transaction (`thought`)."""
    at = await ground(tx, round_, area_code)
    return Question(at, _there(await ROSTER.get(tx), tx, round_, at))


#: One proposal at a time is thought about, beside the loop that answers everybody else.
_THINKING = ThreadPoolExecutor(1, "sweeps-split")


async def thought(make: Callable[..., T], *given: Any) -> T:
    """Work something out beside the event loop."""
    return await asyncio.get_running_loop().run_in_executor(_THINKING, partial(make, *given))


def proposed(asked: Question) -> Proposal:
    """Who would take which floors of an area so that the longest part is as short as can be. Whoever
    has doors there now stays with as many of them as the division leaves."""
    at, there = asked.ground, asked.there
    budget = Budget(TRIES, SECONDS)
    alone = solve_team(at.town, "doors", None, budget=budget, streets=False)
    holders = list(dict.fromkeys(one.worker_id for one in at.held))
    need = alone.need
    people = there[: max(len(holders), need or len(there))]
    names = [one.hex for one in people]
    made = solve_team(at.town, "doors", names, budget=budget.share(1), streets=False)
    town = replace(at.town, workers=None)
    before = check(town, _hands_now(at))
    hands = _named(at, made.hands, people)
    after = check(town, hands)
    home = solve_team(at.town, "home", None, budget=budget.share(1), streets=False)
    told = _told(at.town.minutes, alone, len(there), made)
    if home.need:
        told.append(
            said(
                "名册上要上门的有 {people} 人,由第二队走,要 {need} 人。",
                people=home.works,
                need=home.need,
            )
        )
    portions = _portions(at, hands, {one.worker: one.minutes for one in after.loads})
    return Proposal(
        at.area_code,
        at.town.minutes,
        alone.works,
        need,
        len(there),
        alone.proof,
        before.longest,
        after.longest,
        _moved(at, hands),
        portions,
        tuple(told),
        at.seen,
        at.whole,
    )


def replaced(asked: Question, worker_id: UUID) -> Proposal:
    """What is left of one person, handed to others who walk there: nobody else's door moves."""
    at = asked.ground
    there = [one for one in asked.there if one != worker_id]
    now = _hands_now(at)
    before = check(at.town, now)
    if {hand.worker for hand in now} <= {worker_id.hex}:
        # Nobody else walks here yet: whoever is nearest is asked.
        now = [*now, *(Hand(one.hex, "doors", ()) for one in there[:2])]
    made = resplit(at.town, now, [worker_id.hex])
    after = check(at.town, made.hands)
    minutes = {one.worker: one.minutes for one in after.loads}
    pieces: dict[str, list[Piece]] = {}
    for one in made.handed:
        block = at.blocks[UUID(one.run.stairwell)]
        pieces.setdefault(one.to_worker, []).append(
            Piece(
                block.id,
                block.label,
                block.area_code,
                block.kind == "road",
                one.run.bottom,
                one.run.top,
                one.doors,
                worker_id,
            )
        )
    return Proposal(
        at.area_code,
        at.town.minutes,
        sum(stop.doors for one in at.town.stairwells for stop in one.stops),
        None,
        len(there),
        False,
        before.longest,
        after.longest,
        made.doors,
        tuple(
            Portion(UUID(to), tuple(mine), sum(p.doors for p in mine), minutes.get(to, 0.0))
            for to, mine in pieces.items()
        ),
        made.sentences,
        at.seen,
        at.whole,
    )


def _there(roster: Roster, tx: Tx, round_: Round, at: Ground) -> list[UUID]:
    """Everybody who may walk there: those who have doors now, then the nearest."""
    teams = [UUID(team) for team in round_.scope.get("teams", ())]
    near: dict[UUID, int] = {}
    for block in at.blocks.values():
        found = (
            of_teams(roster, tx, teams, block.area_code)
            if teams
            else candidates(roster, tx, block.area_code, block.id)
        )
        for distance, staff in found:
            near[staff] = min(near.get(staff, distance), distance)
    holders = list(dict.fromkeys(one.worker_id for one in at.held))
    others = sorted((d, staff) for staff, d in near.items() if staff not in holders)
    return [*holders, *(staff for _, staff in others)]


def _hands_now(at: Ground) -> list[Hand]:
    """The dealing as it is, as hands: floors that several have count for whoever had them first."""
    order = {one: n for n, one in enumerate(at.blocks)}
    floors = {
        UUID(one.id): sorted((stop.floor for stop in one.stops), reverse=True)
        for one in at.town.stairwells
    }
    taken: set[tuple[UUID, int]] = set()
    runs: dict[UUID, list[tuple[int, Run]]] = {}
    for share in at.held:
        mine: list[int] = []
        for floor in [*floors[share.block_id], None]:
            free = (
                floor is not None
                and share.floor_from <= floor <= share.floor_to
                and (share.block_id, floor) not in taken
            )
            if free and floor is not None:
                taken.add((share.block_id, floor))
                mine.append(floor)
            elif mine:
                run = Run(share.block_id.hex, mine[0], mine[-1])
                runs.setdefault(share.worker_id, []).append((order[share.block_id], run))
                mine = []
    team: Team = "doors"
    holders = dict.fromkeys(one.worker_id for one in at.held)
    return [
        Hand(
            worker.hex, team, tuple(run for _, run in sorted(runs.get(worker, ()), key=_place))
        )
        for worker in holders
    ]


def _place(one: tuple[int, Run]) -> tuple[int, int]:
    return one[0], -one[1].top


def _doors_of(at: Ground) -> dict[tuple[str, int], int]:
    return {
        (one.id, stop.floor): stop.doors for one in at.town.stairwells for stop in one.stops
    }


def _owners(at: Ground) -> dict[tuple[str, int], str]:
    """Who has each floor now."""
    return {
        (run.stairwell, floor): hand.worker
        for hand in _hands_now(at)
        for run in hand.runs
        for floor in range(run.bottom, run.top + 1)
    }


def _named(at: Ground, hands: Sequence[Hand], people: Sequence[UUID]) -> list[Hand]:
    """Routes to people so that few doors change hands: the largest share in common first."""
    doors, owners = _doors_of(at), _owners(at)
    common: dict[tuple[int, str], int] = {}
    for n, hand in enumerate(hands):
        for run in hand.runs:
            for floor in range(run.bottom, run.top + 1):
                who = owners.get((run.stairwell, floor))
                if who is not None:
                    count = doors.get((run.stairwell, floor), 0)
                    common[n, who] = common.get((n, who), 0) + count
    given: dict[int, str] = {}
    free = {one.hex for one in people}
    for (n, who), _ in sorted(common.items(), key=lambda one: (-one[1], one[0])):
        if n not in given and who in free:
            given[n] = who
            free.discard(who)
    rest = iter(one.hex for one in people if one.hex in free)
    return [
        replace(hand, worker=given[n] if n in given else next(rest))
        for n, hand in enumerate(hands)
    ]


def _moved(at: Ground, hands: Sequence[Hand]) -> int:
    """Doors that another person would have."""
    doors, owners = _doors_of(at), _owners(at)
    return sum(
        doors.get((run.stairwell, floor), 0)
        for hand in hands
        for run in hand.runs
        for floor in range(run.bottom, run.top + 1)
        if owners.get((run.stairwell, floor)) != hand.worker
    )


def _portions(
    at: Ground, hands: Sequence[Hand], minutes: dict[str, float]
) -> tuple[Portion, ...]:
    doors, owners = _doors_of(at), _owners(at)
    found: list[Portion] = []
    for hand in hands:
        pieces: list[Piece] = []
        for run in hand.runs:
            block = at.blocks[UUID(run.stairwell)]
            floors = [
                floor
                for floor in range(run.bottom, run.top + 1)
                if (run.stairwell, floor) in doors
            ]
            before = {owners.get((run.stairwell, floor)) for floor in floors}
            owner = before.pop() if len(before) == 1 else None
            pieces.append(
                Piece(
                    block.id,
                    block.label,
                    block.area_code,
                    block.kind == "road",
                    run.bottom,
                    run.top,
                    sum(doors[run.stairwell, floor] for floor in floors),
                    None if owner is None else UUID(owner),
                )
            )
        found.append(
            Portion(
                UUID(hand.worker),
                tuple(pieces),
                sum(piece.doors for piece in pieces),
                minutes.get(hand.worker, 0.0),
            )
        )
    return tuple(found)


def _told(minutes: float, alone: Answer, have: int, made: Answer) -> list[Sentence]:
    """Can the clock be met, with how many, why no fewer; then what those who are planned for need."""
    if not alone.works:
        return [said("没有还没走的门。")]
    if alone.need is None:
        return [alone.sentences[0], *made.sentences[1:]]
    text = (
        "{minutes} 分钟内,{have} 人走得完 {works} 户;最少要 {need} 人。"
        if have >= alone.need
        else "{minutes} 分钟内,{have} 人走不完 {works} 户,{need} 人可以。"
    )
    first = said(text, minutes=minutes, have=have, works=alone.works, need=alone.need)
    return [first, alone.sentences[1], *made.sentences[2:]]
