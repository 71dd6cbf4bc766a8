"""The XML of the competition's rosters (`inrc`), read whole or refused."""

from collections.abc import Iterable, Mapping
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

#: A weight, and a number of a rule, are no larger in any file that means it: what is made is counted in
#: whole numbers of so many bits.
WEIGHT_MOST, NUMBER_MOST = 100_000, 1_000
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def read_xml(raw: bytes) -> Instance:
    """An instance of the competition. Raises Unreadable for anything else."""
    root = xml_root(raw, unlike)
    try:
        return _instance(root)
    except (LookupError, ValueError, AttributeError, TypeError) as wrong:
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
        _cover(root, first, days, {one.id for one in shifts}),
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
        _weighs(node, f"Pattern {node.attrib['ID']}"),
    )


def _whole(text: str, most: int, where: str) -> int:
    """A number from 0 on that is not too large; Unreadable says where it stands."""
    value = int(text)
    if not 0 <= value <= most:
        raise Unreadable(
            [
                said(
                    "{where}:要 0 到 {most} 的整数,这里是 {value}。",
                    where=where,
                    most=most,
                    value=value,
                )
            ]
        )
    return value


def _weighs(node: ElementTree.Element, where: str) -> int:
    return _whole(node.attrib["weight"], WEIGHT_MOST, f"{where} weight")


def _where(contract: ElementTree.Element, path: str) -> str:
    return f"Contract {contract.attrib['ID']} {path}"


def _bound(node: ElementTree.Element, path: str) -> Bound | None:
    found = node.find(path)
    if found is None or found.attrib.get("on") != "1":
        return None
    where = _where(node, path)
    weight = _weighs(found, where)
    return Bound(_whole(found.text or "", NUMBER_MOST, where), weight) if weight else None


def _weight(node: ElementTree.Element, path: str) -> int:
    found = node.find(path)
    on = found is not None and (found.text or "").strip().lower() == "true"
    return _weighs(found, _where(node, path)) if found is not None and on else 0


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


def _cover(
    root: ElementTree.Element, first: date, days: int, shifts: set[str]
) -> dict[tuple[int, str], int]:
    found: dict[tuple[int, str], int] = {}

    def fill(node: ElementTree.Element, when: str, inside: Iterable[int]) -> None:
        for one in node.findall("Cover"):
            shift = _text(one, "Shift")
            if shift not in shifts:
                raise ValueError(f"<Cover> {shift}")
            asked = _whole(_text(one, "Preferred"), WEIGHT_MOST, f"Cover {when} {shift}")
            found.update(((day, shift), asked) for day in inside)

    for node in root.findall("CoverRequirements/DayOfWeekCover"):
        name = _text(node, "Day")
        weekday = WEEKDAYS.index(name)
        every = [n for n in range(days) if (first + timedelta(days=n)).weekday() == weekday]
        fill(node, name, every)
    for node in root.findall("CoverRequirements/DateSpecificCover"):
        name = _text(node, "Date")
        day = (date.fromisoformat(name) - first).days
        if not 0 <= day < days:
            raise ValueError(f"<DateSpecificCover> {name}")
        fill(node, name, [day])
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
            found.append(Wanted(nurse, day, shift, like, _weighs(node, f"{path} {nurse}")))
    return tuple(found)
