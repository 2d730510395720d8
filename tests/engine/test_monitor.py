"""The monitor on a stack that the real engine deployed: nothing differs, then what was planted does, and its cure
takes it away. It cannot prove that AWS answers as the stand-in does."""

import json
from typing import Any

import pytest

from tests.engine.checkout import Checkout

pytestmark = pytest.mark.engine


def verdict(checkout: Checkout, code: int) -> dict[str, Any]:
    said = checkout("monitor", "--local", "--stack", "dev", "--format", "json", code=code)
    found: dict[str, Any] = json.loads(said[said.index("{") :])
    return found


def test_before_a_deployment_the_local_cloud_says_what_is_not_there(checkout: Checkout) -> None:
    said = checkout("monitor", "--local", "--stack", "dev", "--before", "--format", "json")
    found: dict[str, Any] = json.loads(said[said.index("{") :])
    assert (found["answer"], found["unknown"]) == ("same", [])
    said = checkout("monitor", "--local", "--stack", "prod", "--before", "--format", "json", code=1)
    kinds = {(one["component"], one["kind"]) for one in json.loads(said[said.index("{") :])["differences"]}
    assert {("web", "missing_image"), ("api", "missing_image"), ("network", "quota")} <= kinds


def test_what_the_engine_deployed_runs_until_somebody_changes_it_and_again_after_the_cure(checkout: Checkout) -> None:
    checkout.up("dev")
    same = verdict(checkout, 0)
    assert (same["answer"], same["differences"], same["unknown"]) == ("same", [], [])
    named = checkout.outputs("dev")["services"]["web"]
    resource = f"service/{named['cluster']}/{named['service']}"
    checkout.client("application-autoscaling", "dev").register_scalable_target(
        ServiceNamespace="ecs", ResourceId=resource, ScalableDimension="ecs:service:DesiredCount", MaxCapacity=9
    )
    permission = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2 = checkout.client("ec2", "dev")
    ec2.authorize_security_group_ingress(GroupId=named["security_group_id"], IpPermissions=[permission])
    differs = verdict(checkout, 1)
    told = {f"{one['component']}.{one['kind']}": one for one in differs["differences"]}
    assert {key: (one["category"], one["declared"], one["running"]) for key, one in told.items()} == {
        "web.bounds": ("different", "2", "9"),
        "web.security_group": ("added", "nothing", "in from 0.0.0.0/0, tcp, port 22"),
    }
    assert told["web.bounds"]["cure"] == "accordion local up --refresh --stack dev"
    checkout.up("dev", "--refresh")
    rule = told["web.security_group"]["cure"].split()[-1]
    ec2.revoke_security_group_ingress(GroupId=named["security_group_id"], SecurityGroupRuleIds=[rule])
    assert verdict(checkout, 0)["answer"] == "same"
