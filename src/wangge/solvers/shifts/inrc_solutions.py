"""Rosters of the competition (`inrc`) as its own solution files: written and read."""

from datetime import date, timedelta
from xml.etree import ElementTree

from wangge.solvers.files import Unreadable, refuse, xml_root
from wangge.solvers.shifts.inrc import Instance, Roster
from wangge.solvers.shifts.inrc_reading import unlike
from wangge.solvers.words import Sentence, said


def solution_text(instance: Instance, roster: Roster, penalty: int) -> str:
    """The competition's XML: who works which shift on which date."""
    root = ElementTree.Element("Solution")
    for tag, text in (
        ("SchedulingPeriodID", instance.id),
        ("Competitor", "wangge"),
        ("SoftConstraintsPenalty", str(penalty)),
    ):
        ElementTree.SubElement(root, tag).text = text
    for (who, day), shift in sorted(roster.items(), key=lambda one: (one[0][1], one[0][0])):
        row = ElementTree.SubElement(root, "Assignment")
        when = instance.first + timedelta(days=day)
        for tag, text in (("Date", when.isoformat()), ("Employee", who), ("ShiftType", shift)):
            ElementTree.SubElement(row, tag).text = text
    ElementTree.indent(root)
    return (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        + ElementTree.tostring(root, "unicode")
        + "\n"
    )


def read_solution(raw: bytes, instance: Instance) -> dict[tuple[str, int], str]:
    """A roster from its file; Unreadable where it is none, or gives somebody two shifts of a day."""
    root = xml_root(raw, unlike)
    if root.tag != "Solution":
        raise Unreadable([unlike(f"<{root.tag}>")])
    roster: dict[tuple[str, int], str] = {}
    found: list[Sentence] = []
    for row, one in enumerate(root.iter("Assignment"), 1):
        told = {
            tag: (one.findtext(tag) or "").strip() for tag in ("Date", "Employee", "ShiftType")
        }
        try:
            day = (date.fromisoformat(told["Date"]) - instance.first).days
        except ValueError:
            found.append(
                said("第 {row} 个 Assignment 的日期不对:{date}。", row=row, date=told["Date"])
            )
            continue
        place = told["Employee"], day
        if place in roster:
            found.append(
                said("第 {row} 个 Assignment:{who} 同一天已经有一个班。", row=row, who=place[0])
            )
        roster[place] = told["ShiftType"]
    refuse(found)
    return roster
