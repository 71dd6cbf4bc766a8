"""Listening: when people move, the rosters of rounds that go on follow; when a round is certified, its
answers go where they belong."""

from collections.abc import Sequence

from wangge.kernel.database import Tx
from wangge.kernel.facts import Recorded
from wangge.kernel.relay import bite, reaction
from wangge.people.events import (
    HouseholdRegistered,
    PeopleMerged,
    RegisterChanged,
    RegisterUndone,
)
from wangge.registers.events import (
    ThingChanged,
    ThingClosed,
    ThingRegistered,
    ThingReopened,
)
from wangge.sweeps.events import RoundCertified
from wangge.sweeps.feeding import feed_later
from wangge.sweeps.joining import follow

#: Areas looked at by themselves; more at once are looked at where they meet.
AREAS_MAX = 50


@bite(
    "sweeps.register",
    *(HouseholdRegistered, RegisterChanged, RegisterUndone, PeopleMerged),
    *(ThingRegistered, ThingChanged, ThingClosed, ThingReopened),
)
async def follow_register(tx: Tx, facts: Sequence[Recorded]) -> None:
    """Whoever moved in joins, whoever moved out is said to have; so do shops and what else the
    registers hold."""
    await follow(tx, _outermost({fact.area_code for fact in facts}))


def _outermost(areas: set[str]) -> list[str]:
    """Without areas inside others; cut shorter while they are too many."""
    found = sorted(areas)
    for length in (18, 15, 12, 9, 6):
        found = sorted({code[:length] for code in found})
        found = [code for code in found if not any(code[:n] in found for n in range(len(code)))]
        if len(found) <= AREAS_MAX:
            break
    return found


@reaction("sweeps.feeding", RoundCertified)
async def on_certificate(tx: Tx, fact: RoundCertified) -> None:
    """A round that was closed gives its answers to the register."""
    await feed_later(tx, fact.round_id, fact.version)
