"""The worker's pulse: a small file that says when it last lived and how each district does.

`wangge doctor` reads it; nobody else depends on it. Numbers and moments only.
"""

import os
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import msgspec

#: Seconds after which a pulse counts as stopped.
STILL_SECONDS = 15.0


@dataclass
class DistrictPulse:
    """How one district does. `leading` is False while another worker holds its lock."""

    leading: bool = False
    sealed: int = 0
    ticks: int = 0
    jobs: int = 0
    failures: int = 0


@dataclass
class Pulse:
    """The whole process. `at` is when it was written."""

    pid: int
    started_at: datetime
    at: datetime
    districts: dict[str, DistrictPulse] = field(default_factory=dict[str, DistrictPulse])


def pulse_file(data_dir: Path) -> Path:
    """Where the pulse of an installation lies."""
    return data_dir / "run" / "worker.json"


def write_pulse(data_dir: Path, pulse: Pulse) -> None:
    """Replace the file at once; a reader never sees half of it."""
    path = pulse_file(data_dir)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f"worker.{os.getpid()}.part")
    part.write_bytes(msgspec.json.encode(pulse))
    part.replace(path)


def read_pulse(data_dir: Path) -> Pulse | None:
    """The last pulse, or None when there is none or it cannot be read."""
    try:
        return msgspec.json.decode(pulse_file(data_dir).read_bytes(), type=Pulse)
    except (OSError, msgspec.DecodeError):
        return None
