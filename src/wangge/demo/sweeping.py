"""A household check of the first community, half done: what the wall and the board show at once; and
its small premises, looked at for the second time, each from what was found the first time."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random
from uuid import UUID, uuid5

from wangge.demo.town import Town, uuid7_at
from wangge.demo.town.minting import stream
from wangge.kernel.actors import Actor, Role, system_actor
from wangge.kernel.database import Database, Tx
from wangge.kernel.moments import now as clock
from wangge.people import ROSTER
from wangge.sweeps import Deed, Opening, Report, close_round, open_round, take
from wangge.sweeps.commands.dealing import give
from wangge.sweeps.commands.kinds import ButtonBody, SaveKind, save_kind
from wangge.sweeps.kinds import KINDS
from wangge.sweeps.queries.dealing import live_workers
from wangge.sweeps.reporting import OutcomeCode

#: Minutes ago at which it was opened, and minutes it has.
BEGAN, MINUTES = 12, 240
#: Share of the stairwells that have not begun, and of doors reported in the others.
UNSTARTED, REPORTED = 0.25, 0.65
#: Whoever looks at a phone finds something to do on it: the stairwell of `stairwell`, which
#: `worker` walks too, with only this share of its doors reported.
LOOKED_AT, LEFT_TO_TRY = ("stairwell", "worker"), 0.3
_SHARES: dict[OutcomeCode, int] = {"all": 78, "nobody": 10, "some": 5, "away": 4, "refused": 3}
_OUTCOMES: tuple[OutcomeCode, ...] = tuple(
    code for code, share in _SHARES.items() for _ in range(share)
)


@dataclass(frozen=True, slots=True)
class _Account:
    id: UUID
    login: str


async def sweep(database: Database, town: Town, seed: int) -> None:
    """Open it and report half of its doors. Running it again adds nothing."""
    code = town.plan.streets[0].communities[0].code
    moment = clock() - timedelta(minutes=BEGAN)
    random = stream(seed, code, "sweep")
    round_id = uuid5(UUID(int=seed), f"sweep/{code}")
    async with database.tx(system_actor(database.schema), now=moment) as tx:
        opened = "select count(*) from sweeps_round where id = :id"
        if not await tx.one(int, opened, id=round_id):
            officers = (await ROSTER.get(tx)).holders(Role.COMMUNITY_OFFICER, code, tx.now)
            if officers:
                grants = (await ROSTER.get(tx)).grants(officers[0], tx.now)
                tx.actor = Actor(officers[0], "staff", database.schema, grants)
            opening = Opening(kind="check", areas=[code], minutes=MINUTES)
            await open_round(tx, opening, round_id=round_id)
            head, other = await _looked_at(tx)
            for walk in await live_workers(tx, round_id):
                if walk.worker_id == head and other is not None:
                    await give(tx, round_id, walk.block_id, other)
    async with database.tx(system_actor(database.schema), now=clock()) as tx:
        if "dogs" not in await KINDS.get(tx):
            await save_kind(tx, _dogs())
    async with database.tx(system_actor(database.schema), now=clock()) as tx:
        reported = "select count(*) from sweeps_report where round_id = :id"
        if await tx.one(int, reported, id=round_id):
            return
        deeds: list[Deed] = []
        head, other = await _looked_at(tx)
        for worker in await live_workers(tx, round_id):
            if worker.worker_id == other:
                continue
            unstarted = random.random() < UNSTARTED
            if unstarted and worker.worker_id != head:
                continue
            share = LEFT_TO_TRY if worker.worker_id == head else REPORTED
            grants = (await ROSTER.get(tx)).grants(worker.worker_id, tx.now)
            by = Actor(worker.worker_id, "staff", database.schema, grants)
            deeds += [
                _deed(random, by, round_id, worker.block_id, door)
                for door in worker.doors
                if random.random() < share
            ]
        await take(tx, deeds)


#: When the small premises were looked at the first time, and when the second round began.
_FIRST, _SECOND = timedelta(days=3), timedelta(hours=2)


async def premises(database: Database, town: Town, seed: int) -> None:
    """A round over shops and hotels that is over, and the next that begins from its answers, with
    some of its stops done; after the registers were filled. Running it again adds nothing."""
    code = town.plan.streets[0].communities[0].code
    random = stream(seed, code, "premises")
    first = uuid5(UUID(int=seed), f"premises/{code}")
    second = uuid5(first, "again")
    async with database.tx(system_actor(database.schema), now=clock() - _FIRST) as tx:
        if await tx.one(
            int, "select count(*) from sweeps_round where id = :id", id=first
        ) or not await tx.one(
            int,
            "select count(*) from registers_thing"
            " where kind in ('shop', 'hotel') and starts_with(area_code, :code)",
            code=code,
        ):
            return
        await open_round(tx, Opening(kind="premises", areas=[code]), round_id=first)
        await _look(tx, random, first, 1.0)
    async with database.tx(system_actor(database.schema), now=clock() - _SECOND) as tx:
        await close_round(tx, first)
        await open_round(
            tx, Opening(kind="premises", areas=[code], after=first), round_id=second
        )
        _, other = await _looked_at(tx)
        if other is not None:
            for walk in await live_workers(tx, second):
                await give(tx, second, walk.block_id, other)
        await _look(tx, random, second, 0.4)


async def _look(tx: Tx, random: Random, round_id: UUID, share: float) -> None:
    """Somebody goes in, looks round and answers."""
    deeds: list[Deed] = []
    for worker in await live_workers(tx, round_id):
        grants = (await ROSTER.get(tx)).grants(worker.worker_id, tx.now)
        by = Actor(worker.worker_id, "staff", tx.actor.district, grants)
        for door in worker.doors:
            if random.random() >= share or door in {deed.body.door for deed in deeds}:
                continue
            outcome: OutcomeCode = random.choice(
                ("all", "all", "all", "some", "visit", "nobody")
            )
            answers: dict[str, str | int | float | bool] = {}
            if outcome != "nobody":
                answers = {
                    "exits": outcome != "visit",
                    "extinguishers": "expired" if outcome == "some" else "good",
                    "living": False,
                    "gas": random.choice(("no_gas", "works")),
                }
            body = Report(
                round=round_id,
                door=door,
                block=worker.block_id,
                outcome=outcome,
                answers=answers,
            )
            said = uuid7_at(int(tx.now.timestamp() * 1000), random)
            deeds.append(Deed(said, by, body, tx.now))
    await take(tx, deeds)


def _dogs() -> SaveKind:
    """A kind of a district's own, with questions of every sort: 养犬登记."""
    return SaveKind(
        code="dogs",
        version=0,
        name="养犬登记",
        minutes=60 * 24 * 7,
        buttons=[
            ButtonBody("all", "登记好", True),
            ButtonBody("nobody", "没人"),
            ButtonBody("refused", "不配合"),
            ButtonBody("vacant", "空置", True),
        ],
        questions=[
            {"key": "dogs", "words": "家里养狗吗", "words_en": "Any dogs?", "kind": "bool"}
            | {"required": True},
            {"key": "count", "words": "养了几条", "words_en": "How many?", "kind": "number"}
            | {"when": "${dogs} = 'yes'", "required": True}
            | {"must": ". >= 1 and . <= 20", "must_words": "1 到 20 条"}
            | {"must_words_en": "1 to 20"},
            {"key": "shots", "words": "打过狂犬疫苗吗", "words_en": "Vaccinated?"}
            | {"kind": "choice", "when": "${dogs} = 'yes'"}
            | {
                "choices": [
                    {"code": "all", "words": "都打了", "words_en": "all"},
                    {"code": "some", "words": "有的没打", "words_en": "not all"},
                    {"code": "unknown", "words": "说不清", "words_en": "not known"},
                ]
            },
            {"key": "last", "words": "最近一针是哪天", "words_en": "Last shot"}
            | {"kind": "date", "when": "${shots} = 'all'"}
            | {"must": ". <= today()", "must_words": "不能晚于今天"}
            | {"must_words_en": "not after today"},
            {"key": "call", "words": "犬主的电话", "words_en": "The owner's telephone"}
            | {"kind": "phone", "when": "${dogs} = 'yes'"},
        ],
    )


async def _looked_at(tx: Tx) -> tuple[UUID | None, UUID | None]:
    """The people behind the accounts that visitors try on a phone."""
    found = await tx.many(
        _Account,
        "select id, login from access_account where login = any(:logins::text[])",
        logins=list(LOOKED_AT),
    )
    by_login = {account.login: account.id for account in found}
    return by_login.get(LOOKED_AT[0]), by_login.get(LOOKED_AT[1])


def _deed(random: Random, by: Actor, round_id: UUID, block: UUID, door: UUID) -> Deed:
    said = clock() - timedelta(minutes=random.uniform(0, BEGAN))
    body = Report(round=round_id, door=door, block=block, outcome=random.choice(_OUTCOMES))
    id_ = uuid7_at(int(said.timestamp() * 1000), random)
    return Deed(id_, by, body, said)
