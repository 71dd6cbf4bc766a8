"""A response's life: declared by one, approved by another, ended by the clock at the latest."""

import dataclasses
from collections.abc import Callable
from datetime import timedelta

import asyncpg
import pytest
from declaring import a_live_one, declaration

from small_town import COUNTY, GRID_1, HUAIYIN, MICRO_1A, NOON, OTHER_STREET, STREET, XINGHUA
from town_fixtures import RoomClient
from wangge.kernel.actors import Actor
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Forbidden, Invalid, NotFound
from wangge.responses import RESPONSES, State, approve, declare, end, queries, renew
from wangge.responses.commands import end_expired
from wangge.responses.model import (
    AlreadyApproved,
    NotYetApproved,
    ResponseOver,
    SecondPersonNeeded,
)

As = Callable[[str], Actor]


def kinds(tx: Tx) -> list[str]:
    """The facts said in this transaction so far."""
    return [fact.kind for fact, _ in tx._facts]  # pyright: ignore[reportPrivateUsage]


async def test_one_person_alone_declares_nothing(tx: Tx, as_: As) -> None:
    tx.actor = as_("district_officer")
    made = await declare(tx, declaration())
    assert made.state(tx.now) is State.WAITING
    assert (await RESPONSES.get(tx)).mode(GRID_1, tx.now) == "peace"
    with pytest.raises(SecondPersonNeeded):
        await approve(tx, made.id)


async def test_the_database_too_wants_a_second_person(tx: Tx, as_: As) -> None:
    tx.actor = as_("district_officer")
    made = await declare(tx, declaration())
    await tx.run("savepoint before")
    with pytest.raises(asyncpg.CheckViolationError, match="second_person"):
        await queries.approve(tx, made.id, tx.actor.id)
    await tx.run("rollback to savepoint before")


async def test_approved_it_is_live_from_its_start_until_its_end(tx: Tx, as_: As) -> None:
    made = await a_live_one(
        tx,
        as_("street_officer"),
        as_("district_officer"),
        starts_at=NOON + timedelta(hours=1),
        ends_at=NOON + timedelta(days=2),
    )
    live = await RESPONSES.get(tx)
    assert made.state(NOON) is State.COMING
    assert live.live(GRID_1, NOON) is None
    assert live.live(GRID_1, NOON + timedelta(hours=1)) is not None
    assert live.mode(MICRO_1A, NOON + timedelta(hours=1)) == "war"
    assert live.mode(GRID_1, NOON + timedelta(days=2)) == "peace"
    assert live.mode(HUAIYIN, NOON + timedelta(hours=1)) == "peace"
    assert kinds(tx) == ["responses.ResponseDeclared", "responses.ResponseApproved"]


async def test_the_gravest_response_around_a_place_counts(tx: Tx, as_: As) -> None:
    two, one = as_("street_officer"), as_("district_officer")
    await a_live_one(tx, two, one, level=4, area_code=XINGHUA)
    grave = await a_live_one(tx, two, one, level=1)
    found = (await RESPONSES.get(tx)).live(GRID_1, tx.now)
    assert found is not None
    assert found.id == grave.id
    touching = (await RESPONSES.get(tx)).touching([GRID_1], tx.now)
    assert [r.level for r in touching] == [1, 4]


async def test_a_community_officer_may_neither_declare_nor_approve(tx: Tx, as_: As) -> None:
    tx.actor = as_("street_officer")
    made = await declare(tx, declaration())
    tx.actor = as_("community_officer")
    with pytest.raises(Forbidden):
        await declare(tx, declaration(area_code=XINGHUA))
    with pytest.raises(Forbidden):
        await approve(tx, made.id)
    with pytest.raises(Forbidden):
        await end(tx, made.id)


async def test_out_of_reach_might_as_well_not_exist(tx: Tx, as_: As) -> None:
    tx.actor = as_("street_officer")
    made = await declare(tx, declaration())
    with pytest.raises(NotFound):
        await declare(tx, declaration(area_code=OTHER_STREET))
    with pytest.raises(NotFound):
        await declare(tx, declaration(area_code="990001009"))
    tx.actor = as_("other_street_officer")
    for step in (approve(tx, made.id), end(tx, made.id), renew(tx, made.id, NOON)):
        with pytest.raises(NotFound):
            await step
    assert await queries.listed(tx, before=None, before_id=None, limit=10) == []


async def test_a_grid_worker_sees_the_street_s_response(tx: Tx, as_: As) -> None:
    made = await a_live_one(tx, as_("street_officer"), as_("district_officer"))
    tx.actor = as_("grid_worker")
    found = await queries.listed(tx, before=None, before_id=None, limit=10)
    assert [r.id for r in found] == [made.id]


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"matter": " "}, "matter"),
        ({"measures": ""}, "measures"),
        ({"legal_basis": ""}, "legal_basis"),
        ({"document_number": ""}, "document_number"),
        ({"purpose": ""}, "purpose"),
        ({"level": 5}, "level"),
        ({"data_items": ["face"]}, "data_items"),
        ({"ends_at": NOON + timedelta(days=30, minutes=1)}, "ends_at"),
        ({"ends_at": NOON}, "ends_at"),
        (
            {"starts_at": NOON + timedelta(days=31), "ends_at": NOON + timedelta(days=32)},
            "starts_at",
        ),
    ],
)
async def test_what_the_law_asks_must_be_said(
    tx: Tx, as_: As, other: dict[str, object], field: str
) -> None:
    tx.actor = as_("street_officer")
    with pytest.raises(Invalid) as refused:
        await declare(tx, declaration(**other))
    assert field in [problem.field for problem in refused.value.problems]


async def test_the_clock_ends_what_nobody_renewed(tx: Tx, as_: As) -> None:
    system = tx.actor
    made = await a_live_one(tx, as_("street_officer"), as_("district_officer"))
    tx.actor = system
    tx.now = made.ends_at - timedelta(seconds=1)
    assert await end_expired(tx) == 0
    tx.now = made.ends_at + timedelta(minutes=3)
    assert (await RESPONSES.get(tx)).mode(GRID_1, tx.now) == "peace", "before any tick"
    assert await end_expired(tx) == 1
    assert await end_expired(tx) == 0
    over = await queries.lock(tx, made.id)
    assert over.ended_at == made.ends_at
    assert (await RESPONSES.get(tx)).all == ()
    assert kinds(tx)[-1] == "responses.ResponseEnded"


async def test_a_second_person_may_renew_it_for_thirty_days_from_now(tx: Tx, as_: As) -> None:
    made = await a_live_one(tx, as_("street_officer"), as_("district_officer"))
    tx.actor = as_("district_officer")
    tx.now = NOON + timedelta(days=9)
    with pytest.raises(Invalid):
        await renew(tx, made.id, tx.now + timedelta(days=30, minutes=1))
    with pytest.raises(Invalid):
        await renew(tx, made.id, made.ends_at)
    renewed = await renew(tx, made.id, tx.now + timedelta(days=30))
    assert (await RESPONSES.get(tx)).mode(GRID_1, made.ends_at) == "war"
    tx.now = renewed.ends_at
    with pytest.raises(ResponseOver):
        await renew(tx, made.id, tx.now + timedelta(days=1))


async def test_who_declared_it_cannot_renew_it(tx: Tx, as_: As) -> None:
    declarer = as_("district_officer")
    other = dataclasses.replace(declarer, id=as_("street_officer").id)
    made = await a_live_one(tx, declarer, other)
    tx.actor = declarer
    with pytest.raises(SecondPersonNeeded):
        await renew(tx, made.id, NOON + timedelta(days=20))
    tx.actor = other
    with pytest.raises(AlreadyApproved):
        await approve(tx, made.id)


async def test_what_is_not_approved_is_not_renewed_but_may_be_taken_back(
    tx: Tx, as_: As
) -> None:
    tx.actor = as_("street_officer")
    made = await declare(tx, declaration())
    tx.actor = as_("district_officer")
    with pytest.raises(NotYetApproved):
        await renew(tx, made.id, NOON + timedelta(days=20))
    tx.actor = as_("street_officer")
    await end(tx, made.id)
    tx.actor = as_("district_officer")
    with pytest.raises(ResponseOver):
        await approve(tx, made.id)


async def test_ended_early_is_ended_at_once(tx: Tx, as_: As) -> None:
    made = await a_live_one(tx, as_("street_officer"), as_("district_officer"))
    tx.actor = as_("street_officer")
    with pytest.raises(Forbidden):
        await end(tx, made.id)
    tx.actor = as_("district_officer")
    await end(tx, made.id)
    assert (await RESPONSES.get(tx)).mode(GRID_1, tx.now) == "peace"


async def test_over_http_from_the_form_to_the_badge(app_client: RoomClient) -> None:
    street, county = await app_client("street_officer"), await app_client("district_officer")
    worker = await app_client("grid_worker")
    shown = await street.get("/responses")
    assert shown.status_code == 200
    assert "第七十二条" in shown.text
    form = {
        "deed": shown.text.split('name="deed" value="')[1].split('"')[0],
        "matter": "强降雨",
        "level": "2",
        "area_code": STREET,
        "starts_at": "2020-01-01T00:00",
        "ends_at": "2020-01-10T00:00",
        "purpose": "安全",
        "legal_basis": "第七十二条",
        "measures": "转移",
        "document_number": "1号",
        "data_items": "needs",
    }
    wrong = await street.post("/responses", data=form)
    assert wrong.status_code == 422
    assert "强降雨" in wrong.text, "what was typed is still there"
    mode = (await worker.get("/api/v1/mode")).json()
    assert mode == {"mode": "peace", "responses": []}
    assert "平时" in (await worker.get("/responses/badge")).text

    from datetime import datetime

    from wangge.kernel.moments import ZONE

    now = datetime.now(ZONE)
    form["starts_at"] = f"{now - timedelta(minutes=2):%Y-%m-%dT%H:%M}"
    form["ends_at"] = f"{now + timedelta(days=3):%Y-%m-%dT%H:%M}"
    for _ in range(2):
        assert (await street.post("/responses", data=form)).status_code == 303
    listed = (await county.get("/api/v1/responses")).json()["items"]
    assert len(listed) == 1, "a double click declares once"
    id_ = listed[0]["id"]
    assert (await street.post(f"/api/v1/responses/{id_}/approval")).status_code == 403
    assert (await worker.post(f"/api/v1/responses/{id_}/approval")).status_code == 403
    approved = await county.post(f"/api/v1/responses/{id_}/approval")
    assert approved.status_code == 200, approved.text
    assert (await worker.get("/api/v1/mode")).json()["mode"] == "war"
    assert "战时" in (await worker.get("/responses/badge")).text
    assert COUNTY not in (await worker.get("/responses")).text
    assert (await county.post(f"/api/v1/responses/{id_}/end")).status_code == 200
    assert (await worker.get("/api/v1/mode")).json()["mode"] == "peace"
