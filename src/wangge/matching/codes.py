"""Codes of firms and vehicles as people type them, read as strictly as `numbers` reads a person's.

The unified social credit code is that of GB 32100-2015, a vehicle's plate that of GA 36-2018.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from wangge.matching.numbers import clean

#: GB 32100-2015 §4.2: the 31 characters, whose places are their values; I, O, S, V and Z are none.
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUES = {character: at for at, character in enumerate(_ALPHABET)}
#: The same, annex A: 3 to the power of the place, modulo 31.
_WEIGHTS = tuple(pow(3, at, 31) for at in range(17))

#: 31 provinces by the character their plates begin with (GA 36-2018, annex).
_PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
_LETTERS = "A-HJ-NP-Z"
_ORDINARY = re.compile(
    f"[{_PROVINCES}][A-Z](?:[{_LETTERS}0-9]{{5}}|[{_LETTERS}0-9]{{4}}[学警挂港澳使领试超])"
)
#: GA 36-2018: six places. A small vehicle has a letter first (A to K without I: which power), a
#: large one last.
_NEW_SMALL = re.compile(f"[{_PROVINCES}][A-Z][A-HJK][{_LETTERS}0-9][0-9]{{4}}")
_NEW_LARGE = re.compile(f"[{_PROVINCES}][A-Z][0-9]{{5}}[A-HJK]")
_POLICE = re.compile(f"WJ[{_PROVINCES}]?[0-9]{{4}}[0-9A-Z]")
_MISSION = re.compile("[0-9]{6}使|[0-9]{6}领")
#: Electric bicycles have plates of their towns, which no standard shapes.
_BICYCLE = re.compile(r"[\u4e00-\u9fff]{0,4}[A-Z0-9]{4,10}")

PlateKind = Literal["ordinary", "new_energy", "other"]

#: What is wrong with a credit code.
CREDIT_PROBLEMS: Mapping[str, str] = {
    "masked": "统一社会信用代码里有星号,请填完整代码。",
    "rounded": "统一社会信用代码被表格改成了科学计数,后几位已经丢失,请重填。",
    "characters": "统一社会信用代码只有数字和大写字母,没有 I、O、S、V、Z,请核对。",
    "old": "这是 15 位的旧注册号,请填换照后的 18 位统一社会信用代码。",
    "length": "统一社会信用代码应为 18 位,请数一数。",
    "check": "统一社会信用代码最后一位校验码不符,有一位写错了,请核对。",
}
#: What is wrong with a plate.
PLATE_PROBLEMS: Mapping[str, str] = {
    "masked": "车牌里有星号,请填完整号牌。",
    "letters": "车牌里没有字母 I 和 O,请改成数字 1 和 0 再核对。",
    "province": "车牌第一个字应为省份简称,如“浙”。",
    "length": "车牌位数不对:普通号牌 7 位,新能源号牌 8 位。",
    "shape": "没有这样的车牌,请核对各位上的数字和字母。",
}


@dataclass(frozen=True, slots=True)
class CodeReading:
    """A unified social credit code of 18 characters, or the code of what is wrong: `empty`,
    `masked`, `rounded`, `characters`, `old` (a register number of 15 digits), `length`, `check`."""

    value: str | None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class PlateReading:
    """A plate without its dot, or the code of what is wrong: `empty`, `masked`, `letters` (an I or
    O, which plates have not), `province`, `length`, `shape`."""

    value: str | None
    kind: PlateKind | None = None
    problem: str | None = None


def _plain(text: object) -> str:
    return re.sub(r"[-‐‑–—−_.·•・,、]", "", clean(text)).upper()


def credit_check(first17: str) -> str:
    """The eighteenth character of a credit code (GB 32100-2015 annex A). Raises KeyError for a
    character that none has."""
    total = sum(_VALUES[c] * w for c, w in zip(first17, _WEIGHTS, strict=True))
    return _ALPHABET[-total % 31]


def read_credit_code(text: object) -> CodeReading:
    """Read a unified social credit code (GB 32100-2015)."""
    code = _plain(text)
    if code in ("", "无", "没有", "不详", "暂无", "/", "\\", "0", "办理中", "未办"):
        return CodeReading(None, "empty")
    if "*" in code:
        return CodeReading(None, "masked")
    if re.fullmatch(r"\d+E\+?\d+", code):
        return CodeReading(None, "rounded")
    if len(code) == 15 and code.isdigit():
        return CodeReading(None, "old")
    if not all(character in _VALUES for character in code):
        return CodeReading(None, "characters")
    if len(code) != 18:
        return CodeReading(None, "length")
    if credit_check(code[:17]) != code[17]:
        return CodeReading(None, "check")
    return CodeReading(code)


def read_plate(text: object, *, bicycle: bool = False) -> PlateReading:
    """Read a vehicle's plate (GA 36-2018): ordinary, new energy, trailers, driving schools, police,
    missions. With `bicycle`, also the plates that towns give to electric bicycles."""
    plate = _plain(text)
    if plate in ("", "无", "没有", "不详", "暂无", "/", "\\", "0", "未上牌", "无牌"):
        return PlateReading(None, problem="empty")
    if "*" in plate:
        return PlateReading(None, problem="masked")
    if _NEW_SMALL.fullmatch(plate) or _NEW_LARGE.fullmatch(plate):
        return PlateReading(plate, "new_energy")
    if _ORDINARY.fullmatch(plate):
        return PlateReading(plate, "ordinary")
    if _POLICE.fullmatch(plate) or _MISSION.fullmatch(plate):
        return PlateReading(plate, "other")
    if bicycle and _BICYCLE.fullmatch(plate):
        return PlateReading(plate, "other")
    if plate[0] not in _PROVINCES:
        return PlateReading(None, problem="province")
    if len(plate) not in (7, 8):
        return PlateReading(None, problem="length")
    return PlateReading(None, problem="letters" if re.search("[IO]", plate[2:]) else "shape")
