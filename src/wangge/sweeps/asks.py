"""Which questions are asked at which door: those that nobody has an answer to that is still fresh."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol
from uuid import UUID

from wangge.forms.entries import dictionary
from wangge.forms.fresh_values import Fresh, fresh_values
from wangge.forms.questions import coming_along, questions_for, questions_there
from wangge.kernel.database import Tx
from wangge.registers.freshness import FreshThere, fresh_there
from wangge.registers.kinds import KINDS as REGISTERS
from wangge.sweeps.conditions import holds, keys_of
from wangge.sweeps.model import MET
from wangge.sweeps.questions import Question, asking_for, subject_of

#: Questions from elsewhere that one round takes along.
ALONG_MAX = 24


class Behind(Protocol):
    """A door: the household's id (or the dwelling's, where nobody lives), and who is listed."""

    @property
    def id(self) -> UUID: ...
    @property
    def people(self) -> Sequence[UUID]: ...


@dataclass(frozen=True, slots=True)
class Asks:
    """What is asked at one door: `key` of the household, `key@n` of the n-th person listed. `known`
    are fresh answers that conditions of other questions speak of."""

    keys: tuple[str, ...] = ()
    known: Mapping[str, Any] = field(default_factory=dict[str, Any])


async def along(tx: Tx, areas: Sequence[str], things: Sequence[str] = ()) -> list[Question]:
    """Questions arranged elsewhere (an outside table that was admitted) for sweeps of these areas,
    as questions of a round: those about homes, or about the registers it goes to (`things`). Two
    statements at most."""
    known = await dictionary(tx)
    made: list[Question] = []
    for one in await coming_along(tx, "sweep", areas):
        entry = known.find(one.key)
        if entry is None or not entry.active or len(made) == ALONG_MAX:
            continue
        subject = entry.spec.subject
        if subject not in things if things else subject in REGISTERS:
            continue
        question = asking_for(entry.spec, f"f_{one.id.hex[-12:]}", one.words)
        if question is not None:
            made.append(replace(question, asked=one.id, stale=one.of_whom == "stale"))
    return made


async def asks_of(
    tx: Tx, questions: Sequence[Question], doors: Sequence[Behind]
) -> dict[UUID, Asks]:
    """What is asked behind these doors, which the caller has opened. A question with a field is left
    out where the register's value is fresh; one from elsewhere where it does not concern the
    household or the stop, or was answered since. Three statements at most, whatever the number of
    doors."""
    asked = [question for question in questions if question.kind != "note"]
    if not asked or not doors:
        return {}
    homes = [door.id for door in doors]
    named = {key for q in questions for node in (q.when, q.must) for key in keys_of(node)}
    if any(subject_of(q) in REGISTERS for q in asked):
        return await _at_stops(tx, asked, homes, named)
    fields = sorted({q.field for q in asked if q.field and (q.asked is None or q.stale)})
    fresh = await fresh_values(tx, homes, fields) if fields else {}
    wanted: dict[tuple[UUID, UUID], tuple[UUID, ...]] = {}
    if any(q.asked for q in asked):
        wanted = {
            (home, one.question_id): one.people
            for home, found in (await questions_for(tx, "sweep", homes, fresh=fresh)).items()
            for one in found
        }
    return {
        door.id: _at(door, asked, fresh.get(door.id, Fresh()), wanted, named) for door in doors
    }


async def _at_stops(
    tx: Tx, asked: Sequence[Question], stops: Sequence[UUID], named: set[str]
) -> dict[UUID, Asks]:
    """At entries of registers, a stop having the id of its entry. A kind's own question without a field is
    asked everywhere; one with a field where the entry is of that register and does not hold a fresh
    value; one from elsewhere where it is open. Two statements at most."""
    there = await questions_there(tx, "sweep", stops) if any(q.asked for q in asked) else {}
    keys = sorted({q.field for q in asked if q.field and q.asked is None})
    fresh = await fresh_there(tx, stops, keys) if keys else {}
    found: dict[UUID, Asks] = {}
    for stop in stops:
        wanted = {one.question_id for one in there.get(stop, ())}
        held = fresh.get(stop, FreshThere())
        open_: list[str] = []
        known: dict[str, Any] = {}
        for question in asked:
            if question.asked is not None:
                skips = question.asked not in wanted
            elif question.field:
                value = held.values.get(question.field)
                skips = value is not None or subject_of(question) != held.kind
                if value is not None and question.key in named:
                    known[question.key] = read_back(question, value)
            else:
                skips = False
            if not skips:
                open_.append(question.key)
        found[stop] = Asks(tuple(open_), known)
    return found


def _at(
    door: Behind,
    asked: Sequence[Question],
    fresh: Fresh,
    wanted: Mapping[tuple[UUID, UUID], tuple[UUID, ...]],
    named: set[str],
) -> Asks:
    keys: list[str] = []
    known: dict[str, Any] = {}
    for question in asked:
        # Of whom a question from elsewhere is asked; () is everybody.
        whom: tuple[UUID, ...] | None = ()
        if question.asked is not None:
            whom = wanted.get((door.id, question.asked))
        if whom is None:
            continue
        skips = bool(question.field) and (question.asked is None or question.stale)
        if question.of == "household":
            held = fresh.household.get(question.field) if skips else None
            if held is None:
                keys.append(question.key)
            elif question.key in named:
                known[question.key] = read_back(question, held)
            continue
        for at, person in enumerate(door.people):
            if whom and person not in whom:
                continue
            held = fresh.people.get(person, {}).get(question.field) if skips else None
            if held is None:
                keys.append(f"{question.key}@{at}")
            elif question.key in named:
                known[f"{question.key}@{at}"] = read_back(question, held)
    return Asks(tuple(keys), known)


def read_back(question: Question, text: str) -> Any:
    """A field's value as an answer to the question that fills it."""
    if question.kind == "bool":
        return text == "1"
    if question.kind in ("number", "decimal"):
        try:
            return int(text) if question.kind == "number" else float(text)
        except ValueError:
            return text
    return text.replace(",", " ") if question.kind == "choices" else text


def open_keys(
    questions: Sequence[Question],
    asks: Asks,
    people: Sequence[UUID],
    outcome: str | None,
    answers: Mapping[str, Any],
    today: str,
) -> list[str]:
    """What is still to be asked at a door as it stands, by answers' keys (`key@<resident id>`);
    the phone works it out by the same rules (questions.js). Nothing where nobody was met."""
    if outcome is not None and outcome not in MET:
        return []
    by_key = {question.key: question for question in questions}
    found: list[str] = []
    for key in asks.keys:
        name, at, number = key.partition("@")
        question = by_key[name]
        person = people[int(number)] if at else None
        own = f"{name}@{person}" if person is not None else name
        if answers.get(own, "") != "":
            continue
        seen = {k: v for k, v in (*asks.known.items(), *answers.items()) if "@" not in k}
        if person is not None:
            for source, end in ((asks.known, f"@{number}"), (answers, f"@{person}")):
                seen |= {k.removesuffix(end): v for k, v in source.items() if k.endswith(end)}
        if holds(question.when, seen, "", today):
            found.append(own)
    return found
