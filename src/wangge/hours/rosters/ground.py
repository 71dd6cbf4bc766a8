"""What a roster stands on: the books of its people, what they can and want, what lies ahead. Four
statements, however many people; everything after is arithmetic."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from uuid import UUID

from wangge.hours.commands import works_there
from wangge.hours.guarding import back_days
from wangge.hours.limits import LIMITS, minute_of, moment_of
from wangge.hours.rosters import kept
from wangge.hours.rosters.model import PostOf, Setup
from wangge.kernel.database import Tx
from wangge.kernel.moments import day_start
from wangge.people import ROSTER
from wangge.solvers.fatigue import DAY, Limits, Stint, nights
from wangge.solvers.shifts import Entry, Judged, Need, Person, Post, Problem, Shift, Wish, check

#: Fairness looks back so far.
WEEKS_BACK = timedelta(days=28)


@dataclass(frozen=True)
class Ground:
    """A roster and what it stands on. Only what lies ahead of `now` can be planned: `problem` has the
    needs of those shifts, `rows` the latest version's entries in them, `today` what people go by now,
    each with the stints that say so; `loose` are stints of the roster that fit no shift of it any more.
    `says` is what people said of days, and nothing else; `left` hold no post there any more."""

    sheet: kept.Sheet
    setup: Setup
    limits: Limits
    now: datetime
    #: The first day's midnight, in the guard's minutes.
    zero: int
    problem: Problem
    rows: tuple[Entry, ...]
    today: dict[Entry, kept.Booked]
    loose: tuple[kept.Booked, ...]
    says: dict[tuple[UUID, int], str]
    left: frozenset[UUID]

    def begins(self, day: int, shift: str) -> datetime:
        """When a shift of a day begins."""
        return moment_of(self.zero + self.problem.stint(day, shift).begins)

    def ends(self, day: int, shift: str) -> datetime:
        """When it ends."""
        return moment_of(self.zero + self.problem.stint(day, shift).ends)

    def ahead(self, day: int, shift: str) -> bool:
        """Whether it can still be planned."""
        return self.begins(day, shift) > self.now

    def has(self, day: int, shift: str, post: str) -> bool:
        """Whether the roster has such a place."""
        known = shift in self.problem.shift_of and post in self.problem.post_of
        return known and 0 <= day < self.sheet.days

    def date(self, day: int) -> date:
        """The calendar day."""
        return self.sheet.first_day + timedelta(days=day)

    def judge(self, rows: tuple[Entry, ...] | None = None, *, compared: bool = True) -> Judged:
        """The checker's word about the latest version, or about any entries ahead."""
        return check(
            self.problem,
            self.rows if rows is None else rows,
            beside=self.today if compared else (),
        )

    @cached_property
    def judged(self) -> Judged:
        """The checker's word about the latest version."""
        return self.judge()

    @property
    def added(self) -> list[Entry]:
        """Entries that nobody has been told yet."""
        return sorted(set(self.rows) - set(self.today))

    @property
    def gone(self) -> list[Entry]:
        """Entries people go by that the latest version has no more."""
        return sorted(set(self.today) - set(self.rows))


async def ground(tx: Tx, sheet: kept.Sheet, entries: tuple[Entry, ...] | None = None) -> Ground:
    """What a roster stands on now; with other `entries` than the latest version's where given."""
    setup = sheet.plan
    limits = (await LIMITS.get(tx)).limits
    first, last = sheet.first_day, sheet.first_day + timedelta(days=sheet.days - 1)
    around = back_days(limits)
    begins, ends = day_start(first), day_start(last) + timedelta(days=2)
    since = min(begins, tx.now) - max(WEEKS_BACK, around)
    roster = await ROSTER.get(tx)
    left = frozenset(
        one for one in setup.people if not works_there(roster, one, sheet.area_code, tx.now)
    )
    skills = await kept.skills(tx, setup.people)
    said = await kept.days(tx, setup.people, first, last)
    booked = await kept.books(tx, setup.people, sheet.id, since, ends + around)
    return _made(sheet, setup, limits, tx.now, skills, said, booked, entries, left)


def _made(
    sheet: kept.Sheet,
    setup: Setup,
    limits: Limits,
    now: datetime,
    skills: dict[UUID, frozenset[str]],
    said: list[kept.DayOf],
    booked: list[kept.Booked],
    entries: tuple[Entry, ...] | None,
    left: frozenset[UUID],
) -> Ground:
    zero = minute_of(day_start(sheet.first_day))
    at = minute_of(now) - zero
    shifts = {one.id: Shift(one.id, one.name, *one.minutes) for one in setup.shifts}
    slots = {
        (day * DAY + one.begins, day * DAY + one.ends): (day, one.id)
        for day in range(sheet.days)
        for one in shifts.values()
    }
    named = {one.name: one.id for one in setup.posts}
    today: dict[Entry, kept.Booked] = {}
    loose: list[kept.Booked] = []
    books: defaultdict[UUID, list[Stint]] = defaultdict(list)
    for one in booked:
        stint = Stint(minute_of(one.starts_at) - zero, minute_of(one.ends_at) - zero)
        if not one.ours or stint.begins <= at:
            books[one.staff_id].append(stint)
            continue
        slot, post = slots.get((stint.begins, stint.ends)), named.get(one.post)
        if slot is None or post is None:
            loose.append(one)
        else:
            today[Entry(*slot, post, str(one.staff_id))] = one
    says = {(one.staff_id, (one.day - sheet.first_day).days): one.says for one in said}
    by_person: defaultdict[UUID, dict[int, str]] = defaultdict(dict)
    for (staff_id, day), what in says.items():
        by_person[staff_id][day] = what
    # Whoever holds no post there any more can come on no day, which nobody said of any.
    by_person.update({who: dict.fromkeys(range(sheet.days), "away") for who in left})
    cut = max(0, at)
    people = tuple(
        _person(
            who,
            skills.get(who, frozenset()),
            by_person[who],
            books[who],
            limits,
            cut,
            sheet.days,
        )
        for who in setup.people
    )
    needs = tuple(
        Need(day, shift, post.id, count)
        for day in range(sheet.days)
        for post in setup.posts
        if _on(post, (sheet.first_day + timedelta(days=day)).weekday())
        for shift, count in sorted(post.counts.items())
        if count and day * DAY + shifts[shift].begins > at
    )
    rows = sheet.rows if entries is None else entries
    problem = Problem(
        sheet.days,
        tuple(shifts.values()),
        tuple(Post(one.id, one.name, one.skill, one.gate) for one in setup.posts),
        people,
        needs,
        limits,
    )
    open_rows = tuple(
        one
        for one in rows
        if one.shift not in shifts or one.day * DAY + shifts[one.shift].begins > at
    )
    return Ground(
        sheet, setup, limits, now, zero, problem, open_rows, today, tuple(loose), says, left
    )


def _on(post: PostOf, weekday: int) -> bool:
    return post.when == "all" or (post.when == "weekends") == (weekday >= 5)


def _person(
    who: UUID,
    skills: frozenset[str],
    says: dict[int, str],
    books: list[Stint],
    limits: Limits,
    cut: int,
    days: int,
) -> Person:
    back = int(back_days(limits) / timedelta(minutes=1))
    past = [
        one for one in books if cut - WEEKS_BACK // timedelta(minutes=1) <= one.begins < cut
    ]
    return Person(
        str(who),
        skills,
        frozenset(day for day, what in says.items() if what == "away"),
        None,
        tuple(Wish(day, None, what == "like") for day, what in says.items() if what != "away"),
        tuple(one for one in books if -back <= one.begins <= days * DAY + back),
        sum(len(nights(one, limits)) for one in past),
        len(past),
    )
