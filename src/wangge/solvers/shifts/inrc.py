"""The public rosters of the nurse rostering competition of 2010 (INRC-2010, read by `inrc_reading`): judged
as the competition judges them, so that anybody can compare.

Haspeslagh, De Causmaecker, Stølevik, Schaerf, *The first international nurse rostering competition 2010*,
Annals of Operations Research 218 (2014). One shift a day and exact cover must hold; everything else costs
its weight. Nothing is known of the time before and after the period: a run of days counts as long as it is
within.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

#: Who works which shift on which day (0: the first).
Roster = Mapping[tuple[str, int], str]


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
