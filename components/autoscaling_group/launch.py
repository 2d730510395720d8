"""The launch template: what one instance is.

Source: API CreateLaunchTemplate; Security Hub AutoScaling.3 (IMDSv2), EC2.7 (encryption); ECS agent configuration.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_aws.ec2 import (
    LaunchTemplateArgs,
    LaunchTemplateBlockDeviceMappingArgs,
    LaunchTemplateBlockDeviceMappingEbsArgs,
    LaunchTemplateIamInstanceProfileArgs,
    LaunchTemplateMetadataOptionsArgs,
    LaunchTemplateMonitoringArgs,
    LaunchTemplateTagSpecificationArgs,
)

from components.specs.autoscaling_group import AutoscalingGroupSpec

Tags = Mapping[str, pulumi.Input[str]]


def launch_template(
    spec: AutoscalingGroupSpec,
    *,
    profile_arn: pulumi.Input[str],
    security_group_id: pulumi.Input[str],
    disk_key_arn: pulumi.Input[str] | None,
    cluster_name: pulumi.Input[str] | None,
    own_tags: Tags,
    launch_tags: Tags,
) -> LaunchTemplateArgs:
    """Inputs of the launch template; instances and volumes get `launch_tags`."""
    disk = spec.disk
    return LaunchTemplateArgs(
        image_id=spec.image_reference,
        instance_type=None if spec.mixed else spec.instance_types[0],
        user_data=user_data(spec, cluster_name),
        iam_instance_profile=LaunchTemplateIamInstanceProfileArgs(arn=profile_arn),
        vpc_security_group_ids=[security_group_id],
        metadata_options=LaunchTemplateMetadataOptionsArgs(
            http_endpoint="enabled",
            http_tokens="required",
            http_put_response_hop_limit=2 if spec.containers else 1,
        ),
        monitoring=LaunchTemplateMonitoringArgs(enabled=spec.detailed_monitoring),
        block_device_mappings=[
            LaunchTemplateBlockDeviceMappingArgs(
                device_name=disk.device,
                ebs=LaunchTemplateBlockDeviceMappingEbsArgs(
                    volume_type="gp3",
                    volume_size=disk.size,
                    iops=disk.iops,
                    throughput=disk.throughput,
                    encrypted="true",
                    kms_key_id=disk_key_arn,
                    delete_on_termination="true",
                ),
            )
        ],
        tag_specifications=[
            LaunchTemplateTagSpecificationArgs(resource_type=kind, tags=launch_tags) for kind in ("instance", "volume")
        ],
        update_default_version=True,
        tags=own_tags,
    )


def user_data(spec: AutoscalingGroupSpec, cluster_name: pulumi.Input[str] | None) -> pulumi.Output[str] | None:
    """The first boot's script in base64; a container instance joins its cluster before anything else."""
    if cluster_name is None:
        return pulumi.Output.from_input(_encoded(spec.user_data)) if spec.user_data else None
    return pulumi.Output.from_input(cluster_name).apply(lambda name: _encoded(_joining(spec, name)))


def _joining(spec: AutoscalingGroupSpec, cluster: str) -> str:
    settings = {"ECS_CLUSTER": cluster}
    if spec.purchase.spot:
        settings["ECS_ENABLE_SPOT_INSTANCE_DRAINING"] = "true"
    if spec.warm_pool is not None:
        settings["ECS_WARM_POOLS_CHECK"] = "true"
    joins = [f"echo {key}={value} >> /etc/ecs/ecs.config" for key, value in settings.items()]
    shebang, _, rest = spec.user_data.partition("\n")
    return "\n".join([shebang or "#!/bin/bash", *joins, *([rest] if rest else [])]) + ("" if rest else "\n")


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def instance_choice(spec: AutoscalingGroupSpec, template_id: Any, version: Any) -> dict[str, Any]:
    """The group's launch template, alone or under a mixed-instances policy; always by a version number, so that a
    changed template starts a refresh (terraform-aws-autoscaling#155)."""
    if not spec.mixed:
        return {"launch_template": {"id": template_id, "version": version}}
    if spec.attributes is not None:
        overrides: list[dict[str, Any]] = [{"instance_requirements": _requirements(spec)}]
    else:
        overrides = [{"instance_type": kind} for kind in spec.instance_types]
    purchase = spec.purchase
    return {
        "mixed_instances_policy": {
            "launch_template": {
                "launch_template_specification": {"launch_template_id": template_id, "version": version},
                "overrides": overrides,
            },
            "instances_distribution": {
                "on_demand_base_capacity": purchase.on_demand_base,
                "on_demand_percentage_above_base_capacity": 100 - round(purchase.spot),
                "on_demand_allocation_strategy": purchase.on_demand_allocation,
                "spot_allocation_strategy": purchase.spot_allocation,
            },
        }
    }


def _requirements(spec: AutoscalingGroupSpec) -> dict[str, Any]:
    wanted = spec.attributes
    if wanted is None:
        return {}
    requirements: dict[str, Any] = {
        "vcpu_count": {"min": wanted.vcpus.minimum, "max": wanted.vcpus.maximum},
        "memory_mib": {"min": wanted.memory.minimum, "max": wanted.memory.maximum},
        "burstable_performance": wanted.burstable,
        "instance_generations": list(wanted.generations),
        "cpu_manufacturers": list(wanted.manufacturers),
        "excluded_instance_types": list(wanted.excluded),
    }
    without_nothing = {key: value for key, value in requirements.items() if value != []}
    for size in ("vcpu_count", "memory_mib"):
        without_nothing[size] = {key: value for key, value in requirements[size].items() if value is not None}
    return without_nothing
