"""How long files and the records of exports are kept."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from wangge.exports import queries
from wangge.exports.events import ExportEnded
from wangge.exports.model import RECORD_DAYS, WAITS_DAYS
from wangge.exports.queries import Over
from wangge.kernel import files
from wangge.kernel.database import Tx
from wangge.kernel.retention import Gone, count_older, counts, forget_older, keeps


@keeps(
    "exports.files",
    "导出的文件",
    0,
    since="生成后的保留小时数已过",
    source="个人信息保护法第五十一条(防止未经授权的访问和泄露)",
    every=timedelta(minutes=5),
    bite=100,
)
async def end_files(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """Files whose time is over are deleted; what nobody decided lapses. The record stays."""
    over = await queries.lock_over(tx, tx.now - timedelta(days=WAITS_DAYS), limit)
    await _end(tx, over)
    return [Gone(one.area_code, 1) for one in over]


async def end_of(tx: Tx, what: Sequence[str], key: str, ids: Sequence[UUID]) -> int:
    """End what was exported of things that are gone before their time: files of the kinds `what` whose
    `spec` has one of these ids under `key`, and those still to be agreed to or made. For the room
    that kept the things. Answers how many."""
    over = await queries.lock_of(tx, what, key, ids) if ids else []
    await _end(tx, over)
    return len(over)


async def _end(tx: Tx, over: Sequence[Over]) -> None:
    if not over:
        return
    await queries.set_over(tx, [one.id for one in over])
    await files.forget(tx, [one.file_id for one in over if one.file_id is not None])
    tx.publish(*(ExportEnded(one.id, one.area_code, one.fetched) for one in over))


@keeps(
    "exports.records",
    "导出记录",
    RECORD_DAYS,
    since="申请之日",
    source="个人信息保护法第五十六条(处理情况记录至少保存三年)",
)
async def forget_records(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """Exports nobody has to answer for any more, with whom they contained."""
    return await forget_older(
        tx, "exports_export", before, limit, at="asked_at", only="file_id is null"
    )


@counts("exports.records")
async def old_records(tx: Tx, before: datetime) -> Sequence[Gone]:
    """Records that the next round deletes."""
    return await count_older(
        tx, "exports_export", before, at="asked_at", only="file_id is null"
    )
