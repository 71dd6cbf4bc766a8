"""Invitations on paper or on a screen: a QR code for the link, a PIN to be spoken."""

import io
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import segno

from wangge.access import Invitation
from wangge.cli.speak import Sorry, _, say
from wangge.kernel.actors import ROLE_NAMES, Role, system_actor
from wangge.kernel.crypto import Vault, open_vault
from wangge.kernel.database import Database, Tx
from wangge.kernel.districts import DistrictRow, list_districts
from wangge.kernel.moments import local


@asynccontextmanager
async def acting(dsn: str, row: DistrictRow) -> AsyncGenerator[Tx]:
    """A transaction of the district by the system: the one at the terminal owns the machine."""
    database = await Database.connect(dsn, row.schema, connections=1)
    try:
        async with database.tx(system_actor(row.schema)) as tx:
            yield tx
    finally:
        await database.close()


def vault_of(data_dir: Path, row: DistrictRow) -> Vault:
    """The district's key."""
    return open_vault(data_dir / "keys", row.schema)


def checked_url(text: str) -> str:
    """The public address, without a slash at its end. Raises Sorry."""
    parts = urlsplit(text.strip())
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query:
        raise Sorry("--url 应是别人打开本系统的地址,例如 https://wangge.example.cn。")
    return text.strip().rstrip("/")


async def link_base(dsn: str, url: str, row: DistrictRow) -> str:
    """Where links of that district begin: with several districts, by its short name."""
    several = len(await list_districts(dsn)) > 1
    return f"{checked_url(url)}/d/{row.slug}" if several else checked_url(url)


def show(invitation: Invitation, role: Role, base: str) -> None:
    """Print one invitation."""
    link = f"{base}/invitation/{invitation.code}"
    drawn = io.StringIO()
    segno.make(link, error="m").terminal(drawn, border=2, compact=True)
    say()
    say(f"── {_(ROLE_NAMES[role])} · {invitation.name} ──")
    say(drawn.getvalue().rstrip("\n"))
    say("  " + _("链接:{link}", link=link))
    say("  " + _("登录名:{login}", login=invitation.login))
    say("  " + _("PIN(请口头告知,不要和二维码一起发):{pin}", pin=invitation.pin))
    say(
        "  "
        + _(
            "有效到 {until},可试 5 次。",
            until=local(invitation.ends_at).strftime("%Y-%m-%d %H:%M"),
        )
    )
