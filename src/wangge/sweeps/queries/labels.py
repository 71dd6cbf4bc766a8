"""Labels printed for the tubes of a round."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx


@dataclass(frozen=True, slots=True)
class Labels:
    """One printing: the numbers from `first` to `last`."""

    first: int
    last: int
    mode: str
    by_name: str
    at: datetime

    @property
    def count(self) -> int:
        return self.last - self.first + 1


async def last_number(tx: Tx, round_id: UUID) -> int:
    return await tx.one(
        int,
        "select coalesce(max(last), 0) from sweeps_label where round_id = :round_id",
        round_id=round_id,
    )


async def insert(tx: Tx, round_id: UUID, first: int, last: int, mode: str) -> None:
    await tx.run(
        """
        insert into sweeps_label (round_id, first, last, mode, by_id, at)
        values (:round_id, :first, :last, :mode, :me, :now)
        """,
        round_id=round_id,
        first=first,
        last=last,
        mode=mode,
        me=tx.actor.id,
        now=tx.now,
    )


async def printed(tx: Tx, round_id: UUID, limit: int, first: int | None = None) -> list[Labels]:
    """Printings of a round, the latest first; or the one that begins with `first`."""
    return await tx.many(
        Labels,
        """
        select l.first, l.last, l.mode, coalesce(p.name, '') as by_name, l.at
          from sweeps_label l left join people_staff p on p.id = l.by_id
         where l.round_id = :round_id and (:first::int is null or l.first = :first)
         order by l.first desc limit :limit
        """,
        round_id=round_id,
        first=first,
        limit=limit,
    )


@dataclass(frozen=True, slots=True)
class FullTube:
    """A tube with people in it, for its label."""

    code: str
    mode: str
    samples: int
    at: datetime


async def tubes(
    tx: Tx, reach: Reach, round_id: UUID, tube: UUID | None, limit: int
) -> list[FullTube]:
    """Tubes within reach that were not taken back, the latest first; or that one."""
    return await tx.many(
        FullTube,
        """
        select t.code, t.mode, t.at,
               (select count(*) from sweeps_sample s where s.tube_id = t.id)::int as samples
          from sweeps_tube t
         where t.round_id = :round_id and t.withdrawn_at is null
           and (:tube::uuid is null or t.id = :tube)
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
         order by t.at desc, t.id desc limit :limit
        """,
        round_id=round_id,
        tube=tube,
        limit=limit,
        **reach.values(),
    )


async def missing(tx: Tx, reach: Reach, round_id: UUID) -> int:
    """People within reach who are neither sampled nor exempt: what labels are needed for."""
    return await tx.one(
        int,
        """
        select coalesce(sum(greatest(b.people - b.p_done - b.p_exempt, 0)), 0)::int
          from sweeps_block b
         where b.round_id = :round_id
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where b.area_code >= r.lo and b.area_code < r.hi)
        """,
        round_id=round_id,
        **reach.values(),
    )
