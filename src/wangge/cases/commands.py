"""What is done to a case. Each command looks, decides, writes, says."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from wangge import tasks
from wangge.cases import queries
from wangge.cases.acts import ACCEPT, CALL_BACK, CLOSE, DECIDE, READ, SELF_CLOSE
from wangge.cases.events import CaseMoved, CaseReclassified
from wangge.cases.limits import JOINT_RETURNS
from wangge.cases.marks import receipt_mark
from wangge.cases.model import (
    NO_LIMIT,
    STATE_NAMES,
    VERB_NAMES,
    AlreadyOwned,
    Case,
    Limit,
    MustRedispatch,
    State,
    Verb,
    WrongState,
    limit_from,
    reason,
)
from wangge.cases.reference import REFERENCE, Reference
from wangge.cases.taxonomy import CaseClass
from wangge.kernel.actors import Act
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Forbidden, Invalid, NotFound, Stale
from wangge.kernel.worktime import Span
from wangge.responses import RESPONSES, NoResponse

#: Photos with one step of a case.
PHOTOS_MAX = 6


def _same(case: Case) -> Case:
    return case


@dataclass(frozen=True, slots=True)
class Ground:
    """What a verb is judged by: the taxonomy, and whether a response is declared there."""

    reference: Reference
    war: bool

    def span_of(self, known: CaseClass) -> Span:
        """The class limit; under a declared response every clock runs without a break."""
        return known.span.as_urgent() if self.war else known.span

    def limit(self, start: datetime, span: Span, what: str, why: str) -> Limit:
        """A limit from `start`, urgent under a declared response."""
        used = span.as_urgent() if self.war else span
        return limit_from(start, used, what, why, self.reference.calendar)

    def to_accept(self, case: Case, start: datetime) -> Limit:
        """How long a report may wait for an acceptor."""
        limits = self.reference.limits
        span = limits.accept_urgent if case.urgent else limits.accept_other
        return self.limit(start, span, "accept", "受理")

    def to_dispatch(self, start: datetime) -> Limit:
        """How long a filed case may wait for its unit."""
        return self.limit(start, self.reference.limits.dispatch, "dispatch", "派遣")


async def ground(tx: Tx, area_code: str) -> Ground:
    """Read once a command."""
    versions = await tx.versions()
    reference = await REFERENCE.get(tx, versions)
    responses = await RESPONSES.get(tx, versions)
    return Ground(reference, responses.mode(area_code, tx.now) == "war")


async def door(tx: Tx, case_id: UUID, version: int | None, act: Act | None) -> Case:
    """A case that is about to change: within reach, permitted, and as the asker last saw it."""
    case = await queries.lock(tx, case_id)
    if act is not None:
        tx.require(act, case.area_code)
    if version is not None and version != case.version:
        raise Stale(case.version)
    return case


async def progress(
    tx: Tx,
    case: Case,
    verb: Verb,
    limit: Limit,
    *,
    opinion: str = "",
    target: str | None = None,
    edit: Callable[[Case], Case] = _same,
) -> Case:
    """Move a locked case by a verb: the new value, a line of its story, a fact."""
    moved = edit(case.move(verb, tx.now, limit))
    await queries.save(tx, moved)
    await queries.add_steps(tx, [queries.step_of(case, moved, verb.value, tx, opinion, target)])
    tx.publish(
        CaseMoved(
            case.id, case.area_code, verb, case.state, moved.state, late=case.late(tx.now)
        )
    )
    return moved


async def aside(tx: Tx, before: Case, after: Case, verb: Verb, opinion: str) -> Case:
    """A line in the story that changes no state: a note, another class, an escalation."""
    noted = replace(after, version=before.version + 1)
    await queries.save(tx, noted)
    await queries.add_steps(tx, [queries.step_of(before, noted, verb.value, tx, opinion, None)])
    tx.publish(
        CaseMoved(before.id, before.area_code, verb, before.state, noted.state, late=False)
    )
    return noted


async def class_for(tx: Tx, grounds: Ground, code: str, area_code: str) -> CaseClass:
    """A known class; one that needs a declared response only while there is one."""
    known = grounds.reference.classes.get(code)
    if known is None:
        raise Invalid.of("class_code", "没有“{code}”这个事项分类。", code=code)
    if known.needs_response:
        responses = await RESPONSES.get(tx)
        if responses.live(area_code, tx.now) is None:
            raise NoResponse(area_code)
    return known


# -- accepting ---------------------------------------------------------------------------------


async def file_case(tx: Tx, case_id: UUID, version: int | None, class_code: str) -> Case:
    """File (立案): the filing condition is the chosen class's. The first to file owns it."""
    case = await door(tx, case_id, version, ACCEPT)
    if case.state is State.FILED and case.owner_id not in (None, tx.actor.id):
        raise AlreadyOwned()
    grounds = await ground(tx, case.area_code)
    known = await class_for(tx, grounds, class_code, case.area_code)

    def edit(moved: Case) -> Case:
        return replace(
            moved,
            class_code=known.code,
            platform=known.platform,
            urgent=known.urgent,
            owner_id=tx.actor.id,
            returned=False,
        )

    filed = await progress(
        tx,
        case,
        Verb.FILE,
        grounds.to_dispatch(tx.now),
        opinion=known.condition_zh,
        edit=edit,
    )
    await queries.reclass(tx, case.id, known.code, "acceptor", "受理员立案时选定")
    return filed


async def void(tx: Tx, case_id: UUID, version: int | None, why: str) -> Case:
    """Not a valid report (作废), with a written reason."""
    case = await door(tx, case_id, version, ACCEPT)
    voided = await progress(tx, case, Verb.VOID, NO_LIMIT, opinion=reason("reason", why))
    await tasks.cancel_for(tx, case.id)
    return voided


async def merge(tx: Tx, case_id: UUID, version: int | None, into: UUID) -> Case:
    """The same thing was reported before (并案); it goes on there."""
    case = await door(tx, case_id, version, ACCEPT)
    must_not_skip(case)
    if into == case.id:
        raise Invalid.of("into", "不能并入它自己。")
    other = await queries.lock(tx, into)
    if other.state in (State.VOID, State.MERGED):
        raise Invalid.of("into", "那件事已经作废或并案,请选另一件。")
    merged = await progress(
        tx,
        case,
        Verb.MERGE,
        NO_LIMIT,
        target=f"case:{other.id}",
        edit=lambda moved: replace(moved, merged_into=other.id),
    )
    await tasks.cancel_for(tx, case.id)
    return merged


async def return_to_acceptor(tx: Tx, case_id: UUID, version: int | None, why: str) -> Case:
    """The dispatcher cannot place it: back to reported, with a reason."""
    case = await door(tx, case_id, version, None)
    grounds = await ground(tx, case.area_code)
    return await progress(
        tx,
        case,
        Verb.RETURN_TO_ACCEPTOR,
        grounds.to_accept(case, tx.now),
        opinion=reason("reason", why),
        edit=lambda moved: replace(moved, owner_id=None, returned=False, unit=None),
    )


async def reclassify(
    tx: Tx, case_id: UUID, version: int | None, class_code: str, why: str
) -> Case:
    """Another class, with a reason; the state stays."""
    case = await door(tx, case_id, version, ACCEPT)
    if case.ended_at is not None:
        raise WrongState(STATE_NAMES[case.state], VERB_NAMES[Verb.RECLASSIFY])
    said = reason("reason", why)
    grounds = await ground(tx, case.area_code)
    known = await class_for(tx, grounds, class_code, case.area_code)
    changed = replace(case, class_code=known.code, platform=known.platform, urgent=known.urgent)
    noted = await aside(tx, case, changed, Verb.RECLASSIFY, f"{known.name_zh}:{said}")
    await queries.reclass(tx, case.id, known.code, "acceptor", said)
    tx.publish(CaseReclassified(case.id, case.area_code, known.code))
    return noted


async def self_close(tx: Tx, case_id: UUID, version: int | None, result: str) -> Case:
    """Handled on the spot by the worker who reported it (现场自处)."""
    case = await door(tx, case_id, version, SELF_CLOSE)
    grounds = await ground(tx, case.area_code)
    known = grounds.reference.classes.get(case.class_code or "")
    if known is None or not known.on_the_spot:
        raise Invalid.of("class_code", "这一类事项不能现场自处,请上报处理。")
    said = reason("result", result)
    closed = await progress(
        tx,
        case,
        Verb.SELF_CLOSE,
        NO_LIMIT,
        opinion=said,
        edit=lambda moved: replace(moved, result=said, handler_id=tx.actor.id),
    )
    await tasks.cancel_for(tx, case.id)
    return closed


# -- handling ----------------------------------------------------------------------------------


def start_clock(grounds: Ground, case: Case, now: datetime) -> Case:
    """The handling timer starts at dispatch, with the class's limit."""
    known = grounds.reference.classes.get(case.class_code or "")
    if known is None:
        raise Invalid.of("class_code", "请先选定事项分类,再派遣。")
    return case.clock(
        grounds.span_of(known), now, grounds.reference.calendar, f"{known.name_zh}处置"
    )


async def suspend(
    tx: Tx, case_id: UUID, version: int | None, why: str, review_at: datetime
) -> Case:
    """An outside cause (挂起): the class clock stands still, the review clock runs."""
    case = await door(tx, case_id, version, DECIDE)
    said = reason("reason", why)
    if not tx.now < review_at <= tx.now + timedelta(days=90):
        raise Invalid.of("review_at", "复核日期应在今后 90 天以内。")
    grounds = await ground(tx, case.area_code)
    suspended = await progress(
        tx,
        case,
        Verb.SUSPEND,
        Limit(review_at, "review", "挂起复核"),
        opinion=said,
        edit=lambda moved: moved.pause(tx.now, grounds.reference.calendar),
    )
    await tasks.retime_for(tx, case.id, review_at)
    return suspended


async def resume(tx: Tx, case_id: UUID, version: int | None) -> Case:
    """The cause is gone; the clock runs on with what was left."""
    case = await door(tx, case_id, version, DECIDE)
    grounds = await ground(tx, case.area_code)
    running = case.unpause(tx.now, grounds.reference.calendar)
    resumed = await progress(
        tx,
        running,
        Verb.RESUME,
        running.handling_limit(),
    )
    if resumed.due_at is not None:
        await tasks.retime_for(tx, case.id, resumed.due_at)
    return resumed


async def ask_extension(tx: Tx, case: Case, why: str, until: datetime) -> Case:
    """The handler needs more time; somebody decides. The class clock runs on meanwhile."""
    said = reason("reason", why)
    if case.final_due_at is None or not case.final_due_at < until <= tx.now + timedelta(
        days=60
    ):
        raise Invalid.of("until", "延期应晚于现在的时限,且在 60 天以内。")
    grounds = await ground(tx, case.area_code)
    return await progress(
        tx,
        case,
        Verb.ASK_EXTENSION,
        grounds.limit(tx.now, grounds.reference.limits.decide, "decide", "延期审批"),
        opinion=said,
        target=f"until:{until.isoformat()}",
    )


async def decide_extension(
    tx: Tx, case_id: UUID, version: int | None, approve: bool, why: str
) -> Case:
    """Grant or deny what the handler asked for."""
    case = await door(tx, case_id, version, DECIDE)
    if case.state is not State.EXTENSION_PENDING:
        raise WrongState(STATE_NAMES[case.state], VERB_NAMES[Verb.GRANT_EXTENSION])
    if case.handler_id == tx.actor.id:
        raise Forbidden(VERB_NAMES[Verb.GRANT_EXTENSION])
    if not approve:
        return await progress(
            tx, case, Verb.DENY_EXTENSION, case.handling_limit(), opinion=reason("reason", why)
        )
    asked = await tx.one(
        str,
        """
        select target from cases_step
         where case_id = :case_id and verb = 'ask_extension' order by n desc limit 1
        """,
        case_id=case.id,
    )
    until = datetime.fromisoformat(asked.removeprefix("until:"))
    longer = replace(case, final_due_at=until, final_cause="经批准延期")
    granted = await progress(
        tx, longer, Verb.GRANT_EXTENSION, longer.handling_limit(), opinion=why.strip()
    )
    await tasks.retime_for(tx, case.id, until)
    return granted


# -- closing -----------------------------------------------------------------------------------


async def close(tx: Tx, case_id: UUID, version: int | None, met: bool) -> Case:
    """Close (结案): the class's closing condition is confirmed by whoever closes."""
    case = await door(tx, case_id, version, CLOSE)
    if not met:
        raise Invalid.of("met", "请确认已达到结案条件;没有达到请选“返工”。")
    if case.handler_id == tx.actor.id:
        # The one who did the work does not judge it (核查 is another pair of eyes).
        raise Forbidden(VERB_NAMES[Verb.CLOSE])
    grounds = await ground(tx, case.area_code)
    known = grounds.reference.classes.get(case.class_code or "")
    closed = await progress(
        tx,
        case,
        Verb.CLOSE,
        NO_LIMIT,
        opinion=known.closing_condition_zh if known else "",
    )
    await tasks.cancel_for(tx, case.id)
    return closed


async def call_back(tx: Tx, case_id: UUID, version: int | None, score: int, note: str) -> Case:
    """The resident was asked and gave a score (回访)."""
    case = await door(tx, case_id, version, CALL_BACK)
    return await _scored(tx, case, score, note.strip())


async def _scored(tx: Tx, case: Case, score: int, note: str) -> Case:
    if not 1 <= score <= 5:
        raise Invalid.of("score", "满意度是 1 到 5 分。")
    return await progress(
        tx,
        case,
        Verb.CALL_BACK,
        NO_LIMIT,
        opinion=note,
        edit=lambda moved: replace(moved, score=score),
    )


async def score_by_receipt(tx: Tx, receipt: str, score: int) -> Case:
    """The resident scores it herself."""
    return await _scored(tx, await queries.lock_by_receipt(tx, receipt), score, "")


async def reopen(tx: Tx, case_id: UUID, version: int | None, why: str) -> Case:
    """Open again (reopened = filed), by an office; as often as needed, each with its reason."""
    case = await door(tx, case_id, version, ACCEPT)
    return await _reopened(tx, case, reason("reason", why))


async def reopen_by_receipt(tx: Tx, receipt: str, why: str) -> Case:
    """The resident's one free reopening."""
    case = await queries.lock_by_receipt(tx, receipt)
    if case.reopened:
        raise Invalid.of("receipt", "这件事已经重新打开过一次。再有问题请致电社区或 12345。")
    return await _reopened(tx, case, reason("reason", why))


async def _reopened(tx: Tx, case: Case, said: str) -> Case:
    grounds = await ground(tx, case.area_code)
    return await progress(
        tx,
        case,
        Verb.REOPEN,
        grounds.to_dispatch(tx.now),
        opinion=said,
        edit=lambda moved: replace(
            moved, reopened=moved.reopened + 1, returned=False, unit=None, handler_id=None
        ),
    )


async def rework(tx: Tx, case: Case, why: str) -> Case:
    """Not good enough (返工): the same unit, all earlier material, time left plus half."""
    grounds = await ground(tx, case.area_code)
    again = case.again(tx.now, grounds.reference.calendar)
    sent_back = await progress(
        tx, again, Verb.REWORK, again.handling_limit(), opinion=reason("reason", why)
    )
    return sent_back


async def find(tx: Tx, text: str) -> UUID:
    """A case by its receipt or its id, within reach. Raises NotFound."""
    receipt = receipt_mark(text)
    if receipt is not None:
        return await queries.id_by_receipt(tx, receipt)
    try:
        return UUID(text.strip())
    except ValueError as wrong:
        raise Invalid.of("into", "请填写回执号,例如 7K3M-9QPX-2D4C。") from wrong


async def note(tx: Tx, case_id: UUID, text: str) -> Case:
    """A remark in the story."""
    case = await door(tx, case_id, None, READ)
    return await aside(tx, case, case, Verb.NOTE, reason("text", text))


def must_not_skip(case: Case) -> None:
    """A case that its unit returned is dispatched anew, never pushed forward."""
    if case.returned:
        raise MustRedispatch()


def needs_joint(case: Case, grounds: Ground) -> bool:
    """The third return calls a meeting (疑难会商)."""
    return case.returns >= grounds.reference.decided(JOINT_RETURNS)


async def photos(
    tx: Tx, case_id: UUID, files: Sequence[UUID], purpose: str, by: UUID | None = None
) -> None:
    """Attach photos that this actor (or `by`) has sent."""
    if not files:
        return
    if len(files) > PHOTOS_MAX:
        raise Invalid.of("photos", "照片最多 {most} 张。", most=PHOTOS_MAX)
    sent = await queries.known_files(tx, files)
    for file in files:
        if sent.get(file) != (by or tx.actor.id):
            raise NotFound("这张照片")
    await queries.add_photos(tx, [(case_id, file) for file in files], purpose)
