"""The one statement of a report, put together from literals; everything asked for is a value.

pyright holds every piece to LiteralString, so nothing somebody typed can become SQL. Conditions of
many counts share one statement: their values come as arrays, and a literal number picks one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, LiteralString

from wangge.forms.columns import AGE, JOINS, Reading, Slots
from wangge.kernel.fields import FieldSpec
from wangge.people.queries.parts import seen_of, within
from wangge.reports.model import (
    Filters,
    Measure,
    Rows,
    Spec,
    is_masked,
    shows_in_full,
)

#: Literal numbers, to pick the values of one count among many.
NUMBERS: tuple[LiteralString, ...] = (
    *("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16"),
    *("17", "18", "19", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29", "30"),
    *("31", "32", "33", "34", "35", "36", "37", "38", "39", "40", "41", "42", "43", "44"),
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
}
_WHERE: Mapping[Rows, LiteralString] = {
    Rows.RESIDENT: " where r.ended_on is null and r.area_code >= :low and r.area_code < :high",
    Rows.HOUSEHOLD: " where h.to_date is null and h.area_code >= :low and h.area_code < :high",
    Rows.DWELLING: " where d.area_code >= :low and d.area_code < :high",
    Rows.CASE: " where k.area_code >= :low and k.area_code < :high",
}
_ROW: Mapping[Rows, LiteralString] = {
    Rows.RESIDENT: "r",
    Rows.HOUSEHOLD: "h",
    Rows.DWELLING: "d",
    Rows.CASE: "k",
}
_ORDER: Mapping[Rows, LiteralString] = {
    Rows.RESIDENT: " order by d.area_code, b.id, u.number, d.floor, d.room, h.id,"
    " r.relation <> 'head', r.id",
    Rows.HOUSEHOLD: " order by d.area_code, b.id, u.number, d.floor, d.room, h.id",
    Rows.DWELLING: " order by d.area_code, b.id, u.number, d.floor, d.room, d.id, h.id",
    Rows.CASE: " order by k.reported_at, k.id",
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


# -- conditions ------------------------------------------------------------------------------------


@dataclass
class Conditions:
    """Conditions of several filters, each numbered; `values` are their values as arrays."""

    fields: Mapping[str, FieldSpec]
    today: date
    slots: Slots
    values: dict[str, list[Any]] = field(default_factory=dict[str, list[Any]])
    count: int = 0

    def begin(self) -> None:
        """The next filter."""
        self.count += 1

    def value(self, name: str, value: Any) -> None:
        """The value of the filter at hand, under a name that a literal below holds."""
        column = self.values.setdefault(name, [])
        column.extend([None] * (self.count - 1 - len(column)))
        column.append(value)

    def arrays(self) -> dict[str, Any]:
        """All values, each array as long as there are filters."""
        names = dict.fromkeys(_NAMES)
        found: dict[str, Any] = {}
        for name in names:
            column = self.values.get(name, [])
            found[name] = column + [None] * (self.count - len(column))
        return found

    @property
    def at(self) -> LiteralString:
        return NUMBERS[self.count - 1]


#: Names of all array values; a statement uses those its filters need.
_NAMES = (
    *("f_tags", "f_sex", "f_age_from", "f_age_to", "f_relations", "f_hukou", "f_kinds"),
    *("f_tenures", "f_compound", "f_building", "f_since_from", "f_since_to", "f_stale"),
    *("f_own_resident", "f_own_household", "f_class", "f_state"),
    *("f_reported_from", "f_reported_to"),
)
#: Between the values of own fields of one filter.
_PART = "\x1f"


def _about_resident(c: Conditions, f: Filters) -> LiteralString:
    """Conditions on the resident `r`."""
    made: LiteralString = ""
    if f.tags:
        c.value("f_tags", ",".join(f.tags))
        asked: LiteralString = "string_to_array((:f_tags::text[])[" + c.at + "], ',')"
        # The row's own tags first, for the index; of them only those that the reader may see.
        made += " and " + asked + " && r.tags and " + asked + " && " + seen_of("r")
    if f.sex:
        c.value("f_sex", f.sex)
        made += " and r.sex = (:f_sex::text[])[" + c.at + "]"
    if f.age_from is not None:
        c.value("f_age_from", f.age_from)
        made += " and (" + AGE + ") >= (:f_age_from::int[])[" + c.at + "]"
    if f.age_to is not None:
        c.value("f_age_to", f.age_to)
        made += " and (" + AGE + ") <= (:f_age_to::int[])[" + c.at + "]"
    if f.relations:
        c.value("f_relations", ",".join(f.relations))
        made += (
            " and r.relation = any (string_to_array((:f_relations::text[])[" + c.at + "], ','))"
        )
    if f.hukou:
        c.value("f_hukou", ",".join(f.hukou))
        made += " and r.hukou = any (string_to_array((:f_hukou::text[])[" + c.at + "], ','))"
    return made + _of_subject(c, f, "resident")


def _about_household(c: Conditions, f: Filters) -> LiteralString:
    """Conditions on the household `h`."""
    made: LiteralString = ""
    if f.kinds:
        c.value("f_kinds", ",".join(f.kinds))
        made += " and h.kind = any (string_to_array((:f_kinds::text[])[" + c.at + "], ','))"
    if f.tenures:
        c.value("f_tenures", ",".join(f.tenures))
        made += " and h.tenure = any (string_to_array((:f_tenures::text[])[" + c.at + "], ','))"
    if f.since_from:
        c.value("f_since_from", date.fromisoformat(f.since_from))
        made += " and h.from_date >= (:f_since_from::date[])[" + c.at + "]"
    if f.since_to:
        c.value("f_since_to", date.fromisoformat(f.since_to))
        made += " and h.from_date <= (:f_since_to::date[])[" + c.at + "]"
    return made + _of_subject(c, f, "household")


def _of_subject(c: Conditions, f: Filters, subject: str) -> LiteralString:
    """Stale, missing and own values of fields that are said of this subject."""
    made: LiteralString = ""
    for key, stale in ((f.stale, True), (f.missing, False)):
        spec = c.fields.get(key)
        if spec is None or spec.subject != subject:
            continue
        reading = c.slots.reading(spec)
        if reading is None or not reading.joins <= {"r", "h"}:
            continue
        empty: LiteralString = "(" + reading.sql + ") = ''"
        if not stale:
            made += " and " + empty
            continue
        days = spec.fresh_days
        c.value("f_stale", date(1, 1, 1) if days is None else c.today - timedelta(days=days))
        made += (
            " and ("
            + empty
            + " or not coalesce("
            + reading.confirmed
            + " >= (:f_stale::date[])["
            + c.at
            + "], false))"
        )
    mine: list[str] = []
    for key, value in f.own.items():
        spec = c.fields.get(key)
        reading = c.slots.reading(spec) if spec and spec.subject == subject else None
        if reading is None or len(mine) == len(NUMBERS):
            continue
        # One text for all own fields of a filter: the array has one place for each filter.
        mine.append(value.replace(_PART, " "))
        made += (
            " and split_part((:f_own_"
            + ("resident" if subject == "resident" else "household")
            + "::text[])["
            + c.at
            + "], E'\\x1f', "
            + NUMBERS[len(mine) - 1]
            + ") = any (string_to_array("
            + reading.sql
            + ", ','))"
        )
    if mine:
        c.value(f"f_own_{subject}", _PART.join(mine))
    return made


def _about_door(c: Conditions, f: Filters) -> LiteralString:
    """Conditions on the door `d` and where it is."""
    made: LiteralString = ""
    if f.compound:
        c.value("f_compound", f.compound)
        made += " and c.name = (:f_compound::text[])[" + c.at + "]"
    if f.building:
        c.value("f_building", f.building)
        made += " and (:f_building::text[])[" + c.at + "] in (b.number, b.name)"
    return made


def _about_case(c: Conditions, f: Filters) -> LiteralString:
    made: LiteralString = ""
    if f.case_class:
        c.value("f_class", f.case_class)
        made += " and k.class_code like (:f_class::text[])[" + c.at + "] || '%'"
    if f.case_state:
        c.value("f_state", f.case_state)
        made += " and k.state = (:f_state::text[])[" + c.at + "]"
    if f.reported_from or f.days_back is not None:
        begin = (
            date.fromisoformat(f.reported_from)
            if f.reported_from
            else c.today - timedelta(days=f.days_back or 0)
        )
        c.value("f_reported_from", begin)
        made += (
            " and k.reported_at >= (:f_reported_from::date[])[" + c.at + "]::timestamp"
            " at time zone 'Asia/Shanghai'"
        )
    if f.reported_to:
        c.value("f_reported_to", date.fromisoformat(f.reported_to))
        made += (
            " and k.reported_at < ((:f_reported_to::date[])[" + c.at + "] + 1)::timestamp"
            " at time zone 'Asia/Shanghai'"
        )
    return made


_SOMEBODY: LiteralString = (
    " and exists (select 1 from people_resident r where r.household_id = h.id"
    " and r.ended_on is null"
)
_SOME_HOME: LiteralString = " and h.id is not null"


def conditions(rows: Rows, c: Conditions, f: Filters) -> LiteralString:
    """The conditions of one filter for rows of a kind: what is said of somebody holds for a
    household when it holds for anybody in it."""
    c.begin()
    if rows is Rows.CASE:
        return _about_case(c, f)
    resident, household = _about_resident(c, f), _about_household(c, f)
    made = _about_door(c, f)
    if rows is Rows.RESIDENT:
        return resident + household + made
    if resident:
        made += _SOMEBODY + resident + ")"
    if rows is Rows.DWELLING:
        if household:
            made += _SOME_HOME + household
        if f.occupied is not None:
            made += _SOME_HOME if f.occupied else " and h.id is null"
        return made
    return household + made


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
) -> Statement:
    """The lines of a report, in the order of doors. Names and numbers are masked unless `full`
    permits them; a sealed value that is permitted comes as bytes beside its mask. Values are never
    null; a line break in one is a blank."""
    slots = Slots()
    c = Conditions(fields, today, slots)
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
    sql: LiteralString = "select " + select + sealed + _from(spec.rows, joins)
    sql += _WHERE[spec.rows] + " and " + within(row) + where + _ORDER[spec.rows]
    if limit is not None:
        sql += " limit :limit"
    values = _values(c, slots, area, today, reach, limit)
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
    c = Conditions(fields, today, slots)
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
    sql: LiteralString = (
        "select count(*)::int as rows, "
        + people
        + " as people, array["
        + missing
        + "]::int[] as missing"
        + _from(spec.rows, joins)
        + _WHERE[spec.rows]
        + " and "
        + within(_ROW[spec.rows])
        + where
    )
    return Statement(sql, tuple(lines), _values(c, slots, area, today, reach, None))


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
    c = Conditions(fields, today, slots)
    where = conditions(spec.rows, c, spec.filters)
    joins: set[str] = set() if spec.rows is Rows.CASE else {*_ALWAYS}
    sql: LiteralString = (
        "select count(*)"
        + _from(spec.rows, joins)
        + _WHERE[spec.rows]
        + " and "
        + within(_ROW[spec.rows])
        + where
    )
    return Statement(sql, (), _values(c, slots, area, today, reach, None))


def people_statement(
    spec: Spec,
    fields: Mapping[str, FieldSpec],
    *,
    area: tuple[str, str],
    today: date,
    reach: Mapping[str, Any],
) -> Statement:
    """Everybody a report about homes or people contains: `resident_id`, `area_code`."""
    slots = Slots()
    c = Conditions(fields, today, slots)
    where = conditions(spec.rows, c, spec.filters)
    rows = spec.rows
    inside: LiteralString = (
        _from(rows, {*_ALWAYS}) + _WHERE[rows] + " and " + within(_ROW[rows]) + where
    )
    if rows is Rows.RESIDENT:
        sql: LiteralString = "select r.id as resident_id, r.area_code" + inside
    else:
        sql = (
            "select x.id as resident_id, x.area_code from people_resident x where x.ended_on is"
            " null and x.household_id in (select h.id" + inside + ")"
        )
    return Statement(sql, (), _values(c, slots, area, today, reach, None))


def _clean(value: LiteralString) -> LiteralString:
    """A value on one line: what separates columns and lines becomes a blank."""
    return "translate(" + value + ", E'\\n\\r\\t\\\\', '    ')"


def _from(rows: Rows, joins: set[str]) -> LiteralString:
    made = _FROM[rows]
    for name, join in (_CASE_AREAS if rows is Rows.CASE else JOINS).items():
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
) -> dict[str, Any]:
    return {
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
    rows = _OF[of]
    slots = Slots()
    c = Conditions(fields, today, slots)
    where = conditions(rows, c, spec.filters)
    joins: set[str] = set() if rows is Rows.CASE else {*_ALWAYS}
    codes: LiteralString = ""
    names: LiteralString = ""
    order: LiteralString = ""
    known = _CASE_GROUP if rows is Rows.CASE else _GROUP
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
        holds = conditions(rows, c, measure.filters)
        numbers += (
            (", " if numbers else "") + counted + " filter (where true" + holds + ")::int"
        )
    sql: LiteralString = (
        "select array[" + codes + "]::text[] as codes, array[" + names + "]::text[] as names,"
        " array["
        + numbers
        + "]::int[] as numbers"
        + _from(rows, joins)
        + _WHERE[rows]
        + " and "
        + within(_ROW[rows])
        + where
        + " group by "
        + codes
        + " order by "
        + codes
    )
    return Statement(sql, (), _values(c, slots, area, today, reach, None))
