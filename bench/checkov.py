"""checkov's Terraform rules over what the shipped stacks register, and why each that fails is left.

checkov reads no Pulumi. The registrations are written as Terraform: types by a table, names in snake case, lists of
objects as blocks, what another resource is known by as a reference to it. A property that Terraform knows by another
name is passed over unseen, so failures are leads and the number of passes is an upper bound.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi.runtime.mocks import MockResourceArgs

from bench import checkov_rules
from bench.checkov_rules import VERSION
from bench.terraform_names import snake, terraform_type
from stacks import compositions
from stacks.settings import load
from tests.recording import Answers, Registration, Registrations, Secret, build

ROOT = Path(__file__).parents[1]
STACKS = ("prod", "fleet")

_MAPS = frozenset({"dimensions", "options", "parameters", "tags", "tags_all", "variables"})
_BLOCKS = {
    "actions": "action",
    "attributes": "attribute",
    "capacity_provider_strategies": "capacity_provider_strategy",
    "conditions": "condition",
    "default_actions": "default_action",
    "load_balancers": "load_balancer",
    "metric_queries": "metric_query",
    "ordered_placement_strategies": "ordered_placement_strategy",
    "overrides": "override",
    "path_patterns": "path_pattern",
    "rules": "rule",
    "settings": "setting",
    "step_adjustments": "step_adjustment",
    "tags": "tag",
    "target_groups": "target_group",
    "volumes": "volume",
}
"""Lists of objects by pulumi-aws's name: Terraform's, where it is another."""


@dataclass(frozen=True)
class Left:
    """Why a rule of checkov may fail."""

    rule: str
    resources: str
    """Pattern of `type.name` as Terraform writes it."""
    reason: str


EXCEPTIONS = (
    Left("CKV2_AWS_28", "aws_lb[.].*", "a firewall is a setting (`load_balancer.web_acl_arn`), and costs"),
    Left("CKV2_AWS_62", "aws_s3_bucket[.]balancer_logs", "nobody waits for a log"),
    Left("CKV_AWS_18", "aws_s3_bucket[.]balancer_logs", "it holds logs: a log of them would need one of its own"),
    Left("CKV_AWS_144", "aws_s3_bucket[.]balancer_logs", "access logs end by age; another region does not need them"),
    Left("CKV_AWS_145", "aws_s3_bucket[.]balancer_logs", "the balancer's log delivery takes S3's own keys alone"),
    Left(
        "CKV_AWS_260",
        "aws_vpc_security_group_ingress_rule[.]balancer_in_tcp_80_everyone",
        "it redirects to https, which `redirected-listeners` demands",
    ),
    Left(
        "CKV_AWS_260",
        "aws_vpc_security_group_ingress_rule[.]shop_ingress_balancer_http",
        "false: the rule names the balancer's group, not an address",
    ),
    Left("CKV_AWS_338", "aws_cloudwatch_log_group[.]network_flow_logs", "the example's file says 90 days"),
    Left("CKV_AWS_378", "aws_lb_target_group[.].*", "TLS ends at the balancer; targets let in its group alone"),
)


def terraform(registered: Registrations) -> str:
    """The registrations of a stack as Terraform's text."""
    custom = [each for each in registered if each.custom and each.type.startswith("aws:")]
    known: dict[str, str] = {}
    for each in custom:
        identity, outputs = Answers({}).new_resource(MockResourceArgs(each.type, each.name, each.inputs, custom=True))
        for name, value in [("id", identity), *((name, outputs.get(name)) for name in ("arn", "name", "bucket"))]:
            if value:
                known.setdefault(str(value), f"{terraform_type(each.type)}.{_label(each.name)}.{name}")
    return "\n".join(_resource(each, known) for each in custom)


def _resource(each: Registration, known: Mapping[str, str]) -> str:
    own = f"{terraform_type(each.type)}.{_label(each.name)}."
    lines = _body(each.inputs, {value: at for value, at in known.items() if not at.startswith(own)}, 1)
    return "\n".join([f'resource "{terraform_type(each.type)}" "{_label(each.name)}" {{', *lines, "}", ""])


def _label(name: str) -> str:
    return re.sub(r"\W", "_", name)


def _body(values: Mapping[str, Any], known: Mapping[str, str], depth: int) -> Iterator[str]:
    indent = "  " * depth
    for name, value in values.items():
        key = snake(name)
        plain = value.value if isinstance(value, Secret) else value
        members = plain if isinstance(plain, list) else [plain]
        if plain is None or plain == []:
            continue
        if all(isinstance(each, Mapping) for each in members) and not (key in _MAPS and isinstance(plain, Mapping)):
            for each in members:
                yield f"{indent}{_BLOCKS.get(key, key)} {{"
                yield from _body(each, known, depth + 1)
                yield f"{indent}}}"
        else:
            yield f"{indent}{key} = {_value(plain, known)}"


def _value(value: Any, known: Mapping[str, str]) -> str:
    if isinstance(value, Secret):
        return _value(value.value, known)
    if isinstance(value, list):
        return f"[{', '.join(_value(each, known) for each in value)}]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_value(each, known)}" for key, each in value.items()) + " }"
    if isinstance(value, str):
        if value in known:
            return known[value]
        return json.dumps(value, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
    return json.dumps(value)


def judged(stack: str) -> dict[str, Any]:
    """checkov's report on one shipped stack."""
    settings = load(ROOT / f"Pulumi.{stack}.yaml")
    registered = build(lambda: compositions.build(settings).exports(), stack=stack)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "main.tf").write_text(terraform(registered))
        tool = [str(Path(sys.executable).with_name("uv")), "tool", "run", "--quiet", f"checkov@{VERSION}"]
        options = [
            "--directory",
            folder,
            "--framework",
            "terraform",
            "--output",
            "json",
            "--compact",
            "--skip-download",
        ]
        ran = subprocess.run([*tool, *options], capture_output=True, text=True, check=False)
    if not ran.stdout.strip():
        raise SystemExit(f"bench: checkov said nothing: {ran.stderr[-500:]}")
    report: dict[str, Any] = json.loads(ran.stdout)
    return report


def why(rule: str, resource: str) -> str | None:
    """The stated reason for which a rule may fail on a resource."""
    return next(
        (each.reason for each in EXCEPTIONS if each.rule == rule and re.fullmatch(each.resources, resource)), None
    )


def tables() -> list[tuple[str, list[list[str]]]]:
    """Passed, failed for a stated reason, and failed without; each that fails; how many rules have a guardrail."""
    met, left = checkov_rules.write()
    rules = [["rules on served types", "met by a guardrail", "left for a stated reason"]]
    rules.append([str(met + left), str(met), str(left)])
    counts = [["stack", "resources", "passed", "failed for a stated reason", "unexplained"]]
    failures = [["stack", "rule", "resource", "demand", "reason"]]
    for stack in STACKS:
        report = judged(stack)
        failed = [
            (each["check_id"], each["resource"], each["check_name"]) for each in report["results"]["failed_checks"]
        ]
        reasons = [why(rule, resource) for rule, resource, _ in failed]
        summary = report["summary"]
        counts.append(
            [
                stack,
                *map(str, (summary["resource_count"], summary["passed"], sum(map(bool, reasons)), reasons.count(None))),
            ]
        )
        failures += [
            [stack, rule, resource, demand, reason or "**none**"]
            for (rule, resource, demand), reason in sorted(zip(failed, reasons, strict=True), key=str)
        ]
    return [("", counts), ("What fails", failures), ("All rules, in `docs/checkov.md`", rules)]
