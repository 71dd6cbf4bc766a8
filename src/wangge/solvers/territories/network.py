"""What is given: a street network with three kinds of work. Definitions only, shared by the checker and
the solver and by nothing else that they share.
"""

from dataclasses import dataclass
from math import isfinite
from xml.etree import ElementTree

from wangge.solvers.files import Unreadable, refuse, xml_root
from wangge.solvers.words import Sentence, said

_SPACE = "{http://graphml.graphdrawing.org/xmlns}"
KINDS = ("n_customers", "demand", "workload")
#: All ways between so many nodes still fit into memory.
NODES_MAX = 3_000
#: Work and distances are nought or between these in any file that means it.
NUMBER_LEAST, NUMBER_MOST = 1e-6, 1e9


@dataclass(frozen=True, slots=True)
class Network:
    """Nodes 0…n-1: `work[kind][node]`, and lengths of streets; `names` are what the file calls the nodes."""

    work: tuple[tuple[float, ...], ...]
    streets: tuple[tuple[int, int, float], ...]
    names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.work[0])

    def name(self, node: int) -> str:
        return self.names[node] if self.names else str(node)


def read_graphml(raw: bytes) -> Network:
    """A network of the public instances; Unreadable, with every fault, for anything else."""
    if not raw.strip():
        raise Unreadable([said("文件是空的。")])
    root = xml_root(raw, lambda why: said("不是 GraphML:{why}", why=why))
    nodes = list(root.iter(f"{_SPACE}node"))
    edges = list(root.iter(f"{_SPACE}edge"))
    if not nodes:
        raise Unreadable([said("这个 GraphML 里没有点(node)。")])
    if len(nodes) > NODES_MAX:
        raise Unreadable([said("点数最多 {most} 个。", most=NODES_MAX)])
    keys = {key.get("id"): key.get("attr.name") for key in root.iter(f"{_SPACE}key")}
    names = tuple(node.get("id", "") for node in nodes)
    at = {name: number for number, name in enumerate(names)}
    found: list[Sentence] = []
    if len(at) < len(names):
        found.append(said("有两个点的编号相同,或者没有编号。"))
    work: list[tuple[float, ...]] = [
        tuple(
            _number(node, kind, keys, f"node {name}", found)
            for name, node in zip(names, nodes, strict=True)
        )
        for kind in KINDS
    ]
    streets: list[tuple[int, int, float]] = []
    for edge in edges:
        a, b = edge.get("source", ""), edge.get("target", "")
        for one in (a, b):
            if one not in at:
                found.append(said("一条街(edge)提到的点“{id}”不在文件里。", id=one))
        length = _number(edge, "distance", keys, f"edge {a}–{b}", found)
        if a in at and b in at:
            streets.append((at[a], at[b], length))
    if not found and len(names) > 1 and not any(length for _, _, length in streets):
        found.append(said("没有一条街(edge)的“{key}”大于 0。", key="distance"))
    if not found and not _together(len(names), streets):
        found.append(said("网络不连成一片:有的点走不到。"))
    refuse(found)
    return Network(tuple(work), tuple(streets), names)


def _number(
    of: ElementTree.Element,
    name: str,
    keys: dict[str | None, str | None],
    where: str,
    found: list[Sentence],
) -> float:
    """A number of a node or an edge that is not below 0; what is wrong with it is added to `found`."""
    told = next(
        (one for one in of.iter(f"{_SPACE}data") if keys.get(one.get("key")) == name), None
    )
    if told is None:
        found.append(said("{where} 缺“{key}”。", where=where, key=name))
        return 0.0
    try:
        number = float(told.text or "")
    except ValueError:
        number = float("nan")
    if not isfinite(number) or number < 0:
        found.append(said("{where} 的“{key}”要是不小于 0 的数。", where=where, key=name))
        return 0.0
    if number and not NUMBER_LEAST <= number <= NUMBER_MOST:
        found.append(
            said(
                "{where} 的“{key}”太大或太小:要是 0,或者在 {least} 到 {most} 之间。",
                where=where,
                key=name,
                least=NUMBER_LEAST,
                most=int(NUMBER_MOST),
            )
        )
        return 0.0
    return number


def _together(count: int, streets: list[tuple[int, int, float]]) -> bool:
    beside: list[list[int]] = [[] for _ in range(count)]
    for a, b, _ in streets:
        beside[a].append(b)
        beside[b].append(a)
    seen, waiting = {0}, [0]
    while waiting:
        for other in beside[waiting.pop()]:
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return len(seen) == count
