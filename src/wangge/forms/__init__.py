"""Forms: the field dictionary of a district, how fresh its values are, what is asked of whom and by
whom, and whether a table somebody wants is filled at all."""

from wangge.forms.entries import WORDS, dictionary
from wangge.forms.ledger import asked_before, asked_before_many, record
from wangge.forms.model import Before, Contact, Entry
from wangge.forms.questions import open_questions, questions_for

__all__ = [
    "WORDS",
    "Before",
    "Contact",
    "Entry",
    "asked_before",
    "asked_before_many",
    "dictionary",
    "open_questions",
    "questions_for",
    "record",
]
