"""Bad weather between a phone and its server: requests lost on the way there or back, batches that
arrive in pieces and twice, a server that dies while it holds one."""

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any

#: Headers that speak of one connection and are not passed on.
_OF_ONE_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


@dataclass
class Weather:
    """`lost` is the share of API requests that fail, half of them after the server has done
    them; `scattered` sends each batch of deeds in pieces, backwards and twice; `struck` is called
    once, when a batch has been sent and nothing has been answered."""

    server: int
    random: Random
    lost: float = 0.0
    scattered: bool = False
    struck: Callable[[], None] | None = None
    failures: int = 0
    batches: list[int] = field(default_factory=list[int])
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class _Dropped(Exception):
    """Nothing is answered; the connection breaks."""


@contextmanager
def weather(server: int, seed: int) -> Iterator[Weather]:
    """Between whoever uses `url` and the server on that port."""
    made = Weather(server, Random(seed))

    class Handler(_Handler):
        sky = made

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Broken connections are what this is for."""

    with Quiet(("127.0.0.1", 0), Handler) as listening:
        made.port = listening.server_address[1]
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        try:
            yield made
        finally:
            listening.shutdown()
            thread.join(10)


class _Handler(BaseHTTPRequestHandler):
    sky: Weather
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Quietly."""

    def _any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            status, headers, answer = self._through(body)
        except (_Dropped, OSError, http.client.HTTPException):
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in _OF_ONE_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_DELETE = _any

    def _through(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        sky = self.sky
        if self.path.startswith("/api/v1/live"):
            return 204, [], b""
        api = self.path.startswith("/api/")
        deeds = self.command == "POST" and self.path == "/api/v1/deeds"
        lost = api and sky.random.random() < sky.lost
        if lost:
            sky.failures += 1
            if sky.random.random() < 0.5:
                raise _Dropped
        if deeds:
            sky.batches.append(len(json.loads(body)["deeds"]))
            if sky.struck is not None:
                strike, sky.struck = sky.struck, None
                wire = self._send(body)
                strike()
                wire.close()
                raise _Dropped
            if sky.scattered:
                self._scatter(json.loads(body))
        answer = self._ask(body)
        if lost:
            raise _Dropped
        return answer

    def _scatter(self, batch: dict[str, Any]) -> None:
        all_ = batch["deeds"]
        for piece in (all_[len(all_) // 2 :], *([one] for one in reversed(all_)), all_):
            self._ask(json.dumps({**batch, "deeds": piece}).encode())

    def _send(self, body: bytes) -> http.client.HTTPConnection:
        wire = http.client.HTTPConnection("127.0.0.1", self.sky.server, timeout=60)
        headers = {n: v for n, v in self.headers.items() if n.lower() not in _OF_ONE_HOP}
        headers["Accept-Encoding"] = "identity"
        wire.request(self.command, self.path, body or None, headers)
        return wire

    def _ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        wire = self._send(body)
        try:
            answer = wire.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            wire.close()
