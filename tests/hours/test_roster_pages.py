"""Rosters at the desk and over HTTP: the forms do what they say, and a lead sees why not."""

from collections.abc import Callable
from datetime import date

import pytest

from clock import Clock
from small_town import NOON, XINGHUA, town_id
from town_fixtures import RoomClient
from wangge.hours import api, deeds, pages
from wangge.hours.rosters import commands
from wangge.hours.rosters.model import PostOf, Setup, ShiftOf
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.database import counting
from wangge.kernel.http import District
from wangge.kernel.moments import new_id

As = Callable[[str], Actor]
#: What the forms send is known because this is imported.
DRAW = deeds.roster_draw
WORKER, DOCTOR = town_id("staff/grid_worker"), town_id("staff/doctor")


def deed() -> dict[str, str]:
    return {"deed": str(new_id(NOON))}


async def test_a_lead_draws_sets_up_puts_and_publishes_by_the_pages(
    room_client: RoomClient, as_: As, clock: Clock
) -> None:
    lead = await room_client(pages.ROUTES, as_("community_officer"))
    new = {**deed(), "area_code": XINGHUA, "name": "卡口值守", "days": "3"}
    refused = await lead.post("/hours/rosters", data={**new, "first_day": "2026-03-01"})
    assert refused.status_code == 422
    assert "第一天应从今天起" in refused.text
    made = await lead.post("/hours/rosters", data={**new, **deed(), "first_day": "2026-03-23"})
    assert made.status_code == 303
    setup = made.headers["location"]
    shown = await lead.get(setup)
    assert shown.status_code == 200
    assert "周测试" in shown.text
    assert 'placeholder="技能"' in shown.text  # an empty field says what it is for
    form = {
        **deed(),
        "version": "1",
        "shift": ["a", "s1"],
        "shift-a": "早班",
        "begins-a": "07:00",
        "ends-a": "15:00",
        "post": ["p1", "p2", "p3"],
        "post-p1": "东门卡口",
        "gate-p1": "1",
        "count-p1-a": "1",
        "post-p2": "采样",
        "skill-p2": "采样",
        "count-p2-a": "1",
        "people": [str(WORKER), str(DOCTOR)],
        f"skills-{DOCTOR}": "采样,消杀",
    }
    # A street's people are not ticked one by one.
    everybody = {**form, **deed(), "everybody": "1", "people": [], f"skills-{WORKER}": ""}
    wrong = await lead.post(setup, data={**everybody, "post-p2": "东门卡口"})
    assert wrong.text.count(' name="people"') == wrong.text.count(' name="skills-')
    for one in (WORKER, DOCTOR):
        assert f'value="{one}" checked' in wrong.text
    wrong = await lead.post(setup, data={**form, **deed(), "post-p2": "东门卡口"})
    assert wrong.status_code == 422
    assert "两个岗位不能同名" in wrong.text
    for odd in ({"people": "x"}, {"when-p1": "x"}):
        assert (await lead.post(setup, data={**form, **deed(), **odd})).status_code == 422
    saved = await lead.post(setup, data={**form, **deed()})
    assert saved.status_code == 303
    here = saved.headers["location"]
    page = await lead.get(here)
    assert "6 个岗次里有 6 个空着,其中门岗 3 个" in page.text
    # A day says what is against it, in words.
    day = page.text.split('aria-current="date"')[1].split("</a>")[0]
    assert "门岗空 1" in day
    assert "空 1" in day.split("门岗空 1")[1]
    place = {"day": "0", "shift": "a", "post": "p2"}
    who = await lead.get(f"{here}/place", params=place)
    assert "没有“采样”技能。" in who.text
    put = {**deed(), **place, "version": "2", "staff_id": str(DOCTOR)}
    done = await lead.post(f"{here}/put", data=put)
    assert done.headers["location"].endswith("?day=0")
    assert "褚样本" in (await lead.get(done.headers["location"])).text
    refused = await lead.post(f"{here}/publish", data={**deed(), "version": "3"})
    assert refused.status_code == 409
    # Only what is so: nothing else is wrong here.
    assert "门岗空 3 个。请先改好" in refused.text
    assert "处不能这样排" not in refused.text
    assert 'name="reason"' in refused.text
    reason = "东门三天都封闭,由物业看"
    told = await lead.post(f"{here}/publish", data={**deed(), "version": "3", "reason": reason})
    assert told.status_code == 303
    page = await lead.get(here)
    assert reason in page.text
    # What came of it stands where it is seen at once.
    told_at_once = page.text.split('id="last-told"')[1].split("</p>")[0]
    assert "公布第 3 版" in told_at_once
    assert "新排 1 班,取消 0 班" in told_at_once
    paper = await lead.get(f"{here}/print")
    assert "褚样本" in paper.text
    assert "草稿" not in paper.text
    out = {**deed(), **place, "version": "3", "was": str(DOCTOR)}
    assert (await lead.post(f"{here}/put", data=out)).status_code == 303
    paper = await lead.get(f"{here}/print")  # what people go by, not the draft
    assert "褚样本" in paper.text
    for path, told in (("publish", "公布第 4 版"), ("take_back", "撤回,现在按第 3 版")):
        clock.pass_(minutes=1)
        sent = {**deed(), "version": "4", "published": "4", "reason": "改来改去,还是原来的"}
        assert (await lead.post(f"{here}/{path}", data=sent)).status_code == 303
        head = (await lead.get(here)).text.split("<h1>")[1].split("</p>")[0]
        assert told in head, path

    doctor = await room_client(pages.ROUTES, as_("doctor"))
    team = await doctor.get("/hours/team", follow_redirects=True)
    assert "褚样本(我)" in team.text
    assert (await doctor.get(here)).status_code == 403
    wish = {**deed(), "on": "2026-03-24", "says": "spare"}
    assert (await doctor.post("/hours/days", data=wish)).status_code == 303
    mine = (await doctor.get("/hours/mine")).text
    assert "2026-03-24 最好不排" in mine
    assert "03-23 07:00–15:00" in mine.split("下一班")[1].split("</section>")[0]
    # The lead sees who wants which day off, and whether this version does so.
    wishes = saved.headers["location"] + "/wishes"
    said = await lead.get(wishes)
    assert said.status_code == 200
    assert "2 人里 1 人没有提" in said.text
    assert "褚样本" in said.text.split("<main")[-1]
    assert "最好不排" in said.text
    other = await room_client(pages.ROUTES, as_("volunteer"))
    assert (await other.get(team.url.path)).status_code == 404
    assert (await other.get(wishes)).status_code == 403


@pytest.mark.usefixtures("clock")
async def test_of_whoever_was_moved_away_nothing_is_said_that_they_did_not_say(
    room_client: RoomClient, own_district: District, as_: As
) -> None:
    id_ = new_id(NOON)
    async with own_district.database.tx(as_("community_officer"), now=NOON) as tx:
        await commands.draw(tx, commands.Drawing(id_, XINGHUA, "卡口", date(2026, 3, 23)))
        gate = PostOf("p1", "东门", gate=True, counts={"a": 1})
        setup = Setup([ShiftOf("a", "早班", "07:00", "15:00")], [gate], [WORKER, DOCTOR])
        await commands.set_up(tx, commands.SettingUp(id_, 1, setup))
        await commands.say(
            tx, commands.Saying(date(2026, 3, 24), date(2026, 3, 24), "away", WORKER)
        )
    async with own_district.database.tx(system_actor("town"), now=NOON) as tx:
        await tx.run(
            "update people_post set until_at = :now where staff_id = :id", now=NOON, id=DOCTOR
        )
        await tx.bump("people")
    lead = await room_client(pages.ROUTES, as_("community_officer"))
    here = f"/hours/rosters/{id_}"
    page = (await lead.get(f"{here}/wishes")).text.split("<main")[-1]
    assert page.count("不能来") == 1
    assert "1 人里 0 人没有提" in page
    assert "褚样本" not in page
    place = {"day": "0", "shift": "a", "post": "p1"}
    assert "已经不在这里上岗。" in (await lead.get(f"{here}/place", params=place)).text


@pytest.mark.usefixtures("clock")
async def test_the_same_over_http_with_the_same_statements_however_full(
    room_client: RoomClient, as_: As
) -> None:
    lead = await room_client(api.ROUTES, as_("community_officer"))
    id_ = str(new_id(NOON))
    drawing = {
        "id": id_,
        "area_code": XINGHUA,
        "name": "卡口",
        "first_day": "2026-03-23",
        "days": 2,
    }
    assert (await lead.post("/api/v1/hours/rosters", json=drawing)).status_code == 201
    here = f"/api/v1/hours/rosters/{id_}"
    setup = {
        "shifts": [{"id": "a", "name": "早班", "begins": "07:00", "ends": "15:00"}],
        "posts": [{"id": "p1", "name": "东门", "gate": True, "counts": {"a": 1}}],
        "people": [str(WORKER), str(DOCTOR)],
    }
    body = {"version": 1, "setup": setup, "skills": {str(DOCTOR): ["采样"]}}
    assert (await lead.post(f"{here}/setup", json=body)).json() == {"version": 2}
    await lead.get(here)  # what is kept in memory is read
    with counting() as empty:
        seen = (await lead.get(here)).json()
    assert (seen["verdict"]["missing"], seen["verdict"]["gates_open"]) == (2, 2)
    rows = (await lead.get(f"{here}/place?day=0&shift=a&post=p1")).json()
    assert [one["able"] for one in rows] == [True, True]
    for day in (0, 1):
        put = {
            "version": 2 + day,
            "day": day,
            "shift": "a",
            "post": "p1",
            "staff_id": str(WORKER),
        }
        assert (await lead.post(f"{here}/put", json=put)).json() == {"version": 3 + day}
    assert (await lead.post(f"{here}/publish", json={"version": 4})).json() == {
        "noted": 2,
        "cancelled": 0,
    }
    with counting() as full:
        seen = (await lead.get(here)).json()
    assert full.total == empty.total
    assert (seen["published"], seen["to_come"], seen["verdict"]["missing"]) == (4, [], 0)
    listed = (await lead.get("/api/v1/hours/rosters")).json()
    assert [one["id"] for one in listed["items"]] == [id_]
    worker = await room_client(api.ROUTES, as_("grid_worker"))
    (mine,) = (await worker.get("/api/v1/hours/team")).json()
    team = (await worker.get(f"/api/v1/hours/team/{mine['id']}")).json()
    assert len(team["stints"]) == 2
    gone = {"published": 4, "reason": "整张表都不要了"}
    assert (await lead.post(f"{here}/take-back", json=gone)).json()["cancelled"] == 2
    assert (await lead.delete(here)).status_code == 409
