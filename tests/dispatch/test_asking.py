"""Whom the rules' people are: the own grid first, then the community, then next door; the soonest, with a
share for fairness; many at once as one; and always why."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest

import small_town as town
from small_town import NOON, town_id
from wangge import dispatch
from wangge.cases.read import case_view
from wangge.dispatch import Received, Report, commands
from wangge.dispatch.asking import Around
from wangge.dispatch.commands.scenes import scene
from wangge.dispatch.intake import grounds_of
from wangge.dispatch.lists import my_tasks
from wangge.hours import commands as hours
from wangge.hours.commands import Planning
from wangge.kernel.actors import Actor, Role, system_actor
from wangge.kernel.database import Tx, counting
from wangge.kernel.http import District
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid, Refusal
from wangge.kernel.said import worded
from wangge.people import ROSTER
from wangge.places import ATLAS

As = Callable[[str], Actor]


def staff(key: str) -> str:
    return f"staff:{town_id(f'staff/{key}')}"


def alone(by: Actor, area: str = town.GRID_1, **more: object) -> Report:
    made = Report(
        id=new_id(NOON),
        by=by,
        words="独居老人两天没出门",
        class_code="F0102",
        area_code=area,
        trusted=True,
    )
    return replace(made, **more)  # type: ignore[arg-type]


async def take(tx: Tx, *reports: Report) -> list[Received]:
    before, tx.actor = tx.actor, system_actor(tx.actor.district)
    answers = await dispatch.receive(tx, reports)
    tx.actor = before
    for one in answers:
        if isinstance(one, Refusal):
            raise one
    return [one for one in answers if isinstance(one, Received)]


@dataclass(frozen=True, slots=True)
class Row:
    target: str
    why: str


async def asked(tx: Tx, answer: Received) -> tuple[str, str]:
    """Whom the case's task asks, and why, in Chinese."""
    row = await tx.one(
        Row,
        """
        select target, why from tasks_task
         where origin_id = :id and state not in ('done', 'cancelled')
        """,
        id=answer.id,
    )
    return row.target, worded("zh", row.why)


async def task_of(tx: Tx, answer: Received) -> UUID:
    return await tx.one(
        UUID,
        """
        select id from tasks_task
         where origin_id = :id and state not in ('done', 'cancelled')
        """,
        id=answer.id,
    )


async def ask_of(tx: Tx, role: Role) -> None:
    """By the rule for old people who live alone."""
    await tx.run(
        "update dispatch_rule set unit = :role where class_prefix = 'F0102'", role=role.value
    )
    await tx.bump("dispatch")


async def test_rings_go_from_the_own_grid_over_the_community_to_next_door(
    tx: Tx, as_: As
) -> None:
    """And then up; each time with the reason, which the asked and the desk both read."""
    (answer,) = await take(tx, alone(as_("grid_head")))
    assert await asked(tx, answer) == (staff("grid_worker"), "本网格;手上没有别的事")
    task = await task_of(tx, answer)
    for key, ring in (("grid_worker_2", "同社区"), ("grid_worker_3", "邻近社区")):
        tx.now += timedelta(minutes=1)
        tx.actor = as_("grid_worker" if key.endswith("2") else "grid_worker_2")
        await commands.decline(tx, task, "现在去不了")
        target, why = await asked(tx, answer)
        assert target == staff(key)
        assert ring in why
        assert "走过去约" in why
        assert "没有接" in why
    tx.actor = as_("grid_worker_3")
    (mine,) = await my_tasks(tx)
    assert mine.why.startswith("前面 2 处没有接;邻近社区;走过去约 ")
    tx.actor = replace(tx.actor, locale="en")
    (mine,) = await my_tasks(tx)
    assert mine.why.startswith("2 asked before did not take it; neighbouring community; about ")
    tx.actor = as_("grid_worker_3")
    await commands.decline(tx, task, "在外面开会")
    target, why = await asked(tx, answer)
    assert target == f"role:community_officer@{town.XINGHUA}"
    assert why == "前面 3 处没有接;附近没有能派的人"
    tx.actor = as_("dispatcher")
    view = await case_view(tx, answer.id)
    assert [(line.answer, line.why.split(";")[0]) for line in view.offers] == [
        ("declined", "本网格"),
        ("declined", "前面 1 处没有接"),
        ("declined", "前面 2 处没有接"),
        ("waiting", "前面 3 处没有接"),
    ]
    assert view.offers[0].reason == "现在去不了"


async def test_next_door_is_of_the_same_street(tx: Tx) -> None:
    """槐荫 lies beside 柳树, but is another street's."""
    around = Around(await ROSTER.get(tx), await ATLAS.get(tx))
    assert around.beside(town.LIUSHU) == (town.XINGHUA,)
    rings = around.rings(Role.GRID_WORKER, town.MICRO_3A)
    keys = [[near.post.staff_id for near in ring] for ring in rings]
    assert keys == [
        [],
        [town_id("staff/grid_worker_3")],
        [],
        [],
        [town_id("staff/grid_worker"), town_id("staff/grid_worker_2")],
    ]


async def test_a_district_has_one_of_what_is_around_its_areas(tx: Tx, as_: As) -> None:
    """For reports and for the desk's verbs; and the shapes are not compared again when posts change."""
    grounds = await grounds_of(tx, await tx.versions())
    around = (await scene(tx, town.GRID_1)).around
    assert around is grounds.around
    again = Around(around.roster, around.atlas, around)
    assert again.beside(town.LIUSHU) is around.beside(town.LIUSHU)


async def test_in_a_ring_whoever_has_less_in_hand_and_then_whoever_did_less_today(
    tx: Tx, as_: As
) -> None:
    await ask_of(tx, Role.VOLUNTEER)  # the first grid has two
    first, second = await take(tx, alone(as_("grid_head")), alone(as_("grid_head")))
    before, why = await asked(tx, first)
    after, _ = await asked(tx, second)
    assert {before, after} == {staff("volunteer"), staff("volunteer_2")}
    assert why == "本网格;手上没有别的事;2 人里最快"
    # Whoever was first ends the work; then the other hands over, so that both have nothing in hand.
    key = "volunteer" if before == staff("volunteer") else "volunteer_2"
    tx.actor = as_(key)
    task = await task_of(tx, first)
    await commands.accept(tx, task)
    await commands.start(tx, task)
    await commands.finish(tx, task, "老人平安,门锁坏了已修", [])
    tx.actor = as_("volunteer_2" if key == "volunteer" else "volunteer")
    await commands.accept(tx, await task_of(tx, second))
    await commands.return_task(tx, await task_of(tx, second), "去错了地方")
    (third,) = await take(tx, alone(as_("grid_head")))
    assert (await asked(tx, third))[0] == after
    # A task in hand is more than one ended today.
    (fourth,) = await take(tx, alone(as_("grid_head")))
    assert (await asked(tx, fourth))[0] == before


async def test_who_had_less_today_goes_before_who_is_a_little_quicker(tx: Tx, as_: As) -> None:
    """And is told so; nobody's sum is in the sentence."""
    await ask_of(tx, Role.GRID_HEAD)  # 柳树 has none
    around = Around(await ROSTER.get(tx), await ATLAS.get(tx))
    near = {
        one.post.staff_id: one.minutes for one in around.rings(Role.GRID_HEAD, town.MICRO_4A)[4]
    }
    quick, slow = sorted(near, key=lambda one: near[one])
    assert near[quick] < near[slow]
    day = town.NOON - timedelta(hours=1)
    await tx.run(
        """
        insert into tasks_task (id, kind, origin, origin_id, area_code, state, target, holder_id,
               level, urgent, answer_minutes, due_at, ended_at, created_at)
        select gen_random_uuid(), 'handle', 'case', gen_random_uuid(), :area, 'done',
               'staff:' || :who::uuid, :who::uuid, 'grid', false, 10, :at, :at, :at
          from generate_series(1, 20)
        """,
        area=town.GRID_2,
        who=quick,
        at=day,
    )
    report = alone(as_("grid_head"), town.MICRO_4A)
    (answer,) = await take(tx, report)
    target, why = await asked(tx, answer)
    assert target == f"staff:{slow}"
    assert "今天派得比更快的 1 人少" in why
    assert "20" not in why


async def test_whoever_had_an_hour_more_today_is_spared(tx: Tx, as_: As) -> None:
    """Own grid first, up to three errands of twenty minutes more than the next one had; and it is said."""
    ended = """
        insert into tasks_task (id, kind, origin, origin_id, area_code, state, target, holder_id,
               level, urgent, answer_minutes, due_at, ended_at, created_at)
        select gen_random_uuid(), 'handle', 'case', gen_random_uuid(), :area, 'done',
               'staff:' || :who::uuid, :who::uuid, 'grid', false, 10, :at, :at, :at
          from generate_series(1, :many)
        """
    own = {
        "area": town.GRID_1,
        "who": town_id("staff/grid_worker"),
        "at": NOON - timedelta(hours=1),
    }
    await tx.run(ended, **own, many=3)
    (answer,) = await take(tx, alone(as_("grid_head"), class_code="F0104"))
    assert (await asked(tx, answer))[0] == staff("grid_worker")
    (answer,) = await take(tx, alone(as_("grid_head"), class_code="F0104"))
    target, why = await asked(tx, answer)
    assert target == staff("grid_worker_2")
    assert "近处 1 人今天已经多派了 60 分钟以上" in why


async def test_the_own_grid_is_waited_for_and_left_where_it_takes_too_long(
    tx: Tx, as_: As
) -> None:
    """A task in hand is 20 minutes, and an errand waits for an hour, by the settings."""
    for _ in range(4):
        (answer,) = await take(tx, alone(as_("grid_head"), class_code="F0104"))
        assert (await asked(tx, answer))[0] == staff("grid_worker")
    (answer,) = await take(tx, alone(as_("grid_head"), class_code="F0104"))
    target, why = await asked(tx, answer)
    assert target == staff("grid_worker_2")
    assert why.endswith("近处的人要约 80 分钟后才有空")


async def test_an_urgent_case_waits_less_for_the_own_grid(tx: Tx, as_: As) -> None:
    """An old person alone is urgent: a quarter of an hour."""
    for _ in range(2):
        (answer,) = await take(tx, alone(as_("grid_head"), class_code="F0104"))
        assert (await asked(tx, answer))[0] == staff("grid_worker")
    (answer,) = await take(tx, alone(as_("grid_head")))
    assert (await asked(tx, answer))[0] == staff("grid_worker_2")


async def test_a_surge_is_given_out_as_one(tx: Tx, as_: As) -> None:
    """Twelve at one moment in one grid: the next grid and next door take their share, at most two
    statements more than one report costs, and nobody gets much more than another."""
    with counting() as one:
        await take(tx, alone(as_("grid_head"), town.GRID_2))
    with counting() as many:
        answers = await take(tx, *(alone(as_("grid_head")) for _ in range(12)))
    found = [await asked(tx, answer) for answer in answers]
    given = Counter(target for target, _ in found)
    assert set(given) == {staff("grid_worker"), staff("grid_worker_2"), staff("grid_worker_3")}
    # The second grid had one before.
    assert given[staff("grid_worker")] > given[staff("grid_worker_2")]
    assert sum(given.values()) == 12
    assert all(why.endswith("12 件一起派,总的最快") for _, why in found)
    assert many.total <= one.total + 1


async def test_nobody_at_the_end_of_their_hours_is_in_a_surge(tx: Tx, as_: As) -> None:
    await on_duty(tx, as_, "grid_worker_2", town.GRID_2, -11.5, 0.5)
    answers = await take(tx, *(alone(as_("grid_head")) for _ in range(12)))
    given = Counter([(await asked(tx, answer))[0] for answer in answers])
    assert set(given) == {staff("grid_worker"), staff("grid_worker_3")}


async def on_duty(tx: Tx, as_: As, key: str, area: str, since: float, until: float) -> None:
    before, tx.actor = tx.actor, as_("community_officer")
    begins, ends = NOON + timedelta(hours=since), NOON + timedelta(hours=until)
    who = town_id(f"staff/{key}")
    await hours.plan(tx, Planning(new_id(NOON), who, area, "东门", begins, ends))
    tx.actor = before


async def test_who_comes_on_duty_later_is_not_called_before(tx: Tx, as_: As) -> None:
    """The own grid's worker begins in five hours; a colleague goes now."""
    await on_duty(tx, as_, "grid_worker", town.GRID_1, 5, 9)
    (answer,) = await take(tx, alone(as_("grid_head")))
    target, why = await asked(tx, answer)
    assert target == staff("grid_worker_2")
    assert "近处的人要约 300 分钟后才有空" in why


async def test_who_went_home_and_is_not_on_duty_again_soon_is_not_there_at_once(
    tx: Tx, as_: As
) -> None:
    """Nobody's hours are at their end here; the own grid's worker begins in 14 hours, a colleague in half
    an hour, and next door nobody has a duty planned, now or ever."""
    await on_duty(tx, as_, "grid_worker", town.GRID_1, -6, -2)
    await on_duty(tx, as_, "grid_worker", town.GRID_1, 14, 22)
    await on_duty(tx, as_, "grid_worker_2", town.GRID_2, 0.5, 8.5)
    (answer,) = await take(tx, alone(as_("grid_head"), class_code="F0104"))
    target, why = await asked(tx, answer)
    assert target == staff("grid_worker_2")
    assert why.endswith("近处的人 12 小时内没有空")
    await tx.run(
        "update hours_stint set state = 'cancelled' where starts_at > :now", now=tx.now
    )
    (answer,) = await take(tx, alone(as_("grid_head")))
    assert (await asked(tx, answer))[0] != staff("grid_worker"), "off since two hours ago"


async def test_a_later_duty_alone_says_that_somebody_is_off_and_an_old_one_does_not(
    tx: Tx, as_: As
) -> None:
    await on_duty(tx, as_, "grid_worker", town.GRID_1, -52, -48)
    (answer,) = await take(tx, alone(as_("grid_head")))
    assert (await asked(tx, answer))[0] == staff("grid_worker")
    await on_duty(tx, as_, "grid_worker", town.GRID_1, 48, 52)
    (answer,) = await take(tx, alone(as_("grid_head")))
    assert (await asked(tx, answer))[0] == staff("grid_worker_2")


async def test_the_desk_names_a_tired_person_with_a_reason_only(tx: Tx, as_: As) -> None:
    await on_duty(tx, as_, "grid_worker", town.GRID_1, -11.5, 0.5)
    (answer,) = await take(tx, alone(as_("grid_head")))
    tx.actor = as_("grid_worker_2")
    await commands.return_task(tx, await task_of(tx, answer), "不在我这里")
    tx.actor = as_("dispatcher")
    with pytest.raises(Invalid) as refused:
        await commands.dispatch(tx, answer.id, None, staff("grid_worker"), " ")
    assert [problem.field for problem in refused.value.problems] == ["note"]
    await commands.dispatch(tx, answer.id, None, staff("grid_worker"), "只有他有钥匙")
    view = await case_view(tx, answer.id)
    assert view.steps[-1].who == town.PEOPLE["dispatcher"].name
    assert "只有他有钥匙" in view.steps[-1].opinion


async def test_rework_goes_to_the_same_hands_unless_they_must_rest(tx: Tx, as_: As) -> None:
    (answer,) = await take(tx, alone(as_("grid_head")))
    task = await task_of(tx, answer)
    tx.actor = as_("grid_worker")
    await commands.accept(tx, task)
    await commands.start(tx, task)
    await commands.finish(tx, task, "去看过了", [])
    await on_duty(tx, as_, "grid_worker", town.GRID_1, -11.5, 0.5)
    tx.actor = as_("dispatcher")
    await commands.rework(tx, answer.id, None, "没有拍照")
    target, why = await asked(tx, answer)
    assert target == staff("grid_worker_2")
    assert why.startswith("同社区"), "nobody was asked before, so nobody refused"


async def test_whoever_did_the_work_is_not_counted_among_those_asked_to_check_it(
    tx: Tx, as_: As
) -> None:
    """Three others may be asked before the check goes up, and nobody is said to have refused who was
    not asked."""
    (answer,) = await take(tx, alone(as_("grid_head")))
    task = await task_of(tx, answer)
    tx.actor = as_("grid_worker")
    await commands.accept(tx, task)
    await commands.start(tx, task)
    await commands.finish(tx, task, "去看过了", [])
    # A fourth worker in the neighbouring community.
    await tx.run(
        """
        insert into people_post (id, staff_id, role, area_code, from_at)
        select gen_random_uuid(), :who, role, area_code, from_at
          from people_post where staff_id = :like and role = 'grid_worker'
        """,
        who=town_id("staff/volunteer"),
        like=town_id("staff/grid_worker_3"),
    )
    await tx.bump("people")
    tx.actor = as_("dispatcher")
    await commands.inspect(tx, answer.id, None)
    check = await task_of(tx, answer)
    seen: list[str] = []
    for number in range(3):
        target, why = await asked(tx, answer)
        assert target.startswith("staff:")
        seen.append(target)
        said = re.match(r"前面 (\d+) 处没有接", why)
        assert (int(said[1]) if said else 0) == number
        tx.actor = replace(as_("grid_worker"), id=UUID(target.removeprefix("staff:")))
        await commands.decline(tx, check, "现在去不了")
    assert staff("grid_worker") not in seen
    target, why = await asked(tx, answer)
    assert target == f"role:community_officer@{town.XINGHUA}"
    assert why == "前面 3 处没有接;附近没有能派的人"


async def test_two_dispatchers_at_once_ask_one_person_once(
    own_district: District, as_: As
) -> None:
    """Of one case: one of them, and the other is told; nobody has two offers of it."""
    database, schema = own_district.database, own_district.schema
    async with database.tx(system_actor(schema)) as tx:
        (answer,) = await take(tx, alone(as_("grid_head"), offer=False, id=new_id()))

    async def give(actor: Actor) -> str:
        try:
            async with database.tx(actor) as tx:
                await commands.dispatch(tx, answer.id, 1, None, "")
            return "done"
        except Refusal as refusal:
            return type(refusal).__name__

    ends = await asyncio.gather(give(as_("dispatcher")), give(as_("shift_supervisor")))
    assert sorted(ends) == ["Stale", "done"]
    async with database.tx(system_actor(schema)) as tx:
        rows = await tx.many(
            str, "select state from tasks_task where origin_id = :id", id=answer.id
        )
    assert rows == ["offered"]


async def test_reasons_name_nobody_and_count_nobody(tx: Tx, as_: As) -> None:
    for _ in range(6):
        await take(tx, alone(as_("grid_head")))
    kept = await tx.many(str, "select why from tasks_task")
    for name in (person.name for person in town.STAFF):
        assert not any(name in json.dumps(one, ensure_ascii=False) for one in kept)
