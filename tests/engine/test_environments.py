"""An environment that ends, with the real engine: made, listed by the expiry in its state, its teardown killed on the way
and finished by the next run, what its tag alone knows listed until it is gone. Cannot prove anything of AWS's own index of
tags, which lists some deleted things for a while."""

import json
import signal
from typing import Any

import pytest

from tests.engine.checkout import Checkout

pytestmark = pytest.mark.engine


def listed(checkout: Checkout, which: str = "list") -> list[dict[str, Any]]:
    said = checkout("environments", which, "--local", "--format", "json")
    found: list[dict[str, Any]] = json.loads(said[said.index("{") :])["environments"]
    return found


def test_an_environment_is_made_and_taken_down_however_often_it_is_killed(checkout: Checkout) -> None:
    checkout("environments", "create", "pr-7", "--local", "--lifetime", "0s")
    (one,) = listed(checkout, "expired")
    assert (one["stack"], one["persist"], one["expired"]) == ("pr-7", False, True)
    assert one["resources"] == sum(
        not each["type"].startswith("pulumi:") for each in checkout.exported("pr-7") if each.get("custom")
    )
    expires = one["expires"].replace("+00:00", "Z")
    assert checkout.outputs("pr-7")["expires"] == expires

    ec2 = checkout.client("ec2", "dev")
    own = [{"Key": "application", "Value": "accordion"}, {"Key": "stack", "Value": "pr-7"}]
    (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "tag:stack", "Values": ["pr-7"]}])["Vpcs"]
    assert {"Key": "expires", "Value": expires} in vpc["Tags"]
    tags = [{"ResourceType": "volume", "Tags": own}]
    volume = ec2.create_volume(AvailabilityZone="eu-central-1a", Size=1, TagSpecifications=tags)["VolumeId"]

    teardown = checkout.start("environments", "destroy", "--expired", "--local")
    assert teardown.stdout is not None
    for line in teardown.stdout:
        if "deleted" in line:
            break
    teardown.send_signal(signal.SIGKILL)
    teardown.communicate(timeout=120)

    said = checkout("environments", "destroy", "--expired", "--local", code=1)
    assert "0 gone, 1 left" in said
    arn = f"arn:aws:ec2:eu-central-1:123456789012:volume/{volume}"
    assert [line.strip() for line in said.splitlines() if "arn:" in line] == [arn], said
    assert [one["resources"] for one in listed(checkout)] == [0]
    ec2.delete_volume(VolumeId=volume)
    assert "1 gone: pr-7" in checkout("environments", "destroy", "--expired", "--local")
    assert listed(checkout) == []
    assert not ec2.describe_vpcs(Filters=[{"Name": "tag:stack", "Values": ["pr-7"]}])["Vpcs"]
