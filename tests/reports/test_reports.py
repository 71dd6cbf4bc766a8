"""A report is a saved question: filled into the asker's form, within reach, compared with last time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import asyncpg
import pytest
from form_kit import form
from openpyxl import Workbook, load_workbook

import small_town as town
from wangge.exports.jobs import make_next
from wangge.exports.model import all_makers
from wangge.exports.queries import find as find_export
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.crypto import vault_of
from wangge.kernel.database import Tx, counting
from wangge.kernel.files import shelf_of
from wangge.kernel.http import District
from wangge.kernel.refusals import Forbidden, Invalid, NotFound
from wangge.people.acts import RESIDENT_READ
from wangge.places.atlas import Atlas
from wangge.places.model import Area, AreaKind
from wangge.reports import commands, making, outgoing, queries
from wangge.reports.asking import count, group_rows, preview, question
from wangge.reports.commands import Draft, Schedule, save
from wangge.reports.guessing import rows_of
from wangge.reports.jobs import make_due
from wangge.reports.making import make
from wangge.reports.model import (
    Col,
    Filters,
    Measure,
    NothingBefore,
    ReportClosed,
    Rows,
    Spec,
    overlaps,
)
from wangge.reports.overview import overview
from wangge.reports.pouring import parts_of
from wangge.reports.queries import Report
from wangge.reports.schedules import Every

As = Callable[[str], Actor]
PEOPLE = town.homes()[1]
HOMES = town.homes()[0]
COLUMNS = (
    Col("table.number", "序号"),
    Col("resident.name"),
    Col("resident.sex"),
    Col("resident.age"),
    Col("resident.phone"),
    Col("resident.tags"),
    Col("dwelling.address"),
    Col("area.community"),
)
LIST = Spec(Rows.RESIDENT, columns=COLUMNS)


async def saved(tx: Tx, actor: Actor, spec: Spec = LIST, area: str = town.STREET) -> Report:
    tx.actor = actor
    return await save(tx, Draft("人员表", area, spec))


def inside(area: str) -> list[Any]:
    return [r for r in PEOPLE if r.area_code.startswith(area)]


async def test_a_report_shows_what_its_asker_reaches(tx: Tx, as_: As) -> None:
    report = await saved(tx, as_("street_officer"))
    asked = await question(tx, report)
    with counting() as counted:
        found = await count(tx, asked)
    assert counted.total == 1
    assert (found.rows, found.people) == (len(inside(town.STREET)),) * 2
    tx.actor = as_("grid_worker")
    narrow = await count(tx, asked)
    assert narrow.rows == len(inside(town.GRID_1))
    with pytest.raises(NotFound):
        await queries.report(tx, tx.reach(RESIDENT_READ), report.id)


async def test_a_preview_is_masked_and_costs_the_same(
    tx: Tx, as_: As, district: District
) -> None:
    report = await saved(tx, as_("street_officer"))
    asked = await question(tx, report)
    with counting() as counted:
        shown = await preview(tx, asked, district.vault)
    assert counted.total <= 5
    assert shown.headings[:3] == ("序号", "姓名", "性别")
    assert shown.count == len(inside(town.STREET))
    names = {row[1] for row in shown.rows}
    assert all(len(name) == 2 and name.endswith("*") for name in names)
    assert all("****" in row[4] or not row[4] for row in shown.rows)
    assert shown.rows[0][6].startswith("杏花苑")
    missing = dict(zip([c.key for c in COLUMNS[1:]], shown.missing, strict=True))
    assert missing["resident.phone"] == sum(not r.phone for r in inside(town.STREET))


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        (Filters(sex="female"), lambda r: r.sex == "female"),
        (Filters(age_from=60), lambda r: 2026 - r.birth_year >= 60),
        (Filters(age_to=45), lambda r: 2026 - r.birth_year <= 45),
        (Filters(tags=("elder_alone",)), lambda r: "elder_alone" in r.tags),
        (Filters(relations=("head", "child")), lambda r: r.relation in ("head", "child")),
        (Filters(compound="杏花苑"), lambda r: r.area_code.startswith(town.XINGHUA)),
        (Filters(missing="resident.phone"), lambda r: not r.phone),
        (Filters(kinds=("shared",)), lambda _: False),
    ],
)
async def test_conditions_hold(
    tx: Tx, as_: As, filters: Filters, wanted: Callable[[Any], bool]
) -> None:
    spec = Spec(Rows.RESIDENT, columns=COLUMNS, filters=filters)
    asked = await question(tx, await saved(tx, as_("street_officer"), spec))
    birthdays = [r for r in inside(town.STREET) if wanted(r)]
    found = await count(tx, asked)
    # Those born with a date may be a year younger than the years alone say.
    slack = 1 if filters.age_from or filters.age_to else 0
    assert abs(found.rows - len(birthdays)) <= slack


@pytest.mark.parametrize("rows", [Rows.HOUSEHOLD, Rows.DWELLING, Rows.CASE])
async def test_every_kind_of_rows_can_be_asked(
    tx: Tx, as_: As, district: District, rows: Rows
) -> None:
    columns = {
        Rows.HOUSEHOLD: ("household.head_name", "household.size", "household.elders"),
        Rows.DWELLING: ("dwelling.address", "dwelling.floor", "household.kind"),
        Rows.CASE: ("case.receipt", "case.state", "case.reported_on", "area.community"),
    }[rows]
    spec = Spec(rows, columns=tuple(map(Col, columns)))
    asked = await question(tx, await saved(tx, as_("street_officer"), spec))
    shown = await preview(tx, asked, district.vault)
    if rows is Rows.HOUSEHOLD:
        assert shown.count == sum(h.area_code.startswith(town.STREET) for h in HOMES)
        assert shown.people == len(inside(town.STREET))
    elif rows is Rows.DWELLING:
        assert shown.count == 48
    else:
        assert shown.count == 0


async def test_everything_in_the_dictionary_can_be_shown(
    tx: Tx, as_: As, district: District
) -> None:
    tx.actor = as_("street_officer")
    fields = (await question(tx, await saved(tx, as_("street_officer")))).fields
    for rows, subjects in making_subjects().items():
        keys = [
            key
            for key, one in fields.items()
            if one.subject in subjects and not key.endswith((".ended_on", ".ended_why"))
        ]
        spec = Spec(rows, columns=tuple(map(Col, keys[:60])))
        asked = await question(tx, await saved(tx, as_("street_officer"), spec))
        assert len((await preview(tx, asked, district.vault)).headings) == len(keys[:60])


def making_subjects() -> dict[Rows, tuple[str, ...]]:
    from wangge.reports.model import SUBJECTS

    # Those of the registers' things have their own test.
    return {r: subjects for r, subjects in SUBJECTS.items() if subjects and r is not Rows.THING}


async def test_a_table_is_filled_in_full_only_where_it_is_permitted(
    tx: Tx, as_: As, district: District
) -> None:
    asked = await question(tx, await saved(tx, as_("street_officer")))
    masked, _ = (await make(tx, asked, district.vault)).finish()
    sheet: Any = load_workbook(BytesIO(masked)).active
    row = [cell.value for cell in sheet[4]]
    assert row[0] == 1
    assert row[1].endswith("*")
    full, done = (await make(tx, asked, district.vault, full=("name", "phone"))).finish()
    sheet = load_workbook(BytesIO(full)).active
    row = [cell.value for cell in sheet[4]]
    person = next(r for r in PEOPLE if r.name == row[1])
    assert row[4] == person.phone
    assert row[2] in ("男", "女")
    assert row[7] == "杏花社区"
    assert done.rows == len(inside(town.STREET))


@pytest.mark.parametrize("rows", [Rows.RESIDENT, Rows.HOUSEHOLD, Rows.DWELLING])
async def test_a_long_report_comes_area_by_area_with_the_same_lines(
    tx: Tx, as_: As, district: District, monkeypatch: pytest.MonkeyPatch, rows: Rows
) -> None:
    keys = ("dwelling.address", "area.micro_grid", "household.size", "household.head_name")
    report = await saved(tx, as_("street_officer"), Spec(rows, columns=tuple(map(Col, keys))))
    asked = await question(tx, report)
    whole = await make(tx, asked, district.vault, keep_lines=True)
    monkeypatch.setattr(making, "MANY", 1)
    parts = await make(tx, asked, district.vault, keep_lines=True)
    assert len(whole.lines) > 10
    assert parts.lines == whole.lines
    assert {one.resident_id for one in parts.people} == {
        one.resident_id for one in whole.people
    }
    whole.filler.abandon()
    parts.filler.abandon()


def test_the_parts_of_an_area_leave_nothing_out() -> None:
    areas = [
        Area(
            code, AreaKind.COMMUNITY, None, code, date(2020, 1, 1), None, (), None, None, False
        )
        for code in ("990001001002", "990001001005")
    ]
    assert parts_of(Atlas(areas), "990001001") == [
        ("990001001", "990001001005"),
        ("990001001005", "990001001:"),
    ]
    assert parts_of(Atlas([]), "990001001") == [("990001001", "990001001:")]


async def test_the_askers_own_form_is_filled(tx: Tx, as_: As, district: District) -> None:
    tx.actor = as_("street_officer")
    found = await commands.understand_form(tx, town.STREET, form(), "花名册.xlsx")
    assert found.rows is Rows.RESIDENT
    assert [m.leaf for m in found.unknown] == ["宠物免疫证号"]
    report = await saved(tx, as_("street_officer"))
    report = await commands.set_form(tx, district.shelf, report.id, form(), "花名册.xlsx")
    asked = await question(tx, report)
    template = await commands.form_of(tx, shelf_of(tx.actor.district), report)
    made = await make(tx, asked, district.vault, template=template, full=("name", "phone"))
    data, done = made.finish()
    sheet: Any = load_workbook(BytesIO(data)).active
    assert sheet["A1"].value == "示范街道流动人口花名册"
    assert sheet["B2"].value == "示范街道"
    assert sheet["F2"].value == "填报日期:2026年3月18日"
    names = [sheet.cell(row, 2).value for row in range(6, 6 + made.rows)]
    assert set(names) == {r.name for r in inside(town.STREET)}
    assert sheet.cell(6 + made.rows, 1).value == "合计"
    missing = sum(not r.phone for r in inside(town.STREET))
    assert done.unknown == made.rows + missing, "the number plate, and telephones nobody has"
    assert len(made.people) == made.rows


async def test_last_months_people_are_not_kept_with_a_form(
    tx: Tx, as_: As, district: District
) -> None:
    def full(sheet: Any) -> None:
        for row in range(6, 10):
            sheet.cell(row, 2, f"上月居民{row}")

    report = await saved(tx, as_("street_officer"))
    report = await commands.set_form(tx, district.shelf, report.id, form(full), "花名册.xlsx")
    kept = await commands.form_of(tx, district.shelf, report)
    assert kept is not None
    sheet: Any = load_workbook(BytesIO(kept)).active
    assert [sheet.cell(row, 2).value for row in range(6, 10)] == [None] * 4
    assert sheet["A10"].value == "合计"


def counts_form() -> bytes:
    book = Workbook()
    sheet: Any = book.active
    sheet.append(["各社区人口情况统计表", None, None, None, None])
    sheet.merge_cells("A1:E1")
    sheet.append(["社区", "户数", "人数", "60岁以上人数", "养犬户数"])
    for name in ("杏花社区", "柳树社区"):
        sheet.append([name, None, None, None, None])
    sheet.append(["合计", "=SUM(B3:B4)", "=SUM(C3:C4)", "=SUM(D3:D4)", None])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


async def test_a_form_of_counts_is_read_and_filled_by_its_names(
    tx: Tx, as_: As, district: District
) -> None:
    tx.actor = as_("street_officer")
    found = await commands.understand_form(tx, town.STREET, counts_form(), "统计.xlsx")
    assert found.rows is Rows.GROUP
    assert found.spec.groups == ("area.community",)
    assert [m.title for m in found.spec.measures] == ["户数", "人数", "60岁以上人数"]
    assert [m.leaf for m in found.unknown] == ["养犬户数"]
    report = await saved(tx, as_("street_officer"), found.spec)
    assert not report.personal
    report = await commands.set_form(tx, district.shelf, report.id, counts_form(), "统计.xlsx")
    run = await outgoing.run(tx, report.id)
    assert (run.state, run.export_id) == ("ready", None)
    _, _, data = await outgoing.file_of_run(tx, run.id)
    sheet: Any = load_workbook(BytesIO(data)).active
    homes = sum(h.area_code.startswith(town.XINGHUA) for h in HOMES)
    assert [sheet["A3"].value, sheet["B3"].value] == ["杏花社区", homes]
    assert sheet["C4"].value == len(inside(town.LIUSHU))
    assert sheet["B5"].value == "=SUM(B3:B4)"


async def test_counts_agree_with_counting(tx: Tx, as_: As) -> None:
    spec = Spec(
        Rows.GROUP,
        groups=("area.community", "resident.sex"),
        measures=(
            Measure("人数"),
            Measure("独居", filters=Filters(tags=("elder_alone",))),
        ),
    )
    asked = await question(tx, await saved(tx, as_("street_officer"), spec))
    with counting() as counted:
        found = await group_rows(tx, asked)
    assert counted.total == 1
    for (code, sex), (names, numbers) in found.items():
        people = [r for r in inside(code) if r.sex == sex]
        assert names == (town.GROUND[code][0], {"male": "男", "female": "女"}[sex])
        assert numbers == [len(people), sum("elder_alone" in r.tags for r in people)]
    with pytest.raises(Invalid):
        await saved(
            tx,
            as_("street_officer"),
            Spec(Rows.GROUP, groups=("resident.sex",), measures=(Measure("户", "household"),)),
        )


async def test_a_report_says_no_need_that_its_asker_may_not_see(tx: Tx, as_: As) -> None:
    lists = Spec(Rows.RESIDENT, (Col("resident.relation"), Col("resident.tags")))
    alone = Filters(tags=("elder_alone",))
    numbers = Spec(
        Rows.GROUP, groups=("area.community",), measures=(Measure("独居", filters=alone),)
    )
    report = await saved(tx, as_("street_officer"), lists)
    counts = await saved(tx, as_("street_officer"), numbers)

    async def told() -> tuple[bool, int, int]:
        asked = await question(tx, report)
        narrowed = replace(asked, spec=Spec(lists.rows, lists.columns, filters=alone))
        shown = await preview(tx, narrowed, vault_of(tx.actor.district))
        grouped = await group_rows(tx, await question(tx, counts))
        seen = any("独居老人" in row[1] for row in shown.rows)
        return seen, shown.count, sum(n for _, (n,) in grouped.values())

    there = sum("elder_alone" in one.tags for one in inside(town.STREET))
    assert await told() == (True, there, there)
    await tx.run("update people_tag_kind set roles = '{doctor}' where code = 'elder_alone'")
    assert await told() == (False, 0, 0)


@pytest.mark.parametrize(
    ("heading", "measure"),
    [
        ("总人数", Measure("总人数")),
        ("户数", Measure("户数", "household")),
        ("60周岁及以上人数", Measure("60周岁及以上人数", filters=Filters(age_from=60))),
        ("0-6岁儿童数", Measure("0-6岁儿童数", filters=Filters(age_from=0, age_to=6))),
        ("18岁以下", Measure("18岁以下", filters=Filters(age_to=18))),
        ("不满18周岁以下", Measure("不满18周岁以下", filters=Filters(age_to=17))),
        ("女", Measure("女", filters=Filters(sex="female"))),
        ("姓名", None),
        ("电动车数量", None),
    ],
)
def test_a_heading_that_is_a_count_is_read(heading: str, measure: Measure | None) -> None:
    assert rows_of(heading) == measure


# -- leaving ---------------------------------------------------------------------------------------


async def test_people_leave_by_exports_with_a_second_person(
    own_district: District, as_: As
) -> None:
    database = own_district.database
    async with database.tx(as_("street_officer")) as tx:
        report = await save(tx, Draft("花名册", town.XINGHUA, LIST))
        with pytest.raises(Invalid):
            await outgoing.run(tx, report.id)
        run = await outgoing.run(tx, report.id, reason="月度报送", full=["name", "phone"])
    assert run.export_id is not None
    async with database.tx(as_("district_officer")) as tx:
        from wangge.exports.commands import approve

        waiting = await find_export(tx, run.export_id)
        assert waiting is not None
        told = await all_makers()[outgoing.WHAT].headings(tx, waiting.spec)
        await approve(tx, run.export_id)
    async with database.tx(system_actor("town")) as tx:
        assert await make_next(tx) == 1
    async with database.tx(as_("street_officer")) as tx:
        export = await find_export(tx, run.export_id)
        assert export is not None
        assert (export.state, export.people) == ("ready", len(inside(town.XINGHUA)))
        from wangge.exports.commands import fetch

        _, data = await fetch(tx, own_district.vault, own_district.shelf, run.export_id)
        done = await queries.run(tx, run.id)
    assert (done.state, done.rows) == ("ready", len(inside(town.XINGHUA)))
    assert done.cells > 0
    sheet: Any = load_workbook(BytesIO(data)).active
    assert export.mark in sheet.oddFooter.center.text
    assert export.mark in sheet.cell(sheet.max_row, 1).value, "on a screen as well"
    assert sheet["B4"].value in {r.name for r in PEOPLE}
    assert tuple(told) == tuple(cell.value for cell in sheet[3]), "the columns, before the yes"


async def test_the_next_run_says_what_changed(own_district: District, as_: As) -> None:
    database, vault = own_district.database, own_district.vault
    homes = Spec(Rows.DWELLING, columns=(Col("dwelling.address"), Col("dwelling.floor")))
    async with database.tx(as_("street_officer")) as tx:
        report = await save(tx, Draft("房屋表", town.STREET, homes))
        assert not report.personal
        with pytest.raises(NothingBefore):
            await outgoing.run(tx, report.id, only_new=True)
        first = await outgoing.run(tx, report.id)
        assert first.new_rows is None
    async with database.tx(system_actor("town")) as tx:
        door = town.dwelling_id("1-1-1-201")
        await tx.run("update places_dwelling set floor = 9 where id = :id", id=door)
    async with database.tx(as_("street_officer")) as tx:
        second = await outgoing.run(tx, report.id, only_new=True)
        assert (second.new_rows, second.changed_rows, second.gone_rows) == (0, 1, 0)
        assert second.changed_columns == {"楼层": 1}
        assert second.rows == 1
        _, _, data = await outgoing.file_of_run(tx, second.id)
        sealed = await tx.many(bytes, "select sealed from reports_snapshot")
    sheet: Any = load_workbook(BytesIO(data)).active
    assert [c.value for c in sheet[4]][:3] == ["楼层", "杏花苑1幢1单元201室", 9]
    assert sealed
    assert vault is not None


async def test_the_clock_makes_what_is_due_as_its_owner(
    own_district: District, as_: As
) -> None:
    spec = Spec(Rows.GROUP, groups=("area.community",), measures=(Measure("人数"),))
    async with own_district.database.tx(as_("street_officer")) as tx:
        report = await save(tx, Draft("日报", town.STREET, spec))
        report = await commands.set_schedule(tx, report.id, Schedule(Every.DAILY, 7))
        assert report.next_at is not None
    due = report.next_at + timedelta(minutes=1)
    async with own_district.database.tx(system_actor("town"), now=due) as tx:
        assert await make_due(tx) == 1
        assert await make_due(tx) == 0
    async with own_district.database.tx(as_("street_officer")) as tx:
        (run,) = await queries.runs(tx, report.id, 10)
    assert (run.by_clock, run.state, run.rows) == (True, "ready", 2)


# -- writing down ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "spec",
    [
        Spec(Rows.RESIDENT),
        Spec(Rows.RESIDENT, columns=(Col("no.such"),)),
        Spec(Rows.RESIDENT, columns=(Col("case.title"),)),
        Spec(Rows.RESIDENT, columns=(Col("table.number"),)),
        Spec(Rows.RESIDENT, columns=COLUMNS, filters=Filters(age_from=80, age_to=10)),
        Spec(Rows.RESIDENT, columns=COLUMNS, filters=Filters(since_from="昨天")),
        Spec(Rows.RESIDENT, columns=COLUMNS, filters=Filters(stale="no.such")),
        Spec(Rows.GROUP, groups=("resident.phone",), measures=(Measure("人数"),)),
        Spec(Rows.GROUP, groups=("area.grid",)),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused(tx: Tx, as_: As, spec: Spec) -> None:
    with pytest.raises(Invalid):
        await saved(tx, as_("street_officer"), spec)


async def test_nothing_somebody_typed_becomes_sql(tx: Tx, as_: As, district: District) -> None:
    nasty = "'; drop table reports_report; -- $1 %s :x"
    spec = Spec(
        Rows.RESIDENT,
        columns=COLUMNS,
        filters=Filters(compound=nasty, tags=(nasty,), sex=nasty),
    )
    asked = await question(tx, await saved(tx, as_("street_officer"), spec))
    assert (await preview(tx, asked, district.vault)).count == 0
    data, _ = (await make(tx, asked, district.vault)).finish()
    assert data.startswith(b"PK")


async def test_who_may_not_may_not(tx: Tx, as_: As) -> None:
    report = await saved(tx, as_("street_officer"))
    tx.actor = as_("grid_head")
    with pytest.raises(NotFound):
        await outgoing.run(tx, report.id, reason="看一看")
    tx.actor = as_("data_protection")
    with pytest.raises(Forbidden):
        await outgoing.run(tx, report.id, reason="看一看")
    tx.actor = as_("other_street_officer")
    with pytest.raises(NotFound):
        await commands.close(tx, report.id)


async def test_a_closed_report_is_not_made(tx: Tx, as_: As) -> None:
    report = await saved(tx, as_("street_officer"))
    await commands.close(tx, report.id)
    with pytest.raises(ReportClosed):
        await outgoing.run(tx, report.id, reason="再出一次")


async def test_the_clock_needs_a_reason_for_people(tx: Tx, as_: As) -> None:
    report = await saved(tx, as_("street_officer"))
    with pytest.raises(Invalid):
        await commands.set_schedule(tx, report.id, Schedule(Every.WEEKLY))
    await tx.run("savepoint before")
    wrong = replace(report, every="daily", next_at=tx.now)
    with pytest.raises(asyncpg.CheckViolationError, match="reports_report_reason"):
        await queries.save_report(tx, wrong)
    await tx.run("rollback to savepoint before")


# -- the same asked twice --------------------------------------------------------------------------


def test_reports_that_ask_the_same_are_found() -> None:
    a, b = frozenset({"x", "y", "z"}), frozenset({"x", "y"})
    found = overlaps(
        [
            ("one", Rows.RESIDENT, a),
            ("two", Rows.RESIDENT, b),
            ("homes", Rows.HOUSEHOLD, a),
            ("other", Rows.RESIDENT, frozenset({"q", "x"})),
        ]
    )
    assert [(o.one, o.other, o.shared, o.share) for o in found] == [
        ("one", "two", ("x", "y"), 1.0)
    ]


async def test_three_that_ask_the_same_become_one(tx: Tx, as_: As) -> None:
    tx.actor = as_("street_officer")
    ids = []
    for number in range(3):
        spec = Spec(Rows.RESIDENT, columns=(*COLUMNS[1:5], *COLUMNS[5 + number : 6 + number]))
        ids.append((await save(tx, Draft(f"表 {number}", town.STREET, spec))).id)
    with counting() as counted:
        seen = await overview(tx)
    assert counted.total == 2
    assert set(seen.together[0].reports) == set(ids)
    assert len(seen.together[0].columns) == 4
    merged = await commands.merge(tx, ids, "一张表")
    asked = await question(tx, merged)
    assert len(asked.spec.keys) == 7
    assert [r.id for r in (await overview(tx)).reports] == [merged.id]
