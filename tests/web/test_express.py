"""The express lane: a storm of reports is answered before the router, in the same words."""

import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from small_town import GRID_1, MICRO_1A
from town_fixtures import RoomClient
from wangge.kernel.http import Installation
from wangge.kernel.http.express import EXPRESS_BYTES_MAX, lanes
from wangge.kernel.moments import new_id
from wangge.web.app import create_app


def report(**more: Any) -> dict[str, Any]:
    return {
        "id": str(new_id()),
        "words": "3幢楼下水管爆了",
        "class_code": "E0401",
        "area_code": MICRO_1A,
        **more,
    }


async def both(
    client: httpx.AsyncClient,
    body: Mapping[str, Any] | bytes,
    path: str = "/api/v1/cases",
    **headers: str,
) -> tuple[httpx.Response, httpx.Response]:
    """The same body by the express lane, then, too long for it by blanks that mean nothing,
    through the router."""
    short = body if isinstance(body, bytes) else json.dumps(body).encode()
    long = short + b" " * EXPRESS_BYTES_MAX
    head = {"content-type": "application/json", **headers}
    return (
        await client.post(path, content=short, headers=head),
        await client.post(path, content=long, headers=head),
    )


async def test_a_report_is_answered_in_the_same_words_by_both_ways(
    app_client: RoomClient,
) -> None:
    client = await app_client("grid_worker")
    quick, slow = await both(client, report())
    assert quick.status_code == slow.status_code == 201
    assert quick.json() == slow.json(), "the same id is the same case, told again"
    assert quick.json()["offered_to"]

    def worn(answer: httpx.Response) -> dict[str, str]:
        return {k: v for k, v in answer.headers.items() if k != "content-length"}

    assert worn(quick) == worn(slow)
    assert quick.headers["cache-control"] == "no-store"
    assert "default-src" in quick.headers["content-security-policy"]


async def test_a_phones_deeds_are_answered_in_the_same_words_by_both_ways(
    app_client: RoomClient,
) -> None:
    client = await app_client("grid_worker")
    nowhere = {"round": str(new_id()), "door": str(new_id()), "outcome": "all"}
    deeds = [
        {"id": str(new_id()), "kind": kind, "body": body, "at": "2026-03-18T04:00:00Z"}
        for kind, body in (
            ("sweeps.report", nowhere),
            ("sweeps.report", nowhere | {"outcome": "perhaps"}),
            ("nothing.known", {}),
        )
    ]
    whole = {"deeds": deeds, "now": "2026-03-18T04:00:00Z"}
    quick, slow = await both(client, whole, "/api/v1/deeds")
    assert quick.status_code == slow.status_code == 200
    assert quick.json() == slow.json()
    assert [one["status"] for one in quick.json()["answers"]] == [404, 422, 422]
    for wrong in ({"deeds": [{"kind": "sweeps.report"}]}, {"deeds": deeds * 70}, b"{"):
        quick, slow = await both(client, wrong, "/api/v1/deeds")
        assert quick.status_code == slow.status_code >= 400
        assert quick.json() == slow.json()
    stranger = await app_client(None)
    quick, slow = await both(stranger, whole, "/api/v1/deeds")
    assert (quick.status_code, quick.json()) == (slow.status_code, slow.json())
    assert quick.status_code == 401


async def test_a_long_answer_is_packed_by_both_ways(app_client: RoomClient) -> None:
    client = await app_client("grid_worker")
    quick, slow = await both(client, report(), **{"accept-encoding": "gzip"})
    assert quick.headers.get("content-encoding") == slow.headers.get("content-encoding")


@pytest.mark.parametrize(
    "body",
    [
        b" ",
        b"[]",
        b'{"id": ',
        b'{"id": "\xff"}',
        b'{"words": "no id"}',
        b'{"id": "not an id", "words": "x"}',
        json.dumps(report(words=7)).encode(),
        json.dumps(report(photos="x")).encode(),
        json.dumps(report(reported_at="gestern")).encode(),
        json.dumps(report(reported_at="2026-03-18T12:00:00")).encode(),
        json.dumps(report(class_code="E9999")).encode(),
        json.dumps(report(area_code="110101001001")).encode(),
        json.dumps(report(area_code="99")).encode(),
        json.dumps(report(channel="hotline")).encode(),
        json.dumps(report(lon=120.0)).encode(),
        json.dumps(report(words="", class_code="")).encode(),
        json.dumps(report(words="x" * 3000)).encode(),
        json.dumps(report(photos=[str(new_id())])).encode(),
        json.dumps(report(self_close={"result": "x"})).encode(),
    ],
)
async def test_what_is_refused_is_refused_in_the_same_words(
    app_client: RoomClient, body: bytes
) -> None:
    client = await app_client("grid_worker")
    for language in ("zh-CN", "en"):
        quick, slow = await both(client, body, **{"accept-language": language})
        assert 400 <= quick.status_code < 500
        assert (quick.status_code, quick.json()) == (slow.status_code, slow.json())


async def test_who_may_not_report_hears_the_same_by_both_ways(app_client: RoomClient) -> None:
    for client in (await app_client(), await app_client("audit_admin")):
        quick, slow = await both(client, report())
        assert quick.status_code == slow.status_code
        assert quick.status_code in (401, 403)
        assert quick.json() == slow.json()


async def test_another_site_cannot_use_the_lane(app_client: RoomClient) -> None:
    client = await app_client("grid_worker")
    quick, slow = await both(client, report(), origin="http://evil.test")
    assert quick.status_code == slow.status_code == 403
    assert quick.json() == slow.json()
    assert quick.json()["code"] == "foreign-site"


async def test_a_district_named_in_the_path_has_the_lane_too(app_client: RoomClient) -> None:
    client = await app_client("grid_worker")
    told = await client.post("/d/town/api/v1/cases", json=report(area_code=GRID_1))
    assert told.status_code == 201
    assert told.json()["area_code"] == GRID_1
    lost = await client.post("/d/nowhere/api/v1/cases", json=report())
    assert (lost.status_code, lost.json()["code"]) == (404, "not-found")


async def test_every_lane_has_an_ordinary_handler(own_installation: Installation) -> None:
    app = create_app(own_installation, testing=True)
    routed = {
        (method, route.path) for route in app.routes for method in getattr(route, "methods", ())
    }
    assert lanes()
    assert set(lanes()) <= routed
