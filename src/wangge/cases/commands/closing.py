"""The end, what the resident says to it, and opening again."""

from dataclasses import replace
from uuid import UUID

from wangge import tasks
from wangge.cases import queries
from wangge.cases.acts import ACCEPT, CALL_BACK, CLOSE
from wangge.cases.commands.grounds import ground
from wangge.cases.commands.moving import door, progress
from wangge.cases.model import NO_LIMIT, VERB_NAMES, Case, Verb, reason
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Forbidden, Invalid


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
