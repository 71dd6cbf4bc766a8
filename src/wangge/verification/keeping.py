"""How long lists are kept: until the day they name, or until their response ends."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from wangge.exports.keeping import end_of
from wangge.kernel import work
from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date
from wangge.kernel.retention import Gone, counts, keeps
from wangge.verification import queries
from wangge.verification.events import ListDestroyed
from wangge.verification.makers import CHAIN, LIST
from wangge.verification.settings import AFTER_DAYS, LOOK_DAYS, RECORD_DAYS


@keeps(
    "verification.lists",
    "核对用的名单(逐行内容)",
    AFTER_DAYS,
    since="名单上写明的删除日期;接触名单随应急响应结束当即删除",
    source="个人信息保护法第十九条;突发事件应对法第八十五条",
    bite=20,
)
async def forget_lists(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """Rows of lists whose day is over."""
    gone = await queries.destroy(tx, "date", before=local_date(before), limit=limit)
    if gone:
        tx.publish(*(ListDestroyed(one.id, one.area_code, one.rows, "date") for one in gone))
        await end_of(tx, (LIST, CHAIN), "list", [one.id for one in gone])
    rows: Counter[str] = Counter()
    for one in gone:
        rows[one.area_code] += one.rows
    return [Gone(area, n) for area, n in sorted(rows.items())]


@counts("verification.lists")
async def lists_due(tx: Tx, before: datetime) -> Sequence[Gone]:
    """Rows that the next round forgets."""
    return await queries.due(tx, local_date(before))


@keeps(
    "verification.records",
    "核对过名单的记录(谁、为什么、几行,不含内容)",
    RECORD_DAYS,
    since="核对结束",
    source="个人信息保护法第五十五、五十六条(处理情况记录至少保存三年)",
    bite=200,
)
async def forget_records(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """That there was a list."""
    return [Gone("", await work.forget_over(tx, queries.KIND, before, limit))]


@counts("verification.records")
async def records_due(tx: Tx, before: datetime) -> Sequence[Gone]:
    """Records that the next round forgets."""
    return [Gone("", await work.count_over(tx, queries.KIND, before))]


@keeps(
    "verification.looks",
    "谁打开过核对名单的哪一行",
    LOOK_DAYS,
    since="打开之日",
    source="个人信息保护法第五十五、五十六条(处理情况记录至少保存三年)",
    bite=5000,
)
async def forget_looks(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """That somebody opened a row."""
    return await queries.forget_looks(tx, before, limit)


@counts("verification.looks")
async def looks_due(tx: Tx, before: datetime) -> Sequence[Gone]:
    """Looks that the next rounds forget."""
    return await queries.count_looks(tx, before)
