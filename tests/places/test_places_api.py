"""Areas over HTTP: within reach, paged, and a map that is not sent twice."""

import json
from collections.abc import Callable
from typing import Any

import small_town as town
from wangge.kernel.actors import Actor
from wangge.kernel.database import counting
from wangge.kernel.moments import new_id
from wangge.places import api

As = Callable[[str], Actor]


async def test_the_list_is_paged_and_ends_at_the_reach(room_client: Any, as_: As) -> None:
    client = await room_client(api.ROUTES, as_("community_officer"))
    codes: list[str] = []
    after = ""
    while after is not None:
        page = (await client.get("/api/v1/areas", params={"after": after, "limit": 3})).json()
        codes += [item["code"] for item in page["items"]]
        after = page["next"]
    assert codes == sorted(code for code in town.GROUND if code.startswith(town.XINGHUA))
    assert (await client.get(f"/api/v1/areas/{town.LIUSHU}")).status_code == 404
    shown = (await client.get(f"/api/v1/areas/{town.XINGHUA}")).json()
    assert shown["area"]["path"] == "示范街道 / 杏花社区"
    assert (len(shown["children"]), shown["micro_grids"]) == (2, 4)


async def test_a_list_costs_the_same_however_long(room_client: Any, as_: As) -> None:
    client = await room_client(api.ROUTES, as_("district_officer"))
    await client.get("/api/v1/areas")
    totals: set[int] = set()
    for limit in (1, 5, 200):
        with counting() as count:
            await client.get("/api/v1/areas", params={"limit": limit})
        totals.add(count.total)
    assert len(totals) == 1
    assert totals.pop() <= 6


async def test_the_map_holds_what_is_in_reach_and_is_sent_once(
    room_client: Any, as_: As
) -> None:
    client = await room_client(api.ROUTES, as_("community_officer"))
    answer = await client.get("/api/v1/areas.geojson", params={"prefix": town.XINGHUA})
    assert answer.headers["content-type"].startswith("application/geo+json")
    codes = {feature["properties"]["code"] for feature in answer.json()["features"]}
    assert codes == {code for code in town.GROUND if code.startswith(town.XINGHUA)}
    again = await client.get(
        "/api/v1/areas.geojson",
        params={"prefix": town.XINGHUA},
        headers={"If-None-Match": answer.headers["etag"]},
    )
    assert (again.status_code, again.content) == (304, b"")
    whole = await client.get("/api/v1/areas.geojson", params={"kinds": "grid"})
    assert {f["properties"]["kind"] for f in whole.json()["features"]} == {"grid"}


async def test_a_changed_boundary_changes_the_map(room_client: Any, as_: As) -> None:
    client = await room_client(api.ROUTES, as_("street_officer"))
    before = await client.get("/api/v1/areas.geojson", params={"prefix": town.GRID_1})
    smaller = town.box(120.1001, 30.1001, 120.103, 30.104)
    drawn = await client.post(
        f"/api/v1/areas/{town.MICRO_1A}/boundary", json={"boundary": smaller}
    )
    assert drawn.status_code == 200
    after = await client.get(
        "/api/v1/areas.geojson",
        params={"prefix": town.GRID_1},
        headers={"If-None-Match": before.headers["etag"]},
    )
    assert after.status_code == 200
    assert json.dumps(smaller["coordinates"]) in json.dumps(after.json())


async def test_an_area_added_twice_under_one_key_is_added_once(
    room_client: Any, as_: As
) -> None:
    client = await room_client(api.ROUTES, as_("district_officer"))
    body = {"code": town.XINGHUA + "003", "name": "第三网格"}
    key = {"Idempotency-Key": str(new_id())}
    first = await client.post("/api/v1/areas", json=body, headers=key)
    second = await client.post("/api/v1/areas", json=body, headers=key)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    third = await client.post("/api/v1/areas", json=body)
    assert (third.status_code, third.json()["code"]) == (409, "code-taken")


async def test_a_stranger_and_a_bad_prefix_are_refused(room_client: Any, as_: As) -> None:
    client = await room_client(api.ROUTES, as_("grid_worker"))
    answer = await client.get("/api/v1/areas", params={"prefix": "杏花"})
    assert answer.status_code == 422
    answer = await client.get("/api/v1/areas.geojson", params={"kinds": "planet"})
    assert answer.status_code == 422
