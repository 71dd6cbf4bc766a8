"""People move while a round goes on: the roster follows, and the account still adds up."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from sweeping import assert_board_is_a_recount, doors_of, opened, said, taken

from small_town import GRID_1, LIUSHU, MICRO_1A, NOON, STREET, XINGHUA
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.crypto import vault_of
from wangge.kernel.database import Tx
from wangge.kernel.http import District
from wangge.kernel.moments import new_id
from wangge.kernel.relay import Relay, listen
from wangge.people.commands.homes import add_people
from wangge.people.commands.residents import Draft, end_household, register_household
from wangge.sweeps import Opening, Round, close_round, open_round, take
from wangge.sweeps.commands.dealing import ToDeal, hand_out
from wangge.sweeps.joining import Followed, follow
from wangge.sweeps.queries.dealing import visits_of
from wangge.sweeps.reactions import follow_register
from wangge.sweeps.roster import roster
from wangge.sweeps.verify import verify

As = Callable[[str], Actor]
assert follow_register


async def free_door(tx: Tx, household: UUID) -> UUID:
    """The household moves away; answers the door that is free then."""
    dwelling = await tx.one(
        UUID, "select dwelling_id from people_household where id = :id", id=household
    )
    await end_household(tx, vault_of(tx.actor.district), household)
    return dwelling


async def homes_of(tx: Tx, round_: Round, area: str = MICRO_1A) -> list[UUID]:
    """Doors with a household behind them."""
    return await tx.many(
        UUID,
        """
        select household_id from sweeps_door
         where round_id = :round_id and household_id is not null
           and starts_with(area_code, :area)
         order by area_code, label, id
        """,
        round_id=round_.id,
        area=area,
    )


async def moves_in(tx: Tx, dwelling: UUID, *names: str) -> UUID:
    drafts = [Draft(name) for name in names or ("周新来",)]
    vault = vault_of(tx.actor.district)
    return (await register_household(tx, vault, dwelling, drafts)).id


async def test_who_moves_in_is_a_door_more_and_the_phone_is_told(tx: Tx, as_: As) -> None:
    round_ = await opened(tx)
    tx.actor = as_("part_time_worker")
    (block,) = (await roster(tx, round_.id, [], {})).blocks
    tx.actor = system_actor(tx.actor.district)
    gone = next(door.id for door in block.doors if door.people)
    home = await moves_in(tx, await free_door(tx, gone))
    assert await follow(tx, [MICRO_1A]) == Followed(1, 1, 0)
    assert await follow(tx, [MICRO_1A]) == Followed(0, 0, 0)  # read twice, done once
    tx.actor = as_("part_time_worker")
    (fresh,) = (await roster(tx, round_.id, [block.id], {block.id: block.mark})).blocks
    lines = {door.id: door for door in fresh.doors}
    assert set(lines) == {gone, home}
    assert (lines[home].joined, lines[home].outcome, lines[home].gone) == (
        "moved_in",
        None,
        False,
    )
    assert (lines[gone].outcome, lines[gone].gone) == ("moved", True)
    assert (lines[home].floor, lines[home].room) == (lines[gone].floor, lines[gone].room)
    tx.actor = system_actor(tx.actor.district)
    await assert_board_is_a_recount(tx, round_)
    account = await close_round(tx, round_.id)
    assert account.adds_up()
    assert (account.total, account.joined) == (round_.doors + 1, 1)
    assert (account.counts, account.how) == ({"moved": 1}, {"register": 1})


async def test_whose_needs_are_listed_is_as_the_round_was_opened(tx: Tx) -> None:
    round_ = await opened(tx)
    home, more, *_ = await homes_of(tx, round_)
    come = await moves_in(tx, await free_door(tx, home))
    await add_people(tx, vault_of(tx.actor.district), more, [Draft("周又来")])
    await tx.run(
        "update people_resident set tags = '{infant}' where household_id = any(:homes::uuid[])",
        homes=[come, more],
    )
    await tx.run("update sweeps_kind set special = '{}' where code = 'check'")
    await tx.bump("sweeps")
    assert await follow(tx, [MICRO_1A]) == Followed(1, 1, 1)
    listed = await tx.many(
        bool,
        """
        select d.people[cardinality(d.people)] = any(d.special) from sweeps_door d
         where d.round_id = :round_id and d.id = any(:homes::uuid[])
        """,
        round_id=round_.id,
        homes=[come, more],
    )
    assert listed == [True, True]  # who moved in, and who came to others


async def test_who_comes_and_is_visited_at_home_goes_to_the_home_team_that_is_sent(
    tx: Tx, as_: As
) -> None:
    round_ = await opened(tx)
    home, more, *_ = await homes_of(tx, round_)
    floors = await tx.many(
        int,
        "select distinct floor from sweeps_door where id = any(:homes::uuid[]) and round_id = :id",
        homes=[home, more],
        id=round_.id,
    )
    (block,) = await tx.many(
        UUID,
        "select block_id from sweeps_door where id = :home and round_id = :id",
        home=home,
        id=round_.id,
    )
    visitor, other = as_("grid_worker").id, as_("part_time_worker").id
    far = next(floor for floor in range(1, 99) if floor not in floors)
    await hand_out(tx, round_, [(ToDeal(block, MICRO_1A, far, far, 1), visitor)], "home")
    come = await moves_in(tx, await free_door(tx, home))
    await add_people(tx, vault_of(tx.actor.district), more, [Draft("周又来")])
    await tx.run(
        "update people_resident set tags = '{living_alone}' where household_id = any(:homes::uuid[])",
        homes=[come, more],
    )
    await tx.run(
        """
        update sweeps_round set form = jsonb_set(form, '{special}', '["living_alone"]')
         where id = :id
        """,
        id=round_.id,
    )
    for _ in range(2):  # read twice, sent once
        await follow(tx, [MICRO_1A])
    visits = await visits_of(tx, [round_.id])
    assert {one.worker_id for one in visits} == {visitor} != {other}
    assert sorted(one.floor_from for one in visits) == sorted([far, *floors])


async def test_nobody_is_sent_to_another_community_by_themselves(tx: Tx, as_: As) -> None:
    tx.actor = as_("street_officer")
    round_ = await opened(tx, areas=[STREET])
    (elsewhere,) = await tx.many(
        UUID,
        """
        select id from sweeps_block
         where round_id = :id and starts_with(area_code, :community)
         order by id limit 1
        """,
        id=round_.id,
        community=LIUSHU,
    )
    home, *_ = await homes_of(tx, round_)
    far_away = ToDeal(elsewhere, LIUSHU, 1, 99, 1)
    await hand_out(tx, round_, [(far_away, as_("grid_worker").id)], "home")
    come = await moves_in(tx, await free_door(tx, home))
    await tx.run(
        "update people_resident set tags = '{living_alone}' where household_id = :id", id=come
    )
    await tx.run(
        """
        update sweeps_round set form = jsonb_set(form, '{special}', '["living_alone"]')
         where id = :id
        """,
        id=round_.id,
    )
    assert (await follow(tx, [MICRO_1A])).joined == 1
    assert [one.block_id for one in await visits_of(tx, [round_.id])] == [elsewhere]


async def test_who_was_seen_before_moving_out_stays_seen(tx: Tx, as_: As) -> None:
    round_ = await opened(tx)
    one, two, *_ = await homes_of(tx, round_)
    head = as_("part_time_worker")
    await taken(tx, said(round_, one, head), said(round_, two, head, "nobody"))
    await free_door(tx, one)
    await free_door(tx, two)
    await follow(tx, [XINGHUA])
    await assert_board_is_a_recount(tx, round_)
    account = await close_round(tx, round_.id)
    assert account.counts == {"all": 1, "moved": 1}


async def test_a_move_taken_back_opens_the_door_again(tx: Tx) -> None:
    round_ = await opened(tx)
    door, *_ = await homes_of(tx, round_)
    await free_door(tx, door)
    await follow(tx, [XINGHUA])
    await tx.run(
        "update people_household set to_date = null, ended_why = '' where id = :id", id=door
    )
    await follow(tx, [XINGHUA])
    await assert_board_is_a_recount(tx, round_)
    account = await close_round(tx, round_.id)
    assert (account.counts, account.gaps.get("taken_back")) == ({}, 1)


async def test_one_more_behind_a_door_that_was_done_is_missing_until_seen(
    tx: Tx, as_: As
) -> None:
    round_ = await opened(tx)
    one, two, *_ = await homes_of(tx, round_)
    head = as_("part_time_worker")
    await taken(tx, said(round_, one, head))
    before = await people(tx, round_.id)
    system = system_actor(tx.actor.district)
    tx.actor = system
    for door in (one, two):
        await add_people(tx, vault_of(tx.actor.district), door, [Draft("周新来")])
    assert await follow(tx, [XINGHUA]) == Followed(0, 0, 2)
    assert await follow(tx, [XINGHUA]) == Followed(0, 0, 0)
    listed, done = await people(tx, round_.id)
    assert (listed, done) == (before[0] + 2, before[1])
    await taken(tx, said(round_, one, head, base=2))  # seen now: everybody is done
    assert await people(tx, round_.id) == (listed, before[1] + 1)
    await assert_board_is_a_recount(tx, round_)


async def test_people_counted_with_a_first_report_that_says_more_than_a_tap(
    tx: Tx, as_: As
) -> None:
    round_ = await opened(tx)
    door, *_ = await homes_of(tx, round_)
    head = as_("part_time_worker")
    await taken(tx, said(round_, door, head, needs=["repair"]))
    assert (await people(tx, round_.id))[1] > 0
    await taken(tx, said(round_, door, head, "nobody", base=1))
    assert (await people(tx, round_.id))[1] == 0


async def people(tx: Tx, round_id: UUID) -> tuple[int, int]:
    counts = await tx.one(
        str,
        "select sum(people) || ' ' || sum(p_done) from sweeps_block where round_id = :id",
        id=round_id,
    )
    listed, done = counts.split()
    return int(listed), int(done)


async def test_only_homes_of_the_rounds_scope_join(tx: Tx) -> None:
    other = await opened(tx, areas=[MICRO_1A])
    visit = await opened(tx, kind="visit")
    outside, *_ = [
        door
        for door in await doors_of(tx, await opened(tx), XINGHUA)
        if door not in await doors_of(tx, other, XINGHUA)
    ]
    await moves_in(tx, await free_door(tx, outside))
    await follow(tx, [GRID_1, XINGHUA])
    for round_ in (other, visit):
        assert (
            await tx.one(
                int,
                "select count(*) from sweeps_door where round_id = :id and joined <> 'frozen'",
                id=round_.id,
            )
            == 0
        )


async def test_while_everybody_reports_the_board_is_right_and_the_ledger_tells_it(
    own_district: District, as_: As
) -> None:
    database = own_district.database
    system = system_actor(own_district.schema)
    async with database.tx(system, now=NOON) as tx:
        round_ = await open_round(tx, Opening(kind="check", areas=[XINGHUA]))
        doors = await doors_of(tx, round_, XINGHUA)
        homes = await homes_of(tx, round_)
    head = replace(as_("grid_head"), district=own_district.schema)

    async def walk(part: list[UUID]) -> None:
        for door in part:
            async with database.tx(system) as tx:
                await take(tx, [said(round_, door, head, id_=new_id(NOON))])

    async def movers(part: list[UUID]) -> None:
        for door in part:
            async with database.tx(system) as tx:
                await moves_in(tx, await free_door(tx, door))
            relay = Relay(database)
            await relay.seal()
            await relay.close()
            while await listen(database, own_district.schema, "sweeps.register"):
                pass

    await asyncio.gather(walk(doors[0::2]), walk(doors[1::2]), movers(homes[:3]))
    async with database.tx(system) as tx:
        await assert_board_is_a_recount(tx, round_)
        account = await close_round(tx, round_.id)
    assert (account.total, account.joined) == (len(doors) + 3, 3)
    relay = Relay(database)
    while await relay.seal():
        pass
    await relay.close()
    found = await verify(database.dsn, own_district.schema, round_.id)
    assert (found.troubles, found.whole, found.doors) == ([], True, len(doors) + 3)
