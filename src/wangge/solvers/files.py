"""What the files of `wangge plan` have in common (docs/plans.md): they are read whole or refused with
every fault as a sentence, rows are counted from 1, and positions are metres or degrees."""

import codecs
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from math import cos, radians
from typing import Annotated, Any, TypeAlias, TypeVar
from xml.etree import ElementTree

import msgspec

from wangge.solvers.words import Sentence, said

_METRES_A_DEGREE = 111_320.0
#: So many faults of a file are named; the sum is told.
SHOWN = 20
#: Larger XML files are none of those that are read here.
XML_BYTES_MAX = 20_000_000
#: A number of the rules beyond this is a mistake, and no solver's whole numbers would hold what comes of it.
RULE_MAX = 100_000

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Degrees = Annotated[float, msgspec.Meta(ge=-180, le=180)] | None
Metres = Annotated[float, msgspec.Meta(ge=-1e7, le=1e7)] | None
#: Puts a sentence into words (the commands write both languages).
Tell = Callable[[Sentence], Any]
T = TypeVar("T")


class Unreadable(Exception):
    """The file is not what it should be; every fault is a sentence."""

    def __init__(self, problems: Sequence[Sentence]) -> None:
        super().__init__(str(problems[0]))
        self.problems = tuple(problems)


def decoded(raw: bytes, kind: type[T], wanted: str = "") -> T:
    """A file of that shape; Unreadable with the place and what is wrong there. One that says it is of
    another format than `wanted` is told so, and not which of its keys is strange here."""
    raw = raw.removeprefix(codecs.BOM_UTF8)
    if not raw.strip():
        raise Unreadable([said("文件是空的。")])
    try:
        made = msgspec.json.decode(raw, type=kind)
    except msgspec.ValidationError as wrong:
        if wanted:
            refuse(format_faults(wanted, _format_of(raw) or wanted))
        raise Unreadable([_misfit(str(wrong))]) from wrong
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise Unreadable([_garbled(raw, str(wrong))]) from wrong
    refuse(_keys_twice(raw))
    return made


class _Named(msgspec.Struct):
    """The only thing that files of all formats share."""

    format: str


def _format_of(raw: bytes) -> str:
    """What a file says it is; "" where it says nothing."""
    try:
        return msgspec.json.decode(raw, type=_Named).format
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


#: A file as its text says it; numbers are left as they are written.
_Json: TypeAlias = "dict[str, _Json] | list[_Json] | str | bool | None"


class _Twice(dict[str, _Json]):
    """An object that has a key twice. Readers of JSON keep the last one without a word."""

    key: str = ""


def _keys_twice(raw: bytes) -> Iterable[Sentence]:
    """Keys that an object has twice, each with its place. `raw` is known to be JSON."""
    there: list[_Twice] = []

    def read(pairs: list[tuple[str, _Json]]) -> dict[str, _Json]:
        made = dict(pairs)
        if len(made) == len(pairs):
            return made
        found = _Twice(made)
        found.key = Counter(key for key, _ in pairs).most_common(1)[0][0]
        there.append(found)
        return found

    try:
        whole: _Json = json.loads(raw, object_pairs_hook=read, parse_int=str, parse_float=str)
    except RecursionError:
        return  # only what is passed over unread lies so deep
    waiting: list[tuple[str, _Json]] = [("$", whole)] if there else []
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, _Twice):
            yield said(
                "{where} 里“{key}”写了两次,请只留一个。", where=_place(path), key=value.key
            )
        if isinstance(value, dict):
            waiting += [(f"{path}.{key}", one) for key, one in reversed(value.items())]
        elif isinstance(value, list):
            waiting += [(f"{path}[{n}]", one) for n, one in reversed([*enumerate(value)])]


def xml_root(raw: bytes, unlike: Callable[[str], Sentence]) -> ElementTree.Element:
    """The root of an XML file from anywhere; Unreadable where it is too large, declares a type or
    entities, or is none, in the words of `unlike`."""
    # UTF-16 writes the same letters with zeros between them.
    plain = raw.replace(b"\0", b"")
    if len(raw) > XML_BYTES_MAX or b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
        raise Unreadable([said("文件太大,或带有不收的声明。")])
    try:
        return ElementTree.fromstring(raw)
    except (ElementTree.ParseError, ValueError, LookupError) as wrong:
        raise Unreadable([unlike(str(wrong))]) from wrong


#: What the reader of JSON calls things.
_CALLED = {
    "int": "一个整数",
    "float": "一个数",
    "str": "一段文字",
    "fraction": "一个小数或太大的数",
    "bool": "true 或 false",
    "array": "列表 […]",
    "object": "对象 {…}",
    "null": "空(null)",
    "date": "日期(2026-03-16)",
    "datetime": "时刻(2026-03-16T07:00:00)",
    "int | array": "一个整数或列表",
}


def _called(name: str) -> str:
    """A kind of value in words; that it may also be left out goes without saying."""
    name = name.strip("`").removesuffix(" | null")
    return _CALLED.get(name, name)


def _misfit(wrong: str) -> Sentence:
    """What does not fit, and where: `units #1 special`, rows counted from 1."""
    what, _, told = wrong.partition(" - at ")
    where = _place(told)
    if found := re.fullmatch(r"Expected (`.+?`), got (`.+?`)", what):
        return said(
            "{where} 应是{wanted},文件里是{got}。",
            where=where,
            wanted=_called(found[1]),
            got=_called(
                "fraction" if found[1].startswith("`int") and "float" in found[2] else found[2]
            ),
        )
    if found := re.fullmatch(r"Object missing required field `(.+)`", what):
        return said("{where} 缺“{key}”。", where=where, key=found[1])
    if found := re.fullmatch(r"Object contains unknown field `(.+)`", what):
        return said("{where} 没有“{key}”这一项。", where=where, key=found[1])
    if found := re.fullmatch(r"Expected `(?:int|float)` (<=|>=|<|>) (\S+)", what):
        return said(_LIMITS[found[1]], where=where, limit=_plain(found[2]))
    if what == "Expected `str` of length >= 1":
        return said("{where} 不能是空的。", where=where)
    if found := re.fullmatch(r"Expected `str` of length <= (\d+)", what):
        return said("{where} 最多 {limit} 个字。", where=where, limit=found[1])
    if found := re.fullmatch(r"Expected `array` of length (\d+)(?:, got (\d+))?", what):
        return said("{where} 要正好 {limit} 项。", where=where, limit=found[1])
    if found := re.fullmatch(r"Invalid enum value '(.*)'", what):
        return said("{where} 不认识“{value}”。", where=where, value=found[1])
    return said("{where} 写得不对({what})。", where=where, what=what)


_LIMITS = {
    "<=": "{where} 不能大于 {limit}。",
    ">=": "{where} 不能小于 {limit}。",
    "<": "{where} 要小于 {limit}。",
    ">": "{where} 要大于 {limit}。",
}


def _plain(number: str) -> str:
    """A number without a useless fraction."""
    return number.removesuffix(".0")


def _place(told: str) -> str:
    """`$.units[0].special` as `units #1 special`."""
    path = re.findall(r"\[(?:\d+|\.\.\.)\]|[^.\[\]`$ ]+", re.sub(r"^(`key`) in ", "", told))
    words = [
        f"#{int(one[1:-1]) + 1}" if one[1:-1].isdigit() else "…" if one[0] == "[" else one
        for one in path
    ]
    return " ".join(words) or "整个文件"


def _garbled(raw: bytes, wrong: str) -> Sentence:
    """What keeps a file from being JSON, and in which line."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return said("文件不是 UTF-8 编码,请另存为 UTF-8。")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return said("文件不是 UTF-8 编码,请另存为 UTF-8。")
    found = re.search(r"\(byte (\d+)\)", wrong)
    if found is None:
        if "truncated" in wrong:
            return said("文件没有写完:少了结尾的括号或引号。")
        return said("这不是 JSON 文件:{what}。", what=wrong)
    at = int(found[1])
    line = raw.count(b"\n", 0, at) + 1
    if re.match(rb"-?(NaN|Infinity|inf|nan)", raw[max(0, at - 1) :].lstrip(b"-: ,[")):
        return said("第 {line} 行的 NaN 或 Infinity 不是数,请写数,或者不写这一项。", line=line)
    return said(
        "这不是 JSON 文件:第 {line} 行第 {column} 个字节起读不懂。",
        line=line,
        column=at - raw.rfind(b"\n", 0, at),
    )


def refuse(problems: Iterable[Sentence]) -> None:
    """Unreadable with the faults there are, the first of them by name."""
    found = list(problems)
    if found:
        shown = found[:SHOWN]
        if len(found) > SHOWN:
            shown.append(said("……共 {count} 处。", count=len(found)))
        raise Unreadable(shown)


def format_faults(wanted: str, given: str) -> Iterable[Sentence]:
    """Whether the file is of this format."""
    if given != wanted:
        yield said("format 应是“{wanted}”,文件里是“{given}”。", wanted=wanted, given=given)


def rules_faults(kind: type[Any], given: Mapping[str, float]) -> Iterable[Sentence]:
    """What is wrong with the numbers of a file's rules."""
    known = {one.name for one in fields(kind)}
    for name, value in given.items():
        if name not in known:
            yield said("rules 里没有“{name}”这一项。", name=name)
        elif not 0 <= value <= RULE_MAX:  # nor is what is no number
            yield said("rules 的“{name}”要在 0 到 {most} 之间。", name=name, most=RULE_MAX)


def twice_faults(name: str, ids: Iterable[str]) -> Iterable[Sentence]:
    """Ids of a list that are used more than once."""
    seen: set[str] = set()
    for row, one in enumerate(ids, 1):
        if one in seen:
            yield said("{list} 第 {row} 项的编号“{id}”用过了。", list=name, row=row, id=one)
        seen.add(one)


def unknown_faults(
    name: str, to: str, ids: Iterable[tuple[int, str]], known: Iterable[str]
) -> Iterable[Sentence]:
    """Ids that rows of a list speak of, and that are not in another. `ids` are rows, from 1, and ids."""
    there = set(known)
    for row, id_ in ids:
        if id_ not in there:
            yield said(
                "{list} 第 {row} 项提到的“{id}”不在 {to} 里。",
                list=name,
                row=row,
                id=id_,
                to=to,
            )


class Plane:
    """Positions in metres: as they are told, or from degrees, about the south-west of all."""

    def __init__(self, placed: Iterable[Any]) -> None:
        told = [
            (one.lon, one.lat) for one in placed if one.lon is not None and one.lat is not None
        ]
        self._lon: float = min((lon for lon, _ in told), default=0.0)
        self._lat: float = min((lat for _, lat in told), default=0.0)
        self._wide = _METRES_A_DEGREE * cos(radians(self._lat))

    def at(self, one: Any) -> tuple[float, float] | None:
        """Where it is; None where that is not told."""
        if one.x is not None and one.y is not None:
            return one.x, one.y
        if one.lon is not None and one.lat is not None:
            return (one.lon - self._lon) * self._wide, (one.lat - self._lat) * _METRES_A_DEGREE
        return None


def position_faults(lists: Mapping[str, Sequence[Any]]) -> Iterable[Sentence]:
    """Positions are metres or degrees, whole, and of one kind in a file."""
    kinds: set[str] = set()
    for name, placed in lists.items():
        for row, one in enumerate(placed, 1):
            told = [value is not None for value in (one.x, one.y, one.lon, one.lat)]
            if told in ([True, True, False, False], [False, False, True, True]):
                kinds.add("x" if told[0] else "lon")
            elif any(told):
                yield said(
                    "{list} 第 {row} 项的位置要么写 x 和 y,要么写 lon 和 lat。",
                    list=name,
                    row=row,
                )
    if len(kinds) > 1:
        yield said("位置一律用 x、y(米)或者一律用 lon、lat(度),不能混用。")
