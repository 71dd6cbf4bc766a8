"""Two people, one door: what stands when a door's reports are judged together.

Phones that were without a network send what their owners meant, not what a row should become.
Every report is kept; what a reporter knew when reporting is told by two things that need no
clock: `base`, how many reports of this door the phone had seen, and `after`, the phone's own
report before this one. A report replaces what its reporter knew. Where reporters did not know of
one another: nothing in common, both stand; the same said, once; different things said of the
same, the last to arrive is shown and the field is flagged until a person decides.

The judgement depends on the set of reports and their order of arrival alone, so a batch sent
twice, in parts or backwards ends in the same line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from wangge.sweeps.model import NOT_MET, Outcome, Person

#: Statuses that leave a person undone where the household is otherwise done.
_UNDONE = frozenset({Person.ABSENT, Person.AWAY, Person.REFUSED, Person.VISIT})


@dataclass(frozen=True, slots=True)
class Said:
    """One report, as judged. `n` counts arrivals at the door from 1. `decides` is a person's
    ruling at a desk, which settles what it names and leaves all else as it stood."""

    id: UUID
    n: int
    by: UUID
    base: int = 0
    after: UUID | None = None
    undoes: UUID | None = None
    decides: bool = False
    turn: int = 1
    outcome: str | None = None
    persons: Mapping[UUID, str] = field(default_factory=dict[UUID, str])
    needs: frozenset[str] = frozenset()
    answers: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Line:
    """What stands. `flagged` names the fields that a person has to decide: `outcome`, `p:<id>`,
    `q:<key>`. `report` is the report whose outcome is shown; None when only persons or nothing
    was said. `tries` counts passes in which nobody was met."""

    outcome: str | None
    persons: Mapping[UUID, str]
    needs: frozenset[str]
    answers: Mapping[str, Any]
    flagged: tuple[str, ...]
    report: UUID | None
    tries: int
    version: int


NOTHING = Line(None, {}, frozenset(), {}, (), None, 0, 0)


def judge(reports: Sequence[Said], listed: Sequence[UUID]) -> Line:
    """The line of a door. `listed` are the residents on its roster."""
    if not reports:
        return NOTHING
    ordered = sorted(reports, key=lambda said: said.n)
    knows = _knowledge(ordered)
    live = [said for said in ordered if not _withdrawn(said, ordered) and said.undoes is None]
    shown: dict[str, Any] = {}
    flagged: list[str] = []
    source: UUID | None = None
    for name in sorted({name for said in live for name in _fields(said)}):
        standing = [
            said
            for said in live
            if name in _fields(said)
            and not any(
                said.id in knows[other.id] and _replaces(other, name)
                for other in live
                if other is not said
            )
        ]
        if not standing:
            continue
        last = standing[-1]
        shown[name] = _fields(last)[name]
        if any(_fields(said)[name] != shown[name] for said in standing):
            flagged.append(name)
        if name == "outcome":
            source = last.id
    outcome = shown.get("outcome")
    persons = {
        UUID(name[2:]): value
        for name, value in shown.items()
        if name.startswith("p:") and _goes_with(name, outcome, live)
    }
    if outcome is None and persons:
        outcome = _from_persons(persons, listed)
    return Line(
        outcome,
        persons,
        frozenset(name[2:] for name in shown if name.startswith("n:")),
        {name[2:]: value for name, value in shown.items() if name.startswith("q:")},
        tuple(flagged),
        source,
        _tries(live, knows),
        ordered[-1].n,
    )


def _fields(said: Said) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if said.outcome is not None:
        found["outcome"] = said.outcome
    found.update({f"p:{person}": status for person, status in said.persons.items()})
    found.update({f"n:{need}": True for need in said.needs})
    found.update({f"q:{key}": value for key, value in said.answers.items()})
    return found


def _replaces(said: Said, name: str) -> bool:
    """Whether a report says something new of a field. An outcome speaks of the whole household,
    so that what was said of its people before is over with it; a ruling is no visit, and whoever
    rules on the outcome has not seen anybody."""
    if name in _fields(said):
        return True
    return said.outcome is not None and name.startswith("p:") and not said.decides


def _knowledge(ordered: Sequence[Said]) -> dict[UUID, frozenset[UUID]]:
    """For each report, which others its reporter knew. A phone that claims to have seen more
    than there was (a server restored from a backup) is believed to have seen nothing."""
    by_id = {said.id: said for said in ordered}
    found: dict[UUID, frozenset[UUID]] = {}

    def known(said: Said, depth: int) -> frozenset[UUID]:
        if said.id in found:
            return found[said.id]
        base = said.base if said.base < said.n else 0
        seen = {other.id for other in ordered if other.n <= base}
        before = by_id.get(said.after) if said.after is not None else None
        if before is not None and depth < len(ordered):
            seen |= {before.id} | known(before, depth + 1)
        if said.undoes is not None and said.undoes in by_id:
            seen.add(said.undoes)
        seen.discard(said.id)
        return frozenset(seen)

    for said in ordered:
        found[said.id] = known(said, 0)
    return found


def _withdrawn(said: Said, ordered: Sequence[Said]) -> bool:
    """Its own reporter took it back, or a desk did."""
    return any(
        other.undoes == said.id and (other.by == said.by or other.decides) for other in ordered
    )


def _goes_with(name: str, outcome: Any, live: Sequence[Said]) -> bool:
    """An exception is shown beside the outcome it was said with, or beside any when it was said
    alone: “all present” from one and “all but one” from another are not both shown."""
    return any(
        name in _fields(said)
        and (said.outcome is None or outcome is None or said.outcome == outcome)
        for said in live
    )


def _from_persons(persons: Mapping[UUID, str], listed: Sequence[UUID]) -> str | None:
    """What people scanned one by one make of their household."""
    if listed and all(persons.get(person) == Person.EXEMPT for person in listed):
        return Outcome.EXEMPT.value
    done = {Person.DONE.value, Person.EXEMPT.value}
    if listed and all(persons.get(person) in done for person in listed):
        return Outcome.ALL.value
    return Outcome.SOME.value


def _tries(live: Sequence[Said], knows: Mapping[UUID, frozenset[UUID]]) -> int:
    """How often the door was tried in vain: two people at one time are one try, another pass or
    another visit by somebody who knew of the first is a second."""
    counted: list[Said] = []
    for said in live:
        if said.outcome not in NOT_MET:
            continue
        if all(
            other.turn != said.turn or other.id in knows[said.id] or said.id in knows[other.id]
            for other in counted
        ):
            counted.append(said)
    return len(counted)


def done_people(
    outcome: str | None,
    persons: Mapping[UUID, str],
    listed: Sequence[UUID],
    *,
    by_tube: bool = False,
) -> tuple[int, int]:
    """Of the people listed, how many are done and how many exempt. `by_tube`: no outcome speaks
    for people it does not name, as somebody who joined since is none of them."""
    if outcome == Outcome.EXEMPT:
        return 0, len(listed)
    whole = outcome in (Outcome.ALL, Outcome.SOME)
    # Scanned one by one, “some” says nothing of those who were not.
    by_scan = by_tube or (outcome == Outcome.SOME and Person.DONE.value in persons.values())
    done = exempt = 0
    for person in listed:
        status = persons.get(person)
        if status == Person.EXEMPT:
            exempt += 1
        elif status == Person.DONE or (status is None and whole and not by_scan):
            done += 1
    return done, exempt
