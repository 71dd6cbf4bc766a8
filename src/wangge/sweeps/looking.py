"""Looking at everything a run of reports needs before one of them is judged: few statements, in the
order their locks go (`queries.taking`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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

#: Who asks for which block, and whether it is to rule.
_Asked = tuple[int, int, bool]
#: A thing of a round, by the numbers of both: UUIDs are hashed by Python, numbers are not, and a
#: report is looked up a dozen times.
_At = tuple[int, int]


@dataclass(slots=True)
class RoundMet:
    """A round as its reports meet it: `plain` outcomes go the short way, `asked` are its questions."""

    id: UUID
    kind: Kind
    closed: bool
    plain: frozenset[str]
    asked: dict[str, Question]


class Looked:
    """What reports meet: their rounds, blocks (locked) and doors, and who may report there."""

    def __init__(
        self, tx: Tx, deeds: Sequence[Deed], more: Mapping[Key, tuple[UUID, ...]]
    ) -> None:
        self.tx = tx
        self.deeds = deeds
        self.more = more
        #: The door of each deed; None where there is none, or none for whoever says it.
        self.at: list[Door | None] = []
        self.rounds: dict[int, RoundMet] = {}
        self.blocks: dict[_At, Block] = {}
        self.sources: dict[UUID, Source] = {}
        #: Whose papers reports are typed from, by (person, round, community) in which they walk.
        self._walk: set[tuple[UUID, UUID, str]] = set()
        self._doors: dict[_At, Door] = {}
        #: Doors that are judged with everything that was ever said of them.
        self._judging: set[_At] = set()

    async def look(self) -> None:
        tx = self.tx
        ids = {deed.body.round.int: deed.body.round for deed in self.deeds}
        for found in await queries.rounds(tx, [ids[number] for number in sorted(ids)]):
            kind = kind_from(found.kind)
            self.rounds[found.id.int] = RoundMet(
                found.id,
                kind,
                found.closed_at is not None,
                plain_outcomes(kind),
                {question.key: question for question in kind.questions},
            )
        wanted: dict[_At, Key] = {}
        claimed: dict[_At, Key] = {}
        unsaid: list[Key] = []
        said: list[_At] = []
        for deed in self.deeds:
            body = deed.body
            at = (body.round.int, body.door.int)
            said.append(at)
            met = self.rounds.get(at[0])
            if met is None:
                continue
            # Whoever is listed behind the door is counted by all but the short way.
            if at in wanted or body.persons or not is_one_tap(body, met.plain):
                self._judging.add(at)
            wanted[at] = (met.id, body.door)
            if body.block is None:
                unsaid.append((met.id, body.door))
            else:
                claimed[at[0], body.block.int] = (met.id, body.block)
        if not wanted:
            self.at = [None] * len(self.deeds)
            return
        if unsaid:
            for (round_id, _), block in (await queries.blocks_of(tx, unsaid)).items():
                claimed[round_id.int, block.int] = (round_id, block)
        await self._lock(claimed)
        astray = self._place(wanted, await queries.doors(tx, list(wanted.values())))
        if astray:
            # Their phone named another block: their own is locked, and they are read anew.
            await self._lock({(one[0].int, one[1].int): one for one in astray.values()})
            again = {at: wanted[at] for at in astray}
            self._place(again, await queries.doors(tx, list(again.values())))
        await self._load()
        for at in self._judging:
            if at in self._doors:
                self._doors[at].whole = True
        self.at = [self._doors.get(at) for at in said]
        await self._look_at_posts()
        await self._look_at_papers()

    async def _lock(self, blocks: Mapping[_At, Key]) -> None:
        for block in await queries.lock_blocks(self.tx, list(blocks.values())):
            self.blocks[block.round_id.int, block.id.int] = Block(
                block.round_id, block.id, block.version + 1
            )

    def _place(self, wanted: Mapping[_At, Key], found: queries.DoorsNow) -> dict[_At, Key]:
        """Put doors to their blocks. Answers those whose block is not locked, with it."""
        astray: dict[_At, Key] = {}
        for (at, key), block_id, area, people, reports in zip(
            wanted.items(), found.blocks, found.areas, found.people, found.reports, strict=True
        ):
            if block_id is None or area is None:
                continue
            block = self.blocks.get((at[0], block_id.int))
            if block is None:
                astray[at] = (key[0], block_id)
                continue
            met = self.rounds[at[0]]
            self._doors[at] = Door(
                met.id, key[1], block, area, people or 0, reports, met.kind, met.closed
            )
            if reports or met.closed:
                self._judging.add(at)
        return astray

    async def _load(self) -> None:
        """Everything ever said of the doors that have to be judged."""
        doors = [self._doors[at] for at in self._judging if at in self._doors]
        if not doors:
            return
        for row in await queries.listed(self.tx, [(door.round_id, door.id) for door in doors]):
            door = self._doors[row.round_id.int, row.door_id.int]
            door.people, door.late = row.people, row.late
        reported = [door for door in doors if door.reports]
        if not reported:
            return
        vault = vault_of(self.tx.actor.district)
        keys = [(door.round_id, door.id) for door in reported]
        for kept in await queries.reports(self.tx, keys):
            door = self._doors[kept.round_id.int, kept.door_id.int]
            door.said.append(said_of(kept, vault))
            self.sources[kept.id] = (
                kept.by_id,
                kept.how,
                kept.claimed_at,
                kept.clock_off,
                kept.at,
            )
        for door in reported:
            door.line = judge(door.said, door.people)
            door.counted = counts_of(door, door.line)
            door.people += self.more.get((door.round_id, door.id), ())

    async def _look_at_posts(self) -> None:
        """Who may report which block: by post, or because they were sent there. Doors are taken away
        from whoever may not."""
        may: dict[_Asked, bool] = {}
        reaches: dict[tuple[int, bool], Reach] = {}
        outside: dict[_Asked, tuple[UUID, Door]] = {}
        asked: list[_Asked | None] = []
        for deed, door in zip(self.deeds, self.at, strict=True):
            if door is None:
                asked.append(None)
                continue
            # A block is one object to all its doors.
            at = (deed.by.id.int, id(door.block), deed.decides)
            asked.append(at)
            if at in may:
                continue
            reach = reaches.get((at[0], at[2]))
            if reach is None:
                reach = reaches[at[0], at[2]] = await self._reach(deed)
            may[at] = reach.covers(door.area_code) or door.block.id in reach.units
            if not may[at] and not deed.decides:
                outside[at] = (deed.by.id, door)
        if outside:
            shares = await queries.shares_of(
                self.tx,
                sorted({who for who, _ in outside.values()}),
                [met.id for met in self.rounds.values()],
            )
            for at, (who, door) in outside.items():
                may[at] = (who, door.round_id, door.block.id) in shares
        for n, one in enumerate(asked):
            if one is not None and not may[one]:
                self.at[n] = None

    async def _look_at_papers(self) -> None:
        """Whoever filled the papers that are typed in, and where they walk."""
        typed = {
            (deed.body.filled_by, door.round_id)
            for deed, door in zip(self.deeds, self.at, strict=True)
            if door is not None
            and deed.body.filled_by is not None
            and deed.body.filled_by != deed.by.id
        }
        if typed:
            self._walk = await queries.walkers(
                self.tx,
                sorted({who for who, _ in typed}),
                sorted({where for _, where in typed}),
            )

    def is_of_the_round(self, deed: Deed, door: Door) -> bool:
        """Whether a paper is from whoever typed it, or from somebody who walks there in the round."""
        who = deed.body.filled_by
        if who is None or who == deed.by.id:
            return True
        return (who, door.round_id, door.area_code[:12]) in self._walk

    async def _reach(self, deed: Deed) -> Reach:
        found = deed.by.reach(DECIDE if deed.decides else REPORT, self.tx.now)
        if found.buildings:
            units = await queries.units_in(self.tx, found.buildings)
            found = Reach(found.areas, (*found.units, *units))
        return found
