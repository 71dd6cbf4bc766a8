"""Making a data directory: all or nothing, in UTF-8, with Chinese trigrams that work."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from wangge.kernel.postgres.place import Account
from wangge.kernel.postgres.processes import run
from wangge.kernel.postgres.records import Passwords, fsync_directory
from wangge.kernel.postgres.runtime import Runtime
from wangge.kernel.postgres.settings import HBA, INCLUDE
from wangge.kernel.postgres.words import ClusterError

__all__ = ["locale_flags", "make_data", "set_passwords", "write_as"]

ROLE = "wangge"
BUILTIN_PROVIDER_SINCE = 17


def locale_flags(major: int) -> list[str]:
    """initdb's flags for UTF-8.

    With --locale=C alone, show_trgm('网格员') is empty and trigram search finds nothing,
    without a word: pg_trgm asks the C library's character type what a letter is.
    """
    ctype = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
    flags = ["-E", "UTF8", "--locale=C", f"--lc-ctype={ctype}"]
    if major >= BUILTIN_PROVIDER_SINCE:
        return [*flags, "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return [*flags, "--locale-provider=libc"]


def write_as(path: Path, text: str, account: Account | None) -> None:
    """Write a file the cluster's account owns; a full disk leaves the old one whole."""
    if path.is_file() and path.read_text(encoding="utf-8", errors="replace") == text:
        return
    making = path.with_name(f"{path.name}.new")
    making.write_text(text, encoding="utf-8")
    making.chmod(0o600)
    if account is not None:
        os.chown(making, account.uid, account.gid)
    making.replace(path)


def make_data(
    data: Path,
    runtime: Runtime,
    account: Account | None,
    passwords: Passwords,
    *,
    held: int,
    sync: bool,
) -> None:
    """initdb, roles and the database, in a directory that gets its name when all is done.

    A half-made directory of an earlier, interrupted attempt is removed: no client was ever
    let into it. `data` itself is never removed.
    """
    making = data.with_name(data.name + ".making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(mode=0o700)
    if account is not None:
        os.chown(making, account.uid, account.gid)
    command: list[str | Path] = [
        *(runtime.program("initdb"), "-D", making, "-U", "postgres", "--no-instructions"),
        # Nobody is let in before this file is replaced, a few lines down.
        *("--auth=trust", "--data-checksums", *locale_flags(runtime.major)),
    ]
    if not sync:
        command.append("--no-sync")
    ended = run(command, account, held=held, cwd=making)
    if ended.returncode != 0:
        raise ClusterError(
            "init-failed",
            f"initdb 失败：{tail(ended)}",
            f"initdb failed: {tail(ended)}",
        )
    write_as(making / "pg_hba.conf", HBA, account)
    with (making / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write(INCLUDE)
    set_passwords(making, runtime, account, passwords, held=held)
    if sync:
        fsync_directory(making)
    making.rename(data)
    fsync_directory(data.parent)


def set_passwords(
    data: Path, runtime: Runtime, account: Account | None, passwords: Passwords, *, held: int
) -> None:
    """Roles, their passwords and the database `wangge`, in a server of one session.

    Repeatable; used at first, and again when passwords.json was lost.
    """
    role = f"{ROLE} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB PASSWORD"
    lines = [
        f"ALTER ROLE postgres PASSWORD '{passwords.postgres}'",
        f"DO $$ BEGIN CREATE ROLE {ROLE}; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
        f"ALTER ROLE {role} '{passwords.wangge}'",
        f"CREATE DATABASE {ROLE} OWNER {ROLE}",
        f"REVOKE ALL ON DATABASE {ROLE} FROM PUBLIC",
    ]
    # Errors must be heard; statements, which hold the passwords, must not be.
    heard = ["-c", "log_min_messages=warning", "-c", "log_min_error_statement=panic"]
    ended = run(
        [runtime.program("postgres"), "--single", *heard, "-D", data, "postgres"],
        account,
        held=held,
        given="\n".join(lines) + "\n",
        cwd=data,
    )
    wrong = [
        line
        for line in ended.stderr.splitlines()
        if ("ERROR:" in line and "already exists" not in line) or "FATAL:" in line
    ]
    if ended.returncode != 0 or wrong:
        raise ClusterError(
            "init-failed",
            f"建立数据库角色失败：{'; '.join(wrong) or tail(ended)}",
            f"Setting up the database roles failed: {'; '.join(wrong) or tail(ended)}",
        )


def tail(ended: subprocess.CompletedProcess[str]) -> str:
    return " ".join((ended.stderr or ended.stdout).split())[-500:]
