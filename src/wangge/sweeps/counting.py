"""What the doors of a round are counted in: 家, 辆, 所, 套, 处 by what it goes to, 户 for homes."""

from wangge.kernel.i18n import Locale, translate
from wangge.registers.kinds import KINDS as REGISTERS
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
