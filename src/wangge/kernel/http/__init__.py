"""The HTTP toolkit: who asks, in which district, and how we answer. Rooms build their edges on it."""

from wangge.kernel.http.answers import REFUSAL_HANDLERS, problem
from wangge.kernel.http.asking import Asking, Channel, asking, origin_of
from wangge.kernel.http.deeds import (
    DeedKind,
    Sent,
    all_deeds,
    deed,
    do_deed,
    do_many,
    many_deeds,
    takes_many,
)
from wangge.kernel.http.express import express
from wangge.kernel.http.installation import District, Installation
from wangge.kernel.http.pages import Nav, nav, page, text_page

__all__ = [
    "REFUSAL_HANDLERS",
    "Asking",
    "Channel",
    "DeedKind",
    "District",
    "Installation",
    "Nav",
    "Sent",
    "all_deeds",
    "asking",
    "deed",
    "do_deed",
    "do_many",
    "express",
    "many_deeds",
    "nav",
    "origin_of",
    "page",
    "problem",
    "takes_many",
    "text_page",
]
