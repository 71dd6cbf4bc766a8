"""A district says fields in its own words and adds its own, but never without saying why."""

import dataclasses
from collections.abc import Callable

import pytest

from wangge.forms.entries import WORDS, Change, add_field, change_field, dictionary
from wangge.forms.likeness import Matcher
from wangge.forms.model import (
    FieldAlreadyHeld,
    OwnField,
    TooManyFields,
    read_value,
    said,
)
from wangge.kernel.actors import Actor
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Forbidden, Invalid, NotFound

As = Callable[[str], Actor]

BIKE = OwnField(
    subject="household",
    name="电动自行车",
    meaning="家里有没有电动自行车",
    kind="bool",
    purpose="消防检查和充电桩规划",
    basis="statutory_duty",
    retention="people.residents",
    sensitivity=3,
    fresh_days=365,
    also=("电动车", "是否有电动车"),
)


async def test_a_field_is_said_in_the_districts_own_words(tx: Tx, as_: As) -> None:
    tx.actor = as_("district_officer")
    entry = await change_field(
        tx, "resident.phone", Change(name="手机", also=("移动号码",), fresh_days=90)
    )
    assert (entry.spec.name, entry.spec.fresh_days, entry.changed) == ("手机", 90, True)
    assert {"移动号码", "联系方式"} <= set(entry.spec.also)
    assert entry.spec.purpose == "应急联络和上门预约", "what it is for stays as declared"
    back = await change_field(tx, "resident.phone", Change(name="", also=()))
    assert (back.spec.name, back.spec.fresh_days) == ("联系电话", 90)


async def test_only_the_whole_district_decides_about_fields(tx: Tx, as_: As) -> None:
    tx.actor = as_("street_officer")
    with pytest.raises(Forbidden):
        await change_field(tx, "resident.phone", Change(name="手机"))
    with pytest.raises(Forbidden):
        await add_field(tx, BIKE)


async def test_a_field_of_ones_own_is_found_by_its_other_names(tx: Tx, as_: As) -> None:
    tx.actor = as_("data_protection")
    entry = await add_field(tx, BIKE)
    assert (entry.key, entry.own) == ("household.own_1", True)
    second = await add_field(tx, dataclasses.replace(BIKE, name="养犬", also=()))
    assert second.key == "household.own_2"
    matcher = (await WORDS.get(tx)).matcher("household")
    assert isinstance(matcher, Matcher)
    assert matcher.known("电动车")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"purpose": ""}, "purpose"),
        ({"basis": ""}, "basis"),
        ({"basis": "public_health_emergency"}, "basis"),
        ({"retention": ""}, "retention"),
        ({"sensitivity": 1}, "sensitivity"),
        ({"subject": "area"}, "subject"),
        ({"kind": "id_number"}, "kind"),
        ({"kind": "code"}, "options"),
        ({"options": ("有", "无")}, "options"),
        ({"meaning": " "}, "meaning"),
        ({"name": "名" * 31}, "name"),
        ({"fresh_days": 0}, "fresh_days"),
    ],
)
async def test_nothing_is_collected_without_its_reasons(
    tx: Tx, as_: As, change: dict[str, object], field: str
) -> None:
    tx.actor = as_("district_officer")
    with pytest.raises(Invalid) as refused:
        await add_field(tx, dataclasses.replace(BIKE, **change))  # type: ignore[arg-type]
    assert [problem.field for problem in refused.value.problems] == [field]
    assert not [e for e in (await dictionary(tx)).all(active=False) if e.own]


async def test_the_database_too_wants_the_reasons(tx: Tx) -> None:
    import asyncpg

    await tx.run("savepoint before")
    with pytest.raises(asyncpg.CheckViolationError, match="own_says_why"):
        await tx.run(
            """
            insert into forms_entry (id, key, own, name, meaning, changed_by, changed_at)
            values (gen_random_uuid(), 'household.own_9', true, '养犬', '有没有狗',
                    gen_random_uuid(), :now)
            """,
            now=tx.now,
        )
    await tx.run("rollback to savepoint before")


async def test_what_is_held_already_is_not_collected_again(tx: Tx, as_: As) -> None:
    tx.actor = as_("district_officer")
    with pytest.raises(FieldAlreadyHeld, match="Telephone"):
        await add_field(
            tx,
            dataclasses.replace(BIKE, subject="resident", name="手机号", also=(), kind="text"),
        )
    await add_field(tx, BIKE)
    with pytest.raises(FieldAlreadyHeld):
        await add_field(tx, dataclasses.replace(BIKE, name="电动车"))


async def test_a_dictionary_is_no_diary(
    tx: Tx, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wangge.forms.entries.OWN_MAX", 1)
    tx.actor = as_("district_officer")
    first = await add_field(tx, BIKE)
    other = dataclasses.replace(BIKE, name="养犬", also=())
    with pytest.raises(TooManyFields):
        await add_field(tx, other)
    await change_field(tx, first.key, Change(active=False))
    assert (await add_field(tx, other)).key == "household.own_2"
    with pytest.raises(Invalid):
        (await dictionary(tx)).spec(first.key)


async def test_a_declared_field_stays_in_use(tx: Tx, as_: As) -> None:
    tx.actor = as_("district_officer")
    with pytest.raises(Invalid, match="cannot be taken out"):
        await change_field(tx, "resident.phone", Change(active=False))
    with pytest.raises(NotFound):
        await change_field(tx, "resident.blood", Change(name="血"))


@pytest.mark.parametrize(
    ("kind", "given", "kept", "shown"),
    [
        ("bool", "有", "1", "是"),
        ("bool", "否", "0", "否"),
        ("number", "12.5", "12.5", "12.5"),
        ("date", "2026-03-18", "2026-03-18", "2026-03-18"),
        ("code", "红", "1", "红"),
        ("codes", "红、蓝", "1,2", "红、蓝"),
        ("text", " 一句话 ", "一句话", "一句话"),
        ("text", "", "", ""),
    ],
)
async def test_answers_are_read_and_said(
    tx: Tx, as_: As, kind: str, given: str, kept: str, shown: str
) -> None:
    tx.actor = as_("district_officer")
    options = ("红", "蓝") if kind.startswith("code") else ()
    entry = await add_field(tx, dataclasses.replace(BIKE, kind=kind, options=options))
    assert read_value(entry.spec, given) == kept
    assert said(entry.spec, kept) == shown


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("bool", "也许"),
        ("number", "十二"),
        ("date", "2026年"),
        ("code", "绿"),
        ("text", "长" * 300),
    ],
)
async def test_an_answer_that_will_not_do_is_refused(
    tx: Tx, as_: As, kind: str, given: str
) -> None:
    tx.actor = as_("district_officer")
    options = ("红", "蓝") if kind == "code" else ()
    entry = await add_field(tx, dataclasses.replace(BIKE, kind=kind, options=options))
    with pytest.raises(Invalid):
        read_value(entry.spec, given)
