"""How long rosters and reports of closed rounds are kept. The account outlives them: certificates
hold counts only, and the ledger can make them again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.retention import Gone, days, keeps
from wangge.kernel.settings import setting

DOOR_DAYS = setting(
    "sweeps.keep_days", 30, "清查结束几天后删除名册和逐户上报(只留核对表)", check=days
)


#: What is kept of a door besides its line of the roster.
OF_DOORS: tuple[LiteralString, ...] = (
    "sweeps_sample",
    "sweeps_said",
    "sweeps_line",
    "sweeps_report",
)


@dataclass(frozen=True, slots=True)
class _Door:
    round_id: UUID
    id: UUID


@keeps(
    "sweeps.doors",
    "清查名册和逐户上报",
    DOOR_DAYS,
    since="一轮清查结束",
    source="突发事件应对法第八十五条;个人信息保护法第四十七条",
)
async def forget_doors(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """Doors of rounds closed before that moment, with everything said of them; the round that was
    closed first goes first, and as many rounds at once as a bite holds."""
    doors = await tx.many(
        _Door,
        """
        select c.id as round_id, d.id
          from (select r.id from sweeps_round r
                 where r.closed_at < :before
                   and exists (select 1 from sweeps_door o where o.round_id = r.id)
                 order by r.closed_at, r.id limit :limit) c
         cross join lateral (select o.id from sweeps_door o
                              where o.round_id = c.id limit :limit) d
         limit :limit
        """,
        before=before,
        limit=limit,
    )
    if not doors:
        return ()
    rounds, ids = [door.round_id for door in doors], [door.id for door in doors]
    for table in OF_DOORS:
        await tx.run(
            "delete from "  # noqa: S608  (literals of ours, the types say)
            + table
            + " t using unnest(:rounds::uuid[], :ids::uuid[]) as g(round_id, id)"
            " where t.round_id = g.round_id and t.door_id = g.id",
            rounds=rounds,
            ids=ids,
        )
    return await tx.many(
        Gone,
        """
        with gone as (delete from sweeps_door t
                       using unnest(:rounds::uuid[], :ids::uuid[]) as g(round_id, id)
                       where t.round_id = g.round_id and t.id = g.id
                      returning t.area_code)
        select area_code, count(*) as items from gone group by area_code
        """,
        rounds=rounds,
        ids=ids,
    )
