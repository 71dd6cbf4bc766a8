"""What a phone handed in sealed: done like any deed, for its writer only, once."""

from base64 import b64decode, b64encode
from io import BytesIO
from typing import Any

import httpx
import msgspec
from PIL import Image
from sealing import sealed

from town_fixtures import RoomClient
from wangge.kernel.moments import new_id, now


def jpeg() -> bytes:
    made = BytesIO()
    Image.new("RGB", (40, 30), "red").save(made, "JPEG")
    return made.getvalue()


async def box_of(client: httpx.AsyncClient) -> tuple[bytes, str]:
    """The district's address as a phone is told it, and who the phone belongs to."""
    bundle = (await client.get("/api/v1/field/bundle")).json()
    again = await client.get("/api/v1/field/bundle", params={"have": bundle["version"]})
    assert again.json()["letterbox"] == bundle["letterbox"]
    return b64decode(bundle["letterbox"]), bundle["me"]["id"]


def deed(id_: Any, letter: bytes) -> dict[str, Any]:
    return {"id": str(id_), "kind": "cases.report", "letter": b64encode(letter).decode()}


async def test_a_sealed_report_with_its_photo_arrives_once(app_client: RoomClient) -> None:
    client = await app_client("grid_worker")
    address, me = await box_of(client)
    id_, picture = new_id(), new_id()
    body = {
        "id": str(id_),
        "words": "楼道里停着电动车",
        "reported_at": now().isoformat(),
        "photos": [str(picture)],
    }
    area = (await client.get("/api/v1/field/bundle")).json()["me"]["areas"][0]["code"]
    plain = msgspec.json.encode(body | {"area_code": area})
    letter = sealed(address, plain, f"deed {id_} {me}")
    for _ in range(2):
        kept = await client.put(
            f"/api/v1/files/{picture}",
            content=sealed(address, jpeg(), f"photo {picture} {me}"),
            headers={"content-type": "application/vnd.wangge.letter"},
        )
        assert kept.status_code == 200, kept.text
        sent = await client.post("/api/v1/deeds", json={"deeds": [deed(id_, letter)]})
        (answer,) = sent.json()["answers"]
        assert answer["status"] == 201, answer
    unsealed = await client.post(
        "/api/v1/deeds",
        json={
            "deeds": [
                {"id": str(id_), "kind": "cases.report", "body": msgspec.json.decode(plain)}
            ]
        },
    )
    assert unsealed.json()["answers"][0]["body"] == answer["body"], (
        "the same deed, sealed or not"
    )


async def test_a_letter_is_read_back_to_its_writer_alone(app_client: RoomClient) -> None:
    client, other = await app_client("grid_worker"), await app_client("grid_worker_2")
    address, me = await box_of(client)
    id_ = new_id()
    letter = sealed(address, msgspec.json.encode({"words": "有烟味"}), f"deed {id_} {me}")
    asked = {"id": str(id_), "letter": b64encode(letter).decode()}
    read = await client.post("/api/v1/field/letter", json=asked)
    assert read.json() == {"body": {"words": "有烟味"}}
    for stranger, status in ((other, 422), (await app_client(), 401)):
        refused = await stranger.post("/api/v1/field/letter", json=asked)
        assert refused.status_code == status
        assert "有烟味" not in refused.text


async def test_a_letter_that_cannot_be_opened_is_refused_beside_the_others(
    app_client: RoomClient,
) -> None:
    client = await app_client("grid_worker")
    address, me = await box_of(client)
    moved, empty = new_id(), new_id()
    foreign = sealed(address, b"{}", f"deed {new_id()} {me}")
    nonsense = sealed(address, b"no json", f"deed {empty} {me}")
    sent = await client.post(
        "/api/v1/deeds", json={"deeds": [deed(moved, foreign), deed(empty, nonsense)]}
    )
    answers = sent.json()["answers"]
    assert [one["body"]["code"] for one in answers] == ["unknown-letter"] * 2
    photo = await client.put(
        f"/api/v1/files/{new_id()}",
        content=foreign,
        headers={"content-type": "application/vnd.wangge.letter"},
    )
    assert photo.json()["code"] == "unknown-letter"
