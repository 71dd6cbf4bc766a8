"""What was answered at doors goes into the register when the round closes, and leaves for a reason."""

from typing import Any
from uuid import UUID

import pytest
from asking import ASKED, lines, own_field, with_questions
from sweeping import opened, said, taken

from wangge import sweeps
from wangge.exports.model import all_makers
from wangge.kernel.database import Tx
from wangge.kernel.moments import local_date
from wangge.sweeps.feeding import feed
from wangge.sweeps.makers import ANSWERS

As = Any


async def _fed(tx: Tx, round_id: UUID, *, late: bool = False) -> None:
    await feed(tx, {"round": str(round_id), "late": late, "after": None})


@pytest.mark.parametrize("feeds", [True, False])
async def test_answers_go_into_the_register_with_history_where_the_kind_says_so(
    tx: Tx, as_: As, feeds: bool
) -> None:
    field = await own_field(tx, "household", "是否养狗")
    asked = [
        {**ASKED[0], "field": field},
        {**ASKED[2], "key": "call", "of": "person", "field": "resident.phone"},
    ]
    await with_questions(tx, asked, feeds=feeds)
    round_ = await opened(tx, kind="census")
    door = next(d for d in (await lines(tx, round_.id)).values() if d.people)
    person = door.people[0].id
    answers = {"dogs": True, f"call@{person}": "19900000077"}
    await taken(tx, said(round_, door.id, as_("grid_worker"), answers=answers))
    await sweeps.close_round(tx, round_.id)
    await _fed(tx, round_.id)
    name = field.split(".")[1]
    kept = await tx.one(
        str, "select more::text from people_household where id = :id", id=door.id
    )
    mask = await tx.one(str, "select phone_mask from people_resident where id = :id", id=person)
    told = await tx.one(
        str, "select confirmed::text from people_household where id = :id", id=door.id
    )
    assert (f'"{name}": "1"' in kept) is feeds
    assert (mask == "199****0077") is feeds
    assert (local_date(tx.now).isoformat() in told) is feeds
    batches = "select count(*)::int from people_batch where what = 'correct'"
    assert await tx.one(int, batches) == (1 if feeds else 0)
    asked_of = await tx.many(
        str,
        "select array_to_string(keys, ',') from forms_contact where household_id = :id",
        id=door.id,
    )
    assert asked_of == [f"{field},resident.phone"]
    again = await opened(tx, kind="census")
    after = (await lines(tx, again.id))[door.id]
    assert ("dogs" not in after.asks) is feeds


async def test_what_is_disputed_or_older_than_the_register_changes_nothing(
    tx: Tx, as_: As
) -> None:
    field = await own_field(tx, "household", "是否养狗")
    await with_questions(tx, [{**ASKED[0], "field": field}], feeds=True)
    round_ = await opened(tx, kind="census")
    disputed, older, *_rest = [d.id for d in (await lines(tx, round_.id)).values() if d.people]
    one, two = as_("grid_worker"), as_("grid_head")
    await taken(
        tx,
        said(round_, disputed, one, answers={"dogs": True}),
        said(round_, disputed, two, answers={"dogs": False}),
        said(round_, older, one, answers={"dogs": True}),
    )
    name = field.split(".")[1]
    await tx.run(
        """
        update people_household
           set confirmed = confirmed || jsonb_build_object(:name::text, '2999-01-01')
         where id = :id
        """,
        id=older,
        name=name,
    )
    await sweeps.close_round(tx, round_.id)
    await _fed(tx, round_.id)
    for home in (disputed, older):
        kept = await tx.one(
            str, "select more::text from people_household where id = :id", id=home
        )
        assert name not in kept


async def test_the_list_of_answers_leaves_masked(tx: Tx, as_: As) -> None:
    await with_questions(tx, ASKED)
    round_ = await opened(tx, kind="census")
    door = next(d for d in (await lines(tx, round_.id)).values() if d.people)
    person = door.people[0]
    answers = {"dogs": True, "call": "19900000077", f"temp@{person.id}": 36.5}
    await taken(tx, said(round_, door.id, as_("grid_worker"), answers=answers))
    tx.actor = as_("community_officer")
    make = all_makers()[ANSWERS].make
    sheet = await make(tx, {"round": str(round_.id)})
    home, one = [list(row) for row in sheet.rows]
    assert home[4:9] == ["全户", "是", "", "199****0077", ""]
    assert one[4:9] == [person.name, "", "", "", 36.5]
    assert "*" in person.name
    assert {subject.resident_id for subject in sheet.people} == {p.id for p in door.people}
    whole = await make(tx, {"round": str(round_.id), "full": ["phone"]})
    assert next(iter(whole.rows))[7] == "19900000077"
