"""Requests that share a transaction: each has its own answer, whatever becomes of the others."""

import asyncio
from collections.abc import Sequence

import pytest

from wangge.kernel.refusals import Busy, Invalid, Refusal
from wangge.kernel.together import Together


class Counter:
    """Answers each number doubled; -1 is refused, 13 spoils the whole run."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.runs: list[list[int]] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def run(self, items: Sequence[int]) -> Sequence[int | Refusal]:
        await self.gate.wait()
        await asyncio.sleep(self.seconds)
        self.runs.append(list(items))
        if 13 in items:
            raise ZeroDivisionError
        return [Invalid.of("n", "不行。") if n == -1 else 2 * n for n in items]


async def settled(together: Together[int, int], *items: int) -> list[int | BaseException]:
    return list(await asyncio.gather(*(together.do(n) for n in items), return_exceptions=True))


async def test_what_arrives_meanwhile_shares_the_next_run() -> None:
    counter = Counter()
    together = Together(counter.run)
    counter.gate.clear()
    first = asyncio.ensure_future(together.do(1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    rest = asyncio.ensure_future(settled(together, 2, 3, 4))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    counter.gate.set()
    assert await first == 2
    assert await rest == [4, 6, 8]
    assert counter.runs == [[1], [2, 3, 4]]


async def test_a_run_takes_so_many_and_no_more() -> None:
    counter = Counter()
    together = Together(counter.run, most=3)
    assert await settled(together, *range(8)) == [0, 2, 4, 6, 8, 10, 12, 14]
    assert max(map(len, counter.runs)) == 3


async def test_a_refusal_is_one_persons_own() -> None:
    counter = Counter()
    one, refused, three = await settled(Together(counter.run), 1, -1, 3)
    assert (one, three) == (2, 6)
    assert isinstance(refused, Invalid)


async def test_a_spoilt_one_does_not_spoil_the_others() -> None:
    counter = Counter()
    answers = await settled(Together(counter.run), 1, 13, 3, -1)
    assert answers[0] == 2
    assert isinstance(answers[1], ZeroDivisionError)
    assert answers[2] == 6
    assert isinstance(answers[3], Invalid)
    assert counter.runs == [[1, 13, 3, -1], [1], [13], [3], [-1]]


async def test_after_a_spoilt_run_the_next_one_is_well() -> None:
    counter = Counter()
    together = Together(counter.run)
    await settled(together, 13)
    assert await together.do(4) == 8


async def test_too_many_are_told_to_come_back() -> None:
    counter = Counter()
    together = Together(counter.run, waiting=3)
    counter.gate.clear()
    waiting = [asyncio.ensure_future(together.do(n)) for n in range(3)]
    await asyncio.sleep(0)
    later = [asyncio.ensure_future(together.do(n)) for n in range(3, 6)]
    await asyncio.sleep(0)
    with pytest.raises(Busy) as busy:
        await together.do(6)
    assert busy.value.retry_after > 0
    counter.gate.set()
    assert await asyncio.gather(*waiting, *later) == [0, 2, 4, 6, 8, 10]


async def test_heavy_things_share_a_run_by_their_weight() -> None:
    counter = Counter()
    together = Together(counter.run, most=10, weigh=lambda n: n)
    assert await settled(together, 6, 6, 3, 1, 50) == [12, 12, 6, 2, 100]
    assert counter.runs == [[6], [6, 3, 1], [50]]


async def test_two_runs_may_be_under_way() -> None:
    counter = Counter()
    together = Together(counter.run, most=1, at_once=2)
    counter.gate.clear()
    asked = asyncio.ensure_future(settled(together, 1, 2, 3))
    for _ in range(4):
        await asyncio.sleep(0)
    counter.gate.set()
    assert await asked == [2, 4, 6]
    assert sorted(counter.runs) == [[1], [2], [3]]


async def test_those_turned_away_are_asked_back_one_after_another() -> None:
    """At a known pace everybody gets a later moment than whoever was turned away before."""
    counter = Counter(seconds=0.2)
    together = Together(counter.run, most=5, waiting=5)
    assert await settled(together, *range(5)) == [0, 2, 4, 6, 8]
    counter.gate.clear()
    waiting: list[asyncio.Future[int]] = []
    for _ in range(2):  # five under way, five that wait
        waiting += [asyncio.ensure_future(together.do(n)) for n in range(5)]
        for _ in range(3):
            await asyncio.sleep(0)
    moments: list[int] = []
    for n in range(140):
        with pytest.raises(Busy) as busy:
            await together.do(n)
        moments.append(busy.value.retry_after)
    # Five in 0.2 seconds, a tenth more asked back: 140 and those who wait are gone after 5.3 seconds.
    assert moments == sorted(moments)
    assert (moments[0], moments[-1]) == (2, 6)
    counter.gate.set()
    assert await asyncio.gather(*waiting) == [0, 2, 4, 6, 8] * 2


async def test_who_went_away_is_not_run() -> None:
    counter = Counter()
    together = Together(counter.run)
    counter.gate.clear()
    first = asyncio.ensure_future(together.do(1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gone = asyncio.ensure_future(together.do(2))
    stays = asyncio.ensure_future(together.do(3))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    counter.gate.set()
    assert await asyncio.gather(first, stays) == [2, 6]
    assert counter.runs == [[1], [3]]


async def test_a_run_that_forgets_somebody_leaves_nobody_waiting() -> None:
    async def forgets(items: Sequence[int]) -> Sequence[int | Refusal]:
        return [0] * (len(items) - 1) if len(items) > 1 else [items[0]]

    together: Together[int, int] = Together(forgets)
    async with asyncio.timeout(10):
        assert await settled(together, 1, 2, 3) == [1, 2, 3]


async def test_one_small_run_is_not_taken_for_a_slow_pace() -> None:
    """The first of many comes alone, and those turned away meanwhile are not sent away for minutes."""
    counter = Counter(seconds=0.2)
    together = Together(counter.run, most=1_000, waiting=1_000, weigh=lambda n: n)
    assert await together.do(10) == 20
    counter.gate.clear()
    waiting: list[asyncio.Future[int]] = []
    for _ in range(2):  # a thousand under way, a thousand that wait
        waiting.append(asyncio.ensure_future(together.do(1_000)))
        for _ in range(3):
            await asyncio.sleep(0)
    moments: set[int] = set()
    for _ in range(100):
        with pytest.raises(Busy) as busy:
            await together.do(50)
        moments.add(busy.value.retry_after)
    # Five thousand more at ten in 0.2 seconds would be a hundred seconds.
    assert moments == {2}
    counter.gate.set()
    assert await asyncio.gather(*waiting) == [2_000, 2_000]


async def test_the_pace_is_of_the_time_it_worked() -> None:
    """Who had nothing to do for long, and worked fast, is not slow."""
    counter = Counter()
    together = Together(counter.run, most=10, waiting=10)
    for n in range(20, 30):
        assert await together.do(n) == 2 * n
        await asyncio.sleep(0.05)
    counter.gate.clear()
    waiting: list[asyncio.Future[int]] = []
    for first in (100, 110):  # ten under way, ten that wait
        waiting += [asyncio.ensure_future(together.do(n)) for n in range(first, first + 10)]
        for _ in range(3):
            await asyncio.sleep(0)
    moments: list[int] = []
    for _ in range(100):
        with pytest.raises(Busy) as busy:
            await together.do(1)
        moments.append(busy.value.retry_after)
    # A hundred more at twenty a second would be five seconds on.
    assert moments[-1] <= 4
    counter.gate.set()
    assert len(await asyncio.gather(*waiting)) == 20


async def test_no_appointment_is_further_off_than_the_pace_was_seen() -> None:
    """A slow beginning sends nobody away for minutes: those beyond what was seen come in between,
    not all at once, and later appointments reach further."""
    counter = Counter(seconds=0.2)
    together = Together(counter.run, most=5, waiting=5)
    assert await settled(together, *range(5)) == [0, 2, 4, 6, 8]
    counter.gate.clear()
    waiting: list[asyncio.Future[int]] = []
    for _ in range(2):
        waiting += [asyncio.ensure_future(together.do(n)) for n in range(5)]
        for _ in range(3):
            await asyncio.sleep(0)

    def told(number: int) -> list[int]:
        moments: list[int] = []
        for _ in range(number):
            with pytest.raises(Busy) as busy:
                together.room(1)
            moments.append(busy.value.retry_after)
        return moments

    # At 25 a second the last of a thousand would come after forty seconds.
    first = told(1_000)
    assert max(first) <= 7
    beyond = first[200:]
    assert len({moment for moment in beyond}) > 2
    assert max(beyond.count(moment) for moment in beyond) < 500
    await asyncio.sleep(2)
    assert max(told(1_000)) > max(first)
    counter.gate.set()
    assert await asyncio.gather(*waiting) == [0, 2, 4, 6, 8] * 2
