"""Rounds over many points by PyVRP, which is loaded here and only when a round is planned.

One vehicle or one pair of feet is the same thing: points with a service time and a load, legs in
metres and seconds, a capacity, a shift. A try of the budget is an iteration.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from wangge.solvers.running import Budget

Matrix = Sequence[Sequence[float]]
#: A vehicle more costs more than any detour.
_VEHICLE = 10_000_000
#: PyVRP counts in whole numbers: tenths of a second, whole metres.
_TENTH = 10


@dataclass(frozen=True, slots=True)
class Rounds:
    """Point numbers a vehicle in the order they are visited (the depot is not named). `feasible` is
    whether loads and shifts are kept."""

    routes: tuple[tuple[int, ...], ...]
    metres: int
    feasible: bool


def there() -> bool:
    """Whether the library is installed."""
    try:
        import_module("pyvrp")
    except ImportError:
        return False
    return True


def rounds(
    metres: Matrix,
    seconds: Matrix,
    *,
    service: Sequence[float],
    demand: Sequence[int],
    capacity: int,
    vehicles: int,
    shift: float | None = None,
    fewest: bool = True,
    budget: Budget,
    seed: int = 0,
) -> Rounds:
    """Plan rounds. Index 0 of both matrices is the depot; `service`, `demand` and the answer count
    the points from 1, as the matrices do (their index 0 is not looked at). `fewest` vehicles first,
    else metres alone."""
    pyvrp: Any = import_module("pyvrp")
    numpy: Any = import_module("numpy")
    distance = numpy.rint(numpy.asarray(metres, dtype=float)).astype(numpy.int64)
    duration = numpy.ceil(numpy.asarray(seconds, dtype=float) * _TENTH).astype(numpy.int64)
    # Nobody goes from a point to itself, and the library wants to hear it.
    numpy.fill_diagonal(distance, 0)
    numpy.fill_diagonal(duration, 0)
    size = len(metres)
    timed: dict[str, Any] = (
        {}
        if shift is None
        else {"shift_duration": int(shift * _TENTH), "unit_duration_cost": 1}
    )
    data = pyvrp.ProblemData(
        [pyvrp.Location(x=0, y=0) for _ in range(size)],
        [
            pyvrp.Client(
                location=n,
                delivery=[demand[n]],
                service_duration=int(-(-service[n] * _TENTH // 1)),
            )
            for n in range(1, size)
        ],
        [pyvrp.Depot(location=0)],
        [
            pyvrp.VehicleType(
                num_available=vehicles,
                capacity=[capacity],
                fixed_cost=_VEHICLE if fewest else 0,
                **timed,
            )
        ],
        [distance],
        [duration],
    )

    def over(_best: int) -> bool:
        return not budget.spend("drive")

    made = pyvrp.solve(
        data,
        stop=over,
        seed=seed,
        collect_stats=False,
        display=False,
    )
    found = tuple(
        tuple(step.idx + 1 for step in route if step.is_client())
        for route in made.best.routes()
    )
    return Rounds(
        tuple(route for route in found if route),
        int(made.best.distance()),
        bool(made.best.is_feasible()),
    )
