"""Kinds of rows that can be changed and put back. A higher room registers its own."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, LiteralString, TypeAlias
from uuid import UUID

from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Refusal
from wangge.people.changes.model import Change, Op


@dataclass(slots=True)
class Touched:
    """What is to be brought up to date once, when all rows of a call are written."""

    residents: set[UUID] = field(default_factory=set[UUID])
    #: Those of them who were not in the register before, with their columns as they were written:
    #: nothing is kept of them yet, and nothing has changed since.
    born: dict[UUID, Mapping[str, Any]] = field(default_factory=dict[UUID, Mapping[str, Any]])
    bump: set[str] = field(default_factory=set[str])


#: From the values of a change to columns, sealed where they must be. JSON values only
#: (bytes as PostgreSQL reads them, `sealing.hexed`).
Prepare: TypeAlias = Callable[[Vault, Change, datetime], dict[str, Any]]
#: Told whose rows changed (`Kind.owner`), after they did: keeps copies and indexes true.
After: TypeAlias = Callable[[Tx, Vault, Sequence[UUID], Touched], Awaitable[None]]
#: Told which rows there are now, by id, with their columns as they were written.
Born: TypeAlias = Callable[[Mapping[UUID, Mapping[str, Any]], Touched], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """A table whose rows can be changed in batches.

    It has `id` and `area_code`; when `versioned`, also `version` and `updated_at`. `columns` are
    all others that may be written, `defaults` what an insert need not say. Kinds of a lower
    `level` are written first and taken back last. `blocked` is a condition on the row `p` that an
    undo would write, true when it cannot be (somebody holds its number by now).
    `promises` turn broken constraints into refusals. `owner` is the column whose ids `after` is
    told: the row itself, or whom it belongs to; `undone` is told the same, after an undo only.
    `born` takes the place of `after` for inserts, where a row that was not there before asks nothing.
    Where `columns` have `confirmed_on` and `confirmed`, an undo leaves what was found true since.
    """

    name: str
    level: int
    table: LiteralString
    columns: tuple[LiteralString, ...]
    defaults: Mapping[str, Any]
    prepare: Prepare
    after: tuple[After, ...] = ()
    versioned: bool = True
    owner: LiteralString = "id"
    blocked: LiteralString = "false"
    promises: Mapping[str, Callable[[], Refusal]] = field(
        default_factory=dict[str, Callable[[], Refusal]]
    )
    undone: tuple[After, ...] = ()
    born: Born | None = None

    def follows(self, op: Op) -> tuple[After, ...]:
        """What is told of rows that were written by `op`."""
        return self.after if self.born is None or op != "insert" else ()


_kinds: dict[str, Kind] = {}
_uses: dict[str, list[LiteralString]] = {}


def register_kind(kind: Kind) -> Kind:
    """Let rows of that kind be changed in batches. Raises ValueError for a name twice."""
    if kind.name in _kinds:
        raise ValueError(f"kind {kind.name} is registered twice")
    _kinds[kind.name] = kind
    return kind


def uses(kind: str, where: LiteralString) -> None:
    """Say that rows of a kind may be in use: `where` is a condition on `t`, true when something
    stands on the row, which an undo then leaves:
    `exists (select 1 from people_household h where h.dwelling_id = t.id)`."""
    _uses.setdefault(kind, []).append(where)


def registered(name: str) -> Kind:
    """The kind of that name. Raises LookupError: a bug."""
    return _kinds[name]


def in_use(name: str) -> LiteralString:
    """The condition on `t` that something stands on a row of the kind."""
    joined: LiteralString = "false"
    for where in _uses.get(name, ()):
        joined += " or " + where
    return joined
