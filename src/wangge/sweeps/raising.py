"""When something behind a door becomes somebody's work, and when it is over."""

from collections.abc import Sequence
from uuid import UUID

from wangge.sweeps.judge import Line, Said, judge
from wangge.sweeps.model import MISSED, NOT_MET, TRIES_MAX, UNTESTED, Kind, Outcome, Person

#: Outcomes after which somebody listed was not sampled, whatever is said of single people.
_NOT_DONE = frozenset({None, Outcome.SOME.value, Outcome.VISIT.value})
_NOT_DONE_PERSONS = frozenset({Person.ABSENT.value, Person.VISIT.value})


def changed(
    kind: Kind,
    said: Sequence[Said],
    people: Sequence[UUID],
    old: Line,
    line: Line,
    *,
    closed: bool,
) -> tuple[list[str], list[str]]:
    """What a door calls for with its last report and did not before, and what it called for that is
    over: a kind of help, an outcome, `missed`, and after the close `untested`.

    While people say different things of a door nothing changes but help: whoever decides, or goes
    there again, says what is the case, and that is held against what stood before they differed.
    Whether anything came of what is over is for the listener.
    """
    raised, eased = sorted(line.needs - old.needs), sorted(old.needs - line.needs)
    if _disputed(line, said):
        return raised, eased
    earlier = sorted(said, key=lambda one: one.n)[:-1]
    while _disputed(old, earlier):
        earlier = earlier[:-1]
        old = judge(earlier, people)
    was, now = _calls(old, people, closed=closed), _calls(line, people, closed=closed)
    raised += [what for what in now if what not in was]
    eased += [what for what in was if what in (MISSED, UNTESTED) and what not in now]
    if line.outcome != old.outcome and (line.outcome is None or line.outcome in kind.settled):
        # Refused, then nobody there, then all: only the last says that the refusal is over.
        over = {one.outcome for one in said if one.outcome is not None} - {line.outcome}
        eased += [rule.when for rule in kind.raises if rule.when in over]
    return raised, eased


def _disputed(line: Line, said: Sequence[Said]) -> bool:
    """Whether it matters that people differ: nobody there and locked are both nobody met."""
    return "outcome" in line.flagged and any(
        one.outcome is not None and one.outcome not in NOT_MET for one in said
    )


def _calls(line: Line, people: Sequence[UUID], *, closed: bool) -> list[str]:
    found = [] if line.outcome is None else [line.outcome]
    if line.outcome in NOT_MET and line.tries >= TRIES_MAX:
        found.append(MISSED)
    if closed and untested(line, people):
        found.append(UNTESTED)
    return found


def untested(line: Line, people: Sequence[UUID]) -> bool:
    """Whether somebody listed is neither done nor exempt nor known to be away, and the door is no
    other case: as `queries.closing.untested` has it at the close."""
    if not people:
        return False
    if line.outcome in NOT_MET:
        return line.tries < TRIES_MAX
    if line.outcome == Outcome.ALL:
        return not _NOT_DONE_PERSONS.isdisjoint(line.persons.values())
    return line.outcome in _NOT_DONE
