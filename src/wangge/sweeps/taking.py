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
from typing import Any
from uuid import UUID

from wangge.kernel.crypto import vault_of
from wangge.kernel.database import Tx
from wangge.kernel.facts import Fact
from wangge.kernel.refusals import DeedReused, Invalid, NotFound, Refusal
from wangge.sweeps.answering import cleaned, sealed
from wangge.sweeps.events import DoorEased, DoorNeeds, DoorReported
from wangge.sweeps.judge import Line, Said, judge
from wangge.sweeps.looking import Looked
from wangge.sweeps.pace import PACE_SECONDS
from wangge.sweeps.queries import taken as queries
from wangge.sweeps.questions import Question
from wangge.sweeps.raising import changed
from wangge.sweeps.reporting import (
    Deed,
    Taken,
    persons_said,
    persons_text,
    same,
    words_context,
    wrong_with,
)
from wangge.sweeps.standing import (
    PEOPLED,
    Door,
    Key,
    counts_of,
    line_row,
    speaks_for_itself,
)

#: Reports judged at a stretch.
SLICE = 100


class _Taking(Looked):
    """One transaction's work."""

    def __init__(
        self, tx: Tx, deeds: Sequence[Deed], more: Mapping[Key, tuple[UUID, ...]]
    ) -> None:
        super().__init__(tx, deeds, more)
        self.rows: list[tuple[Any, ...]] = []
        self.facts: list[tuple[Fact, UUID]] = []
        self.spoken: list[queries.SaidRow] = []
        self.touched: dict[Key, Door] = {}

    async def run(self) -> list[Taken | Refusal]:
        await self.look()
        answers: list[Taken | Refusal] = []
        for start in range(0, len(self.deeds), SLICE):
            answers += map(
                self._one, self.deeds[start : start + SLICE], self.at[start : start + SLICE]
            )
            # Boards and other people's answers are not kept waiting for thousands of doors.
            await asyncio.sleep(0)
        await self._write()
        return answers

    # -- deciding ---------------------------------------------------------------------------

    def _one(self, deed: Deed, door: Door | None) -> Taken | Refusal:
        body = deed.body
        if door is None:
            return NotFound("这一户")
        if body.filled_by is not None and not self.is_of_the_round(deed, door):
            return Invalid.of("filled_by", "没有这位填表人,请从列表里选。")
        if not door.whole:
            return self._first(deed, door)
        wrong = None if deed.register else wrong_with(deed, door)
        if wrong is not None:
            return wrong
        try:
            knew_all = body.base == door.line.version
            answers = cleaned(
                self._asked(door), body.answers, door.line.answers if knew_all else None
            )
        except Invalid as refusal:
            return refusal
        before = next((said for said in door.said if said.id == deed.id), None)
        if before is not None:
            return self._answer(door) if same(before, deed) else DeedReused()
        self._take(deed, door, answers)
        return self._answer(door)

    def _asked(self, door: Door) -> dict[str, Question]:
        return self.rounds[door.round_id.int].asked

    def _answer(self, door: Door) -> Taken:
        line = door.line
        return Taken(door.id, line.outcome, line.version, line.flagged, door.late)

    def _first(self, deed: Deed, door: Door) -> Taken:
        """The first report of a door, with one tap: it is the door's line as it is."""
        body, block, by = deed.body, door.block, deed.by.id
        # The database's own ids are written quicker than those that were read from JSON.
        round_id = door.round_id
        outcome = body.outcome
        assert outcome is not None
        self.rows.append(
            (
                round_id,
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
        if door.residents and outcome in PEOPLED:
            name = PEOPLED[outcome]
            changes[name] = changes.get(name, 0) + door.residents
        block.fresh += 1
        block.touched = True
        self.facts.append(
            (
                DoorReported(
                    round_id,
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

    def _take(self, deed: Deed, door: Door, answers: Mapping[str, Any]) -> None:
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
            persons_said(deed, door),
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
                persons_text(said.persons),
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

    def _keep_words(self, deed: Deed, door: Door, answers: Mapping[str, Any]) -> None:
        words = deed.body.words.strip()
        vault = vault_of(self.tx.actor.district)
        self.spoken.append(
            queries.SaidRow(
                door.round_id,
                door.id,
                deed.id,
                door.area_code,
                sealed(vault, deed.id, answers, self._asked(door)),
                vault.seal(words, words_context(deed.id)) if words else None,
            )
        )

    def _judge(self, door: Door, said: Said, by: UUID) -> None:
        old = door.line
        door.block.add(door.counted, -1)
        door.line = line = judge(door.said, door.people)
        if len(door.said) > 1 or not speaks_for_itself(said) or door.closed:
            self.touched[door.round_id, door.id] = door
        door.late = door.late or door.closed
        door.counted = counts_of(door, line)
        door.block.add(door.counted, 1)
        door.block.touched = True
        if line.outcome is not None and old.outcome is None:
            door.block.fresh += 1
        self._say(door, said, old, by)

    def _say(self, door: Door, said: Said, old: Line, by: UUID) -> None:
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
            await queries.upsert_lines(
                self.tx, [line_row(door, self.sources) for door in lines]
            )
            vault = vault_of(self.tx.actor.district)
            answered = [
                queries.SaidRow(
                    door.round_id,
                    door.id,
                    door.id,
                    door.area_code,
                    sealed(vault, door.id, door.line.answers, self._asked(door)),
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


async def take(
    tx: Tx, deeds: Sequence[Deed], *, more: Mapping[Key, tuple[UUID, ...]] | None = None
) -> list[Taken | Refusal]:
    """Take reports in, in order. Each is answered by what stands for its door afterwards, or by
    its refusal: NotFound (no such door, or not for this person), Invalid (also a paper of somebody
    who has no part in the round there), DeedReused.

    A report that is there already (same id at the same door) gets the answer again. Some eight
    statements, whatever their number. `more` are people who are listed behind a reported door from
    now on.
    """
    return await _Taking(tx, deeds, more or {}).run()
