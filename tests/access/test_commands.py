"""Administrators, invitations, sessions and keys: each within their reach, none alone."""

import asyncio
import dataclasses
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from comers import DESK, FIELD, PASSWORD, account, come

from clock import Clock
from small_town import COUNTY, GRID_1, LIUSHU, NOON, OTHER_STREET, PEOPLE, STREET, XINGHUA
from wangge.access import (
    Invitation,
    accept_invitation,
    change_password,
    channel_of,
    close_account,
    create_account,
    invite,
    kept,
    make_token,
    queries,
    reopen_account,
    reset_second_factor,
    revoke_session,
    revoke_token,
    sign_in,
)
from wangge.access.acts import INVITE
from wangge.access.jobs import clear, clear_tries
from wangge.access.presence import Presence
from wangge.access.refusals import InvitationWrong, LoginTaken, NotYourOwn, SignInWrong
from wangge.kernel.actors import Actor, Grant, Role, act, system_actor
from wangge.kernel.database import Tx
from wangge.kernel.http import District
from wangge.kernel.refusals import Forbidden, Invalid, NotFound

As = Callable[[str], Actor]

REPORT = act("test_access.report", "测试用:上报", Role.CHANNEL, Role.GRID_WORKER)
CLOSE_CASE = act("test_access.close", "测试用:办结", Role.GRID_WORKER)


def street_admin(as_: As, role: Role = Role.SYSTEM_ADMIN) -> Actor:
    """An administrator of one street only."""
    return dataclasses.replace(as_("system_admin"), grants=(Grant(role, STREET),))


async def invited(district: District, as_: As, key: str = "grid_worker") -> Invitation:
    async with district.database.tx(as_("system_admin")) as tx:
        return await invite(tx, PEOPLE[key].id, key.replace("_", "-"))


async def test_an_invited_person_sets_a_password_and_is_in(
    own_district: District, clock: Clock, as_: As
) -> None:
    made = await invited(own_district, as_)
    with pytest.raises(SignInWrong):
        await come(own_district, "grid_worker")
    came = await accept_invitation(own_district, made.code, made.pin, PASSWORD, DESK)
    assert came.stage == "whole"
    assert (await come(own_district, "grid_worker")).stage == "whole"
    with pytest.raises(InvitationWrong):
        await accept_invitation(own_district, made.code, made.pin, "another-" + PASSWORD, DESK)


async def test_an_invitation_taken_twice_at_once_is_taken_once(
    own_district: District, clock: Clock, as_: As
) -> None:
    made = await invited(own_district, as_)
    answers = await asyncio.gather(
        *(
            accept_invitation(own_district, made.code, made.pin, f"{PASSWORD}-{n}", DESK)
            for n in range(2)
        ),
        return_exceptions=True,
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Came", "InvitationWrong"]


async def test_an_invited_desk_person_goes_on_to_the_second_factor(
    own_district: District, clock: Clock, as_: As
) -> None:
    made = await invited(own_district, as_, "dispatcher")
    came = await accept_invitation(own_district, made.code, made.pin, PASSWORD, DESK)
    assert came.stage == "second"


async def test_the_pin_may_be_tried_five_times(
    own_district: District, clock: Clock, as_: As
) -> None:
    made = await invited(own_district, as_)
    wrong = "000000" if made.pin != "000000" else "111111"
    for _ in range(5):
        with pytest.raises(InvitationWrong):
            await accept_invitation(own_district, made.code, wrong, PASSWORD, DESK)
    with pytest.raises(InvitationWrong):
        await accept_invitation(own_district, made.code, made.pin, PASSWORD, DESK)


async def test_an_invitation_ends_after_three_days_and_when_a_newer_one_is_made(
    own_district: District, clock: Clock, as_: As
) -> None:
    first = await invited(own_district, as_)
    second = await invited(own_district, as_)
    with pytest.raises(InvitationWrong):
        await accept_invitation(own_district, first.code, first.pin, PASSWORD, DESK)
    clock.pass_(days=3)
    with pytest.raises(InvitationWrong):
        await accept_invitation(own_district, second.code, second.pin, PASSWORD, DESK)
    with pytest.raises(InvitationWrong):
        await accept_invitation(own_district, "no-such-code", "123456", PASSWORD, DESK)


async def test_a_weak_password_costs_no_try(
    own_district: District, clock: Clock, as_: As
) -> None:
    made = await invited(own_district, as_)
    for _ in range(6):
        with pytest.raises(Invalid):
            await accept_invitation(own_district, made.code, made.pin, "short", DESK)
    assert (await accept_invitation(own_district, made.code, made.pin, PASSWORD, DESK)).token


async def test_whoever_invites_again_throws_old_sessions_out(
    own_district: District, clock: Clock, as_: As
) -> None:
    await account(own_district, "grid_worker")
    old = await come(own_district, "grid_worker")
    made = await invited(own_district, as_)
    who = Presence(memory=0)
    assert await who.by_session(own_district, old.token, "zh") is not None
    await accept_invitation(own_district, made.code, made.pin, "new-" + PASSWORD, DESK)
    assert await who.by_session(own_district, old.token, "zh") is None


async def test_an_administrator_of_a_street_knows_nobody_elsewhere(tx: Tx, as_: As) -> None:
    for key in ("grid_worker", "other_grid_worker", "dispatcher"):
        await create_account(tx, PEOPLE[key].id, key.replace("_", "-"), PASSWORD)
    tx.actor = street_admin(as_)
    listed = await queries.accounts(tx, after="", search="", limit=50)
    assert [line.login for line in listed] == ["grid-worker"]
    without = await queries.without_account(tx, search="", limit=50, act=INVITE)
    assert {p.area_code[:9] for p in without} == {STREET}
    for key in ("other_grid_worker", "dispatcher"):
        with pytest.raises(NotFound):
            await invite(tx, PEOPLE[key].id, "whoever")
        with pytest.raises(NotFound):
            await close_account(tx, PEOPLE[key].id)
    assert (await invite(tx, PEOPLE["grid_worker_2"].id, "wu-yan")).login == "wu-yan"


@pytest.mark.parametrize("key", ["grid_worker", "district_officer", "audit_admin"])
async def test_others_administer_no_accounts(tx: Tx, as_: As, key: str) -> None:
    await create_account(tx, PEOPLE["grid_worker_2"].id, "wu-yan", PASSWORD)
    tx.actor = as_(key)
    for step in (
        invite(tx, PEOPLE["grid_worker_2"].id, ""),
        close_account(tx, PEOPLE["grid_worker_2"].id),
        reset_second_factor(tx, PEOPLE["grid_worker_2"].id),
    ):
        with pytest.raises(NotFound):
            await step
    with pytest.raises(Forbidden):
        await make_token(
            tx,
            name="x",
            acts=[REPORT.code],
            area_code=GRID_1,
            channel="hotline",
            trusted=False,
            days=1,
        )


async def test_two_people_cannot_have_one_login(tx: Tx) -> None:
    await create_account(tx, PEOPLE["grid_worker"].id, "zhou", PASSWORD)
    await tx.run("savepoint before")
    with pytest.raises(LoginTaken):
        await create_account(tx, PEOPLE["grid_worker_2"].id, " ZHOU ", PASSWORD)
    await tx.run("rollback to savepoint before")
    for wrong in ("ab", "周测试", "-zhou", "x" * 41, "zhou ce"):
        with pytest.raises(Invalid):
            await create_account(tx, PEOPLE["grid_worker_2"].id, wrong, PASSWORD)


async def test_nobody_closes_or_resets_themselves(tx: Tx, as_: As) -> None:
    await create_account(tx, PEOPLE["security_admin"].id, "yan", PASSWORD)
    tx.actor = as_("security_admin")
    for step in (close_account, reopen_account, reset_second_factor):
        with pytest.raises(NotYourOwn):
            await step(tx, tx.actor.id)


async def test_closing_ends_sessions_and_reopening_lets_in_again(
    own_district: District, clock: Clock, as_: As
) -> None:
    await account(own_district, "grid_worker")
    came = await come(own_district, "grid_worker", FIELD)
    async with own_district.database.tx(as_("security_admin")) as tx:
        await close_account(tx, PEOPLE["grid_worker"].id)
    assert await Presence(memory=0).by_session(own_district, came.token, "zh") is None
    with pytest.raises(SignInWrong):
        await come(own_district, "grid_worker")
    async with own_district.database.tx(as_("security_admin")) as tx:
        await reopen_account(tx, PEOPLE["grid_worker"].id)
    assert await Presence(memory=0).by_session(own_district, came.token, "zh") is None
    assert (await come(own_district, "grid_worker")).stage == "whole"


async def test_sessions_are_ended_by_their_owner_or_the_security_administrator(
    own_district: District, clock: Clock, as_: As
) -> None:
    await account(own_district, "grid_worker")
    came = [await come(own_district, "grid_worker", FIELD) for _ in range(3)]
    database = own_district.database

    async def open_sessions() -> set[UUID]:
        async with database.tx(as_("grid_worker"), read_only=True) as tx:
            return {s.id for s in await kept.sessions_of(tx, PEOPLE["grid_worker"].id)}

    for key in ("grid_worker_2", "system_admin"):
        with pytest.raises(NotFound):
            async with database.tx(as_(key)) as tx:
                await revoke_session(tx, came[0].session_id)
    narrow = street_admin(as_, Role.SECURITY_ADMIN)
    elsewhere = dataclasses.replace(narrow, grants=(Grant(Role.SECURITY_ADMIN, OTHER_STREET),))
    with pytest.raises(NotFound):
        async with database.tx(elsewhere) as tx:
            await revoke_session(tx, came[0].session_id)
    assert len(await open_sessions()) == 3
    async with database.tx(as_("grid_worker")) as tx:
        await revoke_session(tx, came[0].session_id)
    async with database.tx(narrow) as tx:
        await revoke_session(tx, came[1].session_id)
    assert await open_sessions() == {came[2].session_id}


async def test_a_changed_password_throws_other_devices_out(
    own_district: District, clock: Clock, as_: As
) -> None:
    await account(own_district, "grid_worker")
    here, there = [await come(own_district, "grid_worker", FIELD) for _ in range(2)]
    async with own_district.database.tx(as_("grid_worker")) as tx:
        with pytest.raises(SignInWrong):
            await change_password(tx, "not-" + PASSWORD, "new-" + PASSWORD)
        with pytest.raises(Invalid):
            await change_password(tx, PASSWORD, "grid-worker")
        await change_password(tx, PASSWORD, "new-" + PASSWORD, session_id=here.session_id)
    who = Presence(memory=0)
    assert await who.by_session(own_district, here.token, "zh") is not None
    assert await who.by_session(own_district, there.token, "zh") is None
    with pytest.raises(SignInWrong):
        await come(own_district, "grid_worker")
    assert await sign_in(own_district, "grid-worker", "new-" + PASSWORD, DESK)


async def test_a_key_may_what_was_ticked_where_it_was_ticked(
    own_district: District, clock: Clock, as_: As
) -> None:
    async with own_district.database.tx(street_admin(as_)) as tx:
        made = await make_token(
            tx,
            name="12345 热线",
            acts=[REPORT.code],
            area_code=XINGHUA,
            channel="hotline",
            trusted=True,
            days=7,
        )
    assert made.token.startswith("wg_")
    who = Presence(memory=0)
    present = await who.by_token(own_district, made.token, "zh")
    assert present is not None
    actor = present.actor
    assert actor.kind == "token"
    assert actor.may(REPORT, GRID_1, clock.moment)
    assert not actor.may(REPORT, LIUSHU, clock.moment)
    assert not actor.may(CLOSE_CASE, GRID_1, clock.moment)
    async with own_district.database.tx(actor) as tx:
        channel = await channel_of(tx)
        assert channel is not None
        assert (channel.code, channel.trusted) == ("hotline", True)
    async with own_district.database.tx(as_("grid_worker")) as tx:
        assert await channel_of(tx) is None
        with pytest.raises(NotFound):
            await revoke_token(tx, made.id)
    clock.pass_(days=7)
    assert await who.by_token(own_district, made.token, "zh") is None


async def test_a_revoked_key_is_dead_at_once(
    own_district: District, clock: Clock, as_: As
) -> None:
    database = own_district.database
    async with database.tx(as_("security_admin")) as tx:
        made = await make_token(
            tx,
            name="公安",
            acts=[REPORT.code],
            area_code=COUNTY,
            channel="police",
            trusted=True,
            days=1,
        )
        assert [t.id for t in await kept.tokens(tx)] == [made.id]
    async with database.tx(street_admin(as_)) as tx:
        assert await kept.tokens(tx) == []
        with pytest.raises(NotFound):
            await revoke_token(tx, made.id)
    async with database.tx(as_("security_admin")) as tx:
        await revoke_token(tx, made.id)
    who = Presence(memory=0)
    assert await who.by_token(own_district, made.token, "zh") is None
    assert await who.by_token(own_district, "wg_guess", "zh") is None
    assert await who.by_session(own_district, made.token, "zh") is None


@pytest.mark.parametrize(
    ("other", "refusal"),
    [
        ({"acts": [CLOSE_CASE.code]}, Invalid),
        ({"acts": ["no.such"]}, Invalid),
        ({"acts": []}, Invalid),
        ({"days": 401}, Invalid),
        ({"days": 0}, Invalid),
        ({"name": " "}, Invalid),
        ({"channel": "热线"}, Invalid),
        ({"area_code": OTHER_STREET}, Forbidden),
        ({"area_code": COUNTY}, Forbidden),
        ({"area_code": ""}, Forbidden),
    ],
)
async def test_a_key_for_too_much_is_not_made(
    tx: Tx, as_: As, other: dict[str, object], refusal: type[Exception]
) -> None:
    tx.actor = street_admin(as_)
    wanted: dict[str, object] = {
        "name": "热线",
        "acts": [REPORT.code],
        "area_code": STREET,
        "channel": "hotline",
        "trusted": False,
        "days": 30,
    }
    with pytest.raises(refusal):
        await make_token(tx, **{**wanted, **other})  # type: ignore[arg-type]


async def test_what_is_over_is_cleared_away(
    own_district: District, clock: Clock, as_: As
) -> None:
    await account(own_district, "grid_worker")
    await come(own_district, "grid_worker", DESK)
    field = await come(own_district, "grid_worker", FIELD)
    await invited(own_district, as_, "grid_worker_2")
    with pytest.raises(SignInWrong):
        await sign_in(own_district, "nobody", PASSWORD, DESK)
    clock.pass_(days=4)
    async with own_district.database.tx(system_actor(own_district.schema)) as tx:
        await clear(tx, tx.now, 100)
        await clear_tries(tx, tx.now - timedelta(days=2), 100)
        assert await tx.many(UUID, "select id from access_session") == [field.session_id]
        assert await tx.many(UUID, "select id from access_invitation") == []
        assert await tx.many(bytes, "select key from access_try") == []
        assert await kept.is_open(tx, field.session_id)
    assert clock.moment - NOON == timedelta(days=4)
