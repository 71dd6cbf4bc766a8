"""A secretary makes a saved question with ticks and numbers: nothing is lost, nothing is JSON."""

from collections.abc import Callable
from typing import Any

import pytest

import small_town as town
from wangge.forms import api as forms_api
from wangge.forms.entries import add_field
from wangge.forms.model import OwnField
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.crypto import vault_of
from wangge.kernel.database import Tx, counting
from wangge.kernel.fields import FieldSpec, all_fields
from wangge.kernel.http import District
from wangge.kernel.refusals import Invalid
from wangge.people.commands.own import keep_own
from wangge.reports import api, editing, outgoing, pages
from wangge.reports.asking import count, question
from wangge.reports.commands import Draft, save
from wangge.reports.comparing import compare
from wangge.reports.model import Col, Filters, Measure, Rows, Spec

As = Callable[[str], Actor]
ROUTES = [*api.ROUTES, *pages.ROUTES, *forms_api.ROUTES]
HTML = {"accept": "text/html"}
FULL = Filters(
    tags=("elder_alone", "infant"),
    sex="female",
    age_from=60,
    age_to=90,
    relations=("head",),
    hukou=("local",),
    kinds=("family",),
    tenures=("owned",),
    compound="杏花苑",
    building="3",
    since_from="2020-01-01",
    since_to="2026-01-01",
    stale="resident.phone",
    missing="resident.workplace",
    own={"resident.phone": "是"},
    occupied=False,
    case_class="1",
    case_state="open",
    reported_from="2026-01-01",
    reported_to="2026-02-01",
    days_back=7,
)


def fields() -> dict[str, FieldSpec]:
    return dict(all_fields())


@pytest.mark.parametrize(
    "spec",
    [
        Spec(
            Rows.RESIDENT,
            columns=(Col("table.number"), Col("resident.phone", "手机"), Col("resident.name")),
            filters=FULL,
        ),
        Spec(
            Rows.GROUP,
            groups=("area.community", "resident.sex"),
            measures=(Measure("老人", "resident", FULL), Measure("户数", "household")),
            filters=Filters(tags=("infant",)),
        ),
    ],
)
def test_a_question_goes_through_the_form_and_nothing_is_lost(spec: Spec) -> None:
    assert editing.read_spec(spec.rows, editing.written(spec), fields()) == spec


def test_a_number_is_understood_by_its_heading() -> None:
    given = {
        "measures": ["4"],
        "m0:title": ["60岁以上人数"],
        "m1:title": ["户数"],
        "m3:title": ["独居的女性"],
        "m3:of": ["resident"],
        "m3:sex": ["female"],
        "m3:f": ["x"],
    }
    read = editing.read_spec(Rows.GROUP, {**given, "groups": ["area.grid"]}, fields())
    assert read.measures == (
        Measure("60岁以上人数", filters=Filters(age_from=60)),
        Measure("户数", "household"),
        Measure("独居的女性", filters=Filters(sex="female")),
    )
    with pytest.raises(Invalid) as wrong:
        editing.read_spec(Rows.GROUP, {**given, "m2:title": ["养犬户数"]}, fields())
    assert (wrong.value.problems[0].field, wrong.value.problems[0].row) == ("measures", 3)


async def test_a_saved_question_is_made_looked_at_and_changed(
    room_client: Any, as_: As
) -> None:
    client = await room_client(ROUTES, as_("street_officer"))
    blank = await client.get("/reports/new?rows=resident", headers=HTML)
    assert blank.status_code == 200
    assert 'name="f:tags"' in blank.text
    form = {
        "rows": "resident",
        "name": "六十岁以上女性",
        "area_code": town.STREET,
        "keys": ["resident.name", "resident.phone", "table.number"],
        "at:table.number": "1",
        "at:resident.phone": "2",
        "title:resident.phone": "手机号",
        "f:sex": "female",
        "f:age_from": "60",
    }
    look = await client.post("/reports/edit", data={**form, "look": "1"}, headers=HTML)
    assert look.status_code == 200
    assert "手机号" in look.text
    assert "****" in look.text, "a look is masked"
    assert (await client.get("/api/v1/reports")).json()["items"] == [], "a look keeps nothing"
    made = await client.post("/reports/edit", data=form, headers=HTML)
    assert made.status_code == 303
    where = made.headers["location"]
    kept = (await client.get(f"/api/v1{where}")).json()
    assert [c["key"] for c in kept["spec"]["columns"]] == [
        "table.number",
        "resident.phone",
        "resident.name",
    ]
    assert (kept["spec"]["filters"]["sex"], kept["spec"]["filters"]["age_from"]) == (
        "female",
        60,
    )
    page = (await client.get(f"{where}/edit", headers=HTML)).text
    assert 'value="六十岁以上女性"' in page
    changed = {**form, "f:age_from": "sixty", "version": str(kept["version"])}
    wrong = await client.post(f"{where}/edit", data=changed, headers=HTML)
    assert wrong.status_code == 422
    assert 'value="sixty"' in wrong.text, "what was typed stays"
    changed["f:age_from"] = "70"
    assert (await client.post(f"{where}/edit", data=changed, headers=HTML)).status_code == 303
    late = await client.post(f"{where}/edit", data=changed, headers=HTML)
    assert late.status_code == 409, "another version is not written over"
    stranger = await room_client(ROUTES, as_("grid_worker"))
    assert (await stranger.get("/reports/new", headers=HTML)).status_code == 403
    assert (await stranger.get(f"{where}/edit", headers=HTML)).status_code == 403


async def test_a_count_says_what_changed_since_it_was_made(
    room_client: Any, as_: As, tx: Tx
) -> None:
    client = await room_client(ROUTES, as_("street_officer"))
    form = {
        "rows": "group",
        "name": "各社区人数",
        "area_code": town.STREET,
        "groups": ["area.community"],
        "measures": "4",
        "m0:title": "人数",
        "m1:title": "女",
    }
    more = await client.post("/reports/edit", data={**form, "more": "1"}, headers=HTML)
    assert 'name="m7:title"' in more.text
    where = (await client.post("/reports/edit", data=form, headers=HTML)).headers["location"]
    never = await client.get(f"{where}/changes", headers=HTML)
    assert (never.status_code, "还没有出过" in never.text) == (409, True)
    await client.post(f"{where}/run", data={}, headers=HTML)
    same = await client.get(f"{where}/changes", headers=HTML)
    assert "和上次一样" in same.text
    assert "杏花社区" not in same.text


async def test_a_list_names_the_rows_and_cells_that_changed(
    own_district: District, as_: As
) -> None:
    homes = Spec(Rows.DWELLING, columns=(Col("dwelling.address"), Col("dwelling.floor")))
    database, vault = own_district.database, own_district.vault
    async with database.tx(as_("street_officer")) as tx:
        report = await save(tx, Draft("房屋表", town.STREET, homes))
        await outgoing.run(tx, report.id)
    async with database.tx(system_actor("town")) as tx:
        door = town.dwelling_id("1-1-1-201")
        await tx.run("update places_dwelling set floor = 9 where id = :id", id=door)
    async with database.tx(as_("street_officer"), read_only=True) as tx:
        asked = await question(tx, report)
        with counting() as counted:
            found = await compare(tx, asked, outgoing.digest_of(asked, ()), vault)
        assert counted.total <= 8
    assert (found.new, found.changed, found.gone) == (0, 1, 0)
    assert found.columns == {"楼层": 1}
    assert [(row.cells, row.at, row.new) for row in found.rows] == [
        (("杏花苑1幢1单元201室", "9"), frozenset({1}), False)
    ]


async def test_two_conditions_on_fields_of_ones_own_both_hold(tx: Tx, as_: As) -> None:
    """They shared one place of an array once: the second was never asked."""
    tx.actor = as_("district_officer")
    keys: list[str] = []
    for name in ("有无电梯卡", "垃圾分类"):
        own = OwnField(
            *("household", name, name, "code", "社区服务", "consent", "people.residents", 3),
            options=("有", "无"),
        )
        keys.append((await add_field(tx, own)).key)
    tx.actor = as_("community_officer")
    homes = [h for h in town.homes()[0] if h.area_code.startswith(town.XINGHUA)]
    for home, values in zip(homes, (("有", "有"), ("有", "无")), strict=False):
        named = {key.partition(".")[2]: v for key, v in zip(keys, values, strict=True)}
        await keep_own(tx, vault_of(tx.actor.district), home.id, None, named)
    spec = Spec(
        Rows.HOUSEHOLD,
        columns=(Col("dwelling.address"),),
        filters=Filters(own=dict.fromkeys(keys, "有")),
    )
    report = await save(tx, Draft("两个条件", town.XINGHUA, spec))
    assert (await count(tx, await question(tx, report))).rows == 1
