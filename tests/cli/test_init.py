"""`wangge init`: a district, three invitations on paper, and no way to regret it."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_kit import Ended, Wangge, ask

GOOD = {
    "code": "330212",
    "name": "某某区",
    "slug": "mou-district",
    "system": "甲管理",
    "security": "乙管理",
    "audit": "丙管理",
}

Init = Callable[..., Ended]


@pytest.fixture
def init(wangge: Wangge, empty_database: Callable[[], str], tmp_path: Path) -> Init:
    dsn = empty_database()

    def call(**changed: str) -> Ended:
        flags = [part for k, v in {**GOOD, **changed}.items() for part in (f"--{k}", v)]
        return wangge("init", *flags, "--database-url", dsn, "--data-dir", tmp_path / "var")

    call.dsn = dsn  # type: ignore[attr-defined]
    return call


def test_three_administrators_get_a_qr_code_and_a_pin(init: Init, tmp_path: Path) -> None:
    made = init(url="https://wangge.example.cn")
    assert made.code == 0, made.said
    assert len(re.findall(r"PIN \(say it.*\): \d{6}$", made.out, re.MULTILINE)) == 3
    links = set(re.findall(r"https://wangge\.example\.cn/invitation/[\w-]{20,}", made.out))
    assert len(links) == 3
    assert made.out.count("▀") + made.out.count("▄") > 300  # three QR codes
    dsn = init.dsn  # type: ignore[attr-defined]
    roles = ask(dsn, "select role from d_330212.people_post order by 1")
    assert roles == [("audit_admin",), ("security_admin",), ("system_admin",)]
    # Nobody has a password yet, and what is kept cannot be used to come in.
    assert ask(dsn, "select count(*), count(password_hash) from d_330212.access_account") == [
        (3, 0)
    ]
    kept = str(ask(dsn, "select t::text from d_330212.access_invitation t"))
    assert not any(link.rsplit("/", 1)[1] in kept for link in links)
    assert ask(dsn, "select count(*) > 50 from d_330212.cases_class") == [(True,)]
    assert ask(dsn, "select count(*) > 5 from d_330212.dispatch_rule") == [(True,)]
    key = tmp_path / "var" / "keys" / "d_330212.key"
    assert key.stat().st_mode & 0o077 == 0


def test_the_second_time_nothing_changes(init: Init) -> None:
    assert init().code == 0
    again = init()
    assert again.code == 0
    assert "没有改动" in again.out
    assert "PIN" not in again.out
    assert ask(init.dsn, "select count(*) from d_330212.access_invitation") == [(3,)]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "990001"},
        {"code": "3302"},
        {"code": "330200"},
        {"code": "190001"},
        {"name": "演示区"},
        {"name": "Test District"},
        {"slug": "demo"},
        {"slug": "Bad Slug"},
        {"security": "甲管理"},
        {"audit": " "},
        {"url": "wangge.example.cn"},
    ],
    ids=str,
)
def test_what_would_be_regretted_is_refused(init: Init, wrong: dict[str, str]) -> None:
    refused = init(**wrong)
    assert refused.code == 1
    assert refused.err.startswith("✗ ")
    assert "Traceback" not in refused.said
    assert ask(init.dsn, "select 1 from pg_namespace where nspname like 'd\\_%'") == []  # type: ignore[attr-defined]


def test_somebody_new_and_somebody_known_are_invited(
    init: Init, wangge: Wangge, tmp_path: Path
) -> None:
    init()
    where = ("--database-url", init.dsn, "--data-dir", tmp_path / "var")  # type: ignore[attr-defined]
    assert wangge("staff", "invite", "丁新人", *where).code == 1
    new = wangge("staff", "invite", "丁新人", "--role", "district_officer", *where)
    assert new.code == 0, new.said
    assert "/invitation/" in new.out
    again = wangge("staff", "invite", "甲管理", *where)
    assert again.code == 0
    assert "system-admin" in again.out
    # The older invitation of the same person is void.
    assert ask(
        init.dsn,  # type: ignore[attr-defined]
        "select count(*) from d_330212.access_invitation i join d_330212.people_staff s "
        "on s.id = i.account_id where s.name = '甲管理' and i.ends_at > now()",
    ) == [(1,)]


def test_a_token_is_shown_once_and_works_by_its_hash(
    init: Init, wangge: Wangge, tmp_path: Path
) -> None:
    init()
    where = ("--database-url", init.dsn, "--data-dir", tmp_path / "var")  # type: ignore[attr-defined]
    made = wangge("token", "create", "12345 热线", "--channel", "hotline", "--trusted", *where)
    assert made.code == 0, made.said
    token = made.out.strip().splitlines()[-1]
    assert token.startswith("wg_")
    assert token not in str(ask(init.dsn, "select t::text from d_330212.access_token t"))  # type: ignore[attr-defined]
    refused = wangge("token", "create", "x", "--act", "people.reveal", *where)
    assert refused.code == 1
