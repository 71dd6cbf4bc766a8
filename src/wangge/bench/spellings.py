"""Addresses of a closed list as people would write them, made without the code that reads them.

Each line knows the door it was written for, and whether it says enough: a line that leaves out the
stairwell in a house of four says less than a door, and the right answer to it is to ask.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from wangge.matching import Door

_NUMERALS = "零一二三四五六七八九"
#: Characters that a hand or an input method puts for those of the invented estates' names.
SLIPS = {
    "青": "清情", "丹": "单旦", "素": "诉秦", "碧": "壁璧", "紫": "子柴", "墨": "黑末", "雪": "雷学",
    "霜": "双箱", "雨": "语两", "云": "芸运", "晴": "情睛", "朝": "潮照", "晚": "挽皖", "春": "椿舂",
    "秋": "秌邱", "星": "新皇", "月": "越目", "露": "路霖", "岚": "兰风", "霞": "侠暇", "禾": "和木",
    "竹": "筑行", "松": "淞公", "柏": "拍伯", "梅": "海霉", "兰": "蓝三", "菊": "局掬", "荷": "河何",
    "莲": "连廉", "桂": "贵挂", "杏": "幸否", "桃": "逃挑", "柳": "刘抑", "枫": "风丰", "桐": "铜恫",
    "棠": "堂常", "薇": "微微", "葵": "奎揆", "鹤": "贺鸟", "雁": "燕厌", "鹿": "路麓", "舟": "州丹",
    "帆": "凡帜",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """What was written, the door it was written for, and whether it tells that door from others."""

    text: str
    door: Door | None
    enough: bool


class Writer:
    """Writes the doors of one list; the same seed writes the same lines."""

    def __init__(self, doors: Sequence[Door], areas: dict[str, str], seed: int) -> None:
        self._doors = doors
        self._areas = areas
        self._rng = Random(seed)
        self._taken = {d.compound for d in doors}
        self._same = Counter((d.compound, d.building, d.unit, d.room) for d in doors)
        #: How many doors share what a shorter line still says.
        self._in_house = Counter(
            (d.compound, d.area_code[:12], d.building, d.room) for d in doors
        )
        self._in_estate = Counter(
            (d.compound.split("期")[0][:-1], d.building, d.unit, d.room)
            for d in doors
            if d.compound.endswith("期")
        )

    def clean(self, count: int) -> Iterator[Line]:
        """Lines in the spellings of every day, without mistakes."""
        for door in self._rng.choices(self._doors, k=count):
            yield self.line(door)

    def slips(self, count: int) -> Iterator[Line]:
        """Lines whose estate is mistyped: one character other, left out, or two swapped."""
        while count:
            door = self._rng.choice(self._doors)
            name = self._slip(door.compound)
            if name in self._taken:
                continue
            count -= 1
            alone = self._same[door.compound, door.building, door.unit, door.room] == 1
            yield Line(name + self._house(door) + self._rest(door), door, alone)

    def nowhere(self, count: int) -> Iterator[Line]:
        """Lines of doors that do not exist: another town's estate, a floor too many, no such house."""
        rng = self._rng
        for door in rng.choices(self._doors, k=count):
            kind = rng.randrange(3)
            if kind == 0:
                text = (
                    rng.choice("东西南北") + "湖锦绣山庄" + self._house(door) + self._rest(door)
                )
            elif kind == 1:
                text = f"{door.compound}{door.building}{door.unit}单元{door.floor + 40}01室"
            else:
                text = f"{door.compound}{rng.randrange(60, 99)}幢{door.unit}单元{door.room}室"
            yield Line(text, None, False)

    def line(self, door: Door) -> Line:
        rng = self._rng
        prefix, told = self._prefix(door)
        alone = self._same[door.compound, door.building, door.unit, door.room] == 1
        enough = told or alone
        name = (
            rng.choice(door.compound_aliases)
            if door.compound_aliases and rng.random() < 0.1
            else ""
        )
        if not name:
            name = door.compound
            if name.endswith("期"):
                if rng.random() < 0.05:
                    name = name[:-2]
                    key = (name, door.building, door.unit, door.room)
                    enough = enough and self._in_estate[key] == 1
                else:
                    name = self._phase(name)
        elif rng.random() < 0.2:
            name += "小区"
        if rng.random() < 0.05:
            rest = "" if rng.random() < 0.5 else " "
            rest += self._room(door)
            same = self._in_house[door.compound, door.area_code[:12], door.building, door.room]
            enough = enough and same == 1
            text = prefix + name + self._house(door) + rest
        else:
            text = prefix + name + self._rest_or_dashes(door)
        return Line(self._worn(text), door, enough)

    def _prefix(self, door: Door) -> tuple[str, bool]:
        """What stands before the estate, and whether it tells the community."""
        rng = self._rng
        county, street, community = (
            self._areas.get(door.area_code[:n], "") for n in (6, 9, 12)
        )
        return rng.choice(
            (
                ("", False),
                ("", False),
                ("", False),
                (community, True),
                (street + community, True),
                (f"{county}{street}{community}", True),
                (f"某某省某某市{county}{street}", False),
                (f"{county}晚枫路{rng.randrange(1, 900)}号", False),
                (f"{street},", False),
            )
        )

    def _phase(self, name: str) -> str:
        base, phase = name[:-2], name[-2]
        digit = str(_NUMERALS.index(phase))
        return self._rng.choice(
            (
                name,
                name,
                name,
                f"{base}{digit}期",
                f"{base}({phase}期)",
                f"{base}第{phase}期",
                f"{base} {phase}期",
            )
        )

    def _house(self, door: Door) -> str:
        number = door.building.removesuffix("幢")
        if not number.isdigit():
            return door.building
        forms = ("幢", "幢", "幢", "栋", "号楼", "#", "座", "#楼", "号")
        form = self._rng.choice(forms)
        return ("第" if self._rng.random() < 0.05 else "") + self._number(number) + form

    def _rest_or_dashes(self, door: Door) -> str:
        rng = self._rng
        number = door.building.removesuffix("幢")
        if rng.random() < 0.3 and number.isdigit():
            dash = rng.choice(("-", "-", "-", "/", "—", "－", ".", "~", "、", " "))
            gap = rng.choice(("", " "))
            return gap + dash.join((number, door.unit, door.room))
        if rng.random() < 0.1:
            return f"{self._house(door)}{door.unit}-{door.room}"
        return self._house(door) + self._rest(door)

    def _rest(self, door: Door) -> str:
        unit = self._number(door.unit) + self._rng.choice(
            ("单元", "单元", "单元", "单", "号单元")
        )
        return unit + self._room(door)

    def _room(self, door: Door) -> str:
        rng, room = self._rng, door.room
        if rng.random() < 0.06:
            return "".join(_NUMERALS[int(d)] for d in room) + rng.choice(("室", ""))
        if rng.random() < 0.06:
            return f"{door.floor}{rng.choice(('楼', '层'))}{int(room[-2:])}室"
        if rng.random() < 0.08 and len(room) == 3:
            room = "0" + room
        return room + rng.choice(("室", "室", "室", "", "", "房", "号", "户", "室(出租)"))

    def _number(self, digits: str) -> str:
        """Now and then in Chinese numerals, as far as nineteen."""
        n = int(digits)
        if n > 19 or self._rng.random() > 0.2:
            return digits
        return _NUMERALS[n] if n < 10 else "十" + (_NUMERALS[n - 10] if n > 10 else "")

    def _worn(self, text: str) -> str:
        rng = self._rng
        if rng.random() < 0.08:
            text = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
        if rng.random() < 0.08:
            at = rng.randrange(len(text) + 1)
            if not (text[at - 1 : at].isascii() and text[at : at + 1].isascii()):
                text = text[:at] + rng.choice((" ", "　")) + text[at:]
        return text

    def _slip(self, name: str) -> str:
        rng = self._rng
        at = rng.randrange(min(2, len(name)))
        kind = rng.randrange(4)
        if kind < 2 and name[at] in SLIPS:
            return name[:at] + rng.choice(SLIPS[name[at]]) + name[at + 1 :]
        if kind == 2 and len(name) > 3:
            return name[:at] + name[at + 1 :]
        return name[1] + name[0] + name[2:]
