"""What is over goes, in bites, with its count; what is held stays; what cannot be counted says so."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import pytest

import small_town as town
from wangge.kernel import jobs, retention
from wangge.kernel.database import Tx
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid
from wangge.kernel.retention import Gone, Keep, all_keeps, keeps, next_night, once
from wangge.kernel.settings import decide
from wangge.web.rooms import import_rooms

NIGHT = next_night(town.NOON)


@pytest.fixture
def crumbs() -> Iterator[Keep]:
    """A class of this test's: saved filters, purged two at a time; a week is over after a week."""

    @keeps("test.crumbs", "面包屑", 7, since="掉落", source="测试", bite=2)
    async def sweep(tx: Tx, before: datetime, limit: int) -> Sequence[Gone]:
        return await tx.many(
            Gone,
            """
            with gone as (
                delete from kernel_deed where id in (
                    select id from kernel_deed where at < :before order by at limit :limit)
                returning id)
            select '990001001001001' as area_code, count(*) as items from gone
            """,
            before=before,
            limit=limit,
        )

    yield all_keeps()["test.crumbs"]
    retention._keeps.pop("test.crumbs")
    jobs._ticks.pop("test.crumbs")


async def drop_crumbs(tx: Tx, number: int, at: datetime) -> None:
    for _ in range(number):
        await tx.run(
            """
            insert into kernel_deed (id, actor_id, body_hash, status, answer, at)
            values (:id, :by, '', 200, 'null', :at)
            """,
            id=new_id(),
            by=tx.actor.id,
            at=at,
        )


async def left(tx: Tx) -> int:
    return await tx.one(int, "select count(*) from kernel_deed")


async def test_what_is_over_goes_at_night_in_bites_and_is_counted(tx: Tx, crumbs: Keep) -> None:
    await drop_crumbs(tx, 5, town.NOON - timedelta(days=8))
    await drop_crumbs(tx, 3, town.NOON - timedelta(days=6))
    assert await once(tx, crumbs) == 0  # it is noon
    assert await left(tx) == 8
    tx.now = NIGHT
    bites = [await once(tx, crumbs) for _ in range(4)]
    assert bites == [2, 2, 0, 0]  # the third took one and found no more
    assert await left(tx) == 3
    assert [(p.area_code, p.items) for p in await retention.purged(tx, since=NIGHT.date())] == [
        ("990001001001", 5)
    ]
    row = next(s for s in await retention.standings(tx) if s.keep is crumbs)
    assert row.last_at == NIGHT
    assert row.next_at == NIGHT + timedelta(days=1)
    assert row.items is None


async def test_a_hold_keeps_everything_until_its_day(tx: Tx, crumbs: Keep) -> None:
    await drop_crumbs(tx, 3, town.NOON - timedelta(days=90))
    tx.now = NIGHT
    await retention.hold(tx, "test.crumbs", 10, "审计期间")
    assert await once(tx, crumbs) == 0
    assert await left(tx) == 3
    tx.now = NIGHT + timedelta(days=11)
    assert await once(tx, crumbs) == 2
    await retention.hold(tx, "test.crumbs", 10, "审计期间")
    assert await once(tx, crumbs) == 0
    assert await retention.release(tx, "test.crumbs") == 1
    assert await once(tx, crumbs) == 0
    assert await left(tx) == 0


async def test_a_hold_wants_a_reason_and_an_end(tx: Tx, crumbs: Keep) -> None:
    for key, days, reason in (
        ("test.crumbs", 0, "审计期间"),
        ("test.crumbs", 181, "审计期间"),
        ("test.crumbs", 5, " 审 "),
        ("test.no_such", 5, "审计期间"),
    ):
        with pytest.raises(Invalid):
            await retention.hold(tx, key, days, reason)


async def test_a_round_can_be_called_for_at_once(tx: Tx, crumbs: Keep) -> None:
    await drop_crumbs(tx, 1, town.NOON - timedelta(days=8))
    await retention.soon(tx, "test.crumbs")
    await once(tx, crumbs)
    assert await left(tx) == 0


def test_a_class_is_declared_once(crumbs: Keep) -> None:
    with pytest.raises(ValueError, match="twice"):
        keeps("test.crumbs", "又一个", 1, since="", source="")(crumbs.purge)


async def test_nobody_keeps_looks_shorter_than_the_law_or_a_case_for_no_time(tx: Tx) -> None:
    import_rooms()
    for key, value in (("people.look_keep_days", 1094), ("cases.keep_days", 0)):
        with pytest.raises(Invalid):
            await decide(tx, key, value)
    await decide(tx, "people.look_keep_days", 1095)


async def test_every_class_says_its_rule_and_counts_in_a_fixed_number_of_statements(
    tx: Tx,
) -> None:
    import_rooms()
    for keep in all_keeps().values():
        assert keep.name
        assert keep.since
        assert keep.source
    assert {"cases.ordinary", "people.residents", "kernel.files"} <= set(all_keeps())
    for standing in await retention.standings(tx):
        assert standing.items in (0, None), standing.keep.key
