"""What is known and fresh at which door: what nobody need ask there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import LiteralString
from uuid import UUID

from wangge.forms.columns import EMPTY_SAYS, Slots
from wangge.forms.entries import dictionary
from wangge.forms.fresh import FIELDS_MAX, NUMBERS
from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date
from wangge.people.seers import seer

_EVER = date(1, 1, 1)


@dataclass(frozen=True, slots=True)
class Fresh:
    """What is fresh of a household and of each person in it: field key → value as text; sealed
    values are their masks."""

    household: Mapping[str, str] = field(default_factory=dict[str, str])
    people: Mapping[UUID, Mapping[str, str]] = field(
        default_factory=dict[UUID, Mapping[str, str]]
    )


@dataclass(frozen=True, slots=True)
class _Row:
    household_id: UUID
    id: UUID
    told: tuple[str, ...]
    fresh: tuple[bool, ...]


_HEADS: dict[str, LiteralString] = {
    "household": "select h.id as household_id, h.id, array[",
    "resident": "select r.household_id, r.id, array[",
}
_TAILS: dict[str, LiteralString] = {
    "household": "] as fresh from people_household h"
    " where h.id = any(:households::uuid[]) and h.to_date is null",
    "resident": "] as fresh from people_resident r"
    " where r.household_id = any(:households::uuid[]) and r.ended_on is null",
}
_ALIAS: dict[str, str] = {"household": "h", "resident": "r"}


async def fresh_values(
    tx: Tx, households: Sequence[UUID], keys: Sequence[str]
) -> dict[UUID, Fresh]:
    """What of these fields of the register is held and fresh, by household; the caller has opened
    their doors, and the second lock hides the others. A field that does not go stale is fresh
    where it is held. One statement a subject, whatever the number of doors and fields."""
    known = await dictionary(tx)
    today = local_date(tx.now)
    homes: dict[UUID, dict[str, str]] = {}
    people: dict[UUID, dict[UUID, dict[str, str]]] = {}
    for subject in _HEADS:
        specs = [
            entry.spec
            for key in dict.fromkeys(keys)
            if (entry := known.find(key)) is not None and entry.spec.subject == subject
        ]
        slots = Slots()
        readable = [
            (spec, reading)
            for spec in specs
            if (reading := slots.reading(spec)) is not None
            and reading.joins <= {_ALIAS[subject]}
        ][:FIELDS_MAX]
        if not readable or not households:
            continue
        told: LiteralString = ""
        fresh: LiteralString = ""
        for place, (_, reading) in enumerate(readable):
            comma: LiteralString = ", " if told else ""
            told += comma + "coalesce((" + reading.sql + "), '')"
            fresh += (
                comma
                + "coalesce("
                + reading.confirmed
                + " >= (:since::date[])["
                + NUMBERS[place]
                + "], false)"
            )
        rows = await tx.many(
            _Row,
            _HEADS[subject] + told + "] as told, array[" + fresh + _TAILS[subject],
            households=list(households),
            today=today,
            since=[
                _EVER if spec.fresh_days is None else today - timedelta(days=spec.fresh_days)
                for spec, _ in readable
            ],
            **slots.values,
            **seer(tx),
        )
        for row in rows:
            values = {
                spec.key: value
                for (spec, _), value, is_fresh in zip(
                    readable, row.told, row.fresh, strict=True
                )
                if is_fresh and (value or spec.key in EMPTY_SAYS)
            }
            if subject == "household":
                homes[row.id] = values
            else:
                people.setdefault(row.household_id, {})[row.id] = values
    return {id_: Fresh(homes.get(id_, {}), people.get(id_, {})) for id_ in {*homes, *people}}
