"""Lists over HTTP: whoever may not read one is told so, and never shown an empty one instead."""

from collections.abc import Iterator
from typing import Any

import small_town as town
from town_fixtures import SCHEMA, RoomClient
from wangge.access.commands import make_token
from wangge.kernel.actors import system_actor
from wangge.kernel.http import Installation

#: What is the asker's own, or holds nothing of the town: empty for a program, and rightly so.
OWN = {
    "/api/v1/exports",  # of which one asked
    "/api/v1/field/bundle",  # what a phone is for
    "/api/v1/sessions",
    "/api/v1/sweeps/mine",
    "/api/v1/tasks",
}
REFERENCE = {
    "/api/v1/classes",
    "/api/v1/field/me",
    "/api/v1/hours/limits",
    "/api/v1/keywords",
    "/api/v1/me",
    "/api/v1/mode",
    "/api/v1/needs/kinds",
    "/api/v1/orgs",
    "/api/v1/registers/kinds",
    "/api/v1/sweeps/kinds",
}


def sample(schema: dict[str, Any]) -> str:
    """Something that may stand there."""
    if schema.get("type") == "number":
        return "1"
    return {"date": "2026-03-18", "date-time": "2026-03-18T00:00:00Z"}.get(
        schema.get("format", ""), town.GRID_1
    )


def lists(api: dict[str, Any]) -> Iterator[str]:
    """Every address that is read without naming a thing, with what must be said in it."""
    for path, verbs in sorted(api["paths"].items()):
        if "get" not in verbs or "{" in path or path in OWN | REFERENCE:
            continue
        asked = [
            f"{one['name']}={sample(one['schema'])}"
            for one in verbs["get"].get("parameters", ())
            if one.get("required")
        ]
        yield path + ("?" + "&".join(asked) if asked else "")


async def test_a_program_is_told_what_it_may_not_read(
    app_client: RoomClient, own_installation: Installation
) -> None:
    database = own_installation.districts["town"].database
    async with database.tx(system_actor(SCHEMA)) as tx:
        made = await make_token(
            tx,
            name="12345 热线",
            acts=["cases.report"],
            area_code=town.COUNTY,
            channel="hotline",
            trusted=True,
            days=30,
        )
    client = await app_client(None, authorization=f"Bearer {made.token}")
    api = (await client.get("/api/v1/openapi.json")).json()
    told: dict[str, Any] = {}
    for path in lists(api):
        answer = await client.get(path)
        if answer.status_code == 403:
            assert answer.json()["data"]["act"], path
        else:
            told[path] = answer.status_code, answer.text[:200]
    assert told == {}
