"""A list held against itself in bites and steps: stopped, killed, gone on with, and always the same."""

from random import Random
from typing import Any
from uuid import UUID

import msgspec
import pytest
from declaring import a_live_one
from lists_kit import ABOUT, CHAINED, SLIP, As, brought, checked, contact_rows, run

import small_town as town
from killing import killed
from town_fixtures import VAULT
from wangge.kernel.actors import system_actor
from wangge.kernel.database import Database, Tx
from wangge.kernel.http import Installation
from wangge.verification import among, deciding, queries, work
from wangge.verification.chaining import contacts_of
from wangge.verification.model import List
from wangge.verification.records import open_notes, place

KILLED = """
    import asyncio, sys
    from pathlib import Path
    from uuid import UUID
    from wangge.kernel.http import Installation
    from wangge.verification import among, work
    work.BITE, among.PIECES_A_STEP = 20, 2
    async def main():
        installation = await Installation.open(sys.argv[1], Path(sys.argv[2]))
        database = installation.districts["town"].database
        def shown(now):
            print(now.done + now.data.get("step", 0), flush=True)
        await work.run(database, UUID(sys.argv[3]), shown=shown)
    asyncio.run(main())
"""


@pytest.fixture
def small_bites(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "BITE", 20)
    monkeypatch.setattr(among, "PIECES_A_STEP", 2)


async def found_of(tx: Tx, list_id: UUID) -> dict[str, Any]:
    """Everything that came of a list."""
    found = await queries.list_of(tx, list_id)
    rows = await queries.rows_after(tx, list_id, 0, 1_000)
    odd = await queries.findings(tx, list_id, 0, 1_000)
    return {
        "phase": found.phase,
        "rows": [
            (one.number, one.state, one.same_as, one.same_at, one.same_why) for one in rows
        ],
        "odd": [(one.number, one.kind, one.rows) for one in odd],
        "chain": [
            (one.id, one.sources, one.linked) for one in await contacts_of(tx, VAULT, found)
        ],
    }


async def left(tx: Tx) -> int:
    """Keys and pieces that are kept."""
    return await tx.one(
        int,
        """
        select (select count(*) from verification_key)::int
             + (select count(*) from verification_piece)::int
        """,
    )


async def begun(tx: Tx, count: int) -> List:
    """A list of contacts that nobody has looked at yet."""
    return await brought(tx, *contact_rows(count), headings=CHAINED)


async def _begun(database: Database, as_: As) -> List:
    async with database.tx(as_("street_officer"), now=town.NOON) as tx:
        return await begun(tx, 200)


@pytest.mark.usefixtures("small_bites")
async def test_killed_among_rows_and_among_steps_a_check_goes_on_and_finds_the_same(
    own_installation: Installation, own_district: Any, as_: As
) -> None:
    database: Database = own_district.database
    async with database.tx(system_actor("town"), now=town.NOON) as tx:
        await a_live_one(
            tx, as_("street_officer"), as_("district_officer"), data_items=["contacts"]
        )
    whole = await _begun(database, as_)
    await work.run(database, whole.id, now=town.NOON)
    async with database.tx(system_actor("town"), now=town.NOON) as tx:
        expected = await found_of(tx, whole.id)
        assert await left(tx) == 0
    async with database.tx(as_("street_officer"), now=town.NOON) as tx:
        await deciding.drop(tx, whole.id)
    assert len({why for *_, why in expected["rows"]}) >= 4
    assert {kind for _, kind, _ in expected["odd"]} >= {"no_such_day", "not_listed"}
    assert len(expected["chain"]) > 100

    again = await _begun(database, as_)
    for after, rows, step in ((60, 60, 0), (202, 200, 2)):
        await killed(
            KILLED, own_installation.dsn, own_installation.data_dir, again.id, after=after
        )
        async with database.tx(system_actor("town")) as tx:
            now = await queries.list_of(tx, again.id)
            assert (now.phase, now.state) == ("checking", "running")
            assert rows <= now.done < rows + 140
            assert int(now.data.get("step", 0)) >= step
    await work.run(database, again.id, now=town.NOON)
    async with database.tx(system_actor("town"), now=town.NOON) as tx:
        assert await found_of(tx, again.id) == expected
        assert await left(tx) == 0


async def test_of_too_much_that_does_not_fit_the_rest_is_counted(
    tx: Tx, as_: As, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_live_one(
        tx, as_("street_officer"), as_("district_officer"), data_items=["contacts"]
    )
    whole = await checked(tx, as_, *contact_rows(60), headings=CHAINED)
    every = await queries.findings(tx, whole.id, 0, 1_000)
    assert any(one.kind == "same_person" for one in every)
    others = sum(one.kind != "same_person" for one in every)
    monkeypatch.setattr(among, "FINDINGS_MAX", others)
    part = await checked(tx, as_, *contact_rows(61)[1:], headings=CHAINED)
    kept = await queries.findings(tx, part.id, 0, 1_000)
    assert len(kept) == others
    assert "same_person" not in {one.kind for one in kept}
    (note,) = open_notes(VAULT, part.id, await queries.notes_kept(tx, part.id))
    assert note.values["kept"] == others
    assert int(note.values["total"]) > others
    assert not await queries.notes_kept(tx, whole.id)


@pytest.mark.usefixtures("small_bites")
async def test_stopped_between_two_steps_it_goes_on_and_nothing_of_it_is_left(
    tx: Tx, as_: As
) -> None:
    await a_live_one(
        tx, as_("street_officer"), as_("district_officer"), data_items=["contacts"]
    )
    found = await checked(tx, as_, *contact_rows(60), headings=CHAINED)
    expected = await found_of(tx, found.id)
    tx.actor = as_("street_officer")
    await deciding.drop(tx, found.id)
    assert await left(tx) == 0
    found = await begun(tx, 60)
    tx.actor = system_actor("town")
    for _ in range(4):  # three bites of rows, one step
        await work.on_the_clock(tx)
    tx.actor = as_("street_officer")
    stopped = await deciding.stop(tx, found.id)
    assert (stopped.done, stopped.data["step"], stopped.data["steps"]) == (60, 1, 5)
    assert await left(tx) > 40
    await deciding.retry(tx, found.id)
    assert await found_of(tx, (await run(tx, found)).id) == expected
    # Given up in the middle, nothing is left of it either.
    given_up = await begun(tx, 40)
    tx.actor = system_actor("town")
    await work.on_the_clock(tx)
    assert await left(tx) > 0
    tx.actor = as_("street_officer")
    await deciding.drop(tx, given_up.id)
    assert await left(tx) == 0


@pytest.mark.usefixtures("small_bites")
async def test_between_its_steps_a_check_goes_on_after_an_upgrade(tx: Tx, as_: As) -> None:
    await a_live_one(
        tx, as_("street_officer"), as_("district_officer"), data_items=["contacts"]
    )
    found = await checked(tx, as_, *contact_rows(60), headings=CHAINED)
    expected = await found_of(tx, found.id)
    tx.actor = as_("street_officer")
    await deciding.drop(tx, found.id)
    found = await begun(tx, 60)
    tx.actor = system_actor("town")
    for _ in range(4):  # three bites of rows, and what all rows tell together
        await work.on_the_clock(tx)
    # As the program before kept it: an array without names.
    before = msgspec.msgpack.encode([False, False, ["1", "2"], [], {}])
    sealed = VAULT.seal_bytes(before, place(found.id, 0, b"whole"))
    changed = await tx.many(
        int,
        """
        update verification_piece set sealed = :sealed
         where list_id = :id and kind = 'whole' returning number
        """,
        id=found.id,
        sealed=sealed,
    )
    assert changed == [0]
    assert await found_of(tx, (await run(tx, found)).id) == expected


async def test_keys_and_pieces_say_nothing_to_whoever_has_no_key(tx: Tx, as_: As) -> None:
    await a_live_one(
        tx, as_("street_officer"), as_("district_officer"), data_items=["contacts"]
    )
    tx.actor = as_("street_officer")
    found = await begun(tx, 40)
    tx.actor = system_actor("town")
    await work.on_the_clock(tx)
    for table in ("verification_key", "verification_piece"):
        whole = await tx.many(str, f"select t::text from {table} t")  # type: ignore[arg-type]
        assert whole, table
        for secret in ("甲居民", "某某", town.phone_of(1001), SLIP):
            assert not any(secret in one or secret.encode().hex() in one for one in whole)
    other = await queries.keys_told(tx, UUID(int=1), [1, 2])
    assert other == []
    assert ABOUT.area == found.area_code


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 7, 60])
async def test_bites_of_any_size_find_the_same_rows_of_one_person(
    tx: Tx, as_: As, monkeypatch: pytest.MonkeyPatch, seed: int, size: int
) -> None:
    rng = Random(seed)
    rows = [*contact_rows(50)]
    rng.shuffle(rows)
    plain = [row.rsplit(",", 3)[0] for row in rows]
    whole = await checked(tx, as_, *plain)
    expected = (await found_of(tx, whole.id))["rows"]
    tx.actor = as_("street_officer")
    await deciding.drop(tx, whole.id)
    monkeypatch.setattr(work, "BITE", size)
    again = await checked(tx, as_, *plain)
    assert (await found_of(tx, again.id))["rows"] == expected
    assert {why for *_, why in expected} >= {"", "id", "person", "phone_name"}
