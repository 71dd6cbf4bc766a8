"""What is packed by hand arrives as what the driver would have sent."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as some

from wangge.kernel import packing
from wangge.kernel.database import Tx

COLUMNS = ("id", "words", "at", "marks", "said")
_SAID: list[tuple[str, list[int], list[str]]] = [
    ("", [], []),
    ("𠮷\t甲\n\\", [-(2**63), -1, 0, 2**63 - 1], ["", "n:王青", "𠮷"]),
    ("990001001001001001", list(range(40)), ["a" * 300] * 20),
]
ROWS = [
    (
        UUID(int=n + 1),
        words,
        datetime(1999, 12, 31, 23, 59, 59, 123456, UTC) + timedelta(days=n * 400),
        marks,
        said,
    )
    for n, (words, marks, said) in enumerate(_SAID)
]


async def test_packed_rows_are_the_rows(dsn: str, tx: Tx) -> None:
    del dsn
    await tx.run(
        """
        create temp table packed (id uuid, words text, at timestamptz, marks bigint[], said text[])
            on commit drop
        """
    )
    packed = [
        packing.row(
            packing.uuid(id_),
            packing.text(words),
            packing.moment(at),
            packing.bigints(packing.elements(marks)),
            packing.texts(said),
        )
        for id_, words, at, marks, said in ROWS
    ]
    assert await tx.copy_packed("packed", COLUMNS, packed) == len(ROWS)
    await tx.copy("packed", COLUMNS, ROWS)
    pairs = await tx.one(
        int,
        """
        select count(*) from (
               select id from packed group by id, words, at, marks, said having count(*) = 2) same
        """,
    )
    assert pairs == len(ROWS)
    assert await tx.copy_packed("packed", COLUMNS, []) == 0


@given(some.lists(some.integers(-(2**63), 2**63 - 1)), some.lists(some.text()))
def test_a_field_is_as_long_as_it_says(marks: list[int], said: list[str]) -> None:
    for field in (packing.bigints(packing.elements(marks)), packing.texts(said)):
        assert int.from_bytes(field[:4], "big") == len(field) - 4
