"""Saying and sealing facts in tests; the facts are real ones of the rooms above."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from wangge.cases.events import ClassesChanged
from wangge.kernel.actors import system_actor
from wangge.kernel.database import Database
from wangge.kernel.facts import Recorded
from wangge.kernel.moments import new_id
from wangge.kernel.relay import Relay, read_facts

SYSTEM = system_actor("town")
COUNTY = "990001"


def numbered(number: int, subject: UUID | None = None) -> ClassesChanged:
    """A fact that carries a number."""
    return ClassesChanged(subject or new_id(), COUNTY, number)


async def say(database: Database, *numbers: int) -> None:
    """Each in a transaction of its own."""
    for number in numbers:
        async with database.tx(SYSTEM) as tx:
            tx.publish(numbered(number))


async def seal(database: Database) -> int:
    """Everything there is."""
    relay, total = Relay(database), 0
    try:
        while sealed := await relay.seal():
            total += sealed
    finally:
        await relay.close()
    return total


async def ledger(database: Database) -> list[Recorded]:
    """All sealed facts."""
    async with database.tx(SYSTEM) as tx:
        return await read_facts(tx, 0, 100_000)


def numbers(facts: Sequence[Recorded]) -> list[int]:
    return [fact.data["classes"] for fact in facts]


def admin_of(admin: str, database: Database) -> str:
    """The server's administrator in that database: whom no privilege stops."""
    return admin.rsplit("/", 1)[0] + "/" + database.dsn.rsplit("/", 1)[1]


async def tamper(dsn: str, *statements: str) -> None:
    """Do what nobody should."""
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute("set search_path = town")
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()
