"""Conditions of a report, put together from literals; every value is a value.

Conditions of many counts share one statement: their values come as arrays, and a literal number
picks one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, LiteralString

from wangge.forms.columns import AGE, Slots
from wangge.kernel.fields import FieldSpec
from wangge.people.queries.parts import seen_of
from wangge.registers.kinds import ROLES
from wangge.reports.model import Filters, Rows
from wangge.reports.things import LANDLORD, THING_READINGS, ends

#: Literal numbers, to pick the values of one count among many.
NUMBERS: tuple[LiteralString, ...] = (
    *("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16"),
    *("17", "18", "19", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29", "30"),
    *("31", "32", "33", "34", "35", "36", "37", "38", "39", "40", "41", "42", "43", "44"),
)


@dataclass
class Conditions:
    """Conditions of several filters, each numbered; `values` are their values as arrays."""

    fields: Mapping[str, FieldSpec]
    today: date
    slots: Slots
    values: dict[str, list[Any]] = field(default_factory=dict[str, list[Any]])
    count: int = 0
    #: The kind of things that the rows are, if they are things.
    register: str = ""
    #: What the conditions read besides the row and its door, for the statement to join.
    joins: set[str] = field(default_factory=set[str])

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
    *("f_reported_from", "f_reported_to", "f_things"),
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


def _about_thing(c: Conditions, f: Filters, *, whole: bool) -> LiteralString:
    """Conditions on the thing `t`. `whole`: without a word, only things on the books are meant."""
    made: LiteralString = ""
    if f.thing_state == "closed":
        made += " and t.closed_on is not null"
    elif not f.thing_state and whole:
        made += " and t.closed_on is null"
    for key, stale in ((f.stale, True), (f.missing, False)):
        spec = c.fields.get(key)
        if spec is not None and spec.subject == c.register and key in THING_READINGS:
            made += _gap(c, spec, stale=stale)
    mine: list[str] = []

    def part(value: str) -> LiteralString:
        mine.append(value.replace(_PART, " "))
        return (
            "split_part((:f_things::text[])["
            + c.at
            + "], E'\\x1f', "
            + NUMBERS[len(mine) - 1]
            + ")"
        )

    for key, value in f.things.items():
        spec = c.fields.get(key)
        if spec is None or spec.subject != c.register or key not in THING_READINGS:
            continue
        if len(mine) + 2 > len(NUMBERS):
            break
        sql = THING_READINGS[key].sql
        c.joins |= THING_READINGS[key].joins
        if spec.kind in ("number", "date"):
            cast: LiteralString = "::numeric" if spec.kind == "number" else "::date"
            low, high = ends(spec, value, c.today)
            held: LiteralString = "nullif(" + sql + ", '')" + cast
            if low:
                made += " and " + held + " >= " + part(low) + cast
            if high:
                made += " and " + held + " <= " + part(high) + cast
        elif spec.kind in ("code", "codes", "bool"):
            made += (
                " and string_to_array("
                + part(value)
                + ", ',') && string_to_array("
                + sql
                + ", ',')"
            )
        else:
            made += " and position(lower(" + part(value) + ") in lower(" + sql + ")) > 0"
    if mine:
        c.value("f_things", _PART.join(mine))
    return made


def _gap(c: Conditions, spec: FieldSpec, *, stale: bool) -> LiteralString:
    """A thing's field that is not there, or was last found true too long ago. Who answers for it is
    there when a row says so: nobody's name is read for it."""
    reading = THING_READINGS[spec.key]
    held = reading.sql
    role = _role_of(spec)
    empty: LiteralString = "(" + held + ") = ''"
    if role:
        empty = (
            "not exists (select 1 from registers_person x where x.thing_id = t.id"
            " and x.to_date is null and x.role = '"
            + role
            + "' and (x.resident_id is not null or x.name <> '' or x.phone_mask <> ''))"
        )
        if "hl" in reading.joins:
            empty += " and not exists (select 1" + LANDLORD + ")"
        empty = "(" + empty + ")"
    else:
        c.joins |= reading.joins
    if not stale:
        return " and " + empty
    days = spec.fresh_days
    c.value("f_stale", date(1, 1, 1) if days is None else c.today - timedelta(days=days))
    return (
        " and ("
        + empty
        + " or not coalesce("
        + reading.confirmed
        + " >= (:f_stale::date[])["
        + c.at
        + "], false))"
    )


def _role_of(spec: FieldSpec) -> LiteralString:
    name, _, what = spec.key.partition(".")[2].rpartition("_")
    for role in ROLES:
        if role == name and what in ("name", "phone"):
            return role
    return ""


_SOMEBODY: LiteralString = (
    " and exists (select 1 from people_resident r where r.household_id = h.id"
    " and r.ended_on is null"
)
_SOME_HOME: LiteralString = " and h.id is not null"


def conditions(rows: Rows, c: Conditions, f: Filters, *, whole: bool = True) -> LiteralString:
    """The conditions of one filter for rows of a kind: what is said of somebody holds for a
    household when it holds for anybody in it. `whole`: the filter is all that is said of them, so
    that things are those on the books unless it says otherwise."""
    c.begin()
    if rows is Rows.CASE:
        return _about_case(c, f)
    if rows is Rows.THING:
        return _about_door(c, f) + _about_thing(c, f, whole=whole)
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
