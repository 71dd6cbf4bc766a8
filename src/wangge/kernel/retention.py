"""Retention: how long each class of personal data is kept, and what the clock did when it was over.

A room declares a class with `@keeps`: its Chinese name, the setting that says how many days, the
rule that asks for it, and a function that takes one bounded bite of what is over. The clock calls
it until nothing is left, each bite in a transaction together with its count by community, so that
the report is true whenever the process dies. An investigation may hold a class for some days.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal, LiteralString
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.jobs import tick
from wangge.kernel.moments import ZONE, local, local_date
from wangge.kernel.refusals import Invalid
from wangge.kernel.settings import Decided, Setting, decided

#: Things one transaction forgets. A class may ask for less.
BITE = 1_000
#: When the night's deleting begins (Asia/Shanghai).
NIGHT = time(3, 10)
#: How often the clock asks whether it is night.
LOOK = timedelta(minutes=10)
#: Days a class may be held at most; then somebody decides again.
HOLD_DAYS_MAX = 180
#: Shortest reason for a hold, in characters.
REASON_MIN = 4

Way = Literal["deleted", "deidentified"]


@dataclass(frozen=True, slots=True)
class Gone:
    """So many things of one area; "" where a thing belongs to none."""

    area_code: str
    items: int


#: `(tx, before, limit)`: forget at most `limit` things that were over at `before`, in a fixed
#: number of statements. Answering less than `limit` things says that nothing is left.
Purge = Callable[[Tx, datetime, int], Awaitable[Sequence[Gone]]]
#: `(tx, before)`: how much the next rounds would forget, in one statement.
Waiting = Callable[[Tx, datetime], Awaitable[Sequence[Gone]]]


@dataclass(slots=True)
class Keep:
    """One class of data. `days` is the district's decision, or a number that the program fixed;
    `since` says from when they count; `source` is the law or rule."""

    key: str
    name: str
    days: Setting[int] | int
    since: str
    source: str
    way: Way
    every: timedelta | None
    bite: int
    purge: Purge
    waiting: Waiting | None = field(default=None)

    def kept_days(self, decide: Decided) -> int:
        """Days, as the district decided."""
        return self.days if isinstance(self.days, int) else decide(self.days)

    def before(self, decide: Decided, now: datetime) -> datetime:
        """What was over at this moment is to go."""
        return now - timedelta(days=self.kept_days(decide))


#: Days nobody may go beyond: longer is for ever.
DAYS_MAX = 36_500


def days(value: int) -> None:
    """The check of a setting that says how many days. Raises Invalid."""
    if not 1 <= value <= DAYS_MAX:
        raise Invalid.of("value", "保存期限应为 1 到 {most} 天。", most=DAYS_MAX)


def at_least(least: int) -> Callable[[int], None]:
    """The same for what a law wants kept for so many days at least."""

    def check(value: int) -> None:
        if not least <= value <= DAYS_MAX:
            raise Invalid.of(
                "value",
                "保存期限应为 {least} 到 {most} 天(法律规定了最短期限)。",
                least=least,
                most=DAYS_MAX,
            )

    return check


_keeps: dict[str, Keep] = {}


def all_keeps() -> Mapping[str, Keep]:
    """Every class of the rooms imported so far, by key."""
    return dict(_keeps)


def keeps(
    key: str,
    name: str,
    days: Setting[int] | int,
    *,
    since: str,
    source: str,
    way: Way = "deleted",
    every: timedelta | None = None,
    bite: int = BITE,
) -> Callable[[Purge], Purge]:
    """Declare a class `room.thing` with its Chinese name. It is purged at night, or `every` so
    often; the clock's tick has the class's name."""

    def register(function: Purge) -> Purge:
        if key in _keeps:
            raise ValueError(f"class {key} is declared twice")
        keep = Keep(key, name, days, since, source, way, every, bite, function)
        _keeps[key] = keep

        async def round_(tx: Tx) -> int:
            return await once(tx, keep)

        round_.__module__ = function.__module__  # the docs list a tick with its room
        tick(key, every=every or LOOK)(round_)
        return function

    return register


async def forget_older(
    tx: Tx,
    table: LiteralString,
    before: datetime,
    limit: int,
    *,
    at: LiteralString = "at",
    only: LiteralString = "true",
) -> list[Gone]:
    """Delete the oldest rows of a table with an id, an area and a moment; one statement."""
    return await tx.many(
        Gone,
        "with gone as (delete from "  # noqa: S608  (literals of ours, the types say)
        + table
        + " where id in (select id from "
        + table
        + " where "
        + at
        + " < :before and "
        + only
        + " order by "
        + at
        + " limit :limit) returning area_code)"
        " select area_code, count(*) as items from gone group by area_code",
        before=before,
        limit=limit,
    )


async def count_older(
    tx: Tx,
    table: LiteralString,
    before: datetime,
    *,
    at: LiteralString = "at",
    only: LiteralString = "true",
) -> list[Gone]:
    """What `forget_older` would take with no limit."""
    return await tx.many(
        Gone,
        "select area_code, count(*) as items from "  # noqa: S608
        + table
        + " where "
        + at
        + " < :before and "
        + only
        + " group by area_code",
        before=before,
    )


def counts(key: str) -> Callable[[Waiting], Waiting]:
    """Register what would go, for the page that shows it beforehand."""

    def register(function: Waiting) -> Waiting:
        if _keeps[key].waiting is not None:
            raise ValueError(f"class {key} is counted twice")
        _keeps[key].waiting = function
        return function

    return register


def next_night(moment: datetime) -> datetime:
    """The next cleaning hour; never `moment` itself, so that one night is one cleaning."""
    here = local(moment)
    tonight = datetime.combine(here.date(), NIGHT, ZONE)
    return tonight if tonight > here else tonight + timedelta(days=1)


# -- the clock ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Row:
    next_at: datetime
    held_until: datetime | None


async def once(tx: Tx, keep: Keep) -> int:
    """One bite of a class whose time has come. Answers how many things went; 0 says done."""
    row = await tx.maybe(
        _Row,
        "select next_at, held_until from kernel_keeping where class = :key for update",
        key=keep.key,
    )
    if row is None:
        first = tx.now if keep.every else next_night(tx.now)
        await tx.run(
            """
            insert into kernel_keeping (class, next_at) values (:key, :first)
            on conflict (class) do nothing
            """,
            key=keep.key,
            first=first,
        )
        row = _Row(first, None)
    if tx.now < row.next_at or (row.held_until is not None and tx.now < row.held_until):
        return 0
    before = keep.before(await decided(tx), tx.now)
    gone = [one for one in await keep.purge(tx, before, keep.bite) if one.items > 0]
    items = sum(one.items for one in gone)
    await _note(tx, keep.key, gone)
    if items < keep.bite:
        await tx.run(
            """
            update kernel_keeping
               set last_at = :now, next_at = :next_at, held_until = null, held_by = null,
                   held_reason = ''
             where class = :key
            """,
            key=keep.key,
            now=tx.now,
            next_at=tx.now + keep.every if keep.every else next_night(tx.now),
        )
        return 0
    return items


async def _note(tx: Tx, key: str, gone: Sequence[Gone]) -> None:
    if not gone:
        return
    await tx.run(
        """
        insert into kernel_purged (day, class, area_code, items, at)
        select :day, :key, left(code, 12), sum(items), :now
          from unnest(:codes::text[], :items::bigint[]) g(code, items)
         group by left(code, 12)
        on conflict (day, class, area_code)
        do update set items = kernel_purged.items + excluded.items, at = excluded.at
        """,
        day=local_date(tx.now),
        key=key,
        codes=[one.area_code for one in gone],
        items=[one.items for one in gone],
        now=tx.now,
    )


# -- for the page ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a class stands. `waiting` is None for a class that cannot be counted cheaply."""

    keep: Keep
    days: int
    next_at: datetime | None
    last_at: datetime | None
    held_until: datetime | None
    held_by: UUID | None
    held_reason: str
    waiting: tuple[Gone, ...] | None

    @property
    def items(self) -> int | None:
        """What the next round would take."""
        return None if self.waiting is None else sum(one.items for one in self.waiting)


@dataclass(frozen=True, slots=True)
class _Kept:
    class_: str
    next_at: datetime
    last_at: datetime | None
    held_until: datetime | None
    held_by: UUID | None
    held_reason: str


async def standings(tx: Tx, *, counted: bool = True) -> list[Standing]:
    """Every class with its next and last round and, when `counted`, what would go now: two
    statements, and one for every class that can be counted."""
    decide = await decided(tx)
    rows = await tx.many(
        _Kept,
        """
        select class as class_, next_at, last_at, held_until, held_by, held_reason
          from kernel_keeping
        """,
    )
    known = {row.class_: row for row in rows}
    found: list[Standing] = []
    for key, keep in sorted(_keeps.items()):
        row = known.get(key)
        held = row is not None and row.held_until is not None and row.held_until > tx.now
        waiting: tuple[Gone, ...] | None = None
        if counted and keep.waiting is not None:
            waiting = tuple(await keep.waiting(tx, keep.before(decide, tx.now)))
        found.append(
            Standing(
                keep,
                keep.kept_days(decide),
                row.next_at if row else None,
                row.last_at if row else None,
                row.held_until if row and held else None,
                row.held_by if row and held else None,
                row.held_reason if row and held else "",
                waiting,
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Purged:
    """So many things of a class went that day in that community."""

    day: date
    class_: str
    area_code: str
    items: int


async def purged(tx: Tx, *, since: date) -> list[Purged]:
    """What went since a day, newest first."""
    return await tx.many(
        Purged,
        """
        select day, class as class_, area_code, items from kernel_purged
         where day >= :since order by day desc, class, area_code
        """,
        since=since,
    )


async def hold(tx: Tx, key: str, days: int, reason: str) -> datetime:
    """Nothing of the class goes for so many days (an audit, a complaint, a lawsuit). Raises
    Invalid. The caller has asked for the permission."""
    if key not in _keeps:
        raise Invalid.of("class", "没有“{key}”这一类。", key=key)
    if not 1 <= days <= HOLD_DAYS_MAX:
        raise Invalid.of("days", "暂缓应为 1 到 {most} 天。", most=HOLD_DAYS_MAX)
    if len(reason.strip()) < REASON_MIN:
        raise Invalid.of("reason", "请写明暂缓的原因,至少 {least} 个字。", least=REASON_MIN)
    until = tx.now + timedelta(days=days)
    await tx.run(
        """
        insert into kernel_keeping (class, next_at, held_until, held_by, held_reason)
        values (:key, :next_at, :until, :by, :reason)
        on conflict (class) do update set held_until = excluded.held_until,
               held_by = excluded.held_by, held_reason = excluded.held_reason
        """,
        key=key,
        next_at=next_night(tx.now),
        until=until,
        by=tx.actor.id,
        reason=reason.strip(),
    )
    return until


async def release(tx: Tx, key: str) -> int:
    """End a hold. Answers 0 when there was none."""
    return await tx.run(
        """
        update kernel_keeping set held_until = null, held_by = null, held_reason = ''
         where class = :key and held_until is not null
        """,
        key=key,
    )


async def soon(tx: Tx, key: str) -> int:
    """Let the next round of a class come at once instead of at night. Raises Invalid."""
    if key not in _keeps:
        raise Invalid.of("class", "没有“{key}”这一类。", key=key)
    return await tx.run(
        """
        insert into kernel_keeping (class, next_at) values (:key, :now)
        on conflict (class) do update set next_at = excluded.next_at
        """,
        key=key,
        now=tx.now,
    )
