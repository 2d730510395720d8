"""Web ACLs. Sources: WAFV2 API reference, CreateWebACL, Rule, DefaultAction; the official provider's validation."""

from collections.abc import Iterator
from typing import Any

from localcloud.aws.limits._checks import Check, Fault, Props, each
from localcloud.aws.limits._conditions import once
from localcloud.provider.wire import unknowns

OF_GROUPS = ("managedRuleGroupStatement", "ruleGroupReferenceStatement")


def _given(block: Any) -> list[str]:
    return [name for name, value in block.items() if value is not None] if isinstance(block, dict) else []


def default(props: Props) -> Iterator[Fault]:
    """What happens to a request that no rule decides: one of two."""
    block = props.get("defaultAction")
    if isinstance(block, dict) and not unknowns(block) and len(_given(block)) != 1:
        yield "defaultAction", "give exactly one of 'allow', 'block'"


def decided(props: Props) -> Iterator[Fault]:
    """A rule has one statement; one of its own acts, one of a group is overridden."""
    for place, rule in each(props, "rules[]"):
        if not isinstance(rule, dict) or unknowns(rule):
            continue
        statement = _given(rule.get("statement"))
        if isinstance(rule.get("statement"), dict) and len(statement) != 1:
            yield f"{place}.statement", f"{len(statement)} statements, a rule has 1"
            continue
        right, wrong = (
            ("overrideAction", "action")
            if statement[:1] and statement[0] in OF_GROUPS
            else ("action", "overrideAction")
        )
        if not statement:
            continue
        if rule.get(wrong) is not None:
            yield f"{place}.{wrong}", f"is not for a rule with {statement[0]!r}: give {right!r}"
        elif rule.get(right) is None:
            yield f"{place}.{right}", f"missing required property of a rule with {statement[0]!r}"
        elif len(_given(rule[right])) != 1:
            yield f"{place}.{right}", f"{len(_given(rule[right]))} actions, a rule has 1"


LIMITS: dict[str, tuple[Check, ...]] = {
    "aws:wafv2/webAcl:WebAcl": (default, decided, once("rules", "name"), once("rules", "priority")),
}
