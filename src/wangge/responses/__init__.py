"""Responses: the declared emergency, without which what reaches deep into lives stays shut."""

from wangge.responses.model import Declared, NoResponse, Response
from wangge.responses.snapshot import RESPONSES

__all__ = ["RESPONSES", "Declared", "NoResponse", "Response"]
