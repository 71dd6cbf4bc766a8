"""The server's settings: measured for two cores, scaled by memory and disk."""

import os
from collections.abc import Mapping
from pathlib import Path

__all__ = ["HBA", "INCLUDE", "configuration", "machine_memory", "tuned"]

MIB = 1024 * 1024
GIB = 1024 * MIB

INCLUDE = """
# Written anew by wangge at every start; ALTER SYSTEM still wins over it.
include_if_exists = 'wangge.conf'
"""

HBA = """\
# Written by wangge. Passwords always: other people may have accounts on this machine.
host  all          all       127.0.0.1/32  scram-sha-256
host  replication  postgres  127.0.0.1/32  scram-sha-256
"""


def machine_memory() -> int:
    """Bytes of memory we may use: the machine's, or the container's limit when that is less."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            said = Path(limit).read_text().strip()
        except OSError:
            continue
        if said.isdigit():
            total = min(total, int(said))
    return total


def between(low: int, value: int, high: int) -> int:
    return max(low, min(value, high))


def tuned(*, memory: int, free_disk: int) -> dict[str, str]:
    """Settings for a machine with so many bytes of memory and of free disk.

    The application shares the machine, so the server takes an eighth of the memory where a
    dedicated server would take a quarter.
    """
    shared = between(128 * MIB, memory // 8, 4 * GIB)
    wal = between(256 * MIB, free_disk // 8, 4 * GIB)
    return {
        "shared_buffers": f"{shared // MIB}MB",
        "effective_cache_size": f"{between(256 * MIB, memory // 2, 64 * GIB) // MIB}MB",
        "maintenance_work_mem": f"{between(64 * MIB, memory // 32, 512 * MIB) // MIB}MB",
        "work_mem": "8MB",
        "max_connections": "60",
        "max_wal_size": f"{wal // MIB}MB",
        "min_wal_size": f"{min(wal // 2, 256 * MIB) // MIB}MB",
        "wal_compression": "on",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        "jit": "off",
        "autovacuum_naptime": "10s",
        "track_commit_timestamp": "off",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "password_encryption": "scram-sha-256",
        "logging_collector": "on",
        "log_filename": "postgresql-%w.log",  # one file a weekday, overwritten after a week
        "log_rotation_age": "1d",
        "log_rotation_size": "0",
        "log_truncate_on_rotation": "on",
        "log_file_mode": "0600",
        "log_line_prefix": "%m [%p] ",
        "log_checkpoints": "off",
        # A failed statement and its DETAIL quote people's data. The application reports its
        # own errors; here stay what concerns the server: LOG, FATAL and PANIC.
        "log_min_messages": "log",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
    }


def configuration(settings: Mapping[str, str], *, port: int, log: Path) -> str:
    """The text of wangge.conf."""
    fixed = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",  # one way in; and no limit on the length of our path
        "log_directory": str(log),
    }
    lines = [
        f"{name} = '{value.replace(chr(39), chr(39) * 2)}'"
        for name, value in {**settings, **fixed}.items()
    ]
    return (
        "# Written by wangge at every start. Do not edit: use ALTER SYSTEM.\n"
        + "\n".join(lines)
        + "\n"
    )
