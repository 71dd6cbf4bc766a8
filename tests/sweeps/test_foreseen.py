"""Before a round is opened: can the people who are there walk it in its time, and who takes what; accepted
together with the opening."""

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
from wangge.sweeps import open_round
from wangge.sweeps.commands.opening import Opening
from wangge.sweeps.commands.splitting import Floors
from wangge.sweeps.foreseen import Foreseen, ahead, foresee
from wangge.sweeps.ground import question
from wangge.sweeps.model import Round
from wangge.sweeps.splitting import Proposal, proposed

As = Any


def opening(**other: Any) -> Opening:
    raw = {"kind": "check", "areas": [XINGHUA], "minutes": 20, **other}
    return msgspec.convert(msgspec.to_builtins(raw), Opening)


async def foreseen(tx: Tx, **other: Any) -> Foreseen:
    return await foresee(await ahead(tx, opening(**other)))


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
