"""Which class is this report? Words, weights and a reason; nothing hidden.

A report is a sentence or two written in haste. Known words are looked for in it, each the
longest that fits where it stands (“消防通道” is not also “消防”), and each votes for one class
with its weight, once. A rule may be two words joined by “+”, which need only both be there:
“老人+联系不上” meets “老人三天了都联系不上”. A word without a class votes for nothing and hides
the shorter words inside it (“垃圾分类” is no heap of rubbish).

The most votes win, unless a word was plain speech; a tie goes to the longer words, then to what
was said first. The answer
carries the words that decided, so that a dispatcher sees why and corrects it with one click,
and the table grows by that.
"""

from collections.abc import Container, Iterable, Mapping
from functools import cache
from itertools import compress
from operator import add
from typing import NamedTuple, Self

from wangge.cases.taxonomy import data_rows, starter_classes
from wangge.kernel.i18n import Locale
from wangge.kernel.refusals import Invalid, Problem
from wangge.kernel.said import said, worded

ENOUGH = 2
"""A class needs this many votes; a lone weak word (weight 1) decides nothing, and no number of
weak words counts for more than this: they say where something is, or who speaks (a school, a
housing estate), and anything that says what happened outweighs them."""

PLAIN = 6
"""A word of this weight is plain speech for danger or for one thing only (“电梯困人”, “燃气味”): no
number of ordinary words outweighs it."""

_LONGEST_TEXT = 4000
_WORDS = "第 {row} 行「{column}」的值「{value}」不对:{way_out}。"


class Vote(NamedTuple):
    """What a word says: this class, with this weight. No class: the word only hides others."""

    word: str
    code: str
    weight: int


class Classification(NamedTuple):
    """A class or none, the words that decided, and how sure the words are.

    ``template`` is Chinese and filled with the other fields; use ``reason``, or ``kept`` for
    a row.
    ``others`` are runner-up codes, best first, to offer beside the answer.
    """

    code: str | None
    name: str
    words: tuple[str, ...]
    score: int
    others: tuple[str, ...]
    template: str

    @property
    def reason_zh(self) -> str:
        return self.reason("zh")

    def reason(self, locale: Locale) -> str:
        return worded(locale, self.kept(self.name))

    def kept(self, name: str | Mapping[str, str]) -> str:
        """The reason as it is stored; `name` is the class's, in both languages when known."""
        words = "”“".join(self.words)
        return said(self.template, code=self.code, name=name, words=f"“{words}”")


class Keywords:
    """A word table made ready for looking up. Build with ``of`` or ``parse_keywords``."""

    __slots__ = ("_pairs", "_sizes", "_votes", "_words", "names")

    def __init__(self, votes: Iterable[Vote], names: Mapping[str, str]) -> None:
        self.names = dict(names)
        self._votes: dict[str, Vote] = {}
        self._pairs: dict[str, list[tuple[frozenset[str], Vote]]] = {}
        parts: set[str] = set()
        for vote in votes:
            word = vote.word.lower()
            if "+" in word:
                needed = frozenset(word.split("+"))
                parts |= needed
                # Filed under one part: the rule is looked at only when that part was seen.
                key = max(sorted(needed), key=len)
                self._pairs.setdefault(key, []).append((needed, vote))
            else:
                self._votes[word] = vote
        self._words = frozenset({*self._votes, *parts})
        sizes: dict[str, set[int]] = {}
        for word in self._words:
            if len(word) < 2:
                raise ValueError(f"a word of one character says nothing: {word}")
            sizes.setdefault(word[:2], set()).add(len(word))
        # By the first two characters: how long the words are that begin so, longest first.
        self._sizes = {pair: tuple(sorted(found)[::-1]) for pair, found in sizes.items()}

    def __len__(self) -> int:
        return len(self._votes) + sum(len(pairs) for pairs in self._pairs.values())

    def votes(self) -> list[Vote]:
        """The table again, in no particular order."""
        pairs = (vote for rules in self._pairs.values() for _, vote in rules)
        return [*self._votes.values(), *pairs]

    def only(self, codes: Container[str]) -> Self:
        """The table for those classes; in peacetime, the ones that need no response."""
        votes = (vote for vote in self.votes() if not vote.code or vote.code in codes)
        names = {code: name for code, name in self.names.items() if code in codes}
        return type(self)(votes, names)

    def found(self, text: str) -> list[Vote]:
        """The votes of a lower-case text, in the order of the words, each word once."""
        sizes, words, table = self._sizes, self._words, self._votes
        seen: dict[str, None] = {}
        votes: dict[str, Vote] = {}
        covered, length = 0, len(text)
        known = map(sizes.__contains__, map(add, text, text[1:]))
        for index in compress(range(length - 1), known):
            for size in sizes[text[index : index + 2]]:
                end = index + size
                word = text[index:end]
                if end > length or word not in words:
                    continue
                if word[0] <= "z" and not _stands_alone(text, index, end):
                    continue
                seen[word] = None
                if end <= covered:
                    break
                vote = table.get(word)
                if vote is not None:
                    votes[word] = vote
                    covered = end
                    break
                # a part of a pair hides nothing: a shorter word may still vote
        for word in seen:
            for needed, vote in self._pairs.get(word, ()):
                if needed <= seen.keys():
                    votes[vote.word] = vote
        return list(votes.values())


def classify(text: str, chosen: str | None, keywords: Keywords) -> Classification:
    """The class of a report: what the reporter chose, else what the words say, else none."""
    if chosen is not None and chosen in keywords.names:
        name = keywords.names[chosen]
        return Classification(chosen, name, (), 0, (), "填报人选定 {code} {name}")
    votes = keywords.found(text[:_LONGEST_TEXT].lower())
    merits: dict[str, tuple[bool, int, int]] = {}
    weak: dict[str, int] = {}
    for word, code, weight in votes:
        if code:
            plain, score, longest = merits.get(code, (False, 0, 0))
            if weight == 1:
                weak[code] = weak.get(code, 0) + 1
                weight = 1 if weak[code] <= ENOUGH else 0
            merits[code] = plain or weight >= PLAIN, score + weight, max(longest, len(word))
    # A dict keeps the order in which the codes were first said, and sorting is stable.
    order = list(merits)
    if len(order) > 1:
        order.sort(key=merits.__getitem__, reverse=True)
    best = order[0] if order else None
    if best is None:
        template = (
            "没有认出关键词,请人工选择分类" if text.strip() else "没有文字,请人工选择分类"
        )
        return Classification(None, "", (), 0, (), template)
    words = tuple([word.replace("+", "…") for word, code, _ in votes if code == best])
    score = merits[best][1]
    if score < ENOUGH:
        template = "只有 {words},不足以判断,请人工选择分类"
        return Classification(None, "", words, score, tuple(order[:3]), template)
    template = "因 {words} 归为 {code} {name}"
    name = keywords.names.get(best, "")
    return Classification(best, name, words, score, tuple(order[1:4]), template)


def parse_keywords(
    rows: Iterable[Mapping[str, str | None]], names: Mapping[str, str], *, first_row: int = 2
) -> Keywords:
    """Read a word table (word, code, weight, language); raises Invalid with every wrong cell.

    ``names`` are the known classes, code to name. An empty code marks a word that only hides
    the shorter words inside it.
    """
    votes: dict[str, Vote] = {}
    problems: list[Problem] = []

    def wrong(number: int, column: str, value: str, way_out: str) -> None:
        values = {"row": number, "column": column, "value": value, "way_out": way_out}
        problems.append(Problem(column, _WORDS, number, values))

    for number, row in enumerate(rows, first_row):
        word = (row.get("word") or "").strip().lower()
        code = (row.get("code") or "").strip()
        weight = (row.get("weight") or "").strip()
        if any(len(part) < 2 for part in word.split("+")):
            wrong(number, "word", word, "关键词(加号两边各算一个)至少两个字")
        elif word in votes:
            wrong(number, "word", word, "这个词前面已经有了,请删掉一行")
        elif code and code not in names:
            wrong(number, "code", code, "没有这个分类编码,请先在分类表里建立")
        elif not (weight.isdecimal() and int(weight) <= 9 and (int(weight) > 0) == bool(code)):
            wrong(number, "weight", weight, "权重是 1 到 9 的整数;没有编码的词填 0")
        else:
            votes[word] = Vote(word, code, int(weight))
    if problems:
        raise Invalid.all(problems)
    return Keywords(votes.values(), names)


@cache
def starter_keywords() -> Keywords:
    """The words that come with the product, for its own classes, Chinese and English."""
    names = {known.code: known.name_zh for known in starter_classes()}
    return parse_keywords(data_rows("keywords.csv"), names)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """An English word may not be a piece of a longer one; Chinese has no such marks."""
    if _is_letter(text[start]) and start > 0 and _is_letter(text[start - 1]):
        return False
    return not (_is_letter(text[end - 1]) and end < len(text) and _is_letter(text[end]))


def _is_letter(mark: str) -> bool:
    return mark.isascii() and mark.isalnum()
