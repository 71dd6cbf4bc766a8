"""The desk's verbs that need somebody: check, inspect, send back, dispatch."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from wangge import hours, tasks
from wangge.cases import commands as cases
from wangge.cases.acts import ACCEPT, CLOSE, DISPATCH
from wangge.cases.model import Case, State, Verb
from wangge.cases.taxonomy import Level
from wangge.dispatch.asking import Choice
from wangge.dispatch.commands.giving import (
    create_task,
    dispatch_by_rule,
    dispatch_to,
    send_back,
)
from wangge.dispatch.commands.scenes import Scene, ask, scene
from wangge.dispatch.decide import check_minutes
from wangge.dispatch.rules import Asked, Rule, nearest_worker, person_of
from wangge.kernel.actors import Role
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Invalid
from wangge.kernel.said import said
from wangge.tasks import TaskKind


async def verify(tx: Tx, case_id: UUID, version: int | None) -> Case:
    """Send the nearest worker to look (核实, before filing)."""
    case = await cases.door(tx, case_id, version, ACCEPT)
    found = await scene(tx, case.area_code)
    limit = found.ground.limit(tx.now, found.ground.reference.limits.verify, "verify", "核实")
    minutes = check_minutes(urgent=case.urgent)
    choice, target = await _first(tx, nearest_worker(minutes), case, found)
    moved = await cases.progress(tx, case, Verb.VERIFY, limit, target=target)
    await create_task(tx, moved, TaskKind.VERIFY, choice, minutes, limit.due_at or tx.now)
    return moved


async def inspect(tx: Tx, case_id: UUID, version: int | None) -> Case:
    """Send the nearest worker to look (核查, before closing); never the one who did the work."""
    case = await cases.door(tx, case_id, version, CLOSE)
    found = await scene(tx, case.area_code)
    limit = found.ground.limit(tx.now, found.ground.reference.limits.inspect, "inspect", "核查")
    minutes = check_minutes(urgent=case.urgent)
    but = [f"staff:{case.handler_id}"] if case.handler_id else []
    choice, target = await _first(tx, nearest_worker(minutes), case, found, but)
    moved = await cases.progress(tx, case, Verb.INSPECT, limit, target=target)
    await create_task(tx, moved, TaskKind.INSPECT, choice, minutes, limit.due_at or tx.now)
    return moved


async def rework(tx: Tx, case_id: UUID, version: int | None, why: str) -> Case:
    """Not good enough, says the desk."""
    case = await cases.door(tx, case_id, version, CLOSE)
    if case.state is State.INSPECTING:
        await tasks.cancel_for(tx, case.id, kinds=[TaskKind.INSPECT])
    return await send_back(tx, case, why)


async def dispatch(
    tx: Tx, case_id: UUID, version: int | None, target: str | None, note: str
) -> Case:
    """Give a filed case to a unit (派遣): the chosen target, or whom the rules name."""
    case = await cases.door(tx, case_id, version, DISPATCH)
    found = await scene(tx, case.area_code)
    if target is None:
        return await dispatch_by_rule(tx, case, found, must=True)
    asked = _chosen(target, case, found, tx.now)
    why = note.strip()
    person = person_of(target)
    if person is not None and not why and await hours.tired(tx, [person]):
        raise Invalid.of("note", "这个人工时到限,应先休息。请另选;确实必须派的,请写明理由。")
    return await dispatch_to(
        tx,
        case,
        found,
        Choice(asked),
        None,
        said("指挥室指定:{note}", note=why) if why else said("指挥室指定"),
        30,
    )


def _chosen(target: str, case: Case, found: Scene, now: datetime) -> Asked:
    """A target that a dispatcher named must exist and have somebody on duty."""
    kind, _, rest = target.partition(":")
    level = Level(case.level)
    try:
        if kind == "org" and found.roster.org_members(UUID(rest), now):
            return Asked(target, Level.STREET)
        if kind == "team" and found.roster.members(UUID(rest)):
            return Asked(target, level)
        if kind == "staff" and any(p.live(now) for p in found.roster.posts_of(UUID(rest))):
            return Asked(target, level)
        role, _, code = rest.partition("@")
        if kind == "role" and found.roster.seat(Role(role), code, now) == code:
            return Asked(target, level)
    except ValueError:
        pass
    raise Invalid.of("target", "这个处置单位不存在,或现在没有在岗的人。")


async def _first(
    tx: Tx, rule: Rule, case: Case, found: Scene, but: Sequence[str] = ()
) -> tuple[Choice, str]:
    choice = await ask(tx, rule, case, found, but=but)
    if choice.asked is None:
        raise Invalid.of("case_id", "这里和上级都没有在岗的人可派。")
    return choice, choice.asked.target
