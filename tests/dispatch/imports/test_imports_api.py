"""Imports over HTTP, from the upload to the mended rows."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from wangge.dispatch import imports_api as api
from wangge.dispatch.imports import work
from wangge.kernel.actors import Actor
from wangge.kernel.http import Installation

As = Callable[[str], Actor]
RoomClient = Callable[..., Awaitable[httpx.AsyncClient]]

DATA = (
    "编号,标题,描述,网格编码,上报时间,家属\n"
    "1,水管爆了,3幢楼下水管爆裂漫水,990001001001001,2026-03-02 08:00,甲某\n"
    "2,没有地方,路灯不亮,990009,2026-03-02 08:00,乙某\n"
).encode("gb18030")


async def test_from_upload_to_refused_rows(
    room_client: RoomClient, as_: As, own_installation: Installation
) -> None:
    client = await room_client(api.ROUTES, as_("district_officer"))
    sent = await client.post("/api/v1/imports", files={"file": ("三月.csv", DATA)})
    assert sent.status_code == 201, sent.text
    staged: dict[str, Any] = sent.json()
    assert (staged["rows"], staged["encoding"], staged["name"]) == (2, "gb18030", "三月.csv")
    assert staged["mapping"]["columns"]["words"] == ["描述"]
    here = f"/api/v1/imports/{staged['id']}"

    shown = (await client.get(f"{here}/preview")).json()
    assert [line["verdict"] for line in shown["lines"]] == ["new", "refused"]
    assert shown["lines"][1]["problems"][0]["row"] == 3

    wrong = await client.put(
        f"{here}/mapping", json={"mapping": {"columns": {"words": ["无"]}}}
    )
    assert wrong.status_code == 422
    changed = staged["mapping"] | {"source": "三月"}
    assert (await client.put(f"{here}/mapping", json={"mapping": changed})).status_code == 200

    begun = await client.post(f"{here}/apply", json={})
    assert (begun.status_code, begun.json()["state"]) == (202, "running")
    assert (await client.post(f"{here}/apply")).status_code == 202
    late = await client.put(f"{here}/mapping", json={"offer": True})
    assert late.status_code == 409
    await work.run(own_installation.districts["town"].database, begun.json()["id"])

    done = (await client.get(here)).json()
    assert (done["state"], done["counts"]["new"], done["counts"]["refused"]) == ("done", 1, 1)
    assert (await client.get("/api/v1/imports")).json()["items"][0]["id"] == staged["id"]
    refused = await client.get(f"{here}/refused.csv")
    assert refused.headers["content-type"].startswith("text/csv")
    assert "路灯不亮" in refused.content.decode("utf-8-sig")
    assert (await client.post(f"{here}/cancel")).json()["state"] == "done"


async def test_a_plain_body_and_bad_ones(room_client: RoomClient, as_: As) -> None:
    client = await room_client(api.ROUTES, as_("acceptor"))
    plain = await client.post("/api/v1/imports?name=a.csv", content=DATA)
    assert plain.status_code == 201
    cancelled = await client.post(f"/api/v1/imports/{plain.json()['id']}/cancel")
    assert cancelled.json()["state"] == "cancelled"
    for body, status in ((b"", 422), (b"<html></html>", 415), (b"\x89PNG....", 415)):
        assert (await client.post("/api/v1/imports", content=body)).status_code == status
    no_file = await client.post("/api/v1/imports", files={"other": ("a.csv", DATA)})
    assert no_file.status_code == 422


async def test_fifty_megabytes_are_the_limit(room_client: RoomClient, as_: As) -> None:
    client = await room_client(api.ROUTES, as_("acceptor"))
    huge = b"x" * (work.FILE_BYTES_MAX + 1)
    assert (await client.post("/api/v1/imports", content=huge)).status_code == 413


async def test_others_may_not(room_client: RoomClient, as_: As) -> None:
    from wangge.kernel.actors import anonymous

    stranger = await room_client(api.ROUTES, anonymous("town"))
    assert (await stranger.post("/api/v1/imports", content=DATA)).status_code == 401
    worker = await room_client(api.ROUTES, as_("grid_worker"))
    assert (await worker.post("/api/v1/imports", content=DATA)).status_code == 403
