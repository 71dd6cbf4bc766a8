"""Deeds over HTTP: a named kind of change, done once however often it is sent.

A room registers a kind with the shape of its body; the same function answers the REST route,
the phone's outbox (`POST /api/v1/deeds`) and a test.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import msgspec

from wangge.kernel.database import Tx
from wangge.kernel.deeds import Answer, recall, remember
from wangge.kernel.http.asking import Asking
from wangge.kernel.refusals import Invalid, Refusal

B = TypeVar("B")
F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class Sent:
    """One deed of many. `at` is when it was meant by the sender's clock, `clock_off` that clock
    less ours in whole seconds, when the sender said what time it had."""

    id: UUID
    body: Any
    at: datetime | None = None
    clock_off: int | None = None


Doing = Callable[[Tx, Any], Awaitable[Any]]
Whole = Callable[[Asking, UUID, Any], Awaitable[Answer]]
Many = Callable[[Asking, Sequence[Sent]], Awaitable[Sequence[Answer | Refusal]]]
#: Raises Busy where so many more find no room.
Room = Callable[[Asking, int], None]


@dataclass(frozen=True, slots=True)
class DeedKind:
    """One kind: its body's type, and either what is done in a transaction (`doing`), or the whole
    road with its own transaction and memory (`whole`, for micro-batched intake), or a road that
    takes many of its kind at a time (`many`), and perhaps says beforehand that there is no `room`."""

    name: str
    body: Any
    status: int
    doing: Doing | None
    whole: Whole | None
    many: Many | None = None
    room: Room | None = None

    @property
    def does(self) -> Callable[..., Any]:
        """The function behind it."""
        found = self.doing or self.whole or self.many
        assert found is not None
        return found


_kinds: dict[str, DeedKind] = {}


def all_deeds() -> dict[str, DeedKind]:
    """Every kind of the rooms imported so far."""
    return dict(_kinds)


def _register(kind: DeedKind, function: F) -> F:
    if kind.name in _kinds:
        raise ValueError(f"deed {kind.name} is declared twice")
    _kinds[kind.name] = kind
    return function


def deed(name: str, body: Any, *, status: int = 200) -> Callable[[Doing], Doing]:
    """Register `async def f(tx, body) -> JSON-able` as the deed `room.verb`."""

    def register(function: Doing) -> Doing:
        return _register(DeedKind(name, body, status, function, None), function)

    return register


def whole_deed(name: str, body: Any, *, status: int = 201) -> Callable[[Whole], Whole]:
    """Register `async def f(asking, deed_id, body) -> Answer`, which remembers by itself."""

    def register(function: Whole) -> Whole:
        return _register(DeedKind(name, body, status, None, function), function)

    return register


def many_deeds(
    name: str, body: Any, *, status: int = 200, room: Room | None = None
) -> Callable[[Many], Many]:
    """Register `async def f(asking, sent) -> answers`, one for each, which remembers by itself.
    `room` is asked before the bodies are read: thousands who are told to come back cost little."""

    def register(function: Many) -> Many:
        return _register(DeedKind(name, body, status, None, None, function, room), function)

    return register


async def do_many(
    asking: Asking, kind_name: str, sent: Sequence[Sent]
) -> list[Answer | Refusal]:
    """Do deeds of one `many` kind; their bodies are raw. Each is answered by itself. Raises Busy
    when none of them was taken."""
    kind = _kinds[kind_name]
    assert kind.many is not None
    if kind.room is not None:
        kind.room(asking, len(sent))
    answers: list[Answer | Refusal] = []
    readable: list[Sent] = []
    for one in sent:
        try:
            readable.append(Sent(one.id, read_body(kind, one.body), one.at, one.clock_off))
            answers.append(Answer(0, None))
        except Invalid as wrong:
            answers.append(wrong)
    done = iter(await kind.many(asking, readable) if readable else ())
    return [answer if isinstance(answer, Refusal) else next(done) for answer in answers]


def takes_many(kind_name: str) -> bool:
    """Whether deeds of that kind are done many at a time."""
    kind = _kinds.get(kind_name)
    return kind is not None and kind.many is not None


def read_body(kind: DeedKind, raw: Any) -> Any:
    """The body in its type. Raises Invalid naming the field."""
    try:
        return msgspec.convert(raw, kind.body)
    except msgspec.ValidationError as wrong:
        text = str(wrong)
        where = text.rsplit("`$.", 1)[-1].rstrip("`") if "`$." in text else ""
        raise Invalid.of(
            where, "“{field}”的内容不对:{detail}", field=where, detail=text
        ) from wrong


async def do_deed(asking: Asking, kind_name: str, deed_id: UUID, raw: Any) -> Answer:
    """Do it, or answer what was answered before. Raises Refusal; a refused deed is not kept."""
    kind = _kinds.get(kind_name)
    if kind is None:
        raise Invalid.of("kind", "没有“{kind}”这种操作。", kind=kind_name)
    if kind.many is not None:
        answers = await do_many(asking, kind_name, [Sent(deed_id, raw)])
        if isinstance(answers[0], Refusal):
            raise answers[0]
        return answers[0]
    body = read_body(kind, raw)
    if kind.whole is not None:
        return await kind.whole(asking, deed_id, body)
    assert kind.doing is not None
    for attempt in (1, 2):
        try:
            async with asking.tx() as tx:
                before = await recall(tx, deed_id, kind_name, raw)
                if before is not None:
                    return before
                tx.cause = deed_id
                result = await kind.doing(tx, body)
                answer = Answer(kind.status, msgspec.to_builtins(result))
                await remember(tx, deed_id, kind_name, raw, answer)
            return answer
        except asyncpg.UniqueViolationError as broken:
            # The same deed was being done elsewhere; it has now committed. Ask what it answered.
            if attempt == 2 or broken.constraint_name != "kernel_deed_pk":
                raise
    raise AssertionError("unreachable")
