"""`wangge plan`: proposals from files, without a database. Every answer is a proposal."""

from dataclasses import replace
from pathlib import Path

import click

from wangge.cli import plan_deliver, plan_roster, plan_split, plan_territories
from wangge.cli.plan_files import (
    both,
    in_option,
    out_option,
    plan_option,
    reading,
    seconds_option,
    seed_option,
    stoppable,
    tell,
    tell_stopped,
    tries_option,
    trying,
    write,
)
from wangge.cli.speak import Sorry, _, say
from wangge.solvers import Progress as Standing
from wangge.solvers.microgrids import (
    Proposal,
    Repair,
    Town,
    by_floors,
    check,
    default_tries,
    footpaths,
    propose,
    repair,
    repair_tries,
    suggest,
)
from wangge.solvers.microgrids.checking import grid_names
from wangge.solvers.microgrids.files import (
    division_of,
    move_json,
    plan_json,
    read_town,
    town_json,
    verdict_json,
)

_in = in_option("小区、楼栋、单元和现在的划分 · the town (docs/plans.md)")
_seconds = seconds_option(60.0)


@click.group()
def plan() -> None:
    """划分和排班的建议,从文件到文件 · plans from files."""


plan.add_command(plan_split.split_group)
plan.add_command(plan_deliver.deliver_group)
plan.add_command(plan_roster.roster_group)
plan.add_command(plan_territories.territories_group)


@plan.group()
def microgrids() -> None:
    """微网格:检查、修补、建议 · micro-grids."""


@microgrids.command("check")
@_in
@out_option
@plan_option("要检查的方案;不写就检查现在的划分 · the plan to check; without: today's")
def check_(source: Path, target: Path, planned: Path | None) -> int:
    """检查一种划分:哪里不对、公平不公平、离现在多远 · judge a division.

    有必须改正的地方时,退出码是 1 · exit code 1 when something must not be.
    """
    town = reading(read_town, source)
    division = reading(division_of, planned) if planned is not None else dict(town.today)
    paths = footpaths(town)
    verdict = check(town, division.items(), paths)
    steps = suggest(town, division, paths=paths)
    told = verdict_json(verdict, both)
    told["best_steps"] = [move_json(one, both) for one in steps]
    write(target, told)
    tell(verdict.sentences)
    if steps:
        say(_("最省的几步:"))
        tell(one.why for one in steps)
    return 1 if verdict.hard else 0


@microgrids.command("repair")
@_in
@out_option
@seed_option
@tries_option
@_seconds
@click.option("--close", multiple=True, help="停用的微网格(可多次) · a grid that ends")
def repair_(
    source: Path,
    target: Path,
    seed: int,
    tries: int | None,
    seconds: float,
    close: tuple[str, ...],
) -> int:
    """修补现在的划分,换网格长的户数最少 · mend today's division."""
    town = reading(read_town, source)
    unknown = sorted(set(close) - {grid.id for grid in town.grids})
    if unknown:
        raise Sorry("没有编号为“{grid}”的微网格。", grid=unknown[0])
    for one in town.communities:
        mine = {grid.id for grid in town.grids if grid.community == one.id}
        if mine and mine <= set(close):
            raise Sorry("“{name}”的微网格不能全部停用。", name=one.name)
    paths = footpaths(town)
    with stoppable(tries or repair_tries(town, paths), seconds, _standing) as budget:
        mended = repair(town, seed=seed, budget=budget, paths=paths, close=close)
    # What ends counts no longer: neither in the mean nor as empty.
    left = [grid for grid in town.grids if grid.id not in close]
    return _answer(replace(town, grids=left), mended, target)


@microgrids.command("propose")
@_in
@out_option
@seed_option
@tries_option
@_seconds
@click.option("--floors", is_flag=True, help="需要时按楼层拆单元 · divide stairwells by floors")
def propose_(
    source: Path,
    target: Path,
    seed: int,
    tries: int | None,
    seconds: float,
    floors: bool,
) -> int:
    """建议一种划分 · propose a division."""
    town = reading(read_town, source)
    with stoppable(tries or default_tries(town), seconds, _standing) as budget:
        proposal = propose(town, seed=seed, budget=budget)
    if floors and proposal.floors and proposal.stopped != "cancelled":
        town = by_floors(town, proposal)
        with stoppable(tries or default_tries(town), seconds, _standing) as budget:
            proposal = propose(town, seed=seed, budget=budget)
    return _answer(town, proposal, target, with_town=floors)


def _answer(
    town: Town, made: Proposal | Repair, target: Path, *, with_town: bool = False
) -> int:
    verdict = check(town, made.division)
    told = plan_json(made, verdict, grid_names(town), both)
    if with_town:
        told["town"] = town_json(town)
    write(target, told)
    tell(made.sentences)
    if isinstance(made, Proposal):
        tell(one.why for one in made.proofs)
        tell(one.why for one in made.floors)
    tell(verdict.sentences)
    tell_stopped(made.stopped)
    return 1 if verdict.hard else 0


def _standing(at: Standing) -> str:
    return trying(at, at.part)
