"""Processes: who runs on a data directory, who may start one, and who dies with whom."""

import contextlib
import ctypes
import fcntl
import importlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from wangge.kernel.postgres.place import Account, RunAs
from wangge.kernel.postgres.runtime import clean_environment
from wangge.kernel.postgres.words import ClusterError

__all__ = [
    "PidFile",
    "hold",
    "kill_backends",
    "launch",
    "lock",
    "postmaster_of",
    "read_pid_file",
    "run",
]

PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class PidFile:
    """What a postmaster wrote about itself. `status` is "starting", "ready", "stopping"…"""

    pid: int
    port: int | None
    status: str


def read_pid_file(data: Path) -> PidFile | None:
    """The content of postmaster.pid; None when there is none or it is half written."""
    try:
        lines = (data / "postmaster.pid").read_text(errors="replace").splitlines()
        pid = abs(int(lines[0]))
    except (FileNotFoundError, IndexError, ValueError):
        return None
    port = int(lines[3]) if len(lines) > 3 and lines[3].strip().isdigit() else None
    return PidFile(pid, port, lines[7].strip() if len(lines) > 7 else "starting")


def _psutil() -> Any:
    return importlib.import_module("psutil")


def is_postgres_on(pid: int, data: Path) -> bool:
    """Whether `pid` is a living postgres whose working directory is `data`.

    Every process of a cluster has it as its working directory; a recycled pid has not.
    """
    try:
        if sys.platform == "linux":
            proc = Path("/proc", str(pid))
            if proc.joinpath("comm").read_text().strip() not in ("postgres", "postmaster"):
                return False
            # A zombie has no working directory any more: the next line fails for it.
            return os.path.samefile(proc / "cwd", data)
        process = _psutil().Process(pid)
        if process.name() not in ("postgres", "postmaster") or process.status() == "zombie":
            return False
        return os.path.samefile(process.cwd(), data)
    except Exception as error:
        if isinstance(error, OSError) or type(error).__module__.startswith("psutil"):
            return False
        raise


def postmaster_of(data: Path) -> PidFile | None:
    """The living postmaster of `data`, or None: the file alone is never believed."""
    said = read_pid_file(data)
    if said is None or not is_postgres_on(said.pid, data):
        return None
    return said


def all_pids() -> list[int]:
    if sys.platform == "linux":
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]
    return list(_psutil().pids())


def kill_backends(data: Path, *, patience: float = 10.0) -> int:
    """Kill what a dead postmaster left behind on `data`, and wait until it is gone.

    Only for use under the start lock, when `postmaster_of` said None. A busy orphan would
    keep the shared memory in use, and a new postmaster would refuse to start for as long.
    SIGKILL loses nothing that was acknowledged: the next start recovers from the log.
    Returns how many there were.
    """
    seen: set[int] = set()
    until = time.monotonic() + patience
    while True:
        left = [pid for pid in all_pids() if is_postgres_on(pid, data)]
        if not left:
            return len(seen)
        if time.monotonic() > until:
            raise ClusterError(
                "still-held",
                f"数据目录 {data} 上还有停不下来的进程：{left}。",
                f"Processes on {data} will not end: {left}.",
            )
        for pid in left:
            seen.add(pid)
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.01)


@contextlib.contextmanager
def lock(path: Path, *, patience: float) -> Generator[None]:
    """Let one process at a time prepare, start or stop this cluster."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if not _take(handle, patience):
            raise ClusterError(
                "lock-timeout",
                f"等了 {patience:.0f} 秒，另一个进程仍在启动或停止数据库（{path}）。",
                f"After {patience:.0f} s another process is still starting or stopping the "
                f"database ({path}).",
            )
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def hold(path: Path, *, patience: float = 10.0) -> Generator[int]:
    """A file descriptor that carries a lock, to be inherited by the postmaster.

    Every process of the cluster keeps it open, so the lock lives exactly as long as the last
    of them, in whatever container it runs: pids are not visible from everywhere, locks are.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if not _take(handle, patience):
            raise ClusterError(
                "still-held",
                f"还有别的 PostgreSQL 在用这个数据目录（{path}），可能在另一个容器里。",
                f"Another PostgreSQL still uses this data directory ({path}), perhaps in "
                "another container.",
            )
        yield handle
    finally:
        os.close(handle)


def _take(handle: int, patience: float) -> bool:
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                return False
            time.sleep(0.01)
        else:
            return True


def run(
    command: Sequence[str | Path],
    account: Account | None,
    *,
    held: int,
    given: str = "",
    cwd: Path,
) -> subprocess.CompletedProcess[str]:
    """Run a short program (initdb, single-user postgres) as the cluster's account."""
    run_as: RunAs = account.run_as if account else {}
    return subprocess.run(
        [str(part) for part in command],
        input=given,
        capture_output=True,
        text=True,
        env=clean_environment(),
        cwd=cwd,
        pass_fds=(held,),
        umask=0o077,
        start_new_session=True,
        **run_as,
    )


class _Launcher:
    """A thread that starts children and lives as long as the process.

    "Signal me when my parent dies" means the parent *thread*. A postmaster started from a
    thread of some pool would be shut down as soon as that thread ends.
    """

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._wishes: queue.SimpleQueue[
            tuple[Callable[[], subprocess.Popen[bytes]], Future[subprocess.Popen[bytes]]]
        ] = queue.SimpleQueue()
        threading.Thread(target=self._serve, name="postgres-launcher", daemon=True).start()

    def _serve(self) -> None:
        while True:
            wish, answer = self._wishes.get()
            try:
                answer.set_result(wish())
            except BaseException as error:
                answer.set_exception(error)

    def start(self, wish: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
        answer: Future[subprocess.Popen[bytes]] = Future()
        self._wishes.put((wish, answer))
        return answer.result()


_launcher: _Launcher | None = None
_launcher_guard = threading.Lock()


def launch(
    command: Sequence[str | Path],
    account: Account | None,
    *,
    held: int,
    output: IO[bytes],
    cwd: Path,
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start the postmaster: own session, fast shutdown (SIGINT) when this process dies."""
    global _launcher
    before_exec = _die_with_parent()
    run_as: RunAs = account.run_as if account else {}

    def spawn() -> subprocess.Popen[bytes]:
        with warnings.catch_warnings():
            # Newer Pythons warn about preexec_fn beside threads; ours makes one system call.
            warnings.simplefilter("ignore", DeprecationWarning)
            return subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=dict(environment or clean_environment()),
                cwd=cwd,
                pass_fds=(held,),
                umask=0o077,
                start_new_session=True,
                preexec_fn=before_exec,
                **run_as,
            )

    with _launcher_guard:
        if _launcher is None or _launcher.pid != os.getpid():
            _launcher = _Launcher()
        child = _launcher.start(spawn)
    # Reap it at once, whoever ends it: the pid of a zombie still looks alive to PostgreSQL.
    threading.Thread(target=child.wait, name="postgres-reaper", daemon=True).start()
    return child


def _die_with_parent() -> Callable[[], None] | None:
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, int(signal.SIGINT), 0, 0, 0)
        if os.getppid() != parent:  # it died before we could ask
            os._exit(1)

    return ask
