"""One case from a phone to closed, and what may go wrong on the way."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

import small_town as town
from wangge import dispatch
from wangge.cases import commands as cases
from wangge.cases import queries as case_queries
from wangge.cases.model import State
from wangge.dispatch import Received, Report, commands
from wangge.kernel.actors import Actor
from wangge.kernel.database import Tx
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Refusal

As = Callable[[str], Actor]


def burst_pipe(by: Actor, **changes: object) -> Report:
    made = Report(
        id=new_id(town.NOON),
        by=by,
        words="3幢楼下水管爆了,水漫到路上",
        class_code="E0401",
        area_code=town.GRID_1,
        trusted=True,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


async def take(tx: Tx, report: Report) -> Received:
    answer = (await dispatch.receive(tx, [report]))[0]
    if isinstance(answer, Refusal):
        raise answer
    return answer


async def task_of(tx: Tx, case_id: object, kind: str = "handle") -> object:
    from uuid import UUID

    return await tx.one(
        UUID,
        """
        select id from tasks_task where origin_id = :case_id and kind = :kind
           and state not in ('done', 'cancelled')
        """,
        case_id=case_id,
        kind=kind,
    )


async def test_a_workers_report_is_classified_routed_and_offered_at_once(tx: Tx, as_: As) -> None:
    answer = await take(tx, burst_pipe(as_("grid_worker")))
    assert answer.state == "dispatched"
    assert answer.stage == "派遣"
    assert "管道破裂" in answer.route_reason
    assert answer.offered_to
    assert answer.due_at == town.NOON + timedelta(hours=2)
    assert "2紧急工作时" in answer.due_cause


async def test_the_same_report_twice_is_one_case_with_the_same_answer(tx: Tx, as_: As) -> None:
    report = burst_pipe(as_("grid_worker"))
    first = await take(tx, report)
    again = await take(tx, report)
    assert again.receipt == first.receipt
    assert again.due_at == first.due_at
    assert await tx.one(int, "select count(*)::int from cases_case") == 1
