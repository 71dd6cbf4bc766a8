"""What the map of a community's micro-grids is told."""

from collections.abc import Sequence
from typing import Any

import msgspec

from wangge.planning.judging import Judged, Step
from wangge.planning.town import Situation
from wangge.solvers.microgrids import minutes_of

#: What a micro-grid's balance looks like on the map: colour and mark, never colour alone; what is fair
#: has no mark, so that the others stand out.
COLOURS = {
    "heavy": ("red", "▲"),
    "light": ("blue", "▼"),
    "empty": ("yellow", "○"),
    "fair": ("green", ""),
}


#: What a micro-grid's name ends in; on the map it says nothing.
_ENDING = "微网格"


def labels(names: Sequence[str], community: str) -> list[str]:
    """Names as short as they are told apart by, for a small map: `3-1` for 杏花3-1微网格 of 杏花社区."""
    start = 0
    while start < len(community) and all(
        name.startswith(community[: start + 1]) for name in names
    ):
        start += 1
    ends = all(name.endswith(_ENDING) for name in names)
    short = [name[start:].removesuffix(_ENDING) if ends else name[start:] for name in names]
    return short if all(short) and len(set(short)) == len(set(names)) else list(names)


def picture(
    found: Situation,
    today: Judged,
    then: Judged | None,
    division: dict[str, str],
    steps: Sequence[Step] = (),
) -> str:
    """What the map shows: micro-grids with their balance now and then, stairwells with where they
    belong now and then and what share of a mean micro-grid they are; what each step moves, so that
    a part of them can be drawn and counted. For a <script type="application/json">, so that no "<"
    can end it."""
    after = {line.code: line for line in (then or today).lines}
    short = labels([line.name for line in today.lines], found.area.name)
    grids = [
        {
            "code": line.code,
            "name": line.name,
            "label": label,
            "before": [COLOURS[line.state], round(line.ratio, 4)],
            "after": [COLOURS[after[line.code].state], round(after[line.code].ratio, 4)],
        }
        for line, label in zip(today.lines, short, strict=True)
    ]
    minutes = {one.id: minutes_of(one, found.town.rules) for one in found.town.units}
    units = [
        {
            "id": unit,
            "name": found.names[unit],
            "lon": lon,
            "lat": lat,
            "before": found.town.today.get(unit, ""),
            "after": division.get(unit, found.town.today.get(unit, "")),
            "share": round(minutes.get(unit, 0.0) / today.mean, 4) if today.mean else 0.0,
        }
        for unit, (lon, lat) in found.spots.items()
    ]
    drawn: dict[str, Any] = {
        "grids": grids,
        "units": units,
        "steps": [
            {
                "key": step.key,
                "units": len(step.units),
                "heads": step.households if step.new_head else 0,
                "share": sum(minutes[unit] for unit in step.units) / (today.mean or 1.0),
            }
            for step in steps
        ],
        "households": today.households,
        "heavy": found.town.rules.heavy,
        "light": found.town.rules.light,
    }
    return msgspec.json.encode(drawn).decode().replace("<", "\\u003c")
