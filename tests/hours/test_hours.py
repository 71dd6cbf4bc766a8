"""Hours: a plan, what was worked, corrections with their history, and the guard that only a named
person passes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from small_town import GRID_1, GRID_2, NOON, XINGHUA, town_id
from wangge.hours import commands, near, queries, tired
from wangge.hours.commands import Answering, Cancelling, Changing, Planning, Recording
from wangge.hours.holding import coming, stints_follow
from wangge.hours.keeping import forget_stints, old_stints
from wangge.hours.model import (
    Duty,
    NothingToAnswer,
    NotYours,
    OverLimit,
    StintOver,
    TwoPlaces,
)
from wangge.kernel.actors import Actor
from wangge.kernel.database import Tx, counting
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import DeedReused, Forbidden, Invalid, NotFound, Stale
from wangge.kernel.settings import decide
from wangge.places.holders import Count, Moved

As = Callable[[str], Actor]
WORKER = town_id("staff/grid_worker")


def at(hours: float) -> datetime:
    """So many hours from noon."""
    return NOON + timedelta(hours=hours)


def planning(
    begins: float, ends: float, *, staff: UUID = WORKER, area: str = GRID_1, override: str = ""
) -> Planning:
    return Planning(new_id(NOON), staff, area, "东门把守", at(begins), at(ends), override)


def kinds(tx: Tx) -> list[str]:
    """The facts said in this transaction so far."""
    return [fact.kind for fact, _ in tx._facts]  # pyright: ignore[reportPrivateUsage]


async def mine(tx: Tx, staff_id: UUID = WORKER, *, own: bool = True) -> list[queries.Line]:
    return await queries.of_person(tx, staff_id, own=own, before=None, before_id=None, limit=50)


async def test_a_twenty_second_hour_needs_a_name_and_a_reason(tx: Tx, as_: As) -> None:
    tx.actor = as_("community_officer")
    await commands.plan(tx, planning(0, 12))
    more = planning(12, 22)
    with pytest.raises(OverLimit, match="22") as refused:
        await commands.plan(tx, more)
    assert "连续 22 小时,超过 12 小时" in refused.value.words("zh")
    assert [one.kind for one in refused.value.breaches] == ["longest"]
    more.override = "断电,接班的人进不来"
    made = await commands.plan(tx, more)
    assert kinds(tx)[-1] == "hours.LimitOverridden"
    (line,) = [one for one in await mine(tx) if one.id == made.id]
    assert line.override_by == tx.actor.id
    assert line.override_reason == "断电,接班的人进不来"


async def test_nobody_answers_for_their_own_hours_beyond_a_limit(tx: Tx, as_: As) -> None:
    tx.actor = as_("community_officer")
    own = planning(0, 13, staff=tx.actor.id, area=XINGHUA, override="人手不够,我自己来")
    with pytest.raises(Forbidden):
        await commands.plan(tx, own)
    tx.actor = as_("grid_worker")
    long = Recording(new_id(NOON), GRID_1, "巡逻", at(-14), at(-1), override="我自己要上")
    with pytest.raises(Forbidden):
        await commands.record(tx, long)


async def test_what_was_worked_is_noted_and_somebody_answers_for_it(tx: Tx, as_: As) -> None:
    tx.actor = as_("grid_worker")
    made = await commands.record(tx, Recording(new_id(NOON), GRID_1, "巡逻", at(-15), at(-1)))
    assert kinds(tx) == ["hours.StintNoted", "hours.LimitPassed"]
    assert await tired(tx, [WORKER]) == {WORKER}
    with pytest.raises(Forbidden):
        await commands.answer(tx, Answering(made.id, "我自己愿意的"))
    tx.actor = as_("grid_head")
    with pytest.raises(Forbidden):
        await commands.answer(tx, Answering(made.id, "没有别的人了"))
    tx.actor = as_("community_officer")
    assert [one.id for one in await queries.unanswered(tx, 10)] == [made.id]
    await commands.answer(tx, Answering(made.id, "接班的人堵在路上"))
    assert await queries.unanswered(tx, 10) == []
    (line,) = await mine(tx)
    assert (line.beyond, line.override_by) == (True, tx.actor.id)
    with pytest.raises(NothingToAnswer):
        await commands.answer(tx, Answering(made.id, "再写一次理由"))


async def test_every_limit_that_is_broken_is_kept(tx: Tx, as_: As) -> None:
    """Two stints at once, one with one breach, one with two: each keeps its own."""
    tx.actor = as_("community_officer")
    two = [
        Duty(
            new_id(NOON),
            WORKER,
            GRID_1,
            "东门",
            at(b),
            at(e),
            "planned",
            "office",
            None,
            WORKER,
            NOON,
            1,
        )
        for b, e in ((0, 13), (17, 30))
    ]
    await commands.note(tx, two, "断电,没有人可以接班")
    kept = await tx.many(
        str,
        """
        select stint_id || ' ' || (select string_agg(b ->> 'kind', ',')
                                     from jsonb_array_elements(breaches) b)
          from hours_override order by 1
        """,
    )
    assert kept == sorted([f"{two[0].id} longest", f"{two[1].id} longest,rest"])


async def test_times_that_cannot_be_are_refused(tx: Tx, as_: As) -> None:
    tx.actor = as_("community_officer")
    naive = datetime(2026, 3, 18, 12)  # noqa: DTZ001
    for begins, ends in (
        (naive, naive + timedelta(hours=8)),
        (at(0).replace(year=9999), at(8).replace(year=9999)),
    ):
        with pytest.raises(Invalid):
            await commands.plan(
                tx, Planning(new_id(NOON), WORKER, GRID_1, "东门", begins, ends)
            )


async def test_one_id_is_one_stint(tx: Tx, as_: As) -> None:
    tx.actor = as_("community_officer")
    body = planning(0, 8)
    await commands.plan(tx, body)
    with pytest.raises(DeedReused):
        await commands.plan(tx, body)


async def test_a_grid_head_plans_but_does_not_pass_a_limit(tx: Tx, as_: As) -> None:
    tx.actor = as_("grid_head")
    await commands.plan(tx, planning(0, 8))
    with pytest.raises(Forbidden):
        await commands.plan(tx, planning(9, 16, override="没有别的人可以来"))


async def test_hours_elsewhere_count_though_their_place_is_not_told(tx: Tx, as_: As) -> None:
    """Somebody with two posts is as tired at the second."""
    tx.actor = as_("community_officer")
    await commands.plan(tx, planning(0, 12, area=GRID_1))
    with pytest.raises(OverLimit):
        await commands.plan(tx, planning(13, 15, area=XINGHUA))


async def test_nobody_is_in_two_places_whoever_answers_for_it(tx: Tx, as_: As) -> None:
    tx.actor = as_("community_officer")
    await commands.plan(tx, planning(0, 8))
    with pytest.raises(TwoPlaces):
        await commands.plan(tx, planning(7, 9, override="两头跑,只能这样"))


async def test_the_database_too_knows_one_place_at_a_time(tx: Tx, as_: As) -> None:
    tx.actor = as_("community_officer")
    made = await commands.plan(tx, planning(0, 8))
    again = Duty(
        new_id(NOON),
        WORKER,
        GRID_1,
        "西门",
        at(7),
        at(9),
        "planned",
        "office",
        None,
        WORKER,
        NOON,
        1,
    )
    await tx.run("savepoint before")
    with pytest.raises(asyncpg.ExclusionViolationError, match="one_place_at_a_time"):
        await queries.insert(tx, [again])
    await tx.run("rollback to savepoint before")
    await commands.cancel(tx, Cancelling(made.id, 1, "活动取消了"))
    await queries.insert(tx, [again])


async def test_who_planned_for_others_must_reach_them(tx: Tx, as_: As) -> None:
    tx.actor = as_("grid_head")
    with pytest.raises(NotFound):
        await commands.plan(tx, planning(0, 8, area=GRID_2))
    stranger = town_id("staff/other_grid_worker")
    with pytest.raises(NotFound):
        await commands.plan(tx, planning(0, 8, staff=stranger))
    tx.actor = as_("grid_worker")
    with pytest.raises(Forbidden):
        await commands.plan(tx, planning(0, 8, staff=town_id("staff/grid_head")))


async def test_a_worker_says_what_was_worked_and_what_was_said_before_stays(
    tx: Tx, as_: As
) -> None:
    tx.actor = as_("community_officer")
    planned = await commands.plan(tx, planning(-9, -1))
    tx.actor = as_("grid_worker")
    body = Changing(
        planned.id, 1, planned.post, at(-9), at(-2), worked=True, why="提前一小时交班"
    )
    after = await commands.change(tx, body)
    assert (after.state, after.version) == ("worked", 2)
    (before,) = await queries.befores(tx, [planned.id])
    assert (before.state, before.ends_at, before.why) == ("planned", at(-1), "提前一小时交班")
    with pytest.raises(Stale):
        await commands.change(tx, body)


async def test_a_worker_does_not_cancel_a_plan(tx: Tx, as_: As) -> None:
    tx.actor = as_("community_officer")
    planned = await commands.plan(tx, planning(1, 9))
    tx.actor = as_("grid_worker")
    with pytest.raises(NotYours):
        await commands.cancel(tx, Cancelling(planned.id, 1, "不想去了"))
    moved = Changing(planned.id, 1, "西门", at(2), at(9), worked=False, why="换个地方")
    with pytest.raises(NotYours):
        await commands.change(tx, moved)
    # Nor by saying that tomorrow's was worked today.
    early = Changing(planned.id, 1, "西门", at(-1), at(-0.9), worked=True, why="早就上完了")
    with pytest.raises(NotYours):
        await commands.change(tx, early)
    tx.actor = as_("community_officer")
    await commands.cancel(tx, Cancelling(planned.id, 1, "活动取消了"))
    with pytest.raises(StintOver):
        await commands.cancel(tx, Cancelling(planned.id, 2, "活动取消了"))


async def test_a_worker_does_not_undo_what_the_office_noted(tx: Tx, as_: As) -> None:
    tx.actor = as_("community_officer")
    noted = await commands.record(
        tx, Recording(new_id(NOON), GRID_1, "东门", at(-9), at(-1), WORKER)
    )
    tx.actor = as_("grid_worker")
    with pytest.raises(NotYours):
        await commands.cancel(tx, Cancelling(noted.id, 1, "我没有上过"))
    far = Changing(noted.id, 1, "东门", at(-80), at(-79), worked=True, why="记错日子了")
    with pytest.raises(NotYours):
        await commands.change(tx, far)


async def test_others_do_not_see_somebodys_hours(tx: Tx, as_: As) -> None:
    tx.actor = as_("grid_worker")
    done = Recording(new_id(NOON), GRID_1, "巡逻", at(-9), at(-1))
    made = await commands.record(tx, done)
    assert [one.id for one in await mine(tx)] == [made.id]
    for stranger in ("grid_worker_2", "other_grid_worker", "grid_head_2", "police"):
        tx.actor = as_(stranger)
        assert await mine(tx, own=False) == []
        with pytest.raises(NotFound):
            await commands.cancel(tx, Cancelling(made.id, 1, "看看能不能"))
    tx.actor = as_("grid_head")
    assert [one.id for one in await mine(tx, own=False)] == [made.id]


async def test_what_is_not_over_was_not_worked(tx: Tx, as_: As) -> None:
    tx.actor = as_("grid_worker")
    with pytest.raises(Invalid):
        await commands.record(tx, Recording(new_id(NOON), GRID_1, "巡逻", at(-1), at(1)))
    with pytest.raises(Invalid):
        await commands.record(tx, Recording(new_id(NOON), GRID_1, " ", at(-30), at(-1)))


async def test_a_district_decides_its_limits(tx: Tx, as_: As) -> None:
    tx.actor = as_("community_officer")
    await commands.plan(tx, planning(0, 10))
    await decide(tx, "hours.longest", 9)
    with pytest.raises(OverLimit):
        await commands.plan(tx, planning(24, 34))
    await decide(tx, "hours.longest", 0)
    await commands.plan(tx, planning(24, 46))
    with pytest.raises(Invalid, match="48"):
        await decide(tx, "hours.rest", 49)


async def test_whoever_is_at_the_end_of_their_hours_is_tired(tx: Tx, as_: As) -> None:
    tx.actor = as_("community_officer")
    await commands.plan(tx, planning(-11.5, 0.5))
    other = town_id("staff/grid_worker_2")
    await commands.plan(tx, planning(-4, 4, staff=other, area=GRID_2))
    unknown = town_id("staff/grid_worker_3")
    assert await tired(tx, [WORKER, other, unknown]) == {WORKER}
    found = await near.standings(tx)
    assert [one.staff_id for one in found] == [WORKER, other]
    assert (found[0].left.minutes, found[0].state) == (30, "soon")
    left, _ = await near.of_one(tx, WORKER)
    assert left.minutes == 30


async def test_many_stints_cost_as_many_statements_as_one(tx: Tx, as_: As) -> None:
    tx.actor = as_("community_officer")

    def stints(first: int, count: int) -> list[Duty]:
        return [
            Duty(
                new_id(NOON),
                WORKER,
                GRID_1,
                "东门",
                at(first * 24 + day * 24),
                at(first * 24 + day * 24 + 8),
                "planned",
                "roster",
                None,
                tx.actor.id,
                NOON,
                1,
            )
            for day in range(count)
        ]

    await commands.note(tx, stints(-2, 1))  # the limits are read once
    with counting() as one:
        await commands.note(tx, stints(0, 1))
    with counting() as many:
        await commands.note(tx, stints(2, 5))
    assert many.total == one.total
    with pytest.raises(OverLimit, match=r"days in a row"):
        await commands.note(tx, stints(9, 8))


async def test_hours_go_after_their_time_with_all_that_hangs_on_them(tx: Tx, as_: As) -> None:
    tx.actor = as_("community_officer")
    await commands.plan(tx, planning(0, 12))
    await commands.plan(tx, planning(12, 20, override="断电,接班的人进不来"))
    later = NOON + timedelta(days=1)
    assert [one.items for one in await old_stints(tx, later)] == [2]
    assert sum(one.items for one in await forget_stints(tx, later, 100)) == 2
    assert await mine(tx) == []


async def test_stints_follow_their_area(tx: Tx, as_: As) -> None:
    tx.actor = as_("community_officer")
    await commands.plan(tx, planning(1, 9))
    assert await coming(tx, [GRID_1]) == [Count(GRID_1, 1)]
    await stints_follow(tx, Moved((GRID_1,), {GRID_1: GRID_2}))
    assert await coming(tx, [GRID_2]) == [Count(GRID_2, 1)]
