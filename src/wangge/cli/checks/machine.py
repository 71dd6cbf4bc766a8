"""The machine: Python, clock, disk, folders, libraries, and whether our processes live."""

import hashlib
import importlib.resources
import json
import os
import shutil
import sys
import zoneinfo
from collections.abc import Iterator
from pathlib import Path

from wangge import __version__
from wangge.cli.checks.said import error, ok, warn
from wangge.cli.target import Place
from wangge.kernel.moments import now
from wangge.kernel.postgres import Finding
from wangge.worker.children import read_children
from wangge.worker.health import STILL_SECONDS, read_pulse
from wangge.worker.supervise import is_held

MIB = 1 << 20
#: This program cannot run before the day it was written.
EARLIEST_YEAR = 2025


def findings(place: Place) -> Iterator[Finding]:
    """In the order one would look."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    yield ok(
        "version",
        f"wangge {__version__},Python {version}。",
        f"wangge {__version__}, Python {version}.",
    )
    yield from _clock()
    yield from _folders(place.data_dir)
    yield from _libraries()
    yield from _processes(place)


def _clock() -> Iterator[Finding]:
    try:
        zoneinfo.ZoneInfo("Asia/Shanghai")
    except zoneinfo.ZoneInfoNotFoundError:
        yield error(
            "no-time-zones",
            "系统里没有时区数据,请安装 tzdata。",
            "There is no time zone data on this system; install tzdata.",
        )
    year = now().year
    if year < EARLIEST_YEAR:
        yield error(
            "clock",
            f"系统时间是 {year} 年,显然不对:时限和账本都会错。请先校时。",
            f"The system clock says {year}, which cannot be: deadlines and the ledger would be "
            "wrong. Set the clock first.",
        )


def _folders(data_dir: Path) -> Iterator[Finding]:
    if not data_dir.is_dir():
        yield warn(
            "no-data-dir",
            f"数据文件夹 {data_dir} 还不存在,首次启动时会建。",
            f"The data folder {data_dir} is not there yet; the first start makes it.",
        )
        return
    free = shutil.disk_usage(data_dir).free
    if free < 100 * MIB:
        yield error(
            "disk-full",
            f"{data_dir} 所在的磁盘只剩 {free // MIB} MiB,照片存不进去。请立即清理。",
            f"Only {free // MIB} MiB are left where {data_dir} is: photos cannot be kept.",
        )
    elif free < 1024 * MIB:
        yield warn(
            "disk-low",
            f"{data_dir} 所在的磁盘只剩 {free // MIB} MiB。",
            f"Only {free // MIB} MiB are left where {data_dir} is.",
        )
    for name in ("files", "keys", "run", "log"):
        folder = data_dir / name
        if folder.is_dir() and not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            yield error(
                f"{name}-not-writable",
                f"不能读写 {folder}。请让运行 wangge 的账户拥有它。",
                f"Cannot read and write {folder}. Give it to the account that runs wangge.",
            )
        if name in ("files", "keys") and folder.is_dir() and folder.stat().st_mode & 0o007:
            say = error if name == "keys" else warn
            yield say(
                f"{name}-open-to-all",
                f"{folder} 本机所有账户都能进。请 chmod 700 {folder}。",
                f"Every account on this machine can enter {folder}. Run chmod 700 {folder}.",
            )


def _libraries() -> Iterator[Finding]:
    folder = Path(str(importlib.resources.files("wangge"))) / "web" / "static" / "lib"
    try:
        listed = json.loads((folder / "manifest.json").read_text("utf-8"))["files"]
    except (OSError, ValueError, KeyError):
        yield error(
            "browser-libs-missing",
            "网页用的库不在,页面打不开。请运行 make setup。",
            "The browser libraries are missing, pages will not work. Run make setup.",
        )
        return
    wrong = [
        name
        for name, sha256 in listed.items()
        if not (folder / name).is_file()
        or hashlib.sha256((folder / name).read_bytes()).hexdigest() != sha256
    ]
    if wrong:
        yield error(
            "browser-libs-damaged",
            f"网页用的库缺了或坏了 {len(wrong)} 个文件(如 {wrong[0]})。请重新运行 make setup。",
            f"{len(wrong)} files of the browser libraries are missing or damaged (such as "
            f"{wrong[0]}). Run make setup again.",
        )
    else:
        yield ok(
            "browser-libs",
            f"网页用的库齐全({len(listed)} 个文件)。",
            f"The browser libraries are complete ({len(listed)} files).",
        )


def _processes(place: Place) -> Iterator[Finding]:
    alive = read_children(place.run_dir / "children.json")
    if not is_held(place.run_dir):
        if alive:
            yield warn(
                "leftovers",
                f"上次没有正常停止,还留着进程:{'、'.join(alive)}。下次启动会先清理。",
                f"The last run was not ended properly; still there: {', '.join(alive)}. The "
                "next start ends them first.",
            )
        else:
            yield ok("not-serving", "wangge 没有在运行。", "wangge is not running.")
        return
    for name, words in (("web", "网页服务"), ("worker", "后台进程")):
        if name not in alive:
            yield error(
                f"{name}-down",
                f"{words}没有在运行。看 {place.log_dir / name}.log。",
                f"The {name} process is not running. See {place.log_dir / name}.log.",
            )
    pulse = read_pulse(place.data_dir)
    if pulse is None or (now() - pulse.at).total_seconds() > STILL_SECONDS:
        yield error(
            "worker-still",
            "后台进程没有动静:时限、派遣和消息都停了。看 log/worker.log,或重新启动。",
            "The worker does not move: deadlines, offers and messages stand still. See "
            "log/worker.log, or start again.",
        )
    else:
        yield ok(
            "serving", "网页服务和后台进程都在运行。", "Web server and worker are running."
        )
