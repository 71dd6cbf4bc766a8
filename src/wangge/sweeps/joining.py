"""People move while a round goes on, shops open and close, and the roster follows: whoever moved in
is a door more, whoever moved out is said to have, and the account still adds up.

The registers are held against the rosters of open rounds below the areas of its facts. What is on
a roster already is left alone, so that a fact read twice changes nothing, whoever reports
meanwhile: the block's row is the lock of its doors, here as in `taking`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Refusal
from wangge.places.model import LENGTHS, AreaKind
from wangge.sweeps.commands.dealing import ToDeal, deal_out, hand_out
from wangge.sweeps.events import DoorJoined, SharesDealt
from wangge.sweeps.kinds import kinds_as_opened
from wangge.sweeps.model import Outcome, meeting
from wangge.sweeps.queries import dealing as dealing_queries
from wangge.sweeps.queries import joining as queries
from wangge.sweeps.queries import roster as rounds
from wangge.sweeps.queries import stops
from wangge.sweeps.queries.joining import Arrival, Departure, Newcomer
from wangge.sweeps.queries.rounds import FrozenBlock
from wangge.sweeps.queries.taking import lock_blocks
from wangge.sweeps.reporting import Deed, OutcomeCode, PersonCode, Report
from wangge.sweeps.taking import take


@dataclass(frozen=True, slots=True)
class Followed:
    """Doors that joined, doors whose people left or came back, doors with people more."""

    joined: int
    moved: int
    more: int


async def follow(tx: Tx, areas: Sequence[str]) -> Followed:
    """Hold the registers below these areas against the rosters of open rounds. Some twelve
    statements, whatever the number of doors."""
    found = await queries.open_rounds(tx, areas)
    if not found:
        return Followed(0, 0, 0)
    open_ = [row.id for row in found]
    came = await queries.arrivals(tx, open_, areas)
    things = sorted({thing for row in found for thing in row.things})
    if things:
        came += await stops.arrivals(tx, open_, areas, things)
    left = await queries.departures(tx, open_, areas)
    more = await queries.newcomers(tx, open_, areas)
    fresh: set[queries.Key] = set()
    if came:
        wanted = sorted({(row.round_id, row.block_id, row.area_code, row.road) for row in came})
        fresh = await queries.make_blocks(tx, wanted)
    blocks = {(row.round_id, row.block_id) for row in came}
    blocks |= {(row.round_id, row.block_id) for row in left}
    blocks |= {(row.round_id, row.block_id) for row in more}
    if not blocks:
        return Followed(0, 0, 0)
    await lock_blocks(tx, sorted(blocks))
    joined = await _join(tx, came, fresh) if came else 0
    if left:
        await _leave(tx, left)
    if more:
        await _list_more(tx, more)
    here: list[Arrival | Newcomer] = [*came, *more]
    if any(row.special for row in here):
        await _send_home_team(tx, [row for row in here if row.special])
    return Followed(joined, len(left), len(more))


async def _join(tx: Tx, came: Sequence[Arrival], fresh: set[queries.Key]) -> int:
    made = await queries.insert_doors(tx, came)
    new = [row for row in came if (row.round_id, row.id) in made]
    counts: dict[queries.Key, tuple[int, int]] = {}
    for row in new:
        key = (row.round_id, row.block_id)
        doors, people = counts.get(key, (0, 0))
        counts[key] = (doors + 1, people + len(row.people))
    if counts:
        await queries.add_doors(tx, [(*key, *number) for key, number in counts.items()])
    tx.publish(*(DoorJoined(row.round_id, row.area_code, row.block_id, row.id) for row in new))
    if fresh:
        await _deal(tx, [row for row in new if (row.round_id, row.block_id) in fresh])
    return len(new)


async def _send_home_team(tx: Tx, visited: Sequence[Arrival | Newcomer]) -> None:
    """Whoever came and cannot come out is visited by the home team, where one is sent already: by
    whoever visits nearest within the community, floor by floor as it was divided. Nobody is sent to
    another community by themselves: there 分工 still proposes them."""
    round_ids = sorted({row.round_id for row in visited})
    visits = await dealing_queries.visits_of(tx, round_ids)
    if not visits:
        return
    found = {one.id: one for one in await rounds.rounds_by_id(tx, round_ids)}
    wanted = dict.fromkeys((row.round_id, row.block_id, row.floor) for row in visited)
    areas = {(row.round_id, row.block_id): row.area_code for row in visited}
    given: dict[UUID, list[tuple[ToDeal, UUID]]] = {}
    for round_id, block_id, floor in wanted:
        area = areas[round_id, block_id]
        team = [
            one
            for one in visits
            if one.round_id == round_id
            and len(meeting([one.area_code, area])) >= LENGTHS[AreaKind.COMMUNITY]
        ]
        here = [one for one in team if one.block_id == block_id]
        if not team or any(one.floor_from <= floor <= one.floor_to for one in here):
            continue
        best = min(
            here or team, key=lambda one: (-len(meeting([one.area_code, area])), one.worker_id)
        )
        share = ToDeal(block_id, area, floor, floor, 1)
        given.setdefault(round_id, []).append((share, best.worker_id))
    for round_id, shares in given.items():
        await hand_out(tx, found[round_id], shares, "home")
        tx.publish(
            SharesDealt(round_id, found[round_id].area_code, None, len(shares), len(shares))
        )


async def _deal(tx: Tx, new: Sequence[Arrival]) -> None:
    """Stairwells that had no door in the round go to whoever is nearest, as at the opening."""
    by_block: dict[queries.Key, list[Arrival]] = {}
    for row in new:
        by_block.setdefault((row.round_id, row.block_id), []).append(row)
    found = {r.id: r for r in await rounds.rounds_by_id(tx, sorted({k[0] for k in by_block}))}
    for round_id, round_ in found.items():
        blocks = [
            FrozenBlock(
                key[1],
                rows[0].area_code,
                min(row.floor for row in rows),
                max(row.floor for row in rows),
                tuple(row.id for row in rows),
            )
            for key, rows in by_block.items()
            if key[0] == round_id
        ]
        await deal_out(tx, round_, blocks)


async def _leave(tx: Tx, left: Sequence[Departure]) -> None:
    """The door is marked; where nothing final was said of it, the register says what became of
    it, and takes that back when the household turns out not to have gone."""
    await queries.set_gone(tx, left)
    rows = {(row.round_id, row.id): row for row in left}
    kinds = await kinds_as_opened(tx, sorted({row.round_id for row in left}))
    deeds: list[Deed] = []
    for door in await queries.standing(tx, list(rows)):
        row, known = rows[door.round_id, door.id], kinds[door.round_id]
        if row.back:
            if door.register_id is not None:
                deeds.append(_says(tx, door, None, undoes=door.register_id))
        elif door.outcome is None or Outcome(door.outcome) not in known.settled:
            deeds.append(_says(tx, door, "vacant" if row.was_empty else "moved"))
    await _taken(tx, deeds)


async def _list_more(tx: Tx, more: Sequence[Newcomer]) -> None:
    """Somebody more behind a door. Where it was reported already, they are said to be missing
    until somebody has seen them: that is judged and counted by who was listed before and after,
    so the rows of the doors come last."""
    rows = {(row.round_id, row.id): row for row in more}
    await queries.count_more(tx, more)
    deeds = [
        _says(
            tx,
            door,
            None,
            persons={person: "absent" for person in rows[door.round_id, door.id].residents},
        )
        for door in await queries.standing(tx, list(rows))
        if door.version
    ]
    await _taken(tx, deeds, {key: row.residents for key, row in rows.items()})
    await queries.list_more(tx, more)


def _says(
    tx: Tx,
    door: queries.Standing,
    outcome: OutcomeCode | None,
    *,
    persons: dict[UUID, PersonCode] | None = None,
    undoes: UUID | None = None,
) -> Deed:
    """What the register says of a door, knowing everything that was said of it."""
    body = Report(
        round=door.round_id,
        door=door.id,
        block=door.block_id,
        outcome=outcome,
        how="register",
        base=door.version,
        undoes=undoes,
        persons=persons or {},
    )
    return Deed(new_id(tx.now), tx.actor, body, register=True)


async def _taken(
    tx: Tx, deeds: Sequence[Deed], more: Mapping[queries.Key, tuple[UUID, ...]] | None = None
) -> None:
    if not deeds:
        return
    for answer in await take(tx, deeds, more=more or {}):
        if isinstance(answer, Refusal):
            raise answer
