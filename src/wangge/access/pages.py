"""Pages for coming in: sign-in, second step, invitation; and one's own account."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath
from msgspec import Struct

from wangge.access import commands, desk, kept, presence, queries
from wangge.access.answers import redirect, said
from wangge.access.api import session_cookie, visitor
from wangge.access.model import is_demo_district, totp_uri, wants_second_factor
from wangge.access.presence import SESSION_COOKIE
from wangge.access.queries import Account
from wangge.access.signing import (
    Came,
    accept_invitation,
    enrolment_secret,
    half_session,
    second_factor,
    sign_in,
)
from wangge.kernel.actors import ROLE_NAMES, system_actor
from wangge.kernel.http import Asking, asking, page
from wangge.kernel.moments import now
from wangge.kernel.qr import qr
from wangge.kernel.refusals import NotFound, Refusal

Req = Request[Any, Any, Any]
FORM = Body(media_type=RequestEncodingType.URL_ENCODED)


class SignInForm(Struct):
    login: str = ""
    password: str = ""
    next: str = "/"


@get("/sign-in")
async def sign_in_page(request: Req) -> Response[Any]:
    """The form. A made-up district says plainly that its accounts are for trying out."""
    who = asking(request)
    if who.signed_in:
        return redirect(who, "/")
    return _sign_in(who, request.query_params.get("next", "/"))


def _sign_in(
    who: Asking, following: str, *, login: str = "", refusal: Refusal | None = None
) -> Response[Any]:
    return page(
        who,
        "access/sign_in.html",
        status=refusal.status if refusal else 200,
        next=following,
        login=login,
        demo=is_demo_district(who.district.code),
        refusal=said(who, refusal) if refusal else None,
    )


@post("/sign-in")
async def sign_in_form(request: Req, data: Annotated[SignInForm, FORM]) -> Response[Any]:
    """Password; then home, or on to the second step."""
    who = asking(request)
    try:
        came = await sign_in(
            who.district, data.login, data.password, visitor(request, who, field=False)
        )
    except Refusal as refusal:
        return _sign_in(who, data.next, login=data.login, refusal=refusal)
    return _came(request, who, came, data.next)


def _came(request: Req, who: Asking, came: Came, following: str) -> Response[Any]:
    if came.stage == "second":
        answer = redirect(who, "/sign-in/second")
    elif came.recovery_codes:
        answer = page(who, "access/codes.html", codes=came.recovery_codes)
    else:
        answer = redirect(who, following)
    answer.cookies.append(session_cookie(request, who, came.token))
    return answer


class CodeForm(Struct):
    code: str = ""


@get("/sign-in/second")
async def second_page(request: Req) -> Response[Any]:
    """The six digits; for somebody without an authenticator, how to set one up."""
    return await _second(request, asking(request))


async def _second(request: Req, who: Asking, refusal: Refusal | None = None) -> Response[Any]:
    token = request.cookies.get(SESSION_COOKIE, "")
    secret, account = None, None
    async with who.district.database.tx(system_actor(who.district.schema)) as tx:
        pending = await half_session(tx, token)
        if pending is not None:
            account = await queries.account(tx, pending.account_id)
            if account.totp_confirmed_at is None:
                secret = await enrolment_secret(tx, who.district.vault, account)
    if account is None:
        return redirect(who, "/sign-in")
    return page(
        who,
        "access/second.html",
        status=refusal.status if refusal else 200,
        **_enrolment(who, account, secret),
        refusal=said(who, refusal) if refusal else None,
    )


def _enrolment(who: Asking, account: Account, secret: str | None) -> dict[str, Any]:
    if secret is None:
        return {"secret": None, "qr": None}
    uri = totp_uri(secret, account.login, who.district.name)
    spaced = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
    return {"secret": spaced, "qr": qr(uri, scale=4)}


@post("/sign-in/second")
async def second_form(request: Req, data: Annotated[CodeForm, FORM]) -> Response[Any]:
    """The second step; after a first set-up the recovery codes are shown, once."""
    who = asking(request)
    token = request.cookies.get(SESSION_COOKIE, "")
    try:
        came = await second_factor(
            who.district, token, data.code, visitor(request, who, field=False)
        )
    except Refusal as refusal:
        return await _second(request, who, refusal)
    return _came(request, who, came, "/")


@post("/sign-out")
async def sign_out_form(request: Req) -> Response[Any]:
    who = asking(request)
    if who.session is not None:
        async with who.tx() as tx:
            await commands.sign_out(tx, who.session)
        presence.forget()
    answer = redirect(who, "/sign-in")
    answer.cookies.append(session_cookie(request, who, ""))
    return answer


class InvitationForm(Struct):
    pin: str = ""
    password: str = ""
    again: str = ""


@get("/invitation/{code:str}")
async def invitation_page(request: Req, code: FromPath[str]) -> Response[Any]:
    """The same page for every code: only the PIN tells whether there is one."""
    who = asking(request)
    return page(who, "access/invitation.html", code=code, refusal=None)


@post("/invitation/{code:str}")
async def invitation_form(
    request: Req, code: FromPath[str], data: Annotated[InvitationForm, FORM]
) -> Response[Any]:
    """Set the password; then in, or on to the second step."""
    who = asking(request)
    try:
        commands.must_agree(data.password, data.again)
        came = await accept_invitation(
            who.district, code, data.pin, data.password, visitor(request, who, field=False)
        )
    except Refusal as refusal:
        return page(
            who,
            "access/invitation.html",
            status=refusal.status,
            code=code,
            refusal=said(who, refusal),
        )
    presence.forget()
    return _came(request, who, came, "/")


class PasswordForm(Struct):
    current: str = ""
    password: str = ""
    again: str = ""


@get("/account")
async def account_page(request: Req) -> Response[Any]:
    """One's own posts, password, second factor and sessions."""
    return await _account(asking(request))


async def _account(
    who: Asking, *, refusal: Refusal | None = None, done: str = ""
) -> Response[Any]:
    actor = who.signed()
    if actor.kind != "staff":
        raise NotFound("这个账号")
    async with who.tx() as tx:
        account = await queries.account(tx, actor.id)
        secret = None
        if account.totp_confirmed_at is None and not account.demo:
            secret = await enrolment_secret(tx, who.district.vault, account)
        sessions = await kept.sessions_of(tx, actor.id)
        codes_left = await queries.recovery_left(tx, actor.id)
    moment = now()
    return page(
        who,
        "access/account.html",
        status=refusal.status if refusal else 200,
        account=account,
        posts=[grant for grant in actor.grants if grant.live(moment)],
        role_names=ROLE_NAMES,
        sessions=sessions,
        codes_left=codes_left,
        wants_second=wants_second_factor(actor.grants, moment),
        **_enrolment(who, account, secret),
        refusal=said(who, refusal) if refusal else None,
        done=done,
    )


@post("/account/password", status_code=200)
async def password_form(request: Req, data: Annotated[PasswordForm, FORM]) -> Response[Any]:
    who = asking(request)
    who.signed()
    try:
        commands.must_agree(data.password, data.again)
        async with who.tx() as tx:
            await commands.change_password(
                tx, data.current, data.password, session_id=who.session
            )
    except Refusal as refusal:
        return await _account(who, refusal=refusal)
    presence.forget()
    return await _account(who, done="密码已改,其他设备已退出。")


@post("/account/second", status_code=200)
async def own_second_form(request: Req, data: Annotated[CodeForm, FORM]) -> Response[Any]:
    """A second factor by one's own choice."""
    who = asking(request)
    who.signed()
    try:
        async with who.tx() as tx:
            codes = await commands.confirm_totp(tx, who.district.vault, data.code)
    except Refusal as refusal:
        return await _account(who, refusal=refusal)
    return page(who, "access/codes.html", codes=codes)


@post("/account/sessions/{session_id:uuid}/end")
async def end_own_session(request: Req, session_id: FromPath[UUID]) -> Response[Any]:
    who = asking(request)
    who.signed()
    async with who.tx() as tx:
        await commands.revoke_session(tx, session_id)
    presence.forget()
    return redirect(who, "/account")


ROUTES: list[Any] = [
    *desk.ROUTES,
    sign_in_page,
    sign_in_form,
    second_page,
    second_form,
    sign_out_form,
    invitation_page,
    invitation_form,
    account_page,
    password_form,
    own_second_form,
    end_own_session,
]
