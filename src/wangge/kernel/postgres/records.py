"""The small files of the state directory: where the cluster is, and its passwords (0600)."""

import json
import os
import secrets
import socket
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path

from wangge.kernel.postgres.words import ClusterError

__all__ = [
    "Passwords",
    "Record",
    "choose_port",
    "fsync_directory",
    "port_free",
    "write_private",
]

FIRST_PORT, PORTS = 20_000, 12_000
"""Below the range the kernel lends to outgoing connections (32768 and up on Linux)."""


def fsync_directory(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_private(path: Path, text: str) -> None:
    """Replace `path` at once with a file only its owner may read."""
    making = path.with_name(f"{path.name}.{os.getpid()}.new")
    handle = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    making.replace(path)
    fsync_directory(path.parent)


def read_json(path: Path) -> dict[str, str | int | bool] | None:
    try:
        return json.loads(path.read_text(encoding="utf-8"))  # type: ignore[no-any-return]
    except FileNotFoundError:
        return None
    except PermissionError as error:
        raise ClusterError(
            "not-readable",
            f"没有权限读 {path}：请用建立它的账户来运行。",
            f"No permission to read {path}: run as the account that made it.",
        ) from error
    except ValueError as error:
        raise ClusterError(
            "not-readable",
            f"{path} 已损坏。数据本身没有动；见 docs/embedded-postgres.md。",
            f"{path} is damaged. The data is untouched; see docs/embedded-postgres.md.",
        ) from error


@dataclass(frozen=True, slots=True)
class Record:
    """cluster.json. `made` once a data directory was finished in `home`: from then on an
    absent data directory is a loss to report, never a reason to make an empty one."""

    home: str
    port: int
    made: bool

    @staticmethod
    def read(state_dir: Path) -> "Record | None":
        said = read_json(state_dir / "cluster.json")
        if said is None:
            return None
        return Record(str(said["home"]), int(said["port"]), bool(said["made"]))

    def write(self, state_dir: Path) -> None:
        write_private(state_dir / "cluster.json", json.dumps(asdict(self), indent=1) + "\n")


@dataclass(frozen=True, slots=True)
class Passwords:
    """passwords.json: one per login role. Random, of letters that need no quoting."""

    postgres: str
    wangge: str

    @staticmethod
    def new() -> "Passwords":
        return Passwords(secrets.token_urlsafe(24), secrets.token_urlsafe(24))

    @staticmethod
    def read(state_dir: Path) -> "Passwords | None":
        said = read_json(state_dir / "passwords.json")
        if said is None:
            return None
        return Passwords(str(said["postgres"]), str(said["wangge"]))

    def write(self, state_dir: Path) -> None:
        write_private(state_dir / "passwords.json", json.dumps(asdict(self), indent=1) + "\n")


def port_free(port: int) -> bool:
    """Whether nobody listens on 127.0.0.1:`port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose_port(state_dir: Path, *, after: int | None = None) -> int:
    """A free port, the same for the same directory as long as it stays free."""
    seed = zlib.crc32(os.fsencode(state_dir)) if after is None else after - FIRST_PORT + 1
    for step in range(PORTS):
        port = FIRST_PORT + (seed + step) % PORTS
        if port_free(port):
            return port
    raise ClusterError("port-taken", "本机没有空闲的端口。", "No free port on this machine.")
