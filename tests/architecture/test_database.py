"""What the database promises about itself, read from its own catalogue.

Constraints have names that are sentences; foreign keys point down the rooms; codes are text with
checks, not enum types; nothing happens by itself (no triggers, no defaults that read a clock),
so that a district's schema can move to another server unchanged.
"""

import asyncpg
import pytest

from town_fixtures import SCHEMA
from wangge.kernel.migrate import ROOMS


async def rows(dsn: str, sql: str) -> list[tuple[str, ...]]:
    connection = await asyncpg.connect(dsn)
    try:
        return [tuple(row) for row in await connection.fetch(sql, SCHEMA)]
    finally:
        await connection.close()


#: What PostgreSQL would have called it, had nobody named it.
UNNAMED = ("_pkey", "_key", "_fkey", "_check", "_excl", "_not_null")

CONSTRAINTS = """
    select t.relname::text, c.conname::text
      from pg_constraint c
      join pg_class t on t.oid = c.conrelid
     where c.connamespace = $1::regnamespace and c.contype <> 'n'
     order by 1, 2
"""


def unnamed(constraints: list[tuple[str, ...]]) -> list[str]:
    return [
        f"{table}.{name}"
        for table, name in constraints
        if name.rstrip("0123456789").endswith(UNNAMED)
    ]


def test_a_name_made_by_the_server_is_noticed() -> None:
    found = [("a_b", "a_b_pkey"), ("a_b", "a_b_c_check1"), ("a_b", "a_b_has_a_name")]
    assert unnamed(found) == ["a_b.a_b_pkey", "a_b.a_b_c_check1"]


async def test_every_constraint_is_named(dsn: str) -> None:
    found = await rows(dsn, CONSTRAINTS)
    assert len(found) > 30
    assert unnamed(found) == []


async def test_every_table_belongs_to_a_room_and_has_a_key(dsn: str) -> None:
    tables = await rows(
        dsn,
        """
        select t.relname::text, (t.relkind = 'p' or exists (
                   select 1 from pg_constraint c where c.conrelid = t.oid and c.contype = 'p')
               )::text
          from pg_class t
         where t.relnamespace = $1::regnamespace and t.relkind in ('r', 'p') order by 1
        """,
    )
    assert {table.split("_")[0] for table, _ in tables} <= set(ROOMS)
    # A writer of facts pays for one heap row and no index (see the kernel's migration).
    assert [table for table, key in tables if key == "false"] in ([], ["kernel_outbox"])


FOREIGN_KEYS = """
    select c.conname::text, t.relname::text, other.relname::text
      from pg_constraint c
      join pg_class t on t.oid = c.conrelid
      join pg_class other on other.oid = c.confrelid
     where c.connamespace = $1::regnamespace and c.contype = 'f'
     order by 1
"""


def pointing_up(keys: list[tuple[str, ...]]) -> list[str]:
    def level(table: str) -> int:
        return ROOMS.index(table.split("_")[0])

    return [name for name, table, other in keys if level(other) > level(table)]


def test_a_key_that_points_up_is_noticed() -> None:
    keys = [("up", "places_area", "people_post"), ("down", "people_post", "places_unit")]
    assert pointing_up(keys) == ["up"]


async def test_foreign_keys_point_down(dsn: str) -> None:
    keys = await rows(dsn, FOREIGN_KEYS)
    assert keys
    assert pointing_up(keys) == []


@pytest.mark.parametrize(
    ("what", "sql"),
    [
        (
            "enum types",
            "select typname::text from pg_type "
            "where typnamespace = $1::regnamespace and typtype = 'e'",
        ),
        (
            "triggers",
            "select g.tgname::text from pg_trigger g join pg_class t on t.oid = g.tgrelid "
            "where t.relnamespace = $1::regnamespace and not g.tgisinternal",
        ),
        (
            "rules",
            "select r.rulename::text from pg_rewrite r join pg_class t on t.oid = r.ev_class "
            "where t.relnamespace = $1::regnamespace and t.relkind = 'r'",
        ),
        (
            "sequences",
            "select relname::text from pg_class "
            "where relnamespace = $1::regnamespace and relkind = 'S'",
        ),
    ],
)
async def test_nothing_happens_by_itself(dsn: str, what: str, sql: str) -> None:
    assert await rows(dsn, sql) == [], what


async def test_moments_come_from_the_transaction(dsn: str) -> None:
    """`said_at` alone is the server's clock: the relay measures its own delay by it."""
    defaults = await rows(
        dsn,
        """
        select t.relname::text || '.' || a.attname::text
          from pg_attrdef d
          join pg_class t on t.oid = d.adrelid
          join pg_attribute a on a.attrelid = t.oid and a.attnum = d.adnum
         where t.relnamespace = $1::regnamespace
           and pg_get_expr(d.adbin, d.adrelid) ~* '(\\mnow\\M|clock_timestamp|current_)'
        """,
    )
    assert defaults == [("kernel_outbox.said_at",)]


async def test_area_codes_sort_by_their_bytes(dsn: str) -> None:
    """A reach is asked as a range, which means nothing under another collation."""
    wrong = await rows(
        dsn,
        """
        select t.relname::text, l.collname::text
          from pg_attribute a
          join pg_class t on t.oid = a.attrelid
          join pg_collation l on l.oid = a.attcollation
         where t.relnamespace = $1::regnamespace and t.relkind in ('r', 'p')
           and a.attname = 'area_code' and l.collname <> 'C'
         order by 1
        """,
    )
    assert wrong == []


async def test_every_foreign_key_has_an_index_to_look_it_up(dsn: str) -> None:
    """Deleting a parent must not read the whole child table."""
    missing = await rows(
        dsn,
        """
        select c.conname::text
          from pg_constraint c
         where c.connamespace = $1::regnamespace and c.contype = 'f'
           and c.conrelid = any (array['people_resident', 'people_household', 'people_post',
                                       'people_member', 'places_building', 'places_unit',
                                       'places_dwelling']::regclass[])
           and c.conname <> 'people_post_of_org'
           and not exists (
               select 1 from pg_index i
                where i.indrelid = c.conrelid and i.indkey[0] = c.conkey[1])
        """.replace("'people_", f"'{SCHEMA}.people_")
        .replace("'places_", f"'{SCHEMA}.places_")
        .replace(f"'{SCHEMA}.people_post_of_org'", "'people_post_of_org'"),
    )
    assert missing == []


async def test_the_second_lock_is_on_for_the_owner_too(dsn: str) -> None:
    locked = await rows(
        dsn,
        """
        select relname::text from pg_class
         where relnamespace = $1::regnamespace and relrowsecurity and relforcerowsecurity
        """,
    )
    assert {("people_household",), ("people_resident",)} <= set(locked)
