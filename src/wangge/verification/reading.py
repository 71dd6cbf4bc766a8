"""A list's rows read: what each says of a person, and what of its contacts. Pure."""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from wangge.kernel.refusals import Invalid
from wangge.matching.dates import DateReading, DayOrder, order_of, read_dates
from wangge.matching.linking import Said, say
from wangge.matching.linking.rows import Key, itself
from wangge.matching.names import tidy
from wangge.solvers.contacts import Entry
from wangge.verification.columns import DATES, WORDS, Columns

#: What lists write for a sex.
SEXES = {
    "男": "male", "m": "male", "male": "male", "男性": "male", "女": "female", "f": "female",
    "female": "female", "女性": "female",
}  # fmt: skip
#: Why a date tells no day, where that is for somebody to say.
_UNREAD = frozenset({"no_day", "no_year", "short_year", "era", "unreadable"})
_TOKEN = re.compile(r"[A-Za-z]*-?_?\d+")
_ONLY = re.compile(r"[\s\d,,、;;/和与及号()()]*")
_NUMBERED = re.compile(
    r"(?:病例|编号|第|case|cases|no\.?|#)\s*[A-Za-z]*-?_?(\d+)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a list: its number in the file and its cells."""

    number: int
    cells: tuple[str, ...]


def must_have_rows(count: int) -> None:
    """A list of nobody has nothing to check. Raises Invalid."""
    if not count:
        raise Invalid.of("file", "名单里一行也没有。请看看是不是选错了文件或工作表。")


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads rows of one list. `door` says which door an address means, `id_key` and `phone_key` make
    the register's keys."""

    columns: Columns
    today: date
    door: Callable[[str], Hashable | None] = field(default=lambda _: None)
    id_key: Key = itself
    phone_key: Key = itself

    def said(self, cells: Sequence[str], *, placed: bool = True) -> Said:
        """What a row says of a person; not `placed`, its address is left unread."""
        of = self.columns.of
        return say(
            of(cells, "name"),
            of(cells, "id_number"),
            of(cells, "phone"),
            today=self.today,
            sex=SEXES.get(of(cells, "sex").lower(), ""),
            age=of(cells, "age"),
            birth=of(cells, "birth"),
            door=self.door_of(cells) if placed else None,
            id_key=self.id_key,
            phone_key=self.phone_key,
        )

    def door_of(self, cells: Sequence[str]) -> Hashable | None:
        """The door a row's address means, if it is sure."""
        address = self.columns.of(cells, "address")
        return self.door(address) if address else None


@dataclass(frozen=True, slots=True)
class Whole:
    """What all rows of a list tell together: the order of day and month in its dates, what its entries
    are called, the shapes of that (TJ# for TJ24), and the names that one entry only has."""

    order: DayOrder
    known: frozenset[str]
    shapes: frozenset[str]
    names: Mapping[str, str]


def whole_of(lines: Sequence[Line], columns: Columns, latest: date | None = None) -> Whole:
    """What the rows tell together; `latest`: the day on which they were brought."""
    keys = [key_of(line, columns) for line in lines]
    called = [tidy(columns.of(line.cells, "name")) for line in lines]
    once = {name for name, count in Counter(called).items() if name and count == 1}
    texts = (columns.of(line.cells, name) for line in lines for name in DATES)
    known = frozenset(keys)
    return Whole(
        order_of(texts, latest),
        known,
        frozenset(shape for key in known if (shape := _shape(key)) != "#"),
        {name: key for name, key in zip(called, keys, strict=True) if name in once},
    )


def entries_of(
    lines: Sequence[Line],
    columns: Columns,
    people: Mapping[int, Hashable] | None = None,
    whole: Whole | None = None,
) -> list[Entry]:
    """The contacts of a list, or of a part of one (then `whole` is the list's). `people` says whom a
    row means, by its number."""
    people = people or {}
    whole = whole_of(lines, columns) if whole is None else whole
    there = [name for name in DATES if name in columns.at]
    texts = [columns.of(line.cells, name) for line in lines for name in there]
    readings = read_dates(texts, whole.order)
    found: list[Entry] = []
    for at, line in enumerate(lines):
        first = at * len(there)
        read = dict(zip(there, readings[first : first + len(there)], strict=True))
        odd = [
            {
                WORDS[name]: columns.of(line.cells, name)
                for name, one in read.items()
                if one.problem in problems
            }
            for problems in (("no_such_day", "range"), ("order",))
        ]
        unread = tuple(WORDS[name] for name, one in read.items() if one.problem in _UNREAD)
        found.append(
            Entry(
                key_of(line, columns),
                _mentioned(line, columns, "linked", whole),
                _mentioned(line, columns, "source", whole),
                start=_day(read, "start"),
                end=_day(read, "end"),
                onset=_day(read, "onset"),
                person=people.get(line.number),
                bad_dates=odd[0],
                unclear_dates=odd[1],
                unread_dates=unread,
            )
        )
    return found


def _mentioned(line: Line, columns: Columns, name: str, whole: Whole) -> tuple[str, ...]:
    return mentions(columns.of(line.cells, name), whole.known, whole.shapes, whole.names)


def mentions(
    text: str,
    known: Set[str],
    shapes: Set[str] = frozenset(),
    names: Mapping[str, str] = MappingProxyType({}),
) -> tuple[str, ...]:
    """The entries that a cell names, each once. Bare numbers count where the cell is nothing but
    numbers, or where a word says that they are entries (1号病例); 20 January is none.
    An entry that the list has not counts when it is written as one of `shapes` (TJ# for TJ24); a
    name counts when one entry only has it (`names`)."""
    if not text or not text.strip():
        return ()
    if text.strip() in known:
        return (text.strip(),)
    found: dict[str, None] = {
        names[word]: None for word in re.split(r"[\s,,、;;/()()]+", text) if word in names
    }
    numbers_only = _ONLY.fullmatch(text) is not None
    said = {one[1] for one in _NUMBERED.finditer(text)}
    said |= {one[1] for one in re.finditer(r"(\d+)\s*号", text)}
    for token in _TOKEN.findall(text):
        if (
            (token in known and (not token.isdigit() or numbers_only or token in said))
            or (not token.isdigit() and _shape(token) in shapes)
            or (token.isdigit() and numbers_only)
        ):
            found[token] = None
    return tuple(found)


def _day(read: Mapping[str, DateReading], name: str) -> date | None:
    return read[name].value if name in read else None


def key_of(line: Line, columns: Columns) -> str:
    """What the list calls a row; one without a number is called by its place, as no number is."""
    return columns.of(line.cells, "key") or f"第{line.number}行"


def _shape(key: str) -> str:
    return re.sub(r"\d+", "#", key)
