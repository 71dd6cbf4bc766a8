"""A cluster to throw away: for tests, benchmarks and demonstrations."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Generator, Mapping
from pathlib import Path

from wangge.kernel.postgres.cluster import Cluster
from wangge.kernel.postgres.runtime import Runtime
from wangge.kernel.postgres.space import DiskPolicy

__all__ = ["temporary_cluster"]

NO_BALLAST = DiskPolicy(ballast=0, watermark=0, floor=0)
CARELESS = {
    **{"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"},
    **{"shared_buffers": "128MB", "max_wal_size": "1GB"},
}


@contextlib.contextmanager
def temporary_cluster(
    runtime: Runtime | None = None,
    *,
    durable: bool = False,
    settings: Mapping[str, str] | None = None,
) -> Generator[Cluster]:
    """A running cluster in a directory of its own, removed at the end.

    `durable=False` turns fsync off, here and nowhere else: what it holds must not matter; it is
    small besides. A durable one has the settings that an installation has on this machine.
    """
    place = Path(tempfile.mkdtemp(prefix="wangge-pg-"))
    if os.geteuid() == 0:
        place.chmod(0o711)
    chosen = {**({} if durable else CARELESS), **(settings or {})}
    cluster = Cluster(place / "state", runtime=runtime, settings=chosen, disk=NO_BALLAST)
    try:
        cluster.start()
        yield cluster
    finally:
        try:
            cluster.stop("fast" if durable else "immediate")
        finally:
            home = cluster.home
            shutil.rmtree(place, ignore_errors=True)
            if home.name.startswith("wangge-"):
                shutil.rmtree(home, ignore_errors=True)
