"""One embedded PostgreSQL cluster: made once, started by whoever comes first, used by all."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Generator, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from wangge.kernel.postgres.diagnosis import diagnose
from wangge.kernel.postgres.making import make_data, set_passwords, write_as
from wangge.kernel.postgres.place import (
    Account,
    make_directory,
    runtime_for,
    service_account,
    settle,
)
from wangge.kernel.postgres.processes import (
    hold,
    kill_backends,
    launch,
    lock,
)
from wangge.kernel.postgres.records import Passwords, Record, choose_port, port_free
from wangge.kernel.postgres.runtime import Runtime, find_runtime
from wangge.kernel.postgres.settings import configuration, machine_memory, tuned
from wangge.kernel.postgres.space import DiskPolicy
from wangge.kernel.postgres.state import State
from wangge.kernel.postgres.words import ClusterError, Finding, Say, Words, silent

__all__ = ["Cluster", "StopMode"]

StopMode = Literal["smart", "fast", "immediate"]
SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}


class Cluster(State):
    """The cluster of one state directory.

    Any number of processes may hold a Cluster of the same directory; the first to call
    `start` becomes the postmaster's parent, and the server is shut down with that process.
    The others find it through the directory; a `Supervisor` in one of them takes over.

    Files in `state_dir`: cluster.json (where the data is, port), passwords.json, lock,
    and, unless the account that runs PostgreSQL cannot get there, data/, log/ and ballast.
    All methods block; call them from a thread in an event loop.
    """

    def __init__(
        self,
        state_dir: Path,
        *,
        runtime: Runtime | None = None,
        port: int | None = None,
        settings: Mapping[str, str] | None = None,
        disk: DiskPolicy | None = None,
    ) -> None:
        super().__init__(state_dir, disk or DiskPolicy())
        self.wanted_runtime = runtime
        self._wanted_port = port
        self._settings = dict(settings or {})
        self._child: subprocess.Popen[bytes] | None = None
        self._runtime: Runtime | None = None

    @property
    def runtime(self) -> Runtime:
        """The programs that fit the data directory, where the cluster's account can run them.

        Raises ClusterError runtime-missing, runtime-too-old or version-mismatch.
        """
        return self._find_runtime(silent)

    def pgbin(self, name: str) -> Path:
        """The path of a program of the server's version: pg_dump, pg_restore, psql…"""
        return self.runtime.program(name)

    @property
    def owned(self) -> bool:
        """Whether the postmaster is a child of this object."""
        return self._child is not None and self._child.poll() is None

    # Making

    def ensure(self, say: Say = silent) -> None:
        """Make the data directory if there is none. Does nothing the second time.

        Raises ClusterError (see its list of codes); never removes or replaces data.
        """
        with self._locked():
            self._ensure(say)

    @contextlib.contextmanager
    def _locked(self, patience: float = 330.0) -> Generator[None]:
        try:
            if not self.state_dir.is_dir():
                make_directory(self.state_dir)
            if not os.access(self.state_dir, os.W_OK | os.X_OK):
                raise PermissionError(self.state_dir)
        except OSError as error:
            raise ClusterError(
                "not-writable",
                f"不能写入 {self.state_dir}。",
                f"Cannot write to {self.state_dir}.",
            ) from error
        with lock(self.state_dir / "lock", patience=patience):
            yield

    def _ensure(self, say: Say) -> None:
        record = Record.read(self.state_dir)
        if record is None:
            home = settle(self.state_dir, service_account(None))
            port = self._wanted_port or choose_port(self.state_dir)
            record = Record(str(home), port, made=False)
            record.write(self.state_dir)
            self._point_to(home)
        if self.data_major is None:
            if record.made:
                raise ClusterError(
                    "data-missing",
                    f"数据目录 {self.data} 不见了。没有新建空库；请先找回它"
                    "（见 docs/embedded-postgres.md）。",
                    f"The data directory {self.data} is gone. No empty one was made in its "
                    "place; find it first (see docs/embedded-postgres.md).",
                )
            self._make(say)
        elif Passwords.read(self.state_dir) is None:
            self._renew_passwords(say)
        if not record.made:
            replace(record, made=True).write(self.state_dir)

    def _point_to(self, home: Path) -> None:
        """Leave a way for people to find what is not beside them."""
        if home == self.state_dir:
            return
        for name in ("data", "log"):
            with contextlib.suppress(FileExistsError):
                (self.state_dir / name).symlink_to(home / name)

    def _make(self, say: Say) -> None:
        runtime, account = self._find_runtime(say), self.account
        passwords = Passwords.read(self.state_dir) or Passwords.new()
        passwords.write(self.state_dir)
        say(Words("第一次启动：正在建立数据库……", "First start: making the database…"))
        sync = self._settings.get("fsync", "on") == "on"
        with hold(self.home / "held") as held:
            make_data(self.data, runtime, account, passwords, held=held, sync=sync)

    def _renew_passwords(self, say: Say) -> None:
        if self.running:
            raise ClusterError(
                "not-readable",
                "口令文件丢了，而数据库正在运行：停下它再启动，会生成新口令。",
                "The password file is lost while the database runs: stop and start it, and "
                "new passwords will be made.",
            )
        say(
            Words(
                "口令文件丢了，正在换新口令……",
                "The password file is lost; making new passwords…",
            )
        )
        passwords = Passwords.new()
        kill_backends(self.data)
        with hold(self.home / "held") as held:
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            set_passwords(
                self.data, self._find_runtime(say), self.account, passwords, held=held
            )
        passwords.write(self.state_dir)

    def _find_runtime(self, say: Say) -> Runtime:
        if self._runtime is not None:
            return self._runtime
        major = self.data_major
        try:
            found = self.wanted_runtime or find_runtime(major)
        except ClusterError as error:
            if major is None:
                raise
            raise self.mismatch(major, None) from error
        if major is not None and found.major != major:
            raise self.mismatch(major, found)
        self._runtime = runtime_for(found, self.account, say)
        return self._runtime

    def mismatch(self, major: int, found: Runtime | None) -> ClusterError:
        """The error for programs that do not fit the data."""
        have = found.version if found else "—"
        return ClusterError(
            "version-mismatch",
            f"数据目录是 PostgreSQL {major} 建的，现有的程序是 {have}。数据没有动："
            f"装上 embedded-postgres 的 {major} 版，或备份后换版本"
            "（见 docs/embedded-postgres.md）。",
            f"The data directory was made by PostgreSQL {major}; the programs here are {have}. "
            f"The data is untouched: install version {major} of embedded-postgres, or move by "
            "backup and restore (see docs/embedded-postgres.md).",
        )

    # Starting and stopping

    def start(self, say: Say = silent, *, timeout: float = 300.0) -> None:
        """Make sure the server accepts connections; make the cluster first if there is none.

        Joins a server that another process started. `timeout` is in seconds and bounds the
        recovery after a crash. Raises ClusterError port-taken, start-failed, start-timeout,
        still-held and what `ensure` raises.
        """
        until = time.monotonic() + timeout
        with self._locked(timeout + 30.0):
            self._ensure(say)
            (self.state_dir / "stopped").unlink(missing_ok=True)
            while not self._joined(until):
                if self._spawn(until, say):
                    break
            self.ballast.keep()

    def _joined(self, until: float) -> bool:
        """Wait while a living postmaster starts or ends. True when it is there and ready."""
        while (living := self.postmaster) is not None:
            if living.status in ("ready", "standby"):
                return True
            if time.monotonic() > until:
                raise self._too_slow()
            time.sleep(0.02)
        return False

    def _spawn(self, until: float, say: Say) -> bool:
        """Start a postmaster. False when its port was snatched and another must be tried."""
        runtime, account = self._find_runtime(say), self.account
        if self._child is not None:
            self._child.wait()
            self._child = None
        kill_backends(self.data)
        if self.space.critical and self.ballast.throw_off():
            say(Words("磁盘已满，已放出压舱文件。", "The disk is full; the ballast was freed."))
        port = self._free_port()
        self._configure(port, account)
        with hold(self.home / "held") as held, (self.log / "start.log").open("wb") as output:
            # Nobody runs on this directory (we hold the lock all its processes inherit), so
            # what the file says is old, even if its pid now belongs to somebody else.
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            began = time.time()
            child = launch(
                [runtime.program("postgres"), "-D", self.data],
                account,
                held=held,
                output=output,
                cwd=self.data,
            )
        self._child = child
        told = time.monotonic() + 2.0
        while child.poll() is None:
            said = self.postmaster
            if said is not None and said.pid == child.pid and said.status == "ready":
                return True
            if time.monotonic() > until:
                raise self._too_slow()
            if time.monotonic() > told:
                told = until
                say(
                    Words(
                        "数据库正在恢复，请稍候……", "The database is recovering; please wait…"
                    )
                )
            time.sleep(0.005)
        self._child = None
        if not port_free(port) and self._wanted_port is None:
            return False
        why = self.recent_log(since=began)
        raise ClusterError(
            "start-failed", f"数据库没能启动：{why}", f"The database did not start: {why}"
        )

    def _too_slow(self) -> ClusterError:
        return ClusterError(
            "start-timeout",
            "数据库在限定时间内没有就绪（可能仍在恢复，没有中断它）。",
            "The database was not ready in time (it may still be recovering, and was left "
            "alone).",
        )

    def _free_port(self) -> int:
        record = Record.read(self.state_dir)
        assert record is not None
        port = self._wanted_port or record.port
        if not port_free(port):
            if self._wanted_port is not None:
                raise ClusterError(
                    "port-taken",
                    f"端口 {port} 已被别的程序占用。",
                    f"Port {port} is taken by another program.",
                )
            port = choose_port(self.state_dir, after=port)
        if port != record.port:
            replace(record, port=port).write(self.state_dir)
        return port

    def _configure(self, port: int, account: Account | None) -> None:
        if not self.log.is_dir():
            self.log.mkdir(mode=0o700)
            if account is not None:
                os.chown(self.log, account.uid, account.gid)
        settings = tuned(memory=machine_memory(), free_disk=self.space.free)
        text = configuration({**settings, **self._settings}, port=port, log=self.log)
        write_as(self.data / "wangge.conf", text, account)

    def recent_log(self, *, since: float = 0.0, limit: int = 600) -> str:
        """The end of what the server wrote since that Unix time, on one line."""
        said: list[str] = []
        for path in sorted(self.log.glob("*.log"), key=lambda path: path.stat().st_mtime):
            if path.stat().st_mtime >= since:
                said += path.read_text(errors="replace").splitlines()[-8:]
        return " | ".join(line.strip() for line in said)[-limit:]

    def stop(self, mode: StopMode = "fast", *, timeout: float = 60.0) -> None:
        """Shut the server down, whoever started it, and keep supervisors from restarting it.

        "fast" rolls open transactions back, "smart" waits for them, "immediate" leaves the
        rest to recovery. Raises ClusterError stop-failed after `timeout` seconds.
        """
        with self._locked():
            (self.state_dir / "stopped").touch(mode=0o600)
            self._shut_down(mode, timeout)

    def release(self, *, timeout: float = 60.0) -> None:
        """Shut the server down if it is this object's child; else leave it to its parent."""
        if self.owned:
            with self._locked():
                self._shut_down("fast", timeout)

    def _shut_down(self, mode: StopMode, timeout: float) -> None:
        until = time.monotonic() + timeout
        living = self.postmaster
        if living is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(living.pid, SIGNALS[mode])
            while self.postmaster is not None and not self._child_ended():
                if time.monotonic() > until:
                    raise ClusterError(
                        "stop-failed",
                        f"数据库在 {timeout:.0f} 秒内没有停下。",
                        f"The database did not stop within {timeout:.0f} s.",
                    )
                time.sleep(0.01)
        if self._child is not None:
            self._child.wait()
            self._child = None

    def _child_ended(self) -> bool:
        return self._child is not None and self._child.poll() is not None

    def diagnose(self) -> list[Finding]:
        """What is well and what is wrong, in both languages, for `wangge doctor`."""
        return diagnose(self, wanted_port=self._wanted_port)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
