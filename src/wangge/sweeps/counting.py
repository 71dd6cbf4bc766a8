"""What the doors of a round are counted in: 家, 辆, 所, 套, 处 by what it goes to, 户 for homes."""

from collections.abc import Iterable

from wangge.kernel.i18n import Locale, translate
from wangge.registers.kinds import KINDS as REGISTERS
from wangge.solvers import Sentence
from wangge.sweeps.model import Kind


def unit_of(kind: Kind) -> str:
    """The measure word: that of the register where all stops are of one sort."""
    if not kind.stops:
        return "户"
    units = {REGISTERS[code].unit for code in kind.things if code in REGISTERS}
    return units.pop() if len(units) == 1 else "处"


def counted(kind: Kind, locale: Locale, n: int) -> str:
    """“3 家”; in English, which has no measure words, “3 stops” or “3 doors”."""
    if locale == "zh":
        return f"{n} {unit_of(kind)}"
    return translate(locale, "{n} 处" if kind.stops else "{n} 户", n=n)


def told(kind: Kind, locale: Locale, sentences: Iterable[Sentence]) -> list[str]:
    """What solvers say of doors, in the words of what a round goes to: “19 人走不完 40 家”."""
    found: list[str] = []
    for one in sentences:
        text = translate(locale, one.text)
        if kind.stops:
            for word, other in _OF_STOPS[locale]:
                text = text.replace(word, other or unit_of(kind))
        found.append(translate(locale, text, **one.values))
    return found


#: Words for doors, and those for stops along a road ("" for their own measure).
_OF_STOPS: dict[Locale, tuple[tuple[str, str], ...]] = {
    "zh": (("没有还没走的门", "都走过了"), ("别人的门一户", "别人的一处"), ("户", "")),
    "en": (("doors", "stops"), ("door", "stop")),
}
