"""Rows are mended where they stand, one or forty at a time, and judged again with those beside."""

from datetime import timedelta
from typing import Any

import pytest
from importing import As, Office, count, number_of, residents, table

import small_town as town
from town_fixtures import VAULT
from wangge.imports import mending, pages, uploading
from wangge.imports.queries import lines, staging
from wangge.imports.queries.staging import Import
from wangge.imports.refusals import NotInThisPhase
from wangge.kernel.actors import system_actor
from wangge.kernel.database import counting
from wangge.kernel.http import District
from wangge.kernel.refusals import Forbidden, Invalid, NotFound

NEW = number_of("1970-05-01", 1)
BAD = NEW[:-1] + ("0" if NEW[-1] != "0" else "1")
FIRST_PHONE = town.phone_of(1001)


@pytest.fixture
def office(own_district: District, as_: As) -> Office:
    return Office(own_district.database, as_("community_officer"))


async def verdicts(office: Office, found: Import) -> list[str]:
    return [one.verdict for one in await office.lines(found)]


async def said(office: Office, found: Import) -> list[lines.SaidCount]:
    async with office.database.tx(office.actor, now=office.now) as tx:
        return await lines.misunderstood(tx, found.id, 10)


async def judged_again(office: Office, found: Import, **more: object) -> int:
    async with office.database.tx(system_actor("town"), now=office.now) as tx:
        now = await staging.import_of(tx, found.id)
        return await mending.again(tx, VAULT, office.actor, now, **more)  # type: ignore[arg-type]


async def test_what_cannot_be_placed_is_kept_and_never_applied(office: Office) -> None:
    found = await office.judged(
        table(
            "老供销社楼301 赵演示 - - - -",
            "老供销社楼302 钱样例 - - - -",
            "9幢1单元101 孙示范 - - - -",
            "3-2-401 李模板 - - - -",
        )
    )
    assert await verdicts(office, found) == ["unplaced", "unplaced", "unplaced", "new"]
    done = await office.apply(found)
    assert done.data["new"] == 1
    assert [one.lines for one in await said(office, found)] == [2, 1]
    states = [one.state for one in await office.lines(found)]
    assert states == ["open", "open", "open", "applied"]


async def test_a_mended_cell_is_judged_with_whoever_it_concerns(office: Office) -> None:
    found = await office.judged(
        table(
            f"3-2-401 赵演示 户主 - {BAD} -",
            f"3-2-301 钱样例 户主 - {NEW} -",
            "老供销社楼301 孙示范 户主 - - -",
            "- 李模板 妻子 - - -",
        )
    )
    assert await verdicts(office, found) == ["refused", "new", "unplaced", "unplaced"]
    await office.mend(found, 2, {"身份证号": NEW})
    shown = await office.lines(found)
    assert {shown[0].troubles, shown[1].troubles} == {("id_twice",), ()}, "one number, two rows"
    await office.mend(found, 3, {"身份证号": ""})
    assert (await verdicts(office, found))[:2] == ["new", "new"]
    await office.mend(found, 4, {"门牌": "3-2-201"})
    assert await verdicts(office, found) == ["new", "new", "new", "new"]
    await office.apply(found)
    people = await residents(office.database, ["孙示范", "李模板"])
    assert {one.door for one in people} == {"3幢2单元201室"}
    assert len({one.door for one in people}) == 1


async def test_a_mended_member_joins_the_household_that_is_in_already(office: Office) -> None:
    found = await office.judged(
        table(
            "3-2-401 赵演示 户主 - - -", f"- 钱样例 妻子 - {BAD} -", "3-2-401 赵小演 儿子 - - -"
        )
    )
    before = await count(office.database, "households")
    await office.apply(found)
    assert await count(office.database, "households") == before + 1
    await office.mend(found, 3, {"身份证号": NEW})
    assert [one.state for one in await office.lines(found)] == ["applied", "open", "applied"]
    await office.apply(found)
    assert await count(office.database, "households") == before + 1
    [qian] = await residents(office.database, ["钱样例"])
    assert (qian.door, qian.relation) == ("3幢2单元401室", "spouse")


async def test_a_mended_head_joins_the_household_that_their_table_made(office: Office) -> None:
    """Somebody who is said to be a head begins a household, but not a second one of one home."""
    found = await office.judged(
        table(f"3-2-401 赵演示 户主 - {BAD} -", "- 钱样例 妻子 - - -", "- 赵小演 儿子 - - -")
    )
    before = await count(office.database, "households")
    await office.apply(found)
    assert await count(office.database, "households") == before + 1
    await office.mend(found, 2, {"身份证号": NEW})
    assert [one.state for one in await office.lines(found)] == ["open", "applied", "applied"]
    await office.apply(found)
    assert await count(office.database, "households") == before + 1
    people = await residents(office.database, ["赵演示", "钱样例", "赵小演"])
    assert {one.relation for one in people} == {"head", "spouse", "child"}


async def test_a_door_is_chosen_for_a_row(office: Office) -> None:
    found = await office.judged(table("老供销社楼301 赵演示 - - - -"))
    await office.mend(found, 2, door=str(town.dwelling_id("1-3-2-301")))
    [line] = await office.lines(found)
    assert (line.verdict, line.said.where.name) == ("new", "杏花苑3幢2单元301室")
    await office.mend(found, 2, door=str(town.dwelling_id("2-1-1-401")))
    [line] = await office.lines(found)
    assert line.troubles == ("out_of_reach",), "柳树湾 is another community's"


async def test_lines_without_a_door_stand_together_over_all_imports(
    office: Office, as_: As
) -> None:
    first = await office.judged(table("三角楼101 赵演示 - - - -", "三角楼102 钱样例 - - - -"))
    office.now += timedelta(minutes=1)
    second = await office.judged(table("尖顶屋1 孙示范 - - - -"), name="又一张.csv")
    placed = await office.judged(table("3-2-401 李模板 - - - -"), name="都有门牌.csv")
    async with office.database.tx(office.actor, now=office.now, read_only=True) as tx:
        with counting() as counted:
            found = await staging.unplaced(tx, limit=50)
    assert counted.total == 1
    assert [(one.id, one.lines) for one in found] == [(first.id, 2), (second.id, 1)]
    assert placed.id not in {one.id for one in found}
    async with office.database.tx(as_("community_officer_2"), now=office.now) as tx:
        assert await staging.unplaced(tx, limit=50) == []


async def test_somebody_says_who_a_person_is_or_is_not(office: Office) -> None:
    found = await office.judged(table(f"3-2-401 甲居民1 - - - {FIRST_PHONE}"))
    assert await verdicts(office, found) == ["moved"]
    await office.mend(found, 2, _0="new")
    assert await verdicts(office, found) == ["new"]
    await office.mend(found, 2, _0=str(town.resident_id(2)))
    [line] = await office.lines(found)
    assert (line.verdict, line.why) == ("moved", "told")


async def test_a_nickname_told_once_places_every_row_and_the_next_table(office: Office) -> None:
    rows = [f"老供销社楼2单元{n}01 员工{chr(0x4E00 + n)} - - - -" for n in range(1, 5)]
    found = await office.judged(table(*rows, "三角楼101 赵演示 - - - -"))
    [first, other] = await said(office, found)
    assert (first.lines, other.lines) == (4, 1)
    async with office.database.tx(office.actor, now=office.now) as tx:
        await mending.remember_name(
            tx, VAULT, found.id, first.said_mark, "building", town.town_id("building/1-3")
        )
    assert await judged_again(office, found, said=first.said_mark) == 4
    assert await verdicts(office, found) == ["new"] * 4 + ["unplaced"]
    again = await office.judged(table(*rows))
    assert await verdicts(office, again) == ["new"] * 4


async def test_a_phrase_may_be_explained_for_one_table_only(office: Office) -> None:
    data = table("老王家旁边那栋401 赵演示 - - - -", "咱们楼3-2-401 钱样例 - - - -")
    found = await office.judged(data)
    [_, ours] = sorted(await said(office, found), key=lambda one: one.number)
    async with office.database.tx(office.actor, now=office.now) as tx:
        await mending.understand_here(tx, VAULT, found.id, ours.said_mark, "杏花苑")
    await judged_again(office, found, said=ours.said_mark)
    assert await verdicts(office, found) == ["unplaced", "new"]
    other = await office.judged(table("咱们楼3-2-401 孙示范 - - - -"))
    assert await verdicts(office, other) == ["unplaced"]


async def test_missing_doors_of_a_review_are_made_when_allowed(office: Office) -> None:
    found = await office.judged(table("3-2-501 赵演示 - - - -", "三角楼101 钱样例 - - - -"))
    assert await verdicts(office, found) == ["unplaced", "unplaced"]
    async with office.database.tx(office.actor, now=office.now) as tx:
        await mending.allow(tx, found.id, make=True)
    await judged_again(office, found, reasons=["no_such_room", "no_such_unit"])
    assert await verdicts(office, found) == ["new", "unplaced"]


async def test_a_word_is_explained_for_all_rows_that_use_it(office: Office) -> None:
    found = await office.judged(
        table("3-2-401 赵演示 太奶奶 - - -", "3-2-401 钱样例 太奶奶 - - -")
    )
    assert {one.troubles for one in await office.lines(found)} == {("relation_unknown",)}
    async with office.database.tx(office.actor, now=office.now) as tx:
        with pytest.raises(Invalid):
            await mending.explain(tx, found.id, "relation", "太奶奶", "queen")
        await mending.explain(tx, found.id, "relation", "太奶奶", "grandparent")
    assert await judged_again(office, found, code="relation_unknown") == 2
    assert {(one.said.person.relation, one.troubles) for one in await office.lines(found)} == {
        ("grandparent", ())
    }


async def test_nobody_mends_what_is_not_theirs_or_not_in_review(
    office: Office, own_district: District, as_: As
) -> None:
    found = await office.judged(table("三角楼101 钱样例 - - - -"))
    [one] = await said(office, found)
    for key, refused in (("community_officer_2", NotFound), ("grid_worker", NotFound)):
        async with own_district.database.tx(as_(key), now=town.NOON) as tx:
            with pytest.raises((refused, Forbidden)):
                await mending.understand_here(tx, VAULT, found.id, one.said_mark, "x")
    async with office.database.tx(office.actor, now=office.now) as tx:
        await uploading.agree(tx, found.id)
    with pytest.raises(NotInThisPhase):
        await office.mend(found, 2, {"门牌": "3-2-401"})
    with pytest.raises(Invalid):
        await office.mend(
            await office.judged(table("三角楼101 钱样例 - - - -")), 2, {"鞋": "42"}
        )


async def test_somebody_who_was_found_can_be_said_to_be_somebody_else(
    room_client: Any, as_: As, office: Office
) -> None:
    """Two of one name, born on one day: the page asks whether it is the one of the register."""
    headings = "门牌 姓名 出生日期"
    await office.imported(table("1-1-301 甲样例 1961-02-03", headings=headings))
    found = await office.judged(table("1-2-301 甲样例 1961-02-03", headings=headings))
    [line] = await office.lines(found)
    assert line.verdict == "moved"
    client = await room_client(pages.ROUTES, as_("community_officer"))
    html = {"accept": "text/html"}
    shown = await client.get(f"/imports/{found.id}/mend?verdict=moved&at=1", headers=html)
    assert "系统里已有的这一位" in shown.text
    await office.mend(found, 2, _0="new")
    assert [line.verdict for line in await office.lines(found)] == ["new"]
