"""A clock that stands still until a test lets time pass."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass
class Clock:
    """What `moments.now()` answers in a test."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment

    def pass_(self, **time: float) -> None:
        """Let time pass: `clock.pass_(minutes=5)`."""
        self.moment += timedelta(**time)
