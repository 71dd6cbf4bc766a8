"""What a report can say of the registers' things: how each field of a kind is read, and conditions on it.

One row of these reports is an enterprise, a shop, a site, a school, a hotel, a rented room, a vehicle or
a facility `t`, behind a door `d` with its `u`nit, `b`uilding and `c`ompound where it has one. Whoever
answers for it in a role is `p_role`, and `q_role` when they are of the residents' register; who lets
a rented room may stand with the household there, `hl`. Numbers and plates are masks unless permitted.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from math import isfinite
from typing import LiteralString

from wangge.forms.columns import READINGS, Reading
from wangge.kernel.fields import FieldSpec
from wangge.kernel.refusals import Problem
from wangge.registers import fields as registers_fields
from wangge.registers.kinds import KINDS, ROLES, Detail, Kind

#: Imported so that its fields are declared.
DECLARED = (registers_fields,)
#: Which of a kind's things a report is about; "" is those on the books.
STATES: Mapping[str, str] = {"": "在册的", "closed": "已注销的", "all": "在册和已注销的"}
#: Fields of any kind whose empty cell is an answer and no gap.
EMPTY_SAYS = ("closed_on", "closed_why", "location", "licence", "looks", "hazards")
TEXT_MAX = 60
#: Between the ends of a span.
SPAN = ".."
#: Days from today that a condition may speak of: a century.
DAYS_MAX = 36_500


def is_thing(subject: str) -> bool:
    """Whether a field of that subject is said of a register's things."""
    return subject in KINDS


def line_words(kind: Kind) -> str:
    """What one line is: 每家商户一行, 每辆车一行."""
    return f"每{kind.unit}{kind.name.removesuffix(kind.unit)}一行"


def counted_words(kind: Kind) -> str:
    """What a count counts: 商户数."""
    return f"{kind.name}数"


LINES: Mapping[str, str] = {code: line_words(kind) for code, kind in KINDS.items()}
COUNTED: Mapping[str, str] = {code: counted_words(kind) for code, kind in KINDS.items()}
#: Fields a count can be grouped by, `shop.trade` → 商户经营类别.
GROUPS: Mapping[str, str] = {
    f"{code}.{one.name}": f"{kind.name}{one.words.removeprefix(kind.name)}"
    for code, kind in KINDS.items()
    for one in kind.details
    if one.kind == "code"
}
#: What a column of these would show in full: name, phone, plate.
FULL_OF: Mapping[str, str] = {
    f"{code}.{role}_{what}": what
    for code, kind in KINDS.items()
    for role in kind.roles
    for what in ("name", "phone")
} | {f"{code}.plate": "plate" for code, kind in KINDS.items() if kind.plated}


# -- readings --------------------------------------------------------------------------------------


def _confirmed(name: LiteralString) -> LiteralString:
    return "coalesce((t.confirmed ->> '" + name + "')::date, t.confirmed_on)"


def detail_sql(one: Detail) -> LiteralString:
    """A detail as text; codes joined by commas, yes and no as 1 and 0, "" for nothing."""
    value: LiteralString = "t.details ->> '" + one.name + "'"
    if one.kind == "bool":
        return "case " + value + " when 'true' then '1' when 'false' then '0' else '' end"
    if one.kind == "codes":
        whole: LiteralString = "t.details -> '" + one.name + "'"
        return (
            "case when jsonb_typeof(" + whole + ") = 'array' then array_to_string(array("
            "select jsonb_array_elements_text(" + whole + ")), ',') else '' end"
        )
    return "coalesce(" + value + ", '')"


def _detail(one: Detail) -> Reading:
    return Reading(
        detail_sql(one),
        "number" if one.kind == "number" else "date" if one.kind == "date" else "text",
        _confirmed(one.name) if one.fresh_days else "null::date",
    )


#: The door in words, as the register's own pages say it, and what stands beside it.
_DOOR: LiteralString = (
    "coalesce(c.name, '') || coalesce(d.name, case when starts_with(u.name, b.name) then u.name"
    " else b.name || u.name end, b.name, '')"
)
_ADDRESS: LiteralString = (
    _DOOR + " || case when t.location = '' or b.id is null then t.location"
    " else '(' || t.location || ')' end"
)
#: A landlord who is known where the tenants live is not taken a second time, only shown; to whoever
#: may see the homes there.
LANDLORD: LiteralString = """
              from people_household x
             where x.dwelling_id = t.dwelling_id and x.to_date is null
               and (x.landlord_name <> '' or x.landlord_phone_sealed is not null)
               and exists (select 1 from unnest(:home_from::text[], :home_to::text[]) w(lo, hi)
                            where x.area_code >= w.lo and x.area_code < w.hi)"""
_LETTING: LiteralString = (
    """
        left join lateral (
            select x.id, x.landlord_name, x.landlord_mask, x.landlord_phone_mask,
                   x.landlord_phone_sealed"""
    + LANDLORD
    + """
             order by x.from_date desc, x.id limit 1) hl on true"""
)
_TENANTS: LiteralString = """
        left join lateral (
            select case when exists (
                       select 1 from unnest(:home_from::text[], :home_to::text[]) w(lo, hi)
                        where t.area_code >= w.lo and t.area_code < w.hi)
                   then count(*) end as living
              from people_household x join people_resident y on y.household_id = x.id
             where x.dwelling_id = t.dwelling_id and x.to_date is null
               and y.ended_on is null) hn on true"""


def _role_join(role: LiteralString) -> LiteralString:
    return (
        " left join registers_person p_" + role + " on p_" + role + ".thing_id = t.id"
        " and p_" + role + ".role = '" + role + "' and p_" + role + ".to_date is null"
        " left join people_resident q_"
        + role
        + " on q_"
        + role
        + ".id = p_"
        + role
        + ".resident_id"
    )


#: Joins of the things `t`, in this order; `u`, `b` and `c` always.
JOINS: Mapping[str, LiteralString] = {
    "u": " left join places_unit u on u.id = t.unit_id",
    "b": " left join places_building b on b.id = t.building_id",
    "c": " left join places_compound c on c.id = b.compound_id",
    "a9": " left join places_area a9 on a9.code = left(t.area_code, 9)",
    "a12": " left join places_area a12 on a12.code = left(t.area_code, 12)",
    "a15": " left join places_area a15 on a15.code = left(t.area_code, 15)",
    "a18": " left join places_area a18 on a18.code = t.area_code and length(t.area_code) = 18",
    **{f"p_{role}": _role_join(role) for role in ROLES},
    "hl": _LETTING,
    "hn": _TENANTS,
}


def _name(role: LiteralString, *, let: bool) -> Reading:
    mine: LiteralString = "q_" + role + ".name, nullif(p_" + role + ".name, '')"
    mask: LiteralString = "q_" + role + ".name_mask, nullif(p_" + role + ".name_mask, '')"
    if let:
        mine, mask = mine + ", hl.landlord_name", mask + ", hl.landlord_mask"
    return Reading(
        "coalesce(" + mine + ", '')",
        "text",
        _confirmed("people"),
        _joins(role, let=let),
        masked="coalesce(" + mask + ", '')",
    )


def _phone(role: LiteralString, *, let: bool) -> Reading:
    """The number stands with the resident, with the thing, or with the household that rents; each is
    sealed to its own row and column, which `sealed_in` names as id/column."""
    found: LiteralString = (
        "case when q_" + role + ".phone_sealed is not null then q_" + role + ".@"
        " when p_" + role + ".phone_sealed is not null then p_" + role + ".@"
    )
    where: LiteralString = (
        "case when q_"
        + role
        + ".phone_sealed is not null then q_"
        + role
        + ".id::text || '/phone'"
        " when p_"
        + role
        + ".phone_sealed is not null then p_"
        + role
        + ".id::text || '/person_phone'"
    )
    if let:
        where += (
            " when hl.landlord_phone_sealed is not null then hl.id::text || '/landlord_phone'"
        )
    mask = found.replace("@", "phone_mask")
    sealed = found.replace("@", "phone_sealed")
    if let:
        mask += " else hl.landlord_phone_mask"
        sealed += " else hl.landlord_phone_sealed"
    return Reading(
        "coalesce(" + mask + " end, '')",
        "text",
        _confirmed("people"),
        _joins(role, let=let),
        sealed=sealed + " end",
        sealed_in=where + " end",
        column="phone",
    )


def _joins(role: LiteralString, *, let: bool) -> frozenset[str]:
    return frozenset({f"p_{role}", "hl"} if let else {f"p_{role}"})


def _of(kind: Kind) -> Iterator[tuple[str, Reading]]:
    yield "name", Reading("t.name", "text", _confirmed("name"))
    yield "credit_code", Reading("t.credit_code")
    yield (
        "plate",
        Reading(
            "t.plate_mask",
            sealed="t.plate_sealed",
            sealed_in="t.id",
            column="plate",
            index="t.plate_index",
        ),
    )
    yield "location", Reading("t.location")
    yield "address", Reading(_ADDRESS)
    for one in kind.details:
        yield one.name, _detail(one)
    yield "opened_on", Reading("coalesce(t.opened_on::text, '')", "date")
    yield "closed_on", Reading("coalesce(t.closed_on::text, '')", "date")
    yield "closed_why", Reading("t.closed_why")
    for role in ROLES:
        if role in kind.roles:
            let = kind.at_door and role == "landlord"
            yield f"{role}_name", _name(role, let=let)
            yield f"{role}_phone", _phone(role, let=let)
    if kind.at_door:
        yield (
            "tenants",
            Reading("coalesce(hn.living::text, '')", "number", joins=frozenset({"hn"})),
        )


def _somewhere(reading: Reading) -> Reading:
    """Of a door that may not be there."""
    return Reading(
        "case when u.id is null then '' else coalesce((" + reading.sql + ")::text, '') end",
        reading.shape,
    )


_PLACES: Mapping[str, Reading] = {
    **{key: _somewhere(one) for key, one in READINGS.items() if key.startswith("dwelling.")},
    "dwelling.address": Reading(_DOOR),
    "dwelling.compound": Reading("coalesce(c.name, '')"),
    "dwelling.building": Reading("coalesce(b.name, '')"),
    "dwelling.floor": Reading("coalesce(d.floor::text, '')", "number"),
    "dwelling.room": Reading("coalesce(d.room, '')"),
    **{key: one for key, one in READINGS.items() if key.startswith("area.")},
    "area.code": Reading("t.area_code"),
}
#: Every field a report about things can show, by key.
THING_READINGS: Mapping[str, Reading] = {
    **_PLACES,
    **{f"{code}.{name}": one for code, kind in KINDS.items() for name, one in _of(kind)},
}


def people_shown(keys: tuple[str, ...]) -> list[LiteralString]:
    """The roles whose people these columns show, in the order of ROLES."""
    shown = {key.split(".")[1].rsplit("_", 1)[0] for key in keys if FULL_OF.get(key) in _PEOPLE}
    return [role for role in ROLES if role in shown]


_PEOPLE = ("name", "phone")


def people_count(keys: tuple[str, ...]) -> tuple[LiteralString, set[str]]:
    """How many people a row says something of, and the joins that this needs: everybody in a role that
    is shown; a plate alone is somebody's."""
    count: LiteralString = ""
    joins: set[str] = set()
    for role in people_shown(keys):
        let = role == "landlord" and any(key.startswith("rented.") for key in keys)
        there: LiteralString = "p_" + role + ".id is not null"
        if let:
            there += " or hl.id is not null"
        count += (" + " if count else "") + "(" + there + ")::int"
        joins |= _joins(role, let=let)
    if any(FULL_OF.get(key) == "plate" for key in keys):
        plate: LiteralString = "(t.plate_mask <> '')::int"
        count = "greatest(" + count + ", " + plate + ")" if count else plate
    return count or "0", joins


# -- conditions ------------------------------------------------------------------------------------


def ends(spec: FieldSpec, text: str, today: date) -> tuple[str, str]:
    """The ends of a span as they are compared, both included; "" for an open one. Numbers as they are;
    days as 2026-03-18, or as days from today: -30, +0, +60. Raises ValueError."""
    low, dots, high = text.partition(SPAN)
    if not dots:
        raise ValueError(text)
    read = _day if spec.kind == "date" else _number
    made = read(low.strip(), today), read(high.strip(), today)
    if not any(made):
        raise ValueError(text)
    return made


def _number(text: str, today: date) -> str:
    del today
    if not text:
        return ""
    number = float(text)
    if not isfinite(number):
        raise ValueError(text)
    return format(number, "f")


def _day(text: str, today: date) -> str:
    if _relative(text):
        days = int(text)
        if abs(days) > DAYS_MAX:
            raise ValueError(text)
        return (today + timedelta(days=days)).isoformat()
    return date.fromisoformat(text).isoformat() if text else ""


def _relative(text: str) -> bool:
    return text[:1] in ("+", "-")


def wrong_conditions(
    given: Mapping[str, str], state: str, fields: Mapping[str, FieldSpec]
) -> list[Problem]:
    """What is wrong with conditions on things."""
    wrong: list[Problem] = []
    if state not in STATES:
        wrong.append(Problem("thing_state", "请选在册的、已注销的或全部。"))
    for key, text in given.items():
        spec = fields.get(key)
        if spec is None or not is_thing(spec.subject):
            wrong.append(
                Problem("things", "字典里没有“{key}”这个字段,或已停用。", None, {"key": key})
            )
        elif spec.personal or key not in THING_READINGS:
            wrong.append(
                Problem("things", "不能按“{name}”筛选。", None, {"key": key, "name": spec.name})
            )
        elif (words := _wrong(spec, text)) is not None:
            wrong.append(Problem("things", words, None, {"key": key, "name": spec.name}))
    return wrong


def _wrong(spec: FieldSpec, text: str) -> str | None:
    if spec.kind in ("number", "date"):
        try:
            low, high = ends(spec, text, date(2000, 1, 1))
        except ValueError:
            return (
                "“{name}”的日期应写成 2026-03-18,或今天前后的天数,如 +30。"
                if spec.kind == "date"
                else "“{name}”应为数字。"
            )
        # A day and a number of days from today may change places as time goes by.
        given = text.split(SPAN)
        same = spec.kind != "date" or len({_relative(end.strip()) for end in given}) == 1
        if low and high and same:
            more = low > high if spec.kind == "date" else float(low) > float(high)
            return "“{name}”的下限比上限大。" if more else None
        return None
    if spec.kind in ("code", "codes", "bool"):
        known = {"0", "1"} if spec.kind == "bool" else set(spec.codes or {})
        return None if text and set(text.split(",")) <= known else "“{name}”没有这个选项。"
    return None if 1 <= len(text) <= TEXT_MAX else "“{name}”的条件太长或是空的。"


#: For the test that demands the English of names put together here.
NAMES_FOR_WORDS: Mapping[str, tuple[str, ...]] = {
    "lines": tuple(LINES.values()),
    "counted": tuple(COUNTED.values()),
    "groups": tuple(GROUPS.values()),
    "states": tuple(STATES.values()),
}
