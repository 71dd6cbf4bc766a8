"""The chain of facts finds a determined hand."""

import asyncpg
import pytest
from saying import SYSTEM, admin_of, ledger, say, seal, tamper

from wangge.kernel.audit import Break, verify
from wangge.kernel.database import Database
from wangge.kernel.http import District
from wangge.kernel.relay import GENESIS, link


@pytest.fixture
async def database(own_district: District) -> Database:
    await say(own_district.database, *range(1, 7))
    await seal(own_district.database)
    return own_district.database


@pytest.fixture
def admin(servers: tuple[str, str], database: Database) -> str:
    return admin_of(servers[0], database)


async def breaks(database: Database, expect: tuple[int, str] | None = None) -> set[Break]:
    return set((await verify(database.dsn, "town", expect=expect)).breaks)


async def test_a_whole_ledger_is_whole(database: Database) -> None:
    verdict = await verify(database.dsn, "town")
    assert (verdict.whole, verdict.facts) == (True, 6)
    again = await verify(database.dsn, "town", expect=(6, verdict.head))
    assert again.whole


async def test_an_empty_ledger_is_whole(own_district: District) -> None:
    verdict = await verify(own_district.database.dsn, "town")
    assert (verdict.whole, verdict.facts, verdict.head) == (True, 0, GENESIS.hex())


@pytest.mark.parametrize(
    "change",
    [
        "data = replace(data, '3', '9')",
        "area_code = '990002'",
        "at = at - interval '1 microsecond'",
        "actor_id = gen_random_uuid()",
        "subject_id = gen_random_uuid()",
        "id = gen_random_uuid()",
        "cause = gen_random_uuid()",
        "kind = 'cases.CaseReported'",
        "hash = sha256('x')",
    ],
)
async def test_a_changed_fact_is_found(database: Database, admin: str, change: str) -> None:
    await tamper(admin, f"update kernel_fact set {change} where seq = 3")
    assert Break(3, "changed") in await breaks(database)


async def test_a_missing_fact_is_found(database: Database, admin: str) -> None:
    await tamper(admin, "delete from kernel_fact where seq = 3")
    assert await breaks(database) == {Break(3, "missing")}


async def test_a_missing_fact_is_found_although_the_gap_was_closed(
    database: Database, admin: str
) -> None:
    await tamper(
        admin,
        "delete from kernel_fact where seq = 3",
        "update kernel_fact set seq = 3 where seq = 4",
        "update kernel_fact set seq = 4 where seq = 5",
        "update kernel_fact set seq = 5 where seq = 6",
        "update kernel_chain set seq = 5",
    )
    assert Break(3, "changed") in await breaks(database)


async def test_facts_that_changed_places_are_found(database: Database, admin: str) -> None:
    await tamper(
        admin,
        "update kernel_fact set seq = -3 where seq = 3",
        "update kernel_fact set seq = 3 where seq = 4",
        "update kernel_fact set seq = 4 where seq = -3",
    )
    assert {Break(3, "changed"), Break(4, "changed")} <= await breaks(database)


async def test_a_tail_cut_off_is_found(database: Database, admin: str) -> None:
    await tamper(admin, "delete from kernel_fact where seq > 4")
    assert await breaks(database) == {Break(5, "cut")}


async def test_a_tail_cut_off_with_the_chains_end_needs_a_note_from_outside(
    database: Database, admin: str
) -> None:
    head = (await verify(database.dsn, "town")).head
    await tamper(
        admin,
        "delete from kernel_fact where seq > 4",
        "update kernel_chain set seq = 4, hash = (select hash from kernel_fact where seq = 4)",
    )
    assert await breaks(database) == set()
    assert await breaks(database, (6, head)) == {Break(5, "cut")}


async def test_a_ledger_written_anew_needs_a_note_from_outside(
    database: Database, admin: str
) -> None:
    head = (await verify(database.dsn, "town")).head
    before = GENESIS
    await tamper(admin, "update kernel_fact set area_code = '990002' where seq = 2")
    for fact in await ledger(database):
        data = f'{{"classes":{fact.data["classes"]}}}'
        before = link(
            before,
            fact.seq,
            fact.id,
            fact.kind,
            fact.subject_id,
            fact.area_code,
            fact.at,
            fact.actor_id,
            fact.cause,
            data,
        )
        forged = f"'\\x{before.hex()}'"
        await tamper(admin, f"update kernel_fact set hash = {forged} where seq = {fact.seq}")
    await tamper(admin, f"update kernel_chain set hash = {forged}")
    assert await breaks(database) == set()
    assert await breaks(database, (6, head)) == {Break(6, "rewritten")}


async def test_the_application_itself_cannot_change_the_ledger(database: Database) -> None:
    for statement in (
        "update kernel_fact set data = '{}'",
        "delete from kernel_fact",
        "truncate kernel_fact",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.tx(SYSTEM) as tx:
                await tx.run(statement)  # type: ignore[arg-type]
    assert await breaks(database) == set()


async def test_a_schema_name_is_never_taken_for_sql(database: Database) -> None:
    with pytest.raises(ValueError, match="schema"):
        await verify(database.dsn, "town; drop schema town")
