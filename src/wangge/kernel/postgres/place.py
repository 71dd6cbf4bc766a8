"""Where the cluster lives and which account runs it.

PostgreSQL refuses to run as root, and the account that runs it for root cannot enter a
directory such as /root. Nobody's permissions are changed for that. Instead the cluster, and
a copy of the programs when they too are out of reach, go to a place of their own
(/var/lib/wangge-…), and the state directory remembers where.
"""

import contextlib
import hashlib
import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict

from wangge.kernel.postgres.runtime import Runtime
from wangge.kernel.postgres.words import ClusterError, Say, Words

__all__ = ["Account", "make_directory", "reachable", "runtime_for", "service_account", "settle"]

ACCOUNTS = ("wangge", "nobody")
FAR_PLACES = (Path("/var/lib"), Path("/var/tmp"))


class RunAs(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """The unprivileged account that runs PostgreSQL when we are root."""

    name: str
    uid: int
    gid: int

    @property
    def run_as(self) -> RunAs:
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def service_account(data: Path | None) -> Account | None:
    """None when we are not root; else the owner of `data`, or `wangge`, or `nobody`."""
    if os.geteuid() != 0:
        return None
    if data is not None and data.is_dir() and (uid := data.stat().st_uid) != 0:
        entry = pwd.getpwuid(uid)
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    for name in ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise ClusterError(
        "wrong-owner",
        "以 root 运行时需要一个普通账户来运行 PostgreSQL，但系统里没有 wangge 也没有 nobody。",
        "Running as root needs a plain account for PostgreSQL, and there is neither wangge "
        "nor nobody on this system.",
    )


def reachable(path: Path, account: Account | None, *, need: int = 0o1) -> bool:
    """Whether `account` may enter every directory from / to `path` (`need` = rwx bits)."""
    if account is None:
        return True
    real = path.resolve()
    for place in (real, *real.parents):
        seen = place.stat()
        shift = 6 if seen.st_uid == account.uid else 3 if seen.st_gid == account.gid else 0
        if (seen.st_mode >> shift) & need != need:
            return False
    return True


def settle(state_dir: Path, account: Account | None) -> Path:
    """The directory for data, logs and ballast: `state_dir` itself when the account can reach
    it, else a place that depends only on the state directory's path (so a second call, or a
    lost record, finds the same one).

    Raises ClusterError not-writable.
    """
    if reachable(state_dir, account):
        return state_dir
    name = "wangge-" + hashlib.sha256(os.fsencode(state_dir.resolve())).hexdigest()[:12]
    for far in FAR_PLACES:
        home = far / name
        try:
            if own_directory(home) and reachable(home, account):
                return home
        except OSError:
            continue
    raise ClusterError(
        "not-writable",
        f"账户进不去 {state_dir}，而 /var/lib 和 /var/tmp 也不能用来放数据库。",
        f"The database's account cannot enter {state_dir}, and neither /var/lib nor /var/tmp "
        "can hold the database.",
    )


def make_directory(path: Path) -> None:
    """Make the state directory, complete with its permissions.

    As root another account must pass through it (what is private is 0600 inside). It appears
    with its final mode: another starter must never see it closed, and settle elsewhere.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        making.chmod(0o711 if os.geteuid() == 0 else 0o700)
        making.rename(path)
    except OSError:
        if not path.is_dir():  # else another process was quicker
            raise
    finally:
        with contextlib.suppress(FileNotFoundError):
            making.rmdir()


def own_directory(path: Path) -> bool:
    """Make `path` ours (0711), or accept it if it is and nobody else may write to it."""
    try:
        path.mkdir(mode=0o711)
        path.chmod(0o711)
    except FileExistsError:
        pass
    seen = path.lstat()
    # In a directory open to all, somebody else may have been here first.
    return (
        stat.S_ISDIR(seen.st_mode) and seen.st_uid == os.geteuid() and not seen.st_mode & 0o022
    )


def runtime_for(runtime: Runtime, account: Account | None, say: Say) -> Runtime:
    """`runtime`, or a copy of it that `account` can run."""
    if reachable(runtime.bindir, account, need=0o5):
        return runtime
    program = (runtime.bindir / "postgres").stat()
    print_ = f"{runtime.root.resolve()}:{program.st_size}:{program.st_mtime_ns}"
    name = f"{runtime.version}-{hashlib.sha256(print_.encode()).hexdigest()[:12]}"
    for far in FAR_PLACES:
        shelf = far / "wangge-postgres"
        try:
            if not own_directory(shelf):
                continue
            copied = shelf / name
            if not copied.is_dir():
                say(Words("正在复制 PostgreSQL 程序……", "Copying the PostgreSQL programs…"))
                copy_whole(runtime.root, copied)
        except OSError:
            continue
        inner = copied / runtime.root.name
        moved = inner / runtime.bindir.relative_to(runtime.root)
        return replace(runtime, bindir=moved, root=inner)
    raise ClusterError(
        "not-writable",
        f"普通账户读不到 {runtime.bindir}，也没有地方放一份副本。",
        f"A plain account cannot read {runtime.bindir}, and there is no place for a copy.",
    )


def copy_whole(root: Path, target: Path) -> None:
    """Copy `root` and the shared libraries the wheel keeps beside it, all or nothing."""
    making = target.with_name(f"{target.name}.making-{os.getpid()}")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(mode=0o755)
    try:
        for part in (root, root.with_name(f"{root.name}.libs")):
            if part.is_dir():
                leave = shutil.ignore_patterns("include", "*.a", "__pycache__", "doc")
                shutil.copytree(part, making / part.name, symlinks=True, ignore=leave)
        making.chmod(0o755)
        for folder, _names, files in os.walk(making):
            os.chmod(folder, 0o755)
            for file in files:
                path = Path(folder, file)
                if not path.is_symlink():
                    path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
        try:
            making.rename(target)
        except OSError:
            if not target.is_dir():  # else another process was quicker, with the same bytes
                raise
    finally:
        shutil.rmtree(making, ignore_errors=True)
