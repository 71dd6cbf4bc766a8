"""The register's pages: every one renders in both languages; what is done is shown first, done as
shown, and taken back."""

import re
from collections.abc import Callable
from typing import Any

import pytest

import small_town as town
from wangge.kernel.actors import Actor
from wangge.people import pages as people

As = Callable[[str], Actor]
ROUTES = people.ROUTES
HTML = {"accept": "text/html"}
HOME = town.household_id(1)
PERSON = town.resident_id(1)
UNIT = town.unit_id("1-1-1")


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize(
    ("key", "path", "shown"),
    [
        ("community_officer", f"/households/{HOME}", "1幢1单元101室"),
        ("part_time_worker", f"/households/{HOME}", "1幢1单元101室"),
        ("grid_worker", f"/residents/{PERSON}", "1幢1单元101室"),
        ("data_protection", f"/residents/{PERSON}", "1幢1单元101室"),
        ("street_officer", "/stale", "杏花苑"),
        ("part_time_worker", f"/stale/{UNIT}", f"/households/{HOME}"),
        ("community_officer", "/duplicates", "/duplicates?view=decided"),
        ("community_officer", "/duplicates?view=decided", "/duplicates"),
        ("grid_worker", "/needs", "/needs/kinds"),
        ("data_protection", "/needs/kinds", "elder_alone"),
        ("grid_worker", "/households/new", "/households/new"),
    ],
)
async def test_pages_render(
    room_client: Any, as_: As, key: str, path: str, shown: str, locale: str
) -> None:
    client = await room_client(ROUTES, as_(key), locale=locale)
    answer = await client.get(path, headers=HTML)
    assert answer.status_code == 200
    assert shown in answer.text
    if locale == "en":
        words = re.sub(r"<(script|style).*?</\1>", "", answer.text, flags=re.S)
        left = set(re.findall(r"[一-鿿]+", re.sub(r"<[^>]*>", " ", words)))
        assert not left & {"没变", "核实", "撤销", "需求", "搬家", "户籍", "登记"}, left


async def _hidden(text: str, name: str) -> list[str]:
    return re.findall(rf'name="{name}" value="([^"]*)"', text)


async def test_a_move_is_shown_then_done_then_undone(room_client: Any, as_: As) -> None:
    client = await room_client(ROUTES, as_("grid_worker"))
    here = await client.get(f"/households/{HOME}", headers=HTML)
    people = await _hidden(here.text, "who")
    # Somebody who has a number moves to the household across the landing.
    form = {"act": "move", "who": [people[0]], "to": "1幢1单元201"}
    asked = await client.post(f"/households/{HOME}/look", data=form, headers=HTML)
    assert asked.status_code == 200, asked.text
    assert "住进这一户" in asked.text
    into = (await _hidden(asked.text, "to_household"))[0]
    form["to_household"] = into
    shown = await client.post(f"/households/{HOME}/look", data=form, headers=HTML)
    assert "确认办理" in shown.text
    assert "1幢1单元201室" in shown.text
    # Nothing was done by looking.
    assert people[0] in (await client.get(f"/households/{HOME}", headers=HTML)).text
    done = await client.post(f"/households/{HOME}/do", data=form, headers=HTML)
    assert (done.status_code, done.headers["location"]) == (303, f"/households/{into}")
    there = await client.get(f"/households/{into}", headers=HTML)
    assert f'value="{people[0]}"' in there.text
    batch = (await _hidden(there.text, "batch"))[0]
    sure = await client.post(
        f"/households/{into}/undo", data={"batch": batch, "what": "move"}, headers=HTML
    )
    assert "确认撤销" in sure.text
    back = await client.post(
        f"/households/{into}/undo", data={"batch": batch, "sure": "1"}, headers=HTML
    )
    assert back.status_code == 303
    again = await client.get(f"/households/{HOME}", headers=HTML)
    assert f'value="{people[0]}"' in again.text


async def test_what_an_act_cannot_do_is_said_before_it_is_done(
    room_client: Any, as_: As
) -> None:
    client = await room_client(ROUTES, as_("grid_worker"))
    path = f"/households/{HOME}/look"
    nobody = await client.post(path, data={"act": "move", "to": "1幢1单元201"}, headers=HTML)
    assert (nobody.status_code, "勾选" in nobody.text) == (422, True)
    here = await client.get(f"/households/{HOME}", headers=HTML)
    people = await _hidden(here.text, "who")
    all_of_them = {"act": "split", "who": people}
    split = await client.post(path, data=all_of_them, headers=HTML)
    assert (split.status_code, "至少要留一人" in split.text) == (422, True)
    nowhere = {"act": "move", "who": people[:1], "to": "99幢9单元901"}
    lost = await client.post(path, data=nowhere, headers=HTML)
    assert lost.status_code == 422
    assert 'value="99幢9单元901"' in lost.text
    ticks = [
        box for box in lost.text.split("<input") if 'name="who"' in box and " checked" in box
    ]
    assert len(ticks) == 1, "whoever was ticked is ticked still"
    assert people[0] in ticks[0]


async def test_one_tap_confirms_and_a_correction_shows_only_masks(
    room_client: Any, as_: As
) -> None:
    client = await room_client(ROUTES, as_("grid_worker"))
    page = await client.get(f"/stale/{UNIT}", headers=HTML)
    assert page.status_code == 200
    shown = await client.get(f"/residents/{PERSON}", headers=HTML)
    version = (await _hidden(shown.text, "version"))[0]
    phone = town.phone_of(9101)
    wrong = {"version": version, "phone": "123"}
    refused = await client.post(f"/residents/{PERSON}/correct", data=wrong, headers=HTML)
    assert refused.status_code == 422
    fixed = {"version": version, "phone": phone, "workplace": "示范厂"}
    done = await client.post(f"/residents/{PERSON}/correct", data=fixed, headers=HTML)
    assert done.status_code == 303
    after = await client.get(f"/residents/{PERSON}", headers=HTML)
    assert phone not in after.text
    assert "示范厂" in after.text
    late = await client.post(f"/residents/{PERSON}/correct", data=fixed, headers=HTML)
    assert late.status_code == 409


async def test_a_need_is_noted_with_consent_and_ended(room_client: Any, as_: As) -> None:
    client = await room_client(ROUTES, as_("grid_worker"))
    path = f"/residents/{PERSON}/needs"
    without = await client.post(path, data={"tag": "meal"}, headers=HTML)
    assert (without.status_code, "同意" in without.text) == (422, True)
    noted = await client.post(path, data={"tag": "meal", "consent": "spoken"}, headers=HTML)
    assert noted.status_code == 303
    shown = await client.get(f"/residents/{PERSON}", headers=HTML)
    need = re.findall(r"/needs/([0-9a-f-]{36})/end", shown.text)[0]
    ended = await client.post(f"{path}/{need}/end", data={"why": "withdrawn"}, headers=HTML)
    assert ended.status_code == 303


async def test_a_landlord_s_number_is_shown_once_and_the_look_is_kept(
    room_client: Any, as_: As
) -> None:
    client = await room_client(ROUTES, as_("grid_worker"))
    page = await client.get(f"/households/{HOME}", headers=HTML)
    version = (await _hidden(page.text, "version"))[0]
    phone = town.phone_of(9102)
    let = {
        "version": version,
        "tenure": "tenant",
        "landlord_name": "戊房东",
        "landlord_phone": phone,
    }
    assert (
        await client.post(f"/households/{HOME}/correct", data=let, headers=HTML)
    ).status_code == 303
    shown = await client.get(f"/households/{HOME}", headers=HTML)
    assert phone not in shown.text
    assert "戊房东" not in shown.text
    path = f"/households/{HOME}/reveal"
    asked = {"field": "landlord_phone", "reason": "楼上漏水要联系房东"}
    assert phone in (await client.post(path, data=asked, headers=HTML)).text
    short = {**asked, "reason": "看"}
    assert (await client.post(path, data=short, headers=HTML)).status_code == 422
    mean = await room_client(ROUTES, as_("part_time_worker"))
    assert (await mean.post(path, data=asked, headers=HTML)).status_code == 403


async def test_a_household_is_registered_and_somebody_is_added(
    room_client: Any, as_: As
) -> None:
    client = await room_client(ROUTES, as_("community_officer"))
    nowhere = {"near": town.XINGHUA, "door": "不知道哪里", "name": "己新来"}
    lost = await client.post("/households/new", data=nowhere, headers=HTML)
    assert (lost.status_code, 'value="己新来"' in lost.text) == (422, True)
    form = {**nowhere, "door": "杏花苑1幢2单元101"}
    made = await client.post("/households/new", data=form, headers=HTML)
    assert made.status_code == 303, made.text
    path = made.headers["location"]
    born = {"name": "己小新", "relation": "child", "birth_date": "2026-03-01"}
    assert (await client.post(f"{path}/come", data=born, headers=HTML)).status_code == 303
    assert "现在住着 2 人" in (await client.get(path, headers=HTML)).text


async def test_out_of_reach_nothing_is_there(room_client: Any, as_: As) -> None:
    client = await room_client(ROUTES, as_("other_grid_worker"))
    for path in (f"/households/{HOME}", f"/residents/{PERSON}", f"/stale/{UNIT}"):
        assert (await client.get(path, headers=HTML)).status_code == 404
    client = await room_client(ROUTES, as_("part_time_worker"))
    assert (await client.get("/duplicates", headers=HTML)).status_code == 403
