"""Web's own pages: the front door, and the two choices anybody may make (language, size)."""

from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.enums import RequestEncodingType
from litestar.params import Body
from msgspec import Struct

from wangge.kernel.http import asking, page
from wangge.kernel.http.pages import first_page
from wangge.kernel.i18n import LOCALES
from wangge.kernel.refusals import Invalid
from wangge.web.gate import LARGE_COOKIE, LOCALE_COOKIE

YEAR = 365 * 24 * 3600


def redirect(base: str, path: str) -> Response[Any]:
    """303 to a path of ours, never to another site."""
    ours = path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"
    return Response(b"", status_code=303, headers={"Location": base + ours})


@get("/")
async def front(request: Request[Any, Any, Any]) -> Response[Any]:
    """The front door: a resident reports, a worker signs in, a signed-in person starts work."""
    who = asking(request)
    if who.signed_in:
        return redirect(who.base, first_page(who) or "/account")
    return page(who, "web/front.html")


class Preferences(Struct):
    """What is chosen; a field left out stays as it is."""

    locale: str = ""
    large: str = ""
    back: str = "/"


@post("/preferences")
async def preferences(
    request: Request[Any, Any, Any],
    data: Annotated[Preferences, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Response[Any]:
    """Language and large type, kept in the browser for a year."""
    who = asking(request)
    answer = redirect(who.base, data.back)
    secure: bool = request.scope["state"]["secure"]
    if data.locale:
        if data.locale not in LOCALES:
            raise Invalid.of("locale", "没有这种语言。")
        answer.cookies.append(_cookie(LOCALE_COOKIE, data.locale, secure))
    if data.large:
        answer.cookies.append(_cookie(LARGE_COOKIE, "1" if data.large == "1" else "0", secure))
    return answer


def _cookie(name: str, value: str, secure: bool) -> Cookie:
    return Cookie(
        key=name,
        value=value,
        path="/",
        max_age=YEAR,
        secure=secure,
        httponly=True,
        samesite="lax",
    )


ROUTES: list[Any] = [front, preferences]
