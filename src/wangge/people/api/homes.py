"""Households and what is known of people, over HTTP. Everything leaves masked."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from wangge.kernel.http import asking
from wangge.kernel.http.deeds import all_deeds, read_body
from wangge.kernel.moments import local_date
from wangge.kernel.paging import Page, page_size
from wangge.kernel.refusals import Invalid
from wangge.people import (
    acts,
    commands,
    deeds,
    freshness,
    lists,
    pairs,
    previews,
    reading,
    tags,
)
from wangge.people.deeds.homes import Person as NewPerson
from wangge.people.freshness import Asked as AskedHousehold
from wangge.people.freshness import Stairwell
from wangge.people.model import HomeField
from wangge.people.tags import Running, TagKind
from wangge.places.forms import answer_deed

Asked = Request[Any, Any, Any]

#: Stairwells whose doors one request asks for.
UNITS_MAX = 60


# -- reading --------------------------------------------------------------------------------------


@get("/api/v1/households/{household_id:uuid}")
async def household(request: Asked, household_id: FromPath[UUID]) -> reading.HouseholdView:
    """A household: who lives in it, who did, who is tied to it, and what was done to it lately."""
    who = asking(request)
    who.must(acts.RESIDENT_READ)
    async with who.tx(read_only=True) as tx:
        return await reading.household(tx, household_id)


@get("/api/v1/residents/{resident_id:uuid}/record")
async def record(request: Asked, resident_id: FromPath[UUID]) -> reading.RecordView:
    """A person: where they live and lived, their needs, and when each field was last confirmed."""
    who = asking(request)
    who.must(acts.RESIDENT_READ)
    async with who.tx(read_only=True) as tx:
        return await reading.record(tx, resident_id)


class RevealLandlord(msgspec.Struct, forbid_unknown_fields=True):
    """`reason` has at least four characters and is kept with the look."""

    field: HomeField
    reason: str


@dataclass(frozen=True, slots=True)
class RevealedLandlord:
    field: HomeField
    value: str


@post("/api/v1/households/{household_id:uuid}/reveal", status_code=200)
async def reveal_landlord(
    request: Asked, household_id: FromPath[UUID], data: JSONBody[RevealLandlord]
) -> Response[RevealedLandlord]:
    """The landlord's full name or number. Not a deed: every look counts."""
    who = asking(request)
    who.signed()
    async with who.tx() as tx:
        value = await commands.reveal_landlord(
            tx, who.district.vault, household_id, data.field, data.reason
        )
    return Response(RevealedLandlord(data.field, value), headers={"Cache-Control": "no-store"})


# -- households -----------------------------------------------------------------------------------


class Previewed(msgspec.Struct, forbid_unknown_fields=True):
    """`deed` is people.come, move, split, join or leave; `body` as that deed takes it."""

    deed: str
    body: dict[str, Any]


@post("/api/v1/households/preview", status_code=200)
async def preview(request: Asked, data: JSONBody[Previewed]) -> previews.Preview:
    """What an act would do, with the same refusals; nothing is written."""
    who = asking(request)
    who.signed()
    act = deeds.acts_to_preview().get(data.deed)
    if act is None:
        raise Invalid.of("deed", "没有“{kind}”这种操作。", kind=data.deed)
    body = read_body(all_deeds()[data.deed], data.body)
    return await previews.preview(who.tx, lambda tx: act.function(tx, who.district.vault, body))


class NewPeople(msgspec.Struct, forbid_unknown_fields=True):
    people: list[NewPerson]


@post("/api/v1/households/{household_id:uuid}/people", status_code=200)
async def come(
    request: Asked, household_id: FromPath[UUID], data: JSONBody[NewPeople]
) -> Response[Any]:
    """People come into a household (deed `people.come`)."""
    return await answer_deed(request, "people.come", deeds.Come(household_id, data.people))


@post("/api/v1/households/correct", status_code=200)
async def set_household(request: Asked, data: JSONBody[deeds.SetHousehold]) -> Response[Any]:
    """Correct a household's own fields (deed `people.set_household`)."""
    return await answer_deed(request, "people.set_household", data)


@post("/api/v1/households/split", status_code=200)
async def split(request: Asked, data: JSONBody[deeds.Split]) -> Response[Any]:
    """Some of a household become one of their own (deed `people.split`)."""
    return await answer_deed(request, "people.split", data)


@post("/api/v1/households/join", status_code=200)
async def join(request: Asked, data: JSONBody[deeds.Join]) -> Response[Any]:
    """A household becomes part of another (deed `people.join`)."""
    return await answer_deed(request, "people.join", data)


@post("/api/v1/households/confirm", status_code=200)
async def confirm(request: Asked, data: JSONBody[deeds.Confirm]) -> Response[Any]:
    """What was shown of a household is still so (deed `people.confirm`)."""
    return await answer_deed(request, "people.confirm", data)


@post("/api/v1/residents/move", status_code=200)
async def move(request: Asked, data: JSONBody[deeds.Move]) -> Response[Any]:
    """People go to live in another household or behind another door (deed `people.move`)."""
    return await answer_deed(request, "people.move", data)


@post("/api/v1/residents/leave", status_code=200)
async def leave(request: Asked, data: JSONBody[deeds.Leave]) -> Response[Any]:
    """People leave the register (deed `people.leave`)."""
    return await answer_deed(request, "people.leave", data)


@post("/api/v1/register/acts/{batch_id:uuid}/undo", status_code=200)
async def undo(request: Asked, batch_id: FromPath[UUID]) -> Response[Any]:
    """Take one act back, whole or not at all (deed `people.undo`)."""
    return await answer_deed(request, "people.undo", deeds.Undo(batch_id))


@post("/api/v1/residents/correct", status_code=200)
async def correct(request: Asked, data: JSONBody[deeds.Correct]) -> Response[Any]:
    """Change what is known of somebody (deed `people.correct`)."""
    return await answer_deed(request, "people.correct", data)


@post("/api/v1/residents/ties", status_code=201)
async def add_tie(request: Asked, data: JSONBody[deeds.AddTie]) -> Response[Any]:
    """Somebody is registered in, owns or rents a household they do not live in (deed
    `people.add_tie`)."""
    return await answer_deed(request, "people.add_tie", data)


@post("/api/v1/residents/ties/{tie_id:uuid}/end", status_code=200)
async def end_tie(request: Asked, tie_id: FromPath[UUID]) -> Response[Any]:
    """A tie is over (deed `people.end_tie`)."""
    return await answer_deed(request, "people.end_tie", deeds.EndTie(tie_id))


# -- needs ----------------------------------------------------------------------------------------


@get("/api/v1/needs/kinds")
async def need_kinds(request: Asked) -> list[TagKind]:
    """The kinds of needs the district knows: purpose, basis, days, and who may see them."""
    who = asking(request)
    who.must(acts.RESIDENT_READ)
    async with who.tx(read_only=True) as tx:
        return list((await tags.kinds(tx)).values())


@post("/api/v1/needs/kinds", status_code=200)
async def set_need_kind(request: Asked, data: JSONBody[deeds.SetNeedKind]) -> Response[Any]:
    """Decide a kind of need (deed `people.set_need_kind`)."""
    return await answer_deed(request, "people.set_need_kind", data)


@get("/api/v1/needs/running-out")
async def running_out(
    request: Asked,
    area: FromQuery[str] = "",
    before: FromQuery[date | None] = None,
    after: FromQuery[str] = "",
    limit: FromQuery[int | None] = None,
) -> Page[Running]:
    """Needs within reach that run out before a day (by default 30 days from now), the next
    first."""
    who = asking(request)
    who.must(acts.RESIDENT_READ)
    async with who.tx(read_only=True) as tx:
        rows, mark = await lists.needs_running_out(
            tx,
            area=area,
            before=before or local_date(tx.now) + lists.SOON,
            after=after,
            limit=page_size(limit),
        )
    return Page(rows, mark)


@post("/api/v1/needs", status_code=201)
async def note_need(request: Asked, data: JSONBody[deeds.NoteNeed]) -> Response[Any]:
    """Note a need or renew it (deed `people.note_need`)."""
    return await answer_deed(request, "people.note_need", data)


@post("/api/v1/needs/end", status_code=200)
async def end_need(request: Asked, data: JSONBody[deeds.EndNeed]) -> Response[Any]:
    """A need is over, or its consent withdrawn (deed `people.end_need`)."""
    return await answer_deed(request, "people.end_need", data)


# -- one person or two ----------------------------------------------------------------------------


@get("/api/v1/pairs")
async def open_pairs(
    request: Asked,
    area: FromQuery[str] = "",
    decided: FromQuery[bool] = False,
    after: FromQuery[str] = "",
    limit: FromQuery[int | None] = None,
) -> Page[pairs.Pair]:
    """Rows that may be one person, the likeliest first; `decided` shows what somebody said."""
    who = asking(request)
    who.must(acts.RESIDENT_CHANGE)
    async with who.tx(read_only=True) as tx:
        look = lists.decided_pairs if decided else lists.open_pairs
        rows, mark = await look(tx, area=area, after=after, limit=page_size(limit))
    return Page(rows, mark)


@post("/api/v1/pairs/same", status_code=200)
async def same(request: Asked, data: JSONBody[deeds.Merge]) -> Response[Any]:
    """They are one (deed `people.merge`)."""
    return await answer_deed(request, "people.merge", data)


@post("/api/v1/pairs/{pair_id:uuid}/different", status_code=200)
async def different(request: Asked, pair_id: FromPath[UUID]) -> Response[Any]:
    """They are two (deed `people.different`)."""
    return await answer_deed(request, "people.different", deeds.OfPair(pair_id))


@post("/api/v1/pairs/{pair_id:uuid}/unmerge", status_code=200)
async def unmerge(request: Asked, pair_id: FromPath[UUID]) -> Response[Any]:
    """Take a merge back (deed `people.unmerge`)."""
    return await answer_deed(request, "people.unmerge", deeds.OfPair(pair_id))


@post("/api/v1/pairs/{pair_id:uuid}/reopen", status_code=200)
async def reopen(request: Asked, pair_id: FromPath[UUID]) -> Response[Any]:
    """Nobody has decided yet, after all (deed `people.reopen`)."""
    return await answer_deed(request, "people.reopen", deeds.OfPair(pair_id))


# -- freshness ------------------------------------------------------------------------------------


@get("/api/v1/stale")
async def stale(
    request: Asked,
    area: FromQuery[str] = "",
    after: FromQuery[str] = "",
    limit: FromQuery[int | None] = None,
) -> Page[Stairwell]:
    """Stairwells within reach, and in how many households of each something has gone stale."""
    who = asking(request)
    who.must(acts.RESIDENT_READ)
    async with who.tx(read_only=True) as tx:
        rows, mark = await lists.stairwells(tx, area=area, after=after, limit=page_size(limit))
    return Page(rows, mark)


class OfStairwells(msgspec.Struct, forbid_unknown_fields=True):
    unit_ids: list[UUID]


class Doors(msgspec.Struct):
    """`at` is when it was so."""

    at: datetime
    homes: list[AskedHousehold]


@post("/api/v1/stale/doors", status_code=200)
async def stale_doors(request: Asked, data: JSONBody[OfStairwells]) -> Doors:
    """Every household of stairwells within reach, with what is to be asked at the next visit, for
    a phone to take along."""
    who = asking(request)
    who.must(acts.RESIDENT_READ)
    if len(data.unit_ids) > UNITS_MAX:
        raise Invalid.of("unit_ids", "一次最多 {most} 个楼道。", most=UNITS_MAX)
    async with who.tx(read_only=True) as tx:
        found = await freshness.in_stairwell(tx, *data.unit_ids)
        return Doors(tx.now, found)


ROUTES: list[Any] = [
    household,
    record,
    reveal_landlord,
    preview,
    come,
    set_household,
    split,
    join,
    confirm,
    move,
    leave,
    undo,
    correct,
    add_tie,
    end_tie,
    need_kinds,
    set_need_kind,
    running_out,
    note_need,
    end_need,
    open_pairs,
    same,
    different,
    unmerge,
    reopen,
    stale,
    stale_doors,
]
