"""The XML of the competition's rosters (`inrc`), read whole or refused."""

from collections.abc import Mapping
from datetime import date, timedelta
from xml.etree import ElementTree

from wangge.solvers.files import Unreadable, xml_root
from wangge.solvers.shifts.inrc import (
    Bound,
    Contract,
    Instance,
    Nurse,
    Pattern,
    ShiftType,
    Wanted,
)
from wangge.solvers.words import Sentence, said

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


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
