"""What every page of a round names."""

from typing import Any

from wangge.kernel.http import Asking
from wangge.kernel.i18n import translate
from wangge.kernel.moments import new_id
from wangge.registers.acts import READ as REGISTERS_READ
from wangge.registers.kinds import KINDS as REGISTERS
from wangge.sweeps.acts import DEAL, DECIDE, OPEN, REPORT
from wangge.sweeps.counting import counted, unit_of
from wangge.sweeps.model import HOW_NAMES, OUTCOME_MARKS, Kind
from wangge.sweeps.needs import COLOURS, MARKS


def common(who: Asking) -> dict[str, Any]:
    """Marks, words and what the asker may do; `counted(kind, n)` is “3 家”, `unit(kind)` “家”."""

    def some(kind: Kind, n: int) -> str:
        return counted(kind, who.locale, n)

    def unit(kind: Kind) -> str:
        if who.locale == "zh":
            return unit_of(kind)
        return translate(who.locale, "处" if kind.stops else "户")

    return {
        "marks": {code.value: mark for code, mark in OUTCOME_MARKS.items()},
        "need_marks": {need.value: mark for need, mark in MARKS.items()},
        "need_colours": {need.value: colour for need, colour in COLOURS.items()},
        "registers": REGISTERS,
        "hows": {how.value: words for how, words in HOW_NAMES.items()},
        "can": {
            "open": who.may(OPEN),
            "deal": who.may(DEAL),
            "decide": who.may(DECIDE),
            "report": who.may(REPORT),
            "registers": who.may(REGISTERS_READ),
        },
        "counted": some,
        "unit": unit,
        "new_id": new_id,
    }
