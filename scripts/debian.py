"""Debian's own packages, where we may install them (root on a machine that has apt-get)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence

from console import run_quietly, say

QUIET = {"DEBIAN_FRONTEND": "noninteractive"}


def may_install() -> bool:
    return shutil.which("apt-get") is not None and os.geteuid() == 0


def install(packages: Sequence[str]) -> str | None:
    """Installs packages without their recommendations. Returns None, or apt-get's complaint."""
    say(f"… 安装系统软件包 {' '.join(packages)}", "installing with apt-get, a minute or two")
    command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    trouble = run_quietly(["apt-get", "update", "-q"], QUIET) or run_quietly(command, QUIET)
    if trouble is None:
        say("✓ 系统软件包已装好", "installed")
    return trouble
