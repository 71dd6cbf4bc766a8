"""Answers of a round: for the register, for a list that leaves, and counted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx


@dataclass(frozen=True, slots=True)
class Answered:
    """A lived-in door, or a register's entry (`id` is its own), with answers. `said_id` is what their
    sealed ones are bound to."""

    id: UUID
    household_id: UUID | None
    said_id: UUID
    answers: dict[str, Any]
    flagged: tuple[str, ...]
    at: datetime


async def answered(
    tx: Tx, round_id: UUID, after: UUID, *, late: bool, limit: int
) -> list[Answered]:
    """Doors with answers that stand, by id; with `late`, those reported after the close."""
    return await tx.many(
        Answered,
        """
        select t.id, t.household_id, s.report_id as said_id, s.answers, t.flagged, t.at
          from sweeps_standing t
          join lateral (select o.report_id, o.answers from sweeps_said o
                         where o.round_id = t.round_id and o.door_id = t.id
                           and o.report_id in (t.id, t.report_id) and o.answers <> '{}'
                         order by o.report_id = t.id desc limit 1) s on true
         where t.round_id = :round_id and t.id > :after
           and (t.household_id is not null or t.what <> '') and not t.gone and (not :late::bool or t.late)
         order by t.id limit :limit
        """,
        round_id=round_id,
        after=after,
        late=late,
        limit=limit,
    )


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """A row of the register that answers speak of."""

    kind: str
    id: UUID
    area_code: str
    more: dict[str, str]
    confirmed: dict[str, str]
    confirmed_on: date


async def lock_rows(
    tx: Tx, households: Sequence[UUID], residents: Sequence[UUID]
) -> list[RegisterRow]:
    """Households and residents that still live there, locked in the order of their ids. Two
    statements."""
    homes = await tx.many(
        RegisterRow,
        """
        select 'household'::text as kind, h.id, h.area_code, h.more, h.confirmed, h.confirmed_on
          from people_household h
         where h.id = any(:ids::uuid[]) and h.to_date is null
         order by h.id for update
        """,
        ids=list(households),
    )
    people = await tx.many(
        RegisterRow,
        """
        select 'resident'::text as kind, r.id, r.area_code, r.more, r.confirmed, r.confirmed_on
          from people_resident r
         where r.id = any(:ids::uuid[]) and r.ended_on is null
         order by r.id for update
        """,
        ids=list(residents),
    )
    return [*homes, *people]


@dataclass(frozen=True, slots=True)
class Leaving:
    """A door with answers, for a list that leaves."""

    id: UUID
    area_code: str
    block: str
    room: str
    outcome: str | None
    people: tuple[UUID, ...]
    said_id: UUID
    answers: dict[str, Any]
    at: datetime


async def leaving(
    tx: Tx, reach: Reach, round_id: UUID, after: UUID, limit: int
) -> list[Leaving]:
    """Doors with answers within reach, by id."""
    return await tx.many(
        Leaving,
        """
        select t.id, t.area_code, b.label as block, t.room, t.outcome, t.people,
               s.report_id as said_id, s.answers, t.at
          from sweeps_standing t
          join sweeps_block b on b.round_id = t.round_id and b.id = t.block_id
          join lateral (select o.report_id, o.answers from sweeps_said o
                         where o.round_id = t.round_id and o.door_id = t.id
                           and o.report_id in (t.id, t.report_id) and o.answers <> '{}'
                         order by o.report_id = t.id desc limit 1) s on true
         where t.round_id = :round_id and t.id > :after
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
         order by t.id limit :limit
        """,
        round_id=round_id,
        after=after,
        limit=limit,
        **reach.values(),
    )


@dataclass(frozen=True, slots=True)
class Tally:
    """How often a question was answered so; `value` is "" where answers are not counted apart."""

    key: str
    value: str
    answers: int


@dataclass(frozen=True, slots=True)
class Size:
    """Doors with answers, and the people listed behind them."""

    doors: int
    people: int


async def tallies(tx: Tx, reach: Reach, round_id: UUID, counted: Sequence[str]) -> list[Tally]:
    """Answers within reach by question; those of `counted` questions (choices, yes and no) by what
    was answered, several choices each for itself."""
    return await tx.many(
        Tally,
        """
        select split_part(e.key, '@', 1) as key, coalesce(v.value, '') as value,
               count(*) as answers
          from sweeps_standing t
          join lateral (select o.answers from sweeps_said o
                         where o.round_id = t.round_id and o.door_id = t.id
                           and o.report_id in (t.id, t.report_id) and o.answers <> '{}'
                         order by o.report_id = t.id desc limit 1) s on true
         cross join lateral jsonb_each(s.answers) e
          left join lateral regexp_split_to_table(e.value #>> '{}', ' ') as v(value)
               on split_part(e.key, '@', 1) = any(:counted::text[])
         where t.round_id = :round_id and e.value <> '""'
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
         group by 1, 2 order by 1, 2
        """,
        round_id=round_id,
        counted=list(counted),
        **reach.values(),
    )


async def size(tx: Tx, reach: Reach, round_id: UUID) -> Size:
    """How much a list of the answers within reach would hold."""
    return await tx.one(
        Size,
        """
        select count(*) as doors, coalesce(sum(cardinality(t.people)), 0)::int as people
          from sweeps_standing t
         where t.round_id = :round_id
           and exists (select 1 from sweeps_said o
                        where o.round_id = t.round_id and o.door_id = t.id
                          and o.report_id in (t.id, t.report_id) and o.answers <> '{}')
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
        """,
        round_id=round_id,
        **reach.values(),
    )
