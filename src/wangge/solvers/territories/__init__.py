"""Territories on a street network: connected, alike in several kinds of work, as small across as can be.
The public problem (territory design, `dtdp` GraphML) that lets anybody compare.

`p` territories; each kind of work lies within a share of its mean in each; the largest distance between two
nodes of one territory, along the network, is made small. `judge` shares no code with `divide`.
"""

from wangge.solvers.territories.checking import judge
from wangge.solvers.territories.network import Network, read_graphml
from wangge.solvers.territories.solving import Territories, divide

__all__ = ["Network", "Territories", "divide", "judge", "read_graphml"]
