"""The real server: it answers, streams, and stops in order although somebody looks."""

import asyncio
import os
import signal
import socket
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import psutil
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

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


@asynccontextmanager
async def serving(
    own_installation: Installation, *flags: str, trust: ssl.SSLContext | bool = True
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """Two workers over this test's copy of the town, over TLS when the flags say so."""
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
        *flags,
        env={
            **os.environ,
            "WANGGE_DATABASE_URL": own_installation.dsn,
            "WANGGE_DATA_DIR": str(own_installation.data_dir),
        },
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    url = f"{'https' if flags else 'http'}://127.0.0.1:{port}"
    async with httpx.AsyncClient(verify=trust) as client, asyncio.timeout(PATIENCE):
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


@pytest.fixture
async def served(
    own_installation: Installation,
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    async with serving(own_installation) as made:
        yield made


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of this machine's own for an hour, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    begins = datetime.now(UTC) - timedelta(minutes=5)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    cert, secret = folder / "cert.pem", folder / "key.pem"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return cert, secret


async def test_over_tls_phones_are_served_and_plain_http_is_not(
    own_installation: Installation, tmp_path: Path
) -> None:
    cert, key = certificate(tmp_path)
    trust = ssl.create_default_context(cafile=str(cert))
    flags = ("--tls-cert", str(cert), "--tls-key", str(key))
    async with (
        serving(own_installation, *flags, trust=trust) as (_, url),
        httpx.AsyncClient(verify=trust, timeout=PATIENCE) as client,
    ):
        assert (await client.get(f"{url}/field/")).status_code == 200
        worker = await client.get(f"{url}/field/sw.js")
        assert worker.status_code == 200
        with pytest.raises(httpx.TransportError):
            await client.get(f"{url.replace('https', 'http')}/healthz")


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


async def test_two_workers_share_the_port_and_know_the_same_people(
    served: tuple[asyncio.subprocess.Process, str], own_installation: Installation
) -> None:
    process, url = served
    port = int(url.rsplit(":", 1)[1])
    async with httpx.AsyncClient(base_url=url, timeout=PATIENCE) as first:
        await sign_in(own_installation, first, "security_admin")
        session = dict(first.cookies)
    serving_now: set[int] = set()
    async with AsyncExitStack() as stack, asyncio.timeout(PATIENCE):
        # Each keeps its connection, so that sooner or later either worker has taken one.
        while len(serving_now) < 2:
            client = await stack.enter_async_context(
                httpx.AsyncClient(base_url=url, timeout=PATIENCE, cookies=session)
            )
            assert (await client.get("/api/v1/me")).status_code == 200
            serving_now = {
                child.pid
                for child in psutil.Process(process.pid).children(recursive=True)
                for connection in child.net_connections("tcp")
                if connection.status == psutil.CONN_ESTABLISHED
                and connection.laddr.port == port
            }
    assert process.pid not in serving_now
