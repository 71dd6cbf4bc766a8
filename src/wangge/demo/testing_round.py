"""A testing round of one grid under a declared response, half done: waves called, tubes filled,
people missed, somebody in two tubes, labels printed; and a round that comes again every week."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from uuid import UUID, uuid5

from wangge.demo.town import Town, uuid7_at
from wangge.demo.town.minting import stream
from wangge.kernel.actors import Role, system_actor
from wangge.kernel.database import Database, Tx
from wangge.kernel.moments import local
from wangge.kernel.moments import now as clock
from wangge.people import ROSTER
from wangge.people.roster import actor_of
from wangge.responses import Declaration, approve, declare
from wangge.sweeps import Deed, Opening, Report, open_round, take
from wangge.sweeps.commands.planning import Planning, make_plan
from wangge.sweeps.commands.testing import (
    HOLDS,
    Filling,
    Mode,
    Sampled,
    call_wave,
    fill,
    plan_waves,
    print_labels,
)
from wangge.sweeps.labels import code as label_code
from wangge.sweeps.model import WaveAlreadyCalled
from wangge.sweeps.queries.dealing import Walk, live_workers
from wangge.sweeps.queries.testing import doors_now
from wangge.sweeps.reporting import OutcomeCode

#: Minutes ago at which it was opened, minutes it has, people a wave, minutes between two.
BEGAN, MINUTES, WAVE, EVERY = 90, 720, 120, 20
#: Waves called so far, and tubes filled at the most: enough to look at, quick to load.
CALLED, TUBES = 3, 40
#: What became of doors of called stairwells where nobody was sampled.
_OTHERWISE: tuple[OutcomeCode, ...] = ("nobody", "nobody", "nobody", "visit", "refused", "away")
_ROUNDS = "select count(*) from sweeps_round where id = :id"
_LABELS = "select count(*) from sweeps_label where round_id = :id"
#: Share of the doors of called stairwells where everybody, or somebody, was sampled.
_WHOLE, _PART = 0.7, 0.12


async def happen(database: Database, town: Town, seed: int, login: str) -> None:
    """Declare, open, call and fill, in the grid of whoever has that login. Running it again adds
    nothing."""
    random = stream(seed, town.plan.streets[0].code, "testing")
    round_id = uuid5(UUID(int=seed), "testing")
    began = clock() - timedelta(minutes=BEGAN)
    async with database.tx(system_actor(database.schema), now=began) as tx:
        grid = await _grid_of(tx, login)
        if grid is None:
            return
        if not await tx.one(int, _ROUNDS, id=round_id):
            await _declared(tx, grid)
            await open_round(
                tx, Opening(kind="testing", areas=[grid], minutes=MINUTES), round_id=round_id
            )
            await plan_waves(tx, round_id, WAVE, EVERY)
        walks = await live_workers(tx, round_id)
    for wave in range(1, CALLED + 1):
        moment = began + timedelta(minutes=10 + EVERY * (wave - 1))
        with suppress(WaveAlreadyCalled):  # or there are fewer
            async with database.tx(system_actor(database.schema), now=moment) as tx:
                await call_wave(tx, round_id, wave)
    async with database.tx(system_actor(database.schema), now=clock()) as tx:
        if await tx.one(int, _LABELS, id=round_id):
            return
        officers = (await ROSTER.get(tx)).holders(Role.COMMUNITY_OFFICER, grid, tx.now)
        if officers:
            tx.actor = await actor_of(tx, officers[0])
        await print_labels(tx, round_id, "ten", TUBES * 2)
        tx.actor = system_actor(database.schema)
        await _sample(tx, random, round_id, walks)
        if officers:
            tx.actor = await actor_of(tx, officers[0])
        await _again(tx, grid[:12])


async def _grid_of(tx: Tx, login: str) -> str | None:
    staff = await tx.maybe(
        UUID, "select id from access_account where login = :login", login=login
    )
    posts = (await ROSTER.get(tx)).posts_of(staff) if staff else ()
    return next((post.area_code[:15] for post in posts if len(post.area_code) >= 15), None)


async def _declared(tx: Tx, grid: str) -> None:
    """Declared by one officer and approved by another, as a real one."""
    roster = await ROSTER.get(tx)
    street = roster.holders(Role.STREET_OFFICER, grid[:9], tx.now)
    district = roster.holders(Role.DISTRICT_OFFICER, grid[:6], tx.now)
    system, tx.actor = tx.actor, await actor_of(tx, street[0])
    made = await declare(
        tx,
        Declaration(
            matter="聚集性发热(演练)",
            level=4,
            area_code=grid,
            starts_at=tx.now,
            ends_at=tx.now + timedelta(days=3),
            purpose="查清有没有续发,安排就医",
            legal_basis="突发事件应对法第七十三条",
            measures="一个网格内全员采样,行动不便的上门",
            document_number="示应急〔演练〕1号",
            data_items=["name", "phone", "address", "needs", "symptoms", "contacts"],
        ),
    )
    tx.actor = await actor_of(tx, district[0])
    await approve(tx, made.id)
    tx.actor = system


async def _sample(tx: Tx, random: Random, round_id: UUID, walks: Sequence[Walk]) -> None:
    """Fill tubes stairwell by stairwell, as those who walk them do; the rest is reported or missed."""
    called = set(
        await tx.many(
            UUID,
            "select id from sweeps_block where round_id = :id and called_at is not null",
            id=round_id,
        )
    )
    number = 0
    twice: tuple[UUID, Sampled] | None = None
    system = tx.actor
    for walk in walks:
        if walk.block_id not in called or number >= TUBES:
            continue
        tx.actor = await actor_of(tx, walk.worker_id)
        doors = await doors_now(tx, round_id, walk.doors)
        waiting: list[Sampled] = []
        deeds: list[Deed] = []
        for door in doors:
            dice = random.random()
            if door.people and dice < _WHOLE:
                waiting += [Sampled(door.id, person) for person in door.people]
            elif len(door.people) > 1 and dice < _WHOLE + _PART:
                waiting.append(Sampled(door.id, door.people[0]))
            elif door.people and dice < 0.95:
                outcome = random.choice(_OTHERWISE)
                said = clock() - timedelta(minutes=random.uniform(1, BEGAN - 15))
                report = Report(
                    round=round_id, door=door.id, block=door.block_id, outcome=outcome
                )
                id_ = uuid7_at(int(said.timestamp() * 1000), random)
                deeds.append(Deed(id_, tx.actor, report, said))
        await take(tx, deeds)
        for at in range(0, len(waiting), HOLDS["ten"]):
            number += 1
            group = waiting[at : at + HOLDS["ten"]]
            await _tube(tx, random, round_id, label_code(round_id, number), "ten", group)
            twice = twice or (walk.worker_id, group[0])
    if twice is not None:
        number += 1
        tx.actor, one = await actor_of(tx, twice[0]), [twice[1]]
        await _tube(tx, random, round_id, label_code(round_id, number), "single", one)
    tx.actor = system


async def _tube(
    tx: Tx, random: Random, round_id: UUID, code: str, mode: Mode, people: list[Sampled]
) -> None:
    at: datetime = clock() - timedelta(minutes=random.uniform(1, BEGAN - 15))
    id_ = uuid7_at(int(at.timestamp() * 1000), random)
    await fill(tx, Filling(round_id, id_, code, mode, people, at))


async def _again(tx: Tx, community: str) -> None:
    """三个探望 every Monday at nine."""
    today = local(tx.now)
    monday = today + timedelta(days=7 - today.weekday())
    await make_plan(
        tx,
        Planning(
            kind="visit",
            areas=[community],
            title="每周探望",
            every_days=7,
            workdays=True,
            starts_at=monday.replace(hour=9, minute=0, second=0, microsecond=0),
        ),
    )
