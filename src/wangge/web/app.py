"""The app: every room's routes behind one gate."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from litestar import Litestar, Request, Router
from litestar.exceptions import SerializationException
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import ASGIApp

from wangge import __version__
from wangge.access.presence import Presence
from wangge.kernel.http import (
    REFUSAL_HANDLERS,  # pyright: ignore[reportUnknownVariableType]
    Installation,
)
from wangge.web.gate import Gate
from wangge.web.options import WebOptions
from wangge.web.rooms import routes

#: Bytes of a request's body, unless its handler says otherwise (photos, imports).
BODY_MAX = 1_000_000
#: Fields of a form.
FORM_FIELDS_MAX = 2_000


class WanggeRequest(Request[Any, Any, Any]):
    """A body that is not even text is as malformed as any other; Litestar would call it our bug."""

    async def json(self) -> Any:
        try:
            return await super().json()
        except UnicodeDecodeError as wrong:
            raise SerializationException(str(wrong)) from wrong


class WanggeApp(Litestar):
    """Litestar with the gate before the router: middleware of Litestar's own would run only
    after a path had matched, prefix and all."""

    gate: Gate

    def behind(self, gate: Gate) -> None:
        """Put the gate in front."""
        self.gate = gate
        handler: ASGIApp = gate
        self.asgi_handler = handler


def create_app(
    installation: Installation,
    *,
    testing: bool = False,
    options: WebOptions | None = None,
    lifespan: Sequence[Callable[[Litestar], AbstractAsyncContextManager[None]]] = (),
) -> Litestar:
    """The ASGI app over an opened installation. `testing` forgets sessions at once, so that a
    test sees its own changes from the next request on."""
    chosen = options or WebOptions()
    app = WanggeApp(
        route_handlers=[
            *routes("api"),
            Router(path="/", route_handlers=routes("pages"), include_in_schema=False),
        ],
        exception_handlers=REFUSAL_HANDLERS,
        request_class=WanggeRequest,
        request_max_body_size=BODY_MAX,
        multipart_form_part_limit=FORM_FIELDS_MAX,
        openapi_config=OpenAPIConfig(
            title="网格 wangge",
            version=__version__,
            path="/api/v1",
            render_plugins=[JsonRenderPlugin()],
            use_handler_docstrings=True,
        ),
        logging_config=None,
        lifespan=list(lifespan),
        debug=False,
    )
    presence = Presence(memory=0.0 if testing else chosen.session_memory)
    app.behind(Gate(app.asgi_handler, installation, presence, chosen))
    return app
