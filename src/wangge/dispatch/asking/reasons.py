"""Why somebody is asked, as a sentence to keep: the ring, the way, what they have in hand; nobody else's
name, and nobody's sum."""

from collections.abc import Sequence

from wangge.dispatch.asking.around import Near
from wangge.dispatch.asking.loads import COUNTED_MAX, SOON_MINUTES, Load
from wangge.kernel.said import said
from wangge.solvers.offers import LEAD_MINUTES, Picked, Spread


def why_picked(ring: str, near: Near, load: Load, picked: Picked, tried: Sequence[str]) -> str:
    """Of one who is asked at once."""
    parts = [*_before(tried), *_there(ring, near, load)]
    if picked.left is not None:
        if picked.left < SOON_MINUTES:
            parts.append(said("近处的人要约 {n} 分钟后才有空", n=round(picked.left)))
        else:
            parts.append(said("近处的人 {n} 小时内没有空", n=SOON_MINUTES // 60))
    if picked.spared:
        parts.append(
            said(
                "近处 {n} 人今天已经多派了 {m} 分钟以上", n=picked.spared, m=round(LEAD_MINUTES)
            )
        )
    if picked.quicker:
        parts.append(said("今天派得比更快的 {n} 人少", n=picked.quicker))
    elif picked.among > 1 and not picked.spared:
        parts.append(said("{n} 人里最快", n=picked.among))
    return _joined(parts)


def why_spread(ring: str, near: Near, load: Load, given: Spread, count: int) -> str:
    """Of one who gets a task of many that came at one moment."""
    parts = [*_there(ring, near, load), said("{n} 件一起派,总的最快", n=count)]
    return _joined(parts)


def why_nobody(tried: Sequence[str]) -> str:
    """Of a room, where nobody near may go."""
    return _joined([*_before(tried), "附近没有能派的人"])


def _before(tried: Sequence[str]) -> list[str]:
    """How many were asked and did not take it; not who was only left out."""
    return [said("前面 {n} 处没有接", n=len(tried))] if tried else []


def _there(ring: str, near: Near, load: Load) -> list[str]:
    parts = [ring]
    if near.minutes >= 1:
        parts.append(said("走过去约 {n} 分钟", n=round(near.minutes)))
    if load.off_minutes:
        parts.append("现在不在班上")
    if load.open >= COUNTED_MAX:
        parts.append(said("手上有 {n} 件以上", n=COUNTED_MAX))
    elif load.open:
        parts.append(said("手上有 {n} 件", n=load.open))
    else:
        parts.append("手上没有别的事")
    return parts


def _joined(parts: Sequence[str]) -> str:
    """`a;b;c`, each in the reader's language."""
    whole, *rest = parts
    for one in rest:
        whole = said("{a};{b}", a=whole, b=one)
    return whole
