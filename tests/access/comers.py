"""People who come in: accounts, and codes of an authenticator."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import pyotp

from small_town import PEOPLE
from wangge.access import Came, Visitor, create_account, sign_in
from wangge.kernel.actors import Actor, system_actor
from wangge.kernel.http import District

PASSWORD = "walnut-bridge-rain"
DESK = Visitor("desk", "Firefox", "192.0.2.7")
FIELD = Visitor("field", "Phone", "192.0.2.8")

As = Callable[[str], Actor]


async def account(district: District, key: str, *, demo: bool = False) -> UUID:
    """Give somebody of the town an account; the login is the key with dashes."""
    async with district.database.tx(system_actor(district.schema)) as tx:
        return await create_account(tx, PEOPLE[key].id, login_of(key), PASSWORD, demo=demo)


def login_of(key: str) -> str:
    return key.replace("_", "-")


async def come(district: District, key: str, visitor: Visitor = DESK) -> Came:
    """Sign in with the right password."""
    return await sign_in(district, login_of(key), PASSWORD, visitor)


def code_at(secret: str, moment: datetime) -> str:
    """What the authenticator shows."""
    return pyotp.TOTP(secret.replace(" ", "")).at(moment)
