"""The ledger under load: nothing lost, nothing twice, nothing before what it followed from."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from saying import COUNTY, SYSTEM, ledger, numbered, numbers, say, seal

from small_town import NOON
from wangge.cases.events import ClassesChanged
from wangge.kernel import relay as module
from wangge.kernel.audit import verify
from wangge.kernel.database import Database, Tx
from wangge.kernel.facts import Recorded
from wangge.kernel.http import District
from wangge.kernel.moments import new_id
from wangge.kernel.relay import TRIES_MAX, Relay, bite, listen, reaction
from wangge.places.events import AreaOpened


@pytest.fixture
def database(own_district: District) -> Database:
    return own_district.database


@pytest.fixture
def only_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Listeners of a test do not outlive it."""
    monkeypatch.setattr(module, "_reactions", {})
    monkeypatch.setattr(module, "_bites", {})


@asynccontextmanager
async def sealing(database: Database, relays: int = 1) -> AsyncIterator[None]:
    """Relays at work meanwhile; afterwards everything is sealed."""
    stop = asyncio.Event()

    async def work() -> None:
        relay = Relay(database)
        try:
            while not stop.is_set():
                await relay.seal()
                await asyncio.sleep(0)
        finally:
            await relay.close()

    tasks = [asyncio.create_task(work()) for _ in range(relays)]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)
    await seal(database)


async def whole(database: Database) -> bool:
    return (await verify(database.dsn, "town")).whole


async def test_numbers_have_no_gaps_under_many_writers(database: Database) -> None:
    async def writer(first: int) -> None:
        for number in range(first, first + 10):
            async with database.tx(SYSTEM) as tx:
                tx.publish(numbered(number), numbered(-number))

    async with sealing(database):
        await asyncio.gather(*(writer(100 * n) for n in range(1, 11)))
    facts = await ledger(database)
    assert [fact.seq for fact in facts] == list(range(1, 201))
    said = [n for first in range(1, 11) for n in range(100 * first, 100 * first + 10)]
    assert sorted(numbers(facts)) == sorted([*said, *(-n for n in said)])
    assert await whole(database)


async def test_facts_of_one_transaction_stay_in_the_order_they_were_said(
    database: Database,
) -> None:
    async with database.tx(SYSTEM) as tx:
        tx.publish(*(numbered(n) for n in range(50)))
    await seal(database)
    assert numbers(await ledger(database)) == list(range(50))


async def test_a_slow_transaction_is_sealed_when_it_commits(database: Database) -> None:
    async with database.tx(SYSTEM) as slow:
        slow.publish(numbered(1))
        await slow.flush()
        await say(database, 2, 3)
        assert await seal(database) == 2
        assert numbers(await ledger(database)) == [2, 3]
    assert await seal(database) == 1
    facts = await ledger(database)
    assert numbers(facts) == [2, 3, 1]
    assert [fact.seq for fact in facts] == [1, 2, 3]
    assert await whole(database)


async def test_what_was_rolled_back_was_never_said(database: Database) -> None:
    async def fails() -> None:
        async with database.tx(SYSTEM) as tx:
            tx.publish(numbered(1))
            await tx.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fails()
    await say(database, 2)
    await seal(database)
    assert [(f.seq, f.data["classes"]) for f in await ledger(database)] == [(1, 2)]


async def test_a_fact_is_never_before_one_it_follows_from(database: Database) -> None:
    """Writers take turns at one row; whoever has it second knows what the first has said."""
    await bump_once(database)

    async def writer() -> None:
        for _ in range(12):
            async with database.tx(SYSTEM) as tx:
                await tx.bump("turn")
                number = (await tx.versions())["turn"]
                tx.publish(numbered(number))

    async with sealing(database):
        await asyncio.gather(*(writer() for _ in range(8)))
    assert numbers(await ledger(database)) == list(range(2, 98))


async def bump_once(database: Database) -> None:
    async with database.tx(SYSTEM) as tx:
        await tx.bump("turn")


async def test_order_is_the_databases_and_not_that_of_anybodys_clock(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each comes after the other has committed, from a machine whose clock is further behind;
    and they are too many for one pass."""
    monkeypatch.setattr(module, "PASS_MAX", 7)
    for number in range(20):
        async with database.tx(SYSTEM, now=NOON - timedelta(minutes=number)) as tx:
            tx.publish(numbered(number), numbered(100 + number))
    await seal(database)
    said = [n for number in range(20) for n in (number, 100 + number)]
    assert numbers(await ledger(database)) == said
    assert await whole(database)


async def test_two_relays_take_turns(database: Database) -> None:
    async with sealing(database, relays=3):
        await asyncio.gather(*(say(database, *range(n, n + 20)) for n in range(0, 200, 20)))
    facts = await ledger(database)
    assert [fact.seq for fact in facts] == list(range(1, 201))
    assert sorted(numbers(facts)) == list(range(200))
    assert await whole(database)


async def test_a_relay_that_dies_in_its_pass_leaves_the_facts(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await say(database, 1, 2)

    def dies(*_: Any) -> bytes:
        raise RuntimeError("power cut")

    with monkeypatch.context() as patched:
        patched.setattr(module, "link", dies)
        with pytest.raises(RuntimeError):
            await seal(database)
    assert await ledger(database) == []
    assert await seal(database) == 2
    assert await whole(database)


# -- listening ---------------------------------------------------------------------------------


async def heard(database: Database) -> Counter[str]:
    """How often each number was digested, as the reactions wrote it down."""
    async with database.tx(SYSTEM) as tx:
        versions = await tx.versions()
    return Counter({name: n for name, n in versions.items() if name.startswith("heard ")})


async def listen_to_the_end(database: Database, listener: str) -> None:
    while await listen(database, "town", listener):
        pass


@pytest.mark.usefixtures("only_ours")
async def test_a_bad_fact_is_put_aside_and_the_others_are_heard_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = 0

    async def no_pause(_: float) -> None:
        pass

    monkeypatch.setattr(module.asyncio, "sleep", no_pause)

    async def note(tx: Tx, fact: ClassesChanged) -> None:
        nonlocal tries
        await tx.bump(f"heard {fact.classes}")
        if fact.classes == 3:
            tries += 1
            raise ZeroDivisionError

    reaction("ours", ClassesChanged)(note)
    await say(database, *range(6))
    await seal(database)
    await listen_to_the_end(database, "ours")
    assert await heard(database) == {f"heard {n}": 1 for n in (0, 1, 2, 4, 5)}
    assert tries >= TRIES_MAX
    async with database.tx(SYSTEM) as tx:
        stuck = await tx.many(int, "select seq::int from kernel_stuck where listener = 'ours'")
        mark = await tx.one(int, "select seq from kernel_mark where listener = 'ours'")
        error = await tx.one(str, "select error from kernel_stuck")
    assert (stuck, mark, error) == ([4], 6, "ZeroDivisionError")


@pytest.mark.usefixtures("only_ours")
async def test_what_a_reaction_does_knows_its_cause(database: Database) -> None:
    async def answer(tx: Tx, fact: ClassesChanged) -> None:
        if fact.classes == 1:
            tx.publish(numbered(2))

    reaction("ours", ClassesChanged)(answer)
    await say(database, 1)
    await seal(database)
    await listen_to_the_end(database, "ours")
    await seal(database)
    first, second = await ledger(database)
    assert second.cause == first.id


@pytest.mark.usefixtures("only_ours")
async def test_two_who_listen_in_one_name_hear_each_fact_once(database: Database) -> None:
    async def slowly(tx: Tx, facts: Sequence[Recorded]) -> None:
        await asyncio.sleep(0.1)  # long enough for the other to have read the same mark
        for fact in facts:
            await tx.bump(f"heard {fact.data['classes']}")

    bite("ours", ClassesChanged)(slowly)
    await say(database, 0)
    await seal(database)
    await listen(database, "town", "ours")  # now there is a mark
    await say(database, *range(1, 6))
    await seal(database)
    await asyncio.gather(*(listen(database, "town", "ours") for _ in range(3)))
    assert await heard(database) == {f"heard {n}": 1 for n in range(6)}


@pytest.mark.usefixtures("only_ours")
async def test_a_listener_goes_past_what_it_did_not_ask_for(database: Database) -> None:
    told: list[str] = []

    async def hear(tx: Tx, facts: Sequence[Recorded]) -> None:
        told.extend(fact.kind for fact in facts)

    bite("ours", ClassesChanged)(hear)
    async with database.tx(SYSTEM) as tx:
        tx.publish(AreaOpened(new_id(), COUNTY), numbered(1), AreaOpened(new_id(), COUNTY))
    await seal(database)
    assert await listen(database, "town", "ours") == 3
    assert told == [ClassesChanged.kind]
    assert await listen(database, "town", "ours") == 0
    async with database.tx(SYSTEM) as tx:
        assert await tx.one(int, "select seq from kernel_mark where listener = 'ours'") == 3


@pytest.mark.usefixtures("only_ours")
async def test_a_listener_takes_so_many_at_a_time_and_strides_over_the_rest(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BITE_MAX", 2)
    monkeypatch.setattr(module, "STRIDE_MAX", 6)
    bites: list[list[int]] = []

    async def hear(tx: Tx, facts: Sequence[Recorded]) -> None:
        bites.append([fact.seq for fact in facts])

    bite("ours", ClassesChanged)(hear)
    async with database.tx(SYSTEM) as tx:
        wanted = {3, 4, 5, 14}
        tx.publish(
            *(
                numbered(n) if n in wanted else AreaOpened(new_id(), COUNTY)
                for n in range(1, 16)
            )
        )
    await seal(database)
    strides = [await listen(database, "town", "ours") for _ in range(5)]
    assert bites == [[3, 4], [5], [14]]
    assert strides == [4, 6, 5, 0, 0]


@pytest.mark.usefixtures("only_ours")
async def test_a_fact_that_fails_far_ahead_is_the_one_put_aside(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def no_pause(_: float) -> None:
        pass

    monkeypatch.setattr(module.asyncio, "sleep", no_pause)

    async def fail(tx: Tx, fact: ClassesChanged) -> None:
        raise ZeroDivisionError

    reaction("ours", ClassesChanged)(fail)
    async with database.tx(SYSTEM) as tx:
        tx.publish(*(AreaOpened(new_id(), COUNTY) for _ in range(7)), numbered(8))
        tx.publish(AreaOpened(new_id(), COUNTY))
    await seal(database)
    assert [await listen(database, "town", "ours") for _ in range(2)] == [9, 0]
    async with database.tx(SYSTEM) as tx:
        assert await tx.many(int, "select seq::int from kernel_stuck") == [8]


@pytest.mark.usefixtures("only_ours")
async def test_listening_agrees_with_counting(database: Database) -> None:
    """Under load, with relays and listeners that get in each other's way."""
    counted: Counter[str] = Counter()

    async def count(tx: Tx, facts: Sequence[Recorded]) -> None:
        for fact in facts:
            await tx.bump(f"heard {fact.data['classes']}")

    bite("ours", ClassesChanged)(count)

    async def life(number: int) -> None:
        for _ in range(3):
            async with database.tx(SYSTEM) as tx:
                await tx.bump(f"said {number}")
                tx.publish(ClassesChanged(new_id(), COUNTY, number))
            counted[f"heard {number}"] += 1

    lives = asyncio.gather(*(life(n % 5) for n in range(20)))
    async with sealing(database, relays=2):
        while not lives.done():
            await asyncio.gather(*(listen(database, "town", "ours") for _ in range(2)))
        await lives
    await listen_to_the_end(database, "ours")
    assert await heard(database) == counted
    async with database.tx(SYSTEM) as tx:
        versions = await tx.versions()
    assert {n: versions[f"said {n}"] for n in range(5)} == {
        n: versions[f"heard {n}"] for n in range(5)
    }
