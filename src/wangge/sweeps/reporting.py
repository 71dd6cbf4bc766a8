"""A report on its way in: what it says, what of it cannot be taken, and what is one tap."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from wangge.kernel.actors import Actor
from wangge.kernel.refusals import Invalid, Refusal
from wangge.sweeps.judge import Said
from wangge.sweeps.model import HELP, HOWS_SAID, SAMPLED, Kind, Outcome, Person
from wangge.sweeps.standing import Door

#: Characters of words beside a report: where somebody is, since when.
WORDS_MAX = 200
#: Persons one report may speak of; a dormitory is several doors.
PERSONS_MAX = 60
ANSWERS_MAX = 300
BASE_MAX, TURN_MAX = 32_000, 999

OutcomeCode = Literal[
    "all", "some", "nobody", "locked", "vacant", "away", "refused", "visit", "exempt", "moved"
]
PersonCode = Literal["done", "absent", "away", "refused", "visit", "exempt"]
HowCode = Literal["door", "phone", "neighbour", "family", "paper", "tube", "desk", "register"]


class Report(msgspec.Struct, frozen=True):
    """What somebody found at a door.

    `base` is how many reports of this door the phone had seen (the roster's `version`), `after`
    the phone's own report of this door before this one, `undoes` one to be taken back. `persons`
    are exceptions: resident id → what is the case with them. `turn` is the round's pass as the
    phone knew it. `words` say where somebody is, since when; sealed. `filled_by` is whoever
    filled the paper that is typed back in. `answers` go by question, or question@resident;
    "" takes one away.
    """

    round: UUID
    door: UUID
    block: UUID | None = None
    outcome: OutcomeCode | None = None
    how: HowCode = "door"
    base: int = 0
    after: UUID | None = None
    undoes: UUID | None = None
    turn: int = 1
    persons: dict[UUID, PersonCode] = {}
    needs: list[str] = []
    answers: dict[str, str | int | float | bool] = {}
    words: str = ""
    filled_by: UUID | None = None


class Deed(msgspec.Struct, frozen=True):
    """A report on its way in. `claimed_at` is the phone's word for when, kept and not believed;
    `clock_off` its clock less ours in seconds, when it said what time it had. `decides` is a
    ruling at a desk; `register` is the system's own word, when people move."""

    id: UUID
    by: Actor
    body: Report
    claimed_at: datetime | None = None
    clock_off: int | None = None
    decides: bool = False
    register: bool = False


class Taken(msgspec.Struct, frozen=True):
    """A report's answer: what stands for the door now. `version` counts the door's reports;
    `flagged` names what a person has to decide."""

    door: UUID
    outcome: str | None
    version: int
    flagged: tuple[str, ...]
    late: bool


def words_context(report_id: UUID) -> bytes:
    """Associated data that binds sealed words to their report."""
    return report_id.bytes + b"sweeps_said.words"


def plain_outcomes(kind: Kind) -> frozenset[str]:
    """Outcomes that call for nothing else when they are a door's first."""
    return frozenset(
        button.code.value for button in kind.said if kind.raised(button.code) is None
    )


def is_one_tap(body: Report, plain: frozenset[str]) -> bool:
    """Whether nothing was said beside the outcome. (What is said of a second report is judged.)"""
    return (
        body.outcome in plain
        and not (body.needs or body.answers or body.words or body.persons or body.undoes)
        and body.how in HOWS_SAID
        and 0 <= body.base <= BASE_MAX
        and 1 <= body.turn <= TURN_MAX
    )


def same(before: Said, deed: Deed) -> bool:
    """Whether a deed sent again means what it meant the first time."""
    body = deed.body
    return (
        before.by == deed.by.id
        and before.outcome == body.outcome
        and before.undoes == body.undoes
        # A ruling names more people than it was sent with.
        and (deed.decides or dict(before.persons) == body.persons)
    )


def wrong_with(deed: Deed, door: Door) -> Refusal | None:
    """What cannot be taken as it is."""
    body, kind = deed.body, door.kind
    # Who is not listed cannot be in a tube; of such a household it is said by hand.
    if kind.by_tube and door.people and not deed.decides and _says_sampled(body):
        return Invalid.of(
            "outcome",
            "这一轮装了管才算已检:请在手机上点开这一户,选人、输管码或扫码。不在、拒检、免检照常报。",
        )
    if body.outcome is not None and body.outcome not in kind.outcomes:
        return Invalid.of(
            "outcome", "“{kind}”没有“{outcome}”这个结果。", kind=kind.name, outcome=body.outcome
        )
    if (
        body.outcome is None
        and body.undoes is None
        and not (body.persons or body.answers or body.needs)
    ):
        return Invalid.of("outcome", "请选择这一户的情况。")
    if body.how not in HOWS_SAID:
        return Invalid.of("how", "上报方式不对。")
    unknown = [need for need in body.needs if need not in HELP]
    if unknown:
        return Invalid.of("needs", "没有“{need}”这种需求。", need=unknown[0])
    if len(body.words) > WORDS_MAX:
        return Invalid.of("words", "说明最多 {most} 个字。", most=WORDS_MAX)
    if len(body.persons) > PERSONS_MAX or len(body.answers) > ANSWERS_MAX:
        return Invalid.of("persons", "一次上报的内容太多,请分开上报。")
    if not 0 <= body.base <= BASE_MAX or not 1 <= body.turn <= TURN_MAX:
        return Invalid.of("base", "版本号不对,请刷新名册后再报。")
    return None


def persons_said(deed: Deed, door: Door) -> dict[UUID, PersonCode]:
    """What is said of single people. Where tubes tell who is done, a ruling that all are says so of
    everybody listed who is not exempt, and of nobody who joins later."""
    said = dict(deed.body.persons)
    if deed.decides and door.kind.by_tube and deed.body.outcome == Outcome.ALL.value:
        named: dict[UUID, PersonCode] = {
            person: "done"
            for person in door.people
            if door.line.persons.get(person) != Person.EXEMPT
        }
        return named | said
    return said


def _says_sampled(body: Report) -> bool:
    return body.outcome in SAMPLED or Person.DONE in body.persons.values()


def persons_text(persons: Mapping[UUID, str]) -> str | None:
    if not persons:
        return None
    return msgspec.json.encode({str(p): status for p, status in persons.items()}).decode()
