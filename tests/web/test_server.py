"""The real server: it answers, streams, and stops in order although somebody looks."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from small_town import XINGHUA, town_id
from town_fixtures import SCHEMA, sign_in
from wangge.access.events import AccountMade
from wangge.kernel.actors import system_actor
from wangge.kernel.http import Installation
from wangge.kernel.relay import Relay

#: A server that has not answered or stopped by then never will.
PATIENCE = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
async def served(
    own_installation: Installation, tmp_path: Path
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """Two workers over this test's copy of the town."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-W",
        "error::RuntimeWarning",
        "-m",
        "wangge.web.server",
        "--port",
        str(port),
        "--workers",
        "2",
        env={
            **os.environ,
            "WANGGE_DATABASE_URL": own_installation.dsn,
            "WANGGE_DATA_DIR": str(own_installation.data_dir),
        },
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    url = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient() as client, asyncio.timeout(PATIENCE):
        while True:
            try:
                if (await client.get(f"{url}/healthz")).status_code == 200:
                    break
            except httpx.TransportError:
                assert process.returncode is None, await process.communicate()
                await asyncio.sleep(0.1)
    try:
        yield process, url
    finally:
        if process.returncode is None:
            # The workers too: they hold the pipe that `wait` reads to its end.
            os.killpg(process.pid, signal.SIGKILL)
            async with asyncio.timeout(PATIENCE):
                await process.wait()


async def test_it_serves_streams_and_stops_in_order(
    served: tuple[asyncio.subprocess.Process, str], own_installation: Installation
) -> None:
    process, url = served
    district = own_installation.districts["town"]
    async with httpx.AsyncClient(base_url=url, timeout=PATIENCE) as client:
        await sign_in(own_installation, client, "security_admin")
        assert (await client.get("/api/v1/me")).status_code == 200
        assert (await client.get("/")).status_code == 303
        async with client.stream("GET", "/api/v1/live") as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            lines = stream.aiter_lines()
            assert (await anext(lines)).startswith("retry:")
            async with district.database.tx(system_actor(SCHEMA)) as tx:
                tx.publish(AccountMade(town_id("nobody"), XINGHUA, False))
            relay = Relay(district.database)
            try:
                while await relay.seal():
                    pass
            finally:
                await relay.close()
            async with asyncio.timeout(PATIENCE):
                seen = ""
                while "data:" not in seen:
                    seen = await anext(lines)
            assert "access." in seen
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(PATIENCE):
                rest = [line async for line in lines]
            assert all(not line or line[0] in ":ied" for line in rest), (
                "the stream ends cleanly"
            )
    async with asyncio.timeout(PATIENCE):
        assert await process.wait() == 0
    assert process.stderr is not None
    said = (await process.stderr.read()).decode()
    assert "Traceback" not in said, said
    assert "killing" not in said.lower(), said
