"""Missed doors and calls for help of a sweep become cases, by the rule of the round's kind."""

from uuid import uuid5

from wangge.cases.reference import REFERENCE
from wangge.dispatch.decide import Report
from wangge.dispatch.intake import receive
from wangge.kernel.actors import system_actor
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Refusal
from wangge.responses import RESPONSES
from wangge.sweeps.events import DoorNeeds
from wangge.sweeps.model import HELP, MISSED, OUTCOME_NAMES, UNTESTED, Outcome
from wangge.sweeps.queries.doors import place_of

WORDS = {MISSED: "两次上门都没有见到人", UNTESTED: "本轮应检未检"}


async def open_case(tx: Tx, fact: DoorNeeds) -> None:
    """A case of the class that the kind of round names; the calm one while no response is declared,
    none where that is "". Opened once however often the fact is read."""
    known = await REFERENCE.get(tx)
    code = fact.case_class
    wanted = known.classes.get(code)
    if wanted is None or (
        wanted.needs_response and (await RESPONSES.get(tx)).live(fact.area_code, tx.now) is None
    ):
        code = fact.calm_class
    if code not in known.classes:
        return
    door = await place_of(tx, fact.round_id, fact.door_id)
    if door is None:
        return
    report = Report(
        id=uuid5(fact.round_id, f"{fact.door_id}/{fact.what}"),
        by=system_actor(tx.actor.district),
        words=f"{door.title}:{door.label},{words_of(fact.what)}。",
        class_code=code,
        area_code=fact.area_code,
        place=door.label,
        unit_id=door.unit_id,
        dwelling_id=door.dwelling_id,
        trusted=True,
        reported_at=tx.now,
    )
    (answer,) = await receive(tx, [report])
    if isinstance(answer, Refusal):
        raise answer


def words_of(what: str) -> str:
    """What is the matter, without a name."""
    if what in WORDS:
        return WORDS[what]
    if what in HELP:
        return f"住户求助:{HELP[what]}"
    return OUTCOME_NAMES[Outcome(what)]
