"""Testing rounds: stairwells called down in waves, samples into tubes, homes for the home team.

What is kept of a person is done, not done or exempt, and which tube; never a result.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Literal, get_args
from uuid import UUID, uuid5

import msgspec

from wangge.kernel.database import Tx
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid, NotFound, Refusal
from wangge.people import ROSTER
from wangge.sweeps.acts import DEAL, DECIDE, READ, REPORT
from wangge.sweeps.commands.dealing import ToDeal, dealt, hand_out
from wangge.sweeps.events import SharesDealt, TubeFilled, WaveCalled
from wangge.sweeps.ground import HOMES_MAX, members
from wangge.sweeps.kinds import kind_as_opened
from wangge.sweeps.labels import misread
from wangge.sweeps.model import (
    NobodyElse,
    Round,
    RoundOver,
    TubeFull,
    TubeTaken,
    WaveAlreadyCalled,
    meeting,
)
from wangge.sweeps.queries import labels as label_queries
from wangge.sweeps.queries import rounds, splitting
from wangge.sweeps.queries import testing as queries
from wangge.sweeps.queries.labels import Labels
from wangge.sweeps.queries.taking import lock_blocks, walkers
from wangge.sweeps.reporting import Deed, OutcomeCode, PersonCode, Report
from wangge.sweeps.taking import take

SIZE, MINUTES = (10, 100_000), (5, 1440)
#: People in one tube, by mode; a household's tube holds the household.
Mode = Literal["single", "five", "ten", "household"]
HOLDS: dict[str, int] = {"single": 1, "five": 5, "ten": 10, "household": 60}
MODE_NAMES: dict[str, str] = {
    "single": "单采",
    "five": "5 合 1",
    "ten": "10 合 1",
    "household": "一户一管",
}
assert set(HOLDS) == set(get_args(Mode))
#: As printed on tubes: letters, digits and strokes.
CODE = re.compile(r"^[A-Z0-9][A-Z0-9-]{3,39}$")
#: Labels of one printing: twenty sheets of A4.
LABELS_MAX = 480
NUMBERS_MAX = 99_999


async def _testing(tx: Tx, round_id: UUID) -> Round:
    round_ = await rounds.round_(tx, tx.reach(READ), round_id)
    if not (await kind_as_opened(tx, round_id)).tubes:
        raise Invalid.of("round", "这一轮不是检测,没有叫号和采样。")
    return round_


async def _by_tube(tx: Tx, round_id: UUID) -> bool:
    return (await kind_as_opened(tx, round_id)).by_tube


async def plan_waves(tx: Tx, round_id: UUID, size: int, minutes: int) -> queries.Waves:
    """Number the stairwells not yet called: about `size` people a wave at each community, one
    every `minutes`. Raises NotFound, RoundOver, Invalid."""
    await _testing(tx, round_id)
    round_ = await rounds.lock(tx, tx.reach(DEAL), round_id)
    if not round_.open:
        raise RoundOver()
    if not SIZE[0] <= size <= SIZE[1]:
        raise Invalid.of("size", "每批应为 {least} 到 {most} 人。", least=SIZE[0], most=SIZE[1])
    if not MINUTES[0] <= minutes <= MINUTES[1]:
        raise Invalid.of("minutes", "间隔应为 5 到 1440 分钟。")
    last = await queries.number_waves(tx, round_id, size, minutes)
    return queries.Waves(size, minutes, last)


async def call_wave(tx: Tx, round_id: UUID, wave: int) -> int:
    """Ask a wave of stairwells to come down: those of the caller's ground. Answers how many. Raises
    NotFound, RoundOver, WaveAlreadyCalled."""
    round_ = await _testing(tx, round_id)
    if not round_.open:
        raise RoundOver()
    reach = tx.reach(DEAL)
    if not reach.areas:
        raise NotFound("这一轮清查")
    areas = await queries.call(tx, reach, round_id, wave)
    if not areas:
        raise WaveAlreadyCalled()
    tx.publish(WaveCalled(round_.id, meeting(areas), wave, len(areas)))
    return len(areas)


async def print_labels(tx: Tx, round_id: UUID, mode: Mode, count: int) -> Labels:
    """Numbers for so many labels, which no other printing of the round has. Raises NotFound,
    RoundOver, Invalid."""
    await _testing(tx, round_id)
    round_ = await rounds.lock(tx, tx.reach(DEAL), round_id)
    if not round_.open:
        raise RoundOver()
    if not 1 <= count <= LABELS_MAX:
        raise Invalid.of("count", "一次打 1 到 {most} 张。", most=LABELS_MAX)
    first = await label_queries.last_number(tx, round_id) + 1
    last = first + count - 1
    if last > NUMBERS_MAX:
        raise Invalid.of("count", "这一轮的管码已经用完({most} 个)。", most=NUMBERS_MAX)
    await label_queries.insert(tx, round_id, first, last, mode)
    (made,) = await label_queries.printed(tx, round_id, 1, first)
    return made


class Sampled(msgspec.Struct, frozen=True):
    """Somebody behind a door."""

    door: UUID
    person: UUID


class Filling(msgspec.Struct):
    """Samples that went into a tube. `code` is the tube's own; sent again with other people, they
    join those in it until it is full. `tube` is the id the phone gave it, `filled_by` whoever filled
    the paper that is typed back in."""

    round: UUID
    tube: UUID
    code: str
    mode: Mode
    people: list[Sampled]
    claimed_at: datetime | None = None
    filled_by: UUID | None = None


class Filled(msgspec.Struct, frozen=True):
    """A tube as it is now. `twice` are people who are in another tube of the round too: they
    stay in both until somebody has taken one back."""

    tube: UUID
    code: str
    samples: int
    twice: list[UUID]


async def fill(tx: Tx, body: Filling) -> Filled:
    """Link people to a tube, and report them as done at their doors. Raises NotFound (a round, a
    door or a person that is not there or not the actor's), Invalid (also whoever filled the paper
    and has no part in the round there), TubeTaken, TubeFull."""
    await _testing(tx, body.round)
    by_tube = await _by_tube(tx, body.round)
    code = body.code.strip().upper()
    if not CODE.match(code):
        raise Invalid.of("code", "管码应为 4 到 40 位字母或数字,请照着管子上的标签输入或扫码。")
    if misread(body.round, code):
        raise Invalid.of("code", "管码 {code} 抄错了,请照着标签核对,或扫码。", code=code)
    people = {one.person: one.door for one in body.people}
    if not people:
        raise Invalid.of("people", "请至少选一个人。")
    doors = await queries.doors_now(tx, body.round, sorted(set(people.values())))
    known = {door.id: door for door in doors}
    for person, door_id in people.items():
        if door_id not in known or person not in known[door_id].people:
            raise NotFound("这一户登记的人")
    if body.mode == "household" and len(known) > 1:
        raise Invalid.of("people", "一户一管只能放同一户的人。")
    await _of_the_round(tx, body, doors)
    area = meeting([door.area_code for door in doors]) or doors[0].area_code[:6]
    tube = await queries.make_tube(
        tx, body.round, body.tube, code, body.mode, area, body.claimed_at, body.filled_by
    )
    if tube.id != body.tube and (tube.by_id != tx.actor.id or tube.mode != body.mode):
        raise TubeTaken(code)
    # Whoever fills another tube at these doors waits here, and sees what this one says of them.
    doors = await _held_doors(tx, body.round, doors)
    known = {door.id: door for door in doors}
    held = {one.resident_id for one in await queries.samples(tx, tube.id)}
    fresh = {person: door for person, door in people.items() if person not in held}
    if len(held) + len(fresh) > HOLDS[body.mode]:
        raise TubeFull(code, HOLDS[body.mode], len(held))
    if fresh:
        await _report(tx, body, tube.id, fresh, known, by_tube=by_tube)
        rows = [(person, door, known[door].area_code) for person, door in fresh.items()]
        await queries.add_samples(tx, body.round, tube.id, rows)
    # Asked of the tube there is: a code typed again comes with another id from the phone.
    twice = await queries.elsewhere(tx, body.round, sorted(held | set(people)), tube.id)
    tx.publish(
        TubeFilled(
            body.round, tube.area_code, tube.id, body.mode, len(held) + len(fresh), bool(twice)
        )
    )
    return Filled(tube.id, code, len(held) + len(fresh), twice)


async def _of_the_round(tx: Tx, body: Filling, doors: Sequence[queries.DoorNow]) -> None:
    """A paper is from whoever typed it, or from somebody who walks there in this round."""
    who = body.filled_by
    if who is None or who == tx.actor.id:
        return
    walk = await walkers(tx, [who], [body.round])
    if any((who, body.round, door.area_code[:12]) not in walk for door in doors):
        raise Invalid.of("filled_by", "没有这位填表人,请从列表里选。")


async def _held_doors(
    tx: Tx, round_id: UUID, doors: Sequence[queries.DoorNow]
) -> list[queries.DoorNow]:
    """Doors as they are once nobody else can change them: two tubes filled or taken back at the
    same household at once would each judge it without the other. Tubes are locked before blocks."""
    blocks = sorted({(round_id, door.block_id) for door in doors})
    await lock_blocks(tx, blocks)
    return await queries.doors_now(tx, round_id, [door.id for door in doors])


async def _report(
    tx: Tx,
    body: Filling,
    tube_id: UUID,
    fresh: dict[UUID, UUID],
    doors: dict[UUID, queries.DoorNow],
    *,
    by_tube: bool,
) -> None:
    """A sample is a report of its door, knowing everything that was said of it before."""
    deeds: list[Deed] = []
    for door_id in sorted(set(fresh.values())):
        door = doors[door_id]
        before = _each(door, by_tube=by_tube)
        sampled: dict[UUID, PersonCode] = {
            person: "done" for person, at in fresh.items() if at == door_id
        }
        after = before | sampled
        whole = all(after.get(person) in _SETTLED for person in door.people)
        outcome: OutcomeCode | None = None
        persons: dict[UUID, PersonCode]
        if door.outcome in ("all", "exempt"):
            persons = sampled
        elif whole or door.outcome not in (None, "some"):
            # The household is complete, or nobody was met here before. An outcome is over with
            # what was said of people before it, so that all of it goes along.
            outcome, persons = "all" if whole else "some", after
        else:
            # Scanned one by one, “some” says nothing of those who are not named.
            known = _said_of(door)
            persons = {p: code for p, code in after.items() if code != known.get(p)}
        report = Report(
            round=body.round,
            door=door_id,
            block=door.block_id,
            outcome=outcome,
            how="tube",
            base=door.version,
            persons=persons,
            filled_by=body.filled_by,
        )
        id_ = uuid5(tube_id, f"{door_id}/{door.version}")
        deeds.append(Deed(id_, tx.actor, report, body.claimed_at, register=True))
    await _taken(tx, deeds)


_SETTLED: frozenset[PersonCode | None] = frozenset({"done", "exempt"})


def _said_of(door: queries.DoorNow) -> dict[UUID, PersonCode]:
    return msgspec.convert(door.persons or {}, dict[UUID, PersonCode])


def _each(door: queries.DoorNow, *, by_tube: bool) -> dict[UUID, PersonCode]:
    """What stands of everybody behind a door, person by person, as far as it is known who is
    meant: “all” names nobody, and “some” with its exceptions only those, unless done is who is in
    a tube."""
    found = _said_of(door)
    by_word = door.outcome == "all" or (
        door.outcome == "some" and not by_tube and bool(found) and "done" not in found.values()
    )
    if by_word:
        found.update({person: "done" for person in door.people if person not in found})
    return found


async def _taken(tx: Tx, deeds: Sequence[Deed]) -> None:
    for answer in await take(tx, deeds):
        if isinstance(answer, Refusal):
            raise answer


async def take_back_tube(tx: Tx, round_id: UUID, tube_id: UUID, code: str = "") -> Filled:
    """A tube was recorded wrongly: its people are not done by it any more, unless another tube
    has them. Whoever filled it may, and whoever decides conflicts. Raises NotFound."""
    await _testing(tx, round_id)
    tube = await queries.lock_tube(tx, round_id, tube_id, code.strip().upper())
    own = tube.by_id == tx.actor.id and tx.actor.may_somewhere(REPORT, tx.now)
    if not own and not tx.reach(DECIDE).covers(tube.area_code):
        raise NotFound("这个采样管")
    samples = await queries.samples(tx, tube.id)
    if tube.withdrawn_at is None:
        await queries.withdraw(tx, tube.id)
        await _undo(tx, tube, samples)
        tx.publish(TubeFilled(round_id, tube.area_code, tube.id, tube.mode, 0, False))
    return Filled(tube.id, tube.code, 0, [])


async def take_back_tubes(tx: Tx, round_id: UUID, tube_ids: Sequence[UUID]) -> list[Filled]:
    """Several tubes of the actor's own, all or none: locked before any block, and then their
    blocks, so that it waits for nobody who waits for it. Raises NotFound."""
    await _testing(tx, round_id)
    tubes = [await queries.lock_tube(tx, round_id, id_) for id_ in sorted(tube_ids)]
    held = {tube.id: await queries.samples(tx, tube.id) for tube in tubes}
    homes = sorted({one.door_id for samples in held.values() for one in samples})
    await _held_doors(tx, round_id, await queries.doors_now(tx, round_id, homes))
    return [await take_back_tube(tx, round_id, tube.id) for tube in tubes]


async def _undo(tx: Tx, tube: queries.Tube, samples: Sequence[queries.Sample]) -> None:
    homes = sorted({one.door_id for one in samples})
    doors = await queries.doors_now(tx, tube.round_id, homes)
    doors = await _held_doors(tx, tube.round_id, doors)
    people = sorted(one.resident_id for one in samples)
    others = set(await queries.elsewhere(tx, tube.round_id, people, tube.id))
    by_tube = await _by_tube(tx, tube.round_id)
    deeds: list[Deed] = []
    for door in doors:
        missing: dict[UUID, PersonCode] = {
            one.resident_id: "absent"
            for one in samples
            if one.door_id == door.id and one.resident_id not in others
        }
        if missing:
            outcome, persons = _without(door, missing, by_tube=by_tube)
            report = Report(
                round=tube.round_id,
                door=door.id,
                block=door.block_id,
                outcome=outcome,
                how="tube",
                base=door.version,
                persons=persons,
            )
            deeds.append(Deed(new_id(tx.now), tx.actor, report, register=True))
    await _taken(tx, deeds)


def _without(
    door: queries.DoorNow, missing: dict[UUID, PersonCode], *, by_tube: bool
) -> tuple[OutcomeCode | None, dict[UUID, PersonCode]]:
    """What is said of a door whose samples turned out to be somebody else's."""
    after = _each(door, by_tube=by_tube) | missing
    if door.outcome == "all":
        # Not complete any more; without an outcome of its own “all” would stand.
        return "some", after
    if door.outcome == "some" and "done" not in after.values():
        # Beside nobody who was scanned, “some” would count everybody who is not named as done.
        return None, {**{p: "absent" for p in door.people if p not in after}, **missing}
    return None, dict(missing)


async def send_home_team(tx: Tx, round_id: UUID, team_id: UUID) -> int:
    """Doors where somebody cannot come out, or that asked for a visit, and that nobody of a home team has
    yet, go to a team in one action, stairwell by stairwell, beside whoever knocks there. Answers how
    many doors. Raises NotFound, RoundOver, Invalid, NobodyElse."""
    await _testing(tx, round_id)
    round_ = await rounds.lock(tx, tx.reach(DEAL), round_id)
    if not round_.open:
        raise RoundOver()
    going = members(await ROSTER.get(tx), tx, team_id)
    if not going:
        raise NobodyElse()
    settled = sorted(code.value for code in (await kind_as_opened(tx, round_id)).settled)
    # What somebody has is left out by the statement, so that pressing again sends what is left.
    found = await splitting.home_doors(
        tx, round_id, round_.area_code, settled, HOMES_MAX, unsent=True
    )
    counts: dict[tuple[str, UUID, int], int] = {}
    for door in found:
        key = (door.area_code, door.block_id, door.floor)
        counts[key] = counts.get(key, 0) + 1
    blocks: dict[UUID, list[ToDeal]] = {}
    for (area, block_id, floor), number in counts.items():
        one = ToDeal(block_id, area, floor, floor, number)
        blocks.setdefault(block_id, []).append(one)
    # A stairwell is not climbed by two where one will do.
    whole = [
        ToDeal(id_, floors[0].area_code, 0, 0, sum(one.doors for one in floors))
        for id_, floors in blocks.items()
    ]
    who = {(one.area_code, one.block_id): [(0, member) for member in going] for one in whole}
    given = [
        (floor, member)
        for one, member in dealt(whole, who, {})
        for floor in blocks[one.block_id]
    ]
    await hand_out(tx, round_, given, "home")
    doors = sum(share.doors for share, _ in given)
    tx.publish(SharesDealt(round_.id, round_.area_code, None, len(given), doors))
    return doors
