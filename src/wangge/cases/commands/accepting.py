"""The acceptor's verbs: file, void, merge, return, another class, close on the spot."""

from dataclasses import replace
from uuid import UUID

from wangge import tasks
from wangge.cases import queries
from wangge.cases.acts import ACCEPT, SELF_CLOSE
from wangge.cases.commands.grounds import class_for, condition_of, ground
from wangge.cases.commands.moving import aside, door, progress
from wangge.cases.events import CaseReclassified
from wangge.cases.model import (
    NO_LIMIT,
    STATE_NAMES,
    VERB_NAMES,
    AlreadyOwned,
    Case,
    MustRedispatch,
    State,
    Verb,
    WrongState,
    reason,
)
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Invalid
from wangge.kernel.said import both
from wangge.kernel.said import said as kept


def must_not_skip(case: Case) -> None:
    """A case that its unit returned is dispatched anew, never pushed forward."""
    if case.returned:
        raise MustRedispatch()


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
        opinion=condition_of(known),
        edit=edit,
    )
    await queries.reclass(tx, case.id, known.code, "acceptor", kept("受理员立案时选定"))
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
    opinion = kept("{name}:{why}", name=both(known.name_zh, known.name_en), why=said)
    noted = await aside(tx, case, changed, Verb.RECLASSIFY, opinion)
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
