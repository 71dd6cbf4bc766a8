"""Looking at everything a run of reports needs before one of them is judged: few statements, in the
order their locks go (`queries.taking`)."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from wangge.kernel.actors import Reach
from wangge.kernel.crypto import vault_of
from wangge.kernel.database import Tx
from wangge.sweeps.acts import DECIDE, REPORT
from wangge.sweeps.judge import judge
from wangge.sweeps.kinds import kind_from
from wangge.sweeps.model import Kind
from wangge.sweeps.queries import taking as queries
from wangge.sweeps.questions import Question
from wangge.sweeps.reporting import Deed, is_one_tap, plain_outcomes
from wangge.sweeps.standing import Block, Door, Key, Source, counts_of, said_of


class Looked:
    """What reports meet: their rounds, blocks (locked) and doors, and who may report there."""

    def __init__(
        self, tx: Tx, deeds: Sequence[Deed], more: Mapping[Key, tuple[UUID, ...]]
    ) -> None:
        self.tx = tx
        self.deeds = deeds
        self.more = more
        self.rounds: dict[UUID, tuple[queries.RoundNow, Kind, frozenset[str]]] = {}
        self.asked: dict[UUID, dict[str, Question]] = {}
        self.blocks: dict[Key, Block] = {}
        self.doors: dict[Key, Door] = {}
        #: Doors that are judged with everything that was ever said of them.
        self.judging: set[Key] = set()
        self.sources: dict[UUID, Source] = {}
        self.may: dict[tuple[UUID, Key, bool], bool] = {}

    async def look(self) -> None:
        tx = self.tx
        for found in await queries.rounds(tx, sorted({d.body.round for d in self.deeds})):
            kind = kind_from(found.kind)
            self.rounds[found.id] = (found, kind, plain_outcomes(kind))
            self.asked[found.id] = {question.key: question for question in kind.questions}
        wanted: dict[Key, None] = {}
        claimed: set[Key] = set()
        unsaid: list[Key] = []
        for deed in self.deeds:
            body = deed.body
            if body.round not in self.rounds:
                continue
            key = (body.round, body.door)
            # Whoever is listed behind the door is counted by all but the short way.
            if key in wanted or body.persons or not is_one_tap(body, self.rounds[key[0]][2]):
                self.judging.add(key)
            wanted[key] = None
            if body.block is None:
                unsaid.append(key)
            else:
                claimed.add((body.round, body.block))
        if not wanted:
            return
        if unsaid:
            found_blocks = await queries.blocks_of(tx, unsaid)
            claimed |= {(key[0], block) for key, block in found_blocks.items()}
        await self._lock(claimed)
        astray = self._place(list(wanted), await queries.doors(tx, list(wanted)))
        if astray:
            # Their phone named another block: their own is locked, and they are read anew.
            await self._lock(set(astray.values()))
            self._place(list(astray), await queries.doors(tx, list(astray)))
        await self._load()
        await self._look_at_posts()

    async def _lock(self, blocks: set[Key]) -> None:
        for block in await queries.lock_blocks(self.tx, list(blocks)):
            self.blocks[block.round_id, block.id] = Block(
                block.round_id, block.id, block.version + 1
            )

    def _place(self, wanted: list[Key], found: queries.DoorsNow) -> dict[Key, Key]:
        """Put doors to their blocks. Answers those whose block is not locked, with it."""
        astray: dict[Key, Key] = {}
        for key, block_id, area, people, reports in zip(
            wanted, found.blocks, found.areas, found.people, found.reports, strict=True
        ):
            if block_id is None or area is None:
                continue
            block = self.blocks.get((key[0], block_id))
            if block is None:
                astray[key] = (key[0], block_id)
                continue
            round_, kind, _ = self.rounds[key[0]]
            closed = round_.closed_at is not None
            self.doors[key] = Door(
                key[0], key[1], block, area, people or 0, reports, kind, closed
            )
            if reports or closed:
                self.judging.add(key)
        return astray

    async def _load(self) -> None:
        """Everything ever said of the doors that have to be judged."""
        keys = [key for key in self.judging if key in self.doors]
        if not keys:
            return
        for row in await queries.listed(self.tx, keys):
            door = self.doors[row.round_id, row.door_id]
            door.people, door.judged, door.late = row.people, row.judged, row.late
            door.loaded = True
        reported = [key for key in keys if self.doors[key].reports]
        if not reported:
            return
        vault = vault_of(self.tx.actor.district)
        for kept in await queries.reports(self.tx, reported):
            self.doors[kept.round_id, kept.door_id].said.append(said_of(kept, vault))
            self.sources[kept.id] = (
                kept.by_id,
                kept.how,
                kept.claimed_at,
                kept.clock_off,
                kept.at,
            )
        for key in reported:
            door = self.doors[key]
            door.line = judge(door.said, door.people)
            door.counted = counts_of(door, door.line)
            door.people += self.more.get(key, ())

    async def _look_at_posts(self) -> None:
        """Who may report which block: by post, or because they were sent there."""
        asked: dict[tuple[UUID, Key, bool], tuple[Deed, Door]] = {}
        for deed in self.deeds:
            door = self.doors.get((deed.body.round, deed.body.door))
            if door is not None:
                at = (deed.by.id, (door.round_id, door.block.id), deed.decides)
                if at not in asked:
                    asked[at] = (deed, door)
        outside: list[tuple[UUID, Key, bool]] = []
        reaches: dict[tuple[UUID, bool], Reach] = {}
        for at, (deed, door) in asked.items():
            reach = reaches.get((at[0], at[2]))
            if reach is None:
                reach = reaches[at[0], at[2]] = await self._reach(deed)
            self.may[at] = reach.covers(door.area_code) or door.block.id in reach.units
            if not self.may[at] and not at[2]:
                outside.append(at)
        if outside:
            shares = await queries.shares_of(
                self.tx, sorted({at[0] for at in outside}), sorted(self.rounds)
            )
            for at in outside:
                self.may[at] = (at[0], *at[1]) in shares

    async def _reach(self, deed: Deed) -> Reach:
        found = deed.by.reach(DECIDE if deed.decides else REPORT, self.tx.now)
        if found.buildings:
            units = await queries.units_in(self.tx, found.buildings)
            found = Reach(found.areas, (*found.units, *units))
        return found
