"""What leaves: security headers on every answer, text compressed, nothing else touched."""

import base64
import gzip
import hashlib
import re
from functools import cache
from pathlib import Path

from litestar.types import Message, Send

from wangge import kernel
from wangge.web.field.kit import first
from wangge.web.options import WebOptions

#: Smaller answers are sent as they are.
GZIP_FROM = 1000
_PACKABLE = (
    b"text/html",
    b"text/plain",
    b"text/csv",
    b"application/json",
    b"application/problem",
)


@cache
def _inline() -> str:
    """The scripts that stand in pages themselves, named by their hashes: the import map, and what the
    phone shows before its app is there."""
    path = Path(kernel.__file__).parent / "http" / "templates" / "importmap.html"
    found = re.search(r">(.*)</script>", path.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    digests = [hashlib.sha256(text.encode()).digest() for text in (found.group(1), first())]
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def policy(options: WebOptions) -> str:
    """The content security policy. A data: image is a symbol inside Tabler's style sheet; blob:
    is a photo just taken, and the map's worker."""
    tiles = " ".join(("", *options.tile_origins))
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {_inline()}",
            "style-src 'self'",
            f"img-src 'self' data: blob:{tiles}",
            "worker-src 'self' blob:",
            f"connect-src 'self'{tiles}",
            "font-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def fixed_headers(options: WebOptions) -> list[tuple[bytes, bytes]]:
    """On every answer."""
    return [
        (b"content-security-policy", policy(options).encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"x-frame-options", b"DENY"),
        (b"referrer-policy", b"same-origin"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(self), geolocation=(self), microphone=()"),
    ]


HSTS = (b"strict-transport-security", b"max-age=31536000")


def dressed(
    send: Send, headers: list[tuple[bytes, bytes]], *, secure: bool, packs: bool, private: bool
) -> Send:
    """A `send` that adds the headers, and packs a text answer that comes in one piece.

    `private` answers are not to be kept by anything on the way unless they say otherwise.
    """
    start: Message | None = None

    async def dressed_send(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            given = list(message.get("headers", ()))
            names = {name.lower() for name, _ in given}
            given += [(name, value) for name, value in headers if name not in names]
            if secure:
                given.append(HSTS)
            if private and b"cache-control" not in names:
                given.append((b"cache-control", b"no-store"))
            message["headers"] = given
            start = message
            return
        if message["type"] == "http.response.body" and start is not None:
            if packs and not message.get("more_body"):
                _pack(start, message)
            opening, start = start, None
            await send(opening)
        await send(message)

    return dressed_send


def in_one_piece(
    status: int, body: bytes, headers: list[tuple[bytes, bytes]], *, secure: bool, packs: bool
) -> tuple[Message, Message]:
    """A private answer in JSON as the two messages it is sent by, dressed as any other."""
    worn = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % len(body)),
        *headers,
        (b"cache-control", b"no-store"),
    ]
    if secure:
        worn.append(HSTS)
    start: Message = {"type": "http.response.start", "status": status, "headers": worn}
    rest: Message = {"type": "http.response.body", "body": body, "more_body": False}
    if packs:
        _pack(start, rest)
    return start, rest


def _pack(start: Message, body: Message) -> None:
    assert start["type"] == "http.response.start"
    assert body["type"] == "http.response.body"
    headers = {name.lower(): value for name, value in start["headers"]}
    content = body["body"]
    if (
        len(content) < GZIP_FROM
        or b"content-encoding" in headers
        or not headers.get(b"content-type", b"").startswith(_PACKABLE)
    ):
        return
    packed = gzip.compress(content, 5, mtime=0)
    start["headers"] = [
        *(
            (name, value)
            for name, value in start["headers"]
            if name.lower() != b"content-length"
        ),
        (b"content-length", str(len(packed)).encode()),
        (b"content-encoding", b"gzip"),
        (b"vary", b"accept-encoding"),
    ]
    body["body"] = packed
