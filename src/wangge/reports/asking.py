"""A report read: its question, how far its reader reaches, how many lines there are, and a look at them.

Lines come out of the database as bytes (`Tx.pour`). Nothing here writes to the database."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from wangge.cases.acts import READ as CASES_READ
from wangge.forms.entries import dictionary
from wangge.forms.likeness import NUMBER, REMARK
from wangge.kernel.actors import Act, area_range
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.fields import FieldSpec
from wangge.kernel.moments import local_date
from wangge.kernel.refusals import Invalid
from wangge.people.acts import RESIDENT_READ
from wangge.people.seers import seer
from wangge.places.acts import READ as PLACES_READ
from wangge.registers.acts import READ as REGISTERS_READ
from wangge.reports import fields as reports_fields
from wangge.reports.decoding import Decoder, escaped, unescaped
from wangge.reports.model import GROUPS, PREVIEW_ROWS, Rows, Spec, personal
from wangge.reports.queries import Report
from wangge.reports.statements import (
    Statement,
    count_statement,
    groups_statement,
    lines_statement,
)
from wangge.reports.things import is_thing

#: Imported so that its fields are declared.
DECLARED = (reports_fields,)


@dataclass(frozen=True, slots=True)
class Question:
    """A report read: its spec, the fields of this district, and how far the asker reaches."""

    report: Report
    spec: Spec
    fields: Mapping[str, FieldSpec]
    today: date
    low: str
    high: str

    @property
    def area(self) -> tuple[str, str]:
        return self.low, self.high


async def question(tx: Tx, report: Report) -> Question:
    """Read a kept report. Raises Invalid for one that the dictionary has outgrown."""
    known = await dictionary(tx)
    fields = {entry.key: entry.spec for entry in known.all()}
    try:
        spec = msgspec.convert(report.spec, Spec)
    except msgspec.ValidationError as wrong:
        raise Invalid.of("spec", "这张报表的内容读不懂了,请重新建立。") from wrong
    gone = [key for key in spec.keys if key not in fields]
    if gone:
        raise Invalid.of("columns", "字典里没有“{key}”这个字段,或已停用。", key=gone[0])
    low, high = area_range(report.area_code)
    return Question(report, spec, fields, local_date(tx.now), low, high)


def act_of(rows: Rows) -> Act:
    """What somebody must be allowed to see, to see lines of a kind."""
    if rows is Rows.CASE:
        return CASES_READ
    if rows is Rows.THING:
        return REGISTERS_READ
    return PLACES_READ if rows is Rows.DWELLING else RESIDENT_READ


def reader_of(tx: Tx, act: Act) -> dict[str, Any]:
    """Who reads, as values of a statement: how far, whose needs are theirs to see, and in which areas
    they may see homes."""
    homes = tx.reach(RESIDENT_READ).values()
    within = {"home_from": homes["reach_from"], "home_to": homes["reach_to"]}
    return {**tx.reach(act).values(), **seer(tx), **within}


def act_for(asked: Question) -> Act:
    if asked.spec.rows not in (Rows.CASE, Rows.THING) and personal(asked.spec, asked.fields):
        return RESIDENT_READ
    return act_of(asked.spec.rows)


@dataclass(frozen=True, slots=True)
class Counted:
    rows: int
    people: int
    missing: tuple[int, ...]


async def count(tx: Tx, asked: Question) -> Counted:
    """Lines, people, and how many values of each column are missing; one statement."""
    made = count_statement(
        asked.spec,
        asked.fields,
        area=asked.area,
        today=asked.today,
        reach=reader_of(tx, act_for(asked)),
    )
    return await tx.one(Counted, made.sql, **made.values)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a report would be: headings, its first lines (masked), how many there are, and what is
    missing in each column."""

    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    count: int
    people: int
    missing: tuple[int, ...]


async def preview(tx: Tx, asked: Question, vault: Vault) -> Preview:
    """At most two statements, whatever it holds (for counts: one for each kind of thing)."""
    spec = asked.spec
    if spec.rows is Rows.GROUP:
        counted = await group_rows(tx, asked)
        rows = tuple(
            (*names, *(str(n) for n in numbers))
            for names, numbers in list(counted.values())[:PREVIEW_ROWS]
        )
        return Preview(headings(asked), rows, len(counted), 0, ())
    counts = await count(tx, asked)
    made = lines_of(tx, asked, limit=PREVIEW_ROWS)
    decoder = Decoder(made.lines, asked.fields, vault)
    found: list[list[bytes]] = []

    async def take(chunk: bytes) -> None:
        for line in escaped(chunk).split(b"\n"):
            found.append(decoder.cells(line.split(b"\t")[2:]))

    await tx.pour(made.sql, take, **made.values)
    shown = tuple(tuple(_in_order(spec, [unescaped(c) for c in cells])) for cells in found)
    return Preview(headings(asked), shown, counts.rows, counts.people, counts.missing)


def lines_of(
    tx: Tx,
    asked: Question,
    *,
    full: Sequence[str] = (),
    limit: int | None = None,
    parts: Sequence[tuple[str, str]] = (),
) -> Statement:
    """The statement of a report's lines, within the actor's reach; masked but for `full`."""
    return lines_statement(
        asked.spec,
        asked.fields,
        area=asked.area,
        today=asked.today,
        reach=reader_of(tx, act_for(asked)),
        full=full,
        limit=limit,
        parts=parts,
    )


def _in_order(spec: Spec, values: Sequence[str]) -> Iterator[str]:
    """Values at their columns; running numbers and remarks are the sheet's affair."""
    rest = iter(values)
    for column in spec.columns:
        yield "" if column.key in (NUMBER, REMARK) else next(rest)


def headings(asked: Question) -> tuple[str, ...]:
    """The titles of a report's columns."""
    spec = asked.spec
    if spec.rows is Rows.GROUP:
        return (*(GROUPS[g] for g in spec.groups), *(m.title for m in spec.measures))
    names = {NUMBER: "序号", REMARK: "备注"}
    return tuple(c.title or names.get(c.key) or asked.fields[c.key].name for c in spec.columns)


@dataclass(frozen=True, slots=True)
class _Group:
    codes: tuple[str, ...]
    names: tuple[str, ...]
    numbers: tuple[int, ...]


_COUNTED_AS = {"case": Rows.CASE, "dwelling": Rows.DWELLING}
GroupRows = dict[tuple[str, ...], tuple[tuple[str, ...], list[int]]]


async def group_rows(tx: Tx, asked: Question) -> GroupRows:
    """Codes of the groups → their names and the numbers, in the order of codes; one statement for
    each kind of thing that is counted. Within the actor's reach."""
    spec = asked.spec
    found: GroupRows = {}
    for of in dict.fromkeys(measure.of for measure in spec.measures):
        mine = [(at, m) for at, m in enumerate(spec.measures) if m.of == of]
        rows = Rows.THING if is_thing(of) else _COUNTED_AS.get(of, Rows.RESIDENT)
        made = groups_statement(
            spec,
            [measure for _, measure in mine],
            of,
            asked.fields,
            area=asked.area,
            today=asked.today,
            reach=reader_of(tx, act_of(rows)),
        )
        for group in await tx.many(_Group, made.sql, **made.values):
            names = _named(asked, group)
            row = found.setdefault(group.codes, (names, [0] * len(spec.measures)))
            for (at, _), number in zip(mine, group.numbers, strict=True):
                row[1][at] = number
    return dict(sorted(found.items()))


def _named(asked: Question, group: _Group) -> tuple[str, ...]:
    """Codes of sexes and kinds in words; areas and compounds come with their names."""
    shown: list[str] = []
    for key, code, name in zip(asked.spec.groups, group.codes, group.names, strict=True):
        codes = asked.fields[key].codes if key in asked.fields else None
        shown.append((codes or {}).get(code, name) or "未填写")
    return tuple(shown)
