"""Desk pages of dispatch: rules, unanswered offers, the taxonomy, the calendar and settings."""

from typing import Any

from wangge.cases.acts import CONFIGURE as TAXONOMY
from wangge.dispatch.acts import CONFIGURE, SETTINGS, WATCH_OFFERS
from wangge.dispatch.pages import importing, offers, rules, settings, taxonomy
from wangge.kernel.http import nav

nav(40, "/offers", "无人应答", "phone", WATCH_OFFERS)
nav(74, "/rules", "分派规则", "route", CONFIGURE)
nav(75, "/classes", "事项分类", "tags", TAXONOMY)
nav(76, "/calendar", "节假日", "calendar", TAXONOMY)
nav(95, "/settings", "设置", "settings", SETTINGS)

ROUTES: list[Any] = [
    *rules.ROUTES,
    *offers.ROUTES,
    *taxonomy.ROUTES,
    *settings.ROUTES,
    *importing.ROUTES,
]
