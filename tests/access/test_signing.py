"""Coming in: nobody is told who has an account, and nobody may guess for long."""

import asyncio
import dataclasses
from datetime import datetime

import pytest
from comers import DESK, FIELD, PASSWORD, account, code_at, come, login_of

from clock import Clock
from small_town import PEOPLE, STREET
from wangge.access import Visitor, presence, queries, second_factor, sign_in
from wangge.access.presence import Presence
from wangge.access.refusals import (
    SecondFactorMissing,
    SecondFactorWanted,
    SecondFactorWrong,
    SignInPaused,
    SignInWrong,
)
from wangge.access.signing import enrolment_secret
from wangge.kernel.actors import Role, system_actor
from wangge.kernel.database import counting
from wangge.kernel.http import District
from wangge.kernel.refusals import Refusal


async def secret_of(district: District, key: str) -> str:
    """What the enrolment page shows."""
    async with district.database.tx(system_actor(district.schema)) as tx:
        found = await queries.account(tx, PEOPLE[key].id)
        return await enrolment_secret(tx, district.vault, found)


async def enrolled(district: District, clock: Clock, key: str) -> tuple[str, tuple[str, ...]]:
    """Sign somebody in for the first time: (secret, recovery codes)."""
    came = await come(district, key)
    secret = await secret_of(district, key)
    whole = await second_factor(district, came.token, code_at(secret, clock.moment), DESK)
    return secret, whole.recovery_codes


async def test_a_field_worker_needs_a_password_only(
    own_district: District, clock: Clock
) -> None:
    await account(own_district, "grid_worker")
    came = await come(own_district, "grid_worker", FIELD)
    assert came.stage == "whole"
    present = await Presence(memory=0).by_session(own_district, came.token, "en")
    assert present is not None
    assert present.actor.id == PEOPLE["grid_worker"].id
    assert present.actor.locale == "en"
    assert present.actor.roles(clock.moment) == {Role.GRID_WORKER}


async def test_an_unknown_login_is_answered_like_a_wrong_password(
    own_district: District, clock: Clock
) -> None:
    await account(own_district, "grid_worker")
    answers, statements = [], []
    for login in (login_of("grid_worker"), "nobody-at-all", "a' or 1=1 --"):
        with counting() as count, pytest.raises(SignInWrong) as refused:
            await sign_in(own_district, login, "wrong-" + PASSWORD, DESK)
        answers.append((refused.value.words(), refused.value.status, refused.value.data()))
        statements.append(count.total)
    assert answers[0] == answers[1] == answers[2]
    assert statements[0] == statements[1] == statements[2]


async def test_five_failures_then_a_pause_that_grows(
    own_district: District, clock: Clock
) -> None:
    await account(own_district, "grid_worker")
    for login in (login_of("grid_worker"), "nobody-at-all"):
        for _ in range(5):
            with pytest.raises(SignInWrong):
                await sign_in(own_district, login, "wrong-" + PASSWORD, DESK)
        with pytest.raises(SignInPaused) as paused:
            await sign_in(own_district, login, PASSWORD, DESK)
        assert paused.value.retry_after == 30, login
    clock.pass_(seconds=31)
    with pytest.raises(SignInWrong):
        await sign_in(own_district, login_of("grid_worker"), "wrong-again-x", DESK)
    with pytest.raises(SignInPaused) as paused:
        await come(own_district, "grid_worker")
    assert paused.value.retry_after == 60
    clock.pass_(seconds=61)
    assert (await come(own_district, "grid_worker")).stage == "whole"
    with pytest.raises(SignInWrong):
        await sign_in(own_district, login_of("grid_worker"), "wrong-again-x", DESK)
    assert (await come(own_district, "grid_worker")).stage == "whole", "forgiven"


async def test_many_guesses_at_once_cannot_outrun_the_count(
    own_district: District, clock: Clock
) -> None:
    await account(own_district, "grid_worker")

    async def guess(n: int) -> type[Refusal]:
        with pytest.raises(Refusal) as refused:
            await sign_in(own_district, "grid-worker", f"wrong-guess-{n}", DESK)
        return type(refused.value)

    answers = await asyncio.gather(*(guess(n) for n in range(12)))
    assert answers.count(SignInWrong) == 5
    assert answers.count(SignInPaused) == 7


async def test_one_address_may_not_try_every_login(
    own_district: District, clock: Clock
) -> None:
    await account(own_district, "grid_worker")
    for n in range(30):
        with pytest.raises(SignInWrong):
            await sign_in(own_district, f"login-{n}", PASSWORD, DESK)
    with pytest.raises(SignInPaused):
        await come(own_district, "grid_worker")
    elsewhere = Visitor("desk", "", "192.0.2.99")
    assert (await come(own_district, "grid_worker", elsewhere)).stage == "whole"


async def test_coming_in_does_not_wash_an_address_clean(
    own_district: District, clock: Clock
) -> None:
    await account(own_district, "grid_worker")
    refused = 0
    for n in range(40):
        try:
            await sign_in(own_district, f"login-{n}", PASSWORD, DESK)
        except SignInPaused:
            refused += 1
        except SignInWrong:
            pass
        if n % 5 == 0 and not refused:
            await come(own_district, "grid_worker")
    assert refused == 10


async def test_a_closed_account_and_a_person_who_left_look_unknown(
    own_district: District, clock: Clock
) -> None:
    await account(own_district, "grid_worker")
    await account(own_district, "grid_worker_2")
    system = system_actor(own_district.schema)
    async with own_district.database.tx(system) as tx:
        await queries.set_closed(tx, PEOPLE["grid_worker"].id, tx.now)
        await tx.run(
            "update people_staff set active = false where id = :id",
            id=PEOPLE["grid_worker_2"].id,
        )
        await tx.bump("people")
    for key in ("grid_worker", "grid_worker_2"):
        with pytest.raises(SignInWrong):
            await come(own_district, key)


async def test_half_a_sign_in_is_no_sign_in(own_district: District, clock: Clock) -> None:
    await account(own_district, "dispatcher")
    came = await come(own_district, "dispatcher")
    assert came.stage == "second"
    assert await Presence(memory=0).by_session(own_district, came.token, "zh") is None
    clock.pass_(minutes=11)
    secret = await secret_of(own_district, "dispatcher")
    with pytest.raises(SignInWrong):
        await second_factor(own_district, came.token, code_at(secret, clock.moment), DESK)


async def test_the_second_factor_is_set_up_once_and_then_asked_for(
    own_district: District, clock: Clock
) -> None:
    await account(own_district, "dispatcher")
    came = await come(own_district, "dispatcher")
    secret = await secret_of(own_district, "dispatcher")
    assert secret == await secret_of(own_district, "dispatcher"), "the same on every look"
    whole = await second_factor(own_district, came.token, code_at(secret, clock.moment), DESK)
    assert len(whole.recovery_codes) == 8
    assert whole.token != came.token
    remembered = Presence(memory=0)
    present = await remembered.by_session(own_district, whole.token, "zh")
    assert present is not None
    assert present.actor.roles(clock.moment) == {Role.DISPATCHER}
    assert await remembered.by_session(own_district, came.token, "zh") is None
    with pytest.raises(SignInWrong):
        await second_factor(own_district, came.token, code_at(secret, clock.moment), DESK)
    with pytest.raises(ValueError, match="never shown"):
        await secret_of(own_district, "dispatcher")


async def test_a_used_code_cannot_be_used_again(own_district: District, clock: Clock) -> None:
    await account(own_district, "dispatcher")
    secret, _ = await enrolled(own_district, clock, "dispatcher")
    code = code_at(secret, clock.moment)
    again = await come(own_district, "dispatcher")
    with pytest.raises(SecondFactorWrong):
        await second_factor(own_district, again.token, code, DESK)
    clock.pass_(seconds=30)
    with pytest.raises(SecondFactorWrong):
        await second_factor(own_district, again.token, code, DESK)
    fresh = code_at(secret, clock.moment)
    both = [await come(own_district, "dispatcher") for _ in range(2)]
    answers = await asyncio.gather(
        *(second_factor(own_district, came.token, fresh, DESK) for came in both),
        return_exceptions=True,
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Came", "SecondFactorWrong"]


async def test_a_recovery_code_opens_once(own_district: District, clock: Clock) -> None:
    await account(own_district, "dispatcher")
    _, codes = await enrolled(own_district, clock, "dispatcher")
    for _ in range(2):
        came = await come(own_district, "dispatcher")
        if _ == 0:
            whole = await second_factor(own_district, came.token, codes[3].lower(), DESK)
            assert whole.stage == "whole"
            assert whole.recovery_codes == ()
        else:
            with pytest.raises(SecondFactorWrong):
                await second_factor(own_district, came.token, codes[3], DESK)


async def test_second_factors_may_not_be_guessed_either(
    own_district: District, clock: Clock
) -> None:
    await account(own_district, "dispatcher")
    secret, _ = await enrolled(own_district, clock, "dispatcher")
    clock.pass_(minutes=2)
    right = code_at(secret, clock.moment)
    wrong = [f"{n:06d}" for n in range(100_001, 100_009) if f"{n:06d}" != right]
    came = await come(own_district, "dispatcher")
    for code in wrong[:5]:
        with pytest.raises(SecondFactorWrong):
            await second_factor(own_district, came.token, code, DESK)
    fresh = await come(own_district, "dispatcher")
    with pytest.raises(SignInPaused):
        await second_factor(own_district, fresh.token, right, DESK)


async def test_a_phone_is_told_what_is_missing(own_district: District, clock: Clock) -> None:
    await account(own_district, "dispatcher")
    with pytest.raises(SecondFactorMissing):
        await sign_in(own_district, "dispatcher", PASSWORD, FIELD)
    secret, _ = await enrolled(own_district, clock, "dispatcher")
    with pytest.raises(SecondFactorWanted):
        await sign_in(own_district, "dispatcher", PASSWORD, FIELD)
    clock.pass_(seconds=60)
    came = await sign_in(
        own_district, "dispatcher", PASSWORD, FIELD, code=code_at(secret, clock.moment)
    )
    assert came.stage == "whole"


async def test_a_desk_post_given_later_waits_for_the_second_factor(
    own_district: District, clock: Clock
) -> None:
    await account(own_district, "grid_worker")
    came = await come(own_district, "grid_worker", FIELD)
    async with own_district.database.tx(system_actor(own_district.schema)) as tx:
        await tx.run(
            """
            insert into people_post (id, staff_id, role, area_code, from_at)
            values (:id, :staff_id, 'street_officer', :area_code, :now)
            """,
            id=PEOPLE["linked_leader"].id,
            staff_id=PEOPLE["grid_worker"].id,
            area_code=STREET,
            now=tx.now,
        )
        await tx.bump("people")
    clock.pass_(seconds=1)
    present = await Presence(memory=0).by_session(own_district, came.token, "zh")
    assert present is not None
    assert present.actor.roles(clock.moment) == {Role.GRID_WORKER}
    assert (await come(own_district, "grid_worker")).stage == "second"


async def test_a_demo_account_opens_by_itself_in_a_made_up_district_only(
    own_district: District, clock: Clock
) -> None:
    await account(own_district, "dispatcher", demo=True)
    await account(own_district, "acceptor")
    assert (await come(own_district, "dispatcher")).stage == "whole"
    assert (await come(own_district, "acceptor")).stage == "second"
    real = dataclasses.replace(own_district, code="110101")
    assert (await come(real, "dispatcher")).stage == "second"


async def test_a_session_dies_of_idleness_and_of_age(
    own_district: District, clock: Clock
) -> None:
    await account(own_district, "grid_worker")
    who = Presence(memory=0)

    async def alive(token: str) -> bool:
        return await who.by_session(own_district, token, "zh") is not None

    desk = await come(own_district, "grid_worker", DESK)
    field = await come(own_district, "grid_worker", FIELD)
    for _ in range(6):
        clock.pass_(minutes=29)
        assert await alive(desk.token), "used, so it lives on"
    clock.pass_(minutes=31)
    assert not await alive(desk.token)
    clock.pass_(days=29)
    assert await alive(field.token)
    busy = await come(own_district, "grid_worker", DESK)
    for _ in range(35):
        clock.pass_(minutes=20)
        assert await alive(busy.token)
    clock.pass_(minutes=21)
    assert not await alive(busy.token), "twelve hours are the most"
    for _ in range(5):
        clock.pass_(days=14)
        await alive(field.token)
    assert not await alive(field.token), "ninety days are the most"


async def test_a_process_remembers_for_a_moment_and_forgets_when_told(
    own_district: District, clock: Clock
) -> None:
    await account(own_district, "grid_worker")
    came = await come(own_district, "grid_worker")
    who = Presence(memory=60)
    assert await who.by_session(own_district, came.token, "zh") is not None
    with counting() as count:
        assert await who.by_session(own_district, came.token, "zh") is not None
    assert count.total == 0
    async with own_district.database.tx(system_actor(own_district.schema)) as tx:
        await queries.set_closed(tx, PEOPLE["grid_worker"].id, tx.now)
    presence.forget()
    assert await who.by_session(own_district, came.token, "zh") is None
    for nonsense in ("", "x", "é" * 90, "x" * 5000):
        assert await who.by_session(own_district, nonsense, "zh") is None


async def test_people_who_come_back_together_are_looked_up_together(
    own_district: District, clock: Clock
) -> None:
    keys = ("grid_worker", "dispatcher", "acceptor")
    for key in keys:
        await account(own_district, key, demo=True)
    tokens = [(await come(own_district, key)).token for key in keys for _ in range(4)]
    clock.pass_(minutes=5)
    who = Presence(memory=60)
    with counting() as count:
        found = await asyncio.gather(
            *(who.by_session(own_district, token, "zh") for token in (*tokens, "nobody" * 5))
        )
    held = [present.actor.id if present else None for present in found]
    assert held == [PEOPLE[key].id for key in keys for _ in range(4)] + [None]
    # Two looks at most are under way, whoever comes meanwhile waits for the third.
    assert count.total <= 40, "a dozen statements a person would be a hundred and more"
    async with own_district.database.tx(system_actor(own_district.schema)) as tx:
        seen = await tx.many(datetime, "select distinct seen_at from access_session")
    assert len(seen) <= 3
    assert min(seen) >= clock.moment


async def test_nothing_in_the_database_opens_a_door(
    own_district: District, clock: Clock
) -> None:
    await account(own_district, "dispatcher")
    secret, codes = await enrolled(own_district, clock, "dispatcher")
    came = await come(own_district, "dispatcher")
    async with own_district.database.tx(system_actor(own_district.schema)) as tx:
        kept = ""
        for row in (
            await tx.many(str, "select a::text from access_account a"),
            await tx.many(str, "select s::text from access_session s"),
            await tx.many(str, "select r::text from access_recovery r"),
            await tx.many(str, "select t::text from access_try t"),
            await tx.many(str, "select o.data from kernel_outbox o"),
        ):
            kept += "\n".join(row)
    plain = [PASSWORD, secret, came.token, *codes]
    for text in plain:
        assert text not in kept
        assert text.encode().hex() not in kept
