"""A process of its own that is killed in the midst of its work."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap

#: Seconds after which a child process is stuck.
PATIENCE = 90


async def killed(program: str, *given: object, after: int) -> int:
    """Run a program that prints a line for how far it is, and kill it once it is at least at `after`.
    Answers how far it said it was."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        textwrap.dedent(program),
        *(str(one) for one in given),
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": "src"},
    )
    assert child.stdout is not None
    async with asyncio.timeout(PATIENCE):
        while (line := await child.stdout.readline()) and int(line) < after:
            pass
        assert line, "the child ended by itself"
        child.send_signal(signal.SIGKILL)
        await child.wait()
    return int(line)
