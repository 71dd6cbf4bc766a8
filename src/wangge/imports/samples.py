"""Tables to try the import with: a made-up district has them, no other does.

Who makes such a district lays the files under these ids; the page offers those that are there.
"""

from dataclasses import dataclass
from uuid import UUID, uuid5

from wangge.imports.columns.fields import PEOPLE
from wangge.kernel import files
from wangge.kernel.database import Tx
from wangge.kernel.files import Shelf
from wangge.kernel.refusals import NotFound

_SPACE = UUID("6f1d3a52-7c1e-4f27-9b40-0d1f6a9c2e11")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Sample:
    """A file to try: its name, what is peculiar about it, its media type, and what it lists."""

    name: str
    words: str
    media: str
    kind: str = PEOPLE

    @property
    def id(self) -> UUID:
        """The same in every made-up district."""
        return uuid5(_SPACE, self.name)


SAMPLES: tuple[Sample, ...] = (
    Sample("住户登记表.xlsx", "合并单元格、两行表头、小计", _XLSX),
    Sample("物业业主台账.xlsx", "3-2-401 这样的房号、证件号有写错的", _XLSX),
    Sample("老系统导出.csv", "GBK 编码,幢、单元、室分开写", "text/csv"),
    Sample("街道名单.csv", "“三号楼二单元301”,有的只写了俗名", "text/csv"),
    Sample("楼长群接龙.txt", "群里的接龙,夹着聊天", "text/plain; charset=utf-8"),
)
#: A table of another register.
SHOPS = Sample(
    "沿街商铺台账.xlsx", "三行表头、小计、15 位旧注册号、一家店写了两行", _XLSX, "shop"
)


async def there(tx: Tx) -> list[Sample]:
    """Those that lie in this district; one statement."""
    found = set(
        await tx.many(
            UUID,
            "select id from kernel_file where id = any (:ids::uuid[])",
            ids=[sample.id for sample in (*SAMPLES, SHOPS)],
        )
    )
    return [sample for sample in (*SAMPLES, SHOPS) if sample.id in found]


async def data_of(tx: Tx, shelf: Shelf, name: str) -> tuple[Sample, bytes]:
    """One of them. Raises NotFound."""
    sample = next((one for one in (*SAMPLES, SHOPS) if one.name == name), None)
    if sample is None:
        raise NotFound("这个文件")
    kept = await files.kept(tx, sample.id)
    return sample, shelf.get(kept.sha256)
