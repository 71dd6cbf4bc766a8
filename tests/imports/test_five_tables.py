"""The five tables of an office with nothing in its register: forty lines mended, everybody in."""

from collections import Counter
from typing import Any

from importing import Office

from small_town import NOON
from town_fixtures import VAULT
from wangge.demo.load_people import load_crew, nicknames
from wangge.demo.rows import (
    area_row,
    building_row,
    compound_row,
    dwelling_row,
    unit_row,
)
from wangge.demo.tables import five, keep_tables, right_cells
from wangge.demo.town import make_town
from wangge.imports import mending, pages, samples
from wangge.imports.queries import staging
from wangge.imports.queries.staging import Import
from wangge.imports.samples import SAMPLES, SHOPS
from wangge.kernel import migrate
from wangge.kernel.actors import Actor, Role, system_actor
from wangge.kernel.crypto import register_vault
from wangge.kernel.database import Database
from wangge.kernel.http import District, Installation
from wangge.people import ROSTER
from wangge.places.commands import load_areas, load_buildings
from wangge.places.naming.queries import insert_aliases

SCHEMA = "d_990001"
SEED = 141


async def mend(
    database: Database,
    officer: Actor,
    found: Import,
    at: int,
    cells: dict[str, str],
    decided: dict[str, str],
) -> None:
    async with database.tx(system_actor(SCHEMA), now=NOON) as tx:
        number = await tx.one(
            int,
            "select number from imports_row where import_id = :id and at = :at",
            id=found.id,
            at=at,
        )
        import_ = await staging.import_of(tx, found.id)
        await mending.mend(tx, VAULT, officer, import_, [mending.Mend(number, cells, decided)])


async def test_a_community_comes_in_from_its_five_tables(
    own_installation: Installation,
) -> None:
    town = make_town("community", seed=SEED)
    community = town.community(town.plan.streets[0].communities[0].code)
    await migrate.migrate(own_installation.dsn, SCHEMA)
    register_vault(SCHEMA, VAULT)
    database = await Database.connect(own_installation.dsn, SCHEMA, connections=3)
    try:
        async with database.tx(system_actor(SCHEMA), now=NOON) as tx:
            await load_areas(tx, [area_row(area) for area in town.areas])
            await load_buildings(
                tx,
                [compound_row(c) for c in community.compounds],
                [building_row(b) for b in community.buildings],
                [unit_row(u) for u in community.units],
                [dwelling_row(d) for d in community.dwellings],
            )
            await insert_aliases(tx, nicknames(community, NOON))
            await load_crew(tx, VAULT, community.crew, NOON)
        async with database.tx(system_actor(SCHEMA), now=NOON) as tx:
            roster = await ROSTER.get(tx)
            holder = roster.holders(Role.COMMUNITY_OFFICER, community.code, NOON)[0]
            grants = roster.grants(holder, NOON)
        officer = Actor(holder, "staff", SCHEMA, grants)
        office = Office(database, officer)
        tables = five(community)
        assert sum(made.people for made in tables) == community.plan.residents
        assert sum(made.wrong for made in tables) == 40
        right = right_cells(community)
        for made in tables:
            data = made.data.decode() if made.name.endswith(".txt") else made.data
            found = await office.judged(data, area=community.code, name=made.name)
            lines = await office.lines(found)
            wrong = [line for line in lines if line.verdict != "new"]
            # Two people of one name, born on one day: somebody says that they are two.
            twins = [line for line in wrong if line.verdict == "moved"]
            assert len(twins) <= 1
            assert (len(lines), len(wrong)) == (made.people, made.wrong + len(twins)), made.name
            heading, cell_of = right.get(made.name, ("", {}))
            for line in wrong:
                cells = {} if line in twins else {heading: cell_of[line.name]}
                decided = {"0": "new"} if line in twins else {}
                await mend(database, officer, found, line.at, cells, decided)
            found = await office.apply(found)
            lines = await office.lines(found)
            assert Counter((line.verdict, line.state) for line in lines) == {
                ("new", "applied"): made.people
            }, made.name
        async with database.tx(system_actor(SCHEMA), read_only=True) as tx:
            homes = await tx.one(int, "select count(*)::int from people_household")
            people = await tx.one(int, "select count(*)::int from people_resident")
        assert (homes, people) == (community.plan.households, community.plan.residents)
        assert (homes, people) == (1_443, 3_300)
        # Everybody once more: nothing changes.
        again = await office.judged(tables[2].data, area=community.code, name="又一次.csv")
        assert {line.verdict for line in await office.lines(again)} == {"same"}
    finally:
        await database.close()


async def test_the_tables_lie_where_the_page_offers_them_and_nowhere_else(
    room_client: Any, as_: Any, own_district: District
) -> None:
    html = {"accept": "text/html"}
    community = make_town("community", seed=SEED)
    first = community.community(community.plan.streets[0].communities[0].code)
    client = await room_client(pages.ROUTES, as_("community_officer"))
    assert "演示用的" not in (await client.get("/imports", headers=html)).text
    assert (await client.get(f"/imports/samples/{SAMPLES[0].name}")).status_code == 404
    async with own_district.database.tx(system_actor("town")) as tx:
        await keep_tables(tx, own_district.shelf, first)
        assert await samples.there(tx) == [*SAMPLES, SHOPS]
        for made in five(first):
            assert (await samples.data_of(tx, own_district.shelf, made.name))[1] == made.data
    assert (await client.get("/imports", headers=html)).text.count("/imports/samples/") == 5
    got = await client.get(f"/imports/samples/{SAMPLES[2].name}")
    assert got.content.decode("gb18030").startswith("小区,幢,单元")
