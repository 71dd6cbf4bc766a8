"""Saying something to a machine outside: one HTTP request, checked before and after.

Only https leaves the house, but for a relay on the same machine; redirects are not followed, so
that a checked address stays the address. What is sent is never logged.
"""

import asyncio
import ipaddress
import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote, urlsplit

from wangge.kernel.refusals import Invalid

#: Seconds for the whole answer.
TIMEOUT = 10.0
#: Bytes of an answer that are looked at.
ANSWER_MAX = 65_536


class SendFailed(RuntimeError):
    """The other side did not take it. Says how, never what or to whom."""


def allowed(url: str) -> bool:
    """https to anywhere, http only to this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return False
    if not host or any(c.isspace() for c in url):
        return False
    if parts.scheme == "https":
        return True
    if parts.scheme != "http":
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_url(url: str) -> None:
    """A setting's check: empty, or an address that may be called."""
    if url and not allowed(url):
        raise Invalid.of("url", "地址要以 https:// 开头(只有本机可以用 http)。")


def check_sms_url(url: str) -> None:
    """The same for a template with {phone} and {text}, which must not name the host."""
    check_url(url.replace("{phone}", "0").replace("{text}", "0"))
    if "{" in (urlsplit(url).netloc if url else ""):
        raise Invalid.of("url", "地址要以 https:// 开头(只有本机可以用 http)。")


def check_template(body: str) -> None:
    """A bot's message: JSON with a place for the text."""
    try:
        json.loads(body.replace("{text}", "x"))
    except ValueError as wrong:
        raise Invalid.of(
            "body", "内容模板要是 JSON,提醒语处写 {text}。", text="{text}"
        ) from wrong
    if "{text}" not in body:
        raise Invalid.of("body", "内容模板要是 JSON,提醒语处写 {text}。", text="{text}")


def in_json(template: str, **values: str) -> bytes:
    """The template with values escaped for the inside of a JSON string."""
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", json.dumps(value, ensure_ascii=False)[1:-1])
    return template.encode()


def in_query(template: str, **values: str) -> str:
    """The template with values escaped for a query or a form."""
    for name, value in values.items():
        template = template.replace(f"{{{name}}}", quote(value, safe=""))
    return template


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: Any
    ) -> None:
        return None


async def send(url: str, body: bytes | None = None, media: str = "application/json") -> None:
    """One request; POST with a body, GET without. Raises SendFailed."""
    if not allowed(url):
        raise SendFailed("address not allowed")
    await asyncio.to_thread(_send, url, body, media)


def _send(url: str, body: bytes | None, media: str) -> None:
    headers = {"Content-Type": f"{media}; charset=utf-8"} if body is not None else {}
    request = urllib.request.Request(url, data=body, headers=headers)
    opener = urllib.request.build_opener(_NoRedirects())
    try:
        with opener.open(request, timeout=TIMEOUT) as answer:
            said = answer.read(ANSWER_MAX)
    except urllib.error.HTTPError as error:
        error.close()
        raise SendFailed(f"HTTP {error.code}") from None
    except (OSError, ValueError) as error:
        raise SendFailed(type(error).__name__) from None
    _must_be_well(said)


def _must_be_well(said: bytes) -> None:
    """Bots answer 200 and say in JSON that they did not take it."""
    try:
        answer = json.loads(said)
    except ValueError:
        return
    if isinstance(answer, dict):
        code: Any = answer.get("errcode", answer.get("code", 0))  # pyright: ignore
        if isinstance(code, int) and code not in (0, 200):
            raise SendFailed(f"errcode {code}")
