"""SQL statements about proposals; those over the registers are in `registered`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal with its latest division. `before` says where each stairwell was when it was made,
    `applied` what an undo puts back."""

    id: UUID
    area_code: str
    kind: str
    state: str
    rules: dict[str, Any]
    seed: int
    by_id: UUID
    at: datetime
    done: int
    whole: int
    stopped: str
    sentences: list[str]
    before: dict[str, str]
    mean: float
    version: int
    decided_by: UUID | None
    decided_at: datetime | None
    reason: str
    applied: dict[str, Any] | None
    undone_by: UUID | None
    undone_at: datetime | None
    undo_reason: str
    division: dict[str, str]


@dataclass(frozen=True, slots=True)
class ProposalLine:
    """A proposal in a list."""

    id: UUID
    area_code: str
    kind: str
    state: str
    by_id: UUID
    at: datetime
    version: int
    decided_at: datetime | None
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One state a proposal had."""

    number: int
    at: datetime
    by_id: UUID
    what: str
    unit_id: UUID | None
    to_code: str


async def proposal(tx: Tx, reach: Reach, id_: UUID) -> Proposal:
    """The door to a proposal."""
    return await tx.one(
        Proposal,
        """
        select t.id, t.area_code, t.kind, t.state, t.rules, t.seed, t.by_id, t.at, t.done, t.whole,
               t.stopped, t.sentences, t.before, t.mean, t.version, t.decided_by, t.decided_at,
               t.reason, t.applied, t.undone_by, t.undone_at, t.undo_reason,
               coalesce(v.division, '{}'::jsonb) as division
          from planning_proposal t
          left join planning_version v on v.proposal_id = t.id and v.number = t.version
         where t.id = :id
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
        """,
        id=id_,
        **reach.values(),
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a proposal is: `done` of `whole` tries."""

    id: UUID
    state: str
    done: int
    whole: int


async def standing(tx: Tx, reach: Reach, id_: UUID) -> Standing:
    """The door to how far a proposal is."""
    return await tx.one(
        Standing,
        """
        select t.id, t.state, t.done, t.whole from planning_proposal t
         where t.id = :id
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
        """,
        id=id_,
        **reach.values(),
    )


async def lock(tx: Tx, reach: Reach, id_: UUID) -> Proposal:
    """The only door to a proposal that is about to change."""
    return await tx.one(
        Proposal,
        """
        select t.id, t.area_code, t.kind, t.state, t.rules, t.seed, t.by_id, t.at, t.done, t.whole,
               t.stopped, t.sentences, t.before, t.mean, t.version, t.decided_by, t.decided_at,
               t.reason, t.applied, t.undone_by, t.undone_at, t.undo_reason,
               coalesce((select v.division from planning_version v
                          where v.proposal_id = t.id and v.number = t.version),
                        '{}'::jsonb) as division
          from planning_proposal t
         where t.id = :id
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
           for update of t
        """,
        id=id_,
        **reach.values(),
    )


async def proposals(
    tx: Tx, community: str, after: tuple[datetime, UUID] | None, limit: int
) -> list[ProposalLine]:
    """Proposals of a community, the newest first. The caller has checked the reach."""
    return await tx.many(
        ProposalLine,
        """
        select id, area_code, kind, state, by_id, at, version, decided_at, undone_at
          from planning_proposal
         where area_code = :community
           and (:moment::timestamptz is null or (at, id) < (:moment, :id::uuid))
         order by at desc, id desc limit :limit
        """,
        community=community,
        moment=after[0] if after else None,
        id=after[1] if after else None,
        limit=limit,
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many proposals of a community wait for somebody."""

    area_code: str
    ready: int


async def waiting(tx: Tx, reach: Reach) -> list[Waiting]:
    """Communities with proposals nobody has decided."""
    return await tx.many(
        Waiting,
        """
        select t.area_code, count(*)::int as ready from planning_proposal t
         where t.state = 'ready'
           and exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                        where t.area_code >= r.lo and t.area_code < r.hi)
         group by t.area_code order by t.area_code
        """,
        **reach.values(),
    )


@dataclass(frozen=True, slots=True)
class Computing:
    """A proposal that is being worked out, or waits for it."""

    id: UUID
    kind: str
    rules: dict[str, Any]
    seed: int


async def being_worked_out(tx: Tx, community: str) -> list[Computing]:
    """Those of a community, the first asked first."""
    return await tx.many(
        Computing,
        """
        select id, kind, rules, seed from planning_proposal
         where area_code = :community and state = 'waiting' order by at, id
        """,
        community=community,
    )


async def next_to_make(tx: Tx) -> UUID | None:
    """The proposal that waits longest. Not locked: it can be stopped, and then nothing is kept."""
    return await tx.maybe(
        UUID,
        "select id from planning_proposal where state = 'waiting' order by at, id limit 1",
    )


async def count_try(tx: Tx, id_: UUID) -> int:
    """One more try; answers how many."""
    return await tx.one(
        int,
        "update planning_proposal set tries = tries + 1 where id = :id returning tries",
        id=id_,
    )


async def versions(
    tx: Tx, id_: UUID, limit: int, before: int | None = None
) -> list[VersionLine]:
    """What the latest of a proposal's states (before a number) came from, in order."""
    found = await tx.many(
        VersionLine,
        """
        select number, at, by_id, what, unit_id, to_code from planning_version
         where proposal_id = :id and (:before::int is null or number < :before)
         order by number desc limit :limit
        """,
        id=id_,
        before=before,
        limit=limit,
    )
    return found[::-1]


@dataclass(frozen=True, slots=True)
class _Division:
    division: dict[str, str]


async def division_at(tx: Tx, id_: UUID, number: int) -> dict[str, str] | None:
    """A division a proposal had."""
    found = await tx.maybe(
        _Division,
        "select division from planning_version where proposal_id = :id and number = :number",
        id=id_,
        number=number,
    )
    return found.division if found else None


async def insert_proposal(
    tx: Tx, id_: UUID, community: str, kind: str, rules: Mapping[str, Any], seed: int
) -> int:
    return await tx.run(
        """
        insert into planning_proposal (id, area_code, kind, state, rules, seed, by_id, at)
        values (:id, :community, :kind, 'waiting', :rules, :seed, :by_id, :now)
        """,
        id=id_,
        community=community,
        kind=kind,
        rules=dict(rules),
        seed=seed,
        by_id=tx.actor.id,
        now=tx.now,
    )


async def insert_version(
    tx: Tx,
    id_: UUID,
    number: int,
    what: str,
    division: Mapping[str, str],
    *,
    by: UUID,
    unit_id: UUID | None = None,
    to_code: str = "",
) -> int:
    return await tx.run(
        """
        insert into planning_version (proposal_id, number, at, by_id, what, unit_id, to_code,
                                      division)
        values (:id, :number, :now, :by, :what, :unit_id, :to_code, :division)
        """,
        id=id_,
        number=number,
        now=tx.now,
        by=by,
        what=what,
        unit_id=unit_id,
        to_code=to_code,
        division=dict(division),
    )


async def set_version(tx: Tx, id_: UUID, number: int) -> int:
    return await tx.run(
        "update planning_proposal set version = :number where id = :id", id=id_, number=number
    )


async def set_ready(
    tx: Tx,
    id_: UUID,
    *,
    before: Mapping[str, str],
    mean: float,
    sentences: Sequence[str],
    stopped: str,
) -> int:
    """It was computed, unless somebody stopped it meanwhile (then 0)."""
    return await tx.run(
        """
        update planning_proposal
           set state = 'ready', before = :before, mean = :mean, sentences = :sentences,
               stopped = :stopped, version = 1, done = whole
         where id = :id and state = 'waiting'
        """,
        id=id_,
        before=dict(before),
        mean=mean,
        sentences=list(sentences),
        stopped=stopped,
    )


async def set_progress(tx: Tx, id_: UUID, done: int, whole: int) -> int:
    """How far it is; 0 rows when it no longer waits: somebody stopped it."""
    return await tx.run(
        """
        update planning_proposal set done = :done, whole = :whole
         where id = :id and state = 'waiting'
        """,
        id=id_,
        done=done,
        whole=whole,
    )


async def set_state(tx: Tx, id_: UUID, state: str, sentences: Sequence[str] = ()) -> int:
    return await tx.run(
        """
        update planning_proposal
           set state = :state,
               sentences = case when :told then :sentences::jsonb else sentences end
         where id = :id
        """,
        id=id_,
        state=state,
        told=bool(sentences),
        sentences=list(sentences),
    )


async def set_accepted(tx: Tx, id_: UUID, reason: str, applied: Mapping[str, Any]) -> int:
    return await tx.run(
        """
        update planning_proposal
           set state = 'accepted', decided_by = :by, decided_at = :now, reason = :reason,
               applied = :applied
         where id = :id
        """,
        id=id_,
        by=tx.actor.id,
        now=tx.now,
        reason=reason,
        applied=dict(applied),
    )


async def set_undone(tx: Tx, id_: UUID, reason: str) -> int:
    return await tx.run(
        """
        update planning_proposal
           set state = 'undone', undone_by = :by, undone_at = :now, undo_reason = :reason
         where id = :id
        """,
        id=id_,
        by=tx.actor.id,
        now=tx.now,
        reason=reason,
    )
