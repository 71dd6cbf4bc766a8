"""A register's spreadsheet: read whatever the headings, judged row by row, applied once, taken back."""

import re
import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

import small_town as town
from wangge.kernel.actors import Actor
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx, counting
from wangge.kernel.http import District
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Forbidden, Invalid, NotFound, Stale
from wangge.kernel.retention import all_keeps
from wangge.matching.codes import credit_check
from wangge.people.changes import Change, apply_changes
from wangge.places.holders import Moved
from wangge.registers import api, commands, keeping, pages, reading, search, tables
from wangge.registers.commands import Draft, Spot
from wangge.registers.holding import things_follow
from wangge.registers.search import Asked

As = Callable[[str], Actor]
HTML = {"accept": "text/html"}
assert keeping  # declares the class


@pytest.fixture
def vault(district: District) -> Vault:
    return district.vault


@pytest.fixture(autouse=True)
def _as_officer(tx: Tx, as_: As) -> None:  # pyright: ignore[reportUnusedFunction]
    tx.actor = as_("community_officer")


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


async def staged(tx: Tx, vault: Vault, data: bytes, kind: str = "shop") -> tables.Preview:
    table = await tables.stage(tx, vault, kind, town.GRID_1, data, "商铺.csv")
    return await tables.preview(tx, vault, table)


async def test_a_table_is_judged_applied_found_and_the_second_time_changes_nothing(
    tx: Tx, vault: Vault
) -> None:
    found = await staged(tx, vault, shops())
    assert found.table.mapping == (
        "", "name", "credit_code", "d.trade", "d.gas", "door", "n.owner", "p.owner", "",
    )  # fmt: skip
    assert found.counts == {"new": 2, "changed": 0, "same": 0, "refused": 0}
    assert len(found.lines[1].notes) == 2, "no door: what was written is where it is"
    done = await tables.apply(tx, vault, found.table.id)
    assert (done.new, done.changed, done.kept) == (2, 0, 0)
    rows, _ = await search.page(tx, vault, Asked("shop"), limit=9)
    assert {(row.name, row.door, row.location) for row in rows} == {
        ("甲乙小吃", "1幢1单元101室", ""),
        ("丙丁便利店", "", "沿街九号"),
    }
    rows, _ = await search.page(tx, vault, Asked(phone="8301"), limit=9)
    assert [row.name for row in rows] == ["甲乙小吃"]
    again = await staged(tx, vault, shops())
    assert again.counts == {"new": 0, "changed": 0, "same": 2, "refused": 0}
    done = await tables.apply(tx, vault, again.table.id)
    assert (done.new, done.changed, done.same) == (0, 0, 2)


async def test_what_differs_is_shown_done_and_taken_back(tx: Tx, vault: Vault) -> None:
    await tables.apply(tx, vault, (await staged(tx, vault, shops())).table.id)
    found = await staged(tx, vault, shops(gas="管道燃气", owner="丁样例"))
    line = found.lines[0]
    assert (line.verdict, found.counts["same"]) == ("changed", 1)
    assert line.differs == [
        ("燃气", "瓶装燃气", "管道燃气"),
        ("经营者", "甲* 199****8301", "丁* 199****8301"),
    ]
    assert line.thing_id is not None
    await tables.apply(tx, vault, found.table.id)
    view = await reading.thing(tx, line.thing_id)
    assert view.thing.details["gas"] == "pipe"
    assert [p.name_mask for p in (*view.people, *view.before)] == ["丁*", "甲*"]
    undone = await tables.undo(tx, vault, found.table.id)
    assert undone.kept == ()
    view = await reading.thing(tx, line.thing_id)
    assert view.thing.details["gas"] == "bottle"
    assert [p.name_mask for p in (*view.people, *view.before)] == ["甲*"]


async def test_only_new_rows_come_when_somebody_says_so(tx: Tx, vault: Vault) -> None:
    await tables.apply(tx, vault, (await staged(tx, vault, shops())).table.id)
    found = await staged(tx, vault, shops("3,戊己理发,,美容美发,,,,,", gas="管道燃气"))
    assert (found.counts["new"], found.counts["changed"]) == (1, 1)
    done = await tables.apply(tx, vault, found.table.id, only_new=True)
    assert (done.new, done.changed) == (1, 0)
    with pytest.raises(tables.TableTakenIn):
        await tables.apply(tx, vault, found.table.id)


async def test_each_bad_row_says_what_is_wrong_and_holds_no_other_up(
    tx: Tx, vault: Vault
) -> None:
    bad = (
        "3,,,餐饮,,,,,",
        f"4,坏代码店,{code_of(4)[:17]}?,餐饮,,,,,",
        "5,坏类别店,,卖鱼,,,,,",
        "6,丙丁便利店,,商店超市,,,,,",
        "7,坏电话店,,餐饮,,,庚样例,123,",
    )
    found = await staged(tx, vault, shops(*bad))
    assert (found.counts["new"], found.counts["refused"]) == (2, 5)
    said = {line.number: line.problems[0].field for line in found.lines if line.problems}
    assert list(said.values()) == ["name", "credit_code", "trade", "row", "phone"]
    done = await tables.apply(tx, vault, found.table.id)
    assert (done.new, done.refused) == (2, 5)


async def test_vehicles_and_let_homes_are_known_by_plate_and_by_door(
    tx: Tx, vault: Vault
) -> None:
    cars = "车牌号,车型,车主,手机\n浙Z·00031,小型客车,甲样例,\n浙z00031,小型客车,,\n浙ZO0031,小型客车,,\n"
    found = await staged(tx, vault, cars.encode(), "vehicle")
    assert [line.verdict for line in found.lines] == ["new", "refused", "refused"]
    assert "00031" not in found.lines[0].title
    await tables.apply(tx, vault, found.table.id)
    again = await staged(tx, vault, cars.encode(), "vehicle")
    assert again.lines[0].verdict == "same"
    homes = "房屋地址,出租方式\n1幢1单元101,整租\n九号楼,整租\n,整租\n"
    found = await staged(tx, vault, homes.encode(), "rented")
    assert [line.verdict for line in found.lines] == ["new", "refused", "refused"]


async def test_columns_are_what_somebody_says_they_are(tx: Tx, vault: Vault) -> None:
    data = "甲列,乙列\n戊己理发,美容美发\n".encode()
    table = await tables.stage(tx, vault, "shop", town.GRID_1, data, "a.csv")
    assert (await tables.preview(tx, vault, table)).counts["refused"] == 1
    await tables.set_columns(tx, table, ["name", "d.trade"])
    assert (await tables.preview(tx, vault, table)).counts["new"] == 1
    for wrong in (["name"], ["name", "name"], ["name", "d.colour"]):
        with pytest.raises(Invalid):
            await tables.set_columns(tx, table, wrong)


async def test_rows_wait_sealed_cost_the_same_and_go_after_their_time(
    tx: Tx, vault: Vault
) -> None:
    many = [f"{n},第{n}号店,,餐饮,,,,," for n in range(3, 60)]
    costs: list[int] = []
    for data in (shops(), shops(*many)):
        table = await tables.stage(tx, vault, "shop", town.GRID_1, data, "商铺.csv")
        with counting() as count:
            await tables.preview(tx, vault, table)
        costs.append(count.total)
    assert costs[0] == costs[1] <= 10
    kept = await tx.many(str, "select encode(sealed, 'escape') from registers_table")
    assert not [row for row in kept if "8301" in row]
    keep = all_keeps()["registers.tables"]
    assert await keep.purge(tx, tx.now, 10) == []
    assert [g.items for g in await keep.purge(tx, tx.now.replace(year=2027), 10)] == [2]


async def test_a_table_is_seen_and_applied_within_reach_only(
    tx: Tx, vault: Vault, as_: As
) -> None:
    found = await staged(tx, vault, shops())
    tx.actor = as_("community_officer_2")
    with pytest.raises(NotFound):
        await tables.apply(tx, vault, found.table.id)
    with pytest.raises(Forbidden):
        await tables.stage(tx, vault, "shop", town.GRID_1, shops(), "商铺.csv")


async def test_a_table_goes_through_the_desk(room_client: Any, as_: As) -> None:
    client = await room_client([*pages.ROUTES, *api.ROUTES], as_("grid_worker"))
    first = await client.get("/registers/import?kind=shop", headers=HTML)
    assert first.status_code == 200
    assert "经营类别" in first.text
    sent = {"kind": "shop", "area": town.GRID_1}
    up = await client.post(
        "/registers/import", data=sent, files={"file": ("商铺.csv", shops())}, headers=HTML
    )
    assert up.status_code == 303, up.text
    where = up.headers["location"]
    look = await client.get(where, headers=HTML)
    assert "甲乙小吃" in look.text
    assert town.phone_of(8301) not in look.text
    applied = await client.post(where + "/apply", data={"deed": ""}, headers=HTML)
    assert applied.status_code == 303, re.findall(r"alert-danger.*", applied.text)
    over = await client.post(where + "/apply", headers=HTML)
    assert over.status_code == 409
    done = await client.get(where, headers=HTML)
    assert re.search(r'action="[^"]*/undo"', done.text)
    undone = await client.post(where + "/undo", headers=HTML)
    assert undone.status_code == 200
    broken = await client.post("/registers/import", data=sent, headers=HTML)
    assert broken.status_code == 422


# -- which thing a row is --------------------------------------------------------------------------


def verdicts(found: tables.Preview) -> list[str]:
    return [line.verdict for line in found.lines]


async def test_hydrants_of_one_name_are_told_apart_by_number_and_place(
    tx: Tx, vault: Vault
) -> None:
    rows = ["设施名称,设施类型,设施编号,位置"]
    rows += [f"消火栓,消防栓,H{n},路口{n % 3}" for n in range(20)]
    rows += [f"消火栓,消防栓,,巷口{n}" for n in range(20)]
    data = "\n".join(rows).encode()
    found = await staged(tx, vault, data, "facility")
    assert found.counts["new"] == 40, [line.problems for line in found.lines][:1]
    await tables.apply(tx, vault, found.table.id)
    again = await staged(tx, vault, data, "facility")
    assert again.counts["same"] == 40
    vague = "设施名称,设施类型\n消火栓,消防栓\n".encode()
    found = await staged(tx, vault, vague, "facility")
    assert [p.field for p in found.lines[0].problems] == ["row"], "which of the forty?"


async def test_another_shop_of_the_same_name_is_not_the_first_one(tx: Tx, vault: Vault) -> None:
    head = "商铺名称,业态,门牌,经营者\n"
    first = head + "便利店,商店超市,1幢1单元101,甲样例\n"
    await tables.apply(tx, vault, (await staged(tx, vault, first.encode())).table.id)
    found = await staged(tx, vault, (head + "便利店,商店超市,1幢1单元201,乙样例\n").encode())
    assert verdicts(found) == ["new"]
    assert [note.field for note in found.lines[0].notes] == ["name"]
    found = await staged(tx, vault, (head + "便利店,商店超市,1幢1单元101,乙样例\n").encode())
    assert verdicts(found) == ["changed"]
    found = await staged(tx, vault, (head + "便利店,商店超市,,乙样例\n").encode())
    assert verdicts(found) == ["changed"], "the only one of that name"


async def test_a_firm_without_a_code_gets_it_and_is_not_registered_twice(
    tx: Tx, vault: Vault
) -> None:
    head = "商铺名称,统一社会信用代码,业态,门牌\n"
    first = head + "便利店,,商店超市,1幢1单元101\n"
    await tables.apply(tx, vault, (await staged(tx, vault, first.encode())).table.id)
    coded = head + f"便利店,{code_of(7)},商店超市,1幢1单元101\n"
    found = await staged(tx, vault, coded.encode())
    assert found.lines[0].differs == [("统一社会信用代码", "", code_of(7))]
    await tables.apply(tx, vault, found.table.id)
    other = head + f"便利店,{code_of(8)},商店超市,1幢1单元101\n"
    assert verdicts(await staged(tx, vault, other.encode())) == ["new"], "another firm"


async def test_two_rows_of_one_thing_are_one_whatever_they_call_it(
    tx: Tx, vault: Vault
) -> None:
    await tables.apply(tx, vault, (await staged(tx, vault, shops())).table.id)
    both = shops("9,甲乙小吃,,餐饮,管道燃气,,,,", gas="管道燃气")
    found = await staged(tx, vault, both)
    assert verdicts(found) == ["changed", "same", "refused"]
    assert found.lines[2].problems[0].values == {"n": found.lines[0].number}
    assert (await tables.apply(tx, vault, found.table.id)).changed == 1


async def test_whoever_answers_for_a_thing_moves_with_it(tx: Tx, vault: Vault) -> None:
    cars = "车牌号,车型,门牌,车主\n浙Z·00041,小型客车,{door},甲样例\n"
    data = cars.format(door="1幢1单元101").encode()
    found = await staged(tx, vault, data, "vehicle")
    await tables.apply(tx, vault, found.table.id)
    [thing] = await tx.many(UUID, "select id from registers_thing")
    found = await staged(tx, vault, cars.format(door="2幢1单元101").encode(), "vehicle")
    assert verdicts(found) == ["changed"], found.lines
    await tables.apply(tx, vault, found.table.id)
    where = """
        select (t.area_code = p.area_code and t.unit_id = p.unit_id)::text from registers_thing t
          join registers_person p on p.thing_id = t.id where t.id = :id
        """
    assert await tx.many(str, where, id=thing) == ["true"]
    moved = (await reading.thing(tx, thing)).thing
    assert moved.unit_id != town.unit_id("1-1-1")


async def test_a_plate_of_somebody_else_s_area_holds_up_its_own_row_only(
    tx: Tx, vault: Vault, as_: As
) -> None:
    tx.actor = as_("community_officer_2")
    at = Spot(area_code=town.GRID_3)
    draft = Draft("vehicle", at, plate="浙Z·00051", details={"category": "car"})
    await commands.register(tx, vault, draft)
    tx.actor = as_("community_officer")
    await tx.run("set local app.areas = '990001001001'")
    cars = "车牌号,车型\n浙Z·00051,小型客车\n浙Z·00052,小型客车\n".encode()
    found = await staged(tx, vault, cars, "vehicle")
    assert verdicts(found) == ["refused", "new"]
    assert [p.field for p in found.lines[0].problems] == ["plate"]
    assert (await tables.apply(tx, vault, found.table.id)).new == 1
    assert len(await tx.many(str, "select plate_mask from registers_thing")) == 1, (
        "locked again"
    )


async def test_one_open_entry_a_let_door_and_two_imports_do_not_pass_each_other(
    tx: Tx, vault: Vault
) -> None:
    homes = "房屋地址,出租方式\n1幢1单元101,整租\n".encode()
    found = await staged(tx, vault, homes, "rented")
    await tables.apply(tx, vault, found.table.id)
    locks = await tx.many(
        str,
        "select mode from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()"
        " and ((classid::bigint << 32) | objid::bigint)"
        " = hashtext(current_schema() || ' registers import')::bigint",
    )
    assert locks == ["ExclusiveLock"]
    [id_] = await tx.many(UUID, "select id from registers_thing")
    await tx.run("update registers_thing set closed_on = now(), closed_why = 'closed'")
    second = await staged(tx, vault, homes, "rented")
    await tables.apply(tx, vault, second.table.id)
    opened = Change("thing", "update", id_, town.GRID_1, {"closed_on": None, "closed_why": ""})
    await tx.run("savepoint before")
    with pytest.raises(Invalid):
        await apply_changes(tx, vault, new_id(tx.now), [opened])
    await tx.run("rollback to savepoint before")
    [open_id] = await tx.many(UUID, "select id from registers_thing where closed_on is null")
    person = {"thing_id": str(open_id), "role": "contact", "name": "甲样例"}
    two = [Change("thing_person", "insert", new_id(tx.now), town.GRID_1, person) for _ in "12"]
    await tx.run("savepoint before")
    with pytest.raises(Stale):
        await apply_changes(tx, vault, new_id(tx.now), two)
    await tx.run("rollback to savepoint before")


async def test_a_landlord_of_the_residents_register_is_not_taken_from_a_table(
    tx: Tx, vault: Vault
) -> None:
    await tx.run(
        "update people_household set landlord_mask = '房*' where dwelling_id = :id",
        id=town.dwelling_id("1-1-1-101"),
    )
    homes = f"房屋地址,出租方式,房东,电话\n1幢1单元101,整租,丙样例,{town.phone_of(8305)}\n"
    found = await staged(tx, vault, homes.encode(), "rented")
    assert [note.field for note in found.lines[0].notes] == ["landlord"]
    await tables.apply(tx, vault, found.table.id)
    assert await tx.many(UUID, "select id from registers_person") == []


async def test_rows_are_judged_beside_the_loop(
    tx: Tx, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = await tables.stage(
        tx, vault, "vehicle", town.GRID_1, "车牌号,车型\n浙Z·00061,小型客车\n".encode(), "a.csv"
    )
    seen: set[bool] = set()
    index = Vault.index

    def noted(self: Vault, text: str) -> bytes:
        seen.add(threading.current_thread() is threading.main_thread())
        return index(self, text)

    monkeypatch.setattr(Vault, "index", noted)
    await tables.preview(tx, vault, table)
    assert seen == {False}


async def test_a_waiting_table_follows_its_area(tx: Tx, vault: Vault) -> None:
    found = await staged(tx, vault, shops())
    await things_follow(tx, Moved((town.GRID_1,), {town.GRID_1: town.GRID_2}))
    assert (await tables.preview(tx, vault, found.table.id)).table.area_code == town.GRID_2
