"""Gaps of moto's Route 53: health checks, which lose half of what they are made with and change only in part."""

from typing import Any, Final

from moto.core.responses import ActionResult
from moto.route53.models import HealthCheck, Route53Backend
from moto.route53.responses import Route53

from localcloud.aws.moto_gaps._patching import Refusal, replace

PORTS: Final = {"HTTP": 80, "HTTP_STR_MATCH": 80, "HTTPS": 443, "HTTPS_STR_MATCH": 443}
PROBING: Final = frozenset({*PORTS, "TCP"})
"""Types that ask an endpoint; the others look at other checks, an alarm or a routing control."""


def _filled(config: dict[str, Any]) -> dict[str, Any]:
    """With what AWS sets where nothing is said (API HealthCheckConfig)."""
    kind = config["Type"]
    always: dict[str, Any] = {"Inverted": False, "Disabled": False}
    if kind in PROBING:
        always |= {"RequestInterval": 30, "FailureThreshold": 3, "MeasureLatency": False,
                   "EnableSNI": kind.startswith("HTTPS")}  # fmt: skip
        always |= {"Port": PORTS[kind]} if kind in PORTS else {}
    return always | {name: value for name, value in config.items() if value not in (None, [])}


@replace(Route53)
def create_health_check(original: Any, self: Any) -> Any:
    """Keep the whole configuration; refuse what names nothing to look at."""
    config = self._get_param("HealthCheckConfig")
    _check(config)
    before = set(self.backend.health_checks)
    answer = original(self)
    for name in set(self.backend.health_checks) - before:
        self.backend.health_checks[name].whole = _filled(config)
    return answer


@replace(Route53)
def update_health_check(_original: Any, self: Any) -> ActionResult:
    """Change what is sent, clear what is named, and count the version."""
    check = self.backend.get_health_check(self._get_param("HealthCheckId"))
    version = self._get_param("HealthCheckVersion")
    if version is not None and int(version) != check.health_check_version:
        raise Refusal("HealthCheckVersionMismatch", "The value of HealthCheckVersion is not that of the health check.")
    kept = {k: v for k, v in check.whole.items() if k not in (self._get_param("ResetElements") or ())}
    sent = {name: self._get_param(name) for name in CHANGEABLE}
    check.whole = _filled(kept | {name: value for name, value in sent.items() if value is not None})
    check.health_check_version += 1
    return ActionResult({"HealthCheck": check})


CHANGEABLE: Final = (
    "IPAddress", "Port", "ResourcePath", "FullyQualifiedDomainName", "SearchString", "FailureThreshold", "Inverted",
    "Disabled", "HealthThreshold", "ChildHealthChecks", "EnableSNI", "Regions", "AlarmIdentifier",
    "InsufficientDataHealthStatus",
)  # fmt: skip


def _check(config: dict[str, Any]) -> None:
    if config["Type"] in PROBING and not (config.get("IPAddress") or config.get("FullyQualifiedDomainName")):
        raise Refusal("InvalidInput", "Basic errors: one of IPAddress and FullyQualifiedDomainName must be specified.")
    if config["Type"] == "CLOUDWATCH_METRIC" and not config.get("AlarmIdentifier"):
        raise Refusal("InvalidInput", "Alarm Identifier is required for a CloudWatch metric health check.")


def _shown(check: Any) -> dict[str, Any]:
    found: dict[str, Any] = check.whole
    return found


setattr(HealthCheck, "health_check_config", property(_shown))  # noqa: B010 - a property cannot be assigned for mypy


@replace(Route53Backend)
def delete_health_check(original: Any, self: Any, health_check_id: str) -> None:
    """Refuse one that is not there; its tags go with it."""
    self.get_health_check(health_check_id)
    original(self, health_check_id)
    self.resource_tags.pop(health_check_id, None)
