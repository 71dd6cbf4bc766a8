"""Everybody can read the pages and work them: WCAG 2.2 A and AA, by axe-core, in both sizes of type.

What a program can judge, it judges here: contrast, names of fields and buttons, order of headings,
what the keyboard reaches. And no page is wider than a phone.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import DESK, PHONE, Browser, Town
from playwright.sync_api import Page, expect
from walking import sign_in

import small_town

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
#: Pages that the menu does not name.
DEEPER = (
    "/account",
    "/cases/new",
    f"/residents/{small_town.resident_id(1)}",
    f"/households/{small_town.household_id(1)}",
)


def troubles(page: Page) -> list[str]:
    """What axe finds, and how much wider than the screen the page is."""
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES
    )
    wider = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [
        f"{trouble['id']}: {node['html'][:120]}"
        for trouble in found["violations"]
        for node in trouble["nodes"]
    ] + ([f"{wider} px wider than the screen"] if wider > 0 else [])


def walked(page: Page, town: Town, paths: Iterator[str]) -> dict[str, list[str]]:
    """The troubles of each page."""
    found: dict[str, list[str]] = {}
    for path in paths:
        answer = page.goto(town.url + path)
        assert answer is not None
        assert answer.ok, (path, answer.status)
        if trouble := troubles(page):
            found[path] = trouble
    return found


@pytest.mark.parametrize(
    ("key", "size", "large"),
    [
        ("community_officer", DESK, False),
        ("district_officer", PHONE, True),
    ],
)
def test_the_desk_can_be_read(
    town: Town, screen: Browser, key: str, size: dict[str, int], large: bool
) -> None:
    screen.size = size
    page = screen.open()
    town.sign_in(page.context, key)
    page.context.add_cookies(
        [{"name": "wangge_large", "value": str(int(large)), "url": town.url}]
    )
    page.goto(f"{town.url}/today")
    assert ("large" in (page.locator("body").get_attribute("class") or "").split()) == large
    menu = page.locator("[data-menu] a[data-path]")
    paths = [link.get_attribute("data-path") or "" for link in menu.all()]
    assert len(paths) > 10
    assert walked(page, town, iter([*paths, *DEEPER])) == {}


def test_a_resident_can_read_what_is_asked(town: Town, phone: Browser) -> None:
    page = phone.open()
    paths = ["/", "/sign-in", "/r", f"/r/{small_town.unit_id('1-1-1').hex}", "/receipt"]
    assert walked(page, town, iter(paths)) == {}


def test_a_worker_can_read_the_phone(town: Town, phone: Browser) -> None:
    page = phone.open()
    page.goto(f"{town.url}/field/")
    page.get_by_label("登录名").wait_for()
    found = {"signing in": troubles(page)}
    sign_in(page, town, "grid_worker")
    for link in page.locator("nav a").all():
        link.click()
        expect(link).to_have_attribute("aria-current", "page")
        found[link.inner_text()] = troubles(page)
    assert len(found) > 3
    assert not {name: trouble for name, trouble in found.items() if trouble}
