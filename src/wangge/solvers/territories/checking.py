"""The checker of territories: from the labels and the network alone, with ways of its own. It shares no
code with what makes territories (an import contract says so).
"""

from collections.abc import Sequence

import numpy as np

from wangge.solvers.territories.network import Network


def judge(
    network: Network, label: Sequence[int], p: int, tolerance: float
) -> tuple[float, float, bool]:
    """The widest distance between two nodes of one territory along the whole network, how far the kinds of
    work lie beyond the tolerance in sum (0: balanced), and whether every territory hangs together and none
    is empty."""
    of = np.asarray(label)
    far = _ways(network)
    members = [np.flatnonzero(of == t) for t in range(p)]
    widest = max(
        (float(far[np.ix_(group, group)].max()) for group in members if len(group)), default=0.0
    )
    beyond = 0.0
    for kind in network.work:
        mean = sum(kind) / p
        for group in members:
            share = abs(sum(kind[n] for n in group) / mean - 1) if mean else 0.0
            beyond += max(0.0, share - tolerance)
    whole = all(_whole(network, set(group.tolist())) for group in members)
    return widest, (0.0 if beyond < 1e-12 else beyond), whole


def _ways(network: Network) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Shortest ways between all nodes, by letting each in turn be passed through (Floyd 1962)."""
    far = np.full((len(network), len(network)), np.inf)
    np.fill_diagonal(far, 0.0)
    for a, b, length in network.streets:
        far[a, b] = far[b, a] = min(far[a, b], length)
    for over in range(len(network)):
        np.minimum(far, far[:, over, None] + far[over], out=far)
    return far


def _whole(network: Network, group: set[int]) -> bool:
    """Whether a set of nodes is not empty and hangs together by its own streets."""
    if not group:
        return False
    beside: dict[int, list[int]] = {node: [] for node in group}
    for a, b, _ in network.streets:
        if a in group and b in group:
            beside[a].append(b)
            beside[b].append(a)
    start = next(iter(group))
    seen, waiting = {start}, [start]
    while waiting:
        for other in beside[waiting.pop()]:
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return len(seen) == len(group)
