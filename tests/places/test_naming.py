"""Nicknames of estates and houses: told once, understood ever after."""

from collections.abc import Callable
from typing import Any

import pytest

import small_town as town
from wangge.kernel.actors import Actor
from wangge.kernel.database import Tx, counting
from wangge.kernel.http import District
from wangge.kernel.refusals import Forbidden, Invalid, NotFound
from wangge.matching.addresses.model import Placed
from wangge.places import api, closed_list
from wangge.places.naming import (
    AliasTaken,
    add_alias,
    placed_words,
    remove_alias,
    rename_compound,
)
from wangge.places.naming.model import _WORDS  # pyright: ignore[reportPrivateUsage]

As = Callable[[str], Actor]
XINGHUAYUAN, LIUSHUWAN = town.town_id("compound/1"), town.town_id("compound/2")
HOUSE_2 = town.town_id("building/1-2")


async def test_a_nickname_told_once_is_understood(tx: Tx) -> None:
    line = "老纺织厂宿舍1幢1单元201"
    placed = (await closed_list(tx, town.XINGHUA)).resolve(line)
    assert (placed.door, placed.reason) == (None, "unknown_compound")
    assert placed.values["said"] == "老纺织厂宿舍"
    alias = await add_alias(tx, "compound", XINGHUAYUAN, " 老纺织厂 宿舍 ")
    placed = (await closed_list(tx, town.XINGHUA)).resolve(line)
    assert placed.door is not None
    assert (placed.door.dwelling_id, placed.sure) == (town.dwelling_id("1-1-1-201"), True)
    await remove_alias(tx, alias.id)
    assert (await closed_list(tx, town.XINGHUA)).resolve(line).door is None


async def test_a_house_has_nicknames_too(tx: Tx) -> None:
    await add_alias(tx, "building", HOUSE_2, "外贸楼")
    placed = (await closed_list(tx, town.XINGHUA)).resolve("杏花苑外贸楼1单元201")
    assert placed.door is not None
    assert placed.door.dwelling_id == town.dwelling_id("1-2-1-201")


async def test_one_name_never_means_two_places(tx: Tx) -> None:
    await add_alias(tx, "building", HOUSE_2, "外贸楼")
    for of, thing, name in (
        ("compound", XINGHUAYUAN, "杏花苑"),
        ("building", town.town_id("building/1-3"), "外贸楼"),
        ("building", town.town_id("building/1-3"), "二号楼"),  # that is 2幢
        ("building", HOUSE_2, "外贸楼"),
    ):
        with pytest.raises(AliasTaken):
            await add_alias(tx, of, thing, name)  # type: ignore[arg-type]
    # Another community may have its own of that name.
    await add_alias(tx, "compound", LIUSHUWAN, "杏花苑")


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "12", "长" * 41])
async def test_a_nickname_is_a_name(tx: Tx, name: str) -> None:
    with pytest.raises(Invalid):
        await add_alias(tx, "compound", XINGHUAYUAN, name)


async def test_a_renamed_estate_is_still_found_by_its_old_name(tx: Tx) -> None:
    await add_alias(tx, "compound", XINGHUAYUAN, "杏花新苑")
    await rename_compound(tx, XINGHUAYUAN, "杏花新苑")
    doors = await closed_list(tx, town.XINGHUA)
    for name in ("杏花新苑", "杏花苑"):
        placed = doors.resolve(f"{name}1幢1单元201")
        assert placed.door is not None
        assert (placed.door.compound, placed.sure) == ("杏花新苑", True)


async def test_naming_is_for_those_who_may_and_within_reach(
    district: District, as_: As
) -> None:
    for who, refusal in (("police", Forbidden), ("other_street_officer", NotFound)):
        async with district.database.tx(as_(who)) as tx:
            with pytest.raises(refusal):
                await add_alias(tx, "compound", XINGHUAYUAN, "老苑")


def test_every_reason_has_its_words() -> None:
    for reason in _WORDS:
        text, values = placed_words(Placed(None, 0.0, reason))
        assert text.format(**values)


def test_nothing_to_choose_from_is_not_said_to_be_a_choice() -> None:
    text, _ = placed_words(Placed(None, 0.0, "which_compound"))
    assert "选" not in text
    assert "小区名" in text


async def test_estates_and_their_houses_are_listed(room_client: Any, as_: As) -> None:
    client = await room_client(api.ROUTES, as_("community_officer"))
    named = await client.post(f"/api/v1/compounds/{XINGHUAYUAN}/aliases", json={"name": "老苑"})
    assert named.status_code == 201
    page = (await client.get("/api/v1/compounds")).json()
    assert [(one["name"], one["buildings"]) for one in page["items"]] == [("杏花苑", 4)]
    (alias,) = page["items"][0]["aliases"]
    assert alias["name"] == "老苑"
    houses: list[str] = []
    after = None
    while True:
        params = {"limit": 3} | ({"after": after} if after else {})
        part = await client.get(f"/api/v1/compounds/{XINGHUAYUAN}/buildings", params=params)
        houses += [one["name"] for one in part.json()["items"]]
        after = part.json()["next"]
        if after is None:
            break
    assert houses == ["1幢", "2幢", "3幢", "4幢"]
    assert (await client.get(f"/api/v1/compounds/{LIUSHUWAN}/buildings")).status_code == 404
    gone = await client.post(f"/api/v1/aliases/{alias['id']}/remove")
    assert gone.status_code == 200
    assert (await client.get("/api/v1/compounds")).json()["items"][0]["aliases"] == []


async def test_the_list_of_estates_is_paged_at_the_same_cost(room_client: Any, as_: As) -> None:
    client = await room_client(api.ROUTES, as_("district_officer"))
    found: list[str] = []
    after, totals = "", set[int]()
    while after is not None:
        with counting() as count:
            answer = await client.get("/api/v1/compounds", params={"after": after, "limit": 1})
        totals.add(count.total)
        found += [one["name"] for one in answer.json()["items"]]
        after = answer.json()["next"]
    assert found == ["杏花苑", "柳树湾"]
    assert len(totals) == 1


async def test_a_program_asks_where_addresses_lead(room_client: Any, as_: As) -> None:
    client = await room_client(api.ROUTES, as_("community_officer"))
    body = {"area": town.XINGHUA, "lines": ["杏花苑1-1-201", "杏花苑9幢1单元101"]}
    first, second = (await client.post("/api/v1/addresses/place", json=body)).json()
    assert first["door"]["dwelling_id"] == str(town.dwelling_id("1-1-1-201"))
    assert (first["sure"], second["door"]) == (True, None)
    assert second["words"] == "这个小区没有9号楼。"
    far = await client.post("/api/v1/addresses/place", json={**body, "area": town.OTHER_STREET})
    assert far.status_code == 404
    many = await client.post("/api/v1/addresses/place", json={**body, "lines": ["1"] * 201})
    assert many.status_code == 422


async def test_addresses_of_anywhere_are_taken_apart(room_client: Any, as_: As) -> None:
    client = await room_client(api.ROUTES, as_("community_officer"))
    body = {"lines": ["示范区杏花社区晚枫路88号", "浙江省宁波市"]}
    first, second = (await client.post("/api/v1/addresses/elements", json=body)).json()
    assert [part["kind"] for part in first] == ["district", "community", "road", "roadno"]
    assert [(part["text"], part["start"]) for part in second] == [("浙江省", 0), ("宁波市", 3)]
