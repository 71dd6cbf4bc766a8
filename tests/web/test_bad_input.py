"""What people and programs really send: each answered with a sentence, nothing lost, nothing run."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx

import small_town
from wangge.kernel.actors import system_actor
from wangge.kernel.http import District
from wangge.kernel.moments import new_id

Client = Callable[..., Awaitable[httpx.AsyncClient]]
NASTY = "'); drop table cases_case; --<script>alert(1)</script>{{7*7}}\u0000💧𠮷"


def report(**more: Any) -> dict[str, Any]:
    return {
        "id": str(new_id()),
        "words": "楼道里堆了杂物",
        "class_code": "E0506",
        "area_code": small_town.GRID_1,
    } | more


async def test_sql_html_nul_and_emoji_stay_text(
    app_client: Client, own_district: District
) -> None:
    worker = await app_client("grid_worker")
    sent = await worker.post("/api/v1/cases", json=report(words=NASTY, place=NASTY))
    assert sent.status_code == 201, sent.text
    kept = NASTY.replace("\u0000", "")
    async with own_district.database.tx(system_actor("town"), read_only=True) as tx:
        assert await tx.many(str, "select words from cases_case") == [kept]
        assert await tx.many(str, "select place from cases_case") == [kept]
    desk = await app_client("acceptor", accept="text/html")
    shown = await desk.get(f"/cases/{sent.json()['id']}")
    assert shown.status_code == 200
    assert "<script>alert(1)" not in shown.text
    assert "💧𠮷" in shown.text
    found = await desk.get("/cases", params={"q": NASTY, "live": "0", "class": NASTY})
    assert found.status_code < 500


async def test_whatever_stands_in_a_field_is_refused_with_a_sentence(
    app_client: Client, own_district: District
) -> None:
    worker = await app_client("acceptor")
    for field in ("class_code", "area_code", "channel", "contact"):
        refused = await worker.post("/api/v1/cases", json=report(**{field: NASTY}))
        assert refused.status_code in (400, 422), (field, refused.text)
        assert refused.headers["content-type"].startswith("application/problem+json")
    async with own_district.database.tx(system_actor("town"), read_only=True) as tx:
        assert await tx.one(int, "select count(*) from cases_case") == 0


IMPOSSIBLE: tuple[dict[str, Any], ...] = (
    {"area_code": "9900010010"},
    {"reported_at": "1900-01-01T00:00:00+08:00"},
    {"reported_at": "2099-01-01T00:00:00+08:00"},
    {"reported_at": "2026-02-30T00:00:00+08:00"},
    {"lon": 1e308, "lat": 30.1},
    {"lon": 120.1},
    {"area_code": None, "lon": 116.39, "lat": 39.9},
    {"words": "", "class_code": None},
    {"words": "水" * 2001},
)


async def test_what_cannot_be_is_refused_with_the_way_out(app_client: Client) -> None:
    worker = await app_client("grid_worker")
    for more in IMPOSSIBLE:
        refused = await worker.post("/api/v1/cases", json=report(**more))
        assert refused.status_code in (400, 422), (more, refused.text)
        assert refused.json()["title"]


async def test_deeds_out_of_order_are_refused_and_mended_by_sending_again(
    app_client: Client, own_district: District
) -> None:
    """The phone's second deed comes first: it is refused by its state and harms nothing; sent
    again after the first it is done, and once more it is the same answer."""
    worker = await app_client("grid_worker")
    case = (await worker.post("/api/v1/cases", json=report(class_code="Z0101"))).json()
    async with own_district.database.tx(system_actor("town"), read_only=True) as tx:
        task = str(await tx.one(str, "select id::text from tasks_task"))
    finish = {
        "id": str(new_id()),
        "kind": "dispatch.finish",
        "body": {"task_id": task, "result": "已经调解"},
    }
    accept = {"id": str(new_id()), "kind": "dispatch.accept", "body": {"task_id": task}}

    async def send(*deeds: dict[str, Any]) -> list[int]:
        answer = await worker.post("/api/v1/deeds", json={"deeds": deeds})
        return [one["status"] for one in answer.json()["answers"]]

    [refused] = await send(finish)
    assert refused in (404, 409)
    again = finish | {"id": str(new_id())}
    assert await send(accept, again) == [200, 200]
    assert await send(again, accept) == [200, 200]
    async with own_district.database.tx(system_actor("town"), read_only=True) as tx:
        state = await tx.one(str, "select state from cases_case")
        steps = await tx.one(int, "select count(*) from cases_step where verb = 'finish'")
    assert (state, steps) == ("handled", 1)
    assert case["state"] == "dispatched"
