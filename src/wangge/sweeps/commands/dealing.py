"""Who walks which stairwell: dealt at the opening, dealt again when somebody drops out.

A share is a run of floors of one block. The nearest post gets it: whoever has the stairwell
itself, then the grid's own people; among equals whoever has fewer doors. Nothing is overwritten:
a share that ends keeps its time, and whoever had it may still send what was done.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.actors import Role
from wangge.kernel.database import Tx
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid, NotFound
from wangge.people import ROSTER
from wangge.people.roster import Roster
from wangge.sweeps.acts import DEAL
from wangge.sweeps.events import SharesDealt
from wangge.sweeps.model import NobodyElse, Round, RoundOver
from wangge.sweeps.queries import dealing as queries
from wangge.sweeps.queries import rounds, splitting
from wangge.sweeps.queries.rounds import FrozenBlock

#: Who walks, nearest first. Officers of a community walk when nobody else is there.
WALKERS: tuple[Role, ...] = (
    Role.PART_TIME_WORKER,
    Role.GRID_WORKER,
    Role.VOLUNTEER,
    Role.SOCIAL_WORKER,
    Role.GRID_HEAD,
    Role.COMMUNITY_OFFICER,
)
#: Teams that are made for walking.
TEAMS = ("sweep", "self_governing")


@dataclass(frozen=True, slots=True)
class ToDeal:
    """Doors to be dealt: a run of floors of a block, and how many doors are left on it."""

    block_id: UUID
    area_code: str
    floor_from: int
    floor_to: int
    doors: int


def candidates(roster: Roster, tx: Tx, area_code: str, unit_id: UUID) -> list[tuple[int, UUID]]:
    """(distance, staff) of everybody who may walk a stairwell; 0 is its own head."""
    found: dict[UUID, int] = {}
    for post in roster_posts(roster, tx, area_code, unit_id):
        found.setdefault(post[1], post[0])
    return sorted((distance, staff) for staff, distance in found.items())


def roster_posts(
    roster: Roster, tx: Tx, area_code: str, unit_id: UUID
) -> Iterable[tuple[int, UUID]]:
    """Posts that cover a stairwell, by how near they are."""
    for place, role in enumerate(WALKERS, 1):
        for staff in roster.holders(role, area_code, tx.now, unit_id=unit_id):
            own = any(
                unit_id in post.unit_ids and post.live(tx.now)
                for post in roster.posts_of(staff)
            )
            deep = max(
                (
                    len(post.area_code)
                    for post in roster.posts_of(staff)
                    if post.role is role
                    and post.live(tx.now)
                    and area_code.startswith(post.area_code)
                ),
                default=0,
            )
            yield (0 if own else 100 * (18 - deep) + place), staff
    for kind in TEAMS:
        for team in roster.teams(kind, area_code, tx.now):
            for member in roster.members(team.id):
                yield 50 + 100 * (18 - len(team.area_code)), member.staff_id


def of_teams(
    roster: Roster, tx: Tx, teams: Sequence[UUID], area_code: str
) -> list[tuple[int, UUID]]:
    """(distance, staff) of the members of chosen teams: those of the smallest ground around a
    stairwell first; where none has it, all of them."""
    found: dict[UUID, int] = {}
    for team_id in teams:
        team = roster.team(team_id)
        if team is None or not team.live(tx.now):
            continue
        near = area_code.startswith(team.area_code)
        distance = 100 * (18 - len(team.area_code)) if near else 100_000
        for member in roster.members(team_id):
            found[member.staff_id] = min(found.get(member.staff_id, distance), distance)
    return sorted((distance, staff) for staff, distance in found.items())


def walkers(
    roster: Roster, tx: Tx, teams: Sequence[UUID], area_code: str, block_id: UUID
) -> list[tuple[int, UUID]]:
    """(distance, staff) of everybody whom a block may be dealt to."""
    if teams:
        return of_teams(roster, tx, teams, area_code)
    return candidates(roster, tx, area_code, block_id)


def dealt(
    shares: Sequence[ToDeal],
    who: dict[tuple[str, UUID], list[tuple[int, UUID]]],
    load: dict[UUID, int],
) -> list[tuple[ToDeal, UUID]]:
    """Each share to one of its candidates: the nearest distance, then whoever has fewer doors.
    `load` counts doors already held, and is added to."""
    found: list[tuple[ToDeal, UUID]] = []
    for share in sorted(shares, key=lambda s: (s.area_code, s.block_id, s.floor_from)):
        near = who.get((share.area_code, share.block_id), [])
        if not near:
            continue
        least = near[0][0]
        chosen = min(
            (staff for distance, staff in near if distance // 100 == least // 100),
            key=lambda staff: (load.get(staff, 0), staff),
        )
        load[chosen] = load.get(chosen, 0) + share.doors
        found.append((share, chosen))
    return found


def nearest(
    roster: Roster,
    tx: Tx,
    teams: Sequence[UUID],
    shares: Sequence[ToDeal],
    load: dict[UUID, int],
) -> list[tuple[ToDeal, UUID]]:
    """Shares to the nearest of those who may walk there, as a round is dealt when nobody decides
    otherwise."""
    who = {
        (s.area_code, s.block_id): walkers(roster, tx, teams, s.area_code, s.block_id)
        for s in shares
    }
    return dealt(shares, who, load)


async def deal_out(
    tx: Tx,
    round_: Round,
    blocks: Sequence[FrozenBlock],
    given: Sequence[tuple[ToDeal, UUID]] = (),
) -> int:
    """The first dealing: blocks of which somebody decided (`given`) as they were given, the others to
    whoever is nearest. Blocks for which nobody is there stay open to whoever reaches them, and the
    board says so. Answers how many were dealt."""
    named = {share.block_id for share, _ in given}
    shares = [
        ToDeal(b.id, b.area_code, b.floor_from, b.floor_to, len(b.doors))
        for b in blocks
        if b.id not in named
    ]
    teams = [UUID(team) for team in round_.scope.get("teams", ())]
    load: dict[UUID, int] = {}
    for share, worker in given:
        load[worker] = load.get(worker, 0) + share.doors
    found = [*given, *nearest(await ROSTER.get(tx), tx, teams, shares, load)]
    await hand_out(tx, round_, found)
    tx.publish(
        SharesDealt(
            round_.id, round_.area_code, None, len(found), sum(s.doors for s, _ in found)
        )
    )
    return len(found)


async def hand_out(
    tx: Tx, round_: Round, found: Sequence[tuple[ToDeal, UUID]], team: str = "doors"
) -> None:
    """Write shares, each with whoever has it from now on: to knock at every door, or (`home`) to visit
    those who are visited at home."""
    await queries.insert(
        tx,
        [
            queries.ShareRow(
                new_id(tx.now),
                round_.id,
                share.block_id,
                worker,
                share.floor_from,
                share.floor_to,
                team,
            )
            for share, worker in found
        ],
    )


async def redeal(
    tx: Tx, round_id: UUID, from_id: UUID, to: Sequence[UUID] = ()
) -> list[tuple[ToDeal, UUID]]:
    """What is left of one worker goes to others, in one action: to those named, else to whoever is
    nearest. Doors already reported stay as they are. Raises NotFound, RoundOver, NobodyElse."""
    round_ = await rounds.lock(tx, tx.reach(DEAL), round_id)
    if not round_.open:
        raise RoundOver()
    all_held = await queries.live_shares(tx, round_id, from_id)
    if not all_held:
        raise NotFound("这个人的楼道")
    held = [share for share in all_held if share.team == "doors"]
    left = await queries.left_by_floor(tx, round_id, [share.block_id for share in held])
    shares = [
        ToDeal(
            share.block_id,
            share.area_code,
            share.floor_from,
            share.floor_to,
            sum(
                row.doors
                for row in left
                if row.block_id == share.block_id
                and share.floor_from <= row.floor <= share.floor_to
            ),
        )
        for share in held
    ]
    load = {row.worker_id: row.doors for row in await queries.loads(tx, round_id)}
    load.pop(from_id, None)
    roster = await ROSTER.get(tx)
    named = [staff for staff in to if staff != from_id]
    who: dict[tuple[str, UUID], list[tuple[int, UUID]]] = {}
    for share in shares:
        near = [
            (distance, staff)
            for distance, staff in candidates(roster, tx, share.area_code, share.block_id)
            if staff != from_id
        ]
        who[share.area_code, share.block_id] = [(0, staff) for staff in named] or near
    # Floors where nothing is left go along: somebody may have to come back to them.
    split = [
        part
        for share in shares
        for part in (_parts(share, left, who) if share.doors else [share])
    ]
    if any(not who[s.area_code, s.block_id] for s in shares if s.doors):
        raise NobodyElse()
    visits = [share for share in all_held if share.team == "home"]
    visited = await _visits_to_others(tx, round_, visits, from_id, named) if visits else []
    found = dealt(split, who, load)
    taken = {share.block_id for share, _ in found}
    ended = [share.id for share in held if share.block_id in taken]
    await queries.end_shares(tx, [*ended, *(share.id for share in visits)])
    await hand_out(tx, round_, found)
    await hand_out(tx, round_, visited, "home")
    found += visited
    tx.publish(
        SharesDealt(
            round_.id, round_.area_code, from_id, len(found), sum(s.doors for s, _ in found)
        )
    )
    return found


async def _visits_to_others(
    tx: Tx,
    round_: Round,
    visits: Sequence[queries.LiveShare],
    from_id: UUID,
    named: Sequence[UUID],
) -> list[tuple[ToDeal, UUID]]:
    """Visits at home of one person to the others of the home team, else to whoever is nearest. Raises
    NobodyElse."""
    roster = await ROSTER.get(tx)
    held = await splitting.held(tx, round_.id, round_.area_code, "home")
    team = named or dict.fromkeys(one.worker_id for one in held if one.worker_id != from_id)
    shares = [ToDeal(v.block_id, v.area_code, v.floor_from, v.floor_to, 1) for v in visits]
    who = {
        (share.area_code, share.block_id): [(0, staff) for staff in team]
        or [
            (distance, staff)
            for distance, staff in candidates(roster, tx, share.area_code, share.block_id)
            if staff != from_id
        ]
        for share in shares
    }
    if not all(who.values()):
        raise NobodyElse()
    return dealt(shares, who, {})


#: Doors left from which a stairwell is worth two pairs of legs.
SPLIT_FROM = 16


def _parts(
    share: ToDeal,
    left: Sequence["queries.LeftRow"],
    who: dict[tuple[str, UUID], list[tuple[int, UUID]]],
) -> list[ToDeal]:
    """A share with many doors left in two runs of floors, when there are two to walk them."""
    near = who[share.area_code, share.block_id]
    if share.doors < SPLIT_FROM or len(near) < 2 or share.floor_from == share.floor_to:
        return [share]
    floors = sorted(
        (row.floor, row.doors)
        for row in left
        if row.block_id == share.block_id and share.floor_from <= row.floor <= share.floor_to
    )
    half, seen = share.doors / 2, 0
    for floor, doors in floors:
        seen += doors
        if seen >= half and floor < share.floor_to:
            return [
                ToDeal(share.block_id, share.area_code, share.floor_from, floor, seen),
                ToDeal(
                    share.block_id,
                    share.area_code,
                    floor + 1,
                    share.floor_to,
                    share.doors - seen,
                ),
            ]
    return [share]


async def give(
    tx: Tx,
    round_id: UUID,
    block_id: UUID,
    worker_id: UUID,
    floors: tuple[int, int] | None = None,
) -> None:
    """One stairwell, or some of its floors, to somebody, beside those who have it already. Raises
    NotFound, Invalid, RoundOver."""
    round_ = await rounds.lock(tx, tx.reach(DEAL), round_id)
    if not round_.open:
        raise RoundOver()
    block = await queries.block(tx, round_id, block_id)
    roster = await ROSTER.get(tx)
    staff = roster.staff(worker_id)
    if staff is None or not staff.active:
        raise NotFound("这个人")
    low, high = floors or (block.floor_from, block.floor_to)
    if low > high:
        raise Invalid.of("floors", "起始楼层不能高于结束楼层。")
    share = ToDeal(block_id, block.area_code, low, high, block.doors)
    await hand_out(tx, round_, [(share, worker_id)])
    tx.publish(SharesDealt(round_.id, round_.area_code, None, 1, block.doors))


async def take_back(tx: Tx, round_id: UUID, block_id: UUID, worker_id: UUID) -> None:
    """Somebody is sent home from one stairwell. Raises NotFound, RoundOver."""
    round_ = await rounds.lock(tx, tx.reach(DEAL), round_id)
    if not round_.open:
        raise RoundOver()
    held = [
        s for s in await queries.live_shares(tx, round_id, worker_id) if s.block_id == block_id
    ]
    if not held:
        raise NotFound("这个人的楼道")
    await queries.end_shares(tx, [share.id for share in held])
    tx.publish(SharesDealt(round_.id, round_.area_code, worker_id, 0, 0))
