"""The relay: facts leave the outbox in commit order, get a number, and are chained by hash.

Writers never wait for one another: they drop facts into `kernel_outbox` without an index or a
number. One relay per district (it holds the row of `kernel_chain`) takes whatever is visible,
that is committed, and seals it. What a pass cannot see yet is sealed by a later pass, as it was
committed later; within a pass the order is that of `said_at`, taken when the transaction wrote its
facts, its locks already in hand, so that a fact never stands before one it followed from.
"""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import msgspec

from wangge.kernel.actors import system_actor
from wangge.kernel.database import Connection, Database, Tx
from wangge.kernel.facts import Fact, Recorded
from wangge.kernel.stopping import stop_if_told

log = logging.getLogger("wangge.relay")

#: Facts sealed in one pass.
PASS_MAX = 4000
#: Facts a listener takes in one transaction, and numbers of the ledger it goes past: a street that
#: drains says thousands that are for nobody.
BITE_MAX, STRIDE_MAX = 500, 20_000
#: Tries before a listener goes on without a fact.
TRIES_MAX = 5
#: Dead rows the relay leaves behind before it vacuums its own outbox.
SWEEP_AFTER = 20_000

GENESIS = hashlib.sha256(b"wangge").digest()


def link(
    before: bytes,
    seq: int,
    id_: UUID,
    kind: str,
    subject_id: UUID,
    area_code: str,
    at: datetime,
    actor_id: UUID,
    cause: UUID | None,
    data: str,
) -> bytes:
    """The hash of a fact: SHA-256 over the hash before and every column, in a fixed form."""
    body = _encode(
        [
            seq,
            # Not `.hex` of a UUID, which goes by way of a large integer.
            id_.bytes.hex(),
            kind,
            subject_id.bytes.hex(),
            area_code,
            _moment(at),
            actor_id.bytes.hex(),
            cause.bytes.hex() if cause else None,
            data,
        ]
    )
    return hashlib.sha256(before + body).digest()


@lru_cache(maxsize=256)
def _moment(at: datetime) -> str:
    """A moment as it is hashed; one transaction's facts share theirs."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


_encode = msgspec.json.Encoder().encode


_LEDGER = (
    *("seq", "id", "kind", "subject_id", "area_code", "at", "actor_id", "cause", "data"),
    "hash",
)


class Relay:
    """Seals one district's facts. Two relays of one district take turns, never both."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None
        self._dead = 0
        #: What the last pass sealed.
        self.kinds: Set[str] = frozenset()

    async def _open(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(
                self._database.dsn,
                command_timeout=60,
                server_settings={
                    "application_name": "wangge relay",
                    "timezone": "UTC",
                    "search_path": self._database.schema,
                },
            )
        return self._connection

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def seal(self) -> int:
        """One pass. Answers how many facts were sealed."""
        connection = await self._open()
        async with connection.transaction():
            head = await connection.fetchrow("select seq, hash from kernel_chain for update")
            rows = await connection.fetch(
                """
                with taken as (
                    delete from kernel_outbox
                     where ctid = any(array(
                           select ctid from kernel_outbox order by said_at, n limit $1))
                    returning n, id, kind, subject_id, area_code, at, actor_id, cause, data,
                              said_at)
                select id, kind, subject_id, area_code, at, actor_id, cause, data
                  from taken order by said_at, n
                """,
                PASS_MAX,
            )
            self.kinds = {row["kind"] for row in rows}
            if not rows or head is None:
                return 0
            seq, before = head["seq"], head["hash"]
            sealed: list[tuple[Any, ...]] = []
            for row in rows:
                seq += 1
                before = link(before, seq, *row)
                sealed.append((seq, *row, before))
            await connection.copy_records_to_table(
                "kernel_fact", records=sealed, columns=_LEDGER
            )
            await connection.execute("update kernel_chain set seq = $1, hash = $2", seq, before)
        # A hint, after the commit and at most once a pass: NOTIFY inside writing transactions
        # would serialise every commit of the server (tech.md §3).
        await connection.execute(f"notify {channel(self._database.schema)}")
        self._dead += len(rows)
        if self._dead >= SWEEP_AFTER:
            self._dead = 0
            await connection.execute("vacuum kernel_outbox")
        return len(rows)


def channel(schema: str) -> str:
    """The NOTIFY channel on which a district's relay says that it has sealed something."""
    return f"wangge_{schema}"


async def read_facts(tx: Tx, after: int, limit: int = 500) -> list[Recorded]:
    """Sealed facts after a mark, in order. The numbers have no gaps, so a mark is enough."""
    return await _read(tx, after, after + limit, None, limit)


async def _read(
    tx: Tx, after: int, upto: int, kinds: Collection[str] | None, most: int
) -> list[Recorded]:
    """The first sealed facts from after one number up to another, of these kinds or of all."""
    rows = await tx.many(
        _Row,
        """
        select seq, id, kind, subject_id, area_code, at, actor_id, cause, data
          from kernel_fact
         where seq > :after and seq <= :upto
           and (:kinds::text[] is null or kind = any(:kinds::text[]))
         order by seq
         limit :most
        """,
        after=after,
        upto=upto,
        most=most,
        kinds=None if kinds is None else sorted(kinds),
    )
    return [row.recorded() for row in rows]


@dataclass(frozen=True, slots=True)
class _Row:
    seq: int
    id: UUID
    kind: str
    subject_id: UUID
    area_code: str
    at: datetime
    actor_id: UUID
    cause: UUID | None
    data: str

    def recorded(self) -> Recorded:
        return Recorded(
            self.seq,
            self.id,
            self.kind,
            self.subject_id,
            self.area_code,
            self.at,
            self.actor_id,
            self.cause,
            msgspec.json.decode(self.data),
        )


# -- reactions ---------------------------------------------------------------------------------

F = TypeVar("F", bound=Fact)

Reaction = Callable[[Tx, Any], Awaitable[None]]
Bite = Callable[[Tx, Sequence[Recorded]], Awaitable[None]]

_reactions: dict[str, dict[str, list[Reaction]]] = {}
_bites: dict[str, tuple[Bite, frozenset[str]]] = {}


def reaction(
    listener: str, kind: type[F]
) -> Callable[[Callable[[Tx, F], Awaitable[None]]], Any]:
    """Call the function for every fact of that kind, in order, each exactly once.

    `listener` is usually the room's name; its mark moves in the same transaction as what the
    reactions do. A fact that fails TRIES_MAX times is put aside in `kernel_stuck` (wangge doctor
    shows it) and the listener goes on: one bad fact must not stop a district.
    """

    def register(function: Callable[[Tx, F], Awaitable[None]]) -> Any:
        known = _reactions.setdefault(listener, {}).setdefault(kind.kind, [])
        if any(other.__qualname__ == function.__qualname__ for other in known):
            raise ValueError(f"{listener} reacts to {kind.kind} twice: {function.__qualname__}")
        known.append(function)
        return function

    return register


def bite(listener: str, *kinds: type[Fact]) -> Callable[[Bite], Bite]:
    """Call the function with every fact of these kinds, many at a time: for set-based
    listeners. Facts of other kinds are not even read for it."""

    def register(function: Bite) -> Bite:
        if listener in _bites:
            raise ValueError(f"listener {listener} is declared twice")
        _bites[listener] = (function, frozenset(kind.kind for kind in kinds))
        return function

    return register


def listeners() -> list[str]:
    """The names of all that listen."""
    return sorted({*_reactions, *_bites})


def wanted_by(listener: str) -> Set[str]:
    """The kinds of facts that a listener hears."""
    return {*_reactions.get(listener, {}), *_bites.get(listener, (None, ()))[1]}


async def listen(database: Database, district: str, listener: str) -> int:
    """One bite for one listener. Answers how many facts it has gone past."""
    try:
        return await _take(database, district, listener, BITE_MAX)
    except Exception as error:
        stop_if_told()
        log.warning("listener %s choked on a bite, going one by one: %r", listener, error)
    gone = 0
    while gone < BITE_MAX and (step := await _step(database, district, listener)):
        gone += step
    return gone


async def _step(database: Database, district: str, listener: str) -> int:
    """The next fact by itself; put aside when it cannot be digested."""
    trouble = ""
    for attempt in range(TRIES_MAX):
        try:
            return await _take(database, district, listener, 1)
        except Exception as error:
            stop_if_told()
            trouble = f"{type(error).__name__}"
            log.exception("listener %s, try %d", listener, attempt + 1)
            await asyncio.sleep(0.05 * 2**attempt)
    return await _set_aside(database, district, listener, trouble)


async def _take(database: Database, district: str, listener: str, most: int) -> int:
    async with database.tx(system_actor(district)) as tx:
        mark = await _locked_mark(tx, listener)
        facts, upto = await _next(tx, listener, mark, most)
        if upto <= mark.seq:
            return 0
        if facts:
            await _digest(tx, listener, facts)
        await _move_mark(tx, listener, upto)
        return upto - mark.seq


async def _next(
    tx: Tx, listener: str, mark: "_Mark", most: int
) -> tuple[Sequence[Recorded], int]:
    """The next facts for a listener, and how far it has read with them."""
    upto = min(mark.ledger, mark.seq + STRIDE_MAX)
    if upto <= mark.seq:
        return (), upto
    facts = await _read(tx, mark.seq, upto, wanted_by(listener), most)
    return facts, facts[-1].seq if len(facts) == most else upto


async def _set_aside(database: Database, district: str, listener: str, trouble: str) -> int:
    async with database.tx(system_actor(district)) as tx:
        mark = await _locked_mark(tx, listener)
        facts, upto = await _next(tx, listener, mark, 1)
        if facts:
            await tx.run(
                """
                insert into kernel_stuck (listener, seq, error, at)
                values (:listener, :seq, :error, :now) on conflict do nothing
                """,
                listener=listener,
                seq=facts[0].seq,
                error=trouble,
                now=tx.now,
            )
        await _move_mark(tx, listener, upto)
        return upto - mark.seq


@dataclass(frozen=True, slots=True)
class _Mark:
    """How far a listener has read, and how far it may."""

    seq: int
    ledger: int


async def _locked_mark(tx: Tx, listener: str) -> _Mark:
    mark = await _find_mark(tx, listener)
    if mark is None:
        await tx.run(
            """
            insert into kernel_mark (listener, seq) values (:listener, 0)
            on conflict do nothing
            """,
            listener=listener,
        )
        mark = await _find_mark(tx, listener)
    assert mark is not None
    return mark


async def _find_mark(tx: Tx, listener: str) -> _Mark | None:
    return await tx.maybe(
        _Mark,
        """
        select m.seq, c.seq as ledger
          from kernel_mark m cross join kernel_chain c
         where m.listener = :listener for update of m
        """,
        listener=listener,
    )


async def _move_mark(tx: Tx, listener: str, seq: int) -> None:
    await tx.run(
        "update kernel_mark set seq = :seq where listener = :listener",
        seq=seq,
        listener=listener,
    )


async def _digest(tx: Tx, listener: str, facts: Sequence[Recorded]) -> None:
    function, kinds = _bites.get(listener, (None, frozenset[str]()))
    if function is not None and (due := [fact for fact in facts if fact.kind in kinds]):
        await function(tx, due)
    wanted = _reactions.get(listener, {})
    for recorded in facts:
        for reacts in wanted.get(recorded.kind, ()):
            tx.cause = recorded.id
            await reacts(tx, recorded.fact())
