"""Kinds of rounds as a district makes them: data, checked, with a version."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import msgspec

from wangge.forms.entries import dictionary
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Forbidden, Invalid, NotFound, Problem, Refusal, Stale
from wangge.people.model import NEEDS
from wangge.places import ATLAS
from wangge.registers.kinds import KINDS as REGISTERS
from wangge.sweeps.acts import KINDS as CHANGE
from wangge.sweeps.events import KindChanged
from wangge.sweeps.kinds import KINDS
from wangge.sweeps.model import HELP, MISSED, TARGETS, THING, UNTESTED, Kind, Outcome
from wangge.sweeps.queries import kinds as queries
from wangge.sweeps.question_checks import checked
from wangge.sweeps.questions import Question, subject_of

#: Kinds a district may have, closed ones included.
KINDS_MAX = 100
_CODE = re.compile(r"[a-z][a-z0-9_]{1,30}")
_CASE_CLASS = re.compile(r"[A-Z]\d{4}")
_MINUTES = (5, 43_200)
#: What asks for a test's result, in the words of forms.
_RESULT = re.compile(r"结果|阳性|阴性|转阳|转阴|positive|negative|result", re.IGNORECASE)


@dataclass(eq=False)
class TooManyKinds(Refusal):
    says: ClassVar[str] = "清查类型最多 {most} 种。请改用已有的,或先和别的街道合并。"
    status: ClassVar[int] = 409
    most: int


class ButtonBody(msgspec.Struct, forbid_unknown_fields=True):
    """One outcome in the kind's words; `settled`: nothing is left to do at that door."""

    code: str
    words: str
    settled: bool = False


class RaiseBody(msgspec.Struct, forbid_unknown_fields=True):
    """What becomes a case: `when` is an outcome, a kind of help, missed or untested; `calm` is the
    class while no response is declared, "" for none."""

    when: str
    case_class: str
    calm: str = ""


class SaveKind(msgspec.Struct, forbid_unknown_fields=True):
    """A kind as it is to be. `version` is the one that was seen, 0 for a new one. Conditions of
    questions may be XLSForm's text or data. `by_tube`, of a kind with tubes: done is whoever is in
    a tube recorded here; not so where a laboratory's own system records them."""

    code: str
    version: int
    name: str
    minutes: int
    buttons: list[ButtonBody]
    targets: str = "household"
    needs_response: bool = False
    special: list[str] = []
    wanted: list[str] = []
    questions: list[dict[str, Any]] = []
    raises: list[RaiseBody] = []
    feeds: bool = False
    closed: bool = False
    things: list[str] = []
    by_tube: bool = True


def body_of(kind: Kind) -> SaveKind:
    """A kind as it is, to be changed in some part."""
    return SaveKind(
        kind.code,
        kind.version,
        kind.name,
        kind.minutes,
        [ButtonBody(b.code.value, b.words, b.settled) for b in kind.buttons],
        kind.targets,
        kind.needs_response,
        list(kind.special),
        list(kind.wanted),
        [question.raw for question in kind.questions],
        [RaiseBody(r.when, r.case_class, r.calm) for r in kind.raises],
        kind.feeds,
        not kind.open,
        list(kind.things),
        kind.by_tube or not kind.tubes,
    )


@dataclass(frozen=True, slots=True)
class Saved:
    """A kind's code and its version now."""

    code: str
    version: int


@dataclass(slots=True)
class _Wrong:
    problems: list[Problem] = field(default_factory=list[Problem])

    def want(self, fine: object, name: str, words: str, **values: object) -> None:
        if not fine:
            self.problems.append(Problem(name, words, None, values))


async def save_kind(tx: Tx, body: SaveKind) -> Saved:
    """Make a kind or change it. One with tubes always needs a response. A ready-made one is the
    whole district's; one of a street is the street's to change. Rounds that run keep what they
    were opened with. Raises Forbidden, NotFound,
    Invalid, Stale, TooManyKinds."""
    known = await KINDS.get(tx)
    before = known.get(body.code)
    area = await _where(tx, before)
    if before is None and body.version:
        raise NotFound("这种清查类型")
    if before is not None and body.version != before.version:
        raise Stale(before.version)
    if before is None and len(known) >= KINDS_MAX:
        raise TooManyKinds(KINDS_MAX)
    _check(body)
    tubes = before.tubes if before is not None else False
    questions = checked(body.questions, await dictionary(tx), HELP)
    if tubes:
        _keeps_no_results(body, questions)
    if body.targets == THING:
        _asks_of_places(body, questions, tubes=tubes)
    else:
        _asks_of_homes(questions)
    row = queries.KindRow(
        body.code,
        body.name.strip(),
        body.targets,
        [
            {"code": b.code, "words": b.words.strip(), "settled": b.settled}
            for b in body.buttons
        ],
        body.minutes,
        body.needs_response or tubes,
        tubes,
        tuple(body.special),
        tuple(body.wanted),
        [question.raw for question in questions],
        [{"when": r.when, "class": r.case_class, "calm": r.calm} for r in body.raises],
        tx.now if body.closed else None,
        body.version + 1,
        body.feeds,
        area,
        tuple(body.things),
        body.by_tube and tubes,
    )
    if not await queries.save(tx, row):
        raise Stale(body.version + 1)
    await tx.bump("sweeps")
    tx.publish(KindChanged(tx.actor.id, area or await _county(tx), body.code, body.closed))
    return Saved(body.code, row.version)


async def _county(tx: Tx) -> str:
    return (await ATLAS.get(tx)).county


async def _where(tx: Tx, before: Kind | None) -> str:
    """The area a kind belongs to, "" for the district. Raises Forbidden."""
    county = await _county(tx)
    if before is not None:
        tx.require(CHANGE, before.area_code or county)
        return before.area_code
    reach = tx.reach(CHANGE)
    if reach.covers(county):
        return ""
    if not reach.areas:
        raise Forbidden(CHANGE.name)
    return sorted(reach.areas)[0]


def _keeps_no_results(body: SaveKind, questions: Sequence[Question]) -> None:
    """A testing round keeps of a person whether they were sampled and in which tube; results are
    the laboratory's. Raises Invalid, by the question's number."""
    wrong = _Wrong()
    wrong.want(not body.feeds, "feeds", "检测轮次的回答不写进住户登记,请去掉这一项。")
    for row, asked in enumerate(questions, 1):
        for fine, name, words in (
            (not asked.field, "field", "检测轮次的问题不能填登记字段,请把字段留空。"),
            (
                asked.of == "household",
                "of",
                "检测轮次不逐人提问:每个人只记检没检、在哪支管。请改成每户一次。",
            ),
            (
                not _RESULT.search(_all_words(asked)),
                "words",
                "检测结果不在门口问,系统里也不存。请删掉这个问题。",
            ),
        ):
            if not fine:
                wrong.problems.append(Problem(name, words, row, {}))
    if wrong.problems:
        raise Invalid.all(wrong.problems)


def _asks_of_homes(questions: Sequence[Question]) -> None:
    """Behind a home's door nobody answers for a shop. Raises Invalid, by the question's number."""
    words = "去住户的清查,问题不能填台账字段,请把字段留空。"
    wrong = [
        Problem("field", words, row, {})
        for row, asked in enumerate(questions, 1)
        if subject_of(asked) in REGISTERS
    ]
    if wrong:
        raise Invalid.all(wrong)


def _asks_of_places(body: SaveKind, questions: Sequence[Question], *, tubes: bool) -> None:
    """A round over the registers has nobody listed behind its stops: it asks once a stop, and fills fields
    of the registers it goes to alone. Raises Invalid, by the question's number."""
    wrong = _Wrong()
    want = wrong.want
    want(not tubes, "targets", "检测只按户进行,不能改成去场所。")
    want(not body.feeds, "feeds", "去场所的清查不写进住户登记,请去掉这一项。")
    want(not (body.special or body.wanted), "special", "去场所的清查不按住户需求挑,请去掉。")
    for row, asked in enumerate(questions, 1):
        if asked.field and subject_of(asked) not in REGISTERS:
            words = "去场所的清查,问题不能填住户字段,请把字段留空。"
            wrong.problems.append(Problem("field", words, row, {}))
        elif asked.field and subject_of(asked) not in body.things:
            words = (
                "这个问题填的是“{name}”台账,可这种清查不去那里。请换一个字段,或把这一类也选上。"
            )
            name = REGISTERS[subject_of(asked)].name
            wrong.problems.append(Problem("field", words, row, {"name": name}))
        if asked.of != "household":
            words = "去场所的清查没有住户名单,不能逐人提问。请改成每户一次。"
            wrong.problems.append(Problem("of", words, row, {}))
    if wrong.problems:
        raise Invalid.all(wrong.problems)


def _all_words(asked: Question) -> str:
    told = [asked.key, asked.words, asked.words_en, asked.hint]
    for one in asked.choices:
        told += [one.code, one.words, one.words_en]
    return " ".join(told)


def _check(body: SaveKind) -> None:
    wrong = _Wrong()
    want = wrong.want
    want(
        _CODE.fullmatch(body.code),
        "code",
        "代号用小写字母开头,只用小写字母、数字和下划线,2 到 31 个字。",
    )
    want(1 <= len(body.name.strip()) <= 30, "name", "名称应为 1 到 {most} 个字。", most=30)
    want(
        _MINUTES[0] <= body.minutes <= _MINUTES[1],
        "minutes",
        "时限应为 {least} 分钟到 {most} 天。",
        least=_MINUTES[0],
        most=30,
    )
    want(body.targets in TARGETS, "targets", "请选择按户、按门还是按台账。")
    want(
        (body.targets == THING) == bool(body.things) and set(body.things) <= set(REGISTERS),
        "things",
        "按台账的,请选去哪几类;按户、按门的不选。",
    )
    codes = [b.code for b in body.buttons]
    want(1 <= len(codes) <= 10, "buttons", "至少要有一个结果按钮。")
    want(len(set(codes)) == len(codes), "buttons", "同一个结果只能有一个按钮。")
    want(set(codes) <= set(Outcome), "buttons", "没有这种结果。")
    want(
        all(1 <= len(b.words.strip()) <= 12 for b in body.buttons),
        "buttons",
        "按钮上的字应为 1 到 {most} 个。",
        most=12,
    )
    want(
        any(b.settled for b in body.buttons),
        "buttons",
        "至少要有一个结果算“办完”,不然永远扫不完。",
    )
    for name, given in (("special", body.special), ("wanted", body.wanted)):
        unknown = [need for need in given if need not in NEEDS]
        want(not unknown, name, "没有“{tag}”这种需求标签。", tag=unknown[0] if unknown else "")
    whens = [r.when for r in body.raises]
    want(len(set(whens)) == len(whens), "raises", "同一种情况只能写一条成案规则。")
    for rule in body.raises:
        want(
            rule.when in {*codes, *HELP, MISSED, UNTESTED},
            "raises",
            "没有“{when}”这种情况。",
            when=rule.when,
        )
        want(
            _CASE_CLASS.fullmatch(rule.case_class)
            and (not rule.calm or _CASE_CLASS.fullmatch(rule.calm)),
            "raises",
            "事件类别写代码,如 X0103;“{given}”不是。",
            given=rule.case_class or rule.calm,
        )
    if wrong.problems:
        raise Invalid.all(wrong.problems)
