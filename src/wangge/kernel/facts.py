"""Facts: what happened, in the past tense, and no one's secrets.

A fact is said inside the transaction that made it true (`tx.publish`). It carries ids, an area,
codes and numbers; never names, phone numbers, health or free text, so that it can outlive the
data it speaks of. The relay moves facts from the outbox into `kernel_fact` in commit order and
chains them by hash (relay.py).
"""

import types
import typing
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import Any, ClassVar
from uuid import UUID

import msgspec

_kinds: dict[str, type["Fact"]] = {}

#: What a fact's field may be. A str must be a code: an enum, an area code, a class code.
PLAIN: tuple[type, ...] = (UUID, str, int, bool, datetime)


@dataclass(frozen=True, slots=True)
class Fact:
    """Base. The first field of a subclass is the id of what it is about; it has an area_code.
    `quiet` facts are too many to be told one by one: screens have another way to them."""

    kind: ClassVar[str] = ""
    quiet: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        # dataclass(slots=True) makes the class twice; the second replaces the first.
        room = cls.__module__.split(".")[1] if "." in cls.__module__ else cls.__module__
        cls.kind = f"{room}.{cls.__name__}"
        before = _kinds.get(cls.kind)
        if before is not None and before.__module__ != cls.__module__:
            raise TypeError(f"fact {cls.kind} is in {before.__module__} already")
        _kinds[cls.kind] = cls


def all_facts() -> dict[str, type[Fact]]:
    """Every kind of fact of the rooms imported so far."""
    return dict(_kinds)


def quiet_kinds() -> frozenset[str]:
    """Kinds of facts that are not told one by one."""
    return frozenset(kind for kind, fact in _kinds.items() if fact.quiet)


#: What gets a fact's subject; the other fields' names in order, and what gets them.
_Shape = tuple[Callable[[Any], UUID], tuple[str, ...], Callable[[Any], tuple[Any, ...]]]
_shapes: dict[type[Fact], _Shape] = {}


def _shape(cls: type[Fact]) -> _Shape:
    """How a kind's facts are told: they come by the hundred thousand."""
    first, *rest = (f.name for f in fields(cls))
    names = tuple(sorted(n for n in rest if n != "area_code"))
    return attrgetter(first), names, _getting(names)


def _getting(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    """A tuple of these fields, also of one or of none."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda fact: tuple(getattr(fact, name) for name in names)


_encode = msgspec.json.Encoder(order="deterministic").encode


def told(fact: Fact) -> tuple[UUID, str, str]:
    """What a fact is about, where, and its other fields as canonical JSON (sorted keys), which
    the chain's hash covers. Ids and codes are text, moments ISO 8601 in UTC."""
    cls = type(fact)
    shape = _shapes.get(cls)
    if shape is None:
        shape = _shapes[cls] = _shape(cls)
    subject, names, others = shape
    data = _encode(dict(zip(names, others(fact), strict=True))).decode()
    return subject(fact), fact.area_code, data  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A fact as read back from the ledger. `seq` counts from 1 without gaps, in commit order."""

    seq: int
    id: UUID
    kind: str
    subject_id: UUID
    area_code: str
    at: datetime
    actor_id: UUID
    cause: UUID | None
    data: dict[str, Any]

    def fact(self) -> Fact:
        """The typed fact again. Raises KeyError for a kind this version does not know."""
        cls = _kinds[self.kind]
        hints = typing.get_type_hints(cls)
        names = [f.name for f in fields(cls)]
        defaults = {f.name for f in fields(cls) if f.default is not MISSING}
        values: dict[str, Any] = {names[0]: self.subject_id, "area_code": self.area_code}
        for name in names[1:]:
            # A fact of before a field was added to its kind has that field's default.
            if name != "area_code" and (name in self.data or name not in defaults):
                values[name] = _revive(hints[name], self.data[name])
        return cls(**values)


def _revive(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        hint = next(arm for arm in typing.get_args(hint) if arm is not type(None))
    return msgspec.convert(value, hint)
