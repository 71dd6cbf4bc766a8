"""Missed doors and calls for help of a sweep become cases, by the rule of the round's kind, and end
when the door is answered."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID, uuid5

from wangge import tasks
from wangge.cases import queries as case_queries
from wangge.cases.commands.moving import aside, progress
from wangge.cases.model import ENDED, NO_LIMIT, State, Verb
from wangge.cases.reference import REFERENCE
from wangge.dispatch.decide import Report
from wangge.dispatch.intake import receive
from wangge.kernel.actors import system_actor
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Refusal
from wangge.kernel.said import said
from wangge.responses import RESPONSES
from wangge.sweeps.events import DoorEased, DoorNeeds
from wangge.sweeps.kinds import kind_as_opened
from wangge.sweeps.model import HELP, MISSED, UNTESTED, Kind
from wangge.sweeps.queries.doors import place_of

#: Cases of one matter at one door in one round.
AGAIN_MAX = 20
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
    last = await _last(tx, fact.round_id, fact.door_id, fact.what)
    if last.case is not None and last.case not in _OVER:
        return  # whoever has it knows
    kind = await kind_as_opened(tx, fact.round_id)
    report = Report(
        id=last.id if last.case is None else last.following,
        by=system_actor(tx.actor.district),
        words=f"{door.title}:{door.label},{words_of(fact.what, kind)}。",
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


async def settle(tx: Tx, fact: DoorEased) -> None:
    """The door was answered after all, or the report taken back: a case that nobody has taken up
    ends by itself, and whoever has taken one up, or was asked for help, reads it in the story."""
    last = await _last(tx, fact.round_id, fact.door_id, fact.what)
    if last.case is None or last.case in ENDED:
        return
    case = await case_queries.lock(tx, last.id)
    words = _answered(fact, await kind_as_opened(tx, fact.round_id))
    if fact.what in HELP or case.state not in _UNTOUCHED or case.owner_id is not None:
        await aside(tx, case, case, Verb.NOTE, words)
        return
    await tasks.cancel_for(tx, case.id)
    for verb in _BACK[case.state]:
        case = await progress(tx, case, verb, NO_LIMIT, opinion=words)
    await progress(
        tx,
        case,
        Verb.SELF_CLOSE,
        NO_LIMIT,
        opinion=words,
        edit=lambda moved: replace(moved, result=words),
    )


def _answered(fact: DoorEased, kind: Kind) -> str:
    """As kept, to be read in either language."""
    if not fact.outcome:
        return said("清查的人撤回了这条上报。")
    return said("清查后来又到这一户:{outcome}。", outcome=kind.words(fact.outcome))


#: Nobody has taken the case up; and the way back to where it may be closed on the spot.
_BACK: Mapping[State, tuple[Verb, ...]] = {
    State.REPORTED: (),
    State.FILED: (Verb.RETURN_TO_ACCEPTOR,),
    State.DISPATCHED: (Verb.RETURN_TO_DISPATCHER, Verb.RETURN_TO_ACCEPTOR),
}
_UNTOUCHED = frozenset(_BACK)
#: Ended, so that the same thing found again is another case. (A merged one goes on elsewhere.)
_OVER = ENDED - {State.MERGED}


@dataclass(frozen=True, slots=True)
class _Last:
    """The latest case of one matter at one door: its state, None when there is none."""

    id: UUID
    case: State | None
    following: UUID


async def _last(tx: Tx, round_id: UUID, door_id: UUID, what: str) -> _Last:
    """Cases of a door are numbered by their ids, so that a fact that is read again finds its own."""
    names = [f"{door_id}/{what}", *(f"{door_id}/{what}/{n}" for n in range(1, AGAIN_MAX))]
    ids = [uuid5(round_id, name) for name in names]
    states = {
        row.id: State(row.state)
        for row in await tx.many(
            _Row, "select id, state from cases_case where id = any(:ids::uuid[])", ids=ids
        )
    }
    at = max((n for n, id_ in enumerate(ids) if id_ in states), default=0)
    return _Last(ids[at], states.get(ids[at]), ids[min(at + 1, AGAIN_MAX - 1)])


@dataclass(frozen=True, slots=True)
class _Row:
    id: UUID
    state: str


def words_of(what: str, kind: Kind) -> str:
    """What is the matter, without a name; an outcome in the words of the round's kind."""
    if what in WORDS:
        return WORDS[what]
    if what in HELP:
        return f"住户求助:{HELP[what]}"
    return kind.words(what)
