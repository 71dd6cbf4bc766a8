"""A round in the small town, and reports of its doors as phones send them."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from small_town import MICRO_1A, NOON, XINGHUA
from wangge import sweeps
from wangge.kernel.actors import Actor
from wangge.kernel.database import Tx
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Refusal
from wangge.sweeps import Deed, Opening, Report, Round, Taken
from wangge.sweeps.queries.board import recount


async def opened(tx: Tx, **other: Any) -> Round:
    """A household check of 杏花社区, unless told otherwise."""
    raw = {"kind": "check", "areas": [XINGHUA], **other}
    return await sweeps.open_round(tx, msgspec.convert(msgspec.to_builtins(raw), Opening))


def said(
    round_: Round | UUID,
    door: UUID,
    by: Actor,
    outcome: str | None = "all",
    *,
    id_: UUID | None = None,
    claimed_at: datetime | None = NOON,
    clock_off: int | None = None,
    decides: bool = False,
    **more: Any,
) -> Deed:
    """A report as it comes in: its body is read from what a phone would send."""
    raw = {
        "round": round_ if isinstance(round_, UUID) else round_.id,
        "door": door,
        "outcome": outcome,
        **more,
    }
    body = msgspec.convert(msgspec.to_builtins(raw, str_keys=True), Report)
    return Deed(id_ or new_id(NOON), by, body, claimed_at, clock_off, decides)


async def take(tx: Tx, *deeds: Deed) -> list[Taken | Refusal]:
    return await sweeps.take(tx, deeds)


async def taken(tx: Tx, *deeds: Deed) -> list[Taken]:
    """All of them must be taken."""
    found: list[Taken] = []
    for answer in await take(tx, *deeds):
        assert not isinstance(answer, Refusal), answer.words()
        found.append(answer)
    return found


async def doors_of(tx: Tx, round_: Round, area: str = MICRO_1A) -> list[UUID]:
    """The doors under an area, in a fixed order."""
    return await tx.many(
        UUID,
        """
        select id from sweeps_door where round_id = :round_id and starts_with(area_code, :area)
         order by area_code, label, id
        """,
        round_id=round_.id,
        area=area,
    )


async def assert_board_is_a_recount(tx: Tx, round_: Round | UUID) -> None:
    """board == recount, block by block and count by count."""
    id_ = round_ if isinstance(round_, UUID) else round_.id
    counted = {row.block_id: row for row in await recount(tx, id_)}
    kept = await tx.many(
        _Block,
        """
        select id, total, flagged, late, jsonb_strip_nulls(jsonb_build_object(
               'all', nullif(n_all, 0), 'some', nullif(n_some, 0), 'nobody', nullif(n_nobody, 0),
               'locked', nullif(n_locked, 0), 'vacant', nullif(n_vacant, 0),
               'away', nullif(n_away, 0), 'refused', nullif(n_refused, 0),
               'visit', nullif(n_visit, 0), 'exempt', nullif(n_exempt, 0),
               'moved', nullif(n_moved, 0))) as outcomes
          from sweeps_block where round_id = :id
        """,
        id=id_,
    )
    assert {block.id for block in kept} == set(counted)
    for block in kept:
        row = counted[block.id]
        assert (block.total, block.outcomes, block.flagged, block.late) == (
            row.total,
            row.outcomes,
            row.flagged,
            row.late,
        )


from dataclasses import dataclass  # noqa: E402


@dataclass(frozen=True, slots=True)
class _Block:
    id: UUID
    total: int
    flagged: int
    late: int
    outcomes: dict[str, int]


__all__ = [
    "assert_board_is_a_recount",
    "doors_of",
    "opened",
    "replace",
    "said",
    "take",
    "taken",
]
