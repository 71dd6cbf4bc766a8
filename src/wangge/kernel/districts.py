"""The districts of a server: one row each in `wangge_shared.district`."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from wangge.kernel.database import SCHEMA, Connection


@dataclass(frozen=True, slots=True)
class DistrictRow:
    """One district as the server lists it."""

    schema: str
    slug: str
    code: str
    name: str
    hosts: tuple[str, ...]
    created_at: datetime


async def list_districts(dsn: str) -> list[DistrictRow]:
    """Every district, by code; none when the server was never prepared."""
    connection: Connection = await asyncpg.connect(dsn, timeout=10)
    try:
        rows = await connection.fetch(
            """
            select schema, slug, code, name, hosts, created_at
              from wangge_shared.district order by code
            """
        )
    except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError):
        return []
    finally:
        await connection.close()
    return [
        DistrictRow(
            r["schema"], r["slug"], r["code"], r["name"], tuple(r["hosts"]), r["created_at"]
        )
        for r in rows
    ]


def schema_for(code: str) -> str:
    """The schema of the district with that area code."""
    return f"d_{code}"


async def add_district(
    dsn: str, *, code: str, name: str, slug: str, now: datetime, hosts: tuple[str, ...] = ()
) -> DistrictRow:
    """List a district; its schema must have been migrated. Listing it twice is harmless.

    Raises asyncpg.UniqueViolationError when the slug is another district's.
    """
    schema = schema_for(code)
    if not SCHEMA.match(schema):
        raise ValueError(f"not an area code: {code!r}")
    connection: Connection = await asyncpg.connect(dsn, timeout=10)
    try:
        await connection.execute(
            """
            insert into wangge_shared.district (schema, slug, code, name, hosts, created_at)
            values ($1, $2, $3, $4, $5, $6) on conflict (schema) do nothing
            """,
            schema,
            slug,
            code,
            name,
            list(hosts),
            now,
        )
    finally:
        await connection.close()
    return DistrictRow(schema, slug, code, name, hosts, now)
