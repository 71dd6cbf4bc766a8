"""What is done to a case through its tasks: ask, accept, handle, check, ask again, climb."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from wangge import tasks
from wangge.cases import commands as cases
from wangge.cases import queries as case_queries
from wangge.cases.acts import ACCEPT, CLOSE, DISPATCH
from wangge.cases.commands import Ground
from wangge.cases.events import CaseOverdue
from wangge.cases.model import (
    ENDED,
    NO_LIMIT,
    VERB_NAMES,
    Case,
    State,
    Verb,
    WrongState,
    reason,
)
from wangge.cases.reference import REFERENCE
from wangge.cases.taxonomy import Level
from wangge.dispatch.decide import CHECK_MINUTES
from wangge.dispatch.rules import (
    LEVELS,
    NO_RULE,
    RULES,
    Asked,
    Rule,
    Rulebook,
    candidates,
    nearest_worker,
    room_rule,
)
from wangge.dispatch.settings import CLIMB_HOURS, ROOM_MINUTES
from wangge.kernel.actors import Actor
from wangge.kernel.database import Tx
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Forbidden, Invalid
from wangge.people import ROSTER
from wangge.people.roster import Roster
from wangge.responses import RESPONSES
from wangge.tasks import NewTask, Task, TaskKind

#: Offers looked at in one go of the clock.
EXPIRED_MAX = 100
#: Cases that climb in one go of the clock.
CLIMBED_MAX = 100


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
        return nearest_worker(case.area_code, CHECK_MINUTES[0 if task.urgent else 1])
    return room_rule(found.ground.reference.decided(ROOM_MINUTES))


# -- answering an offer ------------------------------------------------------------------------


async def accept(tx: Tx, task_id: UUID) -> Task:
    """Take it (接单). Of a pool, the first; nobody else after. Raises AlreadyTaken, OfferGone."""
    task = await tasks.accept(tx, task_id, await my_keys(tx))
    if task.kind is TaskKind.HANDLE:
        case = await case_queries.lock_for_task(tx, task.origin_id)
        if case.state is State.DISPATCHED:
            await cases.progress(
                tx,
                case,
                Verb.ACK,
                case.handling_limit(),
                target=task.target,
                edit=lambda moved: replace(moved, handler_id=tx.actor.id, unit=task.target),
            )
    return task


async def decline(tx: Tx, task_id: UUID, why: str) -> Task:
    """Say no (with a reason): the next candidate is asked in the same transaction."""
    said = reason("reason", why)
    task = await tasks.decline(tx, task_id, await my_keys(tx), said)
    case = await case_queries.lock_for_task(tx, task.origin_id)
    return await ask_next(tx, task, case, await scene(tx, case.area_code))


async def ask_next(tx: Tx, task: Task, case: Case, found: Scene) -> Task:
    """Nobody answered, or no: the next candidate, a level up when the near ones are through.

    When nobody is left, the task is stranded, which the command room sees.
    """
    rule = rule_for(task, case, found)
    tried = [*task.tried, *([task.target] if task.target else [])]
    if case.handler_id is not None and task.kind is TaskKind.INSPECT:
        tried.append(f"staff:{case.handler_id}")
    asked = next(candidates(rule, case.area_code, found.roster, tx.now, tried), None)
    if asked is None:
        return await tasks.strand(tx, task)
    if LEVELS.index(asked.level) > LEVELS.index(Level(case.level)):
        await cases.aside(
            tx,
            case,
            replace(case, level=asked.level.value),
            Verb.ESCALATE,
            "无人接单,转上一级",
        )
    answer_by = tx.now + timedelta(minutes=task.answer_minutes)
    return await tasks.offer_again(tx, task, asked.target, asked.level.value, answer_by)


async def expire_offers(tx: Tx) -> int:
    """What the clock does: offers without an answer go on to the next one."""
    late = await tasks.expire(tx, EXPIRED_MAX)
    for task in late:
        case = await case_queries.lock_for_task(tx, task.origin_id)
        await ask_next(tx, task, case, await scene(tx, case.area_code))
    return len(late)


# -- the work ----------------------------------------------------------------------------------


async def start(tx: Tx, task_id: UUID) -> Task:
    """The holder goes to work."""
    task = await tasks.start(tx, task_id, await my_keys(tx))
    if task.kind is TaskKind.HANDLE:
        case = await case_queries.lock_for_task(tx, task.origin_id)
        if case.may(Verb.START):
            await cases.progress(
                tx,
                case,
                Verb.START,
                case.handling_limit(),
                edit=lambda moved: replace(moved, handler_id=tx.actor.id),
            )
    return task


async def finish(tx: Tx, task_id: UUID, result: str, files: Sequence[UUID]) -> Task:
    """Done, with words and photos; somebody else checks before it is closed."""
    said = reason("result", result)
    task = await tasks.finish(tx, task_id, await my_keys(tx), TaskKind.HANDLE)
    case = await case_queries.lock_for_task(tx, task.origin_id)
    found = await scene(tx, case.area_code)
    limit = found.ground.limit(
        tx.now, found.ground.reference.limits.inspect, "inspect", "核查结案"
    )
    await cases.progress(
        tx,
        case,
        Verb.FINISH,
        limit,
        opinion=said,
        edit=lambda moved: replace(moved, result=said, handler_id=tx.actor.id),
    )
    await cases.photos(tx, case.id, files, "result")
    return task


async def return_task(tx: Tx, task_id: UUID, why: str) -> Task:
    """The unit gives the case back to the dispatcher, with a reason (回退)."""
    said = reason("reason", why)
    task = await tasks.hand_back(tx, task_id, await my_keys(tx), said)
    if task.kind is not TaskKind.HANDLE:
        raise Invalid.of("task_id", "核实、核查任务请选“不接”,不能退回派遣。")
    case = await case_queries.lock_for_task(tx, task.origin_id)
    found = await scene(tx, case.area_code)
    returned = await cases.progress(
        tx,
        case,
        Verb.RETURN_TO_DISPATCHER,
        found.ground.to_dispatch(tx.now),
        opinion=said,
        target=task.target,
        edit=lambda moved: replace(
            moved,
            returned=True,
            returns=moved.returns + 1,
            handler_id=None,
            unit=None,
            final_due_at=None,
            final_cause="",
        ),
    )
    if cases.needs_joint(returned, found.ground):
        await _call_meeting(tx, returned, found)
    return task


async def _call_meeting(tx: Tx, case: Case, found: Scene) -> None:
    """疑难会商: several units have given it back, so they are brought to one table."""
    minutes = found.ground.reference.decided(ROOM_MINUTES)
    asked = next(candidates(room_rule(minutes), case.area_code, found.roster, tx.now), None)
    await _create(tx, case, TaskKind.JOINT, asked, minutes, case.due_at or tx.now)


async def finish_meeting(tx: Tx, task_id: UUID, result: str) -> Task:
    """What the meeting decided, into the story; the dispatcher goes on from there."""
    said = reason("result", result)
    task = await tasks.finish(tx, task_id, await my_keys(tx), TaskKind.JOINT)
    case = await case_queries.lock_for_task(tx, task.origin_id)
    await cases.aside(tx, case, case, Verb.NOTE, f"疑难会商:{said}")
    return task


async def ask_extension(tx: Tx, task_id: UUID, why: str, until: datetime) -> Case:
    """The holder needs more time."""
    return await cases.ask_extension(tx, await _held_case(tx, task_id), why, until)


async def _held_case(tx: Tx, task_id: UUID) -> Case:
    task = await tasks.held(tx, task_id, await my_keys(tx))
    return await case_queries.lock_for_task(tx, task.origin_id)


# -- checks ------------------------------------------------------------------------------------


async def verify_answer(
    tx: Tx,
    task_id: UUID,
    true_report: bool,
    note: str,
    class_code: str | None,
    files: Sequence[UUID],
) -> Task:
    """What the worker found (核实): true, and of which class; or not so.

    A true report with a chosen class goes on by rule at once, as from a trusted channel.
    """
    task = await tasks.finish(tx, task_id, await my_keys(tx), TaskKind.VERIFY)
    case = await case_queries.lock_for_task(tx, task.origin_id)
    found = await scene(tx, case.area_code)
    said = note.strip() if true_report else reason("note", note)
    chosen = class_code or case.class_code
    known = await cases.class_for(tx, found.ground, chosen, case.area_code) if chosen else None
    checked = await cases.progress(
        tx,
        case,
        Verb.VERIFIED if true_report else Verb.REFUTED,
        found.ground.to_accept(case, tx.now),
        opinion=said,
        edit=lambda moved: replace(moved, verified=true_report),
    )
    await cases.photos(tx, case.id, files, "verify")
    if true_report and known is not None:
        checked = replace(
            checked,
            class_code=known.code,
            platform=known.platform,
            urgent=known.urgent,
        )
        filed = await cases.progress(
            tx,
            checked,
            Verb.FILE,
            found.ground.to_dispatch(tx.now),
            opinion=known.condition_zh,
        )
        await case_queries.reclass(tx, case.id, known.code, "verifier", "核实人确认")
        await dispatch_by_rule(tx, filed, found)
    return task


async def inspect_answer(
    tx: Tx, task_id: UUID, passed: bool, note: str, files: Sequence[UUID]
) -> Task:
    """What the inspector found (核查): the closing condition is met, or rework."""
    task = await tasks.finish(tx, task_id, await my_keys(tx), TaskKind.INSPECT)
    case = await case_queries.lock_for_task(tx, task.origin_id)
    if case.handler_id == tx.actor.id:
        raise Forbidden(VERB_NAMES[Verb.PASS])
    await cases.photos(tx, case.id, files, "inspect")
    if passed:
        found = await scene(tx, case.area_code)
        known = found.ground.reference.classes.get(case.class_code or "")
        words = note.strip() or (known.closing_condition_zh if known else "")
        await cases.progress(tx, case, Verb.PASS, NO_LIMIT, opinion=words)
    else:
        await _send_back(tx, case, note)
    return task


async def _send_back(tx: Tx, case: Case, why: str) -> Case:
    """Rework: the same unit, and there the same person first."""
    again = await cases.rework(tx, case, why)
    target = f"staff:{case.handler_id}" if case.handler_id else case.unit
    asked = Asked(target, Level(case.level)) if target else None
    minutes = CHECK_MINUTES[0 if case.urgent else 1]
    await _create(tx, again, TaskKind.HANDLE, asked, minutes, again.due_at or tx.now)
    return again


# -- the desk's verbs --------------------------------------------------------------------------


async def verify(tx: Tx, case_id: UUID, version: int | None) -> Case:
    """Send the nearest worker to look (核实, before filing)."""
    case = await cases.door(tx, case_id, version, ACCEPT)
    found = await scene(tx, case.area_code)
    limit = found.ground.limit(tx.now, found.ground.reference.limits.verify, "verify", "核实")
    minutes = CHECK_MINUTES[0 if case.urgent else 1]
    asked = _first(nearest_worker(case.area_code, minutes), case, found, tx.now)
    moved = await cases.progress(tx, case, Verb.VERIFY, limit, target=asked.target)
    await _create(tx, moved, TaskKind.VERIFY, asked, minutes, limit.due_at or tx.now)
    return moved


async def inspect(tx: Tx, case_id: UUID, version: int | None) -> Case:
    """Send the nearest worker to look (核查, before closing); never the one who did the work."""
    case = await cases.door(tx, case_id, version, CLOSE)
    found = await scene(tx, case.area_code)
    limit = found.ground.limit(tx.now, found.ground.reference.limits.inspect, "inspect", "核查")
    minutes = CHECK_MINUTES[0 if case.urgent else 1]
    tried = [f"staff:{case.handler_id}"] if case.handler_id else []
    asked = _first(nearest_worker(case.area_code, minutes), case, found, tx.now, tried)
    moved = await cases.progress(tx, case, Verb.INSPECT, limit, target=asked.target)
    await _create(tx, moved, TaskKind.INSPECT, asked, minutes, limit.due_at or tx.now)
    return moved


async def rework(tx: Tx, case_id: UUID, version: int | None, why: str) -> Case:
    """Not good enough, says the desk."""
    case = await cases.door(tx, case_id, version, CLOSE)
    if case.state is State.INSPECTING:
        await tasks.cancel_for(tx, case.id, kinds=[TaskKind.INSPECT])
    return await _send_back(tx, case, why)


async def dispatch(
    tx: Tx, case_id: UUID, version: int | None, target: str | None, note: str
) -> Case:
    """Give a filed case to a unit (派遣): the chosen target, or whom the rules name."""
    case = await cases.door(tx, case_id, version, DISPATCH)
    found = await scene(tx, case.area_code)
    if target is None:
        return await dispatch_by_rule(tx, case, found, must=True)
    asked = _chosen(target, case, found, tx.now)
    return await _dispatch_to(
        tx,
        case,
        found,
        asked,
        None,
        f"指挥室指定{':' + note.strip() if note.strip() else ''}",
        30,
    )


async def dispatch_by_rule(tx: Tx, case: Case, found: Scene, *, must: bool = False) -> Case:
    """A filed case goes where the first matching rule says; without one it waits for a person."""
    rule = found.rules.match(
        case.class_code or "",
        case.area_code,
        case.channel,
        war=found.ground.war,
        calendar=found.ground.reference.calendar,
        now=tx.now,
    )
    asked = next(candidates(rule, case.area_code, found.roster, tx.now), None) if rule else None
    if rule is None or asked is None:
        if must:
            raise Invalid.of("target", "没有匹配的规则或在岗人员,请指定处置单位。")
        noted = replace(case, route_reason=NO_RULE)
        await case_queries.save(tx, noted)
        return noted
    return await _dispatch_to(
        tx, case, found, asked, rule.id, rule.reason(), rule.answer_minutes
    )


async def _dispatch_to(
    tx: Tx,
    case: Case,
    found: Scene,
    asked: Asked,
    rule_id: UUID | None,
    why: str,
    minutes: int,
) -> Case:
    timed = cases.start_clock(found.ground, case, tx.now)
    moved = await cases.progress(
        tx,
        timed,
        Verb.DISPATCH,
        timed.handling_limit(),
        opinion=why,
        target=asked.target,
        edit=lambda moved: replace(
            moved,
            rule_id=rule_id,
            route_reason=why,
            unit=asked.target,
            level=asked.level.value,
            returned=False,
        ),
    )
    await tasks.cancel_for(tx, case.id, kinds=[TaskKind.HANDLE, TaskKind.JOINT])
    await _create(tx, moved, TaskKind.HANDLE, asked, minutes, moved.due_at or tx.now)
    return moved


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
        if kind == "role" and "@" in rest:
            return Asked(target, level)
    except ValueError:
        pass
    raise Invalid.of("target", "这个处置单位不存在,或现在没有在岗的人。")


def _first(
    rule: Rule, case: Case, found: Scene, now: datetime, tried: Sequence[str] = ()
) -> Asked:
    asked = next(candidates(rule, case.area_code, found.roster, now, tried), None)
    if asked is None:
        raise Invalid.of("case_id", "这里和上级都没有在岗的人可派。")
    return asked


async def _create(
    tx: Tx, case: Case, kind: TaskKind, asked: Asked | None, minutes: int, due_at: datetime
) -> None:
    await tasks.create(
        tx,
        [
            NewTask(
                id=new_id(tx.now),
                kind=kind,
                origin="case",
                origin_id=case.id,
                area_code=case.area_code,
                target=asked.target if asked else None,
                level=(asked.level if asked else Level(case.level)).value,
                urgent=case.urgent,
                answer_minutes=minutes,
                answer_by=tx.now + timedelta(minutes=minutes) if asked else None,
                due_at=due_at,
            )
        ],
    )


# -- the clock ---------------------------------------------------------------------------------


async def climb(tx: Tx) -> int:
    """Cases whose limit has passed are said to be late and climb one level; and again, as long
    as nothing happens, every so many hours, up to the county."""
    late = await case_queries.lock_overdue(tx, CLIMBED_MAX)
    if not late:
        return 0
    hours = (await REFERENCE.get(tx)).decided(CLIMB_HOURS)
    for case in late:
        if case.state in ENDED:
            raise WrongState(case.state, VERB_NAMES[Verb.ESCALATE])
        at = LEVELS.index(Level(case.level))
        above = LEVELS[min(at + 1, len(LEVELS) - 1)]
        top = above is LEVELS[-1]
        tx.publish(CaseOverdue(case.id, case.area_code, case.state, case.due_what or ""))
        climbed = replace(
            case,
            level=above.value,
            climb_at=None if top else tx.now + timedelta(hours=hours),
        )
        if above.value == case.level:
            await case_queries.save(tx, climbed)
        else:
            await cases.aside(tx, case, climbed, Verb.ESCALATE, f"超时升级:{case.due_cause}")
    return len(late)
