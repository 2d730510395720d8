"""Tokens and output names of the components, as snapshots.

They cannot prove that a stack's state still fits: URNs of stacks do.

A change here renames something in somebody's state or program. A token never changes; an output may be added freely,
and removing or renaming one stands under *Breaking* in the changelog.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version

import pytest
from pulumi.runtime import rpc

from components._component import output_names
from components.alarms import Alarms
from components.autoscaling_group import AutoscalingGroup
from components.configuration import Configuration
from components.container_image import ContainerImage
from components.container_service import ContainerService
from components.load_balancer import LoadBalancer
from components.log_key import LogKey
from components.network import Network

TOKENS = {
    Network: "accordion:index:Network",
    LoadBalancer: "accordion:index:LoadBalancer",
    ContainerService: "accordion:index:ContainerService",
    AutoscalingGroup: "accordion:index:AutoscalingGroup",
    Alarms: "accordion:index:Alarms",
    LogKey: "accordion:index:LogKey",
    ContainerImage: "accordion:index:ContainerImage",
    Configuration: "accordion:index:Configuration",
}
OUTPUTS = {
    ContainerImage: ("reference", "key", "tag", "repository_arn"),
    Configuration: ("environment", "secrets", "versions", "path"),
    Network: (
        "vpc_id",
        "vpc_cidr",
        "region",
        "zones",
        "account_id",
        "public_subnet_ids",
        "private_subnet_ids",
        "isolated_subnet_ids",
        "nat_addresses",
        "private_route_table_ids",
        "endpoint_security_group_id",
        "flow_log_group_name",
        "nat_metrics",
        "vpc",
    ),
    LoadBalancer: (
        "arn",
        "arn_suffix",
        "account_id",
        "dns_name",
        "zone_id",
        "url",
        "security_group_id",
        "listener_arns",
        "rule_arns",
        "target_group_arns",
        "alternate_target_group_arns",
        "resource_labels",
        "log_bucket_name",
        "metrics",
        "service_metrics",
        "load_balancer",
    ),
    ContainerService: (
        "service_name",
        "service_arn",
        "cluster_name",
        "cluster_arn",
        "task_definition_arn",
        "task_role_arn",
        "security_group_id",
        "log_group_name",
        "namespace_arn",
        "metrics",
        "declared_bounds",
        "service",
    ),
    AutoscalingGroup: (
        "group_name",
        "group_arn",
        "launch_template_id",
        "role_name",
        "security_group_id",
        "cluster_name",
        "cluster_arn",
        "capacity_provider_name",
        "metrics",
        "declared_bounds",
        "group",
    ),
    Alarms: ("alarm_names", "alarm_arns", "page_arns", "topic_arn", "pager_topic_arn", "dashboard_name"),
    LogKey: ("arn",),
}


@pytest.mark.parametrize(("component", "token"), TOKENS.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_a_token_never_changes(component, token):
    assert component.type_token == token


@pytest.mark.parametrize(("component", "names"), OUTPUTS.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_the_outputs_of_a_component_are_the_known_ones(component, names):
    assert output_names(component) == names


@pytest.mark.parametrize("component", TOKENS, ids=lambda value: value.__name__)
def test_a_component_takes_name_args_and_opts(component):
    names = component.__init__.__code__.co_varnames[: component.__init__.__code__.co_argcount]
    assert names == ("self", "name", "args", "opts")


def test_the_recording_kit_knows_the_sdk_it_stands_on():
    """The kit reads the SDK's private parts: on an update this fails first.

    Read tests/recording.py, then change the version here.
    """
    assert version("pulumi") == "3.272.0"
    assert (rpc._special_sig_key, rpc._special_secret_sig) == (
        "4dabf18193072939515e22adb298388d",
        "1b47061264138c4ac30d75fd1eb44270",
    )


WHOLE = """
import sys, warnings
warnings.simplefilter("ignore")
import components.alarms, components.autoscaling_group, components.container_service
import components.load_balancer, components.network
import pulumi_aws
found = {}
for name, module in list(sys.modules.items()):
    parts = name.split(".")
    if parts[0] == "pulumi_aws" and len(parts) == 3 and parts[2] not in ("outputs", "_inputs"):
        for each in getattr(module, "__all__", ()):
            found[parts[1], each] = hasattr(getattr(pulumi_aws, parts[1]), each)
print(len(found) > 100, sorted(key for key, whole in found.items() if not whole))
"""


def test_importing_the_components_leaves_the_sdk_whole():
    """A module of pulumi_aws whose leaf is imported first lacks that leaf's class: a user's `aws.iam.Role` would be
    gone."""
    seen = subprocess.run([sys.executable, "-c", WHOLE], capture_output=True, text=True, check=True)
    assert seen.stdout == "True []\n"
