"""What people mean to do with staff, posts and teams."""

from datetime import datetime
from uuid import UUID

import msgspec

from wangge.kernel.actors import Role
from wangge.kernel.crypto import Vault
from wangge.kernel.database import Tx
from wangge.kernel.http import deed
from wangge.people import commands
from wangge.people.deeds.road import sealing
from wangge.people.model import Member, Org, Post, Staff, Team


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
