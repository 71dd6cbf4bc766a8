"""Desk pages of people and places: every one renders, in both languages, and says what is wrong."""

from collections.abc import Callable
from typing import Any

import pytest

import small_town as town
from wangge.kernel.actors import Actor
from wangge.people import pages as people
from wangge.places import pages as places

As = Callable[[str], Actor]
ROUTES = [*people.ROUTES, *places.ROUTES]
HTML = {"accept": "text/html"}


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize(
    ("key", "path", "shown"),
    [
        ("system_admin", "/people", "周测试"),
        ("community_officer", "/people?view=soon", "/people/teams"),
        ("community_officer", f"/people/teams?area={town.GRID_1}&template=sweep", "周测试"),
        ("district_officer", "/orgs", "供水服务站"),
        ("grid_worker", "/residents?tag=medicine", "/residents/"),
        ("street_officer", f"/residents/{town.resident_id(1)}", "1幢1单元101室"),
        ("street_officer", "/areas", town.XINGHUA),
        ("grid_worker", "/areas", town.MICRO_1A),
        ("system_admin", f"/areas?at={town.COUNTY}", town.OTHER_STREET),
    ],
)
async def test_pages_render(
    room_client: Any, as_: As, key: str, path: str, shown: str, locale: str
) -> None:
    client = await room_client(ROUTES, as_(key), locale=locale)
    answer = await client.get(path, headers=HTML)
    assert answer.status_code == 200
    assert shown in answer.text


async def test_forms_do_what_they_say_or_tell_what_is_wrong(room_client: Any, as_: As) -> None:
    client = await room_client(ROUTES, as_("street_officer"))
    added = await client.post(
        f"/areas/{town.XINGHUA}/add",
        data={"digits": "003", "name": "第三网格", "grid_kind": "base"},
        headers=HTML,
    )
    assert (added.status_code, added.headers["location"]) == (303, f"/areas?at={town.XINGHUA}")
    again = await client.post(
        f"/areas/{town.XINGHUA}/add", data={"digits": "003", "name": "又来"}, headers=HTML
    )
    assert again.status_code == 409
    assert "已经用过" in again.text
    assert 'value="又来"' in again.text
    renamed = await client.post(
        f"/areas/{town.GRID_1}/rename", data={"name": "东风网格"}, headers=HTML
    )
    assert renamed.status_code == 303
    crossed = await client.post(
        f"/areas/{town.GRID_1}/boundary", data={"boundary": "不是 JSON"}, headers=HTML
    )
    assert (crossed.status_code, "GeoJSON" in crossed.text) == (422, True)
    closed = await client.post(
        f"/areas/{town.MICRO_1B}/close", data={"successor": town.MICRO_1A}, headers=HTML
    )
    assert closed.status_code == 303
    gone = await client.get(f"/areas?at={town.MICRO_1B}", headers=HTML)
    assert f"/areas?at={town.MICRO_1A}" in gone.text


async def test_a_helper_is_registered_on_the_page_and_ended_there(
    room_client: Any, as_: As
) -> None:
    client = await room_client(ROUTES, as_("community_officer"))
    form = {
        "name": "癸帮手",
        "phone": town.phone_of(3001),
        "role": "volunteer",
        "area_code": town.GRID_1,
    }
    assert (await client.post("/people", data=form, headers=HTML)).status_code == 303
    shown = await client.get("/people?role=volunteer", headers=HTML)
    assert "癸帮手" in shown.text
    assert town.phone_of(3001) not in shown.text
    wrong = await client.post("/people", data={**form, "until": "明天"}, headers=HTML)
    assert (wrong.status_code, "2026-03-18" in wrong.text) == (422, True)
    ended = await client.post(
        f"/people/posts/{town.town_id('post/volunteer_2')}/end", data={}, headers=HTML
    )
    assert ended.status_code == 303
    assert "蒋演习" not in (await client.get("/people?role=volunteer", headers=HTML)).text


async def test_a_team_is_formed_and_dissolved_on_the_page(room_client: Any, as_: As) -> None:
    client = await room_client(ROUTES, as_("community_officer"))
    form = {
        "area_code": town.GRID_1,
        "template": "delivery",
        "member": ["", f"{town.PEOPLE['volunteer'].id}|配送员"],
    }
    assert (await client.post("/people/teams", data=form, headers=HTML)).status_code == 303
    shown = await client.get("/people/teams", headers=HTML)
    assert "物资配送组" in shown.text
    assert "缺 3 名配送员" in shown.text
    bad = await client.post("/people/teams", data={**form, "member": ["x|y"]}, headers=HTML)
    assert bad.status_code == 422
    team = town.town_id("team/self_governing")
    ended = await client.post(f"/people/teams/{team}/end", data={}, headers=HTML)
    assert ended.status_code == 303


async def test_a_number_is_shown_once_for_a_reason(room_client: Any, as_: As) -> None:
    client = await room_client(ROUTES, as_("grid_worker"))
    one = next(r for r in town.homes()[1] if r.area_code == town.MICRO_1A)
    path = f"/residents/{one.id}"
    assert one.phone not in (await client.get(path, headers=HTML)).text
    short = await client.post(
        f"{path}/reveal", data={"field": "phone", "reason": "看"}, headers=HTML
    )
    assert (short.status_code, one.phone in short.text) == (422, False)
    shown = await client.post(
        f"{path}/reveal", data={"field": "phone", "reason": "上门送药前联系"}, headers=HTML
    )
    assert one.phone in shown.text
    assert one.phone not in (await client.get(path, headers=HTML)).text
    found = await client.post("/residents", data={"phone": one.phone}, headers=HTML)
    assert path in found.text
    theirs = next(r for r in town.homes()[1] if r.area_code == town.MICRO_4A)
    assert (await client.get(f"/residents/{theirs.id}", headers=HTML)).status_code == 404


async def test_a_body_is_added_on_the_page(room_client: Any, as_: As) -> None:
    client = await room_client(ROUTES, as_("system_admin"))
    form = {
        "code": "YJ-01",
        "name": "应急站",
        "platform": "YJ",
        "area_code": town.STREET,
        "kind": "station",
    }
    assert (await client.post("/orgs", data=form, headers=HTML)).status_code == 303
    again = await client.post("/orgs", data=form, headers=HTML)
    assert (again.status_code, "已经用过" in again.text) == (409, True)
