"""Nicknames, and the words for where an address leads."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from wangge.kernel.refusals import Invalid, Refusal
from wangge.matching import Placed

NAME_MAX = 40

Of = Literal["compound", "building"]


@dataclass(frozen=True, slots=True)
class Alias:
    """A nickname of one estate or one house."""

    id: UUID
    compound_id: UUID | None
    building_id: UUID | None
    area_code: str
    name: str
    added_at: datetime


@dataclass(eq=False)
class AliasTaken(Refusal):
    """A nickname of two things would place nothing."""

    says: ClassVar[str] = "“{name}”已经是“{whose}”的名称或别名,同一个叫法不能指两处。"
    name: str
    whose: str


def tidy_name(name: str) -> str:
    """A name as it is kept: NFKC, without spaces and invisible characters. Raises Invalid."""
    kept = "".join(
        c for c in unicodedata.normalize("NFKC", name) if c.isprintable() and c != " "
    )
    if not 1 <= len(kept) <= NAME_MAX:
        raise Invalid.of("name", "名称应为 1 到 {most} 个字。", most=NAME_MAX)
    if kept.isdigit():
        raise Invalid.of("name", "只有数字的名称会和楼号、房号混在一起,请写全,如“3号楼”。")
    return kept


#: In the words of the desk: why an address leads where it leads, or nowhere.
_WORDS: Mapping[str, str] = {
    "exact": "小区、楼栋、房号都对上了。",
    "unit_known": "就在这个楼道里。",
    "unit_implied": "这幢楼只有一个单元。",
    "unit_found": "没写单元;这幢楼里只有一个单元有这个房号。",
    "building_implied": "没写几幢;按房号找到一处。",
    "compound_implied": "没写小区;这里只有一个小区。",
    "whole_house": "独门独户,没有房号。",
    "run_together": "单元和房号连写在一起,按能对上的分开。",
    "floor_said": "按楼层和户号对上。",
    "part_of_room": "写的是房间里的一间,归到这一户。",
    "only_one": "叫法不止指一处,但只有一处有这个门牌。",
    "extra_words": "对上了,但多出“{words}”几个字,请看一眼。",
    "elsewhere": "门牌对上了,但前面写的区域“{place}”不是这里,请看一眼。",
    "short_name": "“{said}”是“{found}”的简称吧?",
    "same_sound": "“{said}”和“{found}”读音相同,是同一处吧?",
    "near_sound": "“{said}”和“{found}”读音相近,是同一处吧?",
    "near_name": "“{said}”和“{found}”只差一个字,是同一处吧?",
    "empty": "没有写地址。",
    "no_number": "没有门牌号。",
    "unknown_compound": "名单里没有“{said}”。如果是哪个小区的别名,登记一次就都认得了。",
    "which_compound": "不止一个小区有这个门牌,请选一处。",
    "which_building": "不止一幢楼有这个房号,请选一处。",
    "which_unit": "这幢楼不止一个单元有这个房号,请选单元。",
    "which_room": "这一层不止一户,请选一户。",
    "no_room": "只写到楼道,没有房号。",
    "no_such_building": "这个小区没有{building}号楼。",
    "no_such_unit": "这幢楼没有{unit}单元。",
    "no_such_room": "这里没有“{room}”这个房号。",
    "beside": "“{words}”说的是旁边,不是哪一户。",
    "out_of_area": "这一户不在所选的区域里。",
    "too_long": "太长了,不像一个地址。",
}


#: No estate was named, and there is none to choose from: nobody has such a house, or too many have.
_UNNAMED = "没有写是哪个小区,光凭门牌找不到。请写上小区名,如“花园小区2幢1单元301”。"


def placed_words(placed: Placed) -> tuple[str, Mapping[str, str]]:
    """The Chinese sentence for an answer, with its values: `_(text, **values)` shows it."""
    return reason_words(placed.reason, rivals=bool(placed.rivals)), filled(placed.values)


def reason_words(reason: str, *, rivals: bool) -> str:
    """The Chinese sentence of a `Placed.reason`; `rivals`: there are places to choose from."""
    if reason == "which_compound" and not rivals:
        return _UNNAMED
    return _WORDS[reason]


def filled(values: Mapping[str, str]) -> dict[str, str]:
    """The values of an answer, with blanks for those its sentence may name besides."""
    blanks = dict.fromkeys(("said", "found", "words", "place", "building", "unit", "room"), "")
    return {**blanks, **values}
