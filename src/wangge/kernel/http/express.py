"""Express lanes: the few requests that come by the thousand are answered before the router.

A lane takes what is in order: a body of moderate size that reads as the lane's type. Whatever is
not goes to the ordinary handler of the same route, which says what is wrong; so a lane changes
what an answer costs and nothing of what it says. Who asks, and whether another site made a
browser ask, was decided before (`web.gate`).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from wangge.kernel.http.asking import Asking

#: Bytes of a body that a lane reads; a longer one is the ordinary handler's to read or refuse.
EXPRESS_BYTES_MAX = 65_536

Answering = Callable[[Asking, Any], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Lane:
    """How one route's bodies are read, what answers them, and with which status."""

    decoder: "msgspec.json.Decoder[Any]"
    answer: Answering
    status: int


_lanes: dict[tuple[str, str], Lane] = {}


def express(
    method: str, path: str, body: Any, *, status: int
) -> Callable[[Answering], Answering]:
    """Register `async def f(asking, body) -> JSON-able` as the quick way to answer a route that
    has an ordinary handler as well. It raises what that one would raise."""

    def register(function: Answering) -> Answering:
        if (method, path) in _lanes:
            raise ValueError(f"lane {method} {path} is declared twice")
        _lanes[method, path] = Lane(msgspec.json.Decoder(body), function, status)
        return function

    return register


def lanes() -> Mapping[tuple[str, str], Lane]:
    """Every lane of the rooms imported so far, by method and path."""
    return _lanes
