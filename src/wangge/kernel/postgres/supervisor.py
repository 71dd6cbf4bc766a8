"""Keeping the server alive: when the postmaster dies, start it again, within reason."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from wangge.kernel.postgres.cluster import Cluster
from wangge.kernel.postgres.space import Space
from wangge.kernel.postgres.words import ClusterError

__all__ = ["Restart", "Supervisor"]

logger = logging.getLogger("wangge.postgres")

LOOK_EVERY = 0.05
SPACE_EVERY = 5.0
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 10.0


@dataclass(frozen=True, slots=True)
class Restart:
    """The server is there again. `seconds` from noticing its death to accepting connections;
    `attempts` is 1 when the first try succeeded."""

    seconds: float
    attempts: int


class Supervisor:
    """Watches a started cluster from a thread and restarts it when its postmaster dies.

    Works whether this process or another one started the server. Leaves a server alone that
    was stopped with `Cluster.stop`. After `most` attempts within `window` seconds it gives
    up: something is wrong that starting again does not mend (`failed`, `on_give_up`).
    Callbacks run in the watching thread.
    """

    def __init__(
        self,
        cluster: Cluster,
        *,
        on_restart: Callable[[Restart], None] | None = None,
        on_give_up: Callable[[ClusterError], None] | None = None,
        on_low_space: Callable[[Space], None] | None = None,
        most: int = 20,
        window: float = 600.0,
    ) -> None:
        self.cluster = cluster
        self.failed: ClusterError | None = None
        self._on_restart = on_restart
        self._on_give_up = on_give_up
        self._on_low_space = on_low_space
        self._most = most
        self._window = window
        self._attempts: deque[float] = deque()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        self._look_at_space_after = 0.0

    def start(self) -> None:
        """Begin to watch. The cluster must have been started."""
        self._ending.clear()
        self._thread = threading.Thread(target=self._watch, name="postgres-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop watching; the server itself goes on. Waits for a restart under way."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _watch(self) -> None:
        while not self._ending.wait(LOOK_EVERY):
            try:
                if not self.cluster.running and not self.cluster.stopped_on_purpose:
                    if not self._revive():
                        return
                elif time.monotonic() > self._look_at_space_after:
                    self._look_at_space_after = time.monotonic() + SPACE_EVERY
                    self._look_at_space()
            except Exception:
                logger.exception("The watch over PostgreSQL stumbled; it goes on.")

    def _revive(self) -> bool:
        """Start the server again. False when giving up."""
        began, pause, attempts = time.monotonic(), FIRST_PAUSE, 0
        while not self._ending.is_set():
            now = time.monotonic()
            while self._attempts and self._attempts[0] < now - self._window:
                self._attempts.popleft()
            if len(self._attempts) >= self._most:
                self._give_up()
                return False
            self._attempts.append(now)
            attempts += 1
            try:
                self.cluster.start()
            except ClusterError as error:
                logger.error("PostgreSQL did not start (attempt %d): %s", attempts, error.code)
                self._last = error
                self._ending.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
                if self.cluster.stopped_on_purpose:
                    return True
                continue
            restart = Restart(time.monotonic() - began, attempts)
            logger.warning("PostgreSQL was restarted in %.2f s.", restart.seconds)
            if self._on_restart is not None:
                self._on_restart(restart)
            return True
        return True

    _last: ClusterError | None = None

    def _give_up(self) -> None:
        self.failed = self._last or ClusterError(
            "start-failed",
            f"{self._window:.0f} 秒内数据库停了 {self._most} 次，不再重启。",
            f"The database died {self._most} times within {self._window:.0f} s; giving up.",
        )
        logger.critical("Giving up on PostgreSQL: %s", self.failed.code)
        if self._on_give_up is not None:
            self._on_give_up(self.failed)

    def _look_at_space(self) -> None:
        space = self.cluster.space
        if space.low:
            logger.warning("Only %d MiB are free for the database.", space.free >> 20)
            if self._on_low_space is not None:
                self._on_low_space(space)
        else:
            self.cluster.ballast.keep()
