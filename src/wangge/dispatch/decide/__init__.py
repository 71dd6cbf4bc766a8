"""What becomes of a report, decided without the database."""

from wangge.dispatch.decide.deciding import decide
from wangge.dispatch.decide.placing import (
    DRIFT,
    TITLE_MAX,
    WORDS_MAX,
    OtherDistrict,
    new_receipt,
    title_of,
)
from wangge.dispatch.decide.report import CHANNELS, Decision, Grounds, Report
from wangge.dispatch.decide.routing import check_minutes

__all__ = [
    "CHANNELS",
    "DRIFT",
    "TITLE_MAX",
    "WORDS_MAX",
    "Decision",
    "Grounds",
    "OtherDistrict",
    "Report",
    "check_minutes",
    "decide",
    "new_receipt",
    "title_of",
]
