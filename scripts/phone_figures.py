"""How fast the phone's board is: cold, without a network, on a slow CPU.

Against a demonstration that runs (`wangge run --demo community --no-simulation`):

    python scripts/phone_figures.py --url http://127.0.0.1:8141

prints the rows of docs/benches.md, `phone`, as JSON lines. The browser is Chromium at 360 × 740 with
a folder of its own, its CPU slowed down by the DevTools protocol, its network cut before it starts.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from browser import find
from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

from wangge.bench.rows import show, timed

PIN = "271828"
PHONE: Any = {"width": 360, "height": 740}
#: Milliseconds between the digits of the PIN: a quick thumb.
THUMB = 150
#: Milliseconds in which a browser that has just been started opens pages of its own.
SETTLING = 2_000
#: Notes, by the page's own clock (0 is when it began to load), when the PIN is asked for and when the
#: board has been painted, and how long each click took from the finger to the paint it caused. It is
#: told through a binding, since whatever looks into the page would take the slow CPU's time.
WATCH = """
(() => {
  const say = (what) => told(JSON.stringify(what));
  const painted = (then) => requestAnimationFrame(() => requestAnimationFrame(then));
  const middle = (one) => {
    const at = one.getBoundingClientRect();
    return [at.x + at.width / 2, at.y + at.height / 2];
  };
  const ways = {
    pin: ["#first:not([hidden]) input, wg-pin input", () => ({})],
    app: ["wg-pin input", () => ({})],
    board: ["button.door", () => ({
      doors: [...document.querySelectorAll("button.door[data-outcome=none]")].map(middle),
    })],
  };
  const look = new MutationObserver(() => {
    for (const [name, [what, more]] of Object.entries(ways)) {
      if (!document.querySelector(what)) continue;
      delete ways[name];
      painted(() => { const at = performance.now(); say({ name, at, ...more() }); });
    }
  });
  look.observe(document, { childList: true, subtree: true, attributeFilter: ["hidden"] });
  addEventListener("input", () => say({ name: "typed", at: performance.now() }), true);
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) if (one.name === "click") say({ name: "tap", at: one.duration });
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


@dataclass
class Start:
    """One start from nothing: when what was painted, milliseconds, and the taps' times."""

    pin: float = 0
    app: float = 0
    typed: float = 0
    board: float = 0
    taps: list[float] = field(default_factory=list[float])
    doors: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    cpu_pin: float = 0
    cpu_board: float = 0

    def hear(self, said: dict[str, Any]) -> None:
        if said["name"] == "tap":
            self.taps.append(said["at"])
        else:
            setattr(self, said["name"], said["at"])
            self.doors += said.get("doors", ())


def main_thread(wire: Any) -> float:
    """Milliseconds of processor that the page's main thread has used."""
    metrics = wire.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in metrics if one["name"] == "ThreadTime")) * 1000


def cold(play: Playwright, folder: Path, where: str, slow: int, taps: int, pace: int) -> Start:
    """Over DevTools' own wire: Playwright's ways of finding things put a script of 400 kB into the
    page, which a slow CPU is busy with for a quarter of a second."""
    context = open_phone(play, folder, offline=True)
    page = context.pages[0]
    page.wait_for_timeout(SETTLING)
    # What the wire carries has no types.
    wire: Any = context.new_cdp_session(page)
    start = Start()

    def heard(event: dict[str, Any]) -> None:
        start.hear(json.loads(event["payload"]))

    wire.on("Runtime.bindingCalled", heard)
    wire.send("Page.enable")
    wire.send("Runtime.enable")
    wire.send("Runtime.addBinding", {"name": "told"})
    wire.send("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
    wire.send("Performance.enable", {"timeDomain": "threadTicks"})
    wire.send("Emulation.setCPUThrottlingRate", {"rate": slow})
    wire.send("Page.navigate", {"url": where})

    def until(done: Callable[[], object]) -> None:
        while not done():
            page.wait_for_timeout(10)

    until(lambda: start.pin)
    start.cpu_pin = main_thread(wire)
    for digit in PIN:
        page.wait_for_timeout(pace)
        key = {"key": digit, "code": f"Digit{digit}", "windowsVirtualKeyCode": ord(digit)}
        wire.send("Input.dispatchKeyEvent", {"type": "keyDown", "text": digit, **key})
        wire.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})
    until(lambda: start.board)
    start.cpu_board = main_thread(wire)
    page.wait_for_timeout(300)
    for x, y in start.doors[:taps]:
        point = {"x": x, "y": y}
        wire.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
        wire.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        page.wait_for_timeout(400)
    context.close()
    return start


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
        phone = Path(made)
        place = prepare(play, phone, given.url, given.login, given.password)
        where = f"{given.url}/field/{place}"
        all_ = range(given.starts)
        told = [cold(play, phone, where, given.slow, given.taps, THUMB) for _ in all_]
        # A machine's fingers: nothing is done while somebody types.
        hurried = [cold(play, phone, where, given.slow, 0, 0) for _ in all_]
        # What a main thread spent says something on a busy machine too; slowed down it spins.
        worked = [cold(play, phone, where, 1, 0, THUMB) for _ in all_]
    seconds = perf_counter() - began
    against = f"CPU {given.slow}× slower, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    for name, latencies in (
        ("phone start", [one.pin for one in told]),
        ("phone app", [one.app for one in told]),
        ("phone board", [one.board - one.typed for one in told]),
        ("phone cold", [one.pin + one.board - one.typed for one in told]),
        ("phone at once", [one.board for one in hurried]),
        ("phone tap", [tap for one in told for tap in one.taps]),
        ("phone start cpu", [one.cpu_pin for one in worked]),
        ("phone board cpu", [one.cpu_board - one.cpu_pin for one in worked]),
    ):
        if latencies:
            show(timed(name, seconds, latencies, against=against), as_json=True)


if __name__ == "__main__":
    main()
