"""Coming in as a browser and a phone see it."""

import re

from comers import PASSWORD, account

from small_town import PEOPLE
from town_fixtures import SCHEMA, RoomClient
from wangge.access import queries
from wangge.access.signing import enrolment_secret
from wangge.kernel import moments
from wangge.kernel.actors import all_acts, system_actor
from wangge.kernel.http import District, Installation

from comers import code_at  # isort: skip

HTML = {"accept": "text/html", "origin": "http://town.test"}


def hidden(page: str, name: str) -> str:
    """A hidden field of a form."""
    found = re.search(f'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found.group(1)


async def test_a_phone_signs_in_sees_itself_and_signs_out(
    app_client: RoomClient, own_district: District
) -> None:
    await account(own_district, "grid_worker")
    client = await app_client(origin="http://town.test")
    wrong = await client.post("/api/v1/session", json={"login": "grid-worker", "password": "x"})
    assert wrong.status_code == 401
    assert wrong.json()["code"] == "sign-in-wrong"
    right = await client.post(
        "/api/v1/session", json={"login": "grid-worker", "password": PASSWORD}
    )
    assert right.status_code == 200
    cookie = right.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie, "no TLS here"
    me = (await client.get("/api/v1/me")).json()
    assert me["name"] == PEOPLE["grid_worker"].name
    assert me["areas"] == [PEOPLE["grid_worker"].area_code]
    assert "responses.read" in me["acts"]
    assert "responses.declare" not in me["acts"]
    sessions = (await client.get("/api/v1/sessions")).json()["items"]
    assert [s["surface"] for s in sessions] == ["field"]
    assert (await client.delete("/api/v1/session")).status_code == 204
    assert (await client.get("/api/v1/me")).status_code == 401


async def test_under_tls_the_cookie_says_secure(
    app_client: RoomClient, own_district: District
) -> None:
    await account(own_district, "grid_worker")
    client = await app_client()
    client.base_url = "https://town.test"  # type: ignore[assignment]
    answer = await client.post(
        "/api/v1/session",
        json={"login": "grid-worker", "password": PASSWORD},
        headers={"origin": "https://town.test"},
    )
    assert "secure" in answer.headers["set-cookie"].lower()
    assert "strict-transport-security" in answer.headers


async def test_the_road_of_an_invited_dispatcher(
    app_client: RoomClient, own_installation: Installation
) -> None:
    district = own_installation.districts["town"]
    admin = await app_client("system_admin")
    shown = await admin.get("/accounts?q=秦")
    assert PEOPLE["dispatcher"].name in shown.text
    made = await admin.post(
        "/accounts/invite",
        data={"staff_id": str(PEOPLE["dispatcher"].id), "login": "qin"},
    )
    assert made.status_code == 200, made.text
    url = re.search(r"http://town\.test(/invitation/[\w-]+)", made.text)
    pin = re.search(r'class="pin[^"]*">(\d{6})<', made.text)
    assert url
    assert pin
    guest = await app_client(**HTML)
    assert (await guest.get(url.group(1))).status_code == 200
    assert (await guest.get("/invitation/whatever")).status_code == 200, "tells nothing"
    form = {"pin": pin.group(1), "password": PASSWORD, "again": "other"}
    mismatch = await guest.post(url.group(1), data=form)
    assert mismatch.status_code == 422
    answer = await guest.post(url.group(1), data={**form, "again": PASSWORD})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in/second"
    assert (await guest.get("/api/v1/me")).status_code == 401
    page = await guest.get("/sign-in/second")
    assert "<svg" in page.text
    async with district.database.tx(system_actor(SCHEMA)) as tx:
        found = await queries.account(tx, PEOPLE["dispatcher"].id)
        secret = await enrolment_secret(tx, district.vault, found)
    bad = await guest.post("/sign-in/second", data={"code": "abc"})
    assert bad.status_code == 401
    done = await guest.post("/sign-in/second", data={"code": code_at(secret, moments.now())})
    assert done.status_code == 201 or done.status_code == 200
    assert len(re.findall(r"<li><code>[A-Z2-9]{5}-[A-Z2-9]{5}</code></li>", done.text)) == 8
    assert (await guest.get("/api/v1/me")).json()["roles"] == ["dispatcher"]
    account_page = await guest.get("/account")
    assert account_page.status_code == 200
    assert "8" in account_page.text
    assert secret not in account_page.text


async def test_every_page_of_the_room_can_be_read_in_both_languages(
    app_client: RoomClient,
) -> None:
    admin = await app_client("security_admin", accept="text/html")
    for path in (
        "/account",
        "/accounts",
        "/tokens",
        f"/accounts/{PEOPLE['security_admin'].id}",
    ):
        for locale in ("zh", "en"):
            admin.cookies.set("wangge_locale", locale)
            answer = await admin.get(path)
            assert answer.status_code == 200, (path, answer.text)
            if locale == "en":
                body = re.sub(r"<option.*?</option>|<title>.*?</title>", "", answer.text)
                theirs = (act.name for act in all_acts().values())  # other rooms' words
                for name in ("示范区", "中文", *(p.name for p in PEOPLE.values()), *theirs):
                    body = body.replace(name, "")
                left = set(re.findall(r"[\u4e00-\u9fff]+", body))
                assert not left - set("示范街道杏花社区第一网格"), (path, left)
    guest = await app_client(accept="text/html")
    assert "第二重验证" in (await guest.get("/sign-in")).text, "the demo says what it skips"


async def test_out_of_reach_looks_like_out_of_existence(app_client: RoomClient) -> None:
    worker = await app_client("grid_worker")
    somebody = PEOPLE["grid_worker_2"].id
    for path in (f"/accounts/{somebody}", "/accounts/01900000-0000-7000-8000-000000000009"):
        assert (await worker.get(path)).status_code == 404
    assert (await worker.get("/accounts")).status_code == 403
    assert (await worker.get("/tokens")).status_code == 403
    assert (await worker.get("/api/v1/accounts")).status_code == 403
    end = await worker.delete("/api/v1/sessions/01900000-0000-7000-8000-000000000009")
    assert end.status_code == 404


async def test_a_key_is_shown_once_and_works_until_it_is_revoked(
    app_client: RoomClient,
) -> None:
    admin = await app_client("system_admin")
    page = await admin.get("/tokens")
    acts = re.findall(r'name="acts" value="([^"]+)"', page.text)
    assert acts, "there is something a channel may do"
    made = await admin.post(
        "/tokens",
        data={
            "name": "热线",
            "channel": "hotline",
            "area_code": "990001",
            "days": "30",
            "acts": acts[0],
            "trusted": "1",
        },
    )
    token = re.search(r"wg_[\w-]{43}", made.text)
    assert token, made.text
    assert token.group(0) not in (await admin.get("/tokens")).text
    program = await app_client(authorization=f"Bearer {token.group(0)}")
    me = (await program.get("/api/v1/me")).json()
    assert me["kind"] == "token"
    assert me["acts"] == [acts[0]]
    assert (await program.get("/account")).status_code == 404
    listed = await admin.get("/tokens")
    id_ = re.search(r"/tokens/([0-9a-f-]{36})/revoke", listed.text)
    assert id_
    assert (await admin.post(f"/tokens/{id_.group(1)}/revoke")).status_code == 303
    assert (await program.get("/api/v1/me")).status_code == 401


async def test_signing_out_and_ending_devices_on_pages(app_client: RoomClient) -> None:
    client = await app_client("grid_worker")
    page = await client.get("/account")
    assert page.text.count("本机") == 1
    changed = await client.post(
        "/account/password", data={"current": "wrong", "password": "y", "again": "y"}
    )
    assert changed.status_code == 401
    assert (await client.post("/sign-out")).status_code == 303
    assert (await client.get("/api/v1/me")).status_code == 401


async def test_after_sign_in_one_stays_on_this_site(
    app_client: RoomClient, own_district: District
) -> None:
    await account(own_district, "grid_worker")
    client = await app_client(**HTML)
    for following, goes in (
        ("/responses", "/responses"),
        ("//evil.test/", "/"),
        ("/\\evil", "/"),
    ):
        answer = await client.post(
            "/sign-in",
            data={"login": "grid-worker", "password": PASSWORD, "next": following},
        )
        assert answer.headers["location"] == goes
        client.cookies.clear()
