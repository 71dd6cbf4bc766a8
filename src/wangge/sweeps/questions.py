"""What is asked at a door: questions as data, of a kind of round or of a round itself.

A question is asked of the household or of each person listed. Its answer goes by `key`, or by
`key@<resident id>`; several choices are their codes with spaces, as in XLSForm. One with a
`field` fills a field of the dictionary, and is not asked where that is known and fresh.
"""

import base64
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from uuid import UUID

from wangge.forms.model import Dictionary, Entry
from wangge.kernel.crypto import Vault
from wangge.kernel.fields import FieldSpec
from wangge.kernel.i18n import Locale, translate
from wangge.kernel.refusals import Invalid, Problem
from wangge.people.model import clean_phone, mask_phone
from wangge.registers.kinds import KINDS as REGISTERS
from wangge.sweeps.conditions import (
    Node,
    Unreadable,
    depends_on_the_day,
    holds,
    is_node,
    keys_of,
    parse,
    well_formed,
)

QUESTION_KINDS: Mapping[str, str] = {
    "bool": "是或否",
    "choice": "选一个",
    "choices": "可选几个",
    "number": "整数",
    "decimal": "小数",
    "date": "日期",
    "text": "文字",
    "phone": "电话号码(加密)",
    "note": "说明(只显示)",
}
OF_WHOM: Mapping[str, str] = {"household": "每户一次", "person": "每人一次"}

#: Questions of one kind; a visit is no interrogation. What comes along from forms is beside them.
QUESTIONS_MAX = 40
CHOICES_MAX = 40
WORDS_MAX = 200
TEXT_MAX = 200
#: XLSForm's names, without what would part an answer's key.
KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,39}")
_CODE = re.compile(r"[^\s@'\"]{1,40}")

#: Which kinds of question can fill which kinds of field.
FILLS: Mapping[str, frozenset[str]] = {
    "bool": frozenset({"bool"}),
    "choice": frozenset({"code", "codes"}),
    "choices": frozenset({"codes"}),
    "number": frozenset({"number"}),
    "decimal": frozenset({"number"}),
    "date": frozenset({"date"}),
    "text": frozenset({"text"}),
    "phone": frozenset({"phone"}),
    "note": frozenset(),
}


#: Fields of the register itself that answers fill, and their columns; a district's own are in `more`.
COLUMNS: Mapping[str, str] = {
    "resident.phone": "phone",
    "resident.workplace": "workplace",
    "resident.hukou": "hukou",
    "resident.hukou_place": "hukou_place",
    "household.tenure": "tenure",
    "household.label": "label",
    "household.landlord_name": "landlord_name",
    "household.landlord_phone": "landlord_phone",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to choose. `need` is help that it asks for (model.HELP)."""

    code: str
    words: str
    words_en: str = ""
    need: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One question. `when` says where it is shown, `must` what its answer must be, with
    `must_words` for whoever answers otherwise. `field` is a key of the dictionary. `asked` is the
    question of forms it comes from; `stale` then says that only who has no fresh answer is asked."""

    key: str
    words: str
    kind: str
    choices: tuple[Choice, ...] = ()
    words_en: str = ""
    hint: str = ""
    of: str = "household"
    required: bool = False
    when: Node | None = None
    must: Node | None = None
    must_words: str = ""
    must_words_en: str = ""
    field: str = ""
    asked: UUID | None = None
    stale: bool = False

    @property
    def raw(self) -> dict[str, Any]:
        """As kept, without what says nothing."""
        made: dict[str, Any] = {"key": self.key, "words": self.words, "kind": self.kind}
        if self.choices:
            made["choices"] = [
                {
                    name: value
                    for name, value in (
                        ("code", one.code),
                        ("words", one.words),
                        ("words_en", one.words_en),
                        ("need", one.need),
                    )
                    if value
                }
                for one in self.choices
            ]
        for name in (
            *("words_en", "hint", "required", "when", "must", "must_words", "must_words_en"),
            *("field", "stale"),
        ):
            if value := getattr(self, name):
                made[name] = value
        if self.of != "household":
            made["of"] = self.of
        if self.asked is not None:
            made["asked"] = str(self.asked)
        return made

    def said(self, locale: Locale) -> str:
        """How it is asked, in a language."""
        if locale == "en" and self.words_en:
            return self.words_en
        return translate(locale, self.words)

    def told(self, value: Any, locale: Locale) -> str:
        """An answer as people read it."""
        if value is None or value == "":
            return ""
        if isinstance(value, bool):
            return translate(locale, "是" if value else "否")
        if self.kind in ("choice", "choices"):
            names = {one.code: choice_said(one, locale) for one in self.choices}
            return "、".join(names.get(code, code) for code in str(value).split())
        return str(value)


def choice_said(choice: Choice, locale: Locale) -> str:
    """A choice's words, in a language."""
    if locale == "en" and choice.words_en:
        return choice.words_en
    return translate(locale, choice.words)


def question_of(raw: Mapping[str, Any]) -> Question:
    """From data of ours."""
    return Question(
        raw["key"],
        raw["words"],
        raw["kind"],
        tuple(
            Choice(c["code"], c["words"], c.get("words_en", ""), c.get("need", ""))
            for c in raw.get("choices", ())
        ),
        raw.get("words_en", ""),
        raw.get("hint", ""),
        raw.get("of", "household"),
        bool(raw.get("required")),
        raw.get("when"),
        raw.get("must"),
        raw.get("must_words", ""),
        raw.get("must_words_en", ""),
        raw.get("field", ""),
        UUID(raw["asked"]) if raw.get("asked") else None,
        bool(raw.get("stale")),
    )


def for_phone(question: Question, locale: Locale) -> dict[str, Any]:
    """As a phone needs it: in its owner's language, and nothing it has no use for."""
    shown = question.raw
    shown["words"] = question.said(locale)
    if "must_words" in shown and locale == "en" and question.must_words_en:
        shown["must_words"] = question.must_words_en
    if question.choices:
        shown["choices"] = [
            {"code": one.code, "words": choice_said(one, locale)} for one in question.choices
        ]
    for name in ("words_en", "must_words_en", "asked", "stale", "field"):
        shown.pop(name, None)
    return shown


# -- made by people ------------------------------------------------------------------------------


def checked(
    raws: Sequence[Mapping[str, Any]], known: Dictionary, helps: Iterable[str]
) -> tuple[Question, ...]:
    """Questions as somebody wrote them, `when` and `must` as text or as data. Raises Invalid with
    everything that is wrong; `row` counts questions from 1."""
    wrong: list[Problem] = []
    made: list[Question] = []
    helps = frozenset(helps)
    if len(raws) > QUESTIONS_MAX:
        raise Invalid.of("questions", "一种清查最多 {most} 个问题。", most=QUESTIONS_MAX)
    for row, raw in enumerate(raws, 1):

        def want(
            fine: object, field: str, words: str, row: int = row, **values: object
        ) -> None:
            if not fine:
                wrong.append(Problem(field, words, row, values))

        made.append(_checked(raw, {q.key for q in made}, known, helps, want))
    if wrong:
        raise Invalid.all(wrong)
    return tuple(made)


def _checked(
    raw: Mapping[str, Any],
    before: set[str],
    known: Dictionary,
    helps: frozenset[str],
    want: Callable[..., None],
) -> Question:
    def text(name: str) -> str:
        return str(raw.get(name) or "").strip()

    key, words, kind = text("key"), text("words"), text("kind")
    want(KEY.fullmatch(key), "key", "“{key}”不能作问题代号:只用字母、数字和下划线。", key=key)
    want(key not in before, "key", "代号“{key}”前面已经用过,请换一个。", key=key)
    want(1 <= len(words) <= WORDS_MAX, "words", "问题应为 1 到 {most} 个字。", most=WORDS_MAX)
    want(kind in QUESTION_KINDS, "kind", "没有“{kind}”这种问题。", kind=kind)
    of = text("of") or "household"
    want(of in OF_WHOM, "of", "请选择每户问一次还是每人问一次。")
    given: list[Mapping[str, Any]] = list(raw.get("choices") or ())
    choices = tuple(
        Choice(
            str(c.get("code") or "").strip(),
            str(c.get("words") or "").strip(),
            str(c.get("words_en") or "").strip(),
            str(c.get("need") or "").strip(),
        )
        for c in given
    )
    field = text("field")
    entry = known.find(field) if field else None
    if kind in ("choice", "choices") and not choices and entry is not None:
        choices = tuple(Choice(code, name) for code, name in (entry.spec.codes or {}).items())
    if kind in ("choice", "choices"):
        want(
            2 <= len(choices) <= CHOICES_MAX,
            "choices",
            "选择题要有 2 到 {most} 个选项。",
            most=CHOICES_MAX,
        )
    else:
        choices = ()
    want(
        len({one.code for one in choices}) == len(choices),
        "choices",
        "选项代号有重复。",
    )
    for one in choices:
        want(
            _CODE.fullmatch(one.code), "choices", "选项代号“{code}”不能有空格。", code=one.code
        )
        want(1 <= len(one.words) <= 60, "choices", "每个选项要有 1 到 60 个字的文字。")
        want(
            not one.need or one.need in helps,
            "choices",
            "没有“{need}”这种需求。",
            need=one.need,
        )
    when = _condition(raw.get("when"), "when", before, want, own=False)
    must = _condition(raw.get("must"), "must", before, want, own=True)
    want(
        must is None or text("must_words"),
        "must_words",
        "写了限制,就要写答错时怎么提示。",
    )
    if field:
        _check_field(field, kind, of, choices, entry, want)
    return Question(
        key,
        words,
        kind,
        choices,
        text("words_en")[:WORDS_MAX],
        text("hint")[:WORDS_MAX],
        of,
        bool(raw.get("required")) and kind != "note",
        when,
        must,
        text("must_words")[:WORDS_MAX],
        text("must_words_en")[:WORDS_MAX],
        field,
    )


def _condition(
    given: Any, name: str, before: set[str], want: Callable[..., None], *, own: bool
) -> Node | None:
    if given is None or given == "":
        return None
    if isinstance(given, str):
        try:
            node = parse(given)
        except Unreadable as wrong:
            want(
                False,
                name,
                "条件里的“{what}”看不懂。可以写 ${dogs} = 'yes'、and、or、not()、selected() 和比大小。",
                what=wrong.what,
            )
            return None
    else:
        want(well_formed(given), name, "条件的格式不对。")
        node = given if well_formed(given) else None
    strangers = sorted(keys_of(node) - before)
    want(
        not strangers,
        name,
        "条件里的“{key}”不是前面问过的问题。",
        key=strangers[0] if strangers else "",
    )
    want(own or "it" not in _heads(node), name, "显示条件里不能用“.”。")
    return node


def _heads(node: Any) -> set[str]:
    if not is_node(node) or not node:
        return set()
    what, parts = node[0], node[1:]
    return {str(what)} | {head for part in parts for head in _heads(part)}


def _check_field(
    field: str,
    kind: str,
    of: str,
    choices: Sequence[Choice],
    entry: Entry | None,
    want: Callable[..., None],
) -> None:
    if entry is None or not entry.active:
        want(False, "field", "字典里没有“{key}”这个字段,或已停用。", key=field)
        return
    spec = entry.spec
    subject = "resident" if of == "person" else "household"
    want(spec.subject == subject, "field", "“{name}”不是问这个的。", name=spec.name)
    want(
        spec.source in ("asked", "document"),
        "field",
        "“{name}”不用问住户,系统里就有。",
        name=spec.name,
    )
    want(
        spec.kind in FILLS.get(kind, frozenset()),
        "field",
        "“{name}”填不进这种回答,请换一种问法或换一个字段。",
        name=spec.name,
    )
    want(
        field in COLUMNS or entry.own,
        "field",
        "“{name}”要核对证件,不能由门口的回答填写。请到住户页改。",
        name=spec.name,
    )
    strange = [one.code for one in choices if one.code not in (spec.codes or {})]
    want(
        not strange,
        "choices",
        "“{name}”里没有代号“{code}”。把选项留空,就用字段自己的选项。",
        name=spec.name,
        code=strange[0] if strange else "",
    )


#: How a field of the dictionary is asked.
_ASKED_AS: Mapping[str, str] = {
    "text": "text",
    "date": "date",
    "number": "decimal",
    "bool": "bool",
    "code": "choice",
    "codes": "choices",
    "phone": "phone",
}


def subject_of(question: Question) -> str:
    """Whose field it fills: resident, household, or a register's kind; "" for none."""
    return question.field.partition(".")[0]


def asking_for(spec: FieldSpec, key: str, words: str) -> Question | None:
    """The question that fills a field, once a household, a person or a register's entry; None for one
    that is not asked on the way."""
    kind = _ASKED_AS.get(spec.kind)
    if kind is None or spec.subject not in ("resident", "household", *REGISTERS):
        return None
    choices = tuple(
        Choice(code, name) for code, name in (spec.codes or {}).items() if _CODE.fullmatch(code)
    )
    if kind in ("choice", "choices") and not choices:
        return None
    return Question(
        key,
        words,
        kind,
        choices if kind in ("choice", "choices") else (),
        of="person" if spec.subject == "resident" else "household",
        field=spec.key,
    )


# -- answers -----------------------------------------------------------------------------------


def split_key(key: str) -> tuple[str, UUID | None]:
    """The question and the person of an answer's key. Raises ValueError."""
    name, at, person = key.partition("@")
    return name, UUID(person) if at else None


def cleaned(
    questions: Mapping[str, Question],
    answers: Mapping[str, Any],
    stood: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Answers of one report as they are kept: numbers of telephones tidied. "" takes an answer
    away. `stood` are the answers before it, where the reporter knew them all. A limit that speaks
    of an answer which is in neither is not judged again: the phone judged it by what the register
    knows, which was not asked and is not in the report. Raises Invalid naming the question."""
    around = {**(stood or {}), **answers}
    found: dict[str, Any] = {}
    for key, value in answers.items():
        try:
            name, person = split_key(key)
        except ValueError:
            name, person = "", None
        question = questions.get(name)
        if question is None or (person is not None) != (question.of == "person"):
            raise Invalid.of("answers", "这一轮没有“{key}”这个问题。", key=name or key[:40])
        if value == "":
            found[key] = ""
            continue
        if question.kind == "phone" and isinstance(value, str):
            value = clean_phone(value)
        if not fits(question, value):
            raise Invalid.of("answers", "“{key}”的回答不对。", key=question.words)
        seen = _beside(around, person)
        judged = not depends_on_the_day(question.must) and all(
            seen.get(name, "") != "" for name in keys_of(question.must)
        )
        if judged and not holds(question.must, seen, value):
            # Said in the district's own words; they are data and have no translation here.
            raise Invalid.of(
                "answers", "“{key}”:{why}", key=question.words, why=question.must_words
            )
        found[key] = value
    return found


def _beside(answers: Mapping[str, Any], person: UUID | None) -> dict[str, Any]:
    """What a condition about one person, or about the household, sees."""
    seen = {key: value for key, value in answers.items() if "@" not in key}
    if person is not None:
        end = f"@{person}"
        seen |= {
            key.removesuffix(end): value for key, value in answers.items() if key.endswith(end)
        }
    return seen


def fits(question: Question, value: Any) -> bool:
    """Whether a value is an answer to it at all."""
    kind = question.kind
    codes = {one.code for one in question.choices}
    if kind == "bool":
        return isinstance(value, bool)
    if isinstance(value, bool) or kind == "note":
        return False
    if kind == "number":
        return isinstance(value, int) and abs(value) < 10**9
    if kind == "decimal":
        return isinstance(value, int | float) and abs(value) < 1e9
    if not isinstance(value, str):
        return False
    if kind == "choice":
        return value in codes
    if kind == "choices":
        parts = value.split()
        return bool(parts) and len(set(parts)) == len(parts) and set(parts) <= codes
    if kind == "date":
        try:
            return date.fromisoformat(value).isoformat() == value
        except ValueError:
            return False
    return len(value) <= TEXT_MAX


def _context(report_id: UUID, key: str) -> bytes:
    """Associated data that binds a sealed answer to its row and its question."""
    return report_id.bytes + b"sweeps_said." + key.encode()


def sealed(
    vault: Vault, report_id: UUID, answers: Mapping[str, Any], questions: Mapping[str, Question]
) -> dict[str, Any]:
    """Answers as they lie in the table: telephones under the district's key, with their mask."""
    return {
        key: {
            "mask": mask_phone(value),
            "sealed": base64.b64encode(vault.seal(value, _context(report_id, key))).decode(),
        }
        if value
        and (question := questions.get(key.partition("@")[0]))
        and question.kind == "phone"
        else value
        for key, value in answers.items()
    }


def opened(vault: Vault, report_id: UUID, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The same in plain, for judging and for whoever may have them in full."""
    return {
        key: vault.open(
            base64.b64decode(cast("dict[str, str]", value)["sealed"]), _context(report_id, key)
        )
        if isinstance(value, dict)
        else value
        for key, value in answers.items()
    }


def masked(answers: Mapping[str, Any]) -> dict[str, Any]:
    """The same as screens and phones may show them."""
    return {
        key: value["mask"] if isinstance(value, dict) else value
        for key, value in answers.items()
    }
