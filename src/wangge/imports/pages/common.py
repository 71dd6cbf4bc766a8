"""What the pages of imports share."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from litestar import Request, Response

from wangge.imports.acts import ANY, act_of
from wangge.imports.columns.fields import KIND_NAMES, PEOPLE
from wangge.kernel.http import Asking, asking
from wangge.kernel.refusals import Refusal
from wangge.places import Atlas
from wangge.places.forms import areas_within
from wangge.places.model import Area

Ask = Request[Any, Any, Any]
Show = Callable[[Refusal], Any]


def office(request: Ask) -> Asking:
    """Who asks, if they may import. Raises NotSignedIn, Forbidden."""
    who = asking(request)
    who.must_any(*ANY)
    return who


def kinds_for(who: Asking) -> dict[str, str]:
    """What the asker may bring tables of, by code, in Chinese."""
    return {code: name for code, name in KIND_NAMES.items() if who.may(act_of(code))}


def areas_for(who: Asking, atlas: Atlas, kind: str) -> list[Area]:
    """Communities and streets whose tables the asker may bring, the widest first; of registers, also
    grids (what has no door is kept there)."""
    longest = 12 if kind == PEOPLE else 15
    return areas_within(who, atlas, act_of(kind), shortest=9, longest=longest)


def path_of(import_id: UUID, more: str = "") -> str:
    """A page of an import."""
    return f"/imports/{import_id}{more}"


Answer = Response[Any]
