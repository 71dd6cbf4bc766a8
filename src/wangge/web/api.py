"""Web's own API: the phone's deeds, photos, the live stream, and whether we are well."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from datetime import datetime
from itertools import groupby
from typing import Annotated, Any, cast
from uuid import UUID

import asyncpg
import msgspec
from litestar import MediaType, Request, Response, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import Stream
from msgspec import Struct

from wangge import __version__
from wangge.access import kept
from wangge.access.acts import READ
from wangge.access.links import is_signed
from wangge.kernel.actors import Reach, outermost, system_actor
from wangge.kernel.deeds import Answer
from wangge.kernel.facts import quiet_kinds
from wangge.kernel.files import kept as kept_file
from wangge.kernel.http import Asking, Sent, asking, do_deed, do_many, express, takes_many
from wangge.kernel.http.photos import PHOTO_BYTES_MAX, PhotoKept, keep_photo
from wangge.kernel.i18n import Locale, translate
from wangge.kernel.letters import OVERHEAD, letterbox, of_deed, of_photo
from wangge.kernel.live import SCREENS_MAX, Told
from wangge.kernel.moments import now
from wangge.kernel.refusals import Busy, Forbidden, Refusal, UnknownLetter, as_problem
from wangge.web.refusals import LinkOver, TooManyScreens

log = logging.getLogger("wangge.web")

Req = Request[Any, Any, Any]

#: Deeds in one request; a phone with more sends again.
DEEDS_MAX = 200
#: Bytes of a request with deeds.
DEEDS_BYTES_MAX = 1_000_000
#: Seconds without a fact after which a stream says that it is alive.
HEARTBEAT = 15.0
#: Heartbeats after which a stream asks whether its session still lives.
LOOK_EVERY = 4
#: Seconds after which a stream ends and the screen comes back, with its posts of then.
STREAM_SECONDS_MAX = 600.0
#: Milliseconds a screen waits before it comes back.
RETRY_MS = 2000


@get("/healthz", media_type=MediaType.TEXT, include_in_schema=False)
async def healthz() -> str:
    """The process answers. Whether the database does is `wangge doctor`'s question."""
    return f"ok {__version__}\n"


# -- deeds -------------------------------------------------------------------------------------


class SentDeed(Struct):
    """One deed of the phone's outbox. `at` is when it was meant, by the phone's clock; `letter` its
    body as JSON, sealed to the district's letterbox (base64) in place of `body`."""

    id: UUID
    kind: str
    body: dict[str, Any] = {}
    at: datetime | None = None
    letter: bytes | None = None


class SentDeeds(Struct):
    """`now` is what the sender's clock says while it sends."""

    deeds: Annotated[list[SentDeed], msgspec.Meta(max_length=DEEDS_MAX)]
    now: datetime | None = None


class DeedAnswer(Struct):
    """`body` is the result, or problem+json when the status is 400 or more."""

    id: UUID
    status: int
    body: Any


class DeedAnswers(Struct):
    answers: list[DeedAnswer]


@post("/api/v1/deeds", status_code=200, request_max_body_size=DEEDS_BYTES_MAX)
async def deeds(request: Req, data: JSONBody[SentDeeds]) -> DeedAnswers:
    """Do the deeds in order and answer each. Deeds of a kind that takes many (reports of doors)
    share transactions when they follow one another; every other has its own.

    A refused deed does not hold up the next. When the server cannot take more, that deed and
    those after it are answered 503 and were not done: send them again. When that is so of the
    first, the whole answer is 503, with Retry-After.
    """
    return await _answered(asking(request), data)


@express("POST", "/api/v1/deeds", SentDeeds, status=200)
async def deeds_at_once(who: Asking, data: SentDeeds) -> DeedAnswers:
    """The same, when a county's phones come back together."""
    return await _answered(who, data)


async def _answered(who: Asking, data: SentDeeds) -> DeedAnswers:
    who.signed()
    off = _clock_off(data.now)
    answers: list[DeedAnswer] = []
    later: Refusal | None = None
    for kind, run in _runs(data.deeds):
        if later is None:
            try:
                for sent, answer in zip(run, await _do_run(who, kind, run, off), strict=True):
                    if isinstance(answer, Refusal):
                        answers.append(_refused(sent.id, answer, who.locale))
                    else:
                        answers.append(DeedAnswer(sent.id, answer.status, answer.body))
                continue
            except Busy as busy:
                if not answers:
                    raise
                later = busy
            except Refusal as refusal:
                answers += [_refused(sent.id, refusal, who.locale) for sent in run]
                continue
            except (OSError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError) as away:
                log.warning("database away during deeds: %r", away)
                later = Busy(retry_after=3)
                if not answers:
                    raise later from away
            except Exception:
                log.exception("bug in deed %s", kind)
                answers += [DeedAnswer(sent.id, 500, _bug(who.locale)) for sent in run]
                continue
        answers += [_refused(sent.id, later, who.locale) for sent in run]
    return DeedAnswers(answers)


def _runs(deeds: Sequence[SentDeed]) -> Iterator[tuple[str, list[SentDeed]]]:
    """Deeds that are done in one go: runs of a kind that takes many, else one by one."""
    for (kind, sealed), run in groupby(
        deeds, key=lambda sent: (sent.kind, sent.letter is not None)
    ):
        if takes_many(kind) and not sealed:
            yield kind, list(run)
        else:
            for sent in run:
                yield kind, [sent]


async def _do_run(
    who: Asking, kind: str, run: Sequence[SentDeed], off: int | None
) -> Sequence[Answer | Refusal]:
    if takes_many(kind) and run[0].letter is None:
        sent = [Sent(one.id, one.body, one.at, off) for one in run]
        return await do_many(who, kind, sent)
    return [await do_deed(who, kind, one.id, _body(who, one)) for one in run]


def _body(who: Asking, sent: SentDeed) -> Any:
    """A deed's body, taken out of its letter. Raises UnknownLetter."""
    if sent.letter is None:
        return sent.body
    context = of_deed(sent.id, who.actor.id)
    try:
        return msgspec.json.decode(letterbox(who.district.vault).open(sent.letter, context))
    except msgspec.DecodeError as wrong:
        raise UnknownLetter() from wrong


def _clock_off(said: datetime | None) -> int | None:
    """The sender's clock less ours, in whole seconds; None when it did not say, or said nonsense
    without a zone."""
    if said is None or said.tzinfo is None:
        return None
    return max(-(2**31), min(2**31 - 1, round((said - now()).total_seconds())))


def _refused(id_: UUID, refusal: Refusal, locale: Locale) -> DeedAnswer:
    return DeedAnswer(id_, refusal.status, as_problem(refusal, locale))


def _bug(locale: Locale) -> dict[str, Any]:
    return {
        "type": "urn:wangge:bug",
        "title": translate(locale, "系统出了问题,已经记下。您可以稍后再试。"),
        "status": 500,
        "code": "bug",
        "data": {},
    }


# -- photos ------------------------------------------------------------------------------------


#: What says that a photo comes as a letter.
SEALED_MEDIA = "application/vnd.wangge.letter"


@put("/api/v1/files/{file_id:uuid}", request_max_body_size=PHOTO_BYTES_MAX + OVERHEAD)
async def put_file(request: Req, file_id: FromPath[UUID]) -> PhotoKept:
    """Send a photo: the body is the picture itself, or a letter with it
    (`application/vnd.wangge.letter`). A deed names it by this id afterwards."""
    who = asking(request)
    who.signed()
    data = await request.body()
    if request.headers.get("content-type") == SEALED_MEDIA:
        data = letterbox(who.district.vault).open(data, of_photo(file_id, who.actor.id))
    return await keep_photo(who, file_id, data)


@get("/api/v1/files/{file_id:uuid}")
async def get_file(
    request: Req, file_id: FromPath[UUID], until: FromQuery[int], mark: FromQuery[str]
) -> Response[bytes]:
    """A photo, by a link that a page or an answer gave to this same person not long ago."""
    who = asking(request)
    if not is_signed(who, file_id, until, mark):
        raise LinkOver()
    async with who.district.database.tx(
        system_actor(who.district.schema), read_only=True
    ) as tx:
        file = await kept_file(tx, file_id)
    data = await asyncio.to_thread(who.district.shelf.get, file.sha256)
    return Response(
        data,
        media_type=file.media,
        headers={
            "Cache-Control": "private, max-age=900, immutable",
            "Content-Disposition": "inline",
            "ETag": f'"{file.sha256[:16]}"',
        },
    )


# -- live --------------------------------------------------------------------------------------


@get("/api/v1/live", media_type="text/event-stream")
async def live(request: Req, after: FromQuery[int | None] = None) -> Stream:
    """Facts within reach as server-sent events, from `after` or the header on, else from now."""
    who = asking(request)
    actor = who.signed()
    if actor.kind != "staff":
        raise Forbidden("实时连接")
    if who.district.live.screens >= SCREENS_MAX:
        raise TooManyScreens()
    again = request.headers.get("last-event-id", "")
    mark = int(again) if again.isascii() and again.isdigit() else after
    return Stream(
        _stream(who, mark),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _stream(who: Asking, mark: int | None) -> AsyncIterator[bytes]:
    # Whoever has read the greeting hears what comes after it: the ledger is read from before it on.
    await who.district.live.start()
    yield f"retry: {RETRY_MS}\n: hello\n\n".encode()
    loop = asyncio.get_running_loop()
    ends, quiet = loop.time() + STREAM_SECONDS_MAX, 0
    watching = who.district.live.watch(_within(who), mark)
    async with aclosing(cast("AsyncGenerator[Sequence[Told], None]", watching)) as coming:
        following: asyncio.Task[Sequence[Told]] | None = None
        try:
            while loop.time() < ends:
                if following is None:
                    following = asyncio.ensure_future(anext(coming))
                await asyncio.wait((following,), timeout=HEARTBEAT)
                if not following.done():
                    quiet += 1
                    if quiet % LOOK_EVERY == 0 and not await _still_open(who):
                        return
                    yield b": alive\n\n"
                    continue
                try:
                    facts = following.result()
                except StopAsyncIteration:
                    return
                following = None
                yield b"".join([fact.event for fact in facts])
        finally:
            if following is not None:
                following.cancel()
                await asyncio.gather(following, return_exceptions=True)


def _within(who: Asking) -> Any:
    moment = now()
    areas = outermost(g.area_code for g in who.actor.grants if g.live(moment) and not g.narrow)
    reach, security = Reach(areas), who.actor.reach(READ, moment)
    quiet = quiet_kinds()

    def wanted(fact: Told) -> bool:
        if fact.kind in quiet:
            return False
        seen = security if fact.kind.startswith("access.") else reach
        return seen.covers(fact.area_code)

    return wanted


async def _still_open(who: Asking) -> bool:
    """Whether the session of a stream was not ended meanwhile."""
    if who.session is None:
        return True
    async with who.district.database.tx(
        system_actor(who.district.schema), read_only=True
    ) as tx:
        return await kept.is_open(tx, who.session)


ROUTES: list[Any] = [healthz, deeds, put_file, get_file, live]
