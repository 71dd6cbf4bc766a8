"""A register's spreadsheet comes in by the road of the house lists: read whatever the headings, judged
row by row, mended in place, applied once, taken back."""

import re
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import pytest
from importing import As, Desk, Office, Shown

import small_town as town
from town_fixtures import VAULT
from wangge.imports import api, bites, deeds, holding, pages, uploading, views, work
from wangge.imports.columns.mapping import Mapping, read_mapping
from wangge.imports.events import ImportApplied
from wangge.imports.queries import staging
from wangge.imports.queries.staging import Import
from wangge.imports.things import bites as thing_bites
from wangge.imports.things import judging
from wangge.kernel.actors import Grant, Role, system_actor
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx, counting
from wangge.kernel.http import District
from wangge.kernel.migrate import all_migrations
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Forbidden, Invalid, NotFound, Stale
from wangge.matching.codes import credit_check
from wangge.people.changes import Change, apply_changes
from wangge.people.events import RegisterChanged
from wangge.places import redrawing
from wangge.places.redrawing import PartWish
from wangge.registers import commands, reading, search
from wangge.registers.commands import Draft, Spot
from wangge.registers.search import Asked

if TYPE_CHECKING:
    from typing import LiteralString

assert holding  # tables follow their areas
HTML = {"accept": "text/html"}
ROOT = "/api/v1/register-imports"


@pytest.fixture
def office(tx: Tx, as_: As) -> Office:
    return Desk(tx, as_("community_officer"))


@pytest.fixture
def committing(own_district: District, as_: As) -> Office:
    """An office whose work others see."""
    return Office(own_district.database, as_("community_officer"))


def code_of(number: int) -> str:
    first = f"91990001MA{number:07d}"
    return first + credit_check(first)


def shops(*more: str, gas: str = "瓶装燃气", owner: str = "甲样例") -> bytes:
    """A community's table, with a title above and what nobody asked for beside."""
    rows = [
        "杏花社区沿街商铺台账,,,,,,,",
        "序号,商铺名称,统一社会信用代码,业态,用气方式,经营地址,经营者,联系电话,备注",
        f"1,甲乙小吃,{code_of(1)},餐饮,{gas},1幢1单元101,{owner},{town.phone_of(8301)},",
        f"2,丙丁便利店,,商店超市,,沿街九号,乙样例,{town.phone_of(8302)},常来",
        *more,
    ]
    return "\n".join(rows).encode("gb18030")


def rows_of(head: str, *rows: str) -> bytes:
    return "\n".join((head, *rows)).encode()


async def judged(office: Office, data: bytes, kind: str = "shop", **more: Any) -> Import:
    return await office.judged(data, kind=kind, name="台账.csv", **more)


async def verdicts(office: Office, found: Import) -> list[str]:
    return [line.verdict for line in await office.lines(found)]


def words(line: Shown) -> list[str]:
    return [trouble.words() for trouble in line.said.troubles]


def differs(line: Shown) -> list[tuple[str, str, str]]:
    return [(one.key, one.old, one.new) for one in line.said.differs]


async def things(office: Office, asked: Asked) -> Sequence[Any]:
    async with office.database.tx(office.actor, now=office.now) as tx:
        return (await search.page(tx, VAULT, asked, limit=99))[0]


async def tell(office: Office, kind: type[Any], sql: Any, **values: Any) -> list[Any]:
    async with office.database.tx(system_actor("town"), now=office.now) as tx:
        return await tx.many(kind, sql, **values)


async def test_a_table_is_judged_applied_found_and_the_second_time_changes_nothing(
    office: Office, tx: Tx
) -> None:
    found = await judged(office, shops())
    assert read_mapping(found.mapping).columns == {
        "name": ("商铺名称",), "credit_code": ("统一社会信用代码",), "d.trade": ("业态",),
        "d.gas": ("用气方式",), "door": ("经营地址",), "n.owner": ("经营者",),
        "p.owner": ("联系电话",),
    }  # fmt: skip
    first, second = await office.lines(found)
    assert [one.verdict for one in (first, second)] == ["new", "new"]
    assert second.troubles == ("door_in_words",), "no door: what was written is where it is"
    done = await office.apply(found)
    assert (done.data["new"], done.data.get("left", 0)) == (2, 0)
    facts = {type(fact) for fact, _ in tx._facts}  # pyright: ignore[reportPrivateUsage]
    assert {ImportApplied, RegisterChanged} <= facts, "rosters of open rounds follow"
    assert {
        (row.name, row.door, row.location) for row in await things(office, Asked("shop"))
    } == {
        ("甲乙小吃", "1幢1单元101室", ""),
        ("丙丁便利店", "", "沿街九号"),
    }
    assert [row.name for row in await things(office, Asked(phone="8301"))] == ["甲乙小吃"]
    again = await judged(office, shops())
    assert again.remembered is False
    assert await verdicts(office, again) == ["same", "same"]


async def test_the_columns_are_remembered_for_the_next_table(office: Office) -> None:
    data = rows_of("甲列,乙列", "戊己理发,美容美发")
    first = await office.upload(data, kind="shop")
    with pytest.raises(Invalid):  # which is the name?
        await office.judged(data, kind="shop")
    said = Mapping({"name": ("甲列",), "d.trade": ("乙列",)})
    async with office.database.tx(office.actor, now=office.now) as tx:
        await uploading.agree(tx, first.id, said)
    await office.run(first)
    assert await verdicts(office, first) == ["new"]
    second = await office.upload(data, kind="shop")
    assert (second.remembered, read_mapping(second.mapping).columns) == (True, said.columns)
    other = await office.upload(data, kind="enterprise")
    assert other.remembered is False, "another register's table is another table"
    async with office.database.tx(office.actor, now=office.now) as tx:
        with pytest.raises(Invalid):
            await uploading.agree(
                tx, second.id, Mapping({"name": ("甲列",), "d.colour": ("乙列",)})
            )


async def test_what_differs_is_shown_done_and_taken_back(office: Office) -> None:
    await office.apply(await judged(office, shops()))
    found = await judged(office, shops(gas="管道燃气", owner="丁样例"))
    line, other = await office.lines(found)
    assert (line.verdict, line.why, other.verdict) == ("changed", "code", "same")
    assert differs(line) == [
        ("d.gas", "瓶装燃气", "管道燃气"),
        ("r.owner", "甲* 199****8301", "丁* 199****8301"),
    ]
    [thing] = await tell(office, UUID, "select id from registers_thing where name = '甲乙小吃'")

    async def people() -> tuple[str, list[str]]:
        async with office.database.tx(office.actor, now=office.now) as tx:
            view = await reading.thing(tx, thing)
        return view.thing.details["gas"], [p.name_mask for p in (*view.people, *view.before)]

    await office.apply(found)
    assert await people() == ("pipe", ["丁*", "甲*"])
    undone = await office.undo(found)
    assert (undone.phase, undone.data["kept"]) == ("undone", 0)
    assert await people() == ("bottle", ["甲*"])


async def test_only_the_rows_or_the_verdict_somebody_chose_come(office: Office) -> None:
    await office.apply(await judged(office, shops()))
    more = ("3,戊己理发,,美容美发,,,,,", "4,庚辛理发,,美容美发,,,,,")
    found = await judged(office, shops(*more, gas="管道燃气"))
    assert await verdicts(office, found) == ["changed", "same", "new", "new"]
    await office.apply(found, numbers=[3])
    await office.apply(found, verdicts=["new"])
    states = [line.state for line in await office.lines(found)]
    assert states == ["open", "open", "applied", "applied"]


async def test_each_bad_row_says_what_is_wrong_holds_no_other_up_and_is_mended_in_place(
    office: Office,
) -> None:
    bad = (
        "3,,,餐饮,,,,,",
        f"4,坏代码店,{code_of(4)[:17]}?,餐饮,,,,,",
        "5,坏类别店,,卖鱼,,,,,",
        "6,丙丁便利店,,餐饮,,,,,",
        "7,坏电话店,,餐饮,,,庚样例,123,",
    )
    found = await judged(office, shops(*bad))
    lines = await office.lines(found)
    assert [line.verdict for line in lines] == ["new", "new", *["refused"] * 5]
    assert [line.troubles for line in lines[2:]] == [
        ("bad.name",), ("bad.credit_code",), ("bad.d.trade",), ("bad.row",), ("bad.p.owner",)
    ]  # fmt: skip
    assert "经营类别" in words(lines[5])[0], "in what the two rows differ"
    await office.mend(found, 4 + 1, {"商铺名称": "有名字了"})
    await office.mend(found, 4 + 2, {"统一社会信用代码": code_of(4)})
    await office.mend(found, 4 + 3, {"业态": "商店超市"})
    # It is the shop of the second row after all, which says no more than that one.
    assert set(await office.mend(found, 4 + 4, {"业态": ""})) == {2, 6}
    await office.mend(found, 4 + 5, {"联系电话": ""})
    assert await verdicts(office, found) == [*["new"] * 5, "same", "new"]
    assert words((await office.lines(found))[5]) == ["和第 2 行是同一条,只登记一次。"]
    await office.apply(found)
    assert len(await things(office, Asked("shop"))) == 6


async def test_another_row_is_called_by_the_row_of_its_sheet(
    room_client: Any, as_: As, committing: Office
) -> None:
    found = await judged(committing, shops("6,丙丁便利店,,商店超市,,,,,"))
    client = await room_client(api.ROUTES, as_("community_officer"))
    lines = (await client.get(f"{ROOT}/{found.id}/lines")).json()["items"]
    assert [line["row"] for line in lines] == [3, 4, 5]
    assert lines[2]["told"][0]["words"] == "和第 4 行是同一条,只登记一次。"


async def test_vehicles_and_let_homes_are_known_by_plate_and_by_door(office: Office) -> None:
    cars = rows_of("车牌号,车型,车主,手机", "浙Z·00031,小型客车,甲样例,", "浙z00031,小型客车,,",
                   "浙ZO0031,小型客车,,")  # fmt: skip
    found = await judged(office, cars, "vehicle")
    lines = await office.lines(found)
    assert [line.verdict for line in lines] == ["new", "same", "refused"]
    assert "00031" not in lines[0].said.title
    await office.apply(found)
    assert (await verdicts(office, await judged(office, cars, "vehicle")))[0] == "same"
    homes = rows_of("房屋地址,出租方式", "1幢1单元101,整租", "九号楼301,整租", ",整租")
    found = await judged(office, homes, "rented")
    assert await verdicts(office, found) == ["new", "unplaced", "unplaced"]


async def test_what_has_no_door_waits_in_the_work_list_and_is_placed_there(
    room_client: Any, as_: As, committing: Office
) -> None:
    found = await judged(
        committing, rows_of("房屋地址,出租方式", "老供销社楼301,整租"), "rented"
    )
    client = await room_client([*api.ROUTES, *pages.ROUTES], as_("community_officer"))
    [phrase] = (await client.get(f"{ROOT}/{found.id}/unplaced")).json()["items"]
    assert (phrase["phrase"], phrase["lines"]) == ("老供销社楼", 1)
    assert "老供销社楼" in (await client.get(f"/imports/{found.id}/places", headers=HTML)).text
    await committing.mend(found, 2, door=str(town.dwelling_id("1-3-2-301")))
    assert await verdicts(committing, found) == ["new"]
    await committing.mend(found, 2, door=str(town.dwelling_id("2-1-1-401")))
    [line] = await committing.lines(found)
    assert line.troubles == ("bad.door",), "柳树湾 is another community's"


async def test_a_missing_door_is_made_when_somebody_says_so(office: Office) -> None:
    data = rows_of("商铺名称,业态,门牌", "便利店,商店超市,杏花苑3幢2单元909室")
    found = await judged(office, data)
    assert (await office.lines(found))[0].troubles == ("door_in_words",)
    meaning = read_mapping(found.mapping)
    found = await office.judged(data, Mapping(meaning.columns, make=True), kind="shop")
    [line] = await office.lines(found)
    assert (line.verdict, line.troubles) == ("new", ("door_new",))
    await office.apply(found)
    [row] = await things(office, Asked("shop"))
    assert (row.door, row.location) == ("3幢2单元909室", "")


async def test_rows_cost_the_same_however_many_and_are_judged_beside_the_loop(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [f"{n},第{n}号店,,餐饮,,,,," for n in range(3, 60)]
    costs: list[int] = []
    seen: set[bool] = set()
    mark = Vault.mark

    def noted(self: Vault, text: str) -> int:
        if text.startswith("thing:"):
            seen.add(threading.current_thread() is threading.main_thread())
        return mark(self, text)

    monkeypatch.setattr(Vault, "mark", noted)
    await judged(office, shops())  # the list of doors is read
    for data in (shops(), shops(*many)):
        found = await office.upload(data, kind="shop")
        async with office.database.tx(office.actor, now=office.now) as tx:
            await uploading.agree(tx, found.id)
        with counting() as count:
            await office.run(found)
        costs.append(count.total)
    assert costs[0] == costs[1]
    assert seen == {False}
    kept = await tell(office, str, "select encode(sealed, 'escape') from imports_line")
    kept += await tell(office, str, "select encode(sealed, 'escape') from imports_row")
    assert not [row for row in kept if "8301" in row or "甲样例" in row]


async def test_a_long_table_is_judged_like_a_short_one(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows that speak of one thing meet, however far apart they stand."""
    rows = [f"{n},第{n % 17}号店,,餐饮,,巷{n % 17}号,,," for n in range(3, 43)]
    whole = await judged(office, shops(*rows))
    monkeypatch.setattr(bites, "JUDGE_ROWS", 7)
    monkeypatch.setattr(bites, "APPLY_LINES", 5)
    parts = await judged(office, shops(*rows))
    assert parts.done == parts.rows == 42
    first, second = [
        [(one.at, one.verdict, one.troubles) for one in await office.lines(found)]
        for found in (whole, parts)
    ]
    assert first == second
    assert [one[1] for one in first].count("same") == 23
    done = await office.apply(parts)
    assert (done.data["new"], done.data.get("left", 0)) == (19, 0)
    assert set(await verdicts(office, await judged(office, shops(*rows)))) == {"same"}


async def test_a_table_is_seen_and_brought_within_reach_only(office: Office, as_: As) -> None:
    found = await judged(office, shops())
    elsewhere = Office(office.database, as_("community_officer_2"))
    with pytest.raises(NotFound):
        await elsewhere.apply(found)
    with pytest.raises(Invalid):
        await elsewhere.upload(shops(), kind="shop", area=town.GRID_1)
    nobody = Office(office.database, as_("data_protection"))
    with pytest.raises(Forbidden):
        await nobody.upload(shops(), kind="shop")


async def test_a_grid_worker_brings_a_register_s_table_and_no_house_list(
    room_client: Any, as_: As, own_district: District
) -> None:
    worker = as_("grid_worker")
    client = await room_client([*pages.ROUTES, *api.ROUTES], worker)
    first = await client.get("/imports?kind=shop", headers=HTML)
    assert first.status_code == 200
    assert "?kind=people" not in first.text
    sent = {"kind": "shop", "area": town.GRID_1}
    up = await client.post("/imports", data=sent, files={"files": ("商铺.csv", shops())})
    assert up.status_code == 303, up.text
    where = up.headers["location"]
    columns = await client.get(where + "/columns", headers=HTML)
    assert "经营类别" in columns.text
    chosen = {
        f"col.{at}": key
        for at, key in enumerate(
            ("", "name", "credit_code", "d.trade", "d.gas", "door", "n.owner", "p.owner", "")
        )
    }
    agreed = await client.post(
        where + "/columns", data={**chosen, "area": town.GRID_1}, headers=HTML
    )
    assert agreed.status_code == 303, agreed.text
    import_id = UUID(where.rsplit("/", 1)[-1])
    await work.run(own_district.database, import_id, now=town.NOON)
    look = await client.get(where, headers=HTML)
    assert "甲乙小吃" in look.text
    assert "登记全部 2 条" in look.text
    assert town.phone_of(8301) not in look.text
    sheet = await client.get(where + "/mend?verdict=new&at=1", headers=HTML)
    assert town.phone_of(8301) in sheet.text, "what the worker brought, to be mended"
    assert (await client.post(where + "/apply", headers=HTML)).status_code == 303
    await work.run(own_district.database, import_id, now=town.NOON)
    assert "已登记 2 条" in (await client.get(where, headers=HTML)).text
    assert (await client.post(where + "/undo", headers=HTML)).status_code == 303
    people = await client.post(
        "/imports", data={"kind": "people"}, files={"files": ("a.csv", b"x")}
    )
    assert people.status_code == 403


async def test_a_program_brings_a_register_s_table(
    room_client: Any, as_: As, committing: Office
) -> None:
    client = await room_client(api.ROUTES, as_("community_officer"))
    sent = await client.post(f"{ROOT}?name=a.csv&kind=shop", content=shops())
    assert (sent.status_code, sent.json()["kind"]) == (201, "shop")
    at = f"{ROOT}/{sent.json()['id']}"
    assert (await client.post(f"{at}/agree", json={})).json()["phase"] == "judging"
    await work.run(committing.database, UUID(sent.json()["id"]), now=committing.now)
    line = (await client.get(f"{at}/lines")).json()["items"][0]
    assert (line["name"], line["beside"]) == ("甲乙小吃", "甲* 199****8301")
    unknown = await client.post(f"{ROOT}?name=a.csv&kind=ufo", content=shops())
    assert unknown.status_code == 422


async def test_a_door_that_is_only_likely_is_offered_and_not_taken(office: Office) -> None:
    data = rows_of("商铺名称,业态,门牌", "便利店,商店超市,杏花园3幢2单元301室")
    found = await judged(office, data)
    [line] = await office.lines(found)
    assert (line.verdict, line.troubles) == ("new", ("door_perhaps",))
    [(door, _)] = line.said.where.rivals[:1]
    await office.mend(found, 2, door=str(door))
    [line] = await office.lines(found)
    assert (line.troubles, line.said.where.name) == ((), "杏花苑3幢2单元301室")


async def test_several_tables_are_checked_with_one_click(
    room_client: Any, as_: As, committing: Office
) -> None:
    client = await room_client(pages.ROUTES, as_("community_officer"))
    files = [
        ("files", ("一.csv", shops())),
        ("files", ("二.csv", shops("3,戊己理发,,美容美发,,,,,"))),
        ("files", ("三.csv", rows_of("甲列,乙列", "戊己理发,美容美发"))),
    ]
    shown = await client.post("/imports", data={"kind": "shop"}, files=files, headers=HTML)
    ids = re.findall(r'name="ids" value="([0-9a-f-]{36})"', shown.text)
    assert len(ids) == 2, "the third does not say which column is the name"
    agreed = await client.post("/imports/agree", data={"ids": ids}, headers=HTML)
    assert "2 张表正在逐行核对" in agreed.text
    for id_ in ids:
        await work.run(committing.database, UUID(id_), now=committing.now)
    assert "登记全部 3 条" in (await client.get(f"/imports/{ids[1]}", headers=HTML)).text


# -- areas that are redrawn, tables of before ------------------------------------------------------


async def test_a_table_of_an_area_that_was_split_is_for_the_offices_of_its_parts(
    office: Office, tx: Tx
) -> None:
    """What waits for a door is placed by whoever knows the door."""
    data = rows_of("房屋地址,出租方式", "1幢1单元101,整租", "老供销社楼301,整租")
    found = await judged(office, data, "rented")
    tx.actor = system_actor("town")
    done = await redrawing.split(
        tx,
        town.XINGHUA,
        [
            PartWish("南社区", children=(town.GRID_1,)),
            PartWish("北社区", children=(town.GRID_2,), code=town.STREET + "009"),
        ],
    )
    parts = tuple(one.code for one in done.opened if len(one.code) == 12)
    after = await office.see(found)
    assert (after.area_code, after.parts) == (town.STREET, tuple(sorted(parts)))
    for code in parts:
        part = Desk(tx, replace(office.actor, id=new_id(office.now), grants=(office_of(code),)))
        async with part.database.tx(part.actor) as asking:
            assert [one.lines for one in await staging.unplaced(asking, limit=9)] == [1]
    elsewhere = Desk(
        tx, replace(office.actor, id=new_id(office.now), grants=(office_of(town.LIUSHU),))
    )
    with pytest.raises(NotFound):
        await elsewhere.see(found)
    [door] = await tell(
        office,
        UUID,
        "select id from places_dwelling where area_code like :code || '%' order by id limit 1",
        code=parts[1],
    )
    north = Desk(
        tx, replace(office.actor, id=new_id(office.now), grants=(office_of(parts[1]),))
    )
    with pytest.raises(Forbidden):  # the rest of the table is the other part's affair too
        await north.see(found)
    async with north.database.tx(north.actor) as asking:
        assert [one.lines for one in await views.phrases(asking, VAULT, found.id, "zh")] == [1]
        for row in (
            deeds.MendRow(1, door=str(door)),  # has a door
            deeds.MendRow(2, people={"0": "new"}),
        ):
            with pytest.raises(Forbidden):
                await deeds.mend(asking, VAULT, north.actor, deeds.MendRows(found.id, [row]))
        placed = deeds.MendRows(found.id, [deeds.MendRow(2, door=str(door))])
        await deeds.mend(asking, VAULT, north.actor, placed)
    assert await verdicts(office, found) == ["new", "new"]


async def test_what_has_no_door_is_not_registered_where_the_uploader_has_no_post_any_more(
    office: Office, tx: Tx
) -> None:
    data = rows_of("设施名称,设施类型,位置", "消火栓,消防栓,路口")
    found = await judged(office, data, "facility")
    assert await verdicts(office, found) == ["new"]
    tx.actor = office.actor
    rows = await staging.rows_of(tx, found.id, [1])
    moved = replace(office.actor, grants=(office_of(town.LIUSHU),))
    rules = await judging.judge_of(tx, found, moved, VAULT)
    [one] = await judging.judge(tx, rules, found.id, rows)
    assert (one.line.verdict, one.line.changes) == ("refused", [])


def office_of(code: str) -> Grant:
    return Grant(Role.COMMUNITY_OFFICER, code)


async def test_tables_that_came_in_by_the_old_road_can_still_be_taken_back(
    office: Office, tx: Tx
) -> None:
    found = await judged(office, shops())
    await office.apply(found)
    # As it was before: the batch stands with a table of the registers.
    tx.actor = system_actor("town")
    await tx.run("delete from kernel_work where id = :id", id=found.id)
    (old,) = [m.sql for m in all_migrations(["registers"]) if m.name == "0002_tables.sql"]
    await tx.run(cast("LiteralString", old))
    await tx.run(
        """
        insert into registers_table (id, kind, name, area_code, by_id, at, headings, mapping, rows,
                                     sealed, state, batch_id)
        values (:id, 'shop', '商铺.csv', :area, :by, :now, '{}', '{}', 2, null, 'applied', :id),
               (gen_random_uuid(), 'shop', '等着的.csv', :area, :by, :now, '{}', '{}', 2, '', 'waiting',
                null)
        """,
        id=found.id, area=town.GRID_1, by=office.actor.id, now=office.now,
    )  # fmt: skip
    (sql,) = [m.sql for m in all_migrations(["imports"]) if m.name == "0003_things.sql"]
    await tx.run(cast("LiteralString", sql.split(";", 1)[1]))  # the column is there
    kept = await office.see(found)
    assert (kept.kind, kept.name, kept.phase) == ("shop", "商铺.csv", "review")
    assert await things(office, Asked("shop")) != []
    assert (await office.undo(found)).phase == "undone"
    assert await things(office, Asked("shop")) == []


# -- which thing a row is --------------------------------------------------------------------------


async def test_hydrants_of_one_name_are_told_apart_by_number_and_place(office: Office) -> None:
    rows = [f"消火栓,消防栓,H{n},路口{n % 3}" for n in range(20)]
    rows += [f"消火栓,消防栓,,巷口{n}" for n in range(20)]
    data = rows_of("设施名称,设施类型,设施编号,位置", *rows)
    found = await judged(office, data, "facility")
    assert set(await verdicts(office, found)) == {"new"}
    await office.apply(found)
    assert set(await verdicts(office, await judged(office, data, "facility"))) == {"same"}
    vague = rows_of("设施名称,设施类型", "消火栓,消防栓")
    found = await judged(office, vague, "facility")
    [line] = await office.lines(found)
    assert (line.verdict, line.troubles) == ("refused", ("bad.row",)), "which of the forty?"
    assert len(line.said.rivals) > 1
    # Somebody says which one it is, or that it is none of them.
    rival = line.said.rivals[0]
    await office.mend(found, 2, _0=str(rival.id))
    assert await verdicts(office, found) == ["same"]
    await office.mend(found, 2, _0="new")
    assert await verdicts(office, found) == ["new"]


async def test_another_shop_of_the_same_name_is_not_the_first_one(office: Office) -> None:
    head = "商铺名称,业态,门牌,经营者"

    async def shop(door: str, owner: str) -> Import:
        return await judged(office, rows_of(head, f"便利店,商店超市,{door},{owner}"))

    await office.apply(await shop("1幢1单元101", "甲样例"))
    [line] = await office.lines(await shop("1幢1单元201", "乙样例"))
    assert (line.verdict, line.troubles) == ("new", ("noted.name",))
    assert await verdicts(office, await shop("1幢1单元101", "乙样例")) == ["changed"]
    assert await verdicts(office, await shop("", "乙样例")) == ["changed"], (
        "the only one so called"
    )


async def test_a_firm_without_a_code_gets_it_and_is_not_registered_twice(
    office: Office,
) -> None:
    head = "商铺名称,统一社会信用代码,业态,门牌"

    async def shop(code: str) -> Import:
        return await judged(office, rows_of(head, f"便利店,{code},商店超市,1幢1单元101"))

    await office.apply(await shop(""))
    found = await shop(code_of(7))
    assert differs((await office.lines(found))[0]) == [("credit_code", "", code_of(7))]
    await office.apply(found)
    assert await verdicts(office, await shop(code_of(8))) == ["new"], "another firm"


async def test_two_rows_of_one_thing_are_one_whatever_they_call_it(office: Office) -> None:
    await office.apply(await judged(office, shops()))
    both = shops("9,甲乙小吃,,餐饮,瓶装燃气,,,,", gas="管道燃气")
    found = await judged(office, both)
    assert await verdicts(office, found) == ["changed", "same", "refused"]
    assert (
        "用气" in words((await office.lines(found))[2])[0]
        or "燃气" in words((await office.lines(found))[2])[0]
    )
    assert (await office.apply(found)).data["changed"] == 1


async def test_whoever_answers_for_a_thing_moves_with_it(office: Office) -> None:
    def car(door: str) -> bytes:
        return rows_of("车牌号,车型,门牌,车主", f"浙Z·00041,小型客车,{door},甲样例")

    await office.apply(await judged(office, car("1幢1单元101"), "vehicle"))
    [thing] = await tell(office, UUID, "select id from registers_thing")
    found = await judged(office, car("2幢1单元101"), "vehicle")
    [line] = await office.lines(found)
    assert (line.verdict, differs(line)[0][:2]) == ("changed", ("door", "1幢1单元101室"))
    await office.apply(found)
    where = """
        select (t.area_code = p.area_code and t.unit_id = p.unit_id)::text from registers_thing t
          join registers_person p on p.thing_id = t.id where t.id = :id
        """
    assert await tell(office, str, where, id=thing) == ["true"]
    [unit] = await tell(office, UUID, "select unit_id from registers_thing")
    assert unit != town.unit_id("1-1-1")


async def test_a_plate_of_somebody_else_s_area_holds_up_its_own_row_only(
    office: Office, as_: As
) -> None:
    at = Spot(area_code=town.GRID_3)
    draft = Draft("vehicle", at, plate="浙Z·00051", details={"category": "car"})
    async with office.database.tx(as_("community_officer_2"), now=office.now) as tx:
        await commands.register(tx, VAULT, draft)
    cars = rows_of("车牌号,车型", "浙Z·00051,小型客车", "浙Z·00052,小型客车")
    found = await judged(office, cars, "vehicle")
    lines = await office.lines(found)
    assert [(one.verdict, one.troubles) for one in lines] == [
        ("refused", ("bad.plate",)),
        ("new", ()),
    ]
    assert lines[0].said.known == "", "nothing of it is told"
    assert (await office.apply(found)).data["new"] == 1


async def test_one_open_entry_a_let_door_and_two_imports_do_not_pass_each_other(
    office: Office,
) -> None:
    homes = rows_of("房屋地址,出租方式", "1幢1单元101,整租")
    one, two = [await judged(office, homes, "rented") for _ in "12"]
    await office.apply(one)
    done = await office.apply(two)
    assert (done.data.get("new", 0), done.data["same"]) == (0, 1), "it is in once"
    [id_] = await tell(office, UUID, "select id from registers_thing")
    async with office.database.tx(system_actor("town"), now=office.now) as tx:
        await tx.run("update registers_thing set closed_on = now(), closed_why = 'closed'")
    await office.apply(await judged(office, homes, "rented"))
    opened = Change("thing", "update", id_, town.GRID_1, {"closed_on": None, "closed_why": ""})
    await refuses(office, Invalid, [opened])
    [open_id] = await tell(
        office, UUID, "select id from registers_thing where closed_on is null"
    )
    person = {"thing_id": str(open_id), "role": "contact", "name": "甲样例"}
    both = [
        Change("thing_person", "insert", new_id(office.now), town.GRID_1, person) for _ in "12"
    ]
    await refuses(office, Stale, both)


async def refuses(office: Office, why: type[Exception], changes: list[Change]) -> None:
    async with office.database.tx(office.actor, now=office.now) as tx:
        await tx.run("savepoint before")
        with pytest.raises(why):
            await apply_changes(tx, VAULT, new_id(tx.now), changes)
        await tx.run("rollback to savepoint before")


async def test_what_somebody_changed_after_the_look_is_left_to_a_person(
    office: Office,
) -> None:
    await office.apply(await judged(office, shops()))
    found = await judged(office, shops(gas="管道燃气"))
    async with office.database.tx(system_actor("town"), now=office.now) as tx:
        await tx.run(
            """
            update registers_thing set details = details || '{"gas": "none"}', version = version + 1
             where name = '甲乙小吃'
            """
        )
    done = await office.apply(found)
    assert (done.data.get("changed", 0), done.data["left"]) == (0, 1)
    line = (await office.lines(found))[0]
    assert (line.state, line.troubles[-1]) == ("left", "changed_meanwhile")


async def test_a_landlord_of_the_residents_register_is_not_taken_from_a_table(
    office: Office,
) -> None:
    async with office.database.tx(system_actor("town"), now=office.now) as tx:
        await tx.run(
            "update people_household set landlord_mask = '房*' where dwelling_id = :id",
            id=town.dwelling_id("1-1-1-101"),
        )
    homes = rows_of(
        "房屋地址,出租方式,房东,电话", f"1幢1单元101,整租,丙样例,{town.phone_of(8305)}"
    )
    found = await judged(office, homes, "rented")
    assert (await office.lines(found))[0].troubles == ("noted.n.landlord",)
    await office.apply(found)
    assert await tell(office, UUID, "select id from registers_person") == []


# -- one name, forty thousand times ----------------------------------------------------------------


def hydrants(*rows: str) -> bytes:
    return rows_of("设施名称,设施类型,设施编号,位置", *rows)


@pytest.mark.parametrize("bite", [1, 100])
async def test_a_row_without_a_number_swallows_none_that_have_one(
    office: Office, monkeypatch: pytest.MonkeyPatch, bite: int
) -> None:
    """Also when it is judged in a bite of its own."""
    monkeypatch.setattr(bites, "JUDGE_ROWS", bite)
    monkeypatch.setattr(bites, "APPLY_LINES", bite)
    data = hydrants(
        "消火栓,消防栓,,", "消火栓,消防栓,H1,", "消火栓,消防栓,H2,", "消火栓,消防栓,,路口"
    )
    found = await judged(office, data, "facility")
    assert await verdicts(office, found) == ["refused", "new", "new", "new"]
    assert (await office.apply(found)).data["new"] == 3
    both = hydrants("水泵,消防栓,,", "水泵,消防栓,P1,")
    found = await judged(office, both, "facility")
    assert await verdicts(office, found) == ["same", "new"], "the only one of that name"


async def test_what_only_the_second_row_of_a_thing_says_is_not_lost(office: Office) -> None:
    cars = rows_of("车牌号,车型,车主", "浙Z·00061,小型客车,", "浙Z·00061,小型客车,甲样例")
    found = await judged(office, cars, "vehicle")
    assert await verdicts(office, found) == ["new", "refused"]
    assert "车主" in words((await office.lines(found))[1])[0]


async def test_rows_of_one_name_are_many_bites_and_a_mended_cell_touches_a_few(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [f"消火栓,消防栓,H{n % 50},路口{n % 50 % 3}" for n in range(60)]
    rows += [f"消火栓,消防栓,,巷口{n}" for n in range(20)] + ["消火栓,消防栓,,"]
    whole = await judged(office, hydrants(*rows), "facility")
    monkeypatch.setattr(bites, "JUDGE_ROWS", 9)
    monkeypatch.setattr(bites, "APPLY_LINES", 5)
    largest: list[int] = []
    judge = judging.judge

    async def counted(*given: Any) -> Any:
        largest.append(len(given[3]))
        return await judge(*given)

    monkeypatch.setattr(judging, "judge", counted)
    monkeypatch.setattr(thing_bites, "judge", counted)
    parts = await judged(office, hydrants(*rows), "facility")
    first, second = [
        [(one.at, one.verdict, one.troubles) for one in await office.lines(found)]
        for found in (whole, parts)
    ]
    assert first == second
    assert [one[1] for one in first].count("same") == 10
    assert first[-1][1] == "refused", "which of the seventy?"
    assert max(largest) < 40
    largest.clear()
    assert len(await office.mend(parts, 31 + 1, {"设施编号": "H7"})) < 20
    assert (await verdicts(office, parts))[30] == "refused"
    await office.mend(parts, 31 + 1, {"设施编号": "H30"})
    assert [(one.at, one.verdict) for one in await office.lines(parts)] == [
        one[:2] for one in first
    ]
    assert max(largest) < 40
    largest.clear()
    done = await office.apply(parts)
    assert (done.data["new"], done.data.get("left", 0)) == (70, 0)
    assert max(largest) < 20
    assert set(await verdicts(office, await judged(office, hydrants(*rows), "facility"))) == {
        "same", "refused"
    }  # fmt: skip


async def test_several_rows_do_not_each_become_the_one_entry_without_a_place(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.apply(await judged(office, hydrants("消火栓,消防栓,,"), "facility"))
    one = await judged(office, hydrants("消火栓,消防栓,H1,"), "facility")
    assert await verdicts(office, one) == ["changed"], "the only one"
    monkeypatch.setattr(bites, "JUDGE_ROWS", 1)
    monkeypatch.setattr(bites, "APPLY_LINES", 1)
    data = hydrants(*(f"消火栓,消防栓,H{n}," for n in range(5)))
    many = await judged(office, data, "facility")
    assert await verdicts(office, many) == ["new"] * 5
    assert (await office.apply(many)).data["new"] == 5
