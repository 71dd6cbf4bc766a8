"""The desk's page of hours, somebody's, and one's own on the phone; and the same over HTTP."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from clock import Clock
from small_town import GRID_1, NOON, town_id
from town_fixtures import RoomClient
from wangge.hours import api, deeds, pages
from wangge.kernel.actors import Actor
from wangge.kernel.database import counting
from wangge.kernel.moments import new_id

As = Callable[[str], Actor]
WORKER = town_id("staff/grid_worker")
#: What the forms send is known because this is imported.
PLAN = deeds.plan
PERSON = f"/hours/people/{WORKER}"


def typed(hours: float) -> str:
    """As a form has it, in local time."""
    return f"{NOON + timedelta(hours=hours):%Y-%m-%dT%H:%M}"


def form(begins: float, ends: float, **more: str) -> dict[str, str]:
    return {
        "deed": str(new_id(NOON)),
        "post": "东门把守",
        "area_code": GRID_1,
        "starts_at": typed(begins),
        "ends_at": typed(ends),
        **more,
    }


@pytest.mark.usefixtures("clock")
async def test_a_lead_plans_meets_the_guard_and_answers_for_it(
    room_client: RoomClient, as_: As
) -> None:
    lead = await room_client(pages.ROUTES, as_("community_officer"))
    assert (await lead.post(PERSON, data=form(0, 12))).status_code == 303
    refused = await lead.post(PERSON, data=form(12, 22))
    assert refused.status_code == 409
    assert "连续 22 小时,超过 12 小时" in refused.text
    assert 'name="override"' in refused.text
    assert f'value="{typed(22)}"' in refused.text  # what was typed is still there
    taken = await lead.post(PERSON, data=form(12, 22, override="接班的人进不来"))
    assert taken.status_code == 303
    shown = await lead.get(PERSON)
    assert "接班的人进不来" in shown.text
    assert "来源由本区填写" in shown.text


async def test_the_list_goes_by_the_time_left(
    room_client: RoomClient, as_: As, clock: Clock
) -> None:
    lead = await room_client(pages.ROUTES, as_("community_officer"))
    await lead.post(PERSON, data=form(0, 12))
    second = f"/hours/people/{town_id('staff/grid_head')}"
    await lead.post(second, data=form(-6, 6))
    with counting() as few:
        page = await lead.get("/hours")
    assert page.text.index("孙示范") < page.text.index("周测试")
    third = f"/hours/people/{town_id('staff/linked_leader')}"
    await lead.post(third, data=form(-1, 6, area_code=GRID_1[:12]))
    with counting() as more:
        page = await lead.post("/hours", data={"q": "周"})
    assert more.total == few.total
    assert page.text.count("周测试") == 2
    clock.pass_(hours=13)
    assert "已到限度" not in (await lead.get("/hours")).text


async def test_ones_own_hours_on_the_phone(
    room_client: RoomClient, as_: As, clock: Clock
) -> None:
    lead = await room_client(pages.ROUTES, as_("community_officer"))
    await lead.post(PERSON, data=form(1, 9))
    clock.pass_(hours=10)
    worker = await room_client(pages.ROUTES, as_("grid_worker"))
    page = await worker.get("/hours/mine")
    assert "上完了,登记实际时间" in page.text
    stint = page.text.split("/hours/stints/")[1].split("/")[0]
    body = {**form(1, 8), "version": "1", "why": "按实际时间"}
    assert (await worker.post(f"/hours/stints/{stint}/change", data=body)).status_code == 303
    page = await worker.get("/hours/mine")
    assert "改过 1 次" in page.text
    stranger = await room_client(pages.ROUTES, as_("other_grid_worker"))
    theirs = {**body, "deed": str(new_id(NOON)), "version": "2"}
    assert (
        await stranger.post(f"/hours/stints/{stint}/change", data=theirs)
    ).status_code == 404
    assert stint not in (await stranger.get("/hours/mine")).text
    assert (await stranger.get(PERSON)).status_code == 403
    elsewhere = await room_client(pages.ROUTES, as_("grid_head_2"))
    assert (await elsewhere.get(PERSON)).status_code == 404


@pytest.mark.usefixtures("clock")
async def test_programs_ask_plan_and_read(room_client: RoomClient, as_: As) -> None:
    lead = await room_client(api.ROUTES, as_("community_officer"))

    def at(hours: float) -> str:
        return (NOON + timedelta(hours=hours)).isoformat()

    body = {
        "id": str(new_id(NOON)),
        "staff_id": str(WORKER),
        "area_code": GRID_1,
        "post": "东门把守",
        "starts_at": at(1),
        "ends_at": at(13),
    }
    asked = {key: body[key] for key in ("staff_id", "area_code", "starts_at", "ends_at")}
    assert (await lead.post("/api/v1/hours/check", json=asked)).json() == []
    assert (await lead.post("/api/v1/hours", json=body)).status_code == 201
    more = {**body, "id": str(new_id(NOON)), "starts_at": at(13), "ends_at": at(20)}
    (breach,) = (
        await lead.post(
            "/api/v1/hours/check", json={**asked, "starts_at": at(13), "ends_at": at(20)}
        )
    ).json()
    assert (breach["kind"], breach["has"], breach["limit"]) == ("longest", 19 * 60, 720)
    refused = await lead.post("/api/v1/hours", json=more)
    assert refused.status_code == 409
    assert refused.json()["code"] == "over-limit"
    listed = await lead.get("/api/v1/hours", params={"since": at(0), "until": at(24)})
    assert [one["post"] for one in listed.json()["items"]] == ["东门把守"]
    kept = (await lead.get(f"/api/v1/hours/people/{WORKER}")).json()["items"]
    assert datetime.fromisoformat(kept[0]["starts_at"]) == NOON + timedelta(hours=1)
    limits = (await lead.get("/api/v1/hours/limits")).json()
    assert {one["source"] for one in limits} == {"来源由本区填写"}
    worker = await room_client(api.ROUTES, as_("grid_worker"), locale="en")
    assert (await worker.get("/api/v1/hours/mine")).json()["items"][0]["id"] == body["id"]
    assert (await worker.get("/api/v1/hours/left")).json()["minutes"] == 12 * 60
    assert (await worker.post("/api/v1/hours/check", json=asked)).status_code == 403
