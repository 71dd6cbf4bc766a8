"""Desk pages of the dictionary, its freshness, what is asked, what workers flagged, the ledger of a
household, and the page of whoever asked for a table."""

from typing import Any

from wangge.forms.pages.fields import add_field, change_field, field_page, fields_page
from wangge.forms.pages.flags import answer_flag, flag, flags_page
from wangge.forms.pages.freshness import fresh_page
from wangge.forms.pages.households import answered, contacted, household_page
from wangge.forms.pages.outside import answer_page
from wangge.forms.pages.questions import close_question, open_question, questions_page

ROUTES: list[Any] = [
    fields_page,
    add_field,
    field_page,
    change_field,
    fresh_page,
    questions_page,
    open_question,
    close_question,
    flags_page,
    flag,
    answer_flag,
    household_page,
    contacted,
    answered,
    answer_page,
]
