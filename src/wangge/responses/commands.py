"""Declare, approve, renew, end: never by one person alone, never for ever."""

from datetime import datetime
from uuid import UUID

import msgspec

from wangge.kernel.actors import SYSTEM_ID
from wangge.kernel.cache import Cached
from wangge.kernel.database import Tx
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Forbidden, Invalid, NotFound, Problem
from wangge.places import ATLAS
from wangge.responses import queries
from wangge.responses.acts import APPROVE, DECLARE
from wangge.responses.events import (
    ResponseApproved,
    ResponseDeclared,
    ResponseEnded,
    ResponseRenewed,
)
from wangge.responses.model import DATA_ITEMS, LONGEST, Response, Responses, time_problems

#: Expired responses filed away in one go.
EXPIRED_MAX = 100


async def _load(tx: Tx) -> Responses:
    return Responses(tuple(await queries.open_responses(tx)))


#: `(await RESPONSES.get(tx)).live(area_code, tx.now)`.
RESPONSES: Cached[Responses] = Cached("responses", _load)


class Declaration(msgspec.Struct):
    """What Art. 72 asks for, and what PIPL asks of whoever collects data. Level 1 is Ⅰ级, the
    gravest. `data_items` are keys of model.DATA_ITEMS; without any nothing may be collected."""

    matter: str
    level: int
    area_code: str
    starts_at: datetime
    ends_at: datetime
    purpose: str
    legal_basis: str
    measures: str
    document_number: str
    data_items: list[str]


async def declare(tx: Tx, declaration: Declaration) -> Response:
    """Put a response before a second person. It is not live. Raises Invalid, Forbidden,
    NotFound."""
    atlas = await ATLAS.get(tx)
    if atlas.area(declaration.area_code) is None:
        raise NotFound("这个区域")
    if not tx.reach(DECLARE).covers(declaration.area_code):
        if tx.actor.may_somewhere(DECLARE, tx.now):
            raise NotFound("这个区域")
        raise Forbidden(DECLARE.name)
    _must_be_whole(declaration, tx.now)
    new = Response(
        id=new_id(tx.now),
        matter=declaration.matter.strip(),
        level=declaration.level,
        area_code=declaration.area_code,
        starts_at=declaration.starts_at,
        ends_at=declaration.ends_at,
        purpose=declaration.purpose.strip(),
        legal_basis=declaration.legal_basis.strip(),
        measures=declaration.measures.strip(),
        document_number=declaration.document_number.strip(),
        data_items=tuple(sorted(set(declaration.data_items))),
        declared_by=tx.actor.id,
        declared_at=tx.now,
        approver_id=None,
        approved_at=None,
        renewed_by=None,
        renewed_at=None,
        ended_at=None,
        ended_by=None,
        version=1,
    )
    await queries.insert(tx, new)
    await tx.bump(RESPONSES.name)
    tx.publish(ResponseDeclared(new.id, new.area_code, new.level, new.starts_at, new.ends_at))
    return new


def _must_be_whole(said: Declaration, now: datetime) -> None:
    problems: list[Problem] = []
    for field, words, most in (
        ("matter", "请写明响应事项,不超过 {most} 字。", 100),
        ("purpose", "请写明目的,不超过 {most} 字。", 500),
        ("legal_basis", "请写明法律依据,不超过 {most} 字。", 500),
        ("measures", "请写明应急处置措施,不超过 {most} 字。", 2000),
        ("document_number", "请写明文号,不超过 {most} 字。", 60),
    ):
        text: str = getattr(said, field)
        if not text.strip() or len(text) > most:
            problems.append(Problem(field, words, None, {"most": most}))
    if said.level not in (1, 2, 3, 4):
        problems.append(Problem("level", "级别为 Ⅰ 到 Ⅳ 级。"))
    unknown = sorted(set(said.data_items) - set(DATA_ITEMS))
    if unknown:
        problems.append(
            Problem("data_items", "不能收集这些:{items}。", None, {"items": "、".join(unknown)})
        )
    problems += time_problems(said.starts_at, said.ends_at, now)
    if problems:
        raise Invalid.all(problems)


async def approve(tx: Tx, response_id: UUID) -> Response:
    """A second person agrees; from its start on it is live."""
    response = await queries.lock(tx, response_id)
    tx.require(APPROVE, response.area_code)
    response.must_be_approvable(tx.actor.id, tx.now)
    await queries.approve(tx, response.id, tx.actor.id)
    await tx.bump(RESPONSES.name)
    tx.publish(
        ResponseApproved(
            response.id,
            response.area_code,
            response.level,
            response.starts_at,
            response.ends_at,
        )
    )
    return await queries.lock(tx, response_id)


async def renew(tx: Tx, response_id: UUID, ends_at: datetime) -> Response:
    """Go on until a later moment, at most 30 days from now; again a second person's word."""
    response = await queries.lock(tx, response_id)
    tx.require(APPROVE, response.area_code)
    response.must_be_renewable(tx.actor.id, tx.now)
    if not response.ends_at < ends_at <= tx.now + LONGEST:
        raise Invalid.of("ends_at", "新的结束时间要晚于原来的,且不超过从现在起 30 天。")
    await queries.renew(tx, response.id, tx.actor.id, ends_at)
    await tx.bump(RESPONSES.name)
    tx.publish(ResponseRenewed(response.id, response.area_code, ends_at))
    return await queries.lock(tx, response_id)


async def end(tx: Tx, response_id: UUID) -> Response:
    """End it now, as soon as it is no longer needed. Its declarer may also take it back."""
    response = await queries.lock(tx, response_id)
    if not (response.approved_at is None and response.declared_by == tx.actor.id):
        tx.require(APPROVE, response.area_code)
    response.must_be_open(tx.now)
    await queries.end(tx, response.id, tx.actor.id, tx.now)
    await tx.bump(RESPONSES.name)
    tx.publish(
        ResponseEnded(response.id, response.area_code, False, response.approved_at is not None)
    )
    return await queries.lock(tx, response_id)


async def end_expired(tx: Tx) -> int:
    """File away those whose time is over. Answers how many."""
    over = await queries.lock_expired(tx, EXPIRED_MAX)
    if over:
        await queries.end_expired(tx, [response.id for response in over], SYSTEM_ID)
        await tx.bump(RESPONSES.name)
        tx.publish(
            *(ResponseEnded(r.id, r.area_code, True, r.approved_at is not None) for r in over)
        )
    return len(over)
