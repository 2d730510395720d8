"""Docker Swarm: a network, services on it with the same container and rules as on AWS, a reverse proxy in front, a
controller that scales them."""

from components.swarm.controller import ScalingController, ScalingControllerArgs
from components.swarm.haproxy import Route
from components.swarm.network import SwarmNetwork, SwarmNetworkArgs
from components.swarm.proxy import ReverseProxy, ReverseProxyArgs
from components.swarm.service import SwarmService, SwarmServiceArgs
from components.swarm.versioned import Content

__all__ = [
    "Content",
    "ReverseProxy",
    "ReverseProxyArgs",
    "Route",
    "ScalingController",
    "ScalingControllerArgs",
    "SwarmNetwork",
    "SwarmNetworkArgs",
    "SwarmService",
    "SwarmServiceArgs",
]
