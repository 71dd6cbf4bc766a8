"""A register as it is after some years: a few people are in it twice, some own what others rent, some
needs are about to run out."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from wangge.demo.rows import FOUNDED, resident_row
from wangge.demo.town import Community, Town
from wangge.demo.town.model import Household, Resident
from wangge.kernel.actors import system_actor
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Database, Tx
from wangge.kernel.moments import local_date, new_id
from wangge.people import pairs
from wangge.people.changes import Change, apply_changes
from wangge.people.commands.residents import resident_change

#: Communities that get some.
COMMUNITIES = 3
#: In each: people in the register twice, owners known by name, needs that run out soon.
TWICE, OWNERS, ENDING = 5, 12, 4
#: 2 to 4 households further: where the second row of somebody is.
_FURTHER = 3


def _twin(one: Resident) -> UUID:
    """The id of the second row, always the same."""
    return UUID(int=one.id.int ^ 0xFFFF)


def _twins(
    people: Sequence[Resident], homes: Sequence[Household], now: datetime
) -> Iterator[Change]:
    """Somebody registered a second time where they rent, without a number: by telephone, by a
    birthday, by a name written otherwise."""
    place = {home.id: n for n, home in enumerate(homes)}
    grown = [p for p in people if p.phone and p.relation in ("head", "spouse")]
    step = max(1, len(grown) // (TWICE + 1))
    for n, one in enumerate(grown[step : step * (TWICE + 1) : step]):
        there = homes[(place[one.household_id] + _FURTHER) % len(homes)]
        row = replace(
            resident_row(one, True, local_date(now)),
            id=_twin(one),
            household_id=there.id,
            area_code=there.area_code,
            unit_id=there.unit_id,
            id_number="",
            tags=(),
            relation="tenant",
        )
        if n % 2:
            row = replace(row, phone="", workplace="")
        yield resident_change(row, FOUNDED)


def _owners(
    people: Sequence[Resident], homes: Sequence[Household], now: datetime
) -> Iterator[Change]:
    """Heads of owners' households own what tenants a few doors on rent."""
    heads = {p.household_id: p for p in people if p.relation == "head"}
    for n, home in enumerate(homes):
        owner = heads.get(homes[n - 1].id)
        if home.kind == "tenant" and homes[n - 1].kind == "owner" and owner is not None:
            yield Change(
                "residence",
                "insert",
                new_id(now),
                home.area_code,
                {
                    "resident_id": owner.id,
                    "household_id": home.id,
                    "unit_id": home.unit_id,
                    "tie": "owns",
                    "name_mask": f"{owner.name[0]}*",
                    "from_date": FOUNDED,
                },
            )


async def _needs_end(tx: Tx, community: Community, now: datetime) -> int:
    """Some needs run out within the month."""
    return await tx.run(
        """
        update people_tag set until_date = :soon
         where id in (select id from people_tag
                       where area_code >= :low and area_code < :high and ended_at is null
                       order by id limit :most)
        """,
        soon=local_date(now) + timedelta(days=20),
        low=community.plan.code,
        high=community.plan.code + ":",
        most=ENDING,
    )


async def live_on(database: Database, vault: Vault, town: Town, now: datetime) -> None:
    """The register of the first communities after some years. A community that has it already is
    passed over."""
    plans = [plan for street in town.plan.streets for plan in street.communities]
    for plan in plans[:COMMUNITIES]:
        community = town.community(plan.code)
        homes, people = list(community.households), list(community.residents())
        twins = list(_twins(people, homes, now))
        async with database.tx(system_actor(database.schema)) as tx:
            there = await tx.maybe(
                UUID, "select id from people_resident where id = :id", id=twins[0].id
            )
            if there is not None:
                continue
            owners = [one for n, one in enumerate(_owners(people, homes, now)) if n < OWNERS]
            await apply_changes(
                tx, vault, new_id(now), [*twins, *owners], what="import", fact=False
            )
            await _needs_end(tx, community, now)
            await pairs.find(tx, plan.code)
