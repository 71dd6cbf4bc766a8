"""Looking and meddling behind the program's back."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import asyncpg

from wangge.kernel.crypto import Vault

#: Names of databases that no other test process uses.
numbers = iter(range(os.getpid() * 1000, os.getpid() * 1000 + 999))
#: The small town's key.
VAULT = Vault(bytes(range(32)))


@dataclass(frozen=True)
class Ended:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err


Wangge = Callable[..., Ended]


def sql(dsn: str, *statements: str) -> None:
    """Do something behind the program's back."""

    async def do() -> None:
        connection = await asyncpg.connect(dsn)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(do())


def ask(dsn: str, query: str, *before: str) -> list[Any]:
    """Rows of a query, as tuples; `before` are statements to set up the connection."""

    async def do() -> list[Any]:
        connection = await asyncpg.connect(dsn)
        try:
            for statement in before:
                await connection.execute(statement)
            return [tuple(row.values()) for row in await connection.fetch(query)]
        finally:
            await connection.close()

    return asyncio.run(do())
