"""Answers: a refusal becomes problem+json for a program and a plain page for a person."""

import logging
from collections.abc import Iterable
from typing import Any, cast

import asyncpg
from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException, ValidationException

from wangge.kernel.http.asking import Asking
from wangge.kernel.http.pages import render
from wangge.kernel.i18n import Locale, translate
from wangge.kernel.refusals import Busy, Invalid, NotSignedIn, Problem, Refusal, as_problem

log = logging.getLogger("wangge.web")


def wants_page(request: Request[Any, Any, Any]) -> bool:
    """A browser looks at a page; everything under /api gets problem+json."""
    return "/api/" not in request.scope["path"] and "text/html" in request.headers.get(
        "accept", ""
    )


def problem(refusal: Refusal, locale: Locale) -> Response[Any]:
    """RFC 9457."""
    headers: dict[str, str] = {}
    after = getattr(refusal, "retry_after", None)
    if after is not None:
        headers["Retry-After"] = str(after)
    return Response(
        as_problem(refusal, locale),
        status_code=refusal.status,
        media_type="application/problem+json",
        headers=headers,
    )


def _asking(request: Request[Any, Any, Any]) -> Asking | None:
    state: dict[str, Any] = request.scope["state"] if "state" in request.scope else {}  # noqa: SIM401
    found: Asking | None = state.get("asking")
    return found


def refused(request: Request[Any, Any, Any], refusal: Refusal) -> Response[Any]:
    """One refusal, in the form the asker can use."""
    who = _asking(request)
    locale: Locale = who.locale if who else "zh"
    if who is None or not wants_page(request):
        return problem(refusal, locale)
    if isinstance(refusal, NotSignedIn):
        back = request.scope["path"]
        return Response(
            b"", status_code=303, headers={"Location": f"{who.base}/sign-in?next={back}"}
        )
    return Response(
        render(who, "kernel/refused.html", {"refusal": as_problem(refusal, locale)}),
        status_code=refusal.status,
        media_type=MediaType.HTML,
    )


def invalid(request: Request[Any, Any, Any], error: ValidationException) -> Response[Any]:
    """What the decoder would not take, field by field."""
    problems: list[Problem] = []
    for entry in _entries(error.extra):
        problems.append(
            Problem(
                str(entry.get("key", "")),
                "{field}:{detail}",
                None,
                {"field": str(entry.get("key", "")), "detail": str(entry.get("message", ""))},
            )
        )
    if not problems:
        problems.append(Problem("", "内容格式不对:{detail}", None, {"detail": error.detail}))
    return refused(request, Invalid.all(problems))


def _entries(extra: Any) -> Iterable[dict[str, Any]]:
    """What the framework says about each field, when it says it as a list."""
    return cast("list[dict[str, Any]]", extra) if isinstance(extra, list) else ()


def http_error(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """The framework's own refusals, in our shape."""
    who = _asking(request)
    locale: Locale = who.locale if who else "zh"
    words = {
        400: "请求的格式不对。",
        404: "没有这个页面。",
        405: "这里不支持这种操作。",
        413: "内容太大,没有收下。文件请拆成几份再传。",
    }.get(error.status_code, "请求没有成功。")
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": translate(locale, words),
        "status": error.status_code,
        "code": f"http-{error.status_code}",
        "data": {},
    }
    if who is not None and wants_page(request):
        return Response(
            render(who, "kernel/refused.html", {"refusal": body}),
            status_code=error.status_code,
            media_type=MediaType.HTML,
        )
    return Response(body, status_code=error.status_code, media_type="application/problem+json")


def database_away(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """PostgreSQL is restarting: nothing was kept, come back in a moment."""
    log.warning("database away: %r", error)
    return refused(request, Busy(retry_after=3))


def bug(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Everything else is ours to mend; its text is never shown."""
    log.error("bug on %s %s", request.method, request.scope["path"], exc_info=error)
    who = _asking(request)
    locale: Locale = who.locale if who else "zh"
    body: dict[str, Any] = {
        "type": "urn:wangge:bug",
        "title": translate(locale, "系统出了问题,已经记下。您可以稍后再试。"),
        "status": 500,
        "code": "bug",
        "data": {},
    }
    if who is not None and wants_page(request):
        return Response(
            render(who, "kernel/refused.html", {"refusal": body}),
            status_code=500,
            media_type=MediaType.HTML,
        )
    return Response(body, status_code=500, media_type="application/problem+json")


def too_deep(request: Request[Any, Any, Any], error: RecursionError) -> Response[Any]:
    """A body nested so deep that no reader follows; a recursion of our own is a bug like others."""
    if "deserializing" not in str(error):
        return bug(request, error)
    return http_error(request, HTTPException(status_code=400))


#: The database restarts, or is not there.
AWAY: tuple[type[Exception], ...] = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.InternalClientError,
)

REFUSAL_HANDLERS: dict[int | type[Exception], Any] = {
    Refusal: refused,
    ValidationException: invalid,
    HTTPException: http_error,
    **dict.fromkeys(AWAY, database_away),
    RecursionError: too_deep,
    Exception: bug,
}
