"""Who of a role is where around a place, ring by ring: as posts say, and never where anybody is now.

Ways are walked between the middles of areas. A county has 25,000 posts; what is around one area is
found once for each roster.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import cos, hypot, radians

from wangge.kernel.actors import Role
from wangge.people.model import Post
from wangge.people.roster import Roster
from wangge.places import Atlas

#: What the rings are called, the nearest first.
RINGS = ("本微网格", "本网格", "同社区", "本街道", "邻近社区")
#: Rings that are looked at before any other is.
OWN = 2
#: Metres walked in a minute.
PACE = 80.0
#: Minutes to somebody's area where the map has no middle of it.
UNKNOWN_MINUTES = 10.0
#: Two communities this near to each other are neighbours, in degrees: a road lies between (some 60 m).
BESIDE = 0.0006
#: Areas whose rings are remembered.
_REMEMBERED = 4_000
_METRES = 111_320.0


@dataclass(frozen=True, slots=True)
class Near:
    """Somebody's post in a ring, and how many minutes they walk."""

    post: Post
    minutes: float


Rings = tuple[tuple[Near, ...], ...]


class Around:
    """What is around each area, of one roster and atlas; `before`: an earlier one's, of another roster."""

    def __init__(self, roster: Roster, atlas: Atlas, before: "Around | None" = None) -> None:
        self.roster = roster
        self.atlas = atlas
        self._rings: dict[tuple[Role, str], Rings] = {}
        self._beside: dict[str, tuple[str, ...]] = {}
        if before is not None and before.atlas is atlas:
            # Shapes are compared once for each atlas: posts change far more often.
            self._beside = before._beside

    def rings(self, role: Role, area_code: str) -> Rings:
        """Posts of the role by ring (`RINGS`); nobody twice, in the nearest ring they are in."""
        found = self._rings.get((role, area_code))
        if found is None:
            if len(self._rings) >= _REMEMBERED:
                self._rings.clear()
            found = self._rings[role, area_code] = self._look(role, area_code)
        return found

    def _look(self, role: Role, area_code: str) -> Rings:
        rings: list[tuple[Near, ...]] = []
        seen: set[object] = set()
        today = self.atlas.resolve(area_code) or (area_code,)
        for codes in zip(*(self._codes(code) for code in today), strict=True):
            ring: list[Near] = []
            for code in dict.fromkeys(code for some in codes for code in some):
                posts = self.roster.posts_at(role, code)
                minutes = self._minutes(area_code, code) if posts else 0.0
                ring.extend(Near(post, minutes) for post in posts if not post.narrow)
            ring.sort(key=lambda near: near.minutes)  # stable: then whoever has the post longer
            # A post that ends does not hide a later one of the same person.
            rings.append(tuple(near for near in ring if near.post.id not in seen))
            seen.update(near.post.id for near in ring)
        return tuple(rings)

    def _codes(self, code: str) -> Iterator[tuple[str, ...]]:
        """Areas of each ring around this one."""
        yield (code,) if len(code) == 18 else ()
        yield self._under(code[:15]) if len(code) >= 15 else ()
        yield self._under(code[:12]) if len(code) >= 12 else ()
        yield tuple(code[:size] for size in (9, 6) if size <= len(code))
        beside = self.beside(code[:12]) if len(code) >= 12 else ()
        yield tuple(inner for one in beside for inner in self._under(one))

    def _under(self, code: str) -> tuple[str, ...]:
        inner = (one.code for one in self.atlas.children(code))
        return (code, *(below for one in inner for below in self._under(one)))

    def beside(self, community: str) -> tuple[str, ...]:
        """Communities of the same street next to this one."""
        found = self._beside.get(community)
        if found is None:
            shape = self.atlas.shape(community)
            others = self.atlas.children(community[:9])
            found = self._beside[community] = tuple(
                one.code
                for one in others
                if shape is not None
                and one.code != community
                and (beside := self.atlas.shape(one.code)) is not None
                and shape.distance(beside) <= BESIDE
            )
        return found

    def _minutes(self, from_code: str, to_code: str) -> float:
        a, b = self.atlas.area(from_code), self.atlas.area(to_code)
        if from_code.startswith(to_code):
            return 0.0  # whoever has the whole around it is there
        if a is None or b is None or a.centre_lon is None or a.centre_lat is None:
            return UNKNOWN_MINUTES
        if b.centre_lon is None or b.centre_lat is None:
            return UNKNOWN_MINUTES
        east = (b.centre_lon - a.centre_lon) * self._flat
        return hypot(east, b.centre_lat - a.centre_lat) * _METRES / PACE

    @cached_property
    def _flat(self) -> float:
        """How much shorter a degree eastward is here than one northward."""
        county = self.atlas.area(self.atlas.county)
        return cos(radians(county.centre_lat)) if county and county.centre_lat else 1.0


def around_of(district: str, roster: Roster, atlas: Atlas) -> Around:
    """The district's, made anew when posts or areas changed."""
    last = _last.get(district)
    if last is None or last.roster is not roster or last.atlas is not atlas:
        last = _last[district] = Around(roster, atlas, last)
    return last


_last: dict[str, Around] = {}
