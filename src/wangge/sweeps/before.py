"""What a round that comes again was told the time before: the start of the next, and never an answer by
itself. Somebody at the door says that it is still so, and then it is theirs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date
from wangge.kernel.settings import decided, setting
from wangge.sweeps.asks import Asks, Behind
from wangge.sweeps.keeping import DOOR_DAYS
from wangge.sweeps.model import Kind, Round
from wangge.sweeps.queries import roster as queries

BEFORE_DAYS = setting(
    "sweeps.before_days",
    30,
    "重复清查时,上一轮多少天以内的回答可以作为这一轮的起点(不长于名册保存的天数)",
)


@dataclass(frozen=True, slots=True)
class Before:
    """Answers of the round before by answers' keys, and the day they were given."""

    answers: Mapping[str, Any] = field(default_factory=dict[str, Any])
    on: date | None = None


NOTHING = Before()


async def before_of(
    tx: Tx, round_: Round, kind: Kind, doors: Sequence[Behind], asks: Mapping[UUID, Asks]
) -> dict[UUID, Before]:
    """The start of each of these doors, which the caller has opened: what the round before of the
    same kind was told there of the questions that are asked now. Without telephones (a mask cannot
    be said again), what is in dispute, what is older than the setting, and choices that are no more;
    testing rounds begin from nothing. Two statements at most, whatever the number of doors."""
    if kind.tubes or round_.previous_id is None or not any(one.keys for one in asks.values()):
        return {}
    # What is deleted cannot begin anything: the shorter of the two is what holds.
    setting = await decided(tx)
    days = min(setting(BEFORE_DAYS), setting(DOOR_DAYS))
    found: dict[UUID, Before] = {}
    people = {door.id: door.people for door in doors}
    for row in await queries.before(tx, round_.id, list(people), tx.now - timedelta(days=days)):
        told = {
            key: row.answers[key]
            for key in _asked(asks.get(row.id, Asks()), people[row.id])
            if f"q:{key}" not in row.flagged and _fits(kind, key, row.answers.get(key))
        }
        if told:
            found[row.id] = Before(told, local_date(row.at))
    return found


def _asked(asks: Asks, people: Sequence[UUID]) -> list[str]:
    """The answers' keys of what is asked at a door."""
    found: list[str] = []
    for asked in asks.keys:
        name, at, number = asked.partition("@")
        found.append(f"{name}@{people[int(number)]}" if at else name)
    return found


def _fits(kind: Kind, key: str, value: Any) -> bool:
    """Whether the question would still take that value."""
    question = kind.question(key)
    if question is None or value is None or value == "":
        return False
    match question.kind:
        case "bool":
            return isinstance(value, bool)
        case "choice" | "choices":
            known = {choice.code for choice in question.choices}
            return isinstance(value, str) and set(value.split()) <= known
        case "number" | "decimal":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "date" | "text":
            return isinstance(value, str)
        case _:
            return False
