"""Indexes dropped before a large load and made anew after it, wherever it is interrupted."""

from collections.abc import Sequence

from wangge.demo import work
from wangge.kernel.actors import system_actor
from wangge.kernel.database import Database, Tx


async def undress(
    database: Database, kind: str, tables: Sequence[str], kept: Sequence[str] = ()
) -> None:
    """Note the definitions of these tables' indexes with the work of that kind, then drop them;
    once. Indexes of constraints stay, and those that are `kept`."""
    async with database.tx(system_actor(database.schema)) as tx:
        begun = await work.find(tx, kind)
        if begun is None or "indexes" in begun.data:
            return
        defined = await tx.many(
            str,
            """
            select i.indexdef from pg_indexes i
             where i.schemaname = current_schema() and i.tablename = any(:tables::text[])
               and i.indexname <> all (:kept::text[])
               and not exists (
                   select 1 from pg_constraint c
                    where c.conindid = (quote_ident(i.schemaname) || '.'
                                        || quote_ident(i.indexname))::regclass)
             order by i.indexname
            """,
            tables=list(tables),
            kept=list(kept),
        )
        names = [definition.split(" ON ")[0].split()[-1] for definition in defined]
        await work.note(tx, kind, indexes=defined)
        for name in names:
            await _ddl(tx, f"drop index {name}")


async def dress(database: Database, kind: str) -> None:
    """Make the indexes that were dropped, each in a transaction."""
    async with database.tx(system_actor(database.schema)) as tx:
        begun = await work.find(tx, kind)
    defined: Sequence[str] = begun.data.get("indexes", []) if begun else []
    for definition in defined:
        again = definition.replace("CREATE INDEX ", "CREATE INDEX IF NOT EXISTS ").replace(
            "CREATE UNIQUE INDEX ", "CREATE UNIQUE INDEX IF NOT EXISTS "
        )
        async with database.tx(system_actor(database.schema)) as tx:
            await _ddl(tx, "set local maintenance_work_mem = '512MB'")
            await _ddl(tx, again)


async def _ddl(tx: Tx, statement: str) -> None:
    """Statements the database itself wrote down, which therefore are not literals."""
    await tx.run(statement)  # pyright: ignore[reportArgumentType]
