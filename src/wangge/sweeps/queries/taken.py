"""Taking reports in: what one shared transaction writes, set by set."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.sweeps.queries.pace import FADED

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
