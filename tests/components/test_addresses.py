"""The address plan as arithmetic.

It cannot prove that AWS leaves the reserved addresses of a subnet as they are documented.
"""

from __future__ import annotations

from ipaddress import IPv4Network
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.addresses import ZONE_LETTERS, share, slot
from components.specs import TIERS

PREFIXES = range(16, 23)
blocks = st.builds(
    lambda prefix, bits: str(IPv4Network((10 * 2**24 + (bits % 2 ** (prefix - 8)) * 2 ** (32 - prefix), prefix))),
    st.sampled_from(PREFIXES),
    st.integers(0, 2**24),
)

PLAN = {
    ("private", "eu-central-1a"): "10.0.0.0/20",
    ("private", "eu-central-1b"): "10.0.16.0/20",
    ("private", "eu-central-1f"): "10.0.80.0/20",
    ("public", "eu-central-1a"): "10.0.128.0/21",
    ("public", "eu-central-1c"): "10.0.144.0/21",
    ("isolated", "eu-central-1a"): "10.0.192.0/22",
    ("isolated", "eu-central-1h"): "10.0.220.0/22",
}


@pytest.mark.parametrize(("place", "block"), PLAN.items())
def test_the_plan_of_a_large_network_is_the_documented_one(place, block):
    assert slot("10.0.0.0/16", *place) == block


@given(blocks)
def test_no_two_slots_overlap(cidr):
    slots = [IPv4Network(slot(cidr, tier, letter)) for tier in TIERS for letter in ZONE_LETTERS]
    assert not [pair for pair in combinations(slots, 2) if pair[0].overlaps(pair[1])]


@given(blocks)
def test_every_slot_lies_in_its_tiers_share_and_every_share_in_the_network(cidr):
    for tier in TIERS:
        assert share(cidr, tier).subnet_of(IPv4Network(cidr))
        for letter in ZONE_LETTERS:
            assert IPv4Network(slot(cidr, tier, letter)).subnet_of(share(cidr, tier))


@given(blocks)
def test_the_shares_fill_the_network_exactly(cidr):
    shares = [share(cidr, tier) for tier in (*TIERS, "free")]
    assert sum(each.num_addresses for each in shares) == IPv4Network(cidr).num_addresses
    assert not [pair for pair in combinations(shares, 2) if pair[0].overlaps(pair[1])]


@given(blocks)
def test_no_slot_is_smaller_than_the_smallest_subnet_of_aws(cidr):
    assert all(IPv4Network(slot(cidr, tier, "a")).prefixlen <= 28 for tier in TIERS)


@given(blocks)
def test_a_public_slot_holds_a_load_balancer(cidr):
    """A balancer's subnet needs a /27 at least (Application Load Balancer user guide, subnets)."""
    assert IPv4Network(slot(cidr, "public", "a")).prefixlen <= 27


@given(blocks, st.sampled_from(TIERS), st.sampled_from(ZONE_LETTERS))
def test_a_slot_depends_on_the_zones_letter_alone(cidr, tier, letter):
    assert slot(cidr, tier, f"eu-central-1{letter}") == slot(cidr, tier, f"us-east-1{letter}")
