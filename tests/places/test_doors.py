"""The closed list: every door of an area, read in one statement, asked as people write."""

import asyncio
from collections.abc import Iterator
from threading import Event
from typing import Any

import pytest

import small_town as town
from wangge.kernel.database import Tx, counting
from wangge.matching import Door
from wangge.places import ATLAS, closed_list, doors


async def test_every_door_of_an_area_is_on_its_list(tx: Tx) -> None:
    assert len(await closed_list(tx, town.XINGHUA)) == 32
    assert len(await closed_list(tx, town.MICRO_1A)) == 8
    assert len(await closed_list(tx, "")) == 48
    assert len(await closed_list(tx, town.OTHER_STREET)) == 0


async def test_the_list_costs_one_statement(tx: Tx) -> None:
    await ATLAS.get(tx)
    with counting() as count:
        await closed_list(tx, "")
    assert count.total <= 2  # the atlas' version number, and the list


async def test_the_list_is_kept_until_a_place_changes(tx: Tx) -> None:
    first = await closed_list(tx, town.XINGHUA)
    with counting() as count:
        assert await closed_list(tx, town.XINGHUA) is first
    assert count.total == 1, "the version number"
    await tx.bump("places")
    assert await closed_list(tx, town.XINGHUA) is not first


async def test_of_long_lists_only_the_latest_are_kept(
    tx: Tx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "DOORS_KEPT", 40)
    first = await closed_list(tx, town.MICRO_1A)
    second = await closed_list(tx, town.XINGHUA)
    assert await closed_list(tx, town.MICRO_1A) is first, "together they are just short enough"
    whole = await closed_list(tx, "")
    assert await closed_list(tx, "") is whole, "the one asked for last stays, however long"
    assert await closed_list(tx, town.XINGHUA) is not second


async def test_the_loop_serves_others_while_a_list_is_made(
    tx: Tx, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, begun, served, each = (
        asyncio.get_running_loop(),
        asyncio.Event(),
        Event(),
        doors._doors,
    )
    waited: list[bool] = []

    def slow(rows: list[Any]) -> Iterator[Door]:
        loop.call_soon_threadsafe(begun.set)
        waited.append(served.wait(5))
        return each(rows)

    monkeypatch.setattr(doors, "_doors", slow)
    making = asyncio.ensure_future(closed_list(tx, town.XINGHUA))
    await begun.wait()
    # A list made in the loop's way would have waited for this in vain.
    served.set()
    assert len(await making) == 32
    assert waited == [True]


@pytest.mark.parametrize(
    "said",
    [
        "杏花苑1幢1单元201室",
        "示范街道杏花社区杏花苑１－１－２０１",
        "杏花苑一号楼一单元0201",
        "杏花苑1#1单元2楼1室",
        "杏花苑一幢一单元二零一",
    ],
)
async def test_a_door_is_found_however_it_is_written(tx: Tx, said: str) -> None:
    placed = (await closed_list(tx, town.XINGHUA)).resolve(said)
    assert placed.door is not None
    assert (placed.door.dwelling_id, placed.sure) == (town.dwelling_id("1-1-1-201"), True)
