"""A round's time is over and doors are left: the group hears it, and the heads of their grids.

Said are the round's name, areas and counts: nobody's name and no door. The list itself is read in the
system, by whoever may.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from wangge.cases.reference import REFERENCE
from wangge.dispatch.notify import NAMED_MAX, send_text
from wangge.dispatch.sending import in_json, send
from wangge.dispatch.settings import SMS_URL, WEBHOOK_BODY, WEBHOOK_URL
from wangge.kernel.actors import Role
from wangge.kernel.database import Tx
from wangge.kernel.jobs import job, later
from wangge.people import ROSTER, Roster
from wangge.places import ATLAS, Atlas
from wangge.sweeps.counting import counted
from wangge.sweeps.events import TimeOver
from wangge.sweeps.kinds import kind_as_opened
from wangge.sweeps.queries import closing
from wangge.sweeps.queries.closing import LeftIn

#: What is older is no news (a listener that begins with an old ledger).
FRESH = timedelta(minutes=30)


def answering(roster: Roster, code: str, tx: Tx) -> UUID | None:
    """Whoever answers for a grid: its head, else an officer of its community."""
    for role, area in ((Role.GRID_HEAD, code), (Role.COMMUNITY_OFFICER, code[:12])):
        found = roster.holders(role, area, tx.now)
        if found:
            return found[0]
    return None


async def tell(tx: Tx, fact: TimeOver) -> None:
    """Queue a message to the group and a text to each who answers for some of what is left."""
    if tx.now - fact.ends_at > FRESH:
        return
    decided = (await REFERENCE.get(tx)).decided
    about = {"round": str(fact.round_id), "ends_at": fact.ends_at.isoformat()}
    if decided(WEBHOOK_URL):
        await later(tx, "dispatch.left_webhook", about)
    if decided(SMS_URL):
        roster = await ROSTER.get(tx)
        places = await closing.left_by_grid(tx, fact.round_id)
        for one in dict.fromkeys(answering(roster, place.code, tx) for place in places):
            if one is not None:
                await later(tx, "dispatch.left_sms", {**about, "staff_id": str(one)})


async def _now(tx: Tx, data: Mapping[str, Any]) -> tuple[closing.Running, list[LeftIn]] | None:
    """The round and what is left, unless it is over, done, or has more time by now."""
    round_ = await closing.running(tx, UUID(data["round"]))
    if round_ is None or round_.ends_at != datetime.fromisoformat(data["ends_at"]):
        return None
    places = await closing.left_by_grid(tx, round_.id)
    return (round_, places) if places else None


async def _words(
    tx: Tx, round_: closing.Running, places: Sequence[LeftIn], atlas: Atlas
) -> str:
    kind = await kind_as_opened(tx, round_.id)
    most = sorted(places, key=lambda place: (-place.left, place.code))
    named = "、".join(
        f"{atlas.name(place.code)} {counted(kind, 'zh', place.left)}"
        for place in most[:NAMED_MAX]
    )
    whole = counted(kind, "zh", sum(place.left for place in places))
    more = "等" if len(most) > NAMED_MAX else ""
    return f"【{round_.title}】时间到,还差 {whole}:{named}{more}。名单在这一轮的“没扫到的”里。"


@job("dispatch.left_webhook")
async def tell_the_group(tx: Tx, data: Mapping[str, Any]) -> None:
    """The group hears what is left at the moment of sending."""
    decided = (await REFERENCE.get(tx)).decided
    found = await _now(tx, data)
    if found is not None and decided(WEBHOOK_URL):
        text = await _words(tx, *found, await ATLAS.get(tx))
        await send(decided(WEBHOOK_URL), in_json(decided(WEBHOOK_BODY), text=text))


@job("dispatch.left_sms")
async def tell_who_answers(tx: Tx, data: Mapping[str, Any]) -> None:
    """Somebody hears what is left in the grids they answer for."""
    found = await _now(tx, data)
    if found is None:
        return
    round_, places = found
    roster, staff_id = await ROSTER.get(tx), UUID(data["staff_id"])
    mine = [place for place in places if answering(roster, place.code, tx) == staff_id]
    if mine:
        await send_text(tx, staff_id, await _words(tx, round_, mine, await ATLAS.get(tx)))
