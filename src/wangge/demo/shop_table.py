"""The shops along a street as an office keeps them: headings of three rows, a sum in the middle, an old
register number, a code with a slip, a shop written twice. No such shop exists."""

import io
from collections.abc import Sequence
from datetime import datetime
from importlib import import_module
from typing import Any

from wangge.demo.town import Community
from wangge.matching.codes import credit_check

#: xlsxwriter ships no types.
_xlsxwriter: Any = import_module("xlsxwriter")
_MADE = datetime(2026, 3, 18, 9, 0)  # noqa: DTZ001  (Excel knows no zones)
_ROWS = 24
_TRADES = ("餐饮", "商店超市", "美容美发", "维修", "快递驿站", "诊所药店")
_NAMES = ("甲子", "乙丑", "丙寅", "丁卯", "戊辰", "己巳", "庚午", "辛未")
_CALLED = ("小吃", "便利店", "理发", "修配", "驿站", "药房")


def shop_table(community: Community) -> bytes:
    """An .xlsx of two dozen shops, three of whose rows wait for somebody to mend them."""
    held = io.BytesIO()
    book = _xlsxwriter.Workbook(held, {"in_memory": True})
    book.set_properties({"created": _MADE})
    page: Any = book.add_worksheet("东街")
    middle = book.add_format({"align": "center", "valign": "vcenter"})
    page.merge_range(0, 0, 0, 8, "沿街商铺及九小场所排查台账", middle)
    page.merge_range(1, 0, 3, 0, "序号", middle)
    page.merge_range(1, 1, 1, 5, "基本情况", middle)
    page.merge_range(1, 6, 1, 8, "人员及消防", middle)
    page.merge_range(2, 1, 3, 1, "商铺名称", middle)
    page.merge_range(2, 2, 3, 2, "统一社会信用代码", middle)
    page.merge_range(2, 3, 2, 5, "经营", middle)
    page.write_row(3, 3, ["经营类别", "经营地址", "开业日期"], middle)
    page.merge_range(2, 6, 2, 7, "负责人", middle)
    page.write_row(3, 6, ["经营者", "联系电话"], middle)
    page.merge_range(2, 8, 3, 8, "用气方式", middle)
    for at, cells in enumerate(_cells(community), 4):
        page.write_row(at, 0, cells)
    book.close()
    return held.getvalue()


def _cells(community: Community) -> list[Sequence[str | int]]:
    units = {one.id: one for one in community.units}
    estates = {one.id: one.name for one in community.compounds}
    houses = {one.id: one for one in community.buildings}
    doors = [one for one in community.dwellings if one.floor == 1][:_ROWS]
    made: list[Sequence[str | int]] = []
    for n, door in enumerate(doors):
        unit = units[door.unit_id]
        house = houses[unit.building_id]
        where = f"{estates[house.compound_id]}{house.number}幢{unit.number}单元{door.room}"
        name = _NAMES[n % len(_NAMES)] + _CALLED[n % len(_CALLED)] + str(n // 8 or "")
        code = f"91990001MB{n:07d}"
        code += credit_check(code)
        opened = (f"{2012 + n % 9}年5月1日", 41_000 + 90 * n, f"{2012 + n % 9}.3.18")[n % 3]
        if n == 3:
            code = f"99000100{n:07d}"  # from before the licences were changed
        if n == 5:
            code = code[:17] + ("0" if code[17] != "0" else "1")
        if n == 7:
            where = "沿街大樟树旁"
        trade = "卖早点" if n == 9 else _TRADES[n % len(_TRADES)]
        gas = ("瓶装燃气", "管道燃气", "")[n % 3]
        phone = f"1990000{6000 + n}"
        made.append((n + 1, name, code, trade, where, opened, "样例" + name[:2], phone, gas))
        if n == 11:
            made.append(("小计", f"{n + 1}家"))
    again = list(made[1])
    made.append((len(doors) + 1, *again[1:7], "19900006999", "管道燃气"))
    made += [("合计", f"{len(doors)}家"), ("填表人:样例",)]
    return made
