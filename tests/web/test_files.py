"""Photos: cleaned, kept once, and shown by links that are one person's for a short while."""

import asyncio
from io import BytesIO
from uuid import UUID

from PIL import Image

from small_town import COUNTY, PEOPLE
from town_fixtures import SCHEMA, RoomClient
from wangge.access import sign_file
from wangge.access.links import GOOD_FOR, is_signed
from wangge.kernel.actors import Actor
from wangge.kernel.http import Asking, Installation
from wangge.kernel.moments import new_id

from clock import Clock  # isort: skip


def photo(colour: str = "red") -> bytes:
    made = BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    Image.new("RGB", (2400, 1200), colour).save(made, "JPEG", exif=exif)
    return made.getvalue()


def asks(installation: Installation, key: str, base: str = "") -> Asking:
    """Somebody of the town, as the gate would say."""
    person = PEOPLE[key]
    actor = Actor(person.id, "staff", SCHEMA)
    return Asking(installation, installation.districts["town"], actor, "zh", base, "")


async def test_a_photo_is_kept_clean_and_shown_to_whom_the_link_was_made_for(
    app_client: RoomClient, own_installation: Installation
) -> None:
    client, other = await app_client("grid_worker"), await app_client("grid_worker_2")
    id_ = new_id()
    for _ in range(2):
        answer = await client.put(f"/api/v1/files/{id_}", content=photo())
        assert answer.status_code == 200, answer.text
    assert answer.json()["width"] == 1600
    link = sign_file(asks(own_installation, "grid_worker"), id_)
    shown = await client.get(link)
    assert shown.status_code == 200
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["cache-control"].startswith("private")
    assert b"secret place" not in shown.content
    assert (await other.get(link)).json()["code"] == "link-over"
    assert (await (await app_client()).get(link)).status_code == 403
    for broken in (
        link[:-1] + ("0" if link[-1] != "0" else "1"),
        link.replace("until=", "until=9"),
    ):
        assert (await client.get(broken)).status_code == 403
    assert (await client.get(f"/api/v1/files/{id_}")).status_code == 422
    moved = link.replace(str(id_), str(new_id()))
    assert (await client.get(moved)).status_code == 403


async def test_an_id_is_one_photo_s(app_client: RoomClient) -> None:
    client, other = await app_client("grid_worker"), await app_client("grid_worker_2")
    id_ = new_id()
    assert (await client.put(f"/api/v1/files/{id_}", content=photo())).status_code == 200
    changed = await client.put(f"/api/v1/files/{id_}", content=photo("blue"))
    assert changed.status_code == 422
    assert (await other.put(f"/api/v1/files/{id_}", content=photo())).status_code == 422


async def test_what_is_no_photo_is_refused(app_client: RoomClient) -> None:
    client = await app_client("grid_worker")
    page = await client.put(f"/api/v1/files/{new_id()}", content=b"<html>hello</html>")
    assert page.status_code == 415
    cut = await client.put(f"/api/v1/files/{new_id()}", content=photo()[:2000])
    assert cut.status_code == 422
    stranger = await app_client()
    assert (await stranger.put(f"/api/v1/files/{new_id()}", content=photo())).status_code == 401


async def test_many_at_once_all_arrive(app_client: RoomClient) -> None:
    client = await app_client("grid_worker")
    answers = await asyncio.gather(
        *(client.put(f"/api/v1/files/{new_id()}", content=photo()) for _ in range(8))
    )
    assert {a.status_code for a in answers} == {200}


def test_a_link_ends(installation: Installation, clock: Clock) -> None:
    from urllib.parse import parse_qs, urlsplit

    who, file_id = asks(installation, "grid_worker", "/d/town"), UUID(int=5)
    link = sign_file(who, file_id)
    assert link.startswith("/d/town/api/v1/files/")
    assert COUNTY not in link
    asked = parse_qs(urlsplit(link).query)
    until, mark = int(asked["until"][0]), asked["mark"][0]
    assert sign_file(who, file_id) == link, "the same for a while, so that browsers keep it"
    clock.pass_(seconds=GOOD_FOR)
    assert is_signed(who, file_id, until, mark)
    clock.pass_(seconds=GOOD_FOR + 1)
    assert not is_signed(who, file_id, until, mark)
    assert not is_signed(who, file_id, until + GOOD_FOR * 4, mark)
