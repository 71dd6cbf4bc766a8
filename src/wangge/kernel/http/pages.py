"""Pages: Jinja templates of the rooms in one look, in the asker's language.

A template is named `room/file.html` and lies in `src/wangge/<room>/templates/`. The shells are
`kernel/desk.html` (offices), `kernel/plain.html` (sign-in, residents, refusals).
"""

import importlib.resources
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import msgspec
from litestar import MediaType, Response
from markupsafe import Markup

from wangge import __version__
from wangge.kernel.actors import Act, Role
from wangge.kernel.http.asking import Asking
from wangge.kernel.i18n import translator
from wangge.kernel.moments import local, now


@dataclass(frozen=True, slots=True)
class Nav:
    """One entry of the desk's menu, shown to whoever may do `act` somewhere; the first page after
    signing in of those who hold no other roles than `first`."""

    order: int
    path: str
    words: str
    icon: str
    act: Act | None = None
    first: tuple[Role, ...] = ()


_nav: list[Nav] = []


def nav(
    order: int,
    path: str,
    words: str,
    icon: str,
    act: Act | None = None,
    *,
    first: tuple[Role, ...] = (),
) -> Nav:
    """Add an entry to the desk's menu. `icon` is the name of a drawing in
    web/static/icons.svg."""
    if any(known.path == path for known in _nav):
        raise ValueError(f"menu entry {path} is declared twice")
    entry = Nav(order, path, words, icon, act, first)
    _nav.append(entry)
    return entry


def _templates(name: str) -> str | None:
    room, _, rest = name.partition("/")
    base = Path(str(importlib.resources.files("wangge")))
    folder = base / "kernel" / "http" if room == "kernel" else base / room
    path = folder / "templates" / rest
    return path.read_text(encoding="utf-8") if path.is_file() else None


@cache
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.FunctionLoader(_templates),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[[Any], Any]] = {
        "local": local,
        "moment": lambda moment: f"{local(moment):%Y-%m-%d %H:%M}" if moment else "",
        "clock": lambda moment: f"{local(moment):%m-%d %H:%M}" if moment else "",
        "json": lambda value: Markup(
            msgspec.json.encode(value).decode().replace("<", "\\u003c").replace("&", "\\u0026")
        ),
    }
    made.filters.update(filters)
    return made


def entries(asking: Asking) -> list[Nav]:
    """The menu of somebody, in order."""
    moment = now()
    return [
        entry
        for entry in sorted(_nav, key=lambda entry: entry.order)
        if entry.act is None or asking.actor.may_somewhere(entry.act, moment)
    ]


def first_page(asking: Asking) -> str | None:
    """Where somebody who has signed in begins: the page of their roles, else the first of their menu."""
    moment, own = now(), [entry for entry in entries(asking) if entry.act is not None]
    roles = {grant.role for grant in asking.actor.grants if grant.live(moment)}
    mine = next((entry for entry in own if roles and roles <= set(entry.first)), None)
    found = mine or next(iter(own), None)
    return found.path if found else None


def render(asking: Asking, template: str, values: Mapping[str, Any]) -> str:
    """A page as text. In a template: `_("…")`, `asking`, `base`, `nav`, `now`, `may(act)`."""
    return (
        _environment()
        .get_template(template)
        .render(
            _=translator(asking.locale),
            asking=asking,
            base=asking.base,
            nav=entries(asking),
            now=now(),
            may=asking.may,
            version=__version__,
            **values,
        )
    )


def page(asking: Asking, template: str, *, status: int = 200, **values: Any) -> Response[str]:
    """A page as an answer."""
    return Response(
        render(asking, template, values),
        status_code=status,
        media_type=MediaType.HTML,
        headers={"Cache-Control": "no-store"},
    )


def text_page(text: str, *, status: int = 200, media: str = "text/plain") -> Response[str]:
    """Plain text as an answer."""
    return Response(text, status_code=status, media_type=media)
