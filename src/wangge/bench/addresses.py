"""`wangge bench addresses`: are addresses read right, and how fast.

`closed` writes the doors of an invented street in the spellings of every day and asks where they
lead. No database takes part. What is counted: right answers (the door that was meant, or asking
where the line leaves it open), doors that are not the one meant, and lines left open that say
enough. `sure` is the share that needs no confirmation.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter, process_time

from wangge.bench.corpus import Address, plain_crf, read_corpus
from wangge.bench.options import options
from wangge.bench.rows import Row, percentile, show
from wangge.bench.spellings import Line, Writer
from wangge.demo.town import Scale, Town, make_town
from wangge.demo.town.names import nickname
from wangge.matching import Door, Doors, Element, Placed, elements
from wangge.matching.addresses.learned import Tagger, score, train

LINES = 50_000
SEED = 141
SCALES: tuple[Scale, ...] = ("community", "street", "county")


@dataclass(frozen=True, slots=True)
class Judged(Row):
    """A measurement that is also right or wrong. `accuracy`, `wrong`, `undecided` and `sure` are
    shares of `work`; `surely_wrong` those wrong doors that would have been taken unasked."""

    accuracy: float | None = None
    wrong: float | None = None
    surely_wrong: float | None = None
    undecided: float | None = None
    sure: float | None = None
    f1: float | None = None
    whole: float | None = None


def main(*, as_json: bool, rest: Sequence[str]) -> int:
    """Options: `--lines N`, `--scale community|street|county`, `--data FOLDER`."""
    asked = options(
        "addresses", rest, lines=LINES, scale=("street", "community", "county"), data=Path
    )
    town = make_town(asked.scale, seed=SEED)
    for row in closed(town, asked.lines):
        show(row, as_json=as_json)
    if asked.data:
        for row in unseen(asked.data):
            show(row, as_json=as_json)
    return 0


def doors_of(town: Town) -> list[Door]:
    """The closed list of an invented town; some estates have a nickname."""
    doors: list[Door] = []
    for community in town.communities():
        compounds = {one.id: one for one in community.compounds}
        buildings = {one.id: one for one in community.buildings}
        units = {one.id: one for one in community.units}
        for dwelling in community.dwellings:
            unit = units[dwelling.unit_id]
            building = buildings[unit.building_id]
            compound = compounds[building.compound_id]
            doors.append(
                Door(
                    dwelling.id,
                    unit.id,
                    dwelling.area_code,
                    compound.name,
                    tuple(filter(None, [nickname(compound.name, community.plan.index)])),
                    building.name,
                    (),
                    str(unit.number),
                    dwelling.room,
                    dwelling.floor,
                )
            )
    return doors


def closed(town: Town, count: int) -> Iterator[Judged]:
    """Rows of the closed list: every-day spellings, mistyped estates, doors that do not exist."""
    doors = doors_of(town)
    areas = {area.code: area.name for area in town.areas}
    began = perf_counter()
    made = Doors(doors, areas)
    seconds = perf_counter() - began
    yield Judged("addresses made", len(made), round(seconds, 3), round(len(made) / seconds, 1))
    writer = Writer(doors, areas, SEED)
    kinds: tuple[tuple[str, Callable[[int], Iterator[Line]]], ...] = (
        ("closed", writer.clean),
        ("closed slips", writer.slips),
        ("closed nowhere", writer.nowhere),
    )
    for name, write in kinds:
        yield _judged(f"addresses {name}", made, list(write(count)))


def _judged(name: str, doors: Doors, lines: Sequence[Line]) -> Judged:
    latencies: list[float] = []
    answers: list[Placed] = []
    cpu, began = process_time(), perf_counter()
    for line in lines:
        start = perf_counter()
        answers.append(doors.resolve(line.text))
        latencies.append((perf_counter() - start) * 1000)
    seconds, cpu = perf_counter() - began, process_time() - cpu
    latencies.sort()
    verdicts = [_verdict(line, answer) for line, answer in zip(lines, answers, strict=True)]
    total = len(lines)
    wrong = [answer for answer, v in zip(answers, verdicts, strict=True) if v == "wrong"]
    return Judged(
        name,
        total,
        round(seconds, 3),
        round(total / seconds, 1),
        round(percentile(latencies, 0.5), 4),
        round(percentile(latencies, 0.99), 4),
        cpu_ms=round(cpu * 1000 / total, 4),
        accuracy=round(verdicts.count("right") / total, 5),
        wrong=round(len(wrong) / total, 5),
        surely_wrong=round(sum(answer.sure for answer in wrong) / total, 5),
        undecided=round(verdicts.count("undecided") / total, 5),
        sure=round(sum(answer.sure for answer in answers) / total, 5),
    )


def _verdict(line: Line, answer: Placed) -> str:
    if answer.door is None:
        return "undecided" if line.enough else "right"
    meant = line.door is not None and answer.door.dwelling_id == line.door.dwelling_id
    # A door found where the line left it open is a guess, even when it is the right one.
    return "right" if meant and line.enough else "wrong"


def unseen(folder: Path) -> Iterator[Judged]:
    """Rows of a labelled corpus, ours beside python-crfsuite with the usual features."""
    corpus = read_corpus(folder)
    peer = plain_crf(corpus.train)
    plain = _apart("addresses elements crfsuite", peer, corpus.test)
    yield plain
    yield _against(_apart("addresses elements grammar", elements, corpus.test), plain)
    model = Tagger(train(corpus.train))
    yield _against(_apart("addresses elements trained", model.elements, corpus.test), plain)


def _apart(
    name: str, apart: Callable[[str], Sequence[Element]], test: Sequence[Address]
) -> Judged:
    texts = ["".join(piece for piece, _ in address) for address in test]
    latencies: list[float] = []
    cpu, began = process_time(), perf_counter()
    for text in texts:
        start = perf_counter()
        apart(text)
        latencies.append((perf_counter() - start) * 1000)
    seconds, cpu = perf_counter() - began, process_time() - cpu
    latencies.sort()
    found = score(apart, test)
    return Judged(
        name,
        len(test),
        round(seconds, 3),
        round(len(test) / seconds, 1),
        round(percentile(latencies, 0.5), 4),
        round(percentile(latencies, 0.99), 4),
        cpu_ms=round(cpu * 1000 / len(test), 4),
        f1=round(found.f1, 5),
        whole=round(found.whole, 5),
    )


def _against(row: Judged, peer: Judged) -> Judged:
    return replace(row, against="python-crfsuite", ratio=round(row.rate / peer.rate, 3))
