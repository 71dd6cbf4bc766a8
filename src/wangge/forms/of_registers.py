"""What the headings of a table of shops, vehicles, facilities … mean: there 名称, 地址 and 联系电话 are those
of the thing and of whoever answers for it. Admission and reports read them alike."""

import re
from collections.abc import Mapping, Sequence

from wangge.forms.headings import Heading
from wangge.forms.likeness import FILLERS, Match, path_of, plain
from wangge.kernel.fields import FieldSpec
from wangge.registers.kinds import KINDS, Kind
from wangge.registers.tables import targets


def _words_of(kind: Kind) -> dict[str, str]:
    """A heading as it is compared → the field it means in a table of such things: what the register's
    own import takes for its columns, so that one form goes in and comes out."""
    found: dict[str, str] = {}
    for target, (_, words) in targets(kind).items():
        name = {"door": "address"}.get(target, target)
        how, _, rest = name.partition(".")
        name = {"d": rest, "n": f"{rest}_name", "p": f"{rest}_phone"}.get(how, name)
        for word in words:
            found.setdefault(plain(word), f"{kind.code}.{name}")
    return found


_WORDS: Mapping[str, Mapping[str, str]] = {
    code: _words_of(kind) for code, kind in KINDS.items()
}


#: What only a table of people asks: a list of residents with their cars is none of cars.
_OF_PEOPLE = re.compile(
    "^姓名$|性别|年龄|出生|民族|户主|户籍|身份证|证件号|文化程度|婚姻|学生姓名|儿童姓名|老人|家长|监护人"
)


def register_of(leaves: Sequence[str]) -> str:
    """The kind of things a form has a row for each of, by its last headings; "" for none. What such a
    thing is called or carries must be among them, most of them must be the register's own words, and
    none may be what only people are asked."""
    words = {plain(leaf) for leaf in leaves} - set(FILLERS)
    if any(_OF_PEOPLE.search(word) for word in words):
        return ""
    best, most = "", 1
    for code, kind in KINDS.items():
        mine = _WORDS[code]
        named = {plain(word) for word in (kind.title, *kind.name_also, f"{kind.name}名称")}
        if kind.plated:
            named = {word for word, key in mine.items() if key.endswith(".plate")}
        elif kind.at_door:
            named = {plain(w) for one in kind.details for w in (one.words, *one.also)}
        hits = sum(word in mine for word in words)
        if words & (named - {""}) and hits > most and 2 * hits >= len(words):
            best, most = code, hits
    return best


def remembered_as(code: str, heading: Heading) -> str:
    """What a decision about a heading of such a table is remembered by: 联系电话 is somebody else's there
    than in a table of residents."""
    return f"{code}|{path_of(heading)}"


def of_register(
    match: Match, code: str, fields: Mapping[str, FieldSpec], remembered: Mapping[str, str]
) -> Match:
    """What a heading means in a table of such things, where the plain words (名称, 地址, 联系电话) are
    those of the thing and of whoever answers for it."""
    before = remembered.get(remembered_as(code, match.heading), "")
    if before in fields:
        return Match(match.heading, before, fields[before].name, True, 1.0, "remembered")
    key = _WORDS[code].get(plain(match.heading.leaf), "")
    if key in fields:
        return Match(match.heading, key, fields[key].name, True, 1.0, "also")
    return match
