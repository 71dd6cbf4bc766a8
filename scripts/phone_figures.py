"""How fast the phone's board is: cold, without a network, on a slow CPU.

Against a demonstration that runs (`wangge run --demo community --no-simulation`):

    python scripts/phone_figures.py --url http://127.0.0.1:8141

prints the rows of docs/benches.md, `phone`, as JSON lines. The browser is Chromium at 360 × 740 with
a folder of its own, its CPU slowed down by the DevTools protocol, its network cut before it starts.
"""

from __future__ import annotations

import argparse
import os
import re
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from browser import find
from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

from wangge.bench.rows import show, timed

PIN = "271828"
PHONE: Any = {"width": 360, "height": 740}
#: Notes, by the page's own clock (0 is when it began to load), when the PIN is asked for and when the
#: board has been painted, and how long each click took from the finger to the paint it caused.
WATCH = """
(() => {
  const told = { pin: 0, board: 0, taps: [] };
  window.told = told;
  const painted = (name) => requestAnimationFrame(() => requestAnimationFrame(() => {
    told[name] = performance.now();
  }));
  const seen = new Set();
  new MutationObserver(() => {
    for (const [name, what] of [["pin", "wg-pin input"], ["board", "button.door"]]) {
      if (!seen.has(name) && document.querySelector(what)) { seen.add(name); painted(name); }
    }
  }).observe(document, { childList: true, subtree: true });
  addEventListener("input", () => { told.typed = performance.now(); }, true);
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) if (one.name === "click") told.taps.push(one.duration);
  }).observe({ type: "event", durationThreshold: 16, buffered: true });
})()
"""


def open_phone(play: Playwright, folder: Path, *, offline: bool) -> BrowserContext:
    context = play.chromium.launch_persistent_context(
        str(folder),
        executable_path=find(),
        args=["--no-sandbox", "--disable-dev-shm-usage"],
        viewport=PHONE,
        locale="zh-CN",
        offline=offline,
        has_touch=True,
        is_mobile=True,
        device_scale_factor=2,
    )
    context.set_default_timeout(60_000)
    return context


def enter_pin(page: Page) -> None:
    field = page.get_by_role("textbox", name="6 位数字密码")
    field.press_sequentially(PIN)


def prepare(play: Playwright, folder: Path, url: str, login: str, password: str) -> str:
    """Sign in, choose a PIN, fetch the roster. Answers where the board is."""
    context = open_phone(play, folder, offline=False)
    page = context.pages[0]
    page.goto(f"{url}/field/")
    page.get_by_label("登录名").fill(login)
    page.get_by_label("口令").fill(password)
    page.get_by_role("button", name="登录", exact=True).click()
    page.get_by_role("heading", name=re.compile("我的任务")).wait_for()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.locator(".tabs a.sweep").click()
    page.locator("section.round", has_text="摸排").locator("a.stairs").first.click()
    enter_pin(page)
    page.get_by_role("heading", name=re.compile("再输一遍")).wait_for()
    enter_pin(page)
    page.locator("button.door").first.wait_for()
    place: str = page.evaluate("location.hash")
    page.wait_for_timeout(2_000)  # what was fetched reaches the disk
    context.close()
    return place


def cold(play: Playwright, folder: Path, where: str, slow: int, taps: int) -> dict[str, Any]:
    """One start from nothing: what the page noted, and what its doors' taps took."""
    context = open_phone(play, folder, offline=True)
    page = context.pages[0]
    page.add_init_script(WATCH)
    slowed: Any = context.new_cdp_session(page)
    slowed.send("Emulation.setCPUThrottlingRate", {"rate": slow})
    page.goto(where)
    enter_pin(page)
    while not page.evaluate("window.told.board"):
        page.wait_for_timeout(20)
    doors = page.locator("button.door[data-outcome=none]")
    for _ in range(min(taps, doors.count())):
        doors.first.click()
        page.wait_for_timeout(150)
    told: dict[str, Any] = page.evaluate("window.told")
    context.close()
    return told


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--url", default="http://127.0.0.1:8141")
    asked.add_argument("--login", default="stairwell")
    asked.add_argument("--password", default="wangge-demo")
    asked.add_argument("--starts", type=int, default=5)
    asked.add_argument("--taps", type=int, default=3)
    asked.add_argument("--slow", type=int, default=4, help="how many times slower the CPU is")
    given = asked.parse_args()
    began = perf_counter()
    with (
        tempfile.TemporaryDirectory(prefix="wangge-phone-", ignore_cleanup_errors=True) as made,
        sync_playwright() as play,
    ):
        place = prepare(play, Path(made), given.url, given.login, given.password)
        where = f"{given.url}/field/{place}"
        told = [
            cold(play, Path(made), where, given.slow, given.taps) for _ in range(given.starts)
        ]
    seconds = perf_counter() - began
    against = f"CPU {given.slow}× slower, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    for name, latencies in (
        ("phone start", [one["pin"] for one in told]),
        ("phone board", [one["board"] - one["typed"] for one in told]),
        ("phone cold", [one["pin"] + one["board"] - one["typed"] for one in told]),
        ("phone tap", [tap for one in told for tap in one["taps"]]),
    ):
        if latencies:
            show(timed(name, seconds, latencies, against=against), as_json=True)


if __name__ == "__main__":
    main()
