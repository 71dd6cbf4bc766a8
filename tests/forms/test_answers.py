"""Answers to a district's own questions are kept, found in reports, undone, and not asked again."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import httpx
import pytest

import small_town as town
from wangge.forms import asked_before, dictionary
from wangge.forms.answers import answer
from wangge.forms.entries import OwnField, add_field
from wangge.kernel.actors import Actor
from wangge.kernel.crypto import vault_of
from wangge.kernel.database import Tx
from wangge.kernel.http import Installation
from wangge.kernel.moments import local_date, new_id
from wangge.kernel.refusals import Forbidden, Invalid, NotFound
from wangge.people.changes import undo_batch
from wangge.people.commands.own import own_values
from wangge.reports.asking import question
from wangge.reports.making import make
from wangge.reports.model import Col, Rows, Spec
from wangge.reports.queries import Report
from wangge.web.rooms import import_rooms

import_rooms()
As = Callable[[str], Actor]
RoomClient = Callable[..., Awaitable[httpx.AsyncClient]]
HOMES, PEOPLE = town.homes()
MINE = next(h for h in HOMES if h.area_code == town.MICRO_1A)
THEIRS = next(h for h in HOMES if h.area_code == town.MICRO_2A)
SOMEBODY = next(p for p in PEOPLE if p.household_id == MINE.id)
BIKE = OwnField(
    subject="household",
    name="电动自行车",
    meaning="家里有没有电动自行车",
    kind="bool",
    purpose="消防检查和充电桩规划",
    basis="statutory_duty",
    retention="people.residents",
    sensitivity=3,
    fresh_days=365,
)
HELP = replace(BIKE, subject="resident", name="需要代跑腿", meaning="要不要人代跑腿", also=())


async def own(tx: Tx, as_: As) -> tuple[str, str]:
    """A question for the home and one for each person."""
    tx.actor = as_("data_protection")
    home, person = await add_field(tx, BIKE), await add_field(tx, HELP)
    tx.actor = as_("grid_worker")
    return home.spec.key, person.spec.key


async def test_an_answer_is_kept_and_need_not_be_asked_again(tx: Tx, as_: As) -> None:
    key, _ = await own(tx, as_)
    await answer(tx, MINE.id, None, {key: "有"})
    kept = await own_values(tx, MINE.id, [])
    assert kept[MINE.id] == {key.split(".")[1]: "1"}
    before = await asked_before(tx, MINE.id, key)
    assert before is not None
    assert (before.way, before.result) == ("visit", "answered")
    confirmed = await tx.one(
        str,
        "select confirmed ->> :own from people_household where id = :id",
        own=key.split(".")[1],
        id=MINE.id,
    )
    assert confirmed == local_date(tx.now).isoformat()
    await answer(tx, MINE.id, None, {key: ""})
    assert (await own_values(tx, MINE.id, []))[MINE.id] == {}


async def test_an_answer_is_taken_back_like_any_other_change(tx: Tx, as_: As) -> None:
    key, each = await own(tx, as_)
    await answer(tx, MINE.id, None, {key: "是"})
    batch = await answer(tx, MINE.id, SOMEBODY.id, {each: "否"})
    told = await own_values(tx, MINE.id, [SOMEBODY.id])
    assert told[SOMEBODY.id] == {each.split(".")[1]: "0"}
    await undo_batch(tx, vault_of(tx.actor.district), batch)
    told = await own_values(tx, MINE.id, [SOMEBODY.id])
    assert told[SOMEBODY.id] == {}
    assert told[MINE.id] == {key.split(".")[1]: "1"}


async def test_what_does_not_fit_is_refused_by_the_fields_name(tx: Tx, as_: As) -> None:
    key, each = await own(tx, as_)
    for values, words in (
        ({key: "三辆"}, "wants yes or no"),
        ({each: "是"}, "is not asked of this"),
        ({"household.own_99": "是"}, "household.own_99"),
        ({"household.label": "甲"}, "household.label"),
        ({}, "Nothing to keep"),
    ):
        with pytest.raises(Invalid, match=words):
            await answer(tx, MINE.id, None, values)
    with pytest.raises(NotFound):
        await answer(tx, THEIRS.id, None, {key: "是"})
    tx.actor = as_("doctor")
    with pytest.raises(Forbidden):
        await answer(tx, MINE.id, None, {key: "是"})


async def test_a_report_shows_what_was_answered(tx: Tx, as_: As) -> None:
    key, _ = await own(tx, as_)
    await answer(tx, MINE.id, None, {key: "是"})
    tx.actor = as_("community_officer")
    known = await dictionary(tx)
    assert known.spec(key).name == BIKE.name
    spec = Spec(Rows.HOUSEHOLD, (Col("dwelling.address"), Col(key)))
    report = Report(
        id=new_id(tx.now),
        name="电动车",
        asker="消防",
        area_code=town.XINGHUA,
        spec={
            "rows": spec.rows.value,
            "columns": [{"key": c.key} for c in spec.columns],
        },
        personal=False,
        full_names=(),
        template_id=None,
        mapping=[],
        request_id=None,
        owner_id=tx.actor.id,
        every="never",
        rhythm={},
        at_minute=0,
        reason="",
        next_at=None,
        paused_at=None,
        made_at=tx.now,
        changed_at=tx.now,
        closed_at=None,
        version=1,
    )
    made = await make(
        tx, await question(tx, report), vault_of(tx.actor.district), keep_lines=True
    )
    made.filler.abandon()
    assert [line[1] for line in made.texts()].count("是") == 1


async def test_the_page_takes_answers_and_keeps_what_was_typed(
    app_client: RoomClient, own_installation: Installation, as_: As
) -> None:
    async with own_installation.districts["town"].database.tx(as_("data_protection")) as tx:
        key = (await add_field(tx, BIKE)).spec.key
    worker = await app_client("grid_worker")
    path = f"/forms/households/{MINE.id}"
    assert "电动自行车" in (await worker.get(path)).text
    wrong = await worker.post(f"{path}/answers", data={"deed": str(new_id()), key: "五"})
    assert wrong.status_code == 422
    assert "应填是或否" in wrong.text
    done = await worker.post(f"{path}/answers", data={"deed": str(new_id()), key: "1"})
    assert done.status_code == 303
    page = (await worker.get(path)).text
    assert '<option value="1" selected>' in page
