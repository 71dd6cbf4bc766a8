"""Desk pages of cases: the queue, a case with its story, and taking down a new one."""

from typing import Any

from wangge.cases.acts import READ
from wangge.cases.pages import appealing, case, queue, report
from wangge.kernel.http import nav

nav(20, "/cases", "事件", "inbox", READ)

ROUTES: list[Any] = [*queue.ROUTES, *report.ROUTES, *case.ROUTES, *appealing.ROUTES]
