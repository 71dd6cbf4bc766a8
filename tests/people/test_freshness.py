"""What has gone stale is asked at the next visit, stairwell by stairwell, and one tap confirms it."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

import small_town as town
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx, counting
from wangge.kernel.http import District
from wangge.kernel.refusals import Forbidden, NotFound
from wangge.people import freshness
from wangge.people.commands import persons
from wangge.people.fields import PHONE

As = Any
UNIT = town.unit_id("1-1-1")
START = ("", UUID(int=0))
HALF_YEAR = timedelta(days=(PHONE.fresh_days or 0) + 1)


@pytest.fixture
def vault(district: District) -> Vault:
    return district.vault


@pytest.fixture(autouse=True)
async def _all_confirmed_today(tx: Tx) -> None:  # pyright: ignore[reportUnusedFunction]
    for table in ("people_resident", "people_household"):
        await tx._connection.execute(f"update {table} set confirmed_on = '{town.NOON.date()}'")


async def test_what_was_registered_today_is_fresh_and_goes_stale_by_itself(
    tx: Tx, as_: As
) -> None:
    tx.actor = as_("grid_worker")
    wells = await freshness.stairwells(tx, "", START)
    assert {w.area_code for w in wells} == {town.MICRO_1A, town.MICRO_1B}
    assert sum(w.stale for w in wells) == 0
    tx.now += HALF_YEAR
    wells = await freshness.stairwells(tx, "", START)
    assert all(w.stale == w.households > 0 for w in wells)
    asked = await freshness.in_stairwell(tx, UNIT)
    assert [a.home.dwelling for a in asked] == ["1幢1单元101室", "1幢1单元201室"]
    assert set(asked[0].people[0].stale) == {"phone", "workplace"}
    assert asked[0].home.stale == ("tenure",)


async def test_one_tap_confirms_a_household_and_everybody_in_it(tx: Tx, as_: As) -> None:
    tx.actor = as_("part_time_worker")
    tx.now += HALF_YEAR
    asked = (await freshness.in_stairwell(tx, UNIT))[0]
    seen = [(row.id, row.version, ()) for row in (asked.home, *asked.people)]
    done = await persons.confirm(tx, asked.home.id, seen)
    assert (done.rows, done.changed) == (len(seen), 0)
    again = (await freshness.in_stairwell(tx, UNIT))[0]
    assert not again.stale
    await tx.flush()
    said = await tx.many(str, "select data from kernel_outbox where kind like '%Confirmed'")
    facts = [json.loads(one) for one in said]
    assert [(set(one), one["rows"], one["way"]) for one in facts] == [
        ({"rows", "way", "fields"}, len(seen), "visit")
    ]


async def test_nobody_confirms_what_changed_after_they_looked(
    tx: Tx, vault: Vault, as_: As
) -> None:
    tx.actor = as_("grid_worker")
    tx.now += HALF_YEAR
    asked = (await freshness.in_stairwell(tx, UNIT))[0]
    one = asked.people[0]
    await persons.correct(tx, vault, one.id, None, {"phone": town.phone_of(9001)})
    seen = [(row.id, row.version, ()) for row in (asked.home, *asked.people)]
    done = await persons.confirm(tx, asked.home.id, seen)
    assert (done.rows, done.changed) == (len(seen) - 1, 1)
    now = (await freshness.in_stairwell(tx, UNIT))[0]
    corrected = next(p for p in now.people if p.id == one.id)
    # What was said is fresh, the rest of the row is still to be asked.
    assert "phone" not in corrected.stale
    assert corrected.stale


async def test_a_confirmation_of_another_household_s_people_is_nothing(tx: Tx, as_: As) -> None:
    tx.actor = as_("grid_worker")
    theirs = town.homes()[1][5]
    done = await persons.confirm(tx, town.household_id(1), [(theirs.id, 1, ())])
    assert (done.rows, done.changed) == (0, 1)


@pytest.mark.parametrize(
    ("who", "home", "refusal"),
    [
        ("part_time_worker", 2, NotFound),
        ("grid_worker_2", 1, NotFound),
        ("doctor", 1, Forbidden),
    ],
)
async def test_who_may_not_confirm(
    tx: Tx, as_: As, who: str, home: int, refusal: type[Exception]
) -> None:
    tx.actor = as_(who)
    with pytest.raises(refusal):
        await persons.confirm(tx, town.household_id(home), [(town.household_id(home), 1, ())])


async def test_stairwells_are_paged_in_order_and_cost_one_statement(tx: Tx, as_: As) -> None:
    tx.actor = as_("street_officer")
    after, seen = START, list[UUID]()
    while True:
        with counting() as count:
            page = await freshness.stairwells(tx, "", after, limit=5)
        assert count.total == 1
        if not page:
            break
        seen += [w.unit_id for w in page]
        after = (page[-1].area_code, page[-1].unit_id)
    assert len(seen) == len(set(seen)) == 12
    with counting() as count:
        await freshness.in_stairwell(tx, UNIT)
    assert count.total == 2


def test_a_field_confirmed_on_its_own_goes_by_its_own_day() -> None:
    today = town.NOON.date()
    old = today - timedelta(days=400)
    stale = freshness.stale_fields(freshness.PERSON, old, {"phone": today.isoformat()}, today)
    assert "phone" not in stale
    assert {"workplace", "relation"} <= set(stale)
    days = freshness.confirmed_days(freshness.PERSON, old, {"phone": today.isoformat()})
    assert (days["phone"], days["workplace"]) == (today, old)
