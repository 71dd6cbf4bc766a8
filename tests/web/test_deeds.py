"""The phone's outbox over HTTP: in order, each answered, none lost, none done twice."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
import pytest

from small_town import XINGHUA
from town_fixtures import RoomClient
from wangge.kernel.database import Tx
from wangge.kernel.deeds import Answer
from wangge.kernel.http import Asking, Sent, deed, many_deeds
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Busy, NotFound, Refusal

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


class _Full:
    room = True


def _room(who: Asking, number: int) -> None:
    if not _Full.room:
        raise Busy(retry_after=9)


@many_deeds("test_web.say_many", Said, room=_room)
async def say_many(who: Asking, deeds: Sequence[Sent]) -> Sequence[Answer | Refusal]:
    """Answers each with its word."""
    return [Answer(200, {"said": one.body.word}) for one in deeds]


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


async def test_where_there_is_no_room_bodies_are_not_read(
    app_client: RoomClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await app_client("grid_worker")
    body = sent("one", "two")
    for one, read in zip(body["deeds"], ({"word": "one"}, {"word": 2}), strict=True):
        one |= {"kind": "test_web.say_many", "body": read}
    told = await client.post("/api/v1/deeds", json=body)
    assert [a["status"] for a in told.json()["answers"]] == [200, 422]
    monkeypatch.setattr(_Full, "room", False)
    told = await client.post("/api/v1/deeds", json=body)
    assert (told.status_code, told.headers["retry-after"]) == (503, "9")


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
