"""What the closed list holds, and what placing an address answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

#: From this score on a door may be taken without asking; below it a person confirms.
SURE = 0.9

#: Rivals shown at most.
RIVALS_MAX = 8


@dataclass(frozen=True, slots=True)
class Door:
    """One door of the closed list, with everything it is called by."""

    dwelling_id: UUID
    unit_id: UUID
    area_code: str
    compound: str
    compound_aliases: tuple[str, ...]
    building: str
    building_aliases: tuple[str, ...]
    unit: str
    room: str
    floor: int


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an address leads, how surely, and why.

    `door` is None when it is not known which, or that there is one; `rivals` are then the doors it
    may be (at most RIVALS_MAX; `values["rivals"]` counts them), and the score tells how well they
    fit. A door with a score below SURE is a proposal that a person confirms. `reason` is the code
    of the weakest step; `values` what its sentence needs.

    With a door: `exact`, `unit_known` (a room within a given stairwell), `unit_implied`
    (the building has one), `unit_found` (one stairwell has such a room), `building_implied`,
    `compound_implied` (there is one only), `whole_house`, `run_together` (4901 for 4-901),
    `floor_said` (9楼1室), `part_of_room` (901-2), `only_one` (no estate named, one door fits),
    `extra_words` ({words}), `elsewhere` ({place}: another area is named), `short_name`, `same_sound`,
    `near_sound`, `near_name` ({said}, {found}).

    Without: `empty`, `no_number`, `unknown_compound` ({said}), `which_compound`, `which_building`,
    `which_unit`, `which_room`, `no_room` (only up to the stairwell),
    `no_such_building` ({building}), `no_such_unit` ({unit}), `no_such_room` ({room}), `beside`
    ({words}: opposite of, behind), `out_of_area`, `too_long`.
    """

    door: Door | None
    score: float
    reason: str
    rivals: tuple[Door, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def sure(self) -> bool:
        """Whether the door may be taken without asking."""
        return self.door is not None and self.score >= SURE
