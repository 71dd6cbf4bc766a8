"""What strangers may cost us. Asked before a body is read, so that a flood costs a look-up in
memory and nothing else.

One address may be a whole compound behind one carrier's gateway; the limits are therefore wide
for one person and narrow for a machine.
"""

import time
from dataclasses import replace
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.handlers.base import BaseRouteHandler

from wangge.kernel.actors import anonymous
from wangge.kernel.http import Asking, asking
from wangge.kernel.limits import Limiter

#: Reports, scores and reopenings from one address, and from everywhere in one process.
REPORTS_PER_MINUTE, REPORTS_BURST = 20, 40
ALL_REPORTS_PER_MINUTE, ALL_REPORTS_BURST = 1200, 600
#: Pages and receipts looked at from one address.
LOOKS_PER_MINUTE, LOOKS_BURST = 120, 120


class Guard:
    """The limiters of one process."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew (for tests)."""
        self._one = Limiter(per_minute=REPORTS_PER_MINUTE, burst=REPORTS_BURST)
        self._all = Limiter(per_minute=ALL_REPORTS_PER_MINUTE, burst=ALL_REPORTS_BURST)
        self._looks = Limiter(per_minute=LOOKS_PER_MINUTE, burst=LOOKS_BURST)

    def report(self, who: Asking) -> None:
        """One change by a stranger. Raises TooMany. The address is asked first, so that a flood
        from one place does not use up what everybody shares."""
        moment = time.monotonic()
        self._one.take(who.address, moment)
        self._all.take(who.district.schema, moment)

    def look(self, who: Asking) -> None:
        """One page. Raises TooMany."""
        self._looks.take(who.address, time.monotonic())


GUARD = Guard()


def _who(connection: ASGIConnection[Any, Any, Any, Any]) -> Asking:
    found: Asking = connection.scope["state"]["asking"]
    return found


def few_reports(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """A Litestar guard: runs before the body is read."""
    GUARD.report(_who(connection))


def few_looks(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """A Litestar guard for what only reads."""
    GUARD.look(_who(connection))


def stranger(request: Request[Any, Any, Any]) -> Asking:
    """Whoever asks here is nobody in particular, even with a worker's session in the browser:
    a report of a resident's is not to be traced to an account."""
    who = asking(request)
    return replace(who, actor=anonymous(who.district.schema, who.locale), session=None)
