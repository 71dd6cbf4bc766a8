"""Responses: the declared emergency, without which nothing that belongs to war opens."""

from wangge.responses.commands import RESPONSES, Declaration, approve, declare, end, renew
from wangge.responses.model import Mode, NoResponse, Response, Responses, State

__all__ = [
    "RESPONSES",
    "Declaration",
    "Mode",
    "NoResponse",
    "Response",
    "Responses",
    "State",
    "approve",
    "declare",
    "end",
    "renew",
]
