"""Plans and states of Terraform whole, with all that `terraform show -json` and a state file write around what scales: our
own words, names and numbers, in the forms in which public ones are.

| sample | form | seen in | licence |
|---|---|---|---|
| `SERVICE_MODULE` | plan, format 1.2: a module in a module with `count` and `for_each`, no id known | terraform-aws-modules/terraform-aws-ecs, `modules/service` | Apache-2.0 |
| `GROUP_MODULE` | plan, format 1.2: a group named by prefix, policies of four kinds, alarms beside them | terraform-aws-modules/terraform-aws-autoscaling | Apache-2.0 |
| `IMPORTED` | state file, version 4, as an import of what ran writes it | state files that stand in public repositories (attributes and their empty values) | format alone |
| `SHOWN` | state, format 1.0: data sources, outputs, empty texts and zeros where nothing is set | OPA's Terraform tutorial and shown states in public repositories | format alone |
"""

from __future__ import annotations

from typing import Any

_PROVIDER = "registry.terraform.io/hashicorp/aws"
_ECS = {"service_namespace": "ecs", "scalable_dimension": "ecs:service:DesiredCount"}


def _address(module: str, kind: str, name: str, index: Any) -> str:
    shown = "" if index is None else f'["{index}"]' if isinstance(index, str) else f"[{index}]"
    return f"{module}{'.' if module else ''}{kind}.{name}{shown}"


def _planned(
    kind: str, name: str, values: dict[str, Any], unknown: dict[str, Any], module: str = "", index: Any = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A resource of `planned_values`, and its row of `resource_changes`."""
    address = _address(module, kind, name, index)
    same = {"address": address, "mode": "managed", "type": kind, "name": name}
    same |= {} if index is None else {"index": index}
    change = {"actions": ["create"], "before": None, "after": values, "after_unknown": {"id": True, **unknown}}
    return (
        {
            **same,
            "provider_name": _PROVIDER,
            "schema_version": 0,
            "values": values,
            "sensitive_values": {"tags_all": {}},
        },
        {
            **same,
            **({"module_address": module} if module else {}),
            "provider_name": _PROVIDER,
            "change": {**change, "before_sensitive": False, "after_sensitive": {"tags_all": {}}},
        },
    )


def _refers(*references: str) -> dict[str, Any]:
    return {"references": list(references)}


def _configured(kind: str, name: str, /, **expressions: Any) -> dict[str, Any]:
    return {
        "address": f"{kind}.{name}",
        "mode": "managed",
        "type": kind,
        "name": name,
        "provider_config_key": "aws",
        "expressions": expressions,
        "schema_version": 0,
        "count_expression": _refers("var.create"),
    }


def _plan(root: list[Any], children: list[dict[str, Any]], changes: list[Any], configuration: dict[str, Any]) -> Any:
    return {
        "format_version": "1.2",
        "terraform_version": "1.9.8",
        "variables": {"environment": {"value": "prod"}},
        "planned_values": {
            "outputs": {"cluster_name": {"sensitive": False}},
            "root_module": {"resources": root, "child_modules": children},
        },
        "resource_changes": changes,
        "output_changes": {"cluster_name": {"actions": ["create"], "before": None, "after_unknown": True}},
        "prior_state": {
            "format_version": "1.0",
            "values": {
                "root_module": {
                    "resources": [
                        {"address": "data.aws_region.here", "mode": "data", "type": "aws_region", "name": "here", "values": {"name": "eu-west-1"}}
                    ]
                }
            },
        },
        "configuration": {
            "provider_config": {"aws": {"name": "aws", "full_name": _PROVIDER, "version_constraint": ">= 5.85"}},
            "root_module": configuration,
        },
        "relevant_attributes": [{"resource": "module.cluster.aws_ecs_cluster.this[0]", "attribute": ["name"]}],
        "timestamp": "2026-11-02T08:15:00Z",
        "complete": True,
        "errored": False,
    }  # fmt: skip


def _tracking(metric: str, target: float, **rest: Any) -> dict[str, Any]:
    return {
        "target_value": target,
        "disable_scale_in": False,
        "predefined_metric_specification": [{"predefined_metric_type": metric, "resource_label": None}],
        "customized_metric_specification": [],
        **rest,
    }


_SERVICE = "module.shop.module.service"
_SERVICE_ROWS = [
    _planned("aws_ecs_service", "this", {
        "name": "shop", "desired_count": 3, "launch_type": "FARGATE", "capacity_provider_strategy": [], "deployment_maximum_percent": 200,
        "deployment_minimum_healthy_percent": 66, "health_check_grace_period_seconds": None, "load_balancer": [{"container_name": "shop", "container_port": 8080, "elb_name": ""}],
        "scheduling_strategy": "REPLICA", "wait_for_steady_state": None,
    }, {"cluster": True, "task_definition": True, "load_balancer": [{"target_group_arn": True}]}, _SERVICE, 0),
    _planned("aws_ecs_task_definition", "this", {
        "family": "shop", "cpu": "1024", "memory": "4096", "network_mode": "awsvpc", "requires_compatibilities": ["FARGATE"],
        "runtime_platform": [{"cpu_architecture": "X86_64", "operating_system_family": "LINUX"}], "volume": [],
    }, {"arn": True, "revision": True, "execution_role_arn": True}, _SERVICE, 0),
    _planned("aws_appautoscaling_target", "this", {**_ECS, "min_capacity": 3, "max_capacity": 24, "tags": None, "tags_all": {}, "suspended_state": []},
        {"arn": True, "resource_id": True, "role_arn": True}, _SERVICE, 0),
    *(_planned("aws_appautoscaling_policy", "this", {**_ECS, "name": name, "policy_type": "TargetTrackingScaling", "step_scaling_policy_configuration": [], "predictive_scaling_policy_configuration": [],
        "target_tracking_scaling_policy_configuration": [_tracking(metric, target, scale_in_cooldown=300, scale_out_cooldown=60)]},
        {"arn": True, "alarm_arns": True, "resource_id": True}, _SERVICE, name)
      for name, metric, target in (("cpu", "ECSServiceAverageCPUUtilization", 65), ("memory", "ECSServiceAverageMemoryUtilization", 75))),
    _planned("aws_appautoscaling_policy", "this", {**_ECS, "name": "requests", "policy_type": "TargetTrackingScaling", "step_scaling_policy_configuration": [],
        "target_tracking_scaling_policy_configuration": [_tracking("ALBRequestCountPerTarget", 900, scale_in_cooldown=300, scale_out_cooldown=30) | {"predefined_metric_specification": [{"predefined_metric_type": "ALBRequestCountPerTarget"}]}]},
        {"arn": True, "resource_id": True, "target_tracking_scaling_policy_configuration": [{"predefined_metric_specification": [{"resource_label": True}]}]}, _SERVICE, "requests"),
    *(_planned("aws_appautoscaling_scheduled_action", "this", {**_ECS, "name": name, "schedule": schedule, "timezone": "Europe/Paris", "start_time": None, "end_time": end,
        "scalable_target_action": [{"min_capacity": str(least), "max_capacity": str(most)}]}, {"arn": True, "resource_id": True}, _SERVICE, name)
      for name, schedule, least, most, end in (("open", "cron(30 6 ? * MON-SAT *)", 6, 24, None), ("sale", "at(2026-11-27T05:00:00)", 12, 40, None))),
]  # fmt: skip
_LOCAL_ROWS = [
    _planned("aws_appautoscaling_target", "jobs", {**_ECS, "min_capacity": 1, "max_capacity": 4}, {"resource_id": True}),
    _planned("aws_appautoscaling_policy", "jobs", {**_ECS, "name": "jobs-cpu", "policy_type": "TargetTrackingScaling", "step_scaling_policy_configuration": [],
        "target_tracking_scaling_policy_configuration": [_tracking("ECSServiceAverageCPUUtilization", 50)]}, {"resource_id": True}),
]  # fmt: skip
SERVICE_MODULE: Any = _plan(
    [one for one, _ in _LOCAL_ROWS],
    [{"address": "module.shop", "child_modules": [{"address": _SERVICE, "resources": [one for one, _ in _SERVICE_ROWS]}]}],
    [row for _, row in (*_LOCAL_ROWS, *_SERVICE_ROWS)],
    {
        "resources": [
            _configured("aws_appautoscaling_target", "jobs", resource_id=_refers("local.jobs_id"), min_capacity={"constant_value": 1}),
            _configured("aws_appautoscaling_policy", "jobs", resource_id=_refers("local.jobs_id")),
        ],
        "module_calls": {"shop": {"source": "./modules/application", "expressions": {"cluster_arn": _refers("module.cluster.arn", "module.cluster")}, "module": {
            "module_calls": {"service": {"source": "terraform-aws-modules/ecs/aws//modules/service", "version_constraint": "~> 5.12", "expressions": {"cluster_arn": _refers("var.cluster_arn")}, "module": {"resources": [
                _configured("aws_ecs_service", "this", task_definition=_refers("aws_ecs_task_definition.this[0].arn", "aws_ecs_task_definition.this[0]", "aws_ecs_task_definition.this"), load_balancer=[{"target_group_arn": _refers("var.load_balancer")}]),
                _configured("aws_appautoscaling_target", "this", resource_id=_refers("local.cluster_name", "aws_ecs_service.this[0].name", "aws_ecs_service.this[0]", "aws_ecs_service.this", "aws_ecs_service.ignore_task_definition[0].name", "aws_ecs_service.ignore_task_definition[0]", "aws_ecs_service.ignore_task_definition")),
                _configured("aws_appautoscaling_policy", "this", resource_id=_refers("aws_appautoscaling_target.this[0].resource_id", "aws_appautoscaling_target.this[0]", "aws_appautoscaling_target.this"), name=_refers("each.key")),
                _configured("aws_appautoscaling_scheduled_action", "this", resource_id=_refers("aws_appautoscaling_target.this[0].resource_id", "aws_appautoscaling_target.this[0]", "aws_appautoscaling_target.this")),
            ]}}},
        }}},
    },
)  # fmt: skip
"""A service of the module, and one whose id is a local value, which no plan holds."""

_GROUP = "module.fleet"


def _group_policy(name: str, values: dict[str, Any], unknown: dict[str, Any] | None = None) -> Any:
    empty = {"adjustment_type": None, "cooldown": None, "enabled": True, "estimated_instance_warmup": None, "min_adjustment_magnitude": None, "scaling_adjustment": None,
             "step_adjustment": [], "target_tracking_configuration": [], "predictive_scaling_configuration": []}  # fmt: skip
    later = {"arn": True, "autoscaling_group_name": True, "metric_aggregation_type": True, **(unknown or {})}
    later = {key: value for key, value in later.items() if key not in values}
    return _planned("aws_autoscaling_policy", "this", {**empty, "name": name, **values}, later, _GROUP, name)


def _alarm(
    name: str, comparison: str, threshold: float, values: dict[str, Any], unknown: dict[str, Any] | None = None
) -> Any:
    known = {"dimensions": {}, "alarm_name": name, "comparison_operator": comparison, "threshold": threshold, "evaluation_periods": 3, "period": 60, "statistic": "Average", "metric_name": "CPUUtilization",
             "namespace": "AWS/EC2", "actions_enabled": True, "datapoints_to_alarm": None, "extended_statistic": None, "metric_query": [], "threshold_metric_id": None, "treat_missing_data": "missing",
             "unit": None, "ok_actions": None, "insufficient_data_actions": None}  # fmt: skip
    return _planned(
        "aws_cloudwatch_metric_alarm",
        name,
        {**known, **values},
        {"alarm_actions": True, **(unknown or {"dimensions": {"AutoScalingGroupName": True}})},
    )


_GROUP_ROWS = [
    _planned("aws_launch_template", "this", {"instance_type": "m7i.large", "name_prefix": "fleet-", "update_default_version": True}, {"arn": True, "name": True, "latest_version": True}, _GROUP, 0),
    _planned("aws_autoscaling_group", "this", {
        "name_prefix": "fleet-", "min_size": 2, "max_size": 20, "desired_capacity": 4, "default_cooldown": None, "default_instance_warmup": 180, "capacity_rebalance": None, "health_check_type": "ELB",
        "initial_lifecycle_hook": [{"name": "Warm", "lifecycle_transition": "autoscaling:EC2_INSTANCE_LAUNCHING", "default_result": "CONTINUE", "heartbeat_timeout": 240, "notification_metadata": None}],
        "instance_refresh": [], "launch_configuration": None, "launch_template": [{"version": "$Default"}], "mixed_instances_policy": [], "protect_from_scale_in": True,
        "suspended_processes": ["AZRebalance", "ScheduledActions"], "target_group_arns": None, "vpc_zone_identifier": ["subnet-0a", "subnet-0b", "subnet-0c"],
        "warm_pool": [{"min_size": 2, "pool_state": "Stopped", "max_group_prepared_capacity": None, "instance_reuse_policy": []}],
    }, {"arn": True, "name": True, "launch_template": [{"id": True, "name": True}], "availability_zones": True}, _GROUP, 0),
    _group_policy("track", {"policy_type": "TargetTrackingScaling", "estimated_instance_warmup": 240, "target_tracking_configuration": [_tracking("ASGAverageCPUUtilization", 45)]}),
    _group_policy("off", {"policy_type": "TargetTrackingScaling", "enabled": False, "target_tracking_configuration": [_tracking("ASGAverageCPUUtilization", 20)]}),
    _group_policy("out", {"policy_type": "StepScaling", "adjustment_type": "PercentChangeInCapacity", "min_adjustment_magnitude": 2, "metric_aggregation_type": "Maximum", "estimated_instance_warmup": 90, "step_adjustment": [
        {"metric_interval_lower_bound": "0", "metric_interval_upper_bound": "15", "scaling_adjustment": 25},
        {"metric_interval_lower_bound": "15", "metric_interval_upper_bound": "", "scaling_adjustment": 50}]}),
    _group_policy("back", {"policy_type": "StepScaling", "adjustment_type": "ChangeInCapacity", "step_adjustment": [{"metric_interval_lower_bound": None, "metric_interval_upper_bound": "0", "scaling_adjustment": -2}]}),
    _group_policy("far", {"policy_type": "StepScaling", "adjustment_type": "ChangeInCapacity", "step_adjustment": [{"metric_interval_lower_bound": "0", "metric_interval_upper_bound": None, "scaling_adjustment": 1}]}),
    _group_policy("in", {"policy_type": "SimpleScaling", "adjustment_type": "ChangeInCapacity", "scaling_adjustment": -1, "cooldown": 300}),
    _group_policy("ahead", {"policy_type": "PredictiveScaling", "predictive_scaling_configuration": [{"mode": "ForecastAndScale", "scheduling_buffer_time": "300", "max_capacity_breach_behavior": "IncreaseMaxCapacity", "max_capacity_buffer": "10",
        "metric_specification": [{"target_value": 45, "predefined_metric_pair_specification": [{"predefined_metric_type": "ASGCPUUtilization", "resource_label": ""}], "predefined_load_metric_specification": [], "predefined_scaling_metric_specification": [],
            "customized_capacity_metric_specification": [], "customized_load_metric_specification": [], "customized_scaling_metric_specification": []}]}]}),
    _planned("aws_autoscaling_schedule", "this", {"scheduled_action_name": "night", "min_size": 1, "max_size": -1, "desired_capacity": -1, "recurrence": "0 21 * * 1-5", "time_zone": "Europe/Paris", "start_time": None, "end_time": None},
        {"arn": True, "autoscaling_group_name": True}, _GROUP, "night"),
    _alarm("busy", "GreaterThanOrEqualToThreshold", 70, {}),
    _alarm("idle", "LessThanThreshold", 20, {"evaluation_periods": 20}),
    _alarm("spread", "GreaterThanThreshold", 90, {"dimensions": None}, {"dimensions": True}),
    _alarm("empty", "LessThanThreshold", 5, {"evaluation_periods": 15}),
    _planned("aws_autoscaling_lifecycle_hook", "drain", {"name": "drain", "lifecycle_transition": "autoscaling:EC2_INSTANCE_TERMINATING"}, {}),
    _planned("aws_autoscaling_attachment", "web", {"elb": None}, {"lb_target_group_arn": True}),
    _planned("aws_autoscalingplans_scaling_plan", "all", {"name": "all", "application_source": [{"tag_filter": [{"key": "app", "values": ["fleet"]}]}], "scaling_instruction": [{"max_capacity": 8, "min_capacity": 1}]}, {}),
]  # fmt: skip
_THE_GROUP = ("aws_autoscaling_group.idc[0].name", "aws_autoscaling_group.idc[0]", "aws_autoscaling_group.idc", "aws_autoscaling_group.this[0].name", "aws_autoscaling_group.this[0]", "aws_autoscaling_group.this")  # fmt: skip


def _calls(alarm: str, policy: str) -> dict[str, Any]:
    return _configured(
        "aws_cloudwatch_metric_alarm",
        alarm,
        alarm_actions=_refers(f'module.fleet.policies["{policy}"].arn', f'module.fleet.policies["{policy}"]', "module.fleet.policies", "module.fleet"),
        dimensions=_refers("module.fleet.group_name", "module.fleet"),
    )  # fmt: skip


GROUP_MODULE: Any = _plan(
    [one for one, _ in _GROUP_ROWS if not one["address"].startswith("module.")],
    [{"address": _GROUP, "resources": [one for one, _ in _GROUP_ROWS if one["address"].startswith("module.")]}],
    [row for _, row in _GROUP_ROWS],
    {
        "resources": [_calls("busy", "out"), _calls("idle", "in"), _calls("empty", "back"), _calls("spread", "far")],
        "module_calls": {"fleet": {"source": "terraform-aws-modules/autoscaling/aws", "version_constraint": "~> 8.0", "module": {
            "outputs": {"policies": {"expression": _refers("aws_autoscaling_policy.this")}, "group_name": {"expression": _refers(*_THE_GROUP)}},
            "resources": [
                _configured("aws_autoscaling_group", "this", launch_template=[{"id": _refers("local.launch_template_id"), "version": _refers("local.launch_template_version")}]),
                _configured("aws_autoscaling_policy", "this", autoscaling_group_name=_refers("var.ignore_desired_capacity_changes", *_THE_GROUP)),
                _configured("aws_autoscaling_schedule", "this", autoscaling_group_name=_refers("var.ignore_desired_capacity_changes", *_THE_GROUP)),
            ],
        }}},
    },
)  # fmt: skip
"""A group with what a rules file has words for, and what it has none for."""


def _kept(kind: str, name: str, *attributes: dict[str, Any]) -> dict[str, Any]:
    return {
        "mode": "managed",
        "type": kind,
        "name": name,
        "provider": f'provider["{_PROVIDER}"]',
        "instances": [
            {"schema_version": 0, "attributes": one, "sensitive_attributes": [], "private": "bnVsbA==", "dependencies": ["aws_ecs_cluster.tfer--main"]}
            for one in attributes
        ],
    }  # fmt: skip


_RUNS = "service/main-cluster/market-app"
_POLICY = "arn:aws:autoscaling:ap-south-1:123456789012:scalingPolicy:00000000-0000-0000-0000-000000000001"
_KEPT_POLICY = {"adjustment_type": "ChangeInCapacity", "autoscaling_group_name": "EC2ContainerService-main-1", "cooldown": 300, "enabled": True, "estimated_instance_warmup": 0,
                "metric_aggregation_type": "", "min_adjustment_magnitude": 0, "policy_type": "SimpleScaling", "predictive_scaling_configuration": [], "step_adjustment": [], "target_tracking_configuration": []}  # fmt: skip
_KEPT_ALARM = {"actions_enabled": True, "alarm_description": "", "datapoints_to_alarm": 0, "dimensions": {"AutoScalingGroupName": "EC2ContainerService-main-1"}, "evaluate_low_sample_count_percentiles": "", "extended_statistic": "",
               "insufficient_data_actions": [], "metric_name": "CPUUtilization", "metric_query": [], "namespace": "AWS/EC2", "ok_actions": [], "period": 60, "statistic": "Average", "threshold_metric_id": "", "treat_missing_data": "missing", "unit": ""}  # fmt: skip
IMPORTED: dict[str, Any] = {
    "version": 4, "terraform_version": "1.5.7", "serial": 41, "lineage": "00000000-0000-0000-0000-000000000002",
    "outputs": {"cluster": {"value": "main-cluster", "type": "string"}},
    "resources": [
        {"mode": "data", "type": "aws_ecs_task_definition", "name": "app", "provider": f'provider["{_PROVIDER}"]', "instances": [{"schema_version": 0, "attributes": {"arn": "arn:task:5", "family": "market-app", "revision": 5}, "sensitive_attributes": []}]},
        _kept("aws_appautoscaling_policy", "app_cpu", *({
            **_ECS, "arn": f"{_POLICY}:resource/ecs/{_RUNS}:policyName/{name}", "id": name, "name": name, "policy_type": "TargetTrackingScaling", "resource_id": _RUNS, "step_scaling_policy_configuration": [],
            "target_tracking_scaling_policy_configuration": [{"customized_metric_specification": [], "disable_scale_in": False, "predefined_metric_specification": [{"predefined_metric_type": metric, "resource_label": ""}],
                "scale_in_cooldown": 300, "scale_out_cooldown": 80, "target_value": 75}]} for name, metric in (("market-app-cpu-tt", "ECSServiceAverageCPUUtilization"), ("market-app-mem-tt", "ECSServiceAverageMemoryUtilization")))),
        _kept("aws_appautoscaling_target", "app", {**_ECS, "id": _RUNS, "resource_id": _RUNS, "min_capacity": 1, "max_capacity": 5, "role_arn": "arn:aws:iam::123456789012:role/x", "suspended_state": [{"dynamic_scaling_in_suspended": False, "dynamic_scaling_out_suspended": True, "scheduled_scaling_suspended": False}]}),
        _kept("aws_autoscaling_group", "tfer--EC2ContainerService-002D-main-002D-1", {
            "name": "EC2ContainerService-main-1", "arn": "arn:group", "availability_zones": ["ap-south-1a", "ap-south-1b"], "default_cooldown": 300, "default_instance_warmup": 0, "desired_capacity": 1, "min_size": 1, "max_size": 3,
            "initial_lifecycle_hook": [], "launch_configuration": "", "launch_template": [{"id": "lt-1", "name": "main", "version": "$Latest"}], "mixed_instances_policy": [], "protect_from_scale_in": False, "suspended_processes": [], "warm_pool": [], "vpc_zone_identifier": ["subnet-1", "subnet-2"]}),
        _kept("aws_autoscaling_policy", "scale-up", {**_KEPT_POLICY, "arn": f"{_POLICY}:up", "name": "main-scaleup", "scaling_adjustment": 1}),
        _kept("aws_autoscaling_policy", "scale-down", {**_KEPT_POLICY, "arn": f"{_POLICY}:down", "name": "main-scaledown", "scaling_adjustment": -1}),
        _kept("aws_cloudwatch_metric_alarm", "high", {**_KEPT_ALARM, "alarm_name": "main-high", "alarm_actions": [f"{_POLICY}:up"], "comparison_operator": "GreaterThanOrEqualToThreshold", "evaluation_periods": 2, "threshold": 80}),
        _kept("aws_cloudwatch_metric_alarm", "low", {**_KEPT_ALARM, "alarm_name": "main-low", "alarm_actions": [f"{_POLICY}:down"], "comparison_operator": "LessThanOrEqualToThreshold", "evaluation_periods": 5, "threshold": 10}),
    ],
    "check_results": None,
}  # fmt: skip
"""A service and a group with simple scaling, named as they were made by hand."""


def _shown(kind: str, name: str, values: dict[str, Any], mode: str = "managed") -> dict[str, Any]:
    address = f"{'data.' if mode == 'data' else ''}{kind}.{name}"
    return {"address": address, "mode": mode, "type": kind, "name": name, "provider_name": _PROVIDER, "schema_version": 1, "values": values,
            "sensitive_values": {"tags": {}}, "depends_on": ["aws_vpc.main"]}  # fmt: skip


SHOWN: dict[str, Any] = {
    "format_version": "1.0",
    "terraform_version": "1.6.6",
    "values": {
        "outputs": {"url": {"sensitive": False, "value": "http://example.org", "type": "string"}},
        "root_module": {"resources": [
            _shown("aws_ami", "linux", {"id": "ami-1"}, "data"),
            _shown("aws_autoscaling_group", "web", {"name": "web-asg", "min_size": 2, "max_size": 6, "default_instance_warmup": 0, "availability_zones": ["us-east-1a", "us-east-1b"], "protect_from_scale_in": False,
                "launch_template": [{"id": "lt-1", "name": "web", "version": "3"}], "mixed_instances_policy": [], "suspended_processes": None, "warm_pool": [], "initial_lifecycle_hook": []}),
            _shown("aws_launch_template", "web", {"id": "lt-1", "instance_type": "t3.small", "name": "web"}),
            _shown("aws_autoscaling_policy", "cpu", {"name": "web-cpu", "arn": "arn:cpu", "autoscaling_group_name": "web-asg", "policy_type": "TargetTrackingScaling", "adjustment_type": "", "cooldown": 0, "enabled": True,
                "estimated_instance_warmup": 300, "metric_aggregation_type": "", "min_adjustment_magnitude": 0, "predictive_scaling_configuration": [], "scaling_adjustment": 0, "step_adjustment": [],
                "target_tracking_configuration": [{"customized_metric_specification": [], "disable_scale_in": False, "predefined_metric_specification": [{"predefined_metric_type": "ASGAverageCPUUtilization", "resource_label": ""}], "target_value": 60}]}),
            _shown("aws_cloudwatch_metric_alarm", "told", {**_KEPT_ALARM, "alarm_name": "told", "alarm_actions": ["arn:aws:sns:us-east-1:123456789012:alerts"], "comparison_operator": "GreaterThanThreshold", "evaluation_periods": 2, "period": 300, "threshold": 80}),
        ]},
    },
}  # fmt: skip
"""A group that runs, and an alarm that calls people alone."""

SOURCES: dict[str, Any] = {
    "service module": SERVICE_MODULE,
    "group module": GROUP_MODULE,
    "imported": IMPORTED,
    "shown": SHOWN,
}
