"""Making a round's account again from the ledger alone, and saying exactly what differs.

The facts of a round lie under its id. Each certificate is made again from the facts before it:
the doors that were frozen or joined, and for each the last thing that stood. Every fact read is
also held against its link in the chain. While the rows are still there, they are held against
the facts as well.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from wangge.kernel.database import SCHEMA, Connection
from wangge.kernel.relay import GENESIS, link
from wangge.sweeps.certificate import counts_as_text, doors_hash, read_account, sha256_of
from wangge.sweeps.events import (
    DoorJoined,
    DoorReported,
    RosterFrozen,
    RoundCertified,
    RoundClosed,
)

#: Differences said before giving up: after the first, the rest is usually noise.
TROUBLES_MAX = 20
#: Why there is nothing to check, where nothing is wrong.
MILD = frozenset(("unknown", "still-open", "waiting"))


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that does not agree. `what` is a code, `where` a fact's number or an id."""

    what: str
    where: str


@dataclass
class Verified:
    """What was found. `purged`: the rows are gone and the facts alone were read."""

    round_id: UUID
    facts: int = 0
    certificates: int = 0
    doors: int = 0
    purged: bool = False
    troubles: list[Trouble] = field(default_factory=list[Trouble])

    @property
    def whole(self) -> bool:
        """Every certificate agrees, and there is one."""
        return not self.troubles and self.certificates > 0

    @property
    def alarming(self) -> bool:
        """Something does not agree: more than that there is nothing to check yet."""
        return any(trouble.what not in MILD for trouble in self.troubles)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the tables say of a round, to hold the ledger against. `waiting`: facts of it that are
    not sealed yet, so that rows are ahead of the ledger."""

    known: bool
    closed: bool
    versions: frozenset[int]
    waiting: bool


async def verify(dsn: str, schema: str, round_id: UUID) -> Verified:
    """Make every certificate of a round again. Raises ValueError for a schema that is none."""
    if not SCHEMA.match(schema):
        raise ValueError(f"not a schema name: {schema!r}")
    found = Verified(round_id)
    standing: dict[str, str] = {}
    versions: set[int] = set()
    closed = False
    connection: Connection = await asyncpg.connect(dsn, server_settings={"timezone": "UTC"})
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            await connection.execute(f"set local search_path = {schema}")
            await connection.execute("set local app.areas = 'all'")
            async for row in _facts(connection, round_id):
                found.facts += 1
                _check_link(row, found)
                data = msgspec.json.decode(row["data"])
                kind = row["kind"]
                if kind == RosterFrozen.kind:
                    standing.update(dict.fromkeys(data["doors"], ""))
                elif kind == DoorJoined.kind:
                    standing.setdefault(data["door_id"], "")
                elif kind == DoorReported.kind:
                    if data["door_id"] not in standing:
                        found.troubles.append(Trouble("door-not-frozen", data["door_id"]))
                    standing[data["door_id"]] = data["outcome"]
                elif kind == RoundClosed.kind:
                    closed = True
                elif kind == RoundCertified.kind:
                    found.certificates += 1
                    versions.add(data["version"])
                    await _check_certificate(connection, row["seq"], data, standing, found)
                if len(found.troubles) >= TROUBLES_MAX:
                    break
            found.doors = len(standing)
            if len(found.troubles) < TROUBLES_MAX:
                kept = await _kept(connection, round_id)
                if not kept.waiting:
                    await _check_rows(connection, standing, found)
                _check_missing(kept, versions, closed, found)
    finally:
        await connection.close()
    return found


async def _kept(connection: Connection, round_id: UUID) -> _Kept:
    row = await connection.fetchrow(
        """
        select exists (select 1 from sweeps_round where id = $1),
               exists (select 1 from sweeps_round where id = $1 and closed_at is not null),
               array(select version from sweeps_certificate where round_id = $1),
               exists (select 1 from kernel_outbox where subject_id = $1)
        """,
        round_id,
    )
    assert row is not None
    known, closed, versions, waiting = row
    return _Kept(known, closed, frozenset(versions), waiting)


def _check_missing(kept: _Kept, versions: set[int], closed: bool, found: Verified) -> None:
    """A certificate that should be in the ledger and is not. The last fact of a round leaves no gap
    among the round's own, so that what was closed is also asked of the tables."""
    where = str(found.round_id)
    if not (found.facts or kept.known):
        found.troubles.append(Trouble("unknown", where))
    elif kept.waiting:
        found.troubles.append(Trouble("waiting", where))
    elif not (versions or closed or kept.closed or kept.versions):
        found.troubles.append(Trouble("still-open", where))
    elif not versions:
        found.troubles.append(Trouble("no-certificate", where))
    else:
        for version in sorted(kept.versions - versions):
            found.troubles.append(Trouble("certificate-gone", str(version)))


async def _facts(connection: Connection, round_id: UUID) -> AsyncIterator[asyncpg.Record]:
    """The round's facts in order, each with the hash before it."""
    cursor = connection.cursor(
        """
        select f.seq, f.id, f.kind, f.subject_id, f.area_code, f.at, f.actor_id, f.cause, f.data,
               f.hash, p.hash as before
          from kernel_fact f left join kernel_fact p on p.seq = f.seq - 1
         where f.subject_id = $1 order by f.seq
        """,
        round_id,
        prefetch=2000,
    )
    async for row in cursor:
        yield row


def _check_link(row: asyncpg.Record, found: Verified) -> None:
    before = row["before"] if row["seq"] > 1 else GENESIS
    made = (
        link(
            before,
            row["seq"],
            row["id"],
            row["kind"],
            row["subject_id"],
            row["area_code"],
            row["at"],
            row["actor_id"],
            row["cause"],
            row["data"],
        )
        if before is not None
        else None
    )
    if made != row["hash"]:
        found.troubles.append(Trouble("fact-changed", str(row["seq"])))


async def _check_certificate(
    connection: Connection,
    seq: int,
    data: dict[str, Any],
    standing: dict[str, str],
    found: Verified,
) -> None:
    counts: dict[str, int] = {}
    for outcome in standing.values():
        counts[outcome] = counts.get(outcome, 0) + 1
    gaps = counts.pop("", 0)
    where = str(seq)
    if data["total"] != len(standing) or data["total"] != sum(counts.values()) + gaps:
        found.troubles.append(Trouble("total-differs", where))
    if data["gaps"] != gaps or tuple(data["counts"]) != counts_as_text(counts):
        found.troubles.append(Trouble("counts-differ", where))
    if data["doors_sha256"] != doors_hash(standing.items()):
        found.troubles.append(Trouble("doors-differ", where))
    kept = await connection.fetchval(
        "select account::text from sweeps_certificate where round_id = $1 and version = $2",
        found.round_id,
        data["version"],
    )
    if kept is not None:
        account = read_account(msgspec.json.decode(kept))
        if sha256_of(account) != data["account_sha256"] or not account.adds_up():
            found.troubles.append(Trouble("account-differs", where))


async def _check_rows(
    connection: Connection, standing: dict[str, str], found: Verified
) -> None:
    """The doors as they stand in the tables, while they are there."""
    seen = 0
    cursor = connection.cursor(
        """
        select id::text as id, coalesce(outcome, '') as outcome from sweeps_standing
         where round_id = $1
        """,
        found.round_id,
        prefetch=5000,
    )
    async for row in cursor:
        seen += 1
        if standing.get(row["id"]) != row["outcome"]:
            found.troubles.append(Trouble("door-differs", row["id"]))
            if len(found.troubles) >= TROUBLES_MAX:
                return
    found.purged = seen == 0
    if seen and seen != len(standing):
        found.troubles.append(Trouble("doors-missing", str(len(standing) - seen)))
