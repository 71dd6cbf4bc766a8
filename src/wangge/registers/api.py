"""The registers over HTTP. Plates, names and numbers leave as masks."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from wangge.kernel.http import asking
from wangge.kernel.i18n import translator
from wangge.kernel.moments import local_date
from wangge.kernel.paging import Page, page_size
from wangge.people.lists import bounds, checked_area, read_mark
from wangge.places.forms import answer_deed
from wangge.registers import acts, commands, deeds, queries, reading, search
from wangge.registers.kinds import KINDS
from wangge.registers.model import Full, kind_of
from wangge.registers.search import ThingLine

Req = Request[Any, Any, Any]


@dataclass(frozen=True, slots=True)
class DetailView:
    """A field of a kind. `codes` are the values of a `code` or `codes` field with their names."""

    name: str
    words: str
    meaning: str
    kind: str
    codes: dict[str, str]
    fresh_days: int | None
    required: bool


@dataclass(frozen=True, slots=True)
class KindView:
    """A register: what it keeps, who may answer for a thing of it, and how one ends."""

    code: str
    name: str
    purpose: str
    source: str
    named: bool
    coded: bool
    plated: bool
    at_door: bool
    roles: dict[str, str]
    details: list[DetailView]
    closings: dict[str, str]


@get("/api/v1/registers/kinds")
async def kinds(request: Req) -> list[KindView]:
    """The registers there are, with their fields."""
    who = asking(request)
    who.must(acts.READ)
    _ = translator(who.locale)
    return [
        KindView(
            kind.code,
            _(kind.name),
            _(kind.purpose),
            _(kind.source),
            kind.named,
            kind.coded,
            kind.plated,
            kind.at_door,
            {role: _(words) for role, words in kind.roles.items()},
            [
                DetailView(
                    one.name,
                    _(one.words),
                    _(one.meaning),
                    one.kind,
                    {code: _(words) for code, words in (one.codes or {}).items()},
                    one.fresh_days,
                    one.required,
                )
                for one in kind.details
            ],
            {why: _(words) for why, words in kind.closings.items()},
        )
        for kind in KINDS.values()
    ]


class Search(msgspec.Struct, forbid_unknown_fields=True):
    """`name` and `person` are two neighbouring characters or more, `phone` a whole number or its
    last four digits, `plate` a whole one or its last two characters; `state` is open, closed or
    all. `after` is the mark of the page before."""

    kind: str = ""
    state: str = "open"
    name: str = ""
    person: str = ""
    phone: str = ""
    plate: str = ""
    credit_code: str = ""
    address: str = ""
    area: str = ""
    after: str = ""
    limit: int | None = None


@post("/api/v1/registers/search", status_code=200)
async def find(request: Req, data: JSONBody[Search]) -> Page[ThingLine]:
    """Things within reach, by area. A POST, so that no address holds a name or a number."""
    who = asking(request)
    who.must(acts.READ)
    asked = search.Asked(
        data.kind,
        data.state,
        data.name,
        data.person,
        data.phone,
        data.plate,
        data.credit_code,
        data.address,
    )
    async with who.tx(read_only=True) as tx:
        rows, mark = await search.page(
            tx,
            who.district.vault,
            asked,
            area=data.area,
            after=data.after,
            limit=page_size(data.limit),
        )
    return Page(rows, mark)


@get("/api/v1/registers/stale")
async def stale(
    request: Req,
    kind: FromQuery[str] = "",
    area: FromQuery[str] = "",
    after: FromQuery[str] = "",
    limit: FromQuery[int | None] = None,
) -> Page[ThingLine]:
    """Things within reach of which something has gone stale, by area."""
    who = asking(request)
    who.must(acts.READ)
    if kind:
        kind_of(kind)
    async with who.tx(read_only=True) as tx:
        low, high = bounds(tx, acts.READ, checked_area(area))
        rows, mark = await queries.stale_page(
            tx,
            tx.reach(acts.READ),
            low=low,
            high=high,
            kind=kind,
            today=local_date(tx.now),
            after=read_mark(after),
            limit=page_size(limit),
        )
    return Page(rows, mark)


@get("/api/v1/registers/{thing_id:uuid}")
async def one(request: Req, thing_id: FromPath[UUID]) -> reading.ThingView:
    """One thing: who answers for it and did, what else is at its door, what was done to it."""
    who = asking(request)
    who.must(acts.READ)
    async with who.tx(read_only=True) as tx:
        return await reading.thing(tx, thing_id)


@get("/api/v1/dwellings/{dwelling_id:uuid}/registers")
async def at_door(request: Req, dwelling_id: FromPath[UUID]) -> list[ThingLine]:
    """What is registered behind a door."""
    who = asking(request)
    who.must(acts.READ)
    async with who.tx(read_only=True) as tx:
        return await reading.at_door(tx, dwelling_id)


class Reveal(msgspec.Struct, forbid_unknown_fields=True):
    """`reason` has at least four characters and is kept with the look; `person_id` says whose name
    or number."""

    field: Full
    reason: str
    person_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class RevealedValue:
    field: Full
    value: str


@post("/api/v1/registers/{thing_id:uuid}/reveal", status_code=200)
async def reveal(
    request: Req, thing_id: FromPath[UUID], data: JSONBody[Reveal]
) -> Response[RevealedValue]:
    """A full plate, name or number. Not a deed: every look counts."""
    who = asking(request)
    who.signed()
    async with who.tx() as tx:
        value = await commands.reveal(
            tx, who.district.vault, thing_id, data.field, data.reason, data.person_id
        )
    return Response(RevealedValue(data.field, value), headers={"Cache-Control": "no-store"})


@post("/api/v1/registers", status_code=201)
async def register(request: Req, data: JSONBody[deeds.Register]) -> Response[Any]:
    """A thing comes into its register (deed `registers.register`)."""
    return await answer_deed(request, "registers.register", data)


@post("/api/v1/registers/correct", status_code=200)
async def correct(request: Req, data: JSONBody[deeds.Correct]) -> Response[Any]:
    """Change what is known of a thing (deed `registers.correct`)."""
    return await answer_deed(request, "registers.correct", data)


@post("/api/v1/registers/person", status_code=200)
async def set_person(request: Req, data: JSONBody[deeds.SetPerson]) -> Response[Any]:
    """Somebody answers for a thing from now on (deed `registers.set_person`)."""
    return await answer_deed(request, "registers.set_person", data)


@post("/api/v1/registers/person/end", status_code=200)
async def end_person(request: Req, data: JSONBody[deeds.EndPerson]) -> Response[Any]:
    """Somebody answers for it no longer (deed `registers.end_person`)."""
    return await answer_deed(request, "registers.end_person", data)


@post("/api/v1/registers/close", status_code=200)
async def close(request: Req, data: JSONBody[deeds.Close]) -> Response[Any]:
    """A thing is no more (deed `registers.close`)."""
    return await answer_deed(request, "registers.close", data)


@post("/api/v1/registers/reopen", status_code=200)
async def reopen(request: Req, data: JSONBody[deeds.Reopen]) -> Response[Any]:
    """A closed thing is there again (deed `registers.reopen`)."""
    return await answer_deed(request, "registers.reopen", data)


@post("/api/v1/registers/confirm", status_code=200)
async def confirm(request: Req, data: JSONBody[deeds.Confirm]) -> Response[Any]:
    """What was shown of these things is still so (deed `registers.confirm`)."""
    return await answer_deed(request, "registers.confirm", data)


@post("/api/v1/registers/acts/{batch_id:uuid}/undo", status_code=200)
async def undo(request: Req, batch_id: FromPath[UUID]) -> Response[Any]:
    """Take one act back, whole or not at all (deed `registers.undo`)."""
    return await answer_deed(request, "registers.undo", deeds.Undo(batch_id))


ROUTES: list[Any] = [
    kinds,
    find,
    stale,
    one,
    at_door,
    reveal,
    register,
    correct,
    set_person,
    end_person,
    close,
    reopen,
    confirm,
    undo,
]
