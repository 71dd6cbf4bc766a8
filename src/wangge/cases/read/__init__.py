"""Reading single cases: the whole story in order, neighbours, points for the map, receipts."""

from wangge.cases.read.desk_verbs import verbs
from wangge.cases.read.neighbours import NearCase, near
from wangge.cases.read.points import CasePoint, live_points
from wangge.cases.read.receipts import ReceiptView, StageLine, receipt_view
from wangge.cases.read.story import case_view
from wangge.cases.read.views import CaseView, OfferLine, PhotoLine, StepLine, TaskLine

__all__ = [
    "CasePoint",
    "CaseView",
    "NearCase",
    "OfferLine",
    "PhotoLine",
    "ReceiptView",
    "StageLine",
    "StepLine",
    "TaskLine",
    "case_view",
    "live_points",
    "near",
    "receipt_view",
    "verbs",
]
