"""Sweeps: every door of an area, none missed, against a clock, accounted for."""

from wangge.sweeps.commands.closing import begin_pass, certify_again, close_round, retime
from wangge.sweeps.commands.opening import Opening, open_round
from wangge.sweeps.kinds import KINDS
from wangge.sweeps.model import Kind, Outcome, Round
from wangge.sweeps.reporting import Deed, Report, Taken
from wangge.sweeps.taking import take

__all__ = [
    "KINDS",
    "Deed",
    "Kind",
    "Opening",
    "Outcome",
    "Report",
    "Round",
    "Taken",
    "begin_pass",
    "certify_again",
    "close_round",
    "open_round",
    "retime",
    "take",
]
