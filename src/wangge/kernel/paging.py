"""Keyset paging: a page begins after the last row of the one before, wherever that was."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar
from uuid import UUID

import msgspec

from wangge.kernel.refusals import Invalid

R = TypeVar("R")

#: Rows a page holds at most, whoever asks.
PAGE_MAX = 200
PAGE_DEFAULT = 50


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """Some rows and the mark after the last; None when there are no more."""

    items: list[R]
    next: str | None


def mark_of(moment: datetime, id_: UUID) -> str:
    """The place just after a row ordered by (moment, id)."""
    raw = msgspec.json.encode([moment.astimezone(UTC).isoformat(), id_.hex])
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def read_mark(mark: str | None) -> tuple[datetime, UUID] | None:
    """Back from a mark. Raises Invalid for one we did not make."""
    if not mark:
        return None
    try:
        raw = base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4))
        moment, id_ = msgspec.json.decode(raw)
        return datetime.fromisoformat(moment), UUID(hex=id_)
    except (ValueError, TypeError, msgspec.DecodeError) as wrong:
        raise Invalid.of("after", "翻页标记无效,请回到第一页。") from wrong


def read_number(mark: str | None) -> int:
    """Back from the mark of a list in the order of its rows' numbers; 0 without one. Raises Invalid for
    one we did not make: a program that lost it would read the first page for ever."""
    if not mark:
        return 0
    if not (mark.isascii() and mark.isdigit() and len(mark) <= 9):
        raise Invalid.of("after", "翻页标记无效,请回到第一页。")
    return int(mark)


def page_size(limit: int | None) -> int:
    """What was asked for, within bounds."""
    return max(1, min(limit or PAGE_DEFAULT, PAGE_MAX))
