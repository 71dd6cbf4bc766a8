"""Saving: one repeatable-read snapshot of every district into one zip file."""

import hashlib
import os
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import asyncpg
import msgspec

from wangge import __version__
from wangge.cli.archive.keys import seal_key
from wangge.cli.archive.manifest import (
    FORMAT,
    MANIFEST,
    Manifest,
    SavedDistrict,
    SavedTable,
    file_entry,
    key_entry,
    table_entry,
)
from wangge.cli.speak import Sorry
from wangge.kernel.database import Connection
from wangge.kernel.files import Shelf
from wangge.kernel.moments import now

#: (what is being saved, rows so far)
Tell = Callable[[str, int], None]

#: Every row, whatever the second lock says; and text that reads the same on every server.
SNAPSHOT = """
set local app.areas = 'all';
set local datestyle = 'ISO, YMD';
set local intervalstyle = 'postgres';
set local bytea_output = 'hex';
set local extra_float_digits = 1;
set local timezone = 'UTC'
"""


class _Entry:
    """Receives COPY's bytes: hashes them on their way into the zip."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._hash = hashlib.sha256()
        self.size = 0

    async def __call__(self, data: bytes) -> None:
        self._stream.write(data)
        self._hash.update(data)
        self.size += len(data)

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


async def save(
    dsn: str, data_dir: Path, path: Path, *, passphrase: str | None, tell: Tell
) -> Manifest:
    """Write a backup to `path`, which appears only when it is whole (and flushed to the disk).

    Work goes on meanwhile. Raises Sorry when there is nothing to save or a file is missing.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    handle = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w+b") as file:
            with zipfile.ZipFile(
                file, "w", zipfile.ZIP_DEFLATED, allowZip64=True, compresslevel=2
            ) as archive:
                manifest = await _save(dsn, data_dir, archive, passphrase, tell)
                archive.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return manifest


async def _save(
    dsn: str,
    data_dir: Path,
    archive: zipfile.ZipFile,
    passphrase: str | None,
    tell: Tell,
) -> Manifest:
    connection: Connection = await asyncpg.connect(dsn, timeout=10)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            await connection.execute(SNAPSHOT)
            try:
                rows = await connection.fetch(
                    """
                    select schema, slug, code, name, hosts, created_at
                      from wangge_shared.district order by code
                    """
                )
            except asyncpg.UndefinedTableError:
                rows = []
            if not rows:
                raise Sorry("这里还没有区(县),没有可备份的。")
            saved = [
                await _save_district(connection, row, data_dir, archive, passphrase, tell)
                for row in rows
            ]
        server = str(connection.get_server_version().major)
    finally:
        await connection.close()
    return Manifest(FORMAT, __version__, now(), server, saved)


async def _save_district(
    connection: Connection,
    row: asyncpg.Record,
    data_dir: Path,
    archive: zipfile.ZipFile,
    passphrase: str | None,
    tell: Tell,
) -> SavedDistrict:
    schema = row["schema"]
    tables = [
        await _save_table(connection, archive, schema, name, tell)
        for name in await table_names(connection, schema)
    ]
    migrations = await connection.fetch(
        f"select room, name, sha256 from {schema}.kernel_migration order by room, name"  # noqa: S608
    )
    head = await connection.fetchrow(f"select seq, hash from {schema}.kernel_chain")  # noqa: S608
    assert head is not None
    return SavedDistrict(
        schema,
        row["slug"],
        row["code"],
        row["name"],
        list(row["hosts"]),
        row["created_at"].astimezone(UTC),
        [(m["room"], m["name"], m["sha256"]) for m in migrations],
        head["seq"],
        head["hash"].hex(),
        tables,
        await _save_files(connection, archive, schema, data_dir, tell),
        _save_key(archive, schema, data_dir, passphrase),
    )


async def table_names(connection: Connection, schema: str) -> list[str]:
    """Every table of a district, by name."""
    rows = await connection.fetch(
        "select tablename from pg_tables where schemaname = $1 order by tablename", schema
    )
    return [row["tablename"] for row in rows]


async def _save_table(
    connection: Connection, archive: zipfile.ZipFile, schema: str, table: str, tell: Tell
) -> SavedTable:
    columns = await connection.fetch(
        """
        select quote_ident(attname) as name from pg_attribute
         where attrelid = ($1 || '.' || quote_ident($2))::regclass
           and attnum > 0 and not attisdropped and attgenerated = ''
         order by attnum
        """,
        schema,
        table,
    )
    names = [row["name"] for row in columns]
    tell(table, 0)
    with archive.open(table_entry(schema, table), "w", force_zip64=True) as stream:
        entry = _Entry(stream)
        status = await connection.copy_from_query(
            f'select {", ".join(names)} from {schema}."{table}"',  # noqa: S608
            output=entry,
            format="text",
            encoding="utf-8",
            timeout=None,
        )
    rows = int(status.rsplit(" ", 1)[-1])
    tell(table, rows)
    return SavedTable(table, names, rows, entry.size, entry.sha256)


async def _save_files(
    connection: Connection, archive: zipfile.ZipFile, schema: str, data_dir: Path, tell: Tell
) -> int:
    """The bytes of every file that a row of the snapshot names: they were safe before it."""
    rows = await connection.fetch(
        f"select distinct sha256 from {schema}.kernel_file order by sha256"  # noqa: S608
    )
    shelf = Shelf(data_dir / "files" / schema)
    for row in rows:
        path = shelf.path(row["sha256"])
        try:
            archive.write(path, file_entry(schema, row["sha256"]), zipfile.ZIP_STORED)
        except FileNotFoundError as missing:
            raise Sorry(
                "照片 {file} 不见了(数据库里有它)。先运行 wangge doctor。", file=str(path)
            ) from missing
    tell("kernel_file", len(rows))
    return len(rows)


def _save_key(
    archive: zipfile.ZipFile, schema: str, data_dir: Path, passphrase: str | None
) -> bool:
    path = data_dir / "keys" / f"{schema}.key"
    if passphrase is None or not path.exists():
        return False
    archive.writestr(key_entry(schema), seal_key(path.read_bytes(), passphrase, schema))
    return True


def default_name(moment: datetime) -> str:
    """A name that sorts by time."""
    return f"wangge-{moment:%Y%m%d-%H%M%S}.zip"
