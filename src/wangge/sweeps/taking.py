"""Taking reports in: many phones, many doors, one transaction.

A phone that comes back sends everything it has; a county's phones may come back at once. What
arrives together is judged in memory and written by set: one COPY of reports, one statement for
the counts, one COPY of facts. Each report is answered by itself, and one that is refused harms
no other.

Most doors are reported once, by one person, with one tap. Those go a short way (`_first`); all
others are judged with everything that was ever said of them (`_judge`).
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from wangge.kernel.actors import Actor, Reach
from wangge.kernel.crypto import Vault, vault_of
from wangge.kernel.database import Tx
from wangge.kernel.facts import Fact
from wangge.kernel.refusals import DeedReused, Invalid, NotFound, Refusal
from wangge.sweeps.acts import DECIDE, REPORT
from wangge.sweeps.answering import cleaned, opened, sealed
from wangge.sweeps.events import DoorEased, DoorNeeds, DoorReported
from wangge.sweeps.judge import NOTHING, Line, Said, done_people, judge
from wangge.sweeps.kinds import kind_from
from wangge.sweeps.model import HELP, HOWS_SAID, SAMPLED, Kind, Outcome, Person
from wangge.sweeps.pace import PACE_SECONDS
from wangge.sweeps.queries import taking as queries
from wangge.sweeps.questions import Question
from wangge.sweeps.raising import changed

#: Characters of words beside a report: where somebody is, since when.
WORDS_MAX = 200
#: Persons one report may speak of; a dormitory is several doors.
PERSONS_MAX = 60
ANSWERS_MAX = 300
#: Reports judged at a stretch.
SLICE = 100

OutcomeCode = Literal[
    "all", "some", "nobody", "locked", "vacant", "away", "refused", "visit", "exempt", "moved"
]
PersonCode = Literal["done", "absent", "away", "refused", "visit", "exempt"]
HowCode = Literal["door", "phone", "neighbour", "family", "paper", "tube", "desk", "register"]


class Report(msgspec.Struct, frozen=True):
    """What somebody found at a door.

    `base` is how many reports of this door the phone had seen (the roster's `version`), `after`
    the phone's own report of this door before this one, `undoes` one to be taken back. `persons`
    are exceptions: resident id → what is the case with them. `turn` is the round's pass as the
    phone knew it. `words` say where somebody is, since when; sealed. `filled_by` is whoever
    filled the paper that is typed back in. `answers` go by question, or question@resident;
    "" takes one away.
    """

    round: UUID
    door: UUID
    block: UUID | None = None
    outcome: OutcomeCode | None = None
    how: HowCode = "door"
    base: int = 0
    after: UUID | None = None
    undoes: UUID | None = None
    turn: int = 1
    persons: dict[UUID, PersonCode] = {}
    needs: list[str] = []
    answers: dict[str, str | int | float | bool] = {}
    words: str = ""
    filled_by: UUID | None = None


class Deed(msgspec.Struct, frozen=True):
    """A report on its way in. `claimed_at` is the phone's word for when, kept and not believed;
    `clock_off` its clock less ours in seconds, when it said what time it had. `decides` is a
    ruling at a desk; `register` is the system's own word, when people move."""

    id: UUID
    by: Actor
    body: Report
    claimed_at: datetime | None = None
    clock_off: int | None = None
    decides: bool = False
    register: bool = False


class Taken(msgspec.Struct, frozen=True):
    """A report's answer: what stands for the door now. `version` counts the door's reports;
    `flagged` names what a person has to decide."""

    door: UUID
    outcome: str | None
    version: int
    flagged: tuple[str, ...]
    late: bool


@dataclass(slots=True)
class _Block:
    """A locked block: the mark its changes get, and how its counts move."""

    round_id: UUID
    id: UUID
    mark: int
    changes: dict[str, int] = field(default_factory=dict[str, int])
    fresh: int = 0
    touched: bool = False

    def add(self, counts: Mapping[str, int], sign: int) -> None:
        for name, number in counts.items():
            self.changes[name] = self.changes.get(name, 0) + sign * number


@dataclass(slots=True)
class _Door:
    """One door while a transaction judges it."""

    round_id: UUID
    id: UUID
    block: _Block
    area_code: str
    residents: int
    reports: int
    kind: Kind
    closed: bool
    said: list[Said] = field(default_factory=list[Said])
    people: tuple[UUID, ...] = ()
    line: Line = NOTHING
    counted: dict[str, int] = field(default_factory=dict[str, int])
    late: bool = False
    judged: bool = False
    loaded: bool = False


_Key = tuple[UUID, UUID]
#: How a report was said, for the line that shows it.
_Source = tuple[UUID, str, datetime | None, int | None, datetime]


class _Taking:
    """One transaction's work."""

    def __init__(
        self, tx: Tx, deeds: Sequence[Deed], more: Mapping[_Key, tuple[UUID, ...]]
    ) -> None:
        self.tx = tx
        self.deeds = deeds
        self.more = more
        self.rounds: dict[UUID, tuple[queries.RoundNow, Kind, frozenset[str]]] = {}
        self.asked: dict[UUID, dict[str, Question]] = {}
        self.blocks: dict[_Key, _Block] = {}
        self.doors: dict[_Key, _Door] = {}
        self.judging: set[_Key] = set()
        self.sources: dict[UUID, _Source] = {}
        self.rows: list[tuple[Any, ...]] = []
        self.facts: list[tuple[Fact, UUID]] = []
        self.spoken: list[queries.SaidRow] = []
        self.touched: dict[_Key, _Door] = {}
        self._may: dict[tuple[UUID, _Key, bool], bool] = {}

    async def run(self) -> list[Taken | Refusal]:
        await self._look()
        answers: list[Taken | Refusal] = []
        for start in range(0, len(self.deeds), SLICE):
            answers += [self._one(deed) for deed in self.deeds[start : start + SLICE]]
            # Boards and other people's answers are not kept waiting for thousands of doors.
            await asyncio.sleep(0)
        await self._write()
        return answers

    # -- looking ----------------------------------------------------------------------------

    async def _look(self) -> None:
        tx = self.tx
        for found in await queries.rounds(tx, sorted({d.body.round for d in self.deeds})):
            kind = kind_from(found.kind)
            self.rounds[found.id] = (found, kind, _plain_outcomes(kind))
            self.asked[found.id] = {question.key: question for question in kind.questions}
        wanted: dict[_Key, None] = {}
        claimed: set[_Key] = set()
        unsaid: list[_Key] = []
        for deed in self.deeds:
            body = deed.body
            if body.round not in self.rounds:
                continue
            key = (body.round, body.door)
            # Whoever is listed behind the door is counted by all but the short way.
            if key in wanted or body.persons or not _is_one_tap(body, self.rounds[key[0]][2]):
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

    async def _lock(self, blocks: set[_Key]) -> None:
        for block in await queries.lock_blocks(self.tx, list(blocks)):
            self.blocks[block.round_id, block.id] = _Block(
                block.round_id, block.id, block.version + 1
            )

    def _place(self, wanted: list[_Key], found: queries.DoorsNow) -> dict[_Key, _Key]:
        """Put doors to their blocks. Answers those whose block is not locked, with it."""
        astray: dict[_Key, _Key] = {}
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
            self.doors[key] = _Door(
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
            self.doors[kept.round_id, kept.door_id].said.append(_said(kept, vault))
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
            door.counted = _counts(door, door.line)
            door.people += self.more.get(key, ())

    async def _look_at_posts(self) -> None:
        """Who may report which block: by post, or because they were sent there."""
        asked: dict[tuple[UUID, _Key, bool], tuple[Deed, _Door]] = {}
        for deed in self.deeds:
            door = self.doors.get((deed.body.round, deed.body.door))
            if door is not None:
                at = (deed.by.id, (door.round_id, door.block.id), deed.decides)
                if at not in asked:
                    asked[at] = (deed, door)
        outside: list[tuple[UUID, _Key, bool]] = []
        reaches: dict[tuple[UUID, bool], Reach] = {}
        for at, (deed, door) in asked.items():
            reach = reaches.get((at[0], at[2]))
            if reach is None:
                reach = reaches[at[0], at[2]] = await self._reach(deed)
            self._may[at] = reach.covers(door.area_code) or door.block.id in reach.units
            if not self._may[at] and not at[2]:
                outside.append(at)
        if outside:
            shares = await queries.shares_of(
                self.tx, sorted({at[0] for at in outside}), sorted(self.rounds)
            )
            for at in outside:
                self._may[at] = (at[0], *at[1]) in shares

    async def _reach(self, deed: Deed) -> Reach:
        found = deed.by.reach(DECIDE if deed.decides else REPORT, self.tx.now)
        if found.buildings:
            units = await queries.units_in(self.tx, found.buildings)
            found = Reach(found.areas, (*found.units, *units))
        return found

    # -- deciding ---------------------------------------------------------------------------

    def _one(self, deed: Deed) -> Taken | Refusal:
        body = deed.body
        key = (body.round, body.door)
        door = self.doors.get(key)
        if (
            door is None
            or not self._may[deed.by.id, (door.round_id, door.block.id), deed.decides]
        ):
            return NotFound("这一户")
        if key not in self.judging and _is_one_tap(body, self.rounds[body.round][2]):
            return self._first(deed, door)
        wrong = None if deed.register else _wrong(deed, door)
        if wrong is not None:
            return wrong
        try:
            knew_all = body.base == door.line.version
            answers = cleaned(
                self.asked[body.round], body.answers, door.line.answers if knew_all else None
            )
        except Invalid as refusal:
            return refusal
        before = next((said for said in door.said if said.id == deed.id), None)
        if before is not None:
            return self._answer(door) if _same(before, deed) else DeedReused()
        self._take(deed, door, answers)
        return self._answer(door)

    def _answer(self, door: _Door) -> Taken:
        line = door.line
        return Taken(door.id, line.outcome, line.version, line.flagged, door.late)

    def _first(self, deed: Deed, door: _Door) -> Taken:
        """The first report of a door, with one tap: it is the door's line as it is."""
        body, block, by = deed.body, door.block, deed.by.id
        outcome = body.outcome
        assert outcome is not None
        self.rows.append(
            (
                body.round,
                body.door,
                deed.id,
                1,
                body.base,
                body.after,
                None,
                deed.decides,
                body.turn,
                by,
                body.filled_by,
                outcome,
                body.how,
                None,
                None,
                deed.claimed_at,
                deed.clock_off,
                self.tx.now,
                block.mark,
            )
        )
        changes = block.changes
        changes[outcome] = changes.get(outcome, 0) + 1
        if door.residents and outcome in _PEOPLED:
            name = _PEOPLED[outcome]
            changes[name] = changes.get(name, 0) + door.residents
        block.fresh += 1
        block.touched = True
        self.facts.append(
            (
                DoorReported(
                    body.round,
                    door.area_code,
                    body.door,
                    outcome,
                    outcome,
                    body.how,
                    1,
                    False,
                    False,
                ),
                by,
            )
        )
        return Taken(body.door, outcome, 1, (), False)

    def _take(self, deed: Deed, door: _Door, answers: Mapping[str, Any]) -> None:
        body, now = deed.body, self.tx.now
        n = door.said[-1].n + 1 if door.said else door.reports + 1
        needs = frozenset(body.needs) | door.kind.needs_of(answers)
        said = Said(
            deed.id,
            n,
            deed.by.id,
            body.base,
            body.after,
            body.undoes,
            deed.decides,
            body.turn,
            body.outcome,
            _persons(deed, door),
            needs,
            answers,
        )
        door.said.append(said)
        self.sources[deed.id] = (deed.by.id, body.how, deed.claimed_at, deed.clock_off, now)
        self.rows.append(
            (
                door.round_id,
                door.id,
                deed.id,
                n,
                body.base,
                body.after,
                body.undoes,
                deed.decides,
                body.turn,
                deed.by.id,
                body.filled_by,
                said.outcome,
                body.how,
                _persons_text(said.persons),
                sorted(needs) or None,
                deed.claimed_at,
                deed.clock_off,
                now,
                door.block.mark,
            )
        )
        if answers or body.words:
            self._keep_words(deed, door, answers)
        self._judge(door, said, deed.by.id)

    def _keep_words(self, deed: Deed, door: _Door, answers: Mapping[str, Any]) -> None:
        words = deed.body.words.strip()
        vault = vault_of(self.tx.actor.district)
        self.spoken.append(
            queries.SaidRow(
                door.round_id,
                door.id,
                deed.id,
                door.area_code,
                sealed(vault, deed.id, answers, self.asked[door.round_id]),
                vault.seal(words, words_context(deed.id)) if words else None,
            )
        )

    def _judge(self, door: _Door, said: Said, by: UUID) -> None:
        old = door.line
        door.block.add(door.counted, -1)
        door.line = line = judge(door.said, door.people)
        if len(door.said) > 1 or not _speaks_for_itself(said) or door.closed:
            self.touched[door.round_id, door.id] = door
        door.late = door.late or door.closed
        door.counted = _counts(door, line)
        door.block.add(door.counted, 1)
        door.block.touched = True
        if line.outcome is not None and old.outcome is None:
            door.block.fresh += 1
        self._say(door, said, old, by)

    def _say(self, door: _Door, said: Said, old: Line, by: UUID) -> None:
        line = door.line
        self.facts.append(
            (
                DoorReported(
                    door.round_id,
                    door.area_code,
                    door.id,
                    line.outcome or "",
                    said.outcome or "",
                    self.sources[said.id][1],
                    line.version,
                    bool(line.flagged),
                    door.late,
                ),
                by,
            )
        )
        raised, eased = changed(
            door.kind, door.said, door.people, old, line, closed=door.closed
        )
        for what in raised:
            rule = door.kind.raised(what)
            if rule is not None:
                needs = DoorNeeds(
                    door.round_id,
                    door.area_code,
                    door.id,
                    door.block.id,
                    what,
                    rule.case_class,
                    rule.calm,
                )
                self.facts.append((needs, by))
        for what in eased:
            if door.kind.raised(what) is not None:
                over = DoorEased(
                    door.round_id,
                    door.area_code,
                    door.id,
                    door.block.id,
                    what,
                    line.outcome or "",
                )
                self.facts.append((over, by))

    # -- writing ----------------------------------------------------------------------------

    async def _write(self) -> None:
        if not self.rows:
            return
        await queries.copy_reports(self.tx, self.rows)
        if self.spoken:
            await queries.insert_said(self.tx, self.spoken)
        if self.touched:
            lines = list(self.touched.values())
            await queries.upsert_lines(self.tx, [self._line_row(door) for door in lines])
            vault = vault_of(self.tx.actor.district)
            answered = [
                queries.SaidRow(
                    door.round_id,
                    door.id,
                    door.id,
                    door.area_code,
                    sealed(vault, door.id, door.line.answers, self.asked[door.round_id]),
                    None,
                )
                for door in lines
                if door.line.answers or any(said.answers for said in door.said)
            ]
            if answered:
                await queries.stand_answers(self.tx, answered)
        await queries.add_to_blocks(
            self.tx,
            [
                (block.round_id, block.id, block.changes, block.fresh)
                for _, block in sorted(self.blocks.items())
                if block.touched
            ],
            PACE_SECONDS,
        )
        self.tx.publish_all(self.facts)

    def _line_row(self, door: _Door) -> queries.LineRow:
        line = door.line
        by, how, claimed, off, at = self.sources[line.report or door.said[-1].id]
        return queries.LineRow(
            door.round_id,
            door.id,
            line.outcome,
            {str(person): status for person, status in line.persons.items()} or None,
            " ".join(sorted(line.needs)),
            line.report,
            by,
            how,
            claimed,
            off,
            at,
            line.version,
            line.tries,
            " ".join(line.flagged),
            door.late,
            door.block.mark,
        )


async def take(
    tx: Tx, deeds: Sequence[Deed], *, more: Mapping[_Key, tuple[UUID, ...]] | None = None
) -> list[Taken | Refusal]:
    """Take reports in, in order. Each is answered by what stands for its door afterwards, or by
    its refusal: NotFound (no such door, or not for this person), Invalid, DeedReused.

    A report that is there already (same id at the same door) gets the answer again. Some eight
    statements, whatever their number. `more` are people who are listed behind a reported door from
    now on.
    """
    return await _Taking(tx, deeds, more or {}).run()


def words_context(report_id: UUID) -> bytes:
    """Associated data that binds sealed words to their report."""
    return report_id.bytes + b"sweeps_said.words"


#: Outcomes in which everybody listed counts, and as what.
_PEOPLED: Mapping[str, str] = {
    Outcome.ALL.value: "done_people",
    Outcome.SOME.value: "done_people",
    Outcome.EXEMPT.value: "exempt_people",
}


def _plain_outcomes(kind: Kind) -> frozenset[str]:
    """Outcomes that call for nothing else when they are a door's first."""
    return frozenset(
        button.code.value for button in kind.said if kind.raised(button.code) is None
    )


def _is_one_tap(body: Report, plain: frozenset[str]) -> bool:
    """Whether nothing was said beside the outcome. (What is said of a second report is judged.)"""
    return (
        body.outcome in plain
        and not (body.needs or body.answers or body.words or body.persons or body.undoes)
        and body.how in HOWS_SAID
        and 0 <= body.base <= BASE_MAX
        and 1 <= body.turn <= TURN_MAX
    )


BASE_MAX, TURN_MAX = 32_000, 999


def _speaks_for_itself(said: Said | Report) -> bool:
    """Whether a door's first report is its line as it is."""
    return said.outcome is not None and said.undoes is None


def _said(kept: queries.Kept, vault: Vault) -> Said:
    return Said(
        kept.id,
        kept.n,
        kept.by_id,
        kept.base,
        kept.after,
        kept.undoes,
        kept.decides,
        kept.pass_n,
        kept.outcome,
        {UUID(person): status for person, status in (kept.persons or {}).items()},
        frozenset(kept.needs or ()),
        opened(vault, kept.id, kept.answers),
    )


def _counts(door: _Door, line: Line) -> dict[str, int]:
    """What a door adds to its block's counts."""
    found: dict[str, int] = {}
    if line.outcome is not None:
        found[line.outcome] = 1
    if line.flagged:
        found["flagged"] = 1
    if door.late:
        found["late"] = 1
    done, exempt = done_people(
        line.outcome, line.persons, door.people, by_tube=door.kind.by_tube
    )
    if done:
        found["done_people"] = done
    if exempt:
        found["exempt_people"] = exempt
    return found


def _same(before: Said, deed: Deed) -> bool:
    """Whether a deed sent again means what it meant the first time."""
    body = deed.body
    return (
        before.by == deed.by.id
        and before.outcome == body.outcome
        and before.undoes == body.undoes
        # A ruling names more people than it was sent with.
        and (deed.decides or dict(before.persons) == body.persons)
    )


def _wrong(deed: Deed, door: _Door) -> Refusal | None:
    """What cannot be taken as it is."""
    body, kind = deed.body, door.kind
    # Who is not listed cannot be in a tube; of such a household it is said by hand.
    if kind.by_tube and door.people and not deed.decides and _says_sampled(body):
        return Invalid.of(
            "outcome",
            "这一轮装了管才算已检:请在手机上点开这一户,选人、输管码或扫码。不在、拒检、免检照常报。",
        )
    if body.outcome is not None and body.outcome not in kind.outcomes:
        return Invalid.of(
            "outcome", "“{kind}”没有“{outcome}”这个结果。", kind=kind.name, outcome=body.outcome
        )
    if (
        body.outcome is None
        and body.undoes is None
        and not (body.persons or body.answers or body.needs)
    ):
        return Invalid.of("outcome", "请选择这一户的情况。")
    if body.how not in HOWS_SAID:
        return Invalid.of("how", "上报方式不对。")
    unknown = [need for need in body.needs if need not in HELP]
    if unknown:
        return Invalid.of("needs", "没有“{need}”这种需求。", need=unknown[0])
    if len(body.words) > WORDS_MAX:
        return Invalid.of("words", "说明最多 {most} 个字。", most=WORDS_MAX)
    if len(body.persons) > PERSONS_MAX or len(body.answers) > ANSWERS_MAX:
        return Invalid.of("persons", "一次上报的内容太多,请分开上报。")
    if not 0 <= body.base <= BASE_MAX or not 1 <= body.turn <= TURN_MAX:
        return Invalid.of("base", "版本号不对,请刷新名册后再报。")
    return None


def _persons(deed: Deed, door: _Door) -> dict[UUID, PersonCode]:
    """What is said of single people. Where tubes tell who is done, a ruling that all are says so of
    everybody listed who is not exempt, and of nobody who joins later."""
    said = dict(deed.body.persons)
    if deed.decides and door.kind.by_tube and deed.body.outcome == Outcome.ALL.value:
        named: dict[UUID, PersonCode] = {
            person: "done"
            for person in door.people
            if door.line.persons.get(person) != Person.EXEMPT
        }
        return named | said
    return said


def _says_sampled(body: Report) -> bool:
    return body.outcome in SAMPLED or Person.DONE in body.persons.values()


def _persons_text(persons: Mapping[UUID, str]) -> str | None:
    if not persons:
        return None
    return msgspec.json.encode({str(p): status for p, status in persons.items()}).decode()
