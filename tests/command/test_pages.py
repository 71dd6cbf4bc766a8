"""Every page of the desk opens for who may see it, in both languages, and for nobody else."""

from collections.abc import Awaitable, Callable

import httpx
import pytest

Client = Callable[..., Awaitable[httpx.AsyncClient]]

PAGES = (
    "/today",
    "/cases",
    "/cases?q=%E6%9D%82%E7%89%A9&state=reported&class=E0506&from=2026-01-01&live=0",
    "/cases/new",
    "/cases/import",
    "/wall",
    "/wall/newest",
    "/map",
    "/saved-filters",
    "/rules",
    "/rules/new",
    "/offers",
    "/classes",
    "/classes/E0506",
    "/classes.csv",
    "/calendar",
    "/settings",
)


async def test_pages_open_in_both_languages(app_client: Client) -> None:
    client = await app_client("district_officer", accept="text/html")
    for language in ("zh", "en"):
        for path in PAGES:
            answer = await client.get(path, headers={"accept-language": language})
            assert answer.status_code == 200, (path, language, answer.text[:300])


@pytest.mark.parametrize("path", ["/rules", "/offers", "/classes", "/settings", "/wall"])
async def test_a_page_is_refused_to_a_post_without_it(app_client: Client, path: str) -> None:
    client = await app_client("volunteer", accept="text/html")
    assert (await client.get(path)).status_code == 403


async def test_a_stranger_is_asked_to_sign_in(app_client: Client) -> None:
    client = await app_client(accept="text/html")
    for path in PAGES:
        assert (await client.get(path)).status_code in (303, 401), path
