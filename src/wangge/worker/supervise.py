"""The parent of a running installation: starts the children, starts them again, ends them all.

PostgreSQL has a supervisor of its own (`kernel.postgres.Supervisor`, in a thread). Whatever is
killed, the next start finds it: the database recovers from its log, leftovers are ended first.
"""

import contextlib
import fcntl
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from wangge.worker.children import Child, ChildPlan, note_children, sweep_children

log = logging.getLogger("wangge.supervise")

#: Seconds between looks at the children.
LOOK_SECONDS = 0.05
#: The pause before a dead child is started again: first, longest; it is short again after the
#: child has lived for a while.
FIRST_PAUSE, LONGEST_PAUSE, LIVED_SECONDS = 0.2, 10.0, 30.0
#: Seconds the children have to end by themselves.
END_SECONDS = 3.5


class AlreadyRunning(RuntimeError):
    """Another process runs this installation; `where` is what it serves, when it has said so."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where


@contextmanager
def sole(run_dir: Path) -> Generator[Path]:
    """Hold the installation for this process alone. Raises AlreadyRunning.

    The lock goes with the process, however it ends.
    """
    run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(run_dir / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as held:
            raise AlreadyRunning(said_address(run_dir)) from held
        (run_dir / "address").unlink(missing_ok=True)
        yield run_dir
    finally:
        os.close(handle)


def is_held(run_dir: Path) -> bool:
    """Whether some parent runs this installation now."""
    try:
        handle = os.open(run_dir / "lock", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def say_address(run_dir: Path, address: str) -> None:
    """Note what is being served, for whoever comes second."""
    (run_dir / "address").write_text(address, encoding="utf-8")


def said_address(run_dir: Path) -> str:
    """What the running parent serves, or nothing."""
    with contextlib.suppress(OSError):
        return (run_dir / "address").read_text(encoding="utf-8").strip()
    return ""


@dataclass
class _Watched:
    child: Child
    pause: float = FIRST_PAUSE
    again_at: float = 0.0
    deaths: int = 0


class Family:
    """The children of one parent. Everything is called from the parent's main thread, but for
    `end_soon`, which only sets a flag."""

    def __init__(self, plans: Sequence[ChildPlan], run_dir: Path, log_dir: Path) -> None:
        self._run_dir = run_dir
        self._log_dir = log_dir
        self._watched = [_Watched(Child(plan, log_dir)) for plan in plans]
        self._ending = threading.Event()

    @property
    def note(self) -> Path:
        """Where the children's pids are noted."""
        return self._run_dir / "children.json"

    @property
    def ending(self) -> bool:
        """Whether somebody wants an end."""
        return self._ending.is_set()

    def end_soon(self) -> None:
        """Let `watch` return. May be called from any thread and from a signal handler."""
        self._ending.set()

    def start(self) -> None:
        """End leftovers, then start everybody."""
        sweep_children(self.note)
        for watched in self._watched:
            watched.child.start()
        self._write_down()

    def child(self, name: str) -> Child:
        """One of them by name. KeyError."""
        for watched in self._watched:
            if watched.child.plan.name == name:
                return watched.child
        raise KeyError(name)

    def add(self, plan: ChildPlan) -> None:
        """Start one more child."""
        watched = _Watched(Child(plan, self._log_dir))
        self._watched.append(watched)
        watched.child.start()
        self._write_down()

    def deaths(self, name: str) -> int:
        """How often that child has died so far."""
        return sum(w.deaths for w in self._watched if w.child.plan.name == name)

    def look(self) -> None:
        """Start again what has died."""
        changed = False
        for watched in self._watched:
            code = watched.child.died()
            moment = time.monotonic()
            if code is None:
                continue
            if not watched.again_at:
                lived = moment - watched.child.started_at
                watched.pause = (
                    FIRST_PAUSE
                    if lived > LIVED_SECONDS or not watched.deaths
                    else min(watched.pause * 2, LONGEST_PAUSE)
                )
                watched.deaths += 1
                watched.again_at = moment + watched.pause
                log.warning(
                    "%s ended (code %s) after %.0f s; it is started again in %.1f s",
                    watched.child.plan.name,
                    code,
                    lived,
                    watched.pause,
                )
            if moment >= watched.again_at:
                watched.again_at = 0.0
                watched.child.start()
                changed = True
        if changed:
            self._write_down()

    def watch(self) -> None:
        """Until `end_soon`."""
        while not self._ending.wait(LOOK_SECONDS):
            self.look()

    def stop(self) -> None:
        """End everybody within END_SECONDS, whether they want or not."""
        until = time.monotonic() + END_SECONDS
        for watched in self._watched:
            watched.child.ask_to_end()
        for watched in self._watched:
            watched.child.end(until - time.monotonic())
        self.note.unlink(missing_ok=True)

    def _write_down(self) -> None:
        note_children(self.note, [watched.child for watched in self._watched])


@contextmanager
def signals(on_end: Callable[[], None]) -> Generator[None]:
    """Ctrl-C, SIGTERM and a closed terminal all mean: end everything in good order."""

    def handle(_number: int, _frame: FrameType | None) -> None:
        on_end()

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, handle) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
