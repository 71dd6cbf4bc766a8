"""Reports over HTTP and on the desk: somebody's form goes up, a filled one comes down."""

import re
from collections.abc import Callable
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from form_kit import form
from openpyxl import load_workbook
from test_reports import counts_form

import small_town as town
from wangge.forms import api as forms_api
from wangge.kernel import files
from wangge.kernel.actors import Actor
from wangge.kernel.http import Installation
from wangge.kernel.moments import new_id
from wangge.reports import api, pages

As = Callable[[str], Actor]


def fragment(text: str, pattern: str) -> str:
    """What a page says at a place."""
    found = re.search(pattern, text)
    assert found, pattern
    return unescape(found[1])


ROUTES = [*api.ROUTES, *pages.ROUTES, *forms_api.ROUTES]
HTML = {"accept": "text/html"}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def test_the_streets_own_file_is_filled_with_one_click(room_client: Any, as_: As) -> None:
    client = await room_client(ROUTES, as_("street_officer"))
    sent = await client.post(
        "/reports",
        data={"area_code": town.STREET, "asker": "区统计局"},
        files={"file": ("各社区人口情况.xlsx", counts_form(), XLSX)},
        headers=HTML,
    )
    assert sent.status_code == 303
    where = sent.headers["location"]
    page = (await client.get(where, headers=HTML)).text
    assert "养犬户数" in page, "what cannot be filled is named"
    run = await client.post(f"{where}/run", data={}, headers=HTML)
    assert run.status_code == 303
    listed = (await client.get(f"/api/v1{where}/runs")).json()["items"]
    assert (listed[0]["state"], listed[0]["unknown"]) == ("ready", 2)
    file = await client.get(f"/api/v1/runs/{listed[0]['id']}/file")
    sheet: Any = load_workbook(BytesIO(file.content)).active
    assert sheet["A3"].value == "杏花社区"
    assert "各社区人口情况" in (await client.get("/reports", headers=HTML)).text


async def test_a_form_with_people_goes_by_exports(room_client: Any, as_: As) -> None:
    client = await room_client(ROUTES, as_("street_officer"))
    seen = await client.post(
        "/api/v1/forms/understand",
        params={"area": town.STREET, "name": "花名册.xlsx"},
        content=form(),
        headers={"content-type": XLSX},
    )
    assert [h["leaf"] for h in seen.json()["headings"] if not h["key"]] == ["宠物免疫证号"]
    body = {
        "name": "花名册",
        "area_code": town.STREET,
        "spec": {"rows": "resident", "columns": [{"key": "resident.name"}]},
    }
    made = (await client.post("/api/v1/reports", json=body)).json()
    path = f"/api/v1/reports/{made['id']}"
    kept = await client.post(f"{path}/form", content=form(), headers={"content-type": XLSX})
    assert kept.status_code == 200
    preview = (await client.get(f"{path}/preview")).json()
    assert preview["count"] == preview["people"]
    bare = await client.post(f"{path}/runs", json={})
    assert bare.status_code == 422
    run = await client.post(f"{path}/runs", json={"reason": "月度报送"})
    assert run.json()["export_id"]
    assert (await client.get(f"/reports/{made['id']}", headers=HTML)).status_code == 200


@pytest.mark.parametrize(
    ("data", "status"),
    [(b"", 422), (b"%PDF-1.7", 415), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 415)],
)
async def test_a_file_that_is_no_form_says_why(
    room_client: Any, as_: As, data: bytes, status: int
) -> None:
    client = await room_client(ROUTES, as_("street_officer"))
    sent = await client.post(
        "/reports",
        data={"area_code": town.STREET},
        files={"file": ("x.xlsx", data, XLSX)},
        headers=HTML,
    )
    assert sent.status_code == status


async def test_a_request_is_pasted_checked_filed_and_merged(room_client: Any, as_: As) -> None:
    client = await room_client(ROUTES, as_("community_officer"))
    headings = "姓名\t联系电话\t宠物免疫证号"
    given = {"headings": headings, "area_code": town.XINGHUA}
    checked = await client.post("/forms/requests/check", data=given, headers=HTML)
    assert checked.status_code == 200
    assert "宠物免疫证号" in checked.text
    filed = await client.post(
        "/forms/requests",
        data={**given, "title": "车辆表", "asker": "交警队", "basis": "某文件"},
        headers=HTML,
    )
    assert filed.status_code == 303
    where = filed.headers["location"]
    body = {
        "name": "联系表",
        "area_code": town.XINGHUA,
        "spec": {
            "rows": "resident",
            "columns": [{"key": "resident.name"}, {"key": "resident.phone"}],
        },
    }
    report = (await client.post("/api/v1/reports", json=body)).json()
    decider = await room_client(ROUTES, as_("street_officer"))
    page = (await decider.get(where, headers=HTML)).text
    assert "联系表" in page
    merged = await decider.post(
        f"{where}/merge", data={"report_id": report["id"]}, headers=HTML
    )
    assert merged.status_code == 303
    assert "并入已有报表" in (await decider.get("/forms/requests", headers=HTML)).text


async def test_what_an_admitted_table_lacks_is_arranged_on_its_page(
    room_client: Any, as_: As
) -> None:
    client = await room_client(ROUTES, as_("community_officer"))
    given = {"headings": "姓名\t联系电话\t宠物免疫证号", "area_code": town.XINGHUA}
    filed = await client.post(
        "/forms/requests",
        data={**given, "title": "车辆表", "asker": "交警队", "basis": "某文件"},
        headers=HTML,
    )
    where = filed.headers["location"]
    decider = await room_client(ROUTES, as_("district_officer"))
    await decider.post(f"{where}/admitted", data={}, headers=HTML)
    assert 'name="c0"' in (await decider.get(where, headers=HTML)).text
    asked = {"c0": "宠物免疫证号", "c0:name": "宠物免疫证号", "ways": "visit", "days": "30"}
    short = await decider.post(f"{where}/questions", data=asked, headers=HTML)
    assert short.status_code == 422, "a field that does not say what it is for is refused"
    asked |= {
        "c0:subject": "household",
        "c0:kind": "text",
        "c0:meaning": "登记在这一户名下的车",
        "c0:purpose": "消防通道挪车",
        "c0:basis": "consent",
    }
    done = await decider.post(f"{where}/questions", data=asked, headers=HTML)
    assert done.status_code == 303
    assert "正在问住户的" in (await decider.get(where, headers=HTML)).text
    live = (await decider.get("/api/v1/questions")).json()["items"]
    assert [one["words"] for one in live] == ["宠物免疫证号"]


async def test_a_form_sent_with_a_request_becomes_the_form_of_its_report(
    room_client: Any, as_: As
) -> None:
    """Uploaded once: checked with the headings above its headings, filed, admitted, filled."""

    def with_old_rows(sheet: Any) -> None:
        sheet["B6"], sheet["E6"] = "旧数据", "旧证号"

    asker = await room_client(ROUTES, as_("community_officer"))
    checked = await asker.post(
        "/forms/requests/check",
        data={"area_code": town.XINGHUA},
        files={"file": ("流动人口花名册.xlsx", form(with_old_rows), XLSX)},
        headers=HTML,
    )
    assert checked.status_code == 200
    assert 'value="流动人口花名册"' in checked.text, "its name is proposed"
    headings = fragment(checked.text, r'name="headings" value="([^"]*)"')
    assert "人员信息 / 基本信息 / 姓名" in headings
    given = {
        "headings": headings,
        "area_code": town.XINGHUA,
        "title": "流动人口花名册",
        "asker": "派出所",
        "file_id": fragment(checked.text, r'name="file_id" value="([0-9a-f-]{36})"'),
        "m:人员信息 / 宠物免疫证号": "resident.workplace",
    }
    # Refused for its basis: what was chosen and sent stands in the page that comes back.
    again = await asker.post("/forms/requests", data={**given, "basis": ""}, headers=HTML)
    assert again.status_code == 422
    assert given["file_id"] in again.text
    assert re.search(r'<option value="resident.workplace" selected>', again.text)
    filed = await asker.post("/forms/requests", data={**given, "basis": "某文件"}, headers=HTML)
    assert filed.status_code == 303
    path = f"/api/v1{filed.headers['location'].removeprefix('/forms')}"
    decider = await room_client(ROUTES, as_("street_officer"))
    await decider.post(f"{path}/verdict", json={"verdict": "admitted"})
    made = (await decider.post(f"{path}/report")).json()
    one = (await decider.get(f"/api/v1/reports/{made['id']}")).json()
    assert {m["words"]: m["key"] for m in one["form"]}[
        "人员信息 / 宠物免疫证号"
    ] == "resident.workplace"
    # A file of somebody else's is not to be had by naming it.
    other = await decider.post(
        "/api/v1/requests",
        json={
            **{k: given[k] for k in ("title", "asker", "area_code", "file_id")},
            **{"headings": "姓名", "basis": "某文件"},
        },
    )
    assert other.status_code == 404


async def test_a_request_whose_file_cannot_be_a_form_becomes_a_report_of_its_columns(
    room_client: Any, as_: As, own_installation: Installation
) -> None:
    """By API a request may name any file of its sender; older ones were never looked at."""
    who = as_("community_officer")
    town_ = own_installation.districts["town"]
    async with town_.database.tx(who) as tx:
        file = await files.keep(
            tx, town_.shelf, new_id(tx.now), b"%PDF-1.7 no form", "application/pdf"
        )
    asker = await room_client(ROUTES, who)
    filed = await asker.post(
        "/api/v1/requests",
        json={
            **{"title": "流动人口花名册", "asker": "派出所", "area_code": town.XINGHUA},
            **{"headings": "姓名\t住址", "basis": "某文件", "file_id": str(file.id)},
        },
    )
    assert filed.status_code == 201, filed.text
    path = f"/api/v1/requests/{filed.json()['id']}"
    decider = await room_client(ROUTES, as_("street_officer"))
    await decider.post(f"{path}/verdict", json={"verdict": "admitted"})
    made = await decider.post(f"{path}/report")
    assert made.status_code == 201, made.text
    page = await decider.get(f"/reports/{made.json()['id']}", headers=HTML)
    assert "要表时传来的 Excel 没有用上" in page.text
    one = (await decider.get(f"/api/v1/reports/{made.json()['id']}")).json()
    assert [c["key"] for c in one["spec"]["columns"]] == ["resident.name", "dwelling.address"]


async def test_a_heading_that_was_read_wrongly_is_said_on_the_reports_page(
    room_client: Any, as_: As
) -> None:
    client = await room_client(ROUTES, as_("street_officer"))
    sent = await client.post(
        "/reports",
        data={"area_code": town.STREET, "asker": "派出所"},
        files={"file": ("花名册.xlsx", form(), XLSX)},
        headers=HTML,
    )
    where = sent.headers["location"]

    async def means() -> dict[str, str]:
        one = (await client.get(f"/api/v1{where}")).json()
        return {m["leaf"]: m["key"] for m in one["form"]}

    assert (await means())["宠物免疫证号"] == ""
    page = (await client.get(where, headers=HTML)).text
    assert "改这一列" in page
    said = {"heading": "人员信息 / 宠物免疫证号", "key": "resident.workplace"}
    assert (await client.post(f"{where}/columns", data=said, headers=HTML)).status_code == 303
    assert (await means())["宠物免疫证号"] == "resident.workplace"
    # And to nothing again; the others stay as they were read.
    body = {"columns": {"人员信息 / 宠物免疫证号": "", "人员信息 / 联系方式 / 手机号码": ""}}
    path = f"/api/v1{where}/form/columns"
    assert (await client.post(path, json=body)).status_code == 200
    after = await means()
    assert (after["宠物免疫证号"], after["手机号码"], after["姓名"]) == (
        "",
        "",
        "resident.name",
    )
    wrong = await client.post(path, json={"columns": {"没有这列": "resident.name"}})
    assert wrong.status_code == 422
    assert "没有这列" in wrong.json()["title"]


async def test_why_a_table_is_made_is_not_typed_twice(room_client: Any, as_: As) -> None:
    client = await room_client(ROUTES, as_("street_officer"))
    sent = await client.post(
        "/reports",
        data={"area_code": town.STREET, "asker": "派出所"},
        files={"file": ("花名册.xlsx", form(), XLSX)},
        headers=HTML,
    )
    given = {"reason": "报送街道 19900001234", "full": ["name"]}
    refused = await client.post(f"{sent.headers['location']}/run", data=given, headers=HTML)
    assert refused.status_code == 422
    assert 'value="报送街道 19900001234"' in refused.text
    assert re.search(r'name="full" value="name" checked', refused.text)


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("path", ["/reports", "/forms/requests", "/forms/requests/new"])
async def test_pages_render(room_client: Any, as_: As, path: str, locale: str) -> None:
    client = await room_client(ROUTES, as_("street_officer"), locale=locale)
    answer = await client.get(path, headers=HTML)
    assert answer.status_code == 200
    stranger = await room_client(ROUTES, as_("volunteer"))
    assert (await stranger.get(path, headers=HTML)).status_code == 403
