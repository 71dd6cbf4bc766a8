"""How the helper scripts speak and run things: plain words, output only on failure."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent


def say(chinese: str, english: str) -> None:
    print(f"{chinese} · {english}", flush=True)


def fail(chinese: str, english: str) -> NoReturn:
    print(f"\n✗ {chinese}\n  {english}", file=sys.stderr, flush=True)
    raise SystemExit(1)


def run_quietly(command: Sequence[str], env: Mapping[str, str] | None = None) -> str | None:
    """Runs a command in the checkout. Returns None if it went well, else what it printed."""
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except OSError as problem:
        return str(problem)
    if done.returncode == 0:
        return None
    return done.stdout.strip() or f"exit {done.returncode}"


def step(
    chinese: str,
    english: str,
    command: Sequence[str],
    *,
    trouble: tuple[str, str],
    env: Mapping[str, str] | None = None,
) -> None:
    """Names a step, runs it, and ends the program in plain words if it did not go well."""
    started = time.monotonic()
    say(f"… {chinese}", english)
    printed = run_quietly(command, env)
    if printed is not None:
        print("\n".join(printed.splitlines()[-40:]), file=sys.stderr)
        fail(*trouble)
    say(f"✓ {chinese}", f"done in {time.monotonic() - started:.0f} s")
