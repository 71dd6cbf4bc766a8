"""Exports: lists with people in them leave only here, for a reason, with a name on every page."""

from wangge.exports.commands import ask
from wangge.exports.model import (
    Column,
    Export,
    Maker,
    Sheet,
    Subject,
    Watermark,
    all_makers,
    maker,
)

__all__ = [
    "Column",
    "Export",
    "Maker",
    "Sheet",
    "Subject",
    "Watermark",
    "all_makers",
    "ask",
    "maker",
]
