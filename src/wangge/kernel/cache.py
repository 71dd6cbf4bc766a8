"""Reference data held in memory: read once, and again when its version number has moved.

The number is read in the transaction that uses the data, so a rule changed a moment ago is the
rule that routes the next case.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Generic, TypeVar

from wangge.kernel.database import Tx

T = TypeVar("T")


class Cached(Generic[T]):
    """One kind of reference data, per district. `tx.bump(name)` makes it be read again."""

    def __init__(self, name: str, load: Callable[[Tx], Awaitable[T]]) -> None:
        self.name = name
        self._load = load
        self._held: dict[str, tuple[int, T]] = {}

    async def get(self, tx: Tx, versions: Mapping[str, int] | None = None) -> T:
        """The data as of this transaction. Give `versions` when already read (`tx.versions`)."""
        version = (versions if versions is not None else await tx.versions()).get(self.name, 0)
        if tx.bumped:
            # This transaction changed reference data and may yet be rolled back: what it sees is
            # for itself, and the number it gave may be given again to other data.
            return await self._load(tx)
        held = self._held.get(tx.actor.district)
        if held is not None and held[0] == version:
            return held[1]
        data = await self._load(tx)
        self._held[tx.actor.district] = (version, data)
        return data

    def forget(self) -> None:
        """Drop everything held (tests roll versions back)."""
        self._held.clear()
