"""Signing in: the roads from a stranger to a session.

A failure must be counted although it is refused, and a password is compared outside of any
transaction; so these functions take a district, open short transactions of their own, and raise
their refusal after the commit.
"""

from dataclasses import dataclass
from uuid import UUID

from wangge.access import kept, queries
from wangge.access.events import InvitationAccepted, SecondFactorSet, SignedIn, SignInFailed
from wangge.access.model import (
    OF_ACCOUNT,
    OF_ADDRESS,
    PENDING,
    Factor,
    Patience,
    Stage,
    Surface,
    hashed,
    is_demo_district,
    new_recovery_codes,
    new_token,
    new_totp_secret,
    password_problems,
    pin_hash,
    recovery_hash,
    totp_step,
    wants_second_factor,
)
from wangge.access.passwords import hash_password, is_password
from wangge.access.queries import Account
from wangge.access.refusals import (
    InvitationWrong,
    SecondFactorMissing,
    SecondFactorWanted,
    SecondFactorWrong,
    SignInPaused,
    SignInWrong,
)
from wangge.access.settings import idle_time, whole_time
from wangge.kernel.actors import ANONYMOUS_ID, system_actor
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.http import District
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid, Refusal
from wangge.kernel.settings import decided


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where somebody comes from: which surface, what device, what address."""

    surface: Surface
    device: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Came:
    """Somebody got in, or half in: with stage `second` the next step is the second factor."""

    token: str
    session_id: UUID
    account_id: UUID
    stage: Stage
    #: Shown once, after a second factor was set up.
    recovery_codes: tuple[str, ...] = ()


async def sign_in(
    district: District, login: str, password: str, visitor: Visitor, *, code: str | None = None
) -> Came:
    """By password, and by second factor where the account has one or its posts want one.

    On a page (`code` is None) a missing second factor gives a half session; a program gets a
    refusal that says what it lacks. Raises SignInWrong, SignInPaused, SecondFactorWanted,
    SecondFactorMissing, SecondFactorWrong.
    """
    login = login.strip().lower()[:100]
    system = system_actor(district.schema)
    key, address_key = _key("login", login), _key("address", visitor.address)
    async with district.database.tx(system) as tx:
        paused = await _charged(tx, address_key, OF_ADDRESS) or await _charged(
            tx, key, OF_ACCOUNT
        )
        account = None if paused else await queries.account_by_login(tx, login)
    if paused:
        raise paused
    kept_hash = account.password_hash if account and account.live else None
    right = await is_password(kept_hash, password)
    async with district.database.tx(system) as tx:
        if account is None or not right:
            # Said for unknown logins as well: the audit wants it, and it takes as long.
            subject = account.id if account else ANONYMOUS_ID
            area_code = account.area_code if account else ""
            tx.publish(SignInFailed(subject, area_code, "password"), by=subject)
            came = None
        else:
            await queries.forgive(tx, key)
            await queries.refund(tx, address_key, OF_ADDRESS.free)
            came = await _welcome(tx, district, account, visitor)
    if account is None or came is None:
        raise SignInWrong()
    if visitor.surface == "desk" or came.stage == "whole":
        return came
    if account.totp_confirmed_at is None:
        raise SecondFactorMissing()
    if not code:
        raise SecondFactorWanted()
    return await second_factor(district, came.token, code, visitor)


async def second_factor(district: District, token: str, code: str, visitor: Visitor) -> Came:
    """The second step. The half session becomes a whole one under a new token. Raises
    SignInWrong when there is no half session, SignInPaused, SecondFactorWrong."""
    outcome: Came | Refusal
    async with district.database.tx(system_actor(district.schema)) as tx:
        pending = await half_session(tx, token)
        if pending is None:
            outcome = SignInWrong()
        else:
            outcome = await _second(tx, district, pending, code, visitor)
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


async def half_session(tx: Tx, token: str) -> kept.Session | None:
    """The session that waits for its second factor."""
    found = await kept.session_by_token(tx, hashed(token))
    return found if found is not None and found.stage == "second" else None


async def _second(
    tx: Tx, district: District, pending: kept.Session, code: str, visitor: Visitor
) -> Came | Refusal:
    account = await queries.account(tx, pending.account_id)
    key = _key("second", str(account.id))
    paused = await _charged(tx, key, OF_ACCOUNT)
    if paused:
        return paused
    factor = await check_code(tx, district.vault, account, code)
    if factor is None:
        tx.publish(SignInFailed(account.id, account.area_code, "second"), by=account.id)
        return SecondFactorWrong()
    await queries.forgive(tx, key)
    codes: tuple[str, ...] = ()
    if account.totp_confirmed_at is None:
        codes = await new_codes(tx, account)
    await kept.delete_session(tx, pending.id)
    came = await _open(tx, account, "whole", factor, visitor)
    return Came(came.token, came.session_id, account.id, "whole", codes)


async def check_code(tx: Tx, vault: Vault, account: Account, code: str) -> Factor | None:
    """Use up a code of the authenticator or a recovery code; None when it is neither, or was
    used before."""
    if account.totp_sealed is not None:
        step = totp_step(_open_secret(vault, account), code, tx.now)
        if step is not None:
            return "totp" if await queries.use_totp_step(tx, account.id, step) else None
    if await queries.use_recovery(tx, account.id, recovery_hash(account.id, code)):
        return "recovery"
    return None


async def new_codes(tx: Tx, account: Account) -> tuple[str, ...]:
    """Recovery codes that go with a second factor just set up."""
    codes = tuple(new_recovery_codes())
    hashes = [recovery_hash(account.id, code) for code in codes]
    await queries.replace_recovery(tx, account.id, hashes)
    tx.publish(SecondFactorSet(account.id, account.area_code), by=account.id)
    return codes


async def enrolment_secret(tx: Tx, vault: Vault, account: Account) -> str:
    """The secret to show while it is not confirmed; the same on every look at the page."""
    if account.totp_confirmed_at is not None:
        raise ValueError("a confirmed secret is never shown")
    if account.totp_sealed is not None:
        return _open_secret(vault, account)
    secret = new_totp_secret()
    await queries.set_totp(tx, account.id, vault.seal(secret, account.id.bytes))
    return secret


def _open_secret(vault: Vault, account: Account) -> str:
    assert account.totp_sealed is not None
    return vault.open(account.totp_sealed, account.id.bytes)


async def accept_invitation(
    district: District, code: str, pin: str, password: str, visitor: Visitor
) -> Came:
    """The invited person sets a password and is in, or half in. Whoever was signed in under
    this account before is not any more. Raises InvitationWrong, Invalid, SignInPaused."""
    system = system_actor(district.schema)
    address_key = _key("address", visitor.address)
    problems = password_problems(password, "")
    if problems:
        raise Invalid.all(problems)
    account = None
    async with district.database.tx(system) as tx:
        paused = await _charged(tx, address_key, OF_ADDRESS)
        tried = None if paused else await kept.try_invitation(tx, hashed(code))
        if tried is not None and tried.pin_hash == pin_hash(code, pin):
            account = await queries.account(tx, tried.account_id)
    if paused:
        raise paused
    if tried is None or account is None:
        raise InvitationWrong()
    problems = password_problems(password, account.login)
    if problems:
        raise Invalid.all(problems)
    password_hash = await hash_password(password)
    async with district.database.tx(system) as tx:
        if not await kept.accept_invitation(tx, tried.id):
            raise InvitationWrong()
        await queries.set_password(tx, account.id, password_hash)
        await kept.delete_sessions(tx, account.id)
        await queries.forgive(tx, _key("login", account.login))
        await queries.refund(tx, address_key, OF_ADDRESS.free)
        tx.publish(InvitationAccepted(account.id, account.area_code, tried.id), by=account.id)
        return await _welcome(tx, district, account, visitor)


async def _welcome(tx: Tx, district: District, account: Account, visitor: Visitor) -> Came:
    """A session for somebody whose password is right: whole, or waiting for the second factor."""
    if account.demo and is_demo_district(district.code):
        # A printed demo account of a made-up town must open the door by itself: whoever tries
        # the program has no authenticator at hand, and there is no real person in the town.
        return await _open(tx, account, "whole", "demo", visitor)
    posts = await queries.grants(tx, account.id)
    if account.totp_confirmed_at is not None or wants_second_factor(posts, tx.now):
        return await _open(tx, account, "second", "password", visitor)
    return await _open(tx, account, "whole", "password", visitor)


async def _open(
    tx: Tx, account: Account, stage: Stage, factor: Factor, visitor: Visitor
) -> Came:
    token, id_ = new_token(), new_id(tx.now)
    settings = await decided(tx)
    idle, whole = idle_time(settings, visitor.surface), whole_time(settings, visitor.surface)
    if stage == "second":
        idle = whole = PENDING
    await kept.insert_session(
        tx,
        id_=id_,
        token_hash=hashed(token),
        account_id=account.id,
        stage=stage,
        factor=factor,
        surface=visitor.surface,
        device=visitor.device[:200],
        address=visitor.address[:64],
        idle_until=tx.now + min(idle, whole),
        ends_at=tx.now + whole,
    )
    if stage == "whole":
        tx.publish(
            SignedIn(account.id, account.area_code, id_, factor, visitor.surface), by=account.id
        )
    return Came(token, id_, account.id, stage)


def _key(what: str, value: str) -> bytes:
    return hashed(f"{what}\0{value}")


async def _charged(tx: Tx, key: bytes, patience: Patience) -> SignInPaused | None:
    """Count a try; the refusal when a pause is on."""
    counted = await queries.charge(
        tx,
        key,
        free=patience.free,
        first=patience.first.total_seconds(),
        longest=patience.longest.total_seconds(),
        forget_before=tx.now - patience.memory,
    )
    if counted:
        return None
    until = await queries.paused_until(tx, key)
    left = (until - tx.now).total_seconds() if until else 1
    return SignInPaused(retry_after=max(1, round(left)))
