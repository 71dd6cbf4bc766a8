"""How long rosters and reports of closed rounds are kept. The account outlives them: certificates
hold counts only, and the ledger can make them again."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.retention import Gone, days, keeps
from wangge.kernel.settings import setting

DOOR_DAYS = setting(
    "sweeps.keep_days", 30, "清查结束几天后删除名册和逐户上报(只留核对表)", check=days
)


@keeps(
    "sweeps.doors",
    "清查名册和逐户上报",
    DOOR_DAYS,
    since="一轮清查结束",
    source="突发事件应对法第八十五条;个人信息保护法第四十七条",
)
async def forget_doors(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """Doors of rounds closed before that moment, with everything said of them."""
    ids = await tx.many(
        UUID,
        """
        select d.id from sweeps_door d
          join sweeps_round r on r.id = d.round_id
         where r.id = (select c.id from sweeps_round c
                        where c.closed_at < :before
                          and exists (select 1 from sweeps_door o where o.round_id = c.id)
                        order by c.closed_at, c.id limit 1)
         limit :limit
        """,
        before=before,
        limit=limit,
    )
    if not ids:
        return ()
    round_id = await tx.one(
        UUID,
        """
        select c.id from sweeps_round c
         where c.closed_at < :before
           and exists (select 1 from sweeps_door o where o.round_id = c.id)
         order by c.closed_at, c.id limit 1
        """,
        before=before,
    )
    await tx.run(
        "delete from sweeps_sample where round_id = :round_id and door_id = any(:ids::uuid[])",
        round_id=round_id,
        ids=ids,
    )
    await tx.run(
        "delete from sweeps_said where round_id = :round_id and door_id = any(:ids::uuid[])",
        round_id=round_id,
        ids=ids,
    )
    await tx.run(
        "delete from sweeps_line where round_id = :round_id and door_id = any(:ids::uuid[])",
        round_id=round_id,
        ids=ids,
    )
    await tx.run(
        "delete from sweeps_report where round_id = :round_id and door_id = any(:ids::uuid[])",
        round_id=round_id,
        ids=ids,
    )
    return await tx.many(
        Gone,
        """
        with gone as (delete from sweeps_door
                       where round_id = :round_id and id = any(:ids::uuid[])
                      returning area_code)
        select area_code, count(*) as items from gone group by area_code
        """,
        round_id=round_id,
        ids=ids,
    )
