"""Chains of contacts."""

from datetime import date

import pytest

from wangge.bench.planted import planted
from wangge.solvers.chains import chains, draw, earliest
from wangge.solvers.contacts import Entry, contradictions


def kinds(*entries: Entry) -> list[str]:
    return [one.kind for one in contradictions(entries)]


@pytest.mark.parametrize("seed", range(5))
def test_planted_faults_are_all_found_and_nothing_else(seed: int) -> None:
    entries, truth = planted(400, seed)
    found = [(one.kind, sorted(one.entries)) for one in contradictions(entries)]
    assert sorted(found) == sorted((kind, sorted(whom)) for kind, whom in truth)


def test_a_link_said_by_both_is_sound() -> None:
    assert kinds(Entry("1", ("2",)), Entry("2", ("1",))) == []


def test_a_link_said_by_one_asks_the_other() -> None:
    found = contradictions([Entry("1", ("2",)), Entry("2")])
    assert [one.kind for one in found] == ["one_sided"]
    assert str(found[0].question) == "请问 2:和 1 有过接触吗?"


def test_a_source_need_not_be_said_by_the_other() -> None:
    assert kinds(Entry("1"), Entry("2", sources=("1",))) == []


def test_the_last_contact_on_the_day_of_onset_is_sound() -> None:
    day = date(2026, 1, 20)
    assert kinds(Entry("1", end=day, onset=day)) == []
    assert kinds(Entry("1", end=day, onset=date(2026, 1, 19))) == ["window_after_onset"]


def test_days_that_cannot_be_are_asked_about() -> None:
    sound = [Entry(str(n), onset=date(2026, 3, n)) for n in range(1, 9)]
    late = Entry("a", end=date(2062, 3, 1))
    old = Entry("b", onset=date(1926, 1, 1))
    found = contradictions([*sound, late, old], date(2026, 3, 18))
    assert [(one.kind, one.entries, one.defect) for one in found] == [
        ("future_day", ("a",), True),
        ("far_day", ("b",), False),
    ]


def test_a_cycle_is_a_question_and_no_defect() -> None:
    found = contradictions(
        [Entry("1", sources=("3",)), Entry("2", sources=("1",)), Entry("3", sources=("2",))]
    )
    assert [(one.kind, one.entries, one.defect) for one in found] == [
        ("cycle", ("1", "2", "3"), False)
    ]


def test_a_chain_as_long_as_a_list_is_walked() -> None:
    entries = [Entry("0")] + [Entry(str(n), sources=(str(n - 1),)) for n in range(1, 100_000)]
    assert contradictions(entries) == []


def test_no_sentence_accuses_anybody() -> None:
    entries, _ = planted(400, 1)
    told = "".join(f"{one.words}{one.question}" for one in contradictions(entries))
    for word in ("隐瞒", "谎", "造假", "虚报", "违", "拒不", "可疑"):
        assert word not in told


def test_the_drawing_puts_days_in_order_and_leaves_out_who_has_no_contact() -> None:
    drawn = draw(
        [
            Entry("1", onset=date(2026, 1, 3)),
            Entry("2", sources=("1",), end=date(2026, 1, 1)),
            Entry("3", linked=("1",)),
            Entry("4", onset=date(2026, 1, 2)),
        ]
    )
    assert drawn.days == (date(2026, 1, 1), date(2026, 1, 3), None)
    assert [(spot.id, spot.column) for spot in drawn.spots] == [("1", 1), ("2", 0), ("3", 2)]
    assert [(line.a, line.b, line.directed) for line in drawn.lines] == [
        ("1", "2", True),
        ("3", "1", False),
    ]


def test_chains_are_those_who_hang_together_the_longest_first() -> None:
    entries = [
        Entry("a", sources=("b",)),
        Entry("1", sources=("2",)),
        Entry("2", linked=("3",)),
        Entry("alone", linked=("alone", "nobody")),
        Entry("3"),
        Entry("b"),
        Entry("3", linked=("a",)),
    ]
    assert [[one.id for one in chain] for chain in chains(entries)] == [
        ["1", "2", "3"],
        ["a", "b"],
    ]


def test_of_a_long_chain_the_earliest_are_drawn_and_those_without_a_day_last() -> None:
    entries = [Entry("x"), *(Entry(str(n), onset=date(2026, 1, 30 - n)) for n in range(20))]
    assert [one.id for one in earliest(entries, 3)] == ["19", "18", "17"]
    assert earliest(entries, 21) == entries


def test_whoever_hangs_on_somebody_is_drawn_near_them() -> None:
    day, next_ = date(2026, 1, 1), date(2026, 1, 2)
    drawn = draw(
        [
            Entry("1", onset=day),
            Entry("2", onset=day),
            Entry("of 2", sources=("2",), onset=next_),
            Entry("of 1", sources=("1",), onset=next_),
        ]
    )
    lane = {spot.id: spot.lane for spot in drawn.spots}
    assert (lane["of 1"], lane["of 2"]) == (lane["1"], lane["2"]) == (0, 1)


def test_a_chain_as_long_as_a_list_is_drawn() -> None:
    entries = [Entry("0")] + [Entry(str(n), sources=(str(n - 1),)) for n in range(1, 20_000)]
    (chain,) = chains(entries)
    assert len(chain) == 20_000
    assert len(draw(earliest(chain, 300)).spots) <= 300


def test_no_line_of_a_chain_runs_through_somebody_it_does_not_concern() -> None:
    entries = [
        Entry("1", onset=date(2026, 3, 9)),
        Entry("2", sources=("1",), onset=date(2026, 3, 10)),
        Entry("5", sources=("4",), onset=date(2026, 3, 12)),
        Entry("4", sources=("1",), onset=date(2026, 3, 11)),
        Entry("6", sources=("1",), onset=date(2026, 3, 9)),
    ]
    drawn = draw(entries)
    spot = {one.id: one for one in drawn.spots}
    assert len({(one.column, one.lane) for one in drawn.spots}) == len(drawn.spots)
    for line in drawn.lines:
        a, b = spot[line.a], spot[line.b]
        if a.lane == b.lane:
            between = [
                one.id
                for one in drawn.spots
                if one.lane == a.lane and a.column < one.column < b.column
            ]
            assert between == [], (line, between)
