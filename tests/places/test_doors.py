"""The closed list: every door of an area, read in one statement, asked as people write."""

import pytest

import small_town as town
from wangge.kernel.database import Tx, counting
from wangge.places import ATLAS, closed_list


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
