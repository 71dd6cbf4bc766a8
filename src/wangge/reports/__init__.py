"""Reports: a table is a saved question. It is filled into the asker's own form, compared with the last
time, and nobody types anything twice (一表通)."""

from wangge.reports.asking import question
from wangge.reports.commands import Draft, save
from wangge.reports.making import make
from wangge.reports.model import Col, Filters, Measure, Rows, Spec
from wangge.reports.outgoing import run

__all__ = [
    "Col",
    "Draft",
    "Filters",
    "Measure",
    "Rows",
    "Spec",
    "make",
    "question",
    "run",
    "save",
]
