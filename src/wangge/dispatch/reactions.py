"""Listening: whoever is asked is told, also when no app is open."""

from collections.abc import Sequence

from wangge.dispatch import notify
from wangge.kernel.database import Tx
from wangge.kernel.facts import Recorded
from wangge.kernel.relay import bite


@bite("dispatch.notify")
async def tell_the_asked(tx: Tx, facts: Sequence[Recorded]) -> None:
    """Fresh offers are noted and messages queued."""
    await notify.note(tx, facts)
