"""The demonstration towns have exactly the sizes they are said to have."""

from collections import Counter
from itertools import islice

import pytest

from wangge.demo.town import Town, make_town


@pytest.fixture(scope="module")
def community() -> Town:
    return make_town("community")


def kinds(town: Town) -> Counter[str]:
    return Counter(area.kind for area in town.areas)


def test_the_community_is_the_one_of_the_report(community: Town) -> None:
    (only,) = community.communities()
    assert kinds(community) == {
        "county": 1,
        "street": 1,
        "community": 1,
        "grid": 6,
        "micro_grid": 19,
    }
    assert len(only.households) == 1_443
    assert sum(1 for _ in only.residents()) == 3_300
    assert len(only.crew.staff) == 94


def test_the_street_is_the_one_of_the_report(street: Town) -> None:
    assert kinds(street)["community"] == 17
    assert kinds(street)["micro_grid"] == 638
    assert sum(one.households for one in street.plan.communities) == 51_438


def test_the_county_has_a_million_people_and_2559_full_time_workers() -> None:
    plan = make_town("county").plan
    assert sum(one.residents for one in plan.communities) == 1_000_000
    assert sum(one.full_time for one in plan.communities) == 2_559
    assert 15 <= len(plan.streets) <= 20


def test_a_community_has_as_many_people_and_workers_as_its_plan_says(street: Town) -> None:
    for one in islice(street.communities(), 4):
        assert sum(1 for _ in one.residents()) == one.plan.residents
        posts = Counter(post.role for post in one.crew.posts)
        assert posts["grid_worker"] == one.plan.full_time
        assert posts["grid_head"] == one.plan.grids


def test_about_six_doors_in_a_hundred_stand_empty(street: Town) -> None:
    doors = homes = 0
    for one in street.communities():
        doors += len(one.dwellings)
        homes += len(one.households)
        taken = {household.dwelling_id for household in one.households}
        assert len(taken) == len(one.households), "one household to a door"
        assert taken <= {dwelling.id for dwelling in one.dwellings}
    assert 0.05 < 1 - homes / doors < 0.07


def test_stairwell_micro_grids_are_of_a_size_one_person_can_know() -> None:
    town = make_town("county")
    # The street of the report has 80 to a micro-grid; elsewhere it is about 56.
    ratios = [
        one.households / one.micro_grids
        for street in town.plan.streets[1:]
        for one in street.communities
    ]
    assert 52 < sum(ratios) / len(ratios) < 62


def test_the_small_towns_are_the_first_part_of_the_large_ones(
    community: Town, street: Town
) -> None:
    (alone,) = community.communities()
    first = next(street.communities())
    in_county = next(make_town("county").communities())
    for other in (first, in_county):
        assert alone.areas == other.areas
        assert alone.housing == other.housing
        assert alone.households == other.households
        assert list(alone.residents()) == list(other.residents())
        assert alone.crew == other.crew
    officers = {post.id for office in community.offices for post in office.posts}
    assert officers < {post.id for office in street.offices for post in office.posts}
