"""What would become of rows: new, already here, already here but different, or refused."""

import asyncio
from collections.abc import Mapping as Dict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from wangge.cases.acts import IMPORT
from wangge.cases.model import State, Verb
from wangge.cases.queries import Step
from wangge.dispatch.asking import Choice
from wangge.dispatch.decide import Aimed, Decision, Grounds, aim, by_posts, settle
from wangge.dispatch.imports.mapping import Mapping
from wangge.dispatch.imports.reading import Read, Reader
from wangge.dispatch.intake import chosen, grounds_of
from wangge.kernel.actors import Actor
from wangge.kernel.database import Tx
from wangge.kernel.i18n import Locale
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Forbidden, Invalid, Problem, Refusal
from wangge.kernel.said import said as kept
from wangge.kernel.said import worded
from wangge.kernel.sheets import Row

Verdict = Literal["new", "same", "changed", "refused"]


@dataclass(frozen=True, slots=True)
class Judged:
    """One row and what would become of it; `aimed`, and `decision` when somebody was chosen, only for a
    new one."""

    row: Row
    verdict: Verdict
    read: Read | None = None
    aimed: Aimed | None = None
    decision: Decision | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Before:
    """A case that has a row's external id already."""

    channel: str
    external_id: str
    words: str
    reported_at: datetime
    ended: bool


@dataclass(slots=True)
class Judge:
    """Judges rows against the district as of one transaction."""

    reader: Reader
    grounds: Grounds
    by: Actor
    now: datetime
    versions: Dict[str, int]
    seen: dict[tuple[str, str], Read] = field(default_factory=dict[tuple[str, str], Read])

    def readable(self, rows: Sequence[Row]) -> "dict[int, Read]":
        """The rows that can be read at all, by number."""
        reads: dict[int, Read] = {}
        for row in rows:
            with suppress(Refusal):
                reads[row.number] = self.reader.read(row)
        return reads

    def judge(self, rows: Sequence[Row], before: "Known") -> list[Judged]:
        """Each row by itself; one that is refused harms no other."""
        return [self._one(row, before) for row in rows]

    def settled(self, judged: Sequence[Judged], choices: Dict[UUID, Choice]) -> list[Judged]:
        """With the case that becomes of each new row; by the posts where nobody was chosen."""
        return [self._settled(one, choices) for one in judged]

    def _settled(self, one: Judged, choices: Dict[UUID, Choice]) -> Judged:
        if one.aimed is None or one.read is None:
            return one
        choice = choices.get(one.aimed.report.id)
        if choice is None:
            choice = by_posts(one.aimed, self.grounds, self.now)
        decision = settle(one.aimed, choice, self.grounds, self.now)
        return replace(one, decision=as_it_was(decision, one.read))

    def _one(self, row: Row, before: "Known") -> Judged:
        try:
            read = before.reads.get(row.number) or self.reader.read(row)  # raises again
            name = (read.report.channel, read.external_id)
            known = before.cases.get(name)
            if known is not None:
                same = _same(read, known.words, known.reported_at, ended=known.ended)
                return _met(row, read, same=same)
            twin = self.seen.get(name)
            if twin is not None:
                same = twin.report.words == read.report.words
                return _met(row, read, same=same, first=twin.number)
            aimed = aim(read.report, self.grounds, self.now)
            if not self.by.may(IMPORT, aimed.area_code, self.now):
                raise Forbidden(IMPORT.name)
            self.seen[name] = read
            return Judged(row, "new", read, aimed, problems=read.notes)
        except Refusal as refusal:
            return Judged(row, "refused", problems=_problems(refusal, row))


def _same(read: Read, words: str, reported_at: datetime, *, ended: bool) -> bool:
    """The same content; a case that has been closed here since is still the same."""
    moment = read.report.reported_at
    return (
        read.report.clean_words() == words
        and (moment is None or moment == reported_at)
        and (read.closed_at is None or ended)
    )


_TWICE = "表里第 {first} 行已经用了同样的编号,内容却不同。请改编号或删去一行。"
_CHANGED = "系统里已有同样编号的事件,内容不同,没有改动它。要改请到事件页,或换一个编号。"


def _met(row: Row, read: Read, *, same: bool, first: int | None = None) -> Judged:
    if same:
        return Judged(row, "same", read)
    problem = (
        Problem("external_id", _CHANGED, row.number)
        if first is None
        else Problem("external_id", _TWICE, row.number, {"first": first})
    )
    return Judged(row, "changed", read, problems=(problem,))


def _problems(refusal: Refusal, row: Row) -> tuple[Problem, ...]:
    if isinstance(refusal, Invalid):
        return tuple(replace(problem, row=row.number) for problem in refusal.problems)
    return (Problem("", refusal.says, row.number, refusal.data()),)


def as_it_was(decision: Decision, read: Read) -> Decision:
    """The decision with the row's own times: told when it was told and, if it was closed, closed
    when it was, with nobody asked and nothing invented in between."""
    told = decision.case.case.reported_at
    first, *rest = decision.steps
    first = first._replace(at=told)
    if read.closed_at is None:
        return replace(decision, steps=(first, *rest))
    case = decision.case.case
    closed = replace(
        case,
        state=State.CLOSED,
        unit=None,
        route_reason=kept(
            "历史事件,导入时已办结。按现在的规则:{reason}", reason=case.route_reason
        ),
        result=read.result,
        state_at=read.closed_at,
        due_at=None,
        due_what=None,
        due_cause="",
        final_due_at=None,
        final_cause="",
        final_minutes=None,
        final_kind=None,
        climb_at=None,
        ended_at=read.closed_at,
        version=2,
    )
    first = first._replace(due_at=None, due_what=None, due_cause="")
    last = Step(
        id=new_id(read.closed_at),
        case_id=case.id,
        n=1,
        at=read.closed_at,
        actor_id=first.actor_id,
        verb=Verb.CLOSE.value,
        from_state=State.REPORTED.value,
        to_state=State.CLOSED.value,
        opinion=read.result or kept("导入时已办结"),
        target=None,
        minutes=max(0, int((read.closed_at - told).total_seconds() // 60)),
        overdue=False,
        due_at=None,
        due_what=None,
        due_cause="",
    )
    return replace(
        decision, case=replace(decision.case, case=closed), steps=(first, last), task=None
    )


@dataclass(frozen=True, slots=True)
class Known:
    """Rows that could be read, and the cases that are already called so."""

    reads: dict[int, Read]
    cases: dict[tuple[str, str], Before]


async def judge_of(
    tx: Tx, mapping: Mapping, headings: Sequence[str], by: Actor, *, offer: bool
) -> Judge:
    """A judge with the district's grounds as of this transaction."""
    versions = await tx.versions()
    grounds = await grounds_of(tx, versions)
    if not grounds.atlas.county:
        raise Invalid.of("area_code", "本区(县)还没有区域,请先导入区域。")
    reader = Reader(mapping, headings, by, grounds, tx.now, offer=offer)
    return Judge(reader, grounds, by, tx.now, versions)


async def judge_rows(
    tx: Tx, judge: Judge, rows: Sequence[Row], *, ask: bool = False
) -> list[Judged]:
    """Rows against the district, with one statement whatever their number. `ask`: who is asked is chosen
    as for reports that came at one moment, with at most two more; otherwise the posts tell."""
    # Five hundred rows are half a second of thinking; the worker's other clocks must not wait.
    reads = await asyncio.to_thread(judge.readable, rows)
    found = await tx.many(
        Before,
        """
        select c.channel, c.external_id, c.words, c.reported_at,
               (c.ended_at is not null) as ended
          from unnest(:channels::text[], :externals::text[]) w(channel, external_id)
          join cases_case c using (channel, external_id)
        """,
        channels=[read.report.channel for read in reads.values()],
        externals=[read.external_id for read in reads.values()],
    )
    known = Known(reads, {(one.channel, one.external_id): one for one in found})
    judged = await asyncio.to_thread(judge.judge, rows, known)
    choices: dict[UUID, Choice] = {}
    if ask:
        aims = {one.aimed.report.id: one.aimed for one in judged if one.aimed is not None}
        choices = await chosen(tx, aims, judge.grounds, judge.versions)
    return await asyncio.to_thread(judge.settled, judged, choices)


# -- shown -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a preview."""

    row: int
    verdict: Verdict
    title: str
    external_id: str
    class_code: str | None
    class_name: str
    class_reason: str
    area_code: str
    area_name: str
    state: str
    rule_id: UUID | None
    route_reason: str
    asked: str
    reported_at: datetime | None
    closed_at: datetime | None
    problems: tuple[Problem, ...]

    def said(self, locale: Any) -> dict[str, Any]:
        """As JSON in a language."""
        shown = {name: getattr(self, name) for name in self.__dataclass_fields__}
        shown["problems"] = [problem.said(locale) for problem in self.problems]
        return shown


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows one by one, and how many of each verdict."""

    lines: tuple[Line, ...]
    counts: dict[str, int]
    mapping: Mapping

    def said(self, locale: Any) -> dict[str, Any]:
        """As JSON in a language."""
        return {
            "lines": [line.said(locale) for line in self.lines],
            "counts": self.counts,
            "mapping": self.mapping.builtins(),
        }


def line_of(judged: Judged, grounds: Grounds, locale: Locale = "zh") -> Line:
    """A judged row as a preview shows it."""
    read, decision = judged.read, judged.decision
    case = decision.case.case if decision else None
    return Line(
        row=judged.row.number,
        verdict=judged.verdict,
        title=decision.case.title if decision else (read.report.words[:40] if read else ""),
        external_id=read.external_id if read else "",
        class_code=case.class_code if case else None,
        class_name=grounds.class_name(case.class_code, locale) if case else "",
        class_reason=worded(locale, decision.case.class_reason) if decision else "",
        area_code=case.area_code if case else "",
        area_name=grounds.atlas.path(case.area_code) if case else "",
        state=case.state.value if case else "",
        rule_id=case.rule_id if case else None,
        route_reason=worded(locale, case.route_reason) if case else "",
        asked=grounds.target_name(case.unit, locale) if case else "",
        reported_at=read.report.reported_at if read else None,
        closed_at=read.closed_at if read else None,
        problems=judged.problems,
    )


def counted(judged: Sequence[Judged]) -> dict[str, int]:
    """How many of each: verdicts, and of the new ones how many were open, closed, classified,
    routed and offered."""
    counts = dict.fromkeys(COUNTED, 0)
    for one in judged:
        counts[one.verdict] += 1
        if one.decision is None:
            continue
        case = one.decision.case.case
        counts["closed" if case.ended_at else "open"] += 1
        counts["classified"] += case.class_code is not None
        counts["routed"] += case.rule_id is not None
        counts["offered"] += one.decision.task is not None
        counts["noted"] += bool(one.problems)
    return counts


COUNTED = (
    *("new", "same", "changed", "refused"),
    *("open", "closed", "classified", "routed", "offered", "noted"),
)
