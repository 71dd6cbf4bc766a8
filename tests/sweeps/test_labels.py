"""Labels of tubes: codes that are checked, numbers that are printed once, and nobody's name."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from declaring import a_live_one
from sweeping import opened
from test_testing import filled, testing

from small_town import GRID_1, NOON, household_id, resident_id
from wangge.kernel.actors import Actor
from wangge.kernel.database import Tx
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid, NotFound
from wangge.sweeps import close_round
from wangge.sweeps.commands.testing import LABELS_MAX, print_labels
from wangge.sweeps.labels import code, misread, stem
from wangge.sweeps.model import RoundOver

As = Callable[[str], Actor]
Client = Callable[..., Any]

ROUND = UUID("0198f000-0000-7000-8000-000012345678")


def test_a_code_is_the_one_that_phones_read() -> None:
    """The same as in tests/js/tubes.test.mjs."""
    assert code(ROUND, 127) == "URKV-00127R"
    assert not misread(ROUND, "URKV-00127R")


@pytest.mark.parametrize("number", [1, 127, 48_130, 99_999])
def test_a_slip_in_a_code_is_seen(number: int) -> None:
    right = code(ROUND, number)
    assert not misread(ROUND, right)
    digits = range(len(stem(ROUND)) + 1, len(right) - 1)
    for at in digits:
        for digit in "0123456789":
            wrong = right[:at] + digit + right[at + 1 :]
            assert misread(ROUND, wrong) == (wrong != right)
    for at in list(digits)[:-1]:
        swapped = right[:at] + right[at + 1] + right[at] + right[at + 2 :]
        assert misread(ROUND, swapped) == (swapped != right)


def test_a_laboratory_s_own_code_is_taken_as_it_is() -> None:
    assert not misread(ROUND, "LAB-2026-0318")
    assert not misread(ROUND, "WXYZ-00127A")


async def test_no_number_comes_out_of_two_printings(tx: Tx, as_: As) -> None:
    round_ = await testing(tx, as_)
    tx.actor = as_("community_officer")
    one = await print_labels(tx, round_.id, "ten", 30)
    two = await print_labels(tx, round_.id, "single", LABELS_MAX)
    assert (one.first, one.last, one.count) == (1, 30, 30)
    assert (two.first, two.last) == (31, 30 + LABELS_MAX)
    for count in (0, LABELS_MAX + 1):
        with pytest.raises(Invalid):
            await print_labels(tx, round_.id, "ten", count)
    tx.actor = as_("part_time_worker")
    with pytest.raises(NotFound):  # only who deals prints
        await print_labels(tx, round_.id, "ten", 1)
    tx.actor = as_("street_officer")
    await close_round(tx, round_.id)
    with pytest.raises(RoundOver):
        await print_labels(tx, round_.id, "ten", 1)


async def test_a_round_that_takes_no_samples_has_no_labels(tx: Tx) -> None:
    round_ = await opened(tx)
    with pytest.raises(Invalid):
        await print_labels(tx, round_.id, "ten", 1)


async def test_a_code_copied_wrongly_is_refused_before_anybody_is_in_the_tube(
    tx: Tx, as_: As
) -> None:
    round_ = await testing(tx, as_)
    right = code(round_.id, 7)
    wrong = right[:-2] + str((int(right[-2]) + 1) % 10) + right[-1]
    tx.actor = as_("part_time_worker")
    with pytest.raises(Invalid):
        await filled(tx, round_, {resident_id(1): household_id(1)}, code=wrong)
    assert (
        await filled(tx, round_, {resident_id(1): household_id(1)}, code=right)
    ).samples == 1


async def test_labels_are_printed_at_the_desk_without_a_name(
    app_client: Client, own_installation: Any, as_: As
) -> None:
    from dataclasses import replace

    from wangge.kernel.actors import system_actor

    database = own_installation.districts["town"].database
    officers = [
        replace(as_(name), district=database.schema)
        for name in ("street_officer", "district_officer")
    ]
    async with database.tx(system_actor(database.schema)) as tx:
        await a_live_one(tx, *officers, starts_at=tx.now, ends_at=tx.now + timedelta(days=1))
        tx.actor = system_actor(database.schema)
        round_ = await opened(tx, kind="testing", areas=[GRID_1])
        name = await tx.one(
            str, "select name_mask from people_resident where id = :id", id=resident_id(1)
        )
    officer: httpx.AsyncClient = await app_client("community_officer")
    path = f"/sweeps/{round_.id}/labels"
    shown = await officer.get(path)
    assert shown.status_code == 200
    sent = await officer.post(path, data={"mode": "ten", "count": "25", "paper": "a4"})
    assert (sent.status_code, sent.headers["location"]) == (303, f"{path}/1?paper=a4")
    sheet = (await officer.get(f"{path}/1?paper=a4")).text
    assert sheet.count('class="label"') == 25
    assert sheet.count("<svg") >= 25
    assert code(round_.id, 25) in sheet
    assert "装 10 人" in sheet
    assert code(round_.id, 1) in (await officer.get(path)).text  # to be printed again
    refused = await officer.post(path, data={"mode": "ten", "count": "9999"})
    assert refused.status_code == 422
    odd = await officer.post(path, data={"mode": "ten", "count": "²"})
    assert odd.status_code == 422
    assert 'value="9999"' in refused.text, "what was typed is still there"
    assert (await officer.get(f"{path}/2")).status_code == 404
    raw = {
        "round": str(round_.id),
        "tube": str(new_id(NOON)),
        "code": code(round_.id, 3),
        "mode": "ten",
        "people": [{"door": str(household_id(1)), "person": str(resident_id(1))}],
    }
    worker: httpx.AsyncClient = await app_client("part_time_worker")
    assert (await worker.post("/api/v1/sweeps/tubes", json=raw)).status_code == 201
    of_tube = await officer.get(f"{path}/tubes?tube={raw['tube']}&paper=roll")
    assert code(round_.id, 3) in of_tube.text
    assert "1 人" in of_tube.text
    for page in (sheet, of_tube.text):
        assert name not in page
    stranger: httpx.AsyncClient = await app_client("community_officer_2")
    assert (await stranger.get(path)).status_code == 404
    assert (await stranger.get(f"{path}/1")).status_code == 404
