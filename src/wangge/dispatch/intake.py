"""The one entrance: a report becomes a case, classified, routed and offered, in one transaction.

`receive` is set-based: a burst of reports costs one statement a table, not one a report. What can
be decided without the database (decide.py) is decided from reference data whose version was read
in this very transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from wangge import tasks
from wangge.cases import queries as case_queries
from wangge.cases.commands import photos
from wangge.cases.events import CaseReported
from wangge.cases.reference import REFERENCE
from wangge.dispatch.asking import Choice, Want, around_of, choose_all, pace_of
from wangge.dispatch.decide import (
    Aimed,
    Decision,
    Grounds,
    Report,
    aim,
    by_posts,
    settle,
    wanted,
)
from wangge.dispatch.rules import RULES
from wangge.kernel.actors import system_actor
from wangge.kernel.database import Database, Tx
from wangge.kernel.refusals import DeedReused, Refusal
from wangge.kernel.said import worded
from wangge.kernel.together import Together
from wangge.people import ROSTER
from wangge.places import ATLAS
from wangge.responses import RESPONSES


@dataclass(frozen=True, slots=True)
class Received:
    """What the reporter is told, in the reporter's language."""

    id: UUID
    receipt: str
    state: str
    stage: str
    class_code: str | None
    class_name: str
    class_reason: str
    area_code: str
    area_name: str
    platform: str | None
    route_reason: str
    offered_to: str
    due_at: datetime | None
    due_cause: str


@dataclass(frozen=True, slots=True)
class _Look:
    versions: dict[str, int]
    known: list[dict[str, Any]] | None


async def receive(tx: Tx, reports: Sequence[Report]) -> list[Received | Refusal]:
    """Take reports in. Each is answered by itself; one that is refused harms no other.

    A report whose id (or channel and external id) is already a case gets the answer again.
    """
    look = await tx.one(
        _Look,
        """
        select coalesce((select jsonb_object_agg(name, version) from kernel_version), '{}')
                 as versions,
               (select jsonb_agg(jsonb_build_object(
                         'id', c.id, 'receipt', c.receipt, 'state', c.state,
                         'class_code', c.class_code, 'class_reason', c.class_reason,
                         'area_code', c.area_code, 'platform', c.platform,
                         'route_reason', c.route_reason, 'unit', c.unit, 'due_at', c.due_at,
                         'due_cause', c.due_cause, 'words', c.words, 'channel', c.channel,
                         'external_id', c.external_id))
                  from cases_case c
                 where c.id = any(:ids::uuid[])
                    or (c.external_id is not null
                        and c.external_id = any(:externals::text[])
                        and c.channel = any(:channels::text[]))) as known
        """,
        ids=[report.id for report in reports],
        externals=[r.external_id for r in reports if r.external_id is not None],
        channels=sorted({r.channel for r in reports}),
    )
    grounds = await grounds_of(tx, look.versions)
    known = _Known(look.known or [])
    before = [known.find(report) for report in reports]
    new = [report for report, row in zip(reports, before, strict=True) if row is None]
    decided = await _decided(tx, new, grounds, look.versions)
    answers: list[Received | Refusal] = []
    for report, row in zip(reports, before, strict=True):
        if row is not None:
            answers.append(_again(report, row, grounds))
            continue
        decision = decided[report.id]
        answers.append(
            decision if isinstance(decision, Refusal) else _answer(decision, grounds)
        )
    await write(tx, [d for d in decided.values() if not isinstance(d, Refusal)])
    return answers


async def _decided(
    tx: Tx, reports: Sequence[Report], grounds: Grounds, versions: Mapping[str, int]
) -> dict[UUID, Decision | Refusal]:
    """What becomes of new reports, in their order. Whom to ask is looked up for all of them at once."""
    found: dict[UUID, Decision | Refusal] = {}
    aims: dict[UUID, Aimed] = {}
    for report in reports:
        if report.id not in aims:
            try:
                aims[report.id] = aim(report, grounds, tx.now)
            except Refusal as refusal:
                found[report.id] = refusal
    choices = await chosen(tx, aims, grounds, versions)
    for id_, one in aims.items():
        found[id_] = settle(one, choices[id_], grounds, tx.now)
    return found


async def chosen(
    tx: Tx, aims: Mapping[UUID, Aimed], grounds: Grounds, versions: Mapping[str, int]
) -> dict[UUID, Choice]:
    """Whom each asks, in their order, all at once; by the posts alone where nobody is asked yet."""
    choices: dict[UUID, Choice] = {}
    wants: dict[UUID, Want] = {}
    for id_, one in aims.items():
        want = wanted(one)
        if want is not None and one.report.offer:
            wants[id_] = want
        else:
            choices[id_] = by_posts(one, grounds, tx.now)
    pace = pace_of(grounds.reference)
    found = await choose_all(tx, list(wants.values()), grounds.around, pace, versions)
    return choices | dict(zip(wants, found, strict=True))


async def grounds_of(tx: Tx, versions: Mapping[str, int]) -> Grounds:
    """What reports are judged by, as of this transaction."""
    reference = await REFERENCE.get(tx, versions)
    responses = await RESPONSES.get(tx, versions)
    atlas = await ATLAS.get(tx, versions)
    roster = await ROSTER.get(tx, versions)
    rules = await RULES.get(tx, versions)
    last = _grounds.get(tx.actor.district)
    if (
        last is None
        or last.reference is not reference
        or last.responses is not responses
        or last.atlas is not atlas
        or last.roster is not roster
        or last.rules is not rules
    ):
        around = around_of(tx.actor.district, roster, atlas)
        last = Grounds(reference, responses, atlas, roster, rules, around)
        _grounds[tx.actor.district] = last
    return last


#: The last ones of each district: what they remember is worth more than a transaction.
_grounds: dict[str, Grounds] = {}


async def write(tx: Tx, decisions: Sequence[Decision]) -> None:
    """Decided reports become cases with their stories, tasks and facts: one statement a table."""
    if not decisions:
        return
    await case_queries.insert(tx, [d.case for d in decisions])
    await case_queries.add_steps(tx, [step for d in decisions for step in d.steps])
    for decision in decisions:
        case = decision.case.case
        tx.publish(
            CaseReported(
                case.id,
                case.area_code,
                case.channel,
                case.class_code or "",
                case.state,
                case.urgent,
            ),
            by=decision.report.by.id,
        )
    await tasks.create(tx, [d.task for d in decisions if d.task is not None])
    for decision in decisions:
        if decision.report.photos:
            await photos(
                tx,
                decision.case.case.id,
                decision.report.photos,
                "report",
                decision.report.by.id,
            )


class _Known:
    """Reports that are cases already."""

    def __init__(self, rows: Sequence[dict[str, Any]]) -> None:
        self._by_id = {UUID(row["id"]): row for row in rows}
        self._by_name = {
            (row["channel"], row["external_id"]): row for row in rows if row["external_id"]
        }

    def find(self, report: Report) -> dict[str, Any] | None:
        found = self._by_id.get(report.id)
        if found is None and report.external_id is not None:
            found = self._by_name.get((report.channel, report.external_id))
        return found


def _again(report: Report, row: dict[str, Any], grounds: Grounds) -> Received | Refusal:
    if UUID(row["id"]) == report.id and row["words"] != report.clean_words():
        return DeedReused()
    due = row["due_at"]
    locale = report.by.locale
    return Received(
        UUID(row["id"]),
        row["receipt"],
        row["state"],
        grounds.stage(row["state"]),
        row["class_code"],
        grounds.class_name(row["class_code"], locale),
        worded(locale, row["class_reason"]),
        row["area_code"],
        grounds.atlas.path(row["area_code"]),
        row["platform"],
        worded(locale, row["route_reason"]),
        grounds.target_name(row["unit"], locale),
        datetime.fromisoformat(due) if due else None,
        worded(locale, row["due_cause"]),
    )


def _answer(decision: Decision, grounds: Grounds) -> Received:
    case = decision.case.case
    locale = decision.report.by.locale
    return Received(
        case.id,
        case.receipt,
        case.state,
        grounds.stage(case.state),
        case.class_code,
        grounds.class_name(case.class_code, locale),
        worded(locale, decision.case.class_reason),
        case.area_code,
        grounds.atlas.path(case.area_code),
        case.platform,
        worded(locale, case.route_reason),
        grounds.target_name(decision.task.target if decision.task else None, locale),
        case.due_at,
        worded(locale, case.due_cause),
    )


class Intake:
    """One district's entrance in one process: reports that arrive together share a transaction."""

    def __init__(self, database: Database, district: str) -> None:
        self._database = database
        self._district = district
        self._together: Together[Report, Received] = Together(self._run)

    async def take(self, report: Report) -> Received:
        """One report's answer, after its commit. Raises its Refusal."""
        return await self._together.do(report)

    async def _run(self, reports: Sequence[Report]) -> Sequence[Received | Refusal]:
        # The intake touches nobody's personal data, so it leaves that lock shut.
        async with self._database.tx(system_actor(self._district), people=False) as tx:
            return await receive(tx, reports)


_intakes: dict[int, Intake] = {}


def intake_of(database: Database, district: str) -> Intake:
    """The process's one entrance for a district."""
    found = _intakes.get(id(database))
    if found is None:
        found = _intakes[id(database)] = Intake(database, district)
    return found
