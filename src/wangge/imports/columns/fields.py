"""What a column of a register's table can be, and the words people put above it.

Tables are of `people`, or of one of the kinds of `wangge.registers` (shop, vehicle …).

Words of the field dictionary (`kernel.fields`) are known as well: what a district calls a field
there is found here.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from wangge.kernel.columns import heading_key
from wangge.kernel.fields import all_fields
from wangge.kernel.refusals import Invalid
from wangge.registers.kinds import KINDS
from wangge.registers.tables import targets as thing_targets

PEOPLE = "people"
#: What tables can be of, by code, in Chinese.
KIND_NAMES: Mapping[str, str] = {PEOPLE: "住户", **{k.code: k.name for k in KINDS.values()}}


@dataclass(frozen=True, slots=True)
class Target:
    """Something a column can be. `of` is what it is said of: person, door, home or thing; `words` are
    headings, the surest first; `field` is the key in the field dictionary, when it has one."""

    key: str
    name: str
    of: str
    words: tuple[str, ...]
    field: str = ""


def _read() -> tuple[dict[str, tuple[Target, ...]], dict[str, str]]:
    path = resources.files("wangge.imports").joinpath("data", "columns.json")
    data = json.loads(path.read_text(encoding="utf-8"))
    made = {
        kind: tuple(
            Target(
                t["key"],
                t["name"],
                t["of"],
                (t["name"], *t["words"].split()),
                t.get("field", ""),
            )
            for t in data[kind]
        )
        for kind in (PEOPLE, "doors")
    }
    members = {
        word: relation for relation, words in data["members"].items() for word in words.split()
    }
    return {PEOPLE: made[PEOPLE], **_of_things(made["doors"])}, members


def _of_things(doors: tuple[Target, ...]) -> dict[str, tuple[Target, ...]]:
    """The targets of registers: their own fields, and the door in one cell or in parts."""
    made: dict[str, tuple[Target, ...]] = {}
    for kind in KINDS.values():
        known = dict(thing_targets(kind))
        _, door_words = known.pop("door")
        own = [
            Target(key, name, "person" if key[:2] in ("n.", "p.") else "thing", words)
            for key, (name, words) in known.items()
        ]
        said = {heading_key(word) for target in own for word in target.words}
        for door in doors:
            words = (*door.words, *(door_words if door.key == "door" else ()))
            own.append(
                Target(
                    door.key,
                    door.name,
                    door.of,
                    # What the kind calls so itself (小区 of a school, 层数 of a site) is its own.
                    tuple(word for word in words if heading_key(word) not in said),
                )
            )
        made[kind.code] = tuple(own)
    return made


#: Kind of import → its targets; words before the name of a column (成员1姓名) → the relation of
#: whom they speak of.
TARGETS, MEMBERS = _read()


def known_kind(kind: str) -> str:
    """Raises Invalid for a table of nothing that is known."""
    if kind not in KIND_NAMES:
        raise Invalid.of("kind", "还不能导入“{kind}”这种表。", kind=kind[:20])
    return kind


def targets(kind: str) -> Mapping[str, Target]:
    """The targets of a kind of import, by key."""
    return {target.key: target for target in TARGETS[kind]}


@cache
def _own_words(kind: str) -> dict[str, str]:
    """Heading as compared → key of its target; the surer word wins."""
    found: dict[str, str] = {}
    ranked = (
        (rank, target.key, word)
        for target in TARGETS[kind]
        for rank, word in enumerate(target.words)
    )
    for _, key, word in sorted(ranked, key=lambda one: one[0]):
        found.setdefault(heading_key(word), key)
    return found


def words_of(kind: str) -> dict[str, str]:
    """Heading as compared → key of its target, with the words of the field dictionary."""
    found = dict(_own_words(kind))
    fields = all_fields()
    for target in TARGETS[kind]:
        spec = fields.get(target.field)
        for word in (spec.name, *spec.also) if spec else ():
            found.setdefault(heading_key(word), target.key)
    return found


def names_a_column(kind: str) -> "Names":
    """Whether a text is the name of a column of such a table (for `open_table`)."""
    return Names(words_of(kind))


class Names:
    """Tells names of columns from other texts; 成员1姓名 and 户主/电话 count too."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self._words = words

    def __call__(self, text: str) -> bool:
        key = heading_key(text)
        return key in ("序号", "编号", "备注") or any(one in self._words for one in tails(key))


def tails(key: str) -> Iterator[str]:
    """A heading as compared, and without the words that say whose it is."""
    yield key
    for word in sorted(MEMBERS, key=len, reverse=True):
        if key.startswith(word) and len(key) > len(word):
            yield key[len(word) :].lstrip("0123456789一二三四五六七八九十-/.:的")
            return
