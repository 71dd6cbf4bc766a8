"""Conditions of questions: a small, safe part of the XLSForm language, kept as data.

What is read: `${key}`, `.`, texts in quotes, numbers, `today()`, comparisons, `and`, `or`, `not()`,
`selected()`, `count-selected()`, `string-length()`, `true()` and `false()`. A condition is a list,
its first item saying what it is, so that a phone reads the same data and nothing is ever run as
code: `["=", ["q", "dogs"], ["v", "yes"]]`. Everything else is refused by its name.

XLSForm: https://xlsform.org/en/ref-table/ (operators and functions).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, TypeGuard

#: A condition or a term, as JSON has it.
Node: TypeAlias = list[Any]
#: Answers of a door, and of one person of it, by question.
Answers: TypeAlias = Mapping[str, Any]

TEXT_MAX = 500
DEPTH_MAX = 20

COMPARED = ("=", "!=", "<=", ">=", "<", ">")
_TOKEN = re.compile(
    r"""\s*(?:
      \$\{\s*(?P<q>[A-Za-z_][\w.-]*)\s*\}
    | (?P<n>\d+(?:\.\d+)?)
    | '(?P<s>[^']*)' | "(?P<d>[^"]*)"
    | (?P<name>[A-Za-z_][A-Za-z0-9_-]*(?::[A-Za-z0-9_-]+)?)
    | (?P<op>!=|<=|>=|=|<|>|\(|\)|,|\.|[-+*|/])
    )""",
    re.VERBOSE,
)
#: What both sides read as a number; a phone's script has the same line.
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,6})?", re.ASCII)


class Unreadable(ValueError):
    """A condition beyond what is read; `what` names the part."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def parse(text: str) -> Node | None:
    """A condition from XLSForm's writing; None for an empty one. Raises Unreadable."""
    if not text.strip():
        return None
    if len(text) > TEXT_MAX:
        raise Unreadable(text[:20] + "…")
    reader = _Reader(list(_tokens(text)))
    found = reader.either(0)
    if reader.at < len(reader.tokens):
        raise Unreadable(reader.tokens[reader.at][1])
    return found


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    # Typographic quotes come from word processors and mean the straight ones.
    text = text.translate({0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"'})
    at = 0
    while text[at:].strip():
        found = _TOKEN.match(text, at)
        if found is None:
            raise Unreadable(text[at:].strip()[:20])
        kind = str(found.lastgroup)
        yield ("s" if kind == "d" else kind), found[kind]
        at = found.end()


class _Reader:
    """Reads tokens by the rules, loosest first: or, and, comparison, term."""

    def __init__(self, tokens: Sequence[tuple[str, str]]) -> None:
        self.tokens = tokens
        self.at = 0

    def _next(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def _take(self, op: str) -> bool:
        if self._next() == ("op", op):
            self.at += 1
            return True
        return False

    def _want(self, op: str) -> None:
        if not self._take(op):
            raise Unreadable(self._next()[1] or op)

    def _joined(self, word: str, part: Callable[[int], Node], depth: int) -> Node:
        if depth > DEPTH_MAX:
            raise Unreadable("(((")
        parts = [part(depth + 1)]
        while self._next() == ("name", word):
            self.at += 1
            parts.append(part(depth + 1))
        return parts[0] if len(parts) == 1 else [word, *parts]

    def either(self, depth: int) -> Node:
        return self._joined("or", self._both, depth)

    def _both(self, depth: int) -> Node:
        return self._joined("and", self._compared, depth)

    def _compared(self, depth: int) -> Node:
        left = self._term(depth)
        kind, op = self._next()
        if kind == "op" and op in COMPARED:
            self.at += 1
            return [op, left, self._term(depth)]
        return left

    def _term(self, depth: int) -> Node:
        kind, text = self._next()
        self.at += 1
        if kind == "q":
            return ["q", text]
        if kind == "s":
            return ["v", text]
        if kind == "n":
            return ["v", float(text) if "." in text else int(text)]
        if kind == "op" and text == ".":
            return ["it"]
        if kind == "op" and text == "-" and self._next()[0] == "n":
            number = self._term(depth)[1]
            return ["v", -number]
        if kind == "op" and text == "(":
            inner = self.either(depth + 1)
            self._want(")")
            return inner
        if kind == "name":
            return self._function(text, depth)
        raise Unreadable(text or "…")

    def _function(self, name: str, depth: int) -> Node:
        if name not in (
            "not",
            "selected",
            "count-selected",
            "string-length",
            "today",
            *_TRUTHS,
        ):
            raise Unreadable(name)
        self._want("(")
        if name in _TRUTHS:
            self._want(")")
            return ["v", _TRUTHS[name]]
        if name == "today":
            self._want(")")
            return ["today"]
        first = self.either(depth + 1) if name == "not" else self._term(depth + 1)
        made: Node = [_FUNCTIONS[name], first]
        if name == "selected":
            self._want(",")
            code = self._term(depth + 1)
            if code[0] != "v":
                raise Unreadable("selected")
            made = ["has", first, str(code[1])]
        self._want(")")
        return made


_TRUTHS = {"true": True, "false": False}
_FUNCTIONS = {
    "not": "not",
    "selected": "has",
    "count-selected": "count",
    "string-length": "len",
}


# -- what it says ----------------------------------------------------------------------------


def holds(node: Node | None, answers: Answers, it: Any = "", today: str = "") -> bool:
    """Whether a condition holds; no condition does. What was not answered is an empty text, as
    in XLSForm; less and more are never true of it."""
    return node is None or _true(_value(node, answers, it, today))


def _value(node: Node, answers: Answers, it: Any, today: str) -> Any:
    what, parts = node[0], node[1:]
    if what == "v":
        return parts[0]
    if what == "q":
        return _plain(answers.get(parts[0], ""))
    if what == "it":
        return _plain(it)
    if what == "today":
        return today
    if what == "and":
        return all(_true(_value(part, answers, it, today)) for part in parts)
    if what == "or":
        return any(_true(_value(part, answers, it, today)) for part in parts)
    first = _value(parts[0], answers, it, today)
    if what == "not":
        return not _true(first)
    if what == "has":
        return parts[1] in _text(first).split()
    if what == "count":
        return len(_text(first).split())
    if what == "len":
        return len(_text(first))
    return _compare(what, first, _value(parts[1], answers, it, today))


def _plain(value: Any) -> Any:
    """Yes and no are written as choices are."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else value


def _true(value: Any) -> bool:
    return value not in ("", 0, False)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _number(value: Any) -> float | None:
    text = _text(value)
    return float(text) if _NUMBER.fullmatch(text) else None


def _compare(op: str, left: Any, right: Any) -> bool:
    a, b = _number(left), _number(right)
    if a is not None and b is not None:
        return _ordered(op, (a > b) - (a < b))
    one, other = _text(left), _text(right)
    if op not in ("=", "!=") and ("" in (one, other) or a is not None or b is not None):
        return False
    return _ordered(op, (one > other) - (one < other))


def _ordered(op: str, sign: int) -> bool:
    return {
        "=": sign == 0,
        "!=": sign != 0,
        "<": sign < 0,
        ">": sign > 0,
        "<=": sign <= 0,
        ">=": sign >= 0,
    }[op]


def is_node(value: object) -> TypeGuard[Node]:
    """Whether it is a list at all."""
    return isinstance(value, list)


def _parts(node: Node) -> list[Node]:
    return [part for part in node[1:] if is_node(part)]


def keys_of(node: Node | None) -> set[str]:
    """The questions it speaks of."""
    if node is None or node[0] == "v":
        return set()
    if node[0] == "q":
        return {str(node[1])}
    return {key for part in _parts(node) for key in keys_of(part)}


def depends_on_the_day(node: Node | None) -> bool:
    """Whether it may hold today and not tomorrow."""
    return node is not None and (
        node[0] == "today" or any(depends_on_the_day(part) for part in _parts(node))
    )


def well_formed(node: Any, depth: int = 0) -> bool:
    """Whether data from elsewhere is a condition."""
    if not is_node(node) or not node or depth > DEPTH_MAX + 2:
        return False
    what, parts = node[0], node[1:]
    if what == "v":
        return len(parts) == 1 and isinstance(parts[0], str | int | float)
    if what == "q":
        return len(parts) == 1 and isinstance(parts[0], str)
    if what in ("it", "today"):
        return not parts
    if what == "has":
        return (
            len(parts) == 2 and isinstance(parts[1], str) and well_formed(parts[0], depth + 1)
        )
    sizes = {"not": (1, 1), "count": (1, 1), "len": (1, 1), "and": (2, 40), "or": (2, 40)}
    least, most = sizes.get(what, (2, 2) if what in COMPARED else (1, 0))
    return least <= len(parts) <= most and all(well_formed(part, depth + 1) for part in parts)


# -- written again -----------------------------------------------------------------------------


def written(node: Node | None) -> str:
    """A condition in XLSForm's writing; "" for none."""
    return "" if node is None else _written(node, 0)


_LOOSE = {"or": 1, "and": 2}


def _written(node: Node, around: int) -> str:
    what, parts = node[0], node[1:]
    if what == "q":
        return f"${{{parts[0]}}}"
    if what == "it":
        return "."
    if what == "today":
        return "today()"
    if what == "v":
        return _quoted(parts[0])
    if what == "has":
        return f"selected({_written(parts[0], 3)}, {_quoted(parts[1])})"
    if what in ("not", "count", "len"):
        name = {"not": "not", "count": "count-selected", "len": "string-length"}[what]
        return f"{name}({_written(parts[0], 0)})"
    own = _LOOSE.get(what, 3)
    made = f" {what} ".join(_written(part, own + (own == 3)) for part in parts)
    return f"({made})" if around > own or (around == own == 3) else made


def _quoted(value: Any) -> str:
    if isinstance(value, bool):
        return "true()" if value else "false()"
    if isinstance(value, int | float):
        return _text(value)
    return f'"{value}"' if "'" in value else f"'{value}'"
