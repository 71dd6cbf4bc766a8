"""What the pages of verification share."""

from typing import Any
from uuid import UUID

from litestar import Request, Response

from wangge.kernel.http import Asking, asking
from wangge.kernel.moments import now
from wangge.kernel.refusals import Refusal
from wangge.places import Atlas
from wangge.places.model import Area
from wangge.verification.acts import CHECK, SIGN

Ask = Request[Any, Any, Any]
Answer = Response[Any]
#: Areas offered to choose from.
AREAS_MAX = 400


def office(request: Ask) -> Asking:
    """Who asks, if they may check or sign lists. Raises NotSignedIn, Forbidden."""
    who = asking(request)
    who.must_any(CHECK, SIGN)
    return who


def areas_for(who: Asking, atlas: Atlas) -> list[Area]:
    """Districts, streets and communities whose lists the asker may bring, the widest first."""
    found: dict[str, Area] = {}
    for prefix in who.actor.reach(CHECK, now()).areas:
        found |= {
            area.code: area
            for area in atlas.open_areas(prefix or atlas.county)
            if len(area.code) <= 12
        }
    return list(found.values())[:AREAS_MAX]


def path_of(list_id: UUID, more: str = "") -> str:
    """A page of a list."""
    return f"/verification/{list_id}{more}"


def gone(refusal: Refusal) -> bool:
    """Whether there is no page to show the refusal on."""
    return refusal.code in ("not-found", "forbidden", "not-signed-in")
