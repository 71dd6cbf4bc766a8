"""Moments and ids. The only place that reads the clock or rolls dice for an id."""

import os
from datetime import UTC, date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

# The driver's own: a uuid.UUID made from bytes by C, in a fifth of the time.
from asyncpg.pgproto.pgproto import UUID as QuickUUID

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


#: The 74 bits of a UUIDv7 that are chance, and the six that are not.
_CHANCE = 0x0FFF_3FFF_FFFF_FFFF_FFFF
_VERSION_7 = 0x7000_8000_0000_0000_0000
#: The same for single bytes of chance.
_SEVENTH = tuple(bytes([0x70 | byte & 0x0F]) for byte in range(256))
_VARIANT = tuple(bytes([0x80 | byte & 0x3F]) for byte in range(256))


def day_start(day: date) -> datetime:
    """The day's first moment here (Asia/Shanghai)."""
    return datetime.combine(day, time(), ZONE)


def new_id(moment: datetime | None = None) -> UUID:
    """A UUIDv7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then chance."""
    ms = int((moment or now()).timestamp() * 1000) & 0xFFFF_FFFF_FFFF
    chance = int.from_bytes(os.urandom(10), "big")
    value = ms << 80 | (chance & _CHANCE) | _VERSION_7
    return QuickUUID(value.to_bytes(16, "big"))


def new_ids(moment: datetime, count: int) -> list[UUID]:
    """Many ids of one moment; chance is asked for once."""
    ms = (int(moment.timestamp() * 1000) & 0xFFFF_FFFF_FFFF).to_bytes(6, "big")
    chance = os.urandom(10 * count)
    return [
        QuickUUID(
            ms
            + _SEVENTH[chance[at]]
            + chance[at + 1 : at + 2]
            + _VARIANT[chance[at + 2]]
            + chance[at + 3 : at + 10]
        )
        for at in range(0, 10 * count, 10)
    ]
