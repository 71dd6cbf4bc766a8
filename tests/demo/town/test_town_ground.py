"""Land: children tile their parent, houses stand inside their micro-grid. Judged by shapely."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as some
from shapely import union_all
from shapely.geometry import Point, Polygon

from wangge.demo.town import Town, TownSize, make_sized_town, make_town
from wangge.demo.town.model import Area

SMALL = TownSize(
    streets=2,
    households=900,
    residents=2_070,
    full_time=9,
    households_per_community=220,
    households_per_grid=70,
    households_per_micro_grid=24,
)
NEAR = 1e-9  # square degrees


def shapes(areas: tuple[Area, ...]) -> dict[str, Polygon]:
    return {area.code: Polygon(area.boundary) for area in areas}


def flaws(areas: tuple[Area, ...]) -> list[str]:
    """What is wrong with an area tree; knows nothing of how it was cut."""
    found: list[str] = []
    shape = shapes(areas)
    children: dict[str, list[str]] = {}
    for area in areas:
        if not shape[area.code].is_valid or not shape[area.code].exterior.is_ccw:
            found.append(f"{area.code} is not a simple counter-clockwise polygon")
        if not shape[area.code].contains(Point(area.centre_lon, area.centre_lat)):
            found.append(f"the centre of {area.code} is outside")
        if area.parent_code is not None:
            children.setdefault(area.parent_code, []).append(area.code)
    for parent, codes in children.items():
        # Relative to the parent's size as well, or a small parent could hide anything.
        allowed = min(NEAR, shape[parent].area * 1e-6)
        union = union_all([shape[code] for code in codes])
        if union.symmetric_difference(shape[parent]).area > allowed:
            found.append(f"the children of {parent} do not fill it")
        for one, two in combinations(codes, 2):
            if shape[one].intersection(shape[two]).area > allowed:
                found.append(f"{one} and {two} overlap")
    return found


def misplaced(town: Town) -> list[str]:
    """Houses outside their micro-grid, on top of one another, or in a park."""
    shape = shapes(town.areas)
    found: list[str] = []
    for community in town.communities():
        parks = [Polygon(park.ring) for park in community.parks]
        by_area: dict[str, list[Polygon]] = {}
        for building in community.buildings:
            house = Polygon(building.footprint)
            if not shape[building.area_code].contains(house):
                found.append(f"{building.name} leaves {building.area_code}")
            if any(house.intersects(park) for park in parks):
                found.append(f"{building.name} of {building.area_code} stands in a park")
            by_area.setdefault(building.area_code, []).append(house)
        for code, houses in by_area.items():
            if any(one.intersects(two) for one, two in combinations(houses, 2)):
                found.append(f"houses of {code} overlap")
    return found


def test_every_area_is_filled_by_its_children(street: Town) -> None:
    for town in (make_town("community"), street):
        assert flaws(town.areas) == []
        assert misplaced(town) == []


def test_the_county_is_filled_down_to_its_micro_grids() -> None:
    assert flaws(make_town("county").areas) == []


@settings(max_examples=8, deadline=None)
@given(some.integers(min_value=0, max_value=2**63))
def test_any_seed_gives_a_town_that_fits(seed: int) -> None:
    town = make_sized_town(SMALL, seed=seed)
    assert flaws(town.areas) == []
    assert misplaced(town) == []
    assert sum(len(one.households) for one in town.communities()) == SMALL.households
    people = [person for one in town.communities() for person in one.residents()]
    assert len(people) == SMALL.residents
    assert len({person.id_number for person in people}) == SMALL.residents


def test_a_stranger_would_notice_a_gap_and_an_overlap() -> None:
    areas = make_town("community").areas
    grids = [area for area in areas if area.kind == "grid"]
    without = tuple(area for area in areas if not area.code.startswith(grids[0].code))
    assert any("do not fill" in flaw for flaw in flaws(without))
    ring = grids[0].boundary
    grown = tuple((lon + 0.0005, lat) for lon, lat in ring)
    moved = tuple(
        Area(a.code, a.name, a.kind, a.grid_kind, a.parent_code, grown, *grown[0])
        if a == grids[0]
        else a
        for a in areas
    )
    assert any("overlap" in flaw for flaw in flaws(moved))


def test_codes_are_paths_and_never_given_twice(street: Town) -> None:
    areas = street.areas
    codes = [area.code for area in areas]
    lengths = {"county": 6, "street": 9, "community": 12, "grid": 15, "micro_grid": 18}
    seen: set[str] = set()
    for area in areas:
        assert area.code.isdigit()
        assert area.code.startswith("99")
        assert len(area.code) == lengths[area.kind]
        assert area.code not in seen
        if area.parent_code is not None:
            assert area.parent_code in seen, "a parent comes before its children"
            assert area.code.startswith(area.parent_code)
        seen.add(area.code)
    assert len(set(codes)) == len(codes)


def test_the_map_has_water_roads_and_parks(street: Town) -> None:
    kinds = {line.kind for line in street.lines}
    assert {"river", "creek", "main_road", "road"} <= kinds
    (community,) = make_town("community").communities()
    assert community.parks
    assert {"side_street", "lane"} <= {line.kind for line in community.lines}
