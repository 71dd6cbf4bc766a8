"""What people have to do, as of one transaction and what it gave out so far, and the choice among them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from wangge.cases.reference import Reference
from wangge.dispatch.asking.around import RINGS, Near
from wangge.dispatch.asking.loads import Load, loads
from wangge.dispatch.asking.reasons import why_picked, why_spread
from wangge.dispatch.rules import Asked, Rule
from wangge.dispatch.settings import TASK_MINUTES, WAIT_MINUTES, WAIT_URGENT_MINUTES
from wangge.hours.limits import Limited
from wangge.kernel.database import Tx
from wangge.solvers.offers import LEAD_MINUTES, Ready, pick, spread

#: Minutes later for every hour's work more: a task ended today counts a tenth of one in hand.
FAIR = 6.0

Rings = list[list[Near]]


@dataclass(frozen=True, slots=True)
class Pace:
    """What a district takes a task to last, and how long somebody nearer is waited for."""

    task: int
    wait: int
    urgent: int

    def patience(self, *, urgent: bool) -> int:
        """Minutes."""
        return self.urgent if urgent else self.wait


def pace_of(reference: Reference) -> Pace:
    """By the district's settings."""
    return Pace(
        reference.decided(TASK_MINUTES),
        reference.decided(WAIT_MINUTES),
        reference.decided(WAIT_URGENT_MINUTES),
    )


@dataclass(frozen=True, slots=True)
class Want:
    """Somebody is wanted, by a rule, in an area; `tried` were asked and said no or nothing, `but` never
    were: they are only left out."""

    rule: Rule
    area_code: str
    urgent: bool
    tried: Sequence[str] = ()
    but: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """Whom to ask (None: nobody is left), why that one (as kept; "" for a body, a team, a room that a
    rule names), and how many nearer ones are at the end of their hours."""

    asked: Asked | None
    why: str = ""
    resting: int = 0


class Table:
    """What people have to do; whoever is chosen has that too for the next choice."""

    def __init__(self, tx: Tx, pace: Pace, limited: Limited) -> None:
        self._tx = tx
        self._pace = pace
        self._limited = limited
        self._loads: dict[UUID, Load] = {}

    async def look(self, wanted: Sequence[Rings]) -> None:
        """Read what these people have to do, where it is not known yet: one statement, or none."""
        unknown = {
            near.post.staff_id for rings in wanted for ring in rings for near in ring
        } - self._loads.keys()
        if unknown:
            self._loads |= await loads(self._tx, sorted(unknown), self._limited)

    def resting(self, rings: Rings) -> int:
        """How many of these are at the end of their hours."""
        return sum(self._loads[near.post.staff_id].resting for ring in rings for near in ring)

    def choose(self, want: Want, rings: Rings, *, patient: bool = False) -> Choice | None:
        """One of these, at once. None: nobody may go; or, `patient`, nobody soon, or only who has had much
        already, so that others are to be looked at as well."""
        wait = self._pace.patience(urgent=want.urgent)
        known: dict[str, Near] = {}
        ready = [[self._ready(near, known) for near in ring] for ring in rings]
        picked, resting = pick(ready, self._may, fair=FAIR, wait=wait)
        if picked is None:
            return None
        if patient and (picked.who.minutes > wait or picked.who.worked > LEAD_MINUTES):
            return None
        near = known[picked.who.id]
        load = self._loads[near.post.staff_id]
        why = why_picked(RINGS[picked.rank], near, load, picked, want.tried)
        load.open += 1
        return Choice(Asked(f"staff:{near.post.staff_id}", want.rule.level), why, resting)

    async def spread(self, wants: Sequence[tuple[Want, Rings]]) -> list[Choice | None]:
        """All of them as one: as few minutes in all as can be."""
        known: dict[str, Near] = {}
        tasks = [
            [
                [ready for near in ring if self._may(ready := self._ready(near, known))]
                for ring in rings
            ]
            for _, rings in wants
        ]
        wait = min((self._pace.patience(urgent=want.urgent) for want, _ in wants), default=0)
        # A library that computes for milliseconds; others are answered meanwhile.
        given = await asyncio.to_thread(
            spread, tasks, each=self._pace.task, fair=FAIR, wait=wait
        )
        found: list[Choice | None] = []
        for (want, rings), one in zip(wants, given, strict=True):
            if one is None:
                found.append(None)
                continue
            near = known[one.who.id]
            load = self._loads[near.post.staff_id]
            why = why_spread(RINGS[one.rank], near, load, one, len(wants))
            resting = self.resting(rings[: one.rank + 1])
            target = f"staff:{near.post.staff_id}"
            found.append(Choice(Asked(target, want.rule.level), why, resting))
            load.open += 1
        return found

    def _ready(self, near: Near, known: dict[str, Near]) -> Ready:
        id_ = str(near.post.staff_id)
        known[id_] = near
        load = self._loads[near.post.staff_id]
        queue = load.off_minutes + load.open * self._pace.task
        worked = (load.open + load.done) * self._pace.task
        return Ready(id_, queue + near.minutes, worked)

    def _may(self, ready: Ready) -> bool:
        return not self._loads[UUID(ready.id)].resting
