"""What the desk pages of forms share: areas to choose from."""

from typing import Any

from litestar import Request

from wangge.kernel.actors import Act
from wangge.kernel.http import Asking
from wangge.kernel.moments import now
from wangge.kernel.refusals import Invalid
from wangge.places import Atlas
from wangge.places.model import Area

Asked = Request[Any, Any, Any]
ROWS = 50
#: Areas offered to choose from.
AREAS_MAX = 400


def areas_for(who: Asking, atlas: Atlas, act: Act, *, digits: int = 12) -> list[Area]:
    """Areas within an act's reach to choose from, the widest first."""
    found: list[Area] = []
    for prefix in who.actor.reach(act, now()).areas:
        found += [a for a in atlas.open_areas(prefix or atlas.county) if len(a.code) <= digits]
    narrow = [a for a in (atlas.area(p) for p in who.actor.reach(act, now()).areas) if a]
    return list({a.code: a for a in [*narrow, *found]}.values())[:AREAS_MAX]


def first_area(who: Asking, atlas: Atlas, act: Act) -> str:
    """Where somebody looks first: their own area."""
    areas = who.actor.reach(act, now()).areas
    return (areas[0] if areas else "") or atlas.county


def number(given: dict[str, str], name: str) -> int | None:
    """A whole number of a form, None for an empty box. Raises Invalid."""
    text = given.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise Invalid.of(name, "这里应填数字。")
    return int(text)
