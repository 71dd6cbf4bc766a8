"""Moments and ids. The only place that reads the clock or rolls dice for an id."""

import os
from datetime import UTC, date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The moment, in UTC. Everything outside the kernel takes `tx.now` instead."""
    return datetime.now(UTC)


def local(moment: datetime) -> datetime:
    """As people here read it: Asia/Shanghai."""
    return moment.astimezone(ZONE)


def local_date(moment: datetime) -> date:
    """The calendar day in Asia/Shanghai."""
    return moment.astimezone(ZONE).date()


def new_id(moment: datetime | None = None) -> UUID:
    """A UUIDv7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then chance."""
    ms = int((moment or now()).timestamp() * 1000)
    chance = int.from_bytes(os.urandom(10), "big")
    value = (ms & ((1 << 48) - 1)) << 80 | (chance & ((1 << 80) - 1))
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return UUID(int=value)
