"""How long what we know counts as known: a confirmed value goes stale after its field's days.

The dictionary says which fields and how long (`kernel.fields`). A row remembers the day it was last
found to be true as a whole, and the fields found so on another day. What has gone stale is asked
at the next visit only, by whoever goes there anyway.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, LiteralString
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.fields import FieldSpec
from wangge.kernel.moments import local_date
from wangge.kernel.refusals import Invalid
from wangge.people import acts, fields
from wangge.people.queries.households import Home
from wangge.people.queries.parts import WITHIN
from wangge.people.seers import SEEN, seer

#: Stairwells and households of one page.
ROWS = 50
#: Fields a worker asks about. Needs run out by themselves and are renewed apart.
PERSON: tuple[FieldSpec, ...] = (
    fields.PHONE,
    fields.RELATION,
    fields.WORKPLACE,
    fields.HUKOU_KIND,
    fields.HUKOU_PLACE,
    fields.NAME,
)
HOME: tuple[FieldSpec, ...] = (
    fields.HOUSEHOLD_KIND,
    fields.TENURE,
    fields.LABEL,
    fields.LANDLORD_NAME,
    fields.LANDLORD_PHONE,
)
#: Names of the fields that go stale, in words.
FIELD_NAMES: Mapping[str, str] = {s.key.split(".")[1]: s.name for s in PERSON + HOME}


def _columns(specs: Sequence[FieldSpec]) -> tuple[tuple[str, int], ...]:
    """(name, days) of the fields that go stale."""
    return tuple((s.key.split(".")[1], s.fresh_days) for s in specs if s.fresh_days)


def _oldest(today: date, specs: tuple[FieldSpec, ...]) -> tuple[list[str], list[date]]:
    """Field names, and for each the first day on which a confirmation is still fresh."""
    known = _columns(specs)
    return [name for name, _ in known], [today - timedelta(days=days) for _, days in known]


def stale_fields(
    specs: tuple[FieldSpec, ...],
    confirmed_on: date,
    confirmed: Mapping[str, str],
    today: date,
    birth_year: int | None = None,
) -> tuple[str, ...]:
    """The fields of a row that have gone stale, in the order of the dictionary; of a child those
    that children are asked."""
    child = birth_year is not None and birth_year > today.year - CHILD_YEARS
    return tuple(
        name
        for name, oldest in zip(*_oldest(today, specs), strict=True)
        if _day(confirmed.get(name), confirmed_on) < oldest
        and not (child and name in _OF_CHILDREN)
    )


def stale_at_home(home: Home, today: date) -> tuple[str, ...]:
    """The same of a household: nobody is asked for the landlord of an owner, or for the label of a
    family."""
    if home.to_date is not None:
        return ()
    return tuple(
        name
        for name in stale_fields(HOME, home.confirmed_on, home.confirmed, today)
        if (home.tenure == "tenant" or not name.startswith("landlord"))
        and (home.label or name != "label")
    )


def confirmed_days(
    specs: tuple[FieldSpec, ...], confirmed_on: date, confirmed: Mapping[str, str]
) -> dict[str, date]:
    """Field → the day it was last confirmed."""
    return {name: _day(confirmed.get(name), confirmed_on) for name, _ in _columns(specs)}


def _day(said: str | None, otherwise: date) -> date:
    return date.fromisoformat(said) if said else otherwise


#: A child is not asked for a phone, and where it goes to school is no workplace.
CHILD_YEARS = 14
_OF_CHILDREN = ("phone", "workplace")
_ASKED: LiteralString = """
    coalesce((t.confirmed ->> f.key)::date, t.confirmed_on) < f.oldest
    and (t.birth_year is null or t.birth_year <= :grown or f.key not in ('phone', 'workplace'))
"""
_STALE: LiteralString = (
    """
    array(select f.key from unnest(:keys::text[], :oldest::date[])
                 with ordinality as f(key, oldest, n)
           where """
    + _ASKED
    + """ order by f.n)
"""
)
_STALE_HOME: LiteralString = """
    array(select f.key from unnest(:home_keys::text[], :home_oldest::date[])
                 with ordinality as f(key, oldest, n)
           where coalesce((t.confirmed ->> f.key)::date, t.confirmed_on) < f.oldest
             and (t.tenure = 'tenant' or f.key not like 'landlord%')
             and (t.label <> '' or f.key <> 'label')
           order by f.n)
"""


@dataclass(frozen=True, slots=True)
class Stairwell:
    """A stairwell, its households, and in how many of them something has gone stale."""

    unit_id: UUID
    area_code: str
    compound: str
    name: str
    households: int
    stale: int


async def stairwells(
    tx: Tx, area: str, after: tuple[str, UUID], *, limit: int = ROWS
) -> list[Stairwell]:
    """Stairwells within reach below an area, by code and id: one statement, which looks into the
    households of one page only."""
    keys, oldest = _oldest(local_date(tx.now), PERSON)
    home_keys, home_oldest = _oldest(local_date(tx.now), HOME)
    return await tx.many(
        Stairwell,
        """
        with page as (
            select u.id, u.area_code, u.name, u.building_id from places_unit u
             where u.area_code >= :low and u.area_code < :high
               and (u.area_code, u.id) > (:after_code, :after_id::uuid)
               and (exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                             where u.area_code >= r.lo and u.area_code < r.hi)
                    or u.id = any (:reach_units::uuid[])
                    or u.building_id = any (:reach_buildings::uuid[]))
               and exists (select 1 from people_search s where s.unit_id = u.id)
             order by u.area_code, u.id limit :limit)
        select p.id as unit_id, p.area_code, c.name as compound,
               case when starts_with(p.name, b.name) then p.name else b.name || p.name end as name,
               k.households, k.stale
          from page p
          join places_building b on b.id = p.building_id
          join places_compound c on c.id = b.compound_id
          cross join lateral (
               select count(*)::int as households,
                      (count(*) filter (where cardinality("""
        + _STALE_HOME
        + """) > 0 or exists (
                          select 1 from people_resident x
                           where x.household_id = t.id and x.ended_on is null
                             and exists (
                                 select 1 from unnest(:keys::text[], :oldest::date[])
                                                  f(key, oldest)
                                  where coalesce((x.confirmed ->> f.key)::date,
                                                 x.confirmed_on) < f.oldest
                                    and (x.birth_year is null or x.birth_year <= :grown
                                         or f.key not in ('phone', 'workplace')))))
                      )::int as stale
                 from people_household t
                where t.unit_id = p.id and t.to_date is null) k
         order by p.area_code, p.id
        """,
        low=area,
        high=area + ":",
        after_code=after[0],
        after_id=after[1],
        limit=limit,
        keys=keys,
        oldest=oldest,
        grown=local_date(tx.now).year - CHILD_YEARS,
        home_keys=home_keys,
        home_oldest=home_oldest,
        **tx.reach(acts.RESIDENT_READ).values(),
    )


@dataclass(frozen=True, slots=True)
class AskedPerson:
    """Somebody behind a door; `stale` names what is to be asked of them."""

    id: UUID
    household_id: UUID
    name_mask: str
    relation: str
    birth_year: int | None
    phone_mask: str
    workplace: str
    hukou: str
    tags: tuple[str, ...]
    stale: tuple[str, ...]
    confirmed_on: date
    version: int


@dataclass(frozen=True, slots=True)
class AskedHome:
    """A household with what has gone stale in it."""

    id: UUID
    area_code: str
    unit_id: UUID
    dwelling: str
    floor: int
    room: str
    kind: str
    tenure: str
    label: str
    landlord_mask: str
    landlord_phone_mask: str
    stale: tuple[str, ...]
    confirmed_on: date
    version: int


@dataclass(frozen=True, slots=True)
class Asked:
    home: AskedHome
    people: tuple[AskedPerson, ...]

    @property
    def stale(self) -> bool:
        return bool(self.home.stale) or any(person.stale for person in self.people)


async def in_stairwell(tx: Tx, *unit_ids: UUID) -> list[Asked]:
    """Every household of stairwells within reach, floor by floor, with what is to be asked; those
    with nothing to ask too, so that a visitor finds the door. Two statements."""
    reach = tx.reach(acts.RESIDENT_READ)
    keys, oldest = _oldest(local_date(tx.now), PERSON)
    home_keys, home_oldest = _oldest(local_date(tx.now), HOME)
    homes = await tx.many(
        AskedHome,
        """
        select t.id, t.area_code, t.unit_id, d.name as dwelling, d.floor, d.room, t.kind,
               t.tenure, t.label, t.landlord_mask, t.landlord_phone_mask, """
        + _STALE_HOME
        + """ as stale, t.confirmed_on, t.version
          from people_household t
          join places_dwelling d on d.id = t.dwelling_id
         where t.unit_id = any (:unit_ids::uuid[]) and t.to_date is null
           and """
        + WITHIN
        + """
         order by t.unit_id, d.floor, d.room, t.from_date, t.id
        """,
        unit_ids=list(unit_ids),
        home_keys=home_keys,
        home_oldest=home_oldest,
        **reach.values(),
    )
    people = await tx.many(
        AskedPerson,
        """
        select t.id, t.household_id, t.name_mask, t.relation, t.birth_year, t.phone_mask,
               t.workplace, t.hukou, """
        + SEEN
        + """ as tags, """
        + _STALE
        + """ as stale, t.confirmed_on, t.version
          from people_resident t
         where t.household_id = any (:homes::uuid[]) and t.ended_on is null
         order by t.relation <> 'head', t.birth_year nulls last, t.id
        """,
        homes=[home.id for home in homes],
        keys=keys,
        oldest=oldest,
        grown=local_date(tx.now).year - CHILD_YEARS,
        **seer(tx),
    )
    of: dict[UUID, list[AskedPerson]] = {}
    for person in people:
        of.setdefault(person.household_id, []).append(person)
    return [Asked(home, tuple(of.get(home.id, ()))) for home in homes]


# -- confirming -----------------------------------------------------------------------------------


def asked_keys(
    household_id: UUID, seen: Sequence[tuple[UUID, int, tuple[str, ...]]]
) -> tuple[str, ...]:
    """Keys of the dictionary that somebody was asked for, of rows found to be true: those named, or
    all that go stale. Sorted; no word of whom."""
    found: set[str] = set()
    for id_, _, names in seen:
        specs = HOME if id_ == household_id else PERSON
        found |= {s.key for s in specs if s.fresh_days and (not names or _name(s) in names)}
    return tuple(sorted(found))


def _name(spec: FieldSpec) -> str:
    return spec.key.split(".")[1]


_CONFIRMED: LiteralString = """
    confirmed_on = case when s.fields = '' then :today::date else t.confirmed_on end,
    confirmed = case when s.fields = '' then '{}' else t.confirmed || (
        select jsonb_object_agg(f.name, :today::date)
          from unnest(string_to_array(s.fields, ',')) f(name)) end
      from unnest(:ids::uuid[], :versions::int[], :fields::text[]) s(id, version, fields)
"""


async def confirm_rows(
    tx: Tx, household_id: UUID, seen: Sequence[tuple[UUID, int, tuple[str, ...]]]
) -> list[UUID]:
    """What was shown of these rows (id, version, fields; no fields are all of them) was found to be
    true today. Rows that changed since they were shown are left: nobody confirms what they did not
    see. The content stays the same, so the version does as well. Answers the ids confirmed; two
    statements. Raises Invalid for a field that does not go stale."""
    values: dict[str, Any] = {
        "ids": [id_ for id_, _, _ in seen],
        "versions": [version for _, version, _ in seen],
        "fields": [",".join(fields) for _, _, fields in seen],
        "today": local_date(tx.now),
        "household_id": household_id,
    }
    known = {name for name, _ in _columns(PERSON + HOME)}
    for _, _, fields_ in seen:
        for name in fields_:
            if name not in known:
                raise Invalid.of("fields", "“{field}”不是要核实的内容。", field=name)
    home = await tx.many(
        UUID,
        "update people_household t set "
        + _CONFIRMED
        + """
         where t.id = s.id and t.id = :household_id and t.version = s.version
           and t.to_date is null
        returning t.id
        """,
        **values,
    )
    people = await tx.many(
        UUID,
        "update people_resident t set "
        + _CONFIRMED
        + """
         where t.id = s.id and t.household_id = :household_id and t.version = s.version
           and t.ended_on is null
        returning t.id
        """,
        **values,
    )
    return home + people
