"""Every act against every role, inside and outside of an area: what is printed is what holds."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from wangge.access.matrix import NO, YES, document, import_acts, rooms_acts
from wangge.kernel.actors import ROLE_NAMES, Actor, Grant, Role
from wangge.kernel.refusals import Forbidden

import_acts()

PAGE = Path(__file__).parents[2] / "docs" / "permissions.md"
NOW = datetime(2026, 3, 18, 4, 0, tzinfo=UTC)
SOMEBODY = UUID("01900000-0000-7000-8000-000000000001")
OURS = "990001001"
INSIDE = ("990001001", "990001001001", "990001001001001001")
#: Around it, beside it, and a code that only looks alike.
OUTSIDE = ("990001", "990001002", "990001002001001", "99000100", "9900010")


def printed() -> dict[str, dict[Role, bool]]:
    """The page, read back as a person would."""
    roles = {name: role for role, name in ROLE_NAMES.items()}
    found: dict[str, dict[Role, bool]] = {}
    columns: list[Role] = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| | "):
            columns = [roles[cell.replace(r"\*", "")] for cell in cells[1:]]
        elif line.startswith("| `") and len(cells) > 2:
            assert set(cells[1:]) <= {YES, NO}
            code = cells[0].split("`")[1]
            found[code] = {
                role: cell == YES for role, cell in zip(columns, cells[1:], strict=True)
            }
    return found


def test_the_page_is_what_the_code_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == document(), (
        "run: .venv/bin/python -m wangge.access.matrix > docs/permissions.md"
    )


def test_the_page_has_every_act_and_every_role() -> None:
    matrix = printed()
    assert set(matrix) == set(rooms_acts())
    assert all(set(row) == set(Role) for row in matrix.values())


@pytest.mark.parametrize("code", sorted(rooms_acts()))
def test_an_act_is_allowed_exactly_as_printed_and_never_outside(code: str) -> None:
    act, row = rooms_acts()[code], printed()[code]
    for role in Role:
        actor = Actor(SOMEBODY, "staff", "town", (Grant(role, OURS),))
        for area_code in INSIDE:
            assert actor.may(act, area_code, NOW) is row[role], (role, area_code)
            if row[role]:
                actor.require(act, area_code, NOW)
            else:
                with pytest.raises(Forbidden):
                    actor.require(act, area_code, NOW)
        for area_code in OUTSIDE:
            assert not actor.may(act, area_code, NOW), (role, area_code)
            with pytest.raises(Forbidden):
                actor.require(act, area_code, NOW)
        assert actor.may_somewhere(act, NOW) is row[role]
        assert actor.reach(act, NOW).areas == ((OURS,) if row[role] else ())


@pytest.mark.parametrize("code", sorted(rooms_acts()))
def test_a_post_that_is_over_or_narrow_or_not_ticked_gives_nothing(code: str) -> None:
    act = rooms_acts()[code]
    for role in act.roles:
        over = Actor(SOMEBODY, "staff", "town", (Grant(role, OURS, until=NOW),))
        assert not over.may_somewhere(act, NOW)
        soon = Grant(role, OURS, until=NOW + timedelta(seconds=1))
        assert Actor(SOMEBODY, "staff", "town", (soon,)).may(act, OURS, NOW)
        narrow = Actor(
            SOMEBODY, "staff", "town", (Grant(role, OURS, units=frozenset({SOMEBODY})),)
        )
        assert not narrow.may(act, OURS, NOW)
        assert narrow.reach(act, NOW).units == (SOMEBODY,)
        token = Actor(SOMEBODY, "token", "town", (Grant(role, OURS),), only=frozenset())
        assert not token.may_somewhere(act, NOW)


def test_the_three_administrators_share_no_power_over_accounts() -> None:
    """三员分立: who invites cannot take a second factor away, and who audits can do neither."""
    acts = rooms_acts()
    assert Role.SECURITY_ADMIN not in acts["access.invite"].roles
    assert Role.SYSTEM_ADMIN not in acts["access.reset_second_factor"].roles
    changing = [code for code in acts if code.startswith("access.") and code != "access.read"]
    assert all(Role.AUDIT_ADMIN not in acts[code].roles for code in changing)
