"""Which field of the dictionary a heading means, and why we think so.

Only what is written the same way, is a known other name, or was decided before counts as *sure*;
what merely looks alike is a suggestion somebody confirms. A wrong column in a table of three
thousand people is worse than an empty one.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from wangge.forms.headings import Heading

Why = Literal["remembered", "name", "also", "with_above", "ends", "like", "filler", "none"]

#: Why, in words; `{field}` is the field's name.
WHY: Mapping[Why, str] = {
    "remembered": "以前确认过",
    "name": "与字段名相同",
    "also": "是“{field}”的另一种叫法",
    "with_above": "连同上级表头,就是“{field}”",
    "ends": "以“{field}”的叫法结尾,请确认",
    "like": "和“{field}”相近,请确认",
    "filler": "表格自用的列,不收集内容",
    "none": "字典里没有",
}

#: Below this share of common pairs of characters two headings are not alike.
ALIKE_MIN = 0.6
#: Columns every table has and nobody has to be asked for.
NUMBER, REMARK = "table.number", "table.remark"
FILLERS: Mapping[str, str] = {
    **dict.fromkeys(("序号", "编号", "序", "no", "行号", "排序"), NUMBER),
    **dict.fromkeys(("备注", "说明", "其他说明", "备注说明", "注"), REMARK),
}
#: Somebody else than the one the row is about: their telephone is not this one's.
_OTHERS = re.compile(
    "联系人|监护|配偶|父|母|负责|法人|法定|房东|出租|业主|亲属|子女|紧急|网格员|网格长|填表|填报|"
    "审核|经办|担保|介绍|陪同|医生|雇主|户主"
)

#: Words of a heading above others that say nothing: 户主信息 / 姓名 is 户主姓名.
_VAGUE = re.compile("(的?(基本)?(信息|情况|资料|内容))+$")


def plain(text: str) -> str:
    """A heading as it is compared: usual width, lower case, no blanks, marks or brackets."""
    folded = unicodedata.normalize("NFKC", text).lower()
    folded = re.sub(r"\((必填|选填|可不填|必填项|单选|多选|下拉选择|请选择)\)", "", folded)
    return re.sub(r"[\s*※★:。._/\\()\[\]【】<>《》\"'“”、,,;\-—]+", "", folded)


def _bare(text: str) -> str:
    """Without what stands in brackets: 联系电话(手机) is 联系电话."""
    folded = unicodedata.normalize("NFKC", text)
    return plain(re.sub(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】", "", folded))


@dataclass(frozen=True, slots=True)
class Known:
    """A field as far as matching goes."""

    key: str
    name: str
    also: tuple[str, ...]

    @property
    def subject(self) -> str:
        return self.key.split(".")[0]


@dataclass(frozen=True, slots=True)
class Match:
    """What a heading means. `key` is None when nothing fits; not `sure`: somebody confirms it."""

    heading: Heading
    key: str | None
    field: str
    sure: bool
    score: float
    why: Why


class Matcher:
    """Compares headings with the fields known here. Pure; made once for a dictionary.

    `remembered` are decisions of before: plain path → key ("" for none of them). `prefer`: the
    subjects a table is about, best first.
    """

    def __init__(
        self,
        fields: Iterable[Known],
        remembered: Mapping[str, str] | None = None,
        prefer: Sequence[str] = ("resident", "household", "dwelling", "area"),
    ) -> None:
        order = {subject: place for place, subject in enumerate(prefer)}
        self._fields = sorted(fields, key=lambda f: order.get(f.subject, len(order)))
        self._remembered = dict(remembered or {})
        self._names: dict[str, Known] = {}
        self._also: dict[str, Known] = {}
        for field in self._fields:
            self._names.setdefault(plain(field.name), field)
            for other in field.also:
                self._also.setdefault(plain(other), field)
        self._by_key = {field.key: field for field in self._fields}
        # Longest first, so that 联系电话 is found before 电话.
        self._endings = sorted(
            {**self._also, **self._names}.items(), key=lambda item: -len(item[0])
        )
        self._pairs = [
            (_pairs(word), field)
            for word, field in {**self._also, **self._names}.items()
            if len(word) > 1
        ]

    def known(self, text: str) -> bool:
        """Whether a text is surely a heading."""
        word = plain(text)
        return (
            word in self._names
            or word in self._also
            or word in FILLERS
            or _bare(text) in self._names
        )

    def match(self, heading: Heading) -> Match:
        """The best there is for one heading."""
        path = "|".join(plain(text) for text in heading.path)
        if path in self._remembered:
            key = self._remembered[path]
            field = self._by_key.get(key)
            if field is not None or not key:
                name = field.name if field else ""
                return Match(heading, key or None, name, True, 1.0, "remembered")
        leaf = plain(heading.leaf)
        if filler := FILLERS.get(leaf):
            return Match(heading, filler, heading.leaf, True, 1.0, "filler")
        for above in reversed(heading.path[:-1]):
            group = _VAGUE.sub("", plain(above))
            if group and (found := self._exactly(group + leaf)):
                return Match(heading, found.key, found.name, True, 1.0, "with_above")
        other = any(_OTHERS.search(above) for above in heading.path[:-1])
        for word in dict.fromkeys((leaf, _bare(heading.leaf))):
            if not word or other:
                continue
            if word in self._names:
                field = self._names[word]
                return Match(heading, field.key, field.name, True, 1.0, "name")
            if word in self._also:
                field = self._also[word]
                return Match(heading, field.key, field.name, True, 1.0, "also")
        return self._guess(heading, leaf, other)

    def _exactly(self, word: str) -> Known | None:
        return self._names.get(word) or self._also.get(word)

    def _guess(self, heading: Heading, leaf: str, other: bool) -> Match:
        nothing = Match(heading, None, "", False, 0.0, "none")
        if other or len(leaf) < 2 or not self._pairs:
            return nothing
        for ending, field in self._endings:
            if len(ending) < 2 or not leaf.endswith(ending):
                continue
            before = leaf[: -len(ending)]
            if not _OTHERS.search(before):
                return Match(heading, field.key, field.name, False, 0.8, "ends")
            return nothing
        if _OTHERS.search(leaf):
            return nothing
        mine = _pairs(leaf)
        scored = [(_alike(mine, theirs), field) for theirs, field in self._pairs]
        score, best = max(scored, key=lambda one: one[0])
        if score < ALIKE_MIN:
            return nothing
        return Match(heading, best.key, best.name, False, round(score, 2), "like")


def path_of(heading: Heading) -> str:
    """What a decision about a heading is remembered by."""
    return "|".join(plain(text) for text in heading.path)


def path_as_said(words: str) -> str:
    """The same for a heading as it is shown (户主 / 姓名), or told as that path already."""
    return "|".join(plain(part) for part in words.split(" / "))


def _pairs(word: str) -> frozenset[str]:
    return frozenset(word[at : at + 2] for at in range(len(word) - 1))


def _alike(mine: frozenset[str], theirs: frozenset[str]) -> float:
    """Dice's coefficient of pairs of characters, 0 to 1."""
    return 2 * len(mine & theirs) / (len(mine) + len(theirs)) if mine and theirs else 0.0
