"""Making a report: from the question to a filled sheet, and what changed since the last time.

Lines come out of the database as bytes and go into the sheet as bytes (`Tx.pour`,
`workbook.fill`). Nothing here writes to the database: the caller keeps what is to be kept.
"""

import asyncio
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from uuid import UUID

import msgspec

from wangge.exports.model import Subject
from wangge.forms.likeness import NUMBER, REMARK
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.moments import local
from wangge.places import ATLAS
from wangge.reports.asking import (
    Question,
    act_for,
    count,
    group_rows,
    headings,
    lines_of,
    reader_of,
)
from wangge.reports.decoding import Decoder, escaped, unescaped
from wangge.reports.layouts import own_form
from wangge.reports.model import (
    GROUPS,
    ROWS_MAX,
    ReportTooLong,
    Rows,
    Spec,
    full_names,
    marks_empty,
    personal,
)
from wangge.reports.pouring import MANY, parts_of, poured
from wangge.reports.queries import Report
from wangge.reports.snapshots import Difference, Snapshot, difference
from wangge.reports.statements import Line, people_statement, rows_statement
from wangge.reports.workbook.cleaning import clean
from wangge.reports.workbook.fill import Column, Filled, Filler, Stamp
from wangge.reports.workbook.layout import Layout, styles_of, understand
from wangge.reports.workbook.mould import Kind
from wangge.reports.workbook.package import Package, open_package

#: The column that says what happened to a row, in a table of changes of our own.
CHANGE_TITLE = "变化"


@dataclass(frozen=True, slots=True)
class Form:
    """An empty form, understood: which value goes where. `places` is, for each column of the form
    that is filled, the place of its value among the report's; the others are `unfilled`."""

    package: Package
    layout: Layout
    columns: tuple[Column, ...]
    unfilled: tuple[int, ...]
    numbered: int | None
    dates: frozenset[int]


@dataclass(slots=True)
class Made:
    """A report that was made, up to the stamp. `finish` closes the workbook; `lines` are its rows
    as text, for a CSV (kept only when asked for). `people` are those of the residents' register,
    `others` how many there are besides (who answers for a shop and lives elsewhere)."""

    titles: tuple[str, ...]
    filler: Filler
    out: BytesIO
    snapshot: Snapshot
    people: list[Subject]
    rows: int = 0
    difference: Difference | None = None
    others: int = 0
    lines: list[bytes] = field(default_factory=list[bytes])

    def finish(self, stamp: Stamp | None = None) -> tuple[bytes, Filled]:
        """The workbook's bytes, and what was filled."""
        done = self.filler.close(stamp)
        return self.out.getvalue(), done

    def texts(self) -> Iterator[list[str]]:
        """The rows as text."""
        for line in self.lines:
            yield [unescaped(cell) for cell in line.split(b"\t")]


class Mapped(msgspec.Struct, frozen=True):
    """One heading of the asker's form: where it is, what stands over it, and what it means here
    (`key` of a field, `table.number`, `table.remark`, a group, `measure:…`; "" for unknown)."""

    column: int
    words: str
    leaf: str
    key: str = ""


def mapping_of(report: Report) -> list[Mapped]:
    """The headings of a report's form."""
    return msgspec.convert(report.mapping, list[Mapped])


def open_form(
    asked: Question,
    template: bytes | None,
    *,
    row_labels: frozenset[str] = frozenset(),
    changes: bool = False,
) -> Form:
    """The asker's form, or a sheet of our own; `changes` gives that a column that says what
    happened to a row. Raises the refusals of `workbook`."""
    spec = asked.spec
    keys = _value_keys(spec)
    kinds: list[Kind] = [_kind(asked, key) for key in keys]
    if template is not None:
        package = open_package(template, f"{asked.report.name}.xlsx")
        mapped = mapping_of(asked.report)
        leaves = {one.leaf for one in mapped}
        measures = [measure.title for measure in spec.measures]
        layout = understand(
            package, leaves.__contains__, named=measures, row_labels=row_labels.__contains__
        )
        clean(package, layout)  # forms kept by earlier versions hold whoever stood in them
        return _formed(package, layout, keys, kinds, {m.column: m.key for m in mapped if m.key})
    shown = list(zip(headings(asked), _all_kinds(asked), strict=True))
    columns = [c.key for c in spec.columns] or keys
    if changes:
        shown.insert(0, (CHANGE_TITLE, "text"))
        columns.insert(0, CHANGE_TITLE)
        keys.insert(0, CHANGE_TITLE)
        kinds.insert(0, "text")
    if len(shown) == 1:
        # One word above one column could be a title: a running number makes it a table.
        shown.insert(0, ("序号", "number"))
        columns.insert(0, NUMBER)
    package = open_package(own_form(asked.report.name, shown), "report.xlsx")
    layout = understand(package, {title for title, _ in shown}.__contains__)
    return _formed(package, layout, keys, kinds, dict(enumerate(columns)))


def _value_keys(spec: Spec) -> list[str]:
    """The values of a row, in order."""
    if spec.rows is Rows.GROUP:
        return [*spec.groups, *(f"measure:{m.title}" for m in spec.measures)]
    return list(spec.keys)


def _kind(asked: Question, key: str) -> Kind:
    if key.startswith("measure:"):
        return "number"
    spec = asked.fields.get(key)
    if spec is None or (key in GROUPS and asked.spec.rows is Rows.GROUP):
        return "text"
    return "date" if spec.kind == "date" else "number" if spec.kind == "number" else "text"


def _all_kinds(asked: Question) -> list[Kind]:
    spec = asked.spec
    if spec.rows is Rows.GROUP:
        return [_kind(asked, key) for key in _value_keys(spec)]
    return ["number" if c.key == NUMBER else _kind(asked, c.key) for c in spec.columns]


def _formed(
    package: Package,
    layout: Layout,
    keys: Sequence[str],
    kinds: Sequence[Kind],
    mapped: Mapping[int, str],
) -> Form:
    """Put values and columns together."""
    styles = styles_of(package)
    where: dict[str, int] = {}
    for column, key in mapped.items():
        where.setdefault(key, column)
    style_of = {slot.heading.column: slot.style for slot in layout.slots}
    columns: list[Column] = []
    dates: set[int] = set()
    for place, (key, kind) in enumerate(zip(keys, kinds, strict=True)):
        column = where.get(key, -1)
        style = styles.format(style_of.get(column, 0))
        if kind == "date" and style.date:
            dates.add(place)
            shape: Kind = "date"
        else:
            shape = "number" if kind == "number" and not style.text else "text"
        columns.append(Column(column, shape, mark=marks_empty(key)))
    taken = {c.column for c in columns}
    remarks = {c for c, key in mapped.items() if key == REMARK}
    numbered = where.get(NUMBER)
    unfilled = tuple(
        slot.heading.column
        for slot in layout.slots
        if slot.heading.column not in taken | remarks
        and slot.heading.column != numbered
        and not slot.formula
    )
    return Form(package, layout, tuple(columns), unfilled, numbered, frozenset(dates))


async def once_values(tx: Tx, asked: Question, rows: int) -> dict[str, str]:
    """What stands beside the labels of a form: 填报单位, 填报日期, 填表人, 共几户."""
    atlas = await ATLAS.get(tx)
    code, today = asked.report.area_code, asked.today
    path = [atlas.name(code[:digits]) for digits in (9, 12, 15, 18) if digits <= len(code)]
    return {
        "unit": "".join(path) or atlas.name(code),
        "date": today.isoformat(),
        "day": f"{today.year}年{today.month}月{today.day}日",
        "by": tx.actor.name,
        "street": atlas.name(code[:9]) if len(code) >= 9 else "",
        "community": atlas.name(code[:12]) if len(code) >= 12 else "",
        "rows": str(rows),
    }


async def make(
    tx: Tx,
    asked: Question,
    vault: Vault,
    *,
    template: bytes | None = None,
    full: Sequence[str] = (),
    before: Snapshot | None = None,
    only_new: bool = False,
    keep_lines: bool = False,
) -> Made:
    """Fill the report's form as the actor, within their reach of now.

    With `before` (what the last run held) it says what changed; `only_new` leaves out the rows
    that did not. Raises ReportTooLong and the refusals of `workbook`.
    """
    if asked.spec.rows is Rows.GROUP:
        return await _make_groups(tx, asked, template, before, keep_lines=keep_lines)
    own_changes = only_new and template is None
    form = await asyncio.to_thread(open_form, asked, template, changes=own_changes)
    rows = await _rows(tx, asked)
    if rows > ROWS_MAX:
        raise ReportTooLong(rows, ROWS_MAX)
    by_areas = rows >= MANY and asked.spec.rows is not Rows.CASE
    ranges = parts_of(await ATLAS.get(tx), asked.report.area_code) if by_areas else ()
    made = lines_of(tx, asked, full=full, parts=ranges)
    once = await once_values(tx, asked, rows)
    out = BytesIO()
    filler = await asyncio.to_thread(_filler, form, out, once)
    decoder = Decoder(made.lines, asked.fields, vault, dates=form.dates)
    result = Made(tuple(value_titles(asked)), filler, out, Snapshot(len(made.lines)), [], rows)
    held: list[tuple[bytes, list[bytes]]] = []
    resident = asked.spec.rows is Rows.RESIDENT

    def take(chunk: bytes) -> None:
        for line in escaped(chunk).split(b"\n"):
            id_, area, *parts = line.split(b"\t")
            cells = decoder.cells(parts)
            key = bytes.fromhex(id_.replace(b"-", b"").decode())
            result.snapshot.add(key, cells)
            if resident:
                result.people.append(Subject(UUID(bytes=key), area.decode()))
            if only_new:
                held.append((key, cells))
            else:
                filler.row(cells)
            if keep_lines and not only_new:
                result.lines.append(b"\t".join(cells))

    shown: list[Subject] | None = None

    async def whom() -> None:
        """Whom the lines show, where they are not people themselves."""
        nonlocal shown
        if not resident and personal(asked.spec, asked.fields):
            shown = await _people(tx, asked)
            if asked.spec.rows is Rows.THING:
                result.others = max(0, (await count(tx, asked)).people - len(shown))

    try:
        await poured(tx, made, take, whom)
        if before is not None:
            result.difference = await asyncio.to_thread(difference, before, result.snapshot)
        if only_new and result.difference is not None:
            _only_changes(result, held, made.lines, own=own_changes, keep=keep_lines)
        if shown is not None:
            result.people = shown
    except BaseException:
        filler.abandon()
        raise
    return result


def _filler(form: Form, out: BytesIO, once: Mapping[str, str]) -> Filler:
    columns = form.columns
    return Filler(
        form.package,
        form.layout,
        columns,
        out,
        unfilled=form.unfilled,
        numbered=form.numbered,
        once=once,
    )


def value_titles(asked: Question) -> list[str]:
    """Titles of the values of a row, without numbers and remarks."""
    shown = headings(asked)
    if asked.spec.rows is Rows.GROUP:
        return list(shown)
    return [
        title
        for title, column in zip(shown, asked.spec.columns, strict=True)
        if column.key not in (NUMBER, REMARK)
    ]


def _only_changes(
    result: Made,
    held: Sequence[tuple[bytes, list[bytes]]],
    lines: Sequence[Line],
    *,
    own: bool,
    keep: bool,
) -> None:
    """Of all rows those that are new or changed; in a sheet of ours each says what happened."""
    found = result.difference
    assert found is not None
    new = {id_.bytes for id_ in found.new}
    changed = {id_.bytes: places for id_, places in found.changed.items()}
    result.rows = 0
    people = {one.resident_id.bytes: one for one in result.people}
    kept: list[Subject] = []
    for key, cells in held:
        if key not in new and key not in changed:
            continue
        result.rows += 1
        if own:
            words = (
                "新增"
                if key in new
                else "、".join(result.titles[place] for place in changed[key])
            )
            cells = [words.encode(), *cells]
        result.filler.row(cells)
        if keep:
            result.lines.append(b"\t".join(cells))
        if key in people:
            kept.append(people[key])
    result.people = kept


async def _rows(tx: Tx, asked: Question) -> int:
    made = rows_statement(
        asked.spec,
        asked.fields,
        area=asked.area,
        today=asked.today,
        reach=reader_of(tx, act_for(asked)),
    )
    return await tx.one(int, made.sql, **made.values)


@dataclass(frozen=True, slots=True)
class _People:
    area_code: str
    ids: tuple[UUID, ...]


async def _people(tx: Tx, asked: Question) -> list[Subject]:
    made = people_statement(
        asked.spec,
        asked.fields,
        area=asked.area,
        today=asked.today,
        reach=reader_of(tx, act_for(asked)),
    )
    areas = await tx.many(_People, made.sql, **made.values)
    return [Subject(id_, one.area_code) for one in areas for id_ in one.ids]


async def _make_groups(
    tx: Tx,
    asked: Question,
    template: bytes | None,
    before: Snapshot | None,
    *,
    keep_lines: bool,
) -> Made:
    counted = await group_rows(tx, asked)
    alone = len(asked.spec.groups) == 1
    labels = (
        frozenset(names[-1] for names, _ in counted.values()) if alone else frozenset[str]()
    )
    form = await asyncio.to_thread(open_form, asked, template, row_labels=labels)
    once = await once_values(tx, asked, len(counted))
    totals = [sum(n[at] for _, n in counted.values()) for at in range(len(asked.spec.measures))]
    for measure, total in zip(asked.spec.measures, totals, strict=True):
        once[f"named:{measure.title}"] = str(total)
    out = BytesIO()
    filler = await asyncio.to_thread(_filler, form, out, once)
    width = len(asked.spec.groups) + len(asked.spec.measures)
    result = Made(tuple(value_titles(asked)), filler, out, Snapshot(width), [], len(counted))
    rows: dict[str, list[bytes]] = {}
    ordered: list[list[bytes]] = []
    for codes, (names, numbers) in counted.items():
        cells = [escaped(name.encode()) for name in names]
        cells += [b"%d" % number for number in numbers]
        result.snapshot.add(group_key(codes), cells)
        rows.setdefault(names[-1], cells)
        ordered.append(cells)
        if keep_lines:
            result.lines.append(b"\t".join(cells))
    if form.layout.labels:
        named = form.layout.labels.items()
        filler.counted({number: rows[label] for number, label in named if label in rows})
    else:
        for cells in ordered:
            filler.row(cells)
    if before is not None:
        result.difference = difference(before, result.snapshot)
    return result


def group_key(codes: Sequence[str]) -> bytes:
    """A row of counts has no id of its own: its codes make one."""
    return hashlib.blake2b("|".join(codes).encode(), digest_size=16).digest()


def stamp_line(name: str, moment: Any) -> str:
    """What stands on every page of a table without people in it."""
    return f"{name} {local(moment):%Y-%m-%d %H:%M} 出表"


def full_possible(asked: Question) -> tuple[str, ...]:
    """What the report could show in full: name, phone, id_number."""
    return full_names(asked.spec.keys)
