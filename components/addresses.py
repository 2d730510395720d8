"""Which block of addresses each tier has in each zone: a pure function of the VPC's block, the tier and the zone's
letter.

A VPC's block is cut into eight parts. Private gets four, public two, isolated one; one stays free for a tier to come.
Each tier's share is cut into eight slots, one per zone letter a to h, used or not. So no slot depends on which other
tiers or zones exist: adding or removing one moves nothing. [own; peers re-cut the block and replace subnets:
pulumi-awsx#718, terraform-aws-vpc#106]

10.0.0.0/16:  private  10.0.0.0/17   slots /20 (4,091 usable addresses each) public   10.0.128.0/18 slots /21 (2,043)
isolated 10.0.192.0/19 slots /22 (1,019) free     10.0.224.0/19
"""

from __future__ import annotations

from ipaddress import IPv4Network
from types import MappingProxyType

from components.specs import Tier

ZONE_LETTERS = "abcdefgh"
"""Letters that have a slot; AWS has used a to f so far."""
_SLOT_BITS = 3
_SHARES = MappingProxyType({"private": (1, 0), "public": (2, 2), "isolated": (3, 6), "free": (3, 7)})
"""Tier -> bits that its share adds to the VPC's prefix, and which of the shares of that size it is."""


def share(cidr: str, tier: Tier | str) -> IPv4Network:
    """The part of the VPC's block that belongs to a tier, or to `free`."""
    bits, index = _SHARES[tier]
    return _part(IPv4Network(cidr), bits, index)


def slot(cidr: str, tier: Tier, zone: str) -> str:
    """The block of one tier in one zone, such as 10.0.128.0/21; `zone` is a zone's name, of which the letter counts."""
    return str(_part(share(cidr, tier), _SLOT_BITS, ZONE_LETTERS.index(zone[-1])))


def _part(block: IPv4Network, bits: int, index: int) -> IPv4Network:
    prefix = block.prefixlen + bits
    return IPv4Network((int(block.network_address) + index * 2 ** (32 - prefix), prefix))
