"""The gate: every request passes here before it is routed.

It finds the district (by `/d/<slug>` or by host name), takes the prefix off, finds out who asks,
refuses what another site made a browser send, and dresses what leaves. Nothing about a request is
decided twice further in.
"""

from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

import msgspec
from litestar import Request, Response
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from wangge.access.presence import SESSION_COOKIE, Presence, Present
from wangge.kernel.actors import anonymous
from wangge.kernel.http import Asking, District, Installation
from wangge.kernel.http.answers import AWAY, bug, database_away, refused
from wangge.kernel.http.asking import stranger
from wangge.kernel.http.express import EXPRESS_BYTES_MAX, Lane, lanes
from wangge.kernel.i18n import best_locale
from wangge.kernel.refusals import Invalid, Refusal
from wangge.web.options import WebOptions
from wangge.web.outgoing import dressed, fixed_headers, in_one_piece
from wangge.web.refusals import ForeignSite
from wangge.web.static import Shelves

LOCALE_COOKIE = "wangge_locale"
LARGE_COOKIE = "wangge_large"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
#: Answers whose bytes come in pieces or are packed already.
UNPACKED = ("/api/v1/live", "/api/v1/files/")


class Gate:
    """ASGI in, ASGI out."""

    def __init__(
        self, app: ASGIApp, installation: Installation, presence: Presence, options: WebOptions
    ) -> None:
        self._app = app
        self._installation = installation
        self._presence = presence
        self._options = options
        self._headers = fixed_headers(options)
        self._lanes = lanes()
        self._shelves = Shelves()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if str(scope["type"]) == "http":
            await self._http(cast(HTTPScope, scope), receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        heads = _headers(scope)
        base, slug = _strip(scope)
        path = scope["path"]
        address, secure = self._seen_from(scope, heads)
        packs = "gzip" in heads.get("accept-encoding", "") and not path.startswith(UNPACKED)
        bare, send = (
            send,
            dressed(
                send,
                self._headers,
                secure=secure,
                packs=packs,
                private=not path.startswith("/static/"),
            ),
        )
        if path.startswith("/static/"):
            await self._shelves.serve(path[len("/static/") :], scope, send)
            return
        if "state" not in scope:
            scope["state"] = {}
        state = scope["state"]
        state["secure"] = secure
        if path == "/healthz":
            await self._app(scope, receive, send)
            return
        answer: Response[Any]
        try:
            if b"%00" in scope["query_string"]:
                # PostgreSQL keeps no NUL; nobody types one either.
                raise Invalid.of("query", "地址里有不能用的字符。")
            district = self._installation.find(slug=slug, host=heads.get("host"))
            who = state["asking"] = await self._who(district, base, heads, address)
            if scope["method"] not in SAFE:
                _must_be_ours(heads)
            lane = self._lanes.get((scope["method"], path))
            if lane is not None and _is_short(heads):
                whole = await _whole(receive)
                if whole is None:
                    return  # hung up before everything was said
                receive = again(whole, receive)
                said = await _express(lane, who, whole)
                if said is not None:
                    start, body = in_one_piece(
                        lane.status, said, self._headers, secure=secure, packs=packs
                    )
                    await bare(start)
                    await bare(body)
                    return
        except Refusal as refusal:
            answer = refused(self._request(scope, receive, send), refusal)
        except AWAY as away:
            answer = database_away(self._request(scope, receive, send), away)
        except Exception as error:
            answer = bug(self._request(scope, receive, send), error)
        else:
            await self._app(scope, receive, send)
            return
        request = self._request(scope, receive, send)
        app: ASGIApp = answer.to_asgi_response(None, request)  # pyright: ignore[reportUnknownMemberType]
        await app(scope, receive, send)

    def _request(
        self, scope: HTTPScope, receive: Receive, send: Send
    ) -> Request[Any, Any, Any]:
        """For an answer of our own. A refusal needs a language to be said in, also to somebody
        unknown because their district is."""
        request: Request[Any, Any, Any] = Request(scope, receive, send)
        if "asking" not in scope["state"]:
            scope["state"]["asking"] = stranger(self._installation, request)
        return request

    async def _who(
        self, district: District, base: str, heads: Mapping[str, str], address: str
    ) -> Asking:
        cookies = _cookies(heads.get("cookie", ""))
        locale = best_locale(heads.get("accept-language"), cookies.get(LOCALE_COOKIE))
        present: Present | None = None
        scheme, _, token = heads.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            present = await self._presence.by_token(district, token.strip(), locale)
        elif SESSION_COOKIE in cookies:
            present = await self._presence.by_session(district, cookies[SESSION_COOKIE], locale)
        return Asking(
            installation=self._installation,
            district=district,
            actor=present.actor if present else anonymous(district.schema, locale),
            locale=locale,
            base=base,
            address=address,
            session=present.session if present else None,
            large=cookies.get(LARGE_COOKIE) == "1",
            channel=present.channel if present else None,
        )

    def _seen_from(self, scope: HTTPScope, heads: Mapping[str, str]) -> tuple[str, bool]:
        """The asker's address, and whether the way here was encrypted.

        Only a proxy of ours is believed, and of its list only the last entries: everything
        before them was written by the asker.
        """
        client = scope["client"]
        address = client[0] if client else ""
        secure = scope["scheme"] == "https"
        if not self._options.trusts(address):
            return address, secure
        secure = heads.get("x-forwarded-proto", "").lower() == "https" or secure
        for entry in reversed(heads.get("x-forwarded-for", "").split(",")):
            if not entry.strip():
                break
            address = entry.strip()
            if not self._options.trusts(address):
                break
        return address[:64], secure


#: The headers the gate reads; names come in lower case (ASGI).
_READ = {
    name.encode(): name
    for name in (
        *("accept-encoding", "accept-language", "authorization", "content-length", "cookie"),
        *("host", "origin", "sec-fetch-site", "x-forwarded-for", "x-forwarded-proto"),
    )
}


def _headers(scope: HTTPScope) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        key = _READ.get(name)
        if key is None:
            continue
        text = value.decode("latin-1")
        if key == "cookie" and key in found:
            text = found[key] + "; " + text
        elif key == "x-forwarded-for" and key in found:
            text = found[key] + "," + text
        found[key] = text
    return found


def _cookies(header: str) -> dict[str, str]:
    """The first of each name: browsers send the one of the longest path first."""
    found: dict[str, str] = {}
    for part in header.split(";"):
        name, sign, value = part.strip().partition("=")
        if sign and name not in found:
            found[name] = value
    return found


def _strip(scope: HTTPScope) -> tuple[str, str | None]:
    """Take `/d/<slug>` off the path. Answers the prefix and the slug."""
    path = scope["path"]
    if not path.startswith("/d/"):
        return "", None
    slug, slash, rest = path[3:].partition("/")
    scope["path"] = slash + rest or "/"
    scope["raw_path"] = scope["path"].encode()
    return f"/d/{slug}", slug


def _must_be_ours(heads: Mapping[str, str]) -> None:
    """Refuse a change that another site made this browser send (CSRF).

    Browsers say where a request comes from and cannot be made to lie about it by a page; a
    program with a bearer token carries nothing that another site could borrow.
    """
    if heads.get("authorization", "").lower().startswith("bearer "):
        return
    site, origin = heads.get("sec-fetch-site"), heads.get("origin")
    if site is not None:
        ours = site == "same-origin"
    elif origin is not None:
        ours = urlsplit(origin).netloc.lower() == heads.get("host", "").lower() != ""
    else:
        ours = SESSION_COOKIE not in _cookies(heads.get("cookie", ""))
    if not ours:
        raise ForeignSite()


# -- express lanes -----------------------------------------------------------------------------


def _is_short(heads: Mapping[str, str]) -> bool:
    length = heads.get("content-length", "")
    return length.isascii() and length.isdigit() and int(length) <= EXPRESS_BYTES_MAX


async def _whole(receive: Receive) -> bytes | None:
    """The body; None when the asker hung up. It is as long as its header said, which the server
    saw to."""
    pieces: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        pieces.append(message.get("body", b""))
        if not message.get("more_body"):
            return pieces[0] if len(pieces) == 1 else b"".join(pieces)


async def _express(lane: Lane, who: Asking, whole: bytes) -> bytes | None:
    """The answer's body; None for a body that is not in order, which the ordinary handler
    refuses in its own words."""
    try:
        body = lane.decoder.decode(whole)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return _encode(await lane.answer(who, body))


_encode = msgspec.json.Encoder().encode


def again(whole: bytes, receive: Receive) -> Receive:
    """A `receive` that gives a body which was read already, then whatever follows."""
    given = False

    async def receive_again() -> Any:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": whole, "more_body": False}

    return receive_again
