"""Residents are found by what people remember of them, within reach, in a fixed number of steps."""

from typing import Any
from uuid import UUID

import pytest

import small_town as town
from wangge.kernel import packing
from wangge.kernel.actors import system_actor
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx, counting
from wangge.kernel.http import District
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid
from wangge.people import finding, indexing, jobs, lists, marks
from wangge.people.changes import Change, apply_changes
from wangge.people.search import Asked
from wangge.people.tags import kinds, noted
from wangge.places.names import NAMES

As = Any


@pytest.fixture
def vault(district: District) -> Vault:
    return district.vault


async def found(tx: Tx, vault: Vault, area: str = "", **asked: Any) -> set[UUID]:
    """Everybody found, page by page."""
    after, ids = "", list[UUID]()
    while True:
        rows, mark = await lists.people(
            tx, vault, Asked(**asked), area=area, after=after, limit=4
        )
        ids += [row.id for row in rows]
        if mark is None:
            assert len(ids) == len(set(ids))
            return set(ids)
        after = mark


def those(which: Any) -> set[UUID]:
    return {row.id for row in town.homes()[1] if which(row)}


def door_of(resident: Any) -> str:
    home = next(h for h in town.homes()[0] if h.id == resident.household_id)
    return next(d.name for d in town.doors()[3] if d.id == home.dwelling_id)


@pytest.fixture(params=["walked", "looked up", "glanced"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every way to the answer finds the same people."""
    if request.param == "looked up":
        monkeypatch.setattr(finding, "GLANCE", 1)
    if request.param == "walked":
        monkeypatch.setattr(finding, "GLANCE", 1)
        monkeypatch.setattr(finding, "FEW", 1)
    return str(request.param)


@pytest.mark.parametrize(
    "who", ["system", "street_officer", "community_officer", "grid_worker"]
)
async def test_each_search_finds_whom_it_should(
    tx: Tx, vault: Vault, as_: As, who: str, way: str
) -> None:
    if who != "system":
        tx.actor = as_(who)
    grant = tx.actor.grants[0].area_code
    here = {r.id for r in town.homes()[1] if r.area_code.startswith(grant)}
    one = next(r for r in town.homes()[1] if r.area_code == town.MICRO_1A)
    for asked, expected in (
        ({"name": "居民"}, those(lambda r: "居民" in r.name)),
        ({"name": "甲"}, those(lambda r: r.name.startswith("甲"))),
        ({"name": one.name}, {one.id}),
        ({"name": "甲居 民1"}, those(lambda r: r.name.startswith("甲居民1"))),
        ({"name": "无此"}, set()),
        ({"phone": one.phone}, {one.id}),
        ({"phone": one.phone[-4:]}, {one.id}),
        ({"id_number": one.id_number.lower()}, {one.id}),
        ({"tag": "medicine"}, those(lambda r: "medicine" in r.tags)),
        ({"tag": "medicine", "name": "甲"}, those(lambda r: r.tags and r.name[0] == "甲")),
        ({"address": "杏花苑"}, those(lambda r: r.area_code.startswith(town.XINGHUA))),
        ({"address": "花苑"}, those(lambda r: r.area_code.startswith(town.XINGHUA))),
        ({"address": "1幢1单元101"}, those(lambda r: door_of(r) == "1幢1单元101室")),
        (
            {"address": "杏花苑1-1-101"},
            those(
                lambda r: door_of(r) == "1幢1单元101室" and r.area_code.startswith(town.XINGHUA)
            ),
        ),
        (
            {"address": "一号楼101"},
            those(lambda r: door_of(r).startswith("1幢") and "101" in door_of(r)),
        ),
        ({"address": "第一网格 101"}, None),
        ({"address": "没有的小区101"}, set()),
        ({}, those(lambda _: True)),
    ):
        answer = await found(tx, vault, **asked)
        if expected is not None:
            assert answer == expected & here, (asked, who)
        assert answer <= here


async def test_an_area_narrows_and_a_sound_widens(tx: Tx, vault: Vault, as_: As) -> None:
    tx.actor = as_("street_officer")
    assert await found(tx, vault, town.MICRO_1A, name="居民") == those(
        lambda r: r.area_code == town.MICRO_1A
    )
    one = town.homes()[1][0]
    change = Change("resident", "update", one.id, one.area_code, {"name": "章小明"})
    await apply_changes(tx, vault, new_id(), [change])
    assert await found(tx, vault, name="张晓鸣") == set()
    assert await found(tx, vault, name="张晓鸣", sounds=True) == {one.id}


async def test_whoever_left_is_found_no_more(tx: Tx, vault: Vault) -> None:
    one = town.homes()[1][0]
    values = {"ended_on": town.NOON.date(), "ended_why": "moved_away"}
    change = Change("resident", "update", one.id, one.area_code, values)
    await apply_changes(tx, vault, new_id(), [change])
    assert one.id not in await found(tx, vault, name="居民")


async def test_a_need_is_shown_to_whom_its_kind_names(tx: Tx, vault: Vault, as_: As) -> None:
    tx.actor = as_("linked_leader")
    rows, _ = await lists.people(tx, vault, Asked(tag="elder_alone"), limit=50)
    assert rows
    assert {row.tags for row in rows} == {("elder_alone",)}
    assert await found(tx, vault, tag="medicine") == set()
    tx.actor = as_("data_protection")
    rows, _ = await lists.people(tx, vault, limit=50)
    assert {row.tags for row in rows} == {()}


async def test_an_estate_is_found_however_its_phase_is_written(
    tx: Tx, vault: Vault, as_: As
) -> None:
    tx.actor = as_("district_officer")
    everybody = await found(tx, vault, address="杏花苑")
    assert everybody
    await tx.run("update places_compound set name = '杏花苑一期' where name = '杏花苑'")
    await tx.bump("places.names")
    for words in ("杏花苑一期", "杏花苑1期", "杏花苑"):
        assert await found(tx, vault, address=words) == everybody
    assert (await NAMES.get(tx)).meant("·。-", ("",)) == [], "no words mean nothing"


async def test_a_search_costs_six_statements_at_most(district: District, as_: As) -> None:
    async with district.database.tx(as_("grid_worker"), now=town.NOON, read_only=True) as tx:
        await NAMES.get(tx)  # read once a process
    for who in ("part_time_worker", "grid_worker", "community_officer", "district_officer"):
        for asked in (
            Asked(),
            Asked(name="居民"),
            Asked(phone="1001"),
            Asked(tag="medicine"),
            Asked(address="杏花苑1-1-101", name="居民", tag="medicine"),
        ):
            with counting() as count:
                async with district.database.tx(as_(who), now=town.NOON, read_only=True) as tx:
                    await lists.people(tx, district.vault, asked, limit=50)
            assert count.total <= 6, (who, asked)


async def test_marks_say_nothing_without_the_key(tx: Tx, vault: Vault) -> None:
    """The table of marks has no second lock: equal words of two districts share no number."""
    mine = set(marks.numbers(vault, marks.of_name("甲居民1")))
    others = set(marks.numbers(Vault(bytes(32)), marks.of_name("甲居民1")))
    assert not mine & others
    rows = await tx.many(str, "select to_jsonb(s)::text from people_search s")
    assert not any("居" in row or town.phone_of(1001) in row for row in rows)


async def test_a_register_without_marks_is_marked_by_the_clock(
    own_district: District,
) -> None:
    database, vault = own_district.database, own_district.vault
    async with database.tx(as_system(own_district)) as tx:
        before = await tx.many(str, "select to_jsonb(s)::text from people_search s order by 1")
        await tx.run("delete from people_search")
        await tx.run("update people_resident set sound = null")
    async with database.tx(as_system(own_district)) as tx:
        assert await jobs.index(tx) == 45
        assert await jobs.index(tx) == 0
        after = await tx.many(str, "select to_jsonb(s)::text from people_search s order by 1")
        assert sorted(before) == sorted(after)
        assert await indexing.index_residents(tx, vault, [town.resident_id(1)]) == 1


async def test_who_is_born_has_the_marks_of_whoever_is_read_again(tx: Tx, vault: Vault) -> None:
    """By what they were written with; who changes in the same batch, by what they are then."""
    known = await kinds(tx)
    home = town.homes()[0][0]
    made = [
        Change(
            "resident",
            "insert",
            new_id(),
            home.area_code,
            {
                "household_id": home.id,
                "unit_id": home.unit_id,
                "name": f"新来者{n}",
                "since": tx.now.date(),
                **({"phone": town.phone_of(7000 + n)} if n < 2 else {}),
                **({"id_number": "990001195001010014", "id_kind": "other"} if n == 1 else {}),
            },
        )
        for n in range(3)
    ]
    need = noted(tx, known["elder"], made[2].id, home.area_code, home.unit_id)
    await apply_changes(tx, vault, new_id(), [*made, need])
    ids = [change.id for change in made]
    asked = "select to_jsonb(s)::text from people_search s where resident_id = any (:ids::uuid[]) order by 1"
    born = await tx.many(str, asked, ids=ids)
    assert len(born) == 3
    assert await indexing.index_residents(tx, vault, ids) == 3
    assert await tx.many(str, asked, ids=ids) == born
    assert await found(tx, vault, tag="elder", name="新来者2") == {made[2].id}


def test_marks_are_packed_as_their_numbers_are(vault: Vault) -> None:
    for words in (marks.of_name("甲甲甲甲"), ["t:elder", "p:0001", "t:elder"], []):
        for _ in range(2):  # met for the first time, and known
            numbers = marks.numbers(vault, words)
            assert marks.packed(vault, words) == packing.elements(numbers)
    for index in (bytes(range(16)), bytes(range(255, 239, -1))):
        assert marks.packed_whole(index) == packing.elements([marks.whole(index)])


def as_system(district: District) -> Any:
    return system_actor(district.schema)


async def test_half_a_number_is_refused_in_words(tx: Tx, vault: Vault) -> None:
    for asked in (Asked(phone="19900"), Asked(id_number="99000119")):
        with pytest.raises(Invalid):
            await lists.people(tx, vault, asked, limit=5)


def test_two_things_asked_together_are_looked_up_without_a_glance() -> None:
    surname, need = finding.Wanted((1,), common=True), finding.Wanted((2,))
    assert not finding.joined([surname]).rare
    assert not finding.joined([need]).rare
    both = finding.joined([surname, need])
    assert both.rare
    assert not both.common
    assert both.all_of == (1, 2)
