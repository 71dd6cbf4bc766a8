"""Answers of a round: read, held to their questions, sealed where they are telephones."""

import base64
from collections.abc import Mapping
from datetime import date
from typing import Any, cast
from uuid import UUID

from wangge.kernel.crypto import Vault
from wangge.kernel.refusals import Invalid
from wangge.people.model import clean_phone, mask_phone
from wangge.sweeps.conditions import (
    depends_on_the_day,
    holds,
    keys_of,
)
from wangge.sweeps.questions import TEXT_MAX, Question


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
