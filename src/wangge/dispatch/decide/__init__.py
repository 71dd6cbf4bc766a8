"""What becomes of a report, decided without the database."""

from wangge.dispatch.decide.deciding import Aimed, aim, by_posts, decide, settle, wanted
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
    "Aimed",
    "Decision",
    "Grounds",
    "OtherDistrict",
    "Report",
    "aim",
    "by_posts",
    "check_minutes",
    "decide",
    "new_receipt",
    "settle",
    "title_of",
    "wanted",
]
