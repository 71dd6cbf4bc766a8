"""What a district decides for itself, each with its default and what it means."""

from typing import Any

import msgspec
from litestar import Request, Response, get, post

from wangge.dispatch.acts import SETTINGS
from wangge.dispatch.events import SettingChanged
from wangge.dispatch.pages.changes import may
from wangge.kernel.http import Asking, asking, page
from wangge.kernel.refusals import Invalid, Refusal
from wangge.kernel.settings import all_settings, decide, decided

Asked = Request[Any, Any, Any]

#: Rooms in words, for the headings of the page.
ROOMS = {
    "kernel": "系统",
    "places": "区域",
    "people": "人员",
    "access": "登录与安全",
    "responses": "应急响应",
    "tasks": "任务",
    "cases": "事件时限",
    "dispatch": "分派与提醒",
    "command": "屏幕与地图",
    "web": "网页",
}


async def show(
    who: Asking, failed: str = "", typed: str = "", refusal: Refusal | None = None
) -> Response[Any]:
    """Every setting, by room."""
    who.must(SETTINGS)
    async with who.tx(read_only=True) as tx:
        chosen = await decided(tx)
    known = all_settings()
    rooms: dict[str, list[dict[str, Any]]] = {}
    for key in sorted(known):
        made = known[key]
        value = chosen(made)
        rooms.setdefault(key.split(".")[0], []).append(
            {
                "key": key,
                "words": made.words,
                "kind": "bool" if made.kind is bool else "int" if made.kind is int else "text",
                "value": typed if key == failed else _shown(value),
                "default": _shown(made.default),
                "changed": value != made.default,
                "failed": key == failed,
            }
        )
    return page(
        who,
        "dispatch/settings.html",
        status=refusal.status if refusal else 200,
        rooms=[(room, ROOMS.get(room, room), lines) for room, lines in rooms.items()],
        refused=who.said(refusal),
    )


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, str | int | float):
        return str(value)
    return msgspec.json.encode(value).decode()


def _read(key: str, text: str) -> Any:
    """A field's text as the setting's kind wants it; lists are JSON."""
    made = all_settings().get(key)
    if made is None:
        raise Invalid.of(key, "没有“{key}”这一项设置。", key=key)
    if made.kind is bool:
        return text == "1"
    if made.kind in (str, int, float):
        return text.strip()
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError as wrong:
        raise Invalid.of(key, "“{key}”的值不对:{value}。", key=key, value=text[:40]) from wrong


@get("/settings")
async def settings_page(request: Asked) -> Response[Any]:
    """All settings of the rooms there are."""
    return await show(asking(request))


@post("/settings")
async def change(request: Asked) -> Response[Any]:
    """Change one."""
    who = asking(request)
    who.signed()
    form = await request.form()
    key, value = str(form.get("key", "")), str(form.get("value", ""))
    try:
        async with who.tx() as tx:
            area = may(tx, SETTINGS)
            await decide(tx, key, _read(key, value))
            tx.publish(SettingChanged(tx.actor.id, area, key))
    except Refusal as refusal:
        return await show(who, key, value, refusal)
    return Response(b"", status_code=303, headers={"Location": f"{who.base}/settings#{key}"})


ROUTES: list[Any] = [settings_page, change]
