"""What somebody's form still holds of the people who stood in it, taken out: rows on every sheet, and what
a workbook remembers of them elsewhere (shared texts, notes, pivot tables, charts, filters, a picture).

The form itself stays: headings, titles, choices, formulas, formats. Cleaning twice changes nothing.
"""

import re
from collections.abc import Callable, Iterable

from wangge.reports.workbook.layout import Layout
from wangge.reports.workbook.mould import cell
from wangge.reports.workbook.package import Package
from wangge.reports.workbook.sheet import Cell, Row, Sheet, read_sheet, span_of

#: An ID number; a telephone number; a plain figure; what is called by a place or a sum.
_ID = re.compile(r"\d{17}[\dXx]|\d{15}")
_PHONE = re.compile(r"(?:\+?86)?1\d{10}")
_FIGURE = re.compile(r"-?\d{1,6}(?:\.\d+)?")
_PLACE = re.compile(r".*(?:社区|村|居委会|街道|镇|乡|区|县|网格|计|数)")
#: A text of its own in a row that is no longer than a name.
_NAME_MAX = 4

_SPANS = tuple[tuple[int, int, int, int], ...]


def clean(package: Package, layout: Layout) -> None:
    """Take the people out of an opened form, in place; `layout` stays true of it."""
    strings = package.shared_strings()
    sheets = {
        ref.part: (ref, read_sheet(package.parts[ref.part], strings, package.name))
        for ref in package.sheets
    }
    choices = _choices(package)
    formulas = b" ".join(
        found[1]
        for _, sheet in sheets.values()
        for found in re.finditer(rb"<(?:\w+:)?f\b[^>]*>([^<]+)<", sheet.data)
    ).decode("utf-8", "replace")
    for part, (ref, sheet) in sheets.items():
        if part == layout.part:
            gone = _of_form(sheet, layout)
        else:
            named = any(f"{q}{ref.name}{q}!" in formulas for q in ("", "'"))
            kept = choices.get(ref.name, ())
            gone = _of_other(sheet, kept, hidden=ref.hidden, named=named)
        package.parts[part] = _without(sheet, gone)
        rows = {number for number, _ in gone}
        if part == layout.part:
            rows |= set(range(layout.first, layout.last + 1)) - set(layout.labels)
        _clean_notes(package, part, rows)
    _clean_strings(package)
    for name, data in package.parts.items():
        if "/pivotCache/" in name and name.endswith(".xml"):
            package.parts[name] = _unremembered(data)
        elif "/pivotTables/" in name and name.endswith(".xml"):
            package.parts[name] = re.sub(rb'(<(?:\w+:)?item\b[^>]*?)\sn="[^"]*"', rb"\1", data)
        elif "/charts/" in name and name.endswith(".xml"):
            package.parts[name] = re.sub(rb"<((?:\w+:)?pt)\b.*?</\1>", b"", data, flags=re.S)
        elif "/tables/" in name and name.endswith(".xml"):
            package.parts[name] = _unfiltered(data)
    _drop(package, lambda n: n.startswith(("docProps/thumbnail", "xl/revisions/")))


# -- which cells -----------------------------------------------------------------------------------

_Gone = set[tuple[int, int]]


def _said(row: Row) -> list[Cell]:
    return [c for c in row.cells if c.text.strip() and not c.formula and not c.shared]


def _somebody(said: Iterable[Cell]) -> bool:
    """Whether a row is about somebody: an ID number, or a telephone number in a row of several."""
    texts = [re.sub(r"[\s-]", "", c.text) for c in said]
    if any(_ID.fullmatch(text) for text in texts):
        return True
    return len(texts) >= 3 and any(_PHONE.fullmatch(text) for text in texts)


def _of_form(sheet: Sheet, layout: Layout) -> _Gone:
    """On the sheet that is filled: its rows, of named rows all but names and figures, and whoever stands
    below the foot."""
    gone: _Gone = set()
    for row in sheet.rows:
        said = _said(row)
        if row.number < layout.first:
            continue
        label = layout.labels.get(row.number)
        if label is not None:
            said = [c for c in said if c.text != label and not _is_plain(c.text)]
        elif row.number > layout.last and not _somebody(said):
            continue
        gone |= {(row.number, c.column) for c in said}
    return gone


def _is_plain(text: str) -> bool:
    return bool(_FIGURE.fullmatch(text.strip()) or _PLACE.fullmatch(text.strip()))


def _of_other(sheet: Sheet, kept: _SPANS, *, hidden: bool, named: bool) -> _Gone:
    """On another sheet: everything below the headings of a table that is not choices of the form, a row of
    sums or signatures, or words to read. Of a hidden sheet that no formula reads, all but choices."""
    gone: _Gone = set()
    under = 0
    for row in sheet.rows:
        every = _said(row)
        said = [c for c in every if not _within(kept, row.number, c.column)]
        words = [c for c in said if not re.search(r"[::]\s*$|[::].*_|年.*月", c.text)]
        if _somebody(every):
            gone |= {(row.number, c.column) for c in every}
        elif hidden and not named:
            gone |= {(row.number, c.column) for c in said}
        elif len(words) >= 2 and not under:
            across = [m[2] for m in sheet.merges if m[0] == row.number - 1]
            under = max([row.number - 1, *across]) + 1
            continue
        elif under and row.number <= under:
            continue
        elif _is_row(row, words, named=named):
            gone |= {(row.number, c.column) for c in words}
    return gone


def _is_row(row: Row, words: list[Cell], *, named: bool) -> bool:
    """Whether a row below a table's headings may be about somebody."""
    if len(words) == 1:
        text = words[0].text.strip()
        return row.number > 1 and len(text) <= _NAME_MAX and not _is_plain(text)
    if len(words) < 2 or all(_is_plain(c.text) for c in words):
        return False
    if any(c.formula or c.shared for c in row.cells):
        return len(words) >= 3
    # Two columns that a formula reads are a code and its name.
    return not (named and len(words) == 2)


def _within(spans: _SPANS, number: int, column: int) -> bool:
    return any(t <= number - 1 <= b and le <= column <= r for t, le, b, r in spans)


def _choices(package: Package) -> dict[str, _SPANS]:
    """By sheet, the cells that lists of choices are taken from."""
    names = dict(
        re.findall(
            r'<(?:\w+:)?definedName\b[^>]*?\sname="([^"]+)"[^>]*>([^<]+)<',
            package.parts[package.book].decode("utf-8", "replace"),
        )
    )
    found: dict[str, list[tuple[int, int, int, int]]] = {}
    for ref in package.sheets:
        data = package.parts[ref.part].decode("utf-8", "replace")
        for block in re.findall(
            r"<(?:\w+:)?dataValidation\b.*?</(?:\w+:)?dataValidation>", data, re.S
        ):
            if 'type="list"' not in block:
                continue
            said = " ".join(re.findall(r">([^<>]+)<", block))
            said += " " + " ".join(text for name, text in names.items() if name in said)
            for quoted, plain, span in re.findall(
                r"(?:'([^']+)'|([^\s'!=(),]+))!(\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?)",
                said,
            ):
                found.setdefault(quoted or plain, []).append(span_of(span))
    return {name: tuple(spans) for name, spans in found.items()}


# -- what is written -------------------------------------------------------------------------------


def _without(sheet: Sheet, gone: _Gone) -> bytes:
    """A sheet with these cells blank, and without remembered results and filters."""
    data, prefix = sheet.data, sheet.prefix.encode()
    made: list[bytes] = []
    at = 0
    for row in sheet.rows:
        for one in row.cells:
            if one.formula or one.shared:
                piece = _uncomputed(data[one.start : one.end])
            elif (row.number, one.column) in gone:
                piece = cell(prefix, one.column, row.number, one.style, b"", "text")
            else:
                continue
            made += [data[at : one.start], piece]
            at = one.end
    rows = {number for number, _ in gone}
    end = sheet.body[1]
    return b"".join([*made, data[at:end], _links_without(_unfiltered(data[end:]), rows)])


def _uncomputed(piece: bytes) -> bytes:
    piece = re.sub(rb"<((?:\w+:)?v)\b[^>]*>.*?</\1>", b"", piece, flags=re.S)
    return re.sub(rb'\A(<[^>]*?)\st="\w+"', rb"\1", piece)


def _unfiltered(data: bytes) -> bytes:
    """Without what a filter was set to."""
    return re.sub(rb"<((?:\w+:)?filterColumn)\b(?:[^>]*/>|.*?</\1>)", b"", data, flags=re.S)


def _links_without(tail: bytes, rows: set[int]) -> bytes:
    """The sheet's links, but for what those of emptied rows say."""

    def change(found: re.Match[bytes]) -> bytes:
        top, _, bottom, _ = span_of(found[1].decode())
        if rows.isdisjoint(range(top + 1, min(bottom, top + 1000) + 2)):
            return found[0]
        return re.sub(rb'\s(?:display|tooltip|location)="[^"]*"', b"", found[0])

    return re.sub(rb'<(?:\w+:)?hyperlink\b[^>]*?\sref="([^"]*)"[^>]*>', change, tail)


def _clean_notes(package: Package, part: str, rows: set[int]) -> None:
    """Notes on emptied rows lose their words; their place stays, which a drawing names."""
    for kind, name in package.relations(part).values():
        if kind not in ("comments", "threadedComment") or name not in package.parts:
            continue

        def change(found: re.Match[bytes]) -> bytes:
            if span_of(found[2].decode())[0] + 1 not in rows:
                return found[0]
            return re.sub(rb"(<(?:\w+:)?(?:t|text)\b[^>/]*>)[^<]+", rb"\1", found[0])

        package.parts[name] = re.sub(
            rb'<((?:\w+:)?(?:comment|threadedComment))\b[^>]*?\sref="([^"]*)".*?</\1>',
            change,
            package.parts[name],
            flags=re.S,
        )


def _clean_strings(package: Package) -> None:
    """Shared texts that no cell names any more are blank; the others keep their numbers."""
    part = package.part_of_book("sharedStrings")
    if part is None or part not in package.parts:
        return
    used = {
        int(found[1])
        for ref in package.sheets
        for found in re.finditer(
            rb'<(?:\w+:)?c\b[^>]*?\st="s"[^>]*>\s*<(?:\w+:)?v\b[^>]*>\s*(\d+)',
            package.parts[ref.part],
        )
    }
    count = -1

    def change(found: re.Match[bytes]) -> bytes:
        nonlocal count
        count += 1
        if count in used:
            return found[0]
        p = found[1] or b""
        return b"<%ssi><%st/></%ssi>" % (p, p, p)

    package.parts[part] = re.sub(
        rb"<(\w+:)?si\b(?:[^>]*/>|[^>]*>.*?</(?:\w+:)?si>)",
        change,
        package.parts[part],
        flags=re.S,
    )


def _unremembered(data: bytes) -> bytes:
    """What a pivot table remembers of its rows: as many values, none of them said; it reads its rows anew
    when it is opened."""
    shared = re.search(rb"<(?:\w+:)?pivotCacheDefinition\b", data) is not None
    count = 0

    def change(found: re.Match[bytes]) -> bytes:
        nonlocal count
        count += 1
        return b'%s v="%d"' % (found[1], count if shared else 0)

    data = re.sub(rb'(<(?:\w+:)?[sn]\b[^>]*?)\sv="[^"]*"', change, data)
    data = re.sub(rb'(\s(?:min|max)Value=)"[^"]*"', rb'\1"0"', data)
    if shared:
        data = re.sub(rb'\srefreshOnLoad="\w+"', b"", data)
        data = re.sub(rb"(<(?:\w+:)?pivotCacheDefinition\b)", rb'\1 refreshOnLoad="1"', data)
        data = re.sub(rb'\srefreshedBy="[^"]*"', b"", data)
    return data


def _drop(package: Package, goes: Callable[[str], bool]) -> None:
    """Parts that go, and whatever names them."""
    for name in [n for n in package.parts if goes(n)]:
        del package.parts[name]
        package.order.remove(name)
        leaf = re.escape(name.rpartition("/")[2].encode())
        for one, data in package.parts.items():
            if one == "[Content_Types].xml" or one.endswith(".rels"):
                package.parts[one] = re.sub(
                    rb'<(?:\w+:)?(?:Override|Relationship)\b[^>]*["/]' + leaf + rb'"[^>]*/>',
                    b"",
                    data,
                )
