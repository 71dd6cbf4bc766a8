"""What is asked at a door: questions as data, of a kind of round or of a round itself.

A question is asked of the household or of each person listed. Its answer goes by `key`, or by
`key@<resident id>`; several choices are their codes with spaces, as in XLSForm. One with a
`field` fills a field of the dictionary, and is not asked where that is known and fresh.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from wangge.kernel.fields import FieldSpec
from wangge.kernel.i18n import Locale, translate
from wangge.registers.kinds import KINDS as REGISTERS
from wangge.sweeps.conditions import (
    Node,
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
CODE = re.compile(r"[^\s@'\"]{1,40}")

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
        Choice(code, name) for code, name in (spec.codes or {}).items() if CODE.fullmatch(code)
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
