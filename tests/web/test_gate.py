"""The gate: which district, whose request, from where, and what every answer wears."""

from ipaddress import ip_network
from typing import Any

import httpx
import pytest

from small_town import PEOPLE
from town_fixtures import RoomClient, sign_in
from wangge.access import kept
from wangge.kernel.actors import system_actor
from wangge.kernel.http import Installation
from wangge.web.app import create_app
from wangge.web.options import WebOptions

PAGE = {"accept": "text/html"}


async def test_a_district_may_be_named_in_the_path(app_client: RoomClient) -> None:
    client = await app_client("grid_worker", **PAGE)
    front = await client.get("/d/town/account")
    assert front.status_code == 200
    assert 'href="/d/town/static/wangge.css"' in front.text
    sent = await (await app_client(**PAGE)).get("/d/town/account")
    assert sent.headers["location"] == "/d/town/sign-in?next=/account"
    lost = await client.get("/d/nowhere/account")
    assert lost.status_code == 404
    assert "没有找到" in lost.text
    assert (await client.get("/d/nowhere/api/v1/me")).json()["code"] == "not-found"
    assert (await client.get("/d/town/static/wangge.css")).status_code == 200


async def test_a_session_s_cookie_belongs_to_its_district(app_client: RoomClient) -> None:
    client = await app_client(origin="http://town.test")
    answer = await client.post(
        "/d/town/api/v1/session", json={"login": "nobody", "password": "x"}
    )
    assert answer.status_code == 401
    out = await client.delete("/d/town/api/v1/session")
    assert "path=/d/town" in out.headers["set-cookie"].lower()


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({"origin": "http://town.test"}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, True),
        ({}, False),
        ({"origin": "http://evil.test"}, False),
        ({"origin": "http://town.test.evil.test"}, False),
        ({"origin": "null"}, False),
        ({"origin": ""}, False),
        ({"sec-fetch-site": "cross-site", "origin": "http://town.test"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "none"}, False),
    ],
)
async def test_another_site_cannot_act_for_somebody_signed_in(
    app_client: RoomClient, headers: dict[str, str], passes: bool
) -> None:
    client = await app_client("grid_worker")
    del client.headers["origin"]
    answer = await client.post("/api/v1/deeds", json={"deeds": []}, headers=headers)
    assert answer.status_code == (200 if passes else 403)
    if not passes:
        assert answer.json()["code"] == "foreign-site"
    assert (await client.get("/api/v1/me", headers=headers)).status_code == 200


async def test_nor_sign_anybody_in(app_client: RoomClient) -> None:
    client = await app_client()
    body = {"login": "x", "password": "y"}
    for headers, status in (
        ({"origin": "http://evil.test"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({}, 401),
    ):
        answer = await client.post("/api/v1/session", json=body, headers=headers)
        assert answer.status_code == status


async def test_every_answer_is_dressed(app_client: RoomClient) -> None:
    client = await app_client(**PAGE)
    for path in ("/", "/nothing-here", "/api/v1/me", "/static/wangge.css", "/healthz", "/d/x/"):
        answer = await client.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "strict-transport-security" not in answer.headers
        if not path.startswith("/static"):
            assert answer.headers["cache-control"] == "no-store", path


async def test_pages_have_no_inline_script_but_the_import_map(app_client: RoomClient) -> None:
    import base64
    import hashlib
    import re

    client = await app_client("district_officer", **PAGE)
    for path in ("/account", "/responses"):
        answer = await client.get(path)
        inline = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>(.*?)</script>", answer.text, re.S)
        code = [body for head, body in inline if "application/json" not in head]
        assert len(code) == 1
        digest = base64.b64encode(hashlib.sha256(code[0].encode()).digest()).decode()
        assert f"'sha256-{digest}'" in answer.headers["content-security-policy"]
        assert not re.search(r"\sstyle=|\son\w+=", answer.text)


async def test_text_is_packed_when_that_is_understood(app_client: RoomClient) -> None:
    client = await app_client(**PAGE)
    packed = await client.get("/", headers={"accept-encoding": "gzip"})
    plain = await client.get("/", headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"])


async def test_too_large_is_413(app_client: RoomClient) -> None:
    client = await app_client("grid_worker")
    answer = await client.post("/api/v1/deeds", content=b"x" * 1_000_001)
    assert answer.status_code == 413
    assert answer.json()["code"] == "http-413"
    photo = await client.put(
        "/api/v1/files/01900000-0000-7000-8000-000000000001", content=b"x" * 12_000_001
    )
    assert photo.status_code == 413
    form = await (await app_client(origin="http://town.test")).post(
        "/sign-in", data={"login": "x" * 1_100_000}
    )
    assert form.status_code == 413


async def test_language_and_large_type_are_chosen_and_kept(app_client: RoomClient) -> None:
    client = await app_client(origin="http://town.test", **PAGE)
    assert "我是居民" in (await client.get("/")).text
    english = await client.get("/", headers={"accept-language": "en-GB,en;q=0.9"})
    assert "I live here" in english.text
    assert '<html lang="en">' in english.text
    chosen = await client.post(
        "/preferences", data={"locale": "en", "large": "1", "back": "/?x=1"}
    )
    assert chosen.headers["location"] == "/?x=1"
    again = await client.get("/", headers={"accept-language": "zh-CN"})
    assert "I live here" in again.text
    assert 'class="plain large"' in again.text
    away = await client.post("/preferences", data={"large": "0", "back": "//evil.test"})
    assert away.headers["location"] == "/"
    assert (await client.post("/preferences", data={"locale": "fr"})).status_code == 422


async def _address_of(
    installation: Installation, options: WebOptions, headers: dict[str, str]
) -> str:
    app: Any = create_app(installation, testing=True, options=options)
    transport = httpx.ASGITransport(app=app, client=("10.0.0.5", 1234))
    async with httpx.AsyncClient(transport=transport, base_url="http://town.test") as client:
        await sign_in(installation, client, "grid_worker")
        client.cookies.clear()
        from town_fixtures import PASSWORD

        answer = await client.post(
            "/api/v1/session",
            json={"login": "grid_worker", "password": PASSWORD},
            headers=headers,
        )
        assert answer.status_code == 200, answer.text
    id_ = PEOPLE["grid_worker"].id
    district = installation.districts["town"]
    async with district.database.tx(system_actor(district.schema)) as tx:
        sessions = await kept.sessions_of(tx, id_)
        await kept.delete_sessions(tx, id_)
    secure = "secure" in answer.headers["set-cookie"].lower()
    found = next(s.address for s in sessions if s.surface == "field")
    return f"{found} {'tls' if secure else 'plain'}"


async def test_only_a_proxy_of_ours_says_where_somebody_comes_from(
    own_installation: Installation,
) -> None:
    said = {"x-forwarded-for": "203.0.113.9, 198.51.100.7", "x-forwarded-proto": "https"}
    nobody, ours = WebOptions(), WebOptions(trusted_proxies=(ip_network("10.0.0.0/8"),))
    two = WebOptions(trusted_proxies=(ip_network("10.0.0.0/8"), ip_network("198.51.100.0/24")))
    assert await _address_of(own_installation, nobody, said) == "10.0.0.5 plain"
    assert await _address_of(own_installation, ours, said) == "198.51.100.7 tls"
    assert await _address_of(own_installation, two, said) == "203.0.113.9 tls"
    assert await _address_of(own_installation, ours, {}) == "10.0.0.5 plain"


async def test_a_bug_tells_nobody_what_it_was(
    app_client: RoomClient, own_installation: Installation
) -> None:
    client = await app_client("grid_worker", **PAGE)
    district = own_installation.districts["town"]
    async with district.database.tx(system_actor(district.schema)) as tx:
        await tx.run("alter table access_session rename to gone")
    for path in ("/account", "/api/v1/me"):
        answer = await client.get(path)
        assert answer.status_code == 500
        assert "gone" not in answer.text
        assert "access_session" not in answer.text
        assert "系统出了问题" in answer.text


async def test_a_database_that_is_away_is_said_to_be_busy(
    app_client: RoomClient, own_installation: Installation
) -> None:
    client = await app_client("grid_worker")
    await own_installation.districts["town"].database.close()
    answer = await client.get("/api/v1/me")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "3"
    assert (await client.get("/healthz")).status_code == 200


async def test_openapi_is_served_without_anybody_else_s_assets(app_client: RoomClient) -> None:
    client = await app_client()
    answer = await client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    paths = answer.json()["paths"]
    assert "/api/v1/deeds" in paths
    assert "/sign-in" not in paths
    assert (await client.get("/api/v1/swagger")).status_code == 404
