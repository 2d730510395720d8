"""What the controller says of itself to Prometheus: of each service what is wanted, why it waits, how old that is."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from operations.controller.decisions import SUSPENDED
from operations.controller.loop import Told

if TYPE_CHECKING:
    from operations.controller.loop import Scaler

LOOPBACK = "127.0.0.1"


class Exported(Collector):
    """The state of all scalers as metrics, read when they are asked for."""

    def __init__(self, scalers: Mapping[str, Scaler]) -> None:
        self._scalers = scalers
        self.turned: dict[str, datetime.datetime] = {}
        """When each service was last looked at."""
        self.actions: dict[tuple[str, str], int] = {}
        """Changes that were done or tried, by service and direction."""

    def note(self, name: str, told: Told, at: datetime.datetime) -> None:
        """A turn is over."""
        self.turned[name] = at
        tick, view = told.tick, told.view
        if tick is not None and view is not None and not tick.suspended and tick.desired != view.replicas:
            key = name, "out" if tick.desired > view.replicas else "in"
            self.actions[key] = self.actions.get(key, 0) + 1

    def collect(self) -> Iterator[Any]:
        """The families of prometheus_client."""

        def gauge(name: str, text: str, *labels: str) -> Any:
            return GaugeMetricFamily(f"accordion_scale_{name}", text, labels=["service", *labels])

        desired = gauge("desired", "Tasks that are wanted.")
        replicas = gauge("replicas", "Tasks that the service is to have, as it was last seen.")
        running = gauge("running", "Tasks that run.")
        minimum, maximum = gauge("minimum", "Bounds in force."), gauge("maximum", "Bounds in force.")
        holder = gauge("holder", "1 where this controller scales the service, 0 where another one does.")
        reachable = gauge("reachable", "0 where the Engine did not answer, or there is no such service.")
        held = gauge("suspended", "1 while nothing is decided, by reason.", "reason")
        points = gauge("datapoint", "The newest datapoint.", "metric")
        turned = gauge("turned_timestamp_seconds", "When the service was last looked at.")
        actions = CounterMetricFamily(
            "accordion_scale_actions", "Changes that were decided.", labels=["service", "direction"]
        )
        for name, scaler in self._scalers.items():
            told = scaler.told
            holder.add_metric([name], float(told.state == "holder"))
            reachable.add_metric([name], float(told.state in ("holder", "standby")))
            if name in self.turned:
                turned.add_metric([name], self.turned[name].timestamp())
            if told.view is not None:
                replicas.add_metric([name], told.view.replicas)
                running.add_metric([name], told.view.counts.serving)
            if told.tick is not None:
                desired.add_metric([name], told.tick.desired)
                minimum.add_metric([name], told.tick.bounds[0])
                maximum.add_metric([name], told.tick.bounds[1])
                for reason in SUSPENDED:
                    held.add_metric([name, reason], float(told.tick.suspended == reason))
            for (metric, _), value in told.datapoints.items():
                points.add_metric([name, metric], value)
        for (name, direction), count in self.actions.items():
            actions.add_metric([name, direction], count)
        yield from (desired, replicas, running, minimum, maximum, holder, reachable, held, points, turned, actions)


def serve(exported: Exported, port: int, address: str = LOOPBACK) -> int:
    """Answer Prometheus at a port of loopback, 0 for any free one; returns the port. Raises OSError."""
    registry = CollectorRegistry()
    registry.register(exported)
    server, _ = start_http_server(port, addr=address, registry=registry)
    return int(server.server_address[1])
