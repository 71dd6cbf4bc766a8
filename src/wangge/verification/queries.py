"""Every statement of the room."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString
from uuid import UUID

import msgspec

from wangge.kernel.actors import Reach
from wangge.kernel.database import Tx
from wangge.kernel.refusals import NotFound
from wangge.kernel.retention import Gone
from wangge.verification.acts import CHECK, SIGN
from wangge.verification.model import FindingKept, List, RowKept, Tally

#: The kind of our rows in kernel_work.
KIND = "verification.list"
#: The largest number a row can have (int4).
NUMBER_MAX = 2**31 - 1

_LISTS: LiteralString = """
        select l.id, l.title, l.purpose, l.asker, l.area_code, l.response_id, l.keep_until,
               l.headings, l.columns, l.rows, l.phase, l.by_id, l.at, l.signed_by, l.signed_at,
               l.gone_at, l.gone_why, w.state, w.done, w.total, w.data
          from verification_list l join kernel_work w using (id)
"""
_WITHIN: LiteralString = """ exists (select 1
                      from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                     where l.area_code >= r.lo and l.area_code < r.hi)"""
_ROW: LiteralString = """
        select number, at, sealed, state, why, question, mends, differs, signs, target_id, rivals,
               dwelling_id, same_as, same_at, same_why, outcome, tries, by_id, by_at
          from verification_row
"""


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
) -> None:
    """A new list; its work was added before."""
    await tx.run(
        """
        insert into verification_list (id, title, purpose, asker, area_code, response_id, keep_until,
                                       digest, headings, columns, rows, phase, by_id, at)
        values (:id, :title, :purpose, :asker, :area_code, :response_id, :keep_until, :digest,
                :headings::text[], :columns, :rows, 'checking', :by, :now)
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
        by=tx.actor.id,
        now=tx.now,
    )


async def add_rows(tx: Tx, id_: UUID, rows: Sequence[tuple[int, int, bytes]]) -> None:
    """Rows of a list: number, place in the file, sealed. (COPY does not go under row-level security.)"""
    await tx.run(
        """
        insert into verification_row (list_id, number, at, sealed)
        select :id, r.number, r.at, r.sealed
          from unnest(:numbers::int[], :ats::int[], :sealed::bytea[]) r(number, at, sealed)
        """,
        id=id_,
        numbers=[number for number, _, _ in rows],
        ats=[at for _, at, _ in rows],
        sealed=[sealed for _, _, sealed in rows],
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


async def tallies(tx: Tx, id_: UUID) -> list[Tally]:
    """Rows by state."""
    return await tx.many(
        Tally,
        """
        select state, count(*)::int as rows,
               (count(*) filter (where state = 'open' and tries > 0))::int as tried
          from verification_row where list_id = :id group by state order by state
        """,
        id=id_,
    )


async def rows_after(
    tx: Tx, id_: UUID, after: int, limit: int, states: Sequence[str] = ()
) -> list[RowKept]:
    """Rows in the list's order, of these states or all."""
    return await tx.many(
        RowKept,
        _ROW
        + """
         where list_id = :id and number > :after
           and (cardinality(:states::text[]) = 0 or state = any (:states::text[]))
         order by number limit :limit
        """,
        id=id_,
        after=after,
        states=list(states),
        limit=limit,
    )


async def one_row(tx: Tx, id_: UUID, number: int, *, lock: bool = False) -> RowKept:
    """One row; the list's door has opened. Raises NotFound."""
    found = None
    if 0 <= number <= NUMBER_MAX:
        found = await tx.maybe(
            RowKept,
            _ROW
            + " where list_id = :id and number = :number "
            + ("for update" if lock else ""),
            id=id_,
            number=number,
        )
    if found is None:
        raise NotFound("这一行")
    return found


class Held(msgspec.Struct, frozen=True):
    """What became of a row, to be written."""

    number: int
    state: str
    why: str
    question: str
    mends: tuple[str, ...]
    differs: tuple[str, ...]
    signs: dict[str, str]
    target_id: UUID | None
    rivals: tuple[dict[str, Any], ...]
    dwelling_id: UUID | None


async def hold(tx: Tx, id_: UUID, held: Sequence[Held]) -> None:
    """Write what became of rows, in one statement."""
    await tx.run(
        """
        update verification_row r
           set state = v.state, why = v.why, question = v.question, mends = v.mends,
               differs = v.differs, signs = v.signs, target_id = v.target_id, rivals = v.rivals,
               dwelling_id = v.dwelling_id
          from jsonb_to_recordset(:held::jsonb) as v(number int, state text, why text,
               question text, mends text[], differs text[], signs jsonb, target_id uuid,
               rivals jsonb, dwelling_id uuid)
         where r.list_id = :id and r.number = v.number
        """,
        id=id_,
        held=msgspec.to_builtins(list(held)),
    )


async def hold_same(tx: Tx, id_: UUID, same: Sequence[tuple[int, int, int, str]]) -> None:
    """Rows that are another row's person: (row, the first row, its place in the file, why). Two right
    numbers of one name and telephone are a question."""
    await tx.run(
        """
        update verification_row r
           set same_as = v.first, same_at = v.at, same_why = v.why,
               state = case when v.why = 'two_ids' then 'open' else r.state end,
               question = case when v.why = 'two_ids' then 'two_rows' else r.question end
          from unnest(:numbers::int[], :firsts::int[], :ats::int[], :whys::text[])
               as v(number, first, at, why)
         where r.list_id = :id and r.number = v.number
        """,
        id=id_,
        numbers=[number for number, _, _, _ in same],
        firsts=[first for _, first, _, _ in same],
        ats=[at for _, _, at, _ in same],
        whys=[why for _, _, _, why in same],
    )


async def add_findings(
    tx: Tx, id_: UUID, found: Iterable[tuple[int, str, list[int], bytes]]
) -> None:
    """What does not fit: number, kind, rows, sealed."""
    await tx.run("delete from verification_finding where list_id = :id", id=id_)
    await tx.copy(
        "verification_finding",
        ("list_id", "number", "kind", "rows", "sealed"),
        [(id_, *one) for one in found],
    )


async def findings(tx: Tx, id_: UUID, after: int, limit: int) -> list[FindingKept]:
    """What does not fit, in order."""
    return await tx.many(
        FindingKept,
        """
        select number, kind, rows, sealed, by_id, by_at from verification_finding
         where list_id = :id and number > :after order by number limit :limit
        """,
        id=id_,
        after=after,
        limit=limit,
    )


async def settle_finding(tx: Tx, id_: UUID, number: int) -> int:
    """Somebody has asked about it."""
    return await tx.run(
        """
        update verification_finding set by_id = :by, by_at = :now
         where list_id = :id and number = :number and by_id is null
        """,
        id=id_,
        number=number,
        by=tx.actor.id,
        now=tx.now,
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


async def accept(tx: Tx, id_: UUID, numbers: Sequence[int] | None, mends: Sequence[str]) -> int:
    """Proposals taken: those rows, or all with exactly these mends."""
    return await tx.run(
        """
        update verification_row
           set state = 'mended', outcome = 'mended', by_id = :by, by_at = :now
         where list_id = :id and state = 'proposed'
           and (number = any (:numbers::int[])
                or (:all and mends = :mends::text[]))
        """,
        id=id_,
        numbers=list(numbers or ()),
        all=numbers is None,
        mends=list(mends),
        by=tx.actor.id,
        now=tx.now,
    )


async def doubt(tx: Tx, id_: UUID, number: int) -> int:
    """A proposal that somebody would rather ask about."""
    return await tx.run(
        """
        update verification_row
           set state = 'open', question = 'weak', target_id = null,
               rivals = jsonb_build_array(jsonb_build_object('id', target_id, 'signs', signs))
         where list_id = :id and number = :number and state = 'proposed'
        """,
        id=id_,
        number=number,
    )


async def settle(
    tx: Tx,
    id_: UUID,
    number: int,
    *,
    state: str,
    outcome: str,
    target_id: UUID | None,
    sealed: bytes | None = None,
) -> None:
    """What came of asking about a row."""
    await tx.run(
        """
        update verification_row
           set state = :state, outcome = :outcome, target_id = :target_id,
               sealed = coalesce(:sealed::bytea, sealed),
               tries = tries + case when :outcome = 'not_reached' then 1 else 0 end,
               by_id = case when :state = 'open' then by_id else :by end,
               by_at = case when :state = 'open' then by_at else :now end
         where list_id = :id and number = :number
        """,
        id=id_,
        number=number,
        state=state,
        outcome=outcome,
        target_id=target_id,
        sealed=sealed,
        by=tx.actor.id,
        now=tx.now,
    )


async def looks_since(tx: Tx, since: datetime) -> int:
    """How many rows the actor has opened since; one at a time, so that two openings at once are both
    counted."""
    await tx.run(
        "select pg_advisory_xact_lock(hashtextextended(:by, 0))",
        by=f"verification.look {tx.actor.id}",
    )
    return await tx.one(
        int,
        "select count(*)::int from verification_look where staff_id = :by and at > :since",
        by=tx.actor.id,
        since=since,
    )


async def add_look(tx: Tx, look_id: UUID, id_: UUID, number: int, area_code: str) -> None:
    """Somebody saw a row in full."""
    await tx.run(
        """
        insert into verification_look (id, list_id, number, staff_id, area_code, at)
        values (:look_id, :id, :number, :by, :area_code, :now)
        """,
        look_id=look_id,
        id=id_,
        number=number,
        by=tx.actor.id,
        area_code=area_code,
        now=tx.now,
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """Somebody of the register beside a row, masked."""

    id: UUID
    area_code: str
    name_mask: str
    id_mask: str
    phone_mask: str
    sex: str
    birth_year: int | None
    door: str


async def shown(tx: Tx, reach: Reach, ids: Sequence[UUID]) -> dict[UUID, Shown]:
    """People of the register within reach, masked. One statement."""
    found = await tx.many(
        Shown,
        """
        select t.id, t.area_code, t.name_mask, t.id_mask, t.phone_mask, t.sex, t.birth_year,
               d.name as door
          from people_resident t
          join people_household h on h.id = t.household_id
          join places_dwelling d on d.id = h.dwelling_id
         where t.id = any (:ids::uuid[])
           and (exists (select 1 from unnest(:reach_from::text[], :reach_to::text[]) r(lo, hi)
                         where t.area_code >= r.lo and t.area_code < r.hi)
                or t.unit_id = any (:reach_units::uuid[]))
        """,
        ids=list(dict.fromkeys(ids)),
        **{k: v for k, v in reach.values().items() if k != "reach_buildings"},
    )
    return {one.id: one for one in found}


@dataclass(frozen=True, slots=True)
class Name:
    """The name of somebody of the register, for a mended list that leaves."""

    id: UUID
    name: str
    area_code: str
    id_sealed: bytes | None


async def names(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Name]:
    """Names and sealed numbers of people within the asker's row-level security."""
    found = await tx.many(
        Name,
        """
        select id, name, area_code, id_sealed from people_resident where id = any (:ids::uuid[])
        """,
        ids=list(dict.fromkeys(ids)),
    )
    return {one.id: one for one in found}


# -- the end of a list ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Destroyed:
    """A list whose rows are gone."""

    id: UUID
    area_code: str
    rows: int


async def destroy(
    tx: Tx,
    why: str,
    *,
    ids: Sequence[UUID] = (),
    response_id: UUID | None = None,
    before: date | None = None,
    limit: int = 100,
) -> list[Destroyed]:
    """Rows and findings of lists deleted: these, a response's, or those whose day is over. That the
    list was stays, without its headings."""
    wanted = await tx.many(
        Destroyed,
        """
        select id, area_code, rows from verification_list
         where gone_at is null
           and (id = any (:ids::uuid[]) or response_id = :response_id::uuid
                or keep_until <= :before::date)
         order by id limit :limit
        """,
        ids=list(ids),
        response_id=response_id,
        before=before,
        limit=limit,
    )
    gone = [one.id for one in wanted]
    if not gone:
        return []
    # A bite under way is waited for: what it writes goes too.
    await tx.run(
        "select id from kernel_work where id = any (:ids::uuid[]) order by id for update",
        ids=gone,
    )
    for statement in (
        "delete from verification_row where list_id = any (:ids::uuid[])",
        "delete from verification_finding where list_id = any (:ids::uuid[])",
    ):
        await tx.run(statement, ids=gone)
    await tx.run(
        """
        update verification_list
           set phase = 'gone', gone_at = :now, gone_why = :why, headings = '{}', columns = '{}',
               digest = ''
         where id = any (:ids::uuid[])
        """,
        ids=gone,
        why=why,
        now=tx.now,
    )
    await tx.run(
        """
        update kernel_work set state = 'cancelled', changed_at = :now
         where id = any (:ids::uuid[]) and state in ('waiting', 'running')
        """,
        ids=gone,
        now=tx.now,
    )
    return wanted


async def due(tx: Tx, before: date) -> list[Gone]:
    """Rows of lists whose day is over, by area."""
    return await tx.many(
        Gone,
        """
        select area_code, sum(rows)::int as items from verification_list
         where gone_at is null and keep_until <= :before group by area_code
        """,
        before=before,
    )


async def forget_looks(tx: Tx, before: datetime, limit: int) -> list[Gone]:
    """Looks older than that moment."""
    return await tx.many(
        Gone,
        """
        with gone as (
             delete from verification_look where id in (
                    select id from verification_look where at < :before order by at limit :limit)
             returning area_code)
        select area_code, count(*)::int as items from gone group by area_code
        """,
        before=before,
        limit=limit,
    )


async def count_looks(tx: Tx, before: datetime) -> list[Gone]:
    """Looks that the next rounds forget."""
    return await tx.many(
        Gone,
        """
        select area_code, count(*)::int as items from verification_look
         where at < :before group by area_code
        """,
        before=before,
    )
