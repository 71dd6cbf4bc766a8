"""Which shifts one person can do beside one another."""

from collections.abc import Sequence

from wangge.solvers.fatigue import DAY, Limits, Stint
from wangge.solvers.fatigue import nights as nights_of


def clash(one: Stint, other: Stint, limits: Limits) -> bool:
    """Whether nobody can do both: too near to be a rest, too long to be one spell."""
    first, second = min(one, other), max(one, other)
    gap = second.begins - first.ends
    if gap < 0:
        return True
    if gap <= limits.pause:
        longest = limits.longest
        return longest is not None and second.ends - first.begins > longest
    return limits.rest is not None and gap < limits.rest


def alone(stint: Stint, limits: Limits) -> bool:
    """Whether anybody could do it who does nothing else."""
    minutes = stint.ends - stint.begins
    return all(most is None or minutes <= most for most in (limits.longest, limits.week))


def shared(stint: Stint, opens: int, ends: int) -> int:
    """Minutes of a stint within a window; below 0 where it lies beside it."""
    return min(stint.ends, ends) - max(stint.begins, opens)


def fits(mine: Sequence[Stint], new: Stint, limits: Limits, most: int | None) -> bool:
    """Whether somebody new can do one more; stints come in the order of their days."""
    if most is not None and len(mine) >= most:
        return False
    if any(clash(one, new, limits) or one.begins // DAY == new.begins // DAY for one in mine):
        return False
    both = [*mine, new]
    days = {one.begins // DAY for one in both}
    if limits.days is not None and run_of(days, new.begins // DAY) > limits.days:
        return False
    nights = {n for one in both for n in nights_of(one, limits)}
    if limits.nights is not None and any(
        run_of(nights, night) > limits.nights for night in nights_of(new, limits)
    ):
        return False
    if limits.week is not None:
        for end in {one.ends for one in both if new.begins < one.ends <= new.ends + 7 * DAY}:
            opens = end - 7 * DAY
            if sum(max(0, shared(one, opens, end)) for one in both) > limits.week:
                return False
    return True


def run_of(days: set[int], day: int) -> int:
    """Days one after another around one of them."""
    first = last = day
    while first - 1 in days:
        first -= 1
    while last + 1 in days:
        last += 1
    return last - first + 1
