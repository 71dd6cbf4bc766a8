"""Fixtures of the embedded PostgreSQL's own tests. Every server here is real."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from wangge.kernel.postgres import Cluster, DiskPolicy

SMALL = {"shared_buffers": "32MB", "max_wal_size": "256MB"}
NO_BALLAST = DiskPolicy(ballast=0, watermark=0, floor=0)


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that the cluster's account can enter (pytest's own are 0700)."""
    path = Path(tempfile.mkdtemp(prefix="wangge-test-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def cluster(place: Path) -> Iterator[Cluster]:
    """A cluster that is not made yet, with fsync on, stopped at the end."""
    one = Cluster(place / "state", settings=SMALL, disk=NO_BALLAST)
    yield one
    if one.running:
        one.stop("immediate")


@pytest.fixture
def as_root() -> bool:
    return os.geteuid() == 0
