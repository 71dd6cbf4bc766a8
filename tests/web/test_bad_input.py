"""What people and programs really send: each answered with a sentence, nothing lost, nothing run."""

import struct
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest

import small_town
from wangge.kernel.actors import system_actor
from wangge.kernel.http import District
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid

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


CROSSING = [(120.1, 30.1), (120.104, 30.104), (120.104, 30.1), (120.1, 30.104), (120.1, 30.1)]


async def test_a_boundary_that_crosses_itself_is_refused_and_changes_nothing(
    app_client: Client, own_district: District
) -> None:
    officer = await app_client("street_officer")
    before = (await officer.get(f"/api/v1/areas/{small_town.MICRO_1A}")).json()
    refused = await officer.post(
        f"/api/v1/areas/{small_town.MICRO_1A}/boundary",
        json={"boundary": {"type": "Polygon", "coordinates": [CROSSING]}},
    )
    assert refused.status_code == 422, refused.text
    (problem,) = refused.json()["problems"]
    assert problem["field"] == "boundary"
    assert "交叉" in problem["words"]
    assert (await officer.get(f"/api/v1/areas/{small_town.MICRO_1A}")).json() == before


def bomb() -> bytes:
    """A PNG of 100,000 by 100,000 points in a few hundred bytes."""
    head = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(10_000))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


SVG = b"""<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg">
<script>alert(1)</script></svg>"""


async def test_what_no_table_keeps_is_refused_and_not_our_fault(app_client: Client) -> None:
    officer = await app_client("community_officer")
    about = {"purpose": "核对住户", "asker": "街道", "area": small_town.XINGHUA, "days": 3}
    told = await officer.post(
        "/api/v1/verification-lists",
        json=about | {"title": "名\u0000单", "text": "姓名,电话\n王小明,19900000001\n"},
    )
    assert (told.status_code, told.json()["code"]) == (422, "invalid")
    assert "NUL" in told.json()["title"]


async def test_a_number_too_large_for_a_table_is_refused_and_a_bug_stays_one(
    own_district: District,
) -> None:
    for number, sql in ((10**12, "select :n::int"), (-(10**30), "select :n::bigint")):
        with pytest.raises(Invalid, match="too large"):
            async with own_district.database.tx(system_actor("town")) as tx:
                await tx.one(int, sql, n=number)  # type: ignore[arg-type]
    with pytest.raises(Invalid, match="too large"):
        async with own_district.database.tx(system_actor("town")) as tx:
            await tx.one(int, "select 2000000000 + :n::int", n=2_000_000_000)
    with pytest.raises(asyncpg.DataError):
        async with own_district.database.tx(system_actor("town")) as tx:
            await tx.one(int, "select :n::int", n="three")


async def test_a_body_nested_without_end_is_refused(app_client: Client) -> None:
    worker = await app_client("grid_worker")
    headers = {"content-type": "application/json"}
    for body in (b"[" * 50_000, b'{"kind":' * 50_000):
        # The second is read by the lane for what comes often, and the others by the framework.
        for path in ("/api/v1/micro-grids/proposals", "/api/v1/deeds", "/api/v1/cases"):
            told = await worker.post(path, content=body, headers=headers)
            assert told.status_code in (400, 422), (path, told.text)


async def test_a_photo_bomb_and_a_drawing_with_a_script_are_no_photos(
    app_client: Client, own_district: District
) -> None:
    worker = await app_client("grid_worker")
    for data, status in ((bomb(), 422), (SVG, 415)):
        for claimed in ("image/png", "image/jpeg", "image/svg+xml"):
            refused = await worker.put(
                f"/api/v1/files/{new_id()}", content=data, headers={"content-type": claimed}
            )
            assert refused.status_code in (status, 413), (claimed, refused.text)
            assert refused.json()["title"]
    async with own_district.database.tx(system_actor("town"), read_only=True) as tx:
        assert await tx.one(int, "select count(*) from kernel_file") == 0


async def test_a_file_of_300_megabytes_is_refused_before_it_is_read(app_client: Client) -> None:
    """By what it says of itself, and, when it says nothing, as soon as it has gone too far."""
    worker = await app_client("grid_worker")
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(4_800):
            sent += 1
            yield bytes(65_536)

    for path in (f"/api/v1/files/{new_id()}", "/api/v1/deeds"):
        method = "PUT" if "files" in path else "POST"
        sent = 0
        refused = await worker.request(
            method, path, content=endless(), headers={"content-length": str(300 * 1024 * 1024)}
        )
        assert refused.status_code == 413
        assert sent <= 1, "a body that says it is too large is not read"
        sent = 0
        refused = await worker.request(method, path, content=endless())
        assert refused.status_code == 413
        assert sent * 65_536 < 16_000_000, "nobody reads on after the limit"


async def test_a_form_that_is_out_of_date_changes_nothing_and_says_the_version(
    app_client: Client, own_district: District
) -> None:
    acceptor = await app_client("acceptor")
    taken = await acceptor.post(
        "/api/v1/cases", json=report(channel="hotline", class_code=None, words="水管爆了")
    )
    case = taken.json()["id"]
    first = {"version": 1, "class_code": "E0401"}
    assert (await acceptor.post(f"/api/v1/cases/{case}/file", json=first)).status_code == 200
    stale = await acceptor.post(f"/api/v1/cases/{case}/file", json=first)
    assert stale.status_code == 409
    assert stale.json()["code"] == "stale"
    assert stale.json()["data"]["version"] > 1
    async with own_district.database.tx(system_actor("town"), read_only=True) as tx:
        assert await tx.one(int, "select count(*) from cases_step where verb = 'file'") == 1


async def test_a_helper_whose_days_are_over_may_do_nothing_more(
    app_client: Client, own_district: District
) -> None:
    helper = await app_client("volunteer")
    assert (await helper.get("/api/v1/me")).status_code == 200
    assert (await helper.post("/api/v1/cases", json=report())).status_code == 201
    async with own_district.database.tx(system_actor("town")) as tx:
        ended = await tx.run(
            """
            update people_post set from_at = :begun, until_at = :over where staff_id = :id
            """,
            begun=tx.now - timedelta(days=9),
            over=tx.now - timedelta(minutes=1),
            id=small_town.PEOPLE["volunteer"].id,
        )
        await tx.bump("people")
    assert ended == 1
    refused = await helper.post("/api/v1/cases", json=report())
    assert refused.status_code in (401, 403), refused.text
    async with own_district.database.tx(system_actor("town"), read_only=True) as tx:
        assert await tx.one(int, "select count(*) from cases_case") == 1
