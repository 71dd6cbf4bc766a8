"""Nobody at the end of their hours is asked; somebody else is, and the reason says so."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from small_town import GRID_1, NOON, town_id
from wangge import dispatch
from wangge.dispatch import Received, Report, commands
from wangge.hours import commands as hours
from wangge.hours.commands import Planning
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.database import Tx, counting
from wangge.kernel.moments import new_id

As = Callable[[str], Actor]
WORKER = town_id("staff/grid_worker")


def alone(by: Actor) -> Report:
    """Somebody old who lives alone: the nearest worker's, by the starter's rules."""
    return Report(
        id=new_id(NOON),
        by=by,
        words="独居老人两天没出门",
        class_code="F0102",
        area_code=GRID_1,
        trusted=True,
    )


async def on_duty(tx: Tx, as_: As, since: float, until: float) -> None:
    before, tx.actor = tx.actor, as_("community_officer")
    begins, ends = NOON + timedelta(hours=since), NOON + timedelta(hours=until)
    await hours.plan(tx, Planning(new_id(NOON), WORKER, GRID_1, "东门", begins, ends))
    tx.actor = before


async def take(tx: Tx, *reports: Report) -> list[Received]:
    tx.actor = system_actor(tx.actor.district)
    answers = await dispatch.receive(tx, reports)
    return [answer for answer in answers if isinstance(answer, Received)]


async def target(tx: Tx, answer: Received) -> str:
    return await tx.one(
        str, "select target from tasks_task where origin_id = :id", id=answer.id
    )


async def test_the_nearest_worker_is_asked_while_there_is_time_left(tx: Tx, as_: As) -> None:
    await on_duty(tx, as_, -8, 2)
    (answer,) = await take(tx, alone(as_("grid_head")))
    assert await target(tx, answer) == f"staff:{WORKER}"
    assert "工时到限" not in answer.route_reason


async def test_a_worker_at_the_end_of_their_hours_is_passed_over(tx: Tx, as_: As) -> None:
    await on_duty(tx, as_, -11.5, 0.5)
    (answer,) = await take(tx, alone(as_("grid_head")))
    assert await target(tx, answer) != f"staff:{WORKER}"
    assert "1 人工时到限,先不派" in answer.route_reason


async def test_who_went_home_an_hour_ago_is_left_to_sleep(tx: Tx, as_: As) -> None:
    """Also for a resident's report, which the nearest worker would look at."""
    await on_duty(tx, as_, -12, -3)
    report = replace(alone(as_("grid_head")), channel="resident", trusted=False)
    (answer,) = await take(tx, report)
    assert await target(tx, answer) != f"staff:{WORKER}"
    assert "1 人工时到限,先不派" in answer.route_reason


async def test_hours_cost_a_burst_one_statement(tx: Tx, as_: As) -> None:
    await take(tx, alone(as_("grid_head")))
    with counting() as one:
        await take(tx, alone(as_("grid_head")))
    with counting() as many:
        await take(tx, *(alone(as_("grid_head")) for _ in range(2)))
    assert many.total == one.total


async def test_the_desk_sends_nobody_who_must_rest_to_look(tx: Tx, as_: As) -> None:
    await on_duty(tx, as_, -11.5, 0.5)
    report = replace(alone(as_("grid_head")), class_code=None, trusted=False)
    (answer,) = await take(tx, report)
    tx.actor = as_("acceptor")
    await commands.verify(tx, answer.id, None)
    assert await target(tx, answer) == f"staff:{town_id('staff/grid_worker_2')}"
