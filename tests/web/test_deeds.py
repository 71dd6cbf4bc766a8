"""The phone's outbox over HTTP: in order, each answered, none lost, none done twice."""

from typing import Any
from uuid import UUID

import msgspec

from small_town import XINGHUA
from town_fixtures import RoomClient
from wangge.kernel.database import Tx
from wangge.kernel.http import deed
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Busy, NotFound

done: list[str] = []


class Said(msgspec.Struct):
    word: str


@deed("test_web.say", Said)
async def say(tx: Tx, body: Said) -> dict[str, Any]:
    """Does what its word says."""
    match body.word:
        case "refuse":
            raise NotFound("这句话")
        case "busy":
            raise Busy(retry_after=7)
        case "bug":
            raise RuntimeError("secret detail")
        case "away":
            raise ConnectionResetError
    await tx.run(
        "insert into kernel_setting (key, value) values (:key, :value)",
        key=f"test.{body.word}",
        value=XINGHUA,
    )
    return {"said": body.word}


def sent(*words: str) -> dict[str, Any]:
    return {
        "deeds": [
            {"id": str(new_id()), "kind": "test_web.say", "body": {"word": word}}
            for word in words
        ]
    }


async def test_a_refused_deed_does_not_hold_up_the_next(app_client: RoomClient) -> None:
    client = await app_client("grid_worker")
    body = sent("one", "refuse", "bug", "two")
    body["deeds"][3]["at"] = "2026-03-18T12:00:00+08:00"
    answer = await client.post("/api/v1/deeds", json=body)
    assert answer.status_code == 200
    answers = answer.json()["answers"]
    assert [a["id"] for a in answers] == [d["id"] for d in body["deeds"]]
    assert [a["status"] for a in answers] == [200, 404, 500, 200]
    assert answers[0]["body"] == {"said": "one"}
    assert answers[1]["body"]["code"] == "not-found"
    assert "secret" not in answer.text


async def test_sent_twice_is_done_once(app_client: RoomClient) -> None:
    client = await app_client("grid_worker")
    body = sent("once")
    first = await client.post("/api/v1/deeds", json=body)
    again = await client.post("/api/v1/deeds", json=body)
    assert first.json() == again.json()
    body["deeds"][0]["body"]["word"] = "other"
    reused = await client.post("/api/v1/deeds", json=body)
    assert reused.json()["answers"][0]["body"]["code"] == "deed-reused"
    somebody = await app_client("grid_worker_2")
    body["deeds"][0]["body"]["word"] = "once"
    theirs = await somebody.post("/api/v1/deeds", json=body)
    assert theirs.json()["answers"][0]["body"]["code"] == "deed-reused"


async def test_from_the_first_busy_one_on_they_are_for_later(app_client: RoomClient) -> None:
    for word in ("busy", "away"):
        client = await app_client("grid_worker")
        body = sent(f"before-{word}", word, f"after-{word}")
        answers = (await client.post("/api/v1/deeds", json=body)).json()["answers"]
        assert [a["status"] for a in answers] == [200, 503, 503]
        assert answers[2]["body"]["code"] == "busy"
        again = sent(f"after-{word}")
        later = (await client.post("/api/v1/deeds", json=again)).json()["answers"]
        assert later[0]["status"] == 200, "it was not done the first time"


async def test_what_cannot_be_read_is_refused_by_name(app_client: RoomClient) -> None:
    client = await app_client("grid_worker")
    strange = {"deeds": [{"id": str(UUID(int=1)), "kind": "no.such", "body": {}}]}
    answers = (await client.post("/api/v1/deeds", json=strange)).json()["answers"]
    assert answers[0]["status"] == 422
    wrong = {"deeds": [{"id": str(new_id()), "kind": "test_web.say", "body": {"word": 5}}]}
    answers = (await client.post("/api/v1/deeds", json=wrong)).json()["answers"]
    assert answers[0]["body"]["problems"][0]["field"] == "word"
    many = sent(*["x"] * 201)
    assert (await client.post("/api/v1/deeds", json=many)).status_code in (400, 422)
    stranger = await app_client()
    assert (await stranger.post("/api/v1/deeds", json=sent("x"))).status_code == 401
