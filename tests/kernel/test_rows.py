"""A row and the class it becomes agree, or it is said at once."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID, uuid4

import msgspec
import pytest

from wangge.kernel.database import Tx
from wangge.kernel.rows import RowMismatch, maker


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


@dataclass(frozen=True, slots=True)
class Thing:
    id: UUID
    colour: Colour
    note: str | None
    marks: tuple[str, ...]
    others: tuple[Colour, ...] = ()
    seen: frozenset[str] = frozenset()
    made: int = field(default=7, init=False)


class Quick(msgspec.Struct, frozen=True):
    id: UUID
    colour: Colour
    note: str | None
    marks: tuple[str, ...]


COLUMNS = ("colour", "id", "marks", "note", "others", "seen")


def make(**changes: object) -> Thing:
    values = {
        "id": uuid4(),
        "colour": "red",
        "note": None,
        "marks": ["a", "b"],
        "others": ["green"],
        "seen": ["x", "x"],
    } | changes
    return maker(Thing, COLUMNS)([values[name] for name in COLUMNS])


def test_columns_find_their_fields_whatever_their_order() -> None:
    thing = make()
    assert thing.colour is Colour.RED
    assert thing.marks == ("a", "b")
    assert thing.others == (Colour.GREEN,)
    assert thing.seen == {"x"}
    assert thing.note is None
    assert thing.made == 7


def test_a_struct_is_filled_and_checked_as_a_dataclass_is() -> None:
    quick = maker(Quick, ("marks", "note", "colour", "id"))
    id_ = uuid4()
    assert quick([["a"], None, "green", id_]) == Quick(id_, Colour.GREEN, None, ("a",))
    with pytest.raises(RowMismatch, match=r"Quick\.id is null"):
        quick([["a"], None, "green", None])
    with pytest.raises(RowMismatch, match="missing \\['note'\\]"):
        maker(Quick, ("marks", "colour", "id"))


@pytest.mark.parametrize(
    "columns",
    [
        COLUMNS[1:],
        (*COLUMNS, "extra"),
        (*COLUMNS[:-1], "seem"),
        (*COLUMNS, "id"),
    ],
)
def test_missing_extra_and_doubled_columns_are_a_bug(columns: tuple[str, ...]) -> None:
    with pytest.raises(RowMismatch):
        maker(Thing, columns)


def test_null_only_where_the_class_says_so() -> None:
    with pytest.raises(RowMismatch, match=r"Thing\.colour is null"):
        make(colour=None)
    with pytest.raises(RowMismatch, match=r"Thing\.marks is null"):
        make(marks=None)


def test_a_code_the_enum_does_not_know_is_a_bug() -> None:
    with pytest.raises(ValueError, match="blue"):
        make(colour="blue")
    with pytest.raises(ValueError, match="blue"):
        make(others=["blue"])


def test_scalars_want_one_column_and_a_value() -> None:
    assert maker(int, ("n",))([5]) == 5
    with pytest.raises(RowMismatch):
        maker(int, ("n", "m"))
    with pytest.raises(RowMismatch):
        maker(int, ("n",))([None])
    with pytest.raises(RowMismatch):
        maker(dict, ("n",))


async def test_it_holds_for_real_rows(tx: Tx) -> None:
    sql = """
        select gen_random_uuid() as id, 'green' as colour, null::text as note,
               array['m'] as marks, array['red'] as others, array['s'] as seen
    """
    thing = await tx.one(Thing, sql)
    assert (thing.colour, thing.others) == (Colour.GREEN, (Colour.RED,))
    with pytest.raises(RowMismatch):
        await tx.one(Thing, "select 1 as id")
    with pytest.raises(RowMismatch):
        await tx.one(int, "select null::int")
    with pytest.raises(LookupError):
        await tx.maybe(int, "select 1 union all select 2")
    assert await tx.many(int, "select 1 where false") == []
