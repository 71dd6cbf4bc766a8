"""Commands: what administrators and owners do with accounts, sessions and tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from wangge.access import kept, queries
from wangge.access.acts import CLOSE, INVITE, RESET_SECOND, REVOKE_SESSION, TOKENS
from wangge.access.events import (
    AccountClosed,
    AccountMade,
    AccountReopened,
    Invited,
    PasswordChanged,
    SecondFactorReset,
    SessionRevoked,
    SignedOut,
    TokenMade,
    TokenRevoked,
)
from wangge.access.model import (
    INVITATION,
    INVITATION_TRIES,
    hashed,
    new_pin,
    new_token,
    password_problems,
    pin_hash,
)
from wangge.access.passwords import hash_password, is_password
from wangge.access.refusals import LoginTaken, NotYourOwn, SecondFactorWrong, SignInWrong
from wangge.access.signing import check_code, new_codes
from wangge.kernel.actors import Act, Role, all_acts
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx, promise
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid, NotFound

#: A token's longest life.
TOKEN_DAYS_MAX = 400


@dataclass(frozen=True, slots=True)
class Invitation:
    """Shown once. The code goes by link or QR, the PIN by voice."""

    id: UUID
    account_id: UUID
    name: str
    login: str
    code: str
    pin: str
    ends_at: datetime


def as_login(text: str) -> str:
    """A login as kept. Raises Invalid."""
    login = text.strip().lower()
    allowed = set("abcdefghijklmnopqrstuvwxyz0123456789._-")
    if not (3 <= len(login) <= 40 and set(login) <= allowed and login[0].isalnum()):
        raise Invalid.of(
            "login", "登录名用 3 到 40 个小写字母、数字、点、横线,以字母或数字开头。"
        )
    return login


def must_agree(password: str, again: str) -> None:
    """What was typed twice must be the same. Raises Invalid."""
    if password != again:
        raise Invalid.of("again", "两次输入的密码不一样。")


async def create_account(
    tx: Tx, staff_id: UUID, login: str, password: str, *, demo: bool = False
) -> UUID:
    """An account with a password known to whoever calls: the first administrator's (by the
    command line) and a test's. Raises Invalid, LoginTaken, NotFound, Forbidden."""
    person = await queries.person(tx, staff_id, INVITE)
    login = as_login(login)
    problems = password_problems(password, login)
    if problems:
        raise Invalid.all(problems)
    with promise("access_account_login", otherwise=LoginTaken(login)):
        await queries.insert_accounts(
            tx, [staff_id], [login], await hash_password(password), demo=demo
        )
    tx.publish(AccountMade(staff_id, person.area_code, demo))
    return staff_id


async def create_demo_accounts(
    tx: Tx, people: Sequence[tuple[UUID, str, str]], password: str
) -> int:
    """Accounts of a made-up town under one printed password: (staff id, login, area code).

    They skip the second factor, in districts whose code begins with 99 only. The password is
    hashed once, and is not held to the rules: it is printed on the screen.
    """
    done = await queries.insert_accounts(
        tx,
        [id_ for id_, _, _ in people],
        [as_login(login) for _, login, _ in people],
        await hash_password(password),
        demo=True,
    )
    tx.publish(*(AccountMade(id_, area_code, True) for id_, _, area_code in people))
    return done


async def invite(tx: Tx, staff_id: UUID, login: str) -> Invitation:
    """Invite somebody of the roster, for the first time or because the password is lost. The
    newest invitation is the only one; a second factor that is set stays. Raises LoginTaken,
    NotFound (out of reach), Invalid."""
    person = await queries.person(tx, staff_id, INVITE)
    if person.login is None:
        login = as_login(login)
        with promise("access_account_login", otherwise=LoginTaken(login)):
            await queries.insert_accounts(tx, [staff_id], [login], None, demo=False)
        tx.publish(AccountMade(staff_id, person.area_code, False))
    else:
        login = person.login
    code, pin, id_ = new_token(), new_pin(), new_id(tx.now)
    ends_at = tx.now + INVITATION
    await kept.insert_invitation(
        tx,
        id_=id_,
        account_id=staff_id,
        code_hash=hashed(code),
        pin_hash=pin_hash(code, pin),
        tries=INVITATION_TRIES,
        ends_at=ends_at,
    )
    tx.publish(Invited(staff_id, person.area_code, id_))
    return Invitation(id_, staff_id, person.name, login, code, pin, ends_at)


async def close_account(tx: Tx, account_id: UUID) -> None:
    """Nobody comes in by it any more; open sessions end."""
    person = await _somebody_else(tx, account_id, CLOSE)
    if await queries.set_closed(tx, account_id, tx.now):
        tx.publish(AccountClosed(account_id, person.area_code))
    await kept.delete_sessions(tx, account_id)


async def reopen_account(tx: Tx, account_id: UUID) -> None:
    person = await _somebody_else(tx, account_id, CLOSE)
    if await queries.set_closed(tx, account_id, None):
        tx.publish(AccountReopened(account_id, person.area_code))


async def reset_second_factor(tx: Tx, account_id: UUID) -> None:
    """The phone is lost, and the codes with it: it is set up anew at the next sign-in."""
    person = await _somebody_else(tx, account_id, RESET_SECOND)
    await queries.set_totp(tx, account_id, None)
    await queries.replace_recovery(tx, account_id, [])
    await kept.delete_sessions(tx, account_id)
    tx.publish(SecondFactorReset(account_id, person.area_code))


async def _somebody_else(tx: Tx, account_id: UUID, act: Act) -> queries.Person:
    person = await queries.person(tx, account_id, act)
    if person.login is None:
        raise NotFound("这个账号")
    if account_id == tx.actor.id:
        raise NotYourOwn()
    return person


async def change_password(
    tx: Tx, current: str, new: str, *, session_id: UUID | None = None
) -> None:
    """One's own. Other sessions end. Raises SignInWrong, Invalid."""
    account = await queries.account(tx, tx.actor.id)
    if not await is_password(account.password_hash, current):
        raise SignInWrong()
    problems = password_problems(new, account.login)
    if problems:
        raise Invalid.all(problems)
    await queries.set_password(tx, account.id, await hash_password(new))
    await kept.delete_sessions(tx, account.id, but=session_id)
    tx.publish(PasswordChanged(account.id, account.area_code))


async def confirm_totp(tx: Tx, vault: Vault, code: str) -> tuple[str, ...]:
    """Somebody who need not sets up a second factor of their own; answers the recovery codes.
    Raises SecondFactorWrong."""
    account = await queries.account(tx, tx.actor.id)
    if account.totp_confirmed_at is not None:
        raise SecondFactorWrong()
    if await check_code(tx, vault, account, code) != "totp":
        raise SecondFactorWrong()
    return await new_codes(tx, account)


async def sign_out(tx: Tx, session_id: UUID) -> None:
    """One's own session, now."""
    account = await queries.account(tx, tx.actor.id)
    if await kept.delete_session(tx, session_id):
        tx.publish(SignedOut(account.id, account.area_code, session_id))


async def revoke_session(tx: Tx, session_id: UUID) -> None:
    """One's own session anywhere; anybody's within reach for the security administrator."""
    owner = await kept.session_owner(tx, session_id)
    if owner == tx.actor.id:
        area_code = (await queries.account(tx, owner)).area_code
    else:
        area_code = (await queries.person(tx, owner, REVOKE_SESSION)).area_code
    await kept.delete_session(tx, session_id)
    tx.publish(SessionRevoked(session_id, area_code, owner))


@dataclass(frozen=True, slots=True)
class NewToken:
    """Shown once."""

    id: UUID
    token: str
    ends_at: datetime


async def make_token(
    tx: Tx,
    *,
    name: str,
    acts: Sequence[str],
    area_code: str,
    channel: str,
    trusted: bool,
    days: int,
) -> NewToken:
    """A program's key. It may only what channels may, and only within the maker's reach.
    `trusted` channels (the hotline, the police) are believed without verification."""
    tx.require(TOKENS, area_code)
    known = all_acts()
    wrong = sorted(
        code for code in acts if code not in known or Role.CHANNEL not in known[code].roles
    )
    if wrong or not acts:
        raise Invalid.of(
            "acts", "接口密钥不能有这些权限:{acts}。", acts="、".join(wrong) or "无"
        )
    if not 1 <= days <= TOKEN_DAYS_MAX:
        raise Invalid.of("days", "有效期为 1 到 {most} 天。", most=TOKEN_DAYS_MAX)
    if not name.strip() or len(name) > 60:
        raise Invalid.of("name", "请写明给谁用,不超过 60 字。")
    if not (
        channel.isascii() and channel.replace("_", "").isalnum() and 2 <= len(channel) <= 30
    ):
        raise Invalid.of("channel", "渠道代号用小写字母、数字和下划线。")
    token, id_ = "wg_" + new_token(), new_id(tx.now)
    ends_at = tx.now + timedelta(days=days)
    await kept.insert_token(
        tx,
        id_=id_,
        name=name.strip(),
        token_hash=hashed(token),
        acts=sorted(set(acts)),
        area_code=area_code,
        channel=channel.lower(),
        trusted=trusted,
        ends_at=ends_at,
    )
    tx.publish(TokenMade(id_, area_code, channel.lower(), trusted))
    return NewToken(id_, token, ends_at)


async def revoke_token(tx: Tx, token_id: UUID) -> None:
    """At once and for good. NotFound when out of reach or already revoked."""
    area_code = await kept.revoke_token(tx, token_id)
    if area_code is None:
        raise NotFound("这个密钥")
    tx.publish(TokenRevoked(token_id, area_code))


@dataclass(frozen=True, slots=True)
class Channel:
    """Through which channel the actor comes."""

    code: str
    name: str
    trusted: bool


async def channel_of(tx: Tx) -> Channel | None:
    """The acting token's channel; None for people."""
    if tx.actor.kind != "token":
        return None
    token = await kept.token_by_id(tx, tx.actor.id)
    return Channel(token.channel, token.name, token.trusted) if token else None
