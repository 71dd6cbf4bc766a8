"""Each district: tables, locks, relay, listeners, jobs, keys and files."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from wangge.cli.checks.said import error, ok, warn
from wangge.cli.target import Place
from wangge.kernel import jobs, migrate
from wangge.kernel.database import Connection
from wangge.kernel.districts import DistrictRow, list_districts
from wangge.kernel.moments import now
from wangge.kernel.postgres import Finding

#: Seconds the oldest unsealed fact may be old.
RELAY_LATE, RELAY_STUCK = 10.0, 60.0
#: Facts a listener may be behind.
LISTENER_BEHIND = 5_000
#: Seconds the database's clock may differ from ours.
CLOCK_APART = 5.0
#: Tables nobody may change or empty, also not the application.
APPEND_ONLY = ("kernel_fact", "cases_step")
#: Tables behind the second lock.
LOCKED = ("people_household", "people_resident")


@dataclass(frozen=True, slots=True)
class _State:
    outbox: int
    oldest: float
    sealed: int
    head_fits: bool


async def findings(dsn: str, place: Place) -> list[Finding]:
    """Everything about every district of a server one can connect to."""
    rows = await list_districts(dsn)
    if not rows:
        return [
            warn(
                "no-district",
                "还没有区(县)。运行 wangge init(正式)或 wangge run(演示)。",
                "There is no district yet. Run wangge init, or wangge run for a demonstration.",
            )
        ]
    connection: Connection = await asyncpg.connect(dsn, timeout=10)
    try:
        found = [finding async for finding in _clock(connection)]
        for row in rows:
            async for finding in _district(connection, dsn, row, place):
                found.append(finding)
    finally:
        await connection.close()
    return found


async def _clock(connection: Connection) -> AsyncIterator[Finding]:
    theirs: datetime = await connection.fetchval("select clock_timestamp()")
    apart = abs((theirs.astimezone(UTC) - now()).total_seconds())
    if apart > CLOCK_APART:
        yield error(
            "clocks-apart",
            f"数据库的时钟和本机差 {apart:.0f} 秒,时限会不准。请给两边校时(NTP)。",
            f"The database's clock is {apart:.0f} s away from this machine's; deadlines would be "
            "wrong. Set both clocks (NTP).",
        )


async def _district(
    connection: Connection, dsn: str, row: DistrictRow, place: Place
) -> AsyncIterator[Finding]:
    name, schema = row.name, row.schema
    try:
        waiting = await migrate.pending(dsn, schema)
    except asyncpg.InvalidSchemaNameError:
        waiting = migrate.all_migrations()
    if waiting:
        yield error(
            "pending-migrations",
            f"“{name}”有 {len(waiting)} 个表结构更新没有做。运行 wangge upgrade。",
            f"“{name}” has {len(waiting)} migrations to apply. Run wangge upgrade.",
        )
        return
    changed = await _changed(connection, schema)
    if changed:
        yield error(
            "changed-migrations",
            f"“{name}”的表结构与这个版本不符({changed})。程序和数据不是一套。",
            f"The tables of “{name}” do not fit this version ({changed}): program and data do "
            "not belong together.",
        )
        return
    await connection.execute(f"set search_path = {schema}, wangge_shared, public")
    yield ok(
        "migrations", f"“{name}”的表结构是最新的。", f"The tables of “{name}” are up to date."
    )
    async for finding in _relay(connection, name):
        yield finding
    async for finding in _listeners(connection, name):
        yield finding
    async for finding in _jobs(connection, name):
        yield finding
    async for finding in _locks(connection, name, schema):
        yield finding
    async for finding in _register(connection, name):
        yield finding
    async for finding in _keys(connection, row, place.data_dir):
        yield finding
    async for finding in _files(connection, row, place.data_dir):
        yield finding


async def _changed(connection: Connection, schema: str) -> str:
    """The first migration that was applied from another text."""
    ours = {(m.room, m.name): m.sha256 for m in migrate.all_migrations()}
    for row in await connection.fetch(
        f"select room, name, sha256 from {schema}.kernel_migration order by 1, 2"  # noqa: S608
    ):
        if ours.get((row["room"], row["name"])) != row["sha256"]:
            return f"{row['room']}/{row['name']}"
    return ""


async def _relay(connection: Connection, name: str) -> AsyncIterator[Finding]:
    row = await connection.fetchrow(
        """
        select (select count(*) from kernel_outbox)::int as outbox,
               coalesce((select extract(epoch from clock_timestamp() - min(said_at))
                           from kernel_outbox), 0)::float8 as oldest,
               c.seq::int as sealed,
               case when c.seq = 0 then true
                    else coalesce((select f.hash = c.hash from kernel_fact f
                                    where f.seq = c.seq), false)
                         and not exists (select 1 from kernel_fact f where f.seq > c.seq)
               end as head_fits
          from kernel_chain c
        """
    )
    assert row is not None
    state = _State(**dict(row.items()))
    if not state.head_fits:
        yield error(
            "chain-cut",
            f"“{name}”的事实账本末尾对不上。运行 wangge audit verify,保留现场。",
            f"The end of the ledger of “{name}” does not fit. Run wangge audit verify, and leave "
            "everything as it is.",
        )
    if state.oldest > RELAY_LATE:
        say = error if state.oldest > RELAY_STUCK else warn
        yield say(
            "relay-behind",
            f"“{name}”有 {state.outbox} 条事实等了 {state.oldest:.0f} 秒还没入账:"
            "后台进程没在运行或太忙,屏幕不会更新。",
            f"{state.outbox} facts of “{name}” have waited {state.oldest:.0f} s to be sealed: "
            "the worker is down or too busy, and screens stand still.",
        )
    else:
        yield ok(
            "relay",
            f"“{name}”的事实账本到第 {state.sealed} 条。",
            f"The ledger of “{name}” is at fact {state.sealed}.",
        )


async def _listeners(connection: Connection, name: str) -> AsyncIterator[Finding]:
    stuck = await connection.fetch(
        "select listener, count(*)::int as n, min(error) as error from kernel_stuck group by 1"
    )
    for row in stuck:
        yield error(
            "stuck-facts",
            f"“{name}”的 {row['listener']} 有 {row['n']} 条事实处理不了,已跳过"
            f"({row['error']})。请报告问题。",
            f"{row['n']} facts of “{name}” could not be digested by {row['listener']} and were "
            f"passed over ({row['error']}). Please report this.",
        )
    behind = await connection.fetch(
        """
        select m.listener, (c.seq - m.seq)::int as behind
          from kernel_mark m, kernel_chain c where c.seq - m.seq > $1
        """,
        LISTENER_BEHIND,
    )
    for row in behind:
        yield warn(
            "listener-behind",
            f"“{name}”的 {row['listener']} 落后 {row['behind']} 条事实。",
            f"{row['listener']} of “{name}” is {row['behind']} facts behind.",
        )


async def _jobs(connection: Connection, name: str) -> AsyncIterator[Finding]:
    for row in await connection.fetch(
        """
        select name, count(*)::int as n, max(error) as error
          from kernel_job where tries >= $1 group by 1
        """,
        jobs.TRIES_MAX,
    ):
        yield error(
            "failed-jobs",
            f"“{name}”有 {row['n']} 个任务({row['name']})试了 {jobs.TRIES_MAX} 次都失败"
            f"({row['error']})。多半是对方的地址或网络不通。",
            f"{row['n']} jobs ({row['name']}) of “{name}” failed {jobs.TRIES_MAX} times "
            f"({row['error']}): most often an address or a network that does not answer.",
        )
    late = await connection.fetchval(
        """
        select count(*)::int from kernel_job
         where tries < $1 and run_at < clock_timestamp() - interval '10 minutes'
        """,
        jobs.TRIES_MAX,
    )
    if late:
        yield warn(
            "late-jobs",
            f"“{name}”有 {late} 个任务过点 10 分钟还没做。",
            f"{late} jobs of “{name}” are ten minutes late.",
        )


async def _locks(connection: Connection, name: str, schema: str) -> AsyncIterator[Finding]:
    for row in await connection.fetch(
        """
        select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = $1 and c.relname = any($2::text[])
           and not (c.relrowsecurity and c.relforcerowsecurity)
        """,
        schema,
        list(LOCKED),
    ):
        yield error(
            "row-security-off",
            f"“{name}”的 {row['relname']} 没有行级权限,少了一道锁。",
            f"Row-level security is off on {row['relname']} of “{name}”: one lock is missing.",
        )
    super_ = await connection.fetchval(
        "select rolsuper from pg_roles where rolname = current_user"
    )
    if super_:
        return  # said already, and a superuser may always do everything
    for table in APPEND_ONLY:
        may = await connection.fetchval(
            """
            select exists (select 1 from pg_tables where schemaname = $1 and tablename = $2)
               and has_table_privilege(($1 || '.' || $2)::regclass, 'update, delete, truncate')
            """,
            schema,
            table,
        )
        if may:
            yield error(
                "not-append-only",
                f"“{name}”的 {table} 可以被改写。请执行 revoke update, delete, truncate。",
                f"{table} of “{name}” can be rewritten. Revoke update, delete, truncate on it.",
            )


#: What no key of the database keeps (people, migration 0010): the stairwell of residents and
#: households is that of their door, marks are somebody's, changes are a batch's.
_APART = """
    select (select count(*) from people_resident t join people_household h on h.id = t.household_id
             where t.unit_id <> h.unit_id)::int as residents,
           (select count(*) from people_household h join places_dwelling d on d.id = h.dwelling_id
             where h.unit_id <> d.unit_id)::int as homes,
           (select count(*) from people_search s
             where not exists (select 1 from people_resident t
                                where t.id = s.resident_id))::int as marks,
           (select count(*) from people_change c
             where not exists (select 1 from people_batch b where b.id = c.batch_id))::int as changes
"""


async def _register(connection: Connection, name: str) -> AsyncIterator[Finding]:
    """Whether rows of the register that name the same thing twice say the same of it."""
    async with connection.transaction(readonly=True):
        await connection.execute("set local app.areas = 'all'")
        row = await connection.fetchrow(_APART)
    assert row is not None
    for key, zh, en in (
        (
            "residents",
            "名住户的单元和所在户的单元不一致",
            "residents in another stairwell than their household",
        ),
        (
            "homes",
            "户的单元和门牌的单元不一致",
            "households in another stairwell than their door",
        ),
        ("marks", "条检索标记没有对应的住户", "marks of residents who are not there"),
        ("changes", "条批量改动没有对应的批次", "changes of a batch that is not there"),
    ):
        if row[key]:
            yield error(
                "register-apart",
                f"“{name}”的住户登记有 {row[key]} {zh}。请保留现场并联系维护人员。",
                f"The register of “{name}” has {row[key]} {en}. Leave everything as it is and ask "
                "whoever maintains it.",
            )


async def _keys(
    connection: Connection, row: DistrictRow, data_dir: Path
) -> AsyncIterator[Finding]:
    path = data_dir / "keys" / f"{row.schema}.key"
    if not path.is_file():
        sealed = await connection.fetchval(
            "select exists (select 1 from people_staff where phone_sealed is not null)"
        )
        if sealed:
            yield error(
                "key-missing",
                f"“{row.name}”的密钥 {path} 不见了:电话和证件号读不出来。从备份取回它;"
                "在那之前不要启动,否则会生成新的密钥。",
                f"The key of “{row.name}”, {path}, is gone: phones and ID numbers cannot be "
                "read. Bring it back from a backup, and do not start before: a new key would "
                "be made.",
            )
        return
    if path.stat().st_mode & 0o077:
        yield error(
            "key-readable",
            f"密钥 {path} 别人也能读。请 chmod 600。",
            f"The key {path} is readable by others. Run chmod 600.",
        )


async def _files(
    connection: Connection, row: DistrictRow, data_dir: Path
) -> AsyncIterator[Finding]:
    """The newest photos must be there; a whole count is for a quiet night."""
    newest = await connection.fetch(
        "select distinct sha256 from (select sha256 from kernel_file order by at desc limit 200) s"
    )
    shelf = data_dir / "files" / row.schema
    gone = [
        f["sha256"] for f in newest if not (shelf / f["sha256"][:2] / f["sha256"]).is_file()
    ]
    if gone:
        yield error(
            "files-missing",
            f"“{row.name}”最近的 {len(newest)} 张照片里有 {len(gone)} 张不在 {shelf}。"
            "数据文件夹是不是换了?",
            f"Of the last {len(newest)} photos of “{row.name}”, {len(gone)} are not in {shelf}. "
            "Is this the right data folder?",
        )
