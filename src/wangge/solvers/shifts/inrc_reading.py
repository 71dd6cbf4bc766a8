"""The XML of the competition's rosters (`inrc`), read whole or refused."""

import re
from collections.abc import Collection, Iterable, Mapping, Set
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


def _called(node: ElementTree.Element) -> str:
    """An element as a sentence names it."""
    return f"{node.tag} {node.attrib['ID']}" if "ID" in node.attrib else node.tag


def _refused(words: str, **values: str) -> Unreadable:
    return Unreadable([said(words, **values)])


def _text(node: ElementTree.Element, path: str) -> str:
    found = node.findtext(path)
    if found is None:
        raise _refused("{where} 缺“{key}”。", where=_called(node), key=path)
    return found.strip()


def _attribute(node: ElementTree.Element, name: str, where: str = "") -> str:
    if name not in node.attrib:
        raise _refused("{where} 缺“{key}”。", where=where or _called(node), key=name)
    return node.attrib[name]


def _day(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _refused("{where}:“{value}”不是日子。", where=where, value=text) from None


def _known(text: str, known: Collection[str], where: str) -> str:
    if text not in known:
        raise _refused("{where}:文件里没有“{value}”。", where=where, value=text)
    return text


def _instance(root: ElementTree.Element) -> Instance:
    if root.tag != "SchedulingPeriod":
        raise ValueError(f"<{root.tag}>")
    first = _day(_text(root, "StartDate"), "StartDate")
    days = (_day(_text(root, "EndDate"), "EndDate") - first).days + 1
    if not 1 <= days <= 366:
        raise _refused("EndDate 要在 StartDate 以后、一年以内。")
    shifts = tuple(
        ShiftType(
            _attribute(node, "ID"),
            frozenset(one.text or "" for one in node.findall("Skills/Skill")),
            _text(node, "EndTime") < _text(node, "StartTime"),
        )
        for node in root.findall("ShiftTypes/Shift")
    )
    ids = {one.id for one in shifts}
    patterns = {
        _attribute(node, "ID"): _pattern(node, ids) for node in root.findall("Patterns/Pattern")
    }
    contracts = {
        _attribute(node, "ID"): _contract(node, patterns)
        for node in root.findall("Contracts/Contract")
    }
    nurses = tuple(
        Nurse(
            _attribute(node, "ID"),
            contracts[
                _known(_text(node, "ContractID"), contracts, f"{_called(node)} ContractID")
            ],
            frozenset(one.text or "" for one in node.findall("Skills/Skill")),
        )
        for node in root.findall("Employees/Employee")
    )
    for path, there in (("ShiftTypes", shifts), ("Employees", nurses)):
        if not there:
            raise _refused("{where} 缺“{key}”。", where=root.tag, key=path)
    return Instance(
        root.attrib.get("ID", ""),
        first,
        days,
        shifts,
        nurses,
        _cover(root, first, days, ids),
        _all_wanted(root, first, {one.id for one in nurses}, ids),
    )


def _pattern(node: ElementTree.Element, shifts: Set[str]) -> Pattern:
    where = _called(node)
    entries = sorted(
        node.findall("PatternEntries/PatternEntry"),
        key=lambda one: _whole(_attribute(one, "index", where), NUMBER_MOST, f"{where} index"),
    )
    if not entries:
        raise _refused("{where} 缺“{key}”。", where=where, key="PatternEntry")
    day = _known(_text(entries[0], "Day"), ("Any", *WEEKDAYS), f"{where} Day")
    known = {*shifts, "Any", "None"}
    return Pattern(
        tuple(_known(_text(one, "ShiftType"), known, f"{where} ShiftType") for one in entries),
        None if day == "Any" else WEEKDAYS.index(day),
        _weighs(node, where),
    )


def _whole(text: str, most: int, where: str) -> int:
    """A number from 0 on that is not too large; Unreadable says where it stands."""
    text = text.strip()
    # Longer numbers would not be read at all.
    if not re.fullmatch(r"[0-9]{1,10}", text) or int(text) > most:
        wrong = said(
            "{where}:要 0 到 {most} 的整数,这里是 {value}。",
            where=where,
            most=most,
            value=text[:20],
        )
        raise Unreadable([wrong])
    return int(text)


def _weighs(node: ElementTree.Element, where: str) -> int:
    return _whole(_attribute(node, "weight", where), WEIGHT_MOST, f"{where} weight")


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
            patterns[
                _known((one.text or "").strip(), patterns, _where(node, "UnwantedPatterns"))
            ]
            for one in node.findall("UnwantedPatterns/Pattern")
        ),
    )


def _cover(
    root: ElementTree.Element, first: date, days: int, shifts: set[str]
) -> dict[tuple[int, str], int]:
    found: dict[tuple[int, str], int] = {}

    def fill(node: ElementTree.Element, when: str, inside: Iterable[int]) -> None:
        for one in node.findall("Cover"):
            shift = _known(_text(one, "Shift"), shifts, f"Cover {when}")
            asked = _whole(_text(one, "Preferred"), WEIGHT_MOST, f"Cover {when} {shift}")
            found.update(((day, shift), asked) for day in inside)

    for node in root.findall("CoverRequirements/DayOfWeekCover"):
        name = _known(_text(node, "Day"), WEEKDAYS, "DayOfWeekCover Day")
        weekday = WEEKDAYS.index(name)
        every = [n for n in range(days) if (first + timedelta(days=n)).weekday() == weekday]
        fill(node, name, every)
    for node in root.findall("CoverRequirements/DateSpecificCover"):
        name = _text(node, "Date")
        day = (_day(name, "DateSpecificCover Date") - first).days
        if not 0 <= day < days:
            raise _refused(
                "DateSpecificCover 的 {value} 不在 StartDate 到 EndDate 之间。", value=name
            )
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
            nurse = _known(_text(node, "EmployeeID"), nurses, path)
            shift = _known(_text(node, "ShiftTypeID"), shifts, path) if has_shift else None
            day = (_day(_text(node, "Date"), f"{path} {nurse} Date") - first).days
            found.append(Wanted(nurse, day, shift, like, _weighs(node, f"{path} {nurse}")))
    return tuple(found)
