"""The page of a household, and what is done to it: each act is shown before it is done, and taken
back in one piece."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.params import FromPath

from wangge.kernel.actors import all_acts
from wangge.kernel.http import Asking, asking, page
from wangge.kernel.http.deeds import all_deeds, read_body
from wangge.kernel.moments import local_date, new_id
from wangge.kernel.refusals import Invalid, Refusal
from wangge.kernel.settings import decided
from wangge.people import acts, commands, deeds, lists, previews, reading, tags
from wangge.people.changes import UNDO_DAYS
from wangge.people.commands import homes
from wangge.people.commands.homes import UNDONE_HERE
from wangge.people.model import (
    ENDED_WHY,
    HOUSEHOLD_KINDS,
    HUKOU,
    LEFT_WHY,
    RELATIONS,
    SEXES,
    TENURES,
    TIES,
    HomeField,
)
from wangge.people.pages.parts import may_above
from wangge.people.pages.residents import NAMES, day_of, number_of
from wangge.people.queries import households as queries
from wangge.people.queries.households import Home, Person
from wangge.people.roster import ROSTER
from wangge.places import ATLAS
from wangge.places.forms import back, do_form, do_or_show, fields, many, whole
from wangge.places.model import Area

Asked = Request[Any, Any, Any]

#: What was done in other rooms' words, beside those that are undone here.
WHATS: Mapping[str, str] = {
    **UNDONE_HERE,
    "merge": "合并重复",
    "import": "导入名单",
}
#: What a form asks for → the deed that does it.
ACTS: Mapping[str, str] = {
    "move": "people.move",
    "split": "people.split",
    "join": "people.join",
    "leave": "people.leave",
    "tie": "people.add_tie",
}
TITLES: Mapping[str, str] = {
    "move": "搬家",
    "split": "分户",
    "join": "并户",
    "leave": "离开登记",
    "tie": "加一条关系",
}


async def _household(
    who: Asking,
    household_id: UUID,
    *,
    shown: tuple[HomeField, str] | None = None,
    refusal: Refusal | None = None,
    given: dict[str, str] | None = None,
    ticked: Sequence[str] = (),
) -> Response[Any]:
    who.must(acts.RESIDENT_READ)
    async with who.tx(read_only=True) as tx:
        found = await reading.household(tx, household_id)
        atlas = await ATLAS.get(tx)
        roster = await ROSTER.get(tx)
        kinds = await tags.kinds(tx)
        home = found.home
        confirming, revealing = tx.reach(acts.CONFIRM), tx.reach(acts.REVEAL)
        lives = home.to_date is None
        may_change = lives and tx.reach(acts.RESIDENT_CHANGE).covers(home.area_code)
        may_undo = tx.reach(acts.RESIDENT_CHANGE).covers(home.area_code)
        today, undo_days = local_date(tx.now), (await decided(tx))(UNDO_DAYS)
        # A part that a higher room fills, where it is there: what else is behind this door.
        things = all_acts().get("registers.read")
        may_things = things is not None and tx.reach(things).covers(home.area_code)
    return page(
        who,
        "people/household.html",
        status=refusal.status if refusal else 200,
        view=found,
        home=home,
        atlas=atlas,
        today=today,
        undo_days=undo_days,
        names={act.actor_id: roster.staff_name(act.actor_id) for act in found.acts},
        needs={code: kind.name for code, kind in kinds.items()},
        kinds=HOUSEHOLD_KINDS,
        tenures=TENURES,
        relations=RELATIONS,
        sexes=SEXES,
        hukou=HUKOU,
        left_why=LEFT_WHY,
        ended_why=ENDED_WHY,
        tie_names=TIES,
        whats=WHATS,
        undone_here=UNDONE_HERE,
        field_names=NAMES,
        may_change=may_change,
        may_undo=may_undo,
        may_things=may_things,
        may_confirm=lives
        and (
            confirming.covers(home.area_code)
            or home.unit_id in confirming.units
            or home.building_id in confirming.buildings
        ),
        may_reveal=revealing.covers(home.area_code) or home.unit_id in revealing.units,
        shown=shown,
        ledger=may_above(who, "forms.ledger"),
        given=given or {},
        ticked=ticked,
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/households/{household_id:uuid}")
async def household_page(request: Asked, household_id: FromPath[UUID]) -> Response[Any]:
    """A household: who lives in it and who did, who is tied to it, what was done to it lately."""
    return await _household(asking(request), household_id)


# -- acts with a look first -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Choice:
    """A door that may be meant, with the households behind it."""

    dwelling_id: UUID
    name: str
    homes: list[Home]
    people: dict[UUID, list[Person]]


async def _asked(request: Asked) -> tuple[str, list[str], dict[str, str]]:
    given = await fields(request)
    act = given.get("act", "")
    if act not in ACTS:
        raise Invalid.of("act", "请选择要办什么。")
    return act, await many(request, "who"), given


def _body(
    act: str, household_id: UUID, people: list[str], given: Mapping[str, str]
) -> dict[str, Any]:
    """The deed's body from a form whose aim is known."""
    on = day_of(dict(given), "on") if given.get("on") else None
    if act == "split":
        return {
            "household_id": str(household_id),
            "resident_ids": people,
            "head_id": given.get("head") or None,
        }
    if act == "join":
        return {"household_id": str(household_id), "into_id": given.get("to_household", "")}
    if act == "leave":
        return {"resident_ids": people, "why": given.get("why", ""), "on": on}
    if act == "tie":
        return {
            "resident_id": people[0] if people else "",
            "household_id": given.get("to_household", ""),
            "tie": given.get("tie", ""),
            "since": on,
        }
    body: dict[str, Any] = {"resident_ids": people, "on": on}
    if given.get("to_household"):
        return {**body, "household_id": given["to_household"]}
    body["tenure"] = given.get("tenure", "")
    return {**body, "dwelling_id": given.get("to_door") or None}


async def _choices(
    who: Asking, household_id: UUID, act: str, given: Mapping[str, str]
) -> tuple[list[_Choice], str]:
    """Doors that the words (or the door chosen) may mean, each with the households behind it; and
    what to say when the words are not sure. Raises Invalid when they lead nowhere."""
    words = given.get("to", "")
    if not words and not given.get("to_door"):
        raise Invalid.of("to", "请写要去的门牌,如 2幢1单元301。")
    async with who.tx(read_only=True) as tx:
        reach = tx.reach(acts.RESIDENT_READ)
        home = await queries.home(tx, reach, household_id)
        if given.get("to_door"):
            door = await queries.door(tx, reach, _uuid(given, "to_door"))
            doors = [(door.id, "")]
            said = ""
        else:
            meant = await reading.door_meant(tx, reach, home.area_code, words)
            found = [meant.placed.door] if meant.placed.door else list(meant.placed.rivals)
            if not found:
                raise reading.lost("to", meant.placed)
            doors = [
                (d.dwelling_id, f"{d.compound} {d.building}{d.unit}{d.room}") for d in found
            ]
            said = (
                "" if meant.placed.sure else reading.lost("to", meant.placed).words(who.locale)
            )
        behind = await queries.behind_doors(tx, [id_ for id_, _ in doors])
        people = await queries.living_in(tx, [h.id for h in behind if h.id != home.id])
    of: dict[UUID, list[Person]] = {}
    for person in people:
        of.setdefault(person.household_id, []).append(person)
    return [
        _Choice(
            id_,
            next((h.compound + " " + h.dwelling for h in behind if h.dwelling_id == id_), name),
            [h for h in behind if h.dwelling_id == id_ and h.id != home.id],
            of,
        )
        for id_, name in doors
    ], said


def _uuid(given: Mapping[str, str], name: str) -> UUID:
    try:
        return UUID(given.get(name, ""))
    except ValueError as wrong:
        raise Invalid.of(name, "请重新选择。") from wrong


@post("/households/{household_id:uuid}/look", status_code=200)
async def look(request: Asked, household_id: FromPath[UUID]) -> Response[Any]:
    """What an act would do; nothing is done yet. Where the words of an address may mean several
    doors or households, which of them."""
    who = asking(request)
    who.must(acts.RESIDENT_CHANGE)
    try:
        act, people, given = await _asked(request)
        if act not in ("join",) and not people:
            raise Invalid.of("people", "请先勾选是哪几个人。")
        choices: list[_Choice] = []
        said = ""
        to_find = act in ("move", "join", "tie") and not given.get("to_household")
        if to_find and not (act == "move" and given.get("to_door") and given.get("new")):
            choices, said = await _choices(who, household_id, act, given)
            sure = len(choices) == 1 and not said
            if sure and not choices[0].homes and act == "move":
                given["to_door"], choices = str(choices[0].dwelling_id), []
            elif sure and len(choices[0].homes) == 1 and act != "move":
                given["to_household"], choices = str(choices[0].homes[0].id), []
            elif sure and not choices[0].homes:
                raise Invalid.of("to", "这个门牌现在没有登记住户。")
        found: previews.Preview | None = None
        if not choices and act != "tie":
            kind = ACTS[act]
            known = deeds.acts_to_preview()[kind]
            body = read_body(all_deeds()[kind], _body(act, household_id, people, given))
            found = await previews.preview(
                who.tx, lambda tx: known.function(tx, who.district.vault, body)
            )
        elif not choices:
            return await _do(who, household_id, act, people, given)
        async with who.tx(read_only=True) as tx:
            reach = tx.reach(acts.RESIDENT_READ)
            home = await queries.home(tx, reach, household_id)
            asked = await queries.people_of(tx, [UUID(one) for one in people])
            undo_days = (await decided(tx))(UNDO_DAYS)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return await _as_asked(request, who, household_id, refusal)
    return page(
        who,
        "people/act.html",
        home=home,
        act=act,
        title=TITLES[act],
        people=people,
        asked=[p for p in asked if p.household_id == home.id],
        given=given,
        choices=choices,
        said=said,
        found=found,
        undo_days=undo_days,
        relations=RELATIONS,
        tenures=TENURES,
        tie_names=TIES,
        left_why=LEFT_WHY,
        new_id=new_id,
    )


@post("/households/{household_id:uuid}/do", status_code=200)
async def do(request: Asked, household_id: FromPath[UUID]) -> Response[Any]:
    """Do what was looked at."""
    who = asking(request)
    who.signed()
    try:
        act, people, given = await _asked(request)
        return await _do(who, household_id, act, people, given)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return await _as_asked(request, who, household_id, refusal)


async def _as_asked(
    request: Asked, who: Asking, household_id: UUID, refusal: Refusal
) -> Response[Any]:
    """The household's page with what was refused and what was typed and ticked."""
    return await _household(
        who,
        household_id,
        refusal=refusal,
        given=await fields(request),
        ticked=await many(request, "who"),
    )


async def _do(
    who: Asking, household_id: UUID, act: str, people: list[str], given: Mapping[str, str]
) -> Response[Any]:
    done = await do_form(who, given, ACTS[act], _body(act, household_id, people, given))
    if act == "tie":
        return back(who, f"/residents/{people[0]}")
    return back(who, f"/households/{done['household_id']}")


@post("/households/{household_id:uuid}/undo", status_code=200)
async def undo(request: Asked, household_id: FromPath[UUID]) -> Response[Any]:
    """Take an act back: first who will be as they were, then, with `sure`, do it."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        batch = _uuid(given, "batch")
        if given.get("sure"):
            await do_form(who, given, "people.undo", {"batch_id": str(batch)})
            return await _where_now(who, household_id)
        people = await previews.undo_preview(
            who.tx, lambda tx: homes.undo(tx, who.district.vault, batch), batch
        )
        async with who.tx(read_only=True) as tx:
            home = await queries.home(tx, tx.reach(acts.RESIDENT_READ), household_id)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return await _household(who, household_id, refusal=refusal)
    return page(
        who,
        "people/undo.html",
        home=home,
        batch=batch,
        what=given.get("what", ""),
        whats=WHATS,
        people=people,
        relations=RELATIONS,
        new_id=new_id,
    )


async def _where_now(who: Asking, household_id: UUID) -> Response[Any]:
    """The household's page, or the list when the undo took the household back."""
    async with who.tx(read_only=True) as tx:
        found = await queries.homes_of(tx, [household_id])
    return back(who, f"/households/{household_id}" if found else "/residents")


# -- plain forms ----------------------------------------------------------------------------------


async def _done(
    who: Asking, household_id: UUID, given: dict[str, str], kind: str, body: dict[str, Any]
) -> Response[Any]:
    return await do_or_show(
        who,
        given,
        kind,
        body,
        f"/households/{household_id}",
        lambda refusal: _household(who, household_id, refusal=refusal, given=given),
    )


@post("/households/{household_id:uuid}/come", status_code=200)
async def come(request: Asked, household_id: FromPath[UUID]) -> Response[Any]:
    """Somebody comes into the household."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        body = {"household_id": str(household_id), "people": [_person(given)]}
    except Refusal as refusal:
        return await _household(who, household_id, refusal=refusal, given=given)
    return await _done(who, household_id, given, "people.come", body)


def _person(given: dict[str, str]) -> dict[str, Any]:
    names = ("name", "sex", "phone", "id_number", "relation", "hukou", "workplace")
    person: dict[str, Any] = {name: given[name] for name in names if given.get(name)}
    person.setdefault("name", "")
    if given.get("birth_date"):
        person["birth_date"] = day_of(given, "birth_date")
    return person


@post("/households/{household_id:uuid}/correct", status_code=200)
async def correct(request: Asked, household_id: FromPath[UUID]) -> Response[Any]:
    """The household's own fields. An empty box stays as it was; `clear_…` takes away."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        body: dict[str, Any] = {
            "household_id": str(household_id),
            "version": number_of(given, "version"),
        }
    except Refusal as refusal:
        return await _household(who, household_id, refusal=refusal, given=given)
    for name in ("kind", "tenure"):
        if given.get(name):
            body[name] = given[name]
    for name in ("label", "landlord_name", "landlord_phone"):
        if given.get(name):
            body[name] = given[name]
        elif given.get(f"clear_{name}"):
            body[name] = ""
    return await _done(who, household_id, given, "people.set_household", body)


@post("/households/{household_id:uuid}/confirm", status_code=200)
async def confirm(request: Asked, household_id: FromPath[UUID]) -> Response[Any]:
    """Still right (没变): the whole household as it was shown, or `only` one row of it, or one
    `field` of the household. `seen` are `id.version`."""
    who, given = asking(request), await fields(request)
    who.signed()
    seen: list[dict[str, Any]] = []
    for text in await many(request, "seen"):
        id_, _, version = text.partition(".")
        if whole(version, -1) >= 0 and given.get("only", id_) == id_:
            names = [given["field"]] if given.get("field") else []
            seen.append({"id": id_, "version": int(version), "fields": names})
    body = {
        "household_id": str(household_id),
        "seen": seen,
        "way": given.get("way", "visit"),
    }
    answer = await _done(who, household_id, given, "people.confirm", body)
    if given.get("to") and answer.status_code == 303:
        return back(who, f"/stale/{_uuid(given, 'to')}#h{household_id}")
    return answer


@post("/households/{household_id:uuid}/reveal", status_code=200)
async def reveal(request: Asked, household_id: FromPath[UUID]) -> Response[Any]:
    """The landlord's name or number on the page, once."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        if given.get("field") not in list(HomeField):
            raise Invalid.of("field", "请选择要查看的内容。")
        field_ = HomeField(given["field"])
        async with who.tx() as tx:
            value = await commands.reveal_landlord(
                tx, who.district.vault, household_id, field_, given.get("reason", "")
            )
    except Refusal as refusal:
        if refusal.status == 404 and refusal.code == "not-found":
            raise
        return await _household(who, household_id, refusal=refusal, given=given)
    return await _household(who, household_id, shown=(field_, value), given=given)


# -- a new household ------------------------------------------------------------------------------


async def _new(
    who: Asking, *, refusal: Refusal | None = None, given: dict[str, str] | None = None
) -> Response[Any]:
    who.must(acts.RESIDENT_CHANGE)
    async with who.tx(read_only=True) as tx:
        atlas = await ATLAS.get(tx)
        reach = tx.reach(acts.RESIDENT_CHANGE)
    near: list[Area] = []
    for prefix in reach.areas:
        own = atlas.area(prefix) if len(prefix) >= 12 else None
        near += [own] if own else [a for a in atlas.open_areas(prefix) if len(a.code) == 12]
    return page(
        who,
        "people/household_new.html",
        status=refusal.status if refusal else 200,
        near=near,
        atlas=atlas,
        kinds=HOUSEHOLD_KINDS,
        tenures=TENURES,
        sexes=SEXES,
        hukou=HUKOU,
        given=given or {},
        refusal=who.said(refusal),
        new_id=new_id,
    )


@get("/households/new")
async def new_page(request: Asked) -> Response[Any]:
    """The form to register who lives behind a door."""
    return await _new(asking(request))


@post("/households/new", status_code=200)
async def register(request: Asked) -> Response[Any]:
    """Register a household with its head; the others are added on its page."""
    who, given = asking(request), await fields(request)
    who.must(acts.RESIDENT_CHANGE)
    try:
        async with who.tx(read_only=True) as tx:
            reach = tx.reach(acts.RESIDENT_READ)
            near = lists.checked_area(given.get("near", ""))
            if not near:
                raise Invalid.of("near", "请选择区域。")
            meant = await reading.door_meant(tx, reach, near, given.get("door", ""))
        if meant.placed.door is None or not meant.placed.sure:
            raise reading.lost("door", meant.placed)
        body = {
            "dwelling_id": str(meant.placed.door.dwelling_id),
            "kind": given.get("kind", "family"),
            "people": [{**_person(given), "relation": "head"}],
        }
        done = await do_form(who, given, "people.register_household", body)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return await _new(who, refusal=refusal, given=given)
    return back(who, f"/households/{done['id']}")


ROUTES: list[Any] = [
    new_page,
    register,
    household_page,
    look,
    do,
    undo,
    come,
    correct,
    confirm,
    reveal,
]
