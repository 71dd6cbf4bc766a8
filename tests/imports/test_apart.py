"""A piece of an import is planned while the one above it is written, and nothing in the register
tells: what it would have been read differently by is read again."""

from typing import Any
from uuid import UUID

import asyncpg
import pytest
from importing import As, Desk, Office, everything, number_of, table

import small_town as town
from wangge.imports import bites
from wangge.imports.columns.mapping import read_mapping
from wangge.imports.queries import lines
from wangge.kernel.actors import system_actor
from wangge.kernel.database import Tx
from wangge.kernel.http import District

#: Households that share a telephone, a door of a new stairwell's, somebody who moves and somebody
#: whom they leave behind.
ROWS = (
    f"3-2-401 赵演示 户主 - {number_of('1970-05-01', 1)} 19900000001",
    "- 钱样例 妻子 - - -",
    f"3-2-402 李练习 户主 - {number_of('1971-05-01', 2)} 19900000001",
    "3-9-101 孙示范 户主 - - 19900000003",
    "3-9-102 吴示范 户主 - - 19900000004",
    f"3-2-301 甲居民2 女儿 - - {town.phone_of(1002)}",
    "1-1-101 甲居民1 户主 - - -",
    "3-2-302 周示范 - - - 19900000001",
)
MEANING: dict[str, Any] = {
    "columns": {
        "door": ["门牌"],
        "name": ["姓名"],
        "relation": ["与户主关系"],
        "sex": ["性别"],
        "id_number": ["身份证号"],
        "phone": ["联系电话"],
    },
    "make": True,
}


async def _register(tx: Tx) -> list[str]:
    """Who lives where and with whom."""
    return await tx.many(
        str,
        """
        select concat_ws(' ', t.name, d.name, t.relation, t.phone_mask, t.ended_why, t.since,
                         (select string_agg(o.name, ',' order by o.name) from people_resident o
                           where o.household_id = t.household_id)) as told
          from people_resident t join people_household h on h.id = t.household_id
          join places_dwelling d on d.id = h.dwelling_id
        union all
        select concat_ws(' ', 'home', d.name, h.to_date, h.ended_why) from people_household h
          join places_dwelling d on d.id = h.dwelling_id
        union all
        select concat_ws(' ', b.name, u.name, d.name) from places_dwelling d
          join places_unit u on u.id = d.unit_id join places_building b on b.id = u.building_id
         order by told
        """,
    )


async def test_pieces_of_one_household_come_to_the_register_as_one_piece_does(
    tx: Tx, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tx, as_("community_officer"))
    before = await everything(tx)
    found = await desk.judged(table(*ROWS), read_mapping(MEANING))
    done = await desk.apply(found)
    assert done.data.get("left", 0) == 0
    whole = await _register(tx)
    shown = [(one.brief, one.state) for one in await desk.lines(found)]
    await desk.undo(found)
    tx.actor = system_actor("town")
    assert await everything(tx) == before

    monkeypatch.setattr(bites, "PIECE_LINES", 1)
    again = await desk.judged(table(*ROWS), read_mapping(MEANING))
    await desk.apply(again)
    assert await _register(tx) == whole
    assert [(one.brief, one.state) for one in await desk.lines(again)] == shown


NUMBERED = {
    **MEANING,
    "columns": {**MEANING["columns"], "home_no": ["户编号"], "tenure": ["住房"]},
}
WIDER = "门牌 姓名 与户主关系 性别 身份证号 联系电话 户编号 住房"


async def test_who_has_no_head_joins_the_household_that_the_piece_above_makes(
    tx: Tx, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bites, "PIECE_LINES", 1)
    desk = Desk(tx, as_("community_officer"))
    rows = ("3-2-401 赵演示 户主 - - - 甲 -", "3-2-401 钱样例 - - - - 乙 -")
    found = await desk.judged(table(*rows, headings=WIDER), read_mapping(NUMBERED))
    assert len({line.home for line in await kept(tx, found.id)}) == 2, "two of the table"
    await desk.apply(found)
    assert len({line.household_id for line in await kept(tx, found.id)}) == 1


async def test_what_the_piece_above_changes_is_not_changed_again(
    tx: Tx, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bites, "PIECE_LINES", 1)
    desk = Desk(tx, as_("community_officer"))
    rows = ("1-1-101 甲居民1 - - - - 甲 租房", "1-1-101 甲居民2 - - - - 乙 租房")
    found = await desk.judged(table(*rows, headings=WIDER), read_mapping(NUMBERED))
    assert [one.verdict for one in await desk.lines(found)] == ["changed", "changed"]
    await desk.apply(found)
    assert [one.verdict for one in await desk.lines(found)] == ["changed", "same"]


@pytest.mark.parametrize("broken", ["settle", "write_changes"])
async def test_what_broke_a_bite_is_said_and_not_that_it_was_broken(
    own_district: District, as_: As, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    async def breaks(tx: Tx, *_: object, **__: object) -> None:
        await tx.run("select 1 / 0")

    monkeypatch.setattr(bites, "PIECE_LINES", 1)
    office = Office(own_district.database, as_("community_officer"))
    found = await office.judged(table(*ROWS), read_mapping(MEANING))
    monkeypatch.setattr(bites, broken, breaks)
    with pytest.raises(asyncpg.DivisionByZeroError):
        await office.apply(found)


async def kept(tx: Tx, import_id: UUID) -> list[lines.LineKept]:
    return await lines.page(tx, import_id, limit=10)
