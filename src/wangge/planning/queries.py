"""Every SQL statement of the room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx

# -- the town, out of the registers ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class UnitLine:
    """A stairwell with its doors; floors are those of the doors, else of the building."""

    id: UUID
    building_id: UUID
    area_code: str
    name: str
    has_lift: bool
    doors: int
    lowest: int
    highest: int


@dataclass(frozen=True, slots=True)
class BuildingLine:
    """A building of those stairwells. `footprint` is GeoJSON or None."""

    id: UUID
    name: str
    compound: str
    lon: float | None
    lat: float | None
    footprint: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Living:
    """How many live behind a stairwell's doors."""

    unit_id: UUID
    households: int
    people: int
    special: int


@dataclass(frozen=True, slots=True)
class HeadLine:
    """Who may be the head of a micro-grid: by name (`named`), or by a post of that area."""

    area_code: str
    staff_id: UUID | None
    name: str
    unit_id: UUID | None
    named: bool


async def units(tx: Tx, community: str) -> list[UnitLine]:
    """Every stairwell of a community, in the order of their houses."""
    return await tx.many(
        UnitLine,
        """
        select u.id, u.building_id, u.area_code, u.name, u.has_lift,
               coalesce(d.doors, 0) as doors, coalesce(d.lowest, 1) as lowest,
               coalesce(d.highest, b.floors) as highest
          from places_unit u
          join places_building b on b.id = u.building_id
          join places_compound c on c.id = b.compound_id
          left join (select w.unit_id, count(*)::int as doors, min(w.floor) as lowest,
                            max(w.floor) as highest
                       from places_dwelling w
                      where w.area_code >= :low and w.area_code < :high
                      group by w.unit_id) d on d.unit_id = u.id
         where u.area_code >= :low and u.area_code < :high
         order by c.name, c.id, length(b.number), b.number, b.id, length(u.number), u.number, u.id
        """,
        low=community,
        high=community + ":",
    )


async def buildings(tx: Tx, community: str) -> list[BuildingLine]:
    """The buildings of those stairwells."""
    return await tx.many(
        BuildingLine,
        """
        select b.id, b.name, c.name as compound, b.lon, b.lat, b.footprint
          from places_building b join places_compound c on c.id = b.compound_id
         where b.id in (select u.building_id from places_unit u
                         where u.area_code >= :low and u.area_code < :high)
         order by b.id
        """,
        low=community,
        high=community + ":",
    )


async def living(tx: Tx, community: str, kinds: Sequence[str], today: date) -> list[Living]:
    """Households, residents and persons visited at home, by stairwell: counts, and nothing of what
    anybody needs."""
    return await tx.many(
        Living,
        """
        select unit_id, sum(households)::int as households, sum(people)::int as people,
               sum(special)::int as special
          from (select h.unit_id, count(*) as households, 0 as people, 0 as special
                  from people_household h
                 where h.area_code >= :low and h.area_code < :high and h.to_date is null
                 group by h.unit_id
                union all
                select r.unit_id, 0, count(*), 0 from people_resident r
                 where r.area_code >= :low and r.area_code < :high and r.ended_on is null
                 group by r.unit_id
                union all
                select t.unit_id, 0, 0, count(distinct t.resident_id) from people_tag t
                 where t.area_code >= :low and t.area_code < :high and t.ended_at is null
                   and t.until_date >= :today and t.kind = any(:kinds::text[])
                 group by t.unit_id) counted
         group by unit_id
        """,
        low=community,
        high=community + ":",
        kinds=list(kinds),
        today=today,
    )


async def heads(tx: Tx, community: str) -> list[HeadLine]:
    """Who heads the micro-grids, the likeliest first in each: whoever was named, then posts of that
    very area, a head's before a worker's before a helper's, the one over most stairwells first."""
    return await tx.many(
        HeadLine,
        """
        select area_code, staff_id, name, unit_id, named
          from (select h.area_code, s.id as staff_id, coalesce(s.name, '') as name, h.unit_id,
                       true as named, 0 as place, 0 as narrow, h.at as since, h.by_id as id
                  from planning_head h left join people_staff s on s.id = h.staff_id and s.active
                 where h.area_code >= :low and h.area_code < :high
                union all
                select p.area_code, s.id, s.name, null, false,
                       case p.role when 'grid_head' then 1 when 'grid_worker' then 2 else 3 end,
                       case when cardinality(p.unit_ids) = 0 then -1000000
                            else -cardinality(p.unit_ids) end, p.from_at, p.id
                  from people_post p join people_staff s on s.id = p.staff_id and s.active
                 where p.area_code >= :low and p.area_code < :high and length(p.area_code) = 18
                   and p.role in ('grid_head', 'grid_worker', 'part_time_worker')
                   and p.from_at <= :now and (p.until_at is null or p.until_at > :now)) found
         order by area_code, place, narrow, since, id
        """,
        low=community,
        high=community + ":",
        now=tx.now,
    )


async def name_head(tx: Tx, area_code: str, staff_id: UUID | None, unit_id: UUID | None) -> int:
    """Who heads a micro-grid from now on."""
    return await tx.run(
        """
        insert into planning_head (area_code, staff_id, unit_id, by_id, at)
        values (:area_code, :staff_id, :unit_id, :by_id, :now)
        on conflict on constraint planning_head_pk do update
           set staff_id = excluded.staff_id, unit_id = excluded.unit_id, by_id = excluded.by_id,
               at = excluded.at
        """,
        area_code=area_code,
        staff_id=staff_id,
        unit_id=unit_id,
        by_id=tx.actor.id,
        now=tx.now,
    )


# -- proposals ---------------------------------------------------------------------------------


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


async def versions(tx: Tx, id_: UUID) -> list[VersionLine]:
    """What a proposal's states came from, in order."""
    return await tx.many(
        VersionLine,
        """
        select number, at, by_id, what, unit_id, to_code from planning_version
         where proposal_id = :id order by number
        """,
        id=id_,
    )


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
