"""A network: a VPC with tiers of subnets, ways out, endpoints and flow logs; or an existing VPC in its place."""

from components.network.network import Network, NetworkArgs

__all__ = ["Network", "NetworkArgs"]
