"""A round that is under way hears of a house list that comes in meanwhile, and of its being taken back."""

from uuid import UUID

import pytest
from importing import As, Office, table

import small_town as town
from wangge.kernel.actors import system_actor
from wangge.kernel.http import District
from wangge.kernel.relay import Relay, listen
from wangge.sweeps import Opening, open_round
from wangge.sweeps.reactions import follow_register

assert follow_register


@pytest.fixture
def office(own_district: District, as_: As) -> Office:
    return Office(own_district.database, as_("community_officer"))


async def heard(district: District) -> None:
    """What the worker does with facts."""
    relay = Relay(district.database)
    while await relay.seal():
        pass
    await relay.close()
    while await listen(district.database, district.schema, "sweeps.register"):
        pass


async def joined(district: District, round_id: UUID, dwelling: UUID) -> list[str]:
    """How doors with somebody behind this dwelling came to the round: frozen, joined or gone."""
    async with district.database.tx(system_actor(district.schema), read_only=True) as tx:
        return await tx.many(
            str,
            """
            select d.joined from sweeps_door d join people_household h on h.id = d.household_id
             where d.round_id = :round_id and h.dwelling_id = :dwelling
            """,
            round_id=round_id,
            dwelling=dwelling,
        )


async def test_an_open_round_hears_an_import_from_its_first_cell_to_its_undoing(
    own_district: District, office: Office
) -> None:
    async with own_district.database.tx(system_actor(own_district.schema), now=town.NOON) as tx:
        round_ = await open_round(tx, Opening(kind="check", areas=[town.XINGHUA]))
    new = town.dwelling_id("1-3-2-401")
    assert await joined(own_district, round_.id, new) == []
    found = await office.imported(
        table("3-2-401 赵演示 户主 - - -", "3-2-401 钱样例 配偶 - - -")
    )
    assert await joined(own_district, round_.id, new) == [], "the fact is not heard yet"
    await heard(own_district)
    assert await joined(own_district, round_.id, new) == ["moved_in"]
    await heard(own_district)
    assert len(await joined(own_district, round_.id, new)) == 1, "once"
    await office.undo(found)
    await heard(own_district)
    async with own_district.database.tx(
        system_actor(own_district.schema), read_only=True
    ) as tx:
        gone = await tx.many(
            bool,
            """
            select gone from sweeps_door
             where round_id = :id and joined = 'moved_in'
            """,
            id=round_.id,
        )
    assert gone == [True], "the door stays in the account and is said to be gone"
