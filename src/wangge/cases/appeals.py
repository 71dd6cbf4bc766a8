"""Appeals (申诉): a unit says that a mark against it is not its own. After domain.md §5.2.

A *mark* is a line of a case's story that counts against a unit: handling finished late, or work sent
back. Nobody is marked, only bodies, teams and rooms. An appeal passes three people, none of them of
the unit and none twice: a pre-check, the department above, a leader. What they said is added to, and
the line itself stays in the story; an upheld appeal says that it does not count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from wangge import tasks
from wangge.cases import appeal_rows, queries
from wangge.cases.acts import APPEAL, APPEAL_CHECK, APPEAL_DECIDE, APPEAL_REVIEW
from wangge.cases.commands.grounds import ground
from wangge.cases.commands.moving import aside, photos
from wangge.cases.events import AppealMoved
from wangge.cases.limits import APPEAL_DAYS, APPEAL_STEP_DAYS
from wangge.cases.model import Verb, reason
from wangge.kernel.actors import Act
from wangge.kernel.calendars import Calendar
from wangge.kernel.database import Tx, promise
from wangge.kernel.moments import new_id
from wangge.kernel.paging import PAGE_MAX, Page
from wangge.kernel.refusals import Forbidden, Invalid, NotFound, Refusal, Stale
from wangge.kernel.said import said as kept
from wangge.kernel.worktime import Span, TimerKind, due


class AppealState(StrEnum):
    """Where an appeal stands; the first three wait for somebody."""

    PRE_CHECK = "pre_check"
    DEPARTMENT = "department"
    LEADER = "leader"
    UPHELD = "upheld"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"


STATE_NAMES: Mapping[AppealState, str] = {
    AppealState.PRE_CHECK: "待预审",
    AppealState.DEPARTMENT: "待主管部门复核",
    AppealState.LEADER: "待领导审定",
    AppealState.UPHELD: "申诉成立,不计入",
    AppealState.DISMISSED: "申诉不成立",
    AppealState.WITHDRAWN: "已撤回",
}
WHAT_NAMES: Mapping[str, str] = {"late": "超时处置", "rework": "返工"}

#: Each level: who may decide there, and where a yes leads.
LEVELS: Mapping[AppealState, tuple[Act, AppealState]] = {
    AppealState.PRE_CHECK: (APPEAL_CHECK, AppealState.DEPARTMENT),
    AppealState.DEPARTMENT: (APPEAL_REVIEW, AppealState.LEADER),
    AppealState.LEADER: (APPEAL_DECIDE, AppealState.UPHELD),
}


@dataclass(eq=False)
class AppealedAlready(Refusal):
    """One appeal a mark."""

    says: ClassVar[str] = "这条记录已经申诉过,不能再提。"
    status: ClassVar[int] = 409


@dataclass(eq=False)
class AppealTooLate(Refusal):
    """The days in which a mark may be appealed against are over."""

    says: ClassVar[str] = "已经过了申诉期:记录产生后 {days} 个工作日内可以申诉。"
    status: ClassVar[int] = 409
    days: int


@dataclass(eq=False)
class AppealOver(Refusal):
    """It has been decided, or taken back."""

    says: ClassVar[str] = "这件申诉已经有结果,不能再改。"
    status: ClassVar[int] = 409


@dataclass(eq=False)
class NotYourAppeal(Refusal):
    """Nobody judges their own unit's appeal, or the same appeal twice."""

    says: ClassVar[str] = "申诉要由本单位以外的三个不同的人审,请另一位审。"
    status: ClassVar[int] = 403


@dataclass(frozen=True, slots=True)
class Standing:
    """A mark of a case, its appeal if there is one, and what this actor may do about it."""

    mark: appeal_rows.Mark
    appeal: appeal_rows.Appeal | None
    may_appeal: bool
    may_decide: bool
    may_withdraw: bool


async def standings(tx: Tx, case_id: UUID, area_code: str) -> list[Standing]:
    """The marks of a case whose door was passed."""
    keys = await tasks.my_keys(tx)
    appeals = {one.step_id: one for one in await appeal_rows.of_case(tx, case_id)}
    days, calendar = await _days(tx, area_code)
    found: list[Standing] = []
    for mark in await appeal_rows.marks(tx, case_id):
        one = appeals.get(mark.step_id)
        mine = mark.unit in keys and tx.actor.may(APPEAL, area_code, tx.now)
        found.append(
            Standing(
                mark,
                one,
                one is None and mine and tx.now <= _until(mark.at, days, calendar),
                one is not None and _may_decide(tx, one, keys),
                one is not None and one.ended_at is None and one.by_id == tx.actor.id,
            )
        )
    return found


def _may_decide(tx: Tx, one: appeal_rows.Appeal, keys: frozenset[str]) -> bool:
    level = LEVELS.get(AppealState(one.state))
    return (
        level is not None
        and tx.actor.may(level[0], one.area_code, tx.now)
        and not _own(tx, one, keys)
    )


def _own(tx: Tx, one: appeal_rows.Appeal, keys: frozenset[str]) -> bool:
    """Whether the actor is of the unit, filed it, or has spoken at a level below."""
    spoken = {str(line["by"]) for line in one.said}
    return one.unit in keys or one.by_id == tx.actor.id or str(tx.actor.id) in spoken


async def _days(tx: Tx, area_code: str) -> tuple[int, Calendar]:
    reference = (await ground(tx, area_code)).reference
    return reference.decided(APPEAL_DAYS), reference.calendar


def _until(at: datetime, days: int, calendar: Calendar) -> datetime:
    return due(at, Span.of(days, TimerKind.WORK_DAY), calendar)


async def appeal(
    tx: Tx, case_id: UUID, step_id: UUID, why: str, files: Sequence[UUID]
) -> appeal_rows.Appeal:
    """Somebody of the marked unit says why it is not theirs. Raises NotFound for a mark that is not
    their unit's, AppealTooLate, AppealedAlready."""
    said = reason("reason", why)
    mark = next((m for m in await appeal_rows.marks(tx, case_id) if m.step_id == step_id), None)
    if mark is None or mark.unit not in await tasks.my_keys(tx):
        raise NotFound("这条考核记录")
    case = await queries.lock_for_task(tx, case_id)
    tx.require(APPEAL, case.area_code)
    if any(one.step_id == step_id for one in await appeal_rows.of_case(tx, case_id)):
        raise AppealedAlready()
    days, calendar = await _days(tx, case.area_code)
    if tx.now > _until(mark.at, days, calendar):
        raise AppealTooLate(days)
    made = appeal_rows.Appeal(
        id=new_id(tx.now),
        case_id=case.id,
        step_id=step_id,
        area_code=case.area_code,
        unit=mark.unit,
        what=mark.what,
        reason=said,
        state=AppealState.PRE_CHECK.value,
        by_id=tx.actor.id,
        at=tx.now,
        due_at=await _limit(tx, case.area_code),
        ended_at=None,
        said=[],
        version=1,
    )
    with promise("cases_appeal_step_once", otherwise=AppealedAlready()):
        await appeal_rows.insert(tx, made)
    await aside(
        tx, case, case, Verb.APPEAL, kept("{name}:{why}", name=WHAT_NAMES[mark.what], why=said)
    )
    await photos(tx, case.id, files, "appeal")
    _say(tx, made)
    return made


async def _limit(tx: Tx, area_code: str) -> datetime:
    reference = (await ground(tx, area_code)).reference
    return _until(tx.now, reference.decided(APPEAL_STEP_DAYS), reference.calendar)


async def decide(
    tx: Tx, appeal_id: UUID, passed: bool, why: str, version: int | None
) -> appeal_rows.Appeal:
    """One level says yes, which sends it a level up or upholds it; or no, with a reason, which ends
    it. Raises Forbidden, NotYourAppeal, AppealOver, Stale."""
    one = await appeal_rows.lock(tx, appeal_id)
    level = LEVELS.get(AppealState(one.state))
    if level is None:
        raise AppealOver()
    act, above = level
    tx.require(act, one.area_code)
    if _own(tx, one, await tasks.my_keys(tx)):
        raise NotYourAppeal()
    if version is not None and version != one.version:
        raise Stale(one.version)
    said = why.strip() if passed else reason("reason", why)
    state = above if passed else AppealState.DISMISSED
    line: dict[str, Any] = {
        "at": tx.now.isoformat(),
        "by": str(tx.actor.id),
        "level": one.state,
        "passed": passed,
        "opinion": said[:1000],
    }
    return await _moved(tx, one, state, said, [*one.said, line])


async def withdraw(tx: Tx, appeal_id: UUID) -> appeal_rows.Appeal:
    """Whoever filed it takes it back. Raises NotFound for anybody else, AppealOver."""
    one = await appeal_rows.lock(tx, appeal_id)
    if one.by_id != tx.actor.id:
        raise NotFound("这件申诉")
    if one.ended_at is not None:
        raise AppealOver()
    return await _moved(tx, one, AppealState.WITHDRAWN, "", one.said)


async def _moved(
    tx: Tx,
    one: appeal_rows.Appeal,
    state: AppealState,
    said: str,
    lines: list[dict[str, Any]],
) -> appeal_rows.Appeal:
    ended = state not in LEVELS
    moved = replace(
        one,
        state=state.value,
        said=lines,
        due_at=None if ended else await _limit(tx, one.area_code),
        ended_at=tx.now if ended else None,
        version=one.version + 1,
    )
    await appeal_rows.save(tx, moved)
    case = await queries.lock_for_task(tx, one.case_id)
    words = kept("{what}:{state}", what=WHAT_NAMES[one.what], state=STATE_NAMES[state])
    if said:
        words = kept("{decided}。{opinion}", decided=words, opinion=said)
    await aside(tx, case, case, Verb.APPEAL, words)
    _say(tx, moved)
    return moved


def _say(tx: Tx, one: appeal_rows.Appeal) -> None:
    tx.publish(AppealMoved(one.id, one.area_code, one.case_id, one.what, one.state))


async def waiting(
    tx: Tx, after: str | None = None, limit: int | None = None
) -> Page[appeal_rows.Waiting]:
    """A page of the appeals that wait for somebody, within reach or of one's own unit, the first
    due first. Raises Forbidden for whoever has no part in appeals."""
    _may_see(tx)
    return await appeal_rows.waiting(tx, await tasks.my_keys(tx), after, limit)


async def to_decide(tx: Tx) -> list[appeal_rows.Waiting]:
    """The first of those that this actor may decide now, at most PAGE_MAX."""
    keys = await tasks.my_keys(tx)
    levels = [
        state.value
        for state, (act, _above) in LEVELS.items()
        if tx.actor.may_somewhere(act, tx.now)
    ]
    if not levels:
        return []
    page = await appeal_rows.waiting(tx, keys, None, PAGE_MAX, levels=levels)
    return [one for one in page.items if _may_decide(tx, one.appeal, keys)]


#: Days back that a page of marks begins with, and the most it may ask for.
MARKS_DAYS = 30
MARKS_DAYS_MAX = 366


async def unit_marks(
    tx: Tx, since: datetime | None, until: datetime | None
) -> list[appeal_rows.UnitMarks]:
    """What stands against the units within reach on cases reported in that time (the last 30 days
    when nothing is said), with what upheld appeals took away. Raises Forbidden and Invalid."""
    _may_see(tx)
    end = until or tx.now
    begin = since or end - timedelta(days=MARKS_DAYS)
    for field, moment in (("since", begin), ("until", end)):
        if moment.tzinfo is None:
            raise Invalid.of(field, "时间要带时区,例如 2026-03-18T12:00:00+08:00。")
    if not begin < end <= begin + timedelta(days=MARKS_DAYS_MAX):
        raise Invalid.of(
            "since", "起止时间不对:开始要早于结束,最多 {days} 天。", days=MARKS_DAYS_MAX
        )
    return await appeal_rows.unit_marks(tx, begin, end)


def _may_see(tx: Tx) -> None:
    acts = (APPEAL, APPEAL_CHECK, APPEAL_REVIEW, APPEAL_DECIDE)
    if not any(tx.actor.may_somewhere(act, tx.now) for act in acts):
        raise Forbidden(APPEAL_CHECK.name)
