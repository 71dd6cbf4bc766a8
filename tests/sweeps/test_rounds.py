"""Rounds: opened, dealt, gone round again, closed with an account that adds up."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from declaring import a_live_one
from sweeping import assert_board_is_a_recount, doors_of, opened, said, taken

import small_town
from small_town import GRID_1, GRID_2, HUAIYIN, LIUSHU, MICRO_1A, NOON, PEOPLE, XINGHUA
from wangge.cli.sweep import report
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.database import Tx, counting
from wangge.kernel.http import District
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Forbidden, Invalid, NotFound
from wangge.kernel.relay import Relay
from wangge.kernel.retention import all_keeps, next_night, once
from wangge.responses import NoResponse
from wangge.sweeps import Opening, begin_pass, certify_again, close_round, open_round
from wangge.sweeps.acts import READ
from wangge.sweeps.board import board, under_way
from wangge.sweeps.certificate import account_of, doors_hash
from wangge.sweeps.commands.dealing import redeal
from wangge.sweeps.events import DoorNeeds
from wangge.sweeps.model import NobodyElse, NothingToSweep, RoundOver, meeting
from wangge.sweeps.queries.certificate import purged
from wangge.sweeps.queries.rounds import round_ as round_of
from wangge.sweeps.roster import mine, roster
from wangge.sweeps.verify import verify

As = Callable[[str], Actor]


async def test_a_check_takes_every_door_and_a_visit_only_who_needs_one(tx: Tx) -> None:
    check = await opened(tx)
    assert (check.doors, check.kind) == (32, "check")  # 4 buildings, 2 units, 4 doors each
    visit = await opened(tx, kind="visit")
    homes = await doors_of(tx, visit, XINGHUA)
    wanted = await tx.many(
        UUID,
        """
        select distinct household_id from people_resident
         where tags && '{elder_alone,elder,hardship,medicine}' and starts_with(area_code, :area)
        """,
        area=XINGHUA,
    )
    assert sorted(homes) == sorted(wanted)
    assert 0 < visit.doors < check.doors


async def test_who_is_on_the_roster_is_who_lived_there_then(tx: Tx) -> None:
    round_ = await opened(tx, doors="lived")
    before = await doors_of(tx, round_, XINGHUA)
    await tx.run(
        "update people_household set to_date = :day, ended_why = 'moved' where id = :id",
        day=NOON.date(),
        id=before[0],
    )
    assert await doors_of(tx, round_, XINGHUA) == before
    again = await opened(tx, doors="lived")
    assert again.doors == round_.doors - 1


async def test_nobody_opens_a_round_over_other_peoples_ground(tx: Tx, as_: As) -> None:
    tx.actor = as_("community_officer")
    with pytest.raises(NotFound):
        await opened(tx, areas=[LIUSHU])
    tx.actor = as_("grid_worker")
    with pytest.raises(Forbidden):
        await opened(tx, areas=[GRID_1])


async def test_where_nobody_lives_there_is_nothing_to_sweep(tx: Tx) -> None:
    with pytest.raises(NothingToSweep):
        await opened(tx, areas=[HUAIYIN])


async def test_testing_opens_only_under_a_declared_response(tx: Tx, as_: As) -> None:
    with pytest.raises(NoResponse):
        await opened(tx, kind="testing")
    response = await a_live_one(tx, as_("street_officer"), as_("district_officer"))
    round_ = await opened(tx, kind="testing")
    assert round_.response_id == response.id


async def test_a_round_over_two_grids_belongs_where_they_meet(tx: Tx) -> None:
    round_ = await opened(tx, areas=[GRID_1, GRID_2])
    assert round_.area_code == XINGHUA
    assert meeting([GRID_1]) == GRID_1
    assert meeting([XINGHUA, LIUSHU]) == small_town.STREET


async def test_every_stairwell_is_dealt_to_its_nearest_person(tx: Tx, as_: As) -> None:
    await opened(tx)
    tx.actor = as_("part_time_worker")
    (his,) = await mine(tx)
    assert [block.area_code for block in his.blocks] == [MICRO_1A]
    tx.actor = as_("grid_worker")
    (hers,) = await mine(tx)
    assert all(block.area_code.startswith(GRID_1) for block in hers.blocks)


async def test_a_phones_roster_is_its_own_blocks_masked_and_then_only_what_changed(
    tx: Tx, as_: As
) -> None:
    round_ = await opened(tx)
    system = tx.actor
    tx.actor = as_("part_time_worker")
    found = await roster(tx, round_.id, [], {})
    (block,) = found.blocks
    names = [person.name for door in block.doors for person in door.people]
    assert names
    assert all(name.endswith("*") and len(name) == 2 for name in names)
    tx.actor = system
    door = block.doors[0]
    await taken(tx, said(round_, door.id, as_("grid_worker")))
    tx.actor = as_("part_time_worker")
    fresh = await roster(tx, round_.id, [block.id], {block.id: block.mark})
    assert [(d.id, d.outcome) for d in fresh.blocks[0].doors] == [(door.id, "all")]


async def test_what_is_left_of_one_worker_goes_to_others_in_one_action(tx: Tx, as_: As) -> None:
    round_ = await opened(tx)
    worker = as_("grid_worker_2")
    tx.actor = worker
    before = {block.id for found in await mine(tx) for block in found.blocks}
    tx.actor = as_("community_officer")
    found = await redeal(tx, round_.id, worker.id, [PEOPLE["grid_head_2"].id])
    assert {share.block_id for share, _ in found} == before
    tx.actor = worker
    assert await mine(tx) == []
    tx.actor = as_("grid_head_2")
    assert {b.id for m in await mine(tx) for b in m.blocks} >= before


async def test_a_replaced_worker_may_still_send_what_was_done(tx: Tx, as_: As) -> None:
    round_ = await opened(tx)
    worker = as_("grid_worker_2")
    system, tx.actor = tx.actor, as_("community_officer")
    await redeal(tx, round_.id, worker.id, [PEOPLE["grid_head_2"].id])
    tx.actor = system
    door, *_ = await doors_of(tx, round_, GRID_2)
    (answer,) = await taken(tx, said(round_, door, worker))
    assert answer.outcome == "all"


async def test_where_nobody_else_is_dealing_again_says_so(tx: Tx, as_: As) -> None:
    round_ = await opened(tx, areas=[LIUSHU])
    holder = await tx.one(
        UUID,
        "select worker_id from sweeps_share where round_id = :id limit 1",
        id=round_.id,
    )
    await tx.run(
        "update people_post set until_at = :now where staff_id <> :id and role <> 'system_admin'"
        " and role not in ('part_time_worker', 'volunteer')",
        now=NOON - timedelta(days=1),
        id=holder,
    )
    await tx.bump("people")
    with pytest.raises(NobodyElse):
        await redeal(tx, round_.id, holder)


async def test_a_second_pass_counts_and_gives_time(tx: Tx, as_: As) -> None:
    round_ = await opened(tx)
    again = await begin_pass(tx, round_.id, 30)
    assert (again.pass_n, again.ends_at) == (2, NOON + timedelta(minutes=30))
    with pytest.raises(Invalid):
        await begin_pass(tx, round_.id, 1)


async def test_the_account_is_the_sum_of_outcomes_and_named_gaps(tx: Tx, as_: As) -> None:
    round_ = await opened(tx)
    one, two, three, *_ = await doors_of(tx, round_)
    head = as_("part_time_worker")
    first = said(round_, three, head)
    await taken(tx, said(round_, one, head), said(round_, two, head, "vacant"), first)
    await taken(tx, said(round_, three, head, None, undoes=first.id))
    account = await close_round(tx, round_.id)
    assert account.counts == {"all": 1, "vacant": 1}
    assert account.gaps["taken_back"] == 1
    assert account.total == account.accounted + account.missing == round_.doors
    assert account.adds_up()
    assert account.how == {"door": 2}
    with pytest.raises(RoundOver):
        await close_round(tx, round_.id)


async def test_the_hash_over_the_doors_is_the_same_in_sql_and_here(tx: Tx, as_: As) -> None:
    round_ = await opened(tx)
    doors = await doors_of(tx, round_, XINGHUA)
    await taken(tx, said(round_, doors[0], as_("part_time_worker")))
    account = await account_of(tx, round_, 1)
    wanted = [(str(door), "all" if door == doors[0] else "") for door in doors]
    assert account.doors_sha256 == doors_hash(wanted)
    changed = [(door, outcome or "vacant") for door, outcome in wanted]
    assert account.doors_sha256 != doors_hash(changed)


async def test_missed_tests_become_work_at_the_close(tx: Tx, as_: As) -> None:
    await a_live_one(tx, as_("street_officer"), as_("district_officer"))
    round_ = await opened(tx, kind="testing", areas=[MICRO_1A])
    done, *rest = await doors_of(tx, round_)
    await taken(tx, said(round_, done, as_("grid_worker"), "exempt"))
    await close_round(tx, round_.id)
    needs = {fact.door_id for fact, _ in tx._facts if isinstance(fact, DoorNeeds)}
    assert needs == set(rest)


async def test_the_second_round_starts_from_the_first(tx: Tx, as_: As) -> None:
    first = await opened(tx)
    door, *_ = await doors_of(tx, first)
    await taken(tx, said(first, door, as_("part_time_worker"), "away"))
    second = await opened(tx, after=first.id)
    assert await tx.many(
        UUID,
        "select id from sweeps_door where round_id = :id and prior = 'away'",
        id=second.id,
    ) == [door]


async def test_a_place_that_has_not_begun_is_said_to_be_so(tx: Tx) -> None:
    round_ = await opened(tx)
    tx.now = NOON + timedelta(minutes=10)
    found = await board(tx, round_.id, "", "zh")
    assert {line.reason for line in found.lines} == {"还没有开始"}
    tx.now = NOON + timedelta(minutes=21)
    found = await board(tx, round_.id, "", "zh")
    assert found.totals.reason == f"时间到,还差 {round_.doors} 户"
    await assert_board_is_a_recount(tx, round_)


async def test_a_wall_shows_first_what_ends_first(tx: Tx) -> None:
    short = await opened(tx, minutes=20)
    for kind in ("safety", "safety", "notice"):
        await opened(tx, kind=kind)
    shown = await under_way(tx, small_town.STREET, "zh", 2)
    assert [one.round_id for one in shown] == [short.id, shown[1].round_id]
    assert shown[1].kind == "notice"
    assert await under_way(tx, LIUSHU, "zh", 2) == []


async def test_a_round_under_way_is_not_hidden_behind_those_that_nobody_closed(tx: Tx) -> None:
    first, second = await opened(tx, minutes=20), await opened(tx, minutes=30)
    long = await opened(tx, minutes=10_080)
    tx.now = NOON + timedelta(hours=5)
    tonight = await opened(tx, minutes=20)
    # When its own time is over, it is looked at all the more.
    for minutes in (0, 25):
        tx.now = NOON + timedelta(hours=5, minutes=minutes)
        shown = await under_way(tx, small_town.STREET, "zh", 4)
        assert [one.round_id for one in shown] == [tonight.id, long.id, second.id, first.id]


async def test_a_board_says_when_the_last_door_will_have_been_seen(tx: Tx, as_: As) -> None:
    round_ = await opened(tx)
    doors = await doors_of(tx, round_, XINGHUA)
    head = as_("grid_head")
    for n, door in enumerate(doors[:16]):
        tx.now = NOON + timedelta(seconds=20 * n)
        await taken(tx, said(round_, door, head))
    shown = await board(tx, round_.id, "", "zh")
    assert re.fullmatch(r"正常,预计 12:\d\d 走完", shown.totals.reason), shown.totals.reason
    # A round of days names the day as well.
    long = await opened(tx, minutes=10_080)
    await taken(tx, said(long, (await doors_of(tx, long))[0], head))
    tx.now += timedelta(minutes=15)
    shown = await board(tx, long.id, "", "zh")
    assert re.fullmatch(r"正常,预计 03-\d\d \d\d:\d\d 走完", shown.totals.reason), (
        shown.totals.reason
    )


async def test_rosters_of_many_rounds_go_in_one_night_and_their_accounts_stay(
    own_district: District, as_: As
) -> None:
    """However small a round is, the night goes on to the next; nothing is certified anew after."""
    database, system = own_district.database, system_actor(own_district.schema)
    rounds = []
    async with database.tx(system, now=NOON) as tx:
        for area in (GRID_1, GRID_2, MICRO_1A):
            round_ = await open_round(tx, Opening(kind="check", areas=[area]))
            door, *_ = await doors_of(tx, round_, area)
            await taken(tx, said(round_, door, as_("community_officer")))
            await close_round(tx, round_.id)
            rounds.append(round_)
        kept = await open_round(tx, Opening(kind="check", areas=[GRID_1]))
    relay = Relay(database)
    await relay.seal()
    await relay.close()
    keep = all_keeps()["sweeps.doors"]
    night = next_night(NOON + timedelta(days=31))
    async with database.tx(system, now=NOON) as tx:
        await once(tx, keep)
    async with database.tx(system, now=night) as tx:
        await once(tx, keep)
        left = await tx.many(UUID, "select distinct round_id from sweeps_door")
        reports = await tx.one(int, "select count(*) from sweeps_report")
    assert (left, reports) == ([kept.id], 0)
    for round_ in rounds:
        found = await verify(database.dsn, own_district.schema, round_.id)
        assert (found.troubles, found.purged, found.whole) == ([], True, True)
    async with database.tx(system, now=night) as tx:
        with pytest.raises(Invalid, match="deleted in time"):
            await certify_again(tx, rounds[0].id)


async def test_no_door_is_counted_to_know_that_an_open_round_lost_none(tx: Tx) -> None:
    round_ = await opened(tx)
    with counting() as open_:
        assert not await purged(tx, round_)
    await close_round(tx, round_.id)
    closed = await round_of(tx, tx.reach(READ), round_.id)
    with counting() as after:
        assert not await purged(tx, closed)
    assert (open_.total, after.total) == (0, 1)


async def test_a_round_that_is_open_or_unknown_is_no_alarm(
    own_district: District, capsys: pytest.CaptureFixture[str]
) -> None:
    database = own_district.database
    async with database.tx(system_actor(own_district.schema), now=NOON) as tx:
        round_ = await open_round(tx, Opening(kind="check", areas=[GRID_1]))
    relay = Relay(database)
    await relay.seal()
    await relay.close()
    for id_, words in ((round_.id, "还没有结束"), (new_id(NOON), "没有编号")):
        assert report("示范区", await verify(database.dsn, own_district.schema, id_)) == 1
        said_ = capsys.readouterr().out
        assert words in said_
        assert "保留现场" not in said_


async def test_a_certificate_taken_out_of_the_ledger_is_an_alarm(
    own_district: District, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is the last fact of its round: no other fact of the round has a hash that misses it."""
    database = own_district.database
    system = system_actor(own_district.schema)
    async with database.tx(system, now=NOON) as tx:
        round_ = await open_round(tx, Opening(kind="check", areas=[GRID_1]))
        await close_round(tx, round_.id)

    async def checked() -> tuple[list[str], str]:
        found = await verify(database.dsn, own_district.schema, round_.id)
        assert report("示范区", found) == int(not found.whole)
        return [trouble.what for trouble in found.troubles], capsys.readouterr().out

    async def forgotten() -> None:
        async with database.tx(system) as tx:
            await tx.run("grant delete on kernel_fact to current_user")
            await tx.run(
                """
                delete from kernel_fact
                 where seq = (select max(seq) from kernel_fact
                               where kind = 'sweeps.RoundCertified')
                """
            )

    # Nothing is sealed: the ledger is behind the tables, and nobody is to be alarmed.
    what, words = await checked()
    assert what == ["waiting"]
    assert "过一会儿" in words
    relay = Relay(database)
    await relay.seal()
    what, words = await checked()
    assert what == []
    assert "1 份核对表,全部相符" in words
    async with database.tx(system, now=NOON) as tx:
        await certify_again(tx, round_.id)
    await relay.seal()
    await relay.close()
    await forgotten()
    what, words = await checked()
    assert what == ["certificate-gone"]
    assert "第 2 次出具" in words
    await forgotten()
    what, words = await checked()
    assert what == ["no-certificate"]
    assert "保留现场" in words
    # Nor is it enough to open the round again in its table, or to delete the account as well.
    async with database.tx(system) as tx:
        await tx.run("update sweeps_round set closed_at = null, closed_by = null")
        await tx.run("delete from sweeps_certificate")
    assert (await checked())[0] == ["no-certificate"]


async def test_a_certificate_is_made_again_from_the_ledger_and_fails_on_one_changed_door(
    own_district: District, as_: As
) -> None:
    database = own_district.database
    system = system_actor(own_district.schema)
    async with database.tx(system, now=NOON) as tx:
        round_ = await open_round(tx, Opening(kind="check", areas=[XINGHUA]))
    async with database.tx(system, now=NOON) as tx:
        doors = await doors_of(tx, round_, XINGHUA)
        await taken(tx, *(said(round_, door, as_("grid_head")) for door in doors[:8]))
        await close_round(tx, round_.id)
    async with database.tx(system, now=NOON) as tx:
        await taken(tx, said(round_, doors[9], as_("grid_head")))
        await certify_again(tx, round_.id)
    relay = Relay(database)
    await relay.seal()
    await relay.close()
    found = await verify(database.dsn, own_district.schema, round_.id)
    assert (found.troubles, found.certificates, found.purged) == ([], 2, False)
    async with database.tx(system) as tx:
        await tx.run(
            """
            update sweeps_line set outcome = 'vacant' where door_id = :id
            """,
            id=doors[9],
        )
    found = await verify(database.dsn, own_district.schema, round_.id)
    assert [(t.what, t.where) for t in found.troubles] == [("door-differs", str(doors[9]))]
    async with database.tx(system) as tx:  # the roster's time is over
        for table in ("sweeps_line", "sweeps_report", "sweeps_door"):
            await tx.run(f"delete from {table}")  # type: ignore[arg-type]
    found = await verify(database.dsn, own_district.schema, round_.id)
    assert (found.troubles, found.purged, found.whole) == ([], True, True)
    async with database.tx(system) as tx:
        await tx.run("grant update on kernel_fact to current_user")
        await tx.run(
            """
            update kernel_fact set data = replace(data, '"outcome":"all"', '"outcome":"vacant"')
             where seq = (select min(seq) from kernel_fact where kind = 'sweeps.DoorReported')
            """
        )
    found = await verify(database.dsn, own_district.schema, round_.id)
    assert {t.what for t in found.troubles} >= {"fact-changed", "doors-differ", "counts-differ"}


async def test_a_round_that_rested_for_days_shows_its_board_and_goes_on(
    tx: Tx, as_: As
) -> None:
    round_ = await opened(tx, minutes=10_080)
    first, second, third, *_ = await doors_of(tx, round_)
    await taken(tx, said(round_, first, as_("grid_head")))
    for days, door in ((4, second), (30, third)):
        tx.now = NOON + timedelta(days=days)
        shown = await board(tx, round_.id, "", "zh")
        assert shown.totals.per_minute == 0
        await taken(tx, said(round_, door, as_("grid_head")))
        assert (await board(tx, round_.id, "", "zh")).totals.per_minute > 0
