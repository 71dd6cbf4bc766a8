"""What the pages of verification share."""

from typing import Any
from uuid import UUID

from litestar import Request, Response

from wangge.kernel.http import Asking, asking
from wangge.verification.acts import CHECK, SIGN

Ask = Request[Any, Any, Any]
Answer = Response[Any]


def office(request: Ask) -> Asking:
    """Who asks, if they may check or sign lists. Raises NotSignedIn, Forbidden."""
    who = asking(request)
    who.must_any(CHECK, SIGN)
    return who


def path_of(list_id: UUID, more: str = "") -> str:
    """A page of a list."""
    return f"/verification/{list_id}{more}"
