"""The road of deeds that seal numbers: they need the district's vault, which a transaction does not
carry."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.deeds import Answer, recall, remember
from wangge.kernel.http import Asking
from wangge.kernel.http.deeds import whole_deed

Sealing = Callable[[Tx, Vault, Any], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Act:
    """A deed that can be looked at before it is done (`previews`)."""

    body: Any
    function: Sealing


_acts: dict[str, Act] = {}


def acts_to_preview() -> dict[str, Act]:
    """Deeds whose outcome can be shown beforehand, by name."""
    return dict(_acts)


def sealing(
    name: str, body: Any, *, status: int = 201, preview: bool = False
) -> Callable[[Sealing], Sealing]:
    """Register `async def f(tx, vault, body)` as a deed. Its answer must hold masks only: it is
    remembered in plain. With `preview`, it answers a `homes.Done` and can be looked at first."""

    def register(function: Sealing) -> Sealing:
        if preview:
            _acts[name] = Act(body, function)

        @whole_deed(name, body, status=status)
        async def whole(who: Asking, deed_id: UUID, given: Any) -> Answer:
            raw = msgspec.to_builtins(given)
            for attempt in (1, 2):
                try:
                    async with who.tx() as tx:
                        before = await recall(tx, deed_id, name, raw)
                        if before is not None:
                            return before
                        tx.cause = deed_id
                        result = await function(tx, who.district.vault, given)
                        answer = Answer(status, msgspec.to_builtins(result))
                        await remember(tx, deed_id, name, raw, answer)
                    return answer
                except asyncpg.UniqueViolationError as broken:
                    # The same deed was being done elsewhere and has committed: ask again.
                    if attempt == 2 or broken.constraint_name != "kernel_deed_pk":
                        raise
            raise AssertionError("unreachable")

        assert whole is not None
        return function

    return register
