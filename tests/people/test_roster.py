"""The roster knows who holds what, where, and until when."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

import small_town as town
from wangge.kernel.actors import Actor, Role
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Forbidden, Invalid, NotFound
from wangge.people import ROSTER, Member, commands, jobs
from wangge.people.model import PostOver, TwoAdministrators
from wangge.places import commands as places

As = Callable[[str], Actor]
DAY = timedelta(days=1)


def someone(key: str) -> UUID:
    return town.PEOPLE[key].id


async def said(tx: Tx) -> list[str]:
    await tx.flush()
    return await tx.many(str, "select kind from kernel_outbox order by n")


async def test_the_nearest_holder_comes_first(tx: Tx) -> None:
    # A worker of the whole community helps out where the grid's own worker is first.
    await commands.give_post(tx, someone("social_worker"), Role.GRID_WORKER, town.XINGHUA)
    roster = await ROSTER.get(tx)
    holders = roster.holders(Role.GRID_WORKER, town.MICRO_1A, tx.now)
    assert holders == (someone("grid_worker"), someone("social_worker"))
    assert roster.holders(Role.GRID_WORKER, town.GRID_3, tx.now) == (someone("grid_worker_3"),)
    assert roster.holders(Role.GRID_WORKER, town.STREET, tx.now) == ()


async def test_a_post_on_one_stairwell_counts_for_that_stairwell_only(tx: Tx) -> None:
    roster = await ROSTER.get(tx)
    role, here = Role.PART_TIME_WORKER, town.MICRO_1A
    assert roster.holders(role, here, tx.now) == ()
    mine, next_door = town.unit_id("1-1-1"), town.unit_id("1-1-2")
    assert roster.holders(role, here, tx.now, unit_id=mine) == (someone("part_time_worker"),)
    assert roster.holders(role, here, tx.now, unit_id=next_door) == ()


async def test_a_helper_expires_and_the_clock_says_so_once(tx: Tx) -> None:
    post = await commands.give_post(tx, someone("acceptor"), Role.VOLUNTEER, town.GRID_1)
    assert post.until_at == tx.now + 30 * DAY
    roster = await ROSTER.get(tx)
    volunteers = [g for g in roster.grants(post.staff_id, tx.now) if g.role is Role.VOLUNTEER]
    assert len(volunteers) == 1
    later = tx.now + 30 * DAY
    assert all(g.role is not Role.VOLUNTEER for g in roster.grants(post.staff_id, later))
    assert someone("acceptor") not in roster.holders(Role.VOLUNTEER, town.GRID_1, later)
    tx.now = later
    assert await jobs.expire(tx) == 1
    assert await jobs.expire(tx) == 0
    assert (await said(tx)).count("people.PostEnded") == 1


@pytest.mark.parametrize("days", [0, -1, 181])
async def test_a_helper_is_given_a_sensible_end(tx: Tx, days: int) -> None:
    with pytest.raises(Invalid):
        await commands.give_post(
            tx, someone("acceptor"), Role.VOLUNTEER, town.GRID_1, until_at=tx.now + days * DAY
        )


async def test_police_lent_for_a_task_expire_but_the_beat_officer_does_not(tx: Tx) -> None:
    lent = await commands.give_post(
        tx, someone("acceptor"), Role.POLICE, town.GRID_1, helper=True
    )
    standing = await commands.give_post(tx, someone("dispatcher"), Role.POLICE, town.XINGHUA)
    assert lent.until_at is not None
    assert standing.until_at is None


async def test_a_closed_grid_means_its_successor(tx: Tx) -> None:
    await places.close_area(tx, town.MICRO_2A, [town.MICRO_2B])
    await places.close_area(tx, town.MICRO_2B)
    await places.close_area(tx, town.GRID_2, [town.GRID_1])
    roster = await ROSTER.get(tx)
    moved = {g.area_code for g in roster.grants(someone("grid_worker_2"), tx.now)}
    # What was filed under the old code is still theirs to finish, and their colleague's too.
    assert moved == {town.GRID_1, town.GRID_2}
    stayed = {g.area_code for g in roster.grants(someone("grid_worker"), tx.now)}
    assert stayed == {town.GRID_1, town.GRID_2}
    both = roster.holders(Role.GRID_WORKER, town.GRID_2, tx.now)
    assert set(both) == {someone("grid_worker"), someone("grid_worker_2")}


async def test_a_suspended_account_holds_nothing(tx: Tx) -> None:
    await commands.set_active(tx, someone("grid_worker"), False)
    roster = await ROSTER.get(tx)
    assert roster.grants(someone("grid_worker"), tx.now) == ()
    assert roster.holders(Role.GRID_WORKER, town.GRID_1, tx.now) == ()


async def test_the_deepest_body_of_a_platform_comes_first(tx: Tx, as_: As) -> None:
    tx.actor = as_("system_admin")
    near = await commands.add_org(tx, "GG-02", "杏花便民点", "GG", town.XINGHUA)
    roster = await ROSTER.get(tx)
    assert roster.orgs("GG", town.GRID_1) == (near, town.WATER)
    assert roster.orgs("GG", town.LIUSHU) == (town.WATER,)
    assert roster.orgs("JG", town.OTHER_GRID) == ()
    assert roster.org_members(town.WATER.id, tx.now) == (someone("department_staff"),)


ADMINISTRATORS = ("system_admin", "security_admin", "audit_admin")


@pytest.mark.parametrize("held", ADMINISTRATORS)
@pytest.mark.parametrize("wanted", ADMINISTRATORS)
async def test_nobody_is_two_administrators(tx: Tx, held: str, wanted: str) -> None:
    if held == wanted:
        await commands.give_post(tx, someone(held), Role(wanted), town.STREET)
        return
    with pytest.raises(TwoAdministrators):
        await commands.give_post(tx, someone(held), Role(wanted), town.STREET)


async def test_an_administrator_may_become_another_after_the_first_ended(tx: Tx) -> None:
    await commands.end_post(tx, town.town_id("post/audit_admin"))
    await commands.give_post(tx, someone("audit_admin"), Role.SECURITY_ADMIN, town.COUNTY)
    with pytest.raises(PostOver):
        await commands.end_post(tx, town.town_id("post/audit_admin"))


async def test_a_community_officer_gives_helpers_posts_in_reach_only(tx: Tx, as_: As) -> None:
    tx.actor = as_("community_officer")
    await commands.give_post(tx, someone("acceptor"), Role.VOLUNTEER, town.GRID_1)
    with pytest.raises(Forbidden):
        await commands.give_post(tx, someone("acceptor"), Role.VOLUNTEER, town.GRID_3)
    with pytest.raises(Forbidden):
        await commands.give_post(tx, someone("acceptor"), Role.GRID_HEAD, town.GRID_1)
    with pytest.raises(NotFound):
        await commands.end_post(tx, town.town_id("post/grid_worker_3"))
    with pytest.raises(Forbidden):
        await commands.end_post(tx, town.town_id("post/grid_worker"))


async def test_a_team_tells_which_places_are_empty(tx: Tx) -> None:
    formed = await commands.form_team(
        tx,
        "self_governing",
        town.GRID_2,
        [Member(someone("grid_worker_2"), "微网格长"), Member(someone("volunteer"), "志愿者")],
    )
    assert formed.team.name == "第二网格微网格自治队"
    assert [(v.position, v.missing) for v in formed.unfilled] == [
        ("应急队员", 2),
        ("志愿者", 1),
        ("民警", 1),
    ]
    roster = await ROSTER.get(tx)
    assert roster.teams("self_governing", town.MICRO_2A, tx.now) == (formed.team,)
    assert {m.staff_id for m in roster.members(formed.team.id)} == {
        someone("grid_worker_2"),
        someone("volunteer"),
    }
    await commands.end_team(tx, formed.team.id)
    assert (await ROSTER.get(tx)).team(formed.team.id) is None


async def test_a_team_takes_known_people_in_known_places_once(tx: Tx) -> None:
    good = Member(someone("volunteer"), "志愿者")
    for members in (
        [Member(someone("volunteer"), "船长")],
        [Member(town.town_id("staff/nobody"), "志愿者")],
        [good, good],
    ):
        with pytest.raises(Invalid):
            await commands.form_team(tx, "self_governing", town.GRID_2, members)
    with pytest.raises(Invalid):
        await commands.form_team(tx, "circus", town.GRID_2, [good])


async def test_a_room_is_where_its_nearest_post_is(tx: Tx) -> None:
    """Somebody with a post for the street answers for it there, also for communities without an
    officer of their own: only under that area do they hold the room."""
    role = Role.COMMUNITY_OFFICER
    roster = await ROSTER.get(tx)
    assert roster.seat(role, town.XINGHUA, tx.now) == town.XINGHUA
    assert roster.seat(role, town.GRID_1, tx.now) == town.XINGHUA
    assert roster.seat(role, town.HUAIYIN, tx.now) is None
    street = town.HUAIYIN[:9]
    await commands.give_post(tx, someone("social_worker"), role, street)
    roster = await ROSTER.get(tx)
    assert roster.seat(role, town.HUAIYIN, tx.now) == street
    assert Role.COMMUNITY_OFFICER in {
        grant.role
        for grant in roster.grants(someone("social_worker"), tx.now)
        if grant.area_code == street
    }
