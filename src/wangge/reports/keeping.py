"""How long runs are kept: numbers, check sums, and the files of tables without people in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wangge.kernel import files
from wangge.kernel.database import Tx
from wangge.kernel.retention import Gone, counts, keeps
from wangge.reports.model import RUN_DAYS


@dataclass(frozen=True, slots=True)
class _Old:
    id: UUID
    area_code: str
    file_id: UUID | None


@keeps(
    "reports.runs",
    "出过的报表(数字和对照)",
    RUN_DAYS,
    since="出表之日",
    source="个人信息保护法第十九条(保存期限应为实现目的所必要的最短时间)",
)
async def forget_runs(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """Runs that nobody compares with any more, with their check sums and files."""
    old = await tx.many(
        _Old,
        """
        select id, area_code, file_id from reports_run where at < :before
         order by at limit :limit for update skip locked
        """,
        before=before,
        limit=limit,
    )
    if not old:
        return []
    await files.forget(tx, [one.file_id for one in old if one.file_id is not None])
    await tx.run(
        "delete from reports_run where id = any (:ids::uuid[])", ids=[one.id for one in old]
    )
    areas: dict[str, int] = {}
    for one in old:
        areas[one.area_code] = areas.get(one.area_code, 0) + 1
    return [Gone(code, number) for code, number in areas.items()]


@counts("reports.runs")
async def old_runs(tx: Tx, before: datetime) -> Sequence[Gone]:
    """Runs that the next round deletes."""
    return await tx.many(
        Gone,
        """
        select area_code, count(*) as items from reports_run
         where at < :before group by area_code
        """,
        before=before,
    )
