"""Where benches happen: a throw-away PostgreSQL with fsync on, and a district in it."""

import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from wangge.cases.reference import install_starter
from wangge.demo.load_history import load_history
from wangge.demo.rows import area_row
from wangge.demo.town import Scale, Town, make_town
from wangge.demo.town.sizes import COUNTY_CODE
from wangge.dispatch import install_starter_rules
from wangge.kernel import migrate
from wangge.kernel.actors import system_actor
from wangge.kernel.database import Database
from wangge.kernel.districts import add_district, schema_for
from wangge.kernel.postgres import Cluster, temporary_cluster
from wangge.places.commands import load_areas

SEED = 141


@dataclass(frozen=True, slots=True)
class Stand:
    """A running server of our own, and a folder."""

    cluster: Cluster
    folder: Path

    @property
    def dsn(self) -> str:
        return self.cluster.dsn()


@contextmanager
def stand(settings: Mapping[str, str] | None = None) -> Generator[Stand]:
    """A server for one bench: its own data, fsync on, the settings of the embedded server."""
    with (
        tempfile.TemporaryDirectory(prefix="wangge-bench-") as folder,
        temporary_cluster(durable=True, settings=settings) as cluster,
    ):
        yield Stand(cluster, Path(folder))


async def cases_only(dsn: str, scale: Scale, past: int, now: datetime) -> tuple[Database, Town]:
    """A district with its areas and so many past cases, and nobody living in it: what lists of
    cases need, without the half million minutes of sealing phone numbers."""
    town = make_town(scale, seed=SEED)
    schema = schema_for(COUNTY_CODE)
    await migrate.prepare_server(dsn)
    await migrate.migrate(dsn, schema)
    await add_district(dsn, code=COUNTY_CODE, name=town.name, slug="bench", now=now)
    database = await Database.connect(dsn, schema)
    async with database.tx(system_actor(schema)) as tx:
        await install_starter(tx)
        await install_starter_rules(tx)
        for start in range(0, len(town.areas), 2000):
            await load_areas(tx, [area_row(a) for a in town.areas[start : start + 2000]])
    await load_history(database, town, past, now)
    return database, town
