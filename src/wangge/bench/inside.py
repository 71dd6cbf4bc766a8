"""What a list costs inside of the database."""

from typing import Any, LiteralString, TypeVar

from wangge.kernel.database import Tx

R = TypeVar("R")


class Explained(Tx):
    """Another transaction, with the time that the database takes for each of its statements."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self.actor, self.now, self.cause, self.bumped = tx.actor, tx.now, tx.cause, tx.bumped
        self.ms = 0.0

    async def many(self, kind: type[R], sql: LiteralString, /, **values: Any) -> list[R]:
        plan = await self._tx.plan(sql, run=True, **values)
        self.ms += plan["Planning Time"] + plan["Execution Time"]
        return await self._tx.many(kind, sql, **values)
