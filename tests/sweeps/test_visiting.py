"""Who of the home team goes to which doors: proposed, accepted, dealt again, and shown to them alone."""

from typing import Any
from uuid import UUID

import pytest
from sweeping import doors_of, opened, said, taken
from test_splitting import owners

from small_town import PEOPLE, XINGHUA
from wangge.kernel.actors import system_actor
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Invalid, NotFound
from wangge.people.commands.teams import form_team
from wangge.people.model import Member
from wangge.sweeps.acts import DEAL
from wangge.sweeps.commands.dealing import ToDeal, give, hand_out, redeal
from wangge.sweeps.commands.splitting import Accept, DealingChanged, Floors, accept
from wangge.sweeps.ground import Question, home_question
from wangge.sweeps.kinds import kind_as_opened
from wangge.sweeps.model import Round
from wangge.sweeps.queries import dealing, splitting
from wangge.sweeps.roster import mine, roster
from wangge.sweeps.splitting import Proposal, proposed, replaced

As = Any


async def with_special(tx: Tx, doors: int = 6) -> tuple[Round, list[UUID]]:
    """A round in which somebody behind some of the doors, all over it, cannot come out."""
    round_ = await opened(tx, minutes=60)
    found = (await doors_of(tx, round_, XINGHUA))[:: 32 // doors][:doors]
    await tx.run("update sweeps_door set special = '{}' where round_id = :id", id=round_.id)
    await tx.run(
        "update sweeps_door set special = array[id] where id = any(:ids::uuid[])", ids=found
    )
    return round_, found


async def asked(tx: Tx, round_: Round, team: UUID | None = None) -> Question:
    kind = await kind_as_opened(tx, round_.id)
    return await home_question(tx, round_, XINGHUA, kind, team, ())


def accepted(round_: Round, made: Proposal, gone: UUID | None = None) -> Accept:
    floors = [
        Floors(piece.block_id, one.worker_id, piece.floor_from, piece.floor_to)
        for one in made.portions
        for piece in one.pieces
    ]
    return Accept(round_.id, made.area_code, made.seen, floors, gone, "home")


async def going(tx: Tx, round_: Round) -> dict[UUID, set[UUID]]:
    """Who goes to which door."""
    found: dict[UUID, set[UUID]] = {}
    for row in await dealing.visited_doors(
        tx,
        system_actor(tx.actor.district).reach(DEAL, tx.now),
        round_.id,
        XINGHUA,
        XINGHUA + ":",
        999,
    ):
        found.setdefault(row.id, set()).add(row.worker_id)
    return found


async def two(tx: Tx) -> UUID:
    members = [
        Member(PEOPLE["volunteer"].id, "扫码登记"),
        Member(PEOPLE["part_time_worker"].id, "秩序维护"),
    ]
    return (await form_team(tx, "testing", XINGHUA, members)).team.id


async def test_the_home_team_is_dealt_door_by_door_and_those_who_knock_keep_theirs(
    tx: Tx, as_: As
) -> None:
    round_, doors = await with_special(tx)
    before = await owners(tx, round_)
    tx.actor = as_("community_officer")
    team = await two(tx)
    made = proposed(await asked(tx, round_, team))
    assert (made.team, made.doors) == ("home", len(doors))
    assert "个上门的人" in str(made.sentences[0])
    assert sum(len(piece.rooms) for one in made.portions for piece in one.pieces) == len(doors)
    await accept(tx, accepted(round_, made))
    found = await going(tx, round_)
    assert found.keys() == set(doors)
    assert all(len(workers) == 1 for workers in found.values())
    # Two go, since both were chosen.
    assert len({one for workers in found.values() for one in workers}) == 2
    await tx.run("update sweeps_share set until_at = now() where team = 'home'")
    assert await owners(tx, round_) == before


async def test_a_visit_that_was_asked_for_is_on_the_list_and_one_that_is_done_is_not(
    tx: Tx, as_: As
) -> None:
    round_, doors = await with_special(tx)
    head = as_("grid_head")
    others = [door for door in await doors_of(tx, round_, XINGHUA) if door not in doors]
    await taken(tx, said(round_, others[0], head, "visit"), said(round_, doors[0], head, "all"))
    tx.actor = as_("community_officer")
    rooms = (await asked(tx, round_)).ground.rooms
    left = {door.id for floor in rooms.values() for door in floor}
    assert left == {*doors[1:], others[0]}


async def test_accepted_twice_or_with_somebody_left_out_it_is_refused(tx: Tx, as_: As) -> None:
    round_, _ = await with_special(tx)
    tx.actor = as_("community_officer")
    body = accepted(round_, proposed(await asked(tx, round_)))
    cut = Accept(**{name: getattr(body, name) for name in body.__struct_fields__})
    cut.floors = body.floors[1:]
    with pytest.raises(Invalid):
        await accept(tx, cut)
    await accept(tx, body)
    with pytest.raises(DealingChanged):
        await accept(tx, body)


async def test_who_drops_out_of_the_home_team_is_replaced_and_keeps_no_visit(
    tx: Tx, as_: As
) -> None:
    round_, doors = await with_special(tx)
    tx.actor = as_("community_officer")
    team = await two(tx)
    await accept(tx, accepted(round_, proposed(await asked(tx, round_, team))))
    before = await going(tx, round_)
    gone = PEOPLE["volunteer"].id
    made = replaced(await asked(tx, round_), gone)
    assert made.moved == sum(gone in workers for workers in before.values()) > 0
    await accept(tx, accepted(round_, made, gone))
    after = await going(tx, round_)
    assert after.keys() == set(doors)
    assert all(gone not in workers for workers in after.values())
    for door, workers in before.items():
        if gone not in workers:
            assert after[door] == workers


async def test_the_one_action_hands_visits_over_too(tx: Tx, as_: As) -> None:
    round_, doors = await with_special(tx)
    tx.actor = as_("community_officer")
    team = await two(tx)
    await accept(tx, accepted(round_, proposed(await asked(tx, round_, team))))
    gone = PEOPLE["volunteer"].id
    await redeal(tx, round_.id, gone)
    after = await going(tx, round_)
    assert after.keys() == set(doors)
    assert {worker for workers in after.values() for worker in workers} == {
        PEOPLE["part_time_worker"].id
    }


async def test_their_phones_show_the_floors_they_go_to_and_say_what_for(
    tx: Tx, as_: As
) -> None:
    round_, doors = await with_special(tx)
    system = tx.actor
    tx.actor = as_("community_officer")
    await accept(tx, accepted(round_, proposed(await asked(tx, round_, await two(tx)))))
    tx.actor = system
    mine_to_go = {
        door
        for door, workers in (await going(tx, round_)).items()
        if PEOPLE["volunteer"].id in workers
    }
    tx.actor = as_("volunteer")
    (one,) = await mine(tx)
    at_home = [block for block in one.blocks if block.home]
    assert at_home
    assert all(block.floors is not None for block in at_home)
    found = await roster(tx, round_.id, [block.id for block in at_home], {})
    lit = {
        door.id
        for block in found.blocks
        for door in block.doors
        if block.home
        and any(low <= door.floor <= high for low, high in block.floors or ())
        and any(person.special for person in door.people)
    }
    assert lit <= set(doors)
    assert lit <= mine_to_go
    # Before the roster is opened too, their own doors are counted and nobody else's.
    theirs = {door.id for block in found.blocks for door in block.doors} & mine_to_go
    assert sum(block.total for block in at_home) == len(theirs)


async def test_whoever_knocks_still_has_the_whole_stairwell(tx: Tx, as_: As) -> None:
    round_, _ = await with_special(tx)
    system = tx.actor
    before = {share.id for share in await splitting.held(tx, round_.id, XINGHUA, "doors")}
    tx.actor = as_("grid_worker_2")
    (was,) = await mine(tx)
    tx.actor = as_("community_officer")
    await accept(tx, accepted(round_, proposed(await asked(tx, round_, await two(tx)))))
    tx.actor = as_("grid_worker_2")
    (now,) = await mine(tx)
    assert [(block.id, block.floors, block.home) for block in now.blocks] == [
        (block.id, block.floors, block.home) for block in was.blocks
    ]
    tx.actor = system
    assert {
        share.id for share in await splitting.held(tx, round_.id, XINGHUA, "doors")
    } == before


async def test_whoever_knocks_on_some_floors_and_visits_on_others_has_the_doors_of_each(
    tx: Tx, as_: As
) -> None:
    round_ = await opened(tx)
    (block,) = await tx.many(
        UUID,
        """
        select block_id from sweeps_door where round_id = :id
         group by 1 having count(distinct floor) > 2 order by count(*) desc, 1 limit 1
        """,
        id=round_.id,
    )
    place = await tx.one(str, "select area_code from sweeps_block where id = :id", id=block)
    floors = await tx.many(
        int, "select distinct floor from sweeps_door where block_id = :id order by 1", id=block
    )
    await tx.run("update sweeps_door set special = '{}' where round_id = :id", id=round_.id)
    low, high = floors[0], floors[-1]
    visited = await tx.one(
        UUID,
        """
        update sweeps_door set special = array[id] where id = (
            select id from sweeps_door where block_id = :block and floor = :high
             order by room limit 1) returning id
        """,
        block=block,
        high=high,
    )
    await tx.run("update sweeps_share set until_at = :now", now=tx.now)
    await give(tx, round_.id, block, PEOPLE["volunteer"].id, (low, low))
    await give(tx, round_.id, block, PEOPLE["part_time_worker"].id, (floors[1], high))
    visit = [(ToDeal(block, place, floors[1], high, 1), PEOPLE["volunteer"].id)]
    await hand_out(tx, round_, visit, "home")

    tx.actor = as_("volunteer")
    (one,) = await mine(tx)
    (listed,) = one.blocks
    (shown,) = (await roster(tx, round_.id, [], {})).blocks
    for told in (listed, shown):
        assert (told.floors, told.home) == ([[low, low]], False)
        assert told.visits == [[floors[1], high]]
    below = [door.id for door in shown.doors if door.floor == low]
    assert (listed.total, listed.reported) == (len(below) + 1, 0)
    # Said to be a visit, the door above is still to be gone to; the one below was knocked at.
    volunteer = as_("volunteer")
    await taken(
        tx,
        said(round_, visited, volunteer, "visit"),
        said(round_, below[0], volunteer, "nobody"),
    )
    (one,) = await mine(tx)
    assert (one.blocks[0].total, one.blocks[0].reported) == (len(below) + 1, 1)
    await taken(tx, said(round_, visited, volunteer, "all", base=1))
    (one,) = await mine(tx)
    assert one.blocks[0].reported == 2

    tx.actor = as_("part_time_worker")
    (one,) = await mine(tx)
    (theirs,) = one.blocks
    assert (theirs.floors, theirs.visits) == ([[floors[1], high]], [])
    assert theirs.total == len([door for door in shown.doors if door.floor != low])


async def test_a_team_that_is_no_more_cannot_be_sent(tx: Tx, as_: As) -> None:
    round_, _ = await with_special(tx)
    tx.actor = as_("community_officer")
    with pytest.raises(NotFound):
        await asked(tx, round_, round_.id)
