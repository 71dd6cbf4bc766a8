"""The front door, the sign-in page, and what an unknown person gets."""

from town_fixtures import RoomClient


async def test_the_front_door_opens_for_everybody(app_client: RoomClient) -> None:
    client = await app_client(accept="text/html")
    answer = await client.get("/")
    assert answer.status_code == 200
    assert "我是居民" in answer.text


async def test_a_signed_in_person_is_known_by_name_and_post(app_client: RoomClient) -> None:
    client = await app_client("grid_worker")
    me = (await client.get("/api/v1/me")).json()
    assert me["roles"] == ["grid_worker"]
    assert me["district"] == "town"
    assert (await client.get("/account", headers={"accept": "text/html"})).status_code == 200


async def test_the_privacy_officer_begins_with_who_looked_at_whom(
    app_client: RoomClient,
) -> None:
    for role, first in (("data_protection", "/looks"), ("grid_worker", "/today")):
        client = await app_client(role, accept="text/html")
        answer = await client.get("/")
        assert (answer.status_code, answer.headers["location"]) == (303, first)


async def test_an_unknown_person_is_sent_to_sign_in(app_client: RoomClient) -> None:
    client = await app_client(accept="text/html")
    answer = await client.get("/account")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/account"
    assert (await client.get("/api/v1/me")).json()["code"] == "not-signed-in"
