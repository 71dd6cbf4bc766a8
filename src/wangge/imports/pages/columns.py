"""What the columns of a table are: as they were guessed or remembered, changed by whoever brings it."""

import re
from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from wangge.imports import doors, uploading, views
from wangge.imports.columns.fields import PEOPLE, TARGETS
from wangge.imports.columns.mapping import (
    CONSENTS,
    MEMBERS_MAX,
    Mapping,
    Member,
    read_mapping,
)
from wangge.imports.pages.common import (
    Answer,
    Ask,
    areas_for,
    office,
    path_of,
)
from wangge.imports.queries.staging import Import
from wangge.kernel.http import Asking, page
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid, Refusal
from wangge.people.model import RELATIONS
from wangge.places import ATLAS
from wangge.places.forms import back, do_form, fields, gone

#: Rows shown under their headings.
SAMPLE = 4
GROUPS: Map[str, str] = {"thing": "这一条", "person": "人", "door": "门牌", "home": "这一户"}
#: A column of somebody beside the head: m1.name.
_BESIDE = re.compile(r"m(\d{1,2})\.(.+)")


def chosen_of(meaning: Mapping) -> dict[str, str]:
    """Heading → what it is: a target, or `m1.name` for somebody beside the head."""
    said = {one: key for key, headings in meaning.columns.items() for one in headings}
    for place, member in enumerate(meaning.members, 1):
        said |= {
            one: f"m{place}.{key}"
            for key, headings in member.columns.items()
            for one in headings
        }
    return said


def _by_place(headings: Sequence[str], said: Map[str, str]) -> dict[int, str]:
    return {at: said[heading] for at, heading in enumerate(headings) if heading in said}


def mapping_of(found: Import, given: Map[str, str]) -> Mapping:
    """The mapping that a form says. Raises Invalid for a day that is none."""
    before = read_mapping(found.mapping)
    own: dict[str, list[str]] = {}
    beside: dict[int, dict[str, list[str]]] = {}
    for at, heading in enumerate(found.headings):
        key = given.get(f"col.{at}", "")
        whose = _BESIDE.fullmatch(key)
        if not key:
            continue
        if whose is None:
            own.setdefault(key, []).append(heading)
        elif 0 < int(whose[1]) <= MEMBERS_MAX:
            columns = beside.setdefault(int(whose[1]), {})
            columns.setdefault(whose[2], []).append(heading)
    members = tuple(
        Member(
            given.get(f"m{place}", "other"),
            {key: tuple(headings) for key, headings in beside[place].items()},
        )
        for place in sorted(beside)
    )
    return replace(
        before,
        columns={key: tuple(headings) for key, headings in own.items()},
        members=members,
        make=given.get("make") == "1",
        sure=given.get("sure") == "1",
        consent=given.get("consent", ""),
        listed=_day(given.get("listed", "")),
        estate=given.get("estate", "")[:60],
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as wrong:
        raise Invalid.of("listed", "看不懂日期“{text}”。", text=text[:20]) from wrong


async def show(
    who: Asking,
    import_id: UUID,
    *,
    refusal: Refusal | None = None,
    meaning: Mapping | None = None,
) -> Answer:
    """The headings with some of what stands below them, each with what it is taken for."""
    async with who.tx(read_only=True) as tx:
        found = await uploading.door(tx, import_id)
        own = found.by_id == tx.actor.id
        rows = await views.first_rows(tx, who.district.vault, found, SAMPLE) if own else []
        atlas = await ATLAS.get(tx)
        houses = await doors.houses(tx, found.area_code)
    chosen = meaning or read_mapping(found.mapping)
    return page(
        who,
        "imports/columns.html",
        status=refusal.status if refusal else 200,
        one=found,
        meaning=chosen,
        said=_by_place(found.headings, chosen_of(chosen)),
        rows=[cells for _, cells in rows],
        own=own,
        targets=TARGETS[found.kind],
        groups=GROUPS,
        relations=RELATIONS,
        consents=CONSENTS,
        atlas=atlas,
        areas=areas_for(who, atlas, found.kind),
        people=found.kind == PEOPLE,
        estates=list(dict.fromkeys(one.compound for one in houses)),
        notes=views.notes(found, who.locale),
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/imports/{import_id:uuid}/columns")
async def columns_page(request: Ask, import_id: FromPath[UUID]) -> Answer:
    """What every column is taken for."""
    return await show(office(request), import_id)


@post("/imports/{import_id:uuid}/columns", status_code=200)
async def agree(request: Ask, import_id: FromPath[UUID]) -> Answer:
    """Say what the columns are; the rows are judged by it, and the next table is read alike."""
    who, given = office(request), await fields(request)
    meaning: Mapping | None = None
    try:
        async with who.tx(read_only=True) as tx:
            found = await uploading.door(tx, import_id)
        meaning = mapping_of(found, given)
        body = {
            "import_id": str(import_id),
            "mapping": meaning.builtins(),
            "area": given.get("area", ""),
        }
        await do_form(who, given, "imports.agree", body)
    except Refusal as refusal:
        if gone(refusal):
            raise
        return await show(who, import_id, refusal=refusal, meaning=meaning)
    return back(who, path_of(import_id))


ROUTES: list[Any] = [columns_page, agree]
