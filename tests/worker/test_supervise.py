"""Children are started again, ended with all they started, and never mistaken for others."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import psutil
import pytest

from wangge.worker.children import ChildPlan, note_children, read_children, sweep_children
from wangge.worker.supervise import AlreadyRunning, Family, is_held, say_address, sole

#: A child that has a child, and neither listens to SIGTERM.
STUBBORN = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
inner = subprocess.Popen([sys.executable, "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"])
open(sys.argv[1], "w").write(f"{os.getpid()} {inner.pid}")
time.sleep(600)
"""


def until(what: Callable[[], object], patience: float = 60.0) -> None:
    end = time.monotonic() + patience
    while not what():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def lives(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def stubborn(tmp_path: Path, name: str = "stubborn") -> tuple[ChildPlan, Path]:
    said = tmp_path / f"{name}.pids"
    return ChildPlan(name, (sys.executable, "-c", STUBBORN, str(said))), said


def pids(said: Path) -> list[int]:
    until(lambda: said.exists() and len(said.read_text().split()) == 2)
    return [int(text) for text in said.read_text().split()]


def test_a_dead_child_is_started_again_and_its_own_children_are_ended(tmp_path: Path) -> None:
    plan, said = stubborn(tmp_path)
    family = Family([plan], tmp_path, tmp_path / "log")
    family.start()
    try:
        first = pids(said)
        said.unlink()
        os.kill(first[0], signal.SIGKILL)

        def again() -> bool:
            family.look()
            return said.exists()

        until(again)
        second = pids(said)
        assert not set(first) & set(second)
        until(lambda: not lives(first[1]))
        assert family.deaths("stubborn") == 1
        assert read_children(family.note) == {"stubborn": second[0]}
    finally:
        family.stop()
    until(lambda: not any(lives(pid) for pid in second))
    assert not family.note.exists()


def test_what_dies_at_once_is_started_with_growing_pauses(tmp_path: Path) -> None:
    plan = ChildPlan("hasty", (sys.executable, "-c", "print('no luck'); raise SystemExit(3)"))
    family = Family([plan], tmp_path, tmp_path / "log")
    family.start()
    try:

        def died_thrice() -> bool:
            family.look()
            return family.deaths("hasty") >= 3

        until(died_thrice)
        assert family._watched[0].pause > 0.2
        assert "no luck" in family.child("hasty").tail()
    finally:
        family.stop()


def test_the_next_start_ends_what_a_killed_parent_left(tmp_path: Path) -> None:
    """Even the grandchild whose parent is dead already; the group is what counts."""
    plan, said = stubborn(tmp_path)
    family = Family([plan], tmp_path, tmp_path / "log")
    family.start()
    child, inner = pids(said)
    note_children(tmp_path / "children.json", [family.child("stubborn")])
    os.kill(child, signal.SIGKILL)
    until(lambda: not lives(child))
    assert lives(inner)
    sweep_children(tmp_path / "children.json", patience=0.2)
    until(lambda: not lives(inner))
    assert not (tmp_path / "children.json").exists()
    family.stop()


def test_a_recycled_pid_is_left_alone(tmp_path: Path) -> None:
    stranger = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True
    )
    try:
        note = tmp_path / "children.json"
        long_ago = psutil.Process(stranger.pid).create_time() - 3600
        note.write_bytes(
            msgspec.json.encode([{"name": "web", "pid": stranger.pid, "created": long_ago}])
        )
        assert read_children(note) == {}
        assert sweep_children(note, patience=0.1) == []
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait(60)


def test_children_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    code = f"""
import sys, time
from pathlib import Path
from wangge.worker.children import ChildPlan
from wangge.worker.supervise import Family
place = Path({str(tmp_path)!r})
plan = ChildPlan("sleeper", (sys.executable, "-c",
    "import os, time; open({str(tmp_path / "pid")!r}, 'w').write(str(os.getpid()) + ' '); "
    "time.sleep(600)"))
Family([plan], place, place / "log").start()
time.sleep(600)
"""
    parent = subprocess.Popen([sys.executable, "-c", code])
    until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().endswith(" "))
    child = int((tmp_path / "pid").read_text())
    assert lives(child)
    parent.kill()
    parent.wait(60)
    until(lambda: not lives(child))


def test_one_parent_an_installation(tmp_path: Path) -> None:
    assert not is_held(tmp_path)
    with sole(tmp_path):
        say_address(tmp_path, "http://127.0.0.1:1")
        assert is_held(tmp_path)
        with pytest.raises(AlreadyRunning, match=r"127\.0\.0\.1:1"), sole(tmp_path):
            pass
    assert not is_held(tmp_path)
