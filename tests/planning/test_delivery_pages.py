"""Deliveries on the desk: how many people, what each takes over, loads, and the same on paper."""

import re
from collections.abc import Callable
from typing import Any

import small_town as town
from wangge.kernel.actors import Actor
from wangge.kernel.database import Tx
from wangge.kernel.http import District
from wangge.planning import pages
from wangge.planning.packs import Wish, brought, ground, read_wish
from wangge.web.rooms import import_rooms

import_rooms()
As = Callable[[str], Actor]
HTML = {"accept": "text/html"}
BASE = f"/deliveries/{town.XINGHUA}"


async def test_every_household_gets_its_packs_floor_by_floor(
    own_district: District, as_: As
) -> None:
    async with own_district.database.tx(as_("community_officer"), now=town.NOON) as tx:
        here = await ground(tx, town.XINGHUA)
        homes = await _households(tx)
    made = await brought(here, Wish(packs=3))
    assert made.made.packs == 3 * homes
    assert (made.verdict.shortage, made.verdict.double) == (0, 0)
    assert [one.name for one in made.at] == ["杏花苑"]
    [at] = made.at
    assert sum(hand.packs for hand in at.hands) == 3 * homes
    for hand in at.hands:
        assert hand.packs == sum(going.packs for going in hand.goes)
        for going in hand.goes:
            assert sum(packs for _, packs in going.floors) == sum(going.loads)
            assert not going.stairwell.startswith("杏花苑"), "said once"
            assert max(going.loads) <= (20 if going.lift else 2), "5 kg a pack"
    vans = {}
    for minutes in (20, 600):
        some = await brought(here, Wish(packs=60, van_minutes=minutes))
        vans[minutes] = some.made.vans
        assert some.made.van_longest <= minutes + 1
    assert vans[20] > vans[600] == 1
    by_grid = await brought(here, Wish(by="micro_grid"))
    assert [one.name for one in by_grid.at] == [
        "第一网格一号微网格",
        "第一网格二号微网格",
        "第二网格一号微网格",
        "第二网格二号微网格",
    ]
    assert by_grid.made.packs == homes


async def _households(tx: Tx) -> int:
    return await tx.one(
        int,
        "select count(*)::int from people_household where area_code like :low and to_date is null",
        low=f"{town.XINGHUA}%",
    )


async def test_a_stairwell_where_nobody_is_registered_is_counted_by_its_doors(
    own_district: District, as_: As
) -> None:
    async with own_district.database.tx(as_("community_officer"), now=town.NOON) as tx:
        unit = town.unit_id("1-1-1")
        await tx.run(
            "update people_household set to_date = from_date, ended_why = 'moved' where unit_id = :u",
            u=unit,
        )
        here = await ground(tx, town.XINGHUA)
    made = await brought(here, Wish())
    [well] = [one for one in made.order.stairwells if one.id == str(unit)]
    assert (well.packs, made.counted) == (4, 1)


async def test_the_page_says_who_is_too_few_and_prints_what_each_takes_over(
    room_client: Any, as_: As
) -> None:
    client = await room_client(pages.ROUTES, as_("community_officer"))
    first = await client.get("/deliveries", headers=HTML)
    assert (first.status_code, first.headers["location"]) == (303, BASE), "the only one"
    page = (await client.get(BASE, headers=HTML)).text
    assert re.search(r"60 分钟送上门,各交接点一共要 \d+ 人", page), "60, not 60.0"
    assert "缺 0 份,重复 0 份" in page
    asked = {"minutes": "20", "packs": "2", "hands:杏花苑": "0"}
    page = (await client.get(BASE, params=asked, headers=HTML)).text
    assert re.search(r'id="headline"[^>]*>“杏花苑”有 0 人,20 分钟内送不完 \d+ 份', page)
    assert "plan-fair" not in page
    slips = await client.get(f"{BASE}/lists", params=asked, headers=HTML)
    assert "收货签字:" in slips.text
    assert "领 " in slips.text
    assert re.search(r"1 层:&nbsp;<b>\d+</b>", slips.text), "how many at each floor"
    heavy = (await client.get(BASE, params={"kg": "120"}, headers=HTML)).text
    assert re.search(r'id="headline"[^>]*>一份 120 千克,超过', heavy)


async def test_what_is_wrong_in_the_wish_is_said_by_its_name(room_client: Any, as_: As) -> None:
    client = await room_client(pages.ROUTES, as_("community_officer"))
    bad = await client.get(
        BASE, params={"minutes": "2", "packs": "1.5", "hands:杏花苑": "x"}, headers=HTML
    )
    assert bad.status_code == 422
    for words in (
        "“上门几分钟送完”应在 5 到 1440 之间。",
        "“每户几份”应在 1 到 100 之间。",
        "“杏花苑”的人数应是 0 到 999 的整数。",
    ):
        assert words in bad.text
    assert [one.field for one in read_wish({"kg": "nan"})[1]] == ["kg"]
    assert read_wish({"minutes": "", "depot": "不知道哪里"})[1] == []


async def test_deliveries_of_another_community_are_not_there(room_client: Any, as_: As) -> None:
    client = await room_client(pages.ROUTES, as_("community_officer"))
    assert (await client.get(f"/deliveries/{town.LIUSHU}", headers=HTML)).status_code == 404
    worker = await room_client(pages.ROUTES, as_("grid_worker"))
    assert (await worker.get(BASE, headers=HTML)).status_code == 403
