"""The clock makes a report on the days somebody chose, and a day off is as they said."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import asyncpg
import pytest

import small_town as town
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.calendars import Calendar
from wangge.kernel.database import Tx
from wangge.kernel.http import District
from wangge.kernel.i18n import translator
from wangge.kernel.moments import ZONE
from wangge.kernel.refusals import Invalid
from wangge.reports import api, commands, pages, queries
from wangge.reports.acts import READ
from wangge.reports.commands import Draft, Schedule, save
from wangge.reports.jobs import make_due
from wangge.reports.model import Measure, Rows, Spec
from wangge.reports.schedules import LAST, Every, Rhythm, checked, coming, next_at, words

As = Callable[[str], Actor]
COUNT = Spec(Rows.GROUP, groups=("area.community",), measures=(Measure("人数"),))
#: A Wednesday.
NOON = datetime(2026, 3, 18, 12, tzinfo=ZONE)
HTML = {"accept": "text/html"}
CALENDAR = Calendar.default()


def days(every: Every, rhythm: Rhythm, number: int, now: datetime = NOON) -> list[str]:
    found = coming(every, rhythm, time(7), now, CALENDAR, number)
    assert all(moment.time() == time(7) for moment in found)
    return [f"{moment:%m-%d}" for moment in found]


@pytest.mark.parametrize(
    ("every", "rhythm", "wanted"),
    [
        (Every.NEVER, Rhythm(), []),
        (Every.DAILY, Rhythm(), ["03-19", "03-20", "03-21"]),
        (Every.WEEKLY, Rhythm((1,)), ["03-23", "03-30", "04-06"]),
        (Every.WEEKLY, Rhythm((3, 5)), ["03-20", "03-25", "03-27"]),
        (Every.MONTHLY, Rhythm((1,)), ["04-01", "05-01", "06-01"]),
        (Every.MONTHLY, Rhythm((LAST,)), ["03-31", "04-30", "05-31"]),
        (Every.MONTHLY, Rhythm((15, 31)), ["03-31", "04-15", "04-30"]),
        (Every.DAYS, Rhythm(step=10, since=date(2026, 3, 1)), ["03-21", "03-31", "04-10"]),
        (Every.DAYS, Rhythm(step=366, since=date(2026, 3, 18)), ["03-19", "03-19", "03-20"]),
        # 2026: off from 4 to 6 April (Qingming) and 1 to 5 May; Saturday, 9 May is worked for it.
        (Every.DAILY, Rhythm(off="later"), ["03-19", "03-20", "03-23"]),
        (Every.WEEKLY, Rhythm((1,), off="later"), ["03-23", "03-30", "04-07"]),
        (Every.WEEKLY, Rhythm((1,), off="earlier"), ["03-23", "03-30", "04-03"]),
        (Every.MONTHLY, Rhythm((1,), off="later"), ["04-01", "05-06", "06-01"]),
        (Every.MONTHLY, Rhythm((LAST,), off="earlier"), ["03-31", "04-30", "05-29"]),
    ],
)
def test_a_schedule_comes_on_its_days(every: Every, rhythm: Rhythm, wanted: list[str]) -> None:
    assert days(every, rhythm, 3) == wanted


def test_a_saturday_that_is_worked_is_a_working_day() -> None:
    before = datetime(2026, 5, 8, 12, tzinfo=ZONE)
    assert days(Every.DAILY, Rhythm(off="later"), 2, before) == ["05-09", "05-11"]
    assert days(Every.WEEKLY, Rhythm((6,), off="later"), 2, before) == ["05-09", "05-18"]


def test_today_counts_until_its_time_is_over() -> None:
    at = NOON.time()
    assert next_at(Every.DAILY, Rhythm(), at, NOON, CALENDAR) == NOON + timedelta(days=1)
    early = NOON - timedelta(minutes=1)
    assert next_at(Every.DAILY, Rhythm(), at, early, CALENDAR) == NOON


@pytest.mark.parametrize(
    ("every", "rhythm"),
    [
        (Every.WEEKLY, Rhythm((0,))),
        (Every.WEEKLY, Rhythm((8,))),
        (Every.MONTHLY, Rhythm((32,))),
        (Every.DAYS, Rhythm(step=1)),
        (Every.DAYS, Rhythm(step=367)),
        (Every.DAYS, Rhythm(step=5, since=date(2024, 1, 1))),
        (Every.DAILY, Rhythm(off="never")),
    ],
)
def test_days_that_are_none_are_refused(every: Every, rhythm: Rhythm) -> None:
    with pytest.raises(Invalid):
        checked(every, rhythm, NOON.date())


def test_what_nobody_said_is_mondays_the_first_and_from_today() -> None:
    today = NOON.date()
    assert checked(Every.WEEKLY, Rhythm(), today).days == (1,)
    assert checked(Every.MONTHLY, Rhythm(), today).days == (1,)
    assert checked(Every.DAYS, Rhythm(step=3), today).since == today
    assert checked(Every.NEVER, Rhythm((3,), off="later"), today) == Rhythm()


@pytest.mark.parametrize(
    ("every", "rhythm", "said"),
    [
        (Every.NEVER, Rhythm(), "不定时"),
        (Every.DAILY, Rhythm(), "每天 07:05"),
        (Every.DAILY, Rhythm(off="later"), "每个工作日 07:05"),
        (
            Every.WEEKLY,
            Rhythm((1, 5), off="later"),
            "每周一、周五 07:05,遇休息日顺延到下一个工作日",
        ),
        (
            Every.MONTHLY,
            Rhythm((LAST,), off="earlier"),
            "每月最后一天 07:05,遇休息日提前到前一个工作日",
        ),
        (Every.MONTHLY, Rhythm((LAST, 10, 20)), "每月 10、20 日和最后一天 07:05"),
        (Every.DAYS, Rhythm(step=10), "每 10 天 07:05"),
    ],
)
def test_a_schedule_is_said_in_words(every: Every, rhythm: Rhythm, said: str) -> None:
    assert words(translator("zh"), every, rhythm, 425) == said
    assert "{" not in words(translator("en"), every, rhythm, 425)


async def made(tx: Tx, actor: Actor, schedule: Schedule) -> queries.Report:
    tx.actor = actor
    report = await save(tx, Draft("各社区人数", town.STREET, COUNT))
    return await commands.set_schedule(tx, report.id, schedule)


async def test_a_schedule_rests_and_goes_on_without_making_up_for_what_it_missed(
    own_district: District, as_: As
) -> None:
    database = own_district.database
    weekly = Schedule(Every.WEEKLY, 7, rhythm=Rhythm((5,)))
    async with database.tx(as_("street_officer"), now=NOON) as tx:
        report = await made(tx, as_("street_officer"), weekly)
        assert report.next_at == datetime(2026, 3, 20, 7, tzinfo=ZONE)
        rested = await commands.pause(tx, report.id, paused=True)
        assert (rested.next_at, rested.every) == (None, "weekly")
        again = await commands.pause(tx, report.id, paused=True)
        assert again.version == rested.version, "a second time changes nothing"
    late = datetime(2026, 4, 2, 12, tzinfo=ZONE)
    async with database.tx(system_actor("town"), now=late) as tx:
        assert await make_due(tx) == 0
    async with database.tx(as_("street_officer"), now=late) as tx:
        resumed = await commands.pause(tx, report.id, paused=False)
        assert resumed.next_at == datetime(2026, 4, 3, 7, tzinfo=ZONE)
        assert await queries.runs(tx, report.id, 5) == []
    async with database.tx(system_actor("town"), now=late + timedelta(days=1)) as tx:
        assert await make_due(tx) == 1
    async with database.tx(as_("street_officer")) as tx:
        after = await queries.report(tx, tx.reach(READ), report.id)
        assert after.next_at == datetime(2026, 4, 10, 7, tzinfo=ZONE)


async def test_what_has_no_schedule_cannot_rest_and_the_database_knows_it_too(
    tx: Tx, as_: As
) -> None:
    report = await made(tx, as_("street_officer"), Schedule(Every.NEVER))
    with pytest.raises(Invalid):
        await commands.pause(tx, report.id, paused=True)
    await tx.run("savepoint before")
    with pytest.raises(asyncpg.CheckViolationError, match="reports_report_pauses_a_schedule"):
        await tx.run(
            "update reports_report set paused_at = :now where id = :id",
            now=tx.now,
            id=report.id,
        )
    await tx.run("rollback to savepoint before")


async def test_a_schedule_is_chosen_shown_and_rested_on_the_desk(
    room_client: Any, as_: As
) -> None:
    client = await room_client([*api.ROUTES, *pages.ROUTES], as_("street_officer"))
    body = {
        "name": "各社区人数",
        "area_code": town.STREET,
        "spec": {
            "rows": "group",
            "groups": ["area.community"],
            "measures": [{"title": "人数"}],
        },
    }
    report = (await client.post("/api/v1/reports", json=body)).json()
    where = f"/reports/{report['id']}"
    form = {"every": "weekly", "weekdays": ["2", "5"], "at": "08:30", "off": "later"}
    assert (await client.post(f"{where}/schedule", data=form, headers=HTML)).status_code == 303
    page = (await client.get(where, headers=HTML)).text
    assert "每周二、周五 08:30,遇休息日顺延到下一个工作日" in page
    kept = (await client.get(f"/api/v1{where}")).json()
    assert kept["rhythm"]["days"] == [2, 5]
    rested = await client.post(f"{where}/pause", data={"paused": "1"}, headers=HTML)
    assert rested.status_code == 303
    assert "已暂停" in (await client.get("/reports", headers=HTML)).text
    went_on = await client.post(f"/api/v1{where}/pause", json={"paused": False})
    assert went_on.status_code == 200
    assert (await client.get(f"/api/v1{where}")).json()["next_at"]
    for step in ("²", "9" * 5000, "x"):
        odd = {**form, "every": "days", "step": step, "at": "²:00"}
        assert (
            await client.post(f"{where}/schedule", data=odd, headers=HTML)
        ).status_code == 422
    wrong = {**form, "every": "days", "step": "900"}
    answer = await client.post(f"{where}/schedule", data=wrong, headers=HTML)
    assert answer.status_code == 422
    assert "每隔几天,2 到 366" in answer.text
