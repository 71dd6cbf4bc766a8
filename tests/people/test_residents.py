"""Residents are seen masked, within reach, behind two locks; a full number has its price."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from cryptography.exceptions import InvalidTag

import small_town as town
from wangge.kernel.actors import Actor, Grant, Role
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.http import District
from wangge.kernel.refusals import Forbidden, Invalid, NotFound
from wangge.kernel.settings import decide
from wangge.people import Field, commands, lists
from wangge.people.model import (
    IdNumberTaken,
    NothingThere,
    TooManyReveals,
    clean_id_number,
    clean_phone,
    mask_id,
    mask_name,
    mask_phone,
)
from wangge.people.search import Asked

As = Callable[[str], Actor]


async def seen_by(district: District, actor: Actor) -> set[str]:
    """Area codes of residents that a query without any door shows to this actor."""
    async with district.database.tx(actor, now=town.NOON, read_only=True) as tx:
        return set(await tx.many(str, "select distinct area_code from people_resident"))


async def test_row_level_security_holds_when_a_query_forgets_the_door(
    district: District, as_: As
) -> None:
    assert await seen_by(district, as_("grid_worker")) == {town.MICRO_1A, town.MICRO_1B}
    assert await seen_by(district, as_("street_officer")) == {
        code for code in town.GROUND if len(code) == 18
    }
    assert await seen_by(district, as_("other_street_officer")) == set()
    nobody = Actor(town.town_id("nobody"), "staff", "town")
    assert await seen_by(district, nobody) == set()
    two = Actor(
        nobody.id,
        "staff",
        "town",
        (Grant(Role.GRID_WORKER, town.MICRO_1A), Grant(Role.GRID_WORKER, town.GRID_4)),
    )
    assert await seen_by(district, two) == {town.MICRO_1A, town.MICRO_4A}


@pytest.mark.parametrize("table", ["people_resident", "people_household"])
async def test_without_a_setting_nothing_is_visible(dsn: str, table: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        assert await connection.fetchval(f"select count(*) from town.{table}") == 0
        await connection.execute("set app.areas = 'all'")
        assert await connection.fetchval(f"select count(*) from town.{table}") > 0
        await connection.execute("set app.areas = ''")
        assert await connection.fetchval(f"select count(*) from town.{table}") == 0
    finally:
        await connection.close()


async def test_nobody_writes_a_resident_out_of_reach(own_district: District, as_: As) -> None:
    async with own_district.database.tx(as_("grid_worker"), now=town.NOON) as tx:
        theirs = await tx.run("update people_resident set version = version + 1")
    assert theirs == len([r for r in town.homes()[1] if r.area_code.startswith(town.GRID_1)])
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with own_district.database.tx(as_("grid_worker"), now=town.NOON) as tx:
            await tx.run(
                """
                insert into people_household
                       (id, dwelling_id, area_code, unit_id, kind, from_date)
                select :id, dwelling_id, :area, unit_id, kind, from_date
                  from people_household limit 1
                """,
                id=town.town_id("elsewhere"),
                area=town.MICRO_4A,
            )


async def everybody(tx: Tx, vault: Vault, **filters: Any) -> list[str]:
    found: list[str] = []
    after = ""
    while True:
        rows, mark = await lists.people(tx, vault, Asked(**filters), after=after, limit=7)
        found += [str(row.id) for row in rows]
        if mark is None:
            return found
        after = mark


async def test_pages_hold_everybody_once(tx: Tx, district: District, as_: As) -> None:
    tx.actor = as_("street_officer")
    found = await everybody(tx, district.vault)
    assert len(found) == len(set(found)) == 45
    tx.actor = as_("grid_worker")
    within = await everybody(tx, district.vault)
    expected = [r for r in town.homes()[1] if r.area_code.startswith(town.GRID_1)]
    assert set(within) == {str(r.id) for r in expected}


async def test_a_part_time_worker_sees_one_stairwell(district: District, as_: As) -> None:
    async with district.database.tx(
        as_("part_time_worker"), now=town.NOON, read_only=True
    ) as tx:
        found = await everybody(tx, district.vault)
    expected = [r for r in town.homes()[1] if r.unit_id == town.unit_id("1-1-1")]
    assert set(found) == {str(r.id) for r in expected}
    assert 0 < len(found) < 45


async def test_lists_show_masks(tx: Tx, district: District) -> None:
    rows, _ = await lists.people(tx, district.vault, limit=50)
    assert all(row.name_mask.endswith("*") and len(row.name_mask) == 2 for row in rows)
    assert all("****" in row.phone_mask for row in rows if row.phone_mask)
    plain = {town.phone_of(1000 + n) for n in range(50)}
    assert not plain & {row.phone_mask for row in rows}


async def test_a_whole_number_or_name_or_need_finds_people(tx: Tx, district: District) -> None:
    one = town.homes()[1][3]
    assert await everybody(tx, district.vault, phone=one.phone) == [str(one.id)]
    with pytest.raises(Invalid):
        await everybody(tx, district.vault, phone=one.phone[:-1])
    assert await everybody(tx, district.vault, name=one.name) == [str(one.id)]
    assert len(await everybody(tx, district.vault, tag="medicine")) == 5


async def test_a_reveal_is_written_down(tx: Tx, district: District, as_: As) -> None:
    one = next(r for r in town.homes()[1] if r.area_code == town.MICRO_1A)
    tx.actor = as_("grid_worker")
    phone = await commands.reveal(tx, district.vault, one.id, Field.PHONE, "上门送药前联系")
    number = await commands.reveal(tx, district.vault, one.id, Field.ID_NUMBER, "核对身份")
    assert (phone, number) == (one.phone, one.id_number)
    await tx.flush()
    looks = await tx.many(str, "select field from people_look order by field desc")
    assert looks == ["phone", "id_number"]
    facts = await tx.many(
        str, "select data from kernel_outbox where kind = 'people.PersonRevealed' order by n"
    )
    assert facts == ['{"field":"phone"}', '{"field":"id_number"}']


@pytest.mark.parametrize(
    ("who", "refusal"),
    [
        ("part_time_worker", Forbidden),
        ("linked_leader", Forbidden),
        ("adviser", Forbidden),
        ("grid_worker_2", NotFound),
        ("other_street_officer", NotFound),
        ("acceptor", NotFound),
    ],
)
async def test_who_may_not_reveal(
    tx: Tx, district: District, as_: As, who: str, refusal: type[Exception]
) -> None:
    one = next(r for r in town.homes()[1] if r.unit_id == town.unit_id("1-1-1"))
    tx.actor = as_(who)
    with pytest.raises(refusal):
        await commands.reveal(tx, district.vault, one.id, Field.PHONE, "想看一看")


async def test_a_reveal_wants_a_reason_and_something_to_show(
    tx: Tx, district: District, as_: As
) -> None:
    tx.actor = as_("street_officer")
    with pytest.raises(Invalid):
        await commands.reveal(tx, district.vault, town.resident_id(1), Field.PHONE, " 看看 ")
    with pytest.raises(NothingThere):
        await commands.reveal(
            tx, district.vault, town.resident_id(3), Field.PHONE, "核实登记情况"
        )


async def test_reveals_are_counted_by_the_hour(tx: Tx, district: District, as_: As) -> None:
    await decide(tx, "people.reveals_per_hour", 3)
    tx.actor = as_("grid_worker")
    one = next(r for r in town.homes()[1] if r.area_code == town.MICRO_1A)
    for _ in range(3):
        await commands.reveal(tx, district.vault, one.id, Field.PHONE, "上门送药前联系")
    with pytest.raises(TooManyReveals):
        await commands.reveal(tx, district.vault, one.id, Field.PHONE, "上门送药前联系")
    tx.now += timedelta(hours=1)
    await commands.reveal(tx, district.vault, one.id, Field.PHONE, "上门送药前联系")


async def test_a_sealed_number_cannot_be_moved_to_another_row(
    tx: Tx, district: District
) -> None:
    await tx.run(
        """
        update people_resident set phone_sealed =
               (select phone_sealed from people_resident where id = :from_id)
         where id = :to_id
        """,
        from_id=town.resident_id(1),
        to_id=town.resident_id(2),
    )
    with pytest.raises(InvalidTag):
        await commands.reveal(
            tx, district.vault, town.resident_id(2), Field.PHONE, "核实登记情况"
        )


async def test_nothing_plain_lies_in_the_table(tx: Tx) -> None:
    rows = await tx.many(str, "select row_to_json(r)::text from people_resident r")
    whole = "".join(rows)
    for resident in town.homes()[1]:
        assert not resident.phone or resident.phone not in whole
        assert not resident.id_number or resident.id_number not in whole
        assert not resident.phone or resident.phone.encode().hex() not in whole


async def test_a_household_is_registered_with_its_people(
    tx: Tx, district: District, as_: As
) -> None:
    tx.actor = as_("grid_worker")
    door = town.dwelling_id("1-1-1-401")
    home = await commands.register_household(
        tx,
        district.vault,
        door,
        [commands.Draft("甲新户", phone="199 0000 2001", tags=("infant",), relation="head")],
    )
    assert home.area_code == town.MICRO_1A
    rows, _ = await lists.people(tx, district.vault, Asked(phone=town.phone_of(2001)), limit=5)
    assert [(r.name_mask, r.tags, r.dwelling) for r in rows] == [
        ("甲*", ("infant",), "1幢1单元401室")
    ]
    with pytest.raises(NotFound):
        await commands.register_household(
            tx, district.vault, town.dwelling_id("1-3-1-401"), [commands.Draft("乙")]
        )
    with pytest.raises(Invalid):
        await commands.register_household(
            tx, district.vault, door, [commands.Draft("丙", tags=("会飞",))]
        )
    await commands.end_household(tx, district.vault, home.id)
    rows, _ = await lists.people(tx, district.vault, Asked(phone=town.phone_of(2001)), limit=5)
    assert rows == []


async def test_an_identity_number_belongs_to_one_resident(tx: Tx, district: District) -> None:
    taken = town.homes()[1][0].id_number
    with pytest.raises(IdNumberTaken):
        await commands.register_household(
            tx,
            district.vault,
            town.dwelling_id("1-1-1-401"),
            [commands.Draft("丁重号", id_number=taken)],
        )


def test_masks_hide_what_they_should() -> None:
    assert mask_name(" 甲乙丙 ") == "甲*"
    assert mask_phone(town.phone_of(1)) == "199****0001"
    assert mask_phone("1234567") == "****"
    number = town.id_number_of(7)
    assert mask_id(number) == "990" + "*" * 13 + number[-2:]
    assert (mask_name(""), mask_phone(""), mask_id("")) == ("", "", "")


def test_numbers_are_cleaned_and_checked() -> None:
    assert clean_phone(" +86 199-0000-0001 ") == town.phone_of(1)
    number = town.id_number_of(7)
    assert clean_id_number(f" {number.lower()} ") == number
    wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
    for bad in (wrong, number[:-1], "x" * 18):
        with pytest.raises(Invalid):
            clean_id_number(bad)
    for bad in ("12", "电话", "1" * 13):
        with pytest.raises(Invalid):
            clean_phone(bad)
