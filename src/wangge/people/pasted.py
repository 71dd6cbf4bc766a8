"""Pasted text as a table: cells out of a spreadsheet, or a chat where every line is a person.

`1-1-901 张某某 199…`, `3幢2单元502 李某某(户主)199… 王某某 199…`, numbered or not, with the names
and times of whoever wrote into the chat between them.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from wangge.kernel.headings import Heading
from wangge.kernel.refusals import Invalid, Problem
from wangge.kernel.sheets import Row, Table, open_table
from wangge.matching import read_id_number
from wangge.matching.addresses.spelling import number
from wangge.matching.names import is_full, is_han, note_of, tidy
from wangge.people import words

#: Characters of a pasted text, and lines.
TEXT_MAX, LINES_MAX = 2_000_000, 20_000
HEADINGS = ("门牌", "姓名", "与户主关系", "性别", "身份证号", "联系电话", "说明")

_WHO = re.compile(
    r"^\s*\S{1,20}\s+(\d{4}[-/年.]\d{1,2}[-/月.]\d{1,2}日?\s+)?(上午|下午|早上|晚上|昨天|星期.)?\s*\d{1,2}:\d{2}(:\d{2})?\s*$"
    r"|^\s*[^\d\s]{1,12}[::]\s*$|^\s*#?接龙|^\s*例[::]?\s|^\s*-{3,}|^\s*—{2,}|^\s*={3,}"
)
_NUMBERED = re.compile(r"^\s*[\[((]?\d{1,3}[\]))]?[.、)]\s*(?=\S)")
_SPEAKER = re.compile(r"^\s*([^\d\s::]{1,12})[::]\s*(?=\S)")
_ID = re.compile(r"(?<![0-9A-Za-z])(\d{17}[0-9Xx]|\d{15})(?![0-9A-Za-z])")
_PHONE = re.compile(
    r"(?<!\d)(?:\+?86[- ]?)?(1\d{2}[- ]?\d{4}[- ]?\d{4}|0\d{2,3}-\d{7,8}|[2-9]\d{6,7})(?!\d)"
)
_DOOR = re.compile(
    r"[A-Za-z]?\d{1,4}[A-Za-z]?"
    r"(?:\s*(?:号楼|幢|栋|座|#楼|#|号|楼|单元|单|梯|层|室|房|户(?!主)|[-—–_~/\\.])\s*"
    r"[A-Za-z]?\d{0,4}[A-Za-z]?)+"
)
#: Blanks that part a word of an address: 二 期, 单 元, ( 二期.
_PARTED = re.compile(
    r"(?<=[\u3400-\u9fff\d])\s+(?=期)|(?<=单)\s+(?=元[\dA-Za-z])|(?<=\()\s+|\s+(?=\))"
)
_PHASE = r"(?:\(?第?[一二三四五六七八九十\d]{1,2}期\)?\s*第?)"
#: What may stand between two numbers of one address: 晚枫路701号 月松新村 4号, 1期 7幢.
_BETWEEN = re.compile(
    r"\s*(?:[\u3400-\u9fff]{1,8}(?:新村|小区|花园|公寓|家园|雅居|社区|大厦|[苑庭园城府湾居村里院区])\s*)?"
    rf"{_PHASE}?"
)
_HAN_BEFORE = re.compile(rf"([\u3400-\u9fff]{{2,}})\s*{_PHASE}?$")
#: Names of estates and roads end so; shorter endings (里, 园) end names of people as well.
_ESTATE = re.compile(
    r"(?:新村|小区|花园|公寓|家园|雅居|社区|大厦|广场|大院|家属院|宿舍|[苑庭路街巷弄])$"
)
_NUMERALS = "一二三四五六七八九十百零〇两"
_COUNT = re.compile(r"^\d{1,2}\s*(?:人|口|岁|个)$|^共\d+人$")
_NUMERAL = re.compile(
    rf"[{_NUMERALS}]+(?=幢|栋|座|号|单|楼|层|室|#)"
    rf"|(?<=[幢栋座单元楼号#])[{_NUMERALS}]{{3,4}}(?![\u3400-\u9fff])"
)
_SPLIT = re.compile(r"[\s,,、;;|/]+")


@dataclass
class _Person:
    name: str = ""
    relation: str = ""
    sex: str = ""
    id_number: str = ""
    phone: str = ""
    more: list[str] = field(default_factory=list[str])


def open_pasted(text: str, name: str, known: Callable[[str], bool]) -> Table:
    """Pasted text as a table. With a line of headings it is read as a spreadsheet's cells are,
    else line by line.

    Raises Invalid for no text, too long a text, or one in which nobody is named, and the refusals
    of `open_table`.
    """
    if not text.strip():
        raise Invalid.of("text", "请先粘贴内容。")
    if len(text) > TEXT_MAX:
        raise Invalid.of("text", "粘贴的内容太长,请存成文件再上传。")
    head = [line for line in text.splitlines() if line.strip()][:30]
    if any(_is_heading(line, known) for line in head):
        return open_table(text.encode(), name, known=known, sections=True)
    notes: list[Problem] = []
    rows = list(_rows(text, notes))
    if not rows:
        raise Invalid.of("text", "没有看出人名。请每行写一人,例如:1-1-901 张某某 电话。")
    heading = Heading(0, 0, HEADINGS, tuple((one,) for one in HEADINGS), ())
    return Table(heading, iter(rows), "text", (), "", notes)


def decoded(data: bytes) -> str:
    """A text file as it was saved: UTF-8, or what older programs save (GB 18030). Raises Invalid for
    one that is too long or neither."""
    if len(data) > 4 * TEXT_MAX:
        raise Invalid.of("text", "粘贴的内容太长,请存成文件再上传。")
    for codec in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    raise Invalid.of("text", "读不懂这个文本文件的编码,请另存为 UTF-8。")


def _is_heading(line: str, known: Callable[[str], bool]) -> bool:
    cells = [cell for cell in re.split(r"[\t,,;;]", line) if cell.strip()]
    return sum(known(cell) for cell in cells) >= 2


def _rows(text: str, notes: list[Problem]) -> Iterator[Row]:
    door = ""
    for at, raw in enumerate(text.splitlines(), 1):
        if at > LINES_MAX:
            raise Invalid.of("text", "一次最多粘贴 {most} 行,请分几次。", most=LINES_MAX)
        line = unicodedata.normalize("NFKC", raw).strip()
        if not line:
            continue
        if _WHO.match(line):
            continue
        found, people = _line(line)
        people = [p for p in people if found or door or p.phone or p.id_number]
        if not people:
            if found and len(line) <= 20:
                door = found  # a door by itself speaks for the lines below it
            else:
                notes.append(Problem("", "第 {row} 行没有看出人名,没有读入", at, {"row": at}))
            continue
        # A door in a line of its own holds until the next; one beside a name is that name's.
        for person in people:
            yield Row(
                at,
                (
                    found or door,
                    person.name,
                    person.relation,
                    person.sex,
                    person.id_number,
                    person.phone,
                    " ".join(person.more),
                ),
            )


def people_in(cell: str) -> list[tuple[str, str, str, str, str]]:
    """People written into one cell: `李某某(配偶,电话)、王某某(儿子)`. Each as name, relation,
    identity number, phone and sex, "" where nothing is said."""
    found: list[tuple[str, str, str, str, str]] = []
    if not cell:
        return found
    for piece in re.split(r"[、;\n]+", unicodedata.normalize("NFKC", cell)):
        _, people = _line(piece.strip())
        found += [(p.name, p.relation, p.id_number, p.phone, p.sex) for p in people]
    return found


def _line(line: str) -> tuple[str, list[_Person]]:
    """The door a line names, and the people in it. Who wrote it (王某某:…) is one of them where nobody
    else is named beside a number, if it is a name that they wrote under (no 物业, no 群主)."""
    line = _NUMBERED.sub("", line.replace("\0", " "))  # `_said` marks with it what it holds
    spoken = _SPEAKER.match(line)
    if spoken is None or not re.search(r"\d", line[spoken.end() :]):
        return _said(line)
    said = line[spoken.end() :]
    door, people = _said(said)
    if people or not (_PHONE.search(said) or _ID.search(said)) or not _is_person(spoken[1]):
        return door, people
    return _said(f"{spoken[1]} {said}")


def _is_person(speaker: str) -> bool:
    name, _ = note_of(speaker)
    return (
        is_full(name)
        and words.OFFICES.search(name) is None
        and words.narrow(name) not in words.RELATIONS
        and name not in words.TALK
    )


def _said(line: str) -> tuple[str, list[_Person]]:
    line = _PARTED.sub("", line)
    line = _NUMERAL.sub(lambda found: number(found[0]) or found[0], line)
    held: list[tuple[str, str]] = []

    def keep(kind: str) -> "Callable[[re.Match[str]], str]":
        def put(found: re.Match[str]) -> str:
            held.append((kind, found[1]))
            return f" \x00{len(held) - 1}\x00 "

        return put

    line = _ID.sub(keep("id"), line)
    line = _PHONE.sub(keep("phone"), line)
    door, line = _door_in(line)
    people: list[_Person] = []
    tokens = _tokens(line)
    named = any(not one.startswith("(") and _names(one.strip(".:-")) for one in tokens)
    for token in tokens:
        _take(token, held, people, named=named)
    if not door and people:
        room = next(
            (m for m in people[0].more if re.fullmatch(r"[A-Za-z]?\d{3,4}[A-Za-z]?室?", m)), ""
        )
        if room:
            people[0].more.remove(room)
            door = room
    return door, [person for person in people if person.name]


def _tokens(line: str) -> list[str]:
    return [*filter(None, _SPLIT.split(line.replace("(", " (").replace(")", ") ")))]


def _door_in(line: str) -> tuple[str, str]:
    """The door that a line names, and the line without it."""
    place = _DOOR.search(line)
    if place is None:
        return "", line
    # What stands before the numbers without a gap names the estate: 殷家花园7幢.
    start, end = place.span()
    while start > 0 and not line[start - 1].isspace() and line[start - 1] not in ",、\x00":
        start -= 1
    while (more := _DOOR.search(line, end)) and _BETWEEN.fullmatch(line, end, more.start()):
        end = more.end()
    # An estate with a gap behind it (月松新村 3-1-102) is no person, nor is what cannot be a name
    # where somebody else is named.
    before = _HAN_BEFORE.search(line, 0, start)
    if before is not None:
        word = before[1]
        others = [
            one for one in _tokens(f"{line[: before.start()]} {line[end:]}") if _names(one)
        ]
        if len(word) > 4 or (others and (_ESTATE.search(word) or not is_full(word))):
            start = before.start()
    return "".join(line[start:end].split()).strip("-,、"), f"{line[:start]} {line[end:]}"


def _take(
    token: str, held: list[tuple[str, str]], people: list[_Person], *, named: bool
) -> None:
    """A word of a line; `named`: the line names somebody outside brackets, so that a word in them is a
    remark."""
    mark = re.fullmatch(r"\x00(\d+)\x00", token)
    last = people[-1] if people else None
    if mark:
        kind, value = held[int(mark[1])]
        if last is None:
            last = _Person()
            people.append(last)
        if kind == "id" and not last.id_number:
            last.id_number = value if read_id_number(value).value is None else value.upper()
        elif kind == "phone" and not last.phone:
            last.phone = re.sub(r"[ ]", "", value)
        else:
            last.more.append(value)
        return
    word = token.strip("().:-")
    key = words.narrow(word)
    if not word:
        return
    if key in words.RELATIONS and len(key) > 1:
        if last is None:  # 户主 王某某: said before the name
            last = _Person()
            people.append(last)
        last.relation = word
    elif last is not None and key in ("男", "女"):
        last.sex = key
    elif _COUNT.match(word) or (word.isascii() and not word.isalpha()):
        if last is None:
            last = _Person()
            people.append(last)
        last.more.append(word)
    elif _names(word) and not (named and token.startswith("(")):
        if last is not None and not last.name:
            last.name = tidy(word)
        else:
            people.append(_Person(name=tidy(word)))
    elif last is not None:
        last.more.append(word)


def _names(word: str) -> bool:
    name, _ = note_of(word)
    if word in words.TALK or word in words.EMPTY_HOME or words.narrow(word) in words.TENURES:
        return False
    return is_han(name) and 2 <= len(name) <= (15 if "·" in name else 4)
