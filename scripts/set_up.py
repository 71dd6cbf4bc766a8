"""Prepares this checkout: a Python environment, the locked packages, the browser libraries.

Each part leaves a stamp that names what it was made from, so that a second run does nothing and
a changed lock file redoes exactly its part. Stamps are written last, so that an interrupted run
is redone. Uses the standard library only, since it runs before anything is installed.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import browser_libs
import debian
import phone_bundle
from console import ROOT, fail, say, step

VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
NODE_MODULES = ROOT / "node_modules"
OLDEST_NODE = 18
NO_NETWORK = (
    "没有装成。多半是网络不通:请看上面的原话,检查网络后再运行一次,已完成的部分不会重来。",
    "That did not work, most often for want of a network: see above, then run it again.",
)


def fingerprint(*files: str) -> str:
    """One hash of files and of the place of the checkout, as an environment cannot move."""
    whole = hashlib.sha256(str(ROOT).encode())
    for name in files:
        whole.update((ROOT / name).read_bytes())
    return whole.hexdigest()


def holds(stamp: Path, value: str) -> bool:
    return stamp.is_file() and stamp.read_text() == value


def make_environment() -> None:
    place = VENV / ".stamp-place"
    if VENV_PYTHON.exists() and (VENV / "bin" / "pip").exists():
        if not place.exists():
            place.write_text(str(ROOT))
        if place.read_text() == str(ROOT):
            return
    if importlib.util.find_spec("ensurepip") is None:
        package = f"python3.{sys.version_info.minor}-venv"
        if not debian.may_install() or debian.install([package]) is not None:
            fail(
                f"这里的 Python 不带 venv。请管理员运行 apt-get install {package},再来一次。",
                f"This Python has no venv. Ask for: apt-get install {package}, then run again.",
            )
    # A moved checkout is rebuilt while its own old environment runs this file.
    outside = (
        os.path.realpath(sys.executable) if sys.prefix != sys.base_prefix else sys.executable
    )
    step(
        "建立 Python 环境 .venv",
        "making the Python environment",
        [outside, "-m", "venv", "--clear", str(VENV)],
        trouble=("Python 环境没有建成,原话见上。", "The Python environment could not be made."),
    )
    place.write_text(str(ROOT))


def install_python_packages(*, dev: bool) -> None:
    for_dev = fingerprint("requirements.lock", "requirements-dev.lock")
    for_run = fingerprint("requirements.lock")
    dev_stamp, run_stamp = VENV / ".stamp-dev", VENV / ".stamp-run"
    if holds(run_stamp, for_run) and (not dev or holds(dev_stamp, for_dev)):
        return
    lock = "requirements-dev.lock" if dev else "requirements.lock"
    pip = [str(VENV_PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input"]
    step(
        "安装 Python 软件包(核对指纹)",
        "installing Python packages, hash-checked; about a minute the first time",
        [*pip, "install", "-q", "--require-hashes", "--only-binary", ":all:", "-r", lock],
        trouble=NO_NETWORK,
    )
    run_stamp.write_text(for_run)
    if dev:
        dev_stamp.write_text(for_dev)


def install_wangge() -> None:
    made_from = fingerprint("pyproject.toml", "requirements.lock")
    stamp = VENV / ".stamp-wangge"
    if holds(stamp, made_from) and (VENV / "bin" / "wangge").exists():
        return
    pip = [str(VENV_PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input"]
    step(
        "安装网格本身(可编辑)",
        "installing wangge itself, editable",
        [*pip, "install", "-q", "--no-deps", "--no-build-isolation", "-e", "."],
        trouble=(
            "wangge 没有装成,原话见上。",
            "wangge itself could not be installed, see above.",
        ),
    )
    stamp.write_text(made_from)


def node_is_usable() -> bool:
    if shutil.which("npm") is None:
        return False
    try:
        said = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout
    except OSError:
        return False
    major = said.strip().removeprefix("v").split(".")[0]
    return major.isdigit() and int(major) >= OLDEST_NODE


def install_node_packages(*, dev: bool) -> None:
    made_from = fingerprint("package-lock.json", "package.json")
    stamp = NODE_MODULES / ".stamp"
    if holds(stamp, f"dev {made_from}") or (not dev and holds(stamp, f"run {made_from}")):
        return
    if not node_is_usable():
        fail(
            f"需要 Node.js {OLDEST_NODE} 或更新的版本和 npm 来取网页用的库。请安装后再来一次。",
            f"Node.js {OLDEST_NODE} or newer with npm is needed for the browser libraries.",
        )
    step(
        "下载网页用的库(核对指纹)" if not dev else "下载网页用的库和检查工具(核对指纹)",
        "fetching browser packages, hash-checked",
        ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        + ([] if dev else ["--omit=dev"]),
        trouble=NO_NETWORK,
    )
    stamp.write_text(f"{'dev' if dev else 'run'} {made_from}")


def copy_browser_libraries() -> None:
    if not browser_libs.is_current():
        count, size = browser_libs.copy()
        say("✓ 网页用的库已就位", f"{count} browser files in place, {size / 1e6:.1f} MB")
    if not phone_bundle.is_current():
        phone_bundle.build()


@contextlib.contextmanager
def one_at_a_time() -> Generator[None]:
    """Two set-ups of one checkout would undo each other; the second waits."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("… 另一个安装正在进行,等它完成", "another set-up is running, waiting for it")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also what tests and checks need")
    dev: bool = parser.parse_args().dev
    try:
        with one_at_a_time():
            make_environment()
            install_python_packages(dev=dev)
            install_wangge()
            if dev or not (browser_libs.is_current() and phone_bundle.is_current()):
                install_node_packages(dev=dev)
            copy_browser_libraries()
    except PermissionError as problem:
        fail(
            f"没有写入权限:{problem.filename}。这个目录可能属于别的用户(比如先用 root 装过)。",
            f"No permission to write there; user {os.geteuid()} may not own this folder.",
        )
    say("✓ 准备就绪", "ready")


if __name__ == "__main__":
    main()
