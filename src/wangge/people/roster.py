"""The roster: who holds which post, in memory, so that routing a case asks no table.

Lookups walk the levels of an area code (at most five), never the list of posts: a county has
some 25,000 of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wangge.kernel.actors import SYSTEM_ID, Actor, Grant, Role, system_actor
from wangge.kernel.cache import Cached
from wangge.kernel.database import Tx
from wangge.people.model import Member, Org, Post, Staff, Team
from wangge.people.queries import snapshot
from wangge.places import ATLAS, Atlas, levels


@dataclass(frozen=True, slots=True)
class Contents:
    """What a roster is made of."""

    staff: Sequence[Staff]
    posts: Sequence[Post]
    orgs: Sequence[Org]
    teams: Sequence[Team]
    members: Sequence[tuple[UUID, Member]]


class Roster:
    """All posts of one district as of one transaction. Never changed after it is made.

    A post on a closed area counts for the areas that came after it (`Atlas.resolve`).
    """

    def __init__(self, contents: Contents, atlas: Atlas) -> None:
        self._atlas = atlas
        # Found once for each area and platform that is ever asked for: neither is a moment's.
        self._covering: dict[str, tuple[str, ...]] = {}
        self._orgs_for: dict[tuple[str, str], tuple[Org, ...]] = {}
        self._staff = {staff.id: staff for staff in contents.staff}
        self._orgs = {org.id: org for org in contents.orgs}
        self._teams = {team.id: team for team in contents.teams}
        self._posts: dict[UUID, list[Post]] = {}
        self._places: dict[tuple[Role, str], list[Post]] = {}
        self._by_org: dict[UUID, list[Post]] = {}
        for post in sorted(contents.posts, key=lambda post: (post.from_at, post.id)):
            self._posts.setdefault(post.staff_id, []).append(post)
            if not self._active(post.staff_id):
                continue
            for code in self._today(post.area_code):
                self._places.setdefault((post.role, code), []).append(post)
            if post.org_id is not None:
                self._by_org.setdefault(post.org_id, []).append(post)
        self._orgs_at: dict[tuple[str, str], list[Org]] = {}
        for org in sorted(contents.orgs, key=lambda org: (org.code, org.id)):
            for code in self._today(org.area_code):
                self._orgs_at.setdefault((org.platform, code), []).append(org)
        self._teams_at: dict[tuple[str, str], list[Team]] = {}
        for team in sorted(contents.teams, key=lambda team: (team.from_at, team.id)):
            for code in self._today(team.area_code):
                self._teams_at.setdefault((team.kind, code), []).append(team)
        self._members: dict[UUID, list[Member]] = {}
        self._teams_of: dict[UUID, list[UUID]] = {}
        for team_id, member in contents.members:
            self._members.setdefault(team_id, []).append(member)
            self._teams_of.setdefault(member.staff_id, []).append(team_id)

    def _active(self, staff_id: UUID) -> bool:
        staff = self._staff.get(staff_id)
        return staff is not None and staff.active

    def _today(self, code: str) -> tuple[str, ...]:
        """An area nobody has drawn (an empty atlas, the whole server) stands for itself."""
        return self._atlas.resolve(code) if self._atlas.area(code) is not None else (code,)

    def _levels(self, area_code: str) -> tuple[str, ...]:
        """Codes whose posts cover the area, deepest first."""
        known = self._covering.get(area_code)
        if known is None:
            found: dict[str, None] = {}
            for code in self._today(area_code) or (area_code,):
                found.update(dict.fromkeys(levels(code)))
            known = tuple(sorted(found, key=lambda code: (-len(code), code)))
            if self._atlas.area(area_code) is not None:
                self._covering[area_code] = known
        return known

    # -- people ---------------------------------------------------------------------------

    def grants(self, staff_id: UUID, now: datetime) -> tuple[Grant, ...]:
        """The live posts as grants; nothing for an account that was closed.

        A closed area gives a grant for each successor. A grant also comes with the closed areas
        that led to its own, since what was filed under their codes is now its holder's.
        """
        if not self._active(staff_id):
            return ()
        found: dict[Grant, None] = {}
        for post in self._posts.get(staff_id, ()):
            if not post.live(now):
                continue
            for code in self._today(post.area_code):
                for reached in (code, *self._atlas.predecessors(code)):
                    if reached != code and reached.startswith(code):
                        continue
                    grant = Grant(
                        post.role,
                        reached,
                        frozenset(post.unit_ids),
                        frozenset(post.building_ids),
                        post.until_at,
                    )
                    found[grant] = None
        return tuple(found)

    def posts_of(self, staff_id: UUID) -> tuple[Post, ...]:
        """Every post not yet over when this was read, in the order they began."""
        return tuple(self._posts.get(staff_id, ()))

    def staff(self, staff_id: UUID) -> Staff | None:
        return self._staff.get(staff_id)

    def staff_name(self, staff_id: UUID) -> str:
        """The name, for a screen; "" when there is no such person."""
        staff = self._staff.get(staff_id)
        return staff.name if staff else ""

    def all_staff(self) -> tuple[Staff, ...]:
        """Everybody, by name."""
        return tuple(sorted(self._staff.values(), key=lambda staff: (staff.name, staff.id)))

    def holders(
        self,
        role: Role,
        area_code: str,
        now: datetime,
        *,
        unit_id: UUID | None = None,
        building_id: UUID | None = None,
    ) -> tuple[UUID, ...]:
        """Staff whose live post of the role covers the area, nearest first.

        Nearest is the longest prefix; within a level, whoever has held the post longer. A post
        on single units or buildings counts only when one of them is asked for, and then first.
        """
        bound: dict[UUID, None] = {}
        found: dict[UUID, None] = {}
        for code in self._levels(area_code):
            for post in self._places.get((role, code), ()):
                if not post.live(now):
                    continue
                if not post.narrow:
                    found[post.staff_id] = None
                elif unit_id in post.unit_ids or building_id in post.building_ids:
                    bound[post.staff_id] = None
        return tuple({**bound, **found})

    def seat(self, role: Role, area_code: str, now: datetime) -> str | None:
        """The area of the nearest post of the role that covers this one as a whole; None when
        nobody holds such a post. It is there that its holder answers for a room."""
        for code in self._levels(area_code):
            for post in self._places.get((role, code), ()):
                if not post.narrow and post.live(now):
                    return code
        return None

    def posts_at(self, role: Role, code: str) -> Sequence[Post]:
        """Posts of the role over exactly this area, those of active people, in the order they began."""
        return self._places.get((role, code), ())

    # -- bodies and teams --------------------------------------------------------------------

    def org(self, org_id: UUID) -> Org | None:
        return self._orgs.get(org_id)

    def all_orgs(self) -> tuple[Org, ...]:
        """Every body, by platform and code."""
        return tuple(sorted(self._orgs.values(), key=lambda org: (org.platform, org.code)))

    def orgs(self, platform: str, area_code: str) -> tuple[Org, ...]:
        """Bodies of a platform whose area covers this one, deepest first."""
        known = self._orgs_for.get((platform, area_code))
        if known is None:
            found: dict[Org, None] = {}
            for code in self._levels(area_code):
                found.update(dict.fromkeys(self._orgs_at.get((platform, code), ())))
            known = tuple(found)
            if self._atlas.area(area_code) is not None:
                self._orgs_for[platform, area_code] = known
        return known

    def org_members(self, org_id: UUID, now: datetime | None = None) -> tuple[UUID, ...]:
        """Staff with a post in the body; with `now`, a live one."""
        return _staff_of(self._by_org.get(org_id, ()), now)

    def on_duty(self, org_id: UUID, now: datetime) -> bool:
        """Whether anybody of the body has a live post."""
        return any(post.live(now) for post in self._by_org.get(org_id, ()))

    def team(self, team_id: UUID) -> Team | None:
        return self._teams.get(team_id)

    def all_teams(self) -> tuple[Team, ...]:
        """Every team not yet over when this was read, by area and name."""
        return tuple(sorted(self._teams.values(), key=lambda t: (t.area_code, t.name, t.id)))

    def teams(self, kind: str, area_code: str, now: datetime | None = None) -> tuple[Team, ...]:
        """Teams of a kind whose area covers this one, deepest first; with `now`, live ones."""
        found: dict[Team, None] = {}
        for code in self._levels(area_code):
            for team in self._teams_at.get((kind, code), ()):
                if now is None or team.live(now):
                    found[team] = None
        return tuple(found)

    def members(self, team_id: UUID) -> tuple[Member, ...]:
        """Who is in the team, in the order of positions and names."""
        return tuple(self._members.get(team_id, ()))

    def teams_of(self, staff_id: UUID, now: datetime) -> tuple[Team, ...]:
        """The live teams somebody is in."""
        found = (self._teams.get(team_id) for team_id in self._teams_of.get(staff_id, ()))
        return tuple(team for team in found if team is not None and team.live(now))


def _staff_of(posts: Iterable[Post], now: datetime | None) -> tuple[UUID, ...]:
    return tuple(
        dict.fromkeys(post.staff_id for post in posts if now is None or post.live(now))
    )


async def _load(tx: Tx) -> Roster:
    atlas = await ATLAS.get(tx)
    return Roster(
        Contents(
            await snapshot.all_staff(tx),
            await snapshot.all_posts(tx),
            await snapshot.all_orgs(tx),
            await snapshot.all_teams(tx),
            [
                (m.team_id, Member(m.staff_id, m.position))
                for m in await snapshot.all_members(tx)
            ],
        ),
        atlas,
    )


class _OfPeopleAndPlaces(Cached[Roster]):
    """Read again when posts moved or when areas did: a closed area changes who covers what."""

    async def get(self, tx: Tx, versions: Mapping[str, int] | None = None) -> Roster:
        read = versions if versions is not None else await tx.versions()
        both = read.get("people", 0) << 40 | read.get("places", 0)
        return await super().get(tx, {**read, self.name: both})


#: `await ROSTER.get(tx)`; renewed when posts, teams, bodies or areas change.
ROSTER: Cached[Roster] = _OfPeopleAndPlaces("people", _load)


async def actor_of(tx: Tx, staff_id: UUID) -> Actor:
    """Somebody with the posts they hold now: whom work in the background acts for."""
    if staff_id == SYSTEM_ID:
        return system_actor(tx.actor.district)
    roster = await ROSTER.get(tx)
    return Actor(staff_id, "staff", tx.actor.district, roster.grants(staff_id, tx.now))
