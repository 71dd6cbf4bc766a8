"""What is kept of a list only while it is checked: who spoke of whom first, what was heard of
contacts."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.database import Tx


@dataclass(frozen=True, slots=True)
class KeyKept:
    """The first row that told a key: its number, its place in the file, whom it means, whether it has
    a right number of its own."""

    key: int
    number: int
    numbered: bool
    at: int
    target_id: UUID | None


async def keys_told(tx: Tx, id_: UUID, keys: Sequence[int]) -> list[KeyKept]:
    """Which of these keys a row of the list has told. Each is looked up by itself, and then its row:
    what the planner knows of a list that came just now is nothing, and joined the other way round
    every row would try every key."""
    return await tx.many(
        KeyKept,
        """
        select k.key, k.number, k.numbered, r.at, r.target_id
          from unnest(:keys::bigint[]) w(key)
         cross join lateral (select key, number, numbered from verification_key
                              where list_id = :id and key = w.key limit 1) k
         cross join lateral (select at, target_id from verification_row
                              where list_id = :id and number = k.number limit 1) r
        """,
        id=id_,
        keys=list(keys),
    )


async def tell_keys(tx: Tx, id_: UUID, told: Sequence[tuple[int, int, bool]]) -> None:
    """Keys (key, row, numbered) of rows; the first row stays a key's."""
    await tx.run(
        """
        insert into verification_key (list_id, key, number, numbered)
        select :id, t.key, t.number, t.numbered
          from unnest(:keys::bigint[], :numbers::int[], :numbered::boolean[])
               as t(key, number, numbered)
            on conflict do nothing
        """,
        id=id_,
        keys=[key for key, _, _ in told],
        numbers=[number for _, number, _ in told],
        numbered=[numbered for _, _, numbered in told],
    )


async def keep_piece(tx: Tx, id_: UUID, kind: str, number: int, sealed: bytes) -> None:
    """What was heard, sealed."""
    await tx.run(
        """
        insert into verification_piece (list_id, kind, number, sealed)
        values (:id, :kind, :number, :sealed)
        """,
        id=id_,
        kind=kind,
        number=number,
        sealed=sealed,
    )


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece, sealed."""

    number: int
    sealed: bytes


async def pieces(
    tx: Tx, id_: UUID, kind: str, *, skip: int = 0, limit: int = 1_000
) -> list[Piece]:
    """Pieces of a kind in their order."""
    return await tx.many(
        Piece,
        """
        select number, sealed from verification_piece
         where list_id = :id and kind = :kind order by number offset :skip limit :limit
        """,
        id=id_,
        kind=kind,
        skip=skip,
        limit=limit,
    )


async def count_pieces(tx: Tx, id_: UUID, kind: str) -> int:
    """How many there are."""
    return await tx.one(
        int,
        """
        select count(*)::int from verification_piece where list_id = :id and kind = :kind
        """,
        id=id_,
        kind=kind,
    )


async def forget_pieces(tx: Tx, ids: Sequence[UUID]) -> None:
    """Nothing more is kept of how lists were checked."""
    for statement in (
        "delete from verification_key where list_id = any (:ids::uuid[])",
        "delete from verification_piece where list_id = any (:ids::uuid[])",
    ):
        await tx.run(statement, ids=list(ids))
