"""A table about shops, cars, let rooms is a saved question too: by kind, masked, filled, compared."""

from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from openpyxl import Workbook, load_workbook

import small_town as town
from wangge.exports.commands import approve, fetch
from wangge.exports.jobs import make_next
from wangge.exports.queries import find as find_export
from wangge.forms import api as forms_api
from wangge.forms.of_registers import register_of
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx, counting
from wangge.kernel.fields import all_fields
from wangge.kernel.http import District
from wangge.kernel.refusals import Invalid
from wangge.people.commands import homes
from wangge.people.queries import households
from wangge.registers import KINDS
from wangge.registers import commands as registers
from wangge.registers import queries as things
from wangge.registers.acts import READ as REGISTERS_READ
from wangge.registers.commands import Answer, Spot
from wangge.registers.commands import Draft as Thing
from wangge.reports import api, commands, editing, outgoing, pages, queries
from wangge.reports.acts import READ
from wangge.reports.asking import Question, count, group_rows, preview, question
from wangge.reports.commands import Draft, save
from wangge.reports.comparing import compare
from wangge.reports.guessing import rows_of
from wangge.reports.making import make
from wangge.reports.model import Col, Filters, Measure, Rows, Spec
from wangge.reports.outgoing import digest_of
from wangge.reports.overview import overview

As = Callable[[str], Actor]
ROUTES = [*api.ROUTES, *pages.ROUTES, *forms_api.ROUTES]
HTML = {"accept": "text/html"}
DOOR, OTHER_DOOR = town.dwelling_id("1-1-1-101"), town.dwelling_id("1-1-1-201")
#: The phones of who answers, made up and of no resident.
NOODLES, GROCER, LANDLORD = town.phone_of(8201), town.phone_of(8202), town.phone_of(8203)
SHOPS = (
    *("table.number", "shop.name", "shop.trade", "shop.gas", "shop.living_in", "shop.staff"),
    *("shop.address", "shop.owner_name", "shop.owner_phone", "area.community"),
)


def shops(*keys: str, **conditions: Any) -> Spec:
    return Spec(
        Rows.THING,
        columns=tuple(map(Col, keys or SHOPS)),
        filters=Filters(**conditions),
        register="shop",
    )


async def registered(tx: Tx, vault: Vault, as_: As) -> dict[str, UUID]:
    """Three shops (one closed), a car, a let room, a hydrant; the officer of the community did it."""
    tx.actor = as_("community_officer")
    head = town.homes()[1][0]
    home = (await households.behind(tx, DOOR))[0]
    landlord = {"tenure": "tenant", "landlord_name": "房样例", "landlord_phone": LANDLORD}
    await homes.set_household(tx, vault, home.id, home.version, landlord)
    grid = Spot(area_code=town.GRID_1)
    food = {"trade": "food", "gas": "bottle", "living_in": True, "staff": 3}
    drafts = {
        "noodles": Thing(
            *("shop", grid),
            name="甲乙面馆",
            location="杏花路一号",
            details=food,
            people=[Answer("owner", "甲样例", NOODLES)],
        ),
        "grocer": Thing(
            *("shop", Spot(dwelling_id=OTHER_DOOR)),
            name="丙丁便利店",
            details={"trade": "shop", "living_in": False, "staff": 12},
            people=[Answer("owner", resident_id=head.id)],
        ),
        "gone": Thing("shop", grid, name="戊己理发", details={"trade": "beauty"}),
        "car": Thing(
            *("vehicle", Spot(dwelling_id=DOOR)),
            plate="浙Z00001",
            details={"category": "car"},
            people=[Answer("owner", resident_id=head.id)],
        ),
        "let": Thing("rented", Spot(dwelling_id=DOOR), details={"letting": "whole"}),
        "hydrant": Thing(
            *("facility", grid),
            name="路口消防栓",
            details={"category": "hydrant", "due_on": "2026-04-01"},
        ),
    }
    made = {
        name: (await registers.register(tx, vault, draft)).thing_id
        for name, draft in drafts.items()
    }
    await registers.close(tx, vault, made["gone"], "closed")
    tx.actor = as_("street_officer")
    return made


async def asked_of(tx: Tx, spec: Spec, area: str = town.STREET, name: str = "台账") -> Question:
    return await question(tx, await save(tx, Draft(name, area, spec)))


# -- what a line says ------------------------------------------------------------------------------


async def test_a_line_is_a_shop_with_its_fields_in_words_and_its_people_masked(
    tx: Tx, as_: As, district: District
) -> None:
    await registered(tx, district.vault, as_)
    asked = await asked_of(tx, shops())
    with counting() as counted:
        shown = await preview(tx, asked, district.vault)
    assert counted.total == 4, "two of them open and close what is poured"
    assert (shown.count, shown.people) == (2, 2)
    by_name = {row[1]: row for row in shown.rows}
    assert set(by_name) == {"甲乙面馆", "丙丁便利店"}, "the closed one is off the books"
    noodles = by_name["甲乙面馆"]
    assert noodles[2:7] == ("餐饮", "瓶装燃气", "是", "3", "杏花路一号")
    assert noodles[7] == "甲*"
    assert noodles[8] == f"{NOODLES[:3]}****{NOODLES[-4:]}"
    assert noodles[9] == "杏花社区"
    grocer = by_name["丙丁便利店"]
    assert grocer[6] == "杏花苑1幢1单元201室"
    assert grocer[7] == f"{town.homes()[1][0].name[0]}*", "who is registered is only pointed at"
    missing = dict(zip(SHOPS[1:], shown.missing, strict=True))
    assert missing["shop.gas"] == 1
    assert missing["shop.owner_name"] == 0


async def test_every_field_of_every_register_can_be_shown_and_asked_about(
    tx: Tx, as_: As, district: District
) -> None:
    await registered(tx, district.vault, as_)
    fields = all_fields()
    for code in KINDS:
        keys = [key for key, one in fields.items() if one.subject in (code, "dwelling", "area")]
        spec = Spec(Rows.THING, columns=tuple(map(Col, keys[:60])), register=code)
        asked = await asked_of(tx, spec)
        shown = await preview(tx, asked, district.vault)
        assert len(shown.headings) == len(keys[:60])
        for key in (key for key in keys if key.startswith(f"{code}.")):
            for conditions in (Filters(missing=key), Filters(stale=key)):
                spec = Spec(Rows.THING, (Col("area.code"),), filters=conditions, register=code)
                await count(tx, await asked_of(tx, spec))


async def test_a_let_room_shows_the_landlord_and_the_number_that_stand_with_the_household(
    tx: Tx, as_: As, district: District
) -> None:
    await registered(tx, district.vault, as_)
    keys = ("rented.address", "rented.tenants", "rented.landlord_name", "rented.landlord_phone")
    spec = Spec(Rows.THING, columns=tuple(map(Col, keys)), register="rented")
    asked = await asked_of(tx, spec)
    living = sum(one.household_id == town.homes()[1][0].household_id for one in town.homes()[1])
    door = "杏花苑1幢1单元101室"
    shown = await preview(tx, asked, district.vault)
    masked = f"{LANDLORD[:3]}****{LANDLORD[-4:]}"
    assert shown.rows == ((door, str(living), "房*", masked),)
    assert shown.people == 1
    done, _ = (await make(tx, asked, district.vault, full=("name", "phone"))).finish()
    sheet: Any = load_workbook(BytesIO(done)).active
    assert [cell.value for cell in sheet[4]] == [door, living, "房样例", LANDLORD]
    nobody = Spec(
        Rows.THING,
        (Col("rented.address"),),
        filters=Filters(missing=keys[2]),
        register="rented",
    )
    assert (await count(tx, await asked_of(tx, nobody))).rows == 0


async def test_a_condition_may_read_what_no_column_shows(
    tx: Tx, as_: As, district: District
) -> None:
    await registered(tx, district.vault, as_)
    for span, found in (("1..", 1), ("..0", 0)):
        only = Filters(things={"rented.tenants": span}, missing="")
        spec = Spec(
            Rows.THING,
            (Col("rented.letting"), Col("area.grid")),
            filters=only,
            register="rented",
        )
        asked = await asked_of(tx, spec)
        assert (await count(tx, asked)).rows == found
        assert (await preview(tx, asked, district.vault)).count == found
        data, done = (await make(tx, asked, district.vault)).finish()
        assert (done.rows, data[:2]) == (found, b"PK")
        counted = Spec(
            Rows.GROUP,
            groups=("area.community",),
            measures=(Measure("住了人", "rented", only),),
        )
        rows = await group_rows(tx, await asked_of(tx, counted))
        assert sum(numbers[0] for _, numbers in rows.values()) == found
        people = Spec(
            Rows.THING,
            (Col("rented.landlord_name"), Col("area.grid")),
            filters=only,
            register="rented",
        )
        made = await make(tx, await asked_of(tx, people), district.vault)
        made.finish()
        assert made.others == found


async def test_numbers_and_plates_stand_in_full_only_where_it_is_permitted(
    tx: Tx, as_: As, district: District
) -> None:
    await registered(tx, district.vault, as_)
    head = town.homes()[1][0]
    keys = ("vehicle.plate", "vehicle.owner_name", "vehicle.owner_phone")
    asked = await asked_of(tx, Spec(Rows.THING, tuple(map(Col, keys)), register="vehicle"))
    for full, said in (
        ((), ["浙Z***01", f"{head.name[0]}*"]),
        (("plate", "name", "phone"), ["浙Z00001", head.name]),
    ):
        made = await make(tx, asked, district.vault, full=full)
        data, _ = made.finish()
        sheet: Any = load_workbook(BytesIO(data)).active
        assert [cell.value for cell in sheet[4]][:2] == said
        assert ([cell.value for cell in sheet[4]][2] == head.phone) is bool(full)
        assert [one.resident_id for one in made.people] == [head.id]
        assert made.others == 0


async def test_a_table_of_one_column_is_a_table_too(
    tx: Tx, as_: As, district: District
) -> None:
    await registered(tx, district.vault, as_)
    asked = await asked_of(tx, shops("shop.name"))
    data, _ = (await make(tx, asked, district.vault)).finish()
    sheet: Any = load_workbook(BytesIO(data)).active
    rows = list(sheet.iter_rows(min_row=4, max_row=5, max_col=2, values_only=True))
    assert [row[0] for row in rows] == [1, 2]
    assert {row[1] for row in rows} == {"甲乙面馆", "丙丁便利店"}


async def test_who_may_not_see_the_registers_gets_no_line_and_another_street_none(
    tx: Tx, as_: As, district: District
) -> None:
    await registered(tx, district.vault, as_)
    asked = await asked_of(tx, shops("shop.name"))
    assert not asked.report.personal
    assert (await count(tx, asked)).rows == 2
    for nobody in ("other_street_officer", "department_staff"):
        tx.actor = as_(nobody)
        assert (await count(tx, asked)).rows == 0, nobody


# -- conditions ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("conditions", "names"),
    [
        ({"thing_state": "closed"}, ["戊己理发"]),
        ({"thing_state": "all"}, ["丙丁便利店", "戊己理发", "甲乙面馆"]),
        ({"things": {"shop.trade": "food,beauty"}}, ["甲乙面馆"]),
        ({"things": {"shop.living_in": "0"}}, ["丙丁便利店"]),
        ({"things": {"shop.staff": "5.."}}, ["丙丁便利店"]),
        ({"things": {"shop.staff": "..3", "shop.gas": "bottle"}}, ["甲乙面馆"]),
        ({"things": {"shop.name": "便利"}}, ["丙丁便利店"]),
        ({"missing": "shop.gas"}, ["丙丁便利店"]),
        ({"missing": "shop.manager_name"}, ["丙丁便利店", "甲乙面馆"]),
        ({"missing": "shop.owner_phone"}, []),
        ({"stale": "shop.gas"}, ["丙丁便利店"]),
        ({"compound": "杏花苑"}, ["丙丁便利店"]),
    ],
)
async def test_conditions_on_things_hold(
    tx: Tx, as_: As, district: District, conditions: dict[str, Any], names: list[str]
) -> None:
    await registered(tx, district.vault, as_)
    asked = await asked_of(tx, shops("shop.name", **conditions))
    shown = await preview(tx, asked, district.vault)
    assert sorted(row[0] for row in shown.rows) == sorted(names)


@pytest.mark.parametrize(
    ("span", "found"),
    [
        ("+0..+30", 1),
        ("..-1", 0),
        ("2026-04-01..", 1),
        ("..2026-03-31", 0),
        # A day and days from today: which comes first, time will tell.
        ("2026-01-01..+30", 1),
        ("-3650..2026-03-31", 0),
    ],
)
async def test_days_are_counted_from_the_day_it_is_made(
    tx: Tx, as_: As, district: District, span: str, found: int
) -> None:
    await registered(tx, district.vault, as_)
    spec = Spec(
        Rows.THING,
        (Col("facility.name"),),
        filters=Filters(things={"facility.due_on": span}),
        register="facility",
    )
    assert (await count(tx, await asked_of(tx, spec))).rows == found


@pytest.mark.parametrize(
    "spec",
    [
        Spec(Rows.THING, (Col("shop.name"),)),
        Spec(Rows.THING, (Col("shop.name"),), register="no"),
        Spec(Rows.RESIDENT, (Col("resident.name"),), register="shop"),
        Spec(Rows.THING, (Col("hotel.name"),), register="shop"),
        Spec(Rows.THING, (Col("resident.name"),), register="shop"),
        shops("shop.name", thing_state="sold"),
        shops("shop.name", things={"shop.staff": "many"}),
        shops("shop.name", things={"shop.staff": "9..1"}),
        shops("shop.name", things={"shop.trade": "nothing"}),
        shops("shop.name", things={"shop.owner_name": "甲"}),
        shops("shop.name", things={"no.such": "1"}),
        shops("shop.name", things={"shop.opened_on": "+x..2"}),
        shops("shop.name", things={"shop.opened_on": "..+2915000"}),
        shops("shop.name", things={"shop.opened_on": "+9..+1"}),
        shops("shop.name", things={"shop.staff": "nan..3"}),
        Spec(Rows.GROUP, groups=("shop.trade",), measures=(Measure("企业数", "enterprise"),)),
    ],
)
async def test_a_question_about_things_that_makes_no_sense_is_refused(
    tx: Tx, as_: As, spec: Spec
) -> None:
    tx.actor = as_("street_officer")
    with pytest.raises(Invalid):
        await save(tx, Draft("台账", town.STREET, spec))


async def test_nothing_typed_about_things_becomes_sql(
    tx: Tx, as_: As, district: District
) -> None:
    await registered(tx, district.vault, as_)
    nasty = "'; drop table registers_thing; -- $1 :x"
    asked = await asked_of(tx, shops("shop.name", things={"shop.name": nasty}))
    assert (await count(tx, asked)).rows == 0


# -- counts ----------------------------------------------------------------------------------------


async def test_things_are_counted_by_area_and_by_their_kind(
    tx: Tx, as_: As, district: District
) -> None:
    await registered(tx, district.vault, as_)
    spec = Spec(
        Rows.GROUP,
        groups=("area.community",),
        measures=(
            Measure("商户数", "shop"),
            Measure("餐饮", "shop", Filters(things={"shop.trade": "food"})),
            Measure("关了的", "shop", Filters(thing_state="closed")),
            Measure("车辆数", "vehicle"),
            Measure("户数", "household"),
        ),
    )
    asked = await asked_of(tx, spec)
    with counting() as counted:
        found = await group_rows(tx, asked)
    assert counted.total == 3, "one for each kind of thing that is counted"
    rows = {names[0]: numbers for names, numbers in found.values()}
    assert rows["杏花社区"][:4] == [2, 1, 1, 1]
    assert rows["杏花社区"][4] > 2
    by_trade = Spec(Rows.GROUP, groups=("shop.trade",), measures=(Measure("商户数", "shop"),))
    found = await group_rows(tx, await asked_of(tx, by_trade))
    assert {names[0]: numbers[0] for names, numbers in found.values()} == {
        "餐饮": 1,
        "商店超市": 1,
    }


@pytest.mark.parametrize(
    ("heading", "of", "told"),
    [
        ("企业数", "enterprise", {}),
        ("商户总数", "shop", {}),
        ("餐饮商户数", "shop", {"shop.trade": "food"}),
        ("幼儿园数", "school", {"school.level": "kindergarten"}),
        ("消防栓数量", "facility", {"facility.category": "hydrant"}),
    ],
)
def test_a_heading_that_counts_things_is_read(
    heading: str, of: str, told: dict[str, str]
) -> None:
    assert rows_of(heading) == Measure(heading, of, Filters(things=told))


# -- forms, runs, comparisons ----------------------------------------------------------------------


def shop_form() -> bytes:
    book = Workbook()
    sheet: Any = book.active
    sheet["A1"] = "示范街道沿街商户排查表"
    for column, heading in enumerate(
        ("序号", "店名", "经营类别", "是否住人", "地址", "负责人", "联系电话", "灭火器数量"), 1
    ):
        sheet.cell(2, column, heading)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


async def test_the_streets_own_form_about_shops_is_recognised_and_filled(
    tx: Tx, as_: As, district: District
) -> None:
    await registered(tx, district.vault, as_)
    found = await commands.understand_form(tx, town.STREET, shop_form(), "商户.xlsx")
    assert (found.rows, found.spec.register) == (Rows.THING, "shop")
    assert [(m.leaf, m.key) for m in found.mapped] == [
        ("序号", "table.number"),
        ("店名", "shop.name"),
        ("经营类别", "shop.trade"),
        ("是否住人", "shop.living_in"),
        ("地址", "shop.address"),
        ("负责人", "shop.owner_name"),
        ("联系电话", "shop.owner_phone"),
        ("灭火器数量", ""),
    ]
    report = await save(tx, Draft("商户排查表", town.STREET, found.spec))
    report = await commands.set_form(tx, district.shelf, report.id, shop_form(), "商户.xlsx")
    template = await commands.form_of(tx, district.shelf, report)
    made = await make(tx, await question(tx, report), district.vault, template=template)
    data, done = made.finish()
    sheet: Any = load_workbook(BytesIO(data)).active
    rows = {row[1]: row for row in sheet.iter_rows(min_row=3, max_row=4, values_only=True)}
    assert rows["甲乙面馆"][2:6] == ("餐饮", "是", "杏花路一号", "甲*")
    assert done.unknown == 2, "the fire extinguishers, which nobody asked about"
    # A table of people that says 联系电话 still means theirs.
    people = await commands.understand_form(tx, town.STREET, people_form(), "人员.xlsx")
    assert [m.key for m in people.mapped] == ["resident.name", "resident.phone"]


def people_form() -> bytes:
    book = Workbook()
    sheet: Any = book.active
    sheet["A1"], sheet["B1"] = "姓名", "联系电话"
    out = BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("headings", "code"),
    [
        (("车牌号", "车主", "联系电话"), "vehicle"),
        (("企业名称", "法定代表人", "统一社会信用代码"), "enterprise"),
        (("房屋地址", "租赁方式", "房东"), "rented"),
        (("序号", "店名", "经营类别", "地址", "负责人", "联系电话", "灭火器数量"), "shop"),
        (("姓名", "身份证号码", "车牌号"), ""),
        (("序号", "姓名", "性别", "年龄", "车牌号", "联系电话"), ""),
        (("姓名", "学校名称", "家长电话", "地址"), ""),
        (("姓名", "工作单位", "单位名称", "联系电话", "地址"), ""),
        (("户主", "房屋地址", "租赁方式", "房东"), ""),
        (("车牌号", "联系电话", "停车费", "缴费月份", "收费员", "票据号"), ""),
        (("姓名", "联系电话", "现住址"), ""),
    ],
)
def test_what_a_form_has_a_row_for_is_told_by_its_headings(
    headings: tuple[str, ...], code: str
) -> None:
    assert register_of(headings) == code


async def test_a_list_of_shops_without_people_is_ready_at_once_and_compared(
    own_district: District, as_: As
) -> None:
    database, vault = own_district.database, own_district.vault
    async with database.tx(system_actor("town")) as tx:
        made = await registered(tx, vault, as_)
        report = await save(
            tx,
            Draft("商户台账", town.STREET, shops("shop.name", "shop.trade", "shop.opened_on")),
        )
        first = await outgoing.run(tx, report.id)
        assert (first.state, first.rows, first.export_id) == ("ready", 2, None)
    async with database.tx(as_("community_officer")) as tx:
        found = await things.thing(tx, tx.reach(REGISTERS_READ), made["grocer"])
        await registers.correct(
            tx, vault, made["grocer"], found.version, {"details": {"trade": "food"}}
        )
        await registers.close(tx, vault, made["noodles"], "moved")
    async with database.tx(as_("street_officer")) as tx:
        asked = await question(tx, await queries.report(tx, tx.reach(READ), report.id))
        changes = await compare(tx, asked, digest_of(asked, ()), vault)
        assert (changes.new, changes.changed, changes.gone) == (0, 1, 1)
        assert changes.columns == {"经营类别": 1}
        second = await outgoing.run(tx, report.id, only_new=True)
        assert (second.new_rows, second.changed_rows, second.gone_rows) == (0, 1, 1)


async def test_who_answers_for_shops_leaves_by_exports_and_everybody_is_counted(
    own_district: District, as_: As
) -> None:
    database, vault = own_district.database, own_district.vault
    async with database.tx(system_actor("town")) as tx:
        await registered(tx, vault, as_)
        report = await save(tx, Draft("商户负责人", town.STREET, shops()))
        with pytest.raises(Invalid) as why:
            await outgoing.run(tx, report.id)
        assert [one.field for one in why.value.problems] == ["reason"]
        run = await outgoing.run(
            tx, report.id, reason="消防巡查通知到店", full=["name", "phone"]
        )
    assert run.export_id is not None
    async with database.tx(as_("district_officer")) as tx:
        await approve(tx, run.export_id)
    async with database.tx(system_actor("town")) as tx:
        assert await make_next(tx) == 1
    async with database.tx(as_("street_officer")) as tx:
        export = await find_export(tx, run.export_id)
        assert export is not None
        assert (export.state, export.people, export.rows) == ("ready", 2, 2)
        _, data = await fetch(tx, vault, own_district.shelf, run.export_id)
        named = await tx.many(UUID, "select resident_id from exports_person")
    assert named == [town.homes()[1][0].id], "who is no resident is counted and not named"
    sheet: Any = load_workbook(BytesIO(data)).active
    said = {cell for row in sheet.iter_rows(min_row=4, values_only=True) for cell in row}
    assert NOODLES in said
    assert "甲样例" in said


async def test_reports_about_two_registers_do_not_ask_the_same(tx: Tx, as_: As) -> None:
    tx.actor = as_("street_officer")
    places = (Col("area.grid"), Col("dwelling.address"))
    for name, code in (("商户一", "shop"), ("商户二", "shop"), ("企业", "enterprise")):
        spec = Spec(Rows.THING, (Col(f"{code}.name"), *places), register=code)
        await save(tx, Draft(name, town.STREET, spec))
    found = await overview(tx)
    assert [{r.name for r in found.reports if r.id in t.reports} for t in found.together] == [
        {"商户一", "商户二"}
    ]


# -- the editor ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spec",
    [
        shops(
            *SHOPS,
            thing_state="all",
            things={
                "shop.trade": "food,shop",
                "shop.living_in": "1",
                "shop.staff": "2..",
                "shop.name": "A座,3层..面",
                "shop.opened_on": "-90..+0",
            },
            stale="shop.gas",
            compound="杏花苑",
        ),
        Spec(
            Rows.GROUP,
            groups=("area.community", "shop.trade"),
            measures=(
                Measure("店", "shop", Filters(things={"shop.opened_on": "2026-01-01.."})),
                Measure("关了的", "shop", Filters(thing_state="closed")),
            ),
        ),
    ],
)
def test_a_question_about_things_goes_through_the_form_and_nothing_is_lost(spec: Spec) -> None:
    fields = dict(all_fields())
    assert editing.read_spec(spec.rows, editing.written(spec), fields, spec.register) == spec


async def test_an_office_makes_a_table_of_shops_on_the_desk(room_client: Any, as_: As) -> None:
    client = await room_client(ROUTES, as_("street_officer"))
    new = await client.get("/reports/new?rows=thing&register=shop", headers=HTML)
    assert new.status_code == 200
    assert 'name="f:thing:shop.trade" value="food"' in new.text
    assert "每家商户一行" in new.text
    given = {
        "rows": "thing",
        "register": "shop",
        "name": "餐饮商户表",
        "area_code": town.STREET,
        "keys": ["shop.name", "shop.address", "shop.gas"],
        "f:thing:shop.trade": ["food"],
    }
    looked = await client.post("/reports/edit", data={**given, "look": "1"}, headers=HTML)
    assert looked.status_code == 200
    assert 'id="look"' in looked.text
    made = await client.post("/reports/edit", data=given, headers=HTML)
    assert made.status_code == 303
    where = made.headers["location"]
    spec = (await client.get(f"/api/v1{where}")).json()["spec"]
    assert (spec["rows"], spec["register"]) == ("thing", "shop")
    assert spec["filters"]["things"] == {"shop.trade": "food"}
    assert "每家商户一行" in (await client.get("/reports", headers=HTML)).text
    assert 'value="food" checked' in (await client.get(f"{where}/edit", headers=HTML)).text
    part = await client.post(
        "/reports/edit/conditions?at=2",
        data={"m2:of": "facility", "measures": "4"},
        headers=HTML,
    )
    assert part.status_code == 200
    assert 'name="m2:thing:facility.category"' in part.text
    assert "<html" not in part.text


def test_an_upgrade_does_not_forget_the_last_time() -> None:
    spec = Spec(
        Rows.RESIDENT,
        columns=(Col("resident.name", "姓名"),),
        filters=Filters(tags=("infant",), own={"resident.own_2": "是", "resident.own_1": "否"}),
    )
    # As it was computed before there were reports about things.
    assert spec.digest().hex() == "afb1638716424ef7f7cb1b34db996ade"
    assert shops().digest() != Spec(Rows.THING, tuple(map(Col, SHOPS))).digest()
