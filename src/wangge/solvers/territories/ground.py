"""A network as the solvers look at it: who is beside whom, and all shortest ways."""

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wangge.solvers.territories.network import Network


@dataclass(frozen=True, slots=True)
class Ground:
    """`near[node]` are the nodes beside it, `length[node]` how far each of them is, `far` all shortest
    ways (inf: none), `ways` the same as an array."""

    network: Network
    near: list[list[int]]
    length: list[list[float]]
    far: list[list[float]]
    ways: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.near)


def ground_of(network: Network) -> Ground:
    """Look at a network once, for everything that follows."""
    beside: list[dict[int, float]] = [{} for _ in range(len(network))]
    for a, b, way in network.streets:
        if a != b:
            beside[a][b] = beside[b][a] = min(way, beside[a].get(b, way))
    near = [sorted(one) for one in beside]
    length = [[one[other] for other in sorted(one)] for one in beside]
    far = [_from(start, near, length) for start in range(len(network))]
    return Ground(network, near, length, far, np.array(far))


def _from(start: int, near: list[list[int]], length: list[list[float]]) -> list[float]:
    row = [float("inf")] * len(near)
    row[start] = 0.0
    heap = [(0.0, start)]
    while heap:
        far, node = heapq.heappop(heap)
        if far > row[node]:
            continue
        for other, way in zip(near[node], length[node], strict=True):
            if far + way < row[other]:
                row[other] = far + way
                heapq.heappush(heap, (far + way, other))
    return row
