"""What a preview would do, resource by resource, from `pulumi preview --json` beside the state that it began from."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Literal

from operations.declared import TASK

Kind = Literal["created", "updated", "replaced", "deleted"]
KINDS: tuple[Kind, ...] = ("replaced", "deleted", "created", "updated")
"""In the order of a report: what may be lost first."""
_OPERATIONS: Mapping[str, Kind] = MappingProxyType(
    {
        "create": "created",
        "import": "created",
        "update": "updated",
        "replace": "replaced",
        "create-replacement": "replaced",
        "import-replacement": "replaced",
        "delete": "deleted",
    }
)
"""By the engine's word; what is no change is not in it, nor the second half of a replacement."""
PASSING = frozenset(
    {"same", "read", "refresh", "discard", "discard-replaced", "read-discard", "delete-replaced", "read-replacement"}
)
"""The engine's words for steps that change nothing, or that belong to a replacement told elsewhere."""
UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""How the engine writes a value that the deployment makes (`plugin.UnknownStringValue` of its SDK)."""
LATER = "known after the deployment"
HIDDEN = "[secret]"
MARKED = "4dabf18193072939515e22adb298388d"
"""The key by which the engine marks what is no plain value, secrets among them."""
IMAGE = "docker:index/image:Image"
_OF_THE_REVIEW = frozenset({(IMAGE, "buildOnPreview")})
"""Inputs that a preview of a review has, and no deployment."""
ROUTINE: Mapping[str, str] = MappingProxyType({TASK: "a new revision, as every change of a task definition makes one"})
"""Types whose replacement takes nothing away, with the reason."""
LOST: Mapping[str, str] = MappingProxyType(
    {
        "aws:cloudwatch/logGroup:LogGroup": "its logs are lost",
        "aws:dynamodb/table:Table": "its data are lost",
        "aws:ec2/eip:Eip": "its public address changes",
        "aws:ec2/launchTemplate:LaunchTemplate": "instances of it must be refreshed",
        "aws:ec2/natGateway:NatGateway": "the address that others see changes; open connections break",
        "aws:ec2/securityGroup:SecurityGroup": "what others allow by its id must follow",
        "aws:ec2/subnet:Subnet": "everything in it moves",
        "aws:ec2/vpc:Vpc": "everything in it moves; its addresses change",
        "aws:ecs/cluster:Cluster": "its services start anew",
        "aws:ecs/service:Service": "its tasks stop and start anew",
        "aws:autoscaling/group:Group": "its instances are ended",
        "aws:kms/key:Key": "what it encrypted cannot be read once it is gone",
        "aws:lb/loadBalancer:LoadBalancer": "its DNS name changes; open connections break",
        "aws:lb/targetGroup:TargetGroup": "its targets register anew and are unhealthy until checked",
        "aws:rds/cluster:Cluster": "its data are lost",
        "aws:rds/instance:Instance": "its data are lost",
        "aws:s3/bucket:Bucket": "its objects are lost",
        "aws:secretsmanager/secret:Secret": "its value is lost",
        "aws:sqs/queue:Queue": "waiting messages are lost",
        "aws:appautoscaling/target:Target": "nothing scales until the new one is there",
        "aws:appautoscaling/policy:Policy": "this rule no longer acts",
        "aws:autoscaling/policy:Policy": "this rule no longer acts",
        "aws:appautoscaling/scheduledAction:ScheduledAction": "this schedule no longer acts",
        "aws:autoscaling/schedule:Schedule": "this schedule no longer acts",
        "aws:cloudwatch/metricAlarm:MetricAlarm": "nobody is told of it while it is gone",
    }
)
"""What goes with a resource of a type [own, from the service's documentation]; nothing is said of the others."""
_SENSITIVE = re.compile(r"passw|secret|token|credential|private_?key|api_?key|access_?key", re.IGNORECASE)
_REFERENCE = re.compile(r"(arns?|ids?|name|version)$", re.IGNORECASE)
"""Keys such as `secretArn` or `tokenId` name a secret, and do not hold it."""
_INDEX = re.compile(r"\[\d+\]")
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
_SUFFIX = re.compile(r"-[0-9a-f]{7}$")
_GENERATED = re.compile(r"(?=.*\d)[a-z]*-?[0-9a-f]{8,}")


@dataclasses.dataclass(frozen=True)
class Property:
    """One input that differs."""

    path: str
    """As `networkConfiguration.subnets[0]`."""
    before: str
    """Empty where it was not set."""
    after: str
    """Empty where it is not set any more."""
    forces: bool
    """Whether the resource is replaced because of it."""

    @property
    def follows(self) -> bool:
        """Whether it only takes up what another resource becomes."""
        return self.after == LATER

    def __str__(self) -> str:
        return f"{self.path}: {self.before or 'not set'} -> {self.after or 'not set'}"


@dataclasses.dataclass(frozen=True)
class Resource:
    """One resource that a deployment would change."""

    kind: Kind
    type: str
    name: str
    urn: str
    properties: tuple[Property, ...] = ()

    @property
    def short_type(self) -> str:
        """`ec2/subnet` of aws:ec2/subnet:Subnet."""
        package, _, rest = self.type.partition(":")
        module = rest.partition(":")[0]
        return module if package == "aws" else self.type

    @property
    def forced(self) -> tuple[Property, ...]:
        """What forces its replacement, what is known first."""
        return tuple(sorted((one for one in self.properties if one.forces), key=lambda one: one.follows))

    @property
    def follows(self) -> bool:
        """Whether it is replaced only because another resource is."""
        forced = self.forced
        return self.kind == "replaced" and bool(forced) and all(one.follows for one in forced)

    @property
    def routine(self) -> str:
        """Why nobody need look at its replacement; empty for all that somebody should."""
        return ROUTINE.get(self.type, "") if self.kind in ("replaced", "deleted") else ""

    @property
    def loses(self) -> str:
        """What goes with it; empty where nothing is known to."""
        return LOST.get(self.type, "") if self.kind in ("replaced", "deleted") and not self.routine else ""


@dataclasses.dataclass(frozen=True)
class Plan:
    """What one deployment would do."""

    resources: tuple[Resource, ...]
    """That change, those of components left out, by kind and name."""
    unchanged: int
    odd: tuple[str, ...] = ()
    """Steps whose word is not known here: told, and judged by nobody."""

    def of(self, *kinds: Kind) -> tuple[Resource, ...]:
        """Those that are changed in these ways."""
        return tuple(one for one in self.resources if one.kind in kinds)


def plan_of(preview: Mapping[str, Any], state: Mapping[str, Any]) -> Plan:
    """The plan in an answer of `preview --json`; `state` is what `stack export` shows of the base.

    Ids that the cloud made up are written as the names of their resources, so that two reviews of one change read the
    same.
    """
    names = _Names(state.get("deployment", {}).get("resources") or ())
    found: dict[str, Resource] = {}
    odd = []
    for step in preview.get("steps") or ():
        operation = str(step.get("op", ""))
        kind = _OPERATIONS.get(operation)
        if kind is None:
            if operation not in PASSING:
                odd.append(f"{operation} of {str(step.get('urn', '')).rpartition('::')[2]}")
            continue
        side = step.get("newState") or step.get("oldState") or {}
        if not side.get("custom"):
            continue
        resource = _resource(kind, step, side, names)
        known = found.get(resource.urn)
        if known is None or known.kind != "replaced":
            found[resource.urn] = resource
    order = {kind: place for place, kind in enumerate(KINDS)}
    ordered = sorted(found.values(), key=lambda one: (order[one.kind], one.type, one.name, one.urn))
    return Plan(tuple(ordered), int((preview.get("changeSummary") or {}).get("same", 0)), tuple(sorted(odd)))


def after(preview: Mapping[str, Any], state: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The resources as the state would hold them after the deployment that a preview describes: inputs of the state,
    those of the steps over them."""
    found = {
        str(one["urn"]): one for one in state.get("deployment", {}).get("resources") or () if not one.get("delete")
    }
    for step in preview.get("steps") or ():
        if step.get("op") == "delete":
            found.pop(str(step.get("urn")), None)
        elif step.get("newState"):
            found[str(step["urn"])] = step["newState"]
    return [found[urn] for urn in sorted(found)]


def _resource(kind: Kind, step: Mapping[str, Any], side: Mapping[str, Any], names: _Names) -> Resource:
    urn = str(step["urn"])
    properties: tuple[Property, ...] = ()
    if kind in ("updated", "replaced"):
        reasons = frozenset(_top(each) for each in step.get("replaceReasons") or ())
        old, new = ((step.get(key) or {}).get("inputs") or {} for key in ("oldState", "newState"))
        found = _differences(old, new, reasons, names)
        properties = tuple(one for one in found if (side.get("type"), one.path) not in _OF_THE_REVIEW)
        told = {_top(one.path) for one in properties}
        # What the provider computes itself differs in no input.
        properties += tuple(Property(each, "", LATER, True) for each in sorted(reasons - told))
    return Resource(kind, str(side.get("type", "")), urn.rpartition("::")[2], urn, properties)


def _differences(
    old: Mapping[str, Any], new: Mapping[str, Any], reasons: frozenset[str], names: _Names
) -> Iterator[Property]:
    before, now = dict(_leaves(old)), dict(_leaves(new))
    for path in sorted({**before, **now}):
        if before.get(path) == now.get(path) or path.startswith("__defaults"):
            continue
        above = next((up for up in _ups(path) if now.get(up) == UNKNOWN_TEXT or before.get(up) == UNKNOWN_TEXT), None)
        if above is not None and above != path:
            continue  # told once, where it is not known
        texts = [_text(path, side[path], names) if path in side else "" for side in (before, now)]
        if now.get(path) == UNKNOWN_TEXT and path not in before and any(other.startswith(path) for other in before):
            texts[0] = "as it was"
        if texts[0] == texts[1] and texts[0] != HIDDEN:
            continue  # an id that the cloud made up, of the same resource
        yield Property(path, texts[0], texts[1], _top(path) in reasons)


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every plain value with its path; JSON texts, such as container definitions, are looked into."""
    if isinstance(value, str) and value[:1] in ("{", "[") and value != HIDDEN:
        try:
            parsed = json.loads(value)
        except (ValueError, RecursionError):
            parsed = None
        if isinstance(parsed, dict | list):
            value = parsed
    if isinstance(value, Mapping):
        if MARKED in value:
            yield path, HIDDEN
            return
        for key, part in value.items():
            if key != "__defaults":
                yield from _leaves(part, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from _leaves(part, f"{path}[{place}]")
    elif value is not None:
        yield path, value


def _ups(path: str) -> Iterator[str]:
    """A path and those above it: `a.b[0]`, `a.b`, `a`."""
    while path:
        yield path
        path = path[: max(path.rfind("."), path.rfind("["), 0)]


def _top(path: str) -> str:
    return re.split(r"[.\[]", path, maxsplit=1)[0]


def _text(path: str, value: Any, names: _Names) -> str:
    key = _INDEX.sub("", path).rpartition(".")[2]
    if value == HIDDEN or (_SENSITIVE.search(key) and not _REFERENCE.search(key)):
        return HIDDEN
    if value == UNKNOWN_TEXT:
        return LATER
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    return names.told(str(value)).replace(UNKNOWN_TEXT, LATER)


class _Names:
    """What the cloud made up, by the names of the resources that it belongs to."""

    def __init__(self, resources: Any) -> None:
        self._whole: dict[str, str] = {}
        self._parts: dict[str, str] = {}
        self._logical: set[str] = set()
        for one in resources:
            name = str(one.get("urn", "")).rpartition("::")[2]
            self._logical.add(name)
            if not one.get("custom"):
                continue
            outputs = one.get("outputs") or {}
            made = [one.get("id"), *(outputs.get(key) for key in ("arn", "arnSuffix", "dnsName", "zoneId"))]
            for value in made:
                if not isinstance(value, str) or len(value) < 8:
                    continue
                self._whole.setdefault(value, name)
                for token in _TOKEN.findall(value):
                    if _GENERATED.fullmatch(token):
                        self._parts.setdefault(token, name)

    def told(self, text: str) -> str:
        if text in self._whole:
            return f"({self._whole[text]})"
        return _TOKEN.sub(lambda found: self._token(found[0]), text)

    def _token(self, token: str) -> str:
        plain = _SUFFIX.sub("", token)
        if plain != token and plain in self._logical:
            return plain
        return f"({self._parts[token]})" if token in self._parts else token
