"""Restoring: everything in one transaction, in the tables that the backup's version knew, then
the migrations that came since, then the chain verified from the first fact."""

import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg

from wangge.cli.archive.keys import open_key, put_key
from wangge.cli.archive.manifest import (
    Manifest,
    SavedDistrict,
    SavedTable,
    check_all,
    chunks,
    file_entry,
    key_entry,
    read_manifest,
    table_entry,
)
from wangge.cli.archive.saving import Tell, table_names
from wangge.cli.speak import Sorry
from wangge.kernel import migrate
from wangge.kernel.audit import verify
from wangge.kernel.database import SCHEMA, Connection
from wangge.kernel.files import Shelf


async def restore(
    dsn: str,
    data_dir: Path,
    path: Path,
    *,
    passphrase: str | None,
    beside_others: bool,
    tell: Tell,
) -> Manifest:
    """Bring a backup back. Raises Sorry, and has then changed nothing in the database.

    The server must hold no district, or with `beside_others` none of the backup's.
    """
    manifest = read_manifest(path)
    with zipfile.ZipFile(path) as archive:
        check_all(archive, manifest)
        keys = _open_keys(archive, manifest, passphrase)
        await migrate.prepare_server(dsn)
        connection: Connection = await asyncpg.connect(dsn, timeout=10)
        try:
            async with connection.transaction():
                await _check_target(connection, manifest, beside_others)
                for schema, key in keys.items():
                    put_key(data_dir / "keys", schema, key)
                for district in manifest.districts:
                    await _restore_district(connection, archive, district, tell)
            for district in manifest.districts:
                _restore_files(archive, district, data_dir)
        finally:
            await connection.close()
    for district in manifest.districts:
        await migrate.migrate(dsn, district.schema)
        await _check_chain(dsn, district)
    return manifest


def _open_keys(
    archive: zipfile.ZipFile, manifest: Manifest, passphrase: str | None
) -> dict[str, bytes]:
    sealed = [district for district in manifest.districts if district.sealed_key]
    if sealed and passphrase is None:
        raise Sorry("这份备份带有加密的密钥,请用 --passphrase-file 给出备份口令。")
    return {
        district.schema: open_key(
            archive.read(key_entry(district.schema)), passphrase or "", district.schema
        )
        for district in sealed
    }


async def _check_target(
    connection: Connection, manifest: Manifest, beside_others: bool
) -> None:
    """Nothing that is there is ever written over."""
    others = await connection.fetch("select schema, slug, name from wangge_shared.district")
    if others and not beside_others:
        raise Sorry(
            "目标数据库不是空的(有:{names})。恢复到空的数据库,或加 --into-empty-schema "
            "放在它们旁边。",
            names="、".join(row["name"] for row in others),
        )
    for district in manifest.districts:
        if not SCHEMA.match(district.schema):
            raise Sorry("备份里的模式名不对:{schema}", schema=district.schema[:80])
        if any(row["slug"] == district.slug for row in others):
            raise Sorry("简称“{slug}”已经用过,请换一个。", slug=district.slug)
        if await table_names(connection, district.schema):
            raise Sorry(
                "目标里已有“{name}”的数据({schema}),没有覆盖它。",
                name=district.name,
                schema=district.schema,
            )


def _migrations_of(district: SavedDistrict) -> list[migrate.Migration]:
    """The migrations the backup's tables were made by, in order. Raises Sorry when this program
    does not have them."""
    wanted = {(room, name): sha256 for room, name, sha256 in district.migrations}
    known = migrate.all_migrations()
    found = [m for m in known if wanted.get((m.room, m.name)) == m.sha256]
    if len(found) < len(wanted):
        raise Sorry("这份备份是别的版本的 wangge 做的,这个版本没有它的表结构;请先升级。")
    return found


async def _restore_district(
    connection: Connection, archive: zipfile.ZipFile, district: SavedDistrict, tell: Tell
) -> None:
    schema = district.schema
    await connection.execute(f"create schema if not exists {schema}")
    await connection.execute(f"set local search_path = {schema}, wangge_shared, public")
    await connection.execute("set local app.areas = 'all'")
    await connection.execute(migrate.LEDGER)
    for migration in _migrations_of(district):
        await connection.execute(migration.sql)
    saved = {table.name: table for table in district.tables}
    order = await _by_foreign_keys(connection, schema)
    if set(saved) != set(order):
        raise Sorry("备份的表与这个版本的表不符,没有恢复任何东西。")
    forced = await _forced(connection, schema)
    for name in reversed(order):
        if await connection.fetchval(f'select exists (select 1 from {schema}."{name}")'):  # noqa: S608
            # What a migration put there is in the backup too, as it was then.
            await connection.execute(f'delete from {schema}."{name}"')  # noqa: S608
    for name in order:
        # COPY does not go through row-level security; nobody else sees this transaction.
        if name in forced:
            await connection.execute(f'alter table "{name}" no force row level security')
        await _restore_table(connection, archive, schema, saved[name], tell)
        if name in forced:
            await connection.execute(f'alter table "{name}" force row level security')
    await connection.execute(
        """
        insert into wangge_shared.district (schema, slug, code, name, hosts, created_at)
        values ($1, $2, $3, $4, $5, $6)
        """,
        schema,
        district.slug,
        district.code,
        district.name,
        district.hosts,
        district.created_at,
    )


async def _restore_table(
    connection: Connection,
    archive: zipfile.ZipFile,
    schema: str,
    table: SavedTable,
    tell: Tell,
) -> None:
    tell(table.name, 0)
    if not table.rows:
        return
    with archive.open(table_entry(schema, table.name)) as stream:

        async def source() -> AsyncIterator[bytes]:
            for chunk in chunks(stream):
                yield chunk

        status = await connection.copy_to_table(
            table.name,
            schema_name=schema,
            columns=[name.strip('"') for name in table.columns],
            source=source(),
            format="text",
            encoding="utf-8",
            timeout=None,
        )
    if int(status.rsplit(" ", 1)[-1]) != table.rows:
        raise Sorry("{table} 的行数与备份不符,没有恢复任何东西。", table=table.name)
    tell(table.name, table.rows)


async def _by_foreign_keys(connection: Connection, schema: str) -> list[str]:
    """Tables, those that others point to first. A table that points to itself is no trouble."""
    names = await table_names(connection, schema)
    rows = await connection.fetch(
        """
        select distinct f.relname as from_table, t.relname as to_table
          from pg_constraint c
          join pg_class f on f.oid = c.conrelid
          join pg_class t on t.oid = c.confrelid
          join pg_namespace n on n.oid = f.relnamespace
         where c.contype = 'f' and n.nspname = $1 and f.oid <> t.oid
        """,
        schema,
    )
    needs: dict[str, set[str]] = {name: set() for name in names}
    for row in rows:
        needs[row["from_table"]].add(row["to_table"])
    order: list[str] = []
    while needs:
        free = sorted(name for name, wanted in needs.items() if wanted <= set(order))
        if not free:
            raise RuntimeError(f"foreign keys run in a circle: {sorted(needs)}")
        order += free
        for name in free:
            del needs[name]
    return order


async def _forced(connection: Connection, schema: str) -> set[str]:
    rows = await connection.fetch(
        """
        select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = $1 and c.relforcerowsecurity
        """,
        schema,
    )
    return {row["relname"] for row in rows}


def _restore_files(archive: zipfile.ZipFile, district: SavedDistrict, data_dir: Path) -> None:
    shelf = Shelf(data_dir / "files" / district.schema)
    prefix = file_entry(district.schema, "")
    for entry in archive.namelist():
        if entry.startswith(prefix):
            shelf.put(archive.read(entry))


async def _check_chain(dsn: str, district: SavedDistrict) -> None:
    """The ledger must be whole and end where it ended."""
    verdict = await verify(
        dsn, district.schema, expect=(district.facts, district.head) if district.facts else None
    )
    if not verdict.whole or verdict.facts != district.facts:
        raise Sorry(
            "“{name}”恢复后的事实账本对不上(第 {seq} 条)。请不要使用它,换一份备份。",
            name=district.name,
            seq=verdict.breaks[0].seq if verdict.breaks else verdict.facts,
        )
