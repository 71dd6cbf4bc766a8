"""Checked rows: a row from PostgreSQL and the class it becomes must agree, column by column.

A missing column, an extra one, or a null where the class has no None is a bug said at once,
not a surprise three screens later. Codes become enums here.
"""

import types
import typing
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, TypeAlias, TypeVar
from uuid import UUID

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
    if not is_dataclass(kind):
        raise RowMismatch(f"{kind!r} is neither a dataclass nor a scalar")
    hints = typing.get_type_hints(kind)
    names = [f.name for f in fields(kind) if f.init]
    if set(names) != set(columns) or len(columns) != len(set(columns)):
        missing = sorted(set(names) - set(columns))
        extra = sorted(set(columns) - set(names))
        raise RowMismatch(f"{kind.__name__}: missing {missing}, extra {extra}")
    order = [columns.index(name) for name in names]
    converts = [_converter(kind, name, hints[name]) for name in names]
    steps = list(zip(order, converts, strict=True))

    def make(row: Row) -> T:
        return kind(*[convert(row[index]) for index, convert in steps])

    return make


def _scalar(kind: type[T]) -> Callable[[Row], T]:
    def make(row: Row) -> T:
        value = row[0]
        if value is None:
            raise RowMismatch(f"null where {kind.__name__} was promised")
        return typing.cast(T, value)

    return make


def _converter(kind: type[Any], name: str, hint: Any) -> Callable[[Any], Any]:
    nullable = False
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        arms = typing.get_args(hint)
        nullable = type(None) in arms
        solid = [arm for arm in arms if arm is not type(None)]
        hint = solid[0] if len(solid) == 1 else object
    origin = typing.get_origin(hint)
    inner = typing.get_args(hint)
    convert: Any = None
    if origin is tuple:
        item: Any = inner[0]
        convert = (
            _tuple_of(item) if isinstance(item, type) and issubclass(item, Enum) else tuple
        )
    elif origin is frozenset:
        convert = frozenset
    elif isinstance(hint, type) and issubclass(hint, Enum):
        convert = hint

    def check(value: Any) -> Any:
        if value is None:
            if nullable:
                return None
            raise RowMismatch(f"{kind.__name__}.{name} is null")
        return convert(value) if convert else value

    return check


def _tuple_of(kind: Any) -> Callable[[Any], tuple[Any, ...]]:
    def convert(value: Any) -> tuple[Any, ...]:
        return tuple(kind(item) for item in value)

    return convert
