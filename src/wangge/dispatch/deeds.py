"""The deeds of cases and tasks: one shape for the desk, the phone's outbox and programs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from wangge.cases import appeals
from wangge.cases import commands as cases
from wangge.cases.appeal_rows import Appeal
from wangge.cases.model import STAGES, Case
from wangge.dispatch import commands
from wangge.dispatch.decide import CHANNELS, Report
from wangge.dispatch.intake import Received, intake_of
from wangge.kernel.actors import Role
from wangge.kernel.database import Tx
from wangge.kernel.deeds import Answer
from wangge.kernel.http import Asking, deed
from wangge.kernel.http.deeds import whole_deed
from wangge.kernel.moments import now
from wangge.kernel.refusals import Invalid
from wangge.people.model import clean_phone, mask_phone
from wangge.tasks import Task


class SelfClose(msgspec.Struct):
    """Handled on the spot, and how."""

    result: str


class ReportBody(msgspec.Struct):
    """A report as a phone or a program sends it. `id` is minted by the sender (UUIDv7)."""

    id: UUID
    words: str = ""
    class_code: str | None = None
    area_code: str | None = None
    lon: float | None = None
    lat: float | None = None
    place: str = ""
    unit_id: UUID | None = None
    dwelling_id: UUID | None = None
    photos: list[UUID] = []
    channel: str | None = None
    reported_at: datetime | None = None
    external_id: str | None = None
    self_close: SelfClose | None = None
    #: A caller's telephone number, for the call back; sealed, and deleted some days after the end.
    contact: str = ""


@dataclass(frozen=True, slots=True)
class CaseMovedTo:
    """Where a case stands now."""

    id: UUID
    state: str
    stage: str
    version: int


@dataclass(frozen=True, slots=True)
class TaskMovedTo:
    """Where a task stands now."""

    task_id: UUID
    state: str
    case_id: UUID


def _case(case: Case) -> CaseMovedTo:
    return CaseMovedTo(case.id, case.state.value, STAGES[case.state].value, case.version)


def _task(task: Task) -> TaskMovedTo:
    return TaskMovedTo(task.id, task.state.value, task.origin_id)


#: Who may enter another channel's report by hand (a hotline call taken at a desk).
_MAY_NAME_CHANNEL = frozenset(
    {
        Role.ACCEPTOR,
        Role.DISPATCHER,
        Role.SHIFT_SUPERVISOR,
        Role.COMMUNITY_OFFICER,
        Role.STREET_OFFICER,
        Role.DISTRICT_OFFICER,
        Role.CHANNEL,
        Role.SYSTEM,
    }
)


def report_of(asking: Asking, body: ReportBody, now: datetime) -> Report:
    """What was sent, as the entrance takes it. A token's channel is its own."""
    actor = asking.signed()
    channel = body.channel or "worker"
    trusted = True
    if asking.channel is not None:
        if body.channel not in (None, asking.channel.code):
            raise Invalid.of(
                "channel", "这个接口只能报“{channel}”渠道。", channel=asking.channel.code
            )
        channel, trusted = asking.channel.code, asking.channel.trusted
    elif channel != "worker" and not actor.roles(now) & _MAY_NAME_CHANNEL:
        raise Invalid.of("channel", "您只能以工作人员身份上报。")
    if channel not in CHANNELS:
        raise Invalid.of("channel", "没有“{channel}”这个渠道。", channel=channel[:20])
    moment = body.reported_at
    if moment is not None and moment.tzinfo is None:
        raise Invalid.of("reported_at", "时间要带时区,例如 2026-03-18T12:00:00+08:00。")
    phone = clean_phone(body.contact)
    return Report(
        id=body.id,
        by=actor,
        words=body.words,
        channel=channel,
        class_code=body.class_code or None,
        area_code=body.area_code or None,
        lon=body.lon,
        lat=body.lat,
        place=body.place,
        unit_id=body.unit_id,
        dwelling_id=body.dwelling_id,
        photos=tuple(body.photos),
        trusted=trusted,
        reported_at=moment,
        external_id=body.external_id,
        self_close=body.self_close.result if body.self_close else None,
        contact_sealed=asking.district.vault.seal(phone, body.id.bytes) if phone else None,
        contact_mask=mask_phone(phone) if phone else None,
    )


@whole_deed("cases.report", ReportBody)
async def report(asking: Asking, deed_id: UUID, body: ReportBody) -> Answer:
    """Take a report in. The case's id is the deed's memory: the same id is the same case."""
    if deed_id != body.id:
        raise Invalid.of("id", "操作编号要与事件编号相同。")
    return Answer(201, msgspec.to_builtins(await take(asking, body)))


async def take(asking: Asking, body: ReportBody) -> Received:
    """Through the district's entrance, together with whatever else arrives just now."""
    return await intake_of(asking.district.database, asking.district.schema).take(
        report_of(asking, body, now())
    )


class OfTask(msgspec.Struct):
    task_id: UUID


class Because(msgspec.Struct):
    task_id: UUID
    reason: str


class Finish(msgspec.Struct):
    task_id: UUID
    result: str
    photos: list[UUID] = []


class MoreTime(msgspec.Struct):
    task_id: UUID
    reason: str
    until: datetime


class VerifyAnswer(msgspec.Struct):
    task_id: UUID
    true_report: bool
    note: str = ""
    class_code: str | None = None
    photos: list[UUID] = []


class InspectAnswer(msgspec.Struct):
    task_id: UUID
    passed: bool
    note: str = ""
    photos: list[UUID] = []


@deed("dispatch.accept", OfTask)
async def accept(tx: Tx, body: OfTask) -> Any:
    return _task(await commands.accept(tx, body.task_id))


@deed("dispatch.decline", Because)
async def decline(tx: Tx, body: Because) -> Any:
    return _task(await commands.decline(tx, body.task_id, body.reason))


@deed("dispatch.start", OfTask)
async def start(tx: Tx, body: OfTask) -> Any:
    return _task(await commands.start(tx, body.task_id))


@deed("dispatch.finish", Finish)
async def finish(tx: Tx, body: Finish) -> Any:
    return _task(await commands.finish(tx, body.task_id, body.result, body.photos))


@deed("dispatch.return_task", Because)
async def return_task(tx: Tx, body: Because) -> Any:
    return _task(await commands.return_task(tx, body.task_id, body.reason))


@deed("dispatch.ask_extension", MoreTime)
async def ask_extension(tx: Tx, body: MoreTime) -> Any:
    return _case(await commands.ask_extension(tx, body.task_id, body.reason, body.until))


@deed("dispatch.verify_answer", VerifyAnswer)
async def verify_answer(tx: Tx, body: VerifyAnswer) -> Any:
    return _task(
        await commands.verify_answer(
            tx, body.task_id, body.true_report, body.note, body.class_code, body.photos
        )
    )


@deed("dispatch.inspect_answer", InspectAnswer)
async def inspect_answer(tx: Tx, body: InspectAnswer) -> Any:
    return _task(
        await commands.inspect_answer(tx, body.task_id, body.passed, body.note, body.photos)
    )


@deed("dispatch.meet", Finish)
async def meet(tx: Tx, body: Finish) -> Any:
    return _task(await commands.finish_meeting(tx, body.task_id, body.result, body.photos))


# -- the desk ----------------------------------------------------------------------------------


class OfCase(msgspec.Struct):
    case_id: UUID
    version: int | None = None


class CaseBecause(msgspec.Struct):
    case_id: UUID
    reason: str
    version: int | None = None


class ToClass(msgspec.Struct):
    case_id: UUID
    class_code: str
    version: int | None = None
    reason: str = ""


class Merge(msgspec.Struct):
    case_id: UUID
    into: str
    version: int | None = None


class Target(msgspec.Struct):
    kind: str
    id: str


class Dispatch(msgspec.Struct):
    case_id: UUID
    version: int | None = None
    target: Target | None = None
    note: str = ""


class Decision(msgspec.Struct):
    case_id: UUID
    approve: bool
    version: int | None = None
    reason: str = ""


class Suspend(msgspec.Struct):
    case_id: UUID
    reason: str
    review_at: datetime
    version: int | None = None


class Close(msgspec.Struct):
    case_id: UUID
    met: bool = False
    version: int | None = None


class CallBack(msgspec.Struct):
    case_id: UUID
    score: int
    note: str = ""
    version: int | None = None


class Note(msgspec.Struct):
    case_id: UUID
    text: str


class Result(msgspec.Struct):
    case_id: UUID
    result: str
    version: int | None = None


@deed("cases.verify", OfCase)
async def verify(tx: Tx, body: OfCase) -> Any:
    return _case(await commands.verify(tx, body.case_id, body.version))


@deed("cases.file", ToClass)
async def file(tx: Tx, body: ToClass) -> Any:
    return _case(await cases.file_case(tx, body.case_id, body.version, body.class_code))


@deed("cases.void", CaseBecause)
async def void(tx: Tx, body: CaseBecause) -> Any:
    return _case(await cases.void(tx, body.case_id, body.version, body.reason))


@deed("cases.merge", Merge)
async def merge(tx: Tx, body: Merge) -> Any:
    into = await cases.find(tx, body.into)
    return _case(await cases.merge(tx, body.case_id, body.version, into))


@deed("cases.return_to_acceptor", CaseBecause)
async def return_to_acceptor(tx: Tx, body: CaseBecause) -> Any:
    return _case(await cases.return_to_acceptor(tx, body.case_id, body.version, body.reason))


@deed("cases.dispatch", Dispatch)
async def dispatch(tx: Tx, body: Dispatch) -> Any:
    target = f"{body.target.kind}:{body.target.id}" if body.target else None
    return _case(await commands.dispatch(tx, body.case_id, body.version, target, body.note))


@deed("cases.decide_extension", Decision)
async def decide_extension(tx: Tx, body: Decision) -> Any:
    return _case(
        await cases.decide_extension(tx, body.case_id, body.version, body.approve, body.reason)
    )


@deed("cases.suspend", Suspend)
async def suspend(tx: Tx, body: Suspend) -> Any:
    return _case(
        await cases.suspend(tx, body.case_id, body.version, body.reason, body.review_at)
    )


@deed("cases.resume", OfCase)
async def resume(tx: Tx, body: OfCase) -> Any:
    return _case(await cases.resume(tx, body.case_id, body.version))


@deed("cases.inspect", OfCase)
async def inspect(tx: Tx, body: OfCase) -> Any:
    return _case(await commands.inspect(tx, body.case_id, body.version))


@deed("cases.rework", CaseBecause)
async def rework(tx: Tx, body: CaseBecause) -> Any:
    return _case(await commands.rework(tx, body.case_id, body.version, body.reason))


@deed("cases.close", Close)
async def close(tx: Tx, body: Close) -> Any:
    return _case(await cases.close(tx, body.case_id, body.version, body.met))


@deed("cases.call_back", CallBack)
async def call_back(tx: Tx, body: CallBack) -> Any:
    return _case(await cases.call_back(tx, body.case_id, body.version, body.score, body.note))


@deed("cases.reopen", CaseBecause)
async def reopen(tx: Tx, body: CaseBecause) -> Any:
    return _case(await cases.reopen(tx, body.case_id, body.version, body.reason))


@deed("cases.self_close", Result)
async def self_close(tx: Tx, body: Result) -> Any:
    return _case(await cases.self_close(tx, body.case_id, body.version, body.result))


@deed("cases.reclassify", ToClass)
async def reclassify(tx: Tx, body: ToClass) -> Any:
    return _case(
        await cases.reclassify(tx, body.case_id, body.version, body.class_code, body.reason)
    )


class NewAppeal(msgspec.Struct):
    case_id: UUID
    step_id: UUID
    reason: str
    photos: list[UUID] = []


class AppealDecision(msgspec.Struct):
    appeal_id: UUID
    passed: bool
    reason: str = ""
    version: int | None = None


class OfAppeal(msgspec.Struct):
    appeal_id: UUID


@dataclass(frozen=True, slots=True)
class AppealMovedTo:
    """Where an appeal stands now."""

    id: UUID
    case_id: UUID
    state: str
    version: int


def _appeal(one: Appeal) -> AppealMovedTo:
    return AppealMovedTo(one.id, one.case_id, one.state, one.version)


@deed("cases.appeal", NewAppeal)
async def appeal(tx: Tx, body: NewAppeal) -> Any:
    return _appeal(
        await appeals.appeal(tx, body.case_id, body.step_id, body.reason, body.photos)
    )


@deed("cases.decide_appeal", AppealDecision)
async def decide_appeal(tx: Tx, body: AppealDecision) -> Any:
    return _appeal(
        await appeals.decide(tx, body.appeal_id, body.passed, body.reason, body.version)
    )


@deed("cases.withdraw_appeal", OfAppeal)
async def withdraw_appeal(tx: Tx, body: OfAppeal) -> Any:
    return _appeal(await appeals.withdraw(tx, body.appeal_id))


@deed("cases.note", Note)
async def note(tx: Tx, body: Note) -> Any:
    return _case(await cases.note(tx, body.case_id, body.text))
