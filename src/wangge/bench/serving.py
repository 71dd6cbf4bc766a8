"""The real processes of an installation, for benches that speak HTTP to them."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

# It comes without types.
psutil: Any = import_module("psutil")

#: Seconds processes may take to start; a machine that others use takes one.
READY_SECONDS = 180


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def processes(
    dsn: str, data_dir: Path, port: int, *, workers: int = 1
) -> Generator[list[subprocess.Popen[bytes]]]:
    """The web server and the background worker, until the block ends."""
    env = {**os.environ, "WANGGE_DATABASE_URL": dsn, "WANGGE_DATA_DIR": str(data_dir)}
    web = ["wangge.web.server", "--port", str(port), "--workers", str(workers)]
    commands = ([sys.executable, "-m", *web], [sys.executable, "-m", "wangge.worker"])
    started = [subprocess.Popen(command, env=env) for command in commands]
    try:
        _wait_until_ready(port, started)
        yield started
    finally:
        for process in started:
            process.terminate()
        for process in started:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_until_ready(port: int, started: Sequence[subprocess.Popen[bytes]]) -> None:
    for _ in range(READY_SECONDS * 10):
        if any(process.poll() is not None for process in started):
            raise RuntimeError("a process of the bench ended by itself")
        try:
            with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise TimeoutError("the web server did not answer")


def _family(root: int) -> list[Any]:
    """A process and all below it; none when it has ended."""
    try:
        parent = psutil.Process(root)
        return [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def memory(root: int) -> int:
    """Bytes held by a process and all below it."""
    return sum(process.memory_info().rss for process in _family(root))


def cpu_seconds(root: int) -> float:
    """CPU used so far by a process and all below it, also by those that have ended."""
    total = 0.0
    for process in _family(root):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def postmaster(data: Path) -> int:
    """The pid of the server on this data folder."""
    return int((data / "postmaster.pid").read_text().splitlines()[0])
