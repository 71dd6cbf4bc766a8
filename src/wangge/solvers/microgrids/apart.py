"""The other way out when a building is new: micro-grids of its own, so that nobody gets another head."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from wangge.solvers.microgrids.ground import Ground, reach
from wangge.solvers.words import Sentence, said

#: Buildings that are named; of more there is only the number.
NAMED = 3
CLOSE = 1e-9


def apart(place: Ground, label: Sequence[int], names: Mapping[str, str]) -> list[Sentence]:
    """Where a mend (`label`, a grid of each unit) gives households another head because stairwells are new:
    whether these could be micro-grids of their own, whole buildings or else single stairwells, and all
    micro-grids be as even as is asked for, today's as they are."""
    new = [unit for unit, grid in enumerate(place.today) if grid < 0]
    moved = any(0 <= grid != label[unit] for unit, grid in enumerate(place.today))
    if not new or not moved or not place.grids:
        return []
    houses: dict[int, list[int]] = defaultdict(list)
    for unit in new:
        houses[place.building[unit]].append(unit)
    for groups in (list(houses.values()), [[unit] for unit in new]):
        if _even(place, groups):
            called = list(dict.fromkeys(names[place.units[unit].building] for unit in new))
            return [
                said(
                    "也可以让“{what}”单独成 {count} 个微网格,另定网格长:别的户都不换网格长。",
                    what="、".join(called[:NAMED]) + ("…" if len(called) > NAMED else ""),
                    count=len(groups),
                )
            ]
    return []


def _even(place: Ground, groups: Sequence[Sequence[int]]) -> bool:
    """Whether today's grids and these beside them are neither torn, nor too heavy, nor (the new ones) too
    light."""
    mean = sum(place.load) / (len(place.grids) + len(groups))
    kept = [0.0] * len(place.grids)
    for unit, grid in enumerate(place.today):
        if grid >= 0:
            kept[grid] += place.load[unit]
    added = [sum(place.load[unit] for unit in group) for group in groups]
    return (
        max(kept + added) <= place.heavy * mean + CLOSE
        and min(added) >= place.light * mean - CLOSE
        and all(_whole(place, group) for group in groups)
    )


def _whole(place: Ground, group: Sequence[int]) -> bool:
    mask = sum(1 << unit for unit in group)
    return reach(1 << group[0], mask, place.adjacent) == mask
