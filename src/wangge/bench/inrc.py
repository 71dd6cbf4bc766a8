"""`wangge bench inrc --data PATH`: the rosters of the nurse rostering competition of 2010, each beside the
best value that is known for it. Every roster is judged by the checker, which knows no solver.

The instances state no licence: they are read where the user has them, never shipped.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time

from wangge.bench.options import options
from wangge.bench.rows import Row, show
from wangge.solvers import Budget
from wangge.solvers.shifts.inrc import penalty
from wangge.solvers.shifts.inrc_making import solve
from wangge.solvers.shifts.inrc_reading import read_xml
from wangge.solvers.shifts.searching import Effort

SECONDS, WORKERS, SEED = 60.0, 8, 141
#: More than the seconds allow.
TRIES = 1_000_000
#: The best values known; each was proved to be the least there is.
KNOWN: dict[str, int] = {
    "sprint01": 56,
    "sprint02": 58,
    "sprint03": 51,
    "sprint04": 59,
    "sprint05": 58,
    "sprint06": 54,
    "sprint07": 56,
    "sprint08": 56,
    "sprint09": 55,
    "sprint10": 52,
}


@dataclass(frozen=True, slots=True)
class Rostered(Row):
    """`work` is shifts to fill; `penalty` what the checker counts, `known` the best value that is known,
    `bound` what every roster costs at least, `broken` things that must not be. `cpu`: seconds
    of all cores. In the row of all, `proved` of so many `instances`."""

    penalty: int | None = None
    known: int | None = None
    bound: int | None = None
    broken: int | None = None
    proved: int | None = None
    instances: int | None = None
    cpu: float | None = None


def main(*, as_json: bool, rest: Sequence[str]) -> int:
    """Options: `--data PATH` (a file or a folder of *.xml), `--seconds N` for an instance (60),
    `--workers N` (8), `--seed N`, `--only PART` of a name."""
    asked = options(
        "inrc", rest, data=Path, seconds=SECONDS, workers=WORKERS, seed=SEED, only=""
    )
    path: Path | None = asked.data
    files = [path] if path and path.is_file() else sorted(path.glob("*.xml")) if path else []
    files = [one for one in files if asked.only in one.name]
    if not files:
        sys.stderr.write("--data PATH (*.xml of the competition)\n")
        return 2
    effort = Effort(asked.workers, asked.seed)
    rows: list[Rostered] = []
    for file in files:
        rows.append(_one(file, asked.seconds, effort))
        show(rows[-1], as_json=as_json)
    if len(rows) > 1:
        work, seconds = sum(one.work for one in rows), sum(one.seconds for one in rows)
        show(
            Rostered(
                "inrc all",
                work,
                round(seconds, 2),
                round(work / seconds, 1),
                penalty=sum(one.penalty or 0 for one in rows),
                known=sum(one.known or 0 for one in rows),
                bound=sum(one.bound or 0 for one in rows),
                broken=sum(one.broken or 0 for one in rows),
                proved=sum(one.proved or 0 for one in rows),
                instances=len(rows),
                cpu=round(sum(one.cpu or 0 for one in rows), 2),
            ),
            as_json=as_json,
        )
    return 0


def _one(file: Path, seconds: float, effort: Effort) -> Rostered:
    instance = read_xml(file.read_bytes())
    began, cpu = perf_counter(), process_time()
    made = solve(instance, budget=Budget(TRIES, seconds), effort=effort)
    took, cpu = perf_counter() - began, process_time() - cpu
    work = sum(instance.cover.values())
    judged = penalty(instance, made.roster) if made.roster is not None else None
    return Rostered(
        f"inrc {instance.id or file.stem}",
        work,
        round(took, 2),
        round(work / took, 1),
        penalty=judged.whole if judged else None,
        known=KNOWN.get(instance.id),
        bound=made.bound,
        broken=judged.broken if judged else None,
        proved=int(made.proved and judged is not None and judged.whole == made.bound),
        instances=1,
        cpu=round(cpu, 2),
    )
