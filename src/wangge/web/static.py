"""Static files: read once, named by the hash of their content, compressed once.

An address with `?v=` and the right hash may be kept for ever by a browser; without it the
browser asks again and is told 304.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs

from litestar.types import HTTPScope, Send

FOLDER = Path(__file__).parent / "static"
#: Bytes of static files held in memory; the largest library is about 1 MB.
HELD_MAX = 64_000_000
#: Smaller than this is not worth compressing.
GZIP_FROM = 1000

_TYPES = {
    ".map": "application/json",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_TEXT = ("text/", "application/json", "application/manifest+json", "image/svg+xml")


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file as served."""

    stamp: tuple[int, int]
    body: bytes
    packed: bytes | None
    tag: str
    media: str


class Shelves:
    """The files under one folder."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder.resolve()
        self._held: dict[str, StaticFile] = {}
        self._bytes = 0

    def find(self, name: str) -> StaticFile | None:
        """A file by its path under the folder; None when there is none. A file that changed on
        disk is read anew, so that an upgrade or an edit needs no restart."""
        if "\0" in name:
            return None
        path = (self._folder / name).resolve()
        if not path.is_relative_to(self._folder) or any(
            part.startswith(".") for part in Path(name).parts
        ):
            return None
        try:
            info = path.stat()
            if not path.is_file():
                return None
        except OSError:
            return None
        stamp = (info.st_mtime_ns, info.st_size)
        held = self._held.get(name)
        if held is None or held.stamp != stamp:
            held = self._read(path, stamp)
            if self._bytes + len(held.body) > HELD_MAX:
                self._held.clear()
                self._bytes = 0
            self._held[name] = held
            self._bytes += len(held.body)
        return held

    def _read(self, path: Path, stamp: tuple[int, int]) -> StaticFile:
        body = path.read_bytes()
        media = (
            _TYPES.get(path.suffix)
            or mimetypes.guess_type(path.name)[0]
            or "application/octet-stream"
        )
        packed = None
        if len(body) >= GZIP_FROM and media.startswith(_TEXT):
            packed = gzip.compress(body, 6, mtime=0)
        return StaticFile(stamp, body, packed, hashlib.sha256(body).hexdigest()[:16], media)

    async def serve(self, name: str, scope: HTTPScope, send: Send) -> None:
        """Answer a GET or HEAD for one file."""
        asked = {
            key.decode().lower(): value.decode("latin-1") for key, value in scope["headers"]
        }
        file = self.find(name) if scope["method"] in ("GET", "HEAD") else None
        if file is None:
            await _send(send, 404, [(b"content-type", b"text/plain; charset=utf-8")], b"404")
            return
        version = parse_qs(scope["query_string"].decode("latin-1")).get("v", [""])[0]
        headers = [
            (b"content-type", file.media.encode()),
            (b"etag", f'"{file.tag}"'.encode()),
            (b"vary", b"accept-encoding"),
            (
                b"cache-control",
                b"public, max-age=31536000, immutable" if version == file.tag else b"no-cache",
            ),
        ]
        if name.endswith("sw.js"):
            # A worker lies in a folder but looks after the whole app.
            headers.append((b"service-worker-allowed", b"/"))
        if file.tag in asked.get("if-none-match", ""):
            await _send(send, 304, headers, b"")
            return
        body = file.body
        if file.packed is not None and "gzip" in asked.get("accept-encoding", ""):
            headers.append((b"content-encoding", b"gzip"))
            body = file.packed
        headers.append((b"content-length", str(len(body)).encode()))
        await _send(send, 200, headers, b"" if scope["method"] == "HEAD" else body)


async def _send(
    send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes
) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
