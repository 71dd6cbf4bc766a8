"""The shell in a real browser: nothing refused by our own policy, the menu folds, the wire holds."""

import asyncio
import os
import shutil
from pathlib import Path

import httpx
import pytest
from playwright.async_api import ConsoleMessage, async_playwright
from test_server import served

from town_fixtures import PASSWORD, sign_in
from wangge.kernel.http import Installation

__all__ = ["served"]

SHOTS = os.environ.get("WANGGE_SHOTS")


@pytest.mark.journey
async def test_the_shell_in_a_browser(
    served: tuple[asyncio.subprocess.Process, str], own_installation: Installation
) -> None:
    _, url = served
    async with httpx.AsyncClient(base_url=url) as client:
        await sign_in(own_installation, client, "district_officer")
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            said.append(message.text)

    async with async_playwright() as play:
        found = os.environ.get("WANGGE_CHROMIUM") or shutil.which("chromium")
        browser = await play.chromium.launch(executable_path=found, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 1280, "height": 800}, locale="zh-CN")
        page.on("console", hear)
        page.on("pageerror", lambda error: said.append(str(error)))
        await page.goto(f"{url}/responses")
        assert page.url == f"{url}/sign-in?next=/responses"
        await page.fill("#login", "district_officer")
        await page.fill("#password", PASSWORD)
        await page.click("button[type=submit]")
        await page.wait_for_url(f"{url}/responses")
        await page.wait_for_selector("live-status[state=on]")
        await page.wait_for_selector(".mode-peace")
        assert await page.locator("[aria-current=page]").inner_text() == "应急响应"
        if SHOTS:
            await page.screenshot(path=Path(SHOTS) / "responses.png", full_page=True)
        await page.click("button[name=locale]")
        await page.wait_for_selector("html[lang=en]")
        assert await page.locator("h1").inner_text() == "Emergency response"
        await page.click("button[name=large]")
        await page.wait_for_selector("body.large")
        await page.set_viewport_size({"width": 390, "height": 800})
        assert not await page.locator("#menu").is_visible()
        await page.click("[data-menu-toggle]")
        assert await page.locator("#menu").is_visible()
        assert await page.evaluate("document.documentElement.scrollWidth") <= 390
        if SHOTS:
            await page.screenshot(path=Path(SHOTS) / "phone.png")
        await page.goto(f"{url}/account")
        if SHOTS:
            await page.set_viewport_size({"width": 1280, "height": 800})
            await page.screenshot(path=Path(SHOTS) / "account.png", full_page=True)
        await page.goto(f"{url}/nowhere")
        assert await page.locator("h1").count() == 1
        await browser.close()
    assert [text for text in said if "404" not in text] == []
