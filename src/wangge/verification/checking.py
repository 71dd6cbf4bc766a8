"""A whole list held against a register: what becomes of each row. Pure."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

from wangge.matching.linking import Known, Link, Said, decide, twice


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row: its link, the row of the same person above it (0: none) and why."""

    number: int
    said: Said
    link: Link
    same_as: int = 0
    same_why: str = ""


def held(
    rows: Sequence[tuple[int, Said]], people: Sequence[Sequence[Known]], *, year: int
) -> list[Link]:
    """Each row against the people who have one of its keys (`people`, in the rows' order)."""
    return [
        decide(said, near, year=year) if _says(said) else Link("ask", question="empty")
        for (_, said), near in zip(rows, people, strict=True)
    ]


def _says(said: Said) -> bool:
    return bool(said.name or said.id_key or said.wrong or said.phones)


def outcomes_of(rows: Sequence[tuple[int, Said]], links: Sequence[Link]) -> list[Outcome]:
    """Links with what the rows say of one another: twice the same person; one person under two
    numbers."""
    same = {
        number: (first, why)
        for number, first, why in same_people(
            [
                (number, said, link.target.ref if link.target else None, said.door)
                for (number, said), link in zip(rows, links, strict=True)
            ]
        )
    }
    made: list[Outcome] = []
    for (number, said), link in zip(rows, links, strict=True):
        first, why = same.get(number, (0, ""))
        if why == "two_ids":
            link = replace(link, kind="ask", question="two_rows")
        made.append(Outcome(number, said, link, first, why))
    return made


def same_people(
    rows: Sequence[tuple[int, Said, Hashable | None, Hashable | None]],
) -> list[tuple[int, int, str]]:
    """Rows (number, what it says, whom of the register it is, its door) that speak of one person: the
    later row, the first, and why (`person`: both are one of the register; else as `twice` says)."""
    found: dict[int, tuple[int, str]] = {}
    targets: dict[Hashable, int] = {}
    target_of = {number: target for number, _, target, _ in rows}
    for number, _, target, _ in rows:
        if target is not None and targets.setdefault(target, number) != number:
            found[number] = (targets[target], "person")
    placed = [
        (number, said if said.door == door else replace(said, door=door))
        for number, said, _, door in rows
    ]
    for number, first, why in twice(placed):
        a, b = target_of[number], target_of[first]
        if a is None or b is None or a == b:  # else two people of the register who are alike
            found.setdefault(number, (first, why))
    return [(number, *one) for number, one in sorted(found.items())]


def with_namesakes(said: Said, link: Link, namesakes: Sequence[Known], *, year: int) -> Link:
    """An open row about whom no key says anything, with people of its name beside it: whoever asks
    sees them; no link is made by a name alone."""
    beside = decide(replace(said, phones=(), door=None), namesakes, year=year)
    if beside.kind != "ask" or not beside.rivals:
        return link
    return replace(beside, question="only_name")


def counted(outcomes: Sequence[Outcome]) -> Mapping[str, int]:
    """How many rows are right, mended and open."""
    counts = {"right": 0, "mended": 0, "ask": 0}
    for one in outcomes:
        counts[one.link.kind] += 1
    return counts
