"""The account of a round: every door of its roster with what stands for it, or why nothing does.

total = the sum of outcomes + named gaps, by area and as a whole. The hash over all doors and the
hash over the account go into the chain of facts; `verify` makes the account again from facts
alone, after every row of the round has been purged.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from wangge.kernel.database import Tx
from wangge.sweeps.model import Outcome, Round
from wangge.sweeps.queries import certificate as queries

#: Why a door has no outcome.
GAPS: Mapping[str, str] = {
    "nobody_sent": "没有安排人",
    "not_started": "安排的人没有开始",
    "not_reached": "没有走到",
    "taken_back": "上报后又撤回",
}


@dataclass(frozen=True, slots=True)
class AreaAccount:
    """One area's part."""

    area_code: str
    total: int
    counts: dict[str, int]
    gaps: dict[str, int]
    people: int
    people_done: int
    people_exempt: int


@dataclass(frozen=True, slots=True)
class Account:
    """A certificate. `counts` by outcome, `gaps` by reason; `doors_sha256` is over the lines
    `id=outcome` of all doors, sorted by id; `joined` doors came while the round went on. Holds
    nothing of anybody."""

    round_id: UUID
    version: int
    kind: str
    title: str
    area_code: str
    opened_at: datetime
    ends_at: datetime
    closed_at: datetime | None
    at: datetime
    passes: int
    total: int
    counts: dict[str, int]
    gaps: dict[str, int]
    flagged: int
    late: int
    people: int
    people_done: int
    people_exempt: int
    how: dict[str, int]
    doors_sha256: str
    areas: list[AreaAccount]
    joined: int = 0

    @property
    def accounted(self) -> int:
        """Doors with an outcome."""
        return sum(self.counts.values())

    @property
    def missing(self) -> int:
        """Doors without one."""
        return sum(self.gaps.values())

    def adds_up(self) -> bool:
        """total = outcomes + gaps, here and in every area, and the areas make the whole."""
        parts = all(
            area.total == sum(area.counts.values()) + sum(area.gaps.values())
            for area in self.areas
        )
        return (
            parts
            and self.total == self.accounted + self.missing
            and self.total == sum(area.total for area in self.areas)
        )


_encode = msgspec.json.Encoder(order="deterministic").encode


def sha256_of(account: Account) -> str:
    """The hash over an account in canonical JSON. Accounts of before rounds were joined say
    nothing of it, nor does one that nobody joined."""
    said = _encode(account)
    if not account.joined:
        said = said.replace(b',"joined":0}', b"}")
    return hashlib.sha256(said).hexdigest()


def doors_hash(doors: Iterable[tuple[str, str]]) -> str:
    """Over `id=outcome` lines, sorted by id; "" for a door without an outcome."""
    lines = sorted(f"{door}={outcome}" for door, outcome in doors)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def counts_as_text(counts: Mapping[str, int]) -> tuple[str, ...]:
    """As a fact carries them: "all=1203", by code."""
    return tuple(f"{code}={counts[code]}" for code in sorted(counts))


async def account_of(tx: Tx, round_: Round, version: int) -> Account:
    """Count a round anew, door by door. The round is locked by the caller, so that no report comes
    in between."""
    by_area: dict[str, dict[str, Any]] = {}
    for row in await queries.counted(tx, round_.id):
        area = by_area.setdefault(
            row.area_code, {"total": 0, "counts": {}, "gaps": {}, "flagged": 0, "late": 0}
        )
        area["total"] += row.doors
        part, key = ("counts", row.outcome) if row.outcome else ("gaps", row.gap)
        area[part][key] = area[part].get(key, 0) + row.doors
        area["flagged"] += row.flagged
        area["late"] += row.late
    people = {row.area_code: row for row in await queries.people(tx, round_.id)}
    areas = [
        AreaAccount(
            code,
            part["total"],
            _ordered(part["counts"]),
            dict(sorted(part["gaps"].items())),
            people[code].people if code in people else 0,
            people[code].done if code in people else 0,
            people[code].exempt if code in people else 0,
        )
        for code, part in sorted(by_area.items())
    ]
    hows = {row.how: row.doors for row in await queries.hows(tx, round_.id)}
    return Account(
        round_.id,
        version,
        round_.kind,
        round_.title,
        round_.area_code,
        round_.opened_at,
        round_.ends_at,
        round_.closed_at,
        tx.now,
        round_.pass_n,
        sum(area.total for area in areas),
        _ordered(_sum(area.counts for area in areas)),
        dict(sorted(_sum(area.gaps for area in areas).items())),
        sum(part["flagged"] for part in by_area.values()),
        sum(part["late"] for part in by_area.values()),
        sum(area.people for area in areas),
        sum(area.people_done for area in areas),
        sum(area.people_exempt for area in areas),
        hows,
        await queries.doors_sha256(tx, round_.id),
        areas,
        await queries.joined(tx, round_.id),
    )


def _sum(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in parts:
        for key, number in part.items():
            found[key] = found.get(key, 0) + number
    return found


def _ordered(counts: Mapping[str, int]) -> dict[str, int]:
    return {outcome.value: counts[outcome] for outcome in Outcome if counts.get(outcome)}


def read_account(kept: Mapping[str, Any]) -> Account:
    """From a row of sweeps_certificate."""
    return msgspec.convert(kept, Account)


def kept_account(account: Account) -> dict[str, Any]:
    """For a row of sweeps_certificate."""
    made: dict[str, Any] = msgspec.json.decode(_encode(account))
    return made
