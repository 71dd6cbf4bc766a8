"""How long uploaded tables are kept."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from wangge.dispatch.imports.mapping import KIND
from wangge.dispatch.imports.work import KEPT_DAYS, WAITS_DAYS
from wangge.kernel import work
from wangge.kernel.database import Tx
from wangge.kernel.retention import Gone, counts, keeps

MINIMAL = "个人信息保护法第十九条(保存期限为实现处理目的所必要的最短时间)"


@keeps(
    "dispatch.uploads",
    "上传后没有开始的事件表",
    WAITS_DAYS,
    since="上传之日",
    source=MINIMAL,
    every=timedelta(hours=1),
    bite=20,
)
async def forget_uploads(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """Tables nobody applied, with their rows."""
    return [Gone("", await work.forget_waiting(tx, KIND, before, limit))]


@counts("dispatch.uploads")
async def uploads(tx: Tx, before: datetime) -> Sequence[Gone]:
    """Tables that the next round forgets."""
    return [Gone("", await work.count_waiting(tx, KIND, before))]


@keeps(
    "dispatch.imports",
    "事件导入记录和没有导入的行",
    KEPT_DAYS,
    since="导入结束",
    source=MINIMAL,
    every=timedelta(hours=1),
    bite=20,
)
async def forget_imports(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """Imports that are over, with the rows that were refused."""
    return [Gone("", await work.forget_over(tx, KIND, before, limit))]


@counts("dispatch.imports")
async def imports(tx: Tx, before: datetime) -> Sequence[Gone]:
    """Imports that the next round forgets."""
    return [Gone("", await work.count_over(tx, KIND, before))]
