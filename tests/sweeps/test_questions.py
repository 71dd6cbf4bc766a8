"""Questions at doors: what is asked, what an answer may be, what is never asked again."""

import json
from pathlib import Path
from typing import Any, LiteralString, cast
from uuid import UUID

import pytest
from asking import ASKED, lines, own_field, with_questions
from sweeping import doors_of, opened, said, take, taken

from small_town import MICRO_1A
from wangge.forms import questions as forms_questions
from wangge.kernel.crypto import vault_of
from wangge.kernel.database import Tx, counting
from wangge.kernel.migrate import all_migrations
from wangge.kernel.refusals import Invalid
from wangge.people.commands.own import keep_own
from wangge.sweeps import roster as rosters
from wangge.sweeps.conditions import Unreadable, holds, parse, well_formed, written
from wangge.sweeps.kinds import kind_as_opened

CASES = json.loads((Path(__file__).parent / "conditions.json").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["text"])
def test_a_condition_means_what_it_says(case: dict[str, Any]) -> None:
    node = parse(case["text"])
    found = holds(node, case.get("answers", {}), case.get("it", ""), "2026-03-18")
    assert found is case["holds"]
    assert well_formed(node)
    assert parse(written(node)) == node


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("regex(., '[0-9]+')", "regex"),
        ("${a} + 1 > 2", "+"),
        ("if(${a} = 1, 2, 3)", "if"),
        ("pulldata('x', 'y', 'z', ${a})", "pulldata"),
        ("${a} =", "…"),
        ("__import__('os')", "__import__"),
        ("(" * 40 + "1" + ")" * 40, "((("),
    ],
)
def test_what_is_beyond_conditions_is_named_and_never_run(text: str, what: str) -> None:
    with pytest.raises(Unreadable) as refused:
        parse(text)
    assert refused.value.what == what


async def test_answers_stand_beside_the_outcome_and_telephones_are_sealed(
    tx: Tx, as_: Any
) -> None:
    await with_questions(tx, ASKED)
    round_ = await opened(tx, kind="census")
    by = as_("grid_worker")
    lived = [door for door in (await lines(tx, round_.id)).values() if door.people]
    door = lived[0]
    assert door.asks[:3] == ["dogs", "dog_count", "call"]
    assert door.asks[3] == "temp@0"
    person = door.people[0].id
    answers = {"dogs": True, "dog_count": 2, "call": "199 0000 0011", f"temp@{person}": 36.6}
    await taken(tx, said(round_, door.id, by, answers=answers))
    (kept,) = await tx.many(
        str, "select answers::text from sweeps_said where door_id = :id", id=door.id
    )
    assert "199****0011" in kept
    assert "19900000011" not in kept
    shown = (await lines(tx, round_.id))[door.id].answers
    assert shown == {**answers, "call": "199****0011"}
    # A second report by somebody who knew of the first, which says another number: judged in plain.
    await taken(tx, said(round_, door.id, by, None, base=1, answers={"call": "19900000012"}))
    now = (await lines(tx, round_.id))[door.id]
    assert (now.answers["call"], now.answers["dogs"], now.flagged) == ("199****0012", True, [])


async def test_the_same_telephone_from_two_phones_is_no_conflict_and_another_is(
    tx: Tx, as_: Any
) -> None:
    await with_questions(tx, ASKED)
    round_ = await opened(tx, kind="census")
    first, second, *_ = await doors_of(tx, round_)
    one, two = as_("grid_worker"), as_("grid_head")
    for door, other in ((first, "199-0000-0011"), (second, "19900000012")):
        await taken(
            tx,
            said(round_, door, one, answers={"call": "19900000011", "dogs": True}),
            said(round_, door, two, answers={"call": other, "dogs": True}),
        )
    found = await lines(tx, round_.id)
    assert (found[first].flagged, found[second].flagged) == ([], ["q:call"])
    assert found[second].answers["call"] == "199****0012"


async def test_an_answer_taken_back_stands_no_more(tx: Tx, as_: Any) -> None:
    await with_questions(tx, ASKED)
    round_ = await opened(tx, kind="census")
    (door, *_), by = await doors_of(tx, round_), as_("grid_worker")
    first = said(round_, door, by, answers={"dogs": True})
    await taken(tx, first)
    await taken(tx, said(round_, door, by, None, base=1, undoes=first.id))
    assert (await lines(tx, round_.id))[door].answers == {}


@pytest.mark.parametrize(
    "answers",
    [
        {"dogs": "yes"},
        {"dog_count": 21},
        {"dog_count": 2.5},
        {"call": "12"},
        {"temp": 36.6},
        {f"dogs@{UUID(int=141)}": True},
        {"nobody_asked": 1},
    ],
    ids=str,
)
async def test_what_is_no_answer_is_refused_by_its_question(
    tx: Tx, as_: Any, answers: dict[str, Any]
) -> None:
    await with_questions(tx, ASKED)
    round_ = await opened(tx, kind="census")
    (door, *_), by = await doors_of(tx, round_), as_("grid_worker")
    (refusal,) = await take(tx, said(round_, door, by, answers=answers))
    assert isinstance(refusal, Invalid)


async def test_a_limit_is_judged_by_what_stands_and_never_by_what_was_not_asked(
    tx: Tx, as_: Any
) -> None:
    pups = {
        **{"key": "pups", "words": "其中小狗", "kind": "number", "must_words": "不多于总数"},
        "must": ["<=", ["it"], ["q", "dog_count"]],
    }
    await with_questions(tx, [*ASKED, pups])
    round_ = await opened(tx, kind="census")
    (fresh, other, *_), by = await doors_of(tx, round_), as_("grid_worker")
    # How many dogs is known to the register: the phone judged by that, and sends one answer alone.
    await taken(tx, said(round_, fresh, by, answers={"pups": 3}))
    (refusal,) = await take(tx, said(round_, other, by, answers={"dog_count": 2, "pups": 3}))
    assert isinstance(refusal, Invalid)
    await taken(tx, said(round_, other, by, answers={"dog_count": 2}))
    # A second visit that knows of the first is judged by it.
    (refusal,) = await take(tx, said(round_, other, by, None, base=1, answers={"pups": 3}))
    assert isinstance(refusal, Invalid)
    await taken(tx, said(round_, other, by, None, base=1, answers={"pups": 2}))
    # A phone that had seen none of it is not held to what it could not know.
    await taken(tx, said(round_, other, as_("grid_head"), None, answers={"pups": 5}))


async def test_a_running_round_keeps_the_questions_it_was_opened_with(tx: Tx, as_: Any) -> None:
    await with_questions(tx, ASKED)
    round_ = await opened(tx, kind="census")
    await tx.run(
        "update sweeps_kind set questions = '[]', outcomes = outcomes - 7 where code = 'census'"
    )
    await tx.bump("sweeps")
    (door, *_), by = await doors_of(tx, round_), as_("grid_worker")
    await taken(tx, said(round_, door, by, answers={"dogs": False}))
    assert (await lines(tx, round_.id))[door].answers == {"dogs": False}
    newer = await opened(tx, kind="census")
    (refusal,) = await take(tx, said(newer, door, by, answers={"dogs": False}))
    assert isinstance(refusal, Invalid)


async def test_what_is_known_and_fresh_is_not_asked(tx: Tx) -> None:
    field = await own_field(tx, "household", "是否养狗")
    asked = [{**ASKED[0], "field": field}, ASKED[1]]
    await with_questions(tx, asked)
    round_ = await opened(tx, kind="census")
    fresh, stale, *_ = [d.id for d in (await lines(tx, round_.id)).values() if d.people]
    for home in (fresh, stale):
        await keep_own(tx, vault_of(tx.actor.district), home, None, {field.split(".")[1]: "1"})
    await tx.run(
        """
        update people_household
           set confirmed = confirmed || jsonb_build_object(:name::text, '2025-01-01')
         where id = :id
        """,
        id=stale,
        name=field.split(".")[1],
    )
    found = await lines(tx, round_.id)
    assert (found[fresh].asks, found[fresh].known) == (["dog_count"], {"dogs": True})
    assert (found[stale].asks, found[stale].known) == (["dogs", "dog_count"], {})


async def test_a_question_from_an_admitted_table_comes_along_to_whom_it_concerns(
    tx: Tx,
) -> None:
    field = await own_field(tx, "household", "有无电动车")
    await forms_questions.open_questions(
        tx, [forms_questions.Asking(field, MICRO_1A, "家里有电动车吗")]
    )
    round_ = await opened(tx)
    found = (await lines(tx, round_.id)).values()
    inside = set(await doors_of(tx, round_))
    asked = {door.id for door in found if any(key.startswith("f_") for key in door.asks)}
    assert asked == {door.id for door in found if door.people and door.id in inside}
    assert len(asked) < len(inside) < len(found)


async def test_reading_a_roster_costs_as_many_statements_for_one_door_as_for_all(
    tx: Tx,
) -> None:
    home, person = await own_field(tx, "household", "甲"), await own_field(tx, "resident", "乙")
    await with_questions(
        tx,
        [
            {**ASKED[0], "field": home},
            {**ASKED[0], "key": "b", "of": "person", "field": person},
        ],
    )
    round_ = await opened(tx, kind="census")
    blocks = await tx.many(
        UUID, "select id from sweeps_block where round_id = :id", id=round_.id
    )
    counted: list[int] = []
    for some in (blocks[:1], blocks):
        with counting() as count:
            await rosters.roster(tx, round_.id, some, {})
        counted.append(count.total)
    assert counted[0] == counted[1]


async def test_rounds_from_before_kinds_were_edited_keep_theirs_and_phones_get_every_door_again(
    tx: Tx, as_: Any
) -> None:
    round_ = await opened(tx, kind="visit")
    await tx.run("update sweeps_round set form = null where id = :id", id=round_.id)
    tx.actor = as_("grid_worker")
    held = {
        block.id: block.mark for block in (await rosters.roster(tx, round_.id, [], {})).blocks
    }
    (sql,) = [m.sql for m in all_migrations(["sweeps"]) if m.name.endswith("their_kind.sql")]
    await tx.run(cast("LiteralString", sql))
    asked = (await kind_as_opened(tx, round_.id)).questions
    assert [(q.key, q.required) for q in asked] == [
        *(("food", False), ("hardship", False), ("spirits", False))
    ]
    fresh = await rosters.roster(tx, round_.id, list(held), held)
    whole = await rosters.roster(tx, round_.id, list(held), {})
    assert [block.doors for block in fresh.blocks] == [block.doors for block in whole.blocks]
    assert all(block.mark == held[block.id] + 1 for block in whole.blocks)
    await tx.run("update sweeps_kind set questions = '[]' where code = 'visit'")
    await tx.bump("sweeps")
    door = next(door.id for block in whole.blocks for door in block.doors)
    await taken(tx, said(round_, door, as_("grid_worker"), answers={"food": "short"}))
