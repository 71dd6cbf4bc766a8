"""Rows that may be one person: found in blocks, decided once, merged with all they know."""

from dataclasses import replace
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
from wangge.people import acts, jobs, pairs, tags
from wangge.people.changes import CannotUndoWhole, Change, apply_changes
from wangge.people.commands import homes
from wangge.people.model import seal_context
from wangge.people.pairs.deciding import PairDecided
from wangge.people.pairs.finding import Candidate, judged
from wangge.people.queries import households

As = Any
LAST = UUID(int=(1 << 128) - 1)


@pytest.fixture
def vault(district: District) -> Vault:
    return district.vault


async def twin_of(tx: Tx, vault: Vault, n: int, door: int, **values: Any) -> UUID:
    """Somebody who looks like resident `n`, in household `door`."""
    row = town.homes()[1][n - 1]
    home = town.homes()[0][door - 1]
    id_ = new_id()
    known = {
        "household_id": home.id,
        "unit_id": home.unit_id,
        "name": row.name,
        "since": date(2025, 1, 1),
        **values,
    }
    change = Change("resident", "insert", id_, home.area_code, known)
    await apply_changes(tx, vault, new_id(), [change])
    return id_


async def opened(tx: Tx) -> list[pairs.Pair]:
    return await pairs.pairs_page(tx, "", (2.0, LAST), 50)


async def test_nobody_in_town_is_a_duplicate_to_begin_with(tx: Tx) -> None:
    assert await pairs.find(tx) == 0


async def test_the_same_phone_and_name_are_one_pair_with_its_reasons(
    tx: Tx, vault: Vault, as_: As
) -> None:
    row = town.homes()[1][0]
    twin = await twin_of(tx, vault, 1, 2, phone=row.phone)
    assert await pairs.find(tx) == 1
    assert await pairs.find(tx) == 0
    tx.actor = as_("community_officer")
    pair = (await opened(tx))[0]
    assert {pair.one.id, pair.other.id} == {row.id, twin}
    assert set(pair.reasons) == {"name_same", "phone"}
    assert set(pair.same) == {"name", "phone"}
    assert pair.one.name_mask == "甲*"
    assert row.phone not in str(pair)


async def test_relatives_who_share_a_phone_are_no_pair(tx: Tx, vault: Vault) -> None:
    row = town.homes()[1][0]
    await twin_of(tx, vault, 1, 1, phone=row.phone, name="甲小妹")
    assert await pairs.find(tx) == 0


async def test_the_same_sound_and_birthday_where_a_number_is_missing(
    tx: Tx, vault: Vault
) -> None:
    one = await twin_of(tx, vault, 1, 3, name="章晓明", birth_date=date(1990, 2, 3))
    two = await twin_of(tx, vault, 1, 4, name="张小明", birth_date=date(1990, 2, 3))
    await twin_of(tx, vault, 1, 5, name="张小明", birth_date=date(1990, 2, 4))
    assert await pairs.find(tx) == 1
    assert {(await opened(tx))[0].one.id, (await opened(tx))[0].other.id} == {one, two}


async def test_behind_one_door_a_missing_character_is_enough(tx: Tx, vault: Vault) -> None:
    await twin_of(tx, vault, 1, 3, name="欧阳青禾", birth_year=1990)
    await twin_of(tx, vault, 1, 3, name="欧阳青", birth_year=1990)
    assert await pairs.find(tx) == 1


def test_two_right_numbers_are_two_people_unless_much_else_agrees() -> None:
    same = Candidate(
        *(new_id(), new_id(), "1", "1", "甲青禾", "甲青禾", None, None, None, None),
        phone=True,
        door=False,
        numbers=True,
    )
    assert judged(same) is None
    assert judged(replace(same, door=True)) is not None
    assert judged(replace(same, numbers=False)) is not None
    other = replace(same, numbers=False, phone=False, door=True, one_year=1990, other_year=1960)
    assert judged(other) is None


async def test_looking_costs_the_same_whatever_there_is(tx: Tx, vault: Vault) -> None:
    row = town.homes()[1][0]
    for door in (2, 3, 4):
        await twin_of(tx, vault, 1, door, phone=row.phone)
    with counting() as count:
        assert await pairs.find(tx, town.COUNTY) == 6
    assert count.total == 4


async def test_what_somebody_decided_is_not_asked_again(tx: Tx, vault: Vault, as_: As) -> None:
    system = tx.actor
    await twin_of(tx, vault, 1, 2, phone=town.homes()[1][0].phone)
    await pairs.find(tx)
    tx.actor = as_("community_officer")
    pair = (await opened(tx))[0]
    await pairs.different(tx, pair.id)
    assert await opened(tx) == []
    with pytest.raises(PairDecided):
        await pairs.merge(tx, vault, pair.id, pair.one.id)
    tx.actor = system
    assert await pairs.find(tx) == 0


async def test_a_pair_of_two_communities_is_decided_by_who_reaches_both(
    tx: Tx, vault: Vault, as_: As
) -> None:
    await twin_of(tx, vault, 1, 9, phone=town.homes()[1][0].phone)
    await pairs.find(tx)
    area = (await opened(tx))[0].area_code
    assert area == town.STREET
    tx.actor = as_("community_officer")
    assert await opened(tx) == []
    tx.actor = as_("street_officer")
    pair = (await opened(tx))[0]
    tx.actor = as_("community_officer_2")
    with pytest.raises(NotFound):
        await pairs.different(tx, pair.id)


async def whole(tx: Tx) -> list[str]:
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
            select (to_jsonb(t) - 'version' - 'updated_at')::text from people_tag t) x
         order by 1
        """,
    )


async def test_a_merge_keeps_what_both_knew_and_can_be_undone(
    tx: Tx, vault: Vault, as_: As
) -> None:
    row = town.homes()[1][0]
    twin = await twin_of(tx, vault, 1, 2, phone=row.phone, workplace="样例厂")
    meal = (await tags.kinds(tx))["meal"]
    home2 = town.homes()[0][1]
    need = tags.noted(tx, meal, twin, home2.area_code, home2.unit_id)
    await apply_changes(tx, vault, new_id(), [need])
    await pairs.find(tx)
    tx.actor = as_("community_officer")
    before = await whole(tx)
    pair = (await opened(tx))[0]
    # The newer row stays; the number moves over and is sealed for its new row.
    await pairs.merge(tx, vault, pair.id, twin, other_home="registered")
    kept = await households.person(tx, _reach(tx), twin)
    assert kept.workplace == "样例厂"
    assert kept.tags == ("elder_alone", "medicine", "meal")
    sealed = await tx.one(
        bytes, "select id_sealed from people_resident where id = :id", id=twin
    )
    assert vault.open(sealed, seal_context(twin, "id_number")) == row.id_number
    gone = await households.person(tx, _reach(tx), row.id)
    assert (gone.ended_why, gone.merged_into, gone.id_mask) == ("merged", twin, "")
    ties = await households.ties_of_person(tx, twin)
    assert [(t.tie, t.household_id) for t in ties] == [("registered", row.household_id)]
    assert await opened(tx) == []
    await pairs.undo_merge(tx, vault, pair.id)
    assert await whole(tx) == before
    assert [p.id for p in await opened(tx)] == [pair.id]


async def test_own_answers_of_both_stand_and_the_kept_rows_win(
    tx: Tx, vault: Vault, as_: As
) -> None:
    row = town.homes()[1][0]
    twin = await twin_of(tx, vault, 1, 2, phone=row.phone)
    for id_, more, confirmed in (
        (row.id, '{"own_1": "旧", "own_2": "二"}', '{"own_2": "2026-01-02"}'),
        (twin, '{"own_1": "新"}', "{}"),
    ):
        await tx.run(
            """
            update people_resident
               set more = :more::text::jsonb, confirmed = :confirmed::text::jsonb
             where id = :id
            """,
            id=id_,
            more=more,
            confirmed=confirmed,
        )
    await pairs.find(tx)
    tx.actor = as_("community_officer")
    pair = (await opened(tx))[0]
    await pairs.merge(tx, vault, pair.id, twin)
    said = "select more ->> 'own_1' || (more ->> 'own_2') || (confirmed ->> 'own_2') from "
    assert await tx.one(str, said + "people_resident where id = :id", id=twin) == (
        "新二2026-01-02"
    )
    await pairs.undo_merge(tx, vault, pair.id)
    assert await tx.one(
        str, "select more::text from people_resident where id = :id", id=twin
    ) == ('{"own_1": "新"}')


async def test_the_merger_chooses_field_by_field(tx: Tx, vault: Vault, as_: As) -> None:
    row = town.homes()[1][0]
    twin = await twin_of(tx, vault, 1, 2, phone=row.phone, workplace="新厂", sex="female")
    await pairs.find(tx)
    tx.actor = as_("community_officer")
    pair = (await opened(tx))[0]
    take = {"sex": True, "workplace": False}
    await pairs.merge(tx, vault, pair.id, row.id, take=take)
    kept = await households.person(tx, _reach(tx), row.id)
    assert (kept.sex, kept.workplace) == ("female", "")
    assert twin


async def test_a_merge_is_undone_whole_or_not_at_all(tx: Tx, vault: Vault, as_: As) -> None:
    row = town.homes()[1][0]
    await twin_of(tx, vault, 1, 2, phone=row.phone, workplace="样例厂")
    await pairs.find(tx)
    tx.actor = as_("community_officer")
    pair = (await opened(tx))[0]
    await pairs.merge(tx, vault, pair.id, row.id)
    change = Change("resident", "update", row.id, row.area_code, {"workplace": "改过"})
    await apply_changes(tx, vault, new_id(), [change])
    with pytest.raises(CannotUndoWhole):
        await pairs.undo_merge(tx, vault, pair.id)


async def test_a_household_nobody_is_left_in_ends_with_the_merge(
    tx: Tx, vault: Vault, as_: As
) -> None:
    tx.actor = as_("community_officer")
    row = town.homes()[1][0]
    twin = await twin_of(tx, vault, 1, 2, phone=row.phone)
    alone = await homes.split(tx, vault, town.household_id(2), [twin])
    await pairs.find(tx, town.XINGHUA)
    await pairs.merge(tx, vault, (await opened(tx))[0].id, row.id, other_home="lives")
    home = await households.home(tx, _reach(tx), alone.household_id)
    assert (home.ended_why, home.to_date) == ("empty", town.NOON.date())


def _reach(tx: Tx) -> Any:
    return tx.reach(acts.RESIDENT_READ)


async def test_the_clock_looks_at_what_changed_since(tx: Tx, vault: Vault) -> None:
    await jobs.find_pairs(tx)
    first = await pairs.last_run(tx)
    assert first is not None
    await twin_of(tx, vault, 1, 2, phone=town.homes()[1][0].phone)
    assert await pairs.find(tx, since=tx.now) == 0
    await tx.run("update people_resident set updated_at = :at", at=tx.now + timedelta(hours=1))
    tx.now += timedelta(days=1)
    await jobs.find_pairs(tx)
    assert len(await opened(tx)) == 1
