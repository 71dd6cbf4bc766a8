"""The dictionary, requests, questions and the ledger over HTTP and on the desk."""

from collections.abc import Callable
from typing import Any

import pytest

import small_town as town
from wangge.forms import api, pages
from wangge.kernel.actors import Actor
from wangge.kernel.database import counting
from wangge.kernel.moments import new_id

As = Callable[[str], Actor]
ROUTES = [*api.ROUTES, *pages.ROUTES]
HTML = {"accept": "text/html"}
HOME = next(h for h in town.homes()[0] if h.area_code == town.MICRO_1A)
FIELD = {
    "subject": "household",
    "name": "养犬",
    "meaning": "家里有没有狗",
    "kind": "bool",
    "purpose": "文明养犬登记",
    "basis": "statutory_duty",
    "retention": "people.residents",
}
REQUEST = {
    "title": "养犬排查表",
    "asker": "综合执法队",
    "area_code": town.XINGHUA,
    "basis": "区综执〔2026〕3 号",
    "headings": "姓名\t联系电话\t是否养犬",
    "frequency": "weekly",
}


async def test_a_field_is_added_and_found_over_http(room_client: Any, as_: As) -> None:
    client = await room_client(ROUTES, as_("district_officer"))
    bare = {key: value for key, value in FIELD.items() if key != "purpose"}
    refused = await client.post("/api/v1/fields", json=bare)
    assert refused.status_code == 422
    assert [p["field"] for p in refused.json()["problems"]] == ["purpose"]
    headers = {"Idempotency-Key": str(new_id())}
    made = await client.post("/api/v1/fields", json=FIELD, headers=headers)
    assert made.status_code == 201
    again = await client.post("/api/v1/fields", json=FIELD, headers=headers)
    assert again.json() == made.json(), "sent twice, made once"
    listed = (await client.get("/api/v1/fields", params={"subject": "household"})).json()
    own = [field for field in listed["items"] if field["own"]]
    assert [field["name"] for field in own] == ["养犬"]
    changed = await client.post(f"/api/v1/fields/{own[0]['key']}", json={"active": False})
    assert changed.status_code == 200


async def test_a_request_goes_from_check_to_answer(room_client: Any, as_: As) -> None:
    client = await room_client(ROUTES, as_("community_officer"))
    checked = await client.post(
        "/api/v1/requests/check",
        json={"area_code": town.XINGHUA, "headings": REQUEST["headings"]},
    )
    assert (checked.json()["known"], checked.json()["new"]) == (2, 1)
    filed = await client.post("/api/v1/requests", json=REQUEST)
    assert filed.status_code == 201
    stranger = await room_client(ROUTES, as_("volunteer"))
    page = await stranger.get(filed.json()["answer"], headers=HTML)
    assert page.status_code == 200
    assert "等待审批" in page.text
    assert "是否养犬" in page.text
    decider = await room_client(ROUTES, as_("street_officer"))
    listed = await decider.get("/api/v1/requests", params={"verdict": "waiting"})
    assert [one["id"] for one in listed.json()["items"]] == [filed.json()["id"]]
    decided = await decider.post(
        f"/api/v1/requests/{filed.json()['id']}/verdict",
        json={"verdict": "refused", "reason": "登记表里已有"},
    )
    assert decided.json()["state"] == "refused"
    assert "登记表里已有" in (await stranger.get(filed.json()["answer"], headers=HTML)).text


async def test_contacts_are_recorded_and_asked_for(room_client: Any, as_: As) -> None:
    client = await room_client(ROUTES, as_("grid_worker"))
    body = {"contacts": [{"household_id": str(HOME.id), "keys": ["resident.phone"]}]}
    assert (await client.post("/api/v1/contacts", json=body)).json()["written"] == 1
    listed = (await client.get(f"/api/v1/households/{HOME.id}/contacts")).json()
    assert [one["keys"] for one in listed["items"]] == [["resident.phone"]]
    asked = await client.get(f"/api/v1/households/{HOME.id}/asked/resident.phone")
    assert (asked.json()["asked"], asked.json()["fresh"]) == (True, True)
    not_asked = await client.get(f"/api/v1/households/{HOME.id}/asked/household.kind")
    assert not_asked.json()["asked"] is False
    other = await room_client(ROUTES, as_("grid_worker_2"))
    assert (await other.get(f"/api/v1/households/{HOME.id}/contacts")).status_code == 404


async def test_lists_cost_the_same_however_long(room_client: Any, as_: As) -> None:
    client = await room_client(ROUTES, as_("street_officer"))
    for number in range(3):
        await client.post("/api/v1/requests", json={**REQUEST, "title": f"表 {number}"})
        await client.post("/api/v1/flags", json={"area_code": town.XINGHUA})
        body = {"contacts": [{"household_id": str(HOME.id)}]}
        await client.post("/api/v1/contacts", json=body)
    contacts = f"/api/v1/households/{HOME.id}/contacts"
    for path in ("/api/v1/requests", "/api/v1/flags", contacts):
        totals: set[int] = set()
        for limit in (1, 2, 200):
            with counting() as count:
                answer = await client.get(path, params={"limit": limit})
            assert len(answer.json()["items"]) == min(limit, 3)
            totals.add(count.total)
        assert len(totals) == 1, path
        assert totals.pop() <= 6
        first = (await client.get(path, params={"limit": 2})).json()
        rest = (await client.get(path, params={"limit": 2, "after": first["next"]})).json()
        assert (len(rest["items"]), rest["next"]) == (1, None)


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize(
    ("key", "path", "shown"),
    [
        ("district_officer", "/forms/fields", "/forms/fields/resident.phone"),
        ("data_protection", "/forms/fields?subject=own", "own"),
        ("street_officer", "/forms/fields/resident.phone", "联系方式"),
        ("street_officer", "/forms/fresh", town.XINGHUA),
        ("grid_worker", "/forms/fresh", "/forms/households/"),
        ("community_officer", "/forms/questions", "area_code"),
        ("part_time_worker", "/forms/flags", 'name="words"'),
        ("grid_worker", f"/forms/households/{HOME.id}", "1幢1单元"),
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
    client = await room_client(ROUTES, as_("district_officer"))
    wrong = await client.post(
        "/forms/fields", data={**FIELD, "purpose": "", "sensitivity": "3"}, headers=HTML
    )
    assert wrong.status_code == 422
    assert "没有写明用途" in wrong.text
    assert 'value="养犬"' in wrong.text
    right = await client.post("/forms/fields", data={**FIELD, "sensitivity": "3"}, headers=HTML)
    assert right.status_code == 303
    renamed = await client.post(
        "/forms/fields/resident.phone",
        data={"name": "手机", "meaning": "", "also": "电话 移动号码", "fresh_days": "90"},
        headers=HTML,
    )
    assert renamed.status_code == 303
    worker = await room_client(ROUTES, as_("grid_worker"))
    called = await worker.post(
        f"/forms/households/{HOME.id}",
        data={"way": "call", "result": "answered", "keys": ["resident.phone"]},
        headers=HTML,
    )
    assert called.status_code == 303
    shown = (await worker.get(f"/forms/households/{HOME.id}", headers=HTML)).text
    assert "手机" in shown
    officer = await room_client(ROUTES, as_("community_officer"))
    asked = await officer.post(
        "/forms/questions",
        data={
            "key": "household.own_1",
            "area_code": town.XINGHUA,
            "words": "家里养狗吗?",
            "ways": ["sweep", "visit"],
            "days": "30",
        },
        headers=HTML,
    )
    assert asked.status_code == 303
    assert "家里养狗吗?" in (await officer.get("/forms/questions", headers=HTML)).text
    flagged = await worker.post("/forms/flags", data={}, headers=HTML)
    assert flagged.status_code == 303


async def test_a_page_is_refused_to_who_may_not(room_client: Any, as_: As) -> None:
    client = await room_client(ROUTES, as_("volunteer"))
    for path in ("/forms/fields", "/forms/fresh", "/forms/questions"):
        assert (await client.get(path, headers=HTML)).status_code == 403
    assert (await client.get("/answers/guess", headers=HTML)).status_code == 404
