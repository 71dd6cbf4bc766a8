"""Desk pages of the dictionary."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from wangge.forms.acts import CONFIGURE, READ
from wangge.forms.entries import dictionary
from wangge.forms.model import OWN_KINDS, OWN_RETENTION, OWN_SUBJECTS, SUBJECTS
from wangge.forms.pages.common import Asked, number
from wangge.kernel.fields import BASIS_NAMES, KIND_NAMES, SENSITIVITY_NAMES, SOURCE_NAMES, Basis
from wangge.kernel.http import Asking, asking, page
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import NotFound, Refusal
from wangge.kernel.retention import all_keeps
from wangge.places.forms import back, do_form, fields


async def _fields(
    who: Asking,
    *,
    subject: str = "",
    refusal: Refusal | None = None,
    given: dict[str, str] | None = None,
) -> Response[Any]:
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        known = await dictionary(tx)
    return page(
        who,
        "forms/fields.html",
        status=refusal.status if refusal else 200,
        known=known,
        subject=subject,
        subjects=SUBJECTS,
        kinds=KIND_NAMES,
        bases=BASIS_NAMES,
        sources=SOURCE_NAMES,
        levels=SENSITIVITY_NAMES,
        keeps={key: keep.name for key, keep in all_keeps().items()},
        own_kinds=OWN_KINDS,
        own_subjects=OWN_SUBJECTS,
        own_retention=OWN_RETENTION,
        own_bases=[b for b in Basis if b is not Basis.PUBLIC_HEALTH_EMERGENCY],
        may_change=who.may(CONFIGURE),
        given=given or {},
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/forms/fields")
async def fields_page(request: Asked, subject: FromQuery[str] = "") -> Response[Any]:
    """The field dictionary: meaning, source, purpose, basis, how long it stays fresh and is kept."""
    return await _fields(asking(request), subject=subject)


@post("/forms/fields", status_code=200)
async def add_field(request: Asked) -> Response[Any]:
    """A field of the district's own."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        names = ("subject", "name", "meaning", "kind", "purpose", "basis", "retention")
        body: dict[str, Any] = {name: given.get(name, "") for name in names}
        body["sensitivity"] = number(given, "sensitivity") or 0
        body["fresh_days"] = number(given, "fresh_days")
        body["also"] = given.get("also", "").split()
        body["options"] = [
            line for line in given.get("options", "").splitlines() if line.strip()
        ]
        await do_form(who, given, "forms.add_field", body)
    except Refusal as refusal:
        return await _fields(who, refusal=refusal, given=given)
    return back(who, "/forms/fields?subject=own")


async def _field(who: Asking, key: str, *, refusal: Refusal | None = None) -> Response[Any]:
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        entry = (await dictionary(tx)).find(key)
    if entry is None:
        raise NotFound("这个字段")
    return page(
        who,
        "forms/field.html",
        status=refusal.status if refusal else 200,
        entry=entry,
        spec=entry.spec,
        subjects=SUBJECTS,
        kinds=KIND_NAMES,
        bases=BASIS_NAMES,
        sources=SOURCE_NAMES,
        levels=SENSITIVITY_NAMES,
        keeps={key: keep.name for key, keep in all_keeps().items()},
        may_change=who.may(CONFIGURE),
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/forms/fields/{key:str}")
async def field_page(request: Asked, key: FromPath[str]) -> Response[Any]:
    """One field, with the form to say it in the district's words."""
    return await _field(asking(request), key)


@post("/forms/fields/{key:str}", status_code=200)
async def change_field(request: Asked, key: FromPath[str]) -> Response[Any]:
    """Other words, other names, another time it stays fresh."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        body: dict[str, Any] = {"key": key}
        if "active" in given:
            body["active"] = given["active"] == "1"
        else:
            body |= {"name": given.get("name", ""), "meaning": given.get("meaning", "")}
            body["also"] = given.get("also", "").split()
            body["fresh_days"] = number(given, "fresh_days")
        await do_form(who, given, "forms.change_field", body)
    except Refusal as refusal:
        return await _field(who, key, refusal=refusal)
    return back(who, f"/forms/fields/{key}")
