"""Routing rules: class × area × time × mode → who is asked. Pure, but for loading them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from uuid import NAMESPACE_URL, UUID, uuid5

from wangge.cases.taxonomy import Level
from wangge.kernel.actors import Role
from wangge.kernel.cache import Cached
from wangge.kernel.calendars import Calendar
from wangge.kernel.database import Tx
from wangge.kernel.said import said
from wangge.people.roster import Roster

LEVELS: tuple[Level, ...] = (Level.GRID, Level.COMMUNITY, Level.STREET, Level.COUNTY)
#: Digits of an area code at each level.
WIDTHS = {Level.GRID: 15, Level.COMMUNITY: 12, Level.STREET: 9, Level.COUNTY: 6}
#: Whose pool a case climbs to when nobody below answers.
ROOMS = {
    Level.COMMUNITY: Role.COMMUNITY_OFFICER,
    Level.STREET: Role.STREET_OFFICER,
    Level.COUNTY: Role.DISTRICT_OFFICER,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `unit` is a role code, `platform` or `platform:part of a name` for a body, or a
    team's kind; a room needs none."""

    id: UUID
    position: int
    name: str
    active: bool
    class_prefix: str
    area_code: str
    channel: str | None
    mode: str
    hours: str
    unit_kind: str
    unit: str
    level: Level
    answer_minutes: int
    note: str
    #: Why this one: its conditions as a sentence to keep, on the case.
    why: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        parts = [
            said("事项 {prefix}*", prefix=self.class_prefix)
            if self.class_prefix
            else "所有事项"
        ]
        if self.area_code:
            parts.append(said("区域 {code}", code=self.area_code))
        if self.channel:
            parts.append(said("渠道 {channel}", channel=self.channel))
        if self.mode != "any":
            parts.append("战时" if self.mode == "war" else "平时")
        if self.hours != "any":
            parts.append("工作时间" if self.hours == "working" else "非工作时间")
        why = said("规则{n}“{name}”:{when}", n=self.position, name=self.name, when=parts)
        object.__setattr__(self, "why", why)

    def matches(
        self, class_code: str, area_code: str, channel: str, *, war: bool, working: bool
    ) -> bool:
        """Whether this rule speaks for such a case at such a time."""
        return (
            class_code.startswith(self.class_prefix)
            and area_code.startswith(self.area_code)
            and (self.channel is None or self.channel == channel)
            and (self.mode == "any" or (self.mode == "war") == war)
            and (self.hours == "any" or (self.hours == "working") == working)
        )


NO_RULE = said("没有匹配的分派规则,转指挥室人工派遣")


class Rulebook:
    """A district's active rules in order."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(sorted((r for r in rules if r.active), key=lambda r: r.position))
        self._by_class: dict[str, tuple[Rule, ...]] = {}

    def match(
        self,
        class_code: str,
        area_code: str,
        channel: str,
        *,
        war: bool,
        calendar: Calendar,
        now: datetime,
    ) -> Rule | None:
        """The first rule that matches, or None: then it is the command room's to place."""
        near = self._by_class.get(class_code)
        if near is None:
            near = tuple(r for r in self.rules if class_code.startswith(r.class_prefix))
            self._by_class[class_code] = near
        working: bool | None = None
        for rule in near:
            if rule.hours != "any" and working is None:
                working = calendar.is_working(now)
            if rule.matches(class_code, area_code, channel, war=war, working=bool(working)):
                return rule
        return None


async def all_rules(tx: Tx) -> list[Rule]:
    """Every rule, active or not, in order."""
    return await tx.many(
        Rule,
        """
        select id, position, name, active, class_prefix, area_code, channel, mode, hours,
               unit_kind, unit, level, answer_minutes, note
          from dispatch_rule order by position
        """,
    )


async def _load(tx: Tx) -> Rulebook:
    return Rulebook(await all_rules(tx))


#: `await RULES.get(tx)`; renewed when a rule changes.
RULES: Cached[Rulebook] = Cached("dispatch", _load)


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom to ask: a task's target, and the level it stands for."""

    target: str
    level: Level


def person_of(target: str | None) -> UUID | None:
    """The person a target asks; None for a body, a team, a room or nobody."""
    kind, _, rest = (target or "").partition(":")
    return UUID(rest) if kind == "staff" else None


def area_at(area_code: str, level: Level) -> str:
    """The area of that level around a place."""
    return area_code[: WIDTHS[level]]


def first_asked(rule: Rule, area_code: str, roster: Roster, now: datetime) -> Iterator[Asked]:
    """Teams, bodies and rooms that the rule itself names, nearest first. (People: `asking`.)"""
    if rule.unit_kind == "team":
        for team in roster.teams(rule.unit, area_code, now):
            if roster.members(team.id):
                yield Asked(f"team:{team.id}", rule.level)
    elif rule.unit_kind == "org":
        platform, _, part = rule.unit.partition(":")
        for org in roster.orgs(platform, area_code):
            if part in org.name and roster.on_duty(org.id, now):
                yield Asked(f"org:{org.id}", rule.level)
    else:
        yield from rooms(area_code, rule.level, roster, now)


def rooms(area_code: str, lowest: Level, roster: Roster, now: datetime) -> Iterator[Asked]:
    """The pools a case climbs through, from `lowest` up: community, street, county."""
    for level in LEVELS[LEVELS.index(lowest) :]:
        role = ROOMS.get(level)
        code = area_at(area_code, level)
        if role is None or len(code) < WIDTHS[level]:
            continue
        seat = roster.seat(role, code, now)
        if seat is not None:
            yield Asked(f"role:{role.value}@{seat}", level)


#: How many of the nearest are asked at one level before the case climbs.
ASKED_MAX = 3


def rooms_above(rule: Rule, area_code: str, roster: Roster, now: datetime) -> Iterator[Asked]:
    """The pools above a rule's own level, who are asked when nobody of it takes the case."""
    above = LEVELS[min(LEVELS.index(rule.level) + 1, len(LEVELS) - 1)]
    return rooms(area_code, above, roster, now)


def why_asked(why: str, passed: int) -> str:
    """The reason of an offer, and how many were passed over so that they can rest; no names."""
    if not passed:
        return why
    return said("{why};{n} 人工时到限,先不派", why=why, n=passed)


@lru_cache(maxsize=100)
def nearest_worker(minutes: int) -> Rule:
    """A rule that is always there: a check goes to the nearest full-time worker, then up."""
    return Rule(
        uuid5(NAMESPACE_URL, "urn:wangge:rule:nearest"),
        0,
        "就近网格员",
        True,
        "",
        "",
        None,
        "any",
        "any",
        "role",
        Role.GRID_WORKER.value,
        Level.GRID,
        minutes,
        "",
    )


@lru_cache(maxsize=100)
def room_rule(minutes: int) -> Rule:
    """For a case without a rule of its own: the street's command room."""
    return Rule(
        uuid5(NAMESPACE_URL, "urn:wangge:rule:room"),
        0,
        "指挥室",
        True,
        "",
        "",
        None,
        "any",
        "any",
        "room",
        "",
        Level.STREET,
        minutes,
        "",
    )


#: A new district's rules: name, class, kind of unit, unit, level, minutes to answer.
STARTER_RULES: tuple[tuple[str, str, str, str, Level, int], ...] = (
    ("急危重症:街道指挥室立即接", "X0101", "room", "", Level.STREET, 3),
    ("火情、伤亡、燃气:应急站", "E0404", "org", "YJ", Level.STREET, 3),
    ("伤亡:应急站", "E0405", "org", "YJ", Level.STREET, 3),
    ("燃气:燃气抢修", "Y0103", "org", "GG:燃气", Level.STREET, 5),
    ("管道破裂:供水抢修", "E0401", "org", "GG:供水", Level.STREET, 10),
    ("停水停电停气:服务站", "F0106", "org", "GG", Level.STREET, 15),
    ("井盖:市政", "C0114", "org", "YJ", Level.STREET, 10),
    ("信号灯:应急站", "C0210", "org", "YJ", Level.STREET, 10),
    ("线缆:应急站", "C0116", "org", "YJ", Level.STREET, 10),
    ("灯杆倒伏漏电:应急站", "C0118b", "org", "YJ", Level.STREET, 10),
    ("树木倒伏:应急站", "C0402", "org", "YJ", Level.STREET, 10),
    ("消防设施:应急站", "C0113", "org", "YJ", Level.STREET, 20),
    ("危险弃物:应急站", "E0119", "org", "YJ", Level.STREET, 10),
    ("电梯停运:社区", "Y0108", "room", "", Level.COMMUNITY, 20),
    ("作风投诉:区(县)指挥中心", "F0116", "room", "", Level.COUNTY, 240),
    ("犬只与动物:社区", "E0118", "room", "", Level.COMMUNITY, 60),
    ("害虫:社区", "E0117", "room", "", Level.COMMUNITY, 120),
    ("独居老人:就近网格员", "F0102", "role", "grid_worker", Level.GRID, 10),
    ("邻里纠纷:网格员先调", "Z0101", "role", "grid_worker", Level.GRID, 60),
    ("人口变动:网格员核", "Z0301", "role", "grid_worker", Level.GRID, 240),
    ("代办服务:网格员", "F0104", "role", "grid_worker", Level.GRID, 60),
    ("紧急用药:网格员", "X0102", "role", "grid_worker", Level.GRID, 10),
    ("生活物资:网格员", "X0103", "role", "grid_worker", Level.GRID, 30),
    ("体温漏报:网格员", "X0302", "role", "grid_worker", Level.GRID, 15),
    ("未见面:网格员", "X0501", "role", "grid_worker", Level.GRID, 15),
    ("应检未检:网格员", "X0502", "role", "grid_worker", Level.GRID, 15),
    ("返乡未登记:网格员", "X0401", "role", "grid_worker", Level.GRID, 30),
    ("暴露垃圾等:社区", "E0102", "room", "", Level.COMMUNITY, 60),
    ("道路不洁:社区", "E0104", "room", "", Level.COMMUNITY, 60),
    ("消防通道:社区", "Y0101", "room", "", Level.COMMUNITY, 20),
    ("电动车充电:社区", "Y0102", "room", "", Level.COMMUNITY, 20),
    ("困难救助与服务:民政窗口", "F01", "org", "GG", Level.STREET, 60),
    ("纠纷:调解", "Z01", "org", "ZZ", Level.STREET, 120),
    ("治安线索:派出所", "Z02", "org", "ZZ", Level.STREET, 15),
    ("人房:综治", "Z03", "org", "ZZ", Level.STREET, 240),
    ("安全隐患:应急站", "Y", "org", "YJ", Level.STREET, 20),
    ("市容与施工:综合执法", "E", "org", "JG", Level.STREET, 60),
    ("部件:综合执法", "C", "org", "JG", Level.STREET, 60),
)


async def install_starter_rules(tx: Tx) -> None:
    """Give a new district rules to begin with; it edits them as it likes."""
    rows = list(enumerate(STARTER_RULES, 1))
    await tx.run(
        """
        insert into dispatch_rule
               (id, position, name, class_prefix, unit_kind, unit, level, answer_minutes)
        select * from unnest(:ids::uuid[], :positions::int[], :names::text[],
                             :prefixes::text[], :kinds::text[], :units::text[],
                             :levels::text[], :minutes::int[])
        on conflict (id) do nothing
        """,
        ids=[uuid5(NAMESPACE_URL, f"urn:wangge:rule:starter:{n}") for n, _ in rows],
        positions=[n * 10 for n, _ in rows],
        names=[row[0] for _, row in rows],
        prefixes=[row[1] for _, row in rows],
        kinds=[row[2] for _, row in rows],
        units=[row[3] for _, row in rows],
        levels=[row[4].value for _, row in rows],
        minutes=[row[5] for _, row in rows],
    )
    await tx.bump("dispatch")
