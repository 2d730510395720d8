"""Tags that everything carries, also what a group, a template or a service starts later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from guardrails.checks.check import Check, StackCheck, canonical
from guardrails.stack import StackSaid
from guardrails.values import UNKNOWN, Declared, at, every, holds_unknown, is_on, maps, text

_GROUP, _TAG = "aws:autoscaling/group:Group", "aws:autoscaling/tag:Tag"
_TEMPLATE, _SERVICE = "aws:ec2/launchTemplate:LaunchTemplate", "aws:ecs/service:Service"
_LAUNCHED = ("instance", "volume")


@cache
def taggable() -> frozenset[str]:
    """Canonical tokens of the types that take `tags` as a map; a contract test holds the list against pulumi-aws."""
    listed = Path(__file__).with_name("taggable_types.txt").read_text(encoding="utf-8")
    return frozenset(map(canonical, listed.split()))


def resources_carry_tags(declared: Declared, stack: StackSaid) -> Iterator[str]:
    """Tags of the resource and those that its provider lays on everything (checkov's and AWS Config's
    required-tags)."""
    if not stack.required_tags or canonical(declared.type) not in taggable():
        return
    given = [declared.inputs.get("tags"), declared.inputs.get("tagsAll"), declared.provider_tags]
    if holds_unknown(given):
        return
    if lacking := _lacking(stack, *(keys for keys in given if isinstance(keys, Mapping))):
        yield f"lacks the tag {lacking}: set it in tags, or in the provider's defaultTags"


def launches_carry_tags(resources: Sequence[Declared], stack: StackSaid) -> Iterator[tuple[Declared, str]]:
    """A group's tags, those that its instances and their volumes get, and those of a service's tasks.

    A provider's own tags reach none of them (pulumi-aws, autoscaling.Group; EC2 API, CreateLaunchTemplate).
    """
    if not stack.required_tags:
        return
    of_type: dict[str, list[Declared]] = {}
    for each in resources:
        of_type.setdefault(canonical(each.type), []).append(each)
    for service in of_type.get(_SERVICE, ()):
        spread = service.inputs.get("propagateTags")
        if spread is not UNKNOWN and text(spread).upper() not in ("SERVICE", "TASK_DEFINITION"):
            yield service, "its tasks are started without tags: set propagateTags to SERVICE"
    for group in of_type.get(_GROUP, ()):
        yield from _of_group(group, of_type.get(_TAG, ()), of_type.get(_TEMPLATE, ()), stack)


def _of_group(
    group: Declared, apart: Iterable[Declared], templates: Sequence[Declared], stack: StackSaid
) -> Iterator[tuple[Declared, str]]:
    given = group.inputs.get("tags")
    tags = [*maps(every(given))]
    for tag in apart:
        if _leads_to(tag, "autoscalingGroupName", group):
            tags += maps([tag.inputs.get("tag")])
    used = [each for each in templates if _leads_to(group, "launchTemplate", each) or _is_mixed_of(group, each)]
    if holds_unknown(given) or holds_unknown([tag.get("key") for tag in tags]):
        return
    if lacking := _lacking(stack, [tag["key"] for tag in tags if "key" in tag]):
        yield group, f"lacks the tag {lacking}: set it in tags, which a provider's defaultTags do not reach"
    spread = [
        tag.get("key") for tag in tags if tag.get("propagateAtLaunch") is UNKNOWN or is_on(tag.get("propagateAtLaunch"))
    ]
    launched: dict[str, list[Any]] = {kind: [spread if kind == "instance" else ()] for kind in _LAUNCHED}
    for template in used:
        for kind in _LAUNCHED:
            launched[kind].append(_specified(template, kind))
    for kind in _LAUNCHED:
        if holds_unknown(launched[kind]) or (kind == "volume" and not used):
            continue
        if lacking := _lacking(stack, *launched[kind]):
            cure = (
                "set propagateAtLaunch in the group's tags"
                if kind == "instance"
                else "give them in the template's tagSpecifications"
            )
            yield group, f"launches {kind}s without the tag {lacking}: {cure}"


def _specified(template: Declared, kind: str) -> Any:
    """Keys that a template lays on what it launches; UNKNOWN where they are not known."""
    given = template.inputs.get("tagSpecifications")
    if holds_unknown(given):
        return UNKNOWN
    keys: list[str] = []
    for each in maps(every(given)):
        if each.get("resourceType") is UNKNOWN or each.get("tags") is UNKNOWN:
            return UNKNOWN
        if each.get("resourceType") == kind:
            keys += at(each, "tags") if isinstance(at(each, "tags"), Mapping) else ()
    return keys


def _is_mixed_of(group: Declared, template: Declared) -> bool:
    named = at(group.inputs, "mixedInstancesPolicy", "launchTemplate", "launchTemplateSpecification")
    return template.urn in group.refers.get("mixedInstancesPolicy", ()) or _is_named(named, template)


def _leads_to(declared: Declared, name: str, target: Declared) -> bool:
    value = declared.inputs.get(name)
    return target.urn in declared.refers.get(name, ()) or _is_named(value, target)


def _is_named(value: Any, target: Declared) -> bool:
    """Whether a value, or its `name` or `launchTemplateName`, is the name that a resource is given."""
    named = (
        {text(value)}
        if not isinstance(value, Mapping)
        else {text(value.get(key)) for key in ("name", "launchTemplateName")}
    )
    return text(target.inputs.get("name")) in named - {""}


def _lacking(stack: StackSaid, *given: Iterable[Any]) -> str:
    """The keys that none of the sources has, in words; nothing where all are there."""
    there = {str(key) for keys in given for key in keys}
    return ", ".join(key for key in stack.required_tags if key not in there)


CHECKS = (
    Check(
        "required-tags",
        "Everything carries the tags that the stack demands.",
        "What has no tag is in nobody's bill, is found by no clean-up and has no owner at night.",
        asked=resources_carry_tags,
    ),
)
STACK_CHECKS = (
    StackCheck(
        "tagged-launches",
        "What groups and services start carries them too.",
        "Instances, volumes and tasks are most of a bill, and come without the tags of what starts them.",
        asked=launches_carry_tags,
    ),
)
