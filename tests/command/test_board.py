"""The board: numbers that can be checked by asking the tables, and colours that give their reason."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from small_town import COUNTY, GRID_1, GRID_2, GRID_3, GRID_4, NOON, OTHER_GRID, STREET, XINGHUA
from wangge.cases.colours import Colour, Counts, colour_of
from wangge.cases.read import live_points
from wangge.command.board import board
from wangge.dispatch import Report, receive
from wangge.kernel.actors import Actor
from wangge.kernel.database import Tx, counting
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Forbidden, Refusal

As = Callable[[str], Actor]


async def reported(
    tx: Tx, by: Actor, area: str, number: int = 1, *, ago: timedelta = timedelta(0), **more: Any
) -> list[Any]:
    """Cases that came in so long ago; the transaction's clock is put back meanwhile."""
    now, actor = tx.now, tx.actor
    tx.now, tx.actor = now - ago, by
    answers = await receive(
        tx,
        [
            Report(
                new_id(tx.now),
                by,
                "楼道里堆了杂物",
                area_code=area,
                class_code=more.pop("class_code", "E0506"),
                trusted=True,
                **more,
            )
            for _ in range(number)
        ],
    )
    tx.now, tx.actor = now, actor
    for answer in answers:
        if isinstance(answer, Refusal):
            raise answer
    return answers


# -- colours ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "colour"),
    [
        (Counts(), Colour.GREEN),
        (Counts(live=3), Colour.GREEN),
        (Counts(live=3, half=1), Colour.BLUE),
        (Counts(live=3, half=1, most=1), Colour.YELLOW),
        (Counts(live=3, most=1, overdue=1), Colour.ORANGE),
        (Counts(live=3, urgent_waiting=1), Colour.ORANGE),
        (Counts(live=3, overdue=2, long_overdue=1), Colour.RED),
        (Counts(live=3, reworked=1), Colour.RED),
        (Counts(live=3, overdue=1, urgent_overdue=1), Colour.RED),
    ],
)
def test_the_worst_thing_in_an_area_gives_its_colour(counts: Counts, colour: Colour) -> None:
    assert colour_of(counts)[0] is colour


def test_a_colour_always_says_why_and_how_many() -> None:
    _, reasons = colour_of(Counts(live=9, overdue=4, long_overdue=3, reworked=2))
    assert [n for _, n in reasons] == [3, 2]
    for words, n in reasons:
        assert str(n) in words.format(n=n)


# -- numbers ---------------------------------------------------------------------------------


async def test_a_quiet_town_is_green_and_says_so(tx: Tx, as_: As) -> None:
    tx.actor = as_("street_officer")
    made = await board(tx, "", "zh")
    assert [line.area_code for line in made.by_area] == [GRID_1, GRID_2, GRID_3, GRID_4]
    assert {(line.colour, line.reason) for line in made.by_area} == {
        (Colour.GREEN, "没有在办事件")
    }
    assert made.totals.live == made.totals.closed_today == 0
    assert made.totals.oldest_minutes is None


async def test_the_board_agrees_with_the_tables(tx: Tx, as_: As) -> None:
    worker = as_("system")
    await reported(tx, worker, GRID_1, 3)
    await reported(tx, worker, GRID_2, 2, ago=timedelta(days=9))
    await reported(tx, worker, GRID_3, 1, ago=timedelta(minutes=90))
    tx.actor = as_("district_officer")
    made = await board(tx, XINGHUA, "zh")
    assert [(line.area_code, line.live) for line in made.by_area] == [(GRID_1, 3), (GRID_2, 2)]
    whole = await board(tx, "", "zh")
    for name, where in (
        ("live", "ended_at is null"),
        ("overdue", "ended_at is null and due_at <= :now"),
        ("dispatched", "state = 'dispatched'"),
        ("filed", "state = 'filed'"),
    ):
        counted = await tx.one(
            int,
            "select count(*) from cases_case where area_code like '990001%' and :now::timestamptz "
            "is not null and " + where,
            now=tx.now,
        )
        assert getattr(whole.totals, name) == counted, name
    assert whole.totals.oldest_minutes == 9 * 24 * 60
    assert sum(line.live for line in whole.by_area) == whole.totals.live


async def test_what_is_long_overdue_turns_its_area_red_and_no_other(tx: Tx, as_: As) -> None:
    await reported(tx, as_("system"), GRID_2, ago=timedelta(days=9))
    tx.actor = as_("street_officer")
    colours = {line.area_code: line for line in (await board(tx, XINGHUA, "zh")).by_area}
    assert colours[GRID_2].colour is Colour.RED
    assert "超期 24 小时以上" in colours[GRID_2].reason
    assert colours[GRID_1].colour is Colour.GREEN


async def test_time_used_is_counted_from_when_the_limit_was_set(tx: Tx, as_: As) -> None:
    [one] = await reported(tx, as_("system"), GRID_1)
    due: datetime = one.due_at
    tx.actor = as_("street_officer")
    for share, colour in ((0.4, "green"), (0.6, "blue"), (0.9, "yellow"), (1.1, "orange")):
        tx.now = NOON + (due - NOON) * share
        [line] = [x for x in (await board(tx, XINGHUA, "zh")).by_area if x.live]
        assert line.colour == colour, share


async def test_an_area_is_as_red_as_its_reddest_point(tx: Tx, as_: As) -> None:
    """Also when somebody took the case late: its limit, not its state, says how much time is used."""
    [one] = await reported(tx, as_("system"), GRID_1)
    await tx.run("update cases_case set lon = 120.102, lat = 30.102 where id = :id", id=one.id)
    due: datetime = one.due_at
    for share in (0.4, 0.6, 0.9, 1.1, 9.0):
        tx.now = NOON + (due - NOON) * share
        await tx.run(
            "update cases_case set state = 'handling', state_at = :now where id = :id",
            now=tx.now - timedelta(minutes=1),
            id=one.id,
        )
        tx.actor = as_("street_officer")
        [line] = [x for x in (await board(tx, XINGHUA, "zh")).by_area if x.live]
        [point] = await live_points(tx, XINGHUA)
        assert point.colour() is line.colour, share
    assert point.colour() is Colour.RED


async def test_an_officer_sees_no_numbers_of_another_street(tx: Tx, as_: As) -> None:
    await reported(tx, as_("system"), OTHER_GRID, 5)
    tx.actor = as_("street_officer")
    made = await board(tx, "", "zh")
    assert made.totals.live == 0
    assert not [line for line in made.by_area if not line.area_code.startswith(STREET)]
    theirs = await board(tx, OTHER_GRID, "zh")
    assert not [line for line in theirs.by_area if line.live or line.offered]
    assert theirs.totals.live == 0


async def test_an_offer_past_half_of_its_time_counts_as_unanswered(tx: Tx, as_: As) -> None:
    await reported(tx, as_("system"), GRID_1)
    tx.actor = as_("district_officer")
    assert (await board(tx, STREET, "zh")).totals.unanswered == 0
    tx.now = NOON + timedelta(hours=20)
    made = await board(tx, STREET, "zh")
    assert made.totals.unanswered == 1
    assert made.totals.oldest_unanswered_minutes == 20 * 60


async def test_a_board_costs_the_same_number_of_statements_for_one_case_and_for_many(
    tx: Tx, as_: As
) -> None:
    async def statements() -> int:
        with counting() as count:
            await board(tx, COUNTY, "zh")
        return count.total

    tx.actor = as_("district_officer")
    await statements()
    few = await statements()
    await reported(tx, as_("system"), GRID_1, 30)
    await reported(tx, as_("system"), GRID_3, 30)
    assert await statements() == few <= 7


async def test_reasons_are_said_in_the_readers_language(tx: Tx, as_: As) -> None:
    await reported(tx, as_("system"), GRID_2, ago=timedelta(days=9))
    tx.actor = as_("street_officer")
    [line] = [x for x in (await board(tx, XINGHUA, "en")).by_area if x.live]
    assert line.reason == "1 overdue by more than 24 hours"


async def test_a_post_without_the_board_is_refused(tx: Tx, as_: As) -> None:
    tx.actor = as_("volunteer")
    with pytest.raises(Forbidden):
        await board(tx, "", "zh")


async def test_the_counting_of_today_begins_at_midnight_in_shanghai(tx: Tx, as_: As) -> None:
    [one] = await reported(tx, as_("system"), GRID_1)
    tx.actor = as_("district_officer")
    for ended, number in (
        (NOON, 1),
        (NOON.replace(hour=0), 1),
        (NOON - timedelta(hours=13), 0),
    ):
        await tx.run(
            "update cases_case set state = 'closed', ended_at = :at where id = :id",
            at=ended,
            id=one.id,
        )
        assert (await board(tx, "", "zh")).totals.closed_today == number, ended
