"""The one form that opens a round, and what it says before it does: how many doors, whether the people
who are there can walk them in the time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from litestar import Request, Response, get, post

from wangge.kernel.database import Tx
from wangge.kernel.http import Asking, asking, page
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid, Refusal
from wangge.people import ROSTER
from wangge.people.model import NEEDS
from wangge.places import ATLAS
from wangge.places.forms import back, do_form, fields, many, whole
from wangge.sweeps import plan_pages
from wangge.sweeps.acts import DEAL, OPEN
from wangge.sweeps.commands import opening
from wangge.sweeps.commands.opening import Opening
from wangge.sweeps.counting import told as spoken
from wangge.sweeps.foreseen import Superseded, ahead, foresee
from wangge.sweeps.ground import MINUTES_MAX
from wangge.sweeps.kinds import KINDS, kind
from wangge.sweeps.model import DOORS_NAMES, Doors, Kind
from wangge.sweeps.queries import rounds, stops
from wangge.sweeps.showing import common
from wangge.sweeps.split_pages import floors_read, floors_written

Asked = Request[Any, Any, Any]

#: Teams offered to choose from.
TEAMS_SHOWN = 60
#: Areas offered to choose from; whoever reaches more types a code.
CHOICES_MAX = 400


@dataclass(frozen=True, slots=True)
class Choice:
    """An area to sweep, as chosen from."""

    code: str
    words: str


async def _choices(tx: Tx) -> list[Choice]:
    atlas = await ATLAS.get(tx)
    reach = tx.reach(OPEN)
    found = [
        Choice(area.code, atlas.path(area.code))
        for area in atlas.open_areas()
        if reach.covers(area.code) and len(area.code) <= 15
    ]
    return found if len(found) <= CHOICES_MAX else [c for c in found if len(c.code) <= 12]


def _theirs(known: Kind, choices: list[Choice]) -> bool:
    """The district's kinds, and those of a street that one of these areas lies in or holds."""
    area = known.area_code
    return not area or any(c.code.startswith(area) or area.startswith(c.code) for c in choices)


async def _new(
    who: Asking, given: Mapping[str, str], refusal: Refusal | None = None
) -> Response[Any]:
    who.must(OPEN)
    async with who.tx(read_only=True) as tx:
        kinds = await KINDS.get(tx)
        choices = await _choices(tx)
        roster = await ROSTER.get(tx)
        reach = tx.reach(OPEN)
        teams = [
            team
            for team in roster.all_teams()
            if team.live(tx.now) and reach.covers(team.area_code)
        ]
        atlas = await ATLAS.get(tx)
    offered = [known for known in kinds.values() if known.open and _theirs(known, choices)]
    return page(
        who,
        "sweeps/new.html",
        teams=teams[:TEAMS_SHOWN],
        members={team.id: len(roster.members(team.id)) for team in teams},
        atlas=atlas,
        every_names=plan_pages.EVERY_NAMES,
        status=refusal.status if refusal else 200,
        kinds=offered,
        going=sorted({one for known in offered for one in known.things}),
        choices=choices[:CHOICES_MAX],
        given=given,
        needs=NEEDS,
        doors_names=DOORS_NAMES,
        refusal=who.said(refusal),
        deed=new_id(),
        **common(who),
    )


@get("/sweeps/new")
async def new_page(request: Asked) -> Response[Any]:
    """The one form that opens a round."""
    return await _new(asking(request), dict(request.query_params))


def _opening(given: Mapping[str, str], areas: list[str], tags: list[str]) -> dict[str, Any]:
    minutes = given.get("minutes", "")
    if minutes and whole(minutes, -1) < 0:
        raise Invalid.of("minutes", "时限请填分钟数。")
    raw: dict[str, Any] = {
        "kind": given.get("kind", ""),
        "areas": areas,
        "title": given.get("title", ""),
        "minutes": whole(minutes) if minutes else None,
        "doors": given.get("doors") or None,
        "after": given.get("after") or None,
    }
    if tags:
        raw["tags"] = tags
    return raw


@get("/sweeps/count")
async def count(request: Asked) -> Response[Any]:
    """How many doors the form as filled in would take: a part of the page."""
    who = asking(request)
    who.must(OPEN)
    asked = request.query_params
    areas = [code for code in asked.getall("areas", []) if code]
    async with who.tx(read_only=True) as tx:
        try:
            await opening.within_reach(tx, areas)
            known = await kind(tx, asked.get("kind", ""))
            if known.stops:
                chosen_things = [
                    one for one in asked.getall("things", []) if one in known.things
                ]
                scope = await stops.count_things(
                    tx, areas=areas, things=chosen_things or known.things
                )
                return _counted(who, scope, known)
            tags = [tag for tag in asked.getall("tags", []) if tag] or list(known.wanted)
            chosen = Doors(asked["doors"]) if asked.get("doors") else None
            wanted = chosen or (
                Doors.ALL if known.targets == "dwelling" and not tags else Doors.LIVED
            )
            scope = await rounds.count_homes(
                tx,
                areas=areas,
                lived=wanted is not Doors.EMPTY,
                empty=wanted is not Doors.LIVED,
                wanted=tags,
                units=[],
                roads=not known.tubes,
            )
        except Refusal as no:
            return page(
                who, "sweeps/count.html", scope=None, said=no.words(who.locale), **common(who)
            )
    return _counted(who, scope, known)


def _counted(who: Asking, scope: Any, kind: Kind) -> Response[Any]:
    return page(who, "sweeps/count.html", scope=scope, kind=kind, said="", **common(who))


@get("/sweeps/foreseen")
async def foreseen_part(request: Asked) -> Response[Any]:
    """Whether the form as filled in can be walked in its time, and by whom: a part of the page."""
    who = asking(request)
    who.must(OPEN)
    asked = request.query_params
    names: dict[Any, str] = {}
    try:
        raw = _opening(
            {name: str(value) for name, value in asked.items()},
            [code for code in asked.getall("areas", []) if code],
            [tag for tag in asked.getall("tags", []) if tag],
        )
        raw["teams"] = [team for team in asked.getall("teams", []) if team]
        raw["things"] = [one for one in asked.getall("things", []) if one]
        async with who.tx(read_only=True) as tx:
            found = await ahead(tx, read_opening(raw))
            roster = await ROSTER.get(tx)
            atlas = await ATLAS.get(tx)
        told = await foresee(found, who.actor.id)
    except Superseded:
        return page(who, "sweeps/foreseen.html", told=None)
    except Refusal:
        # What is wrong with the form is said when it is sent, or beside the count.
        return page(who, "sweeps/foreseen.html", told=None)
    proposal = told.proposal
    if proposal is not None:
        names = {one: roster.staff_name(one) for one in proposal.everybody}
    return page(
        who,
        "sweeps/foreseen.html",
        told=told,
        names=names,
        atlas=atlas,
        capped=found.minutes > MINUTES_MAX,
        sentences=spoken(found.kind, who.locale, proposal.sentences if proposal else ()),
        parts=[(one, spoken(found.kind, who.locale, one.sentences)) for one in told.parts],
        kind=found.kind,
        **common(who),
        # Who plans rounds that come again accepts nothing: each is dealt when it opens.
        accepts=proposal is not None
        and bool(proposal.portions)
        and not asked.get("every_days")
        and who.may(DEAL),
        floors=floors_written(proposal) if proposal is not None else "",
    )


def read_opening(raw: Mapping[str, Any]) -> Opening:
    """The form as an opening. Raises Invalid."""
    try:
        return msgspec.convert(raw, Opening)
    except msgspec.ValidationError as wrong:
        raise Invalid.of("kind", "表单不完整,请重新打开页面。") from wrong


@post("/sweeps", status_code=200)
async def open_form(request: Asked) -> Response[Any]:
    """Open a round and go to its board."""
    who, given = asking(request), await fields(request)
    who.signed()
    try:
        areas, tags = await many(request, "areas"), await many(request, "tags")
        raw = _opening(given, areas, tags)
        raw["teams"] = await many(request, "teams")
        raw["things"] = await many(request, "things")
        if given.get("every_days"):
            await do_form(who, given, "sweeps.plan", plan_pages.planning_of(given, raw))
            return back(who, "/sweeps/plans")
        if given.get("accept"):
            raw["floors"] = floors_read(given.get("floors", ""))
        made = await do_form(who, given, "sweeps.open", raw)
    except Refusal as refusal:
        return await _new(who, given, refusal)
    return back(who, f"/sweeps/{made['id']}")


ROUTES: list[Any] = [new_page, count, foreseen_part, open_form]
