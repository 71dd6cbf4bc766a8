"""How long imports of areas are kept: an undo needs them for a while."""

from collections.abc import Sequence
from datetime import datetime

from wangge.kernel.database import Tx
from wangge.kernel.retention import Gone, counts, keeps
from wangge.places.imports import queries

#: Days after which an import of areas can no longer be taken back.
KEPT_DAYS = 180


@keeps(
    "places.imports",
    "区域导入记录",
    KEPT_DAYS,
    since="上传之日",
    source="数据安全法第二十一条(按类别管理)",
    bite=20,
)
async def forget_imports(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """Old imports with their rows; what they did stays."""
    return [Gone("", await queries.forget(tx, before, limit))]


@counts("places.imports")
async def old_imports(tx: Tx, before: datetime) -> Sequence[Gone]:
    """Imports that the next round forgets."""
    return [Gone("", await queries.count_old(tx, before))]
