"""Is a demonstration there? Cheap to import: every start of `wangge run` asks."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import asyncpg
import msgspec

from wangge.demo import work
from wangge.demo.accounts import DemoAccount
from wangge.demo.work import Work
from wangge.kernel.actors import system_actor
from wangge.kernel.database import Connection, Database
from wangge.kernel.districts import list_districts, schema_for

if TYPE_CHECKING:
    from wangge.demo.town import Scale

#: The area code of the made-up county; no province has codes that begin with 99.
CODE = "990001"
SLUG = "demo"
KIND = "demo.town"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A demonstration that is there."""

    schema: str
    slug: str
    code: str
    name: str
    scale: "Scale"
    accounts: tuple[DemoAccount, ...]


async def loaded(dsn: str) -> Loaded | None:
    """The demonstration on this server when it is complete, else None."""
    for row in await list_districts(dsn):
        if row.code != CODE:
            continue
        database = await Database.connect(dsn, row.schema, connections=1)
        try:
            async with database.tx(system_actor(row.schema), read_only=True) as tx:
                found = await work.find(tx, KIND)
        finally:
            await database.close()
        if found is not None and found.state == "done":
            return as_loaded(row.schema, row.name, found)
    return None


async def begun_scale(dsn: str) -> "Scale | None":
    """The scale of a demonstration that was begun, complete or not."""
    schema = schema_for(CODE)
    connection: Connection = await asyncpg.connect(dsn, timeout=10)
    try:
        found = await connection.fetchval(
            f"select data ->> 'scale' from {schema}.kernel_work where id = $1",  # noqa: S608
            work.work_id(KIND),
        )
    except asyncpg.UndefinedTableError:
        return None
    finally:
        await connection.close()
    scale: Scale | None = found
    return scale


def as_loaded(schema: str, name: str, found: Work) -> Loaded:
    return Loaded(
        schema,
        SLUG,
        CODE,
        name,
        found.data["scale"],
        tuple(msgspec.convert(found.data["accounts"], list[DemoAccount])),
    )
