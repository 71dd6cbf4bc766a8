"""Who takes which floors, proposed: whether the clock can be met, with how many people, and what changes
hands. The arithmetic is the solvers'; here the round's doors, lifts and people go in, and names come out.

A proposal is made when it is looked at and is nothing before a person accepts it. What is accepted is
judged once more, by the checker, over the doors as they are then.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from uuid import UUID

from wangge.solvers import Budget, Sentence, said
from wangge.solvers.split import (
    Answer,
    Hand,
    Run,
    Team,
    check,
    resplit,
    solve_team,
)
from wangge.sweeps.ground import Ground, Question

#: Orders tried while somebody waits for the page.
TRIES, SECONDS = 120, 0.8


@dataclass(frozen=True, slots=True)
class Piece:
    """Floors of a block for one person. `doors` are those left there (for the home team persons, behind
    the doors `rooms`); `from_id` has them now (None: several, or nobody)."""

    block_id: UUID
    label: str
    area_code: str
    road: bool
    floor_from: int
    floor_to: int
    doors: int
    from_id: UUID | None
    rooms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Portion:
    """One person's pieces and the minutes until the last door."""

    worker_id: UUID
    pieces: tuple[Piece, ...]
    doors: int
    minutes: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """For those who knock at every door, or for the home `team`, whose `doors` are persons. `seen` names
    what it was made from: accepted only as long as nobody was dealt anything else.
    `now_longest` is the longest part as it is dealt now, in minutes; `moved` doors change hands."""

    team: Team
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

    @property
    def everybody(self) -> set[UUID]:
        """Whoever is named in it."""
        pieces = [piece for one in self.portions for piece in one.pieces]
        return {one.worker_id for one in self.portions} | {
            piece.from_id for piece in pieces if piece.from_id is not None
        }


def proposed(asked: Question, over: Callable[[], bool] = lambda: False) -> Proposal:
    """Who would take which floors of an area so that the longest part is as short as can be. Whoever
    has doors there now stays with as many of them as the division leaves. `over`: nobody waits for
    it any more, and whatever was found is enough."""
    at, there = asked.ground, asked.there
    budget = Budget(TRIES, SECONDS, cancelled=over)
    alone = solve_team(at.town, at.team, None, budget=budget, streets=False)
    holders = list(dict.fromkeys(one.worker_id for one in at.held))
    need = alone.need
    most = len(there) if asked.all_go else max(len(holders), need or len(there))
    people = there[:most]
    names = [one.hex for one in people]
    made = solve_team(at.town, at.team, names, budget=budget.share(1), streets=False)
    town = replace(at.town, workers=None)
    before = check(town, _hands_now(at))
    hands = _named(at, made.hands, people)
    after = check(town, hands)
    told = _told(at, alone, len(there), made)
    portions = _portions(at, hands, {one.worker: one.minutes for one in after.loads})
    return Proposal(
        at.team,
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
        now = [*now, *(Hand(one.hex, at.team, ()) for one in there[:2])]
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
                _rooms(at, block.id, one.run.bottom, one.run.top),
            )
        )
    return Proposal(
        at.team,
        at.area_code,
        at.town.minutes,
        sum(_doors_of(at).values()),
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


def _hands_now(at: Ground) -> list[Hand]:
    """The dealing as it is, as hands: floors that several have count for whoever had them first."""
    order = {one: n for n, one in enumerate(at.blocks)}
    floors = {
        UUID(one.id): sorted((stop.floor for stop in one.stops), reverse=True)
        for one in at.town.stairwells
    }
    owner: dict[tuple[UUID, int], UUID] = {}
    for share in at.held:
        for floor in floors[share.block_id]:
            if share.floor_from <= floor <= share.floor_to:
                owner.setdefault((share.block_id, floor), share.worker_id)
    runs: dict[UUID, list[tuple[int, Run]]] = {}
    for block_id, here in floors.items():
        owned = [(owner.get((block_id, floor)), floor) for floor in here]
        for worker, group in groupby(owned, itemgetter(0)):
            if worker is not None:
                mine = [floor for _, floor in group]
                run = Run(block_id.hex, mine[0], mine[-1])
                runs.setdefault(worker, []).append((order[block_id], run))
    holders = dict.fromkeys(one.worker_id for one in at.held)
    return [
        Hand(
            worker.hex,
            at.team,
            tuple(run for _, run in sorted(runs.get(worker, ()), key=_place)),
        )
        for worker in holders
    ]


def _place(one: tuple[int, Run]) -> tuple[int, int]:
    return one[0], -one[1].top


def _doors_of(at: Ground) -> dict[tuple[str, int], int]:
    """Doors on each floor; for the home team persons."""
    return {
        (one.id, stop.floor): stop.special if at.team == "home" else stop.doors
        for one in at.town.stairwells
        for stop in one.stops
    }


def _rooms(at: Ground, block_id: UUID, low: int, high: int) -> tuple[str, ...]:
    """The doors that the home team goes to on some floors, from the top."""
    return tuple(
        door.room
        for (block, floor), doors in at.rooms.items()
        if block == block_id and low <= floor <= high
        for door in doors
    )


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
                    _rooms(at, block.id, run.bottom, run.top),
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


def sentences_of(at: Ground, alone: Answer, have: int) -> list[Sentence]:
    """Can the clock be met, with how many, why no fewer."""
    home = at.team == "home"
    if not alone.works:
        return [said("没有要上门的人。" if home else "没有还没走的门。")]
    if alone.need is None:
        return [alone.sentences[0]]
    if have >= alone.need:
        text = (
            "{minutes} 分钟内,{have} 人走得完 {works} 个上门的人,{need} 人就够。"
            if home
            else "{minutes} 分钟内,{have} 人走得完 {works} 户,{need} 人就够。"
        )
    else:
        text = (
            "{minutes} 分钟内,{have} 人走不完 {works} 个上门的人,{need} 人可以。"
            if home
            else "{minutes} 分钟内,{have} 人走不完 {works} 户,{need} 人可以。"
        )
    minutes = f"{at.town.minutes:g}"
    first = said(text, minutes=minutes, have=have, works=alone.works, need=alone.need)
    return [first, alone.sentences[1]]


def _told(at: Ground, alone: Answer, have: int, made: Answer) -> list[Sentence]:
    """The same, and what those who are planned for need."""
    rest = made.sentences[1 if alone.need is None else 2 :] if alone.works else ()
    return [*sentences_of(at, alone, have), *rest]
