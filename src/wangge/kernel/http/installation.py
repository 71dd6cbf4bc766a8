"""An installation: one data folder, one PostgreSQL server, one or many districts."""

from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from wangge.kernel.crypto import Vault, open_vault, register_vault
from wangge.kernel.database import Connection, Database
from wangge.kernel.files import Shelf, register_shelf
from wangge.kernel.live import Live
from wangge.kernel.refusals import NotFound


@dataclass(frozen=True, slots=True)
class District:
    """One district as this process sees it."""

    slug: str
    schema: str
    code: str
    name: str
    hosts: tuple[str, ...]
    database: Database
    live: Live
    shelf: Shelf
    vault: Vault


@dataclass
class Installation:
    """What a process needs to serve: opened once, closed at the end."""

    data_dir: Path
    dsn: str
    districts: dict[str, District] = field(default_factory=dict[str, District])

    @classmethod
    async def open(cls, dsn: str, data_dir: Path) -> "Installation":
        """Open every district that the server lists."""
        made = cls(data_dir, dsn)
        await made.look_again()
        return made

    async def look_again(self) -> None:
        """Open districts that were added since."""
        connection: Connection = await asyncpg.connect(self.dsn)
        try:
            rows = await connection.fetch(
                "select slug, schema, code, name, hosts from wangge_shared.district order by code"
            )
        finally:
            await connection.close()
        for row in rows:
            if row["slug"] in self.districts:
                continue
            database = await Database.connect(self.dsn, row["schema"])
            vault = open_vault(self.data_dir / "keys", row["schema"])
            register_vault(row["schema"], vault)
            shelf = Shelf(self.data_dir / "files" / row["schema"])
            register_shelf(row["schema"], shelf)
            self.districts[row["slug"]] = District(
                row["slug"],
                row["schema"],
                row["code"],
                row["name"],
                tuple(row["hosts"]),
                database,
                Live(database, row["schema"]),
                shelf,
                vault,
            )

    async def close(self) -> None:
        """Hang up everywhere."""
        for district in self.districts.values():
            await district.live.stop()
            await district.database.close()

    def find(self, *, slug: str | None = None, host: str | None = None) -> District:
        """By the path's slug, else by host name, else the only (or first) one. NotFound."""
        if slug is not None:
            if slug in self.districts:
                return self.districts[slug]
            raise NotFound("这个区(县)")
        name = (host or "").split(":")[0].lower()
        for district in self.districts.values():
            if name in district.hosts:
                return district
        for district in self.districts.values():
            return district
        raise NotFound("区(县)")
