"""Who serves: everybody has a post, every level is there, and teams follow their template."""

from collections import Counter
from itertools import islice
from typing import get_args

from wangge.demo.town import Town, make_town
from wangge.demo.town.crew import GROUPS, MICRO_TEAM, MICRO_TEAMS
from wangge.demo.town.model import Role


def test_every_role_is_held_by_somebody() -> None:
    town = make_town("community")
    (community,) = town.communities()
    crews = [*town.offices, community.crew]
    assert {post.role for crew in crews for post in crew.posts} == set(get_args(Role))


def test_posts_belong_to_known_people_places_and_stairwells(street: Town) -> None:
    codes = {area.code for area in street.areas}
    for community in islice(street.communities(), 6):
        crew = community.crew
        people = {person.id for person in crew.staff}
        units = {unit.id: unit for unit in community.units}
        assert people == {post.staff_id for post in crew.posts}
        for post in crew.posts:
            assert post.area_code in codes
            assert all(units[unit].area_code == post.area_code for unit in post.unit_ids)
        heads = {post.area_code for post in crew.posts if post.role == "part_time_worker"}
        micros = {area.code for area in community.areas if area.kind == "micro_grid"}
        assert heads == micros, "every micro-grid has its own head"
    for office in street.offices:
        orgs = {org.id for org in office.orgs}
        assert {post.staff_id for post in office.posts} == {p.id for p in office.staff}
        for post in office.posts:
            assert post.area_code in codes
            assert (post.org_id in orgs) == (post.role == "department_staff")


def test_everybody_is_in_one_of_the_four_groups() -> None:
    (community,) = make_town("community").communities()
    crew = community.crew
    groups = {team.id: team.kind for team in crew.teams if team.kind != "micro_grid"}
    assert set(groups.values()) == {kind for kind, _ in GROUPS}
    grouped = Counter(m.staff_id for m in crew.team_members if m.team_id in groups)
    assert grouped == {person.id: 1 for person in crew.staff}
    leaders = Counter(m.team_id for m in crew.team_members if m.position == "leader")
    assert leaders == dict.fromkeys(groups, 1)
    volunteers = Counter(p.area_code for p in crew.posts if p.role == "volunteer")
    assert len(volunteers) == 19
    assert max(volunteers.values()) - min(volunteers.values()) <= 1, "spread evenly"


def test_a_micro_grid_team_has_one_head_two_emergency_two_volunteers_one_officer() -> None:
    (community,) = make_town("community").communities()
    crew = community.crew
    roles = {post.staff_id: post.role for post in crew.posts}
    teams = [team for team in crew.teams if team.kind == "micro_grid"]
    assert len(teams) == MICRO_TEAMS
    for team in teams:
        members = [m for m in crew.team_members if m.team_id == team.id]
        assert Counter(m.position for m in members) == dict(MICRO_TEAM)
        assert len({m.staff_id for m in members}) == 6
        by_position = {m.position: roles[m.staff_id] for m in members}
        assert by_position["police"] == "police"
        assert by_position["volunteer"] == "volunteer"


def test_every_platform_of_a_street_has_somebody_to_handle_its_cases() -> None:
    town = make_town("community")
    street = next(o for o in town.offices if o.orgs[0].area_code == town.plan.streets[0].code)
    assert {org.platform for org in street.orgs} == {"ZZ", "JG", "YJ", "GG"}
    codes = [org.code for office in town.offices for org in office.orgs]
    assert len(set(codes)) == len(codes)
