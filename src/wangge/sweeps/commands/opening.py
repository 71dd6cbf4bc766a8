"""Opening a round: the roster is frozen by one statement and the stairwells are dealt."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from wangge.kernel.database import Tx
from wangge.kernel.moments import local, new_id
from wangge.kernel.refusals import Forbidden, Invalid, NotFound
from wangge.people import ROSTER
from wangge.people.model import NEEDS
from wangge.places import ATLAS
from wangge.registers.kinds import KINDS as REGISTERS
from wangge.responses import RESPONSES, NoResponse
from wangge.sweeps.acts import OPEN
from wangge.sweeps.asks import along
from wangge.sweeps.clock import set_clock
from wangge.sweeps.commands.dealing import deal_out
from wangge.sweeps.commands.splitting import Floors, as_proposed
from wangge.sweeps.events import RosterFrozen, RoundOpened
from wangge.sweeps.kinds import open_kind
from wangge.sweeps.model import (
    Doors,
    Kind,
    NothingInRegisters,
    NothingToSweep,
    Round,
    TooManyDoors,
    meeting,
)
from wangge.sweeps.queries import rounds as queries
from wangge.sweeps.queries import stops
from wangge.sweeps.queries.kinds import freeze as freeze_kind

#: Doors of one round: a county of a million people and a half.
DOORS_MAX = 1_500_000
MINUTES = (5, 60 * 24 * 30)
AREAS_MAX = 200
UNITS_MAX = 2_000
TEAMS_MAX = 500


class Opening(msgspec.Struct, kw_only=True):
    """What a round is opened with. Without `title`, `minutes`, `doors` and `tags` the kind decides.
    `tags` are needs (people.NEEDS): only households where somebody has one. `units` narrows to
    single stairwells; `things` to some of the registers that the kind goes to. `after` is the round
    it starts from. With `teams`, stairwells are dealt to their members alone."""

    kind: str
    areas: list[str]
    title: str = ""
    minutes: int | None = None
    doors: Doors | None = None
    tags: list[str] | None = None
    units: list[UUID] = []
    after: UUID | None = None
    teams: list[UUID] = []
    things: list[str] = []


class OpenNow(Opening, kw_only=True):
    """A round opened by hand. `floors` is a dealing that was proposed before (`foreseen`) and accepted
    with the opening; blocks that it does not name go to whoever is nearest."""

    floors: list[Floors] = []


async def open_round(
    tx: Tx,
    opening: Opening,
    *,
    round_id: UUID | None = None,
    plan_id: UUID | None = None,
    floors: Sequence[Floors] = (),
) -> Round:
    """Open a round now. Raises NotFound, Forbidden, Invalid, KindClosed, NoResponse (a kind that
    needs a declared response, where none is live), NothingToSweep, TooManyDoors."""
    kind = await open_kind(tx, opening.kind)
    await within_reach(tx, opening.areas)
    scope = await checked(tx, opening, kind)
    response_id = await _response(tx, kind, opening.areas)
    new = _round(tx, opening, kind, scope, response_id, round_id or new_id(tx.now), plan_id)
    await queries.insert(tx, new)
    # Testing rounds ask for nothing that is kept elsewhere.
    things = scope["things"] if kind.stops else ()
    asked = (*kind.questions, *(() if kind.tubes else await along(tx, new.areas, things)))
    await freeze_kind(tx, new.id, [question.raw for question in asked])
    number = await _freeze(tx, new, kind)
    if number > DOORS_MAX:
        raise TooManyDoors(number, DOORS_MAX)
    if not kind.stops:
        await queries.make_blocks(tx, new.id)
    await stops.make_roads(tx, new.id)
    await queries.count_frozen(tx, new.id)
    made = await queries.round_(tx, tx.reach(OPEN), new.id)
    blocks = await queries.frozen_blocks(tx, new.id)
    tx.publish(
        RoundOpened(
            made.id,
            made.area_code,
            made.kind,
            made.doors,
            made.people,
            made.ends_at,
            made.response_id,
            made.previous_id,
        ),
        *(RosterFrozen(made.id, b.area_code, b.id, b.doors) for b in blocks),
    )
    await set_clock(tx, made.id, made.ends_at)
    given = await as_proposed(tx, made, floors) if floors else ()
    await deal_out(tx, made, blocks, given)
    return made


async def _freeze(tx: Tx, new: Round, kind: Kind) -> int:
    """Answers how many doors. Raises NothingToSweep, NothingInRegisters."""
    if kind.stops:
        things = new.scope["things"]
        number = await stops.freeze_things(
            tx, new.id, areas=new.areas, things=things, previous_id=new.previous_id
        )
        if number == 0:
            raise NothingInRegisters("、".join(REGISTERS[one].name for one in things))
        return number
    doors = Doors(new.scope["doors"])
    number = await queries.freeze_homes(
        tx,
        new.id,
        areas=new.areas,
        lived=doors is not Doors.EMPTY,
        empty=doors is not Doors.LIVED,
        special=kind.special,
        wanted=new.scope["tags"],
        units=[UUID(unit) for unit in new.scope.get("units", ())],
        previous_id=new.previous_id,
        # Whoever is called down to be tested comes entrance by entrance, also from a village.
        roads=not kind.tubes,
    )
    if number == 0:
        raise NothingToSweep()
    return number


async def within_reach(tx: Tx, areas: Sequence[str]) -> None:
    """Every area is open, known, and the actor's to sweep. Raises Invalid, NotFound, Forbidden."""
    if not 1 <= len(areas) <= AREAS_MAX:
        raise Invalid.of("areas", "请选择清查的区域,一轮最多 {most} 个。", most=AREAS_MAX)
    atlas = await ATLAS.get(tx)
    reach = tx.reach(OPEN)
    for code in areas:
        area = atlas.area(code)
        if area is None or not area.open:
            raise NotFound("这个区域")
        if not reach.covers(code):
            if tx.actor.may_somewhere(OPEN, tx.now):
                raise NotFound("这个区域")
            raise Forbidden(OPEN.name)


def _must_be_whole(opening: Opening) -> None:
    if len(opening.title.strip()) > 60:
        raise Invalid.of("title", "名称最多 60 个字。")
    if opening.minutes is not None and not MINUTES[0] <= opening.minutes <= MINUTES[1]:
        raise Invalid.of(
            "minutes", "时限应为 {least} 分钟到 {most} 天。", least=MINUTES[0], most=30
        )
    unknown = [tag for tag in opening.tags or () if tag not in NEEDS]
    if unknown:
        raise Invalid.of("tags", "没有“{tag}”这种需求标签。", tag=unknown[0])
    if len(opening.teams) > TEAMS_MAX:
        raise Invalid.of("teams", "最多选 {most} 支队伍。", most=TEAMS_MAX)
    if len(opening.units) > UNITS_MAX:
        raise Invalid.of("units", "最多选 {most} 个单元。", most=UNITS_MAX)


async def checked(tx: Tx, opening: Opening, kind: Kind) -> dict[str, Any]:
    """The scope of an opening that makes sense. Raises Invalid."""
    _must_be_whole(opening)
    if kind.stops and (opening.tags or opening.units):
        raise Invalid.of(
            "tags", "“{name}”去的是台账里的场所,不能按住户需求或单元挑。", name=kind.name
        )
    unknown = [one for one in opening.things if one not in kind.things]
    if unknown:
        raise Invalid.of("things", "“{name}”不去这一类,请从列出的里面选。", name=kind.name)
    if opening.teams:
        roster = await ROSTER.get(tx)
        for team in opening.teams:
            found = roster.team(team)
            if found is None or not found.live(tx.now):
                raise Invalid.of("teams", "选的队伍已经解散,请重新选择。")
            if not any(
                found.area_code.startswith(code) or code.startswith(found.area_code)
                for code in opening.areas
            ):
                raise Invalid.of("teams", "“{name}”不在这次清查的区域里。", name=found.name)
    return scope_of(opening, kind)


async def _response(tx: Tx, kind: Kind, areas: Sequence[str]) -> UUID | None:
    """The live response over every area; a kind that needs one is refused without."""
    known = await RESPONSES.get(tx)
    found = [known.live(code, tx.now) for code in areas]
    if kind.needs_response:
        for code, response in zip(areas, found, strict=True):
            if response is None:
                raise NoResponse(code)
    return found[0].id if found[0] is not None else None


def scope_of(opening: Opening, kind: Kind) -> dict[str, Any]:
    """Which doors: as asked, else as the kind has it."""
    tags = sorted(set(opening.tags if opening.tags is not None else kind.wanted))
    default = Doors.ALL if kind.targets == "dwelling" and not tags else Doors.LIVED
    scope: dict[str, Any] = {"doors": (opening.doors or default).value, "tags": tags}
    if kind.stops:
        # What a round goes to stays as it was, whatever becomes of its kind.
        scope["things"] = [one for one in kind.things if one in (opening.things or kind.things)]
    if opening.units:
        scope["units"] = [str(unit) for unit in opening.units]
    if opening.teams:
        scope["teams"] = [str(team) for team in dict.fromkeys(opening.teams)]
    return scope


def _round(
    tx: Tx,
    opening: Opening,
    kind: Kind,
    scope: dict[str, Any],
    response_id: UUID | None,
    id_: UUID,
    plan_id: UUID | None,
) -> Round:
    minutes = opening.minutes or kind.minutes
    areas = tuple(sorted(set(opening.areas)))
    return Round(
        id=id_,
        kind=kind.code,
        title=opening.title.strip() or default_title(kind, tx.now),
        area_code=meeting(areas),
        areas=areas,
        scope=scope,
        response_id=response_id,
        previous_id=opening.after,
        plan_id=plan_id,
        minutes=minutes,
        opened_at=tx.now,
        opened_by=tx.actor.id,
        ends_at=tx.now + timedelta(minutes=minutes),
        pass_n=1,
        pass_at=tx.now,
        closed_at=None,
        closed_by=None,
        certified=0,
        doors=0,
        people=0,
    )


def default_title(kind: Kind, now: datetime) -> str:
    """摸排清底 3月18日 12:00."""
    here = local(now)
    return f"{kind.name} {here.month}月{here.day}日 {here:%H:%M}"
