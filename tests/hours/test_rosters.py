"""Rosters: drawn, worked out, changed by hand, published as stints past the guard, mended with the fewest
changes, taken back. Nobody is told anything before somebody publishes."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from small_town import GRID_1, GRID_3, LIUSHU, NOON, XINGHUA, town_id
from wangge.hours import commands as hours
from wangge.hours import jobs, queries
from wangge.hours.acts import PLAN, READ
from wangge.hours.commands import Cancelling
from wangge.hours.holding import rosters as coming
from wangge.hours.holding import rosters_follow
from wangge.hours.keeping import forget_days, forget_rosters, old_days, old_rosters
from wangge.hours.rosters import commands, kept, publishing, views
from wangge.hours.rosters.commands import (
    Asking,
    Away,
    Drawing,
    GoingBack,
    OfRoster,
    Putting,
    Saying,
    SettingUp,
)
from wangge.hours.rosters.ground import Ground, ground
from wangge.hours.rosters.model import (
    AlreadyPublished,
    NothingChanges,
    NothingToRoster,
    PostOf,
    RosterBroken,
    RosterFaulty,
    RosterOver,
    Setup,
    ShiftOf,
    SlotBegun,
    StillWorking,
)
from wangge.hours.rosters.publishing import Publishing, TakingBack
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.database import Tx, counting
from wangge.kernel.moments import day_start, new_id
from wangge.kernel.refusals import Forbidden, Invalid, NotFound, Stale
from wangge.kernel.said import worded
from wangge.places.holders import Count, Moved
from wangge.solvers import Budget

As = Callable[[str], Actor]
#: The Monday after the town's Wednesday.
MONDAY = date(2026, 3, 23)
PEOPLE = [
    town_id(f"staff/{one}")
    for one in (
        "grid_head",
        "grid_worker",
        "volunteer",
        "volunteer_2",
        "grid_worker_2",
        "doctor",
    )
]
HEAD, WORKER, ONE, TWO, SECOND, DOCTOR = PEOPLE
DAY = ShiftOf("a", "早班", "07:00", "15:00")
LATE = ShiftOf("b", "中班", "15:00", "23:00")
NIGHT = ShiftOf("c", "夜班", "23:00", "07:00")
GATE = PostOf("p1", "东门卡口", "", True, "all", {"a": 1, "b": 1})
TESTS = PostOf("p2", "采样", "采样", False, "all", {"a": 1})


@pytest.fixture(autouse=True)
def _untold(monkeypatch: pytest.MonkeyPatch) -> None:
    # Progress is told by another transaction, which does not see what this one has not committed.
    monkeypatch.setattr("wangge.kernel.beside.TELL_SECONDS", 600.0)
    monkeypatch.setattr(jobs, "TRIES", 30)  # counted work: enough for a week of three places


@pytest.fixture
async def drawn(tx: Tx, as_: As) -> UUID:
    """A week of a gate around the day and a testing post; two of six can take samples."""
    tx.actor = as_("community_officer")
    return await draw(tx)


async def draw(
    tx: Tx,
    posts: Sequence[PostOf] = (GATE, TESTS),
    *,
    days: int = 7,
    first: date = MONDAY,
    people: Sequence[UUID] = PEOPLE,
) -> UUID:
    id_ = await commands.draw(tx, Drawing(new_id(NOON), XINGHUA, "卡口值守", first, days))
    setup = Setup([DAY, LATE, NIGHT], list(posts), list(people))
    skills = {who: ["采样"] for who in (WORKER, DOCTOR) if who in people}
    await commands.set_up(tx, SettingUp(id_, 1, setup, skills))
    return id_


async def worked_out(tx: Tx, id_: UUID, kind: str = "make", *, ask: bool = True) -> Ground:
    """As the clock does it."""
    if ask:
        await commands.ask(tx, Asking(id_, "make" if kind == "make" else "mend"))
    asker, tx.actor = tx.actor, system_actor(tx.actor.district)
    await jobs.work_out(tx, kept.Waiting(id_, asker.id))
    tx.actor = asker
    return await looked_at(tx, id_)


async def looked_at(tx: Tx, id_: UUID) -> Ground:
    return await ground(tx, await kept.sheet(tx, PLAN, id_))


async def publish(tx: Tx, id_: UUID, reason: str = "") -> publishing.Told:
    tx.now += timedelta(minutes=1)
    sheet = await kept.sheet(tx, PLAN, id_)
    return await publishing.publish(tx, Publishing(id_, sheet.version, reason))


async def put(
    tx: Tx,
    id_: UUID,
    day: int,
    shift: str,
    who: UUID | None,
    *,
    was: UUID | None = None,
    post: str = "p1",
) -> int:
    sheet = await kept.sheet(tx, PLAN, id_)
    return await commands.put(tx, Putting(id_, sheet.version, day, shift, post, who, was))


async def stints(tx: Tx, id_: UUID) -> list[kept.Stands]:
    return await kept.stands(tx, id_)


async def test_what_is_worked_out_stands_and_becomes_stints_when_somebody_publishes(
    tx: Tx, drawn: UUID
) -> None:
    found = await worked_out(tx, drawn)
    assert (found.judged.missing, found.judged.hard) == (0, 0)
    assert found.judged.needed == 21
    assert worded("zh", found.sheet.sentences[0]) == "21 个岗次都排上了。"
    assert views.besides(found) == []  # the verdict says that they are all filled
    assert {UUID(one.person) for one in found.rows if one.post == "p2"} == {WORKER, DOCTOR}
    assert await stints(tx, drawn) == []  # nobody is told before
    told = await publish(tx, drawn)
    assert (told.noted, told.cancelled) == (21, 0)
    rows = await stints(tx, drawn)
    assert len(rows) == 21
    assert rows[0].starts_at == day_start(MONDAY) + timedelta(hours=7)
    assert not (await looked_at(tx, drawn)).added
    with pytest.raises(NothingChanges):
        await publish(tx, drawn)


async def test_the_same_roster_and_seed_give_the_same_plan(tx: Tx, drawn: UUID) -> None:
    first = (await worked_out(tx, drawn)).rows
    again = await worked_out(tx, drawn)
    assert again.sheet.version == 4
    assert again.rows == first


async def test_when_people_fall_ill_the_fewest_places_change_and_it_can_be_taken_back(
    tx: Tx, drawn: UUID
) -> None:
    before = await worked_out(tx, drawn)
    await publish(tx, drawn)
    ill = next(one for one in before.rows if one.post == "p1").person
    theirs = {one for one in before.rows if one.person == ill}
    last = MONDAY + timedelta(days=6)
    await commands.away(tx, Away(drawn, [UUID(ill)], MONDAY, last))
    with pytest.raises(StillWorking):
        await publish(tx, drawn)
    after = await worked_out(tx, drawn, "mend", ask=False)
    # Beside the verdict stands only what it does not say.
    said = [str(one) for one in after.judged.sentences]
    assert f"和原来的表相比,换下换上共 {2 * len(theirs)} 人次。" in said
    assert "21 个岗次都有人。" in said
    assert len(after.sheet.sentences) == 2
    assert views.besides(after) == []
    assert after.judged.missing == 0
    assert not any(one.person == ill for one in after.rows)
    # Nobody else moved: what goes is theirs, and as many come.
    assert set(after.gone) == theirs
    assert len(after.added) == len(theirs)
    told = await publish(tx, drawn)
    assert (told.noted, told.cancelled) == (len(theirs), len(theirs))
    cancelled = await tx.one(
        int,
        "select count(*) from hours_before b join hours_stint s on s.id = b.stint_id"
        " where s.roster_id = :id",
        id=drawn,
    )
    assert cancelled == len(theirs)
    sheet = await kept.sheet(tx, PLAN, drawn)
    with pytest.raises(
        RosterFaulty
    ):  # whoever is away stands there again: somebody answers for it
        publishing._must_stand(  # pyright: ignore[reportPrivateUsage]
            tx, sheet, after.judge(before.rows), ""
        )
    tx.now += timedelta(minutes=1)
    await publishing.take_back(tx, TakingBack(drawn, sheet.published, "检测结果是阴性,都能来"))
    assert {(one.staff_id, one.starts_at) for one in await stints(tx, drawn)} == {
        (UUID(one.person), before.begins(one.day, one.shift)) for one in before.rows
    }
    sheet = await kept.sheet(tx, PLAN, drawn)
    tx.now += timedelta(minutes=1)
    await publishing.take_back(tx, TakingBack(drawn, sheet.published, "整张表都不要了"))
    assert await stints(tx, drawn) == []
    assert [one.undone for one in await kept.publications(tx, drawn, 9)] == [
        True,
        True,
        False,
        False,
    ]


async def test_a_gate_without_anybody_is_published_only_by_a_name_and_a_reason(
    tx: Tx, drawn: UUID, as_: As
) -> None:
    found = await worked_out(tx, drawn)
    one = next(row for row in found.rows if row.post == "p1")
    await put(tx, drawn, one.day, one.shift, None, was=UUID(one.person))
    found = await looked_at(tx, drawn)
    assert found.judged.gates_open == 1
    assert [tab.gates for tab in views.tabs(found)][one.day] == 1
    with pytest.raises(RosterFaulty):
        await publish(tx, drawn)
    tx.actor = as_("shift_supervisor")
    with pytest.raises(Forbidden):
        await publish(tx, drawn, "东门这天封闭")
    tx.actor = as_("community_officer")
    assert (await publish(tx, drawn, "东门这天封闭")).noted == 20


async def test_nobody_is_put_on_a_twenty_second_hour_without_a_name_and_a_reason(
    tx: Tx, as_: As
) -> None:
    tx.actor = as_("community_officer")
    posts = [PostOf("p1", "东门卡口", "", True, "all", {"a": 1, "b": 1, "c": 1})]
    id_ = await draw(tx, posts, days=1)
    await put(tx, id_, 0, "a", WORKER)
    await put(tx, id_, 0, "b", WORKER)
    await put(tx, id_, 0, "c", WORKER)
    found = await looked_at(tx, id_)
    assert {one.kind for one in found.judged.faults} == {"longest"}
    with pytest.raises(RosterFaulty) as refused:
        await publish(tx, id_)
    assert refused.value.words().startswith("有 1 处不能这样排。请先改好")
    assert str(refused.value).startswith("1 entry cannot stand. Mend this first")
    both = RosterFaulty(2, 1).words()
    assert both.startswith("有 2 处不能这样排。门岗空 1 个。请先改好")
    await publish(tx, id_, "大雪封路,没有人换班")
    (line, *_) = await queries.of_person(
        tx, WORKER, own=True, before=None, before_id=None, limit=5
    )
    assert (line.override_by, line.override_reason) == (tx.actor.id, "大雪封路,没有人换班")


async def test_no_reason_puts_anybody_in_two_places(tx: Tx, drawn: UUID) -> None:
    await put(tx, drawn, 0, "a", WORKER)
    await put(tx, drawn, 0, "a", WORKER, post="p2")
    with pytest.raises(RosterBroken):
        await publish(tx, drawn, "他可以两边跑")


async def test_who_can_stand_is_said_with_reasons(tx: Tx, drawn: UUID) -> None:
    await put(tx, drawn, 0, "b", WORKER)
    await commands.say(tx, Saying(MONDAY, MONDAY, "away", DOCTOR))
    tx.actor = replace(tx.actor, id=ONE)
    found = await looked_at(tx, drawn)
    rows = {one.staff_id: one for one in views.able(found, 1, "a", "p1")}
    assert rows[ONE].able
    assert rows[WORKER].able  # eight hours after the late shift
    rows = {one.staff_id: one for one in views.able(found, 0, "c", "p2")}
    assert [str(why) for why in rows[DOCTOR].why] == ["这天不能来。"]
    assert [str(why) for why in rows[ONE].why] == ["没有“采样”技能。"]
    assert "连续 16 小时,超过 12 小时" in " ".join(str(why) for why in rows[WORKER].why)
    assert "03-23 15:00" in " ".join(str(why) for why in rows[WORKER].why)


async def test_too_few_people_are_said_in_words(tx: Tx, as_: As) -> None:
    tx.actor = as_("community_officer")
    posts = [replace_counts(GATE, {"a": 1}), replace_counts(TESTS, {"a": 3})]
    id_ = await draw(tx, posts, people=PEOPLE[:3])
    found = await worked_out(tx, id_)
    assert found.judged.gates_open == 0  # what stays empty is another post
    assert found.judged.missing > 0
    told = [worded("zh", one) for one in views.besides(found)]
    assert not any("还空" in one for one in told)
    assert any("至少还要" in one and "就够" in one for one in told)


def replace_counts(post: PostOf, counts: dict[str, int]) -> PostOf:
    return PostOf(post.id, post.name, post.skill, post.gate, post.when, counts)


async def test_hours_elsewhere_and_in_weeks_before_count(tx: Tx, drawn: UUID) -> None:
    begins = day_start(MONDAY) + timedelta(hours=1)
    await hours.plan(
        tx,
        hours.Planning(
            new_id(NOON), WORKER, GRID_1, "巡逻", begins, begins + timedelta(hours=8)
        ),
    )
    found = await worked_out(tx, drawn)
    assert not any(one.person == str(WORKER) and one.day == 0 for one in found.rows)
    past = day_start(date(2026, 3, 10))
    await hours.record(
        tx,
        hours.Recording(
            new_id(NOON),
            GRID_1,
            "巡逻",
            past + timedelta(hours=22),
            past + timedelta(hours=30),
            WORKER,
        ),
    )
    person = (await looked_at(tx, drawn)).problem.person_of[str(WORKER)]
    assert (person.shifts_before, person.nights_before) == (1, 1)


async def test_what_has_begun_or_was_mended_by_hand_stays(tx: Tx, drawn: UUID) -> None:
    before = await worked_out(tx, drawn)
    await publish(tx, drawn)
    tx.now = day_start(MONDAY) + timedelta(days=3, hours=12)
    with pytest.raises(SlotBegun):
        await put(tx, drawn, 0, "a", TWO)
    # Somebody takes a coming stint away at the page of hours.
    id_, version, staff = await coming_stint(tx, drawn)
    await hours.cancel(tx, Cancelling(id_, version, "换了别人的班"))
    kept_before = {(one.staff_id, one.starts_at) for one in await stints(tx, drawn)}
    found = await worked_out(tx, drawn, "mend")
    assert all(found.begins(one.day, one.shift) > tx.now for one in found.rows)
    assert set(before.rows) - set(found.sheet.rows) <= set(found.gone) | {
        one for one in before.rows if UUID(one.person) == staff
    }
    assert len(found.added) == 1  # the place that became empty, nothing else
    await publish(tx, drawn)
    after = {(one.staff_id, one.starts_at) for one in await stints(tx, drawn)}
    assert kept_before < after
    tx.now = day_start(MONDAY) + timedelta(days=8)
    with pytest.raises(RosterOver):
        await commands.ask(tx, Asking(drawn, "make"))


async def coming_stint(tx: Tx, roster_id: UUID) -> tuple[UUID, int, UUID]:
    (row, *_) = [
        one
        for one in await kept.books(tx, PEOPLE, roster_id, tx.now, tx.now + timedelta(days=9))
        if one.ours and one.starts_at > tx.now
    ]
    return row.id, row.version, row.staff_id


async def test_a_version_that_somebody_else_changed_is_stale_and_earlier_ones_come_back(
    tx: Tx, drawn: UUID
) -> None:
    await put(tx, drawn, 0, "a", WORKER)
    with pytest.raises(Stale):
        await commands.put(tx, Putting(drawn, 2, 0, "b", "p1", WORKER))
    with pytest.raises(Stale):
        await publishing.publish(tx, Publishing(drawn, 2))
    assert await commands.go_back(tx, GoingBack(drawn, 1, 3)) == 4
    assert (await kept.sheet(tx, PLAN, drawn)).rows == ()
    with pytest.raises(Invalid):
        await commands.go_back(tx, GoingBack(drawn, 9, 4))


async def test_posts_that_go_take_their_entries_along(tx: Tx, drawn: UUID) -> None:
    await put(tx, drawn, 0, "a", WORKER, post="p2")
    await put(tx, drawn, 0, "a", ONE)
    sheet = await kept.sheet(tx, PLAN, drawn)
    setup = Setup([DAY], [GATE_DAY], PEOPLE)
    await commands.set_up(tx, SettingUp(drawn, sheet.version, setup))
    found = await looked_at(tx, drawn)
    assert [(one.post, one.person) for one in found.rows] == [("p1", str(ONE))]
    assert found.problem.person_of[str(WORKER)].skills == {"采样"}  # skills are kept


GATE_DAY = PostOf("p1", "东门卡口", "", True, "workdays", {"a": 1})


async def test_weekends_and_working_days_are_told_apart(tx: Tx, as_: As) -> None:
    tx.actor = as_("community_officer")
    id_ = await draw(tx, [GATE_DAY, PostOf("p2", "集市", "", False, "weekends", {"b": 2})])
    found = await looked_at(tx, id_)
    assert sorted((one.day, one.post) for one in found.problem.needs) == [
        *((day, "p1") for day in range(5)),
        (5, "p2"),
        (6, "p2"),
    ]


async def test_a_roster_out_of_reach_is_not_there(tx: Tx, drawn: UUID, as_: As) -> None:
    for other in ("community_officer_2", "grid_worker", "grid_head_2"):
        tx.actor = as_(other)
        with pytest.raises(NotFound):
            await kept.sheet(tx, READ, drawn)
        with pytest.raises(NotFound):
            await put(tx, drawn, 0, "a", WORKER)
    with pytest.raises((NotFound, Forbidden)):
        await commands.draw(tx, Drawing(new_id(NOON), XINGHUA, "别处的", MONDAY))
    tx.actor = as_("community_officer")
    somebody = town_id("staff/other_grid_worker")
    with pytest.raises(NotFound):
        await commands.set_up(tx, SettingUp(drawn, 2, Setup([DAY, LATE], [GATE], [somebody])))
    with pytest.raises(NotFound):
        await commands.say(tx, Saying(MONDAY, MONDAY, "away", town_id("staff/grid_worker_3")))


async def test_whoever_stands_in_it_sees_the_team_and_nobody_else_does(
    tx: Tx, drawn: UUID, as_: As
) -> None:
    since = NOON - views.TEAM_DAYS
    await put(tx, drawn, 0, "a", WORKER)
    await put(tx, drawn, 0, "b", ONE)
    officer, tx.actor = tx.actor, as_("grid_worker")
    assert await kept.of_mine(tx, since) == []  # a draft is nobody's
    tx.actor = officer
    await publish(tx, drawn, "先排出一天来")
    tx.actor = as_("grid_worker")
    line, rows = await kept.team(tx, drawn, since)
    assert line.name == "卡口值守"
    assert {one.staff_id for one in rows} == {WORKER, ONE}
    ((day, slots),) = views.by_day(rows)
    assert day == MONDAY
    assert [slot.posts for slot in slots] == [
        (("东门卡口", (WORKER,)),),
        (("东门卡口", (ONE,)),),
    ]
    tx.actor = as_("volunteer_2")
    with pytest.raises(NotFound):
        await kept.team(tx, drawn, since)


async def test_wishes_are_ones_own_and_being_away_is_the_leads(
    tx: Tx, drawn: UUID, as_: As
) -> None:
    officer, tx.actor = tx.actor, as_("grid_worker")
    with pytest.raises(Invalid):
        await commands.say(tx, Saying(MONDAY, MONDAY, "away"))
    with pytest.raises(NotFound):
        await commands.say(tx, Saying(MONDAY, MONDAY, "spare", ONE))
    await commands.say(tx, Saying(MONDAY, MONDAY + timedelta(days=1), "spare"))
    await commands.say(tx, Saying(MONDAY, MONDAY, ""))
    tx.actor = officer
    await commands.say(tx, Saying(MONDAY, MONDAY, "away", WORKER))
    tx.actor = as_("grid_worker")
    await commands.say(
        tx, Saying(MONDAY, MONDAY, "like")
    )  # does not undo what the office noted
    tx.actor = officer
    found = await looked_at(tx, drawn)
    assert {(who, day): says for (who, day), says in found.says.items()} == {
        (WORKER, 0): "away",
        (WORKER, 1): "spare",
    }
    found = await worked_out(tx, drawn)
    assert not any(one.person == str(WORKER) and one.day in (0, 1) for one in found.rows)
    assert (found.judged.wishes, found.judged.wishes_met) == (1, 1)


async def test_what_was_stopped_is_not_kept_and_an_empty_roster_is_not_worked_out(
    tx: Tx, drawn: UUID
) -> None:
    await commands.ask(tx, Asking(drawn, "make", 3))
    await commands.ask(tx, Asking(drawn, "make", 3))  # asked twice is asked once
    with pytest.raises(StillWorking):
        await commands.ask(tx, Asking(drawn, "make", 4))
    waiting = await kept.next_to_work_out(tx)
    assert waiting == kept.Waiting(drawn, tx.actor.id)
    await commands.stop(tx, OfRoster(drawn))
    assert await kept.next_to_work_out(tx) is None
    assert await kept.set_progress(tx, drawn, 1, 2) == 0
    await worked_out(tx, drawn, ask=False)
    assert (await kept.sheet(tx, PLAN, drawn)).version == 2
    id_ = await commands.draw(tx, Drawing(new_id(NOON), XINGHUA, "空表", MONDAY))
    with pytest.raises(NothingToRoster):
        await commands.ask(tx, Asking(id_, "make"))


async def test_a_draft_is_dropped_and_what_was_published_is_not(tx: Tx, drawn: UUID) -> None:
    like = await commands.draw(tx, Drawing(new_id(NOON), XINGHUA, "下一期", MONDAY, 7, drawn))
    assert (await kept.sheet(tx, PLAN, like)).plan.posts == [GATE, TESTS]
    await commands.drop(tx, OfRoster(like))
    with pytest.raises(NotFound):
        await kept.sheet(tx, PLAN, like)
    await put(tx, drawn, 0, "a", WORKER)
    await publish(tx, drawn, "先排出一天来")
    with pytest.raises(AlreadyPublished):
        await commands.drop(tx, OfRoster(drawn))


async def test_a_roster_that_cannot_be_is_refused_with_every_fault(tx: Tx, as_: As) -> None:
    tx.actor = as_("community_officer")
    with pytest.raises(Invalid) as refused:
        await commands.draw(tx, Drawing(new_id(NOON), XINGHUA, " ", date(2026, 3, 1), 99))
    assert {one.field for one in refused.value.problems} == {"name", "days", "first_day"}
    id_ = await commands.draw(tx, Drawing(new_id(NOON), XINGHUA, "卡口", MONDAY))
    wrong = Setup(
        [DAY, ShiftOf("b", "早班", "8点", "08:00"), ShiftOf("c", "一刻", "08:00", "08:00")],
        [GATE, PostOf("p2", "东门卡口", "", False, "all", {"z": 1, "a": 51})],
        [],
    )
    with pytest.raises(Invalid) as refused:
        await commands.set_up(tx, SettingUp(id_, 1, wrong))
    assert [one.words for one in refused.value.problems] == [
        "两个班次不能同名。",
        "班次时间应写成 07:00 的样子。",
        "上班和下班不能是同一时刻。",
        "两个岗位不能同名。",
        "岗位写了没有的班次。",
        "人数应在 0 到 {most} 之间。",
    ]
    many = Setup(
        [DAY], [PostOf(f"p{n}", f"岗{n}", "", False, "all", {"a": 50}) for n in range(9)], []
    )
    with pytest.raises(Invalid, match="6300"):
        await commands.set_up(tx, SettingUp(id_, 1, many))


async def test_publishing_takes_the_same_statements_however_many(tx: Tx, drawn: UUID) -> None:
    await put(tx, drawn, 0, "a", WORKER)
    with counting() as few:
        await publish(tx, drawn, "先排出一天来")
    await worked_out(tx, drawn)
    with counting() as many:
        told = await publish(tx, drawn)
    assert told.noted > 10
    assert many.total <= few.total + 2  # what went is remembered and cancelled


async def test_rosters_follow_their_area_and_go_after_their_time(tx: Tx, drawn: UUID) -> None:
    await commands.say(tx, Saying(MONDAY, MONDAY, "away", WORKER))
    await put(tx, drawn, 0, "a", ONE)
    await publish(tx, drawn, "先排出一天来")
    assert await coming(tx, [XINGHUA, GRID_3]) == [Count(XINGHUA, 1)]
    await rosters_follow(tx, Moved((XINGHUA,), {XINGHUA: LIUSHU}))
    assert await coming(tx, [XINGHUA, LIUSHU]) == [Count(LIUSHU, 1)]
    over = day_start(MONDAY) + timedelta(days=8)
    assert await old_rosters(tx, NOON) == []
    assert [one.items for one in await old_rosters(tx, over)] == [1]
    assert [one.items for one in await forget_rosters(tx, over, 10)] == [1]
    assert await kept.versions(tx, drawn, 9) == []
    assert len(await stints(tx, drawn)) == 1  # hours are kept as hours are
    assert [one.items for one in await old_days(tx, over)] == [1]
    assert [one.items for one in await forget_days(tx, over, 10)] == [1]
    assert await kept.skills(tx, [WORKER]) == {WORKER: frozenset({"采样"})}  # still serves


async def test_what_is_being_worked_out_is_not_changed_beside_it(tx: Tx, drawn: UUID) -> None:
    await commands.ask(tx, Asking(drawn, "make"))
    with pytest.raises(StillWorking):
        await put(tx, drawn, 0, "a", WORKER)
    with pytest.raises(StillWorking):
        await commands.set_up(tx, SettingUp(drawn, 2, Setup([DAY], [GATE_DAY], PEOPLE)))
    with pytest.raises(StillWorking):
        await commands.go_back(tx, GoingBack(drawn, 1, 2))
    with pytest.raises(StillWorking):
        await commands.drop(tx, OfRoster(drawn))


async def test_an_answer_to_what_nobody_asks_any_more_is_not_kept(
    tx: Tx, drawn: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    await commands.ask(tx, Asking(drawn, "make"))
    solve = jobs.solve

    async def other(ask_tx: Tx) -> None:
        await commands.stop(ask_tx, OfRoster(drawn))
        await commands.ask(ask_tx, Asking(drawn, "mend", 9))

    async def meanwhile(*asked: Any) -> Any:
        made = solve(found, "make", 0, Budget(1))
        asker, tx.actor = tx.actor, officer
        await other(tx)
        tx.actor = asker
        return made

    found, officer = await looked_at(tx, drawn), tx.actor
    monkeypatch.setattr(jobs, "beside", meanwhile)
    await worked_out(tx, drawn, ask=False)
    sheet = await kept.sheet(tx, PLAN, drawn)
    assert (sheet.version, sheet.work, sheet.seed) == (2, "mend", 9)


async def test_what_was_taken_out_of_a_roster_does_not_stop_its_undo(
    tx: Tx, drawn: UUID
) -> None:
    await put(tx, drawn, 0, "a", WORKER)
    await put(tx, drawn, 1, "a", ONE)
    await publish(tx, drawn, "先排出两天来")
    sheet = await kept.sheet(tx, PLAN, drawn)
    people = [one for one in PEOPLE if one != WORKER]
    setup = Setup([DAY, LATE, NIGHT], [GATE, TESTS], people)
    await commands.set_up(tx, SettingUp(drawn, sheet.version, setup))
    await put(tx, drawn, 2, "a", TWO)
    await publish(tx, drawn, "少了一个人")
    sheet = await kept.sheet(tx, PLAN, drawn)
    await publishing.take_back(tx, TakingBack(drawn, sheet.published, "还是按原来的"))
    assert [one.staff_id for one in await stints(tx, drawn)] == [ONE]


async def test_whoever_left_is_not_planned_and_goes_from_the_form(tx: Tx, drawn: UUID) -> None:
    await put(tx, drawn, 0, "a", ONE)
    await tx.run(
        "update people_post set until_at = :now where staff_id = :id", now=NOON, id=ONE
    )
    await tx.bump("people")
    found = await looked_at(tx, drawn)
    assert {one.kind for one in found.judged.faults} == {"away"}
    with pytest.raises(NotFound):
        await publish(tx, drawn, "他答应回来帮忙")
    sheet = await kept.sheet(tx, PLAN, drawn)
    await commands.set_up(tx, SettingUp(drawn, sheet.version, sheet.plan))
    assert ONE not in (await kept.sheet(tx, PLAN, drawn)).plan.people
