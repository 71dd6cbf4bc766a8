"""Dispatch: the one entrance for whatever needs somebody, and who is asked, in which order."""

from wangge.dispatch.decide import Report
from wangge.dispatch.intake import Intake, Received, intake_of, receive
from wangge.dispatch.rules import RULES, Rule, install_starter_rules

__all__ = [
    "RULES",
    "Intake",
    "Received",
    "Report",
    "Rule",
    "install_starter_rules",
    "intake_of",
    "receive",
]
