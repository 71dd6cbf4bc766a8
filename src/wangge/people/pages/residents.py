"""Pages of residents: the list, the search, one person's record with what is confirmed and needed."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery

from wangge.kernel.actors import all_acts
from wangge.kernel.fields import BASIS_NAMES, Basis
from wangge.kernel.http import Asking, asking, nav, page
from wangge.kernel.moments import local_date, new_id
from wangge.kernel.refusals import Invalid, Refusal
from wangge.people import acts, commands, lists, reading, tags
from wangge.people.freshness import FIELD_NAMES
from wangge.people.model import (
    HUKOU,
    ID_KINDS,
    LEFT_WHY,
    RELATIONS,
    SEXES,
    TENURES,
    TIES,
    Field,
)
from wangge.people.pages.parts import ROWS, may_above
from wangge.people.roster import ROSTER
from wangge.people.search import Asked as Wanted
from wangge.people.tags.noting import CONSENTS, ENDS, sees
from wangge.places import ATLAS
from wangge.places.forms import do_or_show, read_day
from wangge.places.forms import fields as read_form

Asked = Request[Any, Any, Any]

nav(61, "/residents", "住户", "household", acts.RESIDENT_READ)

#: Fields that a form may correct, beside those of a choice.
WRITTEN = ("name", "phone", "id_number", "hukou_place", "workplace")
CHOSEN = ("sex", "relation", "hukou", "id_kind")
#: Names of the fields that go stale.
NAMES = FIELD_NAMES


@dataclass(frozen=True, slots=True)
class Looked:
    """What the list shows and what was looked for; `wanted` never stands in an address."""

    area: str = ""
    tag: str = ""
    after: str = ""
    wanted: Wanted = field(default_factory=Wanted)


async def _residents(
    who: Asking, looked: Looked, *, refusal: Refusal | None = None
) -> Response[Any]:
    who.must(acts.RESIDENT_READ)
    wanted = looked.wanted
    async with who.tx(read_only=True) as tx:
        kinds = await tags.kinds(tx)
        atlas = await ATLAS.get(tx)
        if refusal is None:
            try:
                rows, mark = await lists.people(
                    tx,
                    who.district.vault,
                    wanted if wanted.anything else Wanted(tag=looked.tag),
                    area=looked.area,
                    after=looked.after,
                    limit=ROWS,
                )
            except Invalid as wrong:
                rows, mark, refusal = [], None, wrong
        else:
            rows, mark = [], None
    return page(
        who,
        "people/residents.html",
        status=refusal.status if refusal else 200,
        rows=rows,
        mark=mark,
        area=looked.area,
        tag=looked.tag,
        wanted=wanted,
        atlas=atlas,
        needs={code: kind.name for code, kind in kinds.items()},
        shown_needs={code: kind.name for code, kind in kinds.items() if not kind.retired},
        sexes=SEXES,
        relations=RELATIONS,
        may_change=who.may(acts.RESIDENT_CHANGE),
        may_bulk=may_above(who, "imports.bulk"),
        refusal=who.said(refusal),
    )


@get("/residents")
async def residents_page(
    request: Asked,
    area: FromQuery[str] = "",
    tag: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Response[Any]:
    """Residents within reach, masked."""
    return await _residents(asking(request), Looked(area, tag, after))


@post("/residents", status_code=200)
async def residents_search(request: Asked) -> Response[Any]:
    """Find by name, number or address; in the body, so that no address holds them."""
    given = await read_form(request)
    wanted = Wanted(
        given.get("name", ""),
        bool(given.get("sounds")),
        given.get("phone", ""),
        given.get("id_number", ""),
        given.get("address", ""),
    )
    return await _residents(
        asking(request), Looked(given.get("area", ""), "", given.get("after", ""), wanted)
    )


# -- one person -----------------------------------------------------------------------------------


async def _resident(
    who: Asking,
    resident_id: UUID,
    *,
    shown: tuple[Field, str] | None = None,
    refusal: Refusal | None = None,
    given: dict[str, str] | None = None,
) -> Response[Any]:
    who.signed()
    async with who.tx(read_only=True) as tx:
        found = await reading.record(tx, resident_id)
        atlas = await ATLAS.get(tx)
        kinds = await tags.kinds(tx)
        roster = await ROSTER.get(tx)
        person, now = found.person, tx.now
        # A page of a higher room, where it is there: who has seen this person's data.
        seen = all_acts().get("exports.seen")
        may_seen = seen is not None and tx.reach(seen).covers(person.area_code)
        things = all_acts().get("registers.read")
        may_things = things is not None and tx.reach(things).covers(person.area_code)
        lives = person.ended_on is None
        reach = {act: tx.reach(act).covers(person.area_code) for act in _ACTS}
        may_confirm = reach[acts.CONFIRM] or person.unit_id in tx.reach(acts.CONFIRM).units
        may_reveal = reach[acts.REVEAL] or person.unit_id in tx.reach(acts.REVEAL).units
        notable = [
            kind
            for kind in kinds.values()
            if not kind.retired and sees(tx, kind, person.area_code)
        ]
    return page(
        who,
        "people/resident.html",
        status=refusal.status if refusal else 200,
        person=person,
        home=found.home,
        needs=found.needs,
        ties=found.ties,
        stale=found.stale,
        days=found.days,
        may_seen=may_seen,
        may_things=may_things,
        names={need.noted_by: roster.staff_name(need.noted_by) for need in found.needs},
        atlas=atlas,
        today=local_date(now),
        soon=local_date(now) + timedelta(days=30),
        notable=notable,
        kinds=kinds,
        sexes=SEXES,
        relations=RELATIONS,
        hukou=HUKOU,
        id_kinds=ID_KINDS,
        left_why=LEFT_WHY,
        tie_names=TIES,
        tenures=TENURES,
        bases={basis: BASIS_NAMES[basis] for basis in Basis},
        consents=CONSENTS,
        ends=ENDS,
        field_names=NAMES,
        may_change=lives and reach[acts.RESIDENT_CHANGE],
        may_confirm=lives and may_confirm,
        may_need=lives and reach[acts.NEED_NOTE],
        may_reveal=may_reveal,
        shown=shown,
        ledger=may_above(who, "forms.ledger"),
        given=given or {},
        refusal=who.said(refusal),
        new_id=new_id,
    )


_ACTS = (acts.RESIDENT_CHANGE, acts.CONFIRM, acts.NEED_NOTE, acts.REVEAL)


@get("/residents/{resident_id:uuid}")
async def resident_page(request: Asked, resident_id: FromPath[UUID]) -> Response[Any]:
    """One resident, masked, with the form for a reveal."""
    return await _resident(asking(request), resident_id)


@post("/residents/{resident_id:uuid}/reveal", status_code=200)
async def reveal(request: Asked, resident_id: FromPath[UUID]) -> Response[Any]:
    """One full value on the page, once; a reload shows the mask again."""
    who, given = asking(request), await read_form(request)
    who.signed()
    try:
        if given.get("field") not in list(Field):
            raise Invalid.of("field", "请选择要查看的内容。")
        field_ = Field(given["field"])
        async with who.tx() as tx:
            value = await commands.reveal(
                tx, who.district.vault, resident_id, field_, given.get("reason", "")
            )
    except Refusal as refusal:
        if refusal.status == 404 and refusal.code == "not-found":
            raise
        return await _resident(who, resident_id, refusal=refusal, given=given)
    return await _resident(who, resident_id, shown=(field_, value), given=given)


async def _done(
    who: Asking, resident_id: UUID, given: dict[str, str], kind: str, body: dict[str, Any]
) -> Response[Any]:
    """Do a form's deed and show the person again, or say why not."""
    return await do_or_show(
        who,
        given,
        kind,
        body,
        f"/residents/{resident_id}",
        lambda refusal: _resident(who, resident_id, refusal=refusal, given=given),
    )


@post("/residents/{resident_id:uuid}/confirm", status_code=200)
async def confirm(request: Asked, resident_id: FromPath[UUID]) -> Response[Any]:
    """Still right (没变): one field, or with none all that is known of the person."""
    who, given = asking(request), await read_form(request)
    who.signed()
    names = [given["field"]] if given.get("field") else []
    body = {
        "household_id": given.get("household", ""),
        "seen": [
            {"id": str(resident_id), "version": number_of(given, "version"), "fields": names}
        ],
        "way": given.get("way", "visit"),
    }
    return await _done(who, resident_id, given, "people.confirm", body)


def number_of(given: dict[str, str], name: str) -> int:
    text = given.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid.of(name, "“{field}”应为数字。", field=name)
    return int(text)


@post("/residents/{resident_id:uuid}/correct", status_code=200)
async def correct(request: Asked, resident_id: FromPath[UUID]) -> Response[Any]:
    """What was wrong or has changed. An empty box stays as it was: masks are not shown in boxes;
    `clear` names what is to be taken away."""
    who, given = asking(request), await read_form(request)
    who.signed()
    body: dict[str, Any] = {
        "resident_id": str(resident_id),
        "version": number_of(given, "version"),
    }
    for name in WRITTEN:
        if given.get(name):
            body[name] = given[name]
        elif given.get(f"clear_{name}"):
            body[name] = ""
    body |= {name: given[name] for name in CHOSEN if given.get(name)}
    if given.get("birth_date"):
        body["birth_date"] = day_of(given, "birth_date")
    return await _done(who, resident_id, given, "people.correct", body)


def day_of(given: dict[str, str], name: str) -> str:
    """A day from a form. Raises Invalid."""
    return read_day(given[name], name).isoformat()


@post("/residents/{resident_id:uuid}/needs", status_code=200)
async def note_need(request: Asked, resident_id: FromPath[UUID]) -> Response[Any]:
    """Note a need, or renew it."""
    who, given = asking(request), await read_form(request)
    who.signed()
    try:
        body: dict[str, Any] = {
            "resident_id": str(resident_id),
            "tag": given.get("tag", ""),
            "basis": given.get("basis", ""),
            "consent": given.get("consent", ""),
            "until": day_of(given, "until") if given.get("until") else None,
        }
    except Refusal as refusal:
        return await _resident(who, resident_id, refusal=refusal, given=given)
    return await _done(who, resident_id, given, "people.note_need", body)


@post("/residents/{resident_id:uuid}/needs/{need_id:uuid}/end", status_code=200)
async def end_need(
    request: Asked, resident_id: FromPath[UUID], need_id: FromPath[UUID]
) -> Response[Any]:
    """A need is over, or consent to it withdrawn."""
    who, given = asking(request), await read_form(request)
    who.signed()
    body = {"need_id": str(need_id), "why": given.get("why", "")}
    return await _done(who, resident_id, given, "people.end_need", body)


@post("/residents/{resident_id:uuid}/ties/{tie_id:uuid}/end", status_code=200)
async def end_tie(
    request: Asked, resident_id: FromPath[UUID], tie_id: FromPath[UUID]
) -> Response[Any]:
    """A tie is over."""
    who, given = asking(request), await read_form(request)
    who.signed()
    return await _done(who, resident_id, given, "people.end_tie", {"tie_id": str(tie_id)})


ROUTES: list[Any] = [
    residents_page,
    residents_search,
    resident_page,
    reveal,
    confirm,
    correct,
    note_need,
    end_need,
    end_tie,
]
