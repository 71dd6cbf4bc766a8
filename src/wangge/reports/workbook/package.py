"""A workbook as the archive it is: the parts we change, and those that pass through untouched.

A template is somebody else's file. Loading and saving it by a library loses what that library
does not know (pictures, printer settings, odd formats); here every part we do not write is copied
byte for byte.
"""

import re
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from posixpath import dirname, join, normpath
from typing import IO, ClassVar
from xml.etree import ElementTree
from xml.sax.saxutils import unescape

from wangge.kernel.refusals import Refusal
from wangge.kernel.sheet_refusals import (
    FileMissingOrEmpty,
    NotATable,
    TableTooLarge,
    TableUnpacksTooLarge,
    WorkbookUnreadable,
)
from wangge.kernel.sheets import refuse_other_kinds

#: Bytes of a template; it is a form, not a register.
TEMPLATE_BYTES_MAX = 10_000_000
_UNPACKED_MAX = 100_000_000
_ENTRIES_MAX = 2_000

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
#: The stricter dialect of the same format, which nothing in the field writes.
_STRICT = b"http://purl.oclc.org/ooxml/spreadsheetml/main"

#: Parts that act, or that reach out of the file: a table of people must do neither.
_DANGEROUS: tuple[tuple[str, str], ...] = (
    (r"vbaProject|macrosheets/|/vbaData", "宏"),
    (r"xl/externalLinks/", "指向别的文件的链接"),
    (r"xl/connections\.xml|xl/queryTables/", "外部数据连接"),
    (r"xl/activeX/|xl/ctrlProps/|xl/embeddings/", "控件或嵌入的文件"),
    (r"customUI/", "自定义菜单"),
    (r"xl/webextensions|xl/model/", "加载项"),
)
#: Functions that send what stands in the table somewhere else.
_SENDING = re.compile(r"\b(WEBSERVICE|RTD|DDE|CALL|REGISTER(\.ID)?|FILTERXML)\s*\(|\|'", re.I)


@dataclass(eq=False)
class TemplateIsOldExcel(Refusal):
    says: ClassVar[str] = (
        "《{name}》是旧版 Excel(.xls)。请用 Excel 或 WPS 打开,另存为 .xlsx 再传,格式不会变。"
    )
    status: ClassVar[int] = 415
    name: str


@dataclass(eq=False)
class TemplateActs(Refusal):
    """Macros, outside connections and the like."""

    says: ClassVar[str] = (
        "《{name}》里有{what},填了个人信息再发出去不安全。请另存为不带它的 .xlsx 再传。"
    )
    status: ClassVar[int] = 422
    name: str
    what: str


@dataclass(frozen=True, slots=True)
class SheetRef:
    """One sheet: its name, its part, and whether somebody hid it."""

    name: str
    part: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class DefinedName:
    """A name that stands for one cell: `row` and `column` from 0."""

    name: str
    sheet: str
    row: int
    column: int


class Package:
    """An opened .xlsx in memory."""

    def __init__(self, name: str, parts: dict[str, bytes], order: list[str]) -> None:
        self.name = name
        self.parts = parts
        self.order = order
        self.book = self._main_part()
        self.sheets = self._sheets()

    def _main_part(self) -> str:
        root = _xml(self.parts.get("_rels/.rels", b""), self.name)
        for relation in root.iter(f"{_REL}Relationship"):
            if relation.get("Type", "").endswith("/officeDocument"):
                return normpath(relation.get("Target", "").lstrip("/"))
        raise WorkbookUnreadable(self.name)

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Of a part: id → (type's last word, part)."""
        folder, _, leaf = part.rpartition("/")
        data = self.parts.get(f"{folder}/_rels/{leaf}.rels" if folder else f"_rels/{leaf}.rels")
        if data is None:
            return {}
        found: dict[str, tuple[str, str]] = {}
        for relation in _xml(data, self.name).iter(f"{_REL}Relationship"):
            if relation.get("TargetMode") == "External":
                continue
            target = relation.get("Target", "")
            path = target.lstrip("/") if target.startswith("/") else join(dirname(part), target)
            kind = relation.get("Type", "").rpartition("/")[2]
            found[relation.get("Id", "")] = (kind, normpath(path))
        return found

    def _sheets(self) -> list[SheetRef]:
        if self.book not in self.parts:
            raise WorkbookUnreadable(self.name)
        root = _xml(self.parts[self.book], self.name)
        related = self.relations(self.book)
        found: list[SheetRef] = []
        for sheet in root.iter(f"{_MAIN}sheet"):
            kind, part = related.get(sheet.get(_ID, ""), ("", ""))
            if kind == "worksheet" and part in self.parts:
                hidden = sheet.get("state", "visible") != "visible"
                found.append(SheetRef(sheet.get("name", ""), part, hidden))
        if not found:
            raise WorkbookUnreadable(self.name)
        return found

    def related(self, part: str, kind: str) -> str | None:
        """The part of a kind that another one names."""
        return next((p for k, p in self.relations(part).values() if k == kind), None)

    def part_of_book(self, kind: str) -> str | None:
        """The workbook's styles, sharedStrings, calcChain…"""
        return self.related(self.book, kind)

    def shared_strings(self) -> list[str]:
        """Texts that cells name by number; without what is only for reading aloud."""
        part = self.part_of_book("sharedStrings")
        if part is None or part not in self.parts:
            return []
        found: list[str] = []
        for item in _xml(self.parts[part], self.name):
            texts = [t.text or "" for t in item.findall(f"{_MAIN}t")]
            texts += [t.text or "" for t in item.findall(f"{_MAIN}r/{_MAIN}t")]
            found.append("".join(texts))
        return found

    def defined_names(self) -> list[DefinedName]:
        """Names of single cells; ranges and formulas are passed over."""
        root = _xml(self.parts[self.book], self.name)
        found: list[DefinedName] = []
        for name in root.iter(f"{_MAIN}definedName"):
            written = re.fullmatch(
                r"(?:'((?:[^']|'')+)'|([^'!]+))!\$?([A-Z]{1,3})\$?(\d{1,7})", name.text or ""
            )
            if written and not (name.get("name") or "").startswith("_xlnm."):
                sheet = (written[1] or written[2]).replace("''", "'")
                column = column_number(written[3])
                found.append(
                    DefinedName(name.get("name", ""), sheet, int(written[4]) - 1, column)
                )
        return found


def open_package(data: bytes, name: str) -> Package:
    """A template's parts. Raises TableTooLarge, FileMissingOrEmpty, NotATable, TemplateIsOldExcel,
    TableUnpacksTooLarge, WorkbookUnreadable, TemplateActs."""
    if len(data) > TEMPLATE_BYTES_MAX:
        raise TableTooLarge(name, -(-len(data) // 1_000_000), TEMPLATE_BYTES_MAX // 1_000_000)
    if not data:
        raise FileMissingOrEmpty(name)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise TemplateIsOldExcel(name)
    if not data.startswith(b"PK\x03\x04"):
        refuse_other_kinds(data[:4096], name)
        raise NotATable(name, "文本")
    try:
        return Package(name, *_unpacked(BytesIO(data), name))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, KeyError):
        raise WorkbookUnreadable(name) from None
    except (RuntimeError, NotImplementedError):  # a password, or a compression nobody uses
        raise WorkbookUnreadable(name) from None


def _unpacked(file: IO[bytes], name: str) -> tuple[dict[str, bytes], list[str]]:
    parts: dict[str, bytes] = {}
    with zipfile.ZipFile(file) as archive:
        entries = [e for e in archive.infolist() if not e.is_dir()]
        if len(entries) > _ENTRIES_MAX or sum(e.file_size for e in entries) > _UNPACKED_MAX:
            raise TableUnpacksTooLarge(name, _UNPACKED_MAX // 1_000_000)
        names = {entry.filename for entry in entries}
        for pattern, what in _DANGEROUS:
            if any(re.search(pattern, one) for one in names):
                raise TemplateActs(name, what)
        if "[Content_Types].xml" not in names or not any(n.startswith("xl/") for n in names):
            raise NotATable(name, "压缩包")
        for entry in entries:
            # No more than it declares is read, and then its sum is checked: a liar is found out.
            parts[entry.filename] = archive.read(entry)
    for one, data in parts.items():
        if not one.endswith(".xml"):
            continue
        if b"<!DOCTYPE" in data or b"<!ENTITY" in data or _STRICT in data[:2000]:
            raise WorkbookUnreadable(name)
        if "worksheets/" in one or one.endswith("workbook.xml"):
            for formula in re.findall(rb"<(?:f|definedName)\b[^>]*>([^<]+)<", data):
                if _SENDING.search(unescape(formula.decode("utf-8", "replace"))):
                    raise TemplateActs(name, "会向外发送内容的公式")
    return parts, [entry.filename for entry in entries]


def _xml(data: bytes, name: str) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(data)
    except ElementTree.ParseError:
        raise WorkbookUnreadable(name) from None


def column_number(letters: str) -> int:
    """A is 0."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
