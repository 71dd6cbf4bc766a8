"""A whole list held against a register: what becomes of each row. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from wangge.matching.linking import Known, Link, Meant, Said, decide, twice


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
    meant = [
        Meant(number, said, link.target.ref if link.target else None)
        for (number, said), link in zip(rows, links, strict=True)
    ]
    same = {number: (first, why) for number, first, why in twice(meant)}
    made: list[Outcome] = []
    for (number, said), link in zip(rows, links, strict=True):
        first, why = same.get(number, (0, ""))
        if why == "two_ids":
            link = replace(link, kind="ask", question="two_rows")
        made.append(Outcome(number, said, link, first, why))
    return made


def with_namesakes(said: Said, link: Link, namesakes: Sequence[Known], *, year: int) -> Link:
    """An open row about whom no key says anything, with people of its name beside it: whoever asks
    sees them; no link is made by a name alone. Of somebody of the same day with another right number
    the number is asked about: their day of birth is known."""
    beside = decide(replace(said, phones=(), door=None), namesakes, year=year)
    if beside.kind != "ask" or not beside.rivals:
        return link
    other = any(signs.id == "differs" and signs.birth == "same" for _, signs in beside.rivals)
    return replace(beside, question="id_differs" if other else "only_name")


def counted(outcomes: Sequence[Outcome]) -> Mapping[str, int]:
    """How many rows are right, mended and open."""
    counts = {"right": 0, "mended": 0, "ask": 0}
    for one in outcomes:
        counts[one.link.kind] += 1
    return counts
