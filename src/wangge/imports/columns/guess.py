"""A first guess at what the columns are: by the words above them, corrected by what is in them."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from wangge.imports.columns.fields import MEMBERS, PEOPLE, targets, words_of
from wangge.imports.columns.mapping import Mapping as Meaning
from wangge.imports.columns.mapping import Member
from wangge.kernel.columns import heading_key
from wangge.matching import read_credit_code, read_date, read_plate
from wangge.matching.names import is_han
from wangge.people import words
from wangge.people.contents import (
    FULL_DOOR,
    is_door,
    is_id_number,
    is_mobile,
    looks_a_name,
    mostly,
)

#: Rows whose cells are looked at.
SAMPLE_ROWS = 200

_AGAIN = re.compile(r"^(.*) \((\d+)\)$")
_NUMBERED = re.compile(r"^(.*?)([0-9]{1,2})$")
_ENDINGS = ("基本信息", "信息", "情况", "资料")
_PHONE = re.compile(r"1[3-9]\d[ -]?\d{4}[ -]?\d{4}")


@dataclass(frozen=True, slots=True)
class _Said:
    """What one heading says: the target, whose it is (a word of MEMBERS), which of them."""

    heading: str
    key: str
    whose: str = ""
    number: int = 1


def guess(kind: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Meaning:
    """What such a table's columns seem to mean. `rows` are the first rows, as texts."""
    samples = _columns(headings, rows)
    known = words_of(kind)
    said = [one for heading in headings if (one := _read(heading, known)) is not None]
    if kind == PEOPLE:
        said = _by_content(said, headings, samples)
    else:
        said = _things_by_content(kind, said, headings, samples)
    return _gather(kind, said, samples)


def _columns(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {heading: [] for heading in headings}
    for _, cells in zip(range(SAMPLE_ROWS), rows, strict=False):
        for heading, cell in zip(headings, cells, strict=False):
            if cell:
                found[heading].append(cell)
    return found


def _read(heading: str, known: Mapping[str, str]) -> _Said | None:
    again = _AGAIN.match(heading)
    plain, number = (again[1], int(again[2])) if again else (heading, 1)
    *groups, last = plain.split("/")
    # A stroke may be the heading's own: 工作单位/学校.
    whole = known.get(heading_key(plain)) or known.get(heading_key(plain.replace("/", "")))
    if whole is not None:
        return _Said(heading, whole, "" if number == 1 else "成员", number)
    key = heading_key(last)
    group = heading_key(groups[-1]) if groups else ""
    whose, which = _whose(group)
    if whose:
        target = known.get(key)
        return _Said(heading, target, whose, max(which, number)) if target else None
    target = known.get(key)
    if target is not None:
        return _Said(heading, target, "" if number == 1 else "成员", number)
    for word in sorted(MEMBERS, key=len, reverse=True):
        if key.startswith(word):
            rest = re.match(r"[0-9一二三四五六]*", key[len(word) :])
            digits = rest[0] if rest else ""
            target = known.get(key[len(word) + len(digits) :].lstrip("-.:的"))
            if target is not None:
                return _Said(heading, target, word, max(_digit(digits), number))
    numbered = _NUMBERED.match(key)
    if numbered and numbered[1] in known:
        which = int(numbered[2])
        return _Said(heading, known[numbered[1]], "" if which == 1 else "成员", which)
    return None


def _digit(text: str) -> int:
    if text.isascii() and text.isdigit():
        return int(text)
    return "一二三四五六".find(text) + 1 if text else 1


def _whose(group: str) -> tuple[str, int]:
    for ending in _ENDINGS:
        group = group.removesuffix(ending)
    numbered = re.match(r"^(.*?)([0-9一二三四五六]?)$", group)
    if numbered and numbered[1] in MEMBERS:
        return numbered[1], _digit(numbered[2])
    return "", 1


# -- contents -----------------------------------------------------------------------------------


def _by_content(
    said: list[_Said], headings: Sequence[str], samples: Mapping[str, list[str]]
) -> list[_Said]:
    """Headings that say another thing than what stands below them, and those that say nothing."""
    told = {one.heading: one for one in said}
    has = Counter(one.key for one in said if not one.whose)
    for heading in headings:
        cells = samples[heading]
        one = told.get(heading)
        if len(cells) < 1:
            continue
        if one is not None:
            told[heading] = _corrected(one, cells, has)
            continue
        key = _sniffed(cells, has)
        if key is not None:
            told[heading] = _Said(heading, key)
            has[key] += 1
    return [told[heading] for heading in headings if heading in told]


def _corrected(one: _Said, cells: list[str], has: Counter[str]) -> _Said:
    if one.key == "room" and not has["building"] and mostly(cells, FULL_DOOR.search):
        return _Said(one.heading, "door", one.whose, one.number)
    if one.key in ("name", "phone", "head") and mostly(cells, _is_name_phone):
        return _Said(one.heading, "name_phone", one.whose, one.number)
    if one.key == "hukou_place" and mostly(cells, lambda c: words.narrow(c) in words.HUKOU):
        return _Said(one.heading, "hukou", one.whose, one.number)
    return one


_SNIFFS: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("id_number", is_id_number),
    ("phone", is_mobile),
    ("sex", lambda cell: cell in ("男", "女")),
    ("relation", lambda cell: words.narrow(cell) in words.RELATIONS),
    ("door", is_door),
)


def _sniffed(cells: list[str], has: Counter[str]) -> str | None:
    for key, holds in _SNIFFS:
        if not has[key] and not (key == "door" and has["room"]) and mostly(cells, holds):
            return key
    if not has["name"] and not has["name_phone"] and not has["head"]:
        different = len(set(cells)) * 2 > len(cells)
        if different and mostly(cells, looks_a_name):
            return "name"
        if mostly(cells, _is_name_phone):
            return "name_phone"
    if not has["birth"] and mostly(cells, _is_birth):
        return "birth"
    return None


def _is_name_phone(cell: str) -> bool:
    found = _PHONE.search(cell)
    return bool(found) and is_han(cell.replace(found[0] if found else "", ""))


def _is_birth(cell: str) -> bool:
    """A day long ago; a day of last year is when somebody came, not when they were born."""
    day = read_date(cell).value
    return day is not None and day.year < 2000


def _things_by_content(
    kind: str, said: list[_Said], headings: Sequence[str], samples: Mapping[str, list[str]]
) -> list[_Said]:
    """Columns of a register's table whose headings say nothing, by what only they can hold."""
    told = {one.heading: one for one in said}
    has = {one.key for one in said}
    known = targets(kind)
    phones = [key for key in known if key.startswith("p.")][:1]
    sniffs: list[tuple[str, Callable[[str], object]]] = [
        ("credit_code", lambda cell: read_credit_code(cell).value),
        ("plate", lambda cell: read_plate(cell).value),
        *((key, is_mobile) for key in phones),
        ("door", is_door),
    ]
    for heading in headings:
        cells = samples[heading]
        if heading in told or not cells:
            continue
        for key, holds in sniffs:
            if key in known and key not in has and mostly(cells, holds):
                told[heading] = _Said(heading, key)
                has.add(key)
                break
    return [told[heading] for heading in headings if heading in told]


# -- together -----------------------------------------------------------------------------------


def _gather(kind: str, said: list[_Said], samples: Mapping[str, list[str]]) -> Meaning:
    plain = {one.key for one in said if not one.whose}
    heads = [one for one in said if one.whose and MEMBERS[one.whose] == "head"]
    columns: dict[str, list[str]] = {}
    groups: dict[tuple[str, int], dict[str, tuple[str, ...]]] = {}
    for one in said:
        if not one.whose or kind != PEOPLE:
            columns.setdefault(one.key, []).append(one.heading)
        elif one in heads:
            # 户主姓名 beside 姓名 says who heads the household; alone it is the row's person.
            if "name" in plain or "name_phone" in plain:
                if one.key == "name":
                    columns.setdefault("head", []).append(one.heading)
            else:
                columns.setdefault(one.key, []).append(one.heading)
        else:
            groups.setdefault((one.whose, one.number), {})[one.key] = (one.heading,)
    if "name" not in columns and "name_phone" not in columns and "head" in columns:
        columns["name"] = columns.pop("head")
    members = tuple(
        Member(MEMBERS[whose], own)
        for (whose, _), own in groups.items()
        if "name" in own or "name_phone" in own
    )
    return Meaning(
        {key: _chosen(key, found, samples) for key, found in columns.items()}, members
    )


def _chosen(key: str, found: list[str], samples: Mapping[str, list[str]]) -> tuple[str, ...]:
    """One column, the fullest; needs are gathered from all."""
    if key == "tags":
        return tuple(found)
    return (max(found, key=lambda heading: len(samples[heading])),)
