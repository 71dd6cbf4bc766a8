"""Kinds of rounds, as a district has them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from wangge.kernel.cache import Cached
from wangge.kernel.database import Tx
from wangge.kernel.refusals import NotFound
from wangge.sweeps.model import Kind, KindClosed, kind_of
from wangge.sweeps.queries import kinds as queries


def kind_from(row: Mapping[str, Any]) -> Kind:
    """From a row of sweeps_kind as JSON."""
    return kind_of(
        row["code"],
        row["name"],
        row["targets"],
        row["outcomes"],
        row["minutes"],
        row["needs_response"],
        row["tubes"],
        row["special"],
        row["wanted"],
        row["questions"],
        row["raises"],
        row["closed_at"] is None,
        bool(row.get("feeds")),
        int(row.get("version") or 1),
        row.get("area_code") or "",
        row.get("things") or (),
        bool(row.get("by_tube")),
    )


async def _load(tx: Tx) -> dict[str, Kind]:
    return {
        row.code: kind_of(
            row.code,
            row.name,
            row.targets,
            row.outcomes,
            row.minutes,
            row.needs_response,
            row.tubes,
            row.special,
            row.wanted,
            row.questions,
            row.raises,
            row.closed_at is None,
            row.feeds,
            row.version,
            row.area_code,
            row.things,
            row.by_tube,
        )
        for row in await queries.kinds(tx)
    }


#: `(await KINDS.get(tx))["check"]`, in the order they were made.
KINDS: Cached[dict[str, Kind]] = Cached("sweeps", _load)


async def kind(tx: Tx, code: str) -> Kind:
    """One kind, open or closed. Raises NotFound."""
    found = (await KINDS.get(tx)).get(code)
    if found is None:
        raise NotFound("这种清查类型")
    return found


async def open_kind(tx: Tx, code: str) -> Kind:
    """A kind that rounds may be opened of. Raises NotFound, KindClosed."""
    found = await kind(tx, code)
    if not found.open:
        raise KindClosed(found.name)
    return found


async def kinds_as_opened(tx: Tx, rounds: Sequence[UUID]) -> dict[UUID, Kind]:
    """The kind of each round as it was when the round opened, its questions with those that came
    along; the caller has opened their doors. One statement."""
    return {row.id: kind_from(row.kind) for row in await queries.as_opened(tx, list(rounds))}


async def kind_as_opened(tx: Tx, round_id: UUID) -> Kind:
    """The same for one round. Raises NotFound."""
    found = await kinds_as_opened(tx, [round_id])
    if round_id not in found:
        raise NotFound("这一轮清查")
    return found[round_id]
