"""`wangge plan deliver`: packs from the depot to the doors, from files (docs/plans.md)."""

from pathlib import Path

import click

from wangge.cli.plan_files import (
    Faults,
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
    trying,
    write,
)
from wangge.cli.speak import Sorry, _, say
from wangge.solvers import Progress as Standing
from wangge.solvers.deliveries import check, deliver, mend
from wangge.solvers.deliveries.cvrplib import (
    judge,
    read_instance,
    read_solution,
    solution_text,
)
from wangge.solvers.deliveries.files import (
    delivery_json,
    mended_json,
    plan_of,
    read_order,
    signed_of,
    verdict_json,
)
from wangge.solvers.deliveries.planning import CAP, default_tries
from wangge.solvers.deliveries.twofold import solve_twofold
from wangge.solvers.files import Unreadable

#: Iterations for a CVRPLIB file, for every point of it.
CVRP_ITERATIONS = 100

_in = in_option(
    "要送的份数、车和人手(JSON),或 CVRPLIB 的 .vrp · an order, or a .vrp file (docs/plans.md)"
)
_plan = plan_option(
    "现在的方案(.vrp 用 .sol)· the plan; for a .vrp file its .sol", required=True
)


@click.group("deliver")
def deliver_group() -> None:
    """送货:几车、几个人、几趟,交接对不对得上 · deliveries."""


@deliver_group.command("check")
@_in
@out_option
@_plan
@click.option("--signed", type=given, help="签收的份数 · what was signed for")
def check_(source: Path, target: Path, planned: Path, signed: Path | None) -> int:
    """检查方案和签收:缺几份、重几份、在哪一环 · judge a plan and its signatures.

    有对不上的,退出码是 1 · exit code 1 when the books do not agree.
    """
    if source.suffix.lower() == ".vrp":
        instance = reading(read_instance, source)
        tours, _stated = reading(read_solution, planned)
        length, wrong = judge(instance, tours)
        write(target, {"length": length, "violations": [both(one) for one in wrong]})
        tell(wrong)
        say(_("总长 {length},{tours} 车。", length=length, tours=len(tours)))
        return 1 if wrong else 0
    carriers, trips = reading(plan_of, planned)
    told = reading(signed_of, signed) if signed is not None else []
    verdict = check(reading(read_order, source), carriers, trips, told)
    write(target, verdict_json(verdict, both))
    tell([*verdict.sentences, *(one.why for one in verdict.violations)])
    return 1 if verdict.violations else 0


@deliver_group.command("solve")
@_in
@out_option
@seed_option
@click.option("--tries", type=click.IntRange(1), help="每个点试多少次 · tries for every point")
@seconds_option(CAP)
def solve_(source: Path, target: Path, seed: int, tries: int | None, seconds: float) -> int:
    """算几车、几个人、几趟,列出每次交接的份数 · plan from the depot to the doors."""
    if source.suffix.lower() == ".vrp":
        instance = reading(read_instance, source)
        most = (tries or CVRP_ITERATIONS) * len(instance.points)
        try:
            with stoppable(most, seconds, _standing) as budget:
                tours = solve_twofold(instance, budget=budget, seed=seed)
        except Unreadable as unread:
            raise Faults(unread.problems) from None
        length, wrong = judge(instance, tours)
        target.write_text(solution_text(tours, length), encoding="utf-8")
        tell(wrong)
        say(_("总长 {length},{tours} 车。", length=length, tours=len(tours)))
        tell_stopped("" if budget.stopped == "tries" else budget.stopped)
        return 1 if wrong else 0
    order = reading(read_order, source)
    most = tries * max(1, len(order.drops)) if tries else default_tries(order)
    with stoppable(most, seconds, _standing) as budget:
        made = deliver(order, seed=seed, budget=budget)
    verdict = check(order, made.carriers, made.trips)
    write(target, delivery_json(made, verdict, both))
    tell([*made.sentences, *verdict.sentences])
    tell_stopped(made.stopped)
    return 1 if verdict.violations else 0


@deliver_group.command("repair")
@_in
@out_option
@_plan
@click.option(
    "--hand", "hands", multiple=True, help="谁来不了:交接点/序号(可多次) · who dropped out"
)
@click.option("--van", "vans", type=int, multiple=True, help="哪辆车来不了(可多次) · which van")
def repair_(
    source: Path, target: Path, planned: Path, hands: tuple[str, ...], vans: tuple[int, ...]
) -> int:
    """有人或车来不了:只转他们的 · hand over what they had."""
    order = reading(read_order, source)
    carriers, trips = reading(plan_of, planned)
    there = {f"{one.drop}/{one.number}": (one.drop, one.number) for one in carriers}
    unknown = sorted(set(hands) - set(there))
    if unknown:
        raise Sorry("这份方案里没有“{hand}”。", hand=unknown[0])
    missing = sorted(set(vans) - {trip.van for trip in trips})
    if missing:
        raise Sorry("这份方案里没有 {van} 号车。", van=missing[0])
    made = mend(order, carriers, trips, hands=[there[one] for one in hands], vans=vans)
    verdict = check(order, made.carriers, made.trips)
    write(target, mended_json(made, verdict, both))
    tell(made.sentences)
    return 1 if verdict.violations else 0


def _standing(at: Standing) -> str:
    return trying(at, "车的路线")
