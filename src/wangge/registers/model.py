"""Things and who answers for them: words, masks, cleaning and refusals, without a database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar, cast
from uuid import UUID

from wangge.kernel.crypto import Vault
from wangge.kernel.refusals import Invalid, Problem, Refusal
from wangge.matching import read_credit_code, read_date, read_id_number, read_plate, tidy
from wangge.matching.codes import CREDIT_PROBLEMS, PLATE_PROBLEMS
from wangge.registers.kinds import KINDS, NUMBER_MAX, TEXT_MAX, Detail, Kind

NAME_MAX = 80
LOCATION_MAX = 80
PERSON_NAME_MAX = 40
#: Nothing in a register began before, and no plan goes beyond.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2100, 12, 31)

#: What was done to a thing, in words; these acts are undone here.
DONE: Mapping[str, str] = {
    "thing_add": "登记",
    "thing_correct": "更正",
    "thing_person": "换负责人",
    "thing_close": "注销登记",
    "thing_reopen": "恢复登记",
    "thing_said": "现场回答",
}
STATES: Mapping[str, str] = {"open": "在册", "closed": "已注销", "all": "全部"}
TRUE: Mapping[bool, str] = {True: "是", False: "否"}


class Full(StrEnum):
    """What can be revealed of a thing."""

    PLATE = "plate"
    PERSON_NAME = "person_name"
    PERSON_PHONE = "person_phone"


FULL_NAMES: Mapping[Full, str] = {
    Full.PLATE: "车牌号",
    Full.PERSON_NAME: "负责人姓名",
    Full.PERSON_PHONE: "负责人电话",
}


def kind_of(code: str) -> Kind:
    """Raises Invalid for a kind that is none."""
    kind = KINDS.get(code)
    if kind is None:
        raise Invalid.of("kind", "没有“{kind}”这种台账。", kind=code)
    return kind


def mask_plate(plate: str) -> str:
    """浙A·1****5 → the first two and the last two: 浙A***45."""
    if not plate:
        return ""
    return (
        f"{plate[:2]}{'*' * max(len(plate) - 4, 2)}{plate[-2:]}" if len(plate) > 5 else "****"
    )


def plate_index(vault: Vault, plate: str) -> bytes | None:
    """Equal for equal plates; None for none."""
    return vault.index("plate:" + plate) if plate else None


def clean_plate(text: str, details: Mapping[str, Any]) -> str:
    """A plate as it is kept; "" for none. Raises Invalid."""
    read = read_plate(text, bicycle=details.get("category") in ("bicycle", "tricycle"))
    if read.value is not None:
        return read.value
    if read.problem == "empty":
        return ""
    raise Invalid.of("plate", PLATE_PROBLEMS[read.problem or "shape"])


def clean_credit_code(text: str) -> str:
    """A unified social credit code as it is kept; "" for none. Raises Invalid."""
    read = read_credit_code(text)
    if read.value is not None:
        return read.value
    if read.problem == "empty":
        return ""
    raise Invalid.of("credit_code", CREDIT_PROBLEMS[read.problem or "length"])


_YES = frozenset(
    ["是", "有", "能", "好", "完好", "已装", "已安装", "√", "y", "yes", "true", "1"]
)
_NO = frozenset(
    ["否", "无", "没有", "不", "不能", "未装", "未安装", "坏", "×", "n", "no", "false", "0"]
)
_SPLIT = str.maketrans("、,;;/|", ",,,,,,")


def clean_detail(detail: Detail, value: Any) -> Any:
    """A field's value as it is kept, from a form, a program or a cell: codes also by their Chinese
    name, numbers also as text; None for nothing. Raises Invalid, which names the field."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    return _READ[detail.kind](detail, value)


def _text(detail: Detail, value: Any) -> str:
    text = tidy(value)
    if len(text) > TEXT_MAX:
        raise _wrong(detail, "“{field}”最多 {most} 个字。", most=TEXT_MAX)
    if _holds_a_number_of_a_person(text):
        raise _wrong(detail, "“{field}”里不要写身份证号,请只写单位或编号。")
    return text


def _holds_a_number_of_a_person(text: str) -> bool:
    return len(text) >= 15 and read_id_number(text).value is not None


def _number(detail: Detail, value: Any) -> int | float:
    try:
        number = float(str(value).replace(",", "").strip())
    except ValueError as wrong:
        raise _wrong(detail, "“{field}”应为数字,“{value}”不是。", value=str(value)) from wrong
    if not 0 <= number <= NUMBER_MAX:
        raise _wrong(detail, "“{field}”应在 0 到 {most} 之间。", most=NUMBER_MAX)
    return int(number) if number.is_integer() else round(number, 2)


def _date(detail: Detail, value: Any) -> str:
    read = read_date(value).value
    if read is None or not FIRST_DAY <= read <= LAST_DAY:
        raise _wrong(detail, "“{field}”应为日期,如 2026-03-18。")
    return read.isoformat()


def _bool(detail: Detail, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    said = str(value).strip().lower()
    if said in _YES or said in _NO:
        return said in _YES
    raise _wrong(detail, "“{field}”请填“是”或“否”。")


def _code(detail: Detail, value: Any) -> str:
    said, codes = str(value).strip(), detail.codes or {}
    if said in codes:
        return said
    for code, words in codes.items():
        if said == words:
            return code
    near = [code for code, words in codes.items() if said in words or words in said]
    if len(near) == 1 and len(said) > 1:
        return near[0]
    raise _wrong(
        detail,
        "“{field}”没有“{value}”这个选项,可填:{all}。",
        value=said[:20],
        all="、".join(codes.values()),
    )


def _codes(detail: Detail, value: Any) -> list[str]:
    said: list[Any] = (
        list(cast("Sequence[Any]", value))
        if isinstance(value, list | tuple)
        else str(value).translate(_SPLIT).split(",")
    )
    return list(dict.fromkeys(_code(detail, one) for one in said if str(one).strip()))


def _wrong(detail: Detail, words: str, **values: Any) -> Invalid:
    return Invalid.of(detail.name, words, field=detail.words, **values)


_READ = {
    "text": _text,
    "number": _number,
    "date": _date,
    "bool": _bool,
    "code": _code,
    "codes": _codes,
}


def clean_details(kind: Kind, given: Mapping[str, Any]) -> dict[str, Any]:
    """Values of a kind's fields; None for those that are to be taken away. Raises Invalid with all
    that is wrong at once."""
    cleaned: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, value in given.items():
        detail = kind.by_name.get(name)
        if detail is None:
            problems.append(
                Problem(
                    name,
                    "{kind}没有“{field}”这一项。",
                    None,
                    {"kind": kind.name, "field": name},
                )
            )
            continue
        try:
            cleaned[name] = clean_detail(detail, value)
        except Invalid as wrong:
            problems += wrong.problems
    if problems:
        raise Invalid.all(problems)
    return cleaned


def must_have(kind: Kind, name: str, plate: str, details: Mapping[str, Any]) -> None:
    """What a thing of this kind cannot be without. Raises Invalid."""
    missing: list[Problem] = []
    if kind.named and not name:
        missing.append(Problem("name", "请填{field}。", None, {"field": kind.title}))
    if kind.plated and not plate:
        missing.append(Problem("plate", "请填车牌号;没有上牌的车不登记。"))
    missing += [
        Problem(one.name, "请填“{field}”。", None, {"field": one.words})
        for one in kind.details
        if one.required and details.get(one.name) in (None, "")
    ]
    if missing:
        raise Invalid.all(missing)


# -- refusals ---------------------------------------------------------------------------------


LET_ALREADY = "这个门牌已登记为出租房,请打开那一条更正。"


@dataclass(eq=False)
class PlateTaken(Refusal):
    """The plate stands on an open entry, which the asker may not be allowed to see."""

    says: ClassVar[str] = (
        "这个车牌不能再登记一次。台账里找得到它的,请打开那一条换车主或注销;找不到的,请联系上级单位核对。"
    )


@dataclass(eq=False)
class AlreadyThere(Refusal):
    """The same kind with the same credit code is in the community already."""

    says: ClassVar[str] = (
        "{place}已登记了同一信用代码的“{title}”。一照多址的,请选“确实是另一处”再登记。"
    )
    status: ClassVar[int] = 409
    thing_id: UUID
    title: str
    place: str


@dataclass(eq=False)
class ThingOver(Refusal):
    says: ClassVar[str] = "这一条已经注销,不能再改。要改请先恢复。"


@dataclass(eq=False)
class NotOver(Refusal):
    says: ClassVar[str] = "这一条没有注销,不用恢复。"


@dataclass(eq=False)
class LandlordKnown(Refusal):
    """Who lets a dwelling stands with the household that rents it, and only there."""

    says: ClassVar[str] = "这一户的房东已在住户登记里。请在那一户里更正,不在这里再填一遍。"
    status: ClassVar[int] = 409
    household_id: UUID
