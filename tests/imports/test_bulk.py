"""One act on everybody of a list: looked at first, done in one batch, taken back as a whole."""

import re
from dataclasses import replace
from typing import Any

import pytest
from importing import As, everything

import small_town as town
from town_fixtures import VAULT
from wangge.imports import api, bulk, pages
from wangge.imports.refusals import ListChanged, NothingToDo
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.database import Database, counting
from wangge.kernel.http import District
from wangge.kernel.refusals import Forbidden, Invalid, NotFound
from wangge.people import pages as people_pages
from wangge.people.acts import RESIDENT_CHANGE
from wangge.people.tags import NeedsConsent

NOTE = bulk.Bulk(town.XINGHUA, "note", kind="elder", born_until=1960)


@pytest.fixture
def database(own_district: District) -> Database:
    return own_district.database


async def look(database: Database, actor: Actor, asked: bulk.Bulk) -> bulk.Outcome:
    async with database.tx(actor, now=town.NOON, read_only=True) as tx:
        return await bulk.preview(tx, asked)


async def do(database: Database, actor: Actor, asked: bulk.Bulk, mark: str = "") -> Any:
    mark = mark or (await look(database, actor, asked)).mark
    async with database.tx(actor, now=town.NOON) as tx:
        return await bulk.do(tx, VAULT, asked, mark)


async def register_of(database: Database) -> list[str]:
    async with database.tx(system_actor("town"), read_only=True) as tx:
        return await everything(tx)


async def test_a_need_is_noted_for_a_list_and_taken_back(database: Database, as_: As) -> None:
    officer, before = as_("community_officer"), await register_of(database)
    outcome = await look(database, officer, NOTE)
    assert 0 < outcome.does == outcome.people
    assert await register_of(database) == before, "a look changes nothing"
    batch, done = await do(database, officer, NOTE, outcome.mark)
    assert done == outcome
    again = await look(database, officer, NOTE)
    assert (again.does, again.left) == (0, {"has": outcome.people})
    with pytest.raises(NothingToDo):
        await do(database, officer, NOTE)
    async with database.tx(officer, now=town.NOON) as tx:
        undone = await bulk.undo(tx, VAULT, batch)
    assert (undone.total, undone.kept) == (outcome.does, ())
    assert await register_of(database) == before


async def test_whom_it_is_not_done_to_is_said_and_shown_first(
    database: Database, as_: As
) -> None:
    officer = as_("community_officer")
    asked = bulk.Bulk(town.XINGHUA, "note", kind="elder_alone", consent="spoken")
    outcome = await look(database, officer, asked)
    assert outcome.left["has"] > 0
    assert outcome.people == outcome.does + outcome.left["has"]
    assert outcome.shown[0].why == "has"
    assert "*" in outcome.shown[0].name
    ended = bulk.Bulk(town.XINGHUA, "end", kind="elder_alone", why="no_longer")
    _, done = await do(database, officer, ended)
    assert done.does == outcome.left["has"]
    assert done.left == {"has_not": outcome.does}


async def test_a_list_that_changed_since_the_look_is_not_touched(
    database: Database, as_: As
) -> None:
    officer = as_("community_officer")
    seen = await look(database, officer, NOTE)
    async with database.tx(system_actor("town"), now=town.NOON) as tx:
        await tx.run(
            "update people_resident set version = version + 1 where id = :id",
            id=seen.shown[0].id,
        )
    before = await register_of(database)
    with pytest.raises(ListChanged):
        await do(database, officer, NOTE, seen.mark)
    other = bulk.Bulk(town.XINGHUA, "note", kind="infant", born_until=1960)
    with pytest.raises(ListChanged):
        await do(database, officer, NOTE, (await look(database, officer, other)).mark)
    assert await register_of(database) == before


async def test_a_field_is_found_true_for_all_once_a_day(database: Database, as_: As) -> None:
    officer = as_("community_officer")
    asked = bulk.Bulk(town.XINGHUA, "confirm", field="phone")
    _, done = await do(database, officer, asked)
    assert done.does == done.people > 0
    assert (await look(database, officer, asked)).left == {"today": done.people}


async def test_nobody_reaches_beyond_their_area_nor_past_consent(
    database: Database, as_: As
) -> None:
    officer = as_("community_officer")
    for area, refused in ((town.LIUSHU, Forbidden), ("", Invalid), ("x", Invalid)):
        with pytest.raises(refused):
            await look(database, officer, bulk.Bulk(area, "note", kind="elder"))
    with pytest.raises(Forbidden):
        await look(database, as_("grid_worker"), NOTE)
    async with database.tx(system_actor("town"), now=town.NOON) as tx:
        await tx.run("update people_tag_kind set basis = 'consent' where code = 'elder'")
    with pytest.raises(NeedsConsent):
        await look(database, officer, NOTE)


async def test_an_act_costs_the_same_statements_whatever_the_list(
    database: Database, as_: As
) -> None:
    costs: list[int] = []
    for year in (1941, 1980):
        asked = bulk.Bulk(town.XINGHUA, "note", kind="infant", born_until=year)
        with counting() as counted:
            _, done = await do(database, as_("community_officer"), asked)
        costs.append(counted.total)
        assert done.does > 0
    assert costs[0] == costs[1]


async def test_programs_and_pages_do_the_same(room_client: Any, as_: As) -> None:
    client = await room_client([*api.ROUTES, *pages.ROUTES], as_("community_officer"))
    asked = {"area": town.XINGHUA, "what": "note", "kind": "elder", "born_until": 1960}
    seen = (await client.post("/api/v1/residents/bulk/preview", json=asked)).json()
    body = {**asked, "mark": seen["mark"]}
    done = (await client.post("/api/v1/residents/bulk", json=body)).json()
    assert done["done"] == seen["does"] > 0
    shown = await client.get("/residents/bulk")
    assert shown.status_code == 200
    undone = await client.post(f"/residents/bulk/{done['batch_id']}/undo", data={})
    assert f"放回 {seen['does']} 条" in undone.text
    look_ = {"area": town.XINGHUA, "what": "note", "kind": "elder", "look": "1"}
    page = await client.get("/residents/bulk", params=look_)
    assert "人,要改" in page.text
    other = await room_client(api.ROUTES, as_("community_officer_2"))
    gone = await other.post(f"/api/v1/residents/bulk/{done['batch_id']}/undo")
    assert gone.status_code == 404


async def test_those_who_were_picked_leave_their_homes_end_and_come_back(
    database: Database, as_: As
) -> None:
    officer, before = as_("community_officer"), await register_of(database)
    mine = [r for r in town.homes()[1] if r.area_code.startswith(town.XINGHUA)]
    home = [r for r in mine if r.household_id == mine[0].household_id]
    alone = bulk.Bulk(
        town.XINGHUA, "leave", why="moved_away", ids=tuple(one.id for one in home)
    )
    with counting() as counted:
        seen = await look(database, officer, alone)
    assert counted.total <= 8
    assert (seen.people, seen.does, seen.homes) == (len(home), len(home), 1)
    batch, done = await do(database, officer, alone, seen.mark)
    assert done.does == len(home)
    async with database.tx(system_actor("town"), read_only=True) as tx:
        left = await tx.many(
            str,
            "select ended_why from people_resident where household_id = :id"
            " union all select ended_why from people_household where id = :id",
            id=mine[0].household_id,
        )
    assert left == ["moved_away"] * len(home) + ["moved"]
    assert (await look(database, officer, alone)).left == {"gone": len(home)}
    async with database.tx(officer, now=town.NOON) as tx:
        await bulk.undo(tx, VAULT, batch)
    assert await register_of(database) == before


@pytest.mark.parametrize(
    "asked",
    [
        bulk.Bulk(town.XINGHUA, "leave", why="moved_away"),
        bulk.Bulk(town.XINGHUA, "leave", why="died", born_until=1900),
        bulk.Bulk(town.XINGHUA, "leave", born_until=1900),
    ],
)
async def test_a_whole_community_does_not_leave_by_a_click(
    database: Database, as_: As, asked: bulk.Bulk
) -> None:
    with pytest.raises(Invalid):
        await look(database, as_("community_officer"), asked)


async def test_everybody_ticked_is_meant_and_whom_it_is_not_done_to_is_said(
    database: Database, as_: As
) -> None:
    """Ticked in two areas: nobody is left out in silence."""
    own = [r for r in town.homes()[1] if r.area_code.startswith(town.XINGHUA)][:2]
    theirs = next(r for r in town.homes()[1] if not r.area_code.startswith(town.XINGHUA))
    asked = bulk.Bulk("", "note", kind="elder", ids=(own[0].id, own[1].id, theirs.id))
    street = await look(database, as_("street_officer"), asked)
    assert (street.people, street.does, street.left) == (3, 3, {})
    async with database.tx(system_actor("town")) as tx:
        await tx.run(
            "update people_resident set ended_on = since, ended_why = 'moved_away' where id = :id",
            id=own[1].id,
        )
    officer = as_("community_officer")
    outcome = await look(database, officer, asked)
    assert (outcome.people, outcome.does) == (3, 1)
    assert outcome.left == {"gone": 1, "unseen": 1}, "of theirs nothing is told but the number"
    assert [one.why for one in outcome.shown] == ["gone", ""]
    batch, done = await do(database, officer, asked)
    assert (done.does, done.left) == (1, outcome.left)
    async with database.tx(officer, now=town.NOON) as tx:
        assert (await bulk.undo(tx, VAULT, batch)).total == 1


async def test_an_act_in_two_areas_is_undone_by_whoever_may_do_it_in_both(
    database: Database, as_: As
) -> None:
    own = next(r for r in town.homes()[1] if r.area_code.startswith(town.XINGHUA))
    theirs = next(r for r in town.homes()[1] if not r.area_code.startswith(town.XINGHUA))
    asked = bulk.Bulk("", "note", kind="elder", ids=(own.id, theirs.id))
    batch, _ = await do(database, as_("street_officer"), asked)
    async with database.tx(as_("community_officer"), now=town.NOON) as tx:
        with pytest.raises(NotFound):
            await bulk.undo(tx, VAULT, batch)
    async with database.tx(as_("street_officer"), now=town.NOON) as tx:
        assert batch in {one.id for one in await bulk.latest(tx)}
        assert (await bulk.undo(tx, VAULT, batch)).total == 2


async def test_bringing_people_back_needs_what_letting_them_leave_needs(
    database: Database, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = next(r for r in town.homes()[1] if r.area_code.startswith(town.XINGHUA))
    officer = as_("community_officer")
    noted, _ = await do(database, officer, bulk.Bulk("", "note", kind="elder", ids=(own.id,)))
    other = next(
        r
        for r in town.homes()[1]
        if r.area_code.startswith(town.XINGHUA) and r.household_id != own.household_id
    )
    confirmed, _ = await do(
        database, officer, bulk.Bulk("", "confirm", field="phone", ids=(other.id,))
    )
    left, _ = await do(
        database, officer, bulk.Bulk("", "leave", why="moved_away", ids=(own.id,))
    )
    # A post that may do bulk acts and register nobody: no role is like that today.
    nobody = replace(RESIDENT_CHANGE, roles=frozenset())
    monkeypatch.setattr(bulk, "RESIDENT_CHANGE", nobody)
    async with database.tx(officer, now=town.NOON) as tx:
        with pytest.raises(Forbidden):
            await bulk.undo(tx, VAULT, left)
    async with database.tx(officer, now=town.NOON) as tx:
        assert (await bulk.undo(tx, VAULT, confirmed)).total == 1, "nobody left by it"
    monkeypatch.undo()
    async with database.tx(officer, now=town.NOON) as tx:
        await bulk.undo(tx, VAULT, left)
        assert (await bulk.undo(tx, VAULT, noted)).total == 1


async def test_rows_ticked_on_the_list_are_looked_at_and_done(
    room_client: Any, as_: As
) -> None:
    client = await room_client([*pages.ROUTES, *people_pages.ROUTES], as_("community_officer"))
    html = {"accept": "text/html"}
    listed = (await client.get("/residents", headers=html)).text
    ids = re.findall(r'name="who" value="([0-9a-f-]{36})"', listed)[:2]
    assert len(ids) == 2
    picked = await client.post("/residents/bulk/pick", data={"who": ids}, headers=html)
    assert "勾选的 2 人" in picked.text
    given = {"area": town.XINGHUA, "ids": " ".join(ids), "what": "confirm", "field": "phone"}
    seen = await client.post("/residents/bulk/look", data=given, headers=html)
    mark = re.search(r'name="mark" value="(\w+)"', seen.text)
    assert mark is not None
    done = await client.post("/residents/bulk", data={**given, "mark": mark[1]}, headers=html)
    assert "已改 2 人" in done.text
    wrong = await client.post("/residents/bulk/look", data={**given, "ids": "x"}, headers=html)
    assert wrong.status_code == 422
