"""A whole town from one number: small things at once, people one community at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from wangge.demo.town import housing as housing_
from wangge.demo.town import offices, residents
from wangge.demo.town.crew import man
from wangge.demo.town.ground import CommunityLand, Ground, make_area, map_lines, outside_lines
from wangge.demo.town.model import (
    Area,
    Building,
    Compound,
    Crew,
    Dwelling,
    Household,
    Housing,
    MapLine,
    Park,
    Resident,
    Unit,
)
from wangge.demo.town.shapes import Shape
from wangge.demo.town.sizes import (
    COUNTY,
    CommunityPlan,
    Scale,
    StreetPlan,
    TownPlan,
    TownSize,
    cut_to,
    plan_town,
)


class Community:
    """One community. Its houses and people are made when first asked for, and kept with it.

    Hold on to it and you hold some thousands of people; let it go and they are gone.
    """

    def __init__(self, plan: CommunityPlan, land: CommunityLand, seed: int) -> None:
        self.plan = plan
        self.code = plan.code
        self.name = plan.name
        self._land = land
        self._seed = seed

    @property
    def areas(self) -> tuple[Area, ...]:
        """The community itself, then each grid followed by its micro-grids."""
        return tuple(self._land.areas())

    @property
    def lines(self) -> tuple[MapLine, ...]:
        """Side streets, lanes and creeks inside the community."""
        return self._land.lines

    @cached_property
    def housing(self) -> Housing:
        return housing_.build(self._land, self.plan.index, self._seed)

    @property
    def compounds(self) -> tuple[Compound, ...]:
        return self.housing.compounds

    @property
    def buildings(self) -> tuple[Building, ...]:
        return self.housing.buildings

    @property
    def units(self) -> tuple[Unit, ...]:
        return self.housing.units

    @property
    def dwellings(self) -> tuple[Dwelling, ...]:
        return self.housing.dwellings

    @property
    def parks(self) -> tuple[Park, ...]:
        return self.housing.parks

    @cached_property
    def households(self) -> tuple[Household, ...]:
        return tuple(residents.settle(self._land, self.housing, self.plan.index, self._seed))

    def residents(self) -> Iterator[Resident]:
        """Everybody, household by household; made afresh (and the same) on each call."""
        plan = self.plan
        return residents.live_in(
            self.households, plan.residents, plan.code, plan.index, self._seed
        )

    @cached_property
    def crew(self) -> Crew:
        """The community's own workers and teams; those above it are in `Town.offices`."""
        return man(self.plan, self._land, self.housing, self._seed)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is outlined: the whole county, or the one street or community that was kept."""

    shape: Shape
    lines: tuple[MapLine, ...]


class Town:
    """An invented district. The same size and seed give the same town on every machine.

    When only one street or community of a county is kept, the areas above it take its outline,
    so that children tile their parent at every scale.
    """

    def __init__(self, whole: TownPlan, kept: TownPlan, seed: int) -> None:
        self.plan = kept
        self.seed = seed
        self.code = kept.code
        self.name = kept.name
        self._whole = whole
        self._ground = Ground(whole, seed)

    def communities(self) -> Iterator[Community]:
        """One community after another; nothing of the last is kept but its land."""
        for street in self.plan.streets:
            for plan in street.communities:
                yield self._community(street, plan)

    def community(self, code: str) -> Community:
        """One community by its code; KeyError when the town has none such."""
        for street in self.plan.streets:
            for plan in street.communities:
                if plan.code == code:
                    return self._community(street, plan)
        raise KeyError(code)

    @cached_property
    def areas(self) -> tuple[Area, ...]:
        """The area tree, every parent before its children."""
        found = [make_area(self.code, self.name, "county", None, self._kept.shape)]
        for street in self.plan.streets:
            one = len(street.communities) < len(self._whole.streets[street.index].communities)
            shape = self._kept.shape if one else self._ground.street(street)
            found.append(make_area(street.code, street.name, "street", None, shape))
            for plan in street.communities:
                found += self._ground.land(street, plan).areas()
        return tuple(found)

    @property
    def lines(self) -> tuple[MapLine, ...]:
        """The river, creeks and roads down to those between communities."""
        return self._kept.lines

    @cached_property
    def offices(self) -> tuple[Crew, ...]:
        """The county's command centre, then each street's command room."""
        return (
            offices.county_office(self.plan, self.seed),
            *(
                offices.street_office(self._whole.streets[kept.index], kept, self.seed)
                for kept in self.plan.streets
            ),
        )

    @cached_property
    def _kept(self) -> _Kept:
        ground, streets = self._ground, self.plan.streets
        if len(streets) == len(self._whole.streets):
            cuts = ground.county_cuts() + [
                cut for street in streets for cut in ground.street_cuts(street)
            ]
            return _Kept(ground.county(), map_lines(cuts))
        street = self._whole.streets[streets[0].index]
        if len(streets[0].communities) == len(street.communities):
            shape = ground.street(street)
            return _Kept(shape, outside_lines(shape) + map_lines(ground.street_cuts(street)))
        shape = ground.community(street, streets[0].communities[0])
        return _Kept(shape, outside_lines(shape))

    def _community(self, street: StreetPlan, plan: CommunityPlan) -> Community:
        return Community(plan, self._ground.land(street, plan), self.seed)


def make_town(scale: Scale, *, seed: int = 141) -> Town:
    """The demonstration town: a community of 3,300, a street of 117,600, a county of a million.

    The community is the first of the street and the street the first of the county, row by row.
    """
    whole = plan_town(COUNTY, seed)
    return Town(whole, cut_to(whole, scale), seed)


def make_sized_town(size: TownSize, *, seed: int) -> Town:
    """A town of another size, for tests and measurements."""
    whole = plan_town(size, seed)
    return Town(whole, whole, seed)
