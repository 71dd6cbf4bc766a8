"""The public rosters of the nurse rostering competition of 2010 (INRC-2010 XML): read, and judged as the
competition judges them, so that anybody can compare.

Haspeslagh, De Causmaecker, Stølevik, Schaerf, *The first international nurse rostering competition 2010*,
Annals of Operations Research 218 (2014). One shift a day and exact cover must hold; everything else costs
its weight. Nothing is known of the time before and after the period: a run of days counts as long as it is
within.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from xml.etree import ElementTree

from wangge.solvers.files import Unreadable, xml_root
from wangge.solvers.words import Sentence, said

#: Who works which shift on which day (0: the first).
Roster = Mapping[tuple[str, int], str]
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Bound:
    """A number and what each one beyond it costs."""

    number: int
    weight: int


@dataclass(frozen=True, slots=True)
class Pattern:
    """Shifts on days one after another that nobody wants; `None` is no shift, `Any` some shift.
    `weekday`: the day on which it begins (0: Monday), none: any."""

    shifts: tuple[str, ...]
    weekday: int | None
    weight: int


@dataclass(frozen=True, slots=True)
class Contract:
    """What a contract asks; a bound that is off is none, a rule that is off weighs nothing."""

    most: Bound | None
    least: Bound | None
    most_days: Bound | None
    least_days: Bound | None
    most_free: Bound | None
    least_free: Bound | None
    most_weekends: Bound | None
    least_weekends: Bound | None
    weekends_in_four: Bound | None
    weekend: tuple[int, ...]
    complete: int
    identical: int
    no_night_before: int
    other_skill: int
    patterns: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class Nurse:
    id: str
    contract: Contract
    skills: frozenset[str]


@dataclass(frozen=True, slots=True)
class ShiftType:
    """`night`: it goes past midnight."""

    id: str
    skills: frozenset[str]
    night: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """Somebody asks for a day, or one shift of it; `like`: to have it, else to be spared."""

    nurse: str
    day: int
    shift: str | None
    like: bool
    weight: int


@dataclass(frozen=True, slots=True)
class Instance:
    """A competition's roster to be made. `cover[day, shift]` people, exactly."""

    id: str
    first: date
    days: int
    shifts: tuple[ShiftType, ...]
    nurses: tuple[Nurse, ...]
    cover: Mapping[tuple[int, str], int]
    wanted: tuple[Wanted, ...]

    def weekday(self, day: int) -> int:
        """0: Monday."""
        return (self.first + timedelta(days=day)).weekday()

    def weekends(self, contract: Contract) -> list[tuple[int, ...]]:
        """The days of each weekend that lie within the period, as the contract defines one."""
        if not contract.weekend:
            return []
        found: list[tuple[int, ...]] = []
        for day in range(-6, self.days):
            if self.weekday(day) == contract.weekend[0]:
                whole = range(day, day + len(contract.weekend))
                inside = tuple(one for one in whole if 0 <= one < self.days)
                if inside:
                    found.append(inside)
        return found


# -- reading -----------------------------------------------------------------------------------


def read_xml(raw: bytes) -> Instance:
    """An instance of the competition. Raises Unreadable for anything else."""
    root = xml_root(raw, unlike)
    try:
        return _instance(root)
    except (KeyError, ValueError, AttributeError, TypeError) as wrong:
        raise Unreadable([unlike(str(wrong))]) from wrong


def unlike(why: str) -> Sentence:
    """What a file of the competition should be and is not."""
    return said("不是 INRC-2010 的 XML:{why}", why=why)


def _text(node: ElementTree.Element, path: str) -> str:
    found = node.findtext(path)
    if found is None:
        raise ValueError(f"<{path}>")
    return found.strip()


def _instance(root: ElementTree.Element) -> Instance:
    if root.tag != "SchedulingPeriod":
        raise ValueError(f"<{root.tag}>")
    first = date.fromisoformat(_text(root, "StartDate"))
    days = (date.fromisoformat(_text(root, "EndDate")) - first).days + 1
    if not 1 <= days <= 366:
        raise ValueError("EndDate")
    shifts = tuple(
        ShiftType(
            node.attrib["ID"],
            frozenset(one.text or "" for one in node.findall("Skills/Skill")),
            _text(node, "EndTime") < _text(node, "StartTime"),
        )
        for node in root.findall("ShiftTypes/Shift")
    )
    patterns = {node.attrib["ID"]: _pattern(node) for node in root.findall("Patterns/Pattern")}
    contracts = {
        node.attrib["ID"]: _contract(node, patterns)
        for node in root.findall("Contracts/Contract")
    }
    nurses = tuple(
        Nurse(
            node.attrib["ID"],
            contracts[_text(node, "ContractID")],
            frozenset(one.text or "" for one in node.findall("Skills/Skill")),
        )
        for node in root.findall("Employees/Employee")
    )
    if not shifts or not nurses:
        raise ValueError("<Employees>")
    return Instance(
        root.attrib.get("ID", ""),
        first,
        days,
        shifts,
        nurses,
        _cover(root, first, days),
        _all_wanted(root, first, {one.id for one in nurses}, {one.id for one in shifts}),
    )


def _pattern(node: ElementTree.Element) -> Pattern:
    entries = sorted(
        node.findall("PatternEntries/PatternEntry"), key=lambda one: int(one.attrib["index"])
    )
    day = _text(entries[0], "Day")
    return Pattern(
        tuple(_text(one, "ShiftType") for one in entries),
        None if day == "Any" else WEEKDAYS.index(day),
        int(node.attrib["weight"]),
    )


def _bound(node: ElementTree.Element, path: str) -> Bound | None:
    found = node.find(path)
    if found is None or found.attrib.get("on") != "1" or int(found.attrib["weight"]) == 0:
        return None
    return Bound(int(found.text or ""), int(found.attrib["weight"]))


def _weight(node: ElementTree.Element, path: str) -> int:
    found = node.find(path)
    on = found is not None and (found.text or "").strip().lower() == "true"
    return int(found.attrib["weight"]) if found is not None and on else 0


def _contract(node: ElementTree.Element, patterns: Mapping[str, Pattern]) -> Contract:
    words = node.findtext("WeekendDefinition") or "SaturdaySunday"
    weekend = tuple(n for n, day in enumerate(WEEKDAYS) if day in words)
    if 0 in weekend:  # … Saturday, Sunday, Monday
        weekend = (*(n for n in weekend if n), 0)
    return Contract(
        _bound(node, "MaxNumAssignments"),
        _bound(node, "MinNumAssignments"),
        _bound(node, "MaxConsecutiveWorkingDays"),
        _bound(node, "MinConsecutiveWorkingDays"),
        _bound(node, "MaxConsecutiveFreeDays"),
        _bound(node, "MinConsecutiveFreeDays"),
        _bound(node, "MaxConsecutiveWorkingWeekends"),
        _bound(node, "MinConsecutiveWorkingWeekends"),
        _bound(node, "MaxWorkingWeekendsInFourWeeks"),
        weekend,
        _weight(node, "CompleteWeekends"),
        _weight(node, "IdenticalShiftTypesDuringWeekend"),
        _weight(node, "NoNightShiftBeforeFreeWeekend"),
        _weight(node, "AlternativeSkillCategory"),
        tuple(
            patterns[(one.text or "").strip()]
            for one in node.findall("UnwantedPatterns/Pattern")
        ),
    )


def _cover(root: ElementTree.Element, first: date, days: int) -> dict[tuple[int, str], int]:
    found: dict[tuple[int, str], int] = {}
    for node in root.findall("CoverRequirements/DayOfWeekCover"):
        weekday = WEEKDAYS.index(_text(node, "Day"))
        for one in node.findall("Cover"):
            for day in range(days):
                if (first + timedelta(days=day)).weekday() == weekday:
                    found[day, _text(one, "Shift")] = int(_text(one, "Preferred"))
    for node in root.findall("CoverRequirements/DateSpecificCover"):
        day = (date.fromisoformat(_text(node, "Date")) - first).days
        for one in node.findall("Cover"):
            found[day, _text(one, "Shift")] = int(_text(one, "Preferred"))
    return found


def _all_wanted(
    root: ElementTree.Element, first: date, nurses: set[str], shifts: set[str]
) -> tuple[Wanted, ...]:
    found: list[Wanted] = []
    for path, like, has_shift in (
        ("DayOffRequests/DayOff", False, False),
        ("DayOnRequests/DayOn", True, False),
        ("ShiftOffRequests/ShiftOff", False, True),
        ("ShiftOnRequests/ShiftOn", True, True),
    ):
        for node in root.findall(path):
            nurse, shift = _text(node, "EmployeeID"), None
            if has_shift:
                shift = _text(node, "ShiftTypeID")
            if nurse not in nurses or (shift is not None and shift not in shifts):
                raise ValueError(f"<{path}> {nurse} {shift or ''}")
            day = (date.fromisoformat(_text(node, "Date")) - first).days
            found.append(Wanted(nurse, day, shift, like, int(node.attrib["weight"])))
    return tuple(found)


# -- judging -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Penalty:
    """`broken` things that must not be (cover, who nobody knows), and the weighted sum of what is not
    wanted, by kind."""

    broken: int
    kinds: Mapping[str, int]

    @property
    def whole(self) -> int:
        """The competition's value: the less, the better."""
        return sum(self.kinds.values())


def penalty(instance: Instance, roster: Roster) -> Penalty:
    """What a roster costs. It knows no solver."""
    known = {one.id: one for one in instance.shifts}
    nurses = {one.id for one in instance.nurses}
    broken = sum(
        who not in nurses or shift not in known or not 0 <= day < instance.days
        for (who, day), shift in roster.items()
    )
    there: dict[tuple[int, str], int] = {}
    for (_, day), shift in roster.items():
        there[day, shift] = there.get((day, shift), 0) + 1
    for place in set(there) | set(instance.cover):
        broken += abs(there.get(place, 0) - instance.cover.get(place, 0))
    kinds: dict[str, int] = {}
    for nurse in instance.nurses:
        days = [roster.get((nurse.id, day)) for day in range(instance.days)]
        for kind, cost in _costs(instance, nurse, days, known):
            if cost:
                kinds[kind] = kinds.get(kind, 0) + cost
    return Penalty(broken, kinds)


def _over(has: int, bound: Bound | None) -> int:
    return 0 if bound is None else bound.weight * max(0, has - bound.number)


def _under(has: int, bound: Bound | None) -> int:
    return 0 if bound is None else bound.weight * max(0, bound.number - has)


def _costs(
    instance: Instance,
    nurse: Nurse,
    days: list[str | None],
    known: Mapping[str, ShiftType],
) -> list[tuple[str, int]]:
    contract = nurse.contract
    works = [one is not None for one in days]
    found = [
        ("most", _over(sum(works), contract.most)),
        ("least", _under(sum(works), contract.least)),
    ]
    for on, group in groupby(works):
        run = len(list(group))
        if on:
            found.append(("most_days", _over(run, contract.most_days)))
            found.append(("least_days", _under(run, contract.least_days)))
        else:
            found.append(("most_free", _over(run, contract.most_free)))
            found.append(("least_free", _under(run, contract.least_free)))
    found += _of_weekends(instance, contract, days, known)
    for pattern in contract.patterns:
        times = sum(
            _fits(instance, pattern, days, day)
            for day in range(instance.days - len(pattern.shifts) + 1)
        )
        found.append(("pattern", pattern.weight * times))
    found.append(
        (
            "skill",
            contract.other_skill
            * sum(
                not known[one].skills <= nurse.skills
                for one in days
                if one is not None and one in known
            ),
        )
    )
    for one in instance.wanted:
        if one.nurse == nurse.id and 0 <= one.day < instance.days:
            has = days[one.day]
            met = (has is not None if one.shift is None else has == one.shift) == one.like
            found.append(("wanted", 0 if met else one.weight))
    return found


def _of_weekends(
    instance: Instance,
    contract: Contract,
    days: list[str | None],
    known: Mapping[str, ShiftType],
) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    worked: list[bool] = []
    for weekend in instance.weekends(contract):
        shifts = [days[day] for day in weekend]
        on = [one is not None for one in shifts]
        worked.append(any(on))
        if len(weekend) < len(contract.weekend):
            continue  # only a part of it lies within the period
        if any(on) and not all(on):
            found.append(("complete", contract.complete * on.count(False)))
        if all(on):
            found.append(("identical", contract.identical * (len(set(shifts)) - 1)))
        before = days[weekend[0] - 1] if weekend[0] else None
        night = before is not None and before in known and known[before].night
        if night and not any(on):
            found.append(("night_before", contract.no_night_before))
    for on_, group in groupby(worked):
        if on_:
            run = len(list(group))
            found.append(("most_weekends", _over(run, contract.most_weekends)))
            found.append(("least_weekends", _under(run, contract.least_weekends)))
    for at in range(len(worked) - 3):
        found.append(
            ("weekends_in_four", _over(sum(worked[at : at + 4]), contract.weekends_in_four))
        )
    return found


def _fits(instance: Instance, pattern: Pattern, days: list[str | None], at: int) -> bool:
    if pattern.weekday is not None and instance.weekday(at) != pattern.weekday:
        return False
    return all(
        has is None if asked == "None" else has is not None if asked == "Any" else has == asked
        for asked, has in zip(pattern.shifts, days[at : at + len(pattern.shifts)], strict=True)
    )
