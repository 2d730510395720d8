"""Gaps of moto's Elastic Load Balancing: refusals of the real service, and ids that are the same at each replay."""

import contextlib
import importlib
import re
from typing import Any, Final

from moto.acm.models import acm_backends
from moto.elb.exceptions import CertificateNotFoundException
from moto.elbv2.models import ELBv2Backend, FakeListener
from moto.elbv2.responses import ELBV2Response
from moto.elbv2.ssl_policies import SSL_POLICIES

from localcloud.aws.moto_gaps._patching import Refusal, replace

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

SECURE: Final = frozenset({"HTTPS", "TLS"})
"""Listener protocols that need a certificate and a TLS policy."""


@replace(FakeListener)
def __init__(original: Any, self: Any, *arguments: Any, **keywords: Any) -> None:  # noqa: N807 - the method's name
    """The default rule's ARN ends in a memory address; take the listener's own id."""
    original(self, *arguments, **keywords)
    rule = self._default_rule[0]
    rule.arn = f"{rule.arn.rpartition('/')[0]}/{self.arn.rpartition('/')[2]}"


@replace(ELBv2Backend)
def _certificate_exists(original: Any, self: Any, certificate_arn: str) -> bool:
    """Take a certificate of this account and region as made elsewhere, unless it was issued and deleted here.

    A program names what it makes by its output; an ARN that this cloud never issued was written down by hand, for
    something outside of the program, which on AWS is there.
    """
    if original(self, certificate_arn):
        return True
    place = f"arn:{self.partition}:acm:{self.region_name}:{self.account_id}:certificate/"
    deleted = vars(acm_backends[self.account_id][self.region_name]).get("deleted_here", ())
    well_formed = certificate_arn.startswith(place) and _UUID.fullmatch(certificate_arn[len(place) :])
    return bool(well_formed) and certificate_arn not in deleted


@replace(importlib.import_module("moto.elbv2.models"))
def register_certificate(original: Any, *arguments: Any, **keywords: Any) -> None:
    """Tell a certificate who uses it; one made elsewhere is not here to be told (its existence was checked before)."""
    with contextlib.suppress(CertificateNotFoundException):
        original(*arguments, **keywords)


@replace(ELBv2Backend)
def create_load_balancer(
    original: Any,
    self: Any,
    name: str,
    security_groups: list[str],
    subnet_ids: list[str],
    subnet_mappings: list[dict[str, str]] | None = None,
    scheme: str = "internet-facing",
    loadbalancer_type: str | None = None,
    *arguments: Any,
    **keywords: Any,
) -> Any:
    """Refuse unknown security groups, an application balancer in one zone, two subnets of a zone, a name in use."""
    ids = [*subnet_ids, *(mapping["SubnetId"] for mapping in subnet_mappings or [])]
    zones = [subnet.availability_zone for subnet in map(self.ec2_backend.get_subnet, ids) if subnet]
    if (loadbalancer_type or "application") == "application" and len(set(zones)) < 2:
        raise Refusal("ValidationError", "At least two subnets in two different Availability Zones must be specified")
    if len(zones) != len(set(zones)):
        raise Refusal(
            "InvalidConfigurationRequest",
            "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
        )
    _known_groups(self, security_groups)
    for stranger in _of_another_network(self, security_groups, ids):
        raise Refusal(
            "InvalidConfigurationRequest",
            f"One or more security groups are invalid: {stranger} is not in the network of the subnets",
        )
    if any(balancer.name == name for balancer in self.load_balancers.values()):
        raise Refusal(
            "DuplicateLoadBalancerName",
            f"A load balancer with the same name '{name}' exists, but with different settings",
        )
    return original(
        self,
        name,
        _groups_or_default(self, security_groups, ids, loadbalancer_type),
        subnet_ids,
        subnet_mappings,
        scheme or "internet-facing",
        loadbalancer_type,
        *arguments,
        **keywords,
    )


def _known_groups(backend: ELBv2Backend, groups: list[str]) -> None:
    for group in groups or []:
        if not backend.ec2_backend.get_security_group_from_id(group):
            raise Refusal("InvalidSecurityGroup", f"One or more security groups are invalid: {group} does not exist")


def _of_another_network(backend: ELBv2Backend, groups: list[str], subnets: list[str]) -> list[str]:
    ec2: Any = backend.ec2_backend
    network = ec2.get_subnet(subnets[0]).vpc_id if subnets else None
    return [group for group in groups or [] if network and ec2.get_security_group_from_id(group).vpc_id != network]


def _groups_or_default(backend: ELBv2Backend, groups: list[str], subnets: list[str], kind: str | None) -> list[str]:
    if groups or (kind or "application") != "application":
        return groups
    ec2: Any = backend.ec2_backend
    return [ec2.get_default_security_group(ec2.get_subnet(subnets[0]).vpc_id).id]


@replace(ELBv2Backend)
def delete_load_balancer(original: Any, self: Any, arn: str) -> None:
    """Refuse a balancer that is protected from deletion."""
    balancer = self.load_balancers.get(arn)
    if balancer and str(balancer.attrs.get("deletion_protection.enabled")).lower() == "true":
        raise Refusal(
            "OperationNotPermitted", f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled"
        )
    original(self, arn)


@replace(ELBv2Backend)
def create_listener(
    original: Any,
    self: Any,
    load_balancer_arn: str,
    protocol: str,
    port: int,
    ssl_policy: str,
    certificate: str | None,
    *arguments: Any,
    **keywords: Any,
) -> Any:
    """Refuse a second listener on a port, a made-up TLS policy, and HTTPS or TLS without a certificate that exists."""
    balancer = self.load_balancers.get(load_balancer_arn)
    if any(str(listener.port) == str(port) for listener in (balancer.listeners.values() if balancer else ())):
        raise Refusal(
            "DuplicateListener",
            f"A listener already exists on this port for this load balancer '{load_balancer_arn}'",
        )
    if protocol in SECURE:
        _check_certificate(self, certificate)
        _check_policy(ssl_policy)
    listener = original(self, load_balancer_arn, protocol, port, ssl_policy, certificate, *arguments, **keywords)
    if protocol not in SECURE:
        listener.ssl_policy = None
    return listener


@replace(ELBV2Response)
def modify_listener(original: Any, self: Any) -> Any:
    """Refuse a made-up TLS policy in AWS's words, and a port that another listener has; serve TLS and UDP too."""
    parameters = self._get_params()
    listener = self.elbv2_backend.describe_listeners(None, [parameters["ListenerArn"]])[0]
    balancer = self.elbv2_backend.load_balancers[listener.load_balancer_arn]
    others = [other for other in balancer.listeners.values() if other is not listener]
    if any(str(other.port) == str(parameters.get("Port")) for other in others):
        raise Refusal(
            "DuplicateListener", f"A listener already exists on this port for this load balancer '{balancer.arn}'"
        )
    if "SslPolicy" in parameters:
        _check_policy(parameters["SslPolicy"])
    if parameters.get("Protocol", listener.protocol) in SECURE:
        certificates = [c["CertificateArn"] for c in parameters.get("Certificates", [])] or listener.certificates
        _check_certificate(self.elbv2_backend, certificates[0] if certificates else None)
        if not listener.ssl_policy and "SslPolicy" not in parameters:
            listener.ssl_policy = "ELBSecurityPolicy-2016-08"
    answer = original(self)
    changed = answer.result["Listeners"][0]
    if changed.protocol not in SECURE:
        changed.ssl_policy, changed.certificate, changed.certificates = None, None, []
    return answer


def _check_policy(name: str) -> None:
    if name not in SSL_POLICIES:
        raise Refusal("SSLPolicyNotFound", f"SSL policy '{name}' not found")


def _check_certificate(backend: ELBv2Backend, certificate: str | None) -> None:
    if not certificate:
        raise Refusal("ValidationError", "A certificate must be specified for secure listeners")
    if not backend._certificate_exists(certificate):
        raise Refusal("CertificateNotFound", f"Certificate '{certificate}' not found")
