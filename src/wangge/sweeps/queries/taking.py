"""Taking reports in: the statements of one shared transaction, in the order they run.

Locks go the same way for everybody, so that nobody waits in a circle: rounds, then blocks by
(round, id). A block's lock is the lock of its doors.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.sweeps.queries.pace import FADED


@dataclass(frozen=True, slots=True)
class RoundNow:
    """A round as reports meet it. `kind` is its row as JSON, as it was at the opening."""

    id: UUID
    area_code: str
    pass_n: int
    closed_at: datetime | None
    kind: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DoorsNow:
    """Doors as reports meet them, in the order they were asked for: None where there is none.
    `reports` is how many there are of each so far. One row of arrays: a row an object would cost
    more than the server's work."""

    blocks: tuple[UUID | None, ...]
    areas: tuple[str | None, ...]
    people: tuple[int | None, ...]
    reports: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """A report as kept, for judging."""

    round_id: UUID
    door_id: UUID
    id: UUID
    n: int
    base: int
    after: UUID | None
    undoes: UUID | None
    decides: bool
    pass_n: int
    by_id: UUID
    outcome: str | None
    how: str
    persons: dict[str, str] | None
    needs: tuple[str, ...] | None
    claimed_at: datetime | None
    clock_off: int | None
    at: datetime
    answers: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listed:
    """Who was listed behind a door, and whether its line is kept by itself."""

    round_id: UUID
    door_id: UUID
    people: tuple[UUID, ...]
    judged: bool
    late: bool


async def rounds(tx: Tx, ids: Sequence[UUID]) -> list[RoundNow]:
    """Rounds held open for reports: a certificate waits until they are in, and they for it."""
    return await tx.many(
        RoundNow,
        """
        select r.id, r.area_code, r.pass as pass_n, r.closed_at,
               coalesce(r.form, to_jsonb(k)) as kind
          from sweeps_round r join sweeps_kind k on k.code = r.kind
         where r.id = any(:ids::uuid[])
         order by r.id
           for share of r
        """,
        ids=list(ids),
    )


@dataclass(frozen=True, slots=True)
class _BlockOf:
    round_id: UUID
    door_id: UUID
    block_id: UUID


async def blocks_of(
    tx: Tx, doors: Sequence[tuple[UUID, UUID]]
) -> dict[tuple[UUID, UUID], UUID]:
    """The block of each (round, door); a door's block never changes."""
    rows = await tx.many(
        _BlockOf,
        """
        select d.round_id, d.id as door_id, d.block_id
          from unnest(:rounds::uuid[], :doors::uuid[]) as u(round_id, door_id)
          join sweeps_door d on d.round_id = u.round_id and d.id = u.door_id
        """,
        rounds=[round_id for round_id, _ in doors],
        doors=[door_id for _, door_id in doors],
    )
    return {(row.round_id, row.door_id): row.block_id for row in rows}


@dataclass(frozen=True, slots=True)
class BlockNow:
    """A block, locked; `version` counts the batches that changed it."""

    round_id: UUID
    id: UUID
    version: int


async def lock_blocks(tx: Tx, blocks: Sequence[tuple[UUID, UUID]]) -> list[BlockNow]:
    """Lock blocks, by (round, id)."""
    return await tx.many(
        BlockNow,
        """
        select b.round_id, b.id, b.version
          from sweeps_block b
         where (b.round_id, b.id) in (
               select u.round_id, u.block_id
                 from unnest(:rounds::uuid[], :blocks::uuid[]) as u(round_id, block_id))
         order by b.round_id, b.id
           for update of b
        """,
        rounds=[round_id for round_id, _ in blocks],
        blocks=[block_id for _, block_id in blocks],
    )


async def doors(tx: Tx, wanted: Sequence[tuple[UUID, UUID]]) -> DoorsNow:
    """Doors by (round, id), after their blocks were locked."""
    return await tx.one(
        DoorsNow,
        """
        select array_agg(f.block_id) as blocks, array_agg(f.area_code) as areas,
               array_agg(f.people) as people, array_agg(f.reports) as reports
          from (select d.block_id, d.area_code, cardinality(d.people) as people,
                       (select count(*)::int from sweeps_report r
                         where r.round_id = u.round_id and r.door_id = u.door_id) as reports
                  from unnest(:rounds::uuid[], :doors::uuid[]) with ordinality
                       as u(round_id, door_id, n)
                  left join sweeps_door d on d.round_id = u.round_id and d.id = u.door_id
                 order by u.n) f
        """,
        rounds=[round_id for round_id, _ in wanted],
        doors=[door_id for _, door_id in wanted],
    )


async def reports(tx: Tx, wanted: Sequence[tuple[UUID, UUID]]) -> list[Kept]:
    """All reports of these doors, in the order they came."""
    return await tx.many(
        Kept,
        """
        select r.round_id, r.door_id, r.id, r.n, r.base, r.after, r.undoes, r.decides,
               r.pass as pass_n, r.by_id, r.outcome, r.how, r.persons::jsonb as persons, r.needs,
               r.claimed_at, r.clock_off, r.at, coalesce(s.answers, '{}') as answers
          from unnest(:rounds::uuid[], :doors::uuid[]) as u(round_id, door_id)
          join sweeps_report r on r.round_id = u.round_id and r.door_id = u.door_id
          left join sweeps_said s on s.round_id = r.round_id and s.door_id = r.door_id
               and s.report_id = r.id
         order by r.round_id, r.door_id, r.n
        """,
        rounds=[round_id for round_id, _ in wanted],
        doors=[door_id for _, door_id in wanted],
    )


async def listed(tx: Tx, wanted: Sequence[tuple[UUID, UUID]]) -> list[Listed]:
    """Who is listed behind these doors."""
    return await tx.many(
        Listed,
        """
        select d.round_id, d.id as door_id, d.people, l.door_id is not null as judged,
               coalesce(l.late, false) as late
          from unnest(:rounds::uuid[], :doors::uuid[]) as u(round_id, door_id)
          join sweeps_door d on d.round_id = u.round_id and d.id = u.door_id
          left join sweeps_line l on l.round_id = d.round_id and l.door_id = d.id
        """,
        rounds=[round_id for round_id, _ in wanted],
        doors=[door_id for _, door_id in wanted],
    )


@dataclass(frozen=True, slots=True)
class _Held:
    worker_id: UUID
    round_id: UUID
    block_id: UUID


async def shares_of(
    tx: Tx, workers: Sequence[UUID], rounds_: Sequence[UUID]
) -> set[tuple[UUID, UUID, UUID]]:
    """(worker, round, block) of every share they have or had: whoever was sent to a block may
    report it, also after somebody else took over."""
    rows = await tx.many(
        _Held,
        """
        select distinct worker_id, round_id, block_id from sweeps_share
         where worker_id = any(:workers::uuid[]) and round_id = any(:rounds::uuid[])
        """,
        workers=list(workers),
        rounds=list(rounds_),
    )
    return {(row.worker_id, row.round_id, row.block_id) for row in rows}


async def units_in(tx: Tx, buildings: Sequence[UUID]) -> list[UUID]:
    """Stairwells of buildings, for posts over a whole building."""
    return await tx.many(
        UUID,
        "select id from places_unit where building_id = any(:buildings::uuid[])",
        buildings=list(buildings),
    )


#: The columns of sweeps_report, in the order they are copied.
REPORT_COLUMNS = (
    "round_id",
    "door_id",
    "id",
    "n",
    "base",
    "after",
    "undoes",
    "decides",
    "pass",
    "by_id",
    "for_id",
    "outcome",
    "how",
    "persons",
    "needs",
    "claimed_at",
    "clock_off",
    "at",
    "mark",
)


async def copy_reports(tx: Tx, rows: Sequence[tuple[Any, ...]]) -> int:
    """Append reports."""
    return await tx.copy("sweeps_report", REPORT_COLUMNS, rows)


@dataclass(frozen=True, slots=True)
class SaidRow:
    """Answers and words of one report; `words` are sealed."""

    round_id: UUID
    door_id: UUID
    report_id: UUID
    area_code: str
    answers: dict[str, Any]
    words: bytes | None


async def insert_said(tx: Tx, rows: Sequence[SaidRow]) -> int:
    """What was said in answers and words."""
    return await tx.run(
        """
        insert into sweeps_said (round_id, door_id, report_id, area_code, answers, words)
        select * from unnest(:rounds::uuid[], :doors::uuid[], :reports::uuid[], :areas::text[],
                             :answers::jsonb[], :words::bytea[])
        """,
        rounds=[row.round_id for row in rows],
        doors=[row.door_id for row in rows],
        reports=[row.report_id for row in rows],
        areas=[row.area_code for row in rows],
        answers=[row.answers for row in rows],
        words=[row.words for row in rows],
    )


async def stand_answers(tx: Tx, rows: Sequence[SaidRow]) -> int:
    """Answers that stand where reports were judged together; `report_id` is the door's own id."""
    return await tx.run(
        """
        insert into sweeps_said (round_id, door_id, report_id, area_code, answers)
        select * from unnest(:rounds::uuid[], :doors::uuid[], :reports::uuid[], :areas::text[],
                             :answers::jsonb[])
        on conflict (round_id, door_id, report_id) do update set answers = excluded.answers
        """,
        rounds=[row.round_id for row in rows],
        doors=[row.door_id for row in rows],
        reports=[row.report_id for row in rows],
        areas=[row.area_code for row in rows],
        answers=[row.answers for row in rows],
    )


@dataclass(frozen=True, slots=True)
class LineRow:
    """A judged line, as kept. `needs` and `flagged` travel as one text, separated by spaces."""

    round_id: UUID
    door_id: UUID
    outcome: str | None
    persons: dict[str, str] | None
    needs: str
    report_id: UUID | None
    by_id: UUID
    how: str
    claimed_at: datetime | None
    clock_off: int | None
    at: datetime
    version: int
    tries: int
    flagged: str
    late: bool
    mark: int


async def upsert_lines(tx: Tx, rows: Sequence[LineRow]) -> int:
    """Lines of doors with more than one report, or with one that does not speak for itself."""
    return await tx.run(
        """
        insert into sweeps_line (round_id, door_id, outcome, persons, needs, report_id, by_id,
               how, claimed_at, clock_off, at, version, tries, flagged, late, mark)
        select round_id, door_id, outcome, persons,
               array_remove(string_to_array(needs, ' '), ''), report_id, by_id, how,
               claimed_at, clock_off, at, version, tries,
               array_remove(string_to_array(flagged, ' '), ''), late, mark
          from unnest(:rounds::uuid[], :doors::uuid[], :outcomes::text[], :persons::jsonb[],
                      :needs::text[], :reports::uuid[], :bys::uuid[], :hows::text[],
                      :claims::timestamptz[], :offs::int[], :ats::timestamptz[],
                      :versions::int[], :tries::int[], :flagged::text[], :lates::bool[],
                      :marks::bigint[])
               u(round_id, door_id, outcome, persons, needs, report_id, by_id, how, claimed_at,
                 clock_off, at, version, tries, flagged, late, mark)
        on conflict (round_id, door_id) do update
           set outcome = excluded.outcome, persons = excluded.persons, needs = excluded.needs,
               report_id = excluded.report_id, by_id = excluded.by_id, how = excluded.how,
               claimed_at = excluded.claimed_at, clock_off = excluded.clock_off,
               at = excluded.at, version = excluded.version, tries = excluded.tries,
               flagged = excluded.flagged, late = excluded.late, mark = excluded.mark
        """,
        rounds=[row.round_id for row in rows],
        doors=[row.door_id for row in rows],
        outcomes=[row.outcome for row in rows],
        persons=[row.persons for row in rows],
        needs=[row.needs for row in rows],
        reports=[row.report_id for row in rows],
        bys=[row.by_id for row in rows],
        hows=[row.how for row in rows],
        claims=[row.claimed_at for row in rows],
        offs=[row.clock_off for row in rows],
        ats=[row.at for row in rows],
        versions=[row.version for row in rows],
        tries=[row.tries for row in rows],
        flagged=[row.flagged for row in rows],
        lates=[row.late for row in rows],
        marks=[row.mark for row in rows],
    )


#: What a block counts, in the order of `add_to_blocks`.
COUNTED = (
    "all",
    "some",
    "nobody",
    "locked",
    "vacant",
    "away",
    "refused",
    "visit",
    "exempt",
    "moved",
    "flagged",
    "late",
    "done_people",
    "exempt_people",
)


async def add_to_blocks(
    tx: Tx, changes: Sequence[tuple[UUID, UUID, dict[str, int], int]], pace_seconds: float
) -> int:
    """Move the counts of blocks: (round, block, differences by COUNTED, doors new to the count).
    The pace fades by exp(-t / pace_seconds) and each new door adds 1 / pace_seconds."""
    return await tx.run(
        """
        update sweeps_block b
           set n_all = b.n_all + u.n_all, n_some = b.n_some + u.n_some,
               n_nobody = b.n_nobody + u.n_nobody, n_locked = b.n_locked + u.n_locked,
               n_vacant = b.n_vacant + u.n_vacant, n_away = b.n_away + u.n_away,
               n_refused = b.n_refused + u.n_refused, n_visit = b.n_visit + u.n_visit,
               n_exempt = b.n_exempt + u.n_exempt, n_moved = b.n_moved + u.n_moved,
               flagged = b.flagged + u.flagged, late = b.late + u.late,
               p_done = b.p_done + u.p_done, p_exempt = b.p_exempt + u.p_exempt,
               version = b.version + 1,
               first_at = coalesce(b.first_at, :now), last_at = greatest(b.last_at, :now),
               rate = """
        + FADED
        + """ + u.fresh / :pace
          from unnest(:rounds::uuid[], :blocks::uuid[], :d0::int[], :d1::int[], :d2::int[],
                      :d3::int[], :d4::int[], :d5::int[], :d6::int[], :d7::int[], :d8::int[],
                      :d9::int[], :d10::int[], :d11::int[], :d12::int[], :d13::int[],
                      :fresh::int[])
               u(round_id, block_id, n_all, n_some, n_nobody, n_locked, n_vacant, n_away,
                 n_refused, n_visit, n_exempt, n_moved, flagged, late, p_done, p_exempt, fresh)
         where b.round_id = u.round_id and b.id = u.block_id
        """,
        now=tx.now,
        pace=pace_seconds,
        rounds=[change[0] for change in changes],
        blocks=[change[1] for change in changes],
        fresh=[change[3] for change in changes],
        **{
            f"d{n}": [change[2].get(name, 0) for change in changes]
            for n, name in enumerate(COUNTED)
        },
    )
