"""A question as a form of the desk: fields are ticked, conditions chosen, numbers named. Pure.

Every condition a question can have has a place in the form, so that editing one loses nothing
(a test holds that). A form's fields come as name → all their values.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from wangge.forms.likeness import NUMBER, REMARK
from wangge.forms.model import Dictionary
from wangge.kernel.fields import FieldSpec, all_fields
from wangge.kernel.refusals import Invalid, Problem
from wangge.registers.kinds import KINDS
from wangge.reports.guessing import rows_of
from wangge.reports.model import (
    COLUMNS_MAX,
    GROUPS_MAX,
    MEASURES_MAX,
    NAME_MAX,
    Col,
    Filters,
    Measure,
    Rows,
    Spec,
    subjects_of,
)
from wangge.reports.things import SPAN, THING_READINGS

Given = Mapping[str, Sequence[str]]
#: Numbers a new count offers room for, and how many more one click adds.
MEASURES_OFFERED, MEASURES_MORE = 4, 4
#: Columns of a sheet that are no fields.
OWN_COLUMNS: Mapping[str, str] = {NUMBER: "序号", REMARK: "备注"}
#: Prefix of the conditions of the whole question.
ALL = "f"
_MANY = ("tags", "relations", "hukou", "kinds", "tenures")
_ONE = (
    *("sex", "compound", "building", "since_from", "since_to", "stale", "missing"),
    *("case_class", "case_state", "reported_from", "reported_to", "thing_state"),
)
_NUMBERS = ("age_from", "age_to", "days_back")
_OCCUPIED: Mapping[str, bool | None] = {"": None, "yes": True, "no": False}


def first(given: Given, name: str) -> str:
    """The one value of a field, trimmed; "" without one."""
    values = given.get(name, ())
    return values[-1].strip() if values else ""


def _all(given: Given, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value.strip() for value in given.get(name, ()) if value.strip()))


# -- reading ---------------------------------------------------------------------------------------


def read_spec(
    rows: Rows, given: Given, fields: Mapping[str, FieldSpec], register: str = ""
) -> Spec:
    """What a form asks; `register` is the kind of things it is about. Raises Invalid for numbers
    that are none and counts that nobody can understand; the rest is for `model.check`."""
    wrong: list[Problem] = []
    filters = read_filters(ALL, given, fields, wrong)
    if rows is Rows.GROUP:
        measures = _read_measures(given, fields, wrong)
        spec = Spec(rows, groups=_all(given, "groups"), measures=measures, filters=filters)
    else:
        spec = Spec(rows, columns=_read_columns(given), filters=filters, register=register)
    if wrong:
        raise Invalid.all(wrong)
    return spec


def _read_columns(given: Given) -> tuple[Col, ...]:
    """The ticked fields in the order of their numbers; those without one come after, as listed."""
    ticked = list(_all(given, "keys"))

    def place(at: int) -> tuple[float, int]:
        number = first(given, f"at:{ticked[at]}")
        return (float(number) if number.isascii() and number.isdigit() else float("inf"), at)

    return tuple(
        Col(ticked[at], first(given, f"title:{ticked[at]}")[: NAME_MAX + 1])
        for at in sorted(range(len(ticked)), key=place)
    )


def read_filters(
    prefix: str, given: Given, fields: Mapping[str, FieldSpec], wrong: list[Problem]
) -> Filters:
    """The conditions under a prefix (`f`, `m0`, …); what is no number is added to `wrong`."""
    made: dict[str, Any] = {name: _all(given, f"{prefix}:{name}") for name in _MANY}
    made |= {name: first(given, f"{prefix}:{name}") for name in _ONE}
    for name in _NUMBERS:
        text = first(given, f"{prefix}:{name}")
        if not text:
            made[name] = None
        elif text.isascii() and text.isdigit() and len(text) <= 5:
            made[name] = int(text)
        else:
            words = (
                "最近几天:应为 1 到 3660。" if name == "days_back" else "年龄应为 0 到 150。"
            )
            wrong.append(Problem(name, words))
            made[name] = None
    made["occupied"] = _OCCUPIED.get(first(given, f"{prefix}:occupied"))
    own = f"{prefix}:own:"
    made["own"] = {
        name.removeprefix(own): value
        for name in given
        if name.startswith(own)
        and name.removeprefix(own) in fields
        and (value := first(given, name))
    }
    made["things"] = _read_things(f"{prefix}:thing:", given, fields)
    return Filters(**made)


def _read_things(prefix: str, given: Given, fields: Mapping[str, FieldSpec]) -> dict[str, str]:
    """Conditions on things: ticked codes, yes or no, words, and spans of which either end may be
    open."""
    found: dict[str, str] = {}
    for name in given:
        if not name.startswith(prefix):
            continue
        key, _, end = name.removeprefix(prefix).partition(":")
        if key not in fields or key in found:
            continue
        if end:
            low, high = first(given, f"{prefix}{key}:from"), first(given, f"{prefix}{key}:to")
            value = f"{low}{SPAN}{high}" if low or high else ""
        elif fields[key].kind in ("code", "codes"):
            value = ",".join(_all(given, name))
        else:
            value = first(given, name)
        if value:
            found[key] = value
    return found


def _read_measures(
    given: Given, fields: Mapping[str, FieldSpec], wrong: list[Problem]
) -> tuple[Measure, ...]:
    """The numbers with a title. One that says neither what it counts nor under which condition is
    read by its name, as a heading of somebody's form would be: 60岁以上人数."""
    tags = {name: code for code, name in (_codes(fields, "resident.tags")).items()}
    found: list[Measure] = []
    for at in range(measures_shown(given)):
        title, of = first(given, f"m{at}:title"), first(given, f"m{at}:of")
        if not title:
            continue
        filters = read_filters(f"m{at}", given, fields, wrong)
        if of:
            found.append(Measure(title[: NAME_MAX + 1], of, filters))
            continue
        read = rows_of(title, tags)
        if read is None:
            wrong.append(
                Problem(
                    "measures",
                    "看不出“{title}”数的是什么,请选“数什么”,再选条件。",
                    at + 1,
                    {"title": title[:NAME_MAX]},
                )
            )
        elif filters != Filters():
            # Conditions somebody chose hold; the name then only says what is counted.
            found.append(Measure(title[: NAME_MAX + 1], read.of, filters))
        else:
            found.append(read)
    return tuple(found)


def measures_shown(given: Given) -> int:
    """How many numbers the form has room for."""
    text = first(given, "measures")
    return min(int(text), MEASURES_MAX) if text.isascii() and text.isdigit() else 0


# -- writing ---------------------------------------------------------------------------------------


def written(spec: Spec) -> dict[str, list[str]]:
    """A question as the fields of its form: reading them answers the same question."""
    made: dict[str, list[str]] = {"keys": [column.key for column in spec.columns]}
    for at, column in enumerate(spec.columns, 1):
        made[f"at:{column.key}"] = [str(at)]
        made[f"title:{column.key}"] = [column.title]
    made["groups"] = list(spec.groups)
    made["measures"] = [
        str(min(MEASURES_MAX, max(MEASURES_OFFERED, len(spec.measures) + MEASURES_MORE)))
    ]
    _write_filters(made, ALL, spec.filters)
    for at, measure in enumerate(spec.measures):
        made[f"m{at}:title"], made[f"m{at}:of"] = [measure.title], [measure.of]
        _write_filters(made, f"m{at}", measure.filters)
    return {name: values for name, values in made.items() if any(values)}


def _write_filters(made: dict[str, list[str]], prefix: str, filters: Filters) -> None:
    for name, value in msgspec.structs.asdict(filters).items():
        if name == "own":
            for key, text in filters.own.items():
                made[f"{prefix}:own:{key}"] = [text]
        elif name == "things":
            for key, text in filters.things.items():
                spec = all_fields().get(key)
                _write_thing(made, f"{prefix}:thing:{key}", text, spec.kind if spec else "text")
        elif name == "occupied":
            made[f"{prefix}:{name}"] = [{True: "yes", False: "no"}.get(value, "")]
        elif name in _MANY:
            made[f"{prefix}:{name}"] = list(value)
        else:
            made[f"{prefix}:{name}"] = ["" if value is None else str(value)]


def _write_thing(made: dict[str, list[str]], name: str, text: str, kind: str) -> None:
    low, dots, high = text.partition(SPAN)
    # Days from today are chosen from a list, fixed ones written down.
    fixed = not low.startswith(("+", "-")) and not high.startswith(("+", "-"))
    if kind in ("number", "date") and dots and fixed:
        made[f"{name}:from"], made[f"{name}:to"] = [low], [high]
    else:
        made[name] = text.split(",") if kind in ("code", "codes") else [text]


# -- what there is to choose -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choices:
    """What a form of a kind of rows offers. `columns` are (subject, its fields); `about` says which
    conditions make sense; codes → names in Chinese."""

    columns: tuple[tuple[str, tuple[FieldSpec, ...]], ...]
    about: frozenset[str]
    tags: Mapping[str, str]
    sexes: Mapping[str, str]
    relations: Mapping[str, str]
    hukou: Mapping[str, str]
    kinds: Mapping[str, str]
    tenures: Mapping[str, str]
    states: Mapping[str, str]
    own: tuple[FieldSpec, ...]
    asked: tuple[FieldSpec, ...]
    #: Kind → what can be asked of its things, by value; and what may be missing or old.
    things: Mapping[str, tuple[FieldSpec, ...]]
    lacking: Mapping[str, tuple[FieldSpec, ...]]


def offered_fields(
    known: Dictionary, rows: Rows, register: str = ""
) -> list[tuple[str, list[FieldSpec]]]:
    """Fields that a heading of such a table can mean, by what they are about."""
    return [
        (subject, [entry.spec for entry in found])
        for subject in subjects_of(rows, register)
        if (found := known.all(subject))
    ]


def choices(
    rows: Rows, fields: Mapping[str, FieldSpec], own: frozenset[str], register: str = ""
) -> Choices:
    """`own` are keys of fields the district added; `register` is the kind of things that a line
    is."""
    columns = tuple(
        (subject, tuple(spec for spec in fields.values() if spec.subject == subject))
        for subject in subjects_of(rows, register)
    )
    registers = (register,) if register else tuple(KINDS) if rows is Rows.GROUP else ()
    about = {
        Rows.CASE: frozenset({"case"}),
        Rows.THING: frozenset({"thing", "door"}),
        Rows.DWELLING: frozenset({"person", "home", "door", "occupied"}),
        Rows.GROUP: frozenset({"person", "home", "door", "occupied", "case"}),
    }.get(rows, frozenset({"person", "home", "door"}))
    people = [s for s in fields.values() if s.subject in ("resident", "household")]
    return Choices(
        columns,
        about,
        _codes(fields, "resident.tags"),
        _codes(fields, "resident.sex"),
        _codes(fields, "resident.relation"),
        _codes(fields, "resident.hukou"),
        _codes(fields, "household.kind"),
        _codes(fields, "household.tenure"),
        _codes(fields, "case.state"),
        tuple(spec for spec in people if spec.key in own),
        tuple(spec for spec in people if spec.source not in ("derived", "system")),
        {code: _asked_of(fields, code) for code in registers},
        {
            code: tuple(
                spec
                for spec in fields.values()
                if spec.subject == code and spec.source not in ("derived", "system")
            )
            for code in registers
        },
    )


def _asked_of(fields: Mapping[str, FieldSpec], code: str) -> tuple[FieldSpec, ...]:
    """What a condition can be about: no people, no plates, and closings by their own choice."""
    return tuple(
        spec
        for spec in fields.values()
        if spec.subject == code
        and not spec.personal
        and spec.key in THING_READINGS
        and spec.source != "derived"
    )


def _codes(fields: Mapping[str, FieldSpec], key: str) -> Mapping[str, str]:
    spec = fields.get(key)
    return (spec.codes or {}) if spec is not None else {}


#: Spans of days from today that a page offers.
NEAR: Mapping[str, str] = {
    "..-1": "已经过了的",
    "+0..+30": "今后 30 天内的",
    "+0..+60": "今后 60 天内的",
    "+0..+90": "今后 90 天内的",
    "-30..+0": "最近 30 天内的",
    "-90..+0": "最近 90 天内的",
    "..-365": "一年以前的",
}
#: For the page: what is chosen at most.
LIMITS: Mapping[str, int] = {
    "columns": COLUMNS_MAX,
    "groups": GROUPS_MAX,
    "measures": MEASURES_MAX,
}
