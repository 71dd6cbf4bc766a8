"""The field dictionary: nothing is kept about anybody that it does not explain."""

import asyncpg
import pytest

from wangge.kernel import fields
from wangge.kernel.fields import FieldSpec, all_fields, field
from wangge.kernel.i18n import catalogue
from wangge.kernel.retention import all_keeps
from wangge.web.rooms import import_rooms

import_rooms()

#: Tables whose every column is about somebody or somebody's door.
ABOUT_PEOPLE = (
    *("people_household", "people_resident", "places_dwelling"),
    *("registers_thing", "registers_person"),
)
#: Columns that tie rows together or say when a row was written.
TIES = {
    *("id", "household_id", "dwelling_id", "unit_id", "area_code"),
    *("updated_at", "version", "confirmed_on", "confirmed"),
    *("merged_into", "split_from", "joined_into"),
    # Which register, which thing and resident a row belongs to, and when it has to be asked about.
    *("building_id", "thing_id", "resident_id", "stale_on"),
    # What a district added itself; its dictionary holds each of them (forms_entry).
    "more",
}

ENOUGH = {
    "meaning": "登记的车牌",
    "source": "asked",
    "kind": "text",
    "purpose": "通知挪车",
    "basis": "consent",
    "fresh_days": 180,
    "retention": "people.residents",
    "sensitivity": 3,
}


@pytest.fixture(autouse=True)
def _own_entries(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    monkeypatch.setattr(fields, "_fields", dict(all_fields()))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"meaning": " "}, "meaning"),
        ({"purpose": ""}, "purpose"),
        ({"basis": "because"}, "basis"),
        ({"retention": ""}, "retention"),
        ({"source": "rumour"}, "source"),
        ({"kind": "blob"}, "kind"),
        ({"fresh_days": 0}, "fresh_days"),
        ({"sensitivity": 5}, "sensitivity"),
        ({"kind": "code"}, "codes"),
        ({"codes": {"a": "甲"}}, "codes"),
        ({"columns": ["plate"]}, "columns"),
    ],
)
def test_nothing_is_collected_without_its_reasons(change: dict[str, object], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        field("resident.plate", "车牌", **{**ENOUGH, **change})  # type: ignore[arg-type]
    assert "resident.plate" not in all_fields()


def test_what_is_about_somebody_goes_some_day() -> None:
    for key, spec in all_fields().items():
        if spec.personal:
            assert spec.retention in all_keeps(), key


def test_a_field_is_declared_once() -> None:
    made = field("resident.plate", "车牌", **ENOUGH)  # type: ignore[arg-type]
    assert (made.subject, made.personal) == ("resident", True)
    with pytest.raises(ValueError, match="twice"):
        field("resident.plate", "车牌", **ENOUGH)  # type: ignore[arg-type]


async def columns(dsn: str) -> set[str]:
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(
            """
            select table_name || '.' || column_name as name from information_schema.columns
             where table_schema = 'town'
            """
        )
    finally:
        await connection.close()
    return {row["name"] for row in rows}


def unexplained(kept: set[str], known: dict[str, FieldSpec]) -> set[str]:
    """Columns about people that no field declares."""
    declared = {column for spec in known.values() for column in spec.columns}
    return {
        name
        for name in kept
        if name.split(".")[0] in ABOUT_PEOPLE and name.split(".")[1] not in TIES
    } - (declared | {"registers_thing.kind"})  # says which register it is


async def test_every_column_about_people_is_in_the_dictionary(dsn: str) -> None:
    assert unexplained(await columns(dsn), all_fields()) == set()


def test_a_column_without_a_field_is_found() -> None:
    kept = {"people_resident.blood", "people_resident.id", "x.y", "registers_person.debts"}
    assert unexplained(kept, {}) == {"people_resident.blood", "registers_person.debts"}


async def test_every_declared_column_is_there(dsn: str) -> None:
    declared = {column for spec in all_fields().values() for column in spec.columns}
    assert declared
    assert declared - await columns(dsn) == set()


def test_the_dictionary_speaks_english_too() -> None:
    words = {
        text
        for spec in all_fields().values()
        for text in (spec.name, spec.meaning, spec.purpose, *(spec.codes or {}).values())
    }
    words |= {*fields.KIND_NAMES.values(), *fields.BASIS_NAMES.values()}
    words |= {*fields.SOURCE_NAMES.values(), *fields.SENSITIVITY_NAMES.values()}
    assert sorted(words - set(catalogue("en"))) == []


def test_no_heading_means_two_fields_of_one_subject() -> None:
    seen: dict[tuple[str, str], str] = {}
    for spec in all_fields().values():
        for heading in (spec.name, *spec.also):
            assert seen.setdefault((spec.subject, heading), spec.key) == spec.key, heading
