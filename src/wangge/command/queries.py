"""Every SQL statement of the command room. A board costs the same number of them anywhere."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wangge.cases.colours import BEGAN, NEED
from wangge.kernel.actors import Reach, area_range
from wangge.kernel.database import Tx


@dataclass(frozen=True, slots=True)
class AreaCounts:
    """Live cases under one code. `oldest_at` is when the oldest of them was reported."""

    area_code: str
    live: int
    overdue: int
    long_overdue: int
    urgent_overdue: int
    urgent_waiting: int
    reworked: int
    half: int
    most: int
    reported: int
    filed: int
    dispatched: int
    handling: int
    handled: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True)
class OfferCounts:
    """Offers under one code. Unanswered: past half of their time, or nobody left to ask."""

    area_code: str
    offered: int
    unanswered: int
    oldest_at: datetime | None


async def case_counts(tx: Tx, reach: Reach, prefix: str, length: int) -> list[AreaCounts]:
    """Live cases within reach under `prefix`, by the first `length` digits of their area."""
    low, high = area_range(prefix)
    return await tx.many(
        AreaCounts,
        """
        with live as (
            select left(c.area_code, :length) as area_code, c.state, c.urgent, c.reworks,
                   c.reported_at, c.due_at, began.at as began_at
              from cases_case c
        """
        + BEGAN
        + """
             where c.ended_at is null and c.area_code >= :low and c.area_code < :high
               and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                            where c.area_code >= r.lo and c.area_code < r.hi)
        ), need as (
        """
        + NEED
        + """
        )
        select area_code,
               count(*) as live,
               count(*) filter (where overdue) as overdue,
               count(*) filter (where long_overdue) as long_overdue,
               count(*) filter (where urgent_overdue) as urgent_overdue,
               count(*) filter (where urgent_waiting) as urgent_waiting,
               count(*) filter (where reworked) as reworked,
               count(*) filter (where half) as half,
               count(*) filter (where most) as most,
               count(*) filter (where state in ('reported', 'verifying')) as reported,
               count(*) filter (where state = 'filed') as filed,
               count(*) filter (where state = 'dispatched') as dispatched,
               count(*) filter (where state in ('acked', 'handling', 'extension_pending',
                                                'suspended', 'rework')) as handling,
               count(*) filter (where state in ('handled', 'inspecting')) as handled,
               min(reported_at) as oldest_at
          from need group by area_code order by area_code collate "C"
        """,
        now=tx.now,
        low=low,
        high=high,
        length=length,
        **reach.values(),
    )


async def offer_counts(tx: Tx, reach: Reach, prefix: str, length: int) -> list[OfferCounts]:
    """Offers waiting for an answer within reach under `prefix`, by area."""
    low, high = area_range(prefix)
    return await tx.many(
        OfferCounts,
        """
        select left(t.area_code, :length) as area_code,
               count(*) filter (where t.state = 'offered') as offered,
               count(*) filter (where t.state = 'stranded'
                   or t.offered_at + (t.answer_by - t.offered_at) / 2 <= :now) as unanswered,
               min(coalesce(t.offered_at, t.created_at)) filter (where t.state = 'stranded'
                   or t.offered_at + (t.answer_by - t.offered_at) / 2 <= :now) as oldest_at
          from tasks_task t
         where t.state in ('offered', 'stranded')
           and t.area_code >= :low and t.area_code < :high
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
         group by 1 order by 1
        """,
        now=tx.now,
        low=low,
        high=high,
        length=length,
        **reach.values(),
    )


async def ended_since(tx: Tx, reach: Reach, prefix: str, since: datetime) -> int:
    """Cases closed since a moment, within reach under `prefix`."""
    low, high = area_range(prefix)
    return await tx.one(
        int,
        """
        select count(*) from cases_case c
         where c.ended_at >= :since and c.area_code >= :low and c.area_code < :high
           and c.state in ('closed', 'self_closed', 'called_back')
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where c.area_code >= r.lo and c.area_code < r.hi)
        """,
        since=since,
        low=low,
        high=high,
        **reach.values(),
    )


async def stream_mark(tx: Tx) -> int:
    """How far the ledger has come; a screen listens from here on."""
    return await tx.one(int, "select seq from kernel_chain")


@dataclass(frozen=True, slots=True)
class StateCount:
    """Live cases in one state."""

    state: str
    number: int
    overdue: int


async def state_counts(tx: Tx, reach: Reach) -> list[StateCount]:
    """Live cases within reach, by state."""
    return await tx.many(
        StateCount,
        """
        select state, count(*) as number, count(*) filter (where due_at <= :now) as overdue
          from cases_case c
         where c.ended_at is null
           and (exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                         where c.area_code >= r.lo and c.area_code < r.hi)
                or c.unit_id = any(:reach_units::uuid[]))
         group by state order by state
        """,
        now=tx.now,
        **reach.values(),
    )


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A filter somebody gave a name: the query of a page's address, without its marks."""

    id: UUID
    page: str
    name: str
    query: str


async def saved_filters(tx: Tx, page: str) -> list[SavedFilter]:
    """The actor's own, in the order they were made."""
    return await tx.many(
        SavedFilter,
        """
        select id, page, name, query from command_saved_filter
         where staff_id = :me and page = :page order by id
        """,
        me=tx.actor.id,
        page=page,
    )


async def save_filter(tx: Tx, saved: SavedFilter) -> int:
    """Keep one; the same name again replaces what it meant."""
    return await tx.run(
        """
        insert into command_saved_filter (id, staff_id, page, name, query)
        values (:id, :me, :page, :name, :query)
        on conflict on constraint command_saved_filter_one_name
        do update set query = excluded.query
        """,
        id=saved.id,
        me=tx.actor.id,
        page=saved.page,
        name=saved.name,
        query=saved.query,
    )


async def drop_filter(tx: Tx, filter_id: UUID) -> int:
    """Forget one of the actor's own."""
    return await tx.run(
        "delete from command_saved_filter where id = :id and staff_id = :me",
        id=filter_id,
        me=tx.actor.id,
    )
