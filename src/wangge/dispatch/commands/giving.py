"""Giving a case to somebody: by rule, to a target, back to whoever did it."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from wangge import tasks
from wangge.cases import commands as cases
from wangge.cases import queries as case_queries
from wangge.cases.model import Case, Verb
from wangge.cases.taxonomy import Level
from wangge.dispatch.commands.scenes import Scene, ask
from wangge.dispatch.decide import check_minutes
from wangge.dispatch.rules import NO_RULE, Asked
from wangge.kernel.database import Tx
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid
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
    asked, why = await ask(tx, rule, case.area_code, found.roster) if rule else (None, NO_RULE)
    if rule is None or asked is None:
        if must:
            raise Invalid.of("target", "没有匹配的规则或在岗人员,请指定处置单位。")
        noted = replace(case, route_reason=NO_RULE)
        await case_queries.save(tx, noted)
        return noted
    return await dispatch_to(tx, case, found, asked, rule.id, why, rule.answer_minutes)


async def dispatch_to(
    tx: Tx,
    case: Case,
    found: Scene,
    asked: Asked,
    rule_id: UUID | None,
    why: str,
    minutes: int,
) -> Case:
    """The class clock starts, and the target is asked for `minutes`; who was asked before need
    not answer any more."""
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
    await create_task(tx, moved, TaskKind.HANDLE, asked, minutes, moved.due_at or tx.now)
    return moved


async def send_back(tx: Tx, case: Case, why: str) -> Case:
    """Rework: the same unit, and there the same person first."""
    again = await cases.rework(tx, case, why)
    target = f"staff:{case.handler_id}" if case.handler_id else case.unit
    asked = Asked(target, Level(case.level)) if target else None
    minutes = check_minutes(urgent=case.urgent)
    await create_task(tx, again, TaskKind.HANDLE, asked, minutes, again.due_at or tx.now)
    return again


async def create_task(
    tx: Tx, case: Case, kind: TaskKind, asked: Asked | None, minutes: int, due_at: datetime
) -> None:
    """One more task of a case, offered to `asked`, or stranded when there is nobody."""
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
