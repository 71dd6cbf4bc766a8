"""What a decision about asking needs, and who somebody is to a task."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from wangge import hours
from wangge.cases.commands import Ground
from wangge.cases.model import Case
from wangge.cases.reference import REFERENCE
from wangge.dispatch.decide import check_minutes
from wangge.dispatch.rules import (
    RULES,
    Asked,
    Rule,
    Rulebook,
    candidates,
    nearest_worker,
    passed_over,
    person_of,
    room_rule,
    why_asked,
)
from wangge.dispatch.settings import ROOM_MINUTES
from wangge.kernel.database import Tx
from wangge.people import ROSTER
from wangge.people.roster import Roster
from wangge.responses import RESPONSES
from wangge.tasks import Task, TaskKind


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything a decision about asking needs, read once a command."""

    ground: Ground
    roster: Roster
    rules: Rulebook


async def scene(tx: Tx, area_code: str) -> Scene:
    """Reference data as of this transaction."""
    versions = await tx.versions()
    reference = await REFERENCE.get(tx, versions)
    responses = await RESPONSES.get(tx, versions)
    return Scene(
        Ground(reference, responses.mode(area_code, tx.now) == "war"),
        await ROSTER.get(tx, versions),
        await RULES.get(tx, versions),
    )


def rule_for(task: Task, case: Case, found: Scene) -> Rule:
    """By which rule the next one to ask is looked for."""
    if task.kind is TaskKind.HANDLE:
        for rule in found.rules.rules:
            if rule.id == case.rule_id:
                return rule
        return room_rule(found.ground.reference.decided(ROOM_MINUTES))
    if task.kind in (TaskKind.VERIFY, TaskKind.INSPECT):
        return nearest_worker(check_minutes(urgent=task.urgent))
    return room_rule(found.ground.reference.decided(ROOM_MINUTES))


async def ask(
    tx: Tx, rule: Rule, area_code: str, roster: Roster, tried: Sequence[str] = ()
) -> tuple[Asked | None, str]:
    """Whom to ask next, and why: nobody who is at the end of their hours. Looks at the nearest ones'
    hours in one statement, and again only where all of them rest."""
    resting: frozenset[UUID] = frozenset()
    looked: set[UUID] = set()
    while True:
        near = list(candidates(rule, area_code, roster, tx.now, tried, resting))
        people = {one for asked in near if (one := person_of(asked.target))} - looked
        if not people:
            break
        looked |= people
        tired = await hours.tired(tx, people)
        if not tired:
            break
        resting |= tired
    asked = near[0] if near else None
    passed = passed_over(rule, area_code, roster, tx.now, resting, asked)
    return asked, why_asked(rule.why, passed)
