"""How long a solver may go on: a number of tries, a cap in seconds, somebody who says stop."""

from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Literal

Stopped = Literal["", "tries", "time", "cancelled"]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a solver stands: `done` of `whole` tries, and in which part of the work."""

    done: int
    whole: int
    part: str


def _never() -> bool:
    return False


def _nobody(_: Progress) -> None:
    return None


@dataclass(slots=True)
class Budget:
    """Tries are what is promised: as long as they end the work (or it ends by itself), the same
    input and seed give the same plan on every machine. The seconds are a cap for slow machines;
    `stopped` says which of them ended it, empty when the work was done.
    """

    tries: int
    seconds: float | None = None
    progress: Callable[[Progress], None] = _nobody
    cancelled: Callable[[], bool] = _never
    used: int = 0
    stopped: Stopped = ""
    #: A part of the work ended because its own tries were used up.
    cut: bool = False
    _until: float | None = field(default=None, init=False)

    #: The clock and the person who waits are looked at once in so many tries.
    LOOK = 16

    @property
    def ended(self) -> Stopped:
        """What ended the work; empty when it was done."""
        return self.stopped or ("tries" if self.cut else "")

    def spend(self, part: str = "", tries: int = 1) -> bool:
        """Use up one try, or as many as a larger piece of work counts for; False when there is none left,
        and from then on."""
        if self.stopped:
            return False
        if self.used >= self.tries:
            self.stopped = "tries"
            return False
        if tries > 1 or self.used % self.LOOK == 0:
            if self.seconds is not None:
                if self._until is None:
                    self._until = monotonic() + self.seconds
                elif monotonic() > self._until:
                    self.stopped = "time"
                    return False
            if self.cancelled():
                self.stopped = "cancelled"
                return False
            # Where the clock is what ends it, that is how far it is.
            done = max(self.used, round(self.gone() * self.tries))
            self.progress(Progress(min(done, self.tries), self.tries, part))
        self.used += tries
        return True

    def start(self) -> None:
        """The clock runs from here, where the work begins before the first try."""
        if self.seconds is not None and self._until is None:
            self._until = monotonic() + self.seconds

    def left(self) -> float | None:
        """Seconds until the cap; None where there is none."""
        return None if self._until is None else self._until - monotonic()

    def gone(self) -> float:
        """The share of the budget that is used up, by tries or by the clock, whichever is more."""
        tries = self.used / max(1, self.tries)
        if self.seconds is None or self._until is None:
            return tries
        left = self._until - monotonic()
        return max(tries, 1 - left / self.seconds if self.seconds > 0 else 1.0)

    def share(self, tries: int) -> "Budget":
        """A part of this budget: its own tries, the same clock and the same person to say stop."""
        part = Budget(
            max(0, min(tries, self.tries - self.used)),
            self.seconds,
            self.progress,
            self.cancelled,
        )
        self.start()
        part._until = self._until
        return part

    def part(self, share: float) -> "Budget":
        """A share of this budget in tries and in seconds."""
        part = self.share(round(share * self.tries))
        if part._until is not None and self.seconds is not None:
            part.seconds = self.seconds * share
            part._until -= self.seconds * (1 - share)
        return part

    def took(self, part: "Budget", *, planned: bool = False) -> None:
        """What a part used is used; a part that was stopped from outside stops the whole. A part
        that ran out of tries cuts the work short, unless so few were `planned` from the start."""
        self.used += part.used
        self.cut |= part.cut or (part.stopped == "tries" and not planned)
        if part.stopped == "cancelled" or (
            part.stopped == "time" and part._until == self._until
        ):
            self.stopped = part.stopped


class Watch:
    """Stands between a solver in a thread and whoever waits for it: where the solver stands, and the
    word that it is to stop."""

    def __init__(self) -> None:
        self.standing = Progress(0, 1, "")
        self._stopped = False

    def stop(self) -> None:
        """Heard when the solver next looks up."""
        self._stopped = True

    def budget(self, tries: int, seconds: float | None = None) -> Budget:
        """A budget that tells this watch."""
        return Budget(tries, seconds, self._told, lambda: self._stopped)

    def _told(self, one: Progress) -> None:
        self.standing = one
