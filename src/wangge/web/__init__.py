"""Web: one ASGI app over all rooms; who asks, what leaves, and nothing the rooms decide."""

from wangge.web.app import create_app
from wangge.web.options import WebOptions

__all__ = ["WebOptions", "create_app"]
