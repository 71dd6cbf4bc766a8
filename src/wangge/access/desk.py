"""The administrators' pages: accounts, invitations, other people's sessions, keys for programs."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery
from msgspec import Struct

from wangge.access import commands, kept, presence, queries
from wangge.access.acts import CLOSE, INVITE, READ, RESET_SECOND, REVOKE_SESSION, TOKENS
from wangge.access.answers import redirect, said
from wangge.access.api import prefix
from wangge.kernel.actors import ROLE_NAMES, Role, all_acts
from wangge.kernel.http import Asking, asking, nav, page
from wangge.kernel.moments import now
from wangge.kernel.qr import qr
from wangge.kernel.refusals import Forbidden, Invalid, Refusal
from wangge.places import ATLAS

Req = Request[Any, Any, Any]
FORM = Body(media_type=RequestEncodingType.URL_ENCODED)
LISTED = 50

nav(90, "/accounts", "账号", "account", READ)
nav(91, "/tokens", "接口密钥", "key", TOKENS)


@get("/accounts")
async def accounts_page(
    request: Req, q: FromQuery[str] = "", after: FromQuery[str] = ""
) -> Response[Any]:
    """Accounts within reach, by login; with a search, also people without one."""
    return await _accounts(asking(request), q=q, after=after)


async def _accounts(
    who: Asking, *, q: str = "", after: str = "", refusal: Refusal | None = None
) -> Response[Any]:
    who.signed()
    async with who.tx(read_only=True) as tx:
        if not tx.actor.may_somewhere(READ, tx.now):
            raise Forbidden(READ.name)
        found = await queries.accounts(tx, after=after, search=prefix(q), limit=LISTED + 1)
        without = await queries.without_account(tx, search=prefix(q), limit=LISTED, act=INVITE)
        atlas = await ATLAS.get(tx)
    codes = {line.area_code for line in found} | {person.area_code for person in without}
    return page(
        who,
        "access/accounts.html",
        status=refusal.status if refusal else 200,
        accounts=found[:LISTED],
        next=found[LISTED - 1].login if len(found) > LISTED else None,
        without=without,
        q=q,
        area_names={code: atlas.path(code) for code in codes},
        role_names=ROLE_NAMES,
        acts={
            "invite": INVITE,
            "close": CLOSE,
            "reset": RESET_SECOND,
            "revoke": REVOKE_SESSION,
        },
        refusal=said(who, refusal) if refusal else None,
    )


class InviteForm(Struct):
    staff_id: UUID
    login: str = ""


@post("/accounts/invite", status_code=200)
async def invite_form(request: Req, data: Annotated[InviteForm, FORM]) -> Response[Any]:
    """Make an invitation and show it, once: a QR code to send, a PIN to speak."""
    who = asking(request)
    who.signed()
    try:
        async with who.tx() as tx:
            made = await commands.invite(tx, data.staff_id, data.login)
    except Refusal as refusal:
        return await _accounts(who, refusal=refusal)
    scheme = "https" if request.scope["state"].get("secure") else "http"
    host = request.headers.get("host", "")
    url = f"{scheme}://{host}{who.base}/invitation/{made.code}"
    return page(who, "access/invited.html", invitation=made, url=url, qr=qr(url, scale=4))


@post("/accounts/{account_id:uuid}/{step:str}")
async def account_step(
    request: Req, account_id: FromPath[UUID], step: FromPath[str]
) -> Response[Any]:
    """Close, reopen, or reset the second factor."""
    who = asking(request)
    who.signed()
    steps = {
        "close": commands.close_account,
        "reopen": commands.reopen_account,
        "reset-second": commands.reset_second_factor,
    }
    try:
        if step not in steps:
            raise Invalid.of("step", "没有这种操作。")
        async with who.tx() as tx:
            await steps[step](tx, account_id)
    except Refusal as refusal:
        return await _accounts(who, refusal=refusal)
    presence.forget()
    return redirect(who, "/accounts")


@get("/accounts/{account_id:uuid}")
async def account_sessions(request: Req, account_id: FromPath[UUID]) -> Response[Any]:
    """Somebody's open sessions."""
    who = asking(request)
    who.signed()
    async with who.tx(read_only=True) as tx:
        person = await queries.person(tx, account_id, READ)
        sessions = await kept.sessions_of(tx, account_id)
    return page(who, "access/sessions.html", person=person, sessions=sessions)


@post("/accounts/sessions/{session_id:uuid}/end")
async def end_anybodys(request: Req, session_id: FromPath[UUID]) -> Response[Any]:
    """End somebody's session."""
    who = asking(request)
    who.signed()
    async with who.tx() as tx:
        owner = await kept.session_owner(tx, session_id)
        await commands.revoke_session(tx, session_id)
    presence.forget()
    return redirect(who, f"/accounts/{owner}")


@get("/tokens")
async def tokens_page(request: Req) -> Response[Any]:
    """Keys of programs within reach."""
    return await _tokens(asking(request))


async def _tokens(
    who: Asking,
    *,
    made: commands.NewToken | None = None,
    refusal: Refusal | None = None,
    form: dict[str, Any] | None = None,
) -> Response[Any]:
    actor = who.signed()
    async with who.tx(read_only=True) as tx:
        if not actor.may_somewhere(TOKENS, tx.now):
            raise Forbidden(TOKENS.name)
        found = await kept.tokens(tx)
        atlas = await ATLAS.get(tx)
        areas = tx.reach(TOKENS).areas
    return page(
        who,
        "access/tokens.html",
        status=refusal.status if refusal else 200,
        tokens=found,
        made=made,
        possible=[a for _, a in sorted(all_acts().items()) if Role.CHANNEL in a.roles],
        acts=all_acts(),
        area_names={code: atlas.path(code) for code in {*areas, *(t.area_code for t in found)}},
        areas=areas,
        moment=now(),
        form=form or {},
        refusal=said(who, refusal) if refusal else None,
    )


@post("/tokens", status_code=200)
async def token_form(request: Req) -> Response[Any]:
    """Make a key and show it, once."""
    who = asking(request)
    who.signed()
    form = await request.form()
    typed = {key: str(form.get(key, "")) for key in form}
    acts = [str(code) for code in form.getall("acts", [])]
    days = typed.get("days", "")
    try:
        async with who.tx() as tx:
            made = await commands.make_token(
                tx,
                name=typed.get("name", ""),
                acts=acts,
                area_code=typed.get("area_code", ""),
                channel=typed.get("channel", ""),
                trusted=typed.get("trusted") == "1",
                days=int(days) if days.isascii() and days.isdigit() else 0,
            )
    except Refusal as refusal:
        return await _tokens(who, refusal=refusal, form={**typed, "acts": acts})
    return await _tokens(who, made=made)


@post("/tokens/{token_id:uuid}/revoke")
async def revoke_form(request: Req, token_id: FromPath[UUID]) -> Response[Any]:
    who = asking(request)
    who.signed()
    async with who.tx() as tx:
        await commands.revoke_token(tx, token_id)
    presence.forget()
    return redirect(who, "/tokens")


ROUTES: list[Any] = [
    accounts_page,
    invite_form,
    account_step,
    account_sessions,
    end_anybodys,
    tokens_page,
    token_form,
    revoke_form,
]
