"""`wangge plan split`: who walks which floors, from files (docs/plans.md)."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from wangge.cli.plan_files import (
    Number,
    both,
    given,
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
    write,
)
from wangge.cli.speak import Sorry
from wangge.solvers.split import check, resplit, split
from wangge.solvers.split.files import (
    done_of,
    hands_of,
    read_town,
    resplit_json,
    split_json,
    verdict_json,
)
from wangge.solvers.split.solving import TRIES

_in = in_option("单元、人手和时限 · stairwells, people and the clock (docs/plans.md)")


@click.group("split")
def split_group() -> None:
    """分楼层:多少人够、谁走哪几层 · floors among people."""


@split_group.command("check")
@_in
@out_option
@plan_option("要检查的分法 · the division to check", required=True)
def check_(source: Path, target: Path, planned: Path) -> int:
    """检查一种分法:有没有漏、有没有重、来不来得及 · judge a division.

    有漏的、重的、来不及的,退出码是 1 · exit code 1 when something is wrong.
    """
    verdict = check(reading(read_town, source), reading(hands_of, planned))
    write(target, verdict_json(verdict, both))
    tell([*verdict.sentences, *(one.why for one in verdict.violations)])
    return 1 if verdict.violations else 0


@split_group.command("solve")
@_in
@out_option
@seed_option
@tries_option
@seconds_option(60.0)
def solve_(source: Path, target: Path, seed: int, tries: int | None, seconds: float) -> int:
    """算最少要多少人,把楼层分给到场的人 · divide the floors.

    有单元走不到或来不及时,退出码是 1 · exit code 1 when the clock cannot be met.
    """
    town = reading(read_town, source)
    with stoppable(tries or 3 * TRIES, seconds) as budget:
        made = split(town, seed=seed, budget=budget)
    verdict = check(town, made.hands)
    write(target, split_json(made, verdict, both))
    tell(made.sentences)
    tell_stopped(made.stopped)
    return 1 if verdict.violations else 0


@split_group.command("repair")
@_in
@out_option
@seed_option
@plan_option("现在的分法 · the division now", required=True)
@click.option("--gone", multiple=True, required=True, help="谁来不了(可多次) · who dropped out")
@click.option(
    "--done", "done_file", type=given, help="已走完的楼层 · floors that are done already"
)
@click.option(
    "--minutes", type=Number(0.01, 100_000), help="还剩多少分钟 · minutes that are left"
)
def repair_(
    source: Path,
    target: Path,
    seed: int,
    planned: Path,
    gone: tuple[str, ...],
    done_file: Path | None,
    minutes: float | None,
) -> int:
    """有人来不了:只转他剩下的楼层 · hand over what somebody has left."""
    town = reading(read_town, source)
    if minutes is not None:
        town = replace(town, minutes=minutes)
    hands = reading(hands_of, planned)
    unknown = sorted(set(gone) - {hand.worker for hand in hands})
    if unknown:
        raise Sorry("这份分法里没有“{worker}”。", worker=unknown[0])
    done: dict[str, Any] = reading(done_of, done_file) if done_file is not None else {}
    made = resplit(town, hands, gone, done=done, seed=seed)
    left = replace(
        town,
        workers=None,
        second=None,
        stairwells=[
            replace(
                one,
                stops=tuple(s for s in one.stops if s.floor not in done.get(one.id, ())),
            )
            for one in town.stairwells
        ],
    )
    verdict = check(left, made.hands)
    write(target, resplit_json(made, verdict, both))
    tell(made.sentences)
    return 1 if verdict.violations else 0
