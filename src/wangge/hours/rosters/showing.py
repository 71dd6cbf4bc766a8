"""What the pages of rosters share: words in the reader's language, names, days."""

from collections.abc import Callable, Collection
from datetime import date, timedelta
from uuid import UUID

from wangge.hours.rosters import kept
from wangge.kernel.http import Asking
from wangge.kernel.i18n import translate
from wangge.kernel.said import worded
from wangge.people.roster import Roster
from wangge.solvers.words import Sentence

WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


def telling(who: Asking) -> Callable[[Sentence], str]:
    """For a template: a solver's sentence in the asker's language."""

    def tell(one: Sentence) -> str:
        return translate(who.locale, one.text, **one.values)

    return tell


def wording(who: Asking) -> Callable[[str], str]:
    def words(text: str) -> str:
        return worded(who.locale, text)

    return words


def names_of(roster: Roster, ids: Collection[UUID]) -> dict[UUID, str]:
    return {id_: roster.staff_name(id_) for id_ in ids}


def ends_of(one: kept.SheetLine | kept.Sheet | kept.TeamLine) -> date:
    return one.first_day + timedelta(days=one.days - 1)
