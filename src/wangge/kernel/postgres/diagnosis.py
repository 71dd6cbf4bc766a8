"""What is wrong with the database, for `wangge doctor`. Looks only: changes nothing."""

import asyncio
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import asyncpg

from wangge.kernel.postgres.processes import read_pid_file
from wangge.kernel.postgres.records import Passwords, Record, port_free
from wangge.kernel.postgres.runtime import OLDEST_MAJOR, find_runtime
from wangge.kernel.postgres.words import ClusterError, Finding, Level, Words

if TYPE_CHECKING:
    from wangge.kernel.postgres.cluster import Cluster

__all__ = ["check_server", "diagnose"]

CHINESE = "网格员上报积水"
MIB = 1024 * 1024


def ok(code: str, zh: str, en: str) -> Finding:
    return Finding(Level.OK, code, Words(zh, en))


def warn(code: str, zh: str, en: str) -> Finding:
    return Finding(Level.WARN, code, Words(zh, en))


def error(code: str, zh: str, en: str) -> Finding:
    return Finding(Level.ERROR, code, Words(zh, en))


def told(problem: ClusterError) -> Finding:
    return Finding(Level.ERROR, problem.code, problem.words)


def diagnose(cluster: "Cluster", *, wanted_port: int | None = None) -> list[Finding]:
    """Every finding about the cluster, good ones too, in the order one would look."""
    findings = [*_programs(cluster), *_directory(cluster)]
    try:
        record = Record.read(cluster.state_dir)
        passwords = Passwords.read(cluster.state_dir)
    except ClusterError as problem:
        return [*findings, told(problem)]
    if record is None or not (record.made or cluster.data.exists()):
        return [
            *findings,
            ok(
                "not-made",
                "还没有建库，首次启动时会建。",
                "No database yet; the first start makes it.",
            ),
        ]
    findings += _data(cluster)
    findings += _secrets(cluster, passwords)
    findings += _disk(cluster)
    if not cluster.running:
        return [*findings, *_stopped(cluster, wanted_port or record.port, wanted_port)]
    findings.append(
        ok(
            "running",
            f"数据库在端口 {cluster.port} 上运行。",
            f"Running on port {cluster.port}.",
        )
    )
    if passwords is not None:
        findings += check_server(cluster.admin_dsn("wangge"), superuser_expected=True)
    return findings


def _programs(cluster: "Cluster") -> Iterator[Finding]:
    major = cluster.data_major
    try:
        found = cluster.wanted_runtime or find_runtime(major)
    except ClusterError as problem:
        if major is None:
            yield told(problem)
            return
        found = None
    if found is None or major not in (None, found.major):
        yield told(cluster.mismatch(major or 0, found))
    elif found.major < OLDEST_MAJOR:
        yield _too_old(found.version)
    else:
        yield ok(
            "runtime",
            f"PostgreSQL {found.version}（{found.source}）。",
            f"PostgreSQL {found.version} ({found.source}).",
        )


def _too_old(version: str) -> Finding:
    return error(
        "server-too-old",
        f"PostgreSQL {version} 太旧，至少需要 {OLDEST_MAJOR}。",
        f"PostgreSQL {version} is too old; {OLDEST_MAJOR} or newer is needed.",
    )


def _directory(cluster: "Cluster") -> Iterator[Finding]:
    place = cluster.state_dir
    while not place.exists():
        place = place.parent
    if not os.access(place, os.W_OK | os.X_OK):
        yield error("not-writable", f"不能写入 {place}。", f"Cannot write to {place}.")


def _data(cluster: "Cluster") -> Iterator[Finding]:
    data = cluster.data
    if not data.is_dir():
        yield error(
            "data-missing", f"数据目录 {data} 不见了。", f"The data directory {data} is gone."
        )
        return
    if cluster.home != cluster.state_dir:
        yield ok(
            "placed-elsewhere",
            f"数据放在 {cluster.home}（运行账户进不去 {cluster.state_dir}）；备份整机时请带上它。",
            f"The data is in {cluster.home} (the account cannot enter "
            f"{cluster.state_dir}); include it when you copy the machine.",
        )
    if os.geteuid() not in (0, data.stat().st_uid):
        yield error(
            "wrong-owner",
            f"{data} 属于别的账户，请用那个账户运行。",
            f"{data} belongs to another account; run as that one.",
        )


def _secrets(cluster: "Cluster", passwords: Passwords | None) -> Iterator[Finding]:
    path = cluster.state_dir / "passwords.json"
    if passwords is None:
        yield warn(
            "passwords-missing",
            "口令文件丢了，下次启动时会换新口令。",
            "The password file is lost; the next start makes new ones.",
        )
    elif path.stat().st_mode & 0o077:
        yield error(
            "passwords-readable",
            f"{path} 别人也能读，请 chmod 600。",
            f"{path} is readable by others; chmod 600 it.",
        )


def _disk(cluster: "Cluster") -> Iterator[Finding]:
    space, ballast = cluster.space, cluster.ballast
    free, mark = space.free // MIB, space.policy.watermark // MIB
    if space.critical:
        yield error(
            "space-critical",
            f"磁盘只剩 {free} MiB，数据库随时会停。",
            f"Only {free} MiB free: the database may stop at any time.",
        )
    elif space.low:
        yield warn(
            "space-low",
            f"磁盘只剩 {free} MiB，低于警戒线 {mark} MiB。",
            f"{free} MiB free, below the watermark of {mark} MiB.",
        )
    else:
        yield ok("space", f"磁盘剩余 {free} MiB。", f"{free} MiB free.")
    if not ballast.whole:
        yield warn(
            "ballast-absent",
            "压舱文件不在：磁盘一满就没有恢复的余地。腾出空间后会自动补上。",
            "The ballast is absent: on a full disk nothing is left "
            "to recover with. It returns by itself once there is room.",
        )


def _stopped(cluster: "Cluster", port: int, wanted: int | None) -> Iterator[Finding]:
    yield warn("not-running", "数据库没有运行。", "The database is not running.")
    said = read_pid_file(cluster.data)
    if said is not None:
        yield warn(
            "stale-pid",
            f"上次没有正常停止（旧进程号 {said.pid}），下次启动会自动恢复。",
            f"It was not shut down properly (old pid {said.pid}); the next start recovers.",
        )
    if not port_free(port):
        say = error if wanted is not None else warn
        yield say(
            "port-taken",
            f"端口 {port} 被别的程序占用。",
            f"Port {port} is taken by another program.",
        )


@dataclass(frozen=True, slots=True)
class _Seen:
    version: int
    version_text: str
    encoding: str
    trigrams: int | None
    superuser: bool
    broken_pages: int


def check_server(dsn: str, *, superuser_expected: bool = False) -> list[Finding]:
    """Findings about a server one can connect to, embedded or not.

    Inside an event loop too: the questions are asked from a thread of their own.
    """
    answers: list[_Seen | Exception] = []

    def ask() -> None:
        try:
            answers.append(asyncio.run(_look(dsn)))
        except (
            OSError,
            TimeoutError,
            asyncpg.PostgresError,
            asyncpg.InterfaceError,
        ) as problem:
            answers.append(problem)

    thread = threading.Thread(target=ask, name="postgres-doctor")
    thread.start()
    thread.join()
    seen = answers[0]
    if isinstance(seen, Exception):
        kind = type(seen).__name__
        return [
            error(
                "no-connection",
                f"连不上数据库（{kind}）。",
                f"Cannot connect to the database ({kind}).",
            )
        ]
    return list(_judge(seen, superuser_expected))


def _judge(seen: _Seen, superuser_expected: bool) -> Iterator[Finding]:
    if seen.version < OLDEST_MAJOR * 10_000:
        yield _too_old(seen.version_text)
    if seen.encoding != "UTF8":
        yield error(
            "not-utf8",
            f"数据库编码是 {seen.encoding}，应为 UTF8。",
            f"The database's encoding is {seen.encoding}; it must be UTF8.",
        )
    if seen.trigrams is None:
        yield error(
            "trigram-missing",
            "装不上扩展 pg_trgm，查找会用不了。",
            "The extension pg_trgm cannot be installed; search would not work.",
        )
    elif seen.trigrams == 0:
        yield error(
            "locale-trap",
            "中文没有三元组：建库时的区域设置不对，中文查找会一无所获。请用 UTF-8 的 LC_CTYPE 重建。",
            "Chinese has no trigrams: the database was made with a wrong locale, "
            "and Chinese search finds nothing. Make it anew with a UTF-8 LC_CTYPE.",
        )
    else:
        yield ok("trigram", "中文查找可用。", "Chinese search works.")
    if seen.superuser and not superuser_expected:
        yield error(
            "superuser",
            "应用以超级用户连接，行级权限对它无效。请换一个普通角色。",
            "The application connects as a superuser, whom "
            "no row policy binds. Use an ordinary role.",
        )
    if seen.broken_pages:
        yield error(
            "checksum-failures",
            f"有 {seen.broken_pages} 个数据页校验失败，磁盘可能在坏。请立即备份。",
            f"{seen.broken_pages} pages failed their "
            "checksum; the disk may be failing. Back up now.",
        )


async def _look(dsn: str) -> _Seen:
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        row = await connection.fetchrow(
            """
            select current_setting('server_version_num')::int as version,
                   current_setting('server_version') as version_text,
                   current_setting('server_encoding') as encoding,
                   (select rolsuper or rolbypassrls from pg_roles
                     where rolname = current_user) as superuser,
                   (select coalesce(sum(checksum_failures), 0)::int
                      from pg_stat_database) as broken_pages
            """
        )
        assert row is not None
        return _Seen(**dict(row.items()), trigrams=await _trigrams(connection))
    finally:
        await connection.close()


async def _trigrams(connection: "asyncpg.Connection[asyncpg.Record]") -> int | None:
    """How many trigrams seven Chinese characters have; None when pg_trgm cannot be had."""
    attempt = connection.transaction()
    await attempt.start()
    try:
        await connection.execute("create extension if not exists pg_trgm")
        await connection.execute(
            """
            select set_config('search_path', quote_ident(place.nspname), true)
              from pg_extension e join pg_namespace place on place.oid = e.extnamespace
             where e.extname = 'pg_trgm'
            """
        )
        count = await connection.fetchval("select cardinality(show_trgm($1))", CHINESE)
        return int(count)
    except asyncpg.PostgresError:
        return None
    finally:
        await attempt.rollback()
