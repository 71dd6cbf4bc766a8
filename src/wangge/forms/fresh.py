"""How fresh what we know is: the share of confirmed values by area and field, and who is next.

A value is *held* when it is there, *fresh* when somebody confirmed it within the field's time. One
statement for each subject, whatever the number of areas and fields.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import LiteralString
from uuid import UUID

from wangge.forms.columns import Slots
from wangge.forms.entries import dictionary
from wangge.forms.model import REST_DAYS, Freshness
from wangge.kernel.actors import area_range
from wangge.kernel.database import Tx
from wangge.kernel.fields import FieldSpec
from wangge.kernel.moments import local_date
from wangge.kernel.settings import decided
from wangge.people.acts import RESIDENT_READ
from wangge.people.queries.parts import within
from wangge.people.seers import seer
from wangge.registers.freshness import standing
from wangge.registers.kinds import KINDS

#: Fields shown side by side.
FIELDS_MAX = 60
#: Households on the list of who is asked next.
NEXT_MAX = 100
#: Subjects whose rows say when they were confirmed.
_ROWS: dict[str, LiteralString] = {
    "resident": "people_resident r where r.ended_on is null and r.area_code >= :low"
    " and r.area_code < :high",
    "household": "people_household h where h.to_date is null and h.area_code >= :low"
    " and h.area_code < :high",
}
_ALIAS: dict[str, LiteralString] = {"resident": "r", "household": "h"}
#: Places of an array, as text of a statement.
NUMBERS: tuple[LiteralString, ...] = (
    *("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16"),
    *("17", "18", "19", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29", "30"),
    *("31", "32", "33", "34", "35", "36", "37", "38", "39", "40", "41", "42", "43", "44"),
    *("45", "46", "47", "48", "49", "50", "51", "52", "53", "54", "55", "56", "57", "58"),
    *("59", "60"),
)


@dataclass(frozen=True, slots=True)
class _Counts:
    area_code: str
    total: int
    held: tuple[int, ...]
    fresh: tuple[int, ...]


async def freshness(
    tx: Tx, area_code: str, keys: Sequence[str], *, digits: int = 0
) -> list[Freshness]:
    """How fields stand below an area; `digits` parts it into areas of so long a code, 0 takes it as
    one. Fields that do not go stale are fresh where they are held. Within the actor's reach and
    second lock. Fields of the registers' things are told of the area as one; those of other subjects
    are left out."""
    known = await dictionary(tx)
    found = [] if digits else await _of_things(tx, area_code, keys)
    for subject in _ROWS:
        specs = [
            entry.spec
            for key in dict.fromkeys(keys)
            if (entry := known.find(key)) is not None and entry.spec.subject == subject
        ]
        slots = Slots()
        readable = [(spec, reading) for spec in specs if (reading := slots.reading(spec))]
        plain = [
            (spec, reading)
            for spec, reading in readable
            if reading.joins <= {str(_ALIAS[subject])}
        ][:FIELDS_MAX]
        if not plain:
            continue
        held: LiteralString = ""
        fresh: LiteralString = ""
        for place, (_, reading) in enumerate(plain):
            comma: LiteralString = ", " if held else ""
            is_held: LiteralString = "(" + reading.sql + ") <> ''"
            held += comma + "count(*) filter (where " + is_held + ")::int"
            fresh += (
                comma
                + "count(*) filter (where "
                + is_held
                + " and coalesce("
                + reading.confirmed
                + " >= (:since::date[])["
                + NUMBERS[place]
                + "], false))::int"
            )
        low, high = area_range(area_code)
        rows = await tx.many(
            _Counts,
            "select "
            + (_AREA if digits else "''::text")
            + " as area_code, count(*)::int as total,"
            " array["
            + held
            + "] as held, array["
            + fresh
            + "] as fresh from "
            + _ROWS[subject]
            + " and "
            + within(_ALIAS[subject])
            + " group by 1 order by 1",
            low=low,
            high=high,
            digits=digits,
            today=local_date(tx.now),
            since=[_since(tx, spec) for spec, _ in plain],
            **slots.values,
            **seer(tx),
            **tx.reach(RESIDENT_READ).values(),
        )
        found += [
            Freshness(spec.key, row.area_code or area_code, row.total, held_, fresh_)
            for row in rows
            for (spec, _), held_, fresh_ in zip(plain, row.held, row.fresh, strict=True)
        ]
    return found


async def _of_things(tx: Tx, area_code: str, keys: Sequence[str]) -> list[Freshness]:
    """The fields of the registers among these, a statement a register."""
    known = await dictionary(tx)
    by_kind: dict[str, dict[str, date]] = {}
    for key in dict.fromkeys(keys):
        entry, (subject, _, name) = known.find(key), key.partition(".")
        if entry is not None and subject in KINDS:
            by_kind.setdefault(subject, {})[name] = _since(tx, entry.spec)
    return [
        Freshness(f"{code}.{one.name}", area_code, one.total, one.held, one.fresh)
        for code, since in by_kind.items()
        for one in await standing(tx, KINDS[code], area_code, since)
    ]


_AREA: LiteralString = "left(area_code, :digits)"
_EVER = date(1, 1, 1)


def _since(tx: Tx, spec: FieldSpec) -> date:
    """Confirmed on this day or later is fresh."""
    if spec.fresh_days is None:
        return _EVER
    return local_date(tx.now) - timedelta(days=spec.fresh_days)


@dataclass(frozen=True, slots=True)
class NextHome:
    """A household that is asked next: how many of its values are missing or stale, and when it was
    asked anything last."""

    household_id: UUID
    area_code: str
    dwelling: str
    gaps: int
    asked_on: date | None


async def next_homes(
    tx: Tx, area_code: str, keys: Sequence[str], *, limit: int = NEXT_MAX
) -> list[NextHome]:
    """Households below an area with the most gaps first; those that were asked anything within
    `forms.rest_days` are left in peace. One statement."""
    known = await dictionary(tx)
    slots = Slots()
    gaps: dict[str, LiteralString] = {"resident": "0", "household": "0"}
    since: list[date] = []
    for key in keys:
        entry = known.find(key)
        if entry is None or entry.spec.subject not in _ROWS or len(since) == FIELDS_MAX:
            continue
        reading = slots.reading(entry.spec)
        if reading is None or not reading.joins <= {str(_ALIAS[entry.spec.subject])}:
            continue
        since.append(_since(tx, entry.spec))
        gaps[entry.spec.subject] += (
            " + (("
            + reading.sql
            + ") = '' or not coalesce("
            + reading.confirmed
            + " >= (:since::date[])["
            + NUMBERS[len(since) - 1]
            + "], false))::int"
        )
    low, high = area_range(area_code)
    rest = (await decided(tx))(REST_DAYS)
    return await tx.many(
        NextHome,
        "with gap as (select h.id, h.area_code, h.dwelling_id,"
        " (coalesce(sum(" + gaps["resident"] + ") filter (where r.id is not null), 0)"
        " + max(" + gaps["household"] + "))::int as gaps"
        " from people_household h left join people_resident r on r.household_id = h.id"
        " and r.ended_on is null where h.to_date is null and h.area_code >= :low"
        " and h.area_code < :high"
        + " and "
        + within("h")
        + " group by h.id, h.area_code, h.dwelling_id)"
        + _NEXT,
        low=low,
        high=high,
        today=local_date(tx.now),
        since=since,
        rested=tx.now - timedelta(days=rest),
        limit=min(limit, NEXT_MAX),
        **slots.values,
        **seer(tx),
        **tx.reach(RESIDENT_READ).values(),
    )


_NEXT: LiteralString = """
    select g.id as household_id, g.area_code, c.name || ' ' || d.name as dwelling, g.gaps,
           (k.at at time zone 'Asia/Shanghai')::date as asked_on
      from gap g
      join places_dwelling d on d.id = g.dwelling_id
      join places_unit u on u.id = d.unit_id
      join places_building b on b.id = u.building_id
      join places_compound c on c.id = b.compound_id
      left join lateral (select max(x.at) as at from forms_contact x
                          where x.household_id = g.id) k on true
     where g.gaps > 0 and (k.at is null or k.at < :rested)
     order by g.gaps desc, g.area_code, g.id
     limit :limit
"""
