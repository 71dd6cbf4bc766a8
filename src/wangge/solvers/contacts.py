"""Chains of contacts: who names whom, when, and what in it cannot be. Pure.

A list says of each entry whom it is linked to (both ways: 关联), whom it had its contact with (one
way: 来源), when the contact began and ended, when somebody fell ill. What contradicts itself is said
with the entries it is about, and what to ask; nothing here says who is right, or whose fault it is.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from wangge.solvers.words import Sentence, said

#: What cannot be as it stands, and what is only worth a question.
DEFECTS = frozenset(
    {
        "self_link",
        "one_sided",
        "window_after_onset",
        "window_reversed",
        "start_after_onset",
        "no_such_day",
        "future_day",
        "same_number",
        "same_person",
    }
)


#: A day so far from the middle of a list's days is more likely a slip of the year.
FAR_DAYS = 366


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a list.

    id       what the list calls it; unique in a sound list
    linked   entries it says it is linked to, which ought to say so too
    sources  entries it says it had its contact from
    start, end  first and last day of the contact
    onset    the day somebody fell ill
    person   whom the entry means, where that is known: two entries of one person are one
    bad_dates  columns whose text is no day, with the text (2020.2.30)
    unclear_dates  columns whose text may be two days (3/2/2020)
    unread_dates  columns whose text tells no day (昨天); it may name somebody and is not repeated
    """

    id: str
    linked: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    onset: date | None = None
    person: Hashable | None = None
    bad_dates: Mapping[str, str] = field(default_factory=dict[str, str])
    unclear_dates: Mapping[str, str] = field(default_factory=dict[str, str])
    unread_dates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not fit, the entries it is about, in words, and the question to ask.

    kind  one of DEFECTS, or `not_listed` (an entry that the list has not), `unclear_day`, `unread_day`,
          `far_day`, `cycle` (everybody names the next as their source, so somebody was first)
    """

    kind: str
    entries: tuple[str, ...]
    words: Sentence
    question: Sentence

    @property
    def defect(self) -> bool:
        """Whether it cannot be as it stands."""
        return self.kind in DEFECTS


def contradictions(entries: Sequence[Entry], today: date | None = None) -> list[Finding]:
    """Everything in a list that does not fit, entry by entry in the list's order, cycles last. A day
    after `today` cannot be; one more than a year from the middle of the list's days is asked about."""
    middle = _middle(entries)
    found: list[Finding] = []
    first: dict[str, Entry] = {}
    people: dict[Hashable, str] = {}
    for entry in entries:
        if entry.id in first:
            found.append(
                _finding(
                    "same_number",
                    (entry.id,),
                    said("编号 {a} 出现了不止一次。", a=entry.id),
                    said("请问制表人:编号 {a} 的几行是同一个人吗?", a=entry.id),
                )
            )
        else:
            first[entry.id] = entry
    for entry in entries:
        found += _dates(entry)
        found += _far_days(entry, today, middle)
        found += _links(entry, first)
        if entry.person is not None:
            other = people.setdefault(entry.person, entry.id)
            if other != entry.id:
                found.append(
                    _finding(
                        "same_person",
                        (other, entry.id),
                        said("{a} 和 {b} 是同一个人。", a=other, b=entry.id),
                        said("请问制表人:{a}、{b} 两个编号保留哪一个?", a=other, b=entry.id),
                    )
                )
    found += _cycles(first)
    return found


def _finding(kind: str, entries: tuple[str, ...], words: Sentence, ask: Sentence) -> Finding:
    return Finding(kind, entries, words, ask)


def _dates(entry: Entry) -> Iterable[Finding]:
    for column, text in entry.bad_dates.items():
        yield _finding(
            "no_such_day",
            (entry.id,),
            said(
                "{a} 的{column}写成“{text}”,没有这一天。", a=entry.id, column=column, text=text
            ),
            said("请问 {a}:{column}是几月几日?", a=entry.id, column=column),
        )
    for column, text in entry.unclear_dates.items():
        yield _finding(
            "unclear_day",
            (entry.id,),
            said(
                "{a} 的{column}“{text}”分不清哪个是月、哪个是日。",
                a=entry.id,
                column=column,
                text=text,
            ),
            said("请问 {a}:{column}是几月几日?", a=entry.id, column=column),
        )
    for column in entry.unread_dates:
        yield _finding(
            "unread_day",
            (entry.id,),
            said("{a} 的{column}看不出是哪一天。", a=entry.id, column=column),
            said("请问 {a}:{column}是几月几日?", a=entry.id, column=column),
        )
    start, end, onset = entry.start, entry.end, entry.onset
    if start and end and start > end:
        yield _finding(
            "window_reversed",
            (entry.id,),
            said(
                "{a} 的接触开始({start})晚于结束({end})。",
                a=entry.id,
                start=start.isoformat(),
                end=end.isoformat(),
            ),
            said("请问 {a}:最早和最后一次接触各是哪一天?", a=entry.id),
        )
    if onset and end and end > onset:
        yield _finding(
            "window_after_onset",
            (entry.id,),
            said(
                "{a} 的接触结束({end})晚于发病({onset})。",
                a=entry.id,
                end=end.isoformat(),
                onset=onset.isoformat(),
            ),
            said("请问 {a}:哪一天开始不舒服?最后一次接触是哪一天?", a=entry.id),
        )
    elif onset and start and start > onset:
        yield _finding(
            "start_after_onset",
            (entry.id,),
            said(
                "{a} 的接触开始({start})晚于发病({onset})。",
                a=entry.id,
                start=start.isoformat(),
                onset=onset.isoformat(),
            ),
            said("请问 {a}:哪一天开始不舒服?最早一次接触是哪一天?", a=entry.id),
        )


def _middle(entries: Sequence[Entry]) -> date | None:
    days = sorted(day for one in entries for day in (one.start, one.end, one.onset) if day)
    return days[len(days) // 2] if days else None


def _far_days(entry: Entry, today: date | None, middle: date | None) -> Iterable[Finding]:
    for column, day in (
        ("接触开始", entry.start),
        ("接触结束", entry.end),
        ("发病日期", entry.onset),
    ):
        if day is None:
            continue
        ask = said("请问 {a}:{column}是几月几日?", a=entry.id, column=column)
        if today is not None and day > today:
            words = said(
                "{a} 的{column}({day})还没有到。",
                a=entry.id,
                column=column,
                day=day.isoformat(),
            )
            yield _finding("future_day", (entry.id,), words, ask)
        elif middle is not None and abs((day - middle).days) > FAR_DAYS:
            words = said(
                "{a} 的{column}({day})离名单上别的日期很远。",
                a=entry.id,
                column=column,
                day=day.isoformat(),
            )
            yield _finding("far_day", (entry.id,), words, ask)


def _links(entry: Entry, first: Mapping[str, Entry]) -> Iterable[Finding]:
    for other in dict.fromkeys((*entry.linked, *entry.sources)):
        if other == entry.id:
            yield _finding(
                "self_link",
                (entry.id,),
                said("{a} 把自己写成了关联的人。", a=entry.id),
                said("请问 {a}:这里原来要写的是谁?", a=entry.id),
            )
        elif other not in first:
            yield _finding(
                "not_listed",
                (entry.id, other),
                said("{a} 写到的 {b} 不在这份名单里。", a=entry.id, b=other),
                said("请问制表人:{b} 是谁,在哪一份名单里?", b=other),
            )
        elif (
            other in entry.linked
            and entry.id not in first[other].linked
            and other not in entry.sources
        ):
            yield _finding(
                "one_sided",
                (entry.id, other),
                said("{a} 写了和 {b} 有关联,{b} 没有写 {a}。", a=entry.id, b=other),
                said("请问 {b}:和 {a} 有过接触吗?", a=entry.id, b=other),
            )


def _cycles(first: Mapping[str, Entry]) -> Iterable[Finding]:
    """Groups of entries that are each other's sources (strongly connected, Tarjan 1972), walked
    without recursion: a chain may be as long as the list."""
    for group in _connected(first):
        if len(group) < 2:
            continue
        names = "、".join(group[:8])
        yield _finding(
            "cycle",
            tuple(group),
            said("{names} 互相写成来源,绕成了一圈。", names=names),
            said("请逐个问 {names}:谁最先不舒服,哪一天?", names=names),
        )


def _connected(first: Mapping[str, Entry]) -> list[list[str]]:
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on: set[str] = set()
    groups: list[list[str]] = []
    order = {id_: at for at, id_ in enumerate(first)}
    for root in first:
        if root in index:
            continue
        walk = [(root, iter(_sources(root, first)))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on.add(root)
        while walk:
            here, rest = walk[-1]
            after = next(rest, None)
            if after is not None:
                if after not in index:
                    index[after] = low[after] = len(index)
                    stack.append(after)
                    on.add(after)
                    walk.append((after, iter(_sources(after, first))))
                elif after in on:
                    low[here] = min(low[here], index[after])
                continue
            walk.pop()
            if walk:
                low[walk[-1][0]] = min(low[walk[-1][0]], low[here])
            if low[here] == index[here]:
                group: list[str] = []
                while True:
                    member = stack.pop()
                    on.discard(member)
                    group.append(member)
                    if member == here:
                        break
                groups.append(sorted(group, key=order.__getitem__))
    return sorted(groups, key=lambda group: order[group[0]])


def _sources(id_: str, first: Mapping[str, Entry]) -> list[str]:
    return [one for one in first[id_].sources if one in first and one != id_]
