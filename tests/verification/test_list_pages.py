"""Pages of a list: from the upload to the signature, in both languages."""

from collections.abc import Callable
from typing import Any

import pytest
from declaring import a_live_one

import small_town as town
from wangge.kernel import work
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.database import Database, counting
from wangge.kernel.http import District
from wangge.verification import api, pages, queries
from wangge.verification import deeds as deeds
from wangge.verification.work import bite

As = Callable[[str], Actor]
HTML = {"accept": "text/html"}
ID_1 = town.id_number_of(1)
SLIP = ID_1[:15] + str((int(ID_1[15]) + 1) % 10) + ID_1[16:]
TEXT = (
    "序号,姓名,身份证号,联系电话,现住址\n"
    f"1,甲居民1,{ID_1},{town.phone_of(1001)},杏花苑1幢1单元101室\n"
    f"2,甲居民1,{SLIP},,\n"
    f"3,丙居民7,,{town.phone_of(1002)},\n"
    "4,无此人,,19900009999,\n"
)
ABOUT = {
    "title": "返乡人员",
    "purpose": "核对返乡人员现住址",
    "asker": "区疾控",
    "area": town.STREET,
    "days": "7",
}


async def finish(database: Database) -> None:
    async with database.tx(system_actor("town"), now=town.NOON) as tx:
        while (taken := await work.take(tx, queries.KIND)) is not None:
            await bite(tx, taken)


@pytest.mark.parametrize("locale", ["zh", "en"])
async def test_a_list_from_the_upload_to_the_signature(
    room_client: Any, own_district: District, as_: As, locale: str
) -> None:
    routes = [*pages.ROUTES, *api.ROUTES]
    client = await room_client(routes, as_("street_officer"), locale=locale)
    assert (await client.get("/verification", headers=HTML)).status_code == 200
    refused = await client.post("/verification", data={**ABOUT, "text": ""}, headers=HTML)
    assert refused.status_code == 422
    made = await client.post("/verification", data={**ABOUT, "text": TEXT}, headers=HTML)
    assert made.status_code == 303, made.text
    path = made.headers["location"]
    checking = await client.get(path, headers=HTML)
    assert 'id="progress"' in checking.text
    await finish(own_district.database)

    shown = (await client.get(path, headers=HTML)).text
    assert ID_1 not in shown
    assert "甲居民1" not in shown
    assert f"/residents/{town.resident_id(1)}" in shown
    # The wrong digit is seen beside the right one, and no other of the number.
    assert f"<mark>{SLIP[15]}</mark>" in shown
    assert f"<mark>{ID_1[15]}</mark>" in shown
    assert ID_1[3:15] not in shown
    taken = await client.post(f"{path}/accept", data={"number": "2"}, headers=HTML)
    assert taken.status_code == 303

    question = await client.get(f"{path}/questions", headers=HTML)
    assert question.status_code == 200
    assert "19900009999" not in question.text
    opened = await client.post(f"{path}/questions/4/open", headers=HTML)
    assert "tel:19900009999" in opened.text
    wrong = await client.post(f"{path}/questions/4", data={"outcome": "is"}, headers=HTML)
    assert wrong.status_code == 422
    for number, outcome in (("3", "elsewhere"), ("4", "not_reached")):
        done = await client.post(
            f"{path}/questions/{number}", data={"outcome": outcome}, headers=HTML
        )
        assert done.status_code == 303, done.text
    own = await client.post(f"{path}/sign", headers=HTML)
    assert own.status_code == 403
    assert (await client.get(f"{path}/chain", headers=HTML)).status_code == 200

    other = await room_client(routes, as_("district_officer"), locale=locale)
    assert (await other.post(f"{path}/sign", headers=HTML)).status_code == 303
    signed = await other.get(f"{path}?state=open", headers=HTML)
    assert f"{path}/export" in signed.text

    id_ = path.rsplit("/", 1)[1]
    lists = (await client.get("/api/v1/verification-lists")).json()
    assert [one["id"] for one in lists["items"]] == [id_]
    rows = (await client.get(f"/api/v1/verification-lists/{id_}/rows")).json()
    assert [one["state"] for one in rows["items"]] == ["right", "mended", "settled", "open"]
    assert rows["items"][3]["ask"]
    first = (await client.get(f"/api/v1/verification-lists/{id_}/rows?limit=2")).json()
    rest = (
        await client.get(f"/api/v1/verification-lists/{id_}/rows?limit=2&after={first['next']}")
    ).json()
    assert [one["number"] for one in [*first["items"], *rest["items"]]] == [1, 2, 3, 4]

    gone = await client.post(f"{path}/drop", headers=HTML)
    assert gone.status_code == 303
    assert ID_1 not in (await client.get(path, headers=HTML)).text


async def test_a_page_costs_the_same_statements_whatever_the_list(
    room_client: Any, own_district: District, as_: As
) -> None:
    client = await room_client(pages.ROUTES, as_("street_officer"))
    costs: list[int] = []
    for count in (2, 60):
        text = "姓名,联系电话\n" + "".join(
            f"某某{n},{town.phone_of(1001 + n % 9)}\n" for n in range(count)
        )
        made = await client.post("/verification", data={**ABOUT, "text": text}, headers=HTML)
        await finish(own_district.database)
        await client.get(made.headers["location"], headers=HTML)
        with counting() as counted:
            shown = await client.get(made.headers["location"], headers=HTML)
        assert shown.status_code == 200
        costs.append(counted.total)
    assert costs[0] == costs[1]


async def test_somebody_without_the_act_sees_no_page(room_client: Any, as_: As) -> None:
    client = await room_client(pages.ROUTES, as_("grid_worker"))
    assert (await client.get("/verification", headers=HTML)).status_code == 403


@pytest.mark.usefixtures("clock")
async def test_a_list_of_contacts_is_offered_the_area_of_a_response_over_a_grid(
    room_client: Any, own_district: District, as_: As
) -> None:
    client = await room_client(pages.ROUTES, as_("community_officer"))
    option = f'<option value="{town.GRID_1}"'
    assert option not in (await client.get("/verification", headers=HTML)).text
    async with own_district.database.tx(system_actor("town"), now=town.NOON) as tx:
        people = as_("street_officer"), as_("district_officer")
        for area in (town.GRID_1, town.GRID_3):
            await a_live_one(tx, *people, area_code=area, data_items=["contacts"])
    shown = (await client.get("/verification", headers=HTML)).text
    assert option in shown
    assert town.GRID_3 not in shown
    text = "编号,姓名,密接于\n1,甲居民1,\n2,外来某,1\n"
    about = {**ABOUT, "area": town.GRID_1, "days": "3", "text": text}
    made = await client.post("/verification", data=about, headers=HTML)
    assert made.status_code == 303, made.text


@pytest.mark.parametrize("locale", ["zh", "en"])
async def test_what_was_not_read_as_people_and_what_was_typed_are_said(
    room_client: Any, own_district: District, as_: As, locale: str
) -> None:
    client = await room_client(pages.ROUTES, as_("street_officer"), locale=locale)
    talk = "今天下雨\n外来甲 19900009998\n谁家的车挡路了?\n"
    made = await client.post("/verification", data={**ABOUT, "text": talk}, headers=HTML)
    path = made.headers["location"]
    await finish(own_district.database)
    shown = (await client.get(path, headers=HTML)).text
    assert {"zh": "2 行没有当作人读入", "en": "2 lines were not read as people"}[
        locale
    ] in shown
    assert "1、3" in shown
    assert "挡路" not in shown
    given = {"outcome": "mended", "cell_name": "外来乙", "cell_phone": "19900009998"}
    await client.post(f"{path}/questions/1/open", headers=HTML)
    done = await client.post(f"{path}/questions/1", data=given, headers=HTML)
    assert done.status_code == 303, done.text
    shown = (await client.get(path, headers=HTML)).text
    assert {"zh": "按本人说的改了这一行 (姓名)", "en": "(name)"}[locale] in shown.lower()
