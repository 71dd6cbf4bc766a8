"""The clock's part: computing a proposal, with its progress, until it is done or somebody stops it."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import msgspec

from wangge.kernel.beside import beside
from wangge.kernel.database import Tx
from wangge.kernel.jobs import tick
from wangge.kernel.refusals import Refusal
from wangge.kernel.said import said as keep
from wangge.planning import queries
from wangge.planning.acts import READ
from wangge.planning.commands import put_down
from wangge.planning.events import ProposalReady
from wangge.planning.judging import judge, kept
from wangge.planning.model import Wishes
from wangge.planning.town import Situation, inside_grids, situation
from wangge.solvers import Budget, Sentence, Watch
from wangge.solvers.microgrids import (
    default_tries,
    footpaths,
    propose,
    repair,
    repair_tries,
)
from wangge.solvers.microgrids.town import Pair
from wangge.solvers.words import said

#: Seconds a slow machine may take; tries end the work before that elsewhere.
SECONDS_MAX = 30.0
#: Tries after which a proposal is given up.
TRIES_MAX = 3


@tick("planning.make", every=timedelta(seconds=1))
async def make_next(tx: Tx) -> int:
    """Work out the proposal that was asked for first. Answers 1, or 0 when none waits. A line of its
    own: nobody's messages wait behind it."""
    id_ = await queries.next_to_make(tx)
    if id_ is None:
        return 0
    async with tx.aside() as other:
        tries = await queries.count_try(other, id_)
    if tries > TRIES_MAX:
        await queries.set_state(tx, id_, "failed", [keep("多次没有算成,请重新提一个方案。")])
        return 1
    tx.cause = id_
    await make(tx, id_)
    return 1


async def make(tx: Tx, id_: UUID) -> None:
    """Compute a proposal beside the loop. Whatever ends this ends the computing."""
    proposal = await queries.proposal(tx, tx.reach(READ), id_)
    if proposal.state != "waiting":
        return  # somebody stopped it before it began
    wishes = msgspec.convert(proposal.rules, Wishes)
    try:
        found = await situation(tx, proposal.area_code, wishes.rules())
    except Refusal as refusal:
        await queries.set_state(tx, id_, "failed", [keep(refusal.says, **refusal.data())])
        return
    watch = Watch()
    budget = watch.budget(_tries(found, wishes, proposal.kind), SECONDS_MAX)
    division, sentences = await beside(
        tx,
        lambda: solve(found, wishes, proposal.kind, proposal.seed, budget),
        lambda other: queries.set_progress(
            other, id_, watch.standing.done, watch.standing.whole
        ),
        watch.stop,
    )
    if await put_down(
        tx,
        id_,
        found,
        division,
        [kept(one) for one in sentences],
        budget.ended,
        by=proposal.by_id,
    ):
        judged = await asyncio.to_thread(judge, found, division)
        tx.publish(
            ProposalReady(id_, proposal.area_code, judged.moved_units, judged.moved_households)
        )


def _tries(found: Situation, wishes: Wishes, kind: str) -> int:
    if kind == "repair":
        return repair_tries(found.town, _paths(found, wishes))
    return default_tries(found.town)


def _paths(found: Situation, wishes: Wishes) -> Sequence[Pair]:
    """Walks that may join a micro-grid: without `across` none leads out of its grid, while work is still
    weighed against the mean of the whole community."""
    return found.paths if wishes.across else footpaths(inside_grids(found))


def solve(
    found: Situation, wishes: Wishes, kind: str, seed: int, budget: Budget
) -> tuple[dict[str, str], list[Sentence]]:
    """The solver's division and what it says. Pure, for a thread of its own: same register, rules and
    seed, same division."""
    paths = _paths(found, wishes)
    sentences: list[Sentence] = []
    if kind == "repair":
        mended = repair(found.town, seed=seed, budget=budget, paths=paths)
        division = dict(mended.division)
        steps = {str(one.why) for one in mended.moves}
        sentences += [one for one in mended.sentences if str(one) not in steps]
    else:
        part = budget.share(default_tries(found.town))
        made = propose(found.town, seed=seed, budget=part, paths=paths)
        if not wishes.across and _leaves(found, made.division):
            # A grid's share of the work would take a micro-grid from another: each by itself then.
            part = budget.share(default_tries(found.town))
            made = propose(inside_grids(found), seed=seed, budget=part)
        budget.took(part)
        division = dict(made.division)
        sentences += made.sentences
        sentences += [one.why for one in made.proofs]
        sentences += [one.why for one in made.floors]
    if not wishes.across and not judge(found, division).fair:
        sentences.append(
            said("以上只在各自的网格里调整;要再均衡,可以勾选“可以跨网格”再算一次。")
        )
    return division, sentences


def _leaves(found: Situation, division: Sequence[Pair]) -> bool:
    """Whether a stairwell would leave its grid."""
    return any(
        len(found.where[unit]) >= 15 and found.where[unit][:15] != code[:15]
        for unit, code in division
    )
