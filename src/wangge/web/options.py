"""Options: what the one who runs the server decides, not the district."""

import os
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address


@dataclass(frozen=True, slots=True)
class WebOptions:
    """How the app is served.

    trusted_proxies   networks whose X-Forwarded-For and X-Forwarded-Proto are believed; empty
                      means that nobody's are
    tile_origins      origins of map tiles that pages may load ("https://tiles.example.cn")
    session_memory    seconds a process remembers who a session is; another process's sign-out
                      is noticed after that long at the latest
    """

    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    tile_origins: tuple[str, ...] = ()
    session_memory: float = 2.0

    def trusts(self, address: str) -> bool:
        """Whether that neighbour is one of our own proxies."""
        if not self.trusted_proxies:
            return False
        try:
            found = ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self.trusted_proxies)


def web_processes() -> int:
    """How many web processes do most here. One for each core, and never one alone: it works on one
    core, and who waits for it waits for its longest answer."""
    return max(2, min(4, os.cpu_count() or 2))
