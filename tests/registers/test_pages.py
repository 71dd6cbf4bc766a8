"""The registers on the desk and for programs: every page in both languages, acts and their refusals."""

import re
from collections.abc import Callable
from typing import Any

import pytest

import small_town as town
from wangge.kernel.actors import Actor
from wangge.people import pages as people_pages
from wangge.registers import KINDS, api, pages

As = Callable[[str], Actor]
HTML = {"accept": "text/html"}
ROUTES = [*people_pages.ROUTES, *pages.ROUTES, *api.ROUTES]
PHONE = town.phone_of(8201)


def form(kind: str, **more: str) -> dict[str, str]:
    """What the form of a kind sends."""
    sent = {"kind": kind, "near": town.GRID_1, "door": "1幢1单元101"}
    if KINDS[kind].named:
        sent["name"] = "甲乙某处"
    if KINDS[kind].plated:
        sent["plate"] = "浙Z·00021"
    for one in KINDS[kind].details:
        if one.required:
            sent[f"d_{one.name}"] = next(iter(one.codes or {}))
    return {**sent, **more}


async def registered(client: Any, kind: str, **more: str) -> str:
    answer = await client.post("/registers/new", data=form(kind, **more), headers=HTML)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


@pytest.mark.parametrize("kind", list(KINDS))
async def test_each_kind_is_registered_shown_and_corrected(
    room_client: Any, as_: As, kind: str
) -> None:
    client = await room_client(ROUTES, as_("grid_worker"))
    shown = await client.get(f"/registers/new?kind={kind}", headers=HTML)
    assert shown.status_code == 200
    role = next(iter(KINDS[kind].roles))
    where = await registered(client, kind, role=role, person_name="甲样例", person_phone=PHONE)
    one = await client.get(where, headers=HTML)
    assert one.status_code == 200
    assert "甲*" in one.text
    assert PHONE not in one.text
    edit = await client.get(where + "/edit", headers=HTML)
    assert edit.status_code == 200
    version = re.findall(r'name="version" value="(\d+)"', edit.text)[0]
    sent = form(kind, version=version, near="", door="", location="临街北侧")
    if KINDS[kind].plated:
        sent["plate"] = ""
    assert (await client.post(where + "/edit", data=sent, headers=HTML)).status_code == 303
    listed = await client.get(f"/registers?kind={kind}", headers=HTML)
    assert "临街北侧" in listed.text
    again = await client.post(where + "/edit", data={**sent, "version": version}, headers=HTML)
    assert again.status_code in (409, 422), "nothing to change, or changed meanwhile"


@pytest.mark.parametrize("key", ["community_officer", "part_time_worker", "data_protection"])
async def test_pages_render_in_english_too(room_client: Any, as_: As, key: str) -> None:
    worker = await room_client(ROUTES, as_("grid_worker"))
    car = await registered(worker, "vehicle")
    client = await room_client(ROUTES, as_(key), locale="en")
    home = town.dwelling_id("1-1-1-101")
    paths = ["/registers", "/registers?kind=vehicle&status=all", "/registers/stale", car]
    paths += [
        f"/registers/here?dwelling={home}",
        f"/registers/here?resident={town.resident_id(1)}",
    ]
    if key == "community_officer":
        paths += ["/registers/new", "/registers/new?kind=shop", car + "/edit"]
    for path in paths:
        answer = await client.get(path, headers=HTML)
        assert answer.status_code == 200, path
        words = re.sub(r"<(script|style).*?</\1>", "", answer.text, flags=re.S)
        left = set(re.findall(r"[一-鿿]+", re.sub(r"<[^>]*>", " ", words)))
        assert not left & {"登记", "核实", "车辆", "注销", "负责人", "撤销", "在册"}, path


async def test_what_the_form_got_wrong_is_said_beside_what_was_typed(
    room_client: Any, as_: As
) -> None:
    client = await room_client(ROUTES, as_("grid_worker"))
    sent = form("shop", door="九号楼那边", d_area_m2="35", name="甲乙小吃")
    answer = await client.post("/registers/new", data=sent, headers=HTML)
    assert answer.status_code == 422
    assert "位置说明" in answer.text
    assert 'value="甲乙小吃"' in answer.text
    assert 'value="35"' in answer.text


async def test_a_vehicle_is_registered_from_its_owner_s_page_and_seen_there(
    room_client: Any, as_: As
) -> None:
    client = await room_client(ROUTES, as_("grid_worker"))
    person, home = town.homes()[1][0], town.dwelling_id("1-1-1-101")
    page = await client.get(f"/residents/{person.id}", headers=HTML)
    assert f"/registers/here?resident={person.id}" in page.text
    shown = await client.get(
        f"/registers/new?kind=vehicle&resident={person.id}&dwelling={home}", headers=HTML
    )
    assert f'name="resident_id" value="{person.id}"' in shown.text
    where = await registered(
        client, "vehicle", role="owner", resident_id=str(person.id), plate="浙Z·00022"
    )
    part = await client.get(
        f"/registers/here?resident={person.id}", headers={**HTML, "hx-request": "true"}
    )
    assert where in part.text
    assert "<html" not in part.text
    assert f"/residents/{person.id}" in (await client.get(where, headers=HTML)).text


async def test_what_nobody_told_is_not_said_to_be_confirmed(room_client: Any, as_: As) -> None:
    client = await room_client(ROUTES, as_("grid_worker"))
    page = await client.get(await registered(client, "shop", d_staff="3"), headers=HTML)
    lines = re.findall(r"<li><span class=\"what\">.*?</li>", page.text, re.S)
    unknown = [line for line in lines if "未登记" in line]
    assert unknown
    assert not [line for line in unknown if "核实" in line]
    assert [line for line in lines if "未登记" not in line and "核实" in line]
    assert "姓名电话</span>" not in page.text


async def test_one_tap_confirms_and_an_act_is_taken_back(room_client: Any, as_: As) -> None:
    client = await room_client(ROUTES, as_("grid_worker"))
    where = await registered(client, "shop", role="owner", person_name="甲样例")
    kept = await client.post(where + "/confirm", data={"version": "1"}, headers=HTML)
    assert kept.status_code == 303
    closing = {"why": "closed"}
    assert (await client.post(where + "/close", data=closing, headers=HTML)).status_code == 303
    page = await client.get(where, headers=HTML)
    assert "停业或注销" in page.text
    batch = re.findall(r'name="batch" value="([^"]+)"', page.text)[0]
    undone = await client.post(
        where + "/undo", data={"batch": batch, "what": "thing_close"}, headers=HTML
    )
    assert undone.status_code == 303
    assert "停业或注销</option>" in (await client.get(where, headers=HTML)).text


async def test_a_full_number_is_shown_once_and_never_without_a_reason(
    room_client: Any, as_: As
) -> None:
    client = await room_client(ROUTES, as_("grid_worker"))
    where = await registered(
        client, "shop", role="owner", person_name="甲样例", person_phone=PHONE
    )
    page = await client.get(where, headers=HTML)
    field = re.findall(r'value="(person_phone\.[^"]+)"', page.text)[0]
    refused = await client.post(
        where + "/reveal", data={"field": field, "reason": "看"}, headers=HTML
    )
    assert refused.status_code == 422
    assert PHONE not in refused.text
    shown = await client.post(
        where + "/reveal", data={"field": field, "reason": "通知停水"}, headers=HTML
    )
    assert PHONE in shown.text
    assert PHONE not in (await client.get(where, headers=HTML)).text


async def test_a_search_leaves_no_trace_in_an_address(room_client: Any, as_: As) -> None:
    client = await room_client(ROUTES, as_("grid_worker"))
    where = await registered(
        client, "shop", role="owner", person_name="甲样例", person_phone=PHONE
    )
    for sent in ({"phone": PHONE[-4:]}, {"person": "样例"}, {"name": "某处"}):
        found = await client.post("/registers", data={"kind": "shop", **sent}, headers=HTML)
        assert where in found.text, sent
        assert not re.search(r'href="[^"]*(8201|样例)', found.text)
    wrong = await client.post("/registers", data={"plate": "什么牌子"}, headers=HTML)
    assert wrong.status_code == 422


async def test_programs_do_the_same_by_the_same_deeds(room_client: Any, as_: As) -> None:
    client = await room_client(ROUTES, as_("grid_worker"))
    kinds = {one["code"]: one for one in (await client.get("/api/v1/registers/kinds")).json()}
    assert list(kinds) == list(KINDS)
    assert kinds["shop"]["details"][0]["codes"]["food"] == "餐饮"
    body = {
        "kind": "facility",
        "where": {"dwelling_id": str(town.dwelling_id("1-1-1-101"))},
        "name": "楼道消防栓",
        "details": {"category": "hydrant", "works": True},
        "people": [{"role": "manager", "name": "甲样例", "phone": PHONE}],
    }
    deed = {"idempotency-key": "01900000-0000-7000-8000-0000000a0001"}
    made = await client.post("/api/v1/registers", json=body, headers=deed)
    assert made.status_code == 201, made.text
    twice = await client.post("/api/v1/registers", json=body, headers=deed)
    assert twice.json() == made.json()
    thing = made.json()["thing_id"]
    seen = {"seen": [{"id": thing, "version": 1}]}
    told = await client.post("/api/v1/registers/confirm", json=seen)
    assert told.json() == {"things": 1, "changed": 0}
    sent = {"thing_id": thing, "version": 1, "details": {"works": None}}
    assert (await client.post("/api/v1/registers/correct", json=sent)).status_code == 200
    person = {"role": "manager", "name": "乙样例"}
    sent = {"thing_id": thing, "person": person}
    assert (await client.post("/api/v1/registers/person", json=sent)).status_code == 200
    one = (await client.get(f"/api/v1/registers/{thing}")).json()
    assert "works" not in one["thing"]["details"]
    assert [p["name_mask"] for p in one["people"]] == ["乙*"]
    ended = {"thing_id": thing, "person_id": one["people"][0]["id"]}
    assert (await client.post("/api/v1/registers/person/end", json=ended)).status_code == 200
    found = await client.post("/api/v1/registers/search", json={"name": "消防栓", "limit": 5})
    assert [row["id"] for row in found.json()["items"]] == [thing]
    door = await client.get(f"/api/v1/dwellings/{town.dwelling_id('1-1-1-101')}/registers")
    assert thing in [row["id"] for row in door.json()]
    assert (await client.get("/api/v1/registers/stale?kind=facility")).status_code == 200
    secret = {"field": "person_name", "reason": "核对负责人"}
    assert (
        await client.post(f"/api/v1/registers/{thing}/reveal", json=secret)
    ).status_code == 422
    closed = await client.post(
        "/api/v1/registers/close", json={"thing_id": thing, "why": "demolished"}
    )
    assert closed.status_code == 200
    over = await client.post(
        "/api/v1/registers/correct", json={"thing_id": thing, "name": "别的"}
    )
    assert (over.status_code, over.json()["code"]) == (409, "thing-over")
    reopened = await client.post("/api/v1/registers/reopen", json={"thing_id": thing})
    assert reopened.status_code == 200
    undone = await client.post(f"/api/v1/registers/acts/{reopened.json()['batch']}/undo")
    assert undone.status_code == 200
