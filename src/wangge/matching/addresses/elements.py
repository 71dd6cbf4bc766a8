"""Unseen addresses taken apart, for journeys and enterprises.

A grammar, no model: names of provinces and cities (`data/divisions.txt`, from public lists of
divisions), the last words that say what a name is (镇, 路, 小区), and the words after numbers. It
works for every address from the first day; `wangge bench addresses --data` says how well, beside
a model that was trained on labelled addresses.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Element:
    """One part of an address: its kind, its text as written, and where it begins in the text.

    Kinds: country, prov, city, district, devzone, town, community, road, subroad, roadno,
    subroadno, poi, subpoi, houseno, cellno, floorno, roomno, assist, redundant (said twice, or no
    part of an address).
    """

    kind: str
    text: str
    start: int


#: Every kind there is, from the largest to the smallest.
KINDS: tuple[str, ...] = (
    *("country", "prov", "city", "district", "devzone", "town", "community"),
    *("road", "subroad", "roadno", "subroadno", "poi", "subpoi"),
    *("houseno", "cellno", "floorno", "roomno", "person", "assist", "redundant", "otherinfo"),
)

_HAN = "\u3400-\u9fff"
_NUM = "[0-9\uff10-\uff19]+"
_CN = "一二三四五六七八九十百"

#: How names end that say what they are. The shortest name that ends so is taken, of at least the
#: given characters before its end; a road may not run into what is plainly an estate or a firm.
_NAMES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern))
    for kind, pattern in (
        (
            "town",
            rf"[{_HAN}]{{1,5}}?(?:街道办事处|街道|(?<!乡)镇|(?<!城)乡(?!路|道|村|镇))",
        ),
        (
            "devzone",
            rf"[{_HAN}]{{0,6}}?(?:(?:经济技术|高新技术|经济)?开发区|高新区|保税区|工业园区|集聚区)",
        ),
        (
            "community",
            rf"[{_HAN}]{{1,5}}?(?:社区|居委会|村委会|行政村|自然村|(?<!新)村(?!路|镇))",
        ),
        (
            "road",
            rf"[{_HAN}]{{1,7}}?(?:大道|大街|公路|国道|省道|胡同|巷(?!子)|弄堂"
            r"|(?:路|街)(?!道|口|面|坊)(?:[东西南北中]段)?)",
        ),
    )
)
_POI_END = re.compile(
    rf"[{_HAN}A-Za-z0-9·()()]{{2,}}?(?:小区|花园|家园|新村|公寓|花苑|大厦|广场|商厦|商城|市场|公司|工厂|厂|学校|大学|学院|医院|酒店|宾馆"
    r"|中心|工业区|工业园|科技园|创业园|苑|庭|府|城|店|楼|园|站|局|所|部|馆)"
)

#: Words after a number, and what it then is; which of two depends on what came before.
_NUMBERED = re.compile(
    rf"(?P<number>[A-Za-z]?(?:{_NUM}|[{_CN}]{{1,3}}(?=[号幢栋座单楼层室弄]))[A-Za-z]?|[A-Za-z](?=[幢栋座楼单号]))"
    r"(?P<word>号楼|号院|号厂房|幢(?:楼(?![上下]))?|栋(?:楼(?![上下]))?|座|#楼?|号门|单元|门|层楼|层|楼|[Ff](?![A-Za-z])|室|房间?|号铺|铺|号|弄|)"
)
_WORDS = {
    "号楼": "houseno", "号院": "houseno", "号厂房": "houseno", "幢": "houseno", "幢楼": "houseno",
    "栋": "houseno", "栋楼": "houseno", "座": "houseno", "#": "houseno", "#楼": "houseno",
    "号门": "cellno", "单元": "cellno", "门": "cellno", "层楼": "floorno", "层": "floorno",
    "楼": "floorno", "f": "floorno", "室": "roomno", "房": "roomno", "房间": "roomno",
    "号铺": "roomno", "铺": "roomno", "弄": "roadno",
}  # fmt: skip
#: Numerals in the middle of words: 服饰三栋二楼.
_COUNTED = re.compile(rf"[{_CN}]{{1,3}}(?=号楼|栋|幢|单元|楼(?![{_HAN}])|层|室|座|号)")
#: Parts of an estate or a village that are numbered.
_PART = re.compile(rf"[东西南北]?(?:{_NUM}|[A-Za-z]|[{_CN}])(?:区|期)")
_TEAM = re.compile(rf"(?:第?{_NUM}|[{_CN}]{{1,2}})(?:组|队)")
_ASSIST = re.compile(
    r"交叉口|交汇处|交界处|路口|对面|旁边?|附近|隔壁|[东西南北]侧|内(?!环)|[东西南北]面|后面|前面|边上|入口|出口"
)
_JUNK = re.compile(
    r"电联|null|[-—－_,,、.。;;::/ 　]+|请.*|麻烦.*|送[到货至].*|放[在到门].*|1\d{10}"
)
_NO_DIVISION = re.compile("[路街镇乡]|大道|大街|大学|银行")
_RUN = re.compile(rf"[A-Za-z]?{_NUM}(?:[-—－][A-Za-z]?{_NUM}){{1,2}}")
_UNIT_FOLLOWS = re.compile(rf"{_NUM}单元")
_WORDS_RUN = re.compile(rf"[{_HAN}A-Za-z·()()]+")
_CORNER = re.compile(rf"[与和](?=[{_HAN}]+?(?:路|街))")
_ENDS_POI = re.compile("电联|null|交叉口|交汇处|对面|旁边|附近")
_COUNTRY = re.compile("中华人民共和国|中国")
_IS_HAN = re.compile(rf"[{_HAN}]")
_ROADS = frozenset({"road", "subroad"})


@cache
def divisions() -> dict[str, str]:
    """Names of provinces, cities and districts by kind, with and without their last word."""
    found: dict[str, str] = {}
    text = (Path(__file__).parents[1] / "data" / "divisions.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        kind, *names = line.split()
        for name in names:
            found.setdefault(name, kind)
            if kind == "prov":
                found.setdefault(name + "省", kind)
            elif kind == "city":
                found[name + "市"] = kind
            elif len(name) > 2:
                found.setdefault(name[:-1], kind)
    for name in ("内蒙古", "广西壮族", "宁夏回族", "新疆维吾尔", "西藏"):
        found[name + "自治区"] = "prov"
    return found


_UNKNOWN_DIVISION = (
    ("prov", re.compile(rf"[{_HAN}]{{2,3}}省")),
    ("city", re.compile(rf"[{_HAN}]{{2,3}}?(?:市(?!场|民|政)|自治州)")),
    ("district", re.compile(rf"[{_HAN}]{{1,3}}?(?:区(?!域|间)|县(?!城)|自治县|旗)")),
)
_LONGEST = 8
_ORDER = {kind: n for n, kind in enumerate(("country", "prov", "city", "district"))}


def elements(text: str, known: Mapping[str, str] | None = None) -> tuple[Element, ...]:
    """The parts of an address, in order; together they are the whole text but for blanks.

    `known` gives kinds of names of one's own, such as {"杏花社区": "community"}.
    """
    return tuple(_Parser(text, known or {}).run())


class _Parser:
    def __init__(self, text: str, known: Mapping[str, str]) -> None:
        self.text = text
        self.known = known
        self.at = 0
        self.found: list[Element] = []

    def run(self) -> list[Element]:
        while self.at < len(self.text):
            for step in (self._junk, self._division, self._named, self._number, self._poi):
                if step():
                    break
            else:
                self._take("otherinfo", self.at + 1)
        return self._settled()

    def _take(self, kind: str, end: int) -> bool:
        self.found.append(Element(kind, self.text[self.at : end], self.at))
        self.at = end
        return True

    def _last(self) -> str:
        return next((e.kind for e in reversed(self.found) if e.kind != "redundant"), "")

    def _has(self, kind: str) -> bool:
        return any(element.kind == kind for element in self.found)

    def _junk(self) -> bool:
        found = _JUNK.match(self.text, self.at)
        if found and found[0].strip():
            return self._take("redundant", found.end())
        if found:
            self.at = found.end()
            return True
        country = _COUNTRY.match(self.text, self.at)
        return country is not None and self._take("country", country.end())

    def _division(self) -> bool:
        """A province, city or district: known by name, or by its last word near the beginning."""
        known = divisions()
        for length in range(_LONGEST, 1, -1):
            name = self.text[self.at : self.at + length]
            kind = self.known.get(name) or known.get(name)
            if kind is None or len(name) < length:
                continue
            if name[-1] in "省市区县" or kind not in _ORDER or self._bare(kind, length):
                return self._take(kind, self.at + length)
        if self._last() in ("", *_ORDER):
            level = _ORDER.get(self._last(), -1)
            for kind, pattern in _UNKNOWN_DIVISION:
                found = pattern.match(self.text, self.at)
                if found and _ORDER[kind] > level and self._divides(found[0]):
                    return self._take(kind, found.end())
        return False

    def _bare(self, kind: str, length: int) -> bool:
        """Whether a name without its last word is a division here: 金华路 and 杭州银行 are none."""
        end, last = self.at + length, self._last()
        rest = self.text[end:]
        if last not in ("", *_ORDER) or _NO_DIVISION.match(rest):
            return False
        if not last and (not rest or rest[0] in "中东西南北国新"):
            return False
        # 温州意华公司 in 乐清市: higher than what came before, so a firm's name, unless the row goes
        # on.
        follows = any(self.text[end : end + n] in divisions() for n in range(2, _LONGEST))
        return _ORDER[kind] > _ORDER.get(last, -1) or follows

    def _divides(self, name: str) -> bool:
        """Not the beginning of a town, road or estate that has 市 or 区 in it."""
        return not re.search(r"[镇乡村路街道]|小区|社区|园区|新区|工业|开发", name)

    def _named(self) -> bool:
        if self._last() in _ROADS and _CORNER.match(self.text, self.at):
            return self._take("assist", self.at + 1)
        best: tuple[int, str] | None = None
        for kind, pattern in _NAMES:
            found = pattern.match(self.text, self.at)
            if found is None or (kind == "town" and self._has("road")):
                continue
            if best is None or found.end() < best[0]:
                best = (found.end(), kind)
        if best is None:
            return False
        end, kind = best
        name = self.text[self.at : end]
        poi = _POI_END.match(self.text, self.at)
        if poi and poi.end() < end - 2 and kind == "road":
            return False
        if kind == "road" and self._has("road"):
            # A second road: a corner, or the name of what stands there (舟山路幼儿园).
            if self._last() in ("assist", "road"):
                kind = "subroad"
            elif _IS_HAN.match(self.text, end):
                return False
        if kind == "community" and name.endswith("村") and self._has("road"):
            kind = "poi"
        return self._take(kind, end)

    def _number(self) -> bool:
        part, team = _PART.match(self.text, self.at), _TEAM.match(self.text, self.at)
        if team:
            return self._take("road", team.end())
        if part:
            inner = self._last() in ("poi", "subpoi")
            return self._take("subpoi" if inner else "poi", part.end())
        found = _NUMBERED.match(self.text, self.at)
        if found is None or not found[0]:
            return False
        word, last = found["word"].lower(), self._last()
        run = _RUN.match(self.text, self.at)
        if run and not word and last not in ("houseno", "cellno", *_ROADS):
            return self._run(run[0])
        kind = _WORDS.get(word)
        if kind is None:
            kind = self._plain_number(last, bool(word))
        elif word == "楼" and _UNIT_FOLLOWS.match(self.text, found.end()):
            kind = "houseno"  # 3楼 is a house when a stairwell follows
        return self._take(kind, found.end())

    def _run(self, run: str) -> bool:
        """8-3-1485: house, stairwell, room; 13-395: house, room."""
        numbers = re.split(r"[-—－]", run)
        kinds = ("houseno", "cellno", "roomno") if len(numbers) > 2 else ("houseno", "roomno")
        for n, (kind, number) in enumerate(zip(kinds, numbers, strict=True)):
            if n:
                self._take("redundant", self.at + 1)
            self._take(kind, self.at + len(number))
        return True

    def _plain_number(self, last: str, counted: bool) -> str:
        """A bare number, or one with 号: what is still missing after what came before."""
        if last in (*_ROADS, "community") and (counted or last != "community"):
            return "subroadno" if last == "subroad" else "roadno"
        if last == "roadno":
            return "subroadno" if counted and self.text[self.at - 1] == "弄" else "houseno"
        if last in ("houseno", "cellno", "floorno"):
            return "roomno"
        if last in ("poi", "subpoi", "community", "assist", "town"):
            return "houseno" if counted else "roomno"
        return "roomno"

    def _poi(self) -> bool:
        assist = _ASSIST.match(self.text, self.at)
        if assist:
            return self._take("assist", assist.end())
        found = _WORDS_RUN.match(self.text, self.at)
        if found is None:
            return False
        end = found.end()
        # A name goes as far as the number after it.
        junk = _ENDS_POI.search(self.text, self.at + 1, end)
        if junk:
            end = junk.start()
        counted = _COUNTED.search(self.text, self.at + 2, end)
        if counted:
            end = counted.start()
        ended = _POI_END.match(self.text, self.at, end)
        if ended and ended.end() < end and end - ended.end() > 1:
            end = ended.end()
        kind = "subpoi" if self._last() in ("poi", "subpoi", "houseno") else "poi"
        if self.text[end - 1] in "路街道巷" and self.text[end : end + 1].isdigit():
            kind = "road"
        return self._take(kind, end)

    def _settled(self) -> list[Element]:
        """What is said twice is redundant once: the shorter one, else the later."""
        said: dict[str, int] = {}
        settled = list(self.found)
        for n, one in enumerate(self.found):
            if one.kind not in ("prov", "city", "district", "town"):
                continue
            before = said.get(one.kind)
            if before is None or not _same_division(settled[before].text, one.text):
                said[one.kind] = n
                continue
            shorter = len(settled[before].text) < len(one.text)
            # A whole row of divisions and then the same again: the second one goes on.
            again = self._repeats(n) and settled[0].kind in ("prov", "redundant")
            drop = before if shorter or again else n
            said[one.kind] = n if drop == before else before
            settled[drop] = replace(settled[drop], kind="redundant")
        return settled

    def _repeats(self, n: int) -> bool:
        """Whether the divisions from the beginning stand here again, province to district."""
        start = next(
            (m for m in range(1, n + 1) if self.found[m].text == self.found[0].text), None
        )
        return start is not None and start >= 3 and n >= start


def _same_division(a: str, b: str) -> bool:
    return a == b or a.rstrip("省市区县") == b.rstrip("省市区县")
