"""Formats of cells: which are dates, which are locked, and the same ones with a yellow ground."""

import re
from dataclasses import dataclass
from xml.etree import ElementTree

from wangge.kernel.sheet_refusals import WorkbookUnreadable

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
#: Built-in formats of dates (ECMA-376 §18.8.30), with those Excel uses in China.
_DATES = frozenset({14, 15, 16, 17, 22, 27, 28, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58})
_TEXT = 49
#: The ground of a cell that could not be known: the yellow of a marker pen.
MARK_COLOUR = "FFFFF2B3"


@dataclass(frozen=True, slots=True)
class Format:
    """What matters of one cell format."""

    date: bool
    text: bool
    locked: bool


class Styles:
    """The formats of a workbook; `marked` gives the same format on yellow, added when first asked
    for. `xml` is the part to save."""

    def __init__(self, data: bytes, name: str) -> None:
        try:
            root = ElementTree.fromstring(data)
        except ElementTree.ParseError:
            raise WorkbookUnreadable(name) from None
        self._data = data
        custom = {
            int(n.get("numFmtId", "0")): n.get("formatCode", "")
            for n in root.iter(f"{_MAIN}numFmt")
        }
        cells = root.find(f"{_MAIN}cellXfs")
        self._formats = [_format(xf, custom) for xf in cells] if cells is not None else []
        fills = root.find(f"{_MAIN}fills")
        self._fills = len(fills) if fills is not None else 0
        self._added: dict[int, int] = {}
        self._ok = cells is not None and fills is not None

    def format(self, style: int) -> Format:
        """A cell's format by its number."""
        if 0 <= style < len(self._formats):
            return self._formats[style]
        return Format(date=False, text=False, locked=True)

    def marked(self, style: int) -> int:
        """The number of the same format on yellow."""
        if not self._ok:
            return style
        if style not in self._added:
            self._added[style] = len(self._formats) + len(self._added)
        return self._added[style]

    def xml(self) -> bytes:
        """The part with the formats that were added; what came when there are none."""
        if not self._added:
            return self._data
        prefix = _prefix(self._data)
        block = _block(self._data, prefix, "cellXfs")
        found = re.findall(_xf_pattern(prefix), self._data[block[0] : block[1]], re.S)
        made = b"".join(_on_yellow(found[style], self._fills) for style in self._added)
        data = _grown(self._data, prefix, "cellXfs", made, len(self._added))
        tag = prefix.decode()
        fill = (
            f'<{tag}fill><{tag}patternFill patternType="solid"><{tag}fgColor rgb="{MARK_COLOUR}"/>'
            f'<{tag}bgColor indexed="64"/></{tag}patternFill></{tag}fill>'
        )
        return _grown(data, prefix, "fills", fill.encode(), 1)


def _format(xf: ElementTree.Element, custom: dict[int, str]) -> Format:
    number = int(xf.get("numFmtId", "0"))
    code = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", custom.get(number, "")).lower()
    date = number in _DATES or bool(re.search(r"[ymd]", code) and "general" not in code)
    protection = xf.find(f"{_MAIN}protection")
    locked = protection is None or protection.get("locked", "1") not in ("0", "false")
    return Format(date, number == _TEXT or code == "@", locked)


def _prefix(data: bytes) -> bytes:
    found = re.search(rb"<(\w+:)?styleSheet[\s>]", data)
    return (found[1] or b"") if found else b""


def _xf_pattern(prefix: bytes) -> bytes:
    tag = re.escape(prefix)
    return rb"<" + tag + rb"xf\b[^>]*?/>|<" + tag + rb"xf\b[^>]*?[^/]>.*?</" + tag + rb"xf>"


def _block(data: bytes, prefix: bytes, name: str) -> tuple[int, int]:
    begin = data.index(b"<" + prefix + name.encode())
    return begin, data.index(b"</" + prefix + name.encode() + b">", begin)


def _grown(data: bytes, prefix: bytes, name: str, more: bytes, count: int) -> bytes:
    """Put something at the end of a counted list."""
    begin, end = _block(data, prefix, name)
    head, rest = data[begin:end].split(b">", 1)
    head = re.sub(
        rb'count="(\d+)"', lambda m: b'count="%d"' % (int(m[1]) + count), head, count=1
    )
    return data[:begin] + head + b">" + rest + more + data[end:]


def _on_yellow(xf: bytes, fill: int) -> bytes:
    """A format with another ground; everything else of it stays."""
    head, mark, rest = xf.partition(b">")
    closed = head.endswith(b"/")
    head = head.removesuffix(b"/")
    head = re.sub(rb'\s(fillId|applyFill)="[^"]*"', b"", head)
    head += b' fillId="%d" applyFill="1"' % fill
    return head + (b"/" if closed else b"") + mark + rest
