"""Together: requests that arrive while a transaction is under way share the next one.

Each is answered only after its own commit. On ordinary disks this is what lets one machine take
thousands of reports a second, and the wait gets shorter, not longer (tech.md §2, group commit).
"""

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from wangge.kernel.refusals import Busy, Refusal

I = TypeVar("I")  # noqa: E741
O = TypeVar("O")  # noqa: E741

#: Things one transaction takes.
TOGETHER_MAX = 128
#: Things that may wait; more are told to come back.
WAITING_MAX = 4000
#: Seconds after which the first that finds no room is asked to come back, and the longest.
BACK_FIRST, BACK_LATEST = 2, 120
#: A pace is forgotten to a third after so many seconds of work.
PACE_SECONDS = 10.0
#: How many are asked back for each that the pace has room for.
ASKED_BACK = 1.1
#: After so many seconds in which nobody was turned away, a rush is over. After so many of it an
#: appointment may be RUSH_KNOWN times as far off, and BACK_KNOWN seconds from the beginning.
RUSH_OVER, RUSH_KNOWN, BACK_KNOWN = 30.0, 2.0, 6.0
#: Turns that never come to the same place and lie evenly between.
GOLDEN = 0.618034


def _one(_: object) -> int:
    return 1


class Together(Generic[I, O]):
    """Collects things and hands them, many at a time, to `run`, which answers each in order with
    its result or its refusal. When a shared run fails as a whole, each is run by itself.

    `weigh` says how much of a transaction a thing takes: one takes up to `most`, up to `waiting`
    may wait, and `at_once` transactions are under way at a time (then their locks must go one
    way). Whoever finds no room is given an appointment: at the pace of the last seconds, those
    turned away before come first, so that a county's phones do not all come back together. Some
    more are asked back than that pace has room for: whoever comes too early costs a refusal, and
    an hour in which nobody comes is lost. No appointment is further off than the rush has shown
    how fast it goes: whoever is beyond comes in between, and is told a moment that is known better.
    """

    def __init__(
        self,
        run: Callable[[Sequence[I]], Awaitable[Sequence[O | Refusal]]],
        *,
        most: int = TOGETHER_MAX,
        waiting: int = WAITING_MAX,
        at_once: int = 1,
        weigh: Callable[[I], int] = _one,
    ) -> None:
        self._run = run
        self._most = most
        self._room = waiting
        self._at_once = at_once
        self._weigh = weigh
        self._waiting: deque[tuple[I, asyncio.Future[O]]] = deque()
        self._weight = 0
        self._runners: set[asyncio.Task[None]] = set()
        self._done = 0.0
        self._busy = 0.0
        #: What waits and what was asked back, as of when somebody was told so last.
        self._ahead = 0.0
        self._told_at = 0.0
        #: Since when people are turned away, and when the last one was.
        self._rush = 0.0, -math.inf
        self._turn = 0.0

    async def do(self, item: I) -> O:
        """The result for one thing. Raises its refusal, or Busy when too many wait."""
        weight = self._weigh(item)
        self.room(weight)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[O] = loop.create_future()
        self._waiting.append((item, future))
        self._weight += weight
        if len(self._runners) < self._at_once:
            runner = asyncio.create_task(self._drain())
            self._runners.add(runner)
            runner.add_done_callback(self._runners.discard)
        return await future

    def room(self, weight: int) -> None:
        """Raises Busy, with an appointment, where so much more may not wait."""
        if self._weight + weight > self._room and self._waiting:
            now = asyncio.get_running_loop().time()
            raise Busy(retry_after=self._appointment(weight, now))

    def _appointment(self, weight: int, now: float) -> int:
        """Whole seconds until there will be room, one after another."""
        if now - self._rush[1] > RUSH_OVER:
            self._rush = now, now
        self._rush = self._rush[0], now
        if not self._busy:
            # A few things that came first, each by itself, say nothing of full transactions.
            return BACK_FIRST
        # Of the time it worked, not of the time that went by: who had nothing to do was not slow.
        pace = ASKED_BACK * self._done / self._busy
        ahead = max(self._weight, self._ahead - pace * (now - self._told_at))
        latest = min(BACK_LATEST, RUSH_KNOWN * (now - self._rush[0]) + BACK_KNOWN)
        seconds = max(BACK_FIRST, (ahead + weight) / pace)
        if seconds > latest:
            self._turn = (self._turn + GOLDEN) % 1
            seconds = latest * (1 + self._turn) / 2
        else:
            ahead += weight
        self._ahead, self._told_at = ahead, now
        return math.ceil(seconds)

    def _note_pace(self, done: int, seconds: float) -> None:
        faded = math.exp(-seconds / PACE_SECONDS)
        self._done = self._done * faded + done
        self._busy = self._busy * faded + seconds

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch: list[tuple[I, asyncio.Future[O]]] = []
            taken = 0
            while self._waiting:
                weight = self._weigh(self._waiting[0][0])
                if batch and taken + weight > self._most:
                    break
                batch.append(self._waiting.popleft())
                taken += weight
            self._weight -= taken
            live = [pair for pair in batch if not pair[1].cancelled()]
            if live:
                begun = loop.time()
                await self._answer(live)
                if 2 * taken > self._most:
                    # Those under way beside it had the other shares of this time.
                    self._note_pace(taken, (loop.time() - begun) / len(self._runners))

    async def _answer(self, batch: list[tuple[I, asyncio.Future[O]]]) -> None:
        try:
            answers = await self._run([item for item, _ in batch])
            if len(answers) != len(batch):
                raise LookupError(f"{len(answers)} answers to {len(batch)} things")
        except Exception as error:
            if len(batch) == 1:
                _settle(batch[0][1], error)
                return
            # One of them spoilt it for all; nothing was kept. Each has its own try.
            for pair in batch:
                await self._answer([pair])
            return
        for (_, future), answer in zip(batch, answers, strict=True):
            _settle(future, answer)


def _settle(future: "asyncio.Future[O]", answer: O | Exception) -> None:
    if future.done():
        return
    if isinstance(answer, Exception):
        future.set_exception(answer)
    else:
        future.set_result(answer)
