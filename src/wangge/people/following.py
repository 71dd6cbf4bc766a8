"""Rows of higher rooms that point at residents: told when two residents become one, and when
residents are forgotten. A room's `holding` or `keeping` says what becomes of its own."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.people.changes import Change

#: From who is kept and who is gone to the changes that go into the merge's own batch, so that its
#: undo puts them back.
Merging: TypeAlias = Callable[[Tx, UUID, UUID], Awaitable[Sequence[Change]]]
#: Told whose rows are deleted next, by the system, in bites of retention.
Forgetting: TypeAlias = Callable[[Tx, Sequence[UUID]], Awaitable[None]]

_merging: list[Merging] = []
_forgetting: list[Forgetting] = []


def merges_along(follow: Merging) -> Merging:
    """Register what a merge of two residents changes besides them."""
    _merging.append(follow)
    return follow


def forgotten_along(follow: Forgetting) -> Forgetting:
    """Register what goes before residents are forgotten."""
    _forgetting.append(follow)
    return follow


async def merged_along(tx: Tx, kept: UUID, gone: UUID) -> list[Change]:
    """What else a merge changes; a fixed number of statements for every room."""
    return [change for follow in _merging for change in await follow(tx, kept, gone)]


async def forget_along(tx: Tx, residents: Sequence[UUID]) -> None:
    """Before these residents' rows are deleted."""
    for follow in _forgetting:
        await follow(tx, residents)
