"""Who takes which floors: proposed out of the round's own doors and people, accepted by a person."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sweeping import doors_of, opened, said, taken

from small_town import GRID_2, PEOPLE, XINGHUA
from wangge.kernel.database import Tx, counting
from wangge.kernel.refusals import Invalid, NotFound
from wangge.sweeps.commands.closing import begin_pass
from wangge.sweeps.commands.dealing import give, redeal
from wangge.sweeps.commands.splitting import Accept, DealingChanged, Floors, accept
from wangge.sweeps.ground import question
from wangge.sweeps.model import Round, RoundOver
from wangge.sweeps.queries import splitting as queries
from wangge.sweeps.splitting import Proposal, proposed, replaced

As = Any


def accepted(
    round_: Round, proposal: Proposal, gone: UUID | None = None, *, leave: int = 0
) -> Accept:
    """What the page sends."""
    floors = [
        Floors(piece.block_id, one.worker_id, piece.floor_from, piece.floor_to)
        for one in proposal.portions
        for piece in one.pieces
        if gone is None or piece.from_id == gone
    ]
    return Accept(round_.id, proposal.area_code, proposal.seen, floors[leave:], gone)


@dataclass(frozen=True, slots=True)
class Door:
    """A door and whose floors it lies on."""

    id: UUID
    workers: list[UUID] | None


async def propose(tx: Tx, round_: Round, area: str) -> Proposal:
    return proposed(await question(tx, round_, area))


async def without(tx: Tx, round_: Round, area: str, gone: UUID) -> Proposal:
    return replaced(await question(tx, round_, area), gone)


async def owners(tx: Tx, round_: Round) -> dict[UUID, set[UUID]]:
    """Whom every door belongs to."""
    rows = await tx.many(
        Door,
        """
        select d.id, array_agg(s.worker_id) filter (where s.worker_id is not null) as workers
          from sweeps_door d
          left join sweeps_share s on s.round_id = d.round_id and s.block_id = d.block_id
               and s.until_at is null and d.floor between s.floor_from and s.floor_to
         where d.round_id = :id group by d.id
        """,
        id=round_.id,
    )
    return {row.id: set(row.workers or ()) for row in rows}


async def test_the_office_reads_whether_the_clock_can_be_met_and_with_how_many(tx: Tx) -> None:
    round_ = await opened(tx, minutes=20)
    made = await propose(tx, round_, XINGHUA)
    told = [str(one) for one in made.sentences]
    assert "32 户" in told[0]
    assert "20 分钟内" in told[0]
    assert told[1].startswith(("不能再少", "一个人就够", "能证明的下限"))
    assert made.doors == 32
    assert made.longest <= made.now_longest
    assert sum(one.doors for one in made.portions) == 32


async def test_a_clock_that_is_too_short_says_how_many_it_takes(tx: Tx) -> None:
    round_ = await opened(tx, minutes=20)
    made = await propose(tx, round_, XINGHUA)
    short = await propose(tx, _at(round_, minutes=1.2), XINGHUA)
    assert short.need is None or (made.need is not None and short.need > made.need)


def _at(round_: Round, minutes: float) -> Round:
    return replace(round_, ends_at=round_.opened_at + timedelta(minutes=minutes))


async def test_accepted_every_door_has_one_person_and_what_was_dealt_before_is_kept(
    tx: Tx, as_: As
) -> None:
    round_ = await opened(tx, minutes=20)
    tx.actor = as_("community_officer")
    made = await propose(tx, round_, XINGHUA)
    told = await accept(tx, accepted(round_, made))
    assert told.doors == 32
    held = await owners(tx, round_)
    assert {len(workers) for workers in held.values()} == {1}
    ended = await tx.one(
        int, "select count(*)::int from sweeps_share where until_at is not null", n=0
    )
    assert ended > 0


async def test_nothing_is_missed_by_an_edited_proposal(tx: Tx, as_: As) -> None:
    round_ = await opened(tx, minutes=20)
    tx.actor = as_("community_officer")
    made = await propose(tx, round_, XINGHUA)
    with pytest.raises(Invalid, match="nobody has its"):
        await accept(tx, accepted(round_, made, leave=1))


async def test_a_proposal_is_old_once_somebody_dealt_anew(tx: Tx, as_: As) -> None:
    round_ = await opened(tx, minutes=20)
    tx.actor = as_("community_officer")
    made = await propose(tx, round_, XINGHUA)
    block = made.portions[0].pieces[0].block_id
    await give(tx, round_.id, block, PEOPLE["volunteer"].id)
    with pytest.raises(DealingChanged):
        await accept(tx, accepted(round_, made))


async def test_only_the_doors_of_whoever_drops_out_change_hands(tx: Tx, as_: As) -> None:
    round_ = await opened(tx, minutes=20)
    gone = PEOPLE["grid_worker_2"].id
    tx.actor = as_("community_officer")
    before = await owners(tx, round_)
    made = await without(tx, round_, XINGHUA, gone)
    assert made.moved == sum(1 for workers in before.values() if gone in workers)
    assert "别人的门一户不动" in str(made.sentences[0])
    await accept(tx, accepted(round_, made, gone))
    after = await owners(tx, round_)
    for door, workers in before.items():
        if gone not in workers:
            assert after[door] == workers
        else:
            assert gone not in after[door]
            assert after[door]


async def test_doors_that_are_done_are_not_walked_again(tx: Tx, as_: As) -> None:
    round_ = await opened(tx, minutes=20)
    doors = (await doors_of(tx, round_, GRID_2))[:5]
    await taken(tx, *(said(round_, door, as_("grid_worker_2")) for door in doors))
    assert (await propose(tx, round_, XINGHUA)).doors == 27


async def test_whoever_may_not_deal_there_cannot_accept(tx: Tx, as_: As) -> None:
    round_ = await opened(tx, minutes=20)
    made = await propose(tx, round_, XINGHUA)
    tx.actor = as_("grid_worker")
    with pytest.raises(NotFound):
        await accept(tx, accepted(round_, made))


async def test_a_closed_round_is_not_dealt(tx: Tx, as_: As) -> None:
    round_ = await opened(tx, minutes=20)
    made = await propose(tx, round_, XINGHUA)
    await tx.run(
        "update sweeps_round set closed_at = :now, closed_by = :me", now=tx.now, me=tx.actor.id
    )
    with pytest.raises(RoundOver):
        await accept(tx, accepted(round_, made))


async def test_a_proposal_takes_four_statements_whatever_the_number(tx: Tx) -> None:
    round_ = await opened(tx, minutes=20)
    await propose(tx, round_, GRID_2)
    with counting() as few:
        await propose(tx, round_, GRID_2)
    with counting() as many:
        await propose(tx, round_, XINGHUA)
    assert few.total == many.total == 4


async def test_parts_of_a_round_are_its_communities(tx: Tx) -> None:
    round_ = await opened(tx)
    (part,) = await queries.parts(tx, round_.id, XINGHUA, XINGHUA + ":")
    assert (part.area_code, part.doors) == (XINGHUA, 32)


async def test_the_neighbour_on_the_same_stairwell_takes_over(tx: Tx, as_: As) -> None:
    round_ = await opened(tx, minutes=20)
    tx.actor = as_("community_officer")
    one, other = PEOPLE["grid_worker_2"].id, PEOPLE["grid_head_2"].id
    held = await queries.held(tx, round_.id, XINGHUA, "doors")
    block = next(share.block_id for share in held if share.worker_id == one)
    await tx.run(
        "update sweeps_share set until_at = :now where block_id = :id", now=tx.now, id=block
    )
    low, high = await floors_of(tx, round_, block)
    await give(tx, round_.id, block, one, (low, low))
    await give(tx, round_.id, block, other, (low + 1, high))
    made = await without(tx, round_, XINGHUA, one)
    assert made.moved > 0
    await accept(tx, accepted(round_, made, one))
    assert all(
        one not in workers and workers for workers in (await owners(tx, round_)).values()
    )


async def floors_of(tx: Tx, round_: Round, block: UUID) -> tuple[int, int]:
    rows = await queries.blocks(tx, round_.id, XINGHUA, 100)
    return next((row.floor_from, row.floor_to) for row in rows if row.id == block)


@pytest.mark.parametrize("passes", [1, 2])
async def test_doors_where_nobody_was_met_keep_somebody(tx: Tx, as_: As, passes: int) -> None:
    round_ = await opened(tx, minutes=20)
    system, gone = tx.actor, PEOPLE["grid_worker_2"].id
    tx.actor = as_("community_officer")
    before = await owners(tx, round_)
    theirs = [door for door, workers in before.items() if gone in workers]
    tx.actor = system
    if passes == 2:
        round_ = await begin_pass(tx, round_.id, 30)
    empty = theirs[: len(theirs) - 1]
    await taken(tx, *(said(round_, d, as_("grid_worker_2"), "nobody") for d in empty))
    tx.actor = as_("community_officer")
    made = await without(tx, round_, XINGHUA, gone)
    assert made.moved == (1 if passes == 1 else len(theirs))
    await accept(tx, accepted(round_, made, gone))
    after = await owners(tx, round_)
    assert all(after[door] and gone not in after[door] for door in theirs)


async def test_the_one_action_leaves_no_door_to_nobody_either(tx: Tx, as_: As) -> None:
    round_ = await opened(tx, minutes=20)
    system, gone = tx.actor, PEOPLE["grid_worker_2"].id
    before = await owners(tx, round_)
    theirs = [door for door, workers in before.items() if gone in workers]
    await taken(tx, *(said(round_, d, as_("grid_worker_2"), "nobody") for d in theirs[:-1]))
    tx.actor = as_("community_officer")
    await redeal(tx, round_.id, gone)
    tx.actor = system
    after = await owners(tx, round_)
    assert all(after[door] and gone not in after[door] for door in theirs)


async def test_floors_that_a_stairwell_does_not_have_are_refused(tx: Tx, as_: As) -> None:
    round_ = await opened(tx, minutes=20)
    tx.actor = as_("community_officer")
    body = accepted(round_, await propose(tx, round_, XINGHUA))
    body.floors[0].floor_from = -20_000_000
    with pytest.raises(Invalid, match="no such floors"):
        await accept(tx, body)
