"""Testing rounds: called down in waves, people linked to tubes, homes for the home team."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from declaring import a_live_one
from sweeping import assert_board_is_a_recount, doors_of, opened, said, take, taken

from small_town import GRID_1, MICRO_1A, NOON, PEOPLE, XINGHUA, household_id, resident_id
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.database import Tx
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid, NotFound
from wangge.people.commands.teams import form_team
from wangge.people.model import Member
from wangge.sweeps import Round, close_round
from wangge.sweeps.commands.testing import (
    Filled,
    Filling,
    call_wave,
    fill,
    plan_waves,
    send_home_team,
    take_back_tube,
)
from wangge.sweeps.events import DoorNeeds, TubeFilled, WaveCalled
from wangge.sweeps.model import TubeFull, TubeTaken, WaveAlreadyCalled
from wangge.sweeps.queries import doors as door_queries
from wangge.sweeps.queries.homes import HomeLine, homes
from wangge.sweeps.queries.testing import called
from wangge.sweeps.roster import mine

As = Callable[[str], Actor]
Client = Callable[..., Any]


async def testing(tx: Tx, as_: As, **other: Any) -> Round:
    system = tx.actor
    await a_live_one(tx, as_("street_officer"), as_("district_officer"))
    tx.actor = system
    return await opened(tx, kind="testing", **other)


async def by_word(tx: Tx, round_: Round) -> None:
    """As where a laboratory's own system records tubes: done is also who is said to be."""
    await tx.run("update sweeps_round set form = form - 'by_tube' where id = :id", id=round_.id)


async def filled(
    tx: Tx,
    round_: Round,
    people: dict[UUID, UUID],
    code: str = "T-0001",
    mode: str = "ten",
    tube: UUID | None = None,
    filled_by: UUID | None = None,
) -> Filled:
    raw = {
        "round": round_.id,
        "tube": tube or new_id(NOON),
        "code": code,
        "mode": mode,
        "people": [{"door": door, "person": person} for person, door in people.items()],
        "filled_by": filled_by,
    }
    return await fill(tx, msgspec.convert(msgspec.to_builtins(raw), Filling))


async def listed(tx: Tx, round_: Round) -> dict[UUID, UUID]:
    """Everybody on the roster of one stairwell, with their doors."""
    pairs = await tx.many(
        str,
        """
        select p || ' ' || d.id from sweeps_door d, unnest(d.people) as p
         where d.round_id = :id and d.area_code = :area order by d.label, p
        """,
        id=round_.id,
        area=MICRO_1A,
    )
    return {UUID(pair.split()[0]): UUID(pair.split()[1]) for pair in pairs}


async def outcome(tx: Tx, round_: Round, door: UUID) -> str | None:
    return await tx.maybe(
        str,
        """
        select outcome from sweeps_standing
         where round_id = :round and id = :door and outcome is not null
        """,
        round=round_.id,
        door=door,
    )


async def test_waves_are_as_large_as_asked_and_called_once(tx: Tx, as_: As) -> None:
    round_ = await testing(tx, as_)
    plan = await plan_waves(tx, round_.id, 10, 20)
    assert plan.waves > 1
    sizes = await tx.many(
        int,
        """
        select sum(people) - max(people) from sweeps_block where round_id = :id group by wave
        """,
        id=round_.id,
    )
    assert max(sizes) < 10 + 10  # a stairwell more than asked for at the most
    assert await call_wave(tx, round_.id, 1) > 0
    with pytest.raises(WaveAlreadyCalled):
        await call_wave(tx, round_.id, 1)
    (fact,) = [fact for fact, _ in tx._facts if isinstance(fact, WaveCalled)]
    assert fact.wave == 1
    again = await plan_waves(tx, round_.id, 100, 20)  # who was called is not called again
    assert again.waves == 2
    unit = await tx.one(
        UUID,
        """
        select id from sweeps_block where round_id = :id and called_at is not null limit 1
        """,
        id=round_.id,
    )
    told = await called(tx, unit)
    assert told is not None
    assert (told.wave, told.called_at, told.last_called) == (1, NOON, 1)
    tx.actor = as_("part_time_worker")
    (his,) = await mine(tx)
    assert {block.wave for block in his.blocks} <= {1, 2}
    with pytest.raises(NotFound):  # only who deals calls
        await call_wave(tx, round_.id, 2)


async def test_other_rounds_have_no_waves_and_no_tubes(tx: Tx) -> None:
    round_ = await opened(tx)
    with pytest.raises(Invalid):
        await plan_waves(tx, round_.id, 50, 20)
    with pytest.raises(Invalid):
        await filled(tx, round_, {resident_id(1): household_id(1)})


async def test_a_typed_tube_is_from_somebody_who_walks_there_or_from_whoever_types(
    tx: Tx, as_: As
) -> None:
    round_ = await testing(tx, as_)
    person, door = next(iter((await listed(tx, round_)).items()))
    block = await tx.one(UUID, "select block_id from sweeps_door where id = :id", id=door)
    (walker, *_) = await door_queries.fillers(tx, round_.id, block)
    tx.actor = as_("part_time_worker")
    for nobody in (new_id(), as_("district_officer").id):
        with pytest.raises(Invalid, match="Nobody like that filled"):
            await filled(tx, round_, {person: door}, filled_by=nobody)
    assert await tx.one(int, "select count(*) from sweeps_tube") == 0
    await filled(tx, round_, {person: door}, "T-0001", filled_by=walker.id)
    await filled(tx, round_, {person: door}, "T-0002", filled_by=tx.actor.id)
    told = await tx.many(UUID, "select for_id from sweeps_tube order by code")
    assert told == [walker.id, tx.actor.id]


async def test_who_is_in_a_tube_is_done_and_the_household_when_all_are(tx: Tx, as_: As) -> None:
    round_ = await testing(tx, as_)
    people = await listed(tx, round_)
    door = household_id(1)
    home = [person for person, at in people.items() if at == door]
    tx.actor = as_("part_time_worker")
    first = await filled(tx, round_, {home[0]: door})
    assert (first.samples, first.twice) == (1, [])
    assert await outcome(tx, round_, door) == "some"
    rest = await filled(tx, round_, dict.fromkeys(home, door))  # the same tube, more people
    assert (rest.tube, rest.samples) == (first.tube, len(home))
    assert await outcome(tx, round_, door) == "all"
    await assert_board_is_a_recount(tx, round_)
    done = await tx.one(
        int, "select sum(p_done)::int from sweeps_block where round_id = :id", id=round_.id
    )
    assert done == len(home)


async def test_a_tube_that_was_wrong_is_taken_back(tx: Tx, as_: As) -> None:
    round_ = await testing(tx, as_)
    people = await listed(tx, round_)
    door = household_id(1)
    home = [person for person, at in people.items() if at == door]
    tx.actor = as_("part_time_worker")
    one = await filled(tx, round_, dict.fromkeys(home, door))
    two = await filled(tx, round_, {home[0]: door}, code="T-0002", mode="single")
    assert two.twice == [home[0]]  # in both, until somebody says which
    await take_back_tube(tx, round_.id, two.tube)
    assert await outcome(tx, round_, door) == "all"  # the other tube has them
    tx.actor = as_("grid_worker_2")
    with pytest.raises(NotFound):  # somebody else's
        await take_back_tube(tx, round_.id, one.tube)
    tx.actor = as_("community_officer")
    await take_back_tube(tx, round_.id, one.tube)
    assert await outcome(tx, round_, door) == "some"
    done = await tx.one(
        int, "select sum(p_done)::int from sweeps_block where round_id = :id", id=round_.id
    )
    assert done == 0
    tx.actor = as_("part_time_worker")
    again = await filled(tx, round_, dict.fromkeys(home, door))  # its code is free again
    assert again.tube != one.tube
    await assert_board_is_a_recount(tx, round_)


async def test_what_does_not_go_into_a_tube_is_refused(tx: Tx, as_: As) -> None:
    round_ = await testing(tx, as_)
    people = await listed(tx, round_)
    doors = sorted(set(people.values()))
    tx.actor = as_("part_time_worker")
    with pytest.raises(Invalid):
        await filled(tx, round_, people, code="管一", mode="household")
    with pytest.raises(Invalid):
        await filled(tx, round_, people, code="T-0003", mode="household")
    with pytest.raises(TubeFull):
        await filled(tx, round_, people, code="T-0004", mode="single")
    with pytest.raises(NotFound):
        await filled(
            tx,
            round_,
            {resident_id(1): doors[-1] if doors[-1] != household_id(1) else doors[0]},
        )
    await filled(tx, round_, {resident_id(1): household_id(1)})
    tx.actor = as_("grid_worker")
    with pytest.raises(TubeTaken):
        await filled(tx, round_, {resident_id(1): household_id(1)})
    tx.actor = as_("grid_worker_2")
    with pytest.raises(NotFound):  # no stairwell of theirs
        await filled(tx, round_, {resident_id(1): household_id(1)}, code="T-0009")


async def test_sampled_where_nobody_was_met_counts(tx: Tx, as_: As) -> None:
    round_ = await testing(tx, as_)
    door = household_id(1)
    head = as_("part_time_worker")
    await taken(tx, said(round_, door, head, "nobody"))
    tx.actor = head
    await filled(tx, round_, {resident_id(1): door})
    assert await outcome(tx, round_, door) == "some"
    await assert_board_is_a_recount(tx, round_)


async def done(tx: Tx, round_: Round) -> int:
    return await tx.one(
        int, "select sum(p_done)::int from sweeps_block where round_id = :id", id=round_.id
    )


@pytest.mark.parametrize("before", ["visit", "nobody", "locked", "refused", "some"])
async def test_a_household_sampled_one_by_one_is_complete_whatever_stood_before(
    tx: Tx, as_: As, before: str
) -> None:
    round_ = await testing(tx, as_)
    people = await listed(tx, round_)
    door, home = await family(tx, round_, people, 3)
    head = as_("part_time_worker")
    if before == "some":
        await by_word(tx, round_)
    await taken(tx, said(round_, door, head, before))
    tx.actor = head
    for number, person in enumerate(home):
        assert await outcome(tx, round_, door) == (before if number == 0 else "some")
        await filled(tx, round_, {person: door}, code=f"T-000{number}", mode="single")
        assert await done(tx, round_) == number + 1
    assert await outcome(tx, round_, door) == "all"
    await assert_board_is_a_recount(tx, round_)


async def family(
    tx: Tx, round_: Round, people: dict[UUID, UUID], size: int
) -> tuple[UUID, list[UUID]]:
    """A door of that stairwell with so many people behind it."""
    door = household_id(1)
    home = sorted(people, key=lambda person: people[person] != door)[:size]
    assert len(home) == size
    await tx.run(
        "update sweeps_door set people = :people where round_id = :round and id = :door",
        people=home,
        round=round_.id,
        door=door,
    )
    return door, home


async def test_who_was_done_or_exempt_by_word_completes_the_household_too(
    tx: Tx, as_: As
) -> None:
    round_ = await testing(tx, as_)
    await by_word(tx, round_)
    door, home = await family(tx, round_, await listed(tx, round_), 4)
    head = as_("part_time_worker")
    absent, exempt, *_ = home
    await taken(
        tx,
        said(round_, door, head, "some", persons={absent: "absent", exempt: "exempt"}),
    )
    assert await done(tx, round_) == 2  # the others, not named
    tx.actor = head
    await filled(tx, round_, {absent: door}, mode="single")
    assert await outcome(tx, round_, door) == "all"
    assert await done(tx, round_) == 3
    await assert_board_is_a_recount(tx, round_)


async def test_a_sample_leaves_those_done_by_word_done(tx: Tx, as_: As) -> None:
    round_ = await testing(tx, as_)
    await by_word(tx, round_)
    door, home = await family(tx, round_, await listed(tx, round_), 4)
    head = as_("part_time_worker")
    await taken(
        tx,
        said(round_, door, head, "some", persons={home[0]: "absent", home[1]: "refused"}),
    )
    tx.actor = head
    await filled(tx, round_, {home[0]: door}, mode="single")
    assert await outcome(tx, round_, door) == "some"
    assert await done(tx, round_) == 3


async def test_nobody_is_done_by_word_where_tubes_tell(tx: Tx, as_: As) -> None:
    round_ = await testing(tx, as_)
    door, home = await family(tx, round_, await listed(tx, round_), 4)
    head = as_("part_time_worker")
    for words in ("all", "some"):
        (answer,) = await take(tx, said(round_, door, head, words))
        assert isinstance(answer, Invalid)
        assert "装了管才算已检" in answer.words()
    (answer,) = await take(tx, said(round_, door, head, "visit", persons={home[0]: "done"}))
    assert isinstance(answer, Invalid)
    assert await done(tx, round_) == 0
    assert await outcome(tx, round_, door) is None
    # One is exempt, one is away: of the others nothing was said.
    persons = {home[0]: "exempt", home[1]: "away"}
    await taken(tx, said(round_, door, head, None, persons=persons))
    tx.actor = head
    assert await done(tx, round_) == 0
    await filled(tx, round_, {home[2]: door}, mode="single")
    assert await done(tx, round_) == 1
    assert await outcome(tx, round_, door) == "some"
    await filled(tx, round_, {home[1]: door, home[3]: door}, code="T-0002", mode="five")
    assert await outcome(tx, round_, door) == "all"
    assert await done(tx, round_) == 3
    await assert_board_is_a_recount(tx, round_)
    # A desk may rule, and where nobody is listed nobody can be in a tube.
    other = next(one for one in await doors_of(tx, round_) if one != door)
    officer = as_("community_officer")
    await taken(tx, said(round_, door, officer, "all", base=9, decides=True))
    assert await done(tx, round_) == 3
    # Somebody who joins a household that is done counts once they are in a tube, and not before.
    newcomer = resident_id(60)
    assert newcomer not in home
    await tx.run("update sweeps_block set people = people + 1 where round_id = :r", r=round_.id)
    await tx.run(
        "update sweeps_door set people = people || :more::uuid where round_id = :r and id = :d",
        r=round_.id,
        d=door,
        more=newcomer,
    )
    await filled(tx, round_, {newcomer: door}, code="T-0003", mode="single")
    assert await done(tx, round_) == 4
    await tx.run(
        "update sweeps_door set people = '{}' where round_id = :r and id = :d",
        r=round_.id,
        d=other,
    )
    await taken(tx, said(round_, other, head, "all"))
    assert await outcome(tx, round_, other) == "all"


@pytest.mark.parametrize("before", [None, "nobody", "all"])
async def test_a_tube_taken_back_opens_its_household_again(
    tx: Tx, as_: As, before: str | None
) -> None:
    round_ = await testing(tx, as_)
    door, home = await family(tx, round_, await listed(tx, round_), 3)
    head = as_("part_time_worker")
    if before:
        await by_word(tx, round_)
        await taken(tx, said(round_, door, head, before))
    tx.actor = head
    rest = await filled(tx, round_, dict.fromkeys(home[1:], door))
    wrong = await filled(tx, round_, {home[0]: door}, code="T-0002", mode="single")
    assert await outcome(tx, round_, door) == "all"
    await take_back_tube(tx, round_.id, wrong.tube)
    assert await outcome(tx, round_, door) == "some"
    assert await done(tx, round_) == 2
    assert door in {home.id for home in await missed(tx, round_)}
    await take_back_tube(tx, round_.id, rest.tube)
    assert await done(tx, round_) == 0  # nor is anybody done for not being named
    await filled(tx, round_, dict.fromkeys(home, door), code="T-0003")
    assert await outcome(tx, round_, door) == "all"
    assert await done(tx, round_) == 3
    await assert_board_is_a_recount(tx, round_)


async def test_the_only_sample_taken_back_leaves_nobody_done(tx: Tx, as_: As) -> None:
    round_ = await testing(tx, as_)
    door, home = await family(tx, round_, await listed(tx, round_), 3)
    tx.actor = as_("part_time_worker")
    wrong = await filled(tx, round_, {home[0]: door}, mode="single")
    assert await done(tx, round_) == 1
    await take_back_tube(tx, round_.id, wrong.tube)
    assert await done(tx, round_) == 0
    assert door in {home.id for home in await missed(tx, round_)}


async def missed(tx: Tx, round_: Round) -> list[HomeLine]:
    from wangge.sweeps.acts import READ

    reach = system_actor(tx.actor.district).reach(READ, tx.now)
    return await homes(tx, reach, round_.id, ["all", "exempt"], 999, special=False)


async def test_a_code_typed_again_is_the_same_tube_and_nobody_is_in_two(
    tx: Tx, as_: As
) -> None:
    round_ = await testing(tx, as_)
    people = await listed(tx, round_)
    door, home = await family(tx, round_, people, 2)
    tx.actor = as_("part_time_worker")
    first = await filled(tx, round_, {home[0]: door})
    again = await filled(tx, round_, dict.fromkeys(home, door))  # another id from the phone
    assert (again.tube, again.samples, again.twice) == (first.tube, 2, [])
    facts = [fact for fact, _ in tx._facts if isinstance(fact, TubeFilled)]
    assert [fact.flagged for fact in facts] == [False, False]
    other = await filled(tx, round_, {home[1]: door}, code="T-0002", mode="single")
    assert other.twice == [home[1]]


async def waits_for(database: Any, holder: Tx, task: "asyncio.Task[Any]") -> None:
    """Until somebody else waits for what a transaction holds."""
    pid = await holder.one(int, "select pg_backend_pid()")
    waiting = """
        select count(*)::int from pg_locks where not granted and :pid = any(pg_blocking_pids(pid))
    """
    async with database.tx(system_actor(database.schema)) as tx:
        while not await tx.one(int, waiting, pid=pid):
            assert not task.done()
            await asyncio.sleep(0.02)


async def test_two_tubes_at_one_door_at_once_are_judged_one_after_the_other(
    own_installation: Any, as_: As
) -> None:
    """Two people sample a household where nobody was met before, each somebody; then both tubes
    are taken back at once by two officers."""
    database = own_installation.districts["town"].database
    system = system_actor(database.schema)
    head, officer, street, district = (
        replace(as_(name), district=database.schema)
        for name in (
            "part_time_worker",
            "community_officer",
            "street_officer",
            "district_officer",
        )
    )
    async with database.tx(system) as tx:
        hours = {"starts_at": tx.now, "ends_at": tx.now + timedelta(days=1)}
        await a_live_one(tx, street, district, **hours)
        tx.actor = system
        round_ = await opened(tx, kind="testing", areas=[GRID_1])
        door, home = await family(tx, round_, await listed(tx, round_), 2)
        await taken(tx, said(round_, door, head, "nobody"))

    async def sample(tx: Tx, number: int) -> Filled:
        return await filled(tx, round_, {home[number]: door}, f"T-000{number}", "single")

    async def later(work: Callable[[Tx], Any], actor: Actor) -> Any:
        async with database.tx(actor) as tx:
            return await work(tx)

    async with database.tx(head) as tx:
        one = await sample(tx, 0)
        second = asyncio.create_task(later(lambda tx: sample(tx, 1), head))
        await waits_for(database, tx, second)
    two: Filled = await second
    async with database.tx(system) as tx:
        assert await outcome(tx, round_, door) == "all"
        assert await done(tx, round_) == 2
        await assert_board_is_a_recount(tx, round_)
        third = await filled(tx, round_, {home[0]: door}, "T-0003", "single")
        assert third.twice == [home[0]]

    async with database.tx(officer) as tx:
        await take_back_tube(tx, round_.id, one.tube)
        back = asyncio.create_task(
            later(lambda tx: take_back_tube(tx, round_.id, third.tube), officer)
        )
        await waits_for(database, tx, back)
    await back
    async with database.tx(system) as tx:
        assert await outcome(tx, round_, door) == "some", "no tube has the first any more"
        assert await done(tx, round_) == 1
        assert two.tube


async def test_a_phone_that_did_not_hear_that_its_tube_was_taken_back_fills_it_anew(
    tx: Tx, as_: As
) -> None:
    round_ = await testing(tx, as_)
    door, home = await family(tx, round_, await listed(tx, round_), 2)
    head = as_("part_time_worker")
    tx.actor = head
    one = await filled(tx, round_, {home[0]: door}, code="T-0007")
    tx.actor = as_("community_officer")
    await take_back_tube(tx, round_.id, one.tube)
    tx.actor = head
    again = await filled(tx, round_, {home[0]: door}, code="T-0007", tube=one.tube)
    assert (again.code, again.samples) == ("T-0007", 1)
    assert again.tube != one.tube
    # A late word on the old one says nothing of the one that took its place.
    await take_back_tube(tx, round_.id, one.tube, "T-0007")
    assert await done(tx, round_) == 1
    # Nor does it know the new id, when it takes that one back by its own.
    back = await take_back_tube(tx, round_.id, new_id(NOON), "t-0007")
    assert back.tube == again.tube
    assert await done(tx, round_) == 0
    with pytest.raises(NotFound):
        await take_back_tube(tx, round_.id, new_id(NOON), "t-0007")


async def test_homes_go_to_the_home_team_floor_by_floor(
    tx: Tx, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    round_ = await testing(tx, as_)
    await tx.run(
        """
        update sweeps_door set special = people[1:1]
         where round_id = :id and id = :door
        """,
        id=round_.id,
        door=household_id(1),
    )
    member = PEOPLE["volunteer"].id
    team = await form_team(tx, "testing", XINGHUA, [Member(member, "扫码登记")])
    from wangge.sweeps.acts import READ

    found = await homes(tx, tx.reach(READ), round_.id, ["all"], 99, special=True)
    assert household_id(1) in {home.id for home in found}
    assert await send_home_team(tx, round_.id, team.team.id) == len(found)
    assert await send_home_team(tx, round_.id, team.team.id) == 0  # they have them
    # Pressed once more after there were more of them than one action sends, the others go.
    await tx.run("update sweeps_share set until_at = :now where team = 'home'", now=tx.now)
    monkeypatch.setattr("wangge.sweeps.commands.testing.HOMES_MAX", 1)
    sent = [await send_home_team(tx, round_.id, team.team.id) for _ in range(len(found) + 1)]
    assert sent == [1] * len(found) + [0]
    tx.actor = as_("volunteer")
    floors = [block.floors for held in await mine(tx) for block in held.blocks]
    assert floors
    assert all(low == high for runs in floors for low, high in runs or ())


async def test_who_was_missed_is_a_case_and_who_was_sampled_is_not(tx: Tx, as_: As) -> None:
    round_ = await testing(tx, as_, areas=[MICRO_1A])
    people = await listed(tx, round_)
    home = {person: at for person, at in people.items() if at == household_id(1)}
    system, tx.actor = tx.actor, as_("part_time_worker")
    await filled(tx, round_, home)
    tx.actor = system
    await close_round(tx, round_.id)
    missed = {fact.door_id for fact, _ in tx._facts if isinstance(fact, DoorNeeds)}
    assert household_id(1) not in missed
    assert missed == set(people.values()) - {household_id(1)}


async def test_a_community_calls_and_corrects_on_the_desk(
    app_client: Client, own_installation: Any, as_: As
) -> None:
    database = own_installation.districts["town"].database
    officers = [
        replace(as_(name), district=database.schema)
        for name in ("street_officer", "district_officer")
    ]
    async with database.tx(system_actor(database.schema)) as tx:
        await a_live_one(tx, *officers, starts_at=tx.now, ends_at=tx.now + timedelta(days=1))
        tx.actor = system_actor(database.schema)
        round_ = await opened(tx, kind="testing", areas=[GRID_1])
    officer: httpx.AsyncClient = await app_client("community_officer")
    path = f"/sweeps/{round_.id}/testing"
    assert (
        await officer.post(f"{path}/waves", data={"size": "10", "minutes": "20"})
    ).status_code == 303
    assert "叫第 1 批下楼" in (await officer.get(path)).text
    assert (await officer.post(f"{path}/call", data={"wave": "1"})).status_code == 303
    assert (await officer.post(f"{path}/call", data={"wave": "1"})).status_code == 409
    raw = {
        "round": str(round_.id),
        "tube": str(new_id(NOON)),
        "code": "t-0001",
        "mode": "ten",
        "people": [{"door": str(household_id(1)), "person": str(resident_id(1))}],
    }
    worker: httpx.AsyncClient = await app_client("part_time_worker")
    deed = {"id": str(new_id(NOON)), "kind": "sweeps.fill_tube", "body": raw}
    for _ in range(2):  # sent again, answered again
        (answer,) = (await worker.post("/api/v1/deeds", json={"deeds": [deed]})).json()[
            "answers"
        ]
        assert (answer["status"], answer["body"]["samples"]) == (201, 1)
    assert "T-0001" in (await officer.get(path)).text
    assert (await officer.post(f"{path}/tube", data={"tube": raw["tube"]})).status_code == 303
    assert "已撤回" in (await officer.get(path)).text
