"""Settings: what a district may decide for itself, declared where it is used.

A setting has a key `room.name`, a default, and words that say what it does. The values of a
district lie in `kernel_setting`; docs/settings.md lists them all and a test compares.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from wangge.kernel.database import Tx
from wangge.kernel.refusals import Invalid

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Setting(Generic[V]):
    """One decision: `kind` is its type (int, str, bool, or a list of them); `check` raises Invalid
    for a value of that type that will not do."""

    key: str
    default: V
    words: str
    kind: Any
    check: Callable[[V], None] | None = None


_settings: dict[str, Setting[Any]] = {}


def setting(
    key: str,
    default: V,
    words: str,
    kind: Any = None,
    *,
    check: Callable[[V], None] | None = None,
) -> Setting[V]:
    """Declare a setting. `words` is Chinese, shown on the settings page."""
    if key in _settings:
        raise ValueError(f"setting {key} is declared twice")
    made = Setting(key, default, words, kind or type(default), check)
    _settings[key] = made
    return made


def all_settings() -> dict[str, Setting[Any]]:
    """Every setting of the rooms imported so far."""
    return dict(_settings)


@dataclass(frozen=True, slots=True)
class _Value:
    key: str
    value: Any


class Decided:
    """What a district has decided; everything else is the default."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values

    def __call__(self, wanted: Setting[V]) -> V:
        value: V = self._values.get(wanted.key, wanted.default)
        return value


async def decided(tx: Tx) -> Decided:
    """All of a district's decisions, in one statement."""
    rows = await tx.many(_Value, "select key, value from kernel_setting")
    return Decided({row.key: row.value for row in rows})


async def decide(tx: Tx, key: str, value: Any) -> None:
    """Change a setting. Raises Invalid for an unknown key or a value of the wrong kind."""
    known = _settings.get(key)
    if known is None:
        raise Invalid.of(key, "没有“{key}”这一项设置。", key=key)
    try:
        value = msgspec.convert(value, known.kind, strict=False)
    except msgspec.ValidationError as wrong:
        raise Invalid.of(key, "“{key}”的值不对:{value}。", key=key, value=str(value)) from wrong
    if known.check is not None:
        known.check(value)
    await tx.run(
        """
        insert into kernel_setting (key, value) values (:key, :value)
        on conflict (key) do update set value = excluded.value
        """,
        key=key,
        value=value,
    )
    await tx.bump("settings")
