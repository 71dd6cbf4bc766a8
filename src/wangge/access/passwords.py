"""Password hashes: argon2id, in threads, few at a time.

The parameters are OWASP's (19 MiB, two passes); one hash takes about 50 ms of one core, so that
a stolen table is slow to guess and a sign-in storm cannot starve the rest of the process.
"""

import asyncio
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

#: Hashes a process makes at once; more wait in line.
HASHES_AT_ONCE = 2

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_doors: dict[asyncio.AbstractEventLoop, asyncio.Semaphore] = {}


def _door() -> asyncio.Semaphore:
    loop = asyncio.get_running_loop()
    if loop not in _doors:
        for gone in [old for old in _doors if old.is_closed()]:
            del _doors[gone]
        _doors[loop] = asyncio.Semaphore(HASHES_AT_ONCE)
    return _doors[loop]


@cache
def _nobodys() -> str:
    """What an unknown login's password is compared with, so that it takes as long."""
    return _hasher.hash("nobody's password")


async def hash_password(password: str) -> str:
    """An argon2id hash with its parameters and salt."""
    async with _door():
        return await asyncio.to_thread(_hasher.hash, password)


def _matches(kept: str, password: str) -> bool:
    try:
        return _hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


async def is_password(kept: str | None, password: str) -> bool:
    """Whether it is the password. Without a hash the answer is no, after the same time."""
    async with _door():
        right = await asyncio.to_thread(_matches, kept or _nobodys(), password)
    return right and kept is not None
