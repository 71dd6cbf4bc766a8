"""Answers of a closed round go where they belong: into the register, and into the contact ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from wangge.forms import ledger
from wangge.forms.columns import own_name
from wangge.forms.model import Contact
from wangge.kernel.crypto import vault_of
from wangge.kernel.database import Tx
from wangge.kernel.jobs import job, later
from wangge.kernel.moments import local_date, new_id
from wangge.people.changes import Change, apply_changes
from wangge.registers.answers import ANSWERS_MAX, Said, take
from wangge.sweeps.answering import opened, split_key
from wangge.sweeps.kinds import kind_as_opened
from wangge.sweeps.model import Kind
from wangge.sweeps.queries import feeding as queries
from wangge.sweeps.questions import COLUMNS, Question

#: Doors one transaction takes: one batch that can be undone.
BITE = 200


@dataclass(frozen=True, slots=True)
class _Given:
    """A value for one row of the register: whose, of which column, said on which day."""

    kind: str
    id: UUID
    question: Question
    value: Any
    on: date


async def feed_later(tx: Tx, round_id: UUID, version: int) -> None:
    """After a certificate: all doors after the first, those reported late after any other."""
    await later(tx, "sweeps.feed", {"round": str(round_id), "late": version > 1, "after": None})


@job("sweeps.feed")
async def feed(tx: Tx, data: Mapping[str, Any]) -> None:
    """The next doors of a round, in the order of their ids; then another job for the rest."""
    round_id = UUID(data["round"])
    kind = await kind_as_opened(tx, round_id)
    if kind.tubes or not any(question.field for question in kind.questions):
        return
    after = UUID(data["after"]) if data["after"] else UUID(int=0)
    doors = await queries.answered(tx, round_id, after, late=bool(data["late"]), limit=BITE)
    if not doors:
        return
    given = [one for door in doors for one in _of(tx, kind, door)]
    if kind.stops:
        await _take(tx, given)
    elif kind.feeds and given:
        await _write(tx, given)
    await _record(tx, round_id, kind, doors)
    if len(doors) == BITE:
        await later(tx, "sweeps.feed", {**data, "after": str(doors[-1].id)})


def _of(tx: Tx, kind: Kind, door: queries.Answered) -> list[_Given]:
    """What this door says of the register; what is still disputed says nothing."""
    answers = opened(vault_of(tx.actor.district), door.said_id, door.answers)
    found: list[_Given] = []
    for key, value in answers.items():
        question = kind.question(key)
        if question is None or not question.field or value == "" or f"q:{key}" in door.flagged:
            continue
        _, person = split_key(key)
        who = ("resident", person) if person else ("household", door.household_id or door.id)
        found.append(_Given(who[0], who[1], question, value, local_date(door.at)))
    return found


async def _take(tx: Tx, given: Sequence[_Given]) -> None:
    """What was said at entries of the registers, as questions that were arranged for them."""
    said = [
        Said(
            one.id,
            one.question.field,
            str(one.value).split() if one.question.kind == "choices" else one.value,
            one.on,
        )
        for one in given
    ]
    for at in range(0, len(said), ANSWERS_MAX):
        await take(tx, vault_of(tx.actor.district), said[at : at + ANSWERS_MAX])


async def _write(tx: Tx, given: Sequence[_Given]) -> None:
    """Changes with history, as a correction by hand is; nothing over what was said on a later day."""
    by_row: dict[tuple[str, UUID], list[_Given]] = {}
    for one in given:
        by_row.setdefault((one.kind, one.id), []).append(one)
    changes: list[Change] = []
    for row in await queries.lock_rows(
        tx,
        [id_ for kind, id_ in by_row if kind == "household"],
        [id_ for kind, id_ in by_row if kind == "resident"],
    ):
        values: dict[str, Any] = {}
        more = dict(row.more)
        confirmed = dict(row.confirmed)
        for one in by_row[row.kind, row.id]:
            field = one.question.field
            name = COLUMNS.get(field) or own_name(field)
            if field not in COLUMNS and not name.startswith("own_"):
                continue
            if confirmed.get(name, row.confirmed_on.isoformat()) > one.on.isoformat():
                continue
            if field in COLUMNS:
                values[name] = one.value
            else:
                more[name] = text_of(one.question, one.value)
                values["more"] = more
            confirmed[name] = one.on.isoformat()
        if values:
            values["confirmed"] = confirmed
            changes.append(Change(row.kind, "update", row.id, row.area_code, values))
    if changes:
        vault = vault_of(tx.actor.district)
        await apply_changes(tx, vault, new_id(tx.now), changes, what="correct")


def text_of(question: Question, value: Any) -> str:
    """An answer as the register keeps a district's own field."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).replace(" ", ",") if question.kind == "choices" else str(value)


async def _record(
    tx: Tx, round_id: UUID, kind: Kind, doors: Sequence[queries.Answered]
) -> None:
    """Who was asked what goes into the ledger, so that nobody asks again."""
    contacts: list[Contact] = []
    for door in doors:
        fields = {
            question.field
            for key, value in door.answers.items()
            if value != "" and (question := kind.question(key)) is not None and question.field
        }
        if fields and door.household_id is not None:
            contacts.append(Contact(door.household_id, tuple(sorted(fields)), "sweep"))
    if contacts:
        await ledger.record(tx, contacts, origin="sweep", origin_id=round_id)
