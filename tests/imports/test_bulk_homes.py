"""One act on every household of a list: whose the homes are, what is still true, a whole house rehoused."""

import asyncio
import re
from typing import Any
from uuid import UUID

import pytest
from importing import As, everything

import small_town as town
from town_fixtures import VAULT
from wangge.imports import api, bulk, bulk_homes, pages
from wangge.imports.bulk_homes import Bulk, Outcome
from wangge.imports.refusals import ListChanged
from wangge.imports.rehousing import lines_of
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.database import Database, Tx, counting
from wangge.kernel.http import District
from wangge.kernel.refusals import Forbidden, Invalid, NotFound
from wangge.people.changes import CannotUndoWhole
from wangge.people.commands.residents import Draft, register_household


@pytest.fixture
def database(own_district: District) -> Database:
    return own_district.database


async def look(database: Database, actor: Actor, asked: Bulk) -> Outcome:
    async with database.tx(actor, now=town.NOON, read_only=True) as tx:
        return await bulk_homes.preview(tx, asked)


async def do(database: Database, actor: Actor, asked: Bulk, mark: str = "") -> Any:
    mark = mark or (await look(database, actor, asked)).mark
    async with database.tx(actor, now=town.NOON) as tx:
        return await bulk_homes.do(tx, VAULT, asked, mark)


async def undo(database: Database, actor: Actor, batch: UUID) -> Any:
    async with database.tx(actor, now=town.NOON) as tx:
        return await bulk.undo(tx, VAULT, batch)


async def register_of(database: Database) -> list[str]:
    async with database.tx(system_actor("town"), read_only=True) as tx:
        return await everything(tx)


async def told(database: Database, sql: Any, **values: Any) -> list[str]:
    async with database.tx(system_actor("town"), now=town.NOON) as tx:
        return await tx.many(str, sql, **values)


SOURCE, TO = town.town_id("building/1-1"), town.town_id("building/1-2")
MINE = next(h for h in town.homes()[0] if h.dwelling_id == town.dwelling_id("1-1-1-101"))
REHOUSED = Bulk(town.XINGHUA, "move", SOURCE, to=TO)
EMPTIED: Any = """
    update people_household h set to_date = from_date, ended_why = 'moved'
      from places_unit u where u.id = h.unit_id and u.building_id = :to returning h.id::text
    """


async def test_how_homes_are_held_is_set_for_a_list_confirmed_and_taken_back(
    database: Database, as_: As
) -> None:
    officer, before = as_("community_officer"), await register_of(database)
    asked = Bulk(town.XINGHUA, "tenure", tenure="public")
    seen = await look(database, officer, asked)
    assert 0 < seen.does == seen.homes
    assert seen.people > seen.does
    assert await register_of(database) == before, "a look changes nothing"
    batch, done = await do(database, officer, asked, seen.mark)
    assert done == seen
    assert (await look(database, officer, asked)).left == {"same": seen.homes}
    confirm = Bulk(town.XINGHUA, "confirm", field="tenure", tenure_is="public")
    assert (await look(database, officer, confirm)).left == {"today": seen.homes}
    landlord = Bulk(town.XINGHUA, "confirm", field="landlord_phone")
    assert (await look(database, officer, landlord)).left == {"empty": seen.homes}
    assert (await undo(database, officer, batch)).total == seen.does
    assert await register_of(database) == before


async def test_a_house_is_rehoused_door_by_door_and_put_back(
    database: Database, as_: As
) -> None:
    officer = as_("community_officer")
    full = await look(database, officer, REHOUSED)
    assert full.left["occupied"] > 0
    await told(database, EMPTIED, to=TO)
    before = await register_of(database)
    with counting() as counted:
        seen = await look(database, officer, REHOUSED)
    assert counted.total <= 6, "whatever the list"
    assert (seen.does, seen.left) == (seen.homes, {})
    assert all(one.to.startswith("杏花苑2幢") for one in seen.shown), "estates have like houses"
    batch, done = await do(database, officer, REHOUSED, seen.mark)
    assert (done.does, done.people) == (seen.does, seen.people)
    moved = await told(
        database,
        """
        select t.name from people_resident t join people_household h on h.id = t.household_id
          join places_unit u on u.id = h.unit_id
         where u.building_id = :to and h.to_date is null and t.unit_id = h.unit_id
           and t.area_code = h.area_code
        """,
        to=TO,
    )
    assert len(moved) == seen.people
    lived = await told(database, "select name_mask from people_residence where tie = 'lives'")
    assert len(lived) == seen.people, "where they lived until then"
    astray = await told(
        database,
        """
        select g.id::text from people_tag g join people_resident t on t.id = g.resident_id
         where g.ended_at is null and (g.unit_id <> t.unit_id or g.area_code <> t.area_code)
        """,
    )
    assert astray == [], "their needs go with them"
    assert (await look(database, officer, REHOUSED)).homes == 0
    assert (await undo(database, officer, batch)).kept == ()
    assert await register_of(database) == before


async def test_a_door_that_is_taken_or_missing_keeps_its_household_where_it_is(
    database: Database, as_: As
) -> None:
    officer = as_("community_officer")
    own = await look(database, officer, Bulk(town.XINGHUA, "move", SOURCE, to=SOURCE))
    assert own.left == {"here": own.homes}
    await told(database, EMPTIED, to=TO)
    rename = """
        update places_dwelling d set room = '9' || room from places_unit u
         where u.id = d.unit_id and u.id = :unit returning d.id::text
        """
    await told(database, rename, unit=town.unit_id("1-2-2"))
    some = await look(database, officer, REHOUSED)
    assert some.left == {"no_door": some.homes - some.does}
    assert 0 < some.does < some.homes
    theirs = Bulk(town.XINGHUA, "move", SOURCE, to=town.town_id("building/2-1"))
    with pytest.raises(Invalid):  # another community's house, which nobody here sees
        await look(database, officer, theirs)


async def test_half_a_move_is_not_undone(database: Database, as_: As) -> None:
    officer = as_("community_officer")
    await told(database, EMPTIED, to=TO)
    asked = Bulk("", "move", to=TO, people=(resident_of(MINE.id),))
    batch, done = await do(database, officer, asked)
    assert done.does == 1
    await told(
        database,
        "update people_resident set version = version + 1 where id = :id returning name",
        id=resident_of(MINE.id),
    )
    with pytest.raises(CannotUndoWhole):
        await undo(database, officer, batch)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("3-2-401\t5-1-902", [("3-2-401", "5-1-902")]),
        ("3幢2单元401 → 5幢1单元902\n\n", [("3幢2单元401", "5幢1单元902")]),
        ("3幢2单元401 搬到 5-902", [("3幢2单元401", "5-902")]),
        ("3-2-401,5-1-902", [("3-2-401", "5-1-902")]),
        (
            "3-2-401  5-1-902\r\n3-2-402 5-1-903",
            [("3-2-401", "5-1-902"), ("3-2-402", "5-1-903")],
        ),
        ("原门牌\t新门牌\n3-2-401\t5-1-902", [("3-2-401", "5-1-902")]),
        ("3-2-401\t5-1-902\t备注", [("3-2-401\t5-1-902\t备注", "")]),
        ("3-2-401", [("3-2-401", "")]),
    ],
)
def test_a_pasted_line_says_an_old_door_and_a_new_one(
    text: str, read: list[tuple[str, str]]
) -> None:
    assert lines_of(text) == read


@pytest.mark.parametrize(
    "text", ["", " \n", "原门牌\t新门牌", "1-1-1 2-1-1\n" * 501, "1" * 60_001]
)
def test_a_list_that_says_nothing_or_too_much_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        lines_of(text)


async def test_each_household_of_a_pasted_list_moves_to_a_door_of_its_own_and_back(
    database: Database, as_: As
) -> None:
    officer = as_("community_officer")
    await told(database, EMPTIED, to=TO)
    before = await register_of(database)
    lines = """原门牌\t新门牌
        杏花苑1幢1单元101\t杏花苑2幢2单元201
        1-1-101 → 2-1-201
        9-9-909 → 2-1-101
        1-2-101 → 2-9-909
        1-1-201
        1-2-401 → 2-1-301
        1-2-101 → 3-1-101
        """
    asked = Bulk(town.XINGHUA, "pasted", lines=lines)
    seen = await look(database, officer, asked)
    assert seen.homes == 7
    assert seen.left == {"again": 3, "no_from": 1, "no_to": 1, "no_pair": 1, "nobody": 1}
    assert [one.door for one in seen.shown if one.why == "no_from"] == ["9-9-909"]
    fine = Bulk(
        town.XINGHUA, "pasted", lines="1-1-101 → 2-2-201\n1-2-101 → 3-1-101\n2-1-101 2-1-101"
    )
    assert (await look(database, officer, fine)).left == {"occupied": 1, "nobody": 1}
    fine = Bulk(town.XINGHUA, "pasted", lines="1-1-101 → 2-2-201\n1-2-101 → 2-1-301")
    with counting() as counted:
        seen = await look(database, officer, fine)
    assert counted.total <= 7, "whatever the list"
    assert (seen.does, seen.left) == (2, {})
    batch, done = await do(database, officer, fine, seen.mark)
    assert done.does == 2
    doors = await told(
        database,
        """
        select d.name from people_household h join places_dwelling d on d.id = h.dwelling_id
          join places_unit u on u.id = d.unit_id
         where u.building_id = :to and h.to_date is null order by d.name
        """,
        to=TO,
    )
    assert len(doors) == 2
    assert (await look(database, officer, fine)).left == {"nobody": 2}
    assert (await undo(database, officer, batch)).kept == ()
    assert await register_of(database) == before
    with pytest.raises(Forbidden):
        await look(database, officer, Bulk(town.LIUSHU, "pasted", lines="1-1-101 2-1-101"))


async def test_two_who_rehouse_the_same_list_at_once_move_it_once(
    database: Database, as_: As
) -> None:
    officer = as_("community_officer")
    await told(database, EMPTIED, to=TO)
    seen = await look(database, officer, REHOUSED)
    done = await asyncio.gather(
        *(do(database, officer, REHOUSED, seen.mark) for _ in "12"), return_exceptions=True
    )
    assert [type(one) for one in done].count(ListChanged) == 1, done
    behind = await told(
        database,
        """
        select count(*)::text from people_household h join places_unit u on u.id = h.unit_id
         where u.building_id = :to and h.to_date is null group by h.dwelling_id
        """,
        to=TO,
    )
    assert behind == ["1"] * seen.does


async def test_a_door_somebody_moved_behind_since_the_look_stops_the_whole_move(
    database: Database, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also between the last look and the locks."""
    officer = as_("community_officer")
    await told(database, EMPTIED, to=TO)
    seen = await look(database, officer, REHOUSED)
    before = await register_of(database)
    relocating = bulk_homes.relocating

    async def later(tx: Tx, *given: Any) -> Any:
        door = next(iter(given[0].values())).id
        async with database.tx(officer, now=town.NOON) as other:
            await register_household(other, VAULT, door, [Draft("周新来")])
        return await relocating(tx, *given)

    monkeypatch.setattr(bulk_homes, "relocating", later)
    with pytest.raises(ListChanged):
        await do(database, officer, REHOUSED, seen.mark)
    assert len(await register_of(database)) == len(before) + 2, "one household, one person"


def resident_of(home: UUID) -> UUID:
    return next(one.id for one in town.homes()[1] if one.household_id == home)


async def test_a_wrong_click_and_somebody_else_s_homes_are_refused(
    database: Database, as_: As
) -> None:
    officer = as_("community_officer")
    for asked in (
        Bulk(town.XINGHUA, "tenure"),
        Bulk(town.XINGHUA, "confirm", field="size"),
        Bulk(town.XINGHUA, "move", to=MINE.id),  # out of which house?
        Bulk(town.XINGHUA, "move", MINE.id),
        Bulk(town.XINGHUA, "move", MINE.id, to=MINE.id),  # no such house
        Bulk("", "tenure", tenure="public"),
    ):
        with pytest.raises(Invalid):
            await look(database, officer, asked)
    with pytest.raises(Forbidden):
        await look(database, officer, Bulk(town.LIUSHU, "tenure", tenure="public"))
    with pytest.raises(Forbidden):
        await look(database, as_("grid_worker"), Bulk(town.XINGHUA, "tenure", tenure="public"))
    theirs = next(h for h in town.homes()[0] if not h.area_code.startswith(town.XINGHUA))
    picked = Bulk("", "tenure", tenure="public", people=(resident_of(theirs.id),))
    assert (await look(database, officer, picked)).homes == 0, "nothing of them is told"
    street = Bulk(town.XINGHUA, "tenure", tenure="public")
    seen = await look(database, officer, street)
    await told(
        database,
        "update people_household set version = version + 1 where id = :id returning id::text",
        id=MINE.id,
    )
    with pytest.raises(ListChanged):
        await do(database, officer, street, seen.mark)
    batch, _ = await do(database, officer, street)
    with pytest.raises(NotFound):
        await undo(database, as_("community_officer_2"), batch)


async def test_pages_and_programs_do_the_same(
    room_client: Any, as_: As, database: Database
) -> None:
    client = await room_client([*api.ROUTES, *pages.ROUTES], as_("community_officer"))
    html = {"accept": "text/html"}
    asked = {"area": town.XINGHUA, "what": "tenure", "tenure": "public"}
    said = (await client.post("/api/v1/households/bulk/preview", json=asked)).json()
    shown = await client.get(
        "/residents/bulk/homes", params={**asked, "look": "1"}, headers=html
    )
    assert f"要改 {said['does']} 户" in shown.text
    mark = re.search(r'name="mark" value="(\w+)"', shown.text)
    assert mark is not None
    done = await client.post(
        "/residents/bulk/homes", data={**asked, "mark": mark[1]}, headers=html
    )
    assert f"已改 {said['does']} 户" in done.text
    batch = re.search(
        r"/residents/bulk/([0-9a-f-]{36})/undo", (await client.get("/residents/bulk")).text
    )
    assert batch is not None
    undone = await client.post(f"/api/v1/residents/bulk/{batch[1]}/undo")
    assert undone.json()["rows"] == said["does"]
    again = {**asked, "mark": (await client.post(
        "/api/v1/households/bulk/preview", json=asked)).json()["mark"]}  # fmt: skip
    assert (await client.post("/api/v1/households/bulk", json=again)).json()["done"] > 0
    ids = [str(one.id) for one in town.homes()[1][:3]]
    picked = await client.post("/residents/bulk/homes/pick", data={"ids": " ".join(ids)})
    assert "勾选的 3 人所在的户" in picked.text
    looked = await client.post(
        "/residents/bulk/homes/look",
        data={"ids": " ".join(ids), "what": "confirm", "field": "kind"},
    )
    assert "会怎样" in looked.text
    pasted = {"area": town.XINGHUA, "what": "pasted", "lines": "9-9-909\t1-1-101\r\n"}
    looked = await client.post("/residents/bulk/homes/look", data=pasted)
    assert "原门牌没找到" in looked.text
    assert "9-9-909 → 1-1-101" in looked.text
    wrong = await client.get("/residents/bulk/homes?look=1&what=fly", headers=html)
    assert wrong.status_code == 422
    assert (await client.get("/residents/bulk/homes?look=1&to=x&what=move")).status_code == 422
