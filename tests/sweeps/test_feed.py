"""What screens are told of a round: every board of one reading, and nothing lost on the way."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import msgspec
from sweeping import doors_of, opened, said, taken

from small_town import GRID_1, LIUSHU, MICRO_1A, NOON, XINGHUA, town_id
from wangge.kernel.actors import Actor, Reach, system_actor
from wangge.kernel.database import Tx
from wangge.kernel.http import District
from wangge.sweeps.acts import READ
from wangge.sweeps.board import board
from wangge.sweeps.feed import Feed, Slot, Source, summed
from wangge.sweeps.pace import PACE_SECONDS
from wangge.sweeps.queries.board import Sums, by_area

As = Callable[[str], Actor]
#: Seconds after which a screen is stuck.
PATIENCE = 60


async def test_sums_of_one_reading_are_those_the_database_makes_for_each_board(
    tx: Tx, as_: As
) -> None:
    round_ = await opened(tx, areas=[XINGHUA, LIUSHU])
    doors = await doors_of(tx, round_, XINGHUA)
    worker = as_("grid_worker")
    await taken(tx, *(said(round_, door, worker) for door in doors[:3]))
    whole = await by_area(tx, tx.reach(READ), round_.id, round_.area_code, 18, PACE_SECONDS)
    assert len(whole) > 2

    def alike(rows: list[Sums]) -> list[Sums]:
        return [replace(row, rate=round(row.rate, 9)) for row in rows]

    for areas in (("",), (XINGHUA,), (GRID_1, LIUSHU), (MICRO_1A,), ()):
        reach = Reach(areas)
        for within in (round_.area_code, XINGHUA, LIUSHU, GRID_1):
            for level in (9, 12, 15, 18):
                asked = await by_area(tx, reach, round_.id, within, level, PACE_SECONDS)
                assert alike(summed(whole, reach, within, level)) == alike(asked)


def _told(event: bytes | None) -> dict[str, Any]:
    assert event is not None
    name, data = event.decode().rstrip().split("\n")
    assert name == "event: board"
    return msgspec.json.decode(data.removeprefix("data: "))


async def test_a_quick_screen_is_told_what_changed_and_a_slow_one_everything(
    tx: Tx, as_: As
) -> None:
    round_ = await opened(tx, areas=[XINGHUA, LIUSHU])
    feed, quick, slow = Feed(("", Reach(("",)), "zh")), Slot(), Slot()
    feed.join(quick)
    feed.join(slow)
    lines: list[int] = []
    for area in ("", XINGHUA, LIUSHU):
        if area:
            door = (await doors_of(tx, round_, area))[0]
            await taken(tx, said(round_, door, as_("street_officer")))
        assert feed.tell(await board(tx, round_.id, "", "zh"))
        lines.append(len(_told(await quick.take(1))["lines"]))
    assert not feed.tell(await board(tx, round_.id, "", "zh")), "nothing moved"
    assert lines[0] > 1
    assert lines[1:] == [1, 1]
    told = _told(await slow.take(1))
    assert len(told["lines"]) == lines[0]
    assert sum(line["total"] - line["left"] for line in told["lines"]) == 2
    late = Slot()
    feed.join(late)
    assert _told(await late.take(1)) == told


async def test_one_screen_that_asks_wrongly_ends_and_no_other(
    own_district: District, as_: As
) -> None:
    async with own_district.database.tx(system_actor("town"), now=NOON) as tx:
        round_ = await opened(tx)
    head = Reach((), (town_id("unit/1-1-1"),))
    source, wall, stairs, wrong = Source(own_district, round_.id), Slot(), Slot(), Slot()
    source.join(("", Reach((XINGHUA,)), "zh"), wall)
    source.join(("", head, "zh"), stairs)
    source.join(("\0", head, "zh"), wrong)
    try:
        for slot in (wall, stairs):
            assert _told(await slot.take(PATIENCE))["round_id"] == str(round_.id)
        await wrong.take(PATIENCE)
        assert wrong.over
        assert not wall.over
        assert not stairs.over
    finally:
        source.leave(("", Reach((XINGHUA,)), "zh"), wall)
        source.leave(("", head, "zh"), stairs)
        source.leave(("\0", head, "zh"), wrong)


async def test_an_area_is_digits(app_client: Any) -> None:
    client = await app_client("community_officer")
    for end in ("live", "board"):
        answer = await client.get(f"/api/v1/sweeps/{UUID(int=1)}/{end}?area=%00")
        assert answer.status_code == 422, answer.text
