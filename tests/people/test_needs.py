"""Needs: what help somebody may want, on which basis, until when, and who may know."""

from datetime import date, timedelta
from typing import Any

import pytest

import small_town as town
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.http import District
from wangge.kernel.refusals import Forbidden, Invalid, NotFound
from wangge.people import acts, commands, lists, tags
from wangge.people.queries import households
from wangge.people.search import Asked
from wangge.people.tags.noting import ILLNESS

As = Any
ONE = town.resident_id(2)


@pytest.fixture
def vault(district: District) -> Vault:
    return district.vault


async def needs(tx: Tx) -> list[tags.Need]:
    person = await households.person(tx, tx.reach(acts.RESIDENT_READ), ONE)
    return await tags.of_person(tx, person)


async def test_a_need_is_noted_with_its_basis_and_its_end(
    tx: Tx, vault: Vault, as_: As
) -> None:
    tx.actor = as_("grid_worker")
    with pytest.raises(tags.NeedsConsent):
        await tags.note(tx, vault, ONE, "meal")
    await tags.note(tx, vault, ONE, "meal", consent="written")
    need = (await needs(tx))[0]
    assert (need.kind, need.basis, need.consent) == ("meal", "consent", "written")
    assert need.until_date == town.NOON.date() + timedelta(days=180)
    assert need.noted_by == tx.actor.id
    found, _ = await lists.people(tx, vault, Asked(tag="meal"), limit=5)
    assert [row.id for row in found] == [ONE]


async def test_a_need_noted_again_is_the_same_need_for_longer(
    tx: Tx, vault: Vault, as_: As
) -> None:
    tx.actor = as_("grid_worker")
    await tags.note(tx, vault, ONE, "meal", consent="spoken")
    tx.now += timedelta(days=100)
    await tags.note(tx, vault, ONE, "meal", consent="guardian")
    assert [(n.kind, n.consent, n.until_date) for n in await needs(tx)] == [
        ("meal", "guardian", town.NOON.date() + timedelta(days=280))
    ]


async def test_consent_is_withdrawn_as_easily_as_given(tx: Tx, vault: Vault, as_: As) -> None:
    tx.actor = as_("grid_worker")
    await tags.note(tx, vault, ONE, "meal", consent="spoken")
    await tags.end(tx, vault, (await needs(tx))[0].id, "withdrawn")
    assert (await needs(tx))[0].ended_why == "withdrawn"
    found, _ = await lists.people(tx, vault, Asked(tag="meal"), limit=5)
    assert found == []
    with pytest.raises(NotFound):
        await tags.end(tx, vault, (await needs(tx))[0].id, "withdrawn")
    with pytest.raises(Invalid):
        await tags.end(tx, vault, (await needs(tx))[0].id, "expired")


async def test_needs_run_out_at_night_and_are_found_no_more(
    tx: Tx, vault: Vault, as_: As
) -> None:
    worker, system = as_("grid_worker"), tx.actor
    tx.actor = worker
    until = town.NOON.date() + timedelta(days=3)
    await tags.note(tx, vault, ONE, "meal", consent="spoken", until=until)
    tx.actor, tx.now = system, tx.now + timedelta(days=3)
    assert await tags.expire(tx, vault) == 0
    tx.now += timedelta(days=1)
    assert await tags.expire(tx, vault) == 1
    tx.actor = worker
    assert (await needs(tx))[0].ended_why == "expired"
    found, _ = await lists.people(tx, vault, Asked(tag="meal"), limit=5)
    assert found == []
    rows = await tx.many(str, "select tags::text from people_resident where id = :id", id=ONE)
    assert rows == ["{}"]


async def test_what_runs_out_soon_is_listed_page_by_page(tx: Tx, vault: Vault, as_: As) -> None:
    tx.actor = as_("grid_worker")
    for n, code in enumerate(("meal", "no_phone", "interpreter"), 1):
        until = town.NOON.date() + timedelta(days=n)
        await tags.note(tx, vault, ONE, code, consent="spoken", until=until)
    soon = town.NOON.date() + timedelta(days=10)
    after, seen = (date.min, town.town_id("nothing")), list[str]()
    while True:
        rows = await tags.running_out(tx, "", soon, after, 1)
        if not rows:
            break
        seen.append(rows[0].kind)
        after = (rows[0].until_date, rows[0].id)
    assert seen == ["meal", "no_phone", "interpreter"]
    tx.actor = as_("grid_worker_2")
    assert await tags.running_out(tx, "", soon, (date.min, town.town_id("nothing")), 9) == []


@pytest.mark.parametrize(
    ("who", "code", "allowed"),
    [
        ("doctor", "medicine", True),
        ("doctor", "meal", False),
        ("social_worker", "child_alone", True),
        ("social_worker", "medical_lane", False),
        ("volunteer", "meal", False),
        ("part_time_worker", "meal", False),
        ("system_admin", "meal", False),
    ],
)
async def test_who_may_note_which_need(
    tx: Tx, vault: Vault, as_: As, who: str, code: str, allowed: bool
) -> None:
    tx.actor = as_(who)
    if allowed:
        await tags.note(tx, vault, ONE, code, consent="spoken")
        assert code in {need.kind for need in await needs(tx)}
    else:
        with pytest.raises((Forbidden, NotFound)):
            await tags.note(tx, vault, ONE, code, consent="spoken")


async def test_a_kind_says_why_on_what_basis_for_how_long_and_for_whom(tx: Tx, as_: As) -> None:
    tx.actor = as_("district_officer")
    good = {
        "code": "pet_care",
        "name": "需照看宠物",
        "purpose": "隔离期间有人喂养",
        "basis": "consent",
        "days": 60,
        "roles": ["grid_worker", "volunteer"],
    }
    made = await tags.set_kind(tx, **good)  # type: ignore[arg-type]
    assert (made.days, made.roles) == (60, ("grid_worker", "volunteer"))
    for wrong in (
        {"name": "糖尿病"},
        {"name": "精神残疾"},
        {"purpose": "有用"},
        {"basis": "because"},
        {"days": 0},
        {"roles": []},
        {"roles": ["system_admin"]},
    ):
        with pytest.raises(Invalid):
            await tags.set_kind(tx, **{**good, **wrong})  # type: ignore[arg-type]
    tx.actor = as_("community_officer")
    with pytest.raises(Forbidden):
        await tags.set_kind(tx, **good)  # type: ignore[arg-type]


async def test_a_retired_kind_is_not_noted_any_more(tx: Tx, vault: Vault, as_: As) -> None:
    known = (await tags.kinds(tx))["meal"]
    tx.actor = as_("district_officer")
    await tags.set_kind(
        tx,
        known.code,
        known.name,
        known.purpose,
        known.basis,
        known.days,
        known.roles,
        retired=True,
    )
    tx.actor = as_("grid_worker")
    with pytest.raises(Invalid):
        await tags.note(tx, vault, ONE, "meal", consent="spoken")
    with pytest.raises(Invalid):
        await commands.register_household(
            tx, vault, town.dwelling_id("1-1-1-401"), [commands.Draft("甲", tags=("meal",))]
        )


async def test_no_kind_names_an_illness(tx: Tx) -> None:
    for kind in (await tags.kinds(tx)).values():
        assert not any(word in kind.name for word in ILLNESS), kind.name
        assert "admin" not in " ".join(kind.roles)
