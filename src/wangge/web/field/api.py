"""What the phone works from: one bundle, good for days without a network."""

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, get, post
from litestar.params import FromQuery, JSONBody
from msgspec import Struct

from wangge.access.links import sign_file
from wangge.cases.acts import REPORT, SELF_CLOSE
from wangge.cases.reference import REFERENCE, Reference
from wangge.dispatch.lists import MyTask, my_tasks
from wangge.kernel.actors import ROLE_NAMES, Reach, outermost
from wangge.kernel.database import Tx
from wangge.kernel.http import Asking, asking
from wangge.kernel.i18n import translate
from wangge.kernel.letters import letterbox, of_deed
from wangge.kernel.refusals import UnknownLetter
from wangge.people import freshness
from wangge.people.acts import CONFIRM
from wangge.people.freshness import FIELD_NAMES
from wangge.people.model import RELATIONS
from wangge.places import ATLAS
from wangge.responses import RESPONSES
from wangge.sweeps.acts import REPORT as REPORT_DOORS
from wangge.web.home import queries as homes
from wangge.web.home.queries import Stairwell

Req = Request[Any, Any, Any]

#: Stairwells one phone carries; whoever reaches more works at a desk and searches there.
UNITS_MAX = 400
#: What a phone's copy of classes, words and stairwells was made from.
_MADE_FROM = ("cases", "settings", "responses", "places", "people")


@dataclass(frozen=True, slots=True)
class Area:
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Who:
    """The person in words; `may` is what the app shows buttons for."""

    id: UUID
    name: str
    roles: list[str]
    areas: list[Area]
    may: dict[str, bool]


@dataclass(frozen=True, slots=True)
class PhoneClass:
    """A class as the phone needs it; `open` says whether it may be reported now."""

    code: str
    name: str
    name_en: str
    platform: str
    urgent: bool
    on_the_spot: bool
    emergency_line: str
    condition: str
    closing_condition: str
    needs_response: bool
    open: bool


@dataclass(frozen=True, slots=True)
class Bundle:
    """`classes`, `keywords` and `units` are null when the phone has those of `version`. To
    `letterbox` (a P-256 public key, 65 bytes in base64) reports are sealed as they are handed in."""

    me: Who
    tasks: list[dict[str, Any]]
    classes: list[PhoneClass] | None
    keywords: list[tuple[str, str, int]] | None
    units: list[Stairwell] | None
    version: str
    at: datetime
    letterbox: str


@dataclass(frozen=True, slots=True)
class Me:
    """Whose session it is, asked before deeds are sent in it."""

    id: UUID


@get("/api/v1/field/me")
async def me(request: Req) -> Me:
    """Whose session this is. 401 when it is nobody's."""
    return Me(asking(request).signed().id)


@get("/api/v1/field/bundle")
async def bundle(request: Req, have: FromQuery[str] = "") -> Bundle:
    """Who I am, what I have to do, and what reporting needs. `have` is the `version` that the
    phone holds already."""
    who = asking(request)
    who.signed()
    async with who.tx(read_only=True) as tx:
        versions = await tx.versions()
        address = b64encode(letterbox(who.district.vault).address).decode()
        version = "-".join(str(versions.get(name, 0)) for name in _MADE_FROM)
        reach = _reach(tx)
        tasks = [task_of(who, task) for task in await my_tasks(tx)]
        person = await _person(tx, who, reach)
        if have == version:
            return Bundle(person, tasks, None, None, None, version, tx.now, address)
        reference = await REFERENCE.get(tx, versions)
        declared = (await RESPONSES.get(tx, versions)).live(who.district.code, tx.now)
        return Bundle(
            person,
            tasks,
            _classes(reference, declared is not None),
            [(vote.word, vote.code, vote.weight) for vote in reference.keywords.votes()],
            await _units(tx, reach),
            version,
            tx.now,
            address,
        )


class Letter(Struct):
    """A letter (base64) of one of the asker's own deeds."""

    id: UUID
    letter: bytes


class Opened(Struct):
    """What the deed says."""

    body: dict[str, Any]


@post("/api/v1/field/letter", status_code=200)
async def read_letter(request: Req, data: JSONBody[Letter]) -> Opened:
    """Read back what a phone sealed and cannot read itself, to mend a report that was refused: to
    whoever wrote it, and nobody else. Nothing is kept."""
    who = asking(request)
    by = who.signed().id
    plain = letterbox(who.district.vault).open(data.letter, of_deed(data.id, by))
    try:
        return Opened(msgspec.json.decode(plain, type=dict[str, Any]))
    except msgspec.DecodeError as wrong:
        raise UnknownLetter() from wrong


def _reach(tx: Tx) -> Reach:
    """Where this person may report from: everything their posts give."""
    held = [grant for grant in tx.actor.grants if grant.live(tx.now)]
    return Reach(
        outermost(grant.area_code for grant in held if not grant.narrow),
        tuple({unit for grant in held for unit in grant.units}),
        tuple({building for grant in held for building in grant.buildings}),
    )


async def _person(tx: Tx, who: Asking, reach: Reach) -> Who:
    atlas = await ATLAS.get(tx)
    held = [grant for grant in tx.actor.grants if grant.live(tx.now)]
    codes = sorted({*reach.areas, *(grant.area_code for grant in held if grant.narrow)})
    return Who(
        tx.actor.id,
        tx.actor.name,
        [translate(who.locale, ROLE_NAMES[role]) for role in sorted(tx.actor.roles(tx.now))],
        [Area(code, atlas.path(code).replace(" / ", " ")) for code in codes],
        {act.code: who.may(act) for act in (REPORT, SELF_CLOSE, REPORT_DOORS, CONFIRM)},
    )


def _classes(reference: Reference, declared: bool) -> list[PhoneClass]:
    return [
        PhoneClass(
            known.code,
            known.name_zh,
            known.name_en,
            known.platform.value,
            known.urgent,
            known.on_the_spot,
            "/".join(known.emergency_lines),
            known.condition_zh,
            known.closing_condition_zh,
            known.needs_response,
            declared or not known.needs_response,
        )
        for known in reference.classes.values()
    ]


async def _units(tx: Tx, reach: Reach) -> list[Stairwell]:
    """Stairwells to choose from. The reach of a county has too many to choose from at all."""
    found: list[Stairwell] = []
    for prefix in [code for code in reach.areas if len(code) >= 12] or (
        [""] if reach.units or reach.buildings else []
    ):
        found += await homes.stairwells(
            tx,
            low=prefix or "x",
            high=f"{prefix}:" if prefix else "x",
            units=list(reach.units),
            buildings=list(reach.buildings),
            limit=UNITS_MAX,
        )
    return list({unit.id: unit for unit in found}.values())[:UNITS_MAX]


def task_of(who: Asking, task: MyTask) -> dict[str, Any]:
    """A task with links to its photos, good for this person and a short while."""
    shown: dict[str, Any] = {name: getattr(task, name) for name in task.__dataclass_fields__}
    shown["photos"] = [{"id": id_, "url": sign_file(who, UUID(id_))} for id_ in task.photos]
    return shown


# -- what has grown old at the doors -----------------------------------------------------------------

#: Stairwells a phone takes along to confirm the register; officers with more do it at a desk.
STALE_MAX = 40


@dataclass(frozen=True, slots=True)
class OldPerson:
    """Somebody of whom something is to be asked. `stale` are the fields' names; a mask, no number."""

    id: UUID
    version: int
    name: str
    relation: str
    stale: list[str]


@dataclass(frozen=True, slots=True)
class OldHome:
    """A household with something to ask. `seen` are all its rows, for the confirmation."""

    id: UUID
    room: str
    dwelling: str
    stale: list[str]
    people: list[OldPerson]
    seen: list[tuple[UUID, int]]


@dataclass(frozen=True, slots=True)
class OldStairwell:
    unit_id: UUID
    name: str
    homes: list[OldHome]


@dataclass(frozen=True, slots=True)
class Old:
    at: datetime
    stairwells: list[OldStairwell]


@get("/api/v1/field/stale")
async def stale(request: Req) -> Old:
    """What has grown old behind the doors of one's stairwells, to be asked at the next visit and
    taken along without a network: masks only, and only households with something to ask. Three
    statements."""
    who = asking(request)
    who.must(CONFIRM)
    async with who.tx(read_only=True) as tx:
        wells = await freshness.stairwells(tx, "", ("", UUID(int=0)), limit=STALE_MAX)
        asked = await freshness.in_stairwell(tx, *(w.unit_id for w in wells if w.stale))
        may, at = tx.reach(CONFIRM), tx.now
    homes: dict[UUID, list[OldHome]] = {}
    for one in asked:
        if one.stale and (may.covers(one.home.area_code) or may.units or may.buildings):
            homes.setdefault(one.home.unit_id, []).append(_old_home(who, one))
    return Old(
        at,
        [
            OldStairwell(w.unit_id, f"{w.compound} {w.name}", homes[w.unit_id])
            for w in wells
            if w.unit_id in homes
        ],
    )


def _old_home(who: Asking, one: freshness.Asked) -> OldHome:
    def words(names: tuple[str, ...]) -> list[str]:
        return [translate(who.locale, FIELD_NAMES[name]) for name in names]

    return OldHome(
        one.home.id,
        one.home.room or one.home.dwelling,
        one.home.dwelling,
        words(one.home.stale),
        [
            OldPerson(
                p.id,
                p.version,
                p.name_mask,
                translate(who.locale, RELATIONS.get(p.relation, p.relation)),
                words(p.stale),
            )
            for p in one.people
            if p.stale
        ],
        [(one.home.id, one.home.version), *((p.id, p.version) for p in one.people)],
    )


ROUTES: list[Any] = [me, bundle, read_letter, stale]
