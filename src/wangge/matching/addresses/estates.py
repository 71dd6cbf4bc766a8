"""Estates by name: the one that is named, and those that a mistyped name may mean."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from wangge.matching.names import sound
from wangge.matching.readings import near
from wangge.matching.shapes import twins

E = TypeVar("E")

#: The last words of estates' names, which people leave out.
_ENDS = re.compile(
    r"(?:小区|住宅小区|花园|家园|新村|公寓|花苑|名苑|雅苑|嘉苑|佳苑|新苑|家苑|苑|里|庭|府|园|城|村|雅居|新城|大厦|广场"
    r"|住宅区|宿舍|大院|院|居|轩|阁|坊|\d+期)+$"
)


@dataclass(frozen=True, slots=True)
class Found(Generic[E]):
    """An estate named in a text, from `start` to `end`, and how surely it is that one."""

    estate: E
    name: str
    start: int
    end: int
    score: float = 1.0
    reason: str = "exact"


def core(name: str) -> str:
    """A name without what every estate is called (花园, 小区, 2期); the whole when nothing is left."""
    return _ENDS.sub("", name) or name


class Estates(Generic[E]):
    """Names of estates, found in a text exactly or nearly. Made once, never changed.

    Near names are found by what is left when one character is taken away: two names that differ
    by one slip share one such remainder, so a look into a table finds them, however many estates
    there are (symmetric deletion).
    """

    def __init__(self, named: Iterable[tuple[str, E]]) -> None:
        self._by_name: dict[str, list[E]] = {}
        self._by_start: dict[str, list[str]] = {}
        self._by_sound: dict[str, set[str]] = {}
        self._by_rest: dict[str, set[str]] = {}
        self._by_core: dict[str, set[str]] = {}
        self._longest = 0
        for name, estate in named:
            self._by_name.setdefault(name, []).append(estate)
        for name in self._by_name:
            self._by_start.setdefault(name[:2], []).append(name)
            self._by_sound.setdefault(_heard(name), set()).add(name)
            self._by_core.setdefault(core(name), set()).add(name)
            self._longest = max(self._longest, len(name))
            for rest in _without_one(name):
                self._by_rest.setdefault(rest, set()).add(name)
        #: 丹棠 for 丹棠小区, where no other estate is called 丹棠 anything.
        self._plain: set[str] = set()
        for name in list(self._by_name):
            short = name.removesuffix("小区").removesuffix("住宅")
            alone = short != name and len(short) > 1 and len(self._by_core.get(short, ())) == 1
            if alone and short not in self._by_name:
                self._plain.add(short)
                self._by_name[short] = self._by_name[name]
                self._by_start.setdefault(short[:2], []).append(short)
        for names in self._by_start.values():
            names.sort(key=len, reverse=True)

    def named(self, text: str) -> list[Found[E]]:
        """The estates of the longest name that stands in a text; more than one where several
        are called so; none where no name stands there."""
        best, at = "", 0
        get = self._by_start.get
        for start in range(len(text) - 1):
            for name in get(text[start : start + 2], ()):
                if len(name) <= len(best):
                    break
                if text.startswith(name, start) and self._ends_there(text, start, name):
                    best, at = name, start
                    break
        if not best:
            return []
        return [Found(e, best, at, at + len(best)) for e in self._by_name[best]]

    def _ends_there(self, text: str, start: int, name: str) -> bool:
        """Whether a name that stands in a text is all of what stands there: digits at its ends are
        no part of longer numbers, and one without its 小区 is followed by a number."""
        end = start + len(name)
        after = text[end : end + 1]
        if name in self._plain and after and not after.isascii():
            return False
        return not (
            (name[0].isdigit() and text[start - 1 : start].isdigit())
            or (name[-1].isdigit() and after.isdigit())
        )

    def all_in(self, text: str) -> Iterator[E]:
        """Everything whose name stands in a text."""
        get = self._by_start.get
        for start in range(len(text) - 1):
            for name in get(text[start : start + 2], ()):
                if text.startswith(name, start):
                    yield from self._by_name[name]

    def near(self, text: str, end: int) -> Iterator[Found[E]]:
        """Estates that the last words of `text` (a run of words ending at `end` of the whole) may
        mean: heard so, cut short, or one slip away. Not ordered; an estate may come twice."""
        for start in range(max(0, len(text) - self._longest - 1), len(text) - 1):
            said = text[start:]
            at = end - len(said)
            for name, score, reason in self._like(said):
                for estate in self._by_name[name]:
                    yield Found(estate, name, at, end, score, reason)

    def _like(self, said: str) -> Iterator[tuple[str, float, str]]:
        heard = sound(said)
        for name in self._by_sound.get(_heard(said), ()):
            yield (
                (name, 0.88, "same_sound")
                if sound(name) == heard
                else (name, 0.8, "near_sound")
            )
        said_core = core(said)
        if len(said_core) >= 2:
            for name in self._by_core.get(said_core, ()):
                # 殷家花园 for its second phase; 殷家苑 for 殷家花园 is less likely.
                yield name, 0.89 if name.startswith(said) else 0.86, "short_name"
        if len(said) >= 3:
            near_names = set(self._by_rest.get(said, ()))
            for rest in _without_one(said):
                near_names.update(self._by_rest.get(rest, ()))
                if rest in self._by_name:
                    near_names.add(rest)
            for name in near_names:
                score = _one_slip(said, name)
                if score and set(core(name)) & set(said_core):
                    yield name, score, "near_name"


def _heard(name: str) -> str:
    return " ".join(near(syllable) for syllable in sound(name).split())


def _without_one(name: str) -> set[str]:
    return {name[:at] + name[at + 1 :] for at in range(len(name))} if len(name) > 2 else set()


def _one_slip(a: str, b: str) -> float:
    """How likely one slip makes a name of another: two neighbours swapped, a character that looks
    alike, one too many or missing, any other; 0 for more than one slip, and for digits."""
    if len(a) == len(b):
        differs = [at for at in range(len(a)) if a[at] != b[at]]
        if any(a[at].isdigit() or b[at].isdigit() for at in differs):
            return 0.0
        if len(differs) == 2:
            first, second = differs
            swapped = second == first + 1 and a[first] == b[second] and a[second] == b[first]
            return 0.84 if swapped else 0.0
        if len(differs) == 1:
            return 0.84 if b[differs[0]] in twins(a[differs[0]]) else 0.8
        return 0.0
    shorter, longer = sorted((a, b), key=len)
    if len(longer) - len(shorter) != 1:
        return 0.0
    for at in range(len(longer)):
        if longer[:at] + longer[at + 1 :] == shorter:
            return 0.0 if longer[at].isdigit() else 0.82
    return 0.0
