"""`--before`: what a deployment needs, asked of AWS before it begins: images, secrets, certificates, room."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from types import MappingProxyType

from operations.declared import Declaration
from operations.live.answers import Remembered
from operations.live.calls import IMAGES, PARAMETERS, QUOTA, SECRET, SUBNETS, Call
from operations.monitor.comparison import Findings, Stack, aws, told
from operations.monitor.judge import check_account, with_reasons
from operations.monitor.shared import compare_certificate
from operations.monitor.verdict import Verdict
from stacks.compositions import Settings
from stacks.workloads import Needs, Workload, shared_needs, workloads_of

QUOTAS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "fargate_on_demand": ("fargate", "L-3032A538"),
        "fargate_spot": ("fargate", "L-36FBB829"),
        "instances_on_demand": ("ec2", "L-1216C47A"),
        "instances_spot": ("ec2", "L-34B43A08"),
    }
)
"""Service and code of the quota on vCPUs that units of a kind count against (Service Quotas: Fargate On-Demand and Spot
vCPU resource count; Running On-Demand Standard instances, All Standard Spot Instance Requests)."""
_ECR = re.compile(r"^(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/(?P<name>[^@:]+)")


def pre_flight(settings: Settings, stack: str, answers: Remembered, at: datetime.datetime) -> Verdict:
    """Compare what a stack file needs with what is there; raises CannotRun for credentials of another account."""
    declared = Declaration(stack=stack, source="state", region=settings.region or "", accounts=settings.account_ids)
    context = Stack(declared, answers, at)
    check_account(context)
    workloads = workloads_of(settings)
    found = [_of_workload(context, workload) for workload in workloads.values()]
    needs = shared_needs(settings)
    balancer, network = Findings("balancer"), Findings("network")
    for arn in needs.certificates:
        with told("certificate", balancer):
            compare_certificate(context, arn, balancer, in_use=False)
    units = sum(workload.needs.units for workload in workloads.values())
    with told("free addresses", network):
        _addresses(context, needs.subnets, units, network)
    _quotas(context, [workload.needs for workload in workloads.values()], network)
    every = [*found, balancer, network]
    differences = [one for findings in every for one in findings.differences]
    return Verdict(
        stack=stack,
        region=declared.region,
        at=at,
        declared_by="stack file",
        compared=sum(findings.compared for findings in every),
        differences=tuple(with_reasons(differences, settings.accepted_deviations)),
        unknown=tuple(one for findings in every for one in findings.unknown),
        remarks=tuple(remark for findings in every for remark in findings.remarks),
    )


def _of_workload(stack: Stack, workload: Workload) -> Findings:
    findings = compare_images(stack, workload)
    for arn in workload.needs.secrets:
        with told(f"secret {_short(arn)}", findings):
            _secret(stack, arn, findings)
    return findings


def compare_images(stack: Stack, workload: Workload) -> Findings:
    """Whether each image of a workload is in its registry, as far as ECR can be asked."""
    findings = Findings(workload.name)
    for reference in workload.needs.images:
        with told(f"image {reference}", findings):
            _image(stack, reference, findings)
    return findings


def _image(stack: Stack, reference: str, findings: Findings) -> None:
    found = _ECR.match(reference)
    if found is None:
        findings.remarks.append(f"{findings.component}: {reference} is in no registry of ECR: not looked at")
        return
    if found["region"] != stack.declared.region:
        findings.remarks.append(f"{findings.component}: {reference} is in another region: not looked at")
        return
    rest = reference[found.end() :]
    number = {"imageDigest": rest[1:]} if rest.startswith("@") else {"imageTag": rest[1:] or "latest"}
    asked = {"registryId": found["account"], "repositoryName": found["name"], "imageIds": [number]}
    cure = "push it, or name another version in the stack file"
    _there(stack, IMAGES, asked, "missing_image", reference, "image", cure, findings)


def _secret(stack: Stack, arn: str, findings: Findings) -> None:
    cure = "make it, or name another in the stack file"
    if ":ssm:" in arn:
        name = arn.partition(":parameter")[2]
        wanted = [{"Key": "Name", "Option": "Equals", "Values": [name if name.count("/") > 1 else name.lstrip("/")]}]
        findings.compared += 1
        if not stack.ask(PARAMETERS, ParameterFilters=wanted):
            findings.add("secret", _short(arn), "parameter", "there", "there is none", cure)
        return
    base = ":".join(arn.split(":")[:7])  # a JSON key, a stage and a version may follow
    found = _there(stack, SECRET, {"SecretId": base}, "secret", _short(base), "secret", cure, findings)
    if found and found[0].get("DeletedDate"):
        restore = aws("secretsmanager", "restore-secret", "--secret-id", base)
        findings.add("secret", _short(base), "secret", "there", "scheduled to be deleted", restore)


def _short(arn: str) -> str:
    return ":".join(arn.split(":")[5:])


def _there(
    stack: Stack,
    call: Call,
    asked: dict[str, object],
    kind: str,
    resource: str,
    what: str,
    cure: str,
    findings: Findings,
) -> list[dict[str, object]]:
    findings.compared += 1
    found = stack.there(call, **asked)
    if not found:
        findings.add(kind, resource, what, "there", "there is none", cure)
    return found


def _addresses(stack: Stack, subnets: tuple[str, ...], units: int, findings: Findings) -> None:
    """Free addresses against the units at the maximum: each takes one (Amazon ECS Developer Guide, awsvpc)."""
    if not subnets:
        findings.remarks.append("network: the stack makes its own subnets; `accordion check` compares their size")
        return
    found = stack.ask(SUBNETS, SubnetIds=sorted(subnets))
    free = sum(int(one["AvailableIpAddressCount"]) for one in found)
    findings.compared += 1
    if free < units:
        cure = "lower the maximum, or add subnets"
        findings.add("addresses", ", ".join(sorted(subnets)), "free addresses", f"{units} at the maximum", free, cure)


def _quotas(stack: Stack, needs: list[Needs], findings: Findings) -> None:
    """vCPUs of all units at the maximum against the account's quotas; what else runs in the account is not known."""
    wanted: dict[str, float] = {}
    for need in needs:
        for kind, vcpus in need.vcpus.items():
            wanted[kind] = wanted.get(kind, 0.0) + vcpus
    for kind, vcpus in sorted(wanted.items()):
        service, code = QUOTAS[kind]
        with told(f"quota {code}", findings):
            quota = stack.ask(QUOTA, ServiceCode=service, QuotaCode=code)[0]
            findings.compared += 1
            if float(quota["Value"]) < vcpus:
                said = f"{float(quota['Value']):g} vCPU"
                cure = aws(
                    "service-quotas", "request-service-quota-increase", "--service-code", service, "--quota-code", code,
                    "--desired-value", f"{vcpus:g}",
                )  # fmt: skip
                name = str(quota.get("QuotaName", code))
                findings.add("quota", name, "quota", f"{vcpus:g} vCPU at the maximum", said, cure)
