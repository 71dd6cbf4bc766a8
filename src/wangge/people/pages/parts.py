"""What every page of this room needs."""

from wangge.kernel.actors import all_acts
from wangge.kernel.http import Asking

#: Rows of one screen.
ROWS = 50


def may_above(who: Asking, code: str) -> bool:
    """Whether to show the way to a page of a room above this one, by its act: the contact ledger of
    a household, acts on many."""
    act = all_acts().get(code)
    return act is not None and who.may(act)
