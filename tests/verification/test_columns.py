"""Headings that say nothing: the list waits, a person says what its columns are, and the next is read so."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from declaring import a_live_one
from lists_kit import ABOUT, ID_1, SLIP, brought, run, states

import small_town as town
from town_fixtures import VAULT
from wangge.kernel.actors import Actor
from wangge.kernel.database import Tx
from wangge.kernel.http import District
from wangge.kernel.refusals import Invalid
from wangge.verification import api, choosing, deciding, pages, queries
from wangge.verification import deeds as deeds
from wangge.verification.choosing import shown, suggested
from wangge.verification.model import List
from wangge.verification.records import glimpse, hidden
from wangge.verification.refusals import (
    ColumnsSettled,
    ContactsNeedResponse,
    ListNotReady,
    MenderCannotSign,
    NoColumnOfPeople,
)

As = Callable[[str], Actor]
ODD = "编号,XM,证件,联络,地址"
ROWS = (
    f"1,甲居民1,{ID_1},{town.phone_of(1001)},杏花苑1幢1单元101室",
    f"2,甲居民1,{SLIP},{town.phone_of(1001)},",
)
CHOSEN = {"key": 0, "name": 1, "id_number": 2, "phone": 3}


async def odd(tx: Tx, as_: As, *rows: str, headings: str = ODD) -> List:
    tx.actor = as_("street_officer")
    return await brought(tx, *(rows or ROWS), headings=headings, as_file=True)


async def test_a_list_whose_headings_say_nothing_waits_with_them_sealed(
    tx: Tx, as_: As
) -> None:
    # The first line is somebody: it must not lie open as if it were a heading.
    found = await odd(tx, as_, "乙居民,本地,六十", headings="甲居民1,外地,七十岁")
    assert (found.phase, found.headings, found.columns, found.rows) == ("columns", (), {}, 1)
    assert not found.running
    assert await choosing.headings_of(tx, VAULT, found) == ("甲居民1", "外地", "七十岁")
    whole = await tx.many(str, "select t::text from verification_list t")
    assert not any("甲居民" in one for one in whole)
    with pytest.raises(ListNotReady):
        await deciding.sign(tx, found.id)


async def test_what_a_person_says_of_the_columns_is_what_the_rows_are_held_by(
    tx: Tx, as_: As
) -> None:
    found = await odd(tx, as_)
    chosen = await choosing.choose(tx, VAULT, found.id, CHOSEN)
    assert (chosen.phase, chosen.state, chosen.headings) == (
        "checking",
        "running",
        tuple(ODD.split(",")),
    )
    assert (await run(tx, chosen)).phase == "review"
    assert await states(tx, chosen) == ["right", "proposed"]
    with pytest.raises(MenderCannotSign):  # whoever said so is one of the list's hands
        await deciding.sign(tx, found.id)


async def test_the_next_list_with_these_headings_is_read_at_once(tx: Tx, as_: As) -> None:
    first = await odd(tx, as_)
    await choosing.choose(tx, VAULT, first.id, CHOSEN)
    again = await odd(tx, as_, ROWS[0].replace("1,甲", "9,甲"))
    assert (again.phase, again.columns) == ("checking", CHOSEN)


async def test_a_first_line_that_is_somebody_is_held_too(tx: Tx, as_: As) -> None:
    found = await odd(tx, as_, "丙居民,外地,张三", headings="甲居民1,本地,李四")
    chosen = await choosing.choose(tx, VAULT, found.id, {"name": 0}, headless=True)
    assert (chosen.rows, chosen.headings) == (2, ("第1列", "第2列", "第3列"))
    await run(tx, chosen)
    rows = await queries.rows_after(tx, found.id, 0, 9)
    assert [(row.number, row.at) for row in rows] == [(1, 2), (2, 1)]
    nothing = await tx.maybe(
        int, "select 1 from kernel_mapping where kind = :kind", kind=queries.KIND
    )
    assert nothing is None, "a line of somebody's was remembered as headings"


async def test_columns_that_cannot_be_are_refused_by_name(tx: Tx, as_: As) -> None:
    found = await odd(tx, as_)
    for columns, words in (
        ({"name": 1, "colour": 2}, "colour"),
        ({"name": 99}, "100"),
        ({"name": 1, "phone": 1}, "2"),
    ):
        with pytest.raises(Invalid) as refused:
            await choosing.choose(tx, VAULT, found.id, columns)
        assert words in refused.value.words("zh")
    with pytest.raises(NoColumnOfPeople):
        await choosing.choose(tx, VAULT, found.id, {"address": 4})
    with pytest.raises(ContactsNeedResponse):
        await choosing.choose(tx, VAULT, found.id, {**CHOSEN, "source": 4})


async def test_a_column_of_contacts_chosen_by_hand_ties_the_list_to_its_response(
    tx: Tx, as_: As
) -> None:
    found = await odd(tx, as_)
    assert found.response_id is None
    live = await a_live_one(
        tx, as_("street_officer"), as_("district_officer"), data_items=["name", "contacts"]
    )
    chosen = await choosing.choose(tx, VAULT, found.id, {**CHOSEN, "source": 4})
    assert chosen.response_id == live.id


async def test_columns_read_wrongly_are_mended_until_somebody_has_worked_at_the_rows(
    tx: Tx, as_: As
) -> None:
    tx.actor = as_("street_officer")
    found = await run(tx, await brought(tx, *ROWS, headings=ODD.replace("XM", "姓名")))
    assert await states(tx, found) == ["right", "open"]  # 证件 was not read: nothing to mend by
    await choosing.choose(tx, VAULT, found.id, CHOSEN)
    assert await states(tx, found) == ["waiting", "waiting"]
    await run(tx, found)
    assert await states(tx, found) == ["right", "proposed"]
    with pytest.raises(ListNotReady):
        await choosing.choose(tx, VAULT, found.id, CHOSEN, headless=True)
    await deciding.accept(tx, found.id, [2], [])
    with pytest.raises(ColumnsSettled):
        await choosing.choose(tx, VAULT, found.id, CHOSEN)


def test_columns_are_suggested_by_what_stands_in_them() -> None:
    rows = [
        ("a1", "王青禾", ID_1, town.phone_of(7), "杏花苑1幢1单元101室", "1"),
        ("b1", "李·阿依", ID_1, town.phone_of(9), "2-1-301", "2"),
        ("c1", "丙丁", "", "—", "", ""),
        ("d1", "戊己", "", town.phone_of(8), "", "3"),
    ]
    found = suggested(("甲", "乙", "丙", "丁", "戊", "己"), rows)
    assert found.at == {"name": 1, "id_number": 2, "phone": 3, "address": 4}


def test_a_line_of_somebodys_above_names_is_masked_and_headings_are_not() -> None:
    rows = [("乙青禾", ID_1, "x"), ("丙竹", SLIP, "y")]
    assert shown(("甲柳", ID_1, "证件"), rows) == ["甲*", hidden(ID_1), "证件"]
    assert shown(("XM", "证件", "联络"), rows) == ["XM", "证件", "联络"]
    assert suggested(("XM", "证件", "联络"), rows).at == {"name": 0, "id_number": 1}


def test_a_glimpse_shows_what_a_column_is_and_not_whose() -> None:
    assert glimpse("甲居民1") == "甲*"
    assert glimpse(ID_1)[:3] == ID_1[:3]
    assert ID_1[6:14] not in glimpse(ID_1)
    assert len(glimpse("杏花苑1幢1单元101室 从外地回来")) == 9


async def test_the_page_of_columns_masks_what_it_shows_and_takes_what_is_said(
    room_client: Any, own_district: District, as_: As
) -> None:
    client = await room_client(pages.ROUTES, as_("street_officer"))
    html = {"accept": "text/html"}
    text = "\n".join((ODD, *ROWS)).encode()
    made = await client.post(
        "/verification",
        data={
            "title": ABOUT.title,
            "purpose": ABOUT.purpose,
            "asker": ABOUT.asker,
            "area": ABOUT.area,
            "days": "7",
        },
        files={"file": ("odd.csv", text, "text/csv")},
        headers=html,
    )
    path = made.headers["location"]
    assert f"{path}/columns" in (await client.get(path, headers=html)).text
    shown = (await client.get(f"{path}/columns", headers=html)).text
    for secret in (ID_1, town.phone_of(1001), "甲居民"):
        assert secret not in shown
    same = {"col.1": "name", "col.2": "name"}
    twice = await client.post(f"{path}/columns", data=same, headers=html)
    assert twice.status_code == 422
    said = {f"col.{at}": name for name, at in CHOSEN.items()}
    done = await client.post(f"{path}/columns", data=said, headers=html)
    assert (done.status_code, done.headers["location"]) == (303, path)
    async with own_district.database.tx(as_("system"), now=town.NOON) as tx:
        found = await queries.list_of(tx, UUID(path.rsplit("/", 1)[1]))
    assert found.columns == CHOSEN


async def test_programs_see_headings_nobody_agreed_to_masked_as_people_do(
    room_client: Any, as_: As
) -> None:
    client = await room_client([*pages.ROUTES, *api.ROUTES], as_("street_officer"))
    about = {
        "title": ABOUT.title,
        "purpose": ABOUT.purpose,
        "asker": ABOUT.asker,
        "area": ABOUT.area,
        "days": "7",
    }
    text = f"甲柳,{ID_1}号,证件\n乙青禾,x,y\n丙竹,x,y\n".encode()
    made = await client.post(
        "/verification",
        data=about,
        files={"file": ("odd.csv", text, "text/csv")},
        headers={"accept": "text/html"},
    )
    id_ = made.headers["location"].rsplit("/", 1)[1]
    told = await client.get(f"/api/v1/verification-lists/{id_}")
    assert told.json()["headings"][0] == "甲*"
    assert ID_1 not in told.text
