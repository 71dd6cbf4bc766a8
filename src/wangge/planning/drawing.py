"""What the map of a community's micro-grids is told."""

import msgspec

from wangge.planning.judging import Judged
from wangge.planning.town import Situation
from wangge.solvers.microgrids import minutes_of

#: What a micro-grid's balance looks like on the map: colour and mark, never colour alone.
COLOURS = {
    "heavy": ("red", "▲"),
    "light": ("blue", "▼"),
    "empty": ("yellow", "○"),
    "fair": ("green", "●"),
}


def picture(
    found: Situation, today: Judged, then: Judged | None, division: dict[str, str]
) -> str:
    """What the map shows: micro-grids with their balance now and then, stairwells with where they
    belong now and then and what share of a mean micro-grid they are. For a
    <script type="application/json">, so that no "<" can end it."""
    after = {line.code: line for line in (then or today).lines}
    grids = [
        {
            "code": line.code,
            "name": line.name,
            "before": [COLOURS[line.state], round(line.ratio, 2)],
            "after": [COLOURS[after[line.code].state], round(after[line.code].ratio, 2)],
        }
        for line in today.lines
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
    return (
        msgspec.json.encode({"grids": grids, "units": units}).decode().replace("<", "\\u003c")
    )
