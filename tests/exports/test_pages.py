"""The pages of exports: ask, agree, fetch."""

from collections.abc import Awaitable, Callable

import httpx

import small_town as town
from wangge.exports.jobs import make_next
from wangge.kernel.actors import system_actor
from wangge.kernel.http import Installation
from wangge.kernel.moments import new_id

RoomClient = Callable[..., Awaitable[httpx.AsyncClient]]


async def make(installation: Installation) -> None:
    database = installation.districts["town"].database
    async with database.tx(system_actor("town")) as tx:
        await make_next(tx)


async def test_from_the_form_to_the_file_with_a_second_persons_yes(
    app_client: RoomClient, own_installation: Installation
) -> None:
    asker, second = await app_client("street_officer"), await app_client("data_protection")
    form = await asker.get(f"/exports/new?area={town.STREET}&tag=elder_alone")
    assert form.status_code == 200
    assert "人</p>" in form.text
    asked = await asker.post(
        "/exports",
        data={
            "deed": str(new_id()),
            "area": town.STREET,
            "tag": "",
            "people": "45",
            "reason": "台风前逐户通知",
            "full": ["name", "phone"],
            "format": "xlsx",
        },
    )
    assert asked.status_code == 303
    path = asked.headers["location"]
    waits = (await asker.get(path)).text
    assert "等待审批" in waits
    assert "里面有不脱敏的内容" in waits, "why somebody else has to agree"
    assert "没人处理就作废" in waits
    queue = (await second.get("/exports?view=waiting")).text
    assert "台风前逐户通知" in queue
    assert "完整电话" in queue
    inside = (await second.get(path)).text
    assert "区域、住址、姓名、与户主关系、性别、出生年、电话、需求<" in inside, "the columns"
    assert (
        await asker.post(f"{path}/approve", data={"deed": str(new_id())})
    ).status_code == 403
    agreed = await second.post(f"{path}/approve", data={"deed": str(new_id())})
    assert agreed.status_code == 303
    await make(own_installation)
    standing = await asker.get(f"{path}/standing")
    assert "下载并记录" in standing.text
    assert "hx-get" not in standing.text
    assert "下载并记录" not in (await second.get(path)).text
    assert (await second.post(f"{path}/file")).status_code == 404
    file = await asker.post(f"{path}/file")
    assert file.status_code == 200
    assert file.content.startswith(b"PK")
    assert "filename*=UTF-8''" in file.headers["content-disposition"]
    assert file.headers["cache-control"] == "no-store"
    assert "吕街道" in (await second.get(path)).text


async def test_a_form_without_a_reason_comes_back_with_what_was_ticked(
    app_client: RoomClient,
) -> None:
    client = await app_client("street_officer")
    answer = await client.post(
        "/exports",
        data={"area": town.STREET, "people": "1", "reason": "啊", "full": "phone", "tag": ""},
    )
    assert answer.status_code == 422
    assert "请写明导出的原因" in answer.text
    assert 'value="phone" checked' in answer.text


async def test_who_neither_asks_nor_agrees_nor_audits_sees_no_page(
    app_client: RoomClient,
) -> None:
    client = await app_client("grid_worker")
    assert (await client.get("/exports")).status_code == 403
    assert (await client.get("/exports/new")).status_code == 403
    assert "/exports" not in (await client.get("/residents")).text


async def test_a_program_sees_and_asks_like_a_page(app_client: RoomClient) -> None:
    client = await app_client("community_officer")
    asked = await client.post(
        "/api/v1/exports",
        json={
            "what": "people.list",
            "area_code": town.XINGHUA,
            "people": 3,
            "reason": "上门走访登记",
            "spec": {"area": town.XINGHUA, "tag": "medicine"},
        },
    )
    assert asked.status_code == 201
    found = (await client.get(f"/api/v1/exports/{asked.json()['id']}")).json()
    assert (found["state"], found["asked_by"]) == ("making", "许社区")
    items = (await client.get("/api/v1/exports")).json()["items"]
    assert [item["id"] for item in items] == [found["id"]]
    assert (await client.get("/api/v1/exports?view=all")).status_code == 403
    assert (await client.get("/api/v1/exports?view=other")).status_code == 422
    gone = await client.post(f"/api/v1/exports/{found['id']}/withdrawal")
    assert gone.json()["state"] == "withdrawn"
    assert (await client.post(f"/api/v1/exports/{found['id']}/file")).status_code == 410
