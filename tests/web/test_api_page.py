"""The examples of docs/api.md are sent to the application, in order, and answered as printed.

An example is a block ```http (method, path, then the body) followed by a block ```json whose first
line is the status. `$receipt` and the like stand for what an earlier answer brought. Keys, types
and codes must agree; words, moments and ids may differ.
"""

import dataclasses
import json
import re
from pathlib import Path
from typing import Any, NamedTuple

import small_town as town
from town_fixtures import SCHEMA, RoomClient
from wangge.access.commands import make_token
from wangge.kernel.actors import system_actor
from wangge.kernel.http import Installation
from wangge.kernel.live import LiveFact

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(
    r"```http\n(?P<method>[A-Z]+) (?P<path>\S+)\n(?P<body>.*?)```\n+"
    r"(?:[^`\n][^\n]*\n+)*```json\n(?P<status>\d{3})\n(?P<answer>.*?)```",
    re.S,
)
#: What must be equal, not only of the same type.
FIXED = frozenset(
    {"code", "status", "state", "stage", "class_code", "channel", "field", "type"}
)


class Example(NamedTuple):
    method: str
    path: str
    body: Any
    status: int
    answer: Any


def examples(page: str) -> list[Example]:
    return [
        Example(
            found["method"],
            found["path"],
            json.loads(found["body"]) if found["body"].strip() else None,
            int(found["status"]),
            json.loads(found["answer"]),
        )
        for found in EXAMPLE.finditer(page)
    ]


def differs(printed: Any, real: Any, where: str = "$") -> list[str]:
    """Where an answer is not as printed."""
    if isinstance(printed, dict) and isinstance(real, dict):
        if set(printed) != set(real):
            return [f"{where}: keys {sorted(set(printed) ^ set(real))}"]
        return [
            line
            for key in printed
            for line in differs(printed[key], real[key], f"{where}.{key}")
        ]
    if isinstance(printed, list) and isinstance(real, list):
        if bool(printed) != bool(real):
            return [f"{where}: {len(printed)} and {len(real)}"]
        return differs(printed[0], real[0], f"{where}[0]") if printed else []
    name = where.rsplit(".", 1)[-1]
    if name in FIXED and printed != real:
        return [f"{where}: {printed!r} is {real!r}"]
    if type(printed) is not type(real):
        return [f"{where}: {type(printed).__name__} is {type(real).__name__}"]
    return []


async def test_every_example_is_answered_as_printed(
    app_client: RoomClient, own_installation: Installation
) -> None:
    database = own_installation.districts["town"].database
    async with database.tx(system_actor(SCHEMA)) as tx:
        made = await make_token(
            tx,
            name="12345 热线",
            acts=["cases.report", "cases.read"],
            area_code=town.COUNTY,
            channel="hotline",
            trusted=True,
            days=30,
        )
    client = await app_client(None, authorization=f"Bearer {made.token}")
    worker = await app_client("grid_worker")
    found = examples(PAGE)
    assert len(found) >= 6
    brought: dict[str, str] = {}
    for example in found:
        path, text = example.path, json.dumps(example.body, ensure_ascii=False)
        for name, value in brought.items():
            path, text = path.replace(f"${name}", value), text.replace(f"${name}", value)
        sender = worker if path.startswith(("/api/v1/deeds", "/api/v1/me")) else client
        body = {} if example.body is None else {"content": text.encode()}
        answer = await sender.request(example.method, path, **body)
        assert answer.status_code == example.status, f"{path}: {answer.text}"
        got = answer.json()
        assert differs(example.answer, got) == [], (
            f"{path}: {json.dumps(got, ensure_ascii=False)}"
        )
        if isinstance(got, dict):
            brought |= {key: str(got[key]) for key in ("receipt", "next") if got.get(key)}


def test_an_answer_that_is_not_as_printed_is_found() -> None:
    printed = {"code": "busy", "items": [{"a": 1}]}
    assert differs(printed, {"code": "busy", "items": [{"a": 2}]}) == []
    assert differs(printed, {"code": "stale", "items": [{"a": 1}]})
    assert differs(printed, {"code": "busy", "items": [{"b": 1}]})
    assert differs(printed, {"code": "busy", "items": []})
    assert differs(printed, {"code": "busy", "items": [{"a": "1"}]})


def test_the_printed_event_is_what_the_stream_sends() -> None:
    printed = re.search(r"^data: (.*)$", PAGE, re.M)
    assert printed is not None
    assert list(json.loads(printed[1])) == [f.name for f in dataclasses.fields(LiveFact)]
