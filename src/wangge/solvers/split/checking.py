"""Judges who takes which floors, whoever divided them: ours, a file, a hand.

Shares no code with what divides (an import contract says so); both read the same definitions in
`town`. It walks every person's runs floor by floor with a clock, and ends with the closing list:
the doors that are in nobody's hands.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from wangge.solvers.split.town import (
    Hand,
    Run,
    Stairwell,
    Stop,
    Team,
    Town,
    climb_seconds,
    has_work,
    leave_seconds,
    level,
    serve_seconds,
    start_seconds,
    walk_seconds,
)
from wangge.solvers.words import Sentence, said

Kind = Literal[
    "missed",
    "twice",
    "late",
    "unknown_stairwell",
    "unknown_worker",
    "too_many_people",
    "worker_twice",
    "stairwell_twice",
    "upside_down",
]


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong, where, and why in a sentence."""

    kind: Kind
    stairwell: str | None
    floor: int | None
    why: Sentence


@dataclass(frozen=True, slots=True)
class Load:
    """What one person walks: minutes until the last door."""

    worker: str
    team: Team
    minutes: float
    doors: int
    special: int
    floors: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    violations: tuple[Violation, ...]
    loads: tuple[Load, ...]
    longest: float
    doors: int
    left: int
    sentences: tuple[Sentence, ...]


def check(town: Town, hands: Sequence[Hand]) -> Verdict:
    """Judge a division. Never raises on a bad one: what does not fit is a violation. The home team
    is judged only where somebody walks for it."""
    return _Check(town, hands).verdict()


class _Check:
    def __init__(self, town: Town, hands: Sequence[Hand]) -> None:
        self.town = town
        self.hands = hands
        self.known = {one.id: one for one in town.stairwells}
        self.found: list[Violation] = []
        self.taken: Counter[tuple[str, str, int]] = Counter()

    def say(self, kind: Kind, stairwell: str | None, floor: int | None, why: Sentence) -> None:
        self.found.append(Violation(kind, stairwell, floor, why))

    def verdict(self) -> Verdict:
        loads = [self.walked(hand) for hand in self.hands]
        self.named()
        left = self.covered()
        doors = sum(stop.doors for one in self.town.stairwells for stop in one.stops)
        return Verdict(
            tuple(self.found),
            tuple(loads),
            max((one.minutes for one in loads), default=0.0),
            doors,
            left,
            tuple(self.summary(loads, doors, left)),
        )

    def walked(self, hand: Hand) -> Load:
        """Follow one person with a clock in the hand."""
        rules, clock = self.town.rules, 0.0
        doors = special = 0
        floors: list[tuple[str, int]] = []
        here: tuple[Stairwell, int] | None = None
        last_door = 0.0
        seen: set[str] = set()
        for run in hand.runs:
            place = self.known.get(run.stairwell)
            if place is None:
                self.say(
                    "unknown_stairwell",
                    run.stairwell,
                    None,
                    said("没有编号为“{id}”的单元。", id=run.stairwell),
                )
                continue
            if run.stairwell in seen:
                self.say(
                    "stairwell_twice",
                    run.stairwell,
                    None,
                    said("同一个人在{name}分到两段。", name=place.name),
                )
            seen.add(run.stairwell)
            stops = self.on(place, run, hand.team)
            if not stops:
                continue
            if here is None:
                clock += start_seconds(self.town, place)
            else:
                clock += leave_seconds(rules, here[0], here[1])
                clock += walk_seconds(rules, here[0], place)
            at: int | None = None
            for stop in stops:
                if at is None:
                    clock += climb_seconds(rules, place, stop.floor)
                else:
                    clock += rules.down_seconds * (level(at) - level(stop.floor))
                clock += serve_seconds(rules, stop, hand.team)
                at = stop.floor
                last_door = clock
                doors += stop.doors if hand.team != "home" else 0
                special += stop.special if hand.team != "doors" else 0
                floors.append((place.id, stop.floor))
                for part in ("doors", "home") if hand.team == "both" else (hand.team,):
                    self.taken[part, place.id, stop.floor] += 1
            if at is not None:
                here = place, at
        minutes = last_door / 60
        if last_door > self.town.minutes * 60 + 0.5:
            self.say(
                "late",
                None,
                None,
                said(
                    "{worker}的一份要 {longest} 分钟,超过 {minutes} 分钟。",
                    worker=hand.worker or "?",
                    longest=round(minutes, 1),
                    minutes=round(self.town.minutes, 1),
                ),
            )
        return Load(hand.worker, hand.team, round(minutes, 2), doors, special, tuple(floors))

    def on(self, place: Stairwell, run: Run, team: Team) -> list[Stop]:
        if run.top < run.bottom:
            self.say(
                "upside_down",
                place.id,
                run.top,
                said("{name}的一段从低层写到了高层,要从上往下。", name=place.name),
            )
            return []
        inside = [
            stop
            for stop in place.stops
            if run.bottom <= stop.floor <= run.top and has_work(stop, team)
        ]
        return sorted(inside, key=lambda stop: stop.floor, reverse=True)

    def named(self) -> None:
        """Everybody is on the list of those who are there, once a team."""
        by_team: dict[str, list[str]] = defaultdict(list)
        for hand in self.hands:
            by_team["home" if hand.team == "home" else "doors"].append(hand.worker)
        for team, given in (("doors", self.town.workers), ("home", self.town.second)):
            there = by_team[team]
            if given is not None and len(there) > len(given):
                self.say(
                    "too_many_people",
                    None,
                    None,
                    said(
                        "方案用了 {used} 人,到场只有 {there} 人。",
                        used=len(there),
                        there=len(given),
                    ),
                )
            for worker, times in Counter(there).items():
                if worker and times > 1:
                    self.say(
                        "worker_twice", None, None, said("{worker}分到两份。", worker=worker)
                    )
                if worker and given is not None and worker not in given:
                    self.say(
                        "unknown_worker",
                        None,
                        None,
                        said("{worker}不在到场的人里。", worker=worker),
                    )

    def covered(self) -> int:
        """The closing list: every floor once. Answers how many doors are in nobody's hands."""
        left = 0
        visited = any(hand.team != "doors" for hand in self.hands)
        for place in self.town.stairwells:
            for stop in place.stops:
                for team, count in (("doors", stop.doors), ("home", stop.special)):
                    if not count or (team == "home" and not visited):
                        continue
                    times = self.taken[team, place.id, stop.floor]
                    if times == 0:
                        left += count if team == "doors" else 0
                        self.say(
                            "missed",
                            place.id,
                            stop.floor,
                            said(
                                "{name} {floor} 层的 {count} 户没有人走。"
                                if team == "doors"
                                else "{name} {floor} 层要上门的 {count} 人没有人去。",
                                name=place.name,
                                floor=stop.floor,
                                count=count,
                            ),
                        )
                    elif times > 1:
                        self.say(
                            "twice",
                            place.id,
                            stop.floor,
                            said(
                                "{name} {floor} 层分给了 {times} 个人。",
                                name=place.name,
                                floor=stop.floor,
                                times=times,
                            ),
                        )
        return left

    def summary(self, loads: Sequence[Load], doors: int, left: int) -> list[Sentence]:
        told = [
            said(
                "{people} 人走 {doors} 户,最长的一份 {longest} 分钟,时限 {minutes} 分钟。",
                people=len(loads),
                doors=doors - left,
                longest=round(max((one.minutes for one in loads), default=0.0), 1),
                minutes=round(self.town.minutes, 1),
            )
        ]
        if left:
            told.append(said("有 {left} 户没有人走。", left=left))
        if not self.found:
            told.append(said("每一户都有人走,只走一次,都来得及。"))
        return told
