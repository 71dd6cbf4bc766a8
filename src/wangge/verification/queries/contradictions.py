"""What in a list's contacts does not fit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID

from wangge.kernel.database import Tx
from wangge.kernel.refusals import NotFound
from wangge.verification.model import FindingKept
from wangge.verification.queries.rows import NUMBER_MAX


@dataclass(frozen=True, slots=True)
class Odd:
    """How much of a list does not fit, and how much of that nobody has asked about."""

    total: int
    open: int


async def add_findings(
    tx: Tx, id_: UUID, found: Iterable[tuple[int, str, list[int], bytes]]
) -> None:
    """What does not fit: number, kind, rows, sealed."""
    await tx.run("delete from verification_finding where list_id = :id", id=id_)
    await more_findings(tx, id_, found)


async def more_findings(
    tx: Tx, id_: UUID, found: Iterable[tuple[int, str, list[int], bytes]]
) -> None:
    """The same, beside those that are there."""
    await tx.copy(
        "verification_finding",
        ("list_id", "number", "kind", "rows", "sealed"),
        [(id_, *one) for one in found],
    )


async def open_about(
    tx: Tx, id_: UUID, rows: Sequence[int], kinds: Sequence[str]
) -> list[FindingKept]:
    """What of these kinds nobody has asked about yet that is about one of these rows."""
    return await tx.many(
        FindingKept,
        """
        select number, kind, rows, sealed, by_id, by_at, mends, with_number
          from verification_finding
         where list_id = :id and by_id is null and kind = any (:kinds::text[])
           and rows && :rows::int[]
         order by number
        """,
        id=id_,
        rows=list(rows),
        kinds=list(kinds),
    )


async def settle_with(tx: Tx, id_: UUID, numbers: Sequence[int], number: int) -> None:
    """These fit since somebody corrected what contradiction `number` is about."""
    await tx.run(
        """
        update verification_finding set by_id = :by, by_at = :now, with_number = :other
         where list_id = :id and number = any (:numbers::int[]) and by_id is null
        """,
        id=id_,
        numbers=list(numbers),
        other=number,
        by=tx.actor.id,
        now=tx.now,
    )


async def last_finding(tx: Tx, id_: UUID) -> int:
    """The last number of what does not fit; 0 where everything does."""
    return await tx.one(
        int,
        """
        select coalesce(max(number), 0)::int from verification_finding where list_id = :id
        """,
        id=id_,
    )


async def findings(tx: Tx, id_: UUID, after: int, limit: int) -> list[FindingKept]:
    """What does not fit, in order."""
    return await tx.many(
        FindingKept,
        """
        select number, kind, rows, sealed, by_id, by_at, mends, with_number
          from verification_finding
         where list_id = :id and number > :after order by number limit :limit
        """,
        id=id_,
        after=after,
        limit=limit,
    )


async def one_finding(tx: Tx, id_: UUID, number: int) -> FindingKept:
    """One of them; the list's door has opened. Raises NotFound."""
    found = await tx.maybe(
        FindingKept,
        """
        select number, kind, rows, sealed, by_id, by_at, mends, with_number
          from verification_finding
         where list_id = :id and number = :number
        """,
        id=id_,
        number=min(number, NUMBER_MAX),
    )
    if found is None:
        raise NotFound("这一处")
    return found


async def settle_finding(
    tx: Tx, id_: UUID, number: int, mends: Mapping[int, Sequence[str]] = MappingProxyType({})
) -> int:
    """Somebody has asked about it, and corrected fields of rows (`mends`, by the row's number)."""
    return await tx.run(
        """
        update verification_finding set by_id = :by, by_at = :now, mends = :mends
         where list_id = :id and number = :number and by_id is null
        """,
        id=id_,
        number=number,
        mends={str(row): list(fields) for row, fields in mends.items()},
        by=tx.actor.id,
        now=tx.now,
    )


async def count_findings(tx: Tx, id_: UUID) -> Odd:
    """How much does not fit."""
    return await tx.one(
        Odd,
        """
        select count(*)::int as total, (count(*) filter (where by_id is null))::int as open
          from verification_finding where list_id = :id
        """,
        id=id_,
    )
