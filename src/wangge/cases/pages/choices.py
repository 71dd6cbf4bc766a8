"""Choices that desk pages offer: areas within reach, classes, channels, whom to send to."""

from collections.abc import Sequence
from datetime import datetime

from wangge.cases.model import STATE_NAMES, Stage, State
from wangge.cases.pages.forms import Groups, Pairs
from wangge.cases.reference import Reference
from wangge.kernel.actors import ROLE_NAMES, Reach, Role
from wangge.kernel.i18n import Locale, translate
from wangge.people.model import PLATFORMS
from wangge.people.roster import Roster
from wangge.places import Atlas

#: Options a list of areas holds at most; below that it is drawn one level deeper.
AREAS_MAX = 400

CHANNELS: tuple[tuple[str, str], ...] = (
    ("hotline", "热线电话"),
    ("resident", "居民上报"),
    ("worker", "网格员上报"),
    ("police", "110 转来"),
    ("superior", "上级交办"),
    ("enterprise", "企业诉求"),
    ("camera", "视频发现"),
    ("batch", "批量导入"),
)
#: What an officer at a desk takes down from somebody else.
DESK_CHANNELS: tuple[tuple[str, str], ...] = (
    ("hotline", "热线电话"),
    ("resident", "居民来访"),
    ("police", "110 转来"),
    ("superior", "上级交办"),
    ("enterprise", "企业诉求"),
)


def said(locale: Locale, pairs: Sequence[tuple[str, str]]) -> Pairs:
    """Choices in the page's language."""
    return [(code, translate(locale, words)) for code, words in pairs]


def states(locale: Locale) -> Pairs:
    return said(locale, [(state.value, STATE_NAMES[state]) for state in State])


def stages(locale: Locale) -> Pairs:
    return said(locale, [(stage.value, stage.value) for stage in Stage])


def platforms(locale: Locale) -> Pairs:
    return said(locale, list(PLATFORMS.items()))


def class_name(known: object, locale: Locale) -> str:
    """A class's name in the page's language."""
    chinese: str = getattr(known, "name_zh", "")
    english: str = getattr(known, "name_en", "")
    return english if locale == "en" and english else chinese


def classes(reference: Reference, locale: Locale, *, war: bool = True) -> Pairs:
    """Every class that may be used, by code."""
    return [
        (code, f"{code} {class_name(known, locale)}")
        for code, known in reference.classes.items()
        if war or not known.needs_response
    ]


def areas(atlas: Atlas, reach: Reach, chosen: str = "") -> Pairs:
    """Open areas within reach, indented by level, as deep as a list stays readable; below the
    chosen one, its parts."""
    inside = [area for area in atlas.open_areas() if reach.covers(area.code)]
    depth = 18
    while depth > 9 and sum(1 for area in inside if len(area.code) <= depth) > AREAS_MAX:
        depth -= 3
    shown = [
        area
        for area in inside
        if len(area.code) <= depth
        or (chosen and (area.code.startswith(chosen) or chosen.startswith(area.code)))
    ]
    if not shown:
        return []
    top = min(len(area.code) for area in shown)
    return [(area.code, " " * ((len(area.code) - top) // 3) + area.name) for area in shown]


def place_words(atlas: Atlas, code: str) -> str:
    """An area as people say it, from its community down: every community has a first grid."""
    steps = [n for n in (12, 15, 18) if n <= len(code)] or [len(code)]
    return " ".join(atlas.name(code[:n]) for n in steps)


def targets(
    atlas: Atlas,
    roster: Roster,
    area_code: str,
    platform: str | None,
    now: datetime,
    locale: Locale,
) -> Groups:
    """Whom a case of this area may be sent to: bodies of its platform first, rooms, people."""
    order = sorted(PLATFORMS, key=lambda code: code != platform)
    bodies: list[tuple[str, str]] = []
    for code in order:
        for org in roster.orgs(code, area_code):
            if roster.org_members(org.id, now):
                name = f"{org.name}({translate(locale, PLATFORMS[code])})"
                bodies.append((f"org:{org.id}", name))
    rooms: list[tuple[str, str]] = []
    for role, width in (
        (Role.COMMUNITY_OFFICER, 12),
        (Role.STREET_OFFICER, 9),
        (Role.DISTRICT_OFFICER, 6),
    ):
        code = area_code[:width]
        seat = roster.seat(role, code, now) if len(code) == width else None
        if seat is not None:
            words = f"{atlas.name(seat)} {translate(locale, ROLE_NAMES[role])}"
            rooms.append((f"role:{role.value}@{seat}", words))
    people: list[tuple[str, str]] = []
    for role in (Role.GRID_WORKER, Role.GRID_HEAD):
        for staff_id in roster.holders(role, area_code, now)[:8]:
            words = f"{roster.staff_name(staff_id)}({translate(locale, ROLE_NAMES[role])})"
            people.append((f"staff:{staff_id}", words))
    return [
        (translate(locale, words), pairs)
        for words, pairs in (("部门站所", bodies), ("指挥室", rooms), ("网格人员", people))
        if pairs
    ]
