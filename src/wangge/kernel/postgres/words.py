"""What the supervisor says: findings for `wangge doctor`, and the one kind of error it raises.

These words are for the person who runs the machine, often before any database exists to hold
a language preference, so each is kept in both languages side by side.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["ClusterError", "Finding", "Level", "Say", "Words", "silent"]


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence in Chinese and in English."""

    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a diagnosis. `code` is stable and may be tested for; words may change."""

    level: Level
    code: str
    words: Words


class ClusterError(Exception):
    """The embedded PostgreSQL cannot do what was asked. `code` is stable, `words` for people.

    Codes: runtime-missing, runtime-too-old, version-mismatch, not-writable, not-readable,
    data-missing, wrong-owner, port-taken, start-failed, start-timeout, stop-failed, still-held,
    lock-timeout, init-failed, program-missing, unsupported-system.
    """

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.code = code
        self.words = Words(zh, en)


Say = Callable[[Words], None]
"""Receives progress sentences during a first start (copying, initialising, recovering)."""


def silent(_words: Words) -> None:
    """Say nothing."""
