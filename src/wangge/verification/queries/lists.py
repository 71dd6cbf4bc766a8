"""Lists: brought, found within reach, signed."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import LiteralString
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.refusals import NotFound
from wangge.verification.acts import CHECK, SIGN
from wangge.verification.model import List

#: The kind of our rows in kernel_work.
KIND = "verification.list"


_LISTS: LiteralString = """
        select l.id, l.title, l.purpose, l.asker, l.area_code, l.response_id, l.keep_until,
               l.headings, l.columns, l.rows, l.phase, l.by_id, l.at, l.signed_by, l.signed_at,
               l.gone_at, l.gone_why, w.state, w.done, w.total, w.data
          from verification_list l join kernel_work w using (id)
"""
_WITHIN: LiteralString = """ exists (select 1
                      from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                     where l.area_code >= r.lo and l.area_code < r.hi)"""


def _within(tx: Tx) -> dict[str, list[str]]:
    """Areas whose lists the actor may check or sign."""
    check, sign = tx.reach(CHECK).values(), tx.reach(SIGN).values()
    return {
        "reach_from": [*check["reach_from"], *sign["reach_from"]],
        "reach_to": [*check["reach_to"], *sign["reach_to"]],
    }


async def add_list(
    tx: Tx,
    id_: UUID,
    *,
    title: str,
    purpose: str,
    asker: str,
    area_code: str,
    response_id: UUID | None,
    keep_until: date,
    digest: bytes,
    headings: Sequence[str],
    columns: Mapping[str, int],
    rows: int,
    phase: str,
) -> None:
    """A new list; its work was added before."""
    await tx.run(
        """
        insert into verification_list (id, title, purpose, asker, area_code, response_id, keep_until,
                                       digest, headings, columns, rows, phase, by_id, at)
        values (:id, :title, :purpose, :asker, :area_code, :response_id, :keep_until, :digest,
                :headings::text[], :columns, :rows, :phase, :by, :now)
        """,
        id=id_,
        title=title,
        purpose=purpose,
        asker=asker,
        area_code=area_code,
        response_id=response_id,
        keep_until=keep_until,
        digest=digest,
        headings=list(headings),
        columns=dict(columns),
        rows=rows,
        phase=phase,
        by=tx.actor.id,
        now=tx.now,
    )


async def one_list(tx: Tx, id_: UUID, *, lock: bool = False) -> List:
    """The door. Raises NotFound."""
    found = await tx.maybe(
        List, _LISTS + " where l.id = :id and " + _WITHIN, id=id_, **_within(tx)
    )
    if found is None:
        raise NotFound("这份名单")
    if lock:
        await tx.run("select id from kernel_work where id = :id for update", id=id_)
        return await list_of(tx, id_)
    return found


async def list_of(tx: Tx, id_: UUID) -> List:
    """For the clock and after a door has opened."""
    return await tx.one(List, _LISTS + " where l.id = :id", id=id_)


async def same_list(tx: Tx, area_code: str, digest: bytes) -> UUID | None:
    """The list of that area with the same content, while it is there."""
    return await tx.maybe(
        UUID,
        """
        select id from verification_list
         where area_code = :area_code and digest = :digest and gone_at is null
        """,
        area_code=area_code,
        digest=digest,
    )


async def keep_no_longer(tx: Tx, id_: UUID, until: date) -> None:
    """The earlier of two days holds."""
    await tx.run(
        """
        update verification_list set keep_until = :until::date
         where id = :id and keep_until > :until::date
        """,
        id=id_,
        until=until,
    )


async def lists_page(tx: Tx, *, after: tuple[datetime, UUID] | None, limit: int) -> list[List]:
    """Lists within reach, the latest first."""
    moment, id_ = after or (None, None)
    return await tx.many(
        List,
        _LISTS
        + " where "
        + _WITHIN
        + """
           and (:moment::timestamptz is null or (l.at, l.id) < (:moment, :after_id::uuid))
         order by l.at desc, l.id desc
         limit :limit
        """,
        **_within(tx),
        moment=moment,
        after_id=id_,
        limit=limit,
    )


async def set_columns(
    tx: Tx,
    id_: UUID,
    *,
    headings: Sequence[str],
    columns: Mapping[str, int],
    response_id: UUID | None,
    rows: int,
) -> None:
    """What the columns are; the list is checked from its beginning."""
    await tx.run(
        """
        update verification_list
           set headings = :headings::text[], columns = :columns, response_id = :response_id,
               rows = :rows, phase = 'checking', chain = ''
         where id = :id
        """,
        id=id_,
        headings=list(headings),
        columns=dict(columns),
        response_id=response_id,
        rows=rows,
    )


async def set_phase(tx: Tx, id_: UUID, phase: str) -> None:
    """Where the list is."""
    await tx.run(
        "update verification_list set phase = :phase where id = :id", id=id_, phase=phase
    )


async def go_on(tx: Tx, id_: UUID) -> None:
    """A check that somebody stopped goes on where it was."""
    await tx.run(
        """
        update kernel_work set state = 'running', changed_at = :now
         where id = :id and state = 'cancelled'
        """,
        id=id_,
        now=tx.now,
    )


async def sign(tx: Tx, id_: UUID) -> None:
    """A second person's word."""
    await tx.run(
        """
        update verification_list set phase = 'signed', signed_by = :by, signed_at = :now
         where id = :id
        """,
        id=id_,
        by=tx.actor.id,
        now=tx.now,
    )


async def note_hand(tx: Tx, id_: UUID) -> None:
    """The actor has changed something of a list, and will not sign it."""
    await tx.run(
        """
        update verification_list set hands = array_append(hands, :by)
         where id = :id and not (:by = any (hands))
        """,
        id=id_,
        by=tx.actor.id,
    )


async def has_mended(tx: Tx, id_: UUID, staff_id: UUID) -> bool:
    """Whether somebody ever changed anything of a list."""
    return await tx.one(
        bool,
        "select :by = any (hands) from verification_list where id = :id",
        id=id_,
        by=staff_id,
    )


async def set_notes(tx: Tx, id_: UUID, sealed: bytes) -> None:
    """What was noticed while the list's file was read, sealed."""
    await tx.run(
        "update verification_list set notes = :sealed where id = :id", id=id_, sealed=sealed
    )


async def notes_kept(tx: Tx, id_: UUID) -> bytes:
    """As they were kept."""
    return await tx.one(bytes, "select notes from verification_list where id = :id", id=id_)


async def set_chain(tx: Tx, id_: UUID, sealed: bytes) -> None:
    """Who had to do with whom, sealed."""
    await tx.run(
        "update verification_list set chain = :sealed where id = :id", id=id_, sealed=sealed
    )


async def chain_of(tx: Tx, id_: UUID) -> bytes:
    """As it was kept; empty for a list without contacts, and until its rows were looked at."""
    return await tx.one(bytes, "select chain from verification_list where id = :id", id=id_)
