"""The guard: what would a new stint break, and why. Pure Python, for one person at a time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from wangge.solvers.fatigue.limits import (
    DAY,
    WEEK,
    Limits,
    Stint,
    clock,
    day_words,
    hours_words,
)
from wangge.solvers.words import Sentence, said

Kind = Literal["overlap", "longest", "rest", "days", "nights", "week"]


@dataclass(frozen=True, slots=True)
class Breach:
    """One limit that does not hold: `has` beside `limit` (minutes, days or nights), where, and why.
    `overlap` is no limit: nobody is in two places, and no override makes it so."""

    kind: Kind
    has: int
    limit: int
    begins: int
    ends: int
    why: Sentence


def breaks(stints: Iterable[Stint], new: Stint, limits: Limits) -> tuple[Breach, ...]:
    """What the new stint would break beside a person's worked and planned ones, in any order.

    Only what the new stint has a part in: a run of days that was too long before it stays silent
    unless the stint makes it longer.
    """
    others = sorted(stints)
    found: list[Breach] = []
    for one in others:
        if one.begins < new.ends and new.begins < one.ends:
            found.append(_overlap(max(one.begins, new.begins), min(one.ends, new.ends)))
    found += _faults(sorted([*others, new]), limits, new)
    return tuple(found)


def faults(stints: Iterable[Stint], limits: Limits) -> tuple[Breach, ...]:
    """Everything that does not hold in one person's stints."""
    ordered = sorted(stints)
    found: list[Breach] = []
    latest: int | None = None
    for one in ordered:
        if latest is not None and one.begins < latest:
            found.append(_overlap(one.begins, min(one.ends, latest)))
        latest = one.ends if latest is None else max(latest, one.ends)
    found += _faults(ordered, limits, None)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Left:
    """How long somebody on duty from a moment on may stay, and what then comes first; no breach:
    none within a day."""

    minutes: int
    then: Breach | None


def left(stints: Iterable[Stint], at: int, limits: Limits) -> Left:
    """How many minutes more, beginning at `at`, break no limit; what is planned after `at` is left
    aside. At most a day. More duty never mends a limit, so the longest is found by halving."""
    past = [Stint(s.begins, min(s.ends, at)) for s in stints if s.begins < at]

    def first(minutes: int) -> Breach | None:
        if minutes == 0:
            return None
        found = _faults(
            sorted([*past, Stint(at, at + minutes)]), limits, Stint(at, at + minutes)
        )
        return next(found, None)

    low, high, then = 0, DAY, first(DAY)
    if then is None:
        return Left(DAY, None)
    while high - low > 1:
        middle = (low + high) // 2
        found = first(middle)
        if found is None:
            low = middle
        else:
            high, then = middle, found
    return Left(low, then)


def enough(stints: Iterable[Stint], at: int, minutes: int, limits: Limits) -> bool:
    """Whether so many minutes more, beginning at `at`, break no limit: `left` with a single look."""
    return _first(_past(stints, at), at, minutes, limits) is None


def _past(stints: Iterable[Stint], at: int) -> list[Stint]:
    return [Stint(s.begins, min(s.ends, at)) for s in stints if s.begins < at]


def _first(past: Sequence[Stint], at: int, minutes: int, limits: Limits) -> Breach | None:
    new = Stint(at, at + minutes)
    return next(_faults(sorted([*past, new]), limits, new), None)


def _overlap(begins: int, ends: int) -> Breach:
    why = said("{begins} 到 {ends} 已经有班。", begins=clock(begins), ends=clock(ends))
    return Breach("overlap", ends - begins, 0, begins, ends, why)


def _faults(ordered: Sequence[Stint], limits: Limits, new: Stint | None) -> Iterator[Breach]:
    if not ordered:
        return
    spells = _spells(ordered, limits.pause)
    if limits.longest is not None:
        yield from _too_long(spells, limits.longest, new)
    if limits.rest is not None:
        yield from _too_near(spells, limits.rest, new)
    if limits.days is not None:
        yield from _too_many_days(ordered, limits.days, new)
    if limits.nights is not None:
        yield from _too_many_nights(ordered, limits, limits.nights, new)
    if limits.week is not None:
        yield from _too_much(ordered, limits.week, new)


def _spells(ordered: Sequence[Stint], pause: int) -> list[Stint]:
    found: list[Stint] = []
    for one in ordered:
        if found and one.begins - found[-1].ends <= pause:
            found[-1] = Stint(found[-1].begins, max(found[-1].ends, one.ends))
        else:
            found.append(one)
    return found


def _too_long(spells: Sequence[Stint], most: int, new: Stint | None) -> Iterator[Breach]:
    for one in spells:
        if one.minutes > most and (
            new is None or (one.begins <= new.begins and new.ends <= one.ends)
        ):
            why = said(
                "从 {begins} 到 {ends} 连续 {has} 小时,超过 {most} 小时。",
                begins=clock(one.begins),
                ends=clock(one.ends),
                has=hours_words(one.minutes),
                most=hours_words(most),
            )
            yield Breach("longest", one.minutes, most, one.begins, one.ends, why)


def _too_near(spells: Sequence[Stint], least: int, new: Stint | None) -> Iterator[Breach]:
    for before, after in pairwise(spells):
        gap = after.begins - before.ends
        if gap < least and (
            new is None or new.ends == before.ends or new.begins == after.begins
        ):
            why = said(
                "{begins} 下班、{ends} 又上班,只隔 {has} 小时,不足 {least} 小时。",
                begins=clock(before.ends),
                ends=clock(after.begins),
                has=hours_words(gap),
                least=hours_words(least),
            )
            yield Breach("rest", gap, least, before.ends, after.begins, why)


def _runs(days: Iterable[int]) -> Iterator[tuple[int, int]]:
    """First day and length of each run of days that follow one another."""
    first = last = None
    for day in sorted(set(days)):
        if first is None or last is None or day != last + 1:
            if first is not None and last is not None:
                yield first, last - first + 1
            first = day
        last = day
    if first is not None and last is not None:
        yield first, last - first + 1


def _too_many_days(ordered: Sequence[Stint], most: int, new: Stint | None) -> Iterator[Breach]:
    begun = [one.begins // DAY for one in ordered]
    mine = None if new is None else new.begins // DAY
    if mine is not None and begun.count(mine) > 1:
        return  # the day counted before
    for first, length in _runs(begun):
        if length > most and (mine is None or first <= mine < first + length):
            why = said(
                "从 {begins} 起连续 {has} 天有班,超过 {most} 天。",
                begins=day_words(first),
                has=length,
                most=most,
            )
            yield Breach("days", length, most, first * DAY, (first + length) * DAY, why)


def _nights(ordered: Iterable[Stint], limits: Limits) -> dict[int, int]:
    """Minutes of duty in each night, by the day on which the night begins."""
    found: dict[int, int] = {}
    for one in ordered:
        night = one.begins // DAY - 1
        while (opens := night * DAY + limits.night_from) < one.ends:
            shared = min(one.ends, opens + limits.night_minutes) - max(one.begins, opens)
            if shared > 0:
                found[night] = found.get(night, 0) + shared
            night += 1
    return found


def _too_many_nights(
    ordered: Sequence[Stint], limits: Limits, most: int, new: Stint | None
) -> Iterator[Breach]:
    least = max(1, limits.night_least)
    whole = _nights(ordered, limits)
    kept = {night for night, minutes in whole.items() if minutes >= least}
    mine: set[int] | None = None
    if new is not None:
        own = _nights([new], limits)
        mine = {night for night in kept if whole[night] - own.get(night, 0) < least}
    for first, length in _runs(kept):
        if length > most and (mine is None or mine & set(range(first, first + length))):
            why = said(
                "从 {begins} 起连续 {has} 个夜班,超过 {most} 个。",
                begins=day_words(first),
                has=length,
                most=most,
            )
            yield Breach("nights", length, most, first * DAY, (first + length) * DAY, why)


def _too_much(ordered: Sequence[Stint], most: int, new: Stint | None) -> Iterator[Breach]:
    """The fullest 7 days. A window that ends with a stint is as full as any that does not."""
    worst, at = most, None
    first, latest = 0, None
    # Duty without what overlaps, so that no minute counts twice.
    parts: list[Stint] = []
    for one in ordered:
        begins = one.begins if latest is None else max(one.begins, latest)
        if begins < one.ends:
            parts.append(Stint(begins, one.ends))
            latest = one.ends
    total = 0
    for index, one in enumerate(parts):
        total += one.minutes
        opens = one.ends - WEEK
        while parts[first].ends <= opens:
            total -= parts[first].minutes
            first += 1
        minutes = total - max(0, opens - parts[first].begins)
        touched = new is None or (new.begins < one.ends and opens < new.ends)
        if minutes > worst and touched:
            worst, at = minutes, index
    if at is not None:
        ends = parts[at].ends
        why = said(
            "到 {ends} 为止的 7 天里共 {has} 小时,超过 {most} 小时。",
            ends=clock(ends),
            has=hours_words(worst),
            most=hours_words(most),
        )
        yield Breach("week", worst, most, ends - WEEK, ends, why)
