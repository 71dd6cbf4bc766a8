"""Homes to go to for samples, and people who were missed. Never a result."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx


@dataclass(frozen=True, slots=True)
class HomeLine:
    """A door where somebody has to be sampled at home, or was missed. `special` counts those who
    cannot come out; `sent` says that somebody of a home team has its floor."""

    id: UUID
    block_id: UUID
    block: str
    area_code: str
    floor: int
    room: str
    outcome: str | None
    people: int
    special: int
    tries: int


async def homes(
    tx: Tx,
    reach: Reach,
    round_id: UUID,
    settled: Sequence[str],
    limit: int,
    *,
    special: bool,
    called: bool = False,
) -> list[HomeLine]:
    """Doors that are not done, within reach: with `special`, those where somebody cannot come
    out or that asked for a visit; else all with somebody listed. `called`: of stairwells that were
    called down alone."""
    return await tx.many(
        HomeLine,
        """
        select t.id, t.block_id, b.label as block, t.area_code, t.floor, t.room, t.outcome,
               cardinality(t.people) as people, cardinality(t.special) as special, t.tries
          from sweeps_standing t
          join sweeps_block b on b.round_id = t.round_id and b.id = t.block_id
         where t.round_id = :round_id and not t.gone and cardinality(t.people) > 0
           and (t.outcome is null or not t.outcome = any(:settled::text[]))
           and (not :called::bool or b.called_at is not null)
           and (not :special::bool or cardinality(t.special) > 0 or t.outcome = 'visit')
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
         order by t.area_code, b.label, t.block_id, t.floor desc, t.room, t.id
         limit :limit
        """,
        round_id=round_id,
        settled=list(settled),
        special=special,
        called=called,
        limit=limit,
        **reach.values(),
    )
