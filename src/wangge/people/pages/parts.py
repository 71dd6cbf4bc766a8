"""What every page of this room needs."""

from wangge.kernel.actors import all_acts
from wangge.kernel.http import Asking

#: Rows of one screen.
ROWS = 50


def sees_ledger(who: Asking) -> bool:
    """Whether the asker may read who contacted a household; that page belongs to a room above."""
    act = all_acts().get("forms.ledger")
    return act is not None and who.may(act)
