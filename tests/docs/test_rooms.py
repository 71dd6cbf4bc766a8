"""docs/rooms/*.md and docs/settings.md name exactly what the code has.

In a process of its own: tests declare facts and refusals of their own, which belong on no page.
"""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import reference  # noqa: E402


def test_every_page_names_what_the_code_has() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "reference.py", "--check"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def rows() -> dict[str, dict[str, list[reference.Row]]]:
    """A code with one refusal and one fact."""
    made: dict[str, dict[str, list[reference.Row]]] = {
        kind: {room: [] for room in reference.ROOMS} for kind in reference.KINDS
    }
    made["refusals"]["tasks"] = [("offer-gone", "409", "太晚了。", "Too late.")]
    made["facts"]["tasks"] = [("tasks.TaskDone", "`task_id`")]
    return made


def test_a_page_made_from_the_code_differs_in_nothing(
    rows: dict[str, dict[str, list[reference.Row]]],
) -> None:
    assert reference.differences("tasks", reference.room_tables("tasks", rows), rows) == []


def test_a_name_that_is_missing_or_too_many_is_found(
    rows: dict[str, dict[str, list[reference.Row]]],
) -> None:
    page = reference.room_tables("tasks", rows).replace("`offer-gone`", "`offer-came`")
    assert reference.differences("tasks", page, rows) == [
        "tasks: Refusals lacks offer-gone",
        "tasks: Refusals has offer-came",
    ]
    assert reference.differences("tasks", "", rows) == [
        "tasks: Facts lacks tasks.TaskDone",
        "tasks: Refusals lacks offer-gone",
    ]


def test_only_its_own_block_of_a_page_is_written() -> None:
    page = "before\n<!-- written: a -->\nold\n<!-- /written -->\nafter\n"
    assert reference.with_block(page, "a", "new\n") == page.replace("old", "new")
    with pytest.raises(ValueError, match="0 blocks"):
        reference.with_block(page, "b", "new\n")
