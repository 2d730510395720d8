"""A Copilot manifest: `count` with its range and what it tracks, as one environment changes it. Source: the manifest
pages of AWS Copilot and its own reader (v1.34.1: `manifest/transform.go`, `manifest/svc.go`); cooldowns that a manifest
leaves out are those of its template `partials/cf/autoscaling.yml` (COPILOT)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from operations.failures import CannotRun
from operations.imports import Found, as_map, seconds, workload_name

_SERVICES = ("Load Balanced Web Service", "Backend Service", "Worker Service")
_OTHERS: Mapping[str, str] = {
    "Request-Driven Web Service": "App Runner scales it by requests at once, and not by alarms",
    "Scheduled Job": "a job runs at its times and does not scale",
    "Static Site": "a static site has no tasks",
}
"""Types of a manifest that no service scales by, each with its reason."""
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
_DURATION = re.compile(r"(?:\d{1,9}(?:\.\d{1,9})?(?:h|ms|m|s))+")
_PART = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s)")
_SECONDS: Mapping[str, float] = {"h": 3_600, "m": 60, "s": 1, "ms": 0.001}


def is_source(document: Any) -> bool:
    """Whether a document is a manifest of a service, or of another thing that Copilot deploys."""
    if not isinstance(document, dict) or "kind" in document:
        return False
    return document.get("type") in (*_SERVICES, *_OTHERS) or ("type" in document and "count" in document)


def environments(document: Any) -> list[str]:
    """The environments that a manifest names."""
    return list(as_map(as_map(document).get("environments")))


def found(document: Any, environment: str | None = None) -> list[Found]:
    """The one service of a manifest, in an environment where one is named; raises CannotRun for one that the manifest
    does not have."""
    name = workload_name(str(document.get("name", "service")))
    if reason := _OTHERS.get(str(document.get("type"))):
        return [Found(name, {}, [f"{document['type']}: {reason}"])]
    known = environments(document)
    if environment is not None and environment not in known:
        raise CannotRun(f"--environment {environment}: the manifest of {name} has {', '.join(known) or 'none'}")
    kept = Found(name, {"platform": "ecs_service"})
    if environment is not None:
        document = _over(document, as_map(as_map(document["environments"])[environment]))
    settings, count = kept.settings, document.get("count", 1)
    for key in ("cpu", "memory"):
        if isinstance(document.get(key), int):
            settings[key] = document[key]
    platform = document.get("platform")
    if "arm64" in str(as_map(platform).get("architecture", platform)):
        settings["architecture"] = "arm64"
    delay = as_map(document.get("http")).get("deregistration_delay")
    if isinstance(document.get("http"), dict):
        settings["deregistration_delay"] = _duration(delay) or "60s"
    if known and environment is None:
        kept.left_out.append(
            f"environments: what it changes for {', '.join(known)}: give --environment, with one of them"
        )
    if isinstance(count, int):
        settings["elasticity"] = {"minimum": count, "maximum": count}
        return [kept]
    settings["elasticity"] = _rules(as_map(count), kept)
    return [kept]


def _over(base: Any, changed: Any) -> Any:
    """What an environment makes of a value: maps key by key, all else as a whole, so that a value and its
    long form put each other out of force, as do tasks on Spot alone and what scales."""
    if not isinstance(base, dict) or not isinstance(changed, dict):
        return changed
    made = {str(key): value for key, value in base.items()}
    if "spot" in changed:
        made = {key: value for key, value in made.items() if key not in _SCALES}
    elif set(changed) & _SCALES - {"cooldown"}:
        made.pop("spot", None)
    for key, value in changed.items():
        made[str(key)] = _over(made.get(str(key)), value)
    return made


_SCALES = frozenset({"range", "cooldown", "queue_delay", *_METRICS})
"""Keys of `count` that scale, which a fixed number of tasks on Spot replaces."""


def _duration(value: Any) -> Any:
    """A duration of Go's, such as 1m30s, as one number of seconds; anything else as it is: the settings judge it."""
    text = str(value).strip()
    if not isinstance(value, str) or len(text) > 40 or not _DURATION.fullmatch(text):
        return value
    return seconds(sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text))) or value


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
                "target": _duration(as_map(value).get("value", value)),
                **_cooldowns(value, common),
            }
        elif key == "queue_delay":
            delay = as_map(value)
            rules["queue"] = {
                "name": f"{kept.name}-queue",
                "time_per_message": _duration(delay.get("msg_processing_time")),
            }
            tracking["queue"] = {
                "metric": "queue_delay",
                "target": _duration(delay.get("acceptable_latency")),
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
        f"scale_{way}_cooldown": str(_duration(own.get(way) or common.get(way) or shipped))
        for way, shipped in _COOLDOWNS.items()
    }
