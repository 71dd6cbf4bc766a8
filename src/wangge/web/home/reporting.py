"""A resident's report: checked, its telephone sealed, and given to the one entrance."""

import re
from dataclasses import dataclass
from uuid import UUID

from wangge.cases.limits import ACCEPT_OTHER, ACCEPT_URGENT, CONTACT_DAYS
from wangge.cases.reference import REFERENCE
from wangge.cases.taxonomy import CaseClass
from wangge.dispatch import Received, Report
from wangge.dispatch.intake import intake_of
from wangge.kernel.database import Tx
from wangge.kernel.http import Asking
from wangge.kernel.refusals import Invalid, Problem
from wangge.people.model import clean_phone, mask_phone
from wangge.responses import RESPONSES
from wangge.web.home.places import Spot

PHOTOS_MAX = 3
WORDS_MAX = 2000
PLACE_MAX = 200
#: Said for somebody else; written into the words, so that whoever goes knows whom to ask for.
PROXY = "(代他人反映)"

#: Shown as tiles, most needed first; those that need a declared response come first while there
#: is one. `picture` names a drawing in web/home/pictures.html.
COMMON: tuple[tuple[str, str], ...] = (
    ("X0101", "medical"),
    ("X0102", "medicine"),
    ("X0103", "food"),
    ("F0105", "lift"),
    ("E0401", "water"),
    ("F0106", "power"),
    ("Y0101", "exit"),
    ("Y0102", "battery"),
    ("E0102", "rubbish"),
    ("Z0101", "neighbours"),
    ("F0101", "help"),
)
TILES = 8


@dataclass(frozen=True, slots=True)
class Tile:
    code: str
    name: str
    name_en: str
    picture: str
    emergency_lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Promises:
    """What the district has decided and the pages therefore say."""

    urgent_minutes: int
    work_hours: int
    contact_days: int


async def promises(tx: Tx) -> Promises:
    """As decided now; a page must not promise what a setting has changed."""
    said = (await REFERENCE.get(tx)).decided
    return Promises(said(ACCEPT_URGENT), said(ACCEPT_OTHER), said(CONTACT_DAYS))


async def tiles(tx: Tx, area_code: str) -> list[Tile]:
    """The pictured classes of now and there."""
    reference = await REFERENCE.get(tx)
    declared = (await RESPONSES.get(tx)).live(area_code, tx.now) is not None
    found: list[Tile] = []
    for code, picture in COMMON:
        known: CaseClass | None = reference.classes.get(code)
        if known is not None and (declared or not known.needs_response):
            name = re.sub(r"\(.*\)$", "", known.name_zh)
            name_en = known.name_en.partition(",")[0]
            found.append(Tile(code, name, name_en, picture, known.emergency_lines))
    return found[:TILES]


@dataclass(frozen=True, slots=True)
class Said:
    """What a resident filled in. `contact` is a telephone number or ""."""

    id: UUID
    words: str
    class_code: str = ""
    place: str = ""
    contact: str = ""
    proxy: bool = False
    lon: float | None = None
    lat: float | None = None


def check(said: Said) -> str:
    """The telephone number, clean. Raises Invalid with everything that is wrong."""
    problems: list[Problem] = []
    phone = ""
    if not said.words.strip() and not said.class_code:
        problems += Invalid.of("words", "请写一两句话,或点一个图。").problems
    if len(said.words) > WORDS_MAX:
        problems += Invalid.of("words", "内容请在 {most} 字以内。", most=WORDS_MAX).problems
    if len(said.place) > PLACE_MAX:
        problems += Invalid.of("place", "地点请在 {most} 字以内。", most=PLACE_MAX).problems
    try:
        phone = clean_phone(said.contact)
    except Invalid as wrong:
        problems += [*wrong.problems]
    if problems:
        raise Invalid.all(problems)
    return phone


async def take(
    who: Asking, said: Said, spot: Spot | None, photos: tuple[UUID, ...]
) -> Received:
    """Give it to the entrance. Raises Invalid, the intake's refusals, Busy."""
    phone = check(said)
    words = said.words.strip()
    if said.proxy:
        words = f"{words}{PROXY}" if len(words) + len(PROXY) <= WORDS_MAX else words
    located = said.lon is not None and said.lat is not None
    place = " ".join(part for part in (spot.name if spot else "", said.place.strip()) if part)
    return await intake_of(who.district.database, who.district.schema).take(
        Report(
            id=said.id,
            by=who.actor,
            words=words,
            channel="resident",
            class_code=said.class_code or None,
            area_code=spot.area_code if spot else None,
            lon=said.lon if located else spot.lon if spot else None,
            lat=said.lat if located else spot.lat if spot else None,
            place=place[: PLACE_MAX * 2],
            unit_id=spot.unit_id if spot else None,
            photos=photos,
            contact_sealed=who.district.vault.seal(phone, said.id.bytes) if phone else None,
            contact_mask=mask_phone(phone) if phone else None,
        )
    )
