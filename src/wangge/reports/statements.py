"""The one statement of a report, put together from literals; everything asked for is a value.

pyright holds every piece to LiteralString, so nothing somebody typed can become SQL.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, LiteralString

from wangge.forms.columns import JOINS, Reading, Slots
from wangge.kernel.fields import FieldSpec
from wangge.people.queries.parts import within
from wangge.registers.kinds import KINDS
from wangge.reports import things
from wangge.reports.conditions import NUMBERS, Conditions, conditions
from wangge.reports.model import (
    Measure,
    Rows,
    Spec,
    is_masked,
    shows_in_full,
)

#: Fields of cases: they are in the dictionary too (`fields.py`), and read here, above the register.
CASE_READINGS: Mapping[str, Reading] = {
    "case.receipt": Reading("k.receipt"),
    "case.title": Reading("k.title"),
    "case.class": Reading("coalesce(kc.name_zh, '')", joins=frozenset({"kc"})),
    "case.state": Reading("k.state"),
    "case.channel": Reading("k.channel"),
    "case.place": Reading("k.place"),
    "case.reported_on": Reading(
        "(k.reported_at at time zone 'Asia/Shanghai')::date::text", "date"
    ),
    "case.due_on": Reading(
        "coalesce((k.due_at at time zone 'Asia/Shanghai')::date::text, '')", "date"
    ),
    "case.ended_on": Reading(
        "coalesce((k.ended_at at time zone 'Asia/Shanghai')::date::text, '')", "date"
    ),
}

#: From the rows of each kind to the names that readings use. `:low` and `:high` bound the area.
_FROM: Mapping[Rows, LiteralString] = {
    Rows.RESIDENT: """
        from people_resident r
        join people_household h on h.id = r.household_id and h.to_date is null
        join places_dwelling d on d.id = h.dwelling_id""",
    Rows.HOUSEHOLD: """
        from people_household h
        join places_dwelling d on d.id = h.dwelling_id""",
    Rows.DWELLING: """
        from places_dwelling d
        left join people_household h on h.dwelling_id = d.id and h.to_date is null""",
    Rows.CASE: """
        from cases_case k""",
    Rows.THING: """
        from registers_thing t
        left join places_dwelling d on d.id = t.dwelling_id""",
}
_WHERE: Mapping[Rows, LiteralString] = {
    Rows.RESIDENT: " where r.ended_on is null and r.area_code >= :low and r.area_code < :high",
    Rows.HOUSEHOLD: " where h.to_date is null and h.area_code >= :low and h.area_code < :high",
    Rows.DWELLING: " where d.area_code >= :low and d.area_code < :high",
    Rows.CASE: " where k.area_code >= :low and k.area_code < :high",
    Rows.THING: " where t.kind = :register and t.area_code >= :low and t.area_code < :high",
}
_ROW: Mapping[Rows, LiteralString] = {
    Rows.RESIDENT: "r",
    Rows.HOUSEHOLD: "h",
    Rows.DWELLING: "d",
    Rows.CASE: "k",
    Rows.THING: "t",
}
_ORDER: Mapping[Rows, LiteralString] = {
    Rows.RESIDENT: " order by d.area_code, b.id, u.number, d.floor, d.room, h.id,"
    " r.relation <> 'head', r.id",
    Rows.HOUSEHOLD: " order by d.area_code, b.id, u.number, d.floor, d.room, h.id",
    Rows.DWELLING: " order by d.area_code, b.id, u.number, d.floor, d.room, d.id, h.id",
    Rows.CASE: " order by k.reported_at, k.id",
    Rows.THING: " order by t.area_code, b.id, u.number, d.floor, d.room, t.name, t.id",
}
#: Joins every statement about doors has; the rest only when a column reads from it.
_ALWAYS = ("u", "b", "c")
_CASE_AREAS: Mapping[str, LiteralString] = {
    "a9": " left join places_area a9 on a9.code = left(k.area_code, 9)",
    "a12": " left join places_area a12 on a12.code = left(k.area_code, 12)",
    "a15": " left join places_area a15 on a15.code = left(k.area_code, 15)",
    "a18": " left join places_area a18 on a18.code = k.area_code and length(k.area_code) = 18",
    "kc": " left join cases_class kc on kc.code = k.class_code",
}


# -- lines -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One value of a line: the field, how it comes, and whether the program must open it."""

    key: str
    shape: str
    sealed_in: bool
    column: str
    masked: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement and what its columns are. The first column is the row's id, the second its
    area; then a value for each of `lines`; then, for each sealed one, the row it is bound to and
    its bytes in hex."""

    sql: LiteralString
    lines: tuple[Line, ...]
    values: dict[str, Any]


def reading_of(rows: Rows, slots: Slots, spec: FieldSpec) -> Reading | None:
    """How a field is read, of the register or of cases (which lie in an area, behind no door)."""
    if rows is Rows.CASE and spec.key == "area.code":
        return Reading("k.area_code")
    if rows is Rows.THING:
        return things.THING_READINGS.get(spec.key)
    return CASE_READINGS.get(spec.key) or slots.reading(spec)


def lines_statement(
    spec: Spec,
    fields: Mapping[str, FieldSpec],
    *,
    area: tuple[str, str],
    today: date,
    reach: Mapping[str, Any],
    full: Sequence[str] = (),
    limit: int | None = None,
    parts: Sequence[tuple[str, str]] = (),
) -> Statement:
    """The lines of a report, in the order of doors. Names and numbers are masked unless `full`
    permits them; a sealed value that is permitted comes as bytes beside its mask. Values are never
    null; a line break in one is a blank. With `parts`, ranges of area codes one after the other,
    the lines of each come as soon as they are found (not of cases, which are in the order of days).
    """
    slots = Slots()
    c = Conditions(fields, today, slots, register=spec.register)
    where = conditions(spec.rows, c, spec.filters)
    row = _ROW[spec.rows]
    select: LiteralString = row + ".id::text, " + row + ".area_code"
    sealed: LiteralString = ""
    joins: set[str] = set() if spec.rows is Rows.CASE else {*_ALWAYS}
    lines: list[Line] = []
    for key in spec.keys:
        reading = reading_of(spec.rows, slots, fields[key])
        if reading is None:
            select += ", ''"
            lines.append(Line(key, "text", sealed_in=False, column="", masked=False))
            continue
        joins |= reading.joins
        opened = shows_in_full(key, full)
        unsealed = bool(reading.sealed) and opened
        value = reading.sql if opened or not reading.masked else reading.masked
        select += ", " + _clean(value)
        if unsealed:
            sealed += (
                ", coalesce("
                + reading.sealed_in
                + "::text, ''), coalesce(encode("
                + reading.sealed
                + ", 'hex'), '')"
            )
        lines.append(
            Line(
                key,
                reading.shape,
                sealed_in=unsealed,
                column=reading.column,
                masked=is_masked(key) and not opened,
            )
        )
    sql: LiteralString = "select " + select + sealed + _from(spec.rows, joins | c.joins)
    sql += _WHERE[spec.rows] + " and " + within(row) + where + _ORDER[spec.rows]
    if limit is not None:
        sql += " limit :limit"
    values = _values(c, slots, area, today, reach, limit, spec.register)
    if parts:
        assert spec.rows is not Rows.CASE
        sql = (
            "select s.* from unnest(:lows::text[], :highs::text[]) p(low, high) cross join lateral ("
            + sql.replace(":low", "p.low").replace(":high", "p.high")
            + ") s"
        )
        values |= {"lows": [low for low, _ in parts], "highs": [high for _, high in parts]}
    return Statement(sql, tuple(lines), values)


def count_statement(
    spec: Spec,
    fields: Mapping[str, FieldSpec],
    *,
    area: tuple[str, str],
    today: date,
    reach: Mapping[str, Any],
) -> Statement:
    """How many lines there are, how many people they are about, and for each column how many of
    its values are missing: `rows`, `people`, `missing`."""
    slots = Slots()
    c = Conditions(fields, today, slots, register=spec.register)
    where = conditions(spec.rows, c, spec.filters)
    joins: set[str] = set() if spec.rows is Rows.CASE else {*_ALWAYS}
    missing: LiteralString = ""
    lines: list[Line] = []
    for key in spec.keys:
        reading = reading_of(spec.rows, slots, fields[key])
        comma: LiteralString = ", " if missing else ""
        empty: LiteralString = "''" if reading is None else reading.sql
        joins |= reading.joins if reading else frozenset()
        missing += comma + "count(*) filter (where (" + empty + ") = '')::int"
        lines.append(Line(key, "text", sealed_in=False, column="", masked=False))
    people: LiteralString = "0"
    if spec.rows is Rows.RESIDENT:
        people = "count(*)::int"
    elif spec.rows in (Rows.HOUSEHOLD, Rows.DWELLING):
        joins.add("hm")
        people = "coalesce(sum(hm.size), 0)::int"
    elif spec.rows is Rows.THING:
        each, needed = things.people_count(spec.keys)
        people = "coalesce(sum(" + each + "), 0)::int"
        joins |= needed
    sql: LiteralString = (
        "select count(*)::int as rows, "
        + people
        + " as people, array["
        + missing
        + "]::int[] as missing"
        + _from(spec.rows, joins | c.joins)
        + _WHERE[spec.rows]
        + " and "
        + within(_ROW[spec.rows])
        + where
    )
    return Statement(
        sql, tuple(lines), _values(c, slots, area, today, reach, None, spec.register)
    )


def rows_statement(
    spec: Spec,
    fields: Mapping[str, FieldSpec],
    *,
    area: tuple[str, str],
    today: date,
    reach: Mapping[str, Any],
) -> Statement:
    """How many lines there are, and nothing else: a number."""
    slots = Slots()
    c = Conditions(fields, today, slots, register=spec.register)
    where = conditions(spec.rows, c, spec.filters)
    joins: set[str] = set() if spec.rows is Rows.CASE else {*_ALWAYS}
    sql: LiteralString = (
        "select count(*)"
        + _from(spec.rows, joins | c.joins)
        + _WHERE[spec.rows]
        + " and "
        + within(_ROW[spec.rows])
        + where
    )
    return Statement(sql, (), _values(c, slots, area, today, reach, None, spec.register))


def people_statement(
    spec: Spec,
    fields: Mapping[str, FieldSpec],
    *,
    area: tuple[str, str],
    today: date,
    reach: Mapping[str, Any],
) -> Statement:
    """Everybody of the residents' register whom a report about homes, people or things contains, by
    area: `area_code`, `ids`. A street has a hundred thousand of them in some hundred areas."""
    slots = Slots()
    c = Conditions(fields, today, slots, register=spec.register)
    where = conditions(spec.rows, c, spec.filters)
    rows = spec.rows
    inside: LiteralString = (
        _from(rows, {*_ALWAYS} | c.joins) + _WHERE[rows] + " and " + within(_ROW[rows]) + where
    )
    if rows is Rows.RESIDENT:
        sql: LiteralString = "select r.id as resident_id, r.area_code" + inside
    elif rows is Rows.THING:
        sql = (
            "select distinct q.id as resident_id, q.area_code from registers_person p"
            " join people_resident q on q.id = p.resident_id"
            " where p.to_date is null and p.role = any (:roles_shown::text[])"
            " and p.thing_id in (select t.id" + inside + ")"
        )
    else:
        sql = (
            "select x.id as resident_id, x.area_code from people_resident x where x.ended_on is"
            " null and x.household_id in (select h.id" + inside + ")"
        )
    values = _values(c, slots, area, today, reach, None, spec.register)
    values["roles_shown"] = things.people_shown(spec.keys)
    grouped = "select area_code, array_agg(resident_id) as ids from (" + sql + ") s group by 1"
    return Statement(grouped, (), values)


def _clean(value: LiteralString) -> LiteralString:
    """A value on one line: what separates columns and lines becomes a blank."""
    return "translate(" + value + ", E'\\n\\r\\t\\\\', '    ')"


def _from(rows: Rows, joins: set[str]) -> LiteralString:
    made = _FROM[rows]
    known = {Rows.CASE: _CASE_AREAS, Rows.THING: things.JOINS}.get(rows, JOINS)
    for name, join in known.items():
        if name in joins:
            made += join
    return made


def _values(
    c: Conditions,
    slots: Slots,
    area: tuple[str, str],
    today: date,
    reach: Mapping[str, Any],
    limit: int | None,
    register: str,
) -> dict[str, Any]:
    return {
        "register": register,
        "low": area[0],
        "high": area[1],
        "today": today,
        "limit": limit,
        **c.arrays(),
        **slots.values,
        **reach,
    }


# -- counts ----------------------------------------------------------------------------------------

#: What a group is called by: the code that is grouped, its name, and what has to be joined.
_GROUP: Mapping[str, tuple[LiteralString, LiteralString, tuple[str, ...]]] = {
    "area.street": ("left(d.area_code, 9)", "a9.name", ("a9",)),
    "area.community": ("left(d.area_code, 12)", "a12.name", ("a12",)),
    "area.grid": ("left(d.area_code, 15)", "a15.name", ("a15",)),
    "area.micro_grid": ("d.area_code", "a18.name", ("a18",)),
    "resident.sex": ("r.sex", "r.sex", ()),
    "household.kind": ("h.kind", "h.kind", ()),
    "household.tenure": ("h.tenure", "h.tenure", ()),
    "dwelling.compound": ("c.id::text", "c.name", ()),
}
_CASE_GROUP: Mapping[str, tuple[LiteralString, LiteralString, tuple[str, ...]]] = {
    "area.street": ("left(k.area_code, 9)", "a9.name", ("a9",)),
    "area.community": ("left(k.area_code, 12)", "a12.name", ("a12",)),
    "area.grid": ("left(k.area_code, 15)", "a15.name", ("a15",)),
    "area.micro_grid": ("k.area_code", "a18.name", ("a18",)),
}
_THING_GROUP: Mapping[str, tuple[LiteralString, LiteralString, tuple[str, ...]]] = {
    "area.street": ("left(t.area_code, 9)", "a9.name", ("a9",)),
    "area.community": ("left(t.area_code, 12)", "a12.name", ("a12",)),
    "area.grid": ("left(t.area_code, 15)", "a15.name", ("a15",)),
    "area.micro_grid": ("t.area_code", "a18.name", ("a18",)),
    "dwelling.compound": ("coalesce(c.id::text, '')", "c.name", ()),
    **{
        f"{code}.{one.name}": (things.detail_sql(one), things.detail_sql(one), ())
        for code, kind in KINDS.items()
        for one in kind.details
        if one.kind == "code"
    },
}
_OF: Mapping[str, Rows] = {
    "resident": Rows.RESIDENT,
    "household": Rows.HOUSEHOLD,
    "dwelling": Rows.DWELLING,
    "case": Rows.CASE,
}


def groups_statement(
    spec: Spec,
    measures: Sequence[Measure],
    of: str,
    fields: Mapping[str, FieldSpec],
    *,
    area: tuple[str, str],
    today: date,
    reach: Mapping[str, Any],
) -> Statement:
    """The counts of one kind of thing, all in one statement: `codes`, `names`, `numbers`."""
    rows = _OF.get(of, Rows.THING)
    slots = Slots()
    c = Conditions(fields, today, slots, register=of)
    # Things on the books, unless a number asks for those that were: then each number says which.
    chosen = rows is Rows.THING and any(one.filters.thing_state for one in measures)
    where = conditions(rows, c, spec.filters, whole=not chosen)
    joins: set[str] = set() if rows is Rows.CASE else {*_ALWAYS}
    codes: LiteralString = ""
    names: LiteralString = ""
    order: LiteralString = ""
    known = {Rows.CASE: _CASE_GROUP, Rows.THING: _THING_GROUP}.get(rows, _GROUP)
    for place, group in enumerate(spec.groups):
        code, name, needed = known[group]
        comma: LiteralString = ", " if codes else ""
        codes += comma + code
        names += comma + "coalesce(min(" + name + "), '')"
        order += comma + NUMBERS[place]
        joins |= set(needed)
    numbers: LiteralString = ""
    counted: LiteralString = "count(distinct d.id)" if rows is Rows.DWELLING else "count(*)"
    for measure in measures:
        holds = conditions(
            rows, c, measure.filters, whole=chosen and not spec.filters.thing_state
        )
        numbers += (
            (", " if numbers else "") + counted + " filter (where true" + holds + ")::int"
        )
    sql: LiteralString = (
        "select array[" + codes + "]::text[] as codes, array[" + names + "]::text[] as names,"
        " array["
        + numbers
        + "]::int[] as numbers"
        + _from(rows, joins | c.joins)
        + _WHERE[rows]
        + " and "
        + within(_ROW[rows])
        + where
        + " group by "
        + codes
        + " order by "
        + codes
    )
    return Statement(sql, (), _values(c, slots, area, today, reach, None, of))
