"""A district at work: invented people report, accept, handle, check and close, at a calm pace.

They know what a browser knows, an address and a password, and use the public HTTP API only; what
they may not do is refused to them as to anybody. Started by `wangge run`; ends with its parent.

Reads WANGGE_SIMULATE: {"address", "every" (seconds between reports), "password", "people":
[{"login", "role", "area_code", "org"}]}.
"""

import http.client
import io
import json
import logging
import os
import random
import signal
import sys
import time
from dataclasses import dataclass, field
from types import FrameType
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from PIL import Image, ImageDraw

from wangge.demo.town import CASE_CLASSES
from wangge.demo.town.history_words import TAILS
from wangge.kernel.moments import new_id

log = logging.getLogger("wangge.simulate")

#: Reports in all: a demonstration left running must not fill a disk.
REPORTS_MAX = 5_000
#: Reports while so many of our own are not closed: the people are behind, let them catch up.
OPEN_MAX = 60
#: Pieces of work for each report, so that the people keep up with it.
WORK_PER_REPORT = 8
#: Share of turns in which somebody walks a sweep, if there is one.
SWEEPS = 0.3
#: Seconds one answer may take.
TIMEOUT = 20.0

RESULTS = (
    "已到现场处理完毕,恢复正常。",
    "已维修并试用正常。",
    "已清理,现场整洁。",
    "已联系产权单位修复。",
    "已上门,问题解决,居民满意。",
)
NOTES = ("现场核对无误。", "已到现场看过。", "与描述一致。")


class Refused(RuntimeError):
    """The server answered no, with a status."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status} {text[:200]}")
        self.status = status


@dataclass
class Browser:
    """One person's way to the server: a connection at a time, a cookie, JSON."""

    address: str
    cookie: str = ""

    def ask(self, method: str, path: str, body: Any = None, *, raw: bytes | None = None) -> Any:
        """The answer's JSON. Raises Refused, and OSError while the server is away."""
        parts = urlsplit(self.address)
        kind = (
            http.client.HTTPSConnection
            if parts.scheme == "https"
            else http.client.HTTPConnection
        )
        wire = kind(parts.netloc, timeout=TIMEOUT)
        try:
            headers = {"Origin": self.address, "User-Agent": "wangge-simulate"}
            data = raw
            if body is not None:
                data = json.dumps(body).encode()
                headers["Content-Type"] = "application/json"
            elif raw is not None:
                headers["Content-Type"] = "image/jpeg"
            if self.cookie:
                headers["Cookie"] = self.cookie
            wire.request(method, path, data, headers)
            answer = wire.getresponse()
            text = answer.read()
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie" and value.startswith("wangge_session="):
                    self.cookie = value.split(";", 1)[0]
        except http.client.HTTPException as broken:
            raise OSError(str(broken)) from broken
        finally:
            wire.close()
        if answer.status >= 400:
            raise Refused(answer.status, text.decode("utf-8", "replace"))
        return json.loads(text) if text else None


@dataclass
class Person:
    """Somebody with an account; signs in when first needed."""

    login: str
    role: str
    area_code: str
    org: str
    password: str
    browser: Browser

    def ask(self, method: str, path: str, body: Any = None, *, raw: bytes | None = None) -> Any:
        """As this person; signs in (again) when the session is over."""
        if not self.browser.cookie:
            self._sign_in()
        try:
            return self.browser.ask(method, path, body, raw=raw)
        except Refused as refused:
            if refused.status != 401:
                raise
            self._sign_in()
            return self.browser.ask(method, path, body, raw=raw)

    def _sign_in(self) -> None:
        self.browser.cookie = ""
        self.browser.ask(
            "POST", "/api/v1/session", {"login": self.login, "password": self.password}
        )


@dataclass
class Simulation:
    """Everybody, and how far they are."""

    people: list[Person]
    stranger: Browser
    dice: random.Random
    reported: int = 0
    behind: int = 0
    done: int = 0
    receipts: list[str] = field(default_factory=list[str])

    def of(self, *roles: str) -> list[Person]:
        """The people of these roles."""
        return [person for person in self.people if person.role in roles]

    # -- reporting -------------------------------------------------------------------------

    def report(self) -> None:
        """A grid worker, now and then a resident, sees something."""
        if self.reported >= REPORTS_MAX or self.behind >= OPEN_MAX:
            return
        code = self.dice.choices(
            list(CASE_CLASSES), [kind.weight for kind in CASE_CLASSES.values()]
        )[0]
        kind = CASE_CLASSES[code]
        place = self.dice.choice(kind.places)
        words = place + self.dice.choice(kind.words) + self.dice.choice(TAILS)
        workers = self.of("grid_worker")
        if not workers or self.dice.random() < 0.12:
            answer = self.stranger.ask(
                "POST",
                "/api/v1/home/reports",
                {"id": str(new_id()), "words": words, "place": place, "class_code": code},
            )
            self.receipts.append(answer["receipt"])
        else:
            worker = self.dice.choice(workers)
            body: dict[str, Any] = {
                "id": str(new_id()),
                "words": words,
                "area_code": worker.area_code,
                "place": place,
            }
            if self.dice.random() < 0.85:
                body["class_code"] = code
            if self.dice.random() < 0.4:
                body["photos"] = [str(self._photo(worker, words))]
            worker.ask("POST", "/api/v1/cases", body)
        self.reported += 1

    def _photo(self, person: Person, words: str) -> UUID:
        id_ = new_id()
        person.ask("PUT", f"/api/v1/files/{id_}", raw=photo(words, self.dice))
        return id_

    # -- working ---------------------------------------------------------------------------

    def work(self) -> None:
        """Somebody looks at what they are asked, and does the next thing."""
        person = self.dice.choice(self.people)
        if person.role in ("acceptor", "dispatcher", "shift_supervisor") and self._desk(person):
            self.done += 1
            return
        if self.dice.random() < SWEEPS and self._door(person):
            self.done += 1
            return
        tasks = person.ask("GET", "/api/v1/tasks?mine=1")["items"]
        self.behind = max(self.behind * 4 // 5, len(tasks))
        if tasks:
            self._task(person, self.dice.choice(tasks[:5]))
            self.done += 1

    def _door(self, person: Person) -> bool:
        """Somebody who walks a round does the next few doors of a stairwell."""
        mine = person.ask("GET", "/api/v1/sweeps/mine")
        blocks = [(r, b) for r in mine for b in r["blocks"] if b["reported"] < b["total"]]
        if not blocks:
            return False
        walked, block = self.dice.choice(blocks)
        round_id = walked["round"]["id"]
        roster = person.ask("GET", f"/api/v1/sweeps/{round_id}/roster?block={block['id']}")
        doors = [d for b in roster["blocks"] for d in b["doors"] if d["outcome"] is None]
        deeds = [
            {
                "id": str(new_id()),
                "kind": "sweeps.report",
                "body": {
                    "round": round_id,
                    "block": block["id"],
                    "door": door["id"],
                    "outcome": self.dice.choices(("all", "nobody", "away"), (88, 8, 4))[0],
                    "turn": walked["round"]["turn"],
                },
            }
            for door in doors[: self.dice.randrange(1, 5)]
        ]
        if deeds:
            person.ask("POST", "/api/v1/deeds", {"deeds": deeds})
        return bool(deeds)

    def _task(self, person: Person, task: dict[str, Any]) -> None:
        at = f"/api/v1/tasks/{task['id']}"
        state, kind = task["state"], task["kind"]
        if state == "offered":
            if self.dice.random() < 0.05:
                person.ask("POST", f"{at}/decline", {"reason": "正在处理另一件急事"})
            else:
                person.ask("POST", f"{at}/accept", {})
        elif kind == "verify":
            body = {"true_report": self.dice.random() < 0.93, "note": self.dice.choice(NOTES)}
            if body["true_report"] and not task.get("class_code"):
                body["class_code"] = "F0107"
            person.ask("POST", f"{at}/verify_answer", body)
        elif kind == "inspect":
            passed = self.dice.random() < 0.92
            note = self.dice.choice(NOTES) if passed else "还有残留,请再处理一次。"
            body = {"passed": passed, "note": note}
            person.ask("POST", f"{at}/inspect_answer", body)
        elif kind == "handle" and state == "accepted":
            person.ask("POST", f"{at}/start", {})
        elif kind == "handle":
            photos = [str(self._photo(person, task.get("title", "")))]
            body = {"result": self.dice.choice(RESULTS), "photos": photos}
            person.ask("POST", f"{at}/finish", body)

    def _desk(self, person: Person) -> bool:
        """The command room: file what was reported, dispatch what was filed, have work checked."""
        for state, verb in (
            ("reported", "file"),
            ("filed", "dispatch"),
            ("handled", "inspect"),
        ):
            found = person.ask("GET", f"/api/v1/cases?state={state}&limit=5")["items"]
            if not found:
                continue
            case = self.dice.choice(found)
            body: dict[str, Any] = {"version": case["version"]}
            if verb == "file":
                body["class_code"] = case["class_code"] or "F0107"
            person.ask("POST", f"/api/v1/cases/{case['id']}/{verb}", body)
            return True
        return False


def photo(words: str, dice: random.Random) -> bytes:
    """A small picture that cannot be mistaken for a real one: coloured ground, a frame, shapes."""
    ground = (dice.randrange(90, 200), dice.randrange(90, 200), dice.randrange(90, 200))
    image = Image.new("RGB", (320, 240), ground)
    draw = ImageDraw.Draw(image)
    for _ in range(6):
        x, y = dice.randrange(0, 280), dice.randrange(0, 200)
        colour = tuple(dice.randrange(256) for _ in range(3))
        draw.rectangle((x, y, x + dice.randrange(10, 60), y + dice.randrange(10, 60)), colour)
    draw.rectangle((4, 4, 315, 235), outline=(255, 255, 255), width=3)
    draw.text((12, 216), f"DEMO {len(words)}", fill=(255, 255, 255))
    kept = io.BytesIO()
    image.save(kept, "JPEG", quality=70)
    return kept.getvalue()


def simulation(plan: dict[str, Any], seed: int | None = None) -> Simulation:
    """From what WANGGE_SIMULATE says."""
    address = str(plan["address"])
    return Simulation(
        [
            Person(
                one["login"],
                one["role"],
                one["area_code"],
                one["org"],
                plan["password"],
                Browser(address),
            )
            for one in plan["people"]
            if one["role"] not in ("system_admin", "security_admin", "audit_admin")
        ],
        Browser(address),
        random.Random(seed),
    )


class _Ending:
    now = False


def run(plan: dict[str, Any]) -> None:
    """Until SIGTERM. Trouble is waited out: the server may be starting again."""
    every = max(0.2, float(plan["every"]))
    played = simulation(plan)
    pause, turn = every / (WORK_PER_REPORT + 1), 0
    while not _Ending.now:
        try:
            if turn % (WORK_PER_REPORT + 1) == 0:
                played.report()
            else:
                played.work()
        except Refused as refused:
            log.info("refused: %s", refused)
            if refused.status in (429, 503):
                _sleep(5)
        except OSError as away:
            log.info("the server is away: %r", away)
            _sleep(2)
        turn += 1
        _sleep(pause * (0.5 + played.dice.random()))


def _sleep(seconds: float) -> None:
    until = time.monotonic() + seconds
    while not _Ending.now and (left := until - time.monotonic()) > 0:
        time.sleep(min(left, 0.2))


def main() -> int:
    """The process. Exit code 2 when it was started without a plan."""
    logging.basicConfig(level=os.environ.get("WANGGE_LOG", "WARNING"))
    text = os.environ.get("WANGGE_SIMULATE")
    if not text:
        log.critical("WANGGE_SIMULATE is not set")
        return 2

    def end(_number: int, _frame: FrameType | None) -> None:
        _Ending.now = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    run(json.loads(text))
    return 0


if __name__ == "__main__":
    sys.exit(main())
