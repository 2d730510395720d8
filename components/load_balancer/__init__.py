"""A load balancer with its listeners, target groups by service, and logs; or an existing balancer in its place."""

from components.load_balancer.load_balancer import LoadBalancer, LoadBalancerArgs

__all__ = ["LoadBalancer", "LoadBalancerArgs"]
