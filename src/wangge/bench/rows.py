"""What a bench prints."""

import math
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement. `rate` is work a second; `cpu_ms` is CPU a piece of work, over all
    processes measured; `statements` is SQL a piece of work, with BEGIN, SET and COMMIT;
    `db_p50_ms` and `db_p99_ms` are the database's own time, planning and execution;
    `ratio` is our rate over the rate of `against`; `memory_mb` the most memory the bench's own
    process has had so far."""

    name: str
    work: int
    seconds: float
    rate: float
    p50_ms: float | None = None
    p99_ms: float | None = None
    cpu_ms: float | None = None
    statements: float | None = None
    db_p50_ms: float | None = None
    db_p99_ms: float | None = None
    against: str | None = None
    ratio: float | None = None
    memory_mb: float | None = None


def percentile(sorted_ms: Sequence[float], share: float) -> float:
    """The smallest value that so large a share does not exceed (nearest rank)."""
    if not sorted_ms:
        return math.nan
    rank = max(1, math.ceil(share * len(sorted_ms)))
    return sorted_ms[rank - 1]


def timed(name: str, seconds: float, latencies_ms: Sequence[float], **more: Any) -> Row:
    """A row from the latencies of its pieces of work."""
    ordered = sorted(latencies_ms)
    return Row(
        name,
        len(ordered),
        round(seconds, 3),
        round(len(ordered) / seconds, 1) if seconds else 0.0,
        round(percentile(ordered, 0.5), 3),
        round(percentile(ordered, 0.99), 3),
        **more,
    )


def process_cpu(process: int) -> float | None:
    """Milliseconds a process has computed, where /proc tells; None elsewhere."""
    path = Path(f"/proc/{process}/stat")
    if not path.exists():
        return None
    told = path.read_text().rsplit(")", 1)[1].split()
    return (int(told[11]) + int(told[12])) * 10.0


def show(row: Row, *, as_json: bool) -> None:
    """One line, for a program or for a person."""
    values = asdict(row)
    if as_json:
        sys.stdout.write(msgspec.json.encode(values).decode() + "\n")
    else:
        parts = [f"{key} {value}" for key, value in values.items() if value is not None]
        sys.stdout.write("  ".join(parts) + "\n")
    sys.stdout.flush()
