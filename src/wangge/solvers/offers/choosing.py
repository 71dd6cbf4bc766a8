"""One task, at once: the nearest ring of people in which somebody may go, and of these the one who is
there soonest, with a share for fairness."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from math import hypot

from wangge.solvers.fatigue import Limits, Stint, breaks
from wangge.solvers.offers.rings import (
    FAIR_MINUTES,
    LEAD_MINUTES,
    WAIT_MINUTES,
    Picked,
    Ready,
    pick,
)
from wangge.solvers.words import Sentence, said

#: Rings around a task: own grid, same community, neighbouring community, the street's room.
RANKS = ("本网格", "同社区", "邻近社区", "街道指挥室")


@dataclass(slots=True)
class Worker:
    """Somebody who may be asked. Places are metres; minutes count from one common moment. `free_at`:
    when what they have taken on is done; `worked` minutes so far in the period that fairness looks at."""

    id: str
    grid: str
    community: str
    x: float
    y: float
    skills: frozenset[str] = frozenset()
    on_from: int = 0
    on_until: int = 1 << 40
    free_at: float = 0.0
    worked: float = 0.0
    stints: Sequence[Stint] = ()
    #: Metres a minute.
    pace: float = 80.0


@dataclass(frozen=True, slots=True)
class Open:
    """A task to be offered: where, since when, how long it takes, which skill it wants."""

    id: str
    grid: str
    community: str
    x: float
    y: float
    at: float
    minutes: float
    skill: str = ""
    #: Communities next to its own.
    near: frozenset[str] = field(default_factory=frozenset[str])


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whom to ask (None: the street's room), in which ring (`RANKS` names it), when they can be there,
    and why."""

    worker: Worker | None
    rank: int
    arrives: float
    why: Sentence


def choose(
    task: Open,
    workers: Iterable[Worker],
    limits: Limits,
    *,
    tried: Collection[str] = (),
    fair: float = FAIR_MINUTES,
    wait: float = WAIT_MINUTES,
) -> Chosen:
    """Whom to ask first. A nearer ring is left for the next only where nobody of it may go, or nobody
    could be there within `wait` minutes while somebody of the next could, or whoever could has worked far
    more than somebody else who could. Never waits for a better moment."""
    rings: tuple[list[Ready], ...] = ([], [], [])
    able: dict[str, tuple[Worker, float]] = {}
    for one in workers:
        rank = _rank(task, one)
        if rank is None or one.id in tried or (task.skill and task.skill not in one.skills):
            continue
        start = max(task.at, one.free_at)
        travel = hypot(one.x - task.x, one.y - task.y) / one.pace
        arrives = start + travel
        if not (one.on_from <= task.at and arrives < one.on_until):
            continue  # what goes on past the end of a shift, the guard looks at
        rings[rank].append(Ready(one.id, arrives - task.at, one.worked))
        able[one.id] = one, arrives

    def may(ready: Ready) -> bool:
        worker, arrives = able[ready.id]
        return _may(worker, arrives, task.minutes, limits)

    found, tired = pick(rings, may, fair=fair, wait=wait)
    if found is None:
        return Chosen(None, 3, task.at, _nobody(tired))
    worker, arrives = able[found.who.id]
    why = _spared(found, tired) if found.spared else _why(found, tired)
    return Chosen(worker, found.rank, arrives, why)


def _rank(task: Open, worker: Worker) -> int | None:
    if worker.grid == task.grid:
        return 0
    if worker.community == task.community:
        return 1
    return 2 if worker.community in task.near else None


def _may(worker: Worker, arrives: float, minutes: float, limits: Limits) -> bool:
    """Whether a task more breaks no limit. What they took on already is duty, as their shift is."""
    if not worker.stints:
        return True
    task = Stint(int(arrives), int(arrives + minutes) + 1)
    # Work inside of a shift overlaps it, as it should.
    return all(one.kind == "overlap" for one in breaks(worker.stints, task, limits))


def _spared(found: Picked, tired: int) -> Sentence:
    """Somebody nearer has had far more than their share."""
    values = {
        "minutes": round(found.who.minutes),
        "spared": found.spared,
        "lead": round(LEAD_MINUTES),
    }
    if tired:
        return said(
            "约 {minutes} 分钟到;近处 {spared} 人已经多做 {lead} 分钟以上;{tired} 人工时到限,没有派。",
            **values,
            tired=tired,
        )
    return said(
        "约 {minutes} 分钟到;近处 {spared} 人已经多做 {lead} 分钟以上,让他们歇一歇。", **values
    )


def _why(found: Picked, tired: int) -> Sentence:
    """The true reason: the soonest, or fairness before somebody quicker who has done more."""
    minutes, among, quicker = round(found.who.minutes), found.among, found.quicker
    if quicker and tired:
        return said(
            "约 {minutes} 分钟到;{quicker} 人更快,但已经做得更多;{tired} 人工时到限,没有派。",
            minutes=minutes,
            quicker=quicker,
            tired=tired,
        )
    if quicker:
        return said(
            "约 {minutes} 分钟到;{quicker} 人更快,但已经做得更多。",
            minutes=minutes,
            quicker=quicker,
        )
    if tired:
        return said(
            "{among} 人里最快,约 {minutes} 分钟到;{tired} 人工时到限,没有派。",
            among=among,
            minutes=minutes,
            tired=tired,
        )
    return said("{among} 人里最快,约 {minutes} 分钟到。", among=among, minutes=minutes)


def _nobody(tired: int) -> Sentence:
    if tired:
        return said("附近 {tired} 人工时到限,转街道指挥室。", tired=tired)
    return said("附近没有能去的人,转街道指挥室。")
