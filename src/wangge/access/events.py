"""What happened to accounts, sessions and tokens. `area_code` is where the person's first post
is, or empty for somebody without one."""

from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.facts import Fact


@dataclass(frozen=True, slots=True)
class AccountMade(Fact):
    account_id: UUID
    area_code: str
    demo: bool


@dataclass(frozen=True, slots=True)
class AccountClosed(Fact):
    account_id: UUID
    area_code: str


@dataclass(frozen=True, slots=True)
class AccountReopened(Fact):
    account_id: UUID
    area_code: str


@dataclass(frozen=True, slots=True)
class Invited(Fact):
    account_id: UUID
    area_code: str
    invitation_id: UUID


@dataclass(frozen=True, slots=True)
class InvitationAccepted(Fact):
    account_id: UUID
    area_code: str
    invitation_id: UUID


@dataclass(frozen=True, slots=True)
class SignedIn(Fact):
    account_id: UUID
    area_code: str
    session_id: UUID
    factor: str
    surface: str


@dataclass(frozen=True, slots=True)
class SignInFailed(Fact):
    """`step` is password or second."""

    account_id: UUID
    area_code: str
    step: str


@dataclass(frozen=True, slots=True)
class SignedOut(Fact):
    account_id: UUID
    area_code: str
    session_id: UUID


@dataclass(frozen=True, slots=True)
class SessionRevoked(Fact):
    session_id: UUID
    area_code: str
    account_id: UUID


@dataclass(frozen=True, slots=True)
class PasswordChanged(Fact):
    account_id: UUID
    area_code: str


@dataclass(frozen=True, slots=True)
class SecondFactorSet(Fact):
    account_id: UUID
    area_code: str


@dataclass(frozen=True, slots=True)
class SecondFactorReset(Fact):
    account_id: UUID
    area_code: str


@dataclass(frozen=True, slots=True)
class TokenMade(Fact):
    token_id: UUID
    area_code: str
    channel: str
    trusted: bool


@dataclass(frozen=True, slots=True)
class TokenRevoked(Fact):
    token_id: UUID
    area_code: str
