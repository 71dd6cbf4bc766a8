"""What people mean to do with staff, posts, teams and households.

Two of them seal numbers and need the district's vault, which a transaction does not carry; they
take the whole road themselves (`sealing`).
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import msgspec

from wangge.kernel.actors import Role
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.deeds import Answer, recall, remember
from wangge.kernel.http import Asking, deed
from wangge.kernel.http.deeds import whole_deed
from wangge.people import commands
from wangge.people.model import HouseholdRow, Member, Org, Post, Staff, Team

B = TypeVar("B")
Sealing = Callable[[Tx, Vault, Any], Awaitable[Any]]


def sealing(name: str, body: Any, *, status: int = 201) -> Callable[[Sealing], Sealing]:
    """Register `async def f(tx, vault, body)` as a deed. Its answer must hold masks only: it is
    remembered in plain."""

    def register(function: Sealing) -> Sealing:
        @whole_deed(name, body, status=status)
        async def whole(who: Asking, deed_id: UUID, given: Any) -> Answer:
            raw = msgspec.to_builtins(given)
            for attempt in (1, 2):
                try:
                    async with who.tx() as tx:
                        before = await recall(tx, deed_id, name, raw)
                        if before is not None:
                            return before
                        tx.cause = deed_id
                        result = await function(tx, who.district.vault, given)
                        answer = Answer(status, msgspec.to_builtins(result))
                        await remember(tx, deed_id, name, raw, answer)
                    return answer
                except asyncpg.UniqueViolationError as broken:
                    # The same deed was being done elsewhere and has committed: ask again.
                    if attempt == 2 or broken.constraint_name != "kernel_deed_pk":
                        raise
            raise AssertionError("unreachable")

        assert whole is not None
        return function

    return register


class Hire(msgspec.Struct, forbid_unknown_fields=True):
    """`role` and `area_code` give a first post along with the account."""

    name: str
    phone: str = ""
    role: Role | None = None
    area_code: str = ""
    org_id: UUID | None = None
    unit_ids: list[UUID] = msgspec.field(default_factory=list[UUID])
    until_at: datetime | None = None


@sealing("people.hire", Hire)
async def hire(tx: Tx, vault: Vault, body: Hire) -> Staff:
    staff = await commands.hire(tx, vault, body.name, body.phone)
    if body.role is not None:
        await commands.give_post(
            tx,
            staff.id,
            body.role,
            body.area_code,
            org_id=body.org_id,
            unit_ids=body.unit_ids,
            until_at=body.until_at,
        )
    return staff


class GivePost(msgspec.Struct, forbid_unknown_fields=True):
    """`helper` lends police or a doctor for a task; such a post expires."""

    staff_id: UUID
    role: Role
    area_code: str
    unit_ids: list[UUID] = msgspec.field(default_factory=list[UUID])
    building_ids: list[UUID] = msgspec.field(default_factory=list[UUID])
    org_id: UUID | None = None
    until_at: datetime | None = None
    helper: bool | None = None


@deed("people.give_post", GivePost, status=201)
async def give_post(tx: Tx, body: GivePost) -> Post:
    return await commands.give_post(
        tx,
        body.staff_id,
        body.role,
        body.area_code,
        unit_ids=body.unit_ids,
        building_ids=body.building_ids,
        org_id=body.org_id,
        until_at=body.until_at,
        helper=body.helper,
    )


class EndPost(msgspec.Struct, forbid_unknown_fields=True):
    post_id: UUID


@deed("people.end_post", EndPost)
async def end_post(tx: Tx, body: EndPost) -> Post:
    return await commands.end_post(tx, body.post_id)


class SetActive(msgspec.Struct, forbid_unknown_fields=True):
    staff_id: UUID
    active: bool


@deed("people.set_active", SetActive)
async def set_active(tx: Tx, body: SetActive) -> Staff:
    return await commands.set_active(tx, body.staff_id, body.active)


class TeamMember(msgspec.Struct, forbid_unknown_fields=True):
    staff_id: UUID
    position: str


class FormTeam(msgspec.Struct, forbid_unknown_fields=True):
    """`template` is a code of people_template: self_governing, sweep, testing, mobile, delivery."""

    template: str
    area_code: str
    members: list[TeamMember]
    name: str = ""
    until_at: datetime | None = None


@deed("people.form_team", FormTeam, status=201)
async def form_team(tx: Tx, body: FormTeam) -> commands.Formed:
    return await commands.form_team(
        tx,
        body.template,
        body.area_code,
        [Member(member.staff_id, member.position) for member in body.members],
        name=body.name,
        until_at=body.until_at,
    )


class EndTeam(msgspec.Struct, forbid_unknown_fields=True):
    team_id: UUID


@deed("people.end_team", EndTeam)
async def end_team(tx: Tx, body: EndTeam) -> Team:
    return await commands.end_team(tx, body.team_id)


class AddOrg(msgspec.Struct, forbid_unknown_fields=True):
    code: str
    name: str
    platform: str
    area_code: str
    kind: str = "station"


@deed("people.add_org", AddOrg, status=201)
async def add_org(tx: Tx, body: AddOrg) -> Org:
    return await commands.add_org(
        tx, body.code, body.name, body.platform, body.area_code, body.kind
    )


class Person(msgspec.Struct, forbid_unknown_fields=True):
    """A resident; `tags` are codes of needs, `relation` to the head of the household."""

    name: str
    sex: str = "unknown"
    birth_year: int | None = None
    phone: str = ""
    id_number: str = ""
    relation: str = "other"
    tags: list[str] = msgspec.field(default_factory=list[str])


class RegisterHousehold(msgspec.Struct, forbid_unknown_fields=True):
    dwelling_id: UUID
    people: list[Person]
    kind: str = "family"


@sealing("people.register_household", RegisterHousehold)
async def register_household(tx: Tx, vault: Vault, body: RegisterHousehold) -> HouseholdRow:
    people = [
        commands.Draft(
            p.name, p.sex, p.birth_year, p.phone, p.id_number, p.relation, tuple(p.tags)
        )
        for p in body.people
    ]
    return await commands.register_household(
        tx, vault, body.dwelling_id, people, kind=body.kind
    )


class EndHousehold(msgspec.Struct, forbid_unknown_fields=True):
    household_id: UUID


@sealing("people.end_household", EndHousehold, status=200)
async def end_household(tx: Tx, vault: Vault, body: EndHousehold) -> None:
    await commands.end_household(tx, vault, body.household_id)
