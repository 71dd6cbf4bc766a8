"""Areas split and merge; whoever and whatever belonged to them is found again."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

import small_town as town
from town_fixtures import VAULT
from wangge import dispatch
from wangge.cases.lists import CaseFilter, case_page
from wangge.cases.read import case_view
from wangge.dispatch import Received, Report, commands
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.database import Tx, counting
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Forbidden, Invalid, NotFound
from wangge.people import ROSTER, lists
from wangge.people.changes import Change, apply_changes, undo_batch
from wangge.places import ATLAS, redrawing
from wangge.places import commands as places
from wangge.places.model import AreaIsClosed, CodeTaken
from wangge.places.redrawing import Outcome, PartWish, totals
from wangge.web.rooms import import_rooms

As = Callable[[str], Actor]
import_rooms()
WEST, EAST = PartWish("西网格"), PartWish("东网格")
#: From north to south through the middle of 第一网格, a little over its borders.
MIDDLE = {"type": "LineString", "coordinates": [[120.103, 30.109], [120.103, 30.099]]}
GRID_5, GRID_6 = town.XINGHUA + "003", town.XINGHUA + "004"


async def split_grid(tx: Tx) -> Outcome:
    return await redrawing.split(tx, town.GRID_1, [WEST, EAST], line=MIDDLE)


async def codes_of(tx: Tx, table: str) -> dict[str, int]:
    sql = f"select area_code || ' ' || count(*) from {table} group by area_code"
    lines = await tx.many(str, sql)  # type: ignore[arg-type]
    return {line.split()[0]: int(line.split()[1]) for line in lines}


TABLES = (
    "places_building",
    "places_unit",
    "places_dwelling",
    "people_household",
    "people_resident",
)


async def test_a_line_splits_a_grid_with_all_that_is_in_it(tx: Tx) -> None:
    before = {table: await codes_of(tx, table) for table in TABLES}
    done = await split_grid(tx)
    assert [(one.code, one.name) for one in done.opened] == [
        (GRID_5, "西网格"),
        (GRID_6, "东网格"),
        (GRID_5 + "001", "一号微网格"),
        (GRID_6 + "002", "二号微网格"),
    ]
    assert {fate.code: fate.successors for fate in done.closed} == {
        town.GRID_1: (GRID_5, GRID_6),
        town.MICRO_1A: (GRID_5 + "001",),
        town.MICRO_1B: (GRID_6 + "002",),
    }
    for table in TABLES:
        after = await codes_of(tx, table)
        assert town.MICRO_1A not in after
        assert after[GRID_5 + "001"] == before[table][town.MICRO_1A], table
        assert after[GRID_6 + "002"] == before[table][town.MICRO_1B], table
        assert sum(after.values()) == sum(before[table].values())
    atlas = await ATLAS.get(tx)
    assert atlas.grid_of(120.101, 30.102) == GRID_5 + "001"
    assert atlas.grid_of(120.105, 30.102) == GRID_6 + "002"
    assert atlas.resolve(town.MICRO_1A) == (GRID_5 + "001",)
    west, east = atlas.shape(GRID_5), atlas.shape(GRID_6)
    assert west.intersection(east).area == 0.0
    assert west.union(east).equals(atlas.shape(town.GRID_1))


#: Cases are filed under the code of their day; it resolves.
FILED = {"cases_case"}


async def test_whatever_has_a_stairwell_follows_it_whichever_room_keeps_it(tx: Tx) -> None:
    tables = await tx.many(
        str,
        """
        select t.relname::text from pg_class t
         where t.relnamespace = current_schema()::regnamespace and t.relkind = 'r'
           and 2 = (select count(*) from pg_attribute a
                     where a.attrelid = t.oid and a.attname in ('unit_id', 'area_code'))
        """,
    )
    assert {"people_household", "people_resident", "people_tag", "forms_contact"} <= set(tables)
    await tx.run(
        """
        insert into forms_contact (id, household_id, area_code, unit_id, keys, way, result,
                                   office, by_id, at, origin)
        select :id, id, area_code, unit_id, '{}', 'visit', 'answered', '社区', :by, :now, 'hand'
          from people_household
         where area_code = :code limit 1
        """,
        id=new_id(),
        by=tx.actor.id,
        now=tx.now,
        code=town.MICRO_1A,
    )
    await split_grid(tx)
    for table in sorted(set(tables) - FILED):
        sql = f"select count(*) from {table} where area_code like :code || '%'"
        assert await tx.one(int, sql, code=town.GRID_1) == 0, table  # type: ignore[arg-type]


async def test_an_undo_after_a_split_brings_no_closed_code_back(tx: Tx) -> None:
    batch = new_id(tx.now)
    household = await tx.one(
        UUID,
        "select id from people_household where area_code = :code order by id limit 1",
        code=town.MICRO_1A,
    )
    await apply_changes(
        tx,
        VAULT,
        batch,
        [Change("household", "update", household, town.MICRO_1A, {"label": "三号院"})],
    )
    await split_grid(tx)
    undone = await undo_batch(tx, VAULT, batch)
    assert (undone.total, undone.kept) == (1, ())
    code = await tx.one(
        str, "select area_code from people_household where id = :id", id=household
    )
    assert code == GRID_5 + "001"


async def test_a_preview_counts_what_moves_and_what_stays(tx: Tx) -> None:
    homes = (await codes_of(tx, "people_household"))[town.MICRO_1A]
    done = await split_grid(tx)
    moved = {(one.what, one.area_code): one.items for one in done.moved}
    assert moved["户", GRID_5 + "001"] == homes
    assert moved["户门", GRID_5 + "001"] == 8
    # grid head, worker, two volunteers on the grid; a part-time worker on its stairwell
    assert totals(done.staying)["个岗位"] == 5
    assert totals(done.staying)["支队伍"] == 1


async def test_facts_say_what_happened_and_name_nobody(tx: Tx) -> None:
    await split_grid(tx)
    await tx.flush()
    rows = await tx.many(str, "select kind || ' ' || area_code from kernel_outbox order by n")
    assert f"places.AreaSplit {town.GRID_1}" in rows
    assert f"places.AreaClosed {town.MICRO_1B}" in rows
    assert f"places.AreaOpened {GRID_6}" in rows
    assert f"places.DoorsMoved {GRID_5}001" in rows
    assert f"people.HouseholdsMoved {GRID_5}001" in rows


async def test_posts_on_the_old_grid_reach_both_parts(tx: Tx, as_: As) -> None:
    await split_grid(tx)
    roster = await ROSTER.get(tx)
    worker = town.PEOPLE["grid_worker"].id
    reached = {grant.area_code for grant in roster.grants(worker, tx.now)}
    assert {GRID_5, GRID_6, town.GRID_1} <= reached
    helper = roster.grants(town.PEOPLE["part_time_worker"].id, tx.now)
    assert any(
        grant.area_code == GRID_5 + "001" and grant.units == {town.unit_id("1-1-1")}
        for grant in helper
    )


async def report(tx: Tx, by: Actor, **changes: Any) -> Received:
    was, tx.actor = tx.actor, system_actor(tx.actor.district)
    wanted: dict[str, Any] = {
        "id": new_id(tx.now),
        "by": by,
        "words": "3幢楼下水管爆了,水漫到路上",
        "class_code": "E0401",
        "area_code": town.GRID_1,
        "trusted": True,
        **changes,
    }
    answer = (await dispatch.receive(tx, [Report(**wanted)]))[0]
    tx.actor = was
    assert isinstance(answer, Received), answer
    return answer


async def actor(tx: Tx, key: str) -> Actor:
    """Somebody with the grants of this moment."""
    roster, person = await ROSTER.get(tx), town.PEOPLE[key]
    return Actor(person.id, "staff", tx.actor.district, roster.grants(person.id, tx.now))


async def test_an_open_case_of_the_old_grid_goes_on_to_its_end(tx: Tx, as_: As) -> None:
    case = await report(tx, as_("grid_worker"))
    done = await split_grid(tx)
    assert totals(done.staying)["件在办事件"] == 1
    task = await tx.one(UUID, "select id from tasks_task where origin_id = :id", id=case.id)
    tx.actor = await actor(tx, "department_staff")
    await commands.accept(tx, task)
    await commands.start(tx, task)
    await commands.finish(tx, task, "已修好", [])
    for key in ("grid_worker", "community_officer", "street_officer"):
        tx.actor = await actor(tx, key)
        view = await case_view(tx, case.id)
        assert (view.state, view.area_code) == ("handled", town.GRID_1), key
    tx.actor = await actor(tx, "grid_worker_2")
    with pytest.raises(NotFound):
        await case_view(tx, case.id)


async def test_a_list_of_the_new_grid_holds_the_cases_of_the_old_one(tx: Tx, as_: As) -> None:
    old = await report(tx, as_("grid_worker"))
    other = await report(tx, as_("grid_worker_2"), area_code=town.GRID_2)
    await split_grid(tx)
    tx.actor = await actor(tx, "district_officer")
    for area in (GRID_5, GRID_6, town.GRID_1):
        page = await case_page(tx, CaseFilter(area=area))
        assert [line.id for line in page.items] == [old.id], area
    page = await case_page(tx, CaseFilter(area=town.XINGHUA))
    assert {line.id for line in page.items} == {old.id, other.id}


async def test_a_report_that_still_names_the_old_grid_goes_to_the_part_it_lies_in(
    tx: Tx, as_: As
) -> None:
    await split_grid(tx)
    worker = await actor(tx, "grid_worker")
    assert (await report(tx, worker, area_code=town.MICRO_1B)).area_code == GRID_6 + "002"
    here = await report(tx, worker, lon=120.101, lat=30.102)
    assert here.area_code == GRID_5 + "001"


async def test_residents_are_listed_under_the_new_codes_and_by_old_posts(
    tx: Tx, as_: As
) -> None:
    before, _ = await lists.people(_as(tx, as_("grid_worker")), VAULT, limit=100)
    await split_grid(_as(tx, system_actor("town")))
    tx.actor = await actor(tx, "grid_worker")
    after, _ = await lists.people(tx, VAULT, limit=100)
    assert {one.id for one in after} == {one.id for one in before}
    west, _ = await lists.people(tx, VAULT, area=GRID_5, limit=100)
    assert 0 < len(west) < len(after)


def _as(tx: Tx, who: Actor) -> Tx:
    tx.actor = who
    return tx


async def test_stairwells_are_ticked_where_no_line_can_part_them(tx: Tx) -> None:
    done = await redrawing.split(
        tx,
        town.MICRO_1A,
        [
            PartWish("一单元", units=(town.unit_id("1-1-1"),)),
            PartWish("二单元", units=(town.unit_id("1-1-2"),)),
        ],
    )
    first, second = (one.code for one in done.opened)
    assert (first, second) == (town.GRID_1 + "003", town.GRID_1 + "004")
    assert (
        await tx.one(
            str, "select area_code from places_unit where id = :id", id=town.unit_id("1-1-2")
        )
        == second
    )
    # The building stands in both: it belongs to the grid.
    building = await tx.one(
        str,
        "select area_code from places_building where id = :id",
        id=town.town_id("building/1-1"),
    )
    assert building == town.GRID_1
    assert "边界" in str(done.warnings[0].said("zh")["words"])


async def test_whoever_nobody_has_given_to_a_part_is_named(tx: Tx) -> None:
    with pytest.raises(Invalid) as wrong:
        await redrawing.split(
            tx,
            town.MICRO_1A,
            [PartWish("一单元", units=(town.unit_id("1-1-1"),)), PartWish("二单元")],
        )
    assert wrong.value.problems[0].field == "buildings"
    assert "1幢" in wrong.value.words()
    with pytest.raises(Invalid):
        await redrawing.split(
            tx,
            town.GRID_1,
            [PartWish("西", children=(town.MICRO_1A,)), PartWish("东")],
        )


async def test_a_community_splits_with_its_grids_and_their_parts(tx: Tx) -> None:
    done = await redrawing.split(
        tx,
        town.XINGHUA,
        [
            PartWish("南社区", children=(town.GRID_1,)),
            PartWish("北社区", children=(town.GRID_2,), code=town.STREET + "009"),
        ],
    )
    south, north = town.STREET + "010", town.STREET + "009"
    assert [one.code for one in done.opened][:2] == [south, north]
    atlas = await ATLAS.get(tx)
    assert atlas.resolve(town.MICRO_2B) == (north + "002002",)
    assert atlas.shape(north) is not None
    assert atlas.grid_of(120.101, 30.106) == north + "002001"
    assert not done.warnings


async def test_two_grids_become_one_and_keep_their_numbers_apart(tx: Tx) -> None:
    homes = await codes_of(tx, "people_household")
    done = await redrawing.merge(tx, [town.GRID_1, town.GRID_2], "大网格")
    assert [one.code for one in done.opened] == [
        GRID_5,
        GRID_5 + "001",
        GRID_5 + "002",
        GRID_5 + "003",
        GRID_5 + "004",
    ]
    after = await codes_of(tx, "people_household")
    assert after[GRID_5 + "001"] == homes[town.MICRO_1A]
    assert after[GRID_5 + "004"] == homes[town.MICRO_2B]
    atlas = await ATLAS.get(tx)
    assert atlas.resolve(town.GRID_2) == (GRID_5,)
    assert atlas.shape(GRID_5).geom_type == "Polygon"
    assert set(atlas.predecessors(GRID_5)) == {town.GRID_1, town.GRID_2}


async def test_a_grid_may_take_another_in_and_go_on(tx: Tx) -> None:
    done = await redrawing.merge(tx, [town.GRID_1, town.GRID_2], "第一网格", into=town.GRID_1)
    assert {fate.code for fate in done.closed} == {town.GRID_2, town.MICRO_2A, town.MICRO_2B}
    atlas = await ATLAS.get(tx)
    found = atlas.area(town.GRID_1)
    assert found is not None
    assert found.open
    assert atlas.grid_of(120.101, 30.106) == town.GRID_1 + "003"
    assert (await codes_of(tx, "people_household"))[town.GRID_1 + "004"] > 0


async def test_what_was_split_and_merged_again_still_resolves(tx: Tx) -> None:
    await split_grid(tx)
    await redrawing.merge(tx, [GRID_5, GRID_6], "又合起来")
    atlas = await ATLAS.get(tx)
    (now,) = atlas.resolve(town.GRID_1)
    assert atlas.name(now) == "又合起来"
    assert len(atlas.resolve(town.MICRO_1A)) == 1
    assert town.GRID_1 in atlas.predecessors(now)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ([[120.103, 30.1035], [120.103, 30.1005]], "分成了 1 块"),
        ([[120.2, 30.2], [120.3, 30.3]], "分成了 1 块"),
        ([[120.099, 30.099], [120.107, 30.105], [120.107, 30.099], [120.099, 30.105]], "交叉"),
        ([[120.101, 30.2], [120.101, 30.0], [120.105, 30.0], [120.105, 30.2]], "分成了 3 块"),
        ("东边", "LineString"),
    ],
)
async def test_a_line_that_does_not_make_two_pieces_is_refused(
    tx: Tx, line: Any, words: str
) -> None:
    with pytest.raises(Invalid) as wrong:
        await redrawing.split(
            tx, town.GRID_1, [WEST, EAST], line={"type": "LineString", "coordinates": line}
        )
    assert words in wrong.value.words()


async def test_a_grid_that_the_line_cuts_goes_whole_and_is_said(tx: Tx) -> None:
    aside = {"type": "LineString", "coordinates": [[120.104, 30.109], [120.104, 30.099]]}
    done = await redrawing.split(tx, town.GRID_1, [WEST, EAST], line=aside)
    (warning,) = done.warnings
    assert warning.values == {"name": "二号微网格", "part": "东网格"}


async def test_codes_are_never_used_again_and_lie_below_the_same_parent(tx: Tx) -> None:
    await places.close_area(tx, town.MICRO_1B, [town.MICRO_1A])
    for code, refusal in (
        (town.MICRO_1B, CodeTaken),
        (town.GRID_2 + "009", Invalid),
        ("9900010010", Invalid),
    ):
        with pytest.raises(refusal):
            await redrawing.split(
                tx, town.MICRO_1A, [PartWish("甲", code=code), PartWish("乙")]
            )


async def test_a_day_lies_between_the_beginning_and_today(tx: Tx) -> None:
    today = date(2026, 3, 18)
    for day in (today + timedelta(days=1), today - timedelta(days=63)):
        with pytest.raises(Invalid):
            await redrawing.split(tx, town.GRID_1, [WEST, EAST], line=MIDDLE, on=day)
    done = await redrawing.split(
        tx, town.GRID_1, [WEST, EAST], line=MIDDLE, on=today - timedelta(days=3)
    )
    area = (await ATLAS.get(tx)).area(done.opened[0].code)
    assert area is not None
    assert area.valid_from == today - timedelta(days=3)
    with pytest.raises(AreaIsClosed):
        await split_grid(tx)


async def test_only_siblings_merge_and_only_by_those_who_may(tx: Tx, as_: As) -> None:
    with pytest.raises(Invalid):
        await redrawing.merge(tx, [town.GRID_1, town.GRID_3], "跨社区")
    with pytest.raises(Invalid):
        await redrawing.merge(tx, [town.GRID_1], "一个")
    tx.actor = as_("street_officer")
    with pytest.raises(Forbidden):
        # The new street would lie beside the officer's own.
        await redrawing.split(
            tx,
            town.STREET,
            [
                PartWish("甲街道", children=(town.XINGHUA,)),
                PartWish("乙街道", children=(town.LIUSHU,)),
            ],
        )
    tx.actor = as_("community_officer")
    with pytest.raises(Forbidden):
        await split_grid(tx)


async def test_a_split_costs_the_same_statements_whatever_it_moves(tx: Tx) -> None:
    await tx.bump("places")  # both read the areas anew, as the second would by itself
    with counting() as small:
        await redrawing.split(
            tx,
            town.MICRO_4A,
            [
                PartWish("一单元", units=(town.unit_id("2-2-1"),)),
                PartWish("二单元", units=(town.unit_id("2-2-2"),)),
            ],
        )
    with counting() as large:
        await redrawing.split(
            tx,
            town.XINGHUA,
            [PartWish("南", children=(town.GRID_1,)), PartWish("北", children=(town.GRID_2,))],
        )
    assert large.total == small.total
