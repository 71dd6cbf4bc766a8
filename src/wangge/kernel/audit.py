"""Audit: recompute the chain of facts and say exactly where it breaks."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg

from wangge.kernel.database import SCHEMA, Connection
from wangge.kernel.relay import GENESIS, link


@dataclass(frozen=True, slots=True)
class Break:
    """One fault: `what` is changed, missing, reordered or cut; `seq` is where."""

    seq: int
    what: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found. `head` is the last hash, to be kept somewhere else."""

    facts: int
    head: str
    breaks: tuple[Break, ...]

    @property
    def whole(self) -> bool:
        return not self.breaks


#: Breaks reported before giving up: after the first, the rest is usually noise.
BREAKS_MAX = 20


async def verify(dsn: str, schema: str, *, expect: tuple[int, str] | None = None) -> Verdict:
    """Walk one district's ledger from the first fact.

    `expect` is a (seq, hash) noted earlier outside of the database: it finds a tail cut off
    together with the chain's own end, which nothing inside the database could show.
    """
    if not SCHEMA.match(schema):
        raise ValueError(f"not a schema name: {schema!r}")
    breaks: list[Break] = []
    before, last, seen_expected = GENESIS, 0, expect is None or expect[0] == 0
    connection: Connection = await asyncpg.connect(dsn, server_settings={"timezone": "UTC"})
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            await connection.execute(f"set local search_path = {schema}")
            async for row in _rows(connection):
                seq = row["seq"]
                if seq != last + 1:
                    breaks.append(Break(last + 1, "missing"))
                body = (
                    seq,
                    row["id"],
                    row["kind"],
                    row["subject_id"],
                    row["area_code"],
                    row["at"],
                    row["actor_id"],
                    row["cause"],
                    row["data"],
                )
                if link(before, *body) != row["hash"] and seq == last + 1:
                    breaks.append(Break(seq, "changed"))
                before, last = row["hash"], seq
                if expect is not None and seq == expect[0]:
                    seen_expected = True
                    if row["hash"].hex() != expect[1]:
                        breaks.append(Break(seq, "rewritten"))
                if len(breaks) >= BREAKS_MAX:
                    break
            else:
                head = await connection.fetchrow("select seq, hash from kernel_chain")
                if head is None or (head["seq"], head["hash"]) != (last, before):
                    breaks.append(Break(last + 1, "cut"))
                if not seen_expected:
                    breaks.append(Break(last + 1, "cut"))
    finally:
        await connection.close()
    return Verdict(last, before.hex(), tuple(breaks))


async def _rows(connection: Connection) -> AsyncIterator[asyncpg.Record]:
    cursor = connection.cursor(
        """
        select seq, id, kind, subject_id, area_code, at, actor_id, cause, data, hash
          from kernel_fact order by seq
        """,
        prefetch=2000,
    )
    async for row in cursor:
        yield row
