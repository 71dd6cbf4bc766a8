"""Numbers that look right and can belong to nobody: ids, identity numbers, phones.

Every stream is `Random` seeded with text (hashed with SHA-512 by the standard library), so one
area's stream never depends on another's and is the same on every machine.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from operator import mul
from random import Random
from typing import TypeVar
from uuid import UUID

_VERSION_8 = (8 << 76) | (0b10 << 62)
_VERSION_7 = (7 << 76) | (0b10 << 62)
_KEEP = ~((0xF << 76) | (0b11 << 62))
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ZEROES = 48 * sum(_WEIGHTS)
_CHECKS = "10X98765432"
PHONES = 10_000


def stream(seed: int, area_code: str, topic: str) -> Random:
    """The random stream of one topic in one area."""
    return Random(f"{seed}/{area_code}/{topic}")


_T = TypeVar("_T")


def below(rng: Random, limit: int) -> int:
    """A whole number from 0 below `limit`; a quarter of the price of `randrange`."""
    return int(rng.random() * limit)


def pick(rng: Random, things: Sequence[_T]) -> _T:
    """One of some things, all as likely."""
    return things[int(rng.random() * len(things))]


def ids(rng: Random, *, shelf: int) -> Iterator[UUID]:
    """Ids of version 8 in rising order, so that loading them keeps index pages warm.

    `shelf` (below 2**20) sorts one community's rows together; the order within it is the order
    of minting, and 62 bits of chance follow.
    """
    high = 0x0190 << 32 | shelf << 12
    count = 0
    while True:
        # 12 bits of the count go before the version nibble and 12 after it.
        front = (high | count >> 12 & 0xFFF) << 80 | (count & 0xFFF) << 64
        yield UUID(int=(front | rng.getrandbits(62)) & _KEEP | _VERSION_8)
        count += 1


def uuid7_at(ms: int, rng: Random) -> UUID:
    """A version 7 id (RFC 9562 §5.7) minted at so many milliseconds of Unix time."""
    return UUID(int=((ms << 80) | rng.getrandbits(80)) & _KEEP | _VERSION_7)


def check_digit(first_17: str) -> str:
    """The last character of an identity number, MOD 11-2 (GB 11643-1999 §4.2.4)."""
    # The code points of digits are their values and 48; that part is taken off at once.
    total = sum(map(mul, first_17.encode("ascii"), _WEIGHTS))
    return _CHECKS[(total - _ZEROES) % 11]


class IdNumbers:
    """Identity numbers under a 99xxxx area prefix, which no real person carries.

    Each community has its own prefix, so numbers are unique in a town without asking around.
    """

    def __init__(self, community_index: int, rng: Random) -> None:
        if not 0 <= community_index < 9_999:
            raise ValueError("a 99xxxx prefix serves 9,999 communities")
        self._prefix = f"99{community_index + 1:04d}"
        self._rng = rng
        self._given: set[str] = set()

    def mint(self, born: date, *, male: bool) -> str:
        """A new number for this birthday; the seventeenth digit is odd for men."""
        day = f"{self._prefix}{born.year:04d}{born.month:02d}{born.day:02d}"
        start = below(self._rng, 500)
        for step in range(500):
            first = f"{day}{(start + step) % 500 * 2 + male:03d}"
            if first not in self._given:
                self._given.add(first)
                return first + check_digit(first)
        raise ValueError("five hundred people of one sex were born here on one day")


def phone(rng: Random) -> str:
    """One of the ten thousand numbers 1990000xxxx kept for show; they repeat."""
    return f"1990000{below(rng, PHONES):04d}"
