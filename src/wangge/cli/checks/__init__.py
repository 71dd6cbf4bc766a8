"""What the doctor looks at. Every check answers findings in both languages and changes nothing."""

import asyncio

import asyncpg

from wangge.cli.checks import districts, machine
from wangge.cli.checks.said import error, told
from wangge.cli.target import Place
from wangge.kernel.postgres import ClusterError, Finding, check_server

__all__ = ["all_findings"]


def all_findings(place: Place) -> list[Finding]:
    """The machine, the database server, then each district."""
    found = list(machine.findings(place))
    cluster = place.cluster
    if cluster is None:
        assert place.database_url is not None
        server = check_server(place.database_url)
        found += server
        if any(finding.code == "no-connection" for finding in server):
            return found
        dsn = place.database_url
    else:
        try:
            found += cluster.diagnose()
            if not cluster.running:
                return found
            dsn = cluster.dsn()
        except ClusterError as trouble:
            return [*found, told(trouble)]
    try:
        return [*found, *asyncio.run(districts.findings(dsn, place))]
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as trouble:
        kind = type(trouble).__name__
        return [
            *found,
            error(
                "database-trouble",
                f"检查数据库时出错({kind})。",
                f"Looking at the database failed ({kind}).",
            ),
        ]
