"""Giving a case to somebody: by rule, to a target, back to whoever did it."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from wangge import hours, tasks
from wangge.cases import commands as cases
from wangge.cases import queries as case_queries
from wangge.cases.model import Case, Verb
from wangge.cases.taxonomy import Level
from wangge.dispatch.asking import Choice
from wangge.dispatch.commands.scenes import Scene, ask, scene
from wangge.dispatch.decide import check_minutes
from wangge.dispatch.rules import NO_RULE, Asked, nearest_worker, person_of, why_asked
from wangge.kernel.database import Tx
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid
from wangge.kernel.said import said
from wangge.tasks import NewTask, TaskKind


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
    choice = await ask(tx, rule, case, found) if rule else Choice(None)
    if rule is None or choice.asked is None:
        if must:
            raise Invalid.of("target", "没有匹配的规则或在岗人员,请指定处置单位。")
        noted = replace(case, route_reason=NO_RULE)
        await case_queries.save(tx, noted)
        return noted
    why = why_asked(rule.why, choice.resting)
    return await dispatch_to(tx, case, found, choice, rule.id, why, rule.answer_minutes)


async def dispatch_to(
    tx: Tx,
    case: Case,
    found: Scene,
    choice: Choice,
    rule_id: UUID | None,
    why: str,
    minutes: int,
) -> Case:
    """The class clock starts, and the target is asked for `minutes`; who was asked before need
    not answer any more."""
    asked = choice.asked
    if asked is None:
        raise ValueError("a case is dispatched to somebody")
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
    await create_task(tx, moved, TaskKind.HANDLE, choice, minutes, moved.due_at or tx.now)
    return moved


async def send_back(tx: Tx, case: Case, why: str) -> Case:
    """Rework: the same unit, and there the same person first, unless they must rest."""
    again = await cases.rework(tx, case, why)
    minutes = check_minutes(urgent=case.urgent)
    choice = await _same_hands(tx, case)
    await create_task(tx, again, TaskKind.HANDLE, choice, minutes, again.due_at or tx.now)
    return again


async def _same_hands(tx: Tx, case: Case) -> Choice:
    target = f"staff:{case.handler_id}" if case.handler_id else case.unit
    person = person_of(target)
    if person is not None and await hours.tired(tx, [person]):
        own = f"staff:{person}"
        if case.unit and case.unit != own:
            return Choice(Asked(case.unit, Level(case.level)), said("原来办的人工时到限"))
        found = await scene(tx, case.area_code)
        rule = nearest_worker(check_minutes(urgent=case.urgent))
        return await ask(tx, rule, case, found, but=[own])
    asked = Asked(target, Level(case.level)) if target else None
    return Choice(asked, said("上次就是您这里办的") if asked else "")


async def create_task(
    tx: Tx, case: Case, kind: TaskKind, choice: Choice, minutes: int, due_at: datetime
) -> None:
    """One more task of a case, offered to whoever was chosen, or stranded when there is nobody."""
    asked = choice.asked
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
                why=choice.why,
            )
        ],
    )
