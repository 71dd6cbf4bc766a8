"""Before a round is opened: whether the people who are there can walk its doors in the time, with the
proof or the gap, and who would take which floors. Nothing is kept of it; who accepts it sends it along
with the opening."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import ParamSpec, TypeVar
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.moments import new_id
from wangge.people import ROSTER
from wangge.people.roster import Roster
from wangge.places import ATLAS, Atlas
from wangge.solvers import Budget, Sentence
from wangge.solvers.split import Stop, solve_team
from wangge.sweeps.commands.dealing import ToDeal, dealt, walkers
from wangge.sweeps.commands.opening import Opening, checked, within_reach
from wangge.sweeps.ground import BLOCKS_MAX, Ground, Question, thought, town_of
from wangge.sweeps.kinds import open_kind
from wangge.sweeps.model import Doors, Kind
from wangge.sweeps.queries import foreseen as queries
from wangge.sweeps.queries.foreseen import Entrance, FloorAhead
from wangge.sweeps.queries.splitting import Held, SplitBlock
from wangge.sweeps.splitting import Proposal, proposed, sentences_of

#: Floors and stairwells looked at before an opening: a street of 50,000 households.
FLOORS_MAX, STAIRWELLS_MAX = 30_000, 4_000
P = ParamSpec("P")
T = TypeVar("T")
#: Seconds of thinking for a scope of many communities, and orders tried for each.
SECONDS, TRIES = 3.0, 24


@dataclass(frozen=True, slots=True)
class Enough:
    """One community of a larger scope: doors, who may walk there, the fewest that the clock takes
    (None: no number of people makes it), the sentences that say so."""

    area_code: str
    doors: int
    have: int
    need: int | None
    sentences: tuple[Sentence, ...]

    @property
    def short(self) -> int:
        """People missing."""
        return 0 if self.need is None else max(0, self.need - self.have)


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is asked before an opening. `questions` puts it together, one for each community, none where
    nothing is to be walked: work for a thread. `too_large`: it is asked once the round is open."""

    kind: Kind
    questions: Callable[[], tuple[Question, ...]]
    minutes: float
    too_large: bool = False


@dataclass(frozen=True, slots=True)
class Foreseen:
    """For a scope of one community the proposal; for more, each with its numbers, those that lack most
    people first."""

    proposal: Proposal | None = None
    parts: tuple[Enough, ...] = ()
    too_large: bool = False


async def ahead(tx: Tx, opening: Opening) -> Ahead:
    """Floors, stairwells and people of a round that is not open yet: six statements. Raises what
    the opening would, but for what only its roster tells."""
    kind = await open_kind(tx, opening.kind)
    await within_reach(tx, opening.areas)
    scope = await checked(tx, opening, kind)
    minutes = float(opening.minutes or kind.minutes)
    most = FLOORS_MAX + 1
    if kind.stops:
        floors = await queries.floors_of_things(
            tx, areas=opening.areas, things=scope["things"], most=most
        )
    else:
        doors = Doors(scope["doors"])
        floors = await queries.floors_of_homes(
            tx,
            areas=opening.areas,
            lived=doors is not Doors.EMPTY,
            empty=doors is not Doors.LIVED,
            wanted=scope["tags"],
            units=opening.units,
            roads=not kind.tubes,
            most=most,
        )
    units = list(dict.fromkeys(one.block_id for one in floors if one.road is None))
    if len(floors) > FLOORS_MAX or len(units) > STAIRWELLS_MAX:
        return Ahead(kind, tuple[Question, ...], minutes, too_large=True)
    known = {one.id: one for one in await queries.entrances(tx, units)} if units else {}
    roster, atlas = await ROSTER.get(tx), await ATLAS.get(tx)
    make = partial(_questions, tx, roster, atlas, opening.teams, floors, known, minutes)
    return Ahead(kind, make, minutes)


def _questions(
    tx: Tx,
    roster: Roster,
    atlas: Atlas,
    teams: Sequence[UUID],
    floors: Sequence[FloorAhead],
    known: dict[UUID, Entrance],
    minutes: float,
) -> tuple[Question, ...]:
    """One for each community. Of the transaction only its moment is asked."""
    by_area: dict[str, dict[UUID, list[FloorAhead]]] = {}
    for one in floors:
        blocks = by_area.setdefault(one.area_code[:12], {})
        blocks.setdefault(one.block_id, []).append(one)
    found: list[Question] = []
    for code, blocks in by_area.items():
        split = [_block(rows, known, atlas.name(rows[0].area_code)) for rows in blocks.values()]
        stops = {
            id_: [Stop(row.floor, row.doors) for row in rows] for id_, rows in blocks.items()
        }
        town = town_of(split, stops, minutes)
        shares = [
            ToDeal(
                one.id,
                one.area_code,
                one.floor_from,
                one.floor_to,
                sum(stop.doors for stop in stops[one.id]),
            )
            for one in split
        ]
        who = {
            (one.area_code, one.block_id): walkers(
                roster, tx, teams, one.area_code, one.block_id
            )
            for one in shares
        }
        held = [
            Held(new_id(tx.now), share.block_id, worker, share.floor_from, share.floor_to)
            for share, worker in dealt(shares, who, {})
        ]
        there = dict.fromkeys(one.worker_id for one in held)
        others = sorted({pair for pairs in who.values() for pair in pairs})
        there |= dict.fromkeys(staff for _, staff in others)
        ground = Ground(
            code, {one.id: one for one in split}, town, held, len(split) <= BLOCKS_MAX
        )
        found.append(Question(ground, list(there)))
    return tuple(found)


def _block(rows: Sequence[FloorAhead], known: dict[UUID, Entrance], area: str) -> SplitBlock:
    first = rows[0]
    low, high = min(row.floor for row in rows), max(row.floor for row in rows)
    at = known.get(first.block_id)
    if at is None:
        label = f"{area} {first.road}"
        return SplitBlock(
            first.block_id, first.area_code, "road", label, False, None, None, None, low, high
        )
    return SplitBlock(
        at.id,
        first.area_code,
        "unit",
        at.label,
        at.lift,
        at.building_id,
        at.lon,
        at.lat,
        low,
        high,
    )


class Superseded(Exception):
    """The same person asked anew meanwhile: nobody waits for this answer any more."""


#: Whom somebody waits for now: the same person's next question ends the one before.
_asking: dict[UUID, Event] = {}


async def foresee(asked: Ahead, who: UUID) -> Foreseen:
    """Work it out, outside of the transaction. Raises Superseded; a street takes seconds of one
    thread, and whoever ticks a form asks after every tick."""
    if asked.too_large:
        return Foreseen(too_large=True)
    over = Event()
    before, _asking[who] = _asking.get(who), over
    if before is not None:
        before.set()
    try:
        return await _foreseen(asked, over)
    finally:
        # Also where the asker hung up: the thread is free for the next at once.
        over.set()
        if _asking.get(who) is over:
            del _asking[who]


async def _foreseen(asked: Ahead, over: Event) -> Foreseen:
    match await thought(_unless(over, asked.questions)):
        case ():
            return Foreseen()
        case (one,) if one.ground.whole:
            return Foreseen(await thought(_unless(over, proposed), one, over.is_set))
        case many:
            return Foreseen(parts=await thought(_counted, many, over))


def _unless(over: Event, make: Callable[P, T]) -> Callable[P, T]:
    """The same, when it is begun while somebody still waits for it."""

    def begun(*given: P.args, **named: P.kwargs) -> T:
        if over.is_set():
            raise Superseded()
        return make(*given, **named)

    return begun


def _counted(questions: Sequence[Question], over: Event) -> tuple[Enough, ...]:
    found: list[Enough] = []
    for one in questions:
        if over.is_set():
            raise Superseded()
        budget = Budget(TRIES, SECONDS / len(questions), cancelled=over.is_set)
        alone = solve_team(one.ground.town, "doors", None, budget=budget, streets=False)
        have = len(one.there)
        told = sentences_of(one.ground, alone, have)
        found.append(Enough(one.ground.area_code, alone.works, have, alone.need, tuple(told)))
    return tuple(
        sorted(found, key=lambda one: (one.need is not None, -one.short, one.area_code))
    )
