"""XLSForm workbooks: read into questions, and written again.

The workbook passes the guard of every upload first (size, bombs), and is refused with macros or
hidden sheets. Then every row is looked at: what cannot be asked at a door is refused by its row,
with a way out, all of it at once. pyxform then says whether it is an XLSForm at all, and what its
columns mean in whatever spelling and language; its form is what questions are made of.

Beside XLSForm's own columns these are read, which other programs pass over: `field`, the key of a
field of the dictionary; `of`, `person` for what is asked of each; `kind`, `phone` for a telephone;
on `choices`, `need`, the help an answer asks for. XLSForm: https://xlsform.org/en/
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, ClassVar, TypeGuard

from wangge.forms.model import Dictionary
from wangge.kernel.refusals import Invalid, Problem, Refusal
from wangge.kernel.sheet_notes import Notes
from wangge.kernel.sheets import list_sheets
from wangge.kernel.workbooks import workbook
from wangge.sweeps.question_checks import checked
from wangge.sweeps.questions import Question

# It comes without types.
xlsxwriter: Any = import_module("xlsxwriter")

BYTES_MAX = 2_000_000
UNPACKED_MAX = 20_000_000
ROWS_MAX = 500

_TYPES: Mapping[str, str] = {
    "text": "text",
    "string": "text",
    "integer": "number",
    "int": "number",
    "decimal": "decimal",
    "date": "date",
    "note": "note",
    "select_one": "choice",
    "select one": "choice",
    "select1": "choice",
    "select_multiple": "choices",
    "select multiple": "choices",
}
#: What phones record by themselves in other programs; our reports know who, when and where.
_META = frozenset(
    {"start", "end", "today", "deviceid", "username", "phonenumber", "email", "audit"}
    | {"subscriberid", "simserial", "start-geopoint", "background-audio", "background-geopoint"}
)
_GROUPS = re.compile(r"(begin|end)[ _](group|repeat|loop)")
_WAYS: Mapping[str, str] = {
    "repeat": "不支持循环(repeat)。对每个人都问的,请去掉循环,在这几行的 of 列写 person。",
    "loop": "不支持循环(loop)。请把要问的逐行写出来。",
    "geo": "不支持定位。门牌的位置系统里有,请删掉这一行。",
    "media": "不支持拍照、录音和附件。请删掉这一行;隐患照片请报事件。",
    "calculate": "不支持计算。请删掉这一行,出表时系统会按字典算。",
    "file": "不支持从别的文件取选项。请把选项写在 choices 表里。",
    "time": "不支持钟点。请改用 date 或 text。",
    "rank": "不支持排序题。请改用 select_one 或 select_multiple。",
    "other": "不支持 {type} 这种问题。请改用 text、integer、decimal、date、select_one 或 select_multiple。",
    "or_other": "不支持 or_other。请在 choices 里加一个“其他”,再加一个 text 问题。",
}
_KINDS_OF_WAY: Mapping[str, str] = {
    **dict.fromkeys(("geopoint", "geotrace", "geoshape", "gps", "location"), "geo"),
    **dict.fromkeys(("image", "photo", "audio", "video", "file", "barcode", "osm"), "media"),
    **dict.fromkeys(
        ("calculate", "hidden", "trigger", "xml-external", "csv-external"), "calculate"
    ),
    **dict.fromkeys(("time", "datetime", "dateTime"), "time"),
    "rank": "rank",
    "range": "other",
}
#: Columns whose content would change what is asked, if it were passed over.
_COLUMNS: Mapping[str, str] = {
    "calculation": "不支持自动填写(calculation)。请清空这一格。",
    "calculate": "不支持自动填写(calculation)。请清空这一格。",
    "default": "不支持预先填好的回答(default)。请清空这一格,免得没问就有回答。",
    "choice_filter": "不支持按前面的回答筛选项(choice_filter)。请拆成几个问题,用 relevant 决定问哪一个。",
    "read_only": "不支持只读(read_only)。只显示的文字请改用 note。",
    "readonly": "不支持只读(read_only)。只显示的文字请改用 note。",
    "trigger": "不支持 trigger。请清空这一格。",
    "save_to": "不支持实体(entities)。要写进登记的,请用 field 列写字典里的字段。",
}
_MEDIA = re.compile(r"(media::)?(image|big-image|audio|video)(::.*)?")
_PASSED_OVER = frozenset(
    {"appearance", "parameters", "rows", "autoplay", "guidance_hint", "required_message"}
)


@dataclass(eq=False)
class HasMacros(Refusal):
    says: ClassVar[str] = "文件《{name}》带有宏,不读。请在 Excel 里另存为不带宏的 .xlsx 再传。"
    status: ClassVar[int] = 422
    name: str


@dataclass(eq=False)
class HasHiddenSheets(Refusal):
    says: ClassVar[str] = (
        "文件《{name}》有隐藏的工作表“{sheet}”。请取消隐藏,看清里面是什么,不要的删掉再传。"
    )
    status: ClassVar[int] = 422
    name: str
    sheet: str


@dataclass(eq=False)
class NotAnXlsForm(Refusal):
    says: ClassVar[str] = (
        "文件《{name}》不是 XLSForm:要有名为 survey 的工作表,第一行是 type、name、label 这些列名。"
    )
    status: ClassVar[int] = 422
    name: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What a workbook asks. `passed` says what was read past, by row; nothing of it changes what is
    asked."""

    title: str
    questions: tuple[Question, ...]
    passed: tuple[Problem, ...]


@dataclass(slots=True)
class _Sheet:
    """Rows below the headings, each with its number in the sheet and its cells by heading."""

    rows: list[tuple[int, dict[str, str]]] = field(
        default_factory=list[tuple[int, dict[str, str]]]
    )


def read_xlsform(data: bytes, name: str, known: Dictionary, helps: Iterable[str]) -> Imported:
    """Questions of an uploaded workbook. Raises refusals of `kernel.sheet_refusals` for the file,
    HasMacros, HasHiddenSheets, NotAnXlsForm, and Invalid with every row that cannot be asked."""
    sheets = _sheets(data, name)
    survey = sheets.get("survey", _Sheet())
    if not survey.rows:
        raise NotAnXlsForm(name)
    wrong, passed = _looked_at(survey)
    if wrong:
        raise Invalid.all(wrong)
    rows = {cells.get("name", ""): row for row, cells in survey.rows}
    form = _compiled(sheets, rows)
    raws = list(_raws(form, sheets))
    try:
        questions = checked(raws, known, helps)
    except Invalid as refusal:
        raise Invalid.all(
            [
                Problem(
                    problem.field,
                    problem.words,
                    rows.get(raws[problem.row - 1]["key"]) if problem.row else None,
                    problem.values,
                )
                for problem in refusal.problems
            ]
        ) from None
    return Imported(str(form.get("title") or ""), questions, tuple(passed))


def _sheets(data: bytes, name: str) -> dict[str, _Sheet]:
    listed = list_sheets(data, name, max_bytes=BYTES_MAX, max_unpacked=UNPACKED_MAX)
    if not listed or not data.startswith(b"PK"):
        raise NotAnXlsForm(name)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if any(entry.lower().endswith("vbaproject.bin") for entry in archive.namelist()):
            raise HasMacros(name)
    hidden = next((sheet.name for sheet in listed if sheet.hidden), None)
    if hidden is not None:
        raise HasHiddenSheets(name, hidden)
    found: dict[str, _Sheet] = {}
    for sheet in listed:
        kind = sheet.name.strip().lower()
        if kind in ("survey", "choices", "settings") and sheet.rows:
            if sheet.rows > ROWS_MAX:
                raise Invalid.of("file", "一张表最多 {most} 行。", most=ROWS_MAX)
            records = workbook(lambda: io.BytesIO(data), name, sheet.name, Notes()).records
            found[kind] = _read(records)
    return found


def _read(records: Iterable[list[str]]) -> _Sheet:
    made = _Sheet()
    heads: list[str] = []
    for row, record in enumerate(records, 1):
        cells = [cell.strip() for cell in record]
        if not heads:
            if any(cells):
                heads = [re.sub(r"\s*::\s*", "::", head) for head in cells]
                heads = [
                    head if "::" in head else head.lower().replace(" ", "_") for head in heads
                ]
            continue
        found = {head: cell for head, cell in zip(heads, cells, strict=False) if head and cell}
        if found:
            made.rows.append((row, found))
    return made


#: What is said of a constraint that has no words of its own, as is usual in XLSForm.
_CHECK_AGAIN = {
    "zh": "请再核对一下,不能这样答。",
    "en": "Please check: this cannot be the answer.",
}


def _looked_at(survey: _Sheet) -> tuple[list[Problem], list[Problem]]:
    """Rows that cannot be asked, and what is read past."""
    wrong: list[Problem] = []
    passed: list[Problem] = []
    for row, cells in survey.rows:
        given = " ".join(cells.get("type", "").split())
        low = given.lower()
        if low in _META:
            passed.append(Problem("type", "“{type}”由系统自己记,跳过。", row, {"type": given}))
            continue
        group = _GROUPS.fullmatch(low)
        if group:
            if group[2] != "group" and group[1] == "begin":
                wrong.append(Problem("type", _WAYS[group[2]], row, {}))
            continue
        kind, _, rest = low.partition(" ")
        if kind == "select" or low.startswith("select "):
            kind = " ".join(low.split(" ")[:2])
            rest = " ".join(low.split(" ")[2:])
        if "file" in kind or "external" in kind:
            wrong.append(Problem("type", _WAYS["file"], row, {}))
        elif kind not in _TYPES:
            way = _WAYS[_KINDS_OF_WAY.get(kind, _KINDS_OF_WAY.get(given, "other"))]
            wrong.append(Problem("type", way, row, {"type": given or "—"}))
        elif rest.endswith(("or_other", "or other")):
            wrong.append(Problem("type", _WAYS["or_other"], row, {}))
        for head in cells:
            if head in _COLUMNS:
                wrong.append(Problem(head, _COLUMNS[head], row, {}))
            elif _MEDIA.fullmatch(head):
                passed.append(Problem(head, "图片、录音和录像不显示,只用文字。", row, {}))
            elif head in _PASSED_OVER:
                passed.append(Problem(head, "“{head}”列不用,跳过。", row, {"head": head}))
        if cells.get("constraint") and not any(h.startswith("constraint_m") for h in cells):
            passed.append(Problem("constraint", "没有写答错时怎么提示,用通用的提示。", row, {}))
        required = cells.get("required", "")
        if required and required.lower() not in _YES | _NO:
            wrong.append(
                Problem(
                    "required", "required 只能写 yes 或 no,不能写条件。请用 relevant。", row, {}
                )
            )
    return wrong, passed


_YES = frozenset({"yes", "true", "true()", "1", "是"})
_NO = frozenset({"no", "false", "false()", "0", "否"})


def _compiled(sheets: Mapping[str, _Sheet], rows: Mapping[str, int]) -> dict[str, Any]:
    """The form as pyxform understands it. Raises Invalid with what it says, by row."""
    pyxform: Any = import_module("pyxform.xls2xform")
    errors: Any = import_module("pyxform.errors")
    book: dict[str, list[dict[str, str]]] = {}
    for kind in ("survey", "choices", "settings"):
        if kind in sheets:
            book[kind] = [_plain(cells) for _, cells in sheets[kind].rows]
    try:
        made: dict[str, Any] = pyxform.convert(book, validate=False)._pyxform
    except errors.PyXFormError as error:
        text = " ".join(str(error).split())
        found = re.match(r"\[row : (\d+)\]\s*", text)
        row = None
        if found:
            # It counts rows that are not empty; ours are the sheet's.
            at = int(found[1]) - 2
            survey = sheets["survey"].rows
            row = survey[at][0] if 0 <= at < len(survey) else None
            text = text[found.end() :]
        problem = Problem("survey", "XLSForm 检查没有通过:{why}", row, {"why": text[:300]})
        raise Invalid.all([problem]) from None
    return made


def _plain(cells: Mapping[str, str]) -> dict[str, str]:
    """A row as pyxform takes it: yes and no in its words."""
    made = {head: cell for head, cell in cells.items() if not _MEDIA.fullmatch(head)}
    if "required" in made:
        made["required"] = "yes" if made["required"].lower() in _YES else "no"
    return made


def _raws(form: Mapping[str, Any], sheets: Mapping[str, _Sheet]) -> Iterator[dict[str, Any]]:
    cells = {row.get("name", ""): row for _, row in sheets["survey"].rows}
    needs = {
        (row.get("list_name") or row.get("list name", ""), row.get("name", "")): row["need"]
        for _, row in sheets.get("choices", _Sheet()).rows
        if row.get("need")
    }
    for node, outer in _walked(form.get("children", ()), ()):
        kind = str(node.get("type", ""))
        own = cells.get(str(node.get("name", "")), {})
        bind: Mapping[str, Any] = node.get("bind") or {}
        if kind not in _MADE:
            continue
        choices = [
            {
                "code": str(one.get("name", "")),
                **_both(one.get("label"), "words"),
                "need": needs.get(
                    (str(node.get("list_name", "")), str(one.get("name", ""))), ""
                ),
            }
            for one in node.get("choices") or ()
        ]
        made = _MADE[kind]
        if made == "choice" and _yes_or_no(choices):
            made, choices = "bool", []
        if made == "text" and own.get("kind", "").lower() == "phone":
            made = "phone"
        conditions = [*outer, str(bind["relevant"])] if bind.get("relevant") else list(outer)
        message = bind.get("jr:constraintMsg") or node.get("constraint_message")
        if not message:
            message = _CHECK_AGAIN if bind.get("constraint") else ""
        yield {
            "key": str(node.get("name", "")),
            **_both(node.get("label"), "words"),
            "hint": _both(node.get("hint"), "words")["words"],
            "kind": made,
            "choices": choices,
            "required": str(bind.get("required", "")).lower() in _YES,
            "when": _joined(conditions),
            "must": str(bind.get("constraint") or ""),
            **_both(message, "must_words"),
            "of": "person" if own.get("of", "").lower() in ("person", "每人") else "household",
            "field": own.get("field", ""),
        }


def _yes_or_no(choices: Sequence[Mapping[str, str]]) -> bool:
    """Whether these are yes and no and say nothing more: with words of their own, or with help that
    is asked for, they stay choices."""
    said = {
        (one["code"], text.lower())
        for one in choices
        for text in (one["words"], one["words_en"])
    } - {("yes", ""), ("no", "")}
    return (
        {one["code"] for one in choices} == {"yes", "no"}
        and not any(one["need"] for one in choices)
        and said <= {("yes", "是"), ("yes", "yes"), ("no", "否"), ("no", "no")}
    )


#: pyxform's names of types, which are its canonical ones.
_MADE: Mapping[str, str] = {
    "text": "text",
    "string": "text",
    "integer": "number",
    "int": "number",
    "decimal": "decimal",
    "date": "date",
    "note": "note",
    "select one": "choice",
    "select all that apply": "choices",
}


def _joined(conditions: Sequence[str]) -> str:
    if len(conditions) < 2:
        return conditions[0] if conditions else ""
    return " and ".join(f"({one})" for one in conditions)


def _walked(
    nodes: Iterable[Mapping[str, Any]], outer: tuple[str, ...]
) -> Iterator[tuple[Mapping[str, Any], tuple[str, ...]]]:
    """Every question, with the conditions of the groups it stands in."""
    for node in nodes:
        if node.get("name") == "meta":
            continue
        if node.get("type") == "group":
            bind: Mapping[str, Any] = node.get("bind") or {}
            inner = (*outer, str(bind["relevant"])) if bind.get("relevant") else outer
            yield from _walked(node.get("children", ()), inner)
        else:
            yield node, outer


def _both(label: Any, name: str) -> dict[str, str]:
    """A label in Chinese (or whatever there is) and in English."""
    if not _by_language(label):
        return {name: str(label or "").strip(), f"{name}_en": ""}
    said = {str(language): str(text) for language, text in label.items()}
    english = next((text for language, text in said.items() if _english(language)), "")
    others = [text for language, text in said.items() if not _english(language)]
    chinese = next((text for language, text in said.items() if _chinese(language)), "")
    words = chinese or (others[0] if others else english)
    return {name: words.strip(), f"{name}_en": english.strip()}


def _by_language(label: object) -> TypeGuard[dict[Any, Any]]:
    return isinstance(label, dict)


def _english(language: str) -> bool:
    return bool(re.search(r"english|\(en\b|^en\b", language.lower()))


def _chinese(language: str) -> bool:
    return bool(re.search(r"中文|汉语|chinese|\(zh|^zh\b", language.lower()))
