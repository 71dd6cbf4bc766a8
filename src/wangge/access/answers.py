"""Small things the pages of this room share: going somewhere, saying a refusal."""

from typing import Any

from litestar import Response

from wangge.kernel.http import Asking
from wangge.kernel.refusals import Refusal, as_problem


def redirect(who: Asking, path: str) -> Response[Any]:
    """303 to a page of ours, never to another site."""
    ours = path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"
    return Response(b"", status_code=303, headers={"Location": who.base + ours})


def said(who: Asking, refusal: Refusal) -> dict[str, Any]:
    """A refusal for a form: `title`, and `problems` where there are several."""
    return as_problem(refusal, who.locale)
