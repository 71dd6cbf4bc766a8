"""Why an uploaded table is not taken, each with the way out."""

from dataclasses import dataclass
from typing import ClassVar

from wangge.kernel.refusals import Refusal


@dataclass(eq=False)
class TableTooLarge(Refusal):
    says: ClassVar[str] = (
        "文件《{name}》有 {size_mb} MB,超过上限 {limit_mb} MB。请按街道或年份拆成几份再传。"
    )
    status: ClassVar[int] = 413
    name: str
    size_mb: int
    limit_mb: int


@dataclass(eq=False)
class TableUnpacksTooLarge(Refusal):
    says: ClassVar[str] = "文件《{name}》解压后超过 {limit_mb} MB,不读。请拆成几份再传。"
    status: ClassVar[int] = 413
    name: str
    limit_mb: int


@dataclass(eq=False)
class SheetTooWide(Refusal):
    says: ClassVar[str] = (
        "文件《{name}》的数据区太大。请在 Excel 里删除数据以外的行和列,保存后再传。"
    )
    status: ClassVar[int] = 413
    name: str


@dataclass(eq=False)
class TooManyRows(Refusal):
    says: ClassVar[str] = "文件《{name}》超过 {limit} 行,请拆成几份再传。"
    status: ClassVar[int] = 413
    name: str
    limit: int


@dataclass(eq=False)
class FileMissingOrEmpty(Refusal):
    says: ClassVar[str] = "文件《{name}》是空的,请确认选对了文件、填好并保存了再传。"
    status: ClassVar[int] = 422
    name: str


@dataclass(eq=False)
class NotATable(Refusal):
    says: ClassVar[str] = (
        "文件《{name}》不是表格(看起来是{seems})。请用 Excel 打开,另存为 .xlsx 再传。"
    )
    status: ClassVar[int] = 415
    name: str
    seems: str


@dataclass(eq=False)
class WorkbookUnreadable(Refusal):
    says: ClassVar[str] = (
        "文件《{name}》打不开,可能损坏或设了密码。请用 Excel 打开、去掉密码,另存为 .xlsx 再传。"
    )
    status: ClassVar[int] = 422
    name: str


@dataclass(eq=False)
class PackedFileDamaged(Refusal):
    says: ClassVar[str] = "压缩文件《{name}》不完整或已损坏,请重新压缩,或直接传未压缩的文件。"
    status: ClassVar[int] = 422
    name: str


@dataclass(eq=False)
class EncodingUnknown(Refusal):
    says: ClassVar[str] = (
        "文件《{name}》的文字编码认不出来。请用 Excel 打开,另存为 .xlsx 或“CSV UTF-8”再传。"
    )
    status: ClassVar[int] = 422
    name: str


@dataclass(eq=False)
class LineUnreadable(Refusal):
    says: ClassVar[str] = (
        "文件《{name}》从第 {row} 行起读不下去,可能有引号没有成对。请改好这一行,或另存为 .xlsx 再传。"
    )
    status: ClassVar[int] = 422
    name: str
    row: int


@dataclass(eq=False)
class NoHeadings(Refusal):
    says: ClassVar[str] = (
        "文件《{name}》前 30 行里找不到表头。请在第 1 行写上各列的名称(至少两列)再传。"
    )
    status: ClassVar[int] = 422
    name: str


@dataclass(eq=False)
class SheetMissing(Refusal):
    says: ClassVar[str] = "文件《{name}》里没有工作表「{sheet}」,只有:{sheets}。"
    status: ClassVar[int] = 422
    name: str
    sheet: str
    sheets: str
