"""Tables come in over HTTP: looked at, mended, registered and taken back by programs too."""

from typing import Any
from uuid import UUID

import pytest
from importing import As, Office, number_of, table

import small_town as town
from wangge.imports import api, work
from wangge.kernel.database import counting
from wangge.kernel.http import District
from wangge.people.model import mask_name

NEW = number_of("1970-05-01", 1)
BAD = NEW[:-1] + ("0" if NEW[-1] != "0" else "1")
ROOT = "/api/v1/register-imports"


@pytest.fixture
def office(own_district: District, as_: As) -> Office:
    return Office(own_district.database, as_("community_officer"))


async def go_on(office: Office, import_id: str) -> None:
    """What the worker does."""
    await work.run(office.database, UUID(import_id), now=office.now)


async def test_a_line_without_an_estate_is_told_to_choose_only_where_there_is_a_choice(
    room_client: Any, as_: As, office: Office
) -> None:
    client = await room_client(api.ROUTES, as_("street_officer"))
    data = table("9幢1单元101 孙示范 - - - -", "1幢301 钱样例 - - - -")
    one = (await client.post(f"{ROOT}?name=名册.csv", content=data)).json()
    await client.post(f"{ROOT}/{one['id']}/agree", json={})
    await go_on(office, one["id"])
    nowhere, several = (await client.get(f"{ROOT}/{one['id']}/lines")).json()["items"]
    assert nowhere["doors"] == []
    assert "写上小区名" in nowhere["place"]
    assert len(several["doors"]) > 1
    assert "请选" in several["place"]


async def test_a_program_brings_a_table_mends_it_and_takes_it_back(
    room_client: Any, as_: As, office: Office
) -> None:
    client = await room_client(api.ROUTES, as_("community_officer"))
    data = table(f"3-2-401 赵演示 户主 - {BAD} -", "老供销社楼301 钱样例 - - - -")
    sent = await client.post(f"{ROOT}?name=名册.csv", content=data)
    assert sent.status_code == 201
    one = sent.json()
    assert (one["phase"], one["rows"], one["area_code"]) == ("columns", 2, town.XINGHUA)
    at = f"{ROOT}/{one['id']}"
    assert (await client.post(f"{at}/agree", json={})).json()["phase"] == "judging"
    await go_on(office, one["id"])
    lines = (await client.get(f"{at}/lines")).json()["items"]
    assert [(line["row"], line["verdict"]) for line in lines] == [
        (2, "refused"),
        (3, "unplaced"),
    ]
    [told] = lines[0]["told"]
    assert (told["field"], told["refuses"]) == ("id_number", True)
    assert "校验码" in told["words"]
    mended = await client.post(
        f"{at}/mend", json={"rows": [{"number": 1, "cells": {"身份证号": NEW}}]}
    )
    assert mended.json() == {"rows": 1, "later": False}
    [phrase] = (await client.get(f"{at}/unplaced")).json()["items"]
    assert (phrase["phrase"], phrase["lines"]) == ("老供销社楼", 1)
    house = str(town.town_id("building/1-3"))
    named = {"mark": phrase["mark"], "of": "building", "thing_id": house}
    # The house has two stairwells with such a room: it is for a person to say which.
    assert (await client.post(f"{at}/means", json=named)).json()["rows"] == 1
    found = (await client.get(f"{at}/doors", params={"q": "3-2-301"})).json()["items"]
    assert found[0]["name"] == "杏花苑3幢2单元301室"
    chosen = {"rows": [{"number": 2, "door": found[0]["id"]}]}
    assert (await client.post(f"{at}/mend", json=chosen)).json()["rows"] >= 1
    assert (await client.post(f"{at}/apply", json={})).json()["total"] == 2
    await go_on(office, one["id"])
    assert (await client.get(at)).json()["counts"]["new"] == 2
    assert (await client.post(f"{at}/undo", json={})).status_code == 200
    await go_on(office, one["id"])
    assert (await client.get(at)).json()["phase"] == "undone"


async def test_a_deed_sent_twice_is_done_once(
    room_client: Any, as_: As, office: Office
) -> None:
    client = await room_client(api.ROUTES, as_("community_officer"))
    found = await office.judged(table("3-2-401 赵演示 - - - -"))
    key = {"Idempotency-Key": "01900000-0000-7000-8000-00000000aa01"}
    body = {"rows": [{"number": 1, "cells": {"姓名": "赵样例"}}]}
    for _ in range(2):
        answer = await client.post(f"{ROOT}/{found.id}/mend", json=body, headers=key)
        assert answer.json() == {"rows": 1, "later": False}


async def test_pages_of_lines_follow_each_other_at_the_same_cost(
    room_client: Any, as_: As, office: Office
) -> None:
    client = await room_client(api.ROUTES, as_("community_officer"))
    rows = [f"3-2-{n}01 员工{chr(0x4E00 + n)} - - - -" for n in (2, 3, 4)]
    costs: list[int] = []
    for many in (1, 3):
        found = await office.judged(table(*rows[:many]))
        with counting() as counted:
            answer = await client.get(f"{ROOT}/{found.id}/lines", params={"limit": 1})
        costs.append(counted.total)
    assert costs[0] == costs[1]
    first = answer.json()
    seen = [first["items"][0]["row"]]
    mark = first["next"]
    while mark:
        then = (
            await client.get(f"{ROOT}/{found.id}/lines", params={"limit": 1, "after": mark})
        ).json()
        seen += [line["row"] for line in then["items"]]
        mark = then["next"]
    assert seen == [2, 3, 4]


async def test_colleagues_see_masks_and_strangers_nothing(
    room_client: Any, as_: As, office: Office
) -> None:
    found = await office.judged(table(f"3-2-401 赵演示 - - {NEW} -"))
    street = await room_client(api.ROUTES, as_("street_officer"))
    [line] = (await street.get(f"{ROOT}/{found.id}/lines")).json()["items"]
    assert line["name"] == mask_name("赵演示")
    body = {"rows": [{"number": 1, "cells": {"姓名": "钱样例"}}]}
    refused = await street.post(f"{ROOT}/{found.id}/mend", json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "only-its-uploader")
    other = await room_client(api.ROUTES, as_("community_officer_2"))
    assert (await other.get(f"{ROOT}/{found.id}")).status_code == 404
    assert (await other.post(f"{ROOT}/{found.id}/apply", json={})).status_code == 404
    worker = await room_client(api.ROUTES, as_("grid_worker"))
    assert (await worker.get(ROOT)).json()["items"] == [], (
        "a worker brings registers, not people"
    )
    assert (await worker.post(ROOT, content=b"x")).status_code == 403
    assert (await worker.get(f"{ROOT}/{found.id}")).status_code == 404
    assert (await worker.post(f"{ROOT}?name=a.csv", content=b"x")).status_code == 403


@pytest.mark.parametrize(
    ("verb", "body", "field"),
    [
        ("mend", {"rows": [{"number": 1, "door": "x"}]}, "door"),
        ("mend", {"rows": [{"number": 1, "people": {"0": "x"}}]}, "people"),
        ("means", {"mark": "x", "of": "here", "meant": "y"}, "mark"),
        ("means", {"mark": "1", "of": "here"}, "meant"),
        ("means", {"mark": "1", "of": "building"}, "thing_id"),
        ("explain", {"key": "shoe", "word": "x", "code": "y"}, "code"),
        ("apply", {"numbers": [1] * 501}, "numbers"),
        ("dance", {}, "verb"),
    ],
)
async def test_a_wrong_deed_names_its_field(
    room_client: Any, as_: As, office: Office, verb: str, body: Any, field: str
) -> None:
    client = await room_client(api.ROUTES, as_("community_officer"))
    found = await office.judged(table("老供销社楼301 钱样例 - - - -"))
    answer = await client.post(f"{ROOT}/{found.id}/{verb}", json=body)
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["field"] == field
