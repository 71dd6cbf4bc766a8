"""Every statement that changes cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

from wangge.cases.acts import READ
from wangge.cases.model import Case
from wangge.kernel.database import Tx
from wangge.kernel.files import attach
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import NotFound


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case as it is first written."""

    case: Case
    words: str
    title: str
    place: str
    lon: float | None
    lat: float | None
    unit_id: UUID | None
    dwelling_id: UUID | None
    external_id: str | None
    contact_sealed: bytes | None
    contact_mask: str | None
    class_by: str | None
    class_reason: str
    response_id: UUID | None


@dataclass(frozen=True, slots=True)
class _At:
    id: UUID
    unit_id: UUID


class Step(NamedTuple):
    """One line of a case's story, in the order in which it is written."""

    id: UUID
    case_id: UUID
    n: int
    at: datetime
    actor_id: UUID
    verb: str
    from_state: str | None
    to_state: str
    opinion: str
    target: str | None
    minutes: int
    overdue: bool
    due_at: datetime | None
    due_what: str | None
    due_cause: str


_CASE_COLUMNS = (
    *("id", "receipt", "area_code", "channel", "trusted", "external_id", "title", "words"),
    *("place", "lon", "lat", "unit_id", "dwelling_id", "reporter_id", "contact_sealed"),
    *("contact_mask", "class_code", "class_by", "class_reason", "platform", "rule_id"),
    *("route_reason", "unit", "handler_id", "level", "response_id", "state", "urgent"),
    *("result", "reported_at", "received_at", "state_at", "due_at", "due_what", "due_cause"),
    *("climb_at", "final_due_at", "final_cause", "final_minutes", "final_kind", "ended_at"),
    "version",
)


async def insert(tx: Tx, new: Sequence[NewCase]) -> None:
    """Cases, all at once. By COPY: forty arrays for `unnest` cost the driver more than the
    server needs for everything else."""
    await tx.copy("cases_case", _CASE_COLUMNS, [_case_row(n, tx.now) for n in new])


def _case_row(new: NewCase, now: datetime) -> tuple[Any, ...]:
    c = new.case
    return (
        *(c.id, c.receipt, c.area_code, c.channel, c.trusted, new.external_id, new.title),
        *(new.words, new.place, new.lon, new.lat, new.unit_id, new.dwelling_id, c.reporter_id),
        *(new.contact_sealed, new.contact_mask, c.class_code, new.class_by, new.class_reason),
        *(c.platform, c.rule_id, c.route_reason, c.unit, c.handler_id, c.level),
        *(new.response_id, c.state, c.urgent, c.result, c.reported_at, now, c.state_at),
        *(c.due_at, c.due_what, c.due_cause, c.climb_at, c.final_due_at, c.final_cause),
        *(c.final_minutes, c.final_kind, c.ended_at, c.version),
    )


async def add_steps(tx: Tx, steps: Sequence[Step]) -> None:
    """Lines of stories, all at once."""
    await tx.copy("cases_step", Step._fields, steps)


#: What every door to a case gives.
_CASE: LiteralString = """
        select id, receipt, area_code, channel, trusted, class_code, platform, rule_id,
               route_reason, unit, owner_id, handler_id, reporter_id, level, state, urgent,
               verified, returned, returns, reworks, reopened, score, merged_into, result,
               reported_at, state_at, due_at, due_what, due_cause, final_due_at, final_cause,
               final_minutes, final_kind, paused_minutes, climb_at, ended_at, version
"""


async def lock(tx: Tx, case_id: UUID) -> Case:
    """The door to a case that is about to change: within the actor's reach to read cases."""
    found = await tx.maybe(
        Case,
        _CASE
        + """
          from cases_case c
         where id = :case_id
           and (exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                         where c.area_code >= r.lo and c.area_code < r.hi)
                or c.unit_id = any(:reach_units::uuid[]))
           for update
        """,
        case_id=case_id,
        **tx.reach(READ).values(),
    )
    if found is None:
        raise NotFound("这件事")
    return found


async def lock_for_task(tx: Tx, case_id: UUID) -> Case:
    """The case behind a task whose own door was passed: whoever holds the task may work on it,
    in whatever area it lies."""
    return await tx.one(
        Case,
        _CASE
        + """
          from cases_case where id = :case_id for update
        """,
        case_id=case_id,
    )


async def lock_by_receipt(tx: Tx, receipt: str) -> Case:
    """The door of somebody without an account: whoever has the receipt."""
    found = await tx.maybe(
        Case,
        _CASE
        + """
          from cases_case where receipt = :receipt for update
        """,
        receipt=receipt,
    )
    if found is None:
        raise NotFound("这个回执号")
    return found


async def id_by_receipt(tx: Tx, receipt: str) -> UUID:
    """A case's id by its receipt; whether it is within reach is asked at its door."""
    found = await tx.maybe(
        UUID, "select id from cases_case where receipt = :receipt", receipt=receipt
    )
    if found is None:
        raise NotFound("这件事")
    return found


async def lock_overdue(tx: Tx, limit: int) -> list[Case]:
    """Live cases whose limit has passed and that are to climb a level now."""
    return await tx.many(
        Case,
        _CASE
        + """
          from cases_case
         where ended_at is null and climb_at <= :now
         order by climb_at limit :limit
           for update skip locked
        """,
        now=tx.now,
        limit=limit,
    )


async def lock_at_units(tx: Tx, units: Sequence[UUID]) -> list[tuple[UUID, Case]]:
    """Cases at the doors of these stairwells that are not over, each with its stairwell, for whoever may
    give the stairwells away."""
    found = await tx.many(
        Case,
        _CASE
        + """
          from cases_case
         where unit_id = any(:units::uuid[]) and ended_at is null
         order by id
           for update
        """,
        units=list(units),
    )
    where = await tx.many(
        _At,
        "select id, unit_id from cases_case where id = any(:ids::uuid[])",
        ids=[case.id for case in found],
    )
    unit_of = {one.id: one.unit_id for one in where}
    return [(unit_of[case.id], case) for case in found]


async def count_at_units(tx: Tx, units: Sequence[UUID]) -> int:
    """How many those are that lie where their stairwell does."""
    return await tx.one(
        int,
        """
        select count(*)::int from cases_case c
          join places_unit u on u.id = c.unit_id and u.area_code = c.area_code
         where c.unit_id = any(:units::uuid[]) and c.ended_at is null
        """,
        units=list(units),
    )


async def set_areas(tx: Tx, cases: Sequence[Case]) -> None:
    """Locked cases lie in other areas."""
    await tx.run(
        """
        update cases_case c set area_code = m.area_code, version = m.version
          from unnest(:ids::uuid[], :codes::text[], :versions::integer[])
               as m(id, area_code, version)
         where c.id = m.id
        """,
        ids=[case.id for case in cases],
        codes=[case.area_code for case in cases],
        versions=[case.version for case in cases],
    )


async def save(tx: Tx, case: Case) -> None:
    """A case's new value. The row is locked; the version moved with the value."""
    await tx.run(
        """
        update cases_case
           set class_code = :class_code, platform = :platform, rule_id = :rule_id,
               route_reason = :route_reason, unit = :unit, owner_id = :owner_id,
               handler_id = :handler_id, level = :level, state = :state, urgent = :urgent,
               verified = :verified, returned = :returned, returns = :returns,
               reworks = :reworks, reopened = :reopened, score = :score,
               merged_into = :merged_into, result = :result, state_at = :state_at,
               due_at = :due_at, due_what = :due_what, due_cause = :due_cause,
               final_due_at = :final_due_at, final_cause = :final_cause,
               final_minutes = :final_minutes, final_kind = :final_kind,
               paused_minutes = :paused_minutes, climb_at = :climb_at,
               ended_at = :ended_at, version = :version
         where id = :id
        """,
        id=case.id,
        class_code=case.class_code,
        platform=case.platform,
        rule_id=case.rule_id,
        route_reason=case.route_reason,
        unit=case.unit,
        owner_id=case.owner_id,
        handler_id=case.handler_id,
        level=case.level,
        state=case.state.value,
        urgent=case.urgent,
        verified=case.verified,
        returned=case.returned,
        returns=case.returns,
        reworks=case.reworks,
        reopened=case.reopened,
        score=case.score,
        merged_into=case.merged_into,
        result=case.result,
        state_at=case.state_at,
        due_at=case.due_at,
        due_what=case.due_what,
        due_cause=case.due_cause,
        final_due_at=case.final_due_at,
        final_cause=case.final_cause,
        final_minutes=case.final_minutes,
        final_kind=case.final_kind,
        paused_minutes=case.paused_minutes,
        climb_at=case.climb_at,
        ended_at=case.ended_at,
        version=case.version,
    )


async def reclass(tx: Tx, case_id: UUID, code: str, by: str, why: str) -> None:
    """Who chose the class, and why."""
    await tx.run(
        """
        update cases_case set class_code = :code, class_by = :by, class_reason = :why
         where id = :case_id
        """,
        case_id=case_id,
        code=code,
        by=by,
        why=why,
    )


async def asked_until(tx: Tx, case_id: UUID) -> str:
    """Until when the handler last asked for more time, in ISO 8601."""
    return await tx.one(
        str,
        """
        select substr(target, length('until:') + 1) from cases_step
         where case_id = :case_id and verb = 'ask_extension' order by n desc limit 1
        """,
        case_id=case_id,
    )


async def add_photos(tx: Tx, photos: Sequence[tuple[UUID, UUID]], purpose: str) -> None:
    """(case, file) pairs. A file is shown by one case only; the sender must be who sent it."""
    if not photos:
        return
    await tx.run(
        """
        insert into cases_photo (case_id, file_id, purpose, at)
        select case_id, file_id, :purpose, :now
          from unnest(:cases::uuid[], :files::uuid[]) t(case_id, file_id)
        on conflict do nothing
        """,
        cases=[case for case, _ in photos],
        files=[file for _, file in photos],
        purpose=purpose,
        now=tx.now,
    )
    await attach(tx, [file for _, file in photos])


async def known_files(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Who sent which of these files."""
    rows = await tx.many(
        _Sent, "select id, by_id from kernel_file where id = any(:ids::uuid[])", ids=list(ids)
    )
    return {row.id: row.by_id for row in rows}


@dataclass(frozen=True, slots=True)
class _Sent:
    id: UUID
    by_id: UUID


def step_of(
    before: Case, after: Case, verb: str, tx: Tx, opinion: str, target: str | None
) -> Step:
    """The story's line for a move."""
    return Step(
        new_id(tx.now),
        after.id,
        # The lines written at intake are 0 to 3; then the version numbers them, whatever clocks say.
        after.version * 10,
        tx.now,
        tx.actor.id,
        verb,
        before.state.value,
        after.state.value,
        opinion,
        target,
        max(0, int((tx.now - before.state_at).total_seconds() // 60)),
        before.late(tx.now),
        after.due_at,
        after.due_what,
        after.due_cause,
    )
