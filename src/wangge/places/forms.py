"""What comes with a request: forms of the desk, a program's deed id, the code of an area."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response

from wangge.kernel.actors import Act
from wangge.kernel.http import Asking, asking, do_deed
from wangge.kernel.moments import new_id, now
from wangge.kernel.refusals import Invalid, Problem, Refusal
from wangge.places.atlas import Atlas
from wangge.places.model import Area

#: Areas offered to choose from.
AREAS_MAX = 400


async def fields(request: Request[Any, Any, Any]) -> dict[str, str]:
    """The form's text fields, the last of each name, trimmed."""
    form = await request.form()
    return {
        str(name): value.strip() for name, value in form.multi_items() if isinstance(value, str)
    }


async def many(request: Request[Any, Any, Any], name: str) -> list[str]:
    """All values of one field that are not empty."""
    form = await request.form()
    found: list[Any] = form.getall(name, [])
    return [value.strip() for value in found if isinstance(value, str) and value.strip()]


def whole(text: str, otherwise: int = 0, *, digits: int = 9) -> int:
    """A whole number from 0 on of a form, of at most so many digits; what is none is `otherwise`.

    Not whatever `str.isdigit` calls one: `int("²")` raises, and so do thousands of digits.
    """
    fits = text.isascii() and text.isdigit() and len(text) <= digits
    return int(text) if fits else otherwise


async def do_form(
    who: Asking, given: Mapping[str, str], kind: str, body: Mapping[str, Any]
) -> Any:
    """Do a deed under the form's hidden `deed` id, so that a double click is harmless."""
    try:
        deed_id = UUID(given["deed"]) if given.get("deed") else new_id()
    except ValueError as wrong:
        raise Invalid.of("deed", "操作编号应是 UUID。") from wrong
    return (await do_deed(who, kind, deed_id, dict(body))).body


async def do_or_show(
    who: Asking,
    given: Mapping[str, str],
    kind: str,
    body: Mapping[str, Any],
    path: str,
    show: Callable[[Refusal], Awaitable[Response[Any]]],
) -> Response[Any]:
    """Do a form's deed and go to `path`, or show the page again with why not. What is out of reach
    has no page to be shown."""
    try:
        await do_form(who, given, kind, body)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return await show(refusal)
    return back(who, path)


def speaking(who: Asking) -> Callable[[Problem], str]:
    """For a template: a problem in the asker's language."""

    def words(problem: Problem) -> str:
        return str(problem.said(who.locale)["words"])

    return words


def gone(refusal: Refusal) -> bool:
    """Whether there is no page to show the refusal on."""
    return refusal.code in ("not-found", "forbidden", "not-signed-in")


def areas_within(
    who: Asking, atlas: Atlas, act: Act, *, shortest: int = 0, longest: int = 12
) -> list[Area]:
    """Open areas within an act's reach to choose from, the widest first, by how many digits their codes
    have; 400 at most."""
    found: dict[str, Area] = {}
    for prefix in who.actor.reach(act, now()).areas:
        found |= {
            area.code: area
            for area in atlas.open_areas(prefix or atlas.county)
            if shortest <= len(area.code) <= longest
        }
    return list(found.values())[:AREAS_MAX]


def back(who: Asking, path: str) -> Response[Any]:
    """303 to a page of ours."""
    return Response(b"", status_code=303, headers={"Location": who.base + path})


def deed_id(request: Request[Any, Any, Any]) -> UUID:
    """The client's `Idempotency-Key` (a UUID), so that sending again is harmless."""
    given = request.headers.get("idempotency-key")
    if not given:
        return new_id()
    try:
        return UUID(given)
    except ValueError as wrong:
        raise Invalid.of("Idempotency-Key", "操作编号应是 UUID。") from wrong


async def answer_deed(request: Request[Any, Any, Any], kind: str, body: Any) -> Response[Any]:
    """Do a program's deed (`body` is a struct, or what JSON is made of) and answer what became of
    it. Raises NotSignedIn and the deed's refusals."""
    who = asking(request)
    who.signed()
    answer = await do_deed(who, kind, deed_id(request), msgspec.to_builtins(body))
    return Response(answer.body, status_code=answer.status)


def read_day(text: str, field: str) -> date:
    """A day as forms send it. Raises Invalid."""
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise Invalid.of(field, "日期应写成 2026-03-18 的样子。") from wrong


def area_digits(text: str, field: str) -> str:
    """An area code or the beginning of one. Raises Invalid."""
    if text and not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise Invalid.of(field, "区域代码只能是数字,“{code}”不是。", code=text)
    return text
