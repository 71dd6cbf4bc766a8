"""A declaration as somebody would fill it in."""

from datetime import timedelta
from typing import Any

from small_town import NOON, STREET
from wangge.kernel.database import Tx
from wangge.responses import Declaration, Response, approve, declare


def declaration(**other: Any) -> Declaration:
    """A street's flood response of level 3 from NOON for ten days, unless told otherwise."""
    said: dict[str, Any] = {
        "matter": "强降雨内涝",
        "level": 3,
        "area_code": STREET,
        "starts_at": NOON,
        "ends_at": NOON + timedelta(days=10),
        "purpose": "转移低洼处居民",
        "legal_basis": "突发事件应对法第七十二条",
        "measures": "排水、转移、安置",
        "document_number": "示应急〔2026〕1号",
        "data_items": ["needs", "phone"],
    }
    return Declaration(**{**said, **other})


async def a_live_one(tx: Tx, declarer: Any, approver: Any, **other: Any) -> Response:
    """Declared by one, approved by another."""
    before = tx.actor
    tx.actor = declarer
    made = await declare(tx, declaration(**other))
    tx.actor = approver
    made = await approve(tx, made.id)
    tx.actor = before
    return made


__all__ = ["a_live_one", "declaration"]
