"""How long uploaded tables are kept: no longer than somebody may still mend or undo them."""

from collections.abc import Sequence
from datetime import datetime

from wangge.imports.queries import keeping as queries
from wangge.imports.queries.staging import KIND
from wangge.kernel import work
from wangge.kernel.database import Tx
from wangge.kernel.retention import Gone, counts, days, keeps
from wangge.kernel.settings import setting

MINIMAL = "个人信息保护法第十九条(保存期限为实现处理目的所必要的最短时间)"
WAITING_DAYS = setting(
    "imports.waiting_days", 14, "上传后没有登记的住户表格几天后自动删除", check=days
)
STAGED_DAYS = setting(
    "imports.staged_days", 30, "登记过的住户表格,逐行内容几天后自动删除", check=days
)
UNPLACED_DAYS = setting(
    "imports.unplaced_days", 180, "待落户清单上的行最多留几天,到期自动删除", check=days
)
#: Days the record that there was an import stays: who, when, how many.
RECORD_DAYS = 1095


@keeps(
    "imports.waiting",
    "上传后没有登记的住户表格",
    WAITING_DAYS,
    since="上传之日",
    source=MINIMAL,
    bite=20,
)
async def forget_waiting(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """Tables nobody applied, with their rows."""
    return [Gone("", await work.forget_waiting(tx, KIND, before, limit))]


@counts("imports.waiting")
async def waiting(tx: Tx, before: datetime) -> Sequence[Gone]:
    """Tables that the next round forgets."""
    return [Gone("", await work.count_waiting(tx, KIND, before))]


@keeps(
    "imports.staged",
    "登记过的住户表格的逐行内容",
    STAGED_DAYS,
    since="最后一次登记",
    source=MINIMAL,
    bite=5000,
)
async def forget_staged(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """Rows of imports that are over, but those whose door is still to be found."""
    return await queries.forget_staged(tx, before, limit)


@counts("imports.staged")
async def staged(tx: Tx, before: datetime) -> Sequence[Gone]:
    """Rows that the next rounds forget."""
    return await queries.count_staged(tx, before)


@keeps(
    "imports.unplaced",
    "待落户清单上的行",
    UNPLACED_DAYS,
    since="上传之日",
    source=MINIMAL,
    bite=5000,
)
async def forget_unplaced(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """Rows whose door nobody found."""
    return await queries.forget_unplaced(tx, before, limit)


@counts("imports.unplaced")
async def unplaced(tx: Tx, before: datetime) -> Sequence[Gone]:
    """Rows that the next rounds forget."""
    return await queries.count_unplaced(tx, before)


@keeps(
    "imports.records",
    "导入记录(谁、何时、几行,不含内容)",
    RECORD_DAYS,
    since="最后一次登记",
    source="个人信息保护法第五十五、五十六条(处理情况记录至少保存三年)",
    bite=200,
)
async def forget_records(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """That there was an import."""
    return [Gone("", await work.forget_over(tx, KIND, before, limit))]


@counts("imports.records")
async def records(tx: Tx, before: datetime) -> Sequence[Gone]:
    """Records that the next round forgets."""
    return [Gone("", await work.count_over(tx, KIND, before))]
