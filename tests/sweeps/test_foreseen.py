"""Before a round is opened: can the people who are there walk it in its time, and who takes what; accepted
together with the opening."""

import asyncio
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sweeping import opened
from test_splitting import owners

from small_town import GRID_2, PEOPLE, XINGHUA
from wangge.kernel.database import Tx, counting
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid, NotFound
from wangge.people.commands.teams import form_team
from wangge.people.model import Member
from wangge.solvers import Sentence
from wangge.sweeps import open_round
from wangge.sweeps.commands.opening import Opening
from wangge.sweeps.commands.splitting import Floors
from wangge.sweeps.counting import told
from wangge.sweeps.foreseen import Foreseen, Superseded, ahead, foresee
from wangge.sweeps.ground import question
from wangge.sweeps.model import Kind, Round
from wangge.sweeps.splitting import Proposal, proposed

As = Any


def opening(**other: Any) -> Opening:
    raw = {"kind": "check", "areas": [XINGHUA], "minutes": 20, **other}
    return msgspec.convert(msgspec.to_builtins(raw), Opening)


async def foreseen(tx: Tx, **other: Any) -> Foreseen:
    return await foresee(await ahead(tx, opening(**other)), tx.actor.id)


async def proposal(tx: Tx, **other: Any) -> Proposal:
    made = (await foreseen(tx, **other)).proposal
    assert made is not None
    return made


def floors_of(made: Proposal) -> list[Floors]:
    return [
        Floors(piece.block_id, one.worker_id, piece.floor_from, piece.floor_to)
        for one in made.portions
        for piece in one.pieces
    ]


async def accepted(tx: Tx, floors: list[Floors], **other: Any) -> Round:
    return await open_round(tx, opening(**other), floors=floors)


async def test_what_is_foreseen_is_what_the_open_round_proposes(tx: Tx, as_: As) -> None:
    tx.actor = as_("community_officer")
    before = await proposal(tx)
    round_ = await opened(tx, minutes=20)
    after = proposed(await question(tx, round_, XINGHUA))
    assert before.doors == after.doors == 32
    assert (before.need, before.have, before.now_longest) == (
        after.need,
        after.have,
        after.now_longest,
    )
    assert [str(one) for one in before.sentences[:2]] == [
        str(one) for one in after.sentences[:2]
    ]


async def test_a_gap_is_said_in_people_before_anything_is_opened(tx: Tx, as_: As) -> None:
    tx.actor = as_("community_officer")
    made = await proposal(tx, minutes=5)
    assert made.need is not None
    words = str(made.sentences[0])
    assert f"{made.have} 人" in words
    assert f"{made.need} 人" in words
    assert await tx.one(int, "select count(*)::int from sweeps_round") == 0


async def test_accepted_with_the_opening_the_round_is_dealt_like_it(tx: Tx, as_: As) -> None:
    tx.actor = as_("community_officer")
    made = await proposal(tx)
    round_ = await accepted(tx, floors_of(made))
    held = await owners(tx, round_)
    assert {len(workers) for workers in held.values()} == {1}
    counts = {one.worker_id: one.doors for one in made.portions}
    for worker, doors in counts.items():
        assert sum(worker in workers for workers in held.values()) == doors


async def test_blocks_that_the_proposal_does_not_name_go_to_whoever_is_nearest(
    tx: Tx, as_: As
) -> None:
    tx.actor = as_("community_officer")
    floors = floors_of(await proposal(tx, areas=[GRID_2]))
    held = await owners(tx, await accepted(tx, floors))
    assert {len(workers) for workers in held.values()} == {1}
    assert len(held) == 32


async def test_a_proposal_for_another_scope_is_refused(tx: Tx, as_: As) -> None:
    tx.actor = as_("community_officer")
    floors = floors_of(await proposal(tx))
    with pytest.raises(Invalid, match="not what the proposal"):
        await accepted(tx, floors, areas=[GRID_2])
    strange = Floors(floors[0].block, new_id(tx.now), 1, 1)
    with pytest.raises(NotFound):
        await accepted(tx, [strange])
    doubled = Floors(floors[0].block, PEOPLE["volunteer"].id, 1, 6)
    with pytest.raises(Invalid):
        await accepted(tx, [*floors, doubled])


async def test_foreseeing_takes_six_statements_whatever_the_number(tx: Tx, as_: As) -> None:
    tx.actor = as_("community_officer")
    await ahead(tx, opening())
    with counting() as few:
        await ahead(tx, opening(areas=[GRID_2]))
    with counting() as many:
        await ahead(tx, opening())
    assert few.total == many.total == 6


async def test_a_team_is_asked_alone(tx: Tx, as_: As) -> None:
    tx.actor = as_("community_officer")
    member = PEOPLE["grid_worker"].id
    team: UUID = (await form_team(tx, "sweep", XINGHUA, [Member(member, "组长")])).team.id
    made = await proposal(tx, teams=[team])
    assert made.have == 1
    assert {one.worker_id for one in made.portions} == {member}


async def test_a_larger_scope_is_told_community_by_community(tx: Tx, as_: As) -> None:
    tx.actor = as_("district_officer")
    told = await foreseen(tx, areas=[XINGHUA[:6]])
    assert told.proposal is None or told.proposal.doors == 32
    for part in told.parts:
        assert part.doors > 0
        assert part.sentences


async def test_who_asks_anew_ends_the_question_before(tx: Tx, as_: As) -> None:
    tx.actor = as_("community_officer")
    me, other = new_id(), new_id()
    asked = await ahead(tx, opening())
    first = asyncio.create_task(foresee(asked, me))
    elsewhere = asyncio.create_task(foresee(asked, other))
    await asyncio.sleep(0)
    second = asyncio.create_task(foresee(asked, me))
    with pytest.raises(Superseded):
        await first
    assert (await second).proposal is not None
    assert (await elsewhere).proposal is not None, "another person's goes on"


async def test_a_program_asks_before_it_opens(app_client: Any) -> None:
    desk = await app_client("community_officer")
    asked = {"kind": "check", "areas": [XINGHUA], "minutes": 20}
    answer = await desk.post("/api/v1/sweeps/foreseen", json=asked)
    assert answer.status_code == 200, answer.text
    division = answer.json()["division"]
    assert division["doors"] > 0
    assert division["floors"]
    assert str(division["doors"]) in division["says"][0]
    opened_ = await desk.post(
        "/api/v1/sweeps",
        json={**asked, "floors": division["floors"]},
        headers={"Idempotency-Key": str(new_id())},
    )
    assert opened_.status_code == 201, opened_.text
    days = await desk.post(
        "/api/v1/sweeps",
        json={**asked, "minutes": 10_080},
        headers={"Idempotency-Key": str(new_id())},
    )
    for made, left in ((opened_, ">剩余分钟<"), (days, ">剩余天数<")):
        assert left in (await desk.get(f"/sweeps/{made.json()['id']}")).text


def test_sentences_count_in_what_a_round_goes_to() -> None:
    stops = Kind(
        "fire", "看看", "thing", (), 60, *(False, False, (), (), (), ()), things=("shop",)
    )
    text = "{minutes} 分钟内,{have} 人走不完 {works} 户,{need} 人可以。"
    said = [Sentence(text, {"minutes": "20", "have": 1, "works": 40, "need": 3})]
    assert told(stops, "zh", said) == ["20 分钟内,1 人走不完 40 家,3 人可以。"]
    assert told(stops, "en", said) == ["In 20 minutes 1 person cannot walk 40 stops; 3 can."]
    assert told(stops, "zh", [Sentence("没有还没走的门。", {})]) == ["都走过了。"]
