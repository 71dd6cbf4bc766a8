"""Checked rows: a row from PostgreSQL and the class it becomes must agree, column by column.

A missing column, an extra one, or a null where the class has no None is a bug said at once,
not a surprise three screens later. Codes become enums here.
"""

import types
import typing
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from operator import itemgetter
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

import msgspec

T = TypeVar("T")

SCALARS = (str, int, float, bool, bytes, UUID, datetime, date, Decimal)


class RowMismatch(TypeError):
    """The statement and the class do not agree. A bug, never shown to a user."""


Row: TypeAlias = Any
_makers: dict[tuple[type[Any], tuple[str, ...]], Callable[[Row], Any]] = {}


def maker(kind: type[T], columns: tuple[str, ...]) -> Callable[[Row], T]:
    """A function from a row with these columns to a `kind`, made once for each pair."""
    made = _makers.get((kind, columns))
    if made is None:
        made = _makers[kind, columns] = _make(kind, columns)
    return made


def _make(kind: type[T], columns: tuple[str, ...]) -> Callable[[Row], T]:
    if kind in SCALARS:
        if len(columns) != 1:
            raise RowMismatch(f"{kind.__name__} wants one column, the statement has {columns}")
        return _scalar(kind)
    names = _fields(kind)
    hints = typing.get_type_hints(kind)
    if set(names) != set(columns) or len(columns) != len(set(columns)):
        missing = sorted(set(names) - set(columns))
        extra = sorted(set(columns) - set(names))
        raise RowMismatch(f"{kind.__name__}: missing {missing}, extra {extra}")
    order = [columns.index(name) for name in names]
    pick = _picker(order)
    solid: list[int] = []
    converts: list[tuple[int, Callable[[Any], Any]]] = []
    for at, name in enumerate(names):
        nullable, convert = _converter(hints[name])
        if not nullable:
            solid.append(at)
        if convert is not None:
            converts.append((at, convert))

    def make(row: Row) -> T:
        values = pick(row)
        if None in values:
            for at in solid:
                if values[at] is None:
                    raise RowMismatch(f"{kind.__name__}.{names[at]} is null")
        if not converts:
            return kind(*values)
        changed = list(values)
        for at, convert in converts:
            if changed[at] is not None:
                changed[at] = convert(changed[at])
        return kind(*changed)

    return make


def _fields(kind: type[Any]) -> list[str]:
    """What a row must have. A Struct of msgspec is made in a third of a dataclass's time, which
    counts where a hundred thousand rows become one."""
    if issubclass(kind, msgspec.Struct):
        return list(kind.__struct_fields__)
    if is_dataclass(kind):
        return [f.name for f in fields(kind) if f.init]
    raise RowMismatch(f"{kind!r} is neither a dataclass, a Struct nor a scalar")


def _picker(order: Sequence[int]) -> Callable[[Row], tuple[Any, ...]]:
    """The values of a row in another order."""
    if list(order) == list(range(len(order))):
        return typing.cast(Callable[[Row], tuple[Any, ...]], tuple)
    if len(order) == 1:
        return lambda row: (row[order[0]],)
    return itemgetter(*order)


def _scalar(kind: type[T]) -> Callable[[Row], T]:
    def make(row: Row) -> T:
        value = row[0]
        if value is None:
            raise RowMismatch(f"null where {kind.__name__} was promised")
        return typing.cast(T, value)

    return make


def _converter(hint: Any) -> tuple[bool, Callable[[Any], Any] | None]:
    """Whether a value may be null, and what makes of it what the class wants."""
    nullable = False
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        arms = typing.get_args(hint)
        nullable = type(None) in arms
        solid = [arm for arm in arms if arm is not type(None)]
        hint = solid[0] if len(solid) == 1 else object
    origin = typing.get_origin(hint)
    inner = typing.get_args(hint)
    if origin is tuple:
        item: Any = inner[0]
        enums = isinstance(item, type) and issubclass(item, Enum)
        return nullable, _tuple_of(item) if enums else tuple
    if origin is frozenset:
        return nullable, frozenset
    if isinstance(hint, type) and issubclass(hint, Enum):
        return nullable, hint
    return nullable, None


def _tuple_of(kind: Any) -> Callable[[Any], tuple[Any, ...]]:
    def convert(value: Any) -> tuple[Any, ...]:
        return tuple(kind(item) for item in value)

    return convert
