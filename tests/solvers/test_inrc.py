"""The competition's rosters: read from its XML, judged as it judges, and solved to what the judge counts."""

import pytest

from wangge.solvers.files import Unreadable
from wangge.solvers.shifts.inrc import Instance, penalty, read_xml
from wangge.solvers.shifts.inrc_making import solve
from wangge.solvers.shifts.making import Effort

COVER = "".join(
    f"<DayOfWeekCover><Day>{day}</Day>"
    "<Cover><Shift>D</Shift><Preferred>1</Preferred></Cover>"
    f"<Cover><Shift>N</Shift><Preferred>{night}</Preferred></Cover></DayOfWeekCover>"
    for day, night in (
        ("Monday", 1),
        ("Tuesday", 0),
        ("Wednesday", 1),
        ("Thursday", 0),
        ("Friday", 0),
        ("Saturday", 1),
        ("Sunday", 0),
    )
)
#: A week from Monday 2010-01-04 on; three people, days and three nights.
XML = f"""<?xml version="1.0" encoding="utf-8"?>
<SchedulingPeriod ID="hand">
<StartDate>2010-01-04</StartDate><EndDate>2010-01-10</EndDate>
<Skills><Skill>Nurse</Skill><Skill>Head</Skill></Skills>
<ShiftTypes>
<Shift ID="D"><StartTime>08:00:00</StartTime><EndTime>16:00:00</EndTime>
<Skills><Skill>Nurse</Skill></Skills></Shift>
<Shift ID="N"><StartTime>22:00:00</StartTime><EndTime>06:00:00</EndTime>
<Skills><Skill>Head</Skill></Skills></Shift>
</ShiftTypes>
<Patterns><Pattern ID="0" weight="7"><PatternEntries>
<PatternEntry index="1"><ShiftType>D</ShiftType><Day>Any</Day></PatternEntry>
<PatternEntry index="0"><ShiftType>N</ShiftType><Day>Any</Day></PatternEntry>
</PatternEntries></Pattern>
<Pattern ID="1" weight="5"><PatternEntries>
<PatternEntry index="0"><ShiftType>None</ShiftType><Day>Friday</Day></PatternEntry>
<PatternEntry index="1"><ShiftType>Any</ShiftType><Day>Saturday</Day></PatternEntry>
</PatternEntries></Pattern></Patterns>
<Contracts><Contract ID="0">
<MaxNumAssignments on="1" weight="1">4</MaxNumAssignments>
<MinNumAssignments on="1" weight="1">2</MinNumAssignments>
<MaxConsecutiveWorkingDays on="1" weight="2">2</MaxConsecutiveWorkingDays>
<MinConsecutiveWorkingDays on="1" weight="1">2</MinConsecutiveWorkingDays>
<MaxConsecutiveFreeDays on="1" weight="1">4</MaxConsecutiveFreeDays>
<MinConsecutiveFreeDays on="1" weight="1">2</MinConsecutiveFreeDays>
<MaxConsecutiveWorkingWeekends on="0" weight="0">1</MaxConsecutiveWorkingWeekends>
<WeekendDefinition>SaturdaySunday</WeekendDefinition>
<CompleteWeekends weight="3">true</CompleteWeekends>
<IdenticalShiftTypesDuringWeekend weight="4">true</IdenticalShiftTypesDuringWeekend>
<NoNightShiftBeforeFreeWeekend weight="0">false</NoNightShiftBeforeFreeWeekend>
<AlternativeSkillCategory weight="6">true</AlternativeSkillCategory>
<UnwantedPatterns><Pattern>0</Pattern><Pattern>1</Pattern></UnwantedPatterns>
</Contract></Contracts>
<Employees>
<Employee ID="a"><ContractID>0</ContractID><Skills><Skill>Nurse</Skill><Skill>Head</Skill></Skills></Employee>
<Employee ID="b"><ContractID>0</ContractID><Skills><Skill>Nurse</Skill><Skill>Head</Skill></Skills></Employee>
<Employee ID="c"><ContractID>0</ContractID><Skills><Skill>Nurse</Skill></Skills></Employee>
</Employees>
<CoverRequirements>{COVER}</CoverRequirements>
<DayOffRequests><DayOff weight="9"><EmployeeID>a</EmployeeID><Date>2010-01-04</Date></DayOff></DayOffRequests>
<ShiftOffRequests><ShiftOff weight="8"><ShiftTypeID>N</ShiftTypeID><EmployeeID>c</EmployeeID>
<Date>2010-01-09</Date></ShiftOff></ShiftOffRequests>
</SchedulingPeriod>
"""


@pytest.fixture(scope="module")
def week() -> Instance:
    return read_xml(XML.encode())


def test_a_file_of_the_competition_is_read_whole(week: Instance) -> None:
    assert (week.days, week.weekday(0), len(week.nurses)) == (7, 0, 3)
    assert sum(week.cover.values()) == 10
    assert [one.night for one in week.shifts] == [False, True]
    contract = week.nurses[0].contract
    assert contract.most_weekends is None  # it is off
    assert [one.shifts for one in contract.patterns] == [("N", "D"), ("None", "Any")]
    assert [one.weekday for one in contract.patterns] == [None, 4]
    assert week.weekends(contract) == [(5, 6)]


def test_every_kind_of_penalty_is_counted_as_the_competition_counts_it(week: Instance) -> None:
    roster = {
        **{("a", day): "D" for day in (0, 1, 2, 3, 4)},
        ("c", 5): "N",
        ("c", 0): "N",
        ("b", 5): "D",
        ("b", 6): "D",
        ("b", 2): "N",
    }
    found = penalty(week, roster)
    assert found.broken == 0
    assert found.kinds == {
        "most": 1,  # a works five of four
        "most_days": 6,  # five days running, two are enough: three too many, twice each
        "least_free": 1,  # c's Sunday: the period's end ends a run
        "least_days": 3,  # c's two single days, b's one
        "wanted": 9 + 8,  # a's Monday, c's night
        "skill": 12,  # c heads twice without being a head
        "complete": 3,  # c has half a weekend
        "pattern": 10,  # b's and c's Friday is free before a Saturday at work
    }
    assert found.whole == 53
    assert (
        penalty(week, {**roster, ("b", 6): "N"}).broken == 2
    )  # a day's place empty, a night too many
    assert penalty(week, {**roster, ("z", 1): "D"}).broken == 2
    twice = {**roster, ("a", 5): "D"}
    del twice["b", 5]
    assert penalty(week, twice).kinds["least_days"] == 4


def test_what_is_solved_costs_what_the_judge_counts_and_nothing_costs_less(
    week: Instance,
) -> None:
    made = solve(week, seconds=60.0, effort=Effort(workers=1))
    assert made.roster is not None
    judged = penalty(week, made.roster)
    assert (judged.broken, judged.whole) == (0, made.cost)
    assert made.proved
    assert made.bound == made.cost


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<a/>",
        b"<SchedulingPeriod/>",
        XML.replace("2010-01-10", "2009-01-01").encode(),
        XML.replace("<ContractID>0", "<ContractID>9").encode(),
        XML.replace("<EmployeeID>a", "<EmployeeID>x").encode(),
        b'<!DOCTYPE a [<!ENTITY b "c">]><SchedulingPeriod/>',
        b'<?xml version="1.0" encoding="foo"?><SchedulingPeriod/>',
    ],
)
def test_anything_else_is_refused_in_a_sentence(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        read_xml(raw)
