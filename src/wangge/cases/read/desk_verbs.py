"""What somebody may do at the desk with a case."""

from collections.abc import Sequence
from uuid import UUID

from wangge.cases.acts import ACCEPT, CALL_BACK, CLOSE, DECIDE, DISPATCH, READ, SELF_CLOSE
from wangge.cases.model import MOVES, STAGES, State, Verb
from wangge.cases.taxonomy import CaseClass
from wangge.kernel.actors import Act
from wangge.kernel.database import Tx

#: The desk's verbs, the act each asks for, and the state's verb that must be possible.
_DESK: Sequence[tuple[str, Act, Verb]] = (
    ("verify", ACCEPT, Verb.VERIFY),
    ("file", ACCEPT, Verb.FILE),
    ("self_close", SELF_CLOSE, Verb.SELF_CLOSE),
    ("void", ACCEPT, Verb.VOID),
    ("merge", ACCEPT, Verb.MERGE),
    ("dispatch", DISPATCH, Verb.DISPATCH),
    ("return_to_acceptor", DISPATCH, Verb.RETURN_TO_ACCEPTOR),
    ("decide_extension", DECIDE, Verb.GRANT_EXTENSION),
    ("suspend", DECIDE, Verb.SUSPEND),
    ("resume", DECIDE, Verb.RESUME),
    ("inspect", CLOSE, Verb.INSPECT),
    ("rework", CLOSE, Verb.REWORK),
    ("close", CLOSE, Verb.CLOSE),
    ("call_back", CALL_BACK, Verb.CALL_BACK),
    ("reopen", ACCEPT, Verb.REOPEN),
)


def verbs(
    tx: Tx,
    area_code: str,
    state: State,
    handler_id: UUID | None,
    known: CaseClass | None,
    *,
    returned: bool,
) -> list[str]:
    """What this actor may do at the desk with a case in that state, now."""
    mine = handler_id == tx.actor.id
    found: list[str] = []
    for name, act, verb in _DESK:
        if state not in MOVES[verb][0] or not tx.actor.may(act, area_code, tx.now):
            continue
        if name == "self_close" and (known is None or not known.on_the_spot):
            continue
        if name in ("close", "decide_extension") and mine:
            continue
        if name == "merge" and returned:
            continue
        found.append(name)
    if state not in (State.VOID, State.MERGED) and tx.actor.may(READ, area_code, tx.now):
        if tx.actor.may(ACCEPT, area_code, tx.now) and STAGES[state].value != "结案":
            found.append("reclassify")
        found.append("note")
    return found
