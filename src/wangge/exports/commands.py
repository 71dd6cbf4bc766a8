"""Asking for an export, agreeing to it, taking it back, fetching the file."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec

from wangge.exports import acts, queries
from wangge.exports.events import (
    ExportApproved,
    ExportAsked,
    ExportEnded,
    ExportFetched,
    ExportRefused,
)
from wangge.exports.model import (
    APPROVAL_ABOVE,
    FORMATS,
    FULL_NAMES,
    PEOPLE_MAX,
    REASON_MAX,
    REASON_MIN,
    STATE_NAMES,
    Export,
    ExportDecided,
    FileGone,
    NotReady,
    OwnExport,
    all_makers,
    mark_of,
    masked_text,
    needs_second,
)
from wangge.kernel import files
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.files import Shelf
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Forbidden, Invalid, NotFound
from wangge.kernel.settings import decided
from wangge.places import ATLAS

#: Bytes of what was asked for; it holds codes and ids, not a list of people.
SPEC_BYTES_MAX = 8_000
#: The day over which one person's exports are added up.
DAY = timedelta(hours=24)
_NUMBERISH = re.compile(r"\d{11,}")


async def ask(
    tx: Tx,
    what: str,
    spec: Mapping[str, Any],
    *,
    area_code: str,
    people: int,
    reason: str,
    full: Sequence[str] = (),
    format: str = "xlsx",
    title: str = "",
    export_id: UUID | None = None,
) -> Export:
    """Ask for a list as a file. It is made by the clock, at once or when a second person agreed.

    `spec` is what the maker is to be given (codes and ids); `people` is how many it will contain,
    as far as the asker's page knows (the making counts again); `full` are keys of FULL_NAMES that
    are to stand unmasked. Raises Invalid, Forbidden, NotFound (an area out of reach).
    """
    known = all_makers().get(what)
    if known is None:
        raise Invalid.of("what", "没有“{what}”这种名单。", what=what)
    wanted = tuple(dict.fromkeys(full))
    area_code = area_code or (await ATLAS.get(tx)).county
    if not tx.reach(known.act).covers(area_code):
        raise NotFound("这个区域")
    tx.require(acts.ASK, area_code)
    for name in wanted:
        if name not in FULL_NAMES or name not in known.full:
            raise Invalid.of(
                "full",
                "“{what}”不提供{field}。",
                what=known.name,
                field=FULL_NAMES.get(name, name),
            )
        tx.require(acts.ID_NUMBERS if name == "id_number" else acts.FULL, area_code)
    reason = reason.strip()
    if not REASON_MIN <= len(reason) <= REASON_MAX:
        raise Invalid.of(
            "reason",
            "请写明导出的原因,{least} 到 {most} 个字。",
            least=REASON_MIN,
            most=REASON_MAX,
        )
    if masked_text(reason) != reason:
        raise Invalid.of("reason", "原因里不要写电话和证件号码。")
    if format not in FORMATS:
        raise Invalid.of("format", "没有“{format}”这种文件格式。", format=format)
    if not 0 <= people <= PEOPLE_MAX:
        raise Invalid.of("people", "一次最多导出 {most} 人。", most=PEOPLE_MAX)
    _checked_spec(spec)
    id_ = export_id or new_id(tx.now)
    await queries.one_asker_at_a_time(tx, tx.actor.id)
    waits = await _waits(tx, id_, tx.actor.id, people, wanted)
    export = Export(
        id=id_,
        mark=mark_of(id_, tx.now),
        what=what,
        spec={**spec, "full": list(wanted)},
        title=(title.strip() or known.name)[:60],
        area_code=area_code,
        people=people,
        full_fields=wanted,
        format=format,
        reason=reason,
        state="waiting" if waits else "making",
        asked_by=tx.actor.id,
        asked_at=tx.now,
        decided_by=None,
        decided_at=None,
        answer="",
        made_at=None,
        rows=0,
        bytes=0,
        file_id=None,
        expires_at=None,
        fetched=0,
        trouble="",
    )
    await queries.insert(tx, export)
    tx.publish(ExportAsked(id_, area_code, what, people, waits))
    return export


async def _waits(
    tx: Tx, export_id: UUID, asker: UUID, people: int, full: Sequence[str]
) -> bool:
    above = (await decided(tx))(APPROVAL_ABOVE)
    alone = await queries.people_alone(tx, asker, tx.now - DAY, export_id)
    return needs_second(alone + people, above, full)


def _checked_spec(spec: Mapping[str, Any]) -> None:
    """What is kept of a request outlives the file: no names to search by, no numbers."""
    text = msgspec.json.encode(spec).decode()
    if len(text) > SPEC_BYTES_MAX:
        raise Invalid.of("spec", "导出的条件太长。")
    for value in _texts(spec):
        code = value.isascii() and value.isdigit() and len(value) in (12, 15, 18)
        if _NUMBERISH.search(value) and not code and not _is_id(value):
            raise Invalid.of("spec", "按姓名或号码查到的结果不能导出,请按区域或标签导出。")


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for item in value.values() for text in _texts(item)]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list | tuple):
        return [text for item in value for text in _texts(item)]  # pyright: ignore[reportUnknownVariableType]
    return []


def _is_id(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True


# -- the second person ---------------------------------------------------------------------------


async def _to_decide(tx: Tx, export_id: UUID) -> Export:
    """The door for a second person. Raises NotFound, Forbidden, OwnExport, ExportDecided."""
    export = await queries.lock(tx, export_id)
    if export is None or not (
        tx.reach(acts.APPROVE).covers(export.area_code) or _sees(tx, export)
    ):
        raise NotFound("这次导出")
    tx.require(acts.APPROVE, export.area_code)
    if export.asked_by == tx.actor.id:
        raise OwnExport()
    if export.state != "waiting":
        raise ExportDecided(STATE_NAMES[export.state])
    return export


async def approve(tx: Tx, export_id: UUID, words: str = "") -> Export:
    """A second person agrees; the clock makes the file."""
    export = await _to_decide(tx, export_id)
    await queries.decide(tx, export_id, "making", words.strip()[:REASON_MAX])
    tx.publish(ExportApproved(export_id, export.area_code, export.people))
    return replace(export, state="making", decided_by=tx.actor.id, decided_at=tx.now)


async def refuse(tx: Tx, export_id: UUID, words: str) -> Export:
    """A second person says no, and why."""
    export = await _to_decide(tx, export_id)
    words = words.strip()
    if not REASON_MIN <= len(words) <= REASON_MAX:
        raise Invalid.of(
            "words",
            "请写明不同意的原因,{least} 到 {most} 个字。",
            least=REASON_MIN,
            most=REASON_MAX,
        )
    await queries.decide(tx, export_id, "refused", words)
    tx.publish(ExportRefused(export_id, export.area_code, export.people))
    return replace(export, state="refused", decided_by=tx.actor.id, decided_at=tx.now)


async def withdraw(tx: Tx, export_id: UUID) -> Export:
    """The asker needs it no more; a file that lies ready is deleted."""
    export = await queries.lock(tx, export_id)
    if export is None or export.asked_by != tx.actor.id:
        raise NotFound("这次导出")
    if not export.live:
        raise ExportDecided(STATE_NAMES[export.state])
    await queries.set_state(tx, export_id, "withdrawn")
    if export.file_id is not None:
        await files.forget(tx, [export.file_id])
        tx.publish(ExportEnded(export_id, export.area_code, export.fetched))
    return replace(export, state="withdrawn", file_id=None)


# -- looking and fetching ------------------------------------------------------------------------


def _sees(tx: Tx, export: Export) -> bool:
    return (
        export.asked_by == tx.actor.id
        or tx.reach(acts.APPROVE).covers(export.area_code)
        or tx.reach(acts.AUDIT).covers(export.area_code)
    )


async def door(tx: Tx, export_id: UUID) -> Export:
    """One export, for its asker, for who may agree to it, for who audits. Raises NotFound."""
    export = await queries.find(tx, export_id)
    if export is None or not _sees(tx, export):
        raise NotFound("这次导出")
    return export


async def fetch(tx: Tx, vault: Vault, shelf: Shelf, export_id: UUID) -> tuple[Export, bytes]:
    """The file, for its asker only; counted and written down.

    Raises NotFound, Forbidden (a post that is over), NotReady, FileGone.
    """
    export = await queries.lock(tx, export_id)
    if export is None or export.asked_by != tx.actor.id:
        raise NotFound("这次导出")
    if not tx.reach(acts.ASK).covers(export.area_code):
        raise Forbidden(acts.ASK.name)
    if export.state in ("waiting", "making"):
        raise NotReady(STATE_NAMES[export.state])
    if export.file_id is None or export.expires_at is None or export.expires_at <= tx.now:
        raise FileGone()
    file = await files.kept(tx, export.file_id)
    sealed = await asyncio.to_thread(shelf.get, file.sha256)
    data = await asyncio.to_thread(vault.open_bytes, sealed, export.id.bytes)
    await queries.insert_fetch(tx, new_id(tx.now), export_id)
    tx.publish(ExportFetched(export_id, export.area_code, export.people))
    return export, data
