"""Through one door, by one step: what every verb does with a case, and what is laid beside it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from uuid import UUID

from wangge.cases import queries
from wangge.cases.acts import READ
from wangge.cases.events import CaseMoved
from wangge.cases.marks import receipt_mark
from wangge.cases.model import Case, Limit, Verb, reason
from wangge.kernel.actors import Act
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Invalid, NotFound, Stale

#: Photos with one step of a case.
PHOTOS_MAX = 6


def _same(case: Case) -> Case:
    return case


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


async def hand_on(tx: Tx, after: Case) -> None:
    """Another is asked for a locked case now. Who was asked, and why, its tasks tell: no line here."""
    await queries.save(tx, replace(after, version=after.version + 1))


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
