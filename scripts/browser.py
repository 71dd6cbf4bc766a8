"""Finds a Chromium for the browser tests, or gets one.

In this order: WANGGE_CHROMIUM, a Chromium of the system, one that playwright fetched earlier;
then Debian's package if we are root, else playwright's own download.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import debian
from console import fail, run_quietly, say

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM, CHINESE_FONT = "chromium", "fonts-noto-cjk"


def playwright_chromium() -> str | None:
    ask = (
        "from playwright.sync_api import sync_playwright\n"
        "with sync_playwright() as play: print(play.chromium.executable_path)"
    )
    path = subprocess.run(
        [sys.executable, "-c", ask], capture_output=True, text=True
    ).stdout.strip()
    return path if path and Path(path).exists() else None


def find() -> str | None:
    """The path of a Chromium to use, or None."""
    named = os.environ.get("WANGGE_CHROMIUM")
    if named:
        if not os.access(named, os.X_OK):
            fail(
                f"WANGGE_CHROMIUM 指的 {named} 不能运行。",
                f"WANGGE_CHROMIUM names {named}, which cannot be run.",
            )
        return named
    for name in NAMES:
        if path := shutil.which(name):
            return path
    return playwright_chromium()


def ensure_chinese_font() -> None:
    """Without one every picture of a page is empty boxes; the tests of words still hold."""
    try:
        asked = subprocess.run(["fc-list", ":lang=zh"], capture_output=True, text=True)
    except OSError:
        return
    if not asked.stdout.strip() and (
        not debian.may_install() or debian.install([CHINESE_FONT]) is not None
    ):
        say(
            "! 没有中文字体,截图会是方框",
            f"no Chinese font; ask for: apt-get install {CHINESE_FONT}",
        )


def find_or_get() -> str:
    """The path of a Chromium to use; ends the program in plain words if none can be had."""
    if path := find():
        ensure_chinese_font()
        return path
    trouble: str | None
    if debian.may_install():
        trouble = debian.install([CHROMIUM, CHINESE_FONT])
    else:
        say(
            "… 没有浏览器,也不是 root:改用 playwright 自己的下载",
            "no browser and not root: fetching the one playwright offers",
        )
        trouble = run_quietly([sys.executable, "-m", "playwright", "install", "chromium"])
    if path := find():
        return path
    print("\n".join((trouble or "").splitlines()[-20:]), file=sys.stderr)
    fail(
        "浏览器没有装成。请让管理员运行 apt-get install chromium fonts-noto-cjk,"
        "或用 WANGGE_CHROMIUM=/路径 指明一个。",
        "No browser could be had. Ask for: apt-get install chromium fonts-noto-cjk,"
        " or name one with WANGGE_CHROMIUM=/path.",
    )


if __name__ == "__main__":
    print(find_or_get())
