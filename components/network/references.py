"""The metrics that a network's NAT gateways emit.

Source: VPC user guide, NAT gateway metrics and dimensions: names, units, and the statistic that is meaningful. A
gateway out of ports, or one that drops packets, is felt by every task behind it, and by no other metric.
"""

from __future__ import annotations

import pulumi

from components.metrics import MetricReference

_METRICS = {
    "port_errors": ("ErrorPortAllocation", "Sum", "connections"),
    "dropped_packets": ("PacketsDropCount", "Sum", "packets"),
    "bytes_out": ("BytesOutToDestination", "Sum", "bytes"),
    "active_connections": ("ActiveConnectionCount", "Maximum", "connections"),
}


def nat_metrics(gateway_id: pulumi.Input[str]) -> dict[str, MetricReference]:
    """Metrics of one NAT gateway by name."""
    return {
        key: MetricReference("AWS/NATGateway", name, {"NatGatewayId": gateway_id}, statistic, 60, unit)
        for key, (name, statistic, unit) in _METRICS.items()
    }
