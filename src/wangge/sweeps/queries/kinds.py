"""Kinds of rounds."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from wangge.kernel.database import Tx


@dataclass(frozen=True, slots=True)
class KindRow:
    """A row of sweeps_kind."""

    code: str
    name: str
    targets: str
    outcomes: list[dict[str, Any]]
    minutes: int
    needs_response: bool
    tubes: bool
    special: tuple[str, ...]
    wanted: tuple[str, ...]
    questions: list[dict[str, Any]]
    raises: list[dict[str, Any]]
    closed_at: datetime | None
    version: int
    feeds: bool
    area_code: str = ""
    things: tuple[str, ...] = ()
    by_tube: bool = False


async def kinds(tx: Tx) -> list[KindRow]:
    """All kinds, the ready-made ones first."""
    return await tx.many(
        KindRow,
        """
        select code, name, targets, outcomes, minutes, needs_response, tubes, special, wanted,
               questions, raises, closed_at, version, feeds, area_code, things, by_tube
          from sweeps_kind
         order by array_position(array['check', 'testing', 'visit', 'safety', 'notice',
                                       'premises', 'lettings'], code), code
        """,
    )


async def save(tx: Tx, row: KindRow) -> int:
    """A kind as it now is, new or changed; answers 0 when somebody else changed it meanwhile
    (`row.version` is what it becomes)."""
    return await tx.run(
        """
        insert into sweeps_kind as k (code, name, targets, outcomes, minutes, needs_response, tubes,
               special, wanted, questions, raises, closed_at, version, feeds, area_code,
               things, by_tube, changed_at, changed_by)
        values (:code, :name, :targets, :outcomes, :minutes, :needs_response, :tubes,
                :special::text[], :wanted::text[], :questions, :raises, :closed_at, :version,
                :feeds, :area_code, :things::text[], :by_tube, :now, :me)
        on conflict (code) do update
           set name = excluded.name, targets = excluded.targets, outcomes = excluded.outcomes,
               minutes = excluded.minutes, needs_response = excluded.needs_response,
               tubes = excluded.tubes, special = excluded.special, wanted = excluded.wanted,
               questions = excluded.questions, raises = excluded.raises,
               closed_at = excluded.closed_at, version = excluded.version,
               feeds = excluded.feeds, things = excluded.things, by_tube = excluded.by_tube,
               changed_at = excluded.changed_at, changed_by = excluded.changed_by
         where k.version = excluded.version - 1
        """,
        code=row.code,
        name=row.name,
        targets=row.targets,
        outcomes=row.outcomes,
        minutes=row.minutes,
        needs_response=row.needs_response,
        tubes=row.tubes,
        special=list(row.special),
        wanted=list(row.wanted),
        questions=row.questions,
        raises=row.raises,
        closed_at=row.closed_at,
        version=row.version,
        feeds=row.feeds,
        area_code=row.area_code,
        things=list(row.things),
        by_tube=row.by_tube,
        now=tx.now,
        me=tx.actor.id,
    )


@dataclass(frozen=True, slots=True)
class AsOpened:
    """A round's kind, as JSON."""

    id: UUID
    kind: dict[str, Any]


async def as_opened(tx: Tx, rounds: list[UUID]) -> list[AsOpened]:
    """The kinds of rounds as they were when these opened."""
    return await tx.many(
        AsOpened,
        """
        select r.id, coalesce(r.form, to_jsonb(k) - 'by_tube') as kind
          from sweeps_round r join sweeps_kind k on k.code = r.kind
         where r.id = any(:rounds::uuid[])
        """,
        rounds=rounds,
    )


async def freeze(tx: Tx, round_id: UUID, questions: list[dict[str, Any]]) -> int:
    """Keep a round's kind as it is now, with these questions."""
    return await tx.run(
        """
        update sweeps_round r
           set form = to_jsonb(k) || jsonb_build_object('questions', :questions::jsonb)
          from sweeps_kind k
         where r.id = :round_id and k.code = r.kind
        """,
        round_id=round_id,
        questions=questions,
    )
