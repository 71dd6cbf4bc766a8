"""Holding what the night would delete, letting it go, and having it deleted at once.

A complaint, an audit or a lawsuit can need what is over (PIPL 47: deleting may wait while a law
asks for keeping); whoever holds a class says why and for how long, and it is a fact.
"""

from datetime import datetime

from wangge.exports import acts
from wangge.exports.events import ClassHeld
from wangge.exports.model import class_id
from wangge.kernel import retention
from wangge.kernel.database import Tx
from wangge.kernel.refusals import Invalid
from wangge.places import ATLAS


async def _county(tx: Tx) -> str:
    county = (await ATLAS.get(tx)).county
    tx.require(acts.KEEPING, county)
    return county


async def hold(tx: Tx, key: str, days: int, reason: str) -> datetime:
    """Nothing of a class is deleted for so many days. Raises Forbidden, Invalid."""
    county = await _county(tx)
    until = await retention.hold(tx, key, days, reason)
    tx.publish(ClassHeld(class_id(key), county, key, until))
    return until


async def release(tx: Tx, key: str) -> None:
    """End a hold before its time. Raises Forbidden, Invalid (there is none)."""
    county = await _county(tx)
    if not await retention.release(tx, key):
        raise Invalid.of("class_key", "这一类没有暂缓。")
    tx.publish(ClassHeld(class_id(key), county, key, None))


async def soon(tx: Tx, key: str) -> None:
    """What is over is deleted within minutes instead of at night. Raises Forbidden, Invalid."""
    await _county(tx)
    await retention.soon(tx, key)
