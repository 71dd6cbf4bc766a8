"""Migrations: plain SQL, forward only, each room its own folder, in the order of the rooms.

A file is applied once per district, inside a transaction with a lock timeout, and remembered
with its hash; a changed file that was already applied is a bug and stops the upgrade.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import asyncpg

from wangge.kernel.database import SCHEMA, Connection

#: Rooms that own tables, lowest first. Foreign keys may point down this list only.
ROOMS: tuple[str, ...] = (
    "kernel",
    "places",
    "people",
    "registers",
    "access",
    "responses",
    "exports",
    "forms",
    "hours",
    "tasks",
    "sweeps",
    "cases",
    "dispatch",
    "command",
    "planning",
    "reports",
    "imports",
    "verification",
)

LOCK_TIMEOUT = "10s"


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of one room."""

    room: str
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def all_migrations(rooms: Sequence[str] = ROOMS) -> list[Migration]:
    """Every migration there is, in the order of application to an empty district."""
    found: list[Migration] = []
    for room in rooms:
        folder = files("wangge") / room / "migrations"
        if not folder.is_dir():
            continue
        names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
        found += [
            Migration(room, name, (folder / name).read_text(encoding="utf-8")) for name in names
        ]
    return found


class ChangedMigration(RuntimeError):
    """A file that was already applied differs from what was applied."""


SHARED = """
create schema if not exists wangge_shared;
create extension if not exists pg_trgm with schema public;
create extension if not exists btree_gist with schema public;
create table if not exists wangge_shared.district (
    schema     text        not null,
    slug       text        not null,
    code       text        not null,
    name       text        not null,
    hosts      text[]      not null default '{}',
    created_at timestamptz not null,
    constraint district_pk primary key (schema),
    constraint district_slug unique (slug),
    constraint district_code unique (code)
);
"""


#: Which migrations a district has had.
LEDGER = """
create table if not exists kernel_migration (
    room       text        not null,
    name       text        not null,
    sha256     text        not null,
    applied_at timestamptz not null,
    constraint kernel_migration_pk primary key (room, name)
)
"""


async def prepare_server(dsn: str) -> None:
    """Make the shared schema, where the districts of this server are listed."""
    connection: Connection = await asyncpg.connect(dsn)
    try:
        # Two processes may come at once; the second waits, then finds everything there.
        await connection.execute("select pg_advisory_lock(727141)")
        await connection.execute(SHARED)
    finally:
        await connection.close()


async def migrate(dsn: str, schema: str) -> list[Migration]:
    """Bring one district up to date. Answers what was applied; raises ChangedMigration."""
    if not SCHEMA.match(schema):
        raise ValueError(f"not a schema name: {schema!r}")
    connection: Connection = await asyncpg.connect(dsn)
    applied: list[Migration] = []
    try:
        await connection.execute("select pg_advisory_lock(727142)")
        await connection.execute(f"create schema if not exists {schema}")
        await connection.execute(f"set search_path = {schema}, wangge_shared, public")
        await connection.execute(LEDGER)
        known = {
            (row["room"], row["name"]): row["sha256"]
            for row in await connection.fetch("select room, name, sha256 from kernel_migration")
        }
        for migration in all_migrations():
            was = known.get((migration.room, migration.name))
            if was == migration.sha256:
                continue
            if was is not None:
                raise ChangedMigration(f"{migration.room}/{migration.name}")
            async with connection.transaction():
                await connection.execute(f"set local lock_timeout = '{LOCK_TIMEOUT}'")
                await connection.execute(migration.sql)
                await connection.execute(
                    "insert into kernel_migration values ($1, $2, $3, now())",
                    migration.room,
                    migration.name,
                    migration.sha256,
                )
            applied.append(migration)
    finally:
        await connection.close()
    return applied


async def pending(dsn: str, schema: str) -> list[Migration]:
    """What an upgrade would apply."""
    connection: Connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(f"select room, name from {schema}.kernel_migration")  # noqa: S608
    except asyncpg.UndefinedTableError:
        return all_migrations()
    finally:
        await connection.close()
    known = {(row["room"], row["name"]) for row in rows}
    return [m for m in all_migrations() if (m.room, m.name) not in known]
