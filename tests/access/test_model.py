"""Passwords, codes and patience, without a database."""

from datetime import datetime, timedelta, timezone
from uuid import UUID

import pytest
from comers import code_at

from small_town import NOON
from wangge.access.model import (
    OF_ACCOUNT,
    grants_with,
    new_recovery_codes,
    new_totp_secret,
    password_problems,
    recovery_hash,
    totp_step,
    wants_second_factor,
)
from wangge.kernel.actors import Grant, Role


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "nine-char",
        "1234567890",
        "QWERTYUIOP123",
        "zhou-tester",
        "zhou-tester1998",
        "aaaaaaaaaaaa",
        "x" * 201,
    ],
)
def test_a_weak_password_is_refused(password: str) -> None:
    assert password_problems(password, "zhou-tester")


@pytest.mark.parametrize(
    "password", ["walnut-bridge-rain", "我家门前有两棵枣树呀", "ten-chars!"]
)
def test_a_sentence_is_a_good_password(password: str) -> None:
    assert password_problems(password, "zhou-tester") == []


def test_pauses_double_and_have_an_end() -> None:
    assert [OF_ACCOUNT.pause(n) for n in (1, 4)] == [None, None]
    seconds = [OF_ACCOUNT.pause(n) for n in range(5, 12)]
    assert seconds == [timedelta(seconds=s) for s in (30, 60, 120, 240, 480, 900, 900)]
    assert OF_ACCOUNT.pause(100_000) == timedelta(minutes=15)


def test_a_code_is_of_its_half_minute_or_a_neighbour_s() -> None:
    secret = new_totp_secret()
    step = int(NOON.timestamp()) // 30
    assert totp_step(secret, code_at(secret, NOON), NOON) == step
    assert totp_step(secret, code_at(secret, NOON - timedelta(seconds=30)), NOON) == step - 1
    assert totp_step(secret, code_at(secret, NOON + timedelta(seconds=30)), NOON) == step + 1
    for off in (-90, -61, 61, 90):
        moment = NOON + timedelta(seconds=off)
        if code_at(secret, moment) not in {
            code_at(secret, NOON + timedelta(seconds=s)) for s in (-30, 0, 30)
        }:
            assert totp_step(secret, code_at(secret, moment), NOON) is None


def test_rfc_6238_appendix_b() -> None:
    """The published vectors, cut to six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (2000000000, "279037")):
        moment = datetime.fromtimestamp(seconds, timezone.utc)  # noqa: UP017
        assert totp_step(secret, code, moment) == seconds // 30


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "12345٦", "½23456"])
def test_what_is_no_code_is_refused(code: str) -> None:
    assert totp_step(new_totp_secret(), code, NOON) is None


def test_recovery_codes_may_be_read_off_paper() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == 8
    mine, theirs = UUID(int=1), UUID(int=2)
    assert recovery_hash(mine, codes[0]) == recovery_hash(
        mine, codes[0].lower().replace("-", " ")
    )
    assert recovery_hash(mine, codes[0]) != recovery_hash(theirs, codes[0])


def test_a_desk_post_needs_more_than_a_password() -> None:
    desk, field = Grant(Role.DISPATCHER, "990001"), Grant(Role.GRID_WORKER, "990001001")
    assert wants_second_factor([field, desk], NOON)
    assert not wants_second_factor([field], NOON)
    assert not wants_second_factor([Grant(Role.DISPATCHER, "990001", until=NOON)], NOON)
    assert grants_with("password", (field, desk)) == (field,)
    for factor in ("totp", "recovery", "demo"):
        assert grants_with(factor, (field, desk)) == (field, desk)
