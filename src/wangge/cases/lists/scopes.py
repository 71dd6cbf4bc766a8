"""A reach, sorted by breadth, as the statements of a list want it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from wangge.kernel.actors import Reach, outermost

#: A reach of so few grids and stairwells holds few cases: walking them all is quick.
_FEW_PLACES = 12


@dataclass(frozen=True, slots=True)
class Scope:
    """Where somebody looks: everywhere, or some streets, communities, grids, micro-grids and
    single stairwells."""

    everywhere: bool
    streets: list[str]
    communities: list[str]
    grids: list[str]
    micros: list[str]
    units: list[UUID]

    @classmethod
    def of(cls, reach: Reach, wanted: Sequence[str]) -> "Scope":
        """The reach within the areas wanted; none wanted is all of it."""
        areas = list(reach.areas)
        if wanted:
            areas = list(
                outermost(
                    max(area, prefix, key=len)
                    for prefix in reach.areas
                    for area in wanted
                    if area.startswith(prefix) or prefix.startswith(area)
                )
            )
        wide = any(len(prefix) <= 6 for prefix in areas)
        return cls(
            wide,
            [] if wide else [prefix for prefix in areas if len(prefix) == 9],
            [] if wide else [prefix for prefix in areas if len(prefix) == 12],
            [] if wide else [prefix for prefix in areas if len(prefix) == 15],
            [] if wide else [prefix for prefix in areas if len(prefix) == 18],
            [] if wanted else list(reach.units),
        )

    def values(self) -> dict[str, object]:
        """As named values for SQL."""
        return {
            "everywhere": self.everywhere,
            "streets": self.streets,
            "communities": self.communities,
            "grids": self.grids,
            "micros": self.micros,
            "units": self.units,
        }

    def marks(self) -> list[str]:
        """A single street or community narrows the word index as well."""
        single = [*self.streets, *self.communities]
        alone = len(single) == 1 and not (self.grids or self.micros or self.units)
        return [f"a:{single[0]}"] if alone and not self.everywhere else []

    @property
    def breadths(self) -> tuple[str, ...]:
        """Which arms this reach needs; one that yields nothing when it reaches nowhere."""
        if self.everywhere:
            return ("everywhere",)
        found = tuple(
            name
            for name in ("streets", "communities", "grids", "micros", "units")
            if getattr(self, name)
        )
        return found or ("grids",)

    @property
    def small(self) -> bool:
        """Whether all of it can be walked at any time."""
        wide = self.everywhere or self.streets or self.communities
        return not wide and len(self.grids) + len(self.micros) + len(self.units) <= _FEW_PLACES
