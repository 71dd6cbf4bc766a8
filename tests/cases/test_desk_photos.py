"""What somebody brings to the counter or sends to the desk: pictures beside the words."""

from collections.abc import Awaitable, Callable
from io import BytesIO

import httpx
from PIL import Image

import small_town
from wangge.kernel.actors import system_actor
from wangge.kernel.http import District
from wangge.kernel.moments import new_id

Client = Callable[..., Awaitable[httpx.AsyncClient]]
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def photo(colour: str = "navy") -> bytes:
    out = BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "JPEG")
    return out.getvalue()


async def pictures(district: District) -> list[str]:
    async with district.database.tx(system_actor("town"), read_only=True) as tx:
        return await tx.many(str, "select purpose from cases_photo")


def form(deed: str) -> dict[str, str]:
    return {
        "deed": deed,
        "words": "楼道堆满纸箱,居民带来了照片",
        "channel": "hotline",
        "area_code": small_town.GRID_1,
    }


async def test_a_report_taken_at_the_desk_keeps_its_pictures_once(
    app_client: Client, own_district: District
) -> None:
    client = await app_client("acceptor", accept="text/html")
    deed = str(new_id())
    files = [("photos", (f"{c}.jpg", photo(c), "image/jpeg")) for c in ("navy", "red")]
    for _ in range(2):
        sent = await client.post("/cases/new", data=form(deed), files=files)
        assert sent.status_code == 303, sent.text[:500]
    assert await pictures(own_district) == ["report", "report"]
    page = await client.get(sent.headers["location"])
    assert page.text.count("/api/v1/files/") >= 2


async def test_what_is_no_picture_is_refused_and_the_words_stay(
    app_client: Client, own_district: District
) -> None:
    client = await app_client("acceptor", accept="text/html")
    for files in (
        [("photos", ("a.svg", SVG, "image/svg+xml"))],
        [("photos", (f"{n}.jpg", photo(), "image/jpeg")) for n in range(7)],
    ):
        refused = await client.post("/cases/new", data=form(str(new_id())), files=files)
        assert refused.status_code in (415, 422), refused.status_code
        assert "楼道堆满纸箱" in refused.text
    assert await pictures(own_district) == []
    async with own_district.database.tx(system_actor("town"), read_only=True) as tx:
        assert await tx.one(int, "select count(*) from cases_case") == 0


async def test_a_form_without_pictures_is_as_before(app_client: Client) -> None:
    client = await app_client("acceptor", accept="text/html")
    sent = await client.post("/cases/new", data=form(str(new_id())))
    assert sent.status_code == 303
    empty = [("photos", ("", b"", "application/octet-stream"))]
    sent = await client.post("/cases/new", data=form(str(new_id())), files=empty)
    assert sent.status_code == 303
