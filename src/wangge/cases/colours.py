"""What a colour means: help is needed here. The work-reminder map, preset A of domain.md §7.2.

A colour never stands alone: the reason goes with it, and a red area is where support is sent, not
where somebody is blamed. Nobody is ranked; areas are listed by their code. A point on the map is
coloured by the same rule as the area around it, so an area is as red as its reddest case.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import LiteralString


class Colour(StrEnum):
    """From calm to most in need of help."""

    GREEN = "green"
    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"


#: A shape beside each colour, for eyes that do not tell them apart.
MARKS: dict[Colour, str] = {
    Colour.GREEN: "●",
    Colour.BLUE: "◆",
    Colour.YELLOW: "▲",
    Colour.ORANGE: "■",
    Colour.RED: "✖",
}
COLOUR_NAMES: dict[Colour, str] = {
    Colour.GREEN: "绿",
    Colour.BLUE: "蓝",
    Colour.YELLOW: "黄",
    Colour.ORANGE: "橙",
    Colour.RED: "红",
}
COLOUR_RULES: dict[Colour, str] = {
    Colour.GREEN: "所有在办事件用时不到一半",
    Colour.BLUE: "有事件用时过半",
    Colour.YELLOW: "有事件用时超过四分之三",
    Colour.ORANGE: "有事件超期不到 24 小时,或紧急事件 30 分钟没有人接",
    Colour.RED: "有事件超期 24 小时以上、返工两次以上,或紧急事件超期",
}

#: When the limit of a case `c` began: with the first line of the story that set it (an extension
#: begins anew).
BEGAN: LiteralString = """
              left join lateral (
                   select coalesce(min(s.at), c.state_at) as at from cases_step s
                    where s.case_id = c.id and s.due_at = c.due_at and c.due_at > :now
                   ) began on true
"""
#: What help live cases need, as columns beside what `live` has of them: an urgent case nobody took in
#: 30 minutes, 24 hours past the limit, two reworks, a half and three quarters of the time.
NEED: LiteralString = """
        select timed.*,
               due_at <= :now as overdue,
               due_at <= :now - interval '24 hours' as long_overdue,
               urgent and due_at <= :now as urgent_overdue,
               urgent and reported_at <= :now - interval '30 minutes'
                   and state in ('reported', 'verifying', 'filed', 'dispatched') as urgent_waiting,
               reworks >= 2 as reworked,
               due_at > :now and used >= 0.5 and used < 0.75 as half,
               due_at > :now and used >= 0.75 as most
          from (select live.*,
                       extract(epoch from :now - began_at)
                       / nullif(extract(epoch from due_at - began_at), 0) as used
                  from live) timed
"""


@dataclass(frozen=True, slots=True)
class Counts:
    """Live cases of one area. `half` and `most` are at 50–75 % and 75–100 % of their time."""

    live: int = 0
    overdue: int = 0
    long_overdue: int = 0
    urgent_overdue: int = 0
    urgent_waiting: int = 0
    reworked: int = 0
    half: int = 0
    most: int = 0


#: Worst first: the colour, what is counted, and how it is said.
_RULES: tuple[tuple[Colour, Callable[[Counts], int], str], ...] = (
    (Colour.RED, lambda c: c.urgent_overdue, "{n} 件紧急事件超期"),
    (Colour.RED, lambda c: c.long_overdue, "{n} 件超期 24 小时以上"),
    (Colour.RED, lambda c: c.reworked, "{n} 件返工两次以上"),
    (Colour.ORANGE, lambda c: c.urgent_waiting, "{n} 件紧急事件 30 分钟没有人接"),
    (Colour.ORANGE, lambda c: c.overdue, "{n} 件超期"),
    (Colour.YELLOW, lambda c: c.most, "{n} 件用时超过四分之三"),
    (Colour.BLUE, lambda c: c.half, "{n} 件用时过半"),
)


def colour_of(counts: Counts) -> tuple[Colour, list[tuple[str, int]]]:
    """The colour, and every reason for it as (Chinese template with {n}, n)."""
    for colour, _, _ in _RULES:
        reasons = [
            (words, n) for c, count, words in _RULES if c is colour and (n := count(counts))
        ]
        if reasons:
            return colour, reasons
    if counts.live:
        return Colour.GREEN, [("{n} 件在办,用时都不到一半", counts.live)]
    return Colour.GREEN, [("没有在办事件", 0)]
