"""When something behind a door becomes somebody's work, and when it is over."""

from collections.abc import Sequence

from wangge.sweeps.judge import Line, Said
from wangge.sweeps.model import MISSED, NOT_MET, TRIES_MAX, UNTESTED, Kind, Outcome


def raised(old: Line, line: Line) -> list[str]:
    """What a line calls for that it did not call for before: a kind of help, its outcome, `missed`.
    While people say different things of a door nothing is called for but help: whoever decides, or
    goes there again, says what is the case."""
    before = _calls(old)
    return [what for what in _calls(line) if what not in before]


def _calls(line: Line) -> list[str]:
    found = sorted(line.needs)
    if line.outcome is None or "outcome" in line.flagged:
        return found
    found.append(line.outcome)
    if line.outcome in NOT_MET and line.tries >= TRIES_MAX:
        found.append(MISSED)
    return found


def eased(
    kind: Kind, said: Sequence[Said], old: Line, line: Line, *, closed: bool
) -> list[str]:
    """What was called for by earlier reports of a door and is over with this one: the door was
    answered, or the report was taken back. Whether anything came of it is for the listener."""
    found = sorted(old.needs - line.needs)
    if "outcome" in line.flagged or (
        line.outcome == old.outcome and "outcome" not in old.flagged
    ):
        return found
    done = line.outcome is None or line.outcome in kind.settled
    earlier = [one.outcome for one in said if one.outcome is not None]
    for rule in kind.raises:
        if rule.when == MISSED:
            tried = sum(outcome in NOT_MET for outcome in earlier) >= TRIES_MAX
            over = tried and line.outcome not in NOT_MET
        elif rule.when == UNTESTED:
            over = closed and done
        else:
            over = done and rule.when in earlier and rule.when != line.outcome
        if over and (rule.when in (MISSED, UNTESTED) or rule.when in set(Outcome)):
            found.append(rule.when)
    return found
