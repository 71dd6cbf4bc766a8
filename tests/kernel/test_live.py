"""The stream: from a mark without a gap, and an honest end for whoever falls behind."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from saying import say, seal

from wangge.kernel import live as module
from wangge.kernel.database import Database
from wangge.kernel.http import District
from wangge.kernel.live import Live, Told

#: Nothing here takes so long unless it is stuck.
PATIENCE = 20


@pytest.fixture
def database(own_district: District) -> Database:
    return own_district.database


@pytest.fixture
async def live(database: Database) -> AsyncIterator[Live]:
    made = Live(database, "town")
    yield made
    await made.stop()


def everything(_: Told) -> bool:
    return True


async def one_by_one(coming: AsyncIterator[Sequence[Told]]) -> AsyncIterator[int]:
    """The numbers of the facts, however many come at a time."""
    async for facts in coming:
        assert facts, "a screen is not woken for nothing"
        for fact in facts:
            assert fact.event.startswith(b"id: %d\nevent: fact\ndata: {" % fact.seq)
            yield fact.seq


async def some(stream: AsyncIterator[int], count: int) -> list[int]:
    async with asyncio.timeout(PATIENCE):
        return [await anext(stream) for _ in range(count)]


async def until(live: Live, mark: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while live.mark < mark:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_screen_hears_what_comes_from_now_on(database: Database, live: Live) -> None:
    await say(database, 1)
    await seal(database)
    await live.start()
    stream = one_by_one(live.watch(everything))
    first = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    await say(database, 2)
    await seal(database)
    async with asyncio.timeout(PATIENCE):
        assert await first == 2


async def test_a_screen_resumes_from_its_mark_without_a_gap(
    database: Database, live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOOK_MAX", 3)
    await say(database, *range(1, 9))
    await seal(database)
    stream = one_by_one(live.watch(everything, after=2))
    early = await some(stream, 2)
    await say(database, 9, 10)  # while it still catches up
    await seal(database)
    rest = await some(stream, 6)
    assert [*early, *rest] == list(range(3, 11))


async def test_a_screen_hears_only_what_it_wants(database: Database, live: Live) -> None:
    stream = one_by_one(live.watch(lambda fact: fact.seq % 2 == 0, after=0))
    await say(database, *range(1, 5))
    await seal(database)
    assert await some(stream, 2) == [2, 4]


async def test_who_falls_behind_is_hung_up_on_and_misses_nothing(
    database: Database, live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BEHIND_MAX", 3)
    await say(database, 1)
    await seal(database)
    stream = one_by_one(live.watch(everything, after=0))
    got = await some(stream, 1)
    await say(database, *range(2, 9))
    await seal(database)
    await until(live, 8)
    async with asyncio.timeout(PATIENCE):
        got += [fact async for fact in stream]  # ends by itself
    assert len(got) < 8
    assert live.screens == 0
    again = one_by_one(live.watch(everything, after=got[-1]))
    got += await some(again, 8 - len(got))
    assert got == list(range(1, 9))


async def test_stopping_hangs_up_on_everybody(database: Database, live: Live) -> None:
    await say(database, 1)
    await seal(database)
    stream = one_by_one(live.watch(everything, after=0))
    await some(stream, 1)
    await live.stop()
    async with asyncio.timeout(PATIENCE):
        assert [fact async for fact in stream] == []


@pytest.mark.parametrize("turns", range(6))
async def test_it_stops_although_something_arrives_in_that_moment(
    live: Live, turns: int
) -> None:
    """The reader's wait ends and is cancelled within the same turns of the loop."""
    await live.start()
    async with asyncio.timeout(PATIENCE):
        while not live._hint._waiters:  # type: ignore[attr-defined]  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        live._hint.set()
        for _ in range(turns):
            await asyncio.sleep(0)
    stopping = asyncio.ensure_future(live.stop())
    stopped, _ = await asyncio.wait([stopping], timeout=PATIENCE)
    assert stopped


async def test_there_is_a_limit_to_screens(
    database: Database, live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SCREENS_MAX", 1)
    await say(database, 1)
    await seal(database)
    await some(one_by_one(live.watch(everything, after=0)), 1)
    async with asyncio.timeout(PATIENCE):
        assert [fact async for fact in one_by_one(live.watch(everything, after=0))] == []
