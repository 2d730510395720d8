"""Sets of addresses: what a list of CIDR blocks admits, however it is cut up."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

WIDEST = {4: 2**24, 6: 2**108}
"""Public addresses from which on a set is the world: a /8 of IPv4, a /20 of IPv6, a share of 1/256 and less than any
provider's ranges together. [own]"""


def is_world(blocks: Iterable[str]) -> bool:
    """Whether the blocks together admit more public addresses than any known peer has; what is no block is passed
    over."""
    networks: dict[int, list[ipaddress.IPv4Network | ipaddress.IPv6Network]] = {4: [], 6: []}
    for block in blocks:
        try:
            network = ipaddress.ip_network(block.strip(), strict=False)
        except ValueError:
            continue
        networks[network.version].append(network)
    return any(_public(each) > WIDEST[version] for version, each in networks.items())


def _public(networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> int:
    """Addresses of the union that are not wholly private."""
    united = ipaddress.collapse_addresses(networks)  # type: ignore[type-var] # one version at a time
    return sum(network.num_addresses for network in united if not network.is_private)
