"""What the desk pages of the registers share."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Request

from wangge.kernel.refusals import Invalid, NotFound
from wangge.places.forms import read_day
from wangge.registers.kinds import Kind

Req = Request[Any, Any, Any]


def headline(kind: Kind, details: Mapping[str, Any]) -> str:
    """What kind of its kind a thing is: 餐饮 of a shop, 幼儿园 of a school."""
    for one in kind.details:
        if one.kind == "code" and one.codes:
            return one.codes.get(str(details.get(one.name, "")), "")
    return ""


def number(given: Mapping[str, str], name: str) -> int:
    text = given.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid.of(name, "“{field}”应为数字。", field=name)
    return int(text)


def person_of(given: Mapping[str, str]) -> dict[str, Any]:
    return {
        "role": given.get("role", ""),
        "name": given.get("person_name", ""),
        "phone": given.get("person_phone", ""),
        "resident_id": given.get("resident_id") or None,
        "since": read_day(given["since"], "since").isoformat() if given.get("since") else None,
    }


def uuid_of(given: Mapping[str, str], name: str) -> UUID:
    try:
        return UUID(given.get(name, ""))
    except ValueError as wrong:
        raise NotFound("这一条") from wrong
