"""What changes between two divisions, in steps a person can take or leave."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wangge.solvers.microgrids.ground import Ground, grounds
from wangge.solvers.microgrids.town import Pair, Town, footpaths
from wangge.solvers.words import Sentence, said


@dataclass(frozen=True, slots=True)
class Move:
    """Units that go from one grid to another (`from_grid` None: they had none), with the minutes of
    both grids in the whole plan before and after."""

    units: tuple[str, ...]
    from_grid: str | None
    to_grid: str
    households: int
    from_minutes: tuple[float, float]
    to_minutes: tuple[float, float]
    why: Sentence


def moves(
    ground: Ground, before: Sequence[int], after: Sequence[int], names: Mapping[str, str]
) -> list[Move]:
    """The steps from one labelling to another, those with most households first."""
    groups: dict[tuple[int, int], list[int]] = {}
    for unit, (old, new) in enumerate(zip(before, after, strict=True)):
        if old != new and new >= 0:
            groups.setdefault((old, new), []).append(unit)
    was, will = _minutes(ground, before), _minutes(ground, after)
    found = [
        move(ground, units, old, new, names, (was[old], will[old]), (was[new], will[new]))
        for (old, new), units in groups.items()
    ]
    return sorted(found, key=lambda one: (-one.households, one.to_grid, one.units))


def move(
    ground: Ground,
    units: Sequence[int],
    old: int,
    new: int,
    names: Mapping[str, str],
    from_minutes: tuple[float, float],
    to_minutes: tuple[float, float],
) -> Move:
    """One step and its sentence; `old` is -1 for units that had no grid."""
    households = sum(ground.households[unit] for unit in units)
    called = _called(ground, units, names)
    to = ground.grids[new]
    if old < 0:
        why = said(
            "{units}划进“{to}”:{households} 户,它从 {b0} 分钟变成 {b1} 分钟。",
            units=called,
            to=to.name,
            households=households,
            b0=f"{to_minutes[0]:.1f}",
            b1=f"{to_minutes[1]:.1f}",
        )
    else:
        why = said(
            "{units}从“{old}”划到“{to}”:{households} 户换网格长;"
            "“{old}”{a0}→{a1} 分钟,“{to}”{b0}→{b1} 分钟。",
            units=called,
            old=ground.grids[old].name,
            to=to.name,
            households=households,
            a0=f"{from_minutes[0]:.1f}",
            a1=f"{from_minutes[1]:.1f}",
            b0=f"{to_minutes[0]:.1f}",
            b1=f"{to_minutes[1]:.1f}",
        )
    return Move(
        tuple(ground.units[unit].id for unit in units),
        None if old < 0 else ground.grids[old].id,
        to.id,
        households,
        (round(from_minutes[0], 2), round(from_minutes[1], 2)),
        (round(to_minutes[0], 2), round(to_minutes[1], 2)),
        why,
    )


def _minutes(ground: Ground, labels: Sequence[int]) -> list[float]:
    sums = [0.0] * (len(ground.grids) + 1)
    for unit, grid in enumerate(labels):
        if grid >= 0:
            sums[grid] += ground.load[unit]
    return sums


def _called(ground: Ground, units: Iterable[int], names: Mapping[str, str]) -> str:
    """Up to four stairwells by name; how many more."""
    all_ = [ground.units[unit] for unit in units]
    shown = "、".join(names.get(one.building, "") + one.name for one in all_[:4])
    return shown if len(all_) <= 4 else f"{shown}…({len(all_)})"


def steps(
    town: Town, division: Mapping[str, str], paths: Sequence[Pair] | None = None
) -> list[Move]:
    """The steps from today's division to another, whoever made it. What the other division does not
    name stays where it is."""
    names = {one.id: one.name for one in town.buildings}
    found: list[Move] = []
    for place in grounds(town, footpaths(town) if paths is None else paths):
        at = {grid.id: n for n, grid in enumerate(place.grids)}
        after = [
            at.get(division.get(unit.id, ""), today)
            for unit, today in zip(place.units, place.today, strict=True)
        ]
        found += moves(place, place.today, after, names)
    return found
