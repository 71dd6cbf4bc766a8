"""Phones that come back together share transactions, and each is answered after its own commit."""

from collections.abc import Sequence

from wangge.kernel.actors import system_actor
from wangge.kernel.database import Database
from wangge.kernel.refusals import Refusal
from wangge.kernel.together import Together
from wangge.sweeps.reporting import Deed, Taken
from wangge.sweeps.taking import take

#: Reports one transaction takes; some forty phones' worth.
TOGETHER_MAX = 2_400
#: Reports that may wait in one process: some two seconds of work. More phones are told when to
#: come back.
WAITING_MAX = 24_000
#: Transactions under way at a time: while one commits, the next is judged.
AT_ONCE = 2


class Sync:
    """One district's way in for reports, in one process."""

    def __init__(self, database: Database, district: str) -> None:
        self._database = database
        self._district = district
        self._together: Together[Sequence[Deed], Sequence[Taken | Refusal]] = Together(
            self._run, most=TOGETHER_MAX, waiting=WAITING_MAX, at_once=AT_ONCE, weigh=len
        )

    def room(self, reports: int) -> None:
        """Raises Busy where so many more find no room now."""
        self._together.room(reports)

    async def take(self, deeds: Sequence[Deed]) -> Sequence[Taken | Refusal]:
        """One phone's reports, answered after their commit. Raises Busy: nothing was kept."""
        return await self._together.do(deeds)

    async def _run(self, runs: Sequence[Sequence[Deed]]) -> Sequence[Sequence[Taken | Refusal]]:
        async with self._database.tx(system_actor(self._district)) as tx:
            answers = iter(await take(tx, [deed for run in runs for deed in run]))
        return [[next(answers) for _ in run] for run in runs]


_syncs: dict[int, Sync] = {}


def sync_of(database: Database, district: str) -> Sync:
    """The process's one way in for a district."""
    found = _syncs.get(id(database))
    if found is None:
        found = _syncs[id(database)] = Sync(database, district)
    return found
