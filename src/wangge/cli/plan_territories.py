"""`wangge plan territories`: a street network (GraphML) in territories of like work (docs/plans.md)."""

from pathlib import Path
from typing import Any

import click

from wangge.cli.plan_files import (
    Number,
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
from wangge.cli.speak import Sorry
from wangge.solvers import Progress as Standing
from wangge.solvers.territories import Network, divide, judge, read_graphml
from wangge.solvers.territories.files import judged_sentences, labels_of, plan_json

#: Tries where the clock is what ends the work.
TRIES = 5_000_000
#: Parts of the work as the solver calls them.
_PARTS = {"cool": "片的雏形", "deal": "重新分片"}

_in = in_option("街道网络(GraphML)· a street network (docs/plans.md)")
_count = click.option(
    "--territories",
    "count",
    type=click.IntRange(1, 1_000),
    default=10,
    help="分几片 · how many",
)
_tolerance = click.option(
    "--tolerance",
    type=Number(0.0, 1.0),
    default=0.05,
    help="每种工作量可以偏离平均多少 · how far work may lie from the mean",
)


@click.group("territories")
def territories_group() -> None:
    """把街道网络分片:连成片、工作量相近、不拉长 · territories."""


@territories_group.command("solve")
@_in
@out_option
@_count
@_tolerance
@seed_option
@tries_option
@seconds_option(60.0)
def solve_(
    source: Path,
    target: Path,
    count: int,
    tolerance: float,
    seed: int,
    tries: int | None,
    seconds: float,
) -> int:
    """分片;工作量摆不平时退出码是 1 · exit code 1 when work cannot be balanced."""
    network = _network(source, count)
    with stoppable(tries or TRIES, seconds, _standing) as budget:
        made = divide(network, count, tolerance=tolerance, seed=seed, budget=budget)
    code = _judged(network, made.label, count, tolerance, target, made.stopped, made.tries)
    tell_stopped(made.stopped)
    return code


@territories_group.command("check")
@_in
@out_option
@plan_option("要检查的分片 · the territories to check", required=True)
@_count
@_tolerance
def check_(source: Path, target: Path, planned: Path, count: int, tolerance: float) -> int:
    """检查一种分片:有没有断开、工作量差多少、最宽多少 · judge territories."""
    network = _network(source, count)
    label = reading(lambda raw: labels_of(raw, network, count), planned)
    return _judged(network, label, count, tolerance, target, "", 0)


def _standing(at: Standing) -> str:
    return trying(at, _PARTS.get(at.part, ""))


def _network(source: Path, count: int) -> Network:
    network = reading(read_graphml, source)
    if count > len(network):
        raise Sorry("{nodes} 个点分不成 {count} 片。", nodes=len(network), count=count)
    return network


def _judged(
    network: Network,
    label: Any,
    count: int,
    tolerance: float,
    target: Path,
    stopped: str,
    tries: int,
) -> int:
    widest, beyond, whole = judge(network, label, count, tolerance)
    sentences = judged_sentences(widest, beyond, whole=whole, tolerance=tolerance)
    write(
        target,
        {
            **plan_json(network, label, count),
            "widest": round(widest, 6),
            "beyond": round(beyond, 6),
            "whole": whole,
            "stopped": stopped,
            "tries": tries,
            "sentences": [both(one) for one in sentences],
        },
    )
    tell(sentences)
    return 0 if whole and beyond == 0.0 else 1
