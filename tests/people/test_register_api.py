"""The register over HTTP: the same acts for programs, shown first and undone; fixed statements."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

import small_town as town
from wangge.kernel.actors import Actor
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx, counting
from wangge.kernel.http import District
from wangge.kernel.moments import new_id
from wangge.people import api, pairs, reading
from wangge.people.changes import Change, apply_changes

As = Callable[[str], Actor]
HOME, OTHER = town.household_id(1), town.household_id(2)


@pytest.fixture
def vault(district: District) -> Vault:
    return district.vault


async def test_an_act_is_previewed_done_and_undone(room_client: Any, as_: As) -> None:
    client = await room_client(api.ROUTES, as_("grid_worker"))
    before = (await client.get(f"/api/v1/households/{HOME}")).json()
    one = before["people"][0]["id"]
    body = {"resident_ids": [one], "household_id": str(OTHER)}
    seen = await client.post(
        "/api/v1/households/preview", json={"deed": "people.move", "body": body}
    )
    assert seen.status_code == 200, seen.text
    assert [p["id"] for p in seen.json()["people"]] == [one]
    assert (await client.get(f"/api/v1/households/{HOME}")).json() == before
    done = (await client.post("/api/v1/residents/move", json=body)).json()
    record = (await client.get(f"/api/v1/residents/{one}/record")).json()
    assert record["home"]["id"] == str(OTHER)
    assert [tie["household_id"] for tie in record["ties"]] == [str(HOME)]
    undone = await client.post(f"/api/v1/register/acts/{done['batch']}/undo")
    assert undone.status_code == 200
    twice = await client.post(f"/api/v1/register/acts/{done['batch']}/undo")
    assert (twice.status_code, twice.json()["code"]) == (409, "batch-undone")
    unknown: dict[str, Any] = {"deed": "people.hire", "body": {}}
    assert (await client.post("/api/v1/households/preview", json=unknown)).status_code == 422


async def test_a_phone_takes_along_what_to_ask_and_says_it_is_so(
    room_client: Any, as_: As
) -> None:
    client = await room_client(api.ROUTES, as_("part_time_worker"))
    wells = (await client.get("/api/v1/stale")).json()["items"]
    assert [w["unit_id"] for w in wells] == [str(town.unit_id("1-1-1"))]
    ids = [w["unit_id"] for w in wells]
    taken = (await client.post("/api/v1/stale/doors", json={"unit_ids": ids})).json()
    home = taken["homes"][0]
    rows = [home["home"], *home["people"]]
    seen = [{"id": row["id"], "version": row["version"]} for row in rows]
    body = {"household_id": home["home"]["id"], "seen": seen}
    said = await client.post("/api/v1/households/confirm", json=body)
    assert said.json() == {
        "household_id": home["home"]["id"],
        "rows": len(rows),
        "changed": 0,
    }
    seen[0]["fields"] = ["id_number"]
    assert (await client.post("/api/v1/households/confirm", json=body)).status_code == 422
    theirs = {"unit_ids": [str(town.unit_id("1-2-1"))]}
    assert (await client.post("/api/v1/stale/doors", json=theirs)).json()["homes"] == []


async def test_a_program_decides_a_pair_and_decides_again(
    tx: Tx, vault: Vault, room_client: Any, as_: As
) -> None:
    del tx
    client = await room_client(api.ROUTES, as_("community_officer"))
    assert (await client.get("/api/v1/pairs")).json() == {"items": [], "next": None}
    assert (await client.get("/api/v1/pairs?after=x~y")).status_code == 422
    nobody = new_id()
    for act in ("different", "unmerge", "reopen"):
        assert (await client.post(f"/api/v1/pairs/{nobody}/{act}")).status_code == 404


async def test_pages_cost_the_same_whatever_there_is(tx: Tx, vault: Vault, as_: As) -> None:
    home = town.homes()[0][0]
    row = town.homes()[1][0]
    twins: list[UUID] = []
    for _ in range(4):
        twins.append(new_id())
        known = {
            "household_id": home.id,
            "unit_id": home.unit_id,
            "name": row.name,
            "phone": row.phone,
            "since": town.NOON.date(),
        }
        change = Change("resident", "insert", twins[-1], home.area_code, known)
        await apply_changes(tx, vault, new_id(), [change])
    await pairs.find(tx)
    tx.actor = as_("community_officer")
    with counting() as count:
        await reading.household(tx, home.id)
    assert count.total == 7
    with counting() as count:
        await reading.record(tx, twins[0])
    assert count.total == 5
    with counting() as count:
        found = await pairs.pairs_page(tx, "", (2.0, UUID(int=(1 << 128) - 1)), 50)
    assert (len(found) > 5, count.total) == (True, 2)


async def test_what_was_decided_can_be_decided_again(tx: Tx, vault: Vault, as_: As) -> None:
    row = town.homes()[1][0]
    home = town.homes()[0][1]
    known = {
        "household_id": home.id,
        "unit_id": home.unit_id,
        "name": row.name,
        "phone": row.phone,
        "since": town.NOON.date(),
    }
    change = Change("resident", "insert", new_id(), home.area_code, known)
    await apply_changes(tx, vault, new_id(), [change])
    await pairs.find(tx)
    tx.actor = as_("community_officer")
    last = UUID(int=(1 << 128) - 1)
    one = (await pairs.pairs_page(tx, "", (2.0, last), 50))[0]
    await pairs.different(tx, one.id)
    assert await pairs.pairs_page(tx, "", (2.0, last), 50) == []
    decided = await pairs.decided_page(tx, "", (tx.now + timedelta(days=1), last), 50)
    assert [(p.id, p.state) for p in decided] == [(one.id, "different")]
    await pairs.reopen(tx, one.id)
    assert [p.id for p in await pairs.pairs_page(tx, "", (2.0, last), 50)] == [one.id]
