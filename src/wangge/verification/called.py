"""Entries of a list as people call them: 4号 for a bare number, and, once a row is opened, the name of
whoever is asked. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from wangge.kernel.i18n import Locale, translate
from wangge.solvers.words import Sentence, Value
from wangge.verification.records import hidden

#: Which value of a question is whoever is asked; of other kinds it is `a`. Without: whoever made the
#: list is asked.
_ASKED: Mapping[str, str] = {
    "one_sided": "b",
    "cycle": "names",
    "same_number": "",
    "same_person": "",
    "not_listed": "",
}
#: Values that call entries, one or several.
_ENTRIES = ("a", "b", "names")
_AND = "、"


def as_called(language: Locale, kind: str, one: Sentence) -> Sentence:
    """A finding's sentence with its entries called as people call them, and nobody's number in it."""
    values: dict[str, Value] = {}
    for name, value in one.values.items():
        text = hidden(value) if isinstance(value, str) else value
        if name in _ENTRIES and kind != "same_number":
            text = _AND.join(_called(language, entry) for entry in str(text).split(_AND))
        values[name] = text
    return replace(one, values=values)


def as_asked(
    language: Locale, kind: str, question: Sentence, people: Mapping[str, str]
) -> Sentence:
    """A finding's question to be read out to somebody whose row was opened: they are called by their
    name (`people`: entry → name); everybody else stays a number, for one is not told who another is."""
    asked = _ASKED.get(kind, "a")
    said = as_called(language, kind, question)
    raw = question.values.get(asked)
    if raw is None:
        return said
    called = [
        people.get(entry) or _called(language, hidden(entry)) for entry in str(raw).split(_AND)
    ]
    return replace(said, values={**said.values, asked: _AND.join(called)})


def _called(language: Locale, entry: str) -> str:
    return translate(language, "{n}号", n=entry) if entry.isdigit() else entry
