"""Signing in and out for programs (the phone), and who one is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.datastructures import Cookie
from litestar.enums import MediaType
from litestar.params import FromPath, FromQuery, JSONBody

from wangge.access import commands, kept, presence, queries
from wangge.access.acts import READ
from wangge.access.presence import SESSION_COOKIE
from wangge.access.signing import Came, Visitor, sign_in
from wangge.kernel.actors import ROLE_NAMES, Role, all_acts
from wangge.kernel.http import Asking, asking
from wangge.kernel.i18n import Locale, translate
from wangge.kernel.moments import now
from wangge.kernel.paging import Page, page_size
from wangge.kernel.refusals import Forbidden

#: A cookie outlives the session it names; the server decides when that is over.
COOKIE_SECONDS = 90 * 24 * 3600


class SignIn(msgspec.Struct):
    """`code`: the authenticator's six digits, or a recovery code, where a second factor is set."""

    login: str
    password: str
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """One live post."""

    role: Role
    name: str
    area_code: str
    unit_ids: tuple[UUID, ...]
    building_ids: tuple[UUID, ...]
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Me:
    """Who asks. `acts` are what some live post permits somewhere; ask the thing itself where."""

    id: UUID
    kind: str
    name: str
    locale: Locale
    district: str
    district_code: str
    district_name: str
    posts: list[Post]
    roles: list[Role]
    acts: list[str]
    areas: list[str]


def me(who: Asking, moment: datetime) -> Me:
    """The asker as told to a program."""
    actor = who.signed()
    live = [grant for grant in actor.grants if grant.live(moment)]
    return Me(
        id=actor.id,
        kind=actor.kind,
        name=actor.name,
        locale=who.locale,
        district=who.district.slug,
        district_code=who.district.code,
        district_name=who.district.name,
        posts=[
            Post(
                grant.role,
                translate(who.locale, ROLE_NAMES[grant.role]),
                grant.area_code,
                tuple(sorted(grant.units)),
                tuple(sorted(grant.buildings)),
                grant.until,
            )
            for grant in live
        ],
        roles=sorted(actor.roles(moment)),
        acts=sorted(
            code for code, act_ in all_acts().items() if actor.may_somewhere(act_, moment)
        ),
        areas=sorted({grant.area_code for grant in live}),
    )


def visitor(request: Request[Any, Any, Any], who: Asking, *, field: bool) -> Visitor:
    """Where the asker comes from."""
    device = request.headers.get("user-agent", "")
    return Visitor("field" if field else "desk", device, who.address)


def session_cookie(request: Request[Any, Any, Any], who: Asking, token: str) -> Cookie:
    """The session's cookie; an empty token takes it away."""
    return Cookie(
        key=SESSION_COOKIE,
        value=token,
        path=who.base or "/",
        max_age=COOKIE_SECONDS if token else 0,
        secure=bool(request.scope["state"].get("secure")),
        httponly=True,
        samesite="lax",
    )


@post("/api/v1/session", status_code=200)
async def open_session(
    request: Request[Any, Any, Any], data: JSONBody[SignIn]
) -> Response[dict[str, Any]]:
    """Sign in on a phone. 401 with code `second-factor-wanted` asks for `code`."""
    who = asking(request)
    came: Came = await sign_in(
        who.district,
        data.login,
        data.password,
        visitor(request, who, field=True),
        code=data.code or "",
    )
    return Response(
        {"account_id": str(came.account_id)},
        media_type=MediaType.JSON,
        cookies=[session_cookie(request, who, came.token)],
    )


@get("/api/v1/me")
async def who_am_i(request: Request[Any, Any, Any]) -> Me:
    """Posts, acts and areas of the asker."""
    who = asking(request)
    who.signed()
    return me(who, now())


@delete("/api/v1/session", status_code=204)
async def close_session(request: Request[Any, Any, Any]) -> Response[None]:
    """Sign out. Harmless when nobody is signed in."""
    who = asking(request)
    if who.session is not None:
        async with who.tx() as tx:
            await commands.sign_out(tx, who.session)
        presence.forget()
    return Response(None, status_code=204, cookies=[session_cookie(request, who, "")])


@get("/api/v1/sessions")
async def my_sessions(request: Request[Any, Any, Any]) -> Page[kept.SessionLine]:
    """One's own open sessions."""
    who = asking(request)
    actor = who.signed()
    async with who.tx(read_only=True) as tx:
        found = await kept.sessions_of(tx, actor.id)
    return Page(found, None)


@delete("/api/v1/sessions/{session_id:uuid}", status_code=204)
async def end_session(request: Request[Any, Any, Any], session_id: FromPath[UUID]) -> None:
    """End a session: one's own, or anybody's within a security administrator's reach."""
    who = asking(request)
    who.signed()
    async with who.tx() as tx:
        await commands.revoke_session(tx, session_id)
    presence.forget()


@get("/api/v1/accounts")
async def account_list(
    request: Request[Any, Any, Any],
    after: FromQuery[str] = "",
    q: FromQuery[str] = "",
    limit: FromQuery[int | None] = None,
) -> Page[queries.AccountLine]:
    """Accounts within reach, by login."""
    who = asking(request)
    who.signed()
    size = page_size(limit)
    async with who.tx(read_only=True) as tx:
        if not tx.actor.may_somewhere(READ, tx.now):
            raise Forbidden(READ.name)
        found = await queries.accounts(tx, after=after, search=prefix(q), limit=size + 1)
    return Page(found[:size], found[size - 1].login if len(found) > size else None)


def prefix(text: str) -> str:
    """What was typed, without the signs LIKE reads otherwise."""
    return "".join(c for c in text.strip() if c not in "%_\\")[:40]


ROUTES: list[Any] = [
    open_session,
    who_am_i,
    close_session,
    my_sessions,
    end_session,
    account_list,
]
