"""Decisions without a database: is a password good enough, when may one try again, is a code
right, and what does a session let its holder be."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Literal
from uuid import UUID

from pyotp import random_base32
from pyotp.totp import TOTP

from wangge.kernel.actors import DESK_ROLES, Grant
from wangge.kernel.refusals import Problem

Stage = Literal["second", "whole"]
Factor = Literal["password", "totp", "recovery", "demo"]
Surface = Literal["desk", "field"]

PASSWORD_MIN = 10
#: argon2 reads the whole of it; nobody types more.
PASSWORD_MAX = 200
RECOVERY_CODES = 8
TOTP_SECONDS = 30
PENDING = timedelta(minutes=10)
INVITATION = timedelta(days=3)
INVITATION_TRIES = 5


@cache
def common_passwords() -> frozenset[str]:
    """Passwords everybody tries first."""
    text = files("wangge.access").joinpath("data/common_passwords.txt").read_text("utf-8")
    return frozenset(text.split())


def password_problems(password: str, login: str) -> list[Problem]:
    """What is wrong with a new password; empty when it will do.

    Length is what counts (NIST SP 800-63B §5.1.1); no rule about symbols, no forced change.
    """
    problems: list[Problem] = []
    if len(password) < PASSWORD_MIN:
        problems.append(Problem("password", "密码至少 10 个字符,一句话也可以。"))
    if len(password) > PASSWORD_MAX:
        problems.append(Problem("password", "密码太长了,最多 200 个字符。"))
    plain = password.lower()
    if login and (plain == login.lower() or plain.replace(login.lower(), "", 1).isdigit()):
        problems.append(Problem("password", "密码不能是登录名,也不能只是登录名加数字。"))
    if plain in common_passwords() or len(set(plain)) < 4:
        problems.append(Problem("password", "这个密码太常见,换一个别人想不到的。"))
    return problems


def hashed(text: str) -> bytes:
    """SHA-256, for what is already 128 bits of chance or more."""
    return hashlib.sha256(text.encode()).digest()


def new_token() -> str:
    """256 bits."""
    return secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True)
class Patience:
    """How failures are borne: `free` of them, then pauses that double from `first` to `longest`."""

    free: int
    first: timedelta = timedelta(seconds=30)
    longest: timedelta = timedelta(minutes=15)
    #: Failures older than this are forgotten.
    memory: timedelta = timedelta(hours=24)

    def pause(self, failures: int) -> timedelta | None:
        """The pause after so many failures in a row; None while they are free."""
        if failures < self.free:
            return None
        doubled = min(failures - self.free, 16)
        return min(self.first * (1 << doubled), self.longest)


#: For one login, and for one second factor.
OF_ACCOUNT = Patience(5)
#: For one address: a whole office may sit behind it.
OF_ADDRESS = Patience(30)


def new_totp_secret() -> str:
    """160 bits, as RFC 4226 §4 asks."""
    return random_base32(32)


def totp_uri(secret: str, login: str, issuer: str) -> str:
    """What the QR code says."""
    return TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)


def totp_step(secret: str, code: str, now: datetime) -> int | None:
    """Which step a code is of: this one or a neighbour (clocks drift); None when it is of none.

    RFC 6238 §5.2. Whoever asks must then refuse a step that is not later than the last used.
    """
    code = code.replace(" ", "")
    if len(code) != 6 or not (code.isascii() and code.isdigit()):
        return None
    current = int(now.timestamp()) // TOTP_SECONDS
    totp = TOTP(secret)
    found = None
    for step in (current - 1, current, current + 1):
        if hmac.compare_digest(totp.generate_otp(step), code):
            found = step
    return found


#: No 0/O, 1/I/L: these are read off paper.
_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


def new_recovery_codes() -> list[str]:
    """Eight codes of 50 bits, in two groups."""
    return [
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(2))
        for _ in range(RECOVERY_CODES)
    ]


def recovery_hash(account_id: UUID, code: str) -> bytes:
    """A code as kept, whatever its case and spaces."""
    plain = "".join(c for c in code.upper() if c in _ALPHABET)
    return hashed(f"recovery\0{account_id}\0{plain}")


def new_pin() -> str:
    """Six digits, to be spoken."""
    return f"{secrets.randbelow(1_000_000):06d}"


def pin_hash(code: str, pin: str) -> bytes:
    """Cannot be tried without the code, which is not kept."""
    return hashed(f"pin\0{code}\0{pin.strip()}")


def wants_second_factor(grants: Iterable[Grant], now: datetime) -> bool:
    """Whether one of the live posts is at a desk with other people's data."""
    return any(grant.role in DESK_ROLES and grant.live(now) for grant in grants)


def grants_with(factor: Factor, grants: tuple[Grant, ...]) -> tuple[Grant, ...]:
    """The posts that count in a session: those at a desk need more than a password, also when
    they were given after the session began."""
    if factor == "password":
        return tuple(grant for grant in grants if grant.role not in DESK_ROLES)
    return grants


def is_demo_district(code: str) -> bool:
    """Area codes that begin with 99 belong to no province: the made-up towns have them."""
    return code.startswith("99")
