"""What a controller is told of a stack: rules and sources of each service that has rules, in the form that
`accordion scale --settings` reads. Needs no engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components.specs.reverse_proxy import METRICS_PATH, METRICS_PORT
from stacks.private_service.settings import PLATFORM, PrivateService, PrivateServiceSettings
from stacks.simulation import parameters_of

_OF_A_PROXY = {
    "requests": "haproxy_backend_http_responses_total",
    "average": "haproxy_backend_response_time_average_seconds",
}
"""HAProxy's own names, each with the label `proxy` of the backend (HAProxy 2.6, addons/promex)."""


def told(settings: PrivateServiceSettings, names: Mapping[str, str], proxy: str | None) -> dict[str, Any]:
    """The settings file of a controller. `names`: of services with rules, by name in the stack file, what the
    controller knows them by; `proxy`: what it knows the proxy by, None where there is none."""
    services = {there: _service(name, settings.services[name], proxy) for name, there in names.items()}
    server = settings.prometheus_server
    return {"services": services, **({} if server is None else {"prometheus": server.address})}


def _service(name: str, service: PrivateService, proxy: str | None) -> dict[str, Any]:
    rules = service.elasticity
    told: dict[str, Any] = {
        "elasticity": {} if rules is None else rules.model_dump(mode="json", exclude_defaults=True),
        "parameters": parameters_of(service.simulation, PLATFORM)[0],
    }
    optional = {
        "endpoint": _endpoint(name, service, proxy),
        "queries": dict(service.queries) or None,
        "fallback": None if service.fallback is None else service.fallback.model_dump(mode="json"),
    }
    return told | {key: value for key, value in optional.items() if value is not None}


def _endpoint(name: str, service: PrivateService, proxy: str | None) -> dict[str, Any] | None:
    """Where requests are counted: by the service itself where it says so, else by the proxy in front."""
    if service.prometheus is not None:
        one = service.prometheus
        port = service.container.ports[one.port].number
        health = [] if service.traffic is None else [service.traffic.health_check.path]
        return {
            "port": port, "path": one.path, "requests": one.requests, "duration": one.duration, "ignored": health,
        }  # fmt: skip
    if service.traffic is None or proxy is None:
        return None
    return {"service": proxy, "port": METRICS_PORT, "path": METRICS_PATH, "labels": {"proxy": name}, **_OF_A_PROXY}
