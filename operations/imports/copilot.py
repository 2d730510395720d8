"""A Copilot manifest: `count` with its range and what it tracks. Source: the manifest pages of AWS Copilot; cooldowns
that a manifest leaves out are those of its template `partials/cf/autoscaling.yml` (COPILOT)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from operations.imports import Found, as_map, workload_name

_COOLDOWNS: Mapping[str, str] = {"in": "120s", "out": "60s"}
"""Of Copilot's templates, where a manifest gives none."""
_METRICS: Mapping[str, tuple[str, str]] = {
    "cpu_percentage": ("cpu", "cpu"),
    "memory_percentage": ("memory", "memory"),
    "requests": ("requests", "requests_per_target"),
    "response_time": ("response-time", "response_time"),
}
"""Key of `count` -> name of the rule, metric."""
_RANGE = re.compile(r"(\d+)-(\d+)")


def is_source(document: Any) -> bool:
    """Whether a document is a manifest of a service."""
    return isinstance(document, dict) and "type" in document and "count" in document and "kind" not in document


def found(document: Any) -> list[Found]:
    """The one service of a manifest."""
    kept = Found(workload_name(str(document.get("name", "service"))), {"platform": "ecs_service"})
    settings, count = kept.settings, document["count"]
    for key in ("cpu", "memory"):
        if isinstance(document.get(key), int):
            settings[key] = document[key]
    platform = document.get("platform")
    if "arm64" in str(as_map(platform).get("architecture", platform)):
        settings["architecture"] = "arm64"
    delay = as_map(document.get("http")).get("deregistration_delay")
    if isinstance(document.get("http"), dict):
        settings["deregistration_delay"] = str(delay or "60s")
    if "environments" in document:
        kept.left_out.append(
            "environments: what it changes for single environments: read the manifest of one, by `copilot svc package`"
        )
    if isinstance(count, int):
        settings["elasticity"] = {"minimum": count, "maximum": count}
        return [kept]
    settings["elasticity"] = _rules(as_map(count), kept)
    return [kept]


def _rules(count: dict[str, Any], kept: Found) -> dict[str, Any]:
    rules: dict[str, Any] = {"minimum": 1, "maximum": 1}
    given = count.get("range")
    bounds = _RANGE.fullmatch(str(given).strip())
    if bounds is not None:
        rules.update(minimum=int(bounds[1]), maximum=int(bounds[2]))
    elif isinstance(given, dict):
        rules.update(minimum=given.get("min"), maximum=given.get("max"))
        first = given.get("spot_from")
        if isinstance(first, int) and first > 0:
            kept.settings.update(on_demand_base=first - 1, spot=100)
        elif first is not None:
            kept.left_out.append("count.range.spot_from: is no number from 1 up")
    else:
        kept.left_out.append("count.range: is no range such as 1-10: bounds of 1 to 1 stand for it")
    if count.get("spot") is not None:
        rules.update(minimum=count["spot"], maximum=count["spot"])
        kept.settings["spot"] = 100
    tracking: dict[str, Any] = {}
    common = as_map(count.get("cooldown"))
    for key, value in count.items():
        if key in _METRICS:
            name, metric = _METRICS[key]
            tracking[name] = {
                "metric": metric,
                "target": as_map(value).get("value", value),
                **_cooldowns(value, common),
            }
        elif key == "queue_delay":
            delay = as_map(value)
            rules["queue"] = {"name": f"{kept.name}-queue", "time_per_message": delay.get("msg_processing_time")}
            tracking["queue"] = {
                "metric": "queue_delay",
                "target": delay.get("acceptable_latency"),
                **_cooldowns(value, common),
            }
        elif key not in ("range", "cooldown", "spot"):
            kept.left_out.append(f"count.{key}: this key of a manifest is not known")
    if tracking:
        rules["target_tracking"] = tracking
    return rules


def _cooldowns(value: Any, common: dict[str, Any]) -> dict[str, Any]:
    """Cooldowns of one metric: its own, those of all, Copilot's."""
    own = as_map(as_map(value).get("cooldown"))
    return {
        f"scale_{way}_cooldown": str(own.get(way) or common.get(way) or shipped) for way, shipped in _COOLDOWNS.items()
    }
