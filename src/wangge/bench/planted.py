"""A made-up list of contacts without a fault, and one of each kind of fault planted in it."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from wangge.solvers.contacts import Entry

_FIRST = date(2026, 1, 5)
#: A planted fault: its kind and the entries it is about.
Fault = tuple[str, frozenset[str]]


def planted(count: int, seed: int) -> tuple[list[Entry], list[Fault]]:
    """So many entries; faults of ten kinds stand in entries far apart."""
    rng = Random(f"{seed}/chain")
    entries = _sound(count, rng)
    place = {entry.id: at for at, entry in enumerate(entries)}
    free = [entry.id for entry in entries if entry.sources and not entry.linked and entry.onset]
    used = iter(rng.sample(free, 16))

    def change(id_: str, **values: object) -> str:
        entries[place[id_]] = replace(entries[place[id_]], **values)  # type: ignore[arg-type]
        return id_

    truth: list[Fault] = []
    a = next(used)
    truth.append(("self_link", frozenset([change(a, linked=(a,))])))
    a, b = next(used), next(used)
    truth.append(("one_sided", frozenset([change(a, linked=(b,)), b])))
    a = next(used)
    late = _onset(entries[place[a]]) + timedelta(days=3)
    truth.append(("window_after_onset", frozenset([change(a, end=late)])))
    a = next(used)
    first = _onset(entries[place[a]])
    truth.append(
        (
            "window_reversed",
            frozenset([change(a, start=first, end=first - timedelta(days=4))]),
        )
    )
    a = next(used)
    late = _onset(entries[place[a]]) + timedelta(days=2)
    truth.append(("start_after_onset", frozenset([change(a, start=late, end=None)])))
    a = next(used)
    truth.append(
        ("no_such_day", frozenset([change(a, end=None, bad_dates={"接触结束": "2026.2.30"})]))
    )
    a, b = next(used), next(used)
    truth.append(("same_person", frozenset([change(a, person="p"), change(b, person="p")])))
    a = next(used)
    entries.append(replace(entries[place[a]]))
    truth.append(("same_number", frozenset([a])))
    a = next(used)
    truth.append(("not_listed", frozenset([change(a, sources=("Z9",)), "Z9"])))
    a, b, c = next(used), next(used), next(used)
    change(a, sources=(b,))
    change(b, sources=(c,))
    change(c, sources=(a,))
    truth.append(("cycle", frozenset([a, b, c])))
    return entries, truth


def _onset(entry: Entry) -> date:
    assert entry.onset is not None
    return entry.onset


def _sound(count: int, rng: Random) -> list[Entry]:
    """Everybody had their contact with somebody before them; some are linked both ways."""
    entries: list[Entry] = []
    for at in range(count):
        id_ = f"A{at + 1}"
        onset = _FIRST + timedelta(days=at * 60 // count + rng.randrange(3))
        end = onset - timedelta(days=rng.randrange(1, 8))
        start = end - timedelta(days=rng.randrange(4))
        sources = (f"A{rng.randrange(at) + 1}",) if at else ()
        entries.append(
            Entry(id_, (), sources, start, end, onset if rng.random() < 0.7 else None, id_)
        )
    for at in range(0, count - 1, 9):
        a, b = entries[at], entries[at + 1]
        entries[at] = replace(a, linked=(b.id,))
        entries[at + 1] = replace(b, linked=(a.id,))
    return entries
