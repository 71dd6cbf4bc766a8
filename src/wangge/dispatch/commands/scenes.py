"""What a decision about asking needs, and who somebody is to a task."""

from dataclasses import dataclass
from datetime import datetime

from wangge.cases.commands import Ground
from wangge.cases.model import Case
from wangge.cases.reference import REFERENCE
from wangge.dispatch.decide import CHECK_MINUTES
from wangge.dispatch.rules import RULES, Rule, Rulebook, nearest_worker, room_rule
from wangge.dispatch.settings import ROOM_MINUTES
from wangge.kernel.actors import Actor
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


def keys_of(roster: Roster, actor: Actor, now: datetime) -> frozenset[str]:
    """The targets an actor answers for: oneself, one's bodies, teams and rooms."""
    keys = {f"staff:{actor.id}"}
    keys.update(f"role:{g.role.value}@{g.area_code}" for g in actor.grants if g.live(now))
    keys.update(
        f"org:{post.org_id}"
        for post in roster.posts_of(actor.id)
        if post.org_id is not None and post.live(now)
    )
    keys.update(f"team:{team.id}" for team in roster.teams_of(actor.id, now))
    return frozenset(keys)


async def my_keys(tx: Tx) -> frozenset[str]:
    """The actor's own."""
    return keys_of(await ROSTER.get(tx), tx.actor, tx.now)


def rule_for(task: Task, case: Case, found: Scene) -> Rule:
    """By which rule the next one to ask is looked for."""
    if task.kind is TaskKind.HANDLE:
        for rule in found.rules.rules:
            if rule.id == case.rule_id:
                return rule
        return room_rule(found.ground.reference.decided(ROOM_MINUTES))
    if task.kind in (TaskKind.VERIFY, TaskKind.INSPECT):
        return nearest_worker(CHECK_MINUTES[0 if task.urgent else 1])
    return room_rule(found.ground.reference.decided(ROOM_MINUTES))
