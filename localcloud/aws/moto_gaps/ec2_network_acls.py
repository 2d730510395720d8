"""Gaps of moto's network ACLs: names that lead nowhere, what AWS keeps, types of ICMP, subnets that are gone."""

from typing import Any

from moto.ec2.exceptions import DependencyViolationError
from moto.ec2.models import EC2Backend
from moto.ec2.models.network_acls import NetworkAcl
from moto.ec2.responses.network_acls import NetworkACLs

from localcloud.aws.moto_gaps._patching import Refusal, replace

EVERYTHING_ELSE = 32767


@replace(EC2Backend)
def delete_network_acl(original: Any, self: Any, network_acl_id: str) -> Any:
    """Refuse the default one: it goes with its network."""
    if self.get_network_acl(network_acl_id).default:
        raise Refusal("InvalidParameterValue", f"cannot delete default network ACL {network_acl_id}")
    return original(self, network_acl_id)


@replace(EC2Backend)
def create_network_acl(original: Any, self: Any, vpc_id: str, tags: Any = None, default: bool = False) -> NetworkAcl:
    """Every ACL ends with an entry each way that denies the rest; in moto the default one alone."""
    acl: NetworkAcl = original(self, vpc_id, tags, default)
    if not default:
        for egress in (True, False):
            self.create_network_acl_entry(
                acl.id, EVERYTHING_ELSE, "-1", "deny", egress, "0.0.0.0/0", None, None, None, None, None
            )
    return acl


@replace(EC2Backend)
def delete_network_acl_entry(original: Any, self: Any, network_acl_id: str, rule_number: Any, egress: Any) -> Any:
    """Refuse an entry that is not there, and the last one, which stays."""
    there = [e for e in self.get_network_acl(network_acl_id).network_acl_entries if e.egress == egress]
    if rule_number == EVERYTHING_ELSE:
        raise Refusal("InvalidParameterValue", f"Value ({rule_number}) for parameter ruleNumber is invalid.")
    if rule_number not in [e.rule_number for e in there]:
        way = "egress" if egress else "ingress"
        raise Refusal(
            "InvalidNetworkAclEntry.NotFound",
            f"The {way} entry with rule number {rule_number} does not exist in network ACL {network_acl_id}",
        )
    return original(self, network_acl_id, rule_number, egress)


@replace(NetworkACLs)
def create_network_acl_entry(original: Any, self: Any) -> Any:
    """Refuse a number that AWS does not take; keep type and code of ICMP, which moto looks for under another name."""
    _take_icmp(self)
    if not 1 <= int(self._get_param("RuleNumber")) < EVERYTHING_ELSE:
        number = self._get_param("RuleNumber")
        raise Refusal("InvalidParameterValue", f"Value ({number}) for parameter ruleNumber is invalid.")
    return original(self)


@replace(NetworkACLs)
def replace_network_acl_entry(original: Any, self: Any) -> Any:
    """Keep type and code of ICMP."""
    _take_icmp(self)
    return original(self)


def _take_icmp(response: Any) -> None:
    found = response._get_param("IcmpTypeCode") or {}
    lookup = response._get_param

    def get(name: str, *otherwise: Any) -> Any:
        member = name.removeprefix("Icmp.")
        return found.get(member) if member != name else lookup(name, *otherwise)

    response._get_param = get


@replace(EC2Backend)
def replace_network_acl_association(original: Any, self: Any, association_id: str, network_acl_id: str) -> Any:
    """Refuse an association that is not there, and an ACL of another network."""
    acl = self.get_network_acl(network_acl_id)
    for other in self.network_acls.values():
        if association_id in other._associations:
            if other.vpc_id != acl.vpc_id:
                raise Refusal(
                    "InvalidParameterValue",
                    f"networkAcl {network_acl_id} and subnet belong to different networks",
                )
            return original(self, association_id, network_acl_id)
    raise Refusal("InvalidAssociationID.NotFound", f"The association ID '{association_id}' does not exist")


@replace(EC2Backend)
def delete_subnet(original: Any, self: Any, subnet_id: str) -> Any:
    """A subnet's association goes with it; moto keeps it, and the ACL cannot be deleted any more."""
    deleted = original(self, subnet_id)
    for acl in self.network_acls.values():
        acl._associations = {key: a for key, a in acl._associations.items() if a.subnet_id != subnet_id}
    return deleted


@replace(EC2Backend)
def delete_vpc(original: Any, self: Any, vpc_id: str) -> Any:
    """Refuse a network with ACLs that somebody made."""
    if any(acl.vpc_id == vpc_id and not acl.default for acl in self.network_acls.values()):
        raise DependencyViolationError(f"The vpc '{vpc_id}' has dependencies and cannot be deleted.")
    return original(self, vpc_id)
