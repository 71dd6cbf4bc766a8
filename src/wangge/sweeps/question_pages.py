"""The questions of a kind: a list to arrange, an editor for one, XLSForm in and out."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery

from wangge.forms.entries import dictionary
from wangge.forms.model import Dictionary
from wangge.kernel.fields import FieldSpec
from wangge.kernel.http import Asking, asking, page
from wangge.kernel.refusals import Invalid, NotFound, Refusal
from wangge.places.forms import back, do_form, fields, whole
from wangge.registers.kinds import KINDS as REGISTERS
from wangge.sweeps.acts import KINDS as CHANGE
from wangge.sweeps.acts import READ
from wangge.sweeps.commands.kinds import body_of
from wangge.sweeps.conditions import written
from wangge.sweeps.kind_pages import read_kind
from wangge.sweeps.model import (
    HELP,
    Kind,
)
from wangge.sweeps.questions import FILLS, OF_WHOM, QUESTION_KINDS, Question
from wangge.sweeps.showing import common
from wangge.sweeps.xlsform import Imported, read_xlsform
from wangge.sweeps.xlsform_written import write_xlsform

Asked = Request[Any, Any, Any]

#: What the form of one question shows.
SHOWN = (
    *("words", "kind", "choices", "of", "key", "required", "field", "when", "must"),
    *("must_words", "must_words_en", "hint", "words_en"),
)
_FILLED = frozenset(kind for kinds in FILLS.values() for kind in kinds)


async def _questions(
    who: Asking,
    code: str,
    *,
    refusal: Refusal | None = None,
    imported: Imported | None = None,
) -> Response[Any]:
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        found, may = await read_kind(tx, code)
        known = await dictionary(tx)
    shown = imported.questions if imported is not None else found.questions
    return page(
        who,
        "sweeps/questions.html",
        status=refusal.status if refusal else 200,
        kind=found,
        questions=shown,
        imported=imported,
        raws=msgspec.json.encode([question.raw for question in shown]).decode(),
        names=_field_names(known),
        words={question.key: question.words for question in shown},
        kinds=QUESTION_KINDS,
        of_whom=OF_WHOM,
        written=written,
        may_change=may,
        locale=who.locale,
        refusal=who.said(refusal),
        **common(who),
    )


def _field_names(known: Dictionary) -> dict[str, str]:
    return {entry.key: entry.spec.name for entry in known.all()}


@get("/sweeps/kinds/{code:str}/questions")
async def questions_page(request: Asked, code: FromPath[str]) -> Response[Any]:
    """The questions of a kind, as a phone shows them."""
    return await _questions(asking(request), code)


async def _save_questions(
    who: Asking, given: Mapping[str, str], code: str, questions: Sequence[Mapping[str, Any]]
) -> None:
    async with who.tx(read_only=True) as tx:
        found, _ = await read_kind(tx, code)
    body = body_of(found)
    raw = {**msgspec.to_builtins(body), "questions": list(questions)}
    raw["version"] = whole(given.get("version", ""), body.version)
    await do_form(who, given, "sweeps.save_kind", raw)


@post("/sweeps/kinds/{code:str}/questions", status_code=200)
async def arrange(request: Asked, code: FromPath[str]) -> Response[Any]:
    """Take a question up, down or away (`do`, `key`); or take all of them from a preview
    (`questions`)."""
    who, given = asking(request), await fields(request)
    who.must(CHANGE)
    async with who.tx(read_only=True) as tx:
        found, _ = await read_kind(tx, code)
    try:
        if "questions" in given:
            questions = _given(given["questions"])
        else:
            questions = _moved(found.questions, given.get("do", ""), given.get("key", ""))
        await _save_questions(who, given, code, questions)
    except Refusal as refusal:
        return await _questions(who, code, refusal=refusal)
    return back(who, f"/sweeps/kinds/{code}/questions")


def _given(text: str) -> list[dict[str, Any]]:
    try:
        return msgspec.json.decode(text, type=list[dict[str, Any]])
    except msgspec.DecodeError as wrong:
        raise Invalid.of("questions", "问题没有传完整,请重新导入。") from wrong


def _moved(questions: Sequence[Question], do: str, key: str) -> list[dict[str, Any]]:
    order = [question.raw for question in questions]
    at = next((n for n, raw in enumerate(order) if raw["key"] == key), None)
    if at is None:
        raise NotFound("这个问题")
    raw = order.pop(at)
    if do in ("up", "down"):
        order.insert(max(0, at - 1) if do == "up" else at + 1, raw)
    return order


async def _one(
    who: Asking, code: str, key: str, given: Mapping[str, Any] | None, refusal: Refusal | None
) -> Response[Any]:
    who.must(CHANGE)
    async with who.tx(read_only=True) as tx:
        found, may = await read_kind(tx, code)
        known = await dictionary(tx)
    question = next((one for one in found.questions if one.key == key), None)
    if key and question is None:
        raise NotFound("这个问题")
    return page(
        who,
        "sweeps/question.html",
        status=refusal.status if refusal else 200,
        kind=found,
        key=key,
        # What was left out, or not ticked, is empty.
        shown=dict.fromkeys(SHOWN, "")
        | {"kind": "bool", "of": "household"}
        | dict(given if given is not None else _as_form(question) if question else {}),
        kinds=QUESTION_KINDS,
        of_whom=OF_WHOM,
        helps=HELP,
        fields=_askable(known, found),
        earlier=[one for one in found.questions if one.key != key],
        may_change=may,
        refusal=who.said(refusal),
        **common(who),
    )


def _askable(known: Dictionary, kind: Kind) -> list[FieldSpec]:
    """Fields that somebody at the door, or at an entry of a register, can say."""
    if kind.stops:
        return [
            entry.spec
            for subject in kind.things
            for entry in known.all(subject)
            if entry.key.partition(".")[2] in REGISTERS[subject].by_name
            and entry.spec.kind in _FILLED
        ]
    return [
        entry.spec
        for subject in ("household", "resident")
        for entry in known.all(subject)
        if entry.spec.source in ("asked", "document") and entry.spec.kind in _FILLED
    ]


def _as_form(question: Question) -> dict[str, Any]:
    return {
        **question.raw,
        "when": written(question.when),
        "must": written(question.must),
        "choices": "\n".join(
            "=".join((one.code, one.words, one.words_en, one.need)).rstrip("=")
            for one in question.choices
        ),
    }


@get("/sweeps/kinds/{code:str}/question")
async def question_page(
    request: Asked, code: FromPath[str], key: FromQuery[str] = ""
) -> Response[Any]:
    """One question, or an empty form."""
    return await _one(asking(request), code, key, None, None)


@post("/sweeps/kinds/{code:str}/question", status_code=200)
async def save_question(
    request: Asked, code: FromPath[str], key: FromQuery[str] = ""
) -> Response[Any]:
    """Add a question, or change the one of `key`."""
    who, given = asking(request), await fields(request)
    who.must(CHANGE)
    async with who.tx(read_only=True) as tx:
        found, _ = await read_kind(tx, code)
    order = [question.raw for question in found.questions]
    name = given.get("key", "") or key or _free_key(found.questions)
    raw = {
        "key": name,
        "choices": choices_typed(given.get("choices", "")),
        **{
            part: given.get(part, "")
            for part in (
                *("words", "words_en", "hint", "kind", "of", "when", "must", "must_words"),
                *("must_words_en", "field"),
            )
        },
        "required": bool(given.get("required")),
    }
    at = next((n for n, one in enumerate(order) if one["key"] == key), None)
    if at is None:
        order.append(raw)
    else:
        order[at] = raw
    try:
        await _save_questions(who, given, code, order)
    except Refusal as refusal:
        return await _one(who, code, key, given, refusal)
    return back(who, f"/sweeps/kinds/{code}/questions")


def _free_key(questions: Sequence[Question]) -> str:
    taken = {question.key for question in questions}
    return next(f"q{n}" for n in range(1, 1000) if f"q{n}" not in taken)


def choices_typed(text: str) -> list[dict[str, str]]:
    """Choices as typed, one a line: words, or name=words=English=need."""
    made: list[dict[str, str]] = []
    for line in text.splitlines():
        parts = [part.strip() for part in line.replace("=", "=").split("=")]
        if not any(parts):
            continue
        if len(parts) == 1:
            parts = [f"c{len(made) + 1}", parts[0]]
        code, words, english, need = (*parts, "", "")[:4]
        made.append({"code": code, "words": words, "words_en": english, "need": need})
    return made


# -- XLSForm ---------------------------------------------------------------------------------------------


@post("/sweeps/kinds/{code:str}/import", status_code=200)
async def import_questions(request: Asked, code: FromPath[str]) -> Response[Any]:
    """Read an XLSForm and show what it asks; nothing is kept until it is taken."""
    who = asking(request)
    who.must(CHANGE)
    form = await request.form()
    file = form.get("file")
    async with who.tx(read_only=True) as tx:
        known = await dictionary(tx)
    try:
        if not isinstance(file, UploadFile) or not file.filename:
            raise Invalid.of("file", "请选择一个 XLSForm 文件(.xlsx)。")
        data = await file.read()
        imported = await asyncio.to_thread(read_xlsform, data, file.filename, known, HELP)
    except Refusal as refusal:
        return await _questions(who, code, refusal=refusal)
    return await _questions(who, code, imported=imported)


@get("/sweeps/kinds/{code:str}/xlsform.xlsx")
async def xlsform(request: Asked, code: FromPath[str]) -> Response[Any]:
    """The questions as an XLSForm workbook."""
    who = asking(request)
    who.must(READ)
    async with who.tx(read_only=True) as tx:
        found, _ = await read_kind(tx, code)
    data = await asyncio.to_thread(write_xlsform, found.code, found.name, found.questions)
    name = quote(f"{found.name}.xlsx")
    return Response(
        data,
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={
            "Content-Disposition": f"attachment; filename=\"{found.code}.xlsx\"; filename*=UTF-8''{name}",
            "Cache-Control": "no-store",
        },
    )


ROUTES: list[Any] = [
    questions_page,
    arrange,
    question_page,
    save_question,
    import_questions,
    xlsform,
]
