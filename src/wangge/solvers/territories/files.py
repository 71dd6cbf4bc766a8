"""Territories as JSON: what `wangge plan territories` writes and judges (docs/plans.md)."""

from collections.abc import Sequence
from typing import Any

import msgspec

from wangge.solvers.files import decoded, refuse
from wangge.solvers.territories.network import Network
from wangge.solvers.words import Sentence, said

PLAN_FORMAT = "wangge.territories.plan/1"


class _Plan(msgspec.Struct):
    territories: list[list[str]]


def plan_json(network: Network, label: Sequence[int], count: int) -> dict[str, Any]:
    """Territories as lists of the file's own node ids."""
    groups: list[list[str]] = [[] for _ in range(count)]
    for node, territory in enumerate(label):
        groups[territory].append(network.name(node))
    return {"format": PLAN_FORMAT, "territories": groups}


def labels_of(raw: bytes, network: Network, count: int) -> list[int]:
    """The territory of every node; Unreadable where one has none, or two."""
    groups = decoded(raw, _Plan).territories
    number = {network.name(node): node for node in range(len(network))}
    found: list[Sentence] = []
    if len(groups) != count:
        found.append(said("文件里有 {has} 片,应是 {count} 片。", has=len(groups), count=count))
    label = [-1] * len(network)
    for row, group in enumerate(groups, 1):
        for one in group:
            node = number.get(one)
            if node is None:
                found.append(said("第 {row} 片里的点“{id}”不在网络里。", row=row, id=one))
            elif label[node] >= 0:
                found.append(said("点“{id}”分了两次。", id=one))
            else:
                label[node] = row - 1
    found += [
        said("点“{id}”没有分到哪一片。", id=network.name(node))
        for node, territory in enumerate(label)
        if territory < 0
    ]
    refuse(found)
    return label


def judged_sentences(
    widest: float, beyond: float, *, whole: bool, tolerance: float
) -> list[Sentence]:
    """What the checker found, in words."""
    share = round(100 * tolerance, 2)
    told: list[Sentence] = []
    if not whole:
        told.append(said("有一片是空的,或者不连成一片。"))
    if beyond:
        told.append(
            said(
                "工作量没有摆平:超出平均 ±{share}% 的部分合计 {beyond}%。多给些时间,或者放宽 --tolerance。",
                share=share,
                beyond=round(100 * beyond, 1),
            )
        )
    else:
        told.append(said("每一片的每种工作量都在平均的 ±{share}% 以内。", share=share))
    told.append(said("同一片里最远的两点相距 {widest}。", widest=round(widest, 2)))
    return told
