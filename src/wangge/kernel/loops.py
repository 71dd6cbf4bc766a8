"""How long-running processes of ours run: on the quick event loop, with a patient collector."""

import asyncio
import gc
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

if sys.platform != "win32":
    from uvloop import new_event_loop
else:
    from asyncio import new_event_loop

T = TypeVar("T")


def run(main: Coroutine[Any, Any, T]) -> T:
    """Like `asyncio.run`."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(main)


def be_patient() -> None:
    """Let more come together before the collector of cycles looks at it. A request makes
    hundreds of objects that die by themselves, and hardly a cycle; looking after every 700 of
    them cost 4 % of a busy server's time."""
    gc.set_threshold(50_000, 20, 20)


def be_prompt() -> None:
    """Let the loop have its turn after two milliseconds where threads compute beside it. After the five
    of the default, whoever works for the database in a thread leaves it waiting for its next
    statement, a dozen times for every thousand lines of an import."""
    sys.setswitchinterval(0.002)
