"""The competition's rosters: read from its XML, judged as it judges, and solved to what the judge counts."""

from dataclasses import replace
from datetime import date
from itertools import product
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from wangge.solvers import Budget
from wangge.solvers.files import Unreadable
from wangge.solvers.shifts.inrc import (
    Bound,
    Contract,
    Instance,
    Nurse,
    Pattern,
    ShiftType,
    Wanted,
    penalty,
)
from wangge.solvers.shifts.inrc_lines import ONE, crew
from wangge.solvers.shifts.inrc_making import Solved, confirmed, solve
from wangge.solvers.shifts.inrc_prices import Prices
from wangge.solvers.shifts.inrc_reading import read_xml
from wangge.solvers.shifts.inrc_swaps import Swaps
from wangge.solvers.shifts.searching import Effort

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
    made = solve(week, budget=Budget(1_000_000, 60.0), effort=Effort(workers=1))
    assert made.roster is not None
    judged = penalty(week, made.roster)
    assert (judged.broken, judged.whole) == (0, made.cost)
    assert made.proved
    assert made.bound == made.cost


def invented(seed: int, days: int = 14, people: int = 4) -> Instance:
    """A roster with every kind of rule, at random, over two weekends that the period may cut."""
    random = Random(seed)

    def bound(most: int) -> Bound | None:
        return random.choice([None, Bound(random.randint(0, most), random.randint(1, 4))])

    def pattern() -> Pattern:
        shifts = random.choices(["D", "N", "None", "Any"], k=random.randint(1, 3))
        return Pattern(tuple(shifts), random.choice([None, random.randrange(7)]), 2)

    contracts = [
        Contract(
            most=bound(9),
            least=bound(9),
            most_days=bound(4),
            least_days=bound(3),
            most_free=bound(4),
            least_free=bound(3),
            most_weekends=bound(2),
            least_weekends=bound(2),
            weekends_in_four=bound(2),
            weekend=random.choice([(5, 6), (4, 5, 6), (5, 6, 0), ()]),
            complete=random.randint(0, 3),
            identical=random.randint(0, 3),
            no_night_before=random.randint(0, 3),
            other_skill=random.randint(0, 3),
            patterns=tuple(pattern() for _ in range(random.randint(0, 3))),
        )
        for _ in range(2)
    ]
    shifts = (
        ShiftType("D", frozenset(), night=False),
        ShiftType("N", frozenset({"head"}), night=True),
    )
    nurses = tuple(
        Nurse(str(n), contracts[n % 2], frozenset({"head"} if random.random() < 0.5 else ()))
        for n in range(people)
    )
    cover = {(day, one): random.randint(0, 1) for day in range(days) for one in "DN"}
    wanted = tuple(
        Wanted(
            str(random.randrange(people)),
            random.randrange(days),
            random.choice([None, "D", "N"]),
            random.random() < 0.5,
            random.randint(1, 3),
        )
        for _ in range(4)
    )
    first = date(2010, 1, 1 + random.randrange(7))
    return Instance("x", first, days, shifts, nurses, cover, wanted)


@settings(max_examples=25, deadline=None)
@given(some.integers(0, 10**6))
def test_a_line_costs_what_the_judge_counts(seed: int) -> None:
    """Only one line is left by prices, and what it costs is asked of both."""
    instance = invented(seed, days=Random(seed).choice([5, 14, 35]))
    random, everybody = Random(seed + 1), crew(instance)
    for n, nurse in enumerate(instance.nurses):
        line = [
            random.choice(
                [0, *(k for k, one in enumerate("DN", 1) if instance.cover[day, one])]
            )
            for day in range(instance.days)
        ]
        price = np.full((instance.days, 3), 1_000 * ONE, np.int64)
        price[np.arange(instance.days), line] = 0
        [(least, found)] = everybody.lines[n].cheapest(price, everybody.own[n][None])
        roster = {(nurse.id, day): "DN"[one - 1] for day, one in enumerate(line) if one}
        alone = replace(instance, nurses=(nurse,), cover={})
        assert list(found.days) == line
        assert least == found.cost * ONE
        assert found.cost == penalty(alone, roster).whole


@settings(max_examples=10, deadline=None)
@given(some.integers(0, 10**6))
def test_swaps_keep_every_place_filled_and_count_what_the_judge_counts(seed: int) -> None:
    instance = invented(seed)
    everybody = crew(instance)
    swaps = Swaps(everybody, seed)
    swaps.run(60, 0, lambda: True)
    for now, cost in ((swaps.now, int(swaps.whole.sum())), (swaps.best, swaps.best_cost)):
        judged = penalty(instance, everybody.roster(now.tolist()))
        assert (judged.broken, judged.whole) == (0, cost)


@settings(max_examples=8, deadline=None)
@given(some.integers(0, 10**6))
def test_the_bound_is_never_above_the_cheapest_of_all_rosters(seed: int) -> None:
    """Every roster of a few days is looked at."""
    instance = invented(seed, days=4, people=3)
    everybody = crew(instance)
    prices = Prices(everybody)
    prices.better(10**6, lambda: True)
    days = [
        [
            who
            for who in product(range(3), repeat=3)
            if all(who.count(k) == instance.cover[day, one] for k, one in enumerate("DN", 1))
        ]
        for day in range(4)
    ]
    cheapest = min(
        penalty(instance, everybody.roster(list(zip(*every, strict=True)))).whole
        for every in product(*days)
    )
    made = solve(instance, budget=Budget(100_000, 60.0), effort=Effort(workers=1))
    assert made.proved
    assert prices.least <= cheapest == made.cost
    may = prices.may(made.cost)
    assert made.roster is not None
    assert all(
        may[one.id, day, 1 + "DN".index(shift) if shift else 0]
        for one in instance.nurses
        for day in range(instance.days)
        for shift in [made.roster.get((one.id, day))]
    )


def dear(weight: int) -> Instance:
    """Whoever works less than nine of fourteen days pays so much a day; too few places are needed."""
    instance = invented(7)
    nurses = tuple(
        replace(one, contract=replace(one.contract, least=Bound(9, weight)))
        for one in instance.nurses
    )
    return replace(instance, nurses=nurses)


def test_large_weights_are_counted_as_the_judge_counts_them() -> None:
    instance = dear(3_000_000_000)
    made = solve(instance, budget=Budget(600, 60.0), effort=Effort(workers=1))
    assert made.roster is not None
    judged = penalty(instance, made.roster)
    assert judged.whole > 2**32
    assert (judged.broken, judged.whole) == (0, made.cost)
    assert 2**32 < made.bound <= made.cost


def test_what_the_judge_counts_otherwise_is_not_called_proved(week: Instance) -> None:
    made = solve(week, budget=Budget(1_000_000, 60.0), effort=Effort(workers=1))
    assert confirmed(week, made) == made
    for wrong in (
        replace(made, cost=made.cost - 5, bound=made.cost - 5),
        replace(made, bound=made.cost + 1),
    ):
        assert confirmed(week, wrong) == Solved(made.roster, made.cost, 0, proved=False)


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        (
            'MinNumAssignments on="1" weight="1"',
            'MinNumAssignments on="1" weight="100001"',
            "Contract 0 MinNumAssignments weight:要 0 到 100000 的整数,这里是 100001。",
        ),
        (
            ">4</MaxNumAssignments>",
            ">1001</MaxNumAssignments>",
            "Contract 0 MaxNumAssignments:要 0 到 1000",
        ),
        ('CompleteWeekends weight="3"', 'CompleteWeekends weight="-3"', "CompleteWeekends"),
        ('Pattern ID="0" weight="7"', f'Pattern ID="0" weight="{10**13}"', "Pattern 0 weight"),
        ('DayOff weight="9"', f'DayOff weight="{10**9}"', "DayOffRequests/DayOff a weight"),
        ("<Preferred>1<", "<Preferred>-1<", "Cover Monday D:要 0"),
        ("<Cover><Shift>D", "<Cover><Shift>X", "Cover Monday:文件里没有“X”"),
        ('weight="7"', 'weight="1.5"', "Pattern 0 weight:要 0 到 100000 的整数,这里是 1.5"),
        ('weight="7"', "", "Pattern 0 缺“weight”"),
        ("2010-01-10", "2010-13-45", "EndDate:“2010-13-45”不是日子"),
        ("<Day>Friday", "<Day>Freitag", "Pattern 1 Day:文件里没有“Freitag”"),
        ("<ContractID>0", "<ContractID>9", "ContractID:文件里没有“9”"),
        ("<StartDate>2010-01-04</StartDate>", "", "SchedulingPeriod hand 缺“StartDate”"),
    ],
)
def test_numbers_that_cannot_be_meant_are_refused_where_they_stand(
    was: str, now: str, words: str
) -> None:
    with pytest.raises(Unreadable) as refused:
        read_xml(XML.replace(was, now).encode())
    assert words in str(refused.value)


def test_the_same_tries_and_seed_give_the_same_roster() -> None:
    instance = invented(7)
    effort = Effort(seed=3, repeatable=True)
    first, second = (solve(instance, budget=Budget(400), effort=effort) for _ in range(2))
    assert first == second


def test_whoever_says_stop_gets_the_best_so_far() -> None:
    instance = invented(5)
    budget = Budget(1_000_000, 60.0, cancelled=lambda: True)
    made = solve(instance, budget=budget)
    assert budget.stopped == "cancelled"
    assert made.roster is not None
    assert penalty(instance, made.roster).broken == 0


def test_where_a_day_asks_for_more_people_than_there_are_there_is_no_roster() -> None:
    instance = replace(invented(5), cover={(3, "D"): 4, (3, "N"): 1})
    made = solve(instance, budget=Budget(1_000, 10.0))
    assert (made.roster, made.proved) == (None, False)


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
