"""Deeds: something a person meant to do, named before it is sent, so that sending it twice, or
after an hour in a basement, does it once.

The sender mints the id (UUIDv7). The answer is remembered in the transaction that did the deed;
the same id with the same body gets the same answer, with another body a refusal.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from wangge.kernel.database import Tx
from wangge.kernel.refusals import DeedReused
from wangge.kernel.retention import Gone, counts, keeps

#: How many days an answer is remembered. A phone may be without a network for days.
REMEMBERED_DAYS = 30


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: an HTTP status and a JSON value."""

    status: int
    body: Any


@dataclass(frozen=True, slots=True)
class _Kept:
    actor_id: UUID
    body_hash: bytes
    status: int
    answer: Any


def fingerprint(kind: str, body: Any) -> bytes:
    """A hash of what was asked, whatever the order of its keys."""
    return hashlib.sha256(
        kind.encode() + b"\n" + msgspec.json.encode(body, order="deterministic")
    ).digest()


async def recall(tx: Tx, deed_id: UUID, kind: str, body: Any) -> Answer | None:
    """The remembered answer, or None when the deed is new. Raises DeedReused.

    Call it first, in the transaction that will do the deed, and `remember` before it ends.
    A second sender of the same deed waits at `remember` and is then answered by a retry.
    """
    kept = await tx.maybe(
        _Kept,
        "select actor_id, body_hash, status, answer from kernel_deed where id = :id",
        id=deed_id,
    )
    if kept is None:
        return None
    if kept.actor_id != tx.actor.id or kept.body_hash != fingerprint(kind, body):
        raise DeedReused()
    return Answer(kept.status, kept.answer)


async def remember(tx: Tx, deed_id: UUID, kind: str, body: Any, answer: Answer) -> None:
    """Keep the answer with what the deed changed. Raises asyncpg.UniqueViolationError when the
    same deed was done meanwhile: roll back and `recall` again (kernel.http does)."""
    await tx.run(
        """
        insert into kernel_deed (id, actor_id, body_hash, status, answer, at)
        values (:id, :actor_id, :body_hash, :status, :answer, :now)
        """,
        id=deed_id,
        actor_id=tx.actor.id,
        body_hash=fingerprint(kind, body),
        status=answer.status,
        answer=answer.body,
        now=tx.now,
    )


@keeps(
    "kernel.deeds",
    "操作应答",
    REMEMBERED_DAYS,
    since="操作完成",
    source="个人信息保护法第十九条(保存期限为实现处理目的所必要的最短时间)",
    bite=10_000,
)
async def forget_old(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
    """Drop answers nobody will ask for again."""
    gone = await tx.run(
        """
        delete from kernel_deed
         where id in (select id from kernel_deed where at < :before order by at limit :limit)
        """,
        before=before,
        limit=limit,
    )
    return [Gone("", gone)]


@counts("kernel.deeds")
async def old_answers(tx: Tx, before: datetime) -> Sequence[Gone]:
    """Answers that the next round drops."""
    return await tx.many(
        Gone,
        "select '' as area_code, count(*) as items from kernel_deed where at < :before",
        before=before,
    )
