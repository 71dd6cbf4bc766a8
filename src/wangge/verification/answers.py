"""What `wangge verify` answers, as data: written, looked through by a person, read back, and the list
mended by what they took. docs/verification.md."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import msgspec

from wangge.kernel.i18n import LOCALES
from wangge.kernel.refusals import Invalid
from wangge.matching.linking import Known
from wangge.solvers.words import Sentence
from wangge.verification.called import as_called
from wangge.verification.checking import Outcome, counted
from wangge.verification.columns import Columns
from wangge.verification.files import Checked, Register
from wangge.verification.questions import question
from wangge.verification.reading import Line, key_of
from wangge.verification.words import FIELDS, STATES

FORMAT = "wangge.verification/2"
Both = Callable[[Sentence], Mapping[str, str]]
#: The columns that a mended list has more.
MORE = ("核对结果", "改了什么", "要问的")
#: Our fields by what a mend is called.
_COLUMN = {"id": "id_number", "name": "name"}


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence in both languages."""

    zh: str
    en: str


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a row is open, what to ask, and whom (`self`, `maker`)."""

    why: tuple[Words, ...]
    ask: tuple[Words, ...]
    whom: str


class Rival(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody of the register whom a row may mean, and how they agree."""

    resident: str | None
    signs: dict[str, str]


class RowAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What became of a row. `taken` is for a person: true takes its mends, false asks instead, null
    says that nobody has looked."""

    row: int
    state: str
    resident: str | None
    why: str
    signs: dict[str, str] | None
    mends: dict[str, str]
    differs: tuple[str, ...]
    same_as: int | None
    same_why: str
    question: Asked | None = None
    rivals: tuple[Rival, ...] = ()
    taken: bool | None = None


class Contradiction(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something in the contacts that does not fit, and in which rows; `defect`: it cannot be as it
    stands. `asked` is for a person: true says that it was asked about."""

    kind: str
    defect: bool
    entries: tuple[str, ...]
    words: Words
    question: Words
    rows: tuple[int, ...] = ()
    asked: bool | None = None


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole answer. `of` is the list's digest: an answer fits the list it was made of."""

    format: str
    of: str
    rows: int
    counts: dict[str, int] | None
    list: tuple[RowAnswer, ...]
    contradictions: tuple[Contradiction, ...]
    notes: tuple[dict[str, Any], ...]


def digest_of(headings: Sequence[str], lines: Sequence[Line]) -> str:
    """Tells one list from another."""
    made = hashlib.sha256(msgspec.json.encode(list(headings)))
    for line in lines:
        made.update(msgspec.json.encode(line.cells))
    return made.hexdigest()


def called_in_both(kind: str, sentence: Sentence, both: Both) -> Words:
    """A finding's sentence in each language, with its entries called as in that language."""
    zh, en = (both(as_called(language, kind, sentence)) for language in LOCALES)
    return Words(zh["zh"], en["en"])


def answer(done: Checked, register: Register | None, both: Both) -> Answer:
    """What became of a list."""
    row_of = {key_of(line, done.columns): line.number for line in reversed(done.lines)}
    return Answer(
        FORMAT,
        digest_of(done.headings, done.lines),
        len(done.lines),
        dict(counted(done.outcomes)) if done.outcomes else None,
        tuple(
            _row(done.columns, register, line, one, both)
            for line, one in zip(done.lines, done.outcomes, strict=False)
            if register is not None
        ),
        tuple(
            Contradiction(
                one.kind,
                one.defect,
                tuple(one.entries),
                called_in_both(one.kind, one.words, both),
                called_in_both(one.kind, one.question, both),
                tuple(row_of[entry] for entry in one.entries if entry in row_of),
            )
            for one in done.findings
        ),
        tuple(asdict(note) for note in done.notes),
    )


def written(answer: Answer) -> bytes:
    """As a file, to be read by people too."""
    return msgspec.json.format(msgspec.json.encode(answer), indent=1) + b"\n"


def read_answer(data: bytes) -> Answer:
    """An answer's file, as it was written or with `taken` filled in. Raises Invalid saying where it
    is none."""
    try:
        found = msgspec.json.decode(data, type=Answer)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        at = re.search(r"`(\$[^`]*)`", str(wrong))
        raise Invalid.of(
            "answer",
            "结果文件读不懂({where}):{detail}。请只改 taken,或重新运行 wangge verify。",
            where=at[1] if at else "JSON",
            detail=str(wrong).split(" - at ", maxsplit=1)[0],
        ) from wrong
    if found.format != FORMAT:
        raise Invalid.of(
            "format",
            "结果文件的格式是“{format}”,这里要“{wanted}”。请重新运行 wangge verify。",
            format=found.format[:60],
            wanted=FORMAT,
        )
    return found


def mended(
    given: Answer, headings: Sequence[str], lines: Sequence[Line], columns: Columns
) -> Iterator[list[str]]:
    """The list in its own columns and order, with what somebody took mended, and three columns more:
    what came of each row, what was mended, what to ask. Raises Invalid for another list's answer."""
    told: Sequence[RowAnswer | None] = given.list or [None] * len(lines)
    if given.of != digest_of(headings, lines) or len(told) != len(lines):
        raise Invalid.of(
            "of", "这份结果不是这份名单的。请用同一份名单,或重新运行 wangge verify。"
        )
    yield [*headings, *MORE]
    odd = _asks(given.contradictions)
    for line, row in zip(lines, told, strict=True):
        cells = [*line.cells, *[""] * (len(headings) - len(line.cells))]
        if row is None:  # held against itself only
            yield [*cells, "", "", "".join(odd.get(line.number, ()))]
            continue
        taken = row.state == "mended" and row.taken is True
        for field, text in row.mends.items() if taken else ():
            place = columns.at.get(_COLUMN.get(field, ""))
            if place is not None:
                cells[place] = text
        ask = [one.zh for one in row.question.ask] if row.question else []
        if row.state == "mended" and row.taken is False:
            ask = ["请问这一行是不是登记里的那一位?"]
        yield [
            *cells,
            _result(row),
            "、".join(FIELDS[field] for field in row.mends) if taken else "",
            "".join((*ask, *odd.get(line.number, ()))),
        ]


def _asks(contradictions: Sequence[Contradiction]) -> dict[int, list[str]]:
    """What nobody has asked yet about rows that do not fit: by row."""
    asks: dict[int, list[str]] = {}
    for one in contradictions:
        # Of two entries that do not agree the second is asked.
        for row in (
            () if one.asked else one.rows[-1:] if one.kind == "one_sided" else one.rows[:1]
        ):
            asks.setdefault(row, []).append(one.question.zh)
    return asks


def _result(row: RowAnswer) -> str:
    if row.state == "mended":
        return STATES["proposed" if row.taken is None else "mended" if row.taken else "open"]
    return STATES["open" if row.state == "ask" else "right"]


def _words(sentence: Sentence, both: Both) -> Words:
    return Words(**both(sentence))


def _row(
    columns: Columns, register: Register, line: Line, one: Outcome, both: Both
) -> RowAnswer:
    link = one.link
    asked: Asked | None = None
    rivals: tuple[Rival, ...] = ()
    if link.kind == "ask":
        found = question(
            line.cells, columns, link.question, len(link.rivals), other=one.same_as
        )
        asked = Asked(
            tuple(_words(words, both) for words in found.why),
            tuple(_words(words, both) for words in found.ask),
            found.whom,
        )
        rivals = tuple(
            Rival(_ref(register, rival), signs.codes()) for rival, signs in link.rivals
        )
    return RowAnswer(
        one.number,
        link.kind,
        _ref(register, link.target),
        link.why,
        link.signs.codes() if link.signs else None,
        _mends(register, link.target, link.mends),
        tuple(link.differs),
        one.same_as or None,
        one.same_why,
        asked,
        rivals,
    )


def _ref(register: Register, known: Known | None) -> str | None:
    return register.refs[known.ref] if known and isinstance(known.ref, int) else None


def _mends(register: Register, known: Known | None, fields: Sequence[str]) -> dict[str, str]:
    """What the register has instead."""
    if known is None or not isinstance(known.ref, int):
        return {}
    has = {"id": register.people.ids[known.ref], "name": register.people.names[known.ref]}
    return {field: str(has[field]) for field in fields}
