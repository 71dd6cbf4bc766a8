"""What a decision about asking needs, and who somebody is to a task."""

from collections.abc import Sequence
from dataclasses import dataclass

from wangge.cases.commands import Ground
from wangge.cases.model import Case
from wangge.cases.reference import REFERENCE
from wangge.dispatch.asking import Around, Choice, Want, around_of, choose_all, pace_of
from wangge.dispatch.decide import check_minutes
from wangge.dispatch.rules import RULES, Rule, Rulebook, nearest_worker, room_rule
from wangge.dispatch.settings import ROOM_MINUTES
from wangge.kernel.database import Tx
from wangge.people import ROSTER
from wangge.people.roster import Roster
from wangge.places import ATLAS
from wangge.responses import RESPONSES
from wangge.tasks import Task, TaskKind


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything a decision about asking needs, read once a command."""

    ground: Ground
    roster: Roster
    rules: Rulebook
    around: Around


async def scene(tx: Tx, area_code: str) -> Scene:
    """Reference data as of this transaction."""
    versions = await tx.versions()
    reference = await REFERENCE.get(tx, versions)
    responses = await RESPONSES.get(tx, versions)
    roster = await ROSTER.get(tx, versions)
    atlas = await ATLAS.get(tx, versions)
    return Scene(
        Ground(reference, responses.mode(area_code, tx.now) == "war"),
        roster,
        await RULES.get(tx, versions),
        around_of(tx.actor.district, roster, atlas),
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
    tx: Tx,
    rule: Rule,
    case: Case,
    found: Scene,
    *,
    tried: Sequence[str] = (),
    but: Sequence[str] = (),
) -> Choice:
    """Whom to ask next, and why: nobody who is at the end of their hours, none of `but`. At most two
    statements."""
    want = Want(rule, case.area_code, case.urgent, tried, but)
    pace = pace_of(found.ground.reference)
    (choice,) = await choose_all(tx, [want], found.around, pace)
    return choice
