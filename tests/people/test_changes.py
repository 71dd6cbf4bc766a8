"""Batches of changes: done with fixed statements, undone row by row, nothing plain kept."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

import small_town as town
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx, counting
from wangge.kernel.http import District
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import NotFound
from wangge.kernel.retention import Gone
from wangge.people import commands, keeping, tags
from wangge.people.changes import (
    BatchGone,
    BatchUndone,
    CannotUndoWhole,
    Change,
    Kept,
    apply_changes,
    undo_batch,
)
from wangge.people.model import IdNumberTaken, seal_context

As = Any
DOOR = "1-1-1-401"


@pytest.fixture
def vault(district: District) -> Vault:
    return district.vault


def family(door: str = DOOR, people: int = 2, start: int = 0) -> list[Change]:
    """A household behind a door, with so many people."""
    dwelling = next(d for d in town.doors()[3] if d.id == town.dwelling_id(door))
    home = new_id()
    return [
        *(
            Change(
                "resident",
                "insert",
                new_id(),
                dwelling.area_code,
                {
                    "household_id": home,
                    "unit_id": dwelling.unit_id,
                    "name": f"新居民{start + n}",
                    "phone": town.phone_of(5000 + start + n),
                    "since": date(2026, 3, 1),
                },
            )
            for n in range(people)
        ),
        Change(
            "household",
            "insert",
            home,
            dwelling.area_code,
            {
                "dwelling_id": dwelling.id,
                "unit_id": dwelling.unit_id,
                "from_date": date(2026, 3, 1),
            },
        ),
    ]


def correction(n: int, **values: Any) -> Change:
    row = town.homes()[1][n - 1]
    return Change("resident", "update", row.id, row.area_code, values)


async def image(tx: Tx) -> list[str]:
    """Everything the register holds, without versions and moments."""
    return await tx.many(
        str,
        """
        select x.t from (
            select (to_jsonb(t) - 'version' - 'updated_at')::text as t from people_resident t
            union all
            select (to_jsonb(t) - 'version' - 'updated_at')::text from people_household t
            union all
            select (to_jsonb(t) - 'version' - 'updated_at')::text from people_residence t
            union all
            select (to_jsonb(t) - 'version' - 'updated_at')::text from people_tag t
            union all
            select to_jsonb(t)::text from places_dwelling t
            union all
            select resident_id || ' ' || area_code || array(select unnest(marks) order by 1)::text
              from people_search) x
         order by 1
        """,
    )


async def test_a_batch_writes_parents_first_and_is_undone_without_a_trace(
    tx: Tx, vault: Vault
) -> None:
    before = await image(tx)
    batch, changes = new_id(), family()
    kind = (await tags.kinds(tx))["infant"]
    person = changes[0]
    changes.append(tags.noted(tx, kind, person.id, person.area_code, town.unit_id("1-1-1")))
    changes.append(correction(1, name="甲改名", phone=town.phone_of(7000)))
    door = Change(
        "dwelling",
        "insert",
        new_id(),
        town.MICRO_1A,
        {"unit_id": town.unit_id("1-1-1"), "floor": 7, "room": "701", "name": "1幢1单元701室"},
    )
    applied = await apply_changes(tx, vault, batch, [*changes, door])
    assert (applied.count("resident", "insert"), applied.total, applied.kept) == (2, 6, ())
    kept = await tx.many(
        str, "select tags[1] from people_resident where id = :id", id=person.id
    )
    assert kept == ["infant"]
    assert await image(tx) != before
    undone = await undo_batch(tx, vault, batch)
    assert (undone.total, undone.kept) == (6, ())
    assert await image(tx) == before
    with pytest.raises(BatchUndone):
        await undo_batch(tx, vault, batch)


async def test_what_changed_since_stays_and_is_named(tx: Tx, vault: Vault) -> None:
    batch = new_id()
    await apply_changes(
        tx, vault, batch, [correction(1, name="甲一"), correction(2, name="乙二")]
    )
    await apply_changes(tx, vault, new_id(), [correction(2, name="乙三")])
    undone = await undo_batch(tx, vault, batch)
    assert undone.counts == {"resident": 1}
    assert undone.kept == (Kept("resident", town.resident_id(2), "changed"),)
    names = await tx.many(
        str,
        "select name from people_resident where id = any (:ids::uuid[]) order by name",
        ids=[town.resident_id(1), town.resident_id(2)],
    )
    assert names == ["乙三", town.homes()[1][0].name]


async def test_later_batches_are_undone_first_and_then_the_earlier(
    tx: Tx, vault: Vault
) -> None:
    before = await image(tx)
    first, second = new_id(), new_id()
    await apply_changes(tx, vault, first, [correction(1, name="第一次")])
    await apply_changes(tx, vault, second, [correction(1, name="第二次")])
    assert (await undo_batch(tx, vault, second)).kept == ()
    assert (await undo_batch(tx, vault, first)).kept == ()
    assert await image(tx) == before


async def test_waves_of_a_batch_are_undone_from_the_last(tx: Tx, vault: Vault) -> None:
    """A number passes from one row to another: the second may take it when the first gave it."""
    before = await image(tx)
    batch, number = new_id(), town.homes()[1][0].id_number
    await apply_changes(tx, vault, batch, [correction(1, id_number="")])
    await apply_changes(tx, vault, batch, [correction(2, id_number=number)])
    assert (await undo_batch(tx, vault, batch, whole=True)).total == 2
    assert await image(tx) == before


async def test_somebody_moved_into_the_new_household_so_it_stays(tx: Tx, vault: Vault) -> None:
    batch, changes = new_id(), family(people=1)
    home = changes[-1]
    await apply_changes(tx, vault, batch, changes)
    late = Change("resident", "insert", new_id(), home.area_code, {**family()[0].values})
    late = Change(
        "resident", "insert", late.id, home.area_code, {**late.values, "household_id": home.id}
    )
    await apply_changes(tx, vault, new_id(), [late])
    undone = await undo_batch(tx, vault, batch)
    assert undone.kept == (Kept("household", home.id, "in_use"),)
    assert undone.counts == {"resident": 1, "household": 0}


async def test_a_number_taken_meanwhile_is_not_taken_back(tx: Tx, vault: Vault) -> None:
    batch, number = new_id(), town.homes()[1][0].id_number
    await apply_changes(tx, vault, batch, [correction(1, id_number="", name="甲没了号")])
    await apply_changes(tx, vault, new_id(), [correction(2, id_number=number)])
    assert (await undo_batch(tx, vault, batch)).kept == (
        Kept("resident", town.resident_id(1), "taken"),
    )


async def test_some_acts_are_undone_whole_or_not_at_all(tx: Tx, vault: Vault) -> None:
    batch = new_id()
    await apply_changes(
        tx, vault, batch, [correction(1, name="甲一"), correction(2, name="乙二")]
    )
    await apply_changes(tx, vault, new_id(), [correction(2, name="乙三")])
    with pytest.raises(CannotUndoWhole):
        await undo_batch(tx, vault, batch, whole=True)


async def test_who_looked_at_an_older_version_does_not_overwrite(tx: Tx, vault: Vault) -> None:
    row = town.homes()[1][0]
    await apply_changes(tx, vault, new_id(), [correction(1, name="别人改的")])
    stale = Change("resident", "update", row.id, row.area_code, {"name": "我要改的"}, 1)
    gone = Change("resident", "update", new_id(), row.area_code, {"name": "没有这个人"})
    applied = await apply_changes(tx, vault, new_id(), [stale, gone])
    assert {kept.id for kept in applied.kept} == {row.id, gone.id}
    assert applied.total == 0


async def test_a_deleted_row_comes_back(tx: Tx, vault: Vault) -> None:
    person = town.homes()[1][0]
    tie = Change(
        "residence",
        "insert",
        new_id(),
        person.area_code,
        {
            "resident_id": person.id,
            "household_id": town.household_id(2),
            "unit_id": person.unit_id,
            "tie": "owns",
            "name_mask": "甲*",
            "from_date": date(2025, 1, 1),
        },
    )
    await apply_changes(tx, vault, new_id(), [tie])
    before, batch = await image(tx), new_id()
    await apply_changes(
        tx, vault, batch, [Change("residence", "delete", tie.id, person.area_code)]
    )
    assert await tx.many(UUID, "select id from people_residence") == []
    assert (await undo_batch(tx, vault, batch)).total == 1
    assert await image(tx) == before


async def test_a_number_somebody_holds_is_refused_in_words(tx: Tx, vault: Vault) -> None:
    taken = town.homes()[1][0].id_number
    changes = family(people=1)
    first = changes[0]
    twice = Change(
        "resident", "insert", first.id, first.area_code, {**first.values, "id_number": taken}
    )
    with pytest.raises(IdNumberTaken):
        await apply_changes(tx, vault, new_id(), [twice, changes[1]])


async def test_the_number_says_when_somebody_was_born(tx: Tx, vault: Vault) -> None:
    number = town.id_number_of(47)
    changes = family(people=1)
    first = changes[0]
    known = Change(
        "resident", "insert", first.id, first.area_code, {**first.values, "id_number": number}
    )
    await apply_changes(tx, vault, new_id(), [known, changes[1]])
    born = await tx.one(
        date, "select birth_date from people_resident where id = :id", id=first.id
    )
    assert (born.year, born.month, born.day) == (1987, 1, 1)


async def test_images_hold_no_number_in_plain(tx: Tx, vault: Vault) -> None:
    row = town.homes()[1][0]
    await apply_changes(
        tx, vault, new_id(), [correction(1, phone=town.phone_of(7001)), *family()]
    )
    whole = "".join(await tx.many(str, "select to_jsonb(c)::text from people_change c"))
    for plain in (row.phone, row.id_number, town.phone_of(7001), town.phone_of(5000)):
        assert plain not in whole
        assert plain.encode().hex() not in whole
    sealed = await tx.one(
        bytes, "select phone_sealed from people_resident where id = :i", i=row.id
    )
    assert vault.open(sealed, seal_context(row.id, "phone")) == town.phone_of(7001)


async def test_a_batch_costs_the_same_statements_however_many_rows(
    tx: Tx, vault: Vault
) -> None:
    with counting() as one:
        await apply_changes(tx, vault, new_id(), family(people=1))
    with counting() as many:
        await apply_changes(tx, vault, new_id(), family("1-1-2-401", people=40, start=100))
    assert one.total == many.total


async def test_a_batch_begun_twice_at_once_has_two_waves(
    own_district: District, as_: As
) -> None:
    database, vault, batch = own_district.database, own_district.vault, new_id()

    async def second() -> None:
        async with database.tx(as_("district_officer"), now=town.NOON) as tx:
            await apply_changes(tx, vault, batch, [correction(2, name="乙二")])

    async with database.tx(as_("district_officer"), now=town.NOON) as tx:
        await apply_changes(tx, vault, batch, [correction(1, name="甲一")])
        waiting = asyncio.create_task(second())
        while not await tx.one(
            bool,
            "select exists (select from pg_locks where not granted)",
        ):
            assert not waiting.done()
            await asyncio.sleep(0.01)
    await waiting
    async with database.tx(as_("district_officer"), now=town.NOON, read_only=True) as tx:
        waves = await tx.many(
            int, "select wave from people_change where batch_id = :id order by wave", id=batch
        )
    assert waves == [1, 2]


async def test_images_lie_behind_the_second_lock_and_no_batch_is_half_undone(
    own_district: District, as_: As
) -> None:
    database, vault, batch = own_district.database, own_district.vault, new_id()
    theirs = next(n for n, r in enumerate(town.homes()[1], 1) if r.area_code == town.MICRO_3A)
    async with database.tx(as_("district_officer"), now=town.NOON) as tx:
        await apply_changes(
            tx, vault, batch, [correction(1, name="甲一"), correction(theirs, name="远方")]
        )
    for who, seen in (("grid_worker", 1), ("grid_worker_2", 0), ("street_officer", 2)):
        async with database.tx(as_(who), now=town.NOON, read_only=True) as tx:
            images = await tx.many(UUID, "select row_id from people_change")
            assert len(images) == seen, who
    with pytest.raises(NotFound):
        async with database.tx(as_("grid_worker"), now=town.NOON) as tx:
            await undo_batch(tx, vault, batch)


async def test_images_are_deleted_when_nothing_can_be_undone_any_more(
    tx: Tx, vault: Vault
) -> None:
    batch = new_id()
    await apply_changes(
        tx, vault, batch, [correction(1, name="甲一"), correction(2, name="乙")]
    )
    assert await keeping.forget_changes(tx, tx.now, 1000) == []
    later = tx.now + timedelta(minutes=1)
    assert await keeping.old_changes(tx, later) == [Gone(town.MICRO_1A, 2)]
    assert await keeping.forget_changes(tx, later, 1) == [Gone(town.MICRO_1A, 1)]
    assert (await undo_batch_or_none(tx, vault, batch)) is None
    assert await keeping.forget_changes(tx, later, 1000) == [Gone(town.MICRO_1A, 1)]
    with pytest.raises(BatchGone):
        await undo_batch(tx, vault, batch)


async def undo_batch_or_none(tx: Tx, vault: Vault, batch: UUID) -> object:
    """Nothing for a batch whose images are half deleted already."""
    try:
        return await undo_batch(tx, vault, batch)
    except NotFound:
        return None


async def test_who_left_is_forgotten_after_a_year_with_everything_about_them(
    tx: Tx, vault: Vault
) -> None:
    home = await commands.end_household(tx, vault, town.household_id(1))
    assert home.count("resident", "update") == 3
    tomorrow = tx.now + timedelta(days=1)
    assert await keeping.forget_residents(tx, tx.now, 100) == []
    assert await keeping.ended_residents(tx, tomorrow) == [Gone(town.MICRO_1A, 4)]
    assert await keeping.forget_residents(tx, tomorrow, 100) == [Gone(town.MICRO_1A, 4)]
    left = await tx.many(
        UUID,
        """
        select id from people_household where id = :home
         union all select id from people_resident where household_id = :home
         union all select id from people_tag where resident_id = :one
         union all select row_id from people_change where row_id = :one
         union all select resident_id from people_search where resident_id = :one
        """,
        home=town.household_id(1),
        one=town.resident_id(1),
    )
    assert left == []


async def test_whoever_is_forgotten_has_no_marks_left(tx: Tx, vault: Vault) -> None:
    """No key of the database takes them away."""
    one = town.resident_id(1)
    await tx.run(
        "update people_resident set ended_on = since, ended_why = 'moved_away' where id = :one",
        one=one,
    )
    await keeping.forget_residents(tx, tx.now, 100)
    left = "select resident_id from people_search where resident_id = :one"
    assert await tx.many(UUID, left, one=one) == []
    gone = "select count(*) from people_resident where id = :one"
    assert await tx.one(int, gone, one=one) == 0


async def test_a_batch_says_that_it_happened_and_nothing_about_anybody(
    tx: Tx, vault: Vault
) -> None:
    batch = new_id()
    await apply_changes(tx, vault, batch, family(), what="import")
    await undo_batch(tx, vault, batch)
    await tx.flush()
    said = await tx.many(
        str,
        """
        select kind || ' ' || area_code || ' ' || data from kernel_outbox
         where subject_id = :batch order by n
        """,
        batch=batch,
    )
    assert said == [
        f'people.RegisterChanged {town.MICRO_1A} {{"kept":0,"rows":3,"what":"import"}}',
        f'people.RegisterUndone {town.MICRO_1A} {{"kept":0,"rows":3}}',
    ]
