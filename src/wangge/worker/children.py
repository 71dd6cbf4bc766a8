"""Child processes: each with a group of its own, gone when the parent is gone.

A child asks the kernel to be told when its parent dies (Linux); what a killed child left behind
dies with its group; and what both left behind, because they were killed together, is found by
the next start through a small file. A pid alone is never believed: its start must fit too.
"""

import contextlib
import ctypes
import importlib
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

# It comes without types.
psutil: Any = importlib.import_module("psutil")

PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class ChildPlan:
    """What to run. `env` is added to ours; `needed` children are started again when they die,
    the others (the simulation) are too, but nobody waits for them."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    needed: bool = True


@dataclass(frozen=True, slots=True)
class _Left:
    name: str
    pid: int
    created: float


def _die_with_parent() -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
        if os.getppid() != parent:  # it died before we could ask
            os._exit(1)

    return ask


class Child:
    """One child, started and watched by `supervise`. Use from the main thread: the kernel's
    promise is about the thread that started the child."""

    def __init__(self, plan: ChildPlan, log_dir: Path) -> None:
        self.plan = plan
        self.log = log_dir / f"{plan.name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.started_at = 0.0

    @property
    def pid(self) -> int | None:
        """The process id while it lives."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Start it; output goes to a log file that is begun anew beyond 8 MiB."""
        self.log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(FileNotFoundError):
            if self.log.stat().st_size > 8 * 1024 * 1024:
                self.log.replace(self.log.with_suffix(".old.log"))
        with self.log.open("ab") as output, warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process = subprocess.Popen(
                self.plan.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **self.plan.env},
                start_new_session=True,
                preexec_fn=_die_with_parent(),
            )
        self.started_at = time.monotonic()

    def died(self) -> int | None:
        """Its exit code when it is no more; what it left behind is then gone as well."""
        if self._process is None:
            return None
        code = self._process.poll()
        if code is not None:
            _kill_group(self._process.pid)
        return code

    def ask_to_end(self) -> None:
        """SIGTERM."""
        if self.pid is not None and self._process is not None:
            self._process.terminate()

    def end(self, patience: float) -> None:
        """Wait so many seconds, then end it with its whole group."""
        if self._process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, patience))
        _kill_group(self._process.pid)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        self._process = None

    def tail(self, lines: int = 12) -> str:
        """The last lines it wrote."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""


def _kill_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def note_children(path: Path, children: list[Child]) -> None:
    """Write down who runs, for the next start."""
    left: list[_Left] = []
    for child in children:
        if (pid := child.pid) is not None:
            with contextlib.suppress(psutil.Error):
                left.append(_Left(child.plan.name, pid, psutil.Process(pid).create_time()))
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_bytes(msgspec.json.encode(left))
    part.replace(path)


def read_children(path: Path) -> dict[str, int]:
    """Names and pids of the noted children that are alive."""
    return {left.name: left.pid for left in _noted(path) if _same(left)}


def _noted(path: Path) -> list[_Left]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[_Left])
    except (OSError, msgspec.DecodeError):
        return []


def _same(left: _Left) -> bool:
    """Alive, and truly the one we noted: pids are used again, start times are not."""
    born = _created(left.pid)
    return born is not None and _near(born, left.created) and not _zombie(left.pid)


def _created(pid: int) -> float | None:
    """When that process began, in seconds of the epoch; None when there is none."""
    try:
        created: float = psutil.Process(pid).create_time()
    except psutil.Error:
        return None
    return created


def _near(one: float, other: float) -> bool:
    """The same moment, by a clock that ticks a hundred times a second."""
    return abs(one - other) < 0.05


def _zombie(pid: int) -> bool:
    try:
        zombie: bool = psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.Error:
        return True
    return zombie


def sweep_children(path: Path, patience: float = 4.0) -> list[str]:
    """End what an earlier, killed parent left running. Call under the installation's lock.

    The group's leader may be dead while its own children live on (a web server's processes):
    the group is the one to end. Answers the names of what was still there.
    """
    noted = _noted(path)
    swept: list[str] = []
    until = time.monotonic() + patience
    for left in noted:
        if _same(left):
            swept.append(left.name)
            with contextlib.suppress(ProcessLookupError):
                os.kill(left.pid, signal.SIGTERM)
    for left in noted:
        while _same(left) and time.monotonic() < until:
            time.sleep(0.02)
        if _same(left) or _orphans(left):
            _kill_group(left.pid)
    path.unlink(missing_ok=True)
    return swept


def _orphans(left: _Left) -> bool:
    """Whether processes of ours remain in the group of a leader that is gone (or is a zombie
    nobody has reaped)."""
    born = _created(left.pid)
    if born is not None and not _near(born, left.created):
        return False  # the pid belongs to somebody else now
    for process in psutil.process_iter(["pid", "create_time"]):
        with contextlib.suppress(psutil.Error, ProcessLookupError, PermissionError):
            if (
                os.getpgid(process.pid) == left.pid
                and process.info["create_time"] >= left.created - 0.05
            ):
                return True
    return False
