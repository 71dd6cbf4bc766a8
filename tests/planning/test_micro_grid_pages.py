"""Micro-grids on the desk and over HTTP, as the community's office uses them."""

import re
from collections.abc import Callable
from typing import Any

import pytest

import small_town as town
from wangge.kernel.actors import Actor
from wangge.kernel.http import District
from wangge.planning import api, pages
from wangge.planning.drawing import labels

As = Callable[[str], Actor]
ROUTES = [*api.ROUTES, *pages.ROUTES]
HTML = {"accept": "text/html"}
BASE = f"/micro-grids/{town.XINGHUA}"


async def test_a_stairwell_is_moved_by_hand_accepted_in_part_and_undone(
    room_client: Any, as_: As
) -> None:
    client = await room_client(ROUTES, as_("community_officer"))
    first = await client.get("/micro-grids", headers=HTML)
    assert (first.status_code, first.headers["location"]) == (303, BASE), "the only one"
    page = (await client.get(BASE, headers=HTML)).text
    assert "第一网格一号微网格" in page
    assert "data-plan" in page
    begun = await client.post(f"{BASE}/ask", data={"kind": "hand"}, headers=HTML)
    where = begun.headers["location"]
    unit = str(town.unit_id("1-2-1"))
    form = {"unit": unit, "grid": town.MICRO_1A, "version": "1"}
    assert (await client.post(f"{where}/move", data=form, headers=HTML)).status_code == 303
    stale = await client.post(f"{where}/move", data=form, headers=HTML)
    assert stale.status_code == 409, "somebody else's change is not written over"
    page = (await client.get(where, headers=HTML)).text
    assert "从“第一网格二号微网格”划到“第一网格一号微网格”" in page
    lists = (await client.get(f"{where}/lists", headers=HTML)).text
    assert "新划入" in lists
    assert "还没有采纳" in lists
    bare = {"version": "2", "reason": "试一试"}
    refused = await client.post(f"{where}/accept", data=bare, headers=HTML)
    assert refused.status_code == 422
    assert "至少勾选一步" in refused.text
    steps = {**bare, "steps": f"{town.MICRO_1B}>{town.MICRO_1A}"}
    assert (await client.post(f"{where}/accept", data=steps, headers=HTML)).status_code == 303
    assert re.search(
        r"1 个单元、[1-9]\d* 户换了微网格", (await client.get(where, headers=HTML)).text
    )
    lists = (await client.get(f"{where}/lists", headers=HTML)).text
    assert "新划入,原在“第一网格二号微网格”" in lists
    assert "到“第一网格一号微网格”" in lists, "what left stands where it was"
    assert "<h1>第二网格一号微网格</h1>" not in lists, "only those that change"
    every = (await client.get(f"{where}/lists?whole=1", headers=HTML)).text
    assert "<h1>第二网格一号微网格</h1>" in every
    undone = await client.post(f"{where}/undo", data={"reason": "住户不同意"}, headers=HTML)
    assert undone.status_code == 303
    page = (await client.get(where, headers=HTML)).text
    assert "已撤销" in page
    assert "已经改回的单元" in page


async def test_of_many_versions_the_latest_are_shown_and_the_earlier_ones_asked_for(
    room_client: Any, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "VERSIONS_PAGE", 2)
    client = await room_client(ROUTES, as_("community_officer"))
    begun = await client.post(f"{BASE}/ask", data={"kind": "hand"}, headers=HTML)
    where = begun.headers["location"]
    unit = str(town.unit_id("1-2-1"))
    for version, grid in enumerate((town.MICRO_1A, town.MICRO_1B, town.MICRO_1A), 1):
        form = {"unit": unit, "grid": grid, "version": str(version)}
        assert (await client.post(f"{where}/move", data=form, headers=HTML)).status_code == 303

    def shown(page: str) -> list[str]:
        return re.findall(r'<form id="back-(\d+)"', page)

    latest = (await client.get(where, headers=HTML)).text
    assert shown(latest) == ["3"], "the fourth is what holds"
    assert 'href="?before=3#versions"' in latest
    earlier = (await client.get(f"{where}?before=3", headers=HTML)).text
    assert shown(earlier) == ["1", "2"]
    assert "?before=" not in earlier


async def test_a_stairwell_of_no_micro_grid_is_new_on_the_list_of_the_one_that_gets_it(
    room_client: Any, own_district: District, as_: As
) -> None:
    async with own_district.database.tx(as_("community_officer"), now=town.NOON) as tx:
        await tx.run(
            "update places_unit set area_code = :grid where id = any(:units::uuid[])",
            grid=town.GRID_1,
            units=[town.unit_id("1-2-1"), town.unit_id("1-2-2")],
        )
    client = await room_client(ROUTES, as_("community_officer"))
    begun = await client.post(f"{BASE}/ask", data={"kind": "hand"}, headers=HTML)
    where = begun.headers["location"]
    form = {"unit": str(town.unit_id("1-2-1")), "grid": town.MICRO_1B, "version": "1"}
    assert (await client.post(f"{where}/move", data=form, headers=HTML)).status_code == 303
    lists = (await client.get(f"{where}/lists", headers=HTML)).text
    assert "<h1>第一网格二号微网格</h1>" in lists
    assert lists.count("新划入,原来不属于任何微网格") == 1
    assert "划出" not in lists, "nobody lost it"
    assert "<h1>第一网格一号微网格</h1>" not in lists, "only those that change"
    assert "还不属于任何微网格的单元" in lists, "the other one is nobody's still"


async def test_a_program_reads_the_balance_and_decides_as_people_do(
    room_client: Any, as_: As
) -> None:
    client = await room_client(ROUTES, as_("community_officer"))
    check = (await client.get(f"/api/v1/micro-grids/{town.XINGHUA}")).json()
    assert len(check["balance"]["grids"]) == 4
    assert set(check["division"].values()) == {
        town.MICRO_1A,
        town.MICRO_1B,
        town.MICRO_2A,
        town.MICRO_2B,
    }
    asked = await client.post(
        "/api/v1/micro-grids/proposals", json={"area_code": town.XINGHUA, "kind": "hand"}
    )
    id_ = asked.json()["id"]
    moved = await client.post(
        "/api/v1/micro-grids/proposals/move",
        json={
            "proposal_id": id_,
            "unit_id": str(town.unit_id("1-2-1")),
            "to": town.MICRO_1A,
            "version": 1,
        },
    )
    assert moved.json() == {"version": 2}
    seen = (await client.get(f"/api/v1/micro-grids/proposals/{id_}")).json()
    assert (seen["state"], seen["stale"], len(seen["steps"])) == ("ready", False, 1)
    page = (await client.get(f"/api/v1/micro-grids/{town.XINGHUA}/proposals")).json()
    assert [one["id"] for one in page["items"]] == [id_]
    assert page["next"] is None
    for path, body in (
        ("", {"area_code": town.XINGHUA, "kind": "repair", "seed": 3_000_000_000}),
        ("/back", {"proposal_id": id_, "number": 3_000_000_000, "version": 2}),
        ("/move", {"proposal_id": id_, "unit_id": id_, "to": "x", "version": -1}),
    ):
        large = await client.post(f"/api/v1/micro-grids/proposals{path}", json=body)
        assert large.status_code in (400, 422), "no table holds such a number"
    form = {"kind": "repair", "heavy": "9"}
    named = await client.post(f"{BASE}/ask", data=form, headers=HTML)
    assert "“多重算太重”应在 1.05 到 3.0 倍之间。" in named.text, "the page says which field"
    bad = await client.post(
        "/api/v1/micro-grids/proposals",
        json={"area_code": town.XINGHUA, "kind": "repair", "rules": {"heavy": 9}},
    )
    assert bad.status_code == 422
    assert bad.json()["problems"][0]["field"] == "heavy"


async def test_whoever_heads_two_micro_grids_is_said_once_among_what_must_be_put_right(
    room_client: Any, as_: As
) -> None:
    client = await room_client(ROUTES, as_("community_officer"))
    head = {"staff_id": str(town.PEOPLE["grid_worker"].id)}
    home = {"unit_id": str(town.unit_id("1-1-1"))}
    for grid in (town.MICRO_1A, town.MICRO_1B):
        form = {"grid": grid, **head, **home}
        assert (await client.post(f"{BASE}/head", data=form, headers=HTML)).status_code == 303
    page = (await client.get(BASE, headers=HTML)).text
    listed = page[page.index('class="plan-must') :]
    assert "4 处必须改正" in listed
    assert listed.index("是同一位网格长") < listed.index("</ul>")
    assert page.count("是同一位网格长") == 1
    assert "有 4 处必须改正。" not in page, "its count stands over the list"


def test_the_map_calls_micro_grids_by_what_tells_them_apart() -> None:
    assert labels(["杏花1-1微网格", "杏花3-2微网格"], "杏花社区") == ["1-1", "3-2"]
    assert labels(["第一网格一号微网格", "第二网格一号微网格"], "杏花社区") == [
        "第一网格一号",
        "第二网格一号",
    ]
    assert labels(["一号微网格", "二号楼"], "杏花社区") == ["一号微网格", "二号楼"]
    assert labels(["杏花社区"], "杏花社区") == ["杏花社区"], "never nothing"


async def test_whoever_works_in_a_grid_decides_nothing_here(room_client: Any, as_: As) -> None:
    client = await room_client(ROUTES, as_("grid_worker"))
    assert (await client.get(f"/api/v1/micro-grids/{town.XINGHUA}")).status_code == 403
    assert (await client.get(BASE, headers=HTML)).status_code == 403


async def test_a_page_that_waits_reads_nothing_of_the_community(
    room_client: Any, as_: As
) -> None:
    client = await room_client(ROUTES, as_("community_officer"))
    asked = await client.post(f"{BASE}/ask", data={"kind": "repair"}, headers=HTML)
    where = asked.headers["location"]
    assert "正在算" in (await client.get(where, headers=HTML)).text
    standing = await client.get(f"{where}/standing", headers=HTML)
    await client.post(f"{where}/drop", data={}, headers=HTML)
    assert "什么都没有改" in (await client.get(where, headers=HTML)).text
    assert "hx-refresh" not in standing.headers
    assert "/standing" in standing.text, "it asks again"
    await client.post(f"{where}/drop", data={}, headers=HTML)
    over = await client.get(f"{where}/standing", headers=HTML)
    assert (over.headers["hx-refresh"], "hx-get" in over.text) == ("true", False)
