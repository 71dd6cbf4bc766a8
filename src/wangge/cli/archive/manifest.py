"""What a backup says about itself."""

import hashlib
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO

import msgspec

from wangge.cli.speak import Sorry

FORMAT = "wangge-backup/1"
MANIFEST = "manifest.json"
CHUNK = 1 << 20


class SavedTable(msgspec.Struct, frozen=True):
    """One table: its columns in the order of the file, its rows, and the hash of its bytes."""

    name: str
    columns: list[str]
    rows: int
    bytes: int
    sha256: str


class SavedDistrict(msgspec.Struct, frozen=True):
    """One district. `head` is the chain's end in the snapshot; `migrations` are (room, name,
    sha256) as applied."""

    schema: str
    slug: str
    code: str
    name: str
    hosts: list[str]
    created_at: datetime
    migrations: list[tuple[str, str, str]]
    facts: int
    head: str
    tables: list[SavedTable]
    files: int
    sealed_key: bool


class Manifest(msgspec.Struct, frozen=True):
    """The whole backup."""

    format: str
    version: str
    made_at: datetime
    server: str
    districts: list[SavedDistrict]

    @property
    def rows(self) -> int:
        return sum(table.rows for district in self.districts for table in district.tables)


def table_entry(schema: str, table: str) -> str:
    return f"districts/{schema}/{table}"


def file_entry(schema: str, sha256: str) -> str:
    return f"files/{schema}/{sha256}"


def key_entry(schema: str) -> str:
    return f"keys/{schema}.key.sealed"


def read_manifest(path: Path) -> Manifest:
    """Read and check the outside of a backup. Raises Sorry."""
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = msgspec.json.decode(archive.read(MANIFEST), type=Manifest)
    except (zipfile.BadZipFile, KeyError, msgspec.DecodeError, EOFError) as broken:
        raise Sorry("{file} 不是完整的 wangge 备份。", file=str(path)) from broken
    if manifest.format != FORMAT:
        raise Sorry(
            "{file} 的格式是 {format},这个版本读不了;请先升级 wangge。",
            file=str(path),
            format=manifest.format,
        )
    return manifest


def check_all(archive: zipfile.ZipFile, manifest: Manifest) -> None:
    """Hash everything before anything is touched. Raises Sorry naming what is damaged."""
    names = set(archive.namelist())
    for district in manifest.districts:
        for table in district.tables:
            entry = table_entry(district.schema, table.name)
            if entry not in names or digest(archive, entry) != (table.sha256, table.bytes):
                raise Sorry("备份里的 {entry} 损坏了,没有恢复任何东西。", entry=entry)
        kept = [name for name in names if name.startswith(f"files/{district.schema}/")]
        if len(kept) != district.files:
            raise Sorry("备份里的照片数量不对,没有恢复任何东西。")
        for entry in kept:
            if digest(archive, entry)[0] != entry.rsplit("/", 1)[1]:
                raise Sorry("备份里的 {entry} 损坏了,没有恢复任何东西。", entry=entry)


def digest(archive: zipfile.ZipFile, entry: str) -> tuple[str, int]:
    """SHA-256 and length of an entry."""
    found, size = hashlib.sha256(), 0
    try:
        with archive.open(entry) as stream:
            for chunk in chunks(stream):
                found.update(chunk)
                size += len(chunk)
    except zipfile.BadZipFile:
        return "", -1
    return found.hexdigest(), size


def chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk
