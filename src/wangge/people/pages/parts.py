"""What every page of this room needs."""

from typing import Any

from wangge.kernel.actors import Act
from wangge.kernel.http import Asking
from wangge.kernel.refusals import Forbidden, Refusal, as_problem

#: Rows of one screen.
ROWS = 50


def problem(who: Asking, refusal: Refusal | None) -> dict[str, Any] | None:
    """What was wrong, for the page."""
    return as_problem(refusal, who.locale) if refusal else None


def must(who: Asking, act: Act) -> None:
    """Raises NotSignedIn, Forbidden."""
    who.signed()
    if not who.may(act):
        raise Forbidden(act.name)
