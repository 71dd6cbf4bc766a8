"""One deep module stands between us and PostgreSQL.

A district's tables live in one schema, chosen by `SET LOCAL search_path` in every transaction,
so that many districts share a server (and, sharded by schema, a Citus cluster) and none can
reach another's rows. Who acts and at what moment are part of a transaction.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterable, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any, LiteralString, TypeAlias, TypeVar
from uuid import UUID

import asyncpg
import msgspec

from wangge.kernel import moments, packing
from wangge.kernel.actors import Act, Actor, Reach
from wangge.kernel.facts import Fact, told
from wangge.kernel.refusals import Busy, Invalid, NotFound, Refusal
from wangge.kernel.rows import maker
from wangge.kernel.sql import compiled

T = TypeVar("T")

Connection: TypeAlias = "asyncpg.Connection[Any]"

#: Connections a process opens at most for one district. More writers than this wait in line.
CONNECTIONS_MAX = 12
#: Seconds a request waits for a connection before it is told to come back.
WAIT_SECONDS_MAX = 20.0

_statements: ContextVar["StatementCount | None"] = ContextVar("statements", default=None)


@dataclass
class StatementCount:
    """How many SQL statements ran inside `counting()`, with BEGIN, SET and COMMIT."""

    total: int = 0


@contextmanager
def counting() -> Generator[StatementCount]:
    """Count the statements of this task and of those it starts."""
    count = StatementCount()
    token = _statements.set(count)
    try:
        yield count
    finally:
        _statements.reset(token)


def _count(number: int = 1) -> None:
    counter = _statements.get()
    if counter is not None:
        counter.total += number


#: `said_at` is left to the server's clock, row by row as they are written.
_OUTBOX = ("n", "id", "kind", "subject_id", "area_code", "at", "actor_id", "cause", "data")

SCHEMA = re.compile(r"^[a-z][a-z0-9_]{0,62}$")


@contextmanager
def promise(constraint: str, *, otherwise: Refusal) -> Generator[None]:
    """The database keeps the promise; when it would be broken, refuse in our words."""
    try:
        yield
    except asyncpg.IntegrityConstraintViolationError as broken:
        if broken.constraint_name == constraint:
            raise otherwise from broken
        raise


class _Turn:
    """Whose statement is next: a lock that the task which holds it may take again."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._holder: asyncio.Task[Any] | None = None
        self._depth = 0

    async def __aenter__(self) -> None:
        task = asyncio.current_task()
        if self._holder is not task or not self._depth:
            await self._lock.acquire()
            self._holder = task
        self._depth += 1

    async def __aexit__(self, *_: object) -> None:
        self._depth -= 1
        if not self._depth:
            self._holder = None
            self._lock.release()


class Tx:
    """One transaction, by one actor, at one moment.

    A command takes a Tx and nothing else from the outside world. That is what lets the same
    command be called by a route, a job, a fixture or a test. Tasks that share one (of an import,
    which computes while the database writes) take turns, statement by statement.
    """

    def __init__(
        self,
        connection: "Connection | asyncpg.pool.PoolConnectionProxy[Any]",
        actor: Actor,
        now: datetime,
        cause: UUID | None,
        database: "Database | None" = None,
    ) -> None:
        self._connection = connection
        self._database = database
        self.actor = actor
        self.now = now
        self.cause = cause
        self._facts: list[tuple[Fact, UUID]] = []
        self._turn = _Turn()
        #: Reference data this transaction has changed (see `bump`).
        self.bumped: set[str] = set()

    # -- reading and writing -------------------------------------------------------------

    async def one(self, kind: type[T], sql: LiteralString, /, **values: Any) -> T:
        """Exactly one row. No row is NotFound; two are a bug."""
        found = await self.maybe(kind, sql, **values)
        if found is None:
            raise NotFound()
        return found

    async def maybe(self, kind: type[T], sql: LiteralString, /, **values: Any) -> T | None:
        """One row or none."""
        rows = await self.many(kind, sql, **values)
        if len(rows) > 1:
            raise LookupError(f"{len(rows)} rows where at most one was promised")
        return rows[0] if rows else None

    async def many(self, kind: type[T], sql: LiteralString, /, **values: Any) -> list[T]:
        """All rows, in order."""
        text, names = compiled(sql)
        _count()
        async with self._turn:
            rows = await self._connection.fetch(text, *[values[name] for name in names])
        if not rows:
            return []
        make = maker(kind, tuple(rows[0].keys()))
        return [make(row) for row in rows]

    async def run(self, sql: LiteralString, /, **values: Any) -> int:
        """Change rows; answers how many."""
        text, names = compiled(sql)
        _count()
        async with self._turn:
            status = await self._connection.execute(text, *[values[name] for name in names])
        tail = status.rsplit(" ", 1)[-1]
        return int(tail) if tail.isdigit() else 0

    async def plan(self, sql: LiteralString, /, *, run: bool = False, **values: Any) -> Any:
        """How the database would find these rows (EXPLAIN, as JSON); with `run` it does, and adds
        "Planning Time" and "Execution Time", its own, in milliseconds."""
        text, names = compiled(sql)
        how = "explain (analyze, timing off, format json) " if run else "explain (format json) "
        async with self._turn:
            row = await self._connection.fetchval(how + text, *[values[name] for name in names])
        return row[0]

    async def pour(
        self, sql: LiteralString, sink: Callable[[bytes], Awaitable[None]], /, **values: Any
    ) -> int:
        """All rows in PostgreSQL's text format (COPY): a line a row, tabs between the columns.
        No object is made of any value. `sink` gets whole lines; answers how many rows there were.
        """
        text, names = compiled(sql)
        _count(3)  # the values' types are asked for, and the values quoted by the server
        rest = b""

        async def lines(piece: bytes) -> None:
            nonlocal rest
            whole, _, rest = (rest + piece).rpartition(b"\n")
            if whole:
                await sink(whole)

        async with self._turn:
            status = await self._connection.copy_from_query(
                text, *[values[name] for name in names], output=lines
            )
        return int(status.rsplit(" ", 1)[-1])

    async def copy(
        self, table: LiteralString, columns: Sequence[str], rows: Iterable[Sequence[Any]]
    ) -> int:
        """Many rows at once by COPY, for imports and the demo town."""
        _count()
        async with self._turn:
            status = await self._connection.copy_records_to_table(
                table, records=rows, columns=list(columns)
            )
        return int(status.rsplit(" ", 1)[-1])

    async def copy_packed(
        self, table: LiteralString, columns: Sequence[str], rows: Iterable[bytes]
    ) -> int:
        """Rows that `kernel.packing` packed, by COPY."""
        _count()
        async with self._turn:
            status = await self._connection.copy_to_table(
                table,
                source=BytesIO(packing.stream(rows)),
                columns=list(columns),
                format="binary",
            )
        return int(status.rsplit(" ", 1)[-1])

    # -- saying ---------------------------------------------------------------------------

    def publish(self, *facts: Fact, by: UUID | None = None) -> None:
        """Say what has become true. Written with the transaction, or not at all."""
        actor = by or self.actor.id
        self._facts.extend((fact, actor) for fact in facts)

    def publish_all(self, said: Iterable[tuple[Fact, UUID]]) -> None:
        """Say many things at once, each by its own actor."""
        self._facts.extend(said)

    async def flush(self) -> None:
        """Write the facts said so far. Called by the database before the commit."""
        if not self._facts:
            return
        said, self._facts = self._facts, []
        ids = moments.new_ids(self.now, len(said))
        rows: list[tuple[Any, ...]] = []
        for n, (fact, actor) in enumerate(said):
            subject, area_code, data = told(fact)
            rows.append(
                (n, ids[n], fact.kind, subject, area_code, self.now, actor, self.cause, data)
            )
        await self.copy("kernel_outbox", _OUTBOX, rows)

    # -- permission -----------------------------------------------------------------------

    def reach(self, act: Act) -> Reach:
        """How far the actor reaches for an act, for the query that is the door."""
        return self.actor.reach(act, self.now)

    def require(self, act: Act, area_code: str) -> None:
        """Refuse what the actor's posts do not permit there (the thing itself is visible)."""
        self.actor.require(act, area_code, self.now)

    # -- beside this one -------------------------------------------------------------------

    @asynccontextmanager
    async def aside(
        self, actor: Actor | None = None, *, read_only: bool = False
    ) -> "AsyncGenerator[Tx]":
        """Another transaction at the same moment, for long work in a job: progress that is to be
        seen before the end, or reading as somebody else, with that person's reach and locks.

        It commits by itself and takes a second connection: never open one in a request.
        """
        assert self._database is not None
        async with self._database.tx(
            actor or self.actor, now=self.now, cause=self.cause, read_only=read_only
        ) as tx:
            yield tx

    # -- shared reference data ------------------------------------------------------------

    async def versions(self) -> dict[str, int]:
        """Version numbers of cached reference data (taxonomy, rules, areas…) by name."""
        rows = await self.many(_Version, "select name, version from kernel_version")
        return {row.name: row.version for row in rows}

    async def bump(self, name: str) -> None:
        """Say that cached reference data of that name changed; caches reload at next use."""
        self.bumped.add(name)
        await self.run(
            """
            insert into kernel_version (name, version) values (:name, 1)
            on conflict (name) do update set version = kernel_version.version + 1
            """,
            name=name,
        )


#: How the driver and the server say that a number does not fit.
_TOO_LARGE = re.compile(r"value out of (?:u?int\d+ )?range|(?:integer|bigint) out of range")


def _unkeepable(wrong: Exception) -> str:
    """Why no table can keep what somebody sent, who would be refused again with the same; "" for what is
    a bug of ours."""
    if isinstance(
        wrong, asyncpg.CharacterNotInRepertoireError | asyncpg.UntranslatableCharacterError
    ):  # PostgreSQL keeps no NUL in a text, nor in JSON
        return "内容里有看不见、也存不下的字符(NUL),请重新输入再提交。"
    return "有一个数大得存不下,请检查后再提交。" if _TOO_LARGE.search(str(wrong)) else ""


@dataclass(frozen=True, slots=True)
class _Version:
    name: str
    version: int


_json_decode = msgspec.json.decode
_json_encode = msgspec.json.encode


async def _prepare(connection: Connection) -> None:
    for name in ("json", "jsonb"):
        await connection.set_type_codec(
            name,
            schema="pg_catalog",
            encoder=lambda value: _json_encode(value).decode(),
            decoder=_json_decode,
            format="text",
        )


async def _keep(connection: Connection) -> None:
    """Connections carry no session state of ours, so there is nothing to reset on return."""
    if connection.is_in_transaction():
        await connection.execute("rollback")


async def _give_back(pool: "asyncpg.Pool[Any]", connection: Any, ended: bool) -> None:
    """Return a connection, its transaction rolled back unless it has ended.

    Errors of a dying connection are dropped: one of them must not take the place of the error
    that is on its way, least of all of a cancellation. The pool throws such a connection away.
    """
    if not ended:
        with contextlib.suppress(Exception):
            await connection.execute("rollback")
    with contextlib.suppress(Exception):
        await pool.release(connection)


class Database:
    """One district's schema on a PostgreSQL server."""

    def __init__(
        self, writing: "asyncpg.Pool[Any]", reading: "asyncpg.Pool[Any]", dsn: str, schema: str
    ) -> None:
        self._writing = writing
        self._reading = reading
        self.dsn = dsn
        self.schema = schema

    @classmethod
    async def connect(
        cls, dsn: str, schema: str, *, connections: int = CONNECTIONS_MAX
    ) -> "Database":
        """Two pools, opened at first use: one to write, one to read.

        A list's plan depends on whose reach it is, and a generic plan would suit nobody; so the
        reading connections plan every statement with its values. Raises OSError or asyncpg
        errors when the server is not there.
        """
        if not SCHEMA.match(schema):
            raise ValueError(f"not a schema name: {schema!r}")

        async def pool(**settings: str) -> "asyncpg.Pool[Any]":
            return await asyncpg.create_pool(
                dsn,
                min_size=0,
                max_size=connections,
                init=_prepare,
                reset=_keep,
                command_timeout=120,
                server_settings={"application_name": "wangge", "timezone": "UTC", **settings},
            )

        reading = await pool(
            plan_cache_mode="force_custom_plan", default_transaction_read_only="on"
        )
        return cls(await pool(), reading, dsn, schema)

    async def close(self) -> None:
        """Close all connections."""
        for pool in (self._reading, self._writing):
            try:
                async with asyncio.timeout(10):
                    await pool.close()
            except TimeoutError:
                pool.terminate()

    @asynccontextmanager
    async def tx(
        self,
        actor: Actor,
        *,
        now: datetime | None = None,
        cause: UUID | None = None,
        read_only: bool = False,
        people: bool = True,
    ) -> AsyncGenerator[Tx]:
        """A transaction: committed when the block ends well, rolled back when it raises.

        No answer leaves before the commit: hand results out of the block, then answer.
        `people=False` leaves the second lock shut: rows behind row-level security do not exist
        for this transaction, and it costs one statement less.
        Raises Busy when no connection comes free in time, Invalid for texts that no table can keep.
        """
        pool = self._reading if read_only else self._writing
        try:
            connection = await pool.acquire(timeout=WAIT_SECONDS_MAX)
        except TimeoutError as late:
            raise Busy(retry_after=5) from late
        ended = False
        try:
            moment = now or moments.now()
            await connection.execute(self._opening(actor, moment, people))
            _count(3 if people else 2)
            tx = Tx(connection, actor, moment, cause, self)
            yield tx
            await tx.flush()
            _count()
            await connection.execute("commit")
            ended = True
        except (asyncpg.DataError, asyncpg.UntranslatableCharacterError) as wrong:
            if words := _unkeepable(wrong):
                raise Invalid.of("", words) from wrong
            raise
        finally:
            await asyncio.shield(_give_back(pool, connection, ended))

    def _opening(self, actor: Actor, moment: datetime, people: bool) -> str:
        """One round trip: BEGIN, the schema, and the actor's areas for row-level security.

        Literals only: `set_config()` is not carried to Citus workers (tech.md §4, 6).
        """
        opening = f"begin; set local search_path = {self.schema}, wangge_shared, public"
        if not people:
            return opening
        held = {grant.area_code for grant in actor.grants if grant.live(moment)}
        scope = "all" if "" in held else ",".join(sorted(held))
        if not re.fullmatch(r"all|[0-9,]*", scope):
            raise ValueError("area codes are digits")
        return f"{opening}; set local app.areas = '{scope}'"
