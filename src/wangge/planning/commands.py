"""Commands: ask for a proposal, change it by hand, accept it or a part of it, take it back.

Whatever was proposed, a person decides; what is accepted is judged and applied against the register as
it is at that moment, and refused where that has changed.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec

from wangge.cases.commands import go_along
from wangge.kernel.database import Tx
from wangge.kernel.moments import new_id
from wangge.kernel.refusals import Invalid, NotFound, Stale
from wangge.people import ROSTER
from wangge.people.commands.stairwells import Goes, Handed, give_back, hand_over
from wangge.places import ATLAS, AreaKind, area_id
from wangge.places.reassigning import REASON_MAX, Step, hold_ground, reassign
from wangge.planning import queries, registered
from wangge.planning.acts import DECIDE, PROPOSE
from wangge.planning.events import (
    DivisionAccepted,
    DivisionUndone,
    HeadNamed,
    ProposalAsked,
    ProposalDropped,
    ProposalEdited,
)
from wangge.planning.judging import Step as Offered
from wangge.planning.judging import offered
from wangge.planning.model import (
    STATE_NAMES,
    WAITING_MAX,
    AlreadyDecided,
    EnoughAsked,
    Kind,
    NotAccepted,
    ProposalIsStale,
    StillWorkedOut,
    Wishes,
)
from wangge.planning.queries import Proposal
from wangge.planning.town import Situation, community_of, situation
from wangge.solvers.microgrids import check


@dataclass(frozen=True, slots=True)
class Drift:
    """What became of the stairwells since a proposal was made."""

    moved: int
    new: int
    gone: int

    @property
    def stale(self) -> bool:
        """Anything at all."""
        return bool(self.moved or self.new or self.gone)


def drift(proposal: Proposal, now: Situation) -> Drift:
    """Against the register as it is."""
    before, where = proposal.before, now.where
    return Drift(
        sum(where[unit] != code for unit, code in before.items() if unit in where),
        sum(unit not in before for unit in where),
        sum(unit not in where for unit in before),
    )


def going(proposal: Proposal, now: Situation) -> list[UUID]:
    """Stairwells that it would give to another micro-grid than theirs."""
    return [
        UUID(unit)
        for unit, code in proposal.division.items()
        if now.where.get(unit, code) != code
    ]


async def _door(tx: Tx, id_: UUID, *, deciding: bool = False) -> Proposal:
    """The proposal, locked, for whoever may change or decide it."""
    act = DECIDE if deciding else PROPOSE
    return await queries.lock(tx, tx.reach(act), id_)


def _must_be_open(proposal: Proposal, version: int | None) -> None:
    if proposal.state == "waiting":
        raise StillWorkedOut()
    if proposal.state != "ready":
        raise AlreadyDecided(STATE_NAMES[proposal.state])
    if version is not None and version != proposal.version:
        raise Stale(proposal.version)


async def ask(
    tx: Tx, community: str, kind: Kind, wishes: Wishes | None = None, *, seed: int = 0
) -> UUID:
    """Ask for a repair or a new division of a community, which the clock computes, or begin one by hand
    from today's, which is there at once. Raises NotFound, Forbidden, Invalid, NoMicroGrids."""
    wishes = wishes or Wishes()
    if problems := wishes.problems():
        raise Invalid.all(problems)
    community_of(await ATLAS.get(tx), community)
    tx.require(PROPOSE, community)
    found = await situation(tx, community, wishes.rules())
    if kind != "hand":
        asked = msgspec.to_builtins(wishes)
        waiting = await queries.being_worked_out(tx, community)
        for one in waiting:
            if (one.kind, one.rules, one.seed) == (kind, asked, seed):
                return one.id  # asked twice is asked once
        if len(waiting) >= WAITING_MAX:
            raise EnoughAsked(len(waiting))
    id_ = new_id(tx.now)
    await queries.insert_proposal(tx, id_, community, kind, msgspec.to_builtins(wishes), seed)
    tx.publish(ProposalAsked(id_, community, kind))
    if kind == "hand":
        await put_down(tx, id_, found, dict(found.town.today), [], "", by=tx.actor.id)
    return id_


async def put_down(
    tx: Tx,
    id_: UUID,
    found: Situation,
    division: Mapping[str, str],
    sentences: Sequence[str],
    stopped: str,
    *,
    by: UUID,
) -> bool:
    """A first version of a proposal; False when somebody stopped it meanwhile."""
    verdict = await asyncio.to_thread(check, found.town, division.items(), found.paths)
    if not await queries.set_ready(
        tx,
        id_,
        before=found.where,
        mean=verdict.fairness[0].mean if verdict.fairness else 0.0,
        sentences=sentences,
        stopped=stopped,
    ):
        return False
    await queries.insert_version(tx, id_, 1, "made", division, by=by)
    return True


async def move(tx: Tx, id_: UUID, unit_id: UUID, to_code: str, version: int) -> int:
    """Put one stairwell of a proposal into another micro-grid. Answers the new version. Raises NotFound,
    StillWorkedOut, AlreadyDecided, Stale, Invalid."""
    proposal = await _door(tx, id_)
    _must_be_open(proposal, version)
    found = await situation(tx, proposal.area_code)
    if str(unit_id) not in found.where:
        raise NotFound("这个单元")
    if to_code not in found.grids:
        raise Invalid.of("to", "“{code}”不是本社区的微网格。", code=to_code)
    if proposal.division.get(str(unit_id)) == to_code:
        return proposal.version  # it is there already
    number = proposal.version + 1
    await queries.insert_version(
        tx,
        id_,
        number,
        "moved",
        {**proposal.division, str(unit_id): to_code},
        by=tx.actor.id,
        unit_id=unit_id,
        to_code=to_code,
    )
    await queries.set_version(tx, id_, number)
    tx.publish(ProposalEdited(id_, proposal.area_code, number))
    return number


async def go_back(tx: Tx, id_: UUID, number: int, version: int) -> int:
    """Make an earlier state of a proposal the latest again. Answers the new version."""
    proposal = await _door(tx, id_)
    _must_be_open(proposal, version)
    division = await queries.division_at(tx, id_, number)
    if division is None:
        raise Invalid.of("number", "这个方案没有第 {number} 版。", number=number)
    new = proposal.version + 1
    await queries.insert_version(tx, id_, new, "back", division, by=tx.actor.id)
    await queries.set_version(tx, id_, new)
    tx.publish(ProposalEdited(id_, proposal.area_code, new))
    return new


async def drop(tx: Tx, id_: UUID) -> None:
    """Stop a proposal that is being computed, or put one away."""
    proposal = await _door(tx, id_)
    if proposal.state not in ("waiting", "ready", "failed"):
        raise AlreadyDecided(STATE_NAMES[proposal.state])
    await queries.set_state(tx, id_, "dropped")
    tx.publish(ProposalDropped(id_, proposal.area_code))


def _reason(text: str) -> str:
    text = text.strip()
    if not 2 <= len(text) <= REASON_MAX:
        raise Invalid.of("reason", "请写明原因(2 到 {most} 个字)。", most=REASON_MAX)
    return text


async def accept(
    tx: Tx, id_: UUID, reason: str, version: int, only: Sequence[str] | None = None
) -> int:
    """Make a proposal true, whole or `only` some of its steps (their keys). Answers how many stairwells
    changed hands.

    Raises NotFound, StillWorkedOut, AlreadyDecided, Stale (somebody changed it by hand meanwhile),
    ProposalIsStale (the register changed), Invalid (nothing chosen, no reason).
    """
    proposal = await _door(tx, id_, deciding=True)
    _must_be_open(proposal, version)
    reason = _reason(reason)
    await hold_ground(tx, [proposal.area_code])
    found = await situation(tx, proposal.area_code)
    gone = drift(proposal, found)
    if gone.stale:
        raise ProposalIsStale(gone.moved, gone.new, gone.gone)
    steps = _chosen(await asyncio.to_thread(offered, found, proposal.division), only)
    goes = [(unit, found.where[unit], step.to_code) for step in steps for unit in step.units]
    done = await reassign(
        tx,
        [Step(UUID(unit), was, to) for unit, was, to in goes],
        reason,
        cause=id_,
        spots={UUID(unit): spot for unit, spot in found.spots.items()},
    )
    heads = [_handed(found, *one) for one in goes]
    handed = await hand_over(tx, heads)
    cases = await go_along(tx, heads)
    await queries.set_accepted(
        tx,
        id_,
        reason,
        {
            "units": {unit: [was, to] for unit, was, to in goes},
            "wider": {str(one): code for one, code in done.wider.items()},
            "borders": {code: list(pair) for code, pair in done.borders.items()},
            "lost": [one.kept() for one in handed.lost],
            "gained": [one.kept() for one in handed.gained],
            "left": handed.left,
            "cases": cases,
        },
    )
    households = sum(step.households for step in steps)
    tx.publish(
        DivisionAccepted(id_, proposal.area_code, proposal.version, len(goes), households)
    )
    return len(goes)


def _chosen(steps: Sequence[Offered], only: Sequence[str] | None) -> list[Offered]:
    if only is not None:
        unknown = set(only) - {step.key for step in steps}
        if unknown:
            raise Invalid.of("steps", "方案里没有这一步,请刷新页面再选。")
        steps = [step for step in steps if step.key in only]
    if not steps:
        raise Invalid.of("steps", "没有选中要改的:至少勾选一步。")
    return list(steps)


def _handed(found: Situation, unit: str, was: str, to: str) -> Goes:
    before, after = found.heads.get(was), found.heads.get(to)
    return Goes(
        UUID(unit),
        was,
        before.staff_id if before else None,
        to,
        after.staff_id if after else None,
    )


async def undo(tx: Tx, id_: UUID, reason: str) -> int:
    """Put back what an accepted proposal moved. Answers how many stairwells. Raises NotAccepted, and
    UnitsWentElsewhere when one of them was moved again since: then nothing is put back."""
    proposal = await _door(tx, id_, deciding=True)
    if proposal.state != "accepted" or proposal.applied is None:
        raise NotAccepted()
    reason = _reason(reason)
    pairs: dict[str, list[str]] = proposal.applied["units"]
    goes = [(unit, now, was) for unit, (was, now) in pairs.items()]
    wider: dict[str, str] = proposal.applied["wider"]
    borders: dict[str, list[str]] = proposal.applied["borders"]
    await reassign(
        tx,
        [Step(UUID(unit), now, was) for unit, now, was in goes],
        reason,
        cause=id_,
        wider={UUID(one): code for one, code in wider.items()},
        borders={code: (was, became) for code, (was, became) in borders.items()},
    )
    found = await situation(tx, proposal.area_code)
    await go_along(tx, [_handed(found, *one) for one in goes])
    await give_back(
        tx,
        [Handed.of(*one) for one in proposal.applied["lost"]],
        [Handed.of(*one) for one in proposal.applied["gained"]],
    )
    await queries.set_undone(tx, id_, reason)
    tx.publish(DivisionUndone(id_, proposal.area_code, len(goes)))
    return len(goes)


async def name_head(
    tx: Tx, code: str, staff_id: UUID | None, unit_id: UUID | None = None
) -> None:
    """Say who heads a micro-grid (None: nobody), and in which of the community's stairwells that person
    lives. It gives nobody a post. Raises NotFound, Forbidden, Invalid."""
    area = (await ATLAS.get(tx)).area(code)
    if area is None or not area.open or area.kind is not AreaKind.MICRO_GRID:
        raise NotFound("这个微网格")
    tx.require(PROPOSE, code)
    if staff_id is not None:
        roster = await ROSTER.get(tx)
        staff = roster.staff(staff_id)
        if staff is None or not any(
            post.area_code.startswith(code[:12]) for post in roster.posts_of(staff_id)
        ):
            raise Invalid.of("staff_id", "网格长要从本社区有岗位的人里选。")
    if unit_id is not None:
        found = await situation(tx, code[:12])
        if str(unit_id) not in found.where:
            raise Invalid.of("unit_id", "住处要从本社区的单元里选。")
    await registered.name_head(tx, code, staff_id, unit_id if staff_id else None)
    tx.publish(HeadNamed(area_id(code), code, staff_id))
