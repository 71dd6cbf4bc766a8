"""Rounds that come again, each from the one before; and rounds dealt to chosen teams."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from sweeping import doors_of, opened, said, taken

from small_town import GRID_1, GRID_2, MICRO_1A, NOON, PEOPLE, XINGHUA
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.database import Database, Tx
from wangge.kernel.http import District
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid, NotFound
from wangge.people.commands.teams import form_team
from wangge.people.model import Member
from wangge.places.holders import Moved
from wangge.sweeps.commands.closing import close_round, retime
from wangge.sweeps.commands.planning import (
    Planning,
    coming,
    end_plan,
    make_plan,
    next_at,
    open_due,
    pause_plan,
)
from wangge.sweeps.holding import open_plans, plans_follow
from wangge.sweeps.model import PlanOver
from wangge.sweeps.queries.plans import Plan, lock
from wangge.sweeps.queries.rounds import last_of, round_

As = Callable[[str], Actor]
Client = Callable[..., Any]
DAY = timedelta(days=1)


async def planned(tx: Tx, **other: Any) -> Plan:
    raw = {"kind": "check", "areas": [XINGHUA], "every_days": 2, **other}
    return await make_plan(tx, msgspec.convert(msgspec.to_builtins(raw), Planning))


async def test_the_first_opens_now_and_the_next_is_known(tx: Tx) -> None:
    plan = await planned(tx, title="隔天摸排", until=date(2026, 3, 23))
    assert plan.last_id is not None
    first = await round_(tx, tx.reach(_open()), plan.last_id)
    assert (first.plan_id, first.title) == (plan.id, "隔天摸排 3月18日")
    assert coming(plan, NOON, 4) == [NOON + 2 * DAY, NOON + 4 * DAY]  # not after the 23rd


def _open() -> Any:
    from wangge.sweeps.acts import OPEN

    return OPEN


async def test_days_off_are_skipped_where_asked(tx: Tx) -> None:
    plan = await planned(tx, every_days=3, workdays=True)  # Wednesday, then Saturday
    assert plan.next_at == NOON + 5 * DAY  # Monday


async def test_a_time_put_off_moves_none_after_it(tx: Tx) -> None:
    plan = await planned(tx, every_days=3, workdays=True)
    assert next_at(plan, NOON + 5 * DAY) == NOON + 6 * DAY  # Tuesday, three days after Saturday
    assert coming(plan, NOON, 4) == [NOON + n * DAY for n in (5, 6, 9, 12)]
    weekly = await planned(tx, every_days=7, workdays=True, starts_at=NOON + 3 * DAY)
    assert weekly.next_at == NOON + 5 * DAY  # of a Saturday each, a Monday each
    assert next_at(weekly, NOON + 400 * DAY) == NOON + 404 * DAY
    daily = await planned(tx, every_days=1, workdays=True)
    assert coming(daily, NOON, 4) == [NOON + n * DAY for n in (1, 2, 5, 6)]


async def test_a_plan_that_cannot_be_is_refused(tx: Tx, as_: As) -> None:
    with pytest.raises(Invalid):  # a round longer than its interval
        await planned(tx, every_days=1, minutes=3 * 1440)
    with pytest.raises(Invalid):  # never comes
        await planned(tx, starts_at=NOON + 5 * DAY, until=date(2026, 3, 20))
    tx.actor = as_("grid_head")
    with pytest.raises(NotFound):
        await planned(tx, areas=[GRID_2])


async def test_paused_it_waits_and_goes_on_at_its_own_hour(tx: Tx) -> None:
    plan = await planned(tx)
    await pause_plan(tx, plan.id, paused=True)
    tx.now = NOON + 3 * DAY
    again = await pause_plan(tx, plan.id, paused=False)
    assert again.next_at == NOON + 4 * DAY
    await end_plan(tx, plan.id)
    with pytest.raises(PlanOver):
        await end_plan(tx, plan.id)


async def test_after_a_standstill_the_next_is_the_first_still_to_come(tx: Tx) -> None:
    plan = await planned(tx)
    assert next_at(plan, NOON + 9 * DAY) == NOON + 10 * DAY


async def _tick(database: Database, at: Any) -> int:
    async with database.tx(system_actor(database.schema), now=at) as tx:
        return await open_due(tx)


async def test_the_clock_opens_the_next_from_the_answers_of_the_last(
    own_district: District, as_: As
) -> None:
    database = own_district.database
    officer = replace(as_("community_officer"), district=own_district.schema)
    async with database.tx(officer, now=NOON) as tx:
        plan = await planned(tx)
        assert plan.last_id is not None
        first = await round_(tx, tx.reach(_open()), plan.last_id)
        door, *_ = await doors_of(tx, first)
    async with database.tx(system_actor(database.schema), now=NOON) as tx:
        await taken(tx, said(first, door, officer, "away"))
    assert await _tick(database, NOON + DAY) == 0  # not yet
    async with database.tx(officer, now=NOON + DAY) as tx:  # the first runs longer than planned
        await retime(tx, first.id, NOON + 3 * DAY)
    assert await _tick(database, NOON + 2 * DAY) == 1
    async with database.tx(officer, now=NOON + 2 * DAY, read_only=True) as tx:
        assert await last_of(tx, plan.id) == first.id  # the next one waits for it
    assert await _tick(database, NOON + 2 * DAY + timedelta(hours=1)) == 0
    assert await _tick(database, NOON + 3 * DAY) == 1
    assert await _tick(database, NOON + 3 * DAY) == 0  # once
    async with database.tx(officer, now=NOON + 3 * DAY, read_only=True) as tx:
        second_id = await last_of(tx, plan.id)
        assert second_id is not None
        assert second_id != first.id
        second = await round_(tx, tx.reach(_open()), second_id)
        closed = await round_(tx, tx.reach(_open()), first.id)
        prior = await tx.many(
            UUID,
            "select id from sweeps_door where round_id = :id and prior = 'away'",
            id=second_id,
        )
    assert (closed.certified, second.previous_id, second.opened_by) == (1, first.id, officer.id)
    assert prior == [door]
    async with database.tx(system_actor(database.schema)) as tx:  # whoever planned it has left
        await tx.run(
            "update people_post set until_at = :at where staff_id = :id",
            at=NOON + 3 * DAY,
            id=officer.id,
        )
        await tx.bump("people")
    assert await _tick(database, NOON + 4 * DAY) == 1
    async with database.tx(system_actor(database.schema)) as tx:
        assert await last_of(tx, plan.id) == second_id
        trouble = await tx.one(
            str, "select trouble from sweeps_plan where id = :id", id=plan.id
        )
    assert "没有开成" in trouble


async def test_a_round_that_failed_to_open_is_still_due_and_holds_up_no_other(
    own_district: District, as_: As
) -> None:
    database = own_district.database
    officer = replace(as_("community_officer"), district=own_district.schema)
    start = NOON + timedelta(hours=1)
    async with database.tx(officer, now=NOON) as tx:
        failing = await planned(tx, starts_at=start, title="坏的")
        other = await planned(tx, starts_at=start + timedelta(minutes=1), title="好的")
    async with database.tx(system_actor(database.schema)) as tx:
        await tx.run(
            """
            create function fail_here() returns trigger language plpgsql as
            $$ begin raise exception 'no room'; end $$
            """
        )
        await tx.run(
            """
            create trigger fail_here before insert on sweeps_round for each row
            when (new.title like '坏的%') execute function fail_here()
            """
        )
    due = start + timedelta(minutes=1)
    assert await _tick(database, due) == 1
    assert await _tick(database, due) == 1
    assert await _tick(database, due) == 0
    async with database.tx(system_actor(database.schema), now=due) as tx:
        assert await last_of(tx, other.id) is not None
        assert await last_of(tx, failing.id) is None
        kept = await tx.one(
            bool,
            "select next_at <= :now and trouble <> '' from sweeps_plan where id = :id",
            now=due,
            id=failing.id,
        )
        assert kept
        await tx.run("drop trigger fail_here on sweeps_round")
    assert await _tick(database, due + timedelta(minutes=5)) == 1
    async with database.tx(system_actor(database.schema)) as tx:
        assert await last_of(tx, failing.id) is not None  # today's round, not the one after
        trouble = await tx.one(
            str, "select trouble from sweeps_plan where id = :id", id=failing.id
        )
    assert trouble == ""


async def test_the_next_opens_though_somebody_closes_the_last_meanwhile(
    own_district: District, as_: As
) -> None:
    database = own_district.database
    officer = replace(as_("community_officer"), district=own_district.schema)
    async with database.tx(officer, now=NOON) as tx:
        plan = await planned(tx)
    assert plan.last_id is not None
    at = NOON + 2 * DAY
    async with database.tx(officer, now=at) as closing:
        await close_round(closing, plan.last_id)
        ticking = asyncio.create_task(_tick(database, at))
        async with database.tx(system_actor(database.schema)) as tx:
            while not await tx.one(
                int,
                """
                select count(*)::int from pg_locks
                 where not granted and :pid = any(pg_blocking_pids(pid))
                """,
                pid=await closing.one(int, "select pg_backend_pid()"),
            ):
                assert not ticking.done()
                await asyncio.sleep(0.02)
    assert await ticking == 1
    async with database.tx(officer, now=at, read_only=True) as tx:
        assert await last_of(tx, plan.id) != plan.last_id


async def test_a_round_for_teams_is_dealt_to_their_members_alone(tx: Tx, as_: As) -> None:
    one, two = PEOPLE["volunteer"].id, PEOPLE["social_worker"].id
    near = await form_team(tx, "sweep", GRID_1, [Member(one, "组员")])
    wide = await form_team(tx, "sweep", XINGHUA, [Member(two, "组员")])
    round_made = await opened(tx, teams=[near.team.id, wide.team.id])
    dealt = await tx.many(
        str,
        """
        select distinct s.worker_id || ' ' || left(b.area_code, 15)
          from sweeps_share s join sweeps_block b on b.round_id = s.round_id and b.id = s.block_id
         where s.round_id = :id
        """,
        id=round_made.id,
    )
    assert {line.split()[0] for line in dealt} == {str(one), str(two)}
    # whoever has the smaller ground has it alone
    assert {line.split()[0] for line in dealt if line.endswith(GRID_1)} == {str(one)}
    with pytest.raises(Invalid):
        await opened(tx, teams=[new_id(NOON)])
    with pytest.raises(Invalid):
        await opened(tx, areas=[GRID_2], teams=[near.team.id])


async def test_a_plan_is_made_seen_paused_and_ended_on_the_desk(app_client: Client) -> None:
    officer: httpx.AsyncClient = await app_client("community_officer")
    form = (await officer.get("/sweeps/new")).text
    assert 'name="every_days"' in form
    answer = await officer.post(
        "/sweeps",
        data={"kind": "check", "areas": MICRO_1A, "every_days": "2", "title": "隔天摸排"},
    )
    assert (answer.status_code, answer.headers["location"][-13:]) == (303, "/sweeps/plans")
    shown = (await officer.get("/sweeps/plans")).text
    assert "隔天摸排" in shown
    assert "每两天" in shown
    (plan,) = (await officer.get("/api/v1/sweeps/plans")).json()["items"]
    for verb, word in (("pause", "暂停中"), ("resume", "照常"), ("end", "已结束")):
        assert (await officer.post(f"/sweeps/plans/{plan['id']}/{verb}")).status_code == 303
        assert word in (await officer.get("/sweeps/plans")).text
    assert (await officer.post(f"/api/v1/sweeps/plans/{plan['id']}/pause")).status_code == 409


async def test_a_plan_is_named_by_its_areas_and_goes_on_over_what_one_became(tx: Tx) -> None:
    plan = await planned(tx, areas=[GRID_1, GRID_2], starts_at=NOON + DAY)
    over = await planned(tx, starts_at=NOON + DAY)
    await end_plan(tx, (await planned(tx, areas=[GRID_1], starts_at=NOON + DAY)).id)
    named = {one.area_code: one.items for one in await open_plans(tx, [GRID_1, GRID_2])}
    assert named == {GRID_1: 1, GRID_2: 1}
    new = GRID_1[:-3] + "009"
    moved = await plans_follow(tx, Moved((GRID_1, GRID_2), {GRID_1: new, GRID_2: new}))
    assert [(one.area_code, one.items) for one in moved] == [(new, 2)]
    found = await lock(tx, tx.reach(_open()), plan.id)
    assert (found.areas, found.area_code) == ((new,), new)
    assert (await lock(tx, tx.reach(_open()), over.id)).areas == (XINGHUA,)
