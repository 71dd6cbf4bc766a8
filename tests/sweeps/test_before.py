"""A round that comes again begins from what the one before was told, and counts nothing of it by itself."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from asking import ASKED, lines, own_field, with_questions
from declaring import a_live_one
from sweeping import opened, said, taken

from small_town import NOON
from wangge.kernel.actors import system_actor
from wangge.kernel.crypto import vault_of
from wangge.kernel.database import Tx, counting
from wangge.kernel.http import District
from wangge.kernel.moments import local_date
from wangge.kernel.settings import decide
from wangge.people.commands.own import keep_own
from wangge.sweeps import Round, close_round
from wangge.sweeps.pages import ROUTES
from wangge.sweeps.roster import roster

DAY = timedelta(days=1)
HTML = {"accept": "text/html"}


async def lived(tx: Tx, round_: Round) -> list[UUID]:
    return [id_ for id_, door in (await lines(tx, round_.id)).items() if door.people]


async def twice(
    tx: Tx,
    by: Any,
    answers: dict[str, Any],
    kind: str = "census",
    outcome: str = "all",
    **more: Any,
) -> Round:
    """A round whose first lived-in door was answered, and the next."""
    first = await opened(tx, kind=kind, **more)
    (door, *_) = await lived(tx, first)
    await taken(tx, said(first, door, by, outcome, answers=answers))
    await close_round(tx, first.id)
    return await opened(tx, kind=kind, after=first.id, **more)


async def test_the_answers_of_the_round_before_are_offered_with_their_day(
    tx: Tx, as_: Any
) -> None:
    await with_questions(tx, ASKED)
    by = as_("grid_worker")
    tx.now = NOON - 7 * DAY
    first = await opened(tx, kind="census")
    (door, other, *_) = await lived(tx, first)
    person = (await lines(tx, first.id))[door].people[0].id
    answers = {"dogs": True, "dog_count": 2, "call": "19900000011", f"temp@{person}": 36.6}
    await taken(tx, said(first, door, by, answers=answers))
    await close_round(tx, first.id)
    tx.now = NOON
    second = await opened(tx, kind="census", after=first.id)
    found = await lines(tx, second.id)
    # A telephone is shown as its mask and cannot be said again by a tap.
    assert found[door].before == {"dogs": True, "dog_count": 2, f"temp@{person}": 36.6}
    assert found[door].before_on == (NOON - 7 * DAY).date()
    assert (found[other].before, found[other].before_on) == ({}, None)


async def test_what_was_said_before_is_no_answer_of_this_round(tx: Tx, as_: Any) -> None:
    await with_questions(tx, ASKED)
    second = await twice(tx, as_("grid_worker"), {"dogs": False})
    (door, *_) = await lived(tx, second)
    line = (await lines(tx, second.id))[door]
    assert (line.answers, line.outcome) == ({}, None)
    assert "dogs" in line.asks
    account = await close_round(tx, second.id)
    assert account.counts == {}
    kept = "select count(*) from sweeps_said where round_id = :id"
    assert await tx.one(int, kept, id=second.id) == 0


async def test_what_somebody_says_is_still_so_begins_the_round_after(tx: Tx, as_: Any) -> None:
    await with_questions(tx, ASKED)
    by = as_("grid_worker")
    second = await twice(tx, by, {"dogs": False})
    (door, other, *_) = await lived(tx, second)
    await taken(tx, said(second, door, by, answers={"dogs": False}))
    await close_round(tx, second.id)
    third = await opened(tx, kind="census", after=second.id)
    assert (await lines(tx, third.id))[door].before == {"dogs": False}
    assert (await lines(tx, third.id))[other].before == {}


async def test_old_disputed_and_other_kinds_answers_begin_nothing(tx: Tx, as_: Any) -> None:
    await with_questions(tx, ASKED)
    one, two = as_("grid_worker"), as_("grid_head")
    tx.now = NOON - 100 * DAY
    old = await twice(tx, one, {"dogs": True})
    tx.now = NOON
    (door, *_) = await lived(tx, old)
    assert (await lines(tx, old.id))[door].before == {}
    first = await opened(tx, kind="census")
    await taken(
        tx,
        said(first, door, one, answers={"dogs": True, "dog_count": 3}),
        said(first, door, two, answers={"dogs": False, "dog_count": 3}),
    )
    await close_round(tx, first.id)
    second = await opened(tx, kind="census", after=first.id)
    assert (await lines(tx, second.id))[door].before == {"dog_count": 3}
    await with_questions(tx, ASKED, code="another")
    other = await opened(tx, kind="another", after=first.id)
    assert all(line.before == {} for line in (await lines(tx, other.id)).values())


async def test_nothing_begins_from_what_rosters_are_no_longer_kept_for(
    tx: Tx, as_: Any
) -> None:
    await with_questions(tx, ASKED)
    tx.now = NOON - 20 * DAY
    second = await twice(tx, as_("grid_worker"), {"dogs": True})
    tx.now = NOON
    (door, *_) = await lived(tx, second)
    assert (await lines(tx, second.id))[door].before == {"dogs": True}
    await decide(tx, "sweeps.keep_days", 10)
    assert (await lines(tx, second.id))[door].before == {}


async def test_a_choice_that_is_no_more_is_not_offered(tx: Tx, as_: Any) -> None:
    answers = {"food": "short", "spirits": "well"}
    second = await twice(tx, as_("grid_worker"), answers, "visit", tags=[])
    (door, *_) = await lived(tx, second)
    assert (await lines(tx, second.id))[door].before == {"food": "short", "spirits": "well"}
    await tx.run(
        """
        update sweeps_round set form = jsonb_set(form, '{questions,0,choices}',
               '[{"code": "well", "words": "没问题"}]') where id = :id
        """,
        id=second.id,
    )
    assert (await lines(tx, second.id))[door].before == {"spirits": "well"}


async def test_what_the_register_knows_fresh_is_neither_asked_nor_offered(
    tx: Tx, as_: Any
) -> None:
    key = await own_field(tx, "household", "养狗")
    await with_questions(tx, [{"key": "dogs", "words": "养狗吗", "kind": "bool", "field": key}])
    second = await twice(tx, as_("grid_worker"), {"dogs": True})
    (door, *_) = await lived(tx, second)
    assert (await lines(tx, second.id))[door].before == {"dogs": True}
    await keep_own(tx, vault_of(tx.actor.district), door, None, {key.split(".")[1]: "1"})
    line = (await lines(tx, second.id))[door]
    assert (line.asks, line.before) == ([], {})


async def test_testing_begins_from_nothing(tx: Tx, as_: Any) -> None:
    await a_live_one(tx, as_("street_officer"), as_("district_officer"))
    await tx.run(
        """
        update sweeps_kind set questions =
               '[{"key": "stairs", "words": "能下楼吗", "kind": "bool"}]' where code = 'testing'
        """
    )
    await tx.bump("sweeps")
    second = await twice(tx, as_("grid_worker"), {"stairs": True}, "testing", "exempt")
    assert all(line.before == {} for line in (await lines(tx, second.id)).values())


async def test_whoever_reads_no_residents_is_told_nothing_of_before(tx: Tx, as_: Any) -> None:
    await with_questions(tx, ASKED)
    second = await twice(tx, as_("grid_worker"), {"dogs": True})
    tx.actor = as_("dispatcher")
    assert all(line.before == {} for line in (await lines(tx, second.id)).values())


async def test_a_roster_of_any_size_asks_once_for_what_was_before(tx: Tx, as_: Any) -> None:
    await with_questions(tx, ASKED)
    second = await twice(tx, as_("grid_worker"), {"dogs": True})
    blocks = await tx.many(
        UUID, "select id from sweeps_block where round_id = :id", id=second.id
    )
    counted: list[int] = []
    for some in (blocks[:1], blocks):
        with counting() as count:
            await roster(tx, second.id, some, {})
        counted.append(count.total)
    assert counted[0] == counted[1]


async def test_paper_and_desk_show_what_was_said_last_time(
    room_client: Any, own_district: District, as_: Any
) -> None:
    client = await room_client(ROUTES, as_("community_officer"))
    async with own_district.database.tx(system_actor(own_district.schema)) as tx:
        await with_questions(tx, ASKED)
        worker = replace(as_("grid_worker"), district=own_district.schema)
        second = await twice(tx, worker, {"dogs": True, "dog_count": 2})
        day = local_date(tx.now).isoformat()
        (door, *_) = await lived(tx, second)
    paper = await client.get(f"/sweeps/{second.id}/paper", headers=HTML)
    assert "上次 1. 是 2. 2" in paper.text
    page = await client.get(f"/sweeps/{second.id}/doors/{door}", headers=HTML)
    assert f"上次({day}):是" in page.text
