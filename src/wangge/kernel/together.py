"""Together: requests that arrive while a transaction is under way share the next one.

Each is answered only after its own commit. On ordinary disks this is what lets one machine take
thousands of reports a second, and the wait gets shorter, not longer (tech.md §2, group commit).
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from wangge.kernel.refusals import Busy, Refusal

I = TypeVar("I")  # noqa: E741
O = TypeVar("O")  # noqa: E741

#: Things one transaction takes.
TOGETHER_MAX = 128
#: Things that may wait; more are told to come back.
WAITING_MAX = 4000


class Together(Generic[I, O]):
    """Collects things and hands them, many at a time, to `run`, which answers each in order with
    its result or its refusal. When a shared run fails as a whole, each is run by itself."""

    def __init__(
        self,
        run: Callable[[Sequence[I]], Awaitable[Sequence[O | Refusal]]],
        *,
        most: int = TOGETHER_MAX,
    ) -> None:
        self._run = run
        self._most = most
        self._waiting: list[tuple[I, asyncio.Future[O]]] = []
        self._runner: asyncio.Task[None] | None = None

    async def do(self, item: I) -> O:
        """The result for one thing. Raises its refusal, or Busy when too many wait."""
        if len(self._waiting) >= WAITING_MAX:
            raise Busy(retry_after=2)
        future: asyncio.Future[O] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._runner is None or self._runner.done():
            self._runner = asyncio.create_task(self._drain())
        return await future

    async def _drain(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            live = [pair for pair in batch if not pair[1].cancelled()]
            if live:
                await self._answer(live)

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
