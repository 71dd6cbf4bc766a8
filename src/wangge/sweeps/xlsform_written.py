"""A kind's questions as an XLSForm workbook, to be changed and brought back."""

import io
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from wangge.sweeps.conditions import written
from wangge.sweeps.questions import Question

# It comes without types.
xlsxwriter: Any = import_module("xlsxwriter")

_WRITTEN: Mapping[str, str] = {
    "number": "integer",
    "decimal": "decimal",
    "date": "date",
    "text": "text",
    "phone": "text",
    "note": "note",
}
_HEADS = (
    "type",
    "name",
    "label::中文 (zh)",
    "label::English (en)",
    "hint::中文 (zh)",
    "required",
    "relevant",
    "constraint",
    "constraint_message::中文 (zh)",
    "constraint_message::English (en)",
    "field",
    "of",
    "kind",
)


def write_xlsform(code: str, title: str, questions: Sequence[Question]) -> bytes:
    """Questions as an XLSForm workbook, which `read_xlsform` reads back to the same."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"in_memory": True, "strings_to_formulas": False})
    survey, choices, settings = (
        book.add_worksheet(name) for name in ("survey", "choices", "settings")
    )
    bold = book.add_format({"bold": True})
    survey.write_row(0, 0, _HEADS, bold)
    choices.write_row(
        0, 0, ("list_name", "name", "label::中文 (zh)", "label::English (en)", "need"), bold
    )
    lists: dict[tuple[Any, ...], str] = {}
    row = 0
    for at, question in enumerate(questions, 1):
        options: tuple[tuple[str, str, str, str], ...] = tuple(
            (one.code, one.words, one.words_en, one.need) for one in question.choices
        )
        kind = _WRITTEN.get(question.kind, "")
        if question.kind == "bool":
            options = (("yes", "是", "Yes", ""), ("no", "否", "No", ""))
        if options:
            if options not in lists:
                lists[options] = f"list_{len(lists) + 1}"
                for option in options:
                    row += 1
                    choices.write_row(row, 0, (lists[options], *option))
            select = "select_multiple" if question.kind == "choices" else "select_one"
            kind = f"{select} {lists[options]}"
        cells = (
            kind,
            question.key,
            question.words,
            question.words_en,
            question.hint,
            "yes" if question.required else "",
            written(question.when),
            written(question.must),
            question.must_words,
            question.must_words_en,
            question.field,
            "person" if question.of == "person" else "",
            "phone" if question.kind == "phone" else "",
        )
        for column, cell in enumerate(cells):
            if cell:
                survey.write_string(at, column, cell)
    settings.write_row(0, 0, ("form_title", "form_id"), bold)
    settings.write_row(1, 0, (title, code))
    survey.set_column(0, 1, 18)
    survey.set_column(2, len(_HEADS), 24)
    choices.set_column(0, 4, 18)
    book.close()
    return made.getvalue()
