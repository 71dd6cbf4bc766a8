"""Rows of a list: kept, judged, decided."""

from collections.abc import Sequence
from typing import Any, LiteralString
from uuid import UUID

import msgspec

from wangge.kernel.database import Tx
from wangge.kernel.refusals import NotFound
from wangge.verification.model import RowKept, Tally
from wangge.verification.queries.pieces import forget_pieces

#: The largest number a row can have (int4).
NUMBER_MAX = 2**31 - 1


_ROW: LiteralString = """
        select number, at, sealed, state, why, question, mends, differs, signs, target_id, rivals,
               dwelling_id, same_as, same_at, same_why, outcome, tries, typed, by_id, by_at
          from verification_row
"""


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


class Proposed(msgspec.Struct, frozen=True):
    """How many proposals mend the same fields."""

    mends: tuple[str, ...]
    rows: int


async def proposals(tx: Tx, id_: UUID) -> list[Proposed]:
    """Proposals by what they mend."""
    return await tx.many(
        Proposed,
        """
        select mends, count(*)::int as rows from verification_row
         where list_id = :id and state = 'proposed' group by mends
        """,
        id=id_,
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
    typed: Sequence[str] = (),
) -> None:
    """What came of asking about a row; `typed` are the fields that say something else since."""
    await tx.run(
        """
        update verification_row
           set state = :state, outcome = :outcome, target_id = :target_id,
               sealed = coalesce(:sealed::bytea, sealed),
               typed = typed || array(select unnest(:typed::text[]) except select unnest(typed)),
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
        typed=list(typed),
        by=tx.actor.id,
        now=tx.now,
    )


async def reseal(tx: Tx, id_: UUID, number: int, sealed: bytes) -> None:
    """A row says something else now; what became of it stays."""
    await tx.run(
        "update verification_row set sealed = :sealed where list_id = :id and number = :number",
        id=id_,
        number=number,
        sealed=sealed,
    )


async def has_decisions(tx: Tx, id_: UUID) -> bool:
    """Whether somebody has mended, answered or called, or asked about what does not fit."""
    return await tx.one(
        bool,
        """
        select exists (select 1 from verification_row
                        where list_id = :id and (by_id is not null or tries > 0))
            or exists (select 1 from verification_finding
                        where list_id = :id and by_id is not null)
        """,
        id=id_,
    )


async def begin_again(tx: Tx, id_: UUID) -> None:
    """No row was looked at, nothing was found. Sealed headings go."""
    for statement in (
        "delete from verification_row where list_id = :id and number = 0",
        """
        update verification_row
           set state = 'waiting', why = '', question = '', mends = '{}', differs = '{}',
               signs = '{}', target_id = null, rivals = '[]', dwelling_id = null, same_as = 0,
               same_at = 0, same_why = '', outcome = ''
         where list_id = :id and state <> 'waiting'
        """,
        "delete from verification_finding where list_id = :id",
    ):
        await tx.run(statement, id=id_)
    await forget_pieces(tx, [id_])
