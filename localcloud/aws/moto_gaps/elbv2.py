"""Gaps of moto's Elastic Load Balancing: refusals of the real service, and ids that are the same at each replay."""

import contextlib
import importlib
import re
from typing import Any, Final

from moto.acm.models import acm_backends
from moto.elb.exceptions import CertificateNotFoundException
from moto.elbv2.models import ELBv2Backend, FakeListener, FakeTargetGroup, elbv2_backends
from moto.elbv2.responses import ELBV2Response
from moto.elbv2.ssl_policies import SSL_POLICIES

from localcloud.aws.moto_gaps._patching import Refusal, replace
from localcloud.aws.moto_gaps.ec2_routing import has_internet_gateway

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

KINDS: Final = {"network": "net", "gateway": "gwy"}
"""How the ARNs of other balancers than application balancers name their kind."""

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
    """Refuse unknown security groups, an application balancer in one zone, two subnets of a zone, a name in use, two
    networks, and an open balancer in a network without a way out."""
    ids = [*subnet_ids, *(mapping["SubnetId"] for mapping in subnet_mappings or [])]
    _check_network(self, ids, scheme or "internet-facing")
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
    balancer = original(
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
    _name_kind(self, balancer, loadbalancer_type)
    return balancer


def _name_kind(backend: ELBv2Backend, balancer: Any, loadbalancer_type: str | None) -> None:
    """An ARN says which kind of balancer it is of; moto's are all of application balancers."""
    kind = KINDS.get(loadbalancer_type or "")
    if kind is None:
        return
    former, balancer.arn = balancer.arn, balancer.arn.replace(":loadbalancer/app/", f":loadbalancer/{kind}/")
    backend.load_balancers[balancer.arn] = backend.load_balancers.pop(former)
    tags = backend.tagging_service.list_tags_for_resource(former)["Tags"]
    backend.tagging_service.delete_all_tags_for_resource(former)
    backend.tagging_service.tag_resource(balancer.arn, tags)


def _check_network(backend: ELBv2Backend, subnets: list[str], scheme: str) -> None:
    found = [backend.ec2_backend.get_subnet(subnet) for subnet in subnets]
    networks = sorted({subnet.vpc_id for subnet in found if subnet})
    if len(networks) > 1:
        raise Refusal(
            "InvalidConfigurationRequest", f"All subnets must belong to the same VPC: '{', '.join(networks)}'"
        )
    if networks and scheme == "internet-facing" and not has_internet_gateway(backend.ec2_backend, networks[0]):
        raise Refusal("InvalidSubnet", f"VPC {networks[0]} has no internet gateway")


@replace(ELBv2Backend)
def set_subnets(original: Any, self: Any, arn: str, subnets: list[str], subnet_mappings: list[dict[str, Any]]) -> Any:
    """Refuse subnets of another network than the balancer's."""
    balancer = self.load_balancers.get(arn)
    ids = [*subnets, *(mapping["SubnetId"] for mapping in subnet_mappings)]
    if balancer:
        _check_network(self, [*ids, *(getattr(s, "id", s) for s in balancer.subnets)], balancer.scheme)
    return original(self, arn, subnets, subnet_mappings)


OF_APPLICATIONS: Final = ("HTTP", "HTTPS")
FORWARDED: Final = {
    "TCP": ("TCP", "TCP_UDP"), "TLS": ("TCP", "TLS"), "UDP": ("UDP", "TCP_UDP"), "TCP_UDP": ("TCP_UDP",),
}  # fmt: skip
"""Protocols of the target groups that a network balancer's listener forwards to, by the listener's own."""


def _check_targets(backend: Any, balancer: Any, protocol: str | None, actions: list[dict[str, Any]]) -> None:
    """Refuse target groups that do not fit a balancer: by protocol, network, or because another one has them."""
    for action in actions:
        for arn in backend._get_target_group_arns_from(action_data=action):
            group = backend.target_groups.get(arn)
            if group is None:
                continue
            _check_protocols(balancer, protocol, group)
            if group.vpc_id and group.vpc_id != balancer.vpc_id:
                raise Refusal(
                    "InvalidConfigurationRequest",
                    f"The following target groups are in a different VPC than load balancer '{balancer.arn}': {arn}",
                )
            if any(other is not balancer and arn in forwards_to(backend, other) for other in _balancers(backend)):
                raise Refusal(
                    "TargetGroupAssociationLimit",
                    f"The following target groups cannot be associated with more than one load balancer: {arn}",
                )


def _check_protocols(balancer: Any, protocol: str | None, group: Any) -> None:
    own = group.protocol
    if own is None or balancer.type == "gateway":
        return
    by_application = own in OF_APPLICATIONS
    if by_application != (balancer.type in (None, "application")):
        raise Refusal(
            "InvalidConfigurationRequest",
            f"Target group '{group.arn}' has the protocol {own}, which is not supported with a load balancer of type "
            f"{balancer.type or 'application'}",
        )
    if not by_application and protocol in FORWARDED and own not in FORWARDED[protocol]:
        raise Refusal(
            "InvalidConfigurationRequest",
            f"Listener protocol '{protocol}' is not supported with a target group with the protocol '{own}'",
        )


def _balancers(backend: Any) -> list[Any]:
    return list(backend.load_balancers.values())


def forwards_to(backend: Any, balancer: Any) -> set[str]:
    """The target groups that a balancer's listeners and rules forward to."""
    rules = [rule for listener in balancer.listeners.values() for rule in listener.rules.values()]
    actions = [action.data for rule in rules for action in rule.actions]
    return {arn for data in actions for arn in backend._get_target_group_arns_from(action_data=data)}


@replace(ELBv2Backend)
def create_rule(
    original: Any,
    self: Any,
    listener_arn: str,
    conditions: Any,
    priority: int,
    actions: Any,
    *more: Any,
    **keywords: Any,
) -> Any:
    """Refuse target groups that do not fit the balancer."""
    _check_targets(self, *_place_of(self, listener_arn), actions)
    return original(self, listener_arn, conditions, priority, actions, *more, **keywords)


@replace(ELBv2Backend)
def modify_rule(original: Any, self: Any, rule_arn: str, conditions: Any, actions: Any) -> Any:
    """Refuse target groups that do not fit the balancer."""
    rules = self.describe_rules(listener_arn=None, rule_arns=[rule_arn])
    if rules and actions:
        _check_targets(self, *_place_of(self, rules[0].listener_arn), actions)
    return original(self, rule_arn, conditions, actions)


def _place_of(backend: Any, listener_arn: str) -> tuple[Any, str | None]:
    listener = backend.describe_listeners(None, [listener_arn])[0]
    return backend.load_balancers[listener.load_balancer_arn], listener.protocol


@replace(FakeTargetGroup)
def health_for(original: Any, self: Any, target: dict[str, Any], ec2_backend: Any) -> Any:
    """A target that no listener sends anything to is not used, and nobody checks its health."""
    found = original(self, target, ec2_backend)
    backend = elbv2_backends[ec2_backend.account_id][ec2_backend.region_name]
    if found.status == "healthy" and not backend._any_listener_using(self.arn):
        found.status, found.reason = "unused", "Target.NotInUse"
        found.description = "Target group is not configured to receive traffic from the load balancer"
    return found


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
    if balancer:
        _check_targets(self, balancer, protocol, arguments[0] if arguments else keywords["actions"])
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
    _check_targets(
        self.elbv2_backend,
        balancer,
        parameters.get("Protocol", listener.protocol),
        parameters.get("DefaultActions", []),
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


REGEX: Final = {
    "host-header": "HostHeaderConfig",
    "path-pattern": "PathPatternConfig",
    "http-header": "HttpHeaderConfig",
}
"""Conditions that take regular expressions in the place of values."""
LONGEST_REGEX: Final = 128


@replace(ELBv2Backend)
def _validate_conditions(original: Any, self: Any, conditions: Any) -> None:
    """Take regular expressions, whose condition has no values: moto asks for them."""
    left = []
    for condition in conditions:
        member = REGEX.get(condition.get("Field"), "")
        texts = condition.get("RegexValues") or (condition.get(member) or {}).get("RegexValues")
        if not texts:
            left.append(condition)
            continue
        if condition.get("Values") or (condition.get(member) or {}).get("Values"):
            raise Refusal("ValidationError", "You cannot specify both Values and RegexValues in a condition")
        if any(len(text) > LONGEST_REGEX for text in texts):
            raise Refusal("ValidationError", f"A regular expression is longer than {LONGEST_REGEX} characters")
    original(self, left)
