"""How each field is read: the SQL of its value as text, and of the day it was confirmed.

The one place that knows where a field of the register lies; the freshness overview and every report
take it from here. Fragments are literals over these names: `r` a resident, `h` a household, `d`
a dwelling with its `u`nit, `b`uilding and `c`ompound; `hd` the head of a household, `hm` its
numbers; `a9`, `a12`, `a15`, `a18` the areas a row lies in. `:own_1`… name a district's own fields.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, LiteralString

from wangge.kernel.fields import FieldSpec
from wangge.people.queries.parts import seen_of

Shape = Literal["text", "number", "date"]

#: Own fields one table may hold.
OWN_MAX = 20
_OWN_NAMES: tuple[LiteralString, ...] = (
    *(":own_1", ":own_2", ":own_3", ":own_4", ":own_5", ":own_6", ":own_7", ":own_8"),
    *(":own_9", ":own_10", ":own_11", ":own_12", ":own_13", ":own_14", ":own_15"),
    *(":own_16", ":own_17", ":own_18", ":own_19", ":own_20"),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a value is read. `sql` gives text, never null ("" for none): codes as codes, dates as ISO.
    `confirmed` gives a date or null. `joins` are names of `JOINS`. A sealed value is opened by the
    program: `sealed` gives its bytes, bound to the row `sealed_in` and `column`; `sql` is its mask.
    `masked` is what stands for a name that is not to be shown; `index` tells equal sealed values.
    """

    sql: LiteralString
    shape: Shape = "text"
    confirmed: LiteralString = "null::date"
    joins: frozenset[str] = frozenset()
    masked: LiteralString = ""
    sealed: LiteralString = ""
    sealed_in: LiteralString = ""
    column: str = ""
    index: LiteralString = ""


def _confirmed(row: LiteralString, name: LiteralString) -> LiteralString:
    return (
        "coalesce((" + row + ".confirmed ->> '" + name + "')::date, " + row + ".confirmed_on)"
    )


def _r(sql: LiteralString, name: LiteralString, shape: Shape = "text") -> Reading:
    return Reading(sql, shape, _confirmed("r", name), frozenset({"r"}))


def _h(sql: LiteralString, name: LiteralString, shape: Shape = "text") -> Reading:
    return Reading(sql, shape, _confirmed("h", name), frozenset({"h"}))


def _on(join: str, sql: LiteralString, shape: Shape = "text") -> Reading:
    return Reading(sql, shape, "null::date", frozenset({join}))


#: Age in full years on `:today`; from the years alone when only the year of birth is known.
AGE: LiteralString = (
    "case when r.birth_date is not null"
    " then extract(year from age(:today::date, r.birth_date))::int"
    " when r.birth_year is not null"
    " then extract(year from :today::date)::int - r.birth_year end"
)

READINGS: Mapping[str, Reading] = {
    "resident.name": Reading(
        "r.name", "text", _confirmed("r", "name"), frozenset({"r"}), masked="r.name_mask"
    ),
    "resident.sex": _r("case r.sex when 'unknown' then '' else r.sex end", "sex"),
    "resident.birth_date": _r("coalesce(r.birth_date::text, '')", "birth_date", "date"),
    "resident.birth_year": _r("coalesce(r.birth_year::text, '')", "birth_year", "number"),
    "resident.age": _r("coalesce((" + AGE + ")::text, '')", "birth_date", "number"),
    "resident.phone": Reading(
        "r.phone_mask",
        "text",
        _confirmed("r", "phone"),
        frozenset({"r"}),
        sealed="r.phone_sealed",
        sealed_in="r.id",
        column="phone",
        index="r.phone_index",
    ),
    "resident.id_kind": _r("r.id_kind", "id_kind"),
    "resident.id_number": Reading(
        "r.id_mask",
        "text",
        _confirmed("r", "id_number"),
        frozenset({"r"}),
        sealed="r.id_sealed",
        sealed_in="r.id",
        column="id_number",
        index="r.id_index",
    ),
    "resident.relation": _r("r.relation", "relation"),
    "resident.tags": _r("array_to_string(" + seen_of("r") + ", ',')", "tags"),
    "resident.hukou": _r("case r.hukou when 'unknown' then '' else r.hukou end", "hukou"),
    "resident.hukou_place": _r("r.hukou_place", "hukou_place"),
    "resident.workplace": _r("r.workplace", "workplace"),
    "resident.since": _r("coalesce(r.since::text, '')", "since", "date"),
    "household.kind": _h("h.kind", "kind"),
    "household.tenure": _h("case h.tenure when 'unknown' then '' else h.tenure end", "tenure"),
    "household.label": _h("h.label", "label"),
    "household.from_date": _h("h.from_date::text", "from_date", "date"),
    "household.to_date": _h("coalesce(h.to_date::text, '')", "to_date", "date"),
    "household.landlord_name": Reading(
        "h.landlord_name",
        "text",
        _confirmed("h", "landlord_name"),
        frozenset({"h"}),
        masked="h.landlord_mask",
    ),
    "household.landlord_phone": Reading(
        "h.landlord_phone_mask",
        "text",
        _confirmed("h", "landlord_phone"),
        frozenset({"h"}),
        sealed="h.landlord_phone_sealed",
        sealed_in="h.id",
        column="landlord_phone",
        index="h.landlord_phone_index",
    ),
    "household.head_name": Reading(
        "coalesce(hd.name, '')",
        joins=frozenset({"hd"}),
        masked="coalesce(hd.name_mask, '')",
    ),
    "household.head_phone": Reading(
        "coalesce(hd.phone_mask, '')",
        "text",
        "hd.phone_confirmed",
        frozenset({"hd"}),
        sealed="hd.phone_sealed",
        sealed_in="hd.id",
        column="phone",
        index="hd.phone_index",
    ),
    "household.size": _on("hm", "coalesce(hm.size, 0)::text", "number"),
    "household.elders": _on("hm", "coalesce(hm.elders, 0)::text", "number"),
    "household.minors": _on("hm", "coalesce(hm.minors, 0)::text", "number"),
    "dwelling.address": _on("d", "c.name || d.name"),
    "dwelling.compound": _on("d", "c.name"),
    "dwelling.building": _on("d", "b.name"),
    "dwelling.unit": _on("d", "u.number || '单元'"),
    "dwelling.floor": _on("d", "d.floor::text", "number"),
    "dwelling.room": _on("d", "d.room"),
    "dwelling.lift": _on("d", "case when u.has_lift then '1' else '0' end"),
    "area.street": _on("a9", "coalesce(a9.name, '')"),
    "area.community": _on("a12", "coalesce(a12.name, '')"),
    "area.grid": _on("a15", "coalesce(a15.name, '')"),
    "area.micro_grid": _on("a18", "coalesce(a18.name, '')"),
    "area.code": _on("d", "d.area_code"),
}

#: Fields for which "" is an answer and not a gap: no need, no micro-grid, still living here.
EMPTY_SAYS: frozenset[str] = frozenset(
    {"resident.tags", "household.to_date", "household.label", "area.micro_grid", "area.grid"}
    | {"household.landlord_name", "household.landlord_phone", "resident.workplace"}
)


def own_reading(spec: FieldSpec, slot: int) -> Reading:
    """How the district's own field is read that takes the place `slot` (from 0) of `:own_1`…"""
    name = _OWN_NAMES[slot]
    row: LiteralString = "r" if spec.subject == "resident" else "h"
    shapes: Mapping[str, Shape] = {"number": "number", "date": "date"}
    return Reading(
        "coalesce(" + row + ".more ->> " + name + ", '')",
        shapes.get(spec.kind, "text"),
        "(" + row + ".confirmed ->> " + name + ")::date",
        frozenset({row}),
    )


def own_name(key: str) -> str:
    """What a district's own field is called in `more` and `confirmed`: resident.own_3 is own_3."""
    return key.split(".")[1]


class Slots:
    """Gives out the places of own fields for one statement, with their values by name."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def reading(self, spec: FieldSpec) -> Reading | None:
        """How a field is read; None for one that nothing here holds."""
        known = READINGS.get(spec.key)
        if known is not None or not own_name(spec.key).startswith("own_"):
            return known
        slot = len(self.values)
        if slot >= OWN_MAX:
            return None
        self.values[f"own_{slot + 1}"] = own_name(spec.key)
        return own_reading(spec, slot)


#: How the rows that a reading needs are joined, in this order, to `h` (or, for reports about
#: dwellings, to `d`).
JOINS: Mapping[str, LiteralString] = {
    "u": " join places_unit u on u.id = d.unit_id",
    "b": " join places_building b on b.id = u.building_id",
    "c": " join places_compound c on c.id = b.compound_id",
    "hd": """
        left join (
            select distinct on (x.household_id) x.household_id, x.id, x.name, x.name_mask, x.phone_sealed,
                   x.phone_mask, x.phone_index,
                   coalesce((x.confirmed ->> 'phone')::date, x.confirmed_on) as phone_confirmed
              from people_resident x
             where x.ended_on is null and x.area_code >= :low and x.area_code < :high
             order by x.household_id, x.relation <> 'head', x.birth_year, x.id) hd
          on hd.household_id = h.id""",
    "hm": """
        left join (
            select x.household_id, count(*) as size,
                   count(*) filter (where x.birth_year is not null and coalesce(
                       x.birth_date <= :today::date - interval '60 years',
                       extract(year from :today::date) - x.birth_year >= 60)) as elders,
                   count(*) filter (where x.birth_year is not null and coalesce(
                       x.birth_date > :today::date - interval '18 years',
                       extract(year from :today::date) - x.birth_year < 18)) as minors
              from people_resident x
             where x.ended_on is null and x.area_code >= :low and x.area_code < :high
             group by x.household_id) hm
          on hm.household_id = h.id""",
    "a9": " left join places_area a9 on a9.code = left(d.area_code, 9)",
    "a12": " left join places_area a12 on a12.code = left(d.area_code, 12)",
    "a15": " left join places_area a15 on a15.code = left(d.area_code, 15)",
    "a18": " left join places_area a18 on a18.code = d.area_code and length(d.area_code) = 18",
}
