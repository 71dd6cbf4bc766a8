"""Territories on a street network, judged anew from their labels."""

from random import Random

import pytest

from wangge.solvers import Budget
from wangge.solvers.files import Unreadable
from wangge.solvers.territories import Network, divide, judge, read_graphml
from wangge.solvers.territories.cooling import Search
from wangge.solvers.territories.ground import ground_of
from wangge.solvers.territories.recutting import TRIES, Recut


def lattice(wide: int, high: int, seed: int, gaps: float = 0.0) -> Network:
    """Crossroads of a town; some streets are closed, but it stays whole (the first row and all
    columns are open)."""
    rng = Random(seed)
    streets = [
        (y * wide + x, (y + dy) * wide + x + dx, 1.0)
        for y in range(high)
        for x in range(wide)
        for dx, dy in ((1, 0), (0, 1))
        if x + dx < wide and y + dy < high and (dy or y == 0 or rng.random() >= gaps)
    ]
    work = tuple(tuple(float(rng.randint(8, 12)) for _ in range(wide * high)) for _ in range(3))
    return Network(work, tuple(streets))


def town(wide: int, high: int, seed: int) -> tuple[Network, list[int]]:
    """Streets with few crossings and many dead ends, and four quarters of just the same work, each whole by
    its own streets."""
    rng = Random(seed)
    quarter = [2 * (2 * y // high) + 2 * x // wide for y in range(high) for x in range(wide)]
    ways = [
        (rng.random() + (quarter[a] != quarter[b]), a, b)
        for y in range(high)
        for x in range(wide)
        for a, b in ((y * wide + x, y * wide + x + 1), (y * wide + x, (y + 1) * wide + x))
        if (b == a + 1 and x + 1 < wide) or (b == a + wide and y + 1 < high)
    ]
    at = list(range(wide * high))
    streets: list[tuple[int, int, float]] = []
    for _, a, b in sorted(ways):
        if at[a] != at[b]:
            streets.append((a, b, 1.0))
            at = [at[b] if one == at[a] else one for one in at]
        elif rng.random() < 0.12:
            streets.append((a, b, 1.0))
    work: list[tuple[float, ...]] = []
    for _ in range(3):
        kind = [float(rng.randint(4, 20)) for _ in at]
        groups = [[n for n, q in enumerate(quarter) if q == one] for one in range(4)]
        most = max(sum(kind[n] for n in group) for group in groups)
        for group in groups:
            for turn in range(int(most - sum(kind[n] for n in group))):
                kind[group[turn % len(group)]] += 1
        work.append(tuple(kind))
    return Network(tuple(work), tuple(streets)), quarter


@pytest.mark.parametrize("seed", [2, 3, 4, 5])
def test_a_town_of_dead_ends_is_balanced_where_it_can_be(seed: int) -> None:
    network, quarter = town(20, 10, seed)
    assert judge(network, quarter, 4, 0.0)[1:] == (0.0, True)
    made = divide(network, 4, tolerance=0.02, seed=1, budget=Budget(100_000))
    assert judge(network, made.label, 4, 0.02) == (made.widest, 0.0, True)


def test_trees_cut_anew_hang_together_and_are_no_wider_than_told() -> None:
    network, _ = town(20, 10, 2)
    ground = ground_of(network)
    search = Search(ground, 4, 0.0, Random(1))
    search.grow()
    before = judge(network, search.label, 4, 0.0)
    width = 1.5 * before[0]
    cut = Recut(ground, 4, 0.0, search.label, width, Random(1))
    for _ in range(5):
        cut.cool(Budget(50 * TRIES))
        for label in (cut.at, cut.label):
            widest, beyond, whole = judge(network, label, 4, 0.0)
            assert whole
            assert widest <= width
        assert beyond == pytest.approx(cut.unbalanced)
    assert cut.unbalanced < before[1] / 2


@pytest.mark.parametrize("gaps", [0.0, 0.6])
def test_territories_hang_together_and_are_balanced(gaps: float) -> None:
    network = lattice(10, 10, 3, gaps)
    made = divide(network, 4, tolerance=0.15, budget=Budget(6_000))
    widest, beyond, whole = judge(network, made.label, 4, 0.15)
    assert whole
    assert (widest, beyond) == (made.widest, 0.0)
    assert made.unbalanced == 0.0
    # A quarter of the town is 5 by 5; along streets that is 8 across at best.
    assert widest <= (12 if gaps == 0.0 else 24)


def test_the_same_seed_gives_the_same_territories() -> None:
    network = lattice(8, 8, 5, 0.3)
    first = divide(network, 3, seed=7, budget=Budget(1_500))
    assert first == divide(network, 3, seed=7, budget=Budget(1_500))


def test_as_many_territories_as_nodes_come_to_an_end() -> None:
    network = lattice(3, 3, 1)
    made = divide(network, 9, tolerance=1.0, budget=Budget(100_000))
    assert sorted(made.label) == list(range(9))
    assert made.widest == 0.0


@pytest.mark.parametrize("seed", range(12))
def test_nodes_at_no_distance_from_one_another_are_divided_as_others_are(seed: int) -> None:
    rng = Random(seed)
    nodes, p = rng.randint(4, 12), 3
    ring = tuple(
        (n, (n + 1) % nodes, rng.choice((0.0, 0.0, 1.0, 5.0)) if n else 2.0)
        for n in range(nodes)
    )
    network = Network(((1.0,) * nodes,) * 3, ring)
    made = divide(network, p, tolerance=0.5, seed=seed, budget=Budget(300))
    assert judge(network, made.label, p, 0.5)[2]


def test_the_judge_finds_what_is_torn_or_empty() -> None:
    network = lattice(4, 1, 1)
    assert judge(network, [0, 0, 1, 1], 2, 0.5)[2]
    assert not judge(network, [0, 1, 0, 1], 2, 0.5)[2]
    assert not judge(network, [0, 0, 0, 0], 2, 0.5)[2]
    assert judge(network, [0, 0, 0, 1], 2, 0.05)[1] > 0


def test_a_network_in_pieces_is_refused() -> None:
    whole = lattice(4, 2, 1)
    torn = Network(whole.work, whole.streets[:3])
    with pytest.raises(ValueError, match="hang together"):
        divide(torn, 2, budget=Budget(10))


def test_too_many_territories_and_work_that_is_nought() -> None:
    network = lattice(4, 4, 1)
    for p in (0, 17):
        with pytest.raises(ValueError, match="territories"):
            divide(network, p, budget=Budget(10))
    idle = Network((network.work[0], (0.0,) * 16), (*network.streets, (3, 3, 1.0)))
    made = divide(idle, 2, tolerance=0.3, budget=Budget(500))
    assert made.unbalanced == 0.0
    assert judge(idle, made.label, 2, 0.3)[1:] == (0.0, True)


GRAPHML = """<?xml version='1.0' encoding='utf-8'?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="d5" for="edge" attr.name="distance" attr.type="float"/>
<key id="d4" for="node" attr.name="workload" attr.type="int"/>
<key id="d3" for="node" attr.name="demand" attr.type="int"/>
<key id="d2" for="node" attr.name="n_customers" attr.type="int"/>
<graph edgedefault="undirected">
<node id="0"><data key="d2">1</data><data key="d3">2</data><data key="d4">3</data></node>
<node id="7"><data key="d2">4</data><data key="d3">5</data><data key="d4">6</data></node>
<edge source="0" target="7"><data key="d5">2.5</data></edge>
</graph></graphml>"""


def test_public_instances_are_read() -> None:
    assert read_graphml(GRAPHML.encode()) == Network(
        ((1.0, 4.0), (2.0, 5.0), (3.0, 6.0)), ((0, 1, 2.5),), ("0", "7")
    )
    for broken in (b"no", GRAPHML.replace("distance", "far").encode()):
        with pytest.raises(Unreadable):
            read_graphml(broken)
