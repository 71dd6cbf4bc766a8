"""Jobs: after the commit, once, again when they fail, and left for a person in the end."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from saying import SYSTEM, ledger, numbered, seal

from small_town import NOON
from wangge.kernel import jobs as module
from wangge.kernel.database import Database, Tx
from wangge.kernel.http import District
from wangge.kernel.jobs import TAKEN_MAX, TRIES_MAX, later, run_due


@pytest.fixture
def database(own_district: District) -> Database:
    return own_district.database


@pytest.fixture(autouse=True)
def work(monkeypatch: pytest.MonkeyPatch) -> None:
    async def count(tx: Tx, data: Mapping[str, Any]) -> None:
        await tx.bump(data["name"])
        if data.get("fails"):
            raise ZeroDivisionError

    async def fact(tx: Tx, data: Mapping[str, Any]) -> None:
        tx.publish(numbered(data["number"]))

    monkeypatch.setitem(module._work, "test.count", count)
    monkeypatch.setitem(module._work, "test.fact", fact)


async def queue(database: Database, name: str = "a", **more: Any) -> UUID:
    at = more.pop("at", None)
    async with database.tx(SYSTEM, now=NOON) as tx:
        return await later(tx, "test.count", {"name": name, **more}, at=at)


async def times(database: Database, name: str = "a") -> int:
    async with database.tx(SYSTEM) as tx:
        return (await tx.versions()).get(name, 0)


@dataclass(frozen=True)
class Left:
    tries: int
    run_at: datetime
    error: str | None


async def left(database: Database) -> list[Left]:
    async with database.tx(SYSTEM) as tx:
        return await tx.many(Left, "select tries, run_at, error from kernel_job order by id")


async def test_a_job_is_done_once_and_gone(database: Database) -> None:
    await queue(database)
    assert await run_due(database, "town", now=NOON) == 1
    assert await run_due(database, "town", now=NOON) == 0
    assert await times(database) == 1
    assert await left(database) == []


async def test_a_job_of_a_transaction_that_fails_was_never_queued(database: Database) -> None:
    async def fails() -> None:
        async with database.tx(SYSTEM, now=NOON) as tx:
            await later(tx, "test.count", {"name": "a"})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()
    assert await run_due(database, "town", now=NOON) == 0


async def test_a_job_waits_for_its_time(database: Database) -> None:
    await queue(database, at=NOON + timedelta(minutes=5))
    assert await run_due(database, "town", now=NOON + timedelta(minutes=4)) == 0
    assert await run_due(database, "town", now=NOON + timedelta(minutes=5)) == 1


async def test_a_failing_job_is_tried_with_growing_pauses_then_left(
    database: Database,
) -> None:
    await queue(database, fails=True)
    moment, pauses = NOON, []
    for tried in range(1, TRIES_MAX + 1):
        assert await run_due(database, "town", now=moment) == 1
        (job,) = await left(database)
        assert (job.tries, job.error) == (tried, "ZeroDivisionError")
        pauses.append(job.run_at - moment)
        assert await run_due(database, "town", now=job.run_at - timedelta(seconds=1)) == 0
        moment = job.run_at
    assert pauses == sorted(pauses)
    assert len(set(pauses)) == len(pauses)
    assert await run_due(database, "town", now=moment + timedelta(days=99)) == 0
    assert len(await left(database)) == 1
    assert await times(database) == 0  # whatever it did was undone each time


async def test_a_failing_job_does_not_hold_up_the_others(database: Database) -> None:
    await queue(database, "bad", fails=True)
    for n in range(5):
        await queue(database, f"good {n}")
    assert await run_due(database, "town", now=NOON) == 6
    assert [await times(database, f"good {n}") for n in range(5)] == [1] * 5
    assert len(await left(database)) == 1


async def test_a_job_nobody_knows_is_left_for_a_person(database: Database) -> None:
    async with database.tx(SYSTEM, now=NOON) as tx:
        await later(tx, "test.unknown", {})
    await run_due(database, "town", now=NOON)
    assert [job.error for job in await left(database)] == ["KeyError"]


async def test_a_job_that_kills_its_process_has_been_counted(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    class PowerCut(BaseException):
        pass

    async def kills(tx: Tx, data: Mapping[str, Any]) -> None:
        raise PowerCut

    monkeypatch.setitem(module._work, "test.count", kills)
    await queue(database)
    with pytest.raises(PowerCut):
        await run_due(database, "town", now=NOON)
    (job,) = await left(database)
    assert job.tries == 1
    assert job.run_at > NOON


async def test_two_runners_share_the_work(database: Database) -> None:
    for n in range(20):
        await queue(database, f"job {n}")
    done = await asyncio.gather(*(run_due(database, "town", now=NOON) for _ in range(3)))
    assert sum(done) == 20
    assert [await times(database, f"job {n}") for n in range(20)] == [1] * 20


async def test_a_long_job_is_in_one_pair_of_hands(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def long(tx: Tx, data: Mapping[str, Any]) -> None:
        begun.set()
        await go_on.wait()
        await tx.bump("long")

    monkeypatch.setitem(module._work, "test.count", long)
    await queue(database)
    first = asyncio.create_task(run_due(database, "town", now=NOON))
    await begun.wait()
    # Long after the pause between tries, while the first is still at it.
    assert await run_due(database, "town", now=NOON + timedelta(hours=9)) == 0
    go_on.set()
    assert await first == 1
    assert await times(database, "long") == 1
    assert await left(database) == []


async def test_whoever_only_passes_by_a_job_takes_it_from_nobody(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A runner that looked while the job was being counted holds its row for a moment."""
    still_ours = module._still_ours
    looked, go_on = asyncio.Event(), asyncio.Event()

    async def passer_by() -> None:
        async with database.tx(SYSTEM) as tx:
            await tx.many(UUID, "select id from kernel_job for update")
            looked.set()
            await go_on.wait()

    async def passed_by(tx: Tx, due: Any) -> bool:
        other = asyncio.create_task(passer_by())
        await looked.wait()
        asked = asyncio.create_task(still_ours(tx, due))
        waiting = 0
        while not asked.done() and not waiting:
            async with database.tx(SYSTEM) as watch:
                waiting = await watch.one(
                    int,
                    "select count(*) from pg_stat_activity"
                    " where datname = current_database() and wait_event_type = 'Lock'",
                )
        go_on.set()
        await other
        return await asked

    monkeypatch.setattr(module, "_still_ours", passed_by)
    await queue(database)
    assert await run_due(database, "town", now=NOON) == 1
    assert await times(database) == 1


async def test_a_runner_held_up_after_it_chose_a_job_does_not_do_it_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    still_ours = module._still_ours

    async def held_up(tx: Tx, due: Any) -> bool:
        monkeypatch.setattr(module, "_still_ours", still_ours)
        assert await run_due(database, "town", now=NOON + timedelta(hours=9)) == 1
        return await still_ours(tx, due)

    monkeypatch.setattr(module, "_still_ours", held_up)
    await queue(database)
    await run_due(database, "town", now=NOON)
    assert await times(database) == 1
    assert await left(database) == []


async def test_one_go_takes_so_many(database: Database) -> None:
    for _ in range(TAKEN_MAX + 3):
        await queue(database)
    assert await run_due(database, "town", now=NOON) == TAKEN_MAX
    assert await run_due(database, "town", now=NOON) == 3


async def test_what_a_job_says_knows_its_cause(database: Database) -> None:
    async with database.tx(SYSTEM, now=NOON) as tx:
        id_ = await later(tx, "test.fact", {"number": 1})
    await run_due(database, "town", now=NOON)
    await seal(database)
    (fact,) = await ledger(database)
    assert fact.cause == id_
