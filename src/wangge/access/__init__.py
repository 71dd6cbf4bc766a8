"""Access: accounts, second factors, sessions, invitations, and keys for programs."""

from wangge.access.commands import (
    Channel,
    Invitation,
    NewToken,
    change_password,
    channel_of,
    close_account,
    confirm_totp,
    create_account,
    create_demo_accounts,
    invite,
    make_token,
    reopen_account,
    reset_second_factor,
    revoke_session,
    revoke_token,
    sign_out,
)
from wangge.access.links import sign_file
from wangge.access.signing import Came, Visitor, accept_invitation, second_factor, sign_in

__all__ = [
    "Came",
    "Channel",
    "Invitation",
    "NewToken",
    "Visitor",
    "accept_invitation",
    "change_password",
    "channel_of",
    "close_account",
    "confirm_totp",
    "create_account",
    "create_demo_accounts",
    "invite",
    "make_token",
    "reopen_account",
    "reset_second_factor",
    "revoke_session",
    "revoke_token",
    "second_factor",
    "sign_file",
    "sign_in",
    "sign_out",
]
