"""Named values in SQL."""

import pytest

from wangge.kernel.database import Tx
from wangge.kernel.sql import compiled


@pytest.mark.parametrize(
    ("sql", "text", "names"),
    [
        ("select :a, :b, :a", "select $1, $2, $1", ("a", "b")),
        ("select :a::text[]", "select $1::text[]", ("a",)),
        ("select '{:a}'::jsonb", "select '{:a}'::jsonb", ()),
        ("select 'it''s :a' || :b", "select 'it''s :a' || $1", ("b",)),
        ('select ":a" from t', 'select ":a" from t', ()),
        ("select 1 -- :a\n, :b", "select 1 -- :a\n, $1", ("b",)),
        ("select (:a_1)", "select ($1)", ("a_1",)),
        ("select x[1:2]", "select x[1:2]", ()),
        ("select 1", "select 1", ()),
    ],
)
def test_names_become_numbers_and_nothing_else_does(
    sql: str, text: str, names: tuple[str, ...]
) -> None:
    assert compiled(sql) == (text, names)


async def test_values_are_never_sql(tx: Tx) -> None:
    nasty = "'; drop table kernel_fact; -- :a $1 %s"
    assert await tx.one(str, "select :a::text", a=nasty) == nasty
    assert await tx.one(int, "select count(*) from kernel_fact") >= 0


async def test_a_value_that_was_forgotten_is_a_bug(tx: Tx) -> None:
    with pytest.raises(KeyError):
        await tx.one(int, "select :a::int")


async def test_rows_are_poured_as_lines_of_text(tx: Tx) -> None:
    pieces: list[bytes] = []

    async def take(piece: bytes) -> None:
        pieces.append(piece)

    nasty = "'; drop table kernel_fact; -- $1 \\ %s"
    number = await tx.pour(
        """
        select n::text, :text::text, coalesce(nullif(:list::int[], '{}')::text, '')
          from generate_series(1, :many) g(n) order by g.n
        """,
        take,
        text=nasty,
        list=[1, 2],
        many=5000,
    )
    lines = b"\n".join(pieces).split(b"\n")
    assert (number, len(lines)) == (5000, 5000)
    escaped = nasty.replace("\\", "\\\\")
    assert lines[0].decode() == f"1\t{escaped}\t{{1,2}}"
    assert lines[-1].startswith(b"5000\t")


async def test_nothing_poured_is_no_piece(tx: Tx) -> None:
    async def take(piece: bytes) -> None:
        raise AssertionError(piece)

    assert await tx.pour("select 1 where false", take) == 0
