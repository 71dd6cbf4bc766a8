"""Contacts that do not fit: asked about, corrected in the row by a named person, and as they leave."""

from typing import Any
from uuid import UUID

import pytest
from declaring import a_live_one
from lists_kit import CHAINED, HEADINGS, As, checked

import small_town as town
from town_fixtures import VAULT
from wangge.exports.model import all_makers
from wangge.kernel.actors import system_actor
from wangge.kernel.database import Tx
from wangge.kernel.http import District
from wangge.kernel.refusals import Forbidden, Invalid, NotFound
from wangge.solvers.chains import day_of
from wangge.verification import api, deciding, mending, pages, queries
from wangge.verification import deeds as deeds
from wangge.verification.chaining import contacts_of
from wangge.verification.makers import CHAIN, LIST
from wangge.verification.model import List
from wangge.verification.records import open_cells
from wangge.verification.refusals import MenderCannotSign, RowDecided

HTML = {"accept": "text/html"}
#: The second never was; the third ended after somebody fell ill.
ROWS = (
    "TJ1,外来甲,,19900008101,,,2026-03-01,2026-03-02",
    "TJ2,外来乙,,19900008102,,TJ1,2026.2.30,2026-03-08",
    "TJ3,外来丙,,19900008103,,TJ2,2026-03-09,2026-03-06",
)


async def contacts(tx: Tx, as_: As) -> List:
    await a_live_one(
        tx, as_("street_officer"), as_("district_officer"), data_items=["contacts"]
    )
    return await checked(tx, as_, *ROWS, headings=CHAINED)


async def test_a_corrected_day_is_sealed_with_its_row_and_the_chain_is_drawn_by_it(
    tx: Tx, as_: As
) -> None:
    found = await contacts(tx, as_)
    odd = await queries.findings(tx, found.id, 0, 9)
    assert [(one.kind, one.rows) for one in odd] == [
        ("no_such_day", (2,)),
        ("window_after_onset", (3,)),
    ]
    tx.actor = as_("community_officer")
    with pytest.raises((Forbidden, NotFound)):
        await mending.mend(tx, VAULT, found.id, 1, {2: {"end": "2026-03-03"}})
    tx.actor = as_("street_officer")
    for cells in (
        {},
        {2: {"end": "2026.2.30"}},
        {2: {"end": "2026-02-31"}},
        {2: {"name": "别人"}},
        {2: {"end": "2026-03-12"}},  # after the onset: it does not fit again
        {2: {"source": "TJ2"}},
        {2: {"end": "3" * 201}},
    ):
        with pytest.raises(Invalid):
            await mending.mend(tx, VAULT, found.id, 1, cells)
    await mending.mend(tx, VAULT, found.id, 1, {2: {"end": " 2026-03-03 "}})
    row = await queries.one_row(tx, found.id, 2)
    assert open_cells(VAULT, found.id, row)[6] == "2026-03-03"
    kept = await queries.one_finding(tx, found.id, 1)
    assert (kept.by_id, kept.mends) == (tx.actor.id, {"2": ["end"]})
    with pytest.raises(RowDecided):
        await mending.mend(tx, VAULT, found.id, 1, {2: {"end": "2026-03-04"}})
    await mending.mend(tx, VAULT, found.id, 2, {3: {"onset": "2026-03-12"}})
    chain = await contacts_of(tx, VAULT, await queries.list_of(tx, found.id))
    assert {one.id: str(day_of(one)) for one in chain} == {
        "TJ1": "2026-03-02",
        "TJ2": "2026-03-08",
        "TJ3": "2026-03-12",
    }
    for table in ("verification_row", "verification_finding", "verification_list"):
        whole = await tx.many(str, f"select t::text from {table} t")  # type: ignore[arg-type]
        assert not any("2026-03-12" in one or "2026-03-03" in one for one in whole), table
    tx.actor = as_("street_officer")
    with pytest.raises(MenderCannotSign):
        await deciding.sign(tx, found.id)


async def test_what_is_typed_is_read_as_the_list_writes_its_days_and_judged_by_itself(
    tx: Tx, as_: As
) -> None:
    await a_live_one(
        tx, as_("street_officer"), as_("district_officer"), data_items=["contacts"]
    )
    rows = (
        "TJ1,外来甲,,19900008101,,,14/02/2026,28/02/2026",  # the only row that tells the order
        "TJ2,外来乙,,19900008102,,TJ1,30/02/2026,09/03/2027",
        "TJ3,外来丙,,19900008103,,TJ1,09/03/2026,06/03/2026",
    )
    found = await checked(tx, as_, *rows, headings=CHAINED)
    odd = {one.kind: one for one in await queries.findings(tx, found.id, 0, 9)}
    assert {"no_such_day", "future_day", "window_after_onset"} <= set(odd)
    tx.actor = as_("street_officer")
    late = odd["window_after_onset"].number
    with pytest.raises(Invalid):  # the eighth of March, still before the last contact
        await mending.mend(tx, VAULT, found.id, late, {3: {"onset": "08/03/2026"}})
    await mending.mend(tx, VAULT, found.id, late, {3: {"onset": "12/03/2026"}})
    # That the same person's onset has not come yet is another question.
    never = odd["no_such_day"].number
    await mending.mend(tx, VAULT, found.id, never, {2: {"end": "2026-03-03"}})
    chain = await contacts_of(tx, VAULT, await queries.list_of(tx, found.id))
    assert {one.id: str(day_of(one)) for one in chain}["TJ3"] == "2026-03-12"


@pytest.mark.parametrize(
    ("locale", "called"), [("zh", ("199****8102", "3号")), ("en", ("199****8102", "no. 3"))]
)
async def test_what_is_refused_calls_entries_as_people_do_and_hides_a_telephone(
    room_client: Any, own_district: District, as_: As, locale: str, called: tuple[str, str]
) -> None:
    rows = (
        "1,外来甲,,19900008101,,,,2026-03-02",
        # Whoever wrote the list numbered this row by its telephone.
        "19900008102,外来乙,,19900008102,,1,2026.2.30,2026-03-08",
        "3,外来丙,,19900008103,,1,2026.2.30,2026-03-06",
    )
    async with own_district.database.tx(system_actor("town"), now=town.NOON) as tx:
        await a_live_one(
            tx, as_("street_officer"), as_("district_officer"), data_items=["contacts"]
        )
        found = await checked(tx, as_, *rows, headings=CHAINED)
        odd = {one.rows: one.number for one in await queries.findings(tx, found.id, 0, 9)}
    client = await room_client(
        [*pages.ROUTES, *api.ROUTES], as_("street_officer"), locale=locale
    )
    for row, name in zip((2, 3), called, strict=True):
        path = f"verification-lists/{found.id}/findings/{odd[(row,)]}/mends"
        body = {"rows": {str(row): {"end": "2026-03-12"}}}
        refused = await client.post(f"/api/v1/{path}", json=body)
        (problem,) = refused.json()["problems"]
        assert name in problem["words"]
        assert "2026-03-12" in problem["words"]
        assert "19900008102" not in refused.text
        page = f"/verification/{found.id}/findings/{odd[(row,)]}"
        shown = await client.post(page, data={f"cell_{row}_end": "2026-03-12"}, headers=HTML)
        assert name in shown.text


#: Headings of lists whose links both ends ought to say.
LINKED = HEADINGS + ",关联病例,末次接触日期,发病日期"


async def linked(tx: Tx, as_: As, *rows: str) -> List:
    await a_live_one(
        tx, as_("street_officer"), as_("district_officer"), data_items=["contacts"]
    )
    found = await checked(tx, as_, *rows, headings=LINKED)
    tx.actor = as_("street_officer")
    return found


async def _odd(tx: Tx, found: List) -> list[tuple[str, tuple[int, ...], bool, int]]:
    return [
        (one.kind, one.rows, one.by_id is not None, one.with_number)
        for one in await queries.findings(tx, found.id, 0, 99)
    ]


async def test_what_fits_since_another_was_corrected_is_settled_with_it_and_says_so(
    tx: Tx, as_: As
) -> None:
    found = await linked(
        tx,
        as_,
        "1,外来甲,,19900008101,,2,2026-03-09,2026-03-02",
        "2,外来乙,,19900008102,,3,2026-03-01,2026-03-08",
        "3,外来丙,,19900008103,,2,2026-03-01,",
    )
    assert await _odd(tx, found) == [
        ("window_after_onset", (1,), False, 0),
        ("one_sided", (1, 2), False, 0),
    ]
    # Asked about their days, somebody says as well that it was nobody of the list.
    done = await mending.mend(tx, VAULT, found.id, 1, {1: {"end": "2026-03-01", "linked": ""}})
    assert (done.settled, done.arisen) == ((2,), ())
    assert await _odd(tx, found) == [
        ("window_after_onset", (1,), True, 0),
        ("one_sided", (1, 2), True, 1),
    ]
    with pytest.raises(RowDecided):
        await mending.mend(tx, VAULT, found.id, 2, {1: {"linked": "2"}})


async def test_what_fits_no_more_after_a_correction_is_a_contradiction_of_its_own(
    tx: Tx, as_: As
) -> None:
    found = await linked(
        tx,
        as_,
        "1,外来甲,,19900008101,,2,,",
        "2,外来乙,,19900008102,,,,",
        "3,外来丙,,19900008103,,4,,",
        "4,外来丁,,19900008104,,,,",
    )
    assert [one[:2] for one in await _odd(tx, found)] == [
        ("one_sided", (1, 2)),
        ("one_sided", (3, 4)),
    ]
    done = await mending.mend(tx, VAULT, found.id, 1, {1: {"linked": "3"}})
    assert (done.settled, done.arisen) == ((), (3,))
    assert await _odd(tx, found) == [
        ("one_sided", (1, 2), True, 0),
        ("one_sided", (3, 4), False, 0),
        ("one_sided", (1, 3), False, 0),
    ]
    done = await mending.mend(tx, VAULT, found.id, 3, {3: {"linked": "1"}})
    assert (done.settled, done.arisen) == ((2,), ())


async def _made(tx: Tx, what: str, list_id: UUID) -> list[list[str]]:
    sheet = await all_makers()[what].make(tx, {"list": str(list_id)})
    rows = [["" if cell is None else str(cell) for cell in row] for row in sheet.rows]
    assert sheet.length == len(rows)
    return rows


async def test_the_chain_leaves_by_numbers_and_days_and_the_list_with_what_was_corrected(
    tx: Tx, as_: As
) -> None:
    found = await contacts(tx, as_)
    tx.actor = as_("street_officer")
    await mending.mend(tx, VAULT, found.id, 1, {2: {"end": "2026-03-03"}})
    tx.actor = as_("district_officer")
    await deciding.sign(tx, found.id)
    assert await _made(tx, CHAIN, found.id) == [
        ["1", "TJ1", "2026-03-02", "是来源", "TJ2", "2026-03-08"],
        ["1", "TJ2", "2026-03-08", "是来源", "TJ3", "2026-03-06"],
    ]
    rows = await _made(tx, LIST, found.id)
    assert [row[9] for row in rows] == ["", "接触结束", ""]
    assert rows[1][6] == "2026-03-03"
    assert "最后一次接触" in rows[2][10]
    assert not any("外来" in cell for row in rows for cell in row)


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("locale", ["zh", "en"])
async def test_a_contradiction_is_opened_asked_about_and_corrected_at_the_desk(
    room_client: Any, own_district: District, as_: As, locale: str
) -> None:
    database = own_district.database
    async with database.tx(system_actor("town"), now=town.NOON) as tx:
        found = await contacts(tx, as_)
    client = await room_client(pages.ROUTES, as_("street_officer"), locale=locale)
    path = f"/verification/{found.id}"
    shown = await client.get(path, headers=HTML)
    assert f"{path}/findings/1" in shown.text
    closed = await client.get(f"{path}/findings/1", headers=HTML)
    assert closed.status_code == 200
    assert "外来乙" not in closed.text
    assert "19900008102" not in closed.text
    opened = await client.post(f"{path}/findings/1/open", headers=HTML)
    assert "tel:19900008102" in opened.text
    assert 'value="2026.2.30"' in opened.text
    assert ("请问 外来乙:" if locale == "zh" else "Ask 外来乙:") in opened.text
    wrong = await client.post(
        f"{path}/findings/1", data={"cell_2_end": "2026-02-31"}, headers=HTML
    )
    assert wrong.status_code == 422
    assert 'value="2026-02-31"' in wrong.text
    done = await client.post(
        f"{path}/findings/1", data={"cell_2_end": "2026-03-03"}, headers=HTML
    )
    assert (done.status_code, done.headers["location"]) == (303, f"{path}#findings")
    assert (await client.get(f"{path}/findings/1", headers=HTML)).status_code == 200
    assert (await client.get(f"{path}/findings/77", headers=HTML)).status_code == 404
    async with database.tx(system_actor("town"), now=town.NOON) as tx:
        looks = await tx.many(int, "select number from verification_look order by at, number")
        assert looks == [2], "shown again with what was typed, it stays one look"
        told = await tx.many(str, "select d::text from kernel_deed d")
        assert not any("2026-03-03" in one for one in told)


@pytest.mark.usefixtures("clock")
async def test_programs_correct_a_day_settle_the_rest_and_say_what_somebody_said(
    room_client: Any, own_district: District, as_: As
) -> None:
    database = own_district.database
    async with database.tx(system_actor("town"), now=town.NOON) as tx:
        found = await contacts(tx, as_)
    client = await room_client([*pages.ROUTES, *api.ROUTES], as_("street_officer"))
    path = f"/api/v1/verification-lists/{found.id}"
    wrong = await client.post(
        f"{path}/findings/1/mends", json={"rows": {"2": {"end": "2026-02-31"}}}
    )
    assert wrong.status_code == 422
    # A row of something else is named, and nothing of the right one is taken then.
    for rows in ({"3": {"end": "2026-03-03"}}, {"2": {"end": "2026-03-03"}, "77": {}}):
        beyond = await client.post(f"{path}/findings/1/mends", json={"rows": rows})
        (problem,) = beyond.json()["problems"]
        assert (beyond.status_code, problem["field"]) == (422, "rows")
        assert problem["words"].startswith("77 " if "77" in rows else "3 ")
        assert "行号是 2。" in problem["words"]
    done = await client.post(
        f"{path}/findings/1/mends", json={"rows": {"2": {"end": "2026-03-03"}}}
    )
    assert (done.status_code, done.json()["settled"], done.json()["arisen"]) == (200, [], [])
    again = await client.post(
        f"{path}/findings/1/mends", json={"rows": {"2": {"end": "2026-03-03"}}}
    )
    assert again.status_code == 409
    assert (await client.post(f"{path}/findings/2/settlement")).status_code == 200
    odd = (await client.get(f"{path}/findings")).json()["items"]
    assert [(one["settled"], one["settled_with"]) for one in odd] == [(True, 0), (True, 0)]
    told = {
        "outcome": "mended",
        "cells": {"name": "甲居民1", "id_number": town.id_number_of(1)},
    }
    assert (await client.post(f"{path}/rows/1/answer", json=told)).status_code == 200
    rows = (await client.get(f"{path}/rows")).json()["items"]
    assert (rows[0]["state"], rows[0]["target_id"]) == ("mended", str(town.resident_id(1)))
    assert (await client.post(f"{path}/rows/1/doubt")).status_code == 409
    # What was never there is not said to be somebody else's work.
    for gone in ("rows/9/doubt", "findings/9/settlement"):
        lost = await client.post(f"{path}/{gone}")
        assert (lost.status_code, lost.json()["code"]) == (404, "not-found"), gone
    for what in ("rows", "findings"):
        for mark in ("x", "-1", "9" * 30, "²"):
            told = await client.get(f"{path}/{what}", params={"after": mark})
            assert (told.status_code, told.json()["title"][:6]) == (422, "翻页标记无效"), mark
    assert (await client.post(f"{path}/retry")).status_code == 409
    assert (await client.post(f"{path}/stop")).status_code == 409
    async with database.tx(system_actor("town"), now=town.NOON) as tx:
        kept = await tx.many(str, "select d::text from kernel_deed d")
        for said in ("2026-03-03", "甲居民1", town.id_number_of(1)):
            assert not any(said in one for one in kept)
