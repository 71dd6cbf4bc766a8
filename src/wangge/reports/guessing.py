"""Counts that a heading asks for: 60岁以上人数, 独居老人数, 男, 户数. Read, never guessed: what is not
written in one of these ways is unknown. 以上, 以下 include the number itself, 不满 does not (民法典
Art. 1259)."""

import re
from collections.abc import Mapping, Sequence

from wangge.forms.likeness import FILLERS, NUMBER, REMARK, Match, plain
from wangge.kernel.fields import FieldSpec
from wangge.registers.kinds import KINDS
from wangge.reports.making import Mapped
from wangge.reports.model import GROUPS, Col, Filters, Measure, Rows, Spec, subjects_of

_PEOPLE = re.compile(r"^(总|实有|常住|登记|居民|人口)*(人数|人口|人口数|人员数|居民数|总人口)$")
_HOMES = re.compile(r"^(总|实有|登记|居民|住户|家庭)*(户数|家庭数|住户数)$")
_DOORS = re.compile(r"^(总|房屋|住房)*(套数|房屋数|房屋套数|住房数)$")
_TAIL = "(?:的?(?:人|人数|人员|人员数|人口|人口数|居民|居民数|老人|老人数|老年人|老年人数|儿童|儿童数|数))?"
_FROM = re.compile(rf"^(\d{{1,3}})(?:周)?岁(?:及)?以上{_TAIL}$")
_UNDER = re.compile(rf"^(?:不满)?(\d{{1,3}})(?:周)?岁(?:及)?以下{_TAIL}$")
_BETWEEN = re.compile(rf"^(\d{{1,3}})(?:周?岁)?(?:-|—|–|~|至|到)(\d{{1,3}})(?:周)?岁{_TAIL}$")
_SEXES: Mapping[str, str] = {
    **dict.fromkeys(("男", "男性", "男性人数", "男性人口", "男人数"), "male"),
    **dict.fromkeys(("女", "女性", "女性人数", "女性人口", "女人数"), "female"),
}
#: Groups that a form names in its first column.
_GROUP_WORDS: Mapping[str, str] = {
    **dict.fromkeys(
        ("街道", "乡镇", "镇街", "街道名称", "乡镇街道", "街道乡镇"), "area.street"
    ),
    **dict.fromkeys(
        ("社区", "村", "村居", "村社区", "社区村", "社区名称", "单位", "填报单位"),
        "area.community",
    ),
    **dict.fromkeys(("网格", "网格名称"), "area.grid"),
    **dict.fromkeys(("微网格", "微网格名称"), "area.micro_grid"),
    **dict.fromkeys(("小区", "小区名称"), "dwelling.compound"),
    **dict.fromkeys(("性别",), "resident.sex"),
    **dict.fromkeys(("户类型", "户别"), "household.kind"),
    **dict.fromkeys(("居住方式", "房屋性质"), "household.tenure"),
}


_HOW_MANY = ("数", "总数", "数量", "户数", "家数")
#: 企业数, 商户总数, 工地数量.
_THINGS: Mapping[str, str] = {
    kind.name + tail: code for code, kind in KINDS.items() for tail in _HOW_MANY
}


def _kinds_of() -> dict[str, tuple[str, str]]:
    """餐饮商户数, 幼儿园数, 消防栓数量: things of a kind that only one register knows."""
    found: dict[str, set[tuple[str, str]]] = {}
    for code, kind in KINDS.items():
        for one in kind.details:
            if one.kind != "code":
                continue
            for value, words in (one.codes or {}).items():
                said = (f"{code}.{one.name}", value)
                for tail in _HOW_MANY:
                    found.setdefault(words + kind.name + tail, set()).add(said)
                    found.setdefault(words + tail, set()).add(said)
    return {word: next(iter(said)) for word, said in found.items() if len(said) == 1}


_KINDS_OF: Mapping[str, tuple[str, str]] = {
    word: said for word, said in _kinds_of().items() if not word.startswith("其他")
}


def rows_of(text: str, tags: Mapping[str, str] | None = None) -> Measure | None:
    """The count that a heading means; None when it says nothing of the kind. `tags` are names of
    needs → codes."""
    word = re.sub(r"[\(\(][^()()]*[\)\)]$", "", text.strip())
    word = re.sub(r"\s+", "", word).replace("其中:", "").replace("其中:", "")
    title = text.strip()[:60]
    if _PEOPLE.match(word):
        return Measure(title)
    if _HOMES.match(word):
        return Measure(title, "household")
    if _DOORS.match(word):
        return Measure(title, "dwelling")
    if word in _SEXES:
        return Measure(title, filters=Filters(sex=_SEXES[word]))
    if found := _FROM.match(word):
        return Measure(title, filters=Filters(age_from=int(found[1])))
    if found := _BETWEEN.match(word):
        return Measure(title, filters=Filters(age_from=int(found[1]), age_to=int(found[2])))
    if found := _UNDER.match(word):
        under = int(found[1]) - (word.startswith("不满"))
        return Measure(title, filters=Filters(age_to=under))
    if (code := _THINGS.get(word)) is not None:
        return Measure(title, code)
    if (key := _KINDS_OF.get(word)) is not None:
        subject, _, _ = key[0].partition(".")
        return Measure(title, subject, Filters(things=dict([key])))
    for name, code in (tags or {}).items():
        if re.fullmatch(re.escape(name) + "(人数|数|人员|户数)?", word):
            of = "household" if word.endswith("户数") else "resident"
            return Measure(title, of, Filters(tags=(code,)))
    return None


def columns_and_measures(
    kind: Rows,
    matches: Sequence[Match],
    fields: Mapping[str, FieldSpec],
    *,
    labelled: bool,
    register: str = "",
) -> tuple[Spec, list[Mapped]]:
    """What a form's headings ask for, as a question and as places. Only sure matches are taken.
    `register` is the kind of things whose rows it has."""
    if kind is Rows.GROUP:
        return _counts(matches, fields, labelled=labelled)
    columns: list[Col] = []
    mapped: list[Mapped] = []
    seen: set[str] = set()
    for match in matches:
        key = match.key if match.sure and match.key else ""
        if (key and not _fits(kind, register, key)) or (key in seen and key != REMARK):
            key = ""
        seen.add(key)
        mapped.append(_mapped(match, key))
        if key:
            columns.append(Col(key, match.heading.leaf[:60]))
    return Spec(kind, columns=tuple(columns), register=register), mapped


def _fits(kind: Rows, register: str, key: str) -> bool:
    return key in (NUMBER, REMARK) or key.split(".")[0] in subjects_of(kind, register)


def _counts(
    matches: Sequence[Match], fields: Mapping[str, FieldSpec], *, labelled: bool
) -> tuple[Spec, list[Mapped]]:
    tags: dict[str, str] = {}
    if "resident.tags" in fields:
        tags = {name: code for code, name in (fields["resident.tags"].codes or {}).items()}
    groups: list[str] = []
    measures: list[Measure] = []
    mapped: list[Mapped] = []
    for match in matches:
        leaf = match.heading.leaf
        word = plain(leaf)
        key = ""
        if FILLERS.get(word) in (NUMBER, REMARK):
            key = FILLERS[word]
        elif word in _GROUP_WORDS and _GROUP_WORDS[word] not in groups:
            key = _GROUP_WORDS[word]
            groups.append(key)
        elif (measure := _measure(match, tags)) is not None and measure.title not in {
            m.title for m in measures
        }:
            measures.append(measure)
            key = f"measure:{measure.title}"
        mapped.append(_mapped(match, key))
    if not groups and labelled:
        groups.append("area.community")
    assert all(group in GROUPS for group in groups)
    return Spec(Rows.GROUP, groups=tuple(groups), measures=tuple(measures)), mapped


def _measure(match: Match, tags: Mapping[str, str]) -> Measure | None:
    """By its last word, with the words above it when that is not one (性别 / 男)."""
    found = rows_of(match.heading.leaf, tags)
    if found is None:
        return None
    path = match.heading.path
    title = match.heading.leaf if len(path) == 1 else "/".join(path[-2:])
    return Measure(title[:60], found.of, found.filters)


def _mapped(match: Match, key: str) -> Mapped:
    return Mapped(match.heading.column, match.heading.words, match.heading.leaf, key)
