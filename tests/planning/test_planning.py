"""The division into micro-grids, out of the register and back into it. Nothing is true before a person
says so, and whatever was done can be taken back."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

import small_town as town
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.database import Tx, counting
from wangge.kernel.http import Installation
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Forbidden, Invalid, NotFound, Stale
from wangge.kernel.said import said as keep
from wangge.places import ATLAS
from wangge.places.reassigning import UnitsWentElsewhere
from wangge.planning import commands, jobs, queries
from wangge.planning.acts import READ
from wangge.planning.judging import best_steps, judge, offered
from wangge.planning.keeping import forget_heads, old_heads
from wangge.planning.model import (
    AlreadyDecided,
    EnoughAsked,
    NoMicroGrids,
    NotAccepted,
    ProposalIsStale,
    StillWorkedOut,
    Wishes,
)
from wangge.planning.queries import Proposal
from wangge.planning.town import inside_grids, situation
from wangge.web.rooms import import_rooms

import_rooms()  # whoever keeps something under an area's code says so when it is imported
As = Callable[[str], Actor]
BORROWED = town.unit_id("1-2-1")


@pytest.fixture(autouse=True)
def _untold(monkeypatch: pytest.MonkeyPatch) -> None:
    # Progress is told by another transaction, which does not see what this one has not committed.
    monkeypatch.setattr("wangge.kernel.beside.TELL_SECONDS", 600.0)


@pytest.fixture
async def unfair(tx: Tx, as_: As) -> Tx:
    """一号 has a stairwell of 二号's house: three stairwells against one. The community's office looks."""
    await _give(tx, BORROWED, town.MICRO_1A)
    tx.actor = as_("community_officer")
    return tx


async def _give(tx: Tx, unit: UUID, code: str) -> None:
    await tx.run("update places_unit set area_code = :code where id = :id", id=unit, code=code)
    for statement in (
        "update places_dwelling set area_code = :code where unit_id = :id",
        "update people_household set area_code = :code where unit_id = :id",
        "update people_resident set area_code = :code where unit_id = :id",
        "update people_tag set area_code = :code where unit_id = :id",
    ):
        await tx.run(statement, id=unit, code=code)


async def _read(tx: Tx, id_: UUID) -> Proposal:
    return await queries.proposal(tx, tx.reach(READ), id_)


async def _by_hand(tx: Tx, unit: UUID = BORROWED, to: str = town.MICRO_1B) -> UUID:
    """A proposal in which one stairwell goes elsewhere, at version 2."""
    id_ = await commands.ask(tx, town.XINGHUA, "hand")
    assert await commands.move(tx, id_, unit, to, 1) == 2
    return id_


async def _codes(tx: Tx, unit: UUID) -> set[str]:
    """Every code under which something of a stairwell stands."""
    return set(
        await tx.many(
            str,
            """
            select area_code from places_unit where id = :id
            union select area_code from places_dwelling where unit_id = :id
            union select area_code from people_household where unit_id = :id
            union select area_code from people_resident where unit_id = :id
            union select area_code from people_tag where unit_id = :id
            """,
            id=unit,
        )
    )


# -- the town ----------------------------------------------------------------------------------


async def test_one_sentence_says_which_micro_grid_is_unfair_and_why(unfair: Tx) -> None:
    found = await situation(unfair, town.XINGHUA)
    judged = judge(found, found.town.today)
    assert not judged.fair
    assert "第一网格一号微网格" in judged.headline
    assert "一轮要" in judged.headline
    heavy = next(line for line in judged.lines if line.code == town.MICRO_1A)
    assert (heavy.state, heavy.units) == ("heavy", 3)
    assert heavy.ratio == max(line.ratio for line in judged.lines)


async def test_the_best_step_is_to_give_the_stairwell_back(unfair: Tx) -> None:
    found = await situation(unfair, town.XINGHUA)
    step = best_steps(found)[0]
    assert (step.units, step.to_code) == ((str(BORROWED),), town.MICRO_1B)
    assert not step.another_grid


async def test_the_register_is_read_in_the_same_statements_whatever_its_size(
    tx: Tx, as_: As
) -> None:
    await ATLAS.get(tx)  # what is kept in memory is there for both
    with counting() as small:
        await situation(tx, town.LIUSHU)
    await tx.run(
        """
        insert into places_unit (id, building_id, area_code, name, number, has_lift)
        select gen_random_uuid(), building_id, area_code, n || '单元', n::text, false
          from places_unit u, generate_series(10, 200) n where u.id = :id
        """,
        id=town.unit_id("1-1-1"),
    )
    with counting() as large:
        found = await situation(tx, town.XINGHUA)
    assert len(found.where) == 8 + 191
    assert large.total == small.total


async def test_persons_visited_at_home_are_counted_and_not_named(tx: Tx) -> None:
    found = await situation(tx, town.XINGHUA)
    counted = sum(unit.special for unit in found.town.units)
    residents = await tx.one(
        int,
        """
        select count(distinct resident_id)::int from people_tag
         where kind = 'elder_alone' and ended_at is null and starts_with(area_code, :code)
        """,
        code=town.XINGHUA,
    )
    assert counted == residents > 0
    assert sum(unit.people for unit in found.town.units) == await tx.one(
        int,
        "select count(*)::int from people_resident where starts_with(area_code, :code)",
        code=town.XINGHUA,
    )


async def test_a_stairwell_nobody_was_registered_in_counts_its_doors(tx: Tx) -> None:
    await tx.run(
        "update people_household set to_date = from_date, ended_why = 'empty' where unit_id = :id",
        id=BORROWED,
    )
    found = await situation(tx, town.XINGHUA)
    unit = next(one for one in found.town.units if one.id == str(BORROWED))
    assert (unit.households, found.counted) == (4, 1)


async def test_grids_are_called_by_their_names_where_each_is_divided_by_itself(tx: Tx) -> None:
    found = await situation(tx, town.XINGHUA)
    apart = inside_grids(found)
    assert [one.name for one in apart.communities] == ["第一网格", "第二网格"]
    assert not {one.community for one in apart.buildings} - {
        one.id for one in apart.communities
    }


async def test_the_office_of_another_community_sees_nothing(tx: Tx, as_: As) -> None:
    id_ = await _by_hand(tx, town.unit_id("1-1-1"))
    tx.actor = as_("community_officer_2")
    with pytest.raises(NotFound):
        await situation(tx, town.XINGHUA)
    with pytest.raises(NotFound):
        await _read(tx, id_)
    with pytest.raises(NotFound):
        await commands.accept(tx, id_, "不归我管", 2)
    with pytest.raises(Forbidden):
        await commands.ask(tx, town.XINGHUA, "repair")


async def test_a_community_without_micro_grids_says_so(tx: Tx) -> None:
    with pytest.raises(NoMicroGrids, match="槐荫社区"):
        await situation(tx, town.HUAIYIN)


# -- proposals ---------------------------------------------------------------------------------


async def test_a_repair_is_computed_and_changes_nothing_by_itself(unfair: Tx) -> None:
    id_ = await commands.ask(unfair, town.XINGHUA, "repair")
    with pytest.raises(StillWorkedOut):
        await commands.accept(unfair, id_, "等不及", 0)
    await _compute(unfair, id_)
    one = await _read(unfair, id_)
    assert (one.state, one.version, one.done) == ("ready", 1, one.whole)
    found = await situation(unfair, town.XINGHUA)
    assert judge(found, one.division).fair
    assert [step.units for step in offered(found, one.division)] == [(str(BORROWED),)]
    assert await _codes(unfair, BORROWED) == {town.MICRO_1A}


async def _compute(tx: Tx, id_: UUID) -> None:
    asker, tx.actor = tx.actor, system_actor(tx.actor.district)
    await jobs.make(tx, id_)
    tx.actor = asker


async def test_a_proposal_that_was_stopped_is_not_computed(unfair: Tx) -> None:
    id_ = await commands.ask(unfair, town.XINGHUA, "propose")
    await commands.drop(unfair, id_)
    await _compute(unfair, id_)
    one = await _read(unfair, id_)
    assert (one.state, one.version, one.division) == ("dropped", 0, {})


async def test_the_same_rules_and_seed_give_the_same_division(unfair: Tx) -> None:
    first = await commands.ask(unfair, town.XINGHUA, "propose", seed=7)
    await _compute(unfair, first)
    second = await commands.ask(unfair, town.XINGHUA, "propose", seed=7)
    assert first != second
    await _compute(unfair, second)
    assert (await _read(unfair, first)).division == (await _read(unfair, second)).division


async def test_asked_twice_is_asked_once_and_not_without_end(unfair: Tx) -> None:
    asked = [
        await commands.ask(unfair, town.XINGHUA, "propose", seed=seed) for seed in (1, 1, 2, 3)
    ]
    assert asked[0] == asked[1]
    assert len(set(asked)) == 3
    with pytest.raises(EnoughAsked):
        await commands.ask(unfair, town.XINGHUA, "repair")
    await commands.drop(unfair, asked[0])
    await commands.ask(unfair, town.XINGHUA, "repair")


async def test_a_proposal_for_a_community_that_closed_says_so(unfair: Tx) -> None:
    id_ = await commands.ask(unfair, town.XINGHUA, "repair")
    await unfair.run(
        "update places_area set valid_to = valid_from where code = :code", code=town.XINGHUA
    )
    await unfair.bump("places")
    await _compute(unfair, id_)
    one = await _read(unfair, id_)
    assert (one.state, one.sentences) == (
        "failed",
        [keep("没有找到{what},或不在您的责任范围内。", what="这个社区")],
    )


async def test_rules_out_of_bounds_are_refused_with_their_names(unfair: Tx) -> None:
    wishes = Wishes(heavy=0.5, light=float("nan"), stability=-1)
    with pytest.raises(Invalid) as refused:
        await commands.ask(unfair, town.XINGHUA, "repair", wishes)
    assert [one.field for one in refused.value.problems] == ["heavy", "light", "stability"]


async def test_a_stairwell_moved_by_hand_shows_at_once_and_can_be_moved_back(
    unfair: Tx,
) -> None:
    id_ = await _by_hand(unfair)
    found = await situation(unfair, town.XINGHUA)
    assert judge(found, (await _read(unfair, id_)).division).fair
    with pytest.raises(Stale):
        await commands.move(unfair, id_, BORROWED, town.MICRO_1A, 1)
    with pytest.raises(Invalid, match="no micro-grid of this community"):
        await commands.move(unfair, id_, BORROWED, town.MICRO_3A, 2)
    assert await commands.move(unfair, id_, BORROWED, town.MICRO_1B, 2) == 2, "it is there"
    assert await commands.go_back(unfair, id_, 1, 2) == 3
    assert not judge(found, (await _read(unfair, id_)).division).fair
    assert [one.what for one in await queries.versions(unfair, id_, 9)] == [
        "made",
        "moved",
        "back",
    ]
    assert [one.number for one in await queries.versions(unfair, id_, 2)] == [2, 3]
    assert [one.number for one in await queries.versions(unfair, id_, 2, before=2)] == [1]


async def test_what_tears_a_micro_grid_apart_is_said(unfair: Tx) -> None:
    # 第二网格's house lies 400 metres away: nobody walks there.
    id_ = await _by_hand(unfair, BORROWED, town.MICRO_2A)
    found = await situation(unfair, town.XINGHUA)
    judged = judge(found, (await _read(unfair, id_)).division)
    assert any("走不通" in why for why in judged.hard)
    step = offered(found, (await _read(unfair, id_)).division)[0]
    assert step.another_grid


# -- accepting and undoing ---------------------------------------------------------------------


async def test_what_is_accepted_moves_doors_and_households_and_is_dated(unfair: Tx) -> None:
    id_ = await _by_hand(unfair)
    assert await commands.accept(unfair, id_, "两格差太多", 2) == 1
    assert await _codes(unfair, BORROWED) == {town.MICRO_1B}
    one = await _read(unfair, id_)
    assert (one.state, one.decided_by, one.reason) == (
        "accepted",
        unfair.actor.id,
        "两格差太多",
    )
    assert await unfair.many(
        str,
        """
        select concat_ws(' ', area_code, from_code, by_id, cause, reason)
          from places_unit_move where unit_id = :id
        """,
        id=BORROWED,
    ) == [f"{town.MICRO_1B} {town.MICRO_1A} {unfair.actor.id} {id_} 两格差太多"]


async def test_nothing_is_accepted_twice(unfair: Tx) -> None:
    id_ = await _by_hand(unfair)
    await commands.accept(unfair, id_, "两格差太多", 2)
    with pytest.raises(AlreadyDecided, match="accepted"):
        await commands.accept(unfair, id_, "再来一次", 2)
    with pytest.raises(AlreadyDecided):
        await commands.move(unfair, id_, BORROWED, town.MICRO_1A, 2)
    with pytest.raises(AlreadyDecided):
        await commands.drop(unfair, id_)


async def test_an_undo_puts_everything_back(unfair: Tx) -> None:
    before = await _filed(unfair)
    id_ = await _by_hand(unfair)
    await commands.accept(unfair, id_, "两格差太多", 2)
    assert await commands.undo(unfair, id_, "住户不同意") == 1
    assert await _codes(unfair, BORROWED) == {town.MICRO_1A}
    assert await _filed(unfair) == before
    assert (await _read(unfair, id_)).state == "undone"
    with pytest.raises(NotAccepted):
        await commands.undo(unfair, id_, "再撤一次")


async def _filed(tx: Tx) -> list[str]:
    return await tx.many(
        str,
        """
        select id || area_code from places_compound
        union all select u.id || u.area_code from places_unit u order by 1
        """,
    )


async def test_a_report_at_the_door_reaches_the_new_micro_grid(tx: Tx) -> None:
    at = (await situation(tx, town.XINGHUA)).spots[str(BORROWED)]
    assert (await ATLAS.get(tx)).grid_of(*at) == town.MICRO_1B
    before = (await ATLAS.get(tx)).shape(town.MICRO_1B)
    id_ = await _by_hand(tx, BORROWED, town.MICRO_1A)
    await commands.accept(tx, id_, "归西边", 2)
    atlas = await ATLAS.get(tx)
    assert atlas.grid_of(*at) == town.MICRO_1A
    other = (await situation(tx, town.XINGHUA)).spots[str(town.unit_id("1-2-2"))]
    assert atlas.grid_of(*other) == town.MICRO_1B, "the other stairwell of the house stays"
    await commands.undo(tx, id_, "还是归东边")
    assert (await ATLAS.get(tx)).shape(town.MICRO_1B).equals(before)


async def test_what_lies_at_a_point_goes_with_the_ground(tx: Tx) -> None:
    lon, lat = (await situation(tx, town.XINGHUA)).spots[str(BORROWED)]
    await tx.run(
        """
        insert into registers_thing (id, kind, area_code, name, confirmed_on, confirmed, details,
                                     location, lon, lat, updated_at)
        values (:id, 'facility', :code, '消火栓', '2026-01-01', '{}', '{}', '门口', :lon, :lat, :now)
        """,
        id=new_id(tx.now),
        code=town.MICRO_1B,
        lon=lon,
        lat=lat,
        now=tx.now,
    )
    hydrant = "select area_code from registers_thing where name = '消火栓'"
    id_ = await _by_hand(tx, BORROWED, town.MICRO_1A)
    await commands.accept(tx, id_, "归西边", 2)
    assert await tx.one(str, hydrant) == town.MICRO_1A
    await commands.undo(tx, id_, "还是归东边")
    assert await tx.one(str, hydrant) == town.MICRO_1B


async def test_an_undo_leaves_a_border_that_was_drawn_anew(tx: Tx) -> None:
    id_ = await _by_hand(tx, BORROWED, town.MICRO_1A)
    await commands.accept(tx, id_, "归西边", 2)
    drawn = town.box(120.1031, 30.100, 120.106, 30.104)
    await tx.run(
        "update places_area set boundary = :drawn where code = :code",
        drawn=drawn,
        code=town.MICRO_1B,
    )
    await tx.bump("places")
    await commands.undo(tx, id_, "还是归东边")
    kept = (await ATLAS.get(tx)).shape(town.MICRO_1B)
    assert kept.bounds[0] == 120.1031
    assert await _codes(tx, BORROWED) == {town.MICRO_1B}


async def test_an_undo_writes_over_nobodys_later_change(unfair: Tx) -> None:
    first = await _by_hand(unfair)
    await commands.accept(unfair, first, "两格差太多", 2)
    second = await _by_hand(unfair, BORROWED, town.MICRO_2A)
    await commands.accept(unfair, second, "临时归北边", 2)
    with pytest.raises(UnitsWentElsewhere, match="1 stairwell "):
        await commands.undo(unfair, first, "撤销旧的")
    assert await _codes(unfair, BORROWED) == {town.MICRO_2A}
    await commands.undo(unfair, second, "撤销新的")
    assert await commands.undo(unfair, first, "再撤旧的") == 1


async def test_a_proposal_over_a_changed_register_is_stale(unfair: Tx) -> None:
    id_ = await _by_hand(unfair)
    other = await _by_hand(unfair, town.unit_id("1-1-2"))
    await commands.accept(unfair, other, "先改这一个", 2)
    with pytest.raises(ProposalIsStale) as refused:
        await commands.accept(unfair, id_, "再改那一个", 2)
    assert (refused.value.moved, refused.value.new, refused.value.gone) == (1, 0, 0)
    assert await _codes(unfair, BORROWED) == {town.MICRO_1A}


async def test_a_part_of_a_proposal_can_be_accepted(unfair: Tx) -> None:
    id_ = await _by_hand(unfair)
    second = town.unit_id("1-3-1")
    await commands.move(unfair, id_, second, town.MICRO_2B, 2)
    steps = offered(await situation(unfair, town.XINGHUA), (await _read(unfair, id_)).division)
    assert len(steps) == 2
    with pytest.raises(Invalid, match="at least one step"):
        await commands.accept(unfair, id_, "一步也不要", 3, [])
    with pytest.raises(Invalid, match="no such step"):
        await commands.accept(unfair, id_, "没有的一步", 3, ["x>y"])
    key = next(step.key for step in steps if str(BORROWED) in step.units)
    assert await commands.accept(unfair, id_, "只改这一步", 3, [key]) == 1
    assert await _codes(unfair, BORROWED) == {town.MICRO_1B}
    assert await _codes(unfair, second) == {town.MICRO_2A}


async def test_nothing_is_accepted_without_a_reason(unfair: Tx) -> None:
    id_ = await _by_hand(unfair)
    with pytest.raises(Invalid, match="reason"):
        await commands.accept(unfair, id_, " ", 2)
    assert (await _read(unfair, id_)).state == "ready"


async def test_a_house_in_two_micro_grids_belongs_to_what_holds_both(unfair: Tx) -> None:
    id_ = await _by_hand(unfair, town.unit_id("1-3-1"), town.MICRO_2B)
    await commands.accept(unfair, id_, "楼拆成两半", 2)
    where = "select area_code from places_building where id = :id"
    building = town.town_id("building/1-3")
    assert await unfair.one(str, where, id=building) == town.GRID_2
    await commands.undo(unfair, id_, "还是不拆")
    assert await unfair.one(str, where, id=building) == town.MICRO_2A


async def test_of_two_who_accept_at_once_the_second_sees_what_the_first_did(
    own_installation: Installation, as_: As
) -> None:
    database, office = own_installation.districts["town"].database, as_("community_officer")
    async with database.tx(office) as tx:
        first = await _by_hand(tx, BORROWED, town.MICRO_1A)
        second = await _by_hand(tx, town.unit_id("1-1-2"), town.MICRO_1B)
    begun = asyncio.Event()

    async def late() -> None:
        async with database.tx(office) as tx:
            await _read(tx, second)
            await ATLAS.get(tx)  # it knows the map from before
            begun.set()
            await commands.accept(tx, second, "后一个", 2)

    async with database.tx(office) as tx:
        await commands.accept(tx, first, "先一个", 2)
        waiting = asyncio.create_task(late())
        await begun.wait()
        while True:  # until it stands before a lock
            if await tx.one(bool, "select exists (select 1 from pg_locks where not granted)"):
                break
            await asyncio.sleep(0.01)
    with pytest.raises(ProposalIsStale):
        await waiting
    async with database.tx(office, read_only=True) as tx:
        spot = (await situation(tx, town.XINGHUA)).spots[str(BORROWED)]
        assert (await ATLAS.get(tx)).grid_of(*spot) == town.MICRO_1A


# -- heads -------------------------------------------------------------------------------------


async def _stairwells(tx: Tx) -> set[UUID]:
    return set(
        await tx.many(
            UUID,
            "select unnest(unit_ids) from people_post where staff_id = :id",
            id=town.PEOPLE["part_time_worker"].id,
        )
    )


async def test_the_heads_post_goes_with_the_stairwells(unfair: Tx) -> None:
    await unfair.run(
        "update people_post set unit_ids = unit_ids || :unit::uuid where staff_id = :id",
        unit=BORROWED,
        id=town.PEOPLE["part_time_worker"].id,
    )
    id_ = await _by_hand(unfair)
    await commands.accept(unfair, id_, "还给二号", 2)
    assert await _stairwells(unfair) == {town.unit_id("1-1-1")}
    await commands.undo(unfair, id_, "还是不还")
    assert await _stairwells(unfair) == {town.unit_id("1-1-1"), BORROWED}


async def test_an_undo_gives_a_stairwell_back_to_the_post_that_lost_it(unfair: Tx) -> None:
    # After the accept another helper's post is the one over most stairwells.
    units = [town.unit_id("1-1-1"), BORROWED]
    mine, other = town.PEOPLE["part_time_worker"].id, town.PEOPLE["volunteer"].id
    await unfair.run(
        "update people_post set unit_ids = :units::uuid[] where staff_id = :id",
        units=units,
        id=mine,
    )
    await unfair.run(
        """
        update people_post set role = 'part_time_worker', area_code = :code,
               unit_ids = :units::uuid[], from_at = from_at + interval '1 day'
         where staff_id = :id
        """,
        code=town.MICRO_1A,
        units=units,
        id=other,
    )
    id_ = await _by_hand(unfair)
    await commands.accept(unfair, id_, "还给二号", 2)
    assert await _stairwells(unfair) == {town.unit_id("1-1-1")}
    found = await situation(unfair, town.XINGHUA)
    assert found.heads[town.MICRO_1A].staff_id == other
    await commands.undo(unfair, id_, "还是不还")
    assert await _stairwells(unfair) == set(units)


async def test_a_post_is_never_left_without_a_stairwell(unfair: Tx) -> None:
    # A post that names none reaches its whole area: more than it was given.
    only = town.unit_id("1-1-1")
    id_ = await _by_hand(unfair, only)
    await commands.accept(unfair, id_, "换给二号", 2)
    assert await _stairwells(unfair) == {only}
    assert ((await _read(unfair, id_)).applied or {})["left"] == 1


async def test_a_named_head_stands_before_the_posts(unfair: Tx) -> None:
    home = town.unit_id("1-2-2")
    await commands.name_head(unfair, town.MICRO_1B, town.PEOPLE["part_time_worker"].id, home)
    found = await situation(unfair, town.XINGHUA)
    assert found.heads[town.MICRO_1B].unit_id == home
    # He heads two now, by name and by his post.
    judged = judge(found, found.town.today)
    assert any("同一位网格长" in why for why in judged.hard)
    await commands.name_head(unfair, town.MICRO_1B, None)
    assert town.MICRO_1B not in (await situation(unfair, town.XINGHUA)).heads
    with pytest.raises(Invalid, match="a post in this community"):
        await commands.name_head(unfair, town.MICRO_1B, town.PEOPLE["grid_worker_3"].id)
    with pytest.raises(Invalid, match="one of this community"):
        await commands.name_head(
            unfair, town.MICRO_1B, town.PEOPLE["volunteer"].id, town.unit_id("2-1-1")
        )


async def test_whoever_serves_no_longer_is_forgotten_with_their_home(unfair: Tx) -> None:
    staff = town.PEOPLE["part_time_worker"].id
    await commands.name_head(unfair, town.MICRO_1A, staff, town.unit_id("1-1-1"))
    before = unfair.now
    assert await forget_heads(unfair, before, 10) == []
    await unfair.run(
        "update people_post set until_at = :now::timestamptz - interval '1 day'"
        " where staff_id = :id",
        now=before,
        id=staff,
    )
    assert await forget_heads(unfair, before - timedelta(days=2), 10) == []
    waiting = await old_heads(unfair, before)
    gone = await forget_heads(unfair, before, 10)
    assert [(one.area_code, one.items) for one in gone] == [(town.XINGHUA, 1)]
    assert waiting == gone
    assert await old_heads(unfair, before) == []


async def test_a_head_whose_home_would_be_outside_is_said(unfair: Tx) -> None:
    await commands.name_head(
        unfair, town.MICRO_1A, town.PEOPLE["part_time_worker"].id, BORROWED
    )
    id_ = await _by_hand(unfair)
    found = await situation(unfair, town.XINGHUA)
    judged = judge(found, (await _read(unfair, id_)).division)
    assert any("不在本格内" in why for why in judged.hard)


async def test_rules_are_kept_with_the_proposal(unfair: Tx) -> None:
    wishes = Wishes(heavy=1.6, across=True)
    id_ = await commands.ask(unfair, town.XINGHUA, "hand", wishes)
    assert msgspec.convert((await _read(unfair, id_)).rules, Wishes) == wishes
    found = await situation(unfair, town.XINGHUA, wishes.rules())
    assert judge(found, found.town.today).lines[0].state != "heavy"


async def test_the_list_of_proposals_is_paged_newest_first(unfair: Tx) -> None:
    made: list[UUID] = []
    start = unfair.now
    for minute in range(3):
        unfair.now = start + timedelta(minutes=minute)
        made.append(await commands.ask(unfair, town.XINGHUA, "hand"))
    first = await queries.proposals(unfair, town.XINGHUA, None, 2)
    assert [one.id for one in first] == made[:0:-1]
    rest = await queries.proposals(unfair, town.XINGHUA, (first[-1].at, first[-1].id), 2)
    assert [one.id for one in rest] == made[:1]
