"""Reports of doors, taken in by set."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sweeping import assert_board_is_a_recount, doors_of, opened, said, take, taken

import small_town
from small_town import GRID_2, MICRO_1A, MICRO_2A, NOON, resident_id
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.database import Tx, counting
from wangge.kernel.http import District
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import DeedReused, Invalid, NotFound
from wangge.sweeps import Deed, close_round
from wangge.sweeps.board import board
from wangge.sweeps.events import DoorNeeds, DoorReported
from wangge.sweeps.reporting import words_context

As = Callable[[str], Actor]


async def standing(tx: Tx, door: UUID) -> Any:
    return await tx.one(
        str, "select coalesce(outcome, '') from sweeps_standing where id = :id", id=door
    )


async def test_a_report_stands_and_the_board_knows(tx: Tx, as_: As) -> None:
    round_ = await opened(tx)
    first, second, *_ = await doors_of(tx, round_)
    head = as_("part_time_worker")
    answers = await taken(tx, said(round_, first, head), said(round_, second, head, "nobody"))
    assert [(a.outcome, a.version, a.flagged) for a in answers] == [
        ("all", 1, ()),
        ("nobody", 1, ()),
    ]
    assert await standing(tx, first) == "all"
    found = await board(tx, round_.id, "", "zh")
    assert (found.totals.done, found.totals.asks) == (1, 1)
    assert found.totals.left == found.totals.total - 2
    await assert_board_is_a_recount(tx, round_)


async def test_a_hundred_reports_cost_as_many_statements_as_ten(tx: Tx, as_: As) -> None:
    round_ = await opened(tx)
    doors = await doors_of(tx, round_, "990001")
    officer = as_("community_officer")
    with counting() as few:
        await taken(tx, *(said(round_, door, officer) for door in doors[:2]))
    with counting() as many:
        await taken(tx, *(said(round_, door, officer) for door in doors[2:]))
    assert len(doors) > 30
    assert few.total == many.total <= 8


async def test_sent_again_it_is_answered_again_and_kept_once(tx: Tx, as_: As) -> None:
    round_ = await opened(tx)
    door, *_ = await doors_of(tx, round_)
    deed = said(round_, door, as_("part_time_worker"))
    once = await taken(tx, deed)
    again = await taken(tx, deed, deed)
    assert once == [again[0]] == [again[1]]
    assert await tx.one(int, "select count(*) from sweeps_report") == 1
    await assert_board_is_a_recount(tx, round_)


async def test_an_id_used_for_something_else_is_refused(tx: Tx, as_: As) -> None:
    round_ = await opened(tx)
    door, *_ = await doors_of(tx, round_)
    id_ = new_id(NOON)
    head = as_("part_time_worker")
    await taken(tx, said(round_, door, head, id_=id_))
    (answer,) = await take(tx, said(round_, door, head, "nobody", id_=id_))
    assert isinstance(answer, DeedReused)


async def test_a_door_out_of_reach_might_as_well_not_exist(tx: Tx, as_: As) -> None:
    round_ = await opened(tx)
    theirs, *_ = await doors_of(tx, round_, MICRO_2A)
    answers = await take(
        tx,
        said(round_, theirs, as_("part_time_worker")),
        said(round_, new_id(NOON), as_("part_time_worker")),
        said(new_id(NOON), theirs, as_("grid_worker_2")),
    )
    assert all(isinstance(answer, NotFound) for answer in answers)
    assert await tx.one(int, "select count(*) from sweeps_report") == 0


async def test_a_paper_is_from_somebody_who_walks_there_or_from_whoever_types_it(
    tx: Tx, as_: As
) -> None:
    round_ = await opened(tx)
    first, second, third, *_ = await doors_of(tx, round_)
    officer, walker = as_("community_officer"), as_("part_time_worker")
    for nobody in (new_id(NOON), as_("district_officer").id):
        # One tap and one that says more go different ways; both are asked.
        for more in ({}, {"words": "在楼下"}):
            (refused,) = await take(
                tx, said(round_, first, officer, how="paper", filled_by=nobody, **more)
            )
            assert isinstance(refused, Invalid)
            assert refused.problems[0].field == "filled_by"
    assert await tx.one(int, "select count(*) from sweeps_report") == 0
    await taken(
        tx,
        said(round_, first, officer, how="paper", filled_by=walker.id),
        said(round_, second, officer, how="paper", filled_by=officer.id),
        said(round_, third, officer, how="paper"),
    )
    told = await tx.many(str, "select coalesce(for_id::text, '') from sweeps_report order by 1")
    assert told == sorted(["", str(walker.id), str(officer.id)])


async def test_whoever_walked_elsewhere_filled_no_paper_here(tx: Tx, as_: As) -> None:
    other = await opened(tx)
    round_ = await opened(tx)
    await tx.run("delete from sweeps_share where round_id = :id", id=round_.id)
    door, *_ = await doors_of(tx, round_)
    officer, walker = as_("community_officer"), as_("part_time_worker").id
    (refused,) = await take(tx, said(round_, door, officer, how="paper", filled_by=walker))
    assert isinstance(refused, Invalid)
    await taken(tx, said(other, door, officer, how="paper", filled_by=walker))


async def test_one_refused_report_harms_no_other(tx: Tx, as_: As) -> None:
    round_ = await opened(tx)
    first, second, *_ = await doors_of(tx, round_)
    head = as_("part_time_worker")
    answers = await take(
        tx,
        said(round_, first, head, "exempt"),  # a check has no such button
        said(round_, first, head, None),
        said(round_, first, head, needs=["gold"]),
        said(round_, first, head, words="长" * 201),
        said(round_, second, head),
    )
    assert [isinstance(answer, Invalid) for answer in answers] == [True] * 4 + [False]
    assert await standing(tx, second) == "all"


async def test_whoever_has_a_share_may_report_there_also_after_it_was_taken(
    tx: Tx, as_: As
) -> None:
    round_ = await opened(tx)
    theirs, *_ = await doors_of(tx, round_, MICRO_2A)
    block = await tx.one(UUID, "select block_id from sweeps_door where id = :id", id=theirs)
    helper = as_("volunteer")
    assert isinstance((await take(tx, said(round_, theirs, helper)))[0], NotFound)
    await tx.run(
        """
        insert into sweeps_share (id, round_id, block_id, worker_id, floor_from, floor_to,
                                  from_at, until_at, given_by)
        values (:id, :round, :block, :me, 1, 9, :now, :now, :me)
        """,
        id=new_id(NOON),
        round=round_.id,
        block=block,
        me=helper.id,
        now=NOON,
    )
    (answer,) = await taken(tx, said(round_, theirs, helper))
    assert answer.outcome == "all"


async def test_two_phones_that_disagree_are_put_before_a_person(tx: Tx, as_: As) -> None:
    round_ = await opened(tx)
    door, *_ = await doors_of(tx, round_)
    await taken(tx, said(round_, door, as_("part_time_worker")))
    (second,) = await taken(tx, said(round_, door, as_("grid_worker"), "nobody"))
    assert (second.outcome, second.flagged, second.version) == ("nobody", ("outcome",), 2)
    found = await board(tx, round_.id, MICRO_1A, "zh")
    assert found.totals.flagged == 1
    (decided,) = await taken(
        tx, said(round_, door, as_("grid_head"), "all", base=2, how="desk", decides=True)
    )
    assert (decided.outcome, decided.flagged) == ("all", ())
    await assert_board_is_a_recount(tx, round_)


async def test_a_clock_a_day_wrong_changes_nothing_but_what_is_kept(tx: Tx, as_: As) -> None:
    round_ = await opened(tx)
    door, *_ = await doors_of(tx, round_)
    tomorrow = NOON + timedelta(days=1)
    head, worker = as_("part_time_worker"), as_("grid_worker")
    await taken(tx, said(round_, door, head, "nobody", claimed_at=tomorrow, clock_off=86_400))
    (second,) = await taken(tx, said(round_, door, worker, "all", base=1))
    assert (second.outcome, second.flagged) == ("all", ())
    assert await tx.many(
        int, "select clock_off from sweeps_report where clock_off is not null"
    ) == [86_400]


async def test_a_report_taken_back_leaves_the_door_open_again(tx: Tx, as_: As) -> None:
    round_ = await opened(tx)
    door, *_ = await doors_of(tx, round_)
    head = as_("part_time_worker")
    first = said(round_, door, head)
    await taken(tx, first)
    (answer,) = await taken(tx, said(round_, door, head, None, undoes=first.id))
    assert (answer.outcome, answer.version) == (None, 2)
    await assert_board_is_a_recount(tx, round_)


async def test_a_whole_afternoon_in_one_batch_and_backwards_ends_the_same(
    tx: Tx, as_: As
) -> None:
    round_ = await opened(tx)
    one, two, *_ = await doors_of(tx, round_)
    head = as_("part_time_worker")
    first = said(round_, one, head, "nobody")
    second = said(round_, one, head, "all", after=first.id)
    forwards = await taken(tx, first, second)
    third = said(round_, two, head, "nobody")
    fourth = said(round_, two, head, "all", after=third.id)
    backwards = await taken(tx, fourth, third)
    assert forwards[-1].outcome == backwards[-1].outcome == "all"
    assert forwards[-1].flagged == backwards[-1].flagged == ()
    await assert_board_is_a_recount(tx, round_)


async def test_a_late_report_reopens_the_line_and_not_the_round(tx: Tx, as_: As) -> None:
    round_ = await opened(tx)
    one, two, *_ = await doors_of(tx, round_)
    head = as_("part_time_worker")
    await taken(tx, said(round_, one, head, "nobody"))
    account = await close_round(tx, round_.id)
    late = await taken(tx, said(round_, one, head, "all", base=1), said(round_, two, head))
    assert [(a.outcome, a.late) for a in late] == [("all", True), ("all", True)]
    found = await board(tx, round_.id, "", "zh")
    assert found.closed_at is not None
    assert (found.totals.late, account.late) == (2, 0)
    await assert_board_is_a_recount(tx, round_)


async def test_people_are_counted_beside_their_doors(tx: Tx, as_: As) -> None:
    round_ = await opened(tx)
    home = small_town.household_id(1)  # three residents
    head = as_("grid_worker")
    await taken(tx, said(round_, home, head, "some", persons={resident_id(1): "absent"}))
    found = await board(tx, round_.id, MICRO_1A, "zh")
    assert found.totals.people_done == 2
    await taken(tx, said(round_, home, head, "all", base=1))
    assert (await board(tx, round_.id, MICRO_1A, "zh")).totals.people_done == 3


async def test_people_are_counted_where_more_was_said_than_an_outcome(tx: Tx, as_: As) -> None:
    round_ = await opened(tx)
    doors, officer = await doors_of(tx, round_), as_("community_officer")
    first = said(round_, doors[0], officer, needs=["food"])
    await taken(tx, first, said(round_, doors[1], officer, words="在家"))
    await assert_board_is_a_recount(tx, round_)
    done = "select sum(p_done)::int from sweeps_block where round_id = :id"
    listed = """
        select sum(cardinality(people))::int from sweeps_door
         where round_id = :id and id = any(:doors::uuid[])
    """
    assert await tx.one(int, done, id=round_.id) == await tx.one(
        int, listed, id=round_.id, doors=doors[:2]
    )
    await taken(tx, said(round_, doors[0], officer, None, base=1, undoes=first.id))
    assert await tx.one(int, done, id=round_.id) == await tx.one(
        int, listed, id=round_.id, doors=doors[1:2]
    )


async def test_words_are_sealed_and_answers_lie_behind_the_second_lock(tx: Tx, as_: As) -> None:
    round_ = await opened(tx)
    door, *_ = await doors_of(tx, round_)
    deed = said(round_, door, as_("part_time_worker"), "away", words="回老家,三月底回来")
    await taken(tx, deed)
    sealed = await tx.one(bytes, "select words from sweeps_said")
    assert "老家".encode() not in sealed
    from wangge.kernel.crypto import vault_of

    opened_words = vault_of(tx.actor.district).open(sealed, words_context(deed.id))
    assert opened_words == "回老家,三月底回来"


async def test_a_door_not_met_in_two_passes_is_somebodys_work(tx: Tx, as_: As) -> None:
    round_ = await opened(tx)
    one, two, three, *_ = await doors_of(tx, round_)
    head, worker = as_("part_time_worker"), as_("grid_worker")
    await taken(tx, said(round_, one, head, "nobody"), said(round_, one, worker, "nobody"))
    await taken(
        tx, said(round_, two, head, "nobody"), said(round_, two, head, "locked", turn=2)
    )
    await taken(tx, said(round_, three, head, "refused", needs=["food"]))
    needs = [fact for fact, _ in tx._facts if isinstance(fact, DoorNeeds)]
    assert [(fact.door_id, fact.what, fact.case_class) for fact in needs] == [
        (two, "missed", "X0501"),
        (three, "food", "X0103"),
        (three, "refused", "X0203"),
    ]


async def test_a_call_for_help_alone_is_a_report_and_changes_nothing_else(
    tx: Tx, as_: As
) -> None:
    round_ = await opened(tx)
    one, two, *_ = await doors_of(tx, round_)
    head = as_("part_time_worker")
    await taken(tx, said(round_, one, head, "away"))
    later, first = await taken(
        tx,
        said(round_, one, head, None, base=1, needs=["medical"]),
        said(round_, two, head, None, needs=["food"]),
    )
    assert (later.outcome, first.outcome) == ("away", None)
    needs = [fact for fact, _ in tx._facts if isinstance(fact, DoorNeeds)]
    assert [(fact.door_id, fact.what) for fact in needs] == [(one, "medical"), (two, "food")]
    (nothing,) = await take(tx, said(round_, two, head, None, base=1))
    assert isinstance(nothing, Invalid)
    await assert_board_is_a_recount(tx, round_)


async def test_every_report_is_a_fact_with_what_stands(tx: Tx, as_: As) -> None:
    round_ = await opened(tx)
    door, *_ = await doors_of(tx, round_)
    await taken(tx, said(round_, door, as_("part_time_worker")))
    await taken(tx, said(round_, door, as_("grid_worker"), "nobody"))
    facts = [fact for fact, _ in tx._facts if isinstance(fact, DoorReported)]
    assert [(f.door_id, f.outcome, f.said, f.n, f.flagged) for f in facts] == [
        (door, "all", "all", 1, False),
        (door, "nobody", "nobody", 2, True),
    ]


async def test_a_phone_that_names_the_wrong_stairwell_is_put_right(tx: Tx, as_: As) -> None:
    round_ = await opened(tx)
    door, *_ = await doors_of(tx, round_)
    other = await tx.one(
        UUID,
        "select id from sweeps_block where round_id = :id and area_code like :area limit 1",
        id=round_.id,
        area=f"{GRID_2}%",
    )
    (answer,) = await taken(tx, said(round_, door, as_("part_time_worker"), block=other))
    assert answer.outcome == "all"
    await assert_board_is_a_recount(tx, round_)


async def test_transactions_side_by_side_judge_a_door_one_after_the_other(
    own_district: District, as_: As
) -> None:
    """Three people report the same doors differently, each thing sent twice, by six ways at once,
    each batch in a transaction of its own."""
    database = own_district.database
    system = system_actor(own_district.schema)
    async with database.tx(system, now=NOON) as tx:
        round_ = await opened(tx)
        doors = (await doors_of(tx, round_))[:6]
    people = [
        replace(as_(name), district=own_district.schema)
        for name in ("grid_worker", "grid_head", "community_officer")
    ]
    deeds = [
        said(round_, door, who, outcome)
        for door in doors
        for who, outcome in zip(people, ("nobody", "all", "locked"), strict=True)
    ]

    async def send(sent: list[Deed]) -> None:
        for start in range(0, len(sent), 3):
            async with database.tx(system, now=NOON) as tx:
                await taken(tx, *sent[start : start + 3])

    ways = [deeds[n::3] for n in range(3)]
    await asyncio.gather(*(send(way) for way in ways), *(send(way[::-1]) for way in ways))
    async with database.tx(system, now=NOON) as tx:
        await assert_board_is_a_recount(tx, round_)
        counted = await tx.many(
            str,
            """
            select string_agg(n::text, ' ' order by n) from sweeps_report group by door_id
            """,
        )
        assert counted == ["1 2 3"] * len(doors)
        account = await close_round(tx, round_.id)
    assert account.adds_up()
    assert account.accounted == len(doors)
