"""What somebody said on the spot goes into the register: an answer at a shop, a site, a hydrant fills the
field it was asked for, with the day it was said, and is not asked again until that has gone stale."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from wangge.kernel.actors import Reach
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.facts import Fact
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid
from wangge.people.changes import Change, apply_changes
from wangge.registers import acts, queries
from wangge.registers.events import ThingChanged
from wangge.registers.kinds import KINDS, stale_on
from wangge.registers.model import clean_detail
from wangge.registers.queries import Spoken
from wangge.registers.writing import THING

#: Answers of one call: a bite of a round.
ANSWERS_MAX = 2_000
WHAT = "thing_said"
#: Why an answer is not taken.
LEFT: Mapping[str, str] = {
    "gone": "这一条已经注销,或已删除",
    "not_reach": "不在责任范围内",
    "other": "不是这种场所的内容",
    "papers": "要看证照,到台账里改",
    "wrong": "看不懂",
    "later": "之后又有人核实过",
}


@dataclass(frozen=True, slots=True)
class Said:
    """An answer: `field` as the dictionary calls it (`shop.gas`), `value` a code or its Chinese word, a
    list of them, a number, a bool, a day; `on` the day it was said."""

    thing_id: UUID
    field: str
    value: Any
    on: date


@dataclass(frozen=True, slots=True)
class Taken:
    """`fields` say something new, `confirmed` are as they were; `left` are not taken, by why (a key of
    `LEFT`). `batch` takes the new ones back; None when there are none."""

    batch: UUID | None
    fields: int
    confirmed: int
    left: Mapping[str, int]


async def take(tx: Tx, vault: Vault, said: Sequence[Said]) -> Taken:
    """Fill fields with what was said, in one batch that can be undone. Nothing is written over what was
    confirmed on a later day; an empty answer says nothing. What cannot be taken is counted, and holds
    nothing else up. Two statements and those of `apply_changes`, whatever the number.

    Who may correct a register may take answers (`registers.change`); so may whoever confirms it on the
    spot, for what they were told there. Raises Invalid for too many.
    """
    if len(said) > ANSWERS_MAX:
        raise Invalid.of("said", "一次最多 {most} 项回答。", most=ANSWERS_MAX)
    by_thing: dict[UUID, list[Said]] = {}
    for one in said:
        if one.value not in (None, "", []):
            by_thing.setdefault(one.thing_id, []).append(one)
    left: Counter[str] = Counter()
    changes: list[Change] = []
    facts: list[Fact] = []
    fields = confirmed = 0
    batch = new_id(tx.now)
    found = {one.id: one for one in await queries.lock_spoken(tx, list(by_thing))}
    may, here = tx.reach(acts.CHANGE), tx.reach(acts.CONFIRM)
    for thing_id, answers in by_thing.items():
        thing = found.get(thing_id)
        if thing is None or thing.closed_on is not None:
            left["gone"] += len(answers)
            continue
        if not (may.covers(thing.area_code) or _within(here, thing)):
            left["not_reach"] += len(answers)
            continue
        new, days = _read(thing, answers, left)
        fields, confirmed = fields + len(new), confirmed + len(days) - len(new)
        if not days:
            continue
        told = {name: day for name, day in days.items() if name in KINDS[thing.kind].fresh}
        known = {**thing.confirmed, **told}
        values: dict[str, Any] = {
            "confirmed": known,
            "stale_on": stale_on(KINDS[thing.kind], thing.confirmed_on, known),
        }
        if new:
            values["details"] = {**thing.details, **new}
            facts.append(ThingChanged(thing.id, thing.area_code, thing.kind, "correct", batch))
        changes.append(Change(THING.name, "update", thing.id, thing.area_code, values))
    if changes:
        await apply_changes(tx, vault, batch, changes, what=WHAT, fact=False)
        tx.publish(*facts)
    return Taken(batch if changes else None, fields, confirmed, dict(left))


def _within(reach: Reach, thing: Spoken) -> bool:
    return reach.covers(thing.area_code) or thing.unit_id in reach.units


def _read(
    thing: Spoken, answers: Sequence[Said], left: Counter[str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Details that change, and the day each answer was given; the last one of a day counts."""
    kind = KINDS[thing.kind]
    new: dict[str, Any] = {}
    days: dict[str, str] = {}
    for one in sorted(answers, key=lambda said: said.on):
        subject, _, name = one.field.partition(".")
        if subject != kind.code:
            left["other"] += 1
            continue
        detail = kind.by_name.get(name)
        if detail is None:
            left["papers"] += 1
            continue
        try:
            value = clean_detail(detail, one.value)
        except Invalid:
            left["wrong"] += 1
            continue
        day = one.on.isoformat()
        if thing.confirmed.get(name, thing.confirmed_on.isoformat()) > day:
            left["later"] += 1
            continue
        days[name] = day
        new.pop(name, None)
        if thing.details.get(name) != value:
            new[name] = value
    return new, days
