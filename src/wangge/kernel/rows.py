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
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

T = TypeVar("T")

SCALARS = (str, int, float, bool, bytes, UUID, datetime, date, Decimal)


class RowMismatch(TypeError):
    """The statement and the class do not agree. A bug, never shown to a user."""


@lru_cache(maxsize=4096)
def maker(kind: type[T], columns: tuple[str, ...]) -> Callable[[Sequence[Any]], T]:
    """A function from a row with these columns to a `kind`."""
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

    def make(row: Sequence[Any]) -> T:
        return kind(*[convert(row[index]) for index, convert in steps])

    return make


def _scalar(kind: type[T]) -> Callable[[Sequence[Any]], T]:
    def make(row: Sequence[Any]) -> T:
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
    convert: Callable[[Any], Any] | None = None
    if origin is tuple:
        item = inner[0]
        convert = (
            (lambda value, item=item: tuple(item(v) for v in value))
            if isinstance(item, type) and issubclass(item, Enum)
            else tuple
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
