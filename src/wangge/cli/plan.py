"""`wangge plan`: proposals from files, without a database. Every answer is a proposal."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from wangge.cli.speak import Progress, Sorry, _, join, say
from wangge.kernel.i18n import translate
from wangge.solvers import Budget, Sentence
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
    Unreadable,
    division_of,
    move_json,
    plan_json,
    read_town,
    town_json,
    verdict_json,
)

#: So many sentences are printed; all stand in the file.
SHOWN = 12

_in = click.option(
    "--in",
    "source",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="小区、楼栋、单元和现在的划分 · the town (docs/plans.md)",
)
_out = click.option(
    "--out",
    "target",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="结果写到哪里 · where the answer is written",
)
_seed = click.option("--seed", type=int, default=0, help="随机种子 · seed")
_tries = click.option(
    "--tries", type=click.IntRange(1), help="最多试多少次 · at most so many tries"
)
_seconds = click.option(
    "--seconds", type=click.FloatRange(0.01), default=60.0, help="最多多少秒 · at most so long"
)


@click.group()
def plan() -> None:
    """划分和排班的建议,从文件到文件 · plans from files."""


@plan.group()
def microgrids() -> None:
    """微网格:检查、修补、建议 · micro-grids."""


@microgrids.command("check")
@_in
@_out
@click.option(
    "--plan",
    "planned",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="要检查的方案;不写就检查现在的划分 · the plan to check; without: today's",
)
def check_(source: Path, target: Path, planned: Path | None) -> int:
    """检查一种划分:哪里不对、公平不公平、离现在多远 · judge a division.

    有必须改正的地方时,退出码是 1 · exit code 1 when something must not be.
    """
    town = _town(source)
    division = _division(planned) if planned is not None else dict(town.today)
    paths = footpaths(town)
    verdict = check(town, division.items(), paths)
    steps = suggest(town, division, paths=paths)
    told = verdict_json(verdict, both)
    told["best_steps"] = [move_json(one, both) for one in steps]
    _write(target, told)
    _tell(verdict.sentences)
    if steps:
        say(_("最省的几步:"))
        _tell(one.why for one in steps)
    return 1 if verdict.hard else 0


@microgrids.command("repair")
@_in
@_out
@_seed
@_tries
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
    town = _town(source)
    unknown = sorted(set(close) - {grid.id for grid in town.grids})
    if unknown:
        raise Sorry("没有编号为“{grid}”的微网格。", grid=unknown[0])
    for one in town.communities:
        mine = {grid.id for grid in town.grids if grid.community == one.id}
        if mine and mine <= set(close):
            raise Sorry("“{name}”的微网格不能全部停用。", name=one.name)
    paths = footpaths(town)
    progress = Progress()
    budget = _budget(tries or repair_tries(town, paths), seconds, progress)
    mended = repair(town, seed=seed, budget=budget, paths=paths, close=close)
    progress.done()
    # What ends counts no longer: neither in the mean nor as empty.
    left = [grid for grid in town.grids if grid.id not in close]
    return _answer(replace(town, grids=left), mended, target)


@microgrids.command("propose")
@_in
@_out
@_seed
@_tries
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
    town = _town(source)
    progress = Progress()
    budget = _budget(tries or default_tries(town), seconds, progress)
    proposal = propose(town, seed=seed, budget=budget)
    if floors and proposal.floors:
        town = by_floors(town, proposal)
        budget = _budget(tries or default_tries(town), seconds, progress)
        proposal = propose(town, seed=seed, budget=budget)
    progress.done()
    return _answer(town, proposal, target, with_town=floors)


def both(one: Sentence) -> dict[str, str]:
    """A sentence in both languages."""
    return {
        "zh": translate("zh", one.text, **one.values),
        "en": translate("en", one.text, **one.values),
    }


def _answer(
    town: Town, made: Proposal | Repair, target: Path, *, with_town: bool = False
) -> int:
    verdict = check(town, made.division)
    told = plan_json(made, verdict, grid_names(town), both)
    if with_town:
        told["town"] = town_json(town)
    _write(target, told)
    _tell(made.sentences)
    if isinstance(made, Proposal):
        _tell(one.why for one in made.proofs)
        _tell(one.why for one in made.floors)
    _tell(verdict.sentences)
    if made.stopped == "time":
        say(_("时间到了,先给出目前最好的;多给些秒数也许更好。"))
    if made.stopped == "tries":
        say(_("试的次数用完了,先给出目前最好的;多给些次数也许更好。"))
    return 1 if verdict.hard else 0


def _budget(tries: int, seconds: float, progress: Progress) -> Budget:
    def show(at: Standing) -> None:
        progress.show(
            _("正在试 {part}:{share}%", part=at.part, share=at.done * 10 // at.whole * 10)
        )

    return Budget(tries, seconds, show)


def _town(source: Path) -> Town:
    try:
        return read_town(source.read_bytes())
    except Unreadable as wrong:
        raise _Faults(wrong.problems) from None


def _division(source: Path) -> dict[str, str]:
    try:
        return division_of(source.read_bytes())
    except Unreadable as wrong:
        raise _Faults(wrong.problems) from None


class _Faults(Sorry):
    """What is wrong with a file, in the solver's own sentences."""

    def __init__(self, sentences: Sequence[Sentence]) -> None:
        super().__init__("")
        self.sentences = sentences

    def __str__(self) -> str:
        return "\n  ".join(join(both(one)["zh"], both(one)["en"]) for one in self.sentences)


def _tell(sentences: Iterable[Sentence]) -> None:
    told = [join(both(one)["zh"], both(one)["en"]) for one in sentences]
    for line in told[:SHOWN]:
        say(line)
    if len(told) > SHOWN:
        say(_("……还有 {count} 句,都在结果文件里。", count=len(told) - SHOWN))


def _write(target: Path, told: dict[str, Any]) -> None:
    target.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
