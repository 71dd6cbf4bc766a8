"""Doing a batch, and undoing it."""

import asyncio
from collections.abc import AsyncGenerator, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any, LiteralString
from uuid import UUID

import asyncpg

from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.refusals import NotFound
from wangge.kernel.retention import days
from wangge.kernel.settings import decided, setting
from wangge.people import indexing
from wangge.people.changes import queries, statements
from wangge.people.changes.kinds import Kind, Touched, registered
from wangge.people.changes.model import (
    Applied,
    BatchGone,
    BatchUndone,
    CannotUndoWhole,
    Change,
    Kept,
    Op,
    Undone,
    shared_area,
)
from wangge.people.events import RegisterChanged, RegisterUndone

UNDO_DAYS = setting(
    "people.undo_days",
    30,
    "整批改动(导入、合并、批量操作)在几天内可以撤销;到期后改动前的内容自动删除",
    check=days,
)

#: Rows written by one statement. While the database writes some, the next are sealed: small enough
#: that a bite of an import is several.
CHUNK = 1_000
#: Rows that are sealed at once; for more the loop is not held up.
FEW = 20


async def apply_changes(
    tx: Tx,
    vault: Vault,
    batch: UUID,
    changes: Iterable[Change],
    *,
    what: str = "import",
    area_code: str = "",
    fact: bool = True,
) -> Applied:
    """Do all changes, inserts first, parents before children; called again with the same `batch`,
    it adds a wave to it. `what` says what the batch is (import, merge, move, split, bulk …).

    A fixed number of statements for every kind and `CHUNK` rows. Rows that changed since their
    author looked (`version`), or are gone, are left and named in `kept`. The caller has asked for
    permission and cleaned the values; row-level security still refuses what lies out of reach.
    `area_code` is the batch's own area; by default the longest that all rows share.
    Raises the refusals that a kind promises (IdNumberTaken, …), and ValueError for one row
    twice.
    """
    applied, touched = await write_changes(
        tx, vault, batch, changes, what=what, area_code=area_code, fact=fact
    )
    await settle(tx, vault, touched)
    return applied


async def write_changes(
    tx: Tx,
    vault: Vault,
    batch: UUID,
    changes: Iterable[Change],
    *,
    what: str = "import",
    area_code: str = "",
    fact: bool = True,
) -> tuple[Applied, Touched]:
    """`apply_changes` up to the marks that people are found by: `settle` what was touched before the
    transaction ends, beside whatever else it does."""
    sorted_ = _sorted(changes)
    area = area_code or shared_area([change.area_code for group in sorted_ for change in group])
    wave = await queries.begin_batch(tx, batch, what, area)
    touched, counts, kept = Touched(), dict[tuple[str, Op], int](), list[Kept]()
    start = 0
    for group in sorted_:
        kind, op = registered(group[0].kind), group[0].op
        done: list[UUID] = []
        async for chunk, columns in _prepared(vault, kind, group, tx.now):
            written = await _write(tx, _Wave(batch, wave, start), kind, op, chunk, columns)
            start += len(chunk)
            done += written
            _born(kind, op, columns, touched)
            if len(written) < len(chunk):
                held = set(written)
                kept += [Kept(kind.name, c.id, "changed") for c in chunk if c.id not in held]
        if done:
            counts[kind.name, op] = len(done)
            numbered = {"batch": batch, "wave": wave, "kind": kind.name, "op": op}
            whose = done
            if kind.follows(op) and kind.owner != "id":
                whose = await tx.many(UUID, statements.owners(kind.name), **numbered)
            for follow in kind.follows(op):
                await follow(tx, vault, whose, touched)
    applied = Applied(batch, counts, tuple(kept))
    await queries.count_batch(tx, batch, {f"{k}.{op}": n for (k, op), n in counts.items()})
    if fact:
        tx.publish(RegisterChanged(batch, area, what, applied.total, len(kept)))
    return applied, touched


def _born(kind: Kind, op: Op, columns: Sequence[dict[str, Any]], touched: Touched) -> None:
    """What was inserted is told as it was written."""
    if op == "insert" and kind.born is not None:
        kind.born({own["id"]: own for own in columns}, touched)


@dataclass(frozen=True, slots=True)
class _Wave:
    batch: UUID
    wave: int
    start: int


_OPS: tuple[Op, ...] = ("insert", "update", "delete")


def _sorted(changes: Iterable[Change]) -> list[list[Change]]:
    """By operation, then by kind: parents first, but deleted last."""
    groups: dict[tuple[str, Op], list[Change]] = {}
    for change in changes:
        groups.setdefault((change.kind, change.op), []).append(change)
    for (kind, op), group in groups.items():
        if len({change.id for change in group}) < len(group):
            raise ValueError(f"{op} {kind}: one row twice in one call")

    def place(key: tuple[str, Op]) -> tuple[int, int, str]:
        kind, op = key
        level = registered(kind).level
        return _OPS.index(op), -level if op == "delete" else level, kind

    return [groups[key] for key in sorted(groups, key=place)]


async def _prepared(
    vault: Vault, kind: Kind, group: Sequence[Change], now: datetime
) -> AsyncGenerator[tuple[Sequence[Change], list[dict[str, Any]]]]:
    """The changes by chunks, each with its columns. Sealing costs as much as writing: it is done in a
    thread, a chunk ahead of what the database writes."""
    chunks = [group[at : at + CHUNK] for at in range(0, len(group), CHUNK)]

    prepare = kind.prepare

    def columns(chunk: Sequence[Change]) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = []
        for change in chunk:
            own = prepare(vault, change, now)
            own["area_code"], own["id"] = change.area_code, change.id
            made.append(own)
        return made

    loop = asyncio.get_running_loop()
    few = len(chunks[0]) <= FEW
    ready = columns(chunks[0]) if few else await loop.run_in_executor(None, columns, chunks[0])
    for chunk, next_ in zip_longest(chunks, chunks[1:]):
        ahead = loop.run_in_executor(None, columns, next_) if next_ else None
        yield chunk, ready
        ready = await ahead if ahead is not None else []


async def _write(
    tx: Tx,
    wave: _Wave,
    kind: Kind,
    op: Op,
    chunk: Sequence[Change],
    columns: Sequence[dict[str, Any]],
) -> list[UUID]:
    """One chunk. Answers the ids of what was written."""
    numbered = {"batch": wave.batch, "wave": wave.wave, "kind": kind.name}
    if op == "insert":
        values: dict[str, Any] = {"start": wave.start, **numbered}
        await _insert(tx, kind, columns, statements.insert_noted(kind.name), values)
        return [change.id for change in chunk]
    noted = await tx.many(
        int,
        statements.log_change(kind.name),
        op=op,
        rows=[
            {
                "n": wave.start + n,
                "id": change.id,
                "area_code": change.area_code,
                "version": change.version,
                "after": _found_true(kind, op, patch),
            }
            for n, (change, patch) in enumerate(zip(chunk, columns, strict=True), 1)
        ],
        **numbered,
    )
    found = set(noted)
    if found and op == "delete":
        await tx.run(statements.delete(kind.name), **numbered)
    elif found:
        numbers = range(wave.start + 1, wave.start + 1 + len(chunk))
        patches = zip(numbers, columns, strict=True)
        await _update(
            tx, wave, kind, [{"n": n, "patch": patch} for n, patch in patches if n in found]
        )
    return [change.id for n, change in enumerate(chunk, wave.start + 1) if n in found]


def _found_true(kind: Kind, op: Op, patch: Mapping[str, Any]) -> dict[str, Any] | None:
    """What a change says was found true, and when: an undo takes back this, not what somebody
    found since."""
    if op != "update" or "confirmed" not in kind.columns:
        return None
    return {name: patch[name] for name in ("confirmed_on", "confirmed") if name in patch}


async def _update(tx: Tx, wave: _Wave, kind: Kind, rows: Sequence[Mapping[str, Any]]) -> None:
    values: dict[str, Any] = {"now": tx.now} if kind.versioned else {}
    with _promised(kind):
        await tx.run(
            statements.update(kind.name),
            batch=wave.batch,
            wave=wave.wave,
            rows=rows,
            **values,
        )
    if not kind.versioned:
        await tx.run(
            statements.log_after(kind.name), batch=wave.batch, wave=wave.wave, kind=kind.name
        )


async def load(tx: Tx, vault: Vault, changes: Iterable[Change]) -> int:
    """Insert rows without a batch, without images and without facts: the demo town, tests.

    The marks of residents are written as well. Answers how many rows.
    """
    touched, done = Touched(), 0
    for group in _sorted(changes):
        kind = registered(group[0].kind)
        async for _, columns in _prepared(vault, kind, group, tx.now):
            done += await _insert(tx, kind, columns)
            _born(kind, "insert", columns, touched)
        whose = [c.id if kind.owner == "id" else c.values[kind.owner] for c in group]
        for follow in kind.follows("insert"):
            await follow(tx, vault, list(dict.fromkeys(whose)), touched)
    await settle(tx, vault, touched)
    return done


async def _insert(
    tx: Tx,
    kind: Kind,
    rows: Sequence[Mapping[str, Any]],
    sql: LiteralString = "",
    noted: Mapping[str, Any] | None = None,
) -> int:
    values: dict[str, Any] = {"now": tx.now} if kind.versioned else {}
    with _promised(kind):
        return await tx.run(
            sql or statements.insert(kind.name),
            rows=rows,
            defaults=kind.defaults,
            **values,
            **(noted or {}),
        )


@contextmanager
def _promised(kind: Kind) -> Generator[None]:
    """A broken constraint, in the kind's own words."""
    try:
        yield
    except asyncpg.IntegrityConstraintViolationError as broken:
        refusal = kind.promises.get(broken.constraint_name or "")
        if refusal is None:
            raise
        raise refusal() from broken


async def settle(tx: Tx, vault: Vault, touched: Touched) -> None:
    """Bring up to date, once, what follows from rows that were written."""
    if touched.residents:
        await indexing.index_residents(tx, vault, list(touched.residents), touched.born)
    for name in sorted(touched.bump):
        await tx.bump(name)


# -- undo ---------------------------------------------------------------------------------------


async def undo_batch(tx: Tx, vault: Vault, batch: UUID, *, whole: bool = False) -> Undone:
    """Put back what a batch changed, last wave first; what somebody changed since, or built upon,
    stays and is named in `kept`.

    With `whole`, anything that would be kept refuses it all. The caller has asked for permission.
    Raises NotFound, BatchUndone, BatchGone, CannotUndoWhole.
    """
    found = await queries.lock_batch(tx, batch)
    if found.undone_at is not None:
        raise BatchUndone()
    if found.purged_at is not None:
        raise BatchGone((await decided(tx))(UNDO_DAYS))
    touched, counts, kept = Touched(), dict[str, int](), list[Kept]()
    groups = await queries.groups(tx, batch)
    if sum(group.rows for group in groups) < sum(found.counts.values()):
        # Some of its rows lie behind the second lock: not this actor's to undo.
        raise NotFound("这一批改动")
    for wave in sorted({group.wave for group in groups}, reverse=True):
        here = [group for group in groups if group.wave == wave]
        here.sort(key=lambda g: _undo_place(registered(g.kind), g.op))
        for group in here:
            kind = registered(group.kind)
            whose = set[UUID]()
            if kind.owner != "id":
                # Before the rows go back: whose they are now, and whose they were.
                now_and_then = {"batch": batch, "wave": wave, "kind": kind.name}
                owners = statements.owners(kind.name)
                whose.update(await tx.many(UUID, owners, op=group.op, **now_and_then))
            done = await _put_back(tx, batch, wave, kind, group.op)
            if len(done) < group.rows:
                kept += await tx.many(
                    Kept,
                    statements.why_kept(kind.name),
                    batch=batch,
                    wave=wave,
                    kind=kind.name,
                    op=group.op,
                    done=[row.id for row in done],
                )
            counts[kind.name] = counts.get(kind.name, 0) + len(done)
            whose.update(row.owner for row in done)
            for follow in (*kind.after, *kind.undone) if done else ():
                await follow(tx, vault, list(whose), touched)
    if whole and kept:
        raise CannotUndoWhole(len(kept))
    await settle(tx, vault, touched)
    await queries.end_batch(tx, batch)
    tx.publish(RegisterUndone(batch, found.area_code, sum(counts.values()), len(kept)))
    return Undone(batch, counts, tuple(kept))


def _undo_place(kind: Kind, op: Op) -> tuple[int, int]:
    """The reverse of `_sorted`: what was deleted comes back first, parents before children."""
    order = -_OPS.index(op)
    return order, kind.level if op == "delete" else -kind.level


async def _put_back(
    tx: Tx, batch: UUID, wave: int, kind: Kind, op: Op
) -> list[queries.Written]:
    numbered = {"batch": batch, "wave": wave, "kind": kind.name}
    if op == "insert":
        return await tx.many(queries.Written, statements.take_back(kind.name), **numbered)
    values: dict[str, Any] = {"now": tx.now} if kind.versioned else {}
    sql = statements.put_back(kind.name) if op == "update" else statements.bring_back(kind.name)
    rows = await tx.many(queries.Written, sql, **numbered, **values)
    if kind.versioned and rows:
        await tx.run(
            statements.CARRY_MARKS,
            ids=[row.id for row in rows],
            versions=[row.version for row in rows],
            kind=kind.name,
        )
    return rows
