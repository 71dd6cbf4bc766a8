"""The phone app's page, its worker, its manifest and its words."""

from typing import Any

from litestar import Request, Response, get
from litestar.params import FromQuery
from markupsafe import Markup

from wangge.kernel.http import Asking, asking
from wangge.kernel.http.pages import render
from wangge.web.field import kit
from wangge.web.field.kit import Kit

_kits: dict[str, tuple[object, bytes, Kit]] = {}


def _kit(who: Asking) -> tuple[bytes, Kit]:
    """The shell and the kit of a prefix, made once and again when a file of it changed. The shell
    is the same for everybody: it is kept on phones and must hold nothing of anybody's."""
    now = kit.stamp()
    found = _kits.get(who.base)
    if found is None or found[0] != now:
        bundled = kit.is_built()
        code = {"bundle": kit.BUNDLES[0]} if bundled else {"modules": kit.preloads()}
        values = {**code, "first": Markup(kit.first()), "en": kit.words().__getitem__}
        shell = render(who, "web/field/shell.html", values).encode()
        found = _kits[who.base] = (now, shell, kit.kit_of(who.base, shell, bundled=bundled))
    return found[1:]


def _answer(body: bytes, media: str, **headers: str) -> Response[bytes]:
    return Response(body, media_type=media, headers={"Cache-Control": "no-cache", **headers})


@get("/field", sync_to_thread=False)
def shell(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The app. Without the slash at the end the worker would not look after it."""
    who = asking(request)
    # The router takes a last slash off `path`.
    raw: bytes = request.scope["raw_path"]
    if not raw.endswith(b"/"):
        return Response(b"", status_code=303, headers={"Location": f"{who.base}/field/"})
    return _answer(_kit(who)[0], "text/html; charset=utf-8")


@get("/field/sw.js", sync_to_thread=False)
def worker(request: Request[Any, Any, Any], plain: FromQuery[str] = "") -> Response[bytes]:
    """The worker. `plain=1` is for browsers whose workers know no modules: without bundles the app
    is kept all the same, only sending after it was closed is missing."""
    who = asking(request)
    made = _kit(who)[1]
    imports = "" if plain or made.bundled else 'import "/static/field/sw-sync.js";\n'
    return _answer(
        (imports + made.worker).encode(),
        "text/javascript; charset=utf-8",
        **{"Service-Worker-Allowed": f"{who.base}/field/"},
    )


@get("/field/manifest.webmanifest", sync_to_thread=False)
def web_manifest(request: Request[Any, Any, Any]) -> Response[bytes]:
    """What the phone needs to put the app on its home screen."""
    return _answer(kit.manifest(asking(request).base), "application/manifest+json")


@get("/field/words.en.json", sync_to_thread=False)
def words(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The app's English."""
    return _answer(kit.english(), "application/json")


ROUTES: list[Any] = [shell, worker, web_manifest, words]
