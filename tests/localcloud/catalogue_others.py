"""The catalogue's part for what programs bring beside the large services: network ACLs, file systems, health checks."""

from collections.abc import Callable
from typing import Any

Values = dict[str, Any]


def _entry(number: int, **more: Any) -> Values:
    return {"ruleNo": number, "action": "allow", "protocol": "tcp", "fromPort": 443, "toPort": 443} | more


OTHERS: dict[str, Callable[[Any], Values]] = {
    "ec2/networkAcl:NetworkAcl": lambda w: {
        "vpcId": w.id("ec2/vpc:Vpc"),
        "ingress": [_entry(100, cidrBlock="0.0.0.0/0")],
        "egress": [_entry(100, cidrBlock="10.0.0.0/8", protocol="-1", fromPort=0, toPort=0)],
        "subnetIds": [w.id("ec2/subnet:Subnet")],
    },
    "ec2/networkAclRule:NetworkAclRule": lambda w: {
        "networkAclId": w.id("ec2/networkAcl:NetworkAcl"),
        "ruleNumber": 200,
        "protocol": "tcp",
        "ruleAction": "deny",
        "cidrBlock": "10.9.0.0/16",
        "fromPort": 22,
        "toPort": 22,
    },
    "ec2/networkAclAssociation:NetworkAclAssociation": lambda w: {
        "networkAclId": w.id("ec2/networkAcl:NetworkAcl"),
        "subnetId": w.subnets[1],
    },
    "ec2/defaultNetworkAcl:DefaultNetworkAcl": lambda w: {
        "defaultNetworkAclId": w.out("ec2/vpc:Vpc", "defaultNetworkAclId"),
        "ingress": [_entry(100, cidrBlock="10.0.0.0/8")],
    },
}
"""Token without `aws:` -> f(world) -> inputs."""
