"""`wangge plan roster`: rosters from files. Every answer is a proposal; people stand in it as ids."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import click

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
    write,
)
from wangge.cli.speak import Sorry, _, say, warn
from wangge.solvers import Progress as Standing
from wangge.solvers.shifts import Entry, Judged, Problem, check
from wangge.solvers.shifts.files import (
    PLAN_FORMAT,
    judged_json,
    read_problem,
    read_roster,
    roster_json,
)
from wangge.solvers.shifts.inrc import Penalty, penalty
from wangge.solvers.shifts.inrc_reading import read_xml
from wangge.solvers.shifts.inrc_solutions import read_solution, solution_text

#: Work a repeatable search is promised, in hundredths of CP-SAT's own units.
TRIES = 3_000

_in = in_option(
    "班、岗位、人员和需要(JSON),或 INRC-2010 的 .xml · the problem, or an .xml of INRC-2010 (docs/plans.md)"
)
_plan = plan_option("排班表;不写就用文件里的 roster · the roster")
_seconds = seconds_option(30.0, least=0.1)
_workers = click.option(
    "--workers", type=click.IntRange(1, 64), default=8, help="同时几种找法 · ways to search"
)
_same = click.option(
    "--same",
    is_flag=True,
    help="只用一种找法、按工作量算:每次结果一样,较慢 · the same roster every time, slower",
)
_tries = click.option(
    "--tries",
    type=click.IntRange(1),
    help=f"--same 的工作量,不写就是 {TRIES} · work for --same",
)


@click.group("roster")
def roster_group() -> None:
    """排班:岗位、班次、休息、公平 · rosters."""


@roster_group.command("solve")
@_in
@out_option
@seed_option
@_seconds
@_workers
@_same
@_tries
def solve_(
    source: Path,
    target: Path,
    seed: int,
    seconds: float,
    workers: int,
    same: bool,
    tries: int | None,
) -> int:
    """排一张表;排不满就说还差几个人 · make a roster. 有岗位空着时,退出码是 1."""
    # OR-Tools is loaded when somebody solves, not when somebody asks for help.
    from wangge.solvers.shifts.making import Effort, make

    work = _work(tries, same=same)
    if source.suffix.lower() == ".xml":
        cap = None if same else seconds
        return _solve_public(source, target, work, cap, Effort(workers, seed, repeatable=same))
    problem, first, _today = reading(read_problem, source)
    with stoppable(work, None if same else seconds, _better) as budget:
        made = make(problem, budget=budget, effort=Effort(workers, seed, repeatable=same))
    return _answer(problem, first, made, target)


@roster_group.command("repair")
@_in
@out_option
@_plan
@seed_option
@_seconds
@_workers
@_same
@_tries
def repair_(
    source: Path,
    target: Path,
    planned: Path | None,
    seed: int,
    seconds: float,
    workers: int,
    same: bool,
    tries: int | None,
) -> int:
    """有人来不了(写在 away 里):改动最少地补上 · mend with the fewest changes."""
    from wangge.solvers.shifts.making import Effort, mend

    problem, first, today = _today(source, planned)
    effort = Effort(workers, seed, repeatable=same)
    with stoppable(_work(tries, same=same), None if same else seconds, _better) as budget:
        made = mend(problem, today, budget=budget, effort=effort)
    return _answer(problem, first, made, target, beside=today)


@roster_group.command("check")
@_in
@out_option
@_plan
def check_(source: Path, target: Path, planned: Path | None) -> int:
    """检查一张表:谁超限、哪里空着 · judge a roster. 有不能这样排的,退出码是 1."""
    if source.suffix.lower() == ".xml":
        return _check_public(source, target, planned)
    problem, first, today = _today(source, planned)
    judged = check(problem, today)
    write(target, judged_json(judged, first, both))
    _say(judged)
    return 1 if judged.hard else 0


def _work(tries: int | None, *, same: bool) -> int:
    """How much work --same is given; whoever asks for so much by the clock is told what counts there."""
    if tries is not None and not same:
        warn(_("没有写 --same,--tries 不算数:按 --seconds 的秒数找。"))
    return TRIES if tries is None else tries


def _solve_public(
    source: Path, target: Path, tries: int, seconds: float | None, effort: Any
) -> int:
    """A roster of the competition, as its own solution file."""
    from wangge.solvers.shifts.inrc_making import solve

    instance = reading(read_xml, source)
    # By the clock there are as many tries as it allows.
    with stoppable(tries if seconds is None else 1_000_000, seconds) as budget:
        made = solve(instance, budget=budget, effort=effort)
    if made.roster is None:
        raise Sorry("有的日子要的人比全部的人还多,这样的表排不出来。")
    judged = penalty(instance, made.roster)
    target.write_text(solution_text(instance, made.roster, judged.whole), encoding="utf-8")
    _say_public(judged)
    if made.proved:
        say(_("不能再少,已经证明。"))
    else:
        say(_("至少要罚 {bound} 分;多给些秒数也许更好。", bound=made.bound))
    tell_stopped("cancelled" if budget.stopped == "cancelled" else "")
    return 1 if judged.broken else 0


def _check_public(source: Path, target: Path, planned: Path | None) -> int:
    instance = reading(read_xml, source)
    if planned is None:
        raise Sorry("请用 --plan 给出要检查的排班表(.xml)。")
    judged = penalty(instance, reading(lambda raw: read_solution(raw, instance), planned))
    write(
        target,
        {"penalty": judged.whole, "kinds": dict(judged.kinds), "broken": judged.broken},
    )
    _say_public(judged)
    return 1 if judged.broken else 0


def _say_public(judged: Penalty) -> None:
    say(_("罚分 {penalty}。", penalty=judged.whole))
    if judged.broken:
        say(_("有 {count} 处必须改正。", count=judged.broken))


def _today(source: Path, planned: Path | None) -> tuple[Problem, date, tuple[Entry, ...]]:
    problem, first, today = reading(read_problem, source)
    if planned is not None:
        today = reading(partial(read_roster, first=first), planned)
    return problem, first, today


def _answer(
    problem: Problem, first: date, made: Any, target: Path, *, beside: tuple[Entry, ...] = ()
) -> int:
    judged = check(problem, made.entries, beside=beside)
    told: Mapping[str, Any] = {
        "format": PLAN_FORMAT,
        "roster": roster_json(made.entries, first),
        "needed": made.needed,
        "missing": made.missing,
        "missing_bound": made.missing_bound,
        "more_least": made.more_least,
        "more_enough": made.more_enough,
        "changed": made.changed,
        "changed_least": made.changed_least,
        "proved": made.proved,
        "stopped": made.stopped,
        "sentences": [both(one) for one in made.sentences],
        "verdict": judged_json(judged, first, both),
    }
    write(target, dict(told))
    tell(made.sentences)
    _say(judged)
    tell_stopped(made.stopped)
    return 1 if judged.hard or judged.missing else 0


def _say(judged: Judged) -> None:
    tell([*judged.sentences, *(one.why for one in judged.faults)])


def _better(at: Standing) -> str:
    return _("正在试,已经找到 {n} 个更好的", n=at.done)
