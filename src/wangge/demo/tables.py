"""Five tables as an office really has them, of one community's people: different headings, merged
cells, three ways to write a door, GBK, a chat. Forty lines are wrong, so that somebody can mend them.

Nobody in them exists. The same town gives the same tables.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any, NamedTuple

from wangge.demo.shop_table import shop_table
from wangge.demo.town import Community
from wangge.demo.town.model import Resident
from wangge.imports.samples import SAMPLES, SHOPS
from wangge.kernel.database import Tx
from wangge.kernel.files import Shelf, keep

#: xlsxwriter ships no types.
_xlsxwriter: Any = import_module("xlsxwriter")

_RELATION = {
    "head": "户主",
    "spouse": "配偶",
    "child": "子女",
    "parent": "父母",
    "flatmate": "租客",
}
_SEX = {"M": "男", "F": "女"}
_NUMERALS = "零一二三四五六七八九十"
#: A workbook says when it was made; the same one says the same.
_MADE = datetime(2026, 3, 18, 9, 0)  # noqa: DTZ001  (Excel knows no zones)
#: Lines that are wrong: identity numbers with a slip, days that do not exist, doors nobody knows.
SLIPS, NO_DAYS, NO_DOORS = 15, 15, 10


class Line(NamedTuple):
    """Somebody and their door, as it lies in parts."""

    compound: str
    building: int
    unit: int
    room: str
    one: Resident


@dataclass(frozen=True, slots=True)
class Made:
    """A table's bytes, how many people are in it, and how many of its lines are wrong."""

    name: str
    data: bytes
    people: int
    wrong: int


def five(community: Community) -> list[Made]:
    """The tables, whole buildings each; together they hold everybody."""
    parts = _parted(list(_lines(community)), len(SAMPLES))
    makers: Sequence[Callable[[Sequence[Line]], tuple[bytes, int]]] = (
        _merged,
        _owners,
        _gbk,
        _numerals,
        _chat,
    )
    made: list[Made] = []
    for sample, part, make in zip(SAMPLES, parts, makers, strict=True):
        data, wrong = make(part)
        made.append(Made(sample.name, data, len(part), wrong))
    return made


async def keep_tables(tx: Tx, shelf: Shelf, community: Community) -> None:
    """Lay the tables where the import page of a made-up district offers them."""
    for sample, made in zip(SAMPLES, five(community), strict=True):
        await keep(tx, shelf, sample.id, made.data, sample.media)
    await keep(tx, shelf, SHOPS.id, shop_table(community), SHOPS.media)


def right_cells(community: Community) -> dict[str, tuple[str, dict[str, str]]]:
    """What the forty wrong cells should say: table → its heading, and name → cell."""
    doors = {one.id: one for one in community.dwellings}
    units = {one.id: one for one in community.units}
    compounds = {one.id: one.name for one in community.compounds}
    homes = {home.id: doors[home.dwelling_id] for home in community.households}
    estates = {one.id: compounds[one.compound_id] for one in community.buildings}
    heads = [one for one in community.residents() if one.relation == "head"]
    door = {
        one.name: estates[units[homes[one.household_id].unit_id].building_id]
        + homes[one.household_id].name
        for one in heads
    }
    return {
        "住户登记表.xlsx": ("户内人员/出生日期", {o.name: o.born.isoformat() for o in heads}),
        "物业业主台账.xlsx": ("证件号码", {one.name: one.id_number for one in heads}),
        "街道名单.csv": ("居住地址", door),
    }


def _lines(community: Community) -> Iterator[Line]:
    doors = {one.id: one for one in community.dwellings}
    units = {one.id: one for one in community.units}
    buildings = {one.id: one for one in community.buildings}
    compounds = {one.id: one.name for one in community.compounds}
    homes = {home.id: doors[home.dwelling_id] for home in community.households}
    for one in community.residents():
        door = homes[one.household_id]
        unit = units[door.unit_id]
        building = buildings[unit.building_id]
        yield Line(
            compounds[building.compound_id], building.number, unit.number, door.room, one
        )


def _parted(lines: Sequence[Line], parts: int) -> list[list[Line]]:
    """Whole buildings, about as many people in each."""
    found: list[list[Line]] = [[]]
    for at, line in enumerate(lines):
        whole = at > 0 and (line.compound, line.building) == lines[at - 1][:2]
        if not whole and len(found) < parts and len(found[-1]) >= len(lines) / parts:
            found.append([])
        found[-1].append(line)
    assert len(found) == parts
    return found


def _slipped(number: str) -> str:
    """The check digit of another number: 13 is read as 31."""
    return number[:-1] + ("1" if number[-1] != "1" else "2")


def _some(lines: Sequence[Line], many: int) -> frozenset[int]:
    """Places of lines that are made wrong: heads, so that a household keeps its door."""
    heads = [at for at, line in enumerate(lines) if line.one.relation == "head"]
    step = max(1, len(heads) // many)
    return frozenset(heads[step // 2 :: step][:many])


def _merged(lines: Sequence[Line]) -> tuple[bytes, int]:
    """A title, headings of two rows, a door once for all behind it, a sum a building, notes below."""
    wrong = _some(lines, NO_DAYS)
    held = io.BytesIO()
    book = _xlsxwriter.Workbook(held, {"in_memory": True})
    book.set_properties({"created": _MADE})
    page: Any = book.add_worksheet("住户登记")
    middle = book.add_format({"align": "center", "valign": "vcenter"})
    day = book.add_format({"num_format": "yyyy/m/d"})
    page.merge_range(0, 0, 0, 6, "社区住户登记表(内部资料)", middle)
    page.merge_range(1, 0, 1, 2, "住址", middle)
    page.merge_range(1, 3, 1, 6, "户内人员", middle)
    page.write_row(
        2, 0, ["小区", "幢单元", "室", "姓名", "与户主关系", "出生日期", "联系方式"], middle
    )
    row, counted = 3, 0
    for at, line in enumerate(lines):
        first = at == 0 or lines[at - 1].one.household_id != line.one.household_id
        if first:
            size = sum(1 for _ in _behind(lines, at))
            cells = (line.compound, f"{line.building}幢{line.unit}单元", line.room)
            for column, text in enumerate(cells):
                if size > 1:
                    page.merge_range(row, column, row + size - 1, column, text, middle)
                else:
                    page.write_string(row, column, text)
        page.write_string(row, 3, line.one.name)
        page.write_string(row, 4, _RELATION[line.one.relation])
        if at in wrong:
            page.write_string(row, 5, f"{line.one.born.year}.2.30")
        else:
            page.write_datetime(row, 5, line.one.born, day)
        page.write_string(row, 6, line.one.phone or "")
        row, counted = row + 1, counted + 1
        last = at + 1 == len(lines) or lines[at + 1][:2] != line[:2]
        if last:
            page.write_row(row, 0, ["小计", None, None, f"{counted}人"])
            row, counted = row + 1, 0
    page.write_string(row + 1, 0, "注:电话以本人最近说的为准。")
    book.close()
    return held.getvalue(), len(wrong)


def _behind(lines: Sequence[Line], at: int) -> Iterator[Line]:
    for line in lines[at:]:
        if line.one.household_id != lines[at].one.household_id:
            return
        yield line


def _owners(lines: Sequence[Line]) -> tuple[bytes, int]:
    """The estate's own list: 3-2-401, numbers as text, some with a slip; a hidden second sheet."""
    wrong = _some(lines, SLIPS)
    held = io.BytesIO()
    book = _xlsxwriter.Workbook(held, {"in_memory": True, "strings_to_numbers": False})
    book.set_properties({"created": _MADE})
    page: Any = book.add_worksheet("业主台账")
    page.write_row(0, 0, ["序号", "小区名称", "房号", "住户姓名", "关系", "证件号码", "手机号"])
    for at, line in enumerate(lines):
        number = line.one.id_number
        page.write_row(
            at + 1,
            0,
            [
                at + 1,
                line.compound,
                f"{line.building}-{line.unit}-{line.room}",
                line.one.name,
                _RELATION[line.one.relation],
                _slipped(number) if at in wrong else number.lower(),
                line.one.phone or "",
            ],
        )
    book.add_worksheet("参数").hide()
    book.close()
    return held.getvalue(), len(wrong)


def _gbk(lines: Sequence[Line]) -> tuple[bytes, int]:
    """Out of an old program: a column for each part of the door, GBK."""
    rows = [
        [
            line.compound,
            str(line.building),
            str(line.unit),
            line.room,
            line.one.name,
            _SEX[line.one.sex],
            line.one.born.strftime("%Y%m%d"),
            _RELATION[line.one.relation],
            line.one.phone or "",
        ]
        for line in lines
    ]
    headings = [
        "小区",
        "幢",
        "单元",
        "房间号",
        "姓名",
        "性别",
        "出生日期",
        "与户主关系",
        "电话",
    ]
    return _csv([headings, *rows]).encode("gb18030"), 0


def _numerals(lines: Sequence[Line]) -> tuple[bytes, int]:
    """A street's list: 三号楼二单元301, some doors by a name only neighbours know."""
    wrong = _some(lines, NO_DOORS)
    rows: list[list[str]] = []
    for at, line in enumerate(lines):
        door = f"{line.compound}{_said(line.building)}号楼{_said(line.unit)}单元{line.room}"
        rows.append(
            [
                f"三角楼{line.room}" if at in wrong else door,
                line.one.name,
                line.one.id_number,
                _RELATION[line.one.relation],
            ]
        )
    return b"\xef\xbb\xbf" + _csv(
        [["居住地址", "人员姓名", "身份证", "关系"], *rows]
    ).encode(), len(wrong)


def _said(number: int) -> str:
    """7 → 七, 12 → 十二, 23 → 二十三."""
    tens, rest = divmod(number, 10)
    if not tens:
        return _NUMERALS[rest]
    return (_NUMERALS[tens] if tens > 1 else "") + "十" + (_NUMERALS[rest] if rest else "")


def _chat(lines: Sequence[Line]) -> tuple[bytes, int]:
    """What stairwell heads wrote into a group, with the chat around it."""
    said: list[str] = []
    for at, line in enumerate(lines):
        if at == 0 or lines[at - 1][:3] != line[:3]:
            said += ["", f"{line.building}幢楼长 {8 + at % 10}:{at % 60:02d}", "收到,我这边的:"]
        door = f"{line.compound}{line.building}-{line.unit}-{line.room}"
        words = (door, line.one.name, _RELATION[line.one.relation], line.one.phone or "")
        said.append(" ".join(word for word in words if word))
    return "\n".join(said).encode(), 0


def _csv(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue()
