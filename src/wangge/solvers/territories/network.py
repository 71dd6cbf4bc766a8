"""What is given: a street network with three kinds of work. Definitions only, shared by the checker and
the solver and by nothing else that they share.
"""

from dataclasses import dataclass
from xml.etree import ElementTree

_SPACE = "{http://graphml.graphdrawing.org/xmlns}"
KINDS = ("n_customers", "demand", "workload")


@dataclass(frozen=True, slots=True)
class Network:
    """Nodes 0…n-1: `work[kind][node]`, and lengths of streets."""

    work: tuple[tuple[float, ...], ...]
    streets: tuple[tuple[int, int, float], ...]

    def __len__(self) -> int:
        return len(self.work[0])


def read_graphml(raw: bytes) -> Network:
    """A network of the public instances; ValueError for anything else."""
    try:
        root = ElementTree.fromstring(raw)
    except ElementTree.ParseError as wrong:
        raise ValueError(f"not GraphML: {wrong}") from wrong
    keys = {key.get("id"): key.get("attr.name") for key in root.iter(f"{_SPACE}key")}

    def data(of: ElementTree.Element) -> dict[str | None, float]:
        return {
            keys.get(one.get("key")): float(one.text or "nan")
            for one in of.iter(f"{_SPACE}data")
        }

    nodes = list(root.iter(f"{_SPACE}node"))
    at = {node.get("id"): n for n, node in enumerate(nodes)}
    told = [data(node) for node in nodes]
    try:
        return Network(
            tuple(tuple(node[kind] for node in told) for kind in KINDS),
            tuple(
                (at[edge.get("source")], at[edge.get("target")], data(edge)["distance"])
                for edge in root.iter(f"{_SPACE}edge")
            ),
        )
    except KeyError as missing:
        raise ValueError(f"not a network of territories: no {missing}") from missing
