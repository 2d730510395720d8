"""What the services and groups of a stack share: alarms, mute rules, security groups, listeners, certificates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from operations.declared import (
    ALARM,
    COMPOSITE_ALARM,
    DEFAULT_GROUP,
    EGRESS,
    HIDDEN,
    INGRESS,
    LISTENER,
    LISTENER_CERTIFICATE,
    LISTENER_RULE,
    MUTE_RULE,
    SECURITY_GROUP,
    Part,
    delegated,
)
from operations.live.answers import Items, Unanswered, moment
from operations.live.calls import (
    CERTIFICATE,
    COMPOSITE_ALARMS,
    LISTENER_RULES,
    LISTENERS,
    MUTE_RULES,
    SECURITY_GROUP_RULES,
    Call,
)
from operations.live.calls import MUTE_RULE as MUTE_RULE_CALL
from operations.monitor.comparison import Findings, Stack, aws
from operations.monitor.rules import alarms_by_name

EXPIRES_WITHIN = 30
"""Days before its end in which a certificate is told (AWS Security Hub, control ACM.1)."""
_FILTER = 200
"""Values that a filter of EC2 takes (API reference, Filter)."""
_ALARM = (
    ("comparisonOperator", "ComparisonOperator"),
    ("datapointsToAlarm", "DatapointsToAlarm"),
    ("evaluationPeriods", "EvaluationPeriods"),
    ("metricName", "MetricName"),
    ("namespace", "Namespace"),
    ("period", "Period"),
    ("statistic", "Statistic"),
    ("extendedStatistic", "ExtendedStatistic"),
    ("threshold", "Threshold"),
    ("treatMissingData", "TreatMissingData"),
)
"""Declared properties of an alarm, and AWS's members."""
_RULE = (
    ("ipProtocol", "IpProtocol"),
    ("fromPort", "FromPort"),
    ("toPort", "ToPort"),
    ("cidrIpv4", "CidrIpv4"),
    ("cidrIpv6", "CidrIpv6"),
    ("prefixListId", "PrefixListId"),
)


def check_alarms(stack: Stack, parts: Sequence[Part], findings: Findings) -> None:
    """Declared alarms of one component."""
    every = sorted(_alarm_name(part) for part in stack.declared.of(ALARM))
    live = alarms_by_name(stack, every)
    for part in parts:
        name, wanted = _alarm_name(part), part.properties
        alarm = live.get(name)
        if alarm is None:
            findings.add("alarm", name, "alarm", "as declared", "deleted", stack.up())
            continue
        for declared, member in _ALARM:
            if wanted.get(declared) is not None:
                findings.compare("alarm", name, declared, wanted[declared], alarm.get(member), stack.up())
        if wanted.get("dimensions"):
            dimensions = {one["Name"]: one["Value"] for one in alarm.get("Dimensions") or []}
            findings.compare("alarm", name, "dimensions", wanted["dimensions"], dimensions, stack.up())
        _compare_actions(stack, name, wanted, alarm, findings)


def _compare_actions(
    stack: Stack, name: str, wanted: Mapping[str, Any], alarm: Mapping[str, Any], findings: Findings
) -> None:
    """Whom an alarm tells, and whether it does."""
    enabled = wanted.get("actionsEnabled")
    declared_on = True if enabled is None else enabled
    findings.compare("alarm", name, "actions", declared_on, alarm.get("ActionsEnabled", True), stack.up())
    for declared, member in (("alarmActions", "AlarmActions"), ("okActions", "OKActions")):
        has = sorted(alarm.get(member) or [])
        findings.compare("alarm", name, declared, sorted(wanted.get(declared) or []), has, stack.up())


def check_composite_alarms(stack: Stack, parts: Sequence[Part], findings: Findings) -> None:
    """Declared composite alarms of one component: those that page."""
    every = sorted(str(part.properties["alarmName"]) for part in stack.declared.of(COMPOSITE_ALARM))
    found = stack.ask(COMPOSITE_ALARMS, AlarmNames=every, AlarmTypes=["CompositeAlarm"])
    live = {alarm["AlarmName"]: alarm for alarm in found}
    for part in parts:
        name = str(part.properties["alarmName"])
        if name not in live:
            findings.add("alarm", name, "alarm", "as declared", "deleted", stack.up())
            continue
        rule = live[name].get("AlarmRule")
        findings.compare("alarm", name, "rule", part.properties.get("alarmRule"), rule, stack.up())
        _compare_actions(stack, name, part.properties, live[name], findings)


def _alarm_name(part: Part) -> str:
    return str(part.properties.get("name") or part.id)


def check_mute_rules(stack: Stack, scaling: Mapping[str, str], findings: Mapping[str, Findings]) -> None:
    """Mute rules over alarms that scale; `scaling`: alarm to component, `findings`: by component."""
    if not scaling:
        return
    known = {part.properties.get("name") or part.id for part in stack.declared.of(MUTE_RULE)}
    for brief in stack.ask(MUTE_RULES, Statuses=["ACTIVE", "SCHEDULED"]):
        name = str(brief["AlarmMuteRuleArn"]).rpartition(":")[2]
        if name in known:
            continue
        for rule in stack.ask(MUTE_RULE_CALL, AlarmMuteRuleName=name):
            muted: dict[str, list[str]] = {}
            for alarm in (rule.get("MuteTargets") or {}).get("AlarmNames") or []:
                if alarm in scaling:
                    muted.setdefault(scaling[alarm], []).append(alarm)
            for component, alarms in muted.items():
                said = f"{rule.get('Status', brief.get('Status'))}, silences {', '.join(alarms)}: the rule does not act"
                cure = aws("cloudwatch", "delete-alarm-mute-rule", "--alarm-mute-rule-name", name)
                findings[component].add("mute_rule", name, "mute rule", None, said, cure, "added")


def check_security_groups(stack: Stack, parts: Sequence[Part], findings: Findings) -> None:
    """Rules of the security groups of one component."""
    every = sorted(part.id for part in stack.declared.of(SECURITY_GROUP, DEFAULT_GROUP))
    live: Items = []
    for start in range(0, len(every), _FILTER):
        wanted = [{"Name": "group-id", "Values": every[start : start + _FILTER]}]
        live += stack.ask(SECURITY_GROUP_RULES, Filters=wanted)
    own = {part.id for part in parts}
    declared = {
        part.id: part for part in stack.declared.of(INGRESS, EGRESS) if part.properties.get("securityGroupId") in own
    }
    inline = {part.id for part in parts if part.properties.get("ingress") or part.properties.get("egress")}
    found = {rule["SecurityGroupRuleId"]: rule for rule in live if rule["GroupId"] in own - inline}
    findings.compared += len(found)
    for number, part in declared.items():
        group = str(part.properties["securityGroupId"])
        rule = found.pop(number, None)
        if rule is None:
            findings.add("security_group", group, f"rule {part.name}", "as declared", "deleted", stack.up())
            continue
        for wanted_name, member in _RULE:
            findings.compare(
                "security_group",
                group,
                f"{part.name} {wanted_name}",
                _port(part, wanted_name),
                _live_port(rule, member),
                stack.up(),
            )
        source = part.properties.get("referencedSecurityGroupId")
        running = (rule.get("ReferencedGroupInfo") or {}).get("GroupId")
        findings.compare("security_group", group, f"{part.name} source", source, running, stack.up())
    for number, rule in found.items():
        command = "revoke-security-group-egress" if rule.get("IsEgress") else "revoke-security-group-ingress"
        cure = aws("ec2", command, "--group-id", rule["GroupId"], "--security-group-rule-ids", number)
        findings.add("security_group", rule["GroupId"], f"rule {number}", None, _rule_words(rule), cure, "added")


def _port(part: Part, name: str) -> Any:
    return (
        _no_port(part.properties.get(name), part.properties.get("ipProtocol"))
        if name.endswith("Port")
        else part.properties.get(name)
    )


def _live_port(rule: Mapping[str, Any], member: str) -> Any:
    return _no_port(rule.get(member), rule.get("IpProtocol")) if member.endswith("Port") else rule.get(member)


def _no_port(port: Any, protocol: Any) -> Any:
    """All protocols have no ports, which AWS writes as -1 and a program leaves out."""
    return None if str(protocol) == "-1" or port == -1 else port


def _rule_words(rule: Mapping[str, Any]) -> str:
    low, high = rule.get("FromPort", -1), rule.get("ToPort", -1)
    ports = "all ports" if low == -1 else f"port {low}" if low == high else f"ports {low} to {high}"
    other = (
        rule.get("CidrIpv4")
        or rule.get("CidrIpv6")
        or rule.get("PrefixListId")
        or (rule.get("ReferencedGroupInfo") or {}).get("GroupId")
    )
    protocol = "every protocol" if rule.get("IpProtocol") == "-1" else rule.get("IpProtocol")
    return f"{'out to' if rule.get('IsEgress') else 'in from'} {other}, {protocol}, {ports}"


def _gradual(stack: Stack) -> tuple[Literal["gradual_deployment"], ...]:
    """Whether ECS rewrites actions in this stack, in the words of the delegated fields."""
    return ("gradual_deployment",) if any(one.gradual for one in stack.declared.components.values()) else ()


def _live(stack: Stack, call: Call, part: Part, what: str, findings: Findings, **asked: Any) -> dict[str, Any] | None:
    """A listener or one of its rules; told where it is gone."""
    found = stack.there(call, **asked)
    if not found:
        findings.add("gone", part.id, what, "as declared", "deleted", stack.up())
    return found[0] if found else None


def check_listeners(stack: Stack, parts: Sequence[Part], findings: Findings) -> None:
    """Listeners of one component, but for what ECS rewrites while it shifts traffic."""
    owned = delegated(LISTENER, _gradual(stack))
    for part in parts:
        listener = _live(stack, LISTENERS, part, "listener", findings, ListenerArns=[part.id])
        if listener is None:
            continue
        wanted = part.properties
        certificates = [one.get("CertificateArn") for one in listener.get("Certificates") or []]
        for name, member in (("port", "Port"), ("protocol", "Protocol"), ("sslPolicy", "SslPolicy")):
            if wanted.get(name) is not None:
                findings.compare("listener", part.name, name, wanted[name], listener.get(member), stack.up())
        certificate = wanted.get("certificateArn")
        if certificate is not None and certificate != HIDDEN:
            running = certificate if certificate in certificates else certificates
            findings.compare("listener", part.name, "certificateArn", certificate, running, stack.up())
        if "defaultActions" not in owned:
            _compare_actions_of(stack, part, "defaultActions", listener.get("DefaultActions") or [], findings)


def check_listener_rules(stack: Stack, parts: Sequence[Part], findings: Findings) -> None:
    """Rules of listeners: priority, conditions, and actions where ECS does not rewrite these."""
    owned = delegated(LISTENER_RULE, _gradual(stack))
    for part in parts:
        rule = _live(stack, LISTENER_RULES, part, "listener rule", findings, RuleArns=[part.id])
        if rule is None:
            continue
        if part.properties.get("priority") is not None:
            wanted = part.properties["priority"]
            findings.compare("listener", part.name, "priority", wanted, rule.get("Priority"), stack.up())
        both = sorted(_conditions(part.properties.get("conditions"))), sorted(_conditions(rule.get("Conditions")))
        findings.compare("listener", part.name, "conditions", *both, stack.up())
        if "actions" not in owned:
            _compare_actions_of(stack, part, "actions", rule.get("Actions") or [], findings)


def _compare_actions_of(
    stack: Stack, part: Part, name: str, live: Sequence[Mapping[str, Any]], findings: Findings
) -> None:
    declared, running = sorted(_leads_to(part.properties.get(name) or [])), sorted(_leads_to(live))
    findings.compare("listener", part.name, "action", declared, running, stack.up())


def _conditions(conditions: Sequence[Mapping[str, Any]] | None) -> Iterator[str]:
    """Conditions in both spellings: `path-pattern: /api/*`."""
    for condition in conditions or ():
        for name, value in condition.items():
            if name == "Field" or not isinstance(value, Mapping):
                continue
            plain = {key[:1].lower() + key[1:]: one for key, one in value.items()}
            words = re.sub(r"(?<=[a-z])([A-Z])", lambda found: f"-{found[1].lower()}", name.removesuffix("Config"))
            values = [one if isinstance(one, str) else str(sorted(one.items())) for one in plain.get("values") or ()]
            header = [plain["httpHeaderName"]] if plain.get("httpHeaderName") else []
            yield f"{words[:1].lower()}{words[1:]}: {', '.join([*header, *sorted(values)])}"


def _leads_to(actions: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What actions do, in both spellings: a forward by its groups, any other by its type."""
    for action in actions:
        lowered = {name[:1].lower() + name[1:]: value for name, value in action.items()}
        forward = {
            name[:1].lower() + name[1:]: value
            for name, value in (lowered.get("forward") or lowered.get("forwardConfig") or {}).items()
        }
        groups = [
            one.get("arn") or one.get("TargetGroupArn") or one.get("targetGroupArn")
            for one in forward.get("targetGroups") or []
        ]
        named = sorted({str(arn) for arn in (*groups, lowered.get("targetGroupArn")) if arn})
        yield from named or [str(lowered.get("type"))]


def check_certificates(stack: Stack, parts: Sequence[Part], findings: Findings) -> None:
    """Certificates of the listeners of one component."""
    arns = {str(part.properties["certificateArn"]) for part in parts if part.properties.get("certificateArn")}
    for arn in sorted(arns):
        compare_certificate(stack, arn, findings, in_use=True)


def compare_certificate(stack: Stack, arn: str, findings: Findings, *, in_use: bool) -> None:
    """One certificate: issued, and not near its end.

    One that is in use cannot be deleted (API_DeleteCertificate): where ACM knows it not, ACM is not whole, as on the
    cloud on this machine.
    """
    short = arn.rpartition(":")[2]
    if ":acm:" not in arn:
        return  # of IAM: it has no state that is asked here
    try:
        found = stack.ask(CERTIFICATE, CertificateArn=arn)
    except Unanswered as missing:
        if missing.why != "gone":
            raise
        if in_use:
            findings.remarks.append(
                f"{findings.component}: {short} is in use, and ACM has none of that name: not judged"
            )
            return
        findings.add(
            "certificate", short, "certificate", "issued", "there is none", "name another certificate in the stack file"
        )
        return
    certificate = found[0]
    look = aws("acm", "describe-certificate", "--certificate-arn", arn)
    findings.compared += 1
    if certificate.get("Status") not in ("ISSUED", None):
        findings.add("certificate", short, "status", "ISSUED", certificate["Status"], f"see why: {look}")
        return
    ends = moment(certificate.get("NotAfter"))
    days = (ends - stack.now).total_seconds() / 86_400 if ends else None
    if ends is None or days is None or days > EXPIRES_WITHIN:
        return
    said = f"ended on {ends:%Y-%m-%d}" if days <= 0 else f"ends on {ends:%Y-%m-%d}, in {days:.0f} days"
    imported = certificate.get("Type") == "IMPORTED"
    cure = (
        aws("acm", "import-certificate", "--certificate-arn", arn)
        if imported
        else f"see why it was not renewed: {look}"
    )
    findings.add("certificate", short, "end", f"more than {EXPIRES_WITHIN} days away", said, cure)


OF_A_COMPONENT = (
    ("alarms", (ALARM,), check_alarms),
    ("composite alarms", (COMPOSITE_ALARM,), check_composite_alarms),
    ("security groups", (SECURITY_GROUP, DEFAULT_GROUP), check_security_groups),
    ("listeners", (LISTENER,), check_listeners),
    ("listener rules", (LISTENER_RULE,), check_listener_rules),
    ("certificates", (LISTENER, LISTENER_CERTIFICATE), check_certificates),
)
"""What is compared of each component, by the types of the parts that are handed over."""
