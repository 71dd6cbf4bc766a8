"""Staff and residents over HTTP and on the desk: masked, paged, within reach."""

from collections.abc import Callable
from typing import Any

import small_town as town
from wangge.kernel.actors import Actor
from wangge.kernel.database import counting
from wangge.kernel.http import Installation
from wangge.kernel.moments import new_id
from wangge.people import api

As = Callable[[str], Actor]


async def test_lists_cost_the_same_however_long(room_client: Any, as_: As) -> None:
    client = await room_client(api.ROUTES, as_("street_officer"))
    for path in ("/api/v1/posts", "/api/v1/residents"):
        await client.get(path)
        totals: set[int] = set()
        for limit in (1, 7, 200):
            with counting() as count:
                answer = await client.get(path, params={"limit": limit})
            assert len(answer.json()["items"]) == min(limit, len(answer.json()["items"]))
            totals.add(count.total)
        assert len(totals) == 1
        assert totals.pop() <= 6


async def test_posts_are_listed_by_area_and_role_within_reach(
    room_client: Any, as_: As
) -> None:
    client = await room_client(api.ROUTES, as_("community_officer"))
    posts = (await client.get("/api/v1/posts", params={"role": "grid_worker"})).json()["items"]
    assert [post["name"] for post in posts] == ["周测试", "吴演练"]
    assert posts[0]["phone_mask"] == "199****0005"
    outside = await client.get("/api/v1/posts", params={"area": town.LIUSHU})
    assert outside.json() == {"items": [], "next": None}
    bad = await client.get("/api/v1/posts", params={"after": "nonsense.zz"})
    assert bad.status_code == 422


async def test_a_reveal_answers_once_and_leaves_no_copy(
    room_client: Any, as_: As, own_installation: Installation
) -> None:
    one = next(r for r in town.homes()[1] if r.area_code == town.MICRO_1A)
    client = await room_client(api.ROUTES, as_("grid_worker"))
    answer = await client.post(
        f"/api/v1/residents/{one.id}/reveal",
        json={"field": "phone", "reason": "上门送药前联系"},
    )
    assert answer.json() == {"field": "phone", "value": one.phone}
    assert answer.headers["cache-control"] == "no-store"
    async with own_installation.districts["town"].database.tx(as_("system")) as tx:
        deeds = await tx.many(str, "select answer::text from kernel_deed")
        facts = await tx.many(str, "select data from kernel_outbox")
    assert not any(one.phone in text for text in [*deeds, *facts])
    other = await room_client(api.ROUTES, as_("part_time_worker"))
    mine = next(r for r in town.homes()[1] if r.unit_id == town.unit_id("1-1-1"))
    refused = await other.post(
        f"/api/v1/residents/{mine.id}/reveal", json={"field": "phone", "reason": "想看看号码"}
    )
    assert refused.status_code == 403


async def test_searching_is_by_body_and_answers_masked(room_client: Any, as_: As) -> None:
    client = await room_client(api.ROUTES, as_("street_officer"))
    one = town.homes()[1][0]
    found = await client.post("/api/v1/residents/search", json={"phone": one.phone})
    assert [item["id"] for item in found.json()["items"]] == [str(one.id)]
    assert one.phone not in found.text
    assert (await client.post("/api/v1/residents/search", json={})).status_code == 422
    nobody = await room_client(api.ROUTES, as_("acceptor"))
    assert (await nobody.get("/api/v1/residents")).status_code == 403


async def test_hiring_twice_under_one_key_hires_once(room_client: Any, as_: As) -> None:
    client = await room_client(api.ROUTES, as_("community_officer"))
    body = {
        "name": "癸帮手",
        "phone": town.phone_of(3001),
        "role": "volunteer",
        "area_code": town.GRID_1,
    }
    key = {"Idempotency-Key": str(new_id())}
    first = await client.post("/api/v1/staff", json=body, headers=key)
    second = await client.post("/api/v1/staff", json=body, headers=key)
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert first.json()["phone_mask"] == "199****3001"
    posts = (await client.get("/api/v1/posts", params={"role": "volunteer"})).json()["items"]
    assert [post["name"] for post in posts].count("癸帮手") == 1
    forbidden = await client.post("/api/v1/staff", json={**body, "role": "street_officer"})
    assert forbidden.status_code == 403


async def test_a_team_and_a_body_are_made_and_listed(room_client: Any, as_: As) -> None:
    client = await room_client(api.ROUTES, as_("system_admin"))
    team = await client.post(
        "/api/v1/teams",
        json={
            "template": "delivery",
            "area_code": town.GRID_1,
            "members": [
                {"staff_id": str(town.PEOPLE["volunteer"].id), "position": "配送员"},
            ],
        },
    )
    assert team.status_code == 201
    assert team.json()["unfilled"] == [
        {"position": "组长", "role": "grid_worker", "missing": 1},
        {"position": "配送员", "role": "volunteer", "missing": 3},
    ]
    teams = (await client.get("/api/v1/teams", params={"area": town.GRID_1})).json()["items"]
    assert {view["template"] for view in teams} == {"微网格自治队", "物资配送组"}
    org = {"code": "YJ-01", "name": "应急站", "platform": "yj", "area_code": town.STREET}
    assert (await client.post("/api/v1/orgs", json=org)).status_code == 201
    again = await client.post("/api/v1/orgs", json=org)
    assert (again.status_code, again.json()["code"]) == (409, "org-code-taken")
    found = await client.get("/api/v1/orgs", params={"platform": "YJ", "area": town.GRID_1})
    assert [item["name"] for item in found.json()["items"]] == ["应急站"]
