"""What anyone may know about a cluster from its state directory, without starting anything."""

from pathlib import Path

from wangge.kernel.postgres.place import Account, service_account
from wangge.kernel.postgres.processes import PidFile, postmaster_of
from wangge.kernel.postgres.records import Passwords, Record
from wangge.kernel.postgres.space import Ballast, DiskPolicy, Space, space_at
from wangge.kernel.postgres.words import ClusterError

__all__ = ["State"]


class State:
    """Paths, the living server, and the ways in."""

    def __init__(self, state_dir: Path, disk: DiskPolicy) -> None:
        self.state_dir = Path(state_dir).absolute()
        self.disk = disk

    # Where things are

    @property
    def home(self) -> Path:
        """The directory that holds data/, log/ and ballast."""
        record = Record.read(self.state_dir)
        return Path(record.home) if record else self.state_dir

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        """The directory of the server's log: postgresql-0.log … -6.log, one a weekday."""
        return self.home / "log"

    @property
    def ballast(self) -> Ballast:
        return Ballast(self.home, self.disk)

    @property
    def space(self) -> Space:
        return space_at(self.home if self.home.exists() else self.state_dir, self.disk)

    @property
    def account(self) -> Account | None:
        """Who runs PostgreSQL: None when it is simply us."""
        return service_account(self.data)

    @property
    def data_major(self) -> int | None:
        """The major version that made the data directory; None when there is none yet."""
        try:
            return int((self.data / "PG_VERSION").read_text().strip())
        except FileNotFoundError:
            return None

    # How to get in

    @property
    def postmaster(self) -> PidFile | None:
        """The living postmaster, whoever started it."""
        return postmaster_of(self.data)

    @property
    def running(self) -> bool:
        return self.postmaster is not None

    @property
    def port(self) -> int:
        living = self.postmaster
        if living is not None and living.port is not None:
            return living.port
        record = Record.read(self.state_dir)
        if record is None:
            raise ClusterError(
                "data-missing",
                f"{self.state_dir} 里还没有数据库。",
                f"There is no database in {self.state_dir} yet.",
            )
        return record.port

    def admin_dsn(self, database: str = "postgres") -> str:
        """For migrations and backups only: the superuser, whom no row policy binds."""
        return self._dsn("postgres", self._passwords().postgres, database)

    def dsn(self, database: str = "wangge") -> str:
        """For the application: the role `wangge`, owner of its database and nothing more."""
        return self._dsn("wangge", self._passwords().wangge, database)

    def _dsn(self, role: str, password: str, database: str) -> str:
        return (
            f"postgresql://{role}:{password}@127.0.0.1:{self.port}/{database}?sslmode=disable"
        )

    def _passwords(self) -> Passwords:
        found = Passwords.read(self.state_dir)
        if found is None:
            raise ClusterError(
                "data-missing",
                f"{self.state_dir} 里没有口令文件；先启动一次数据库。",
                f"No password file in {self.state_dir}; start the database once first.",
            )
        return found

    @property
    def stopped_on_purpose(self) -> bool:
        """Whether somebody called `stop` and nobody has called `start` since."""
        return (self.state_dir / "stopped").exists()
