"""What a container service may not be: each refusal of the spec at its place and in full.

It cannot prove that Fargate's table or CloudWatch's limits are still those that were read.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from components.specs import FARGATE_MEMORY, ContainerServiceSpec

IMAGE = {"repository": "public.ecr.aws/shop/web", "version": "1.2.0"}
RULES = {"minimum": 2, "maximum": 8, "target_tracking": {"cpu": {"metric": "cpu", "target": 55}}}
EFS = {
    "file_system_arn": "arn:aws:elasticfilesystem:eu-central-1:123456789012:file-system/fs-0123abcd",
    "path": "/media",
}


def settings(*, container: dict[str, Any] | None = None, **rest: Any) -> dict[str, Any]:
    return {"container": {"image": IMAGE, **(container or {})}, "count": 1, **rest}


def faults(given: dict[str, Any]) -> dict[str, str]:
    """Place to text."""
    with pytest.raises(ValidationError) as raised:
        ContainerServiceSpec.model_validate(given)
    return {".".join(map(str, error["loc"])): error["msg"] for error in raised.value.errors()}


IN_CONTAINER = {
    "no version": (
        {"image": {"repository": "shop/web"}},
        {"container.image.version": "missing: give `digest`, or `version` with a tag that never moves"},
    ),
    "a tag in the repository": (
        {"image": {"repository": "shop/web:1", "version": "1"}},
        {"container.image.repository": "carries a tag: put it into `version`"},
    ),
    "a moving tag": (
        {"image": {"repository": "shop/web", "version": "latest"}},
        {
            "container.image.version": "the tag latest moves, so two tasks of one service may run different code: "
            "give `digest` or an immutable version, or set `allow_mutable: true`"
        },
    ),
    "a variable twice": (
        {
            "environment": {"KEY": "x"},
            "secrets": {"KEY": "arn:aws:ssm:eu-central-1:123456789012:parameter/key"},
        },
        {"container.secrets.KEY": "the variable stands under `environment` too: keep one of them"},
    ),
    "a volume twice": (
        {"efs": {"tmp": EFS}},
        {"container.efs.tmp": "a scratch volume has the name too: choose another"},
    ),
    "a port twice": (
        {"ports": {"http": {"number": 80}, "web": {"number": 80}}},
        {"container.ports.web": "the port number is that of `http`"},
    ),
    "a stop of half a second": (
        {"stop_timeout": "500ms"},
        {"container.stop_timeout": "allowed whole seconds from 2s"},
    ),
    "health checks too fast": (
        {"health_check": {"command": ["ok"], "interval": "1s", "timeout": "90s", "start_period": "10m"}},
        {
            "container.health_check.interval": "allowed whole seconds from 5s to 300s",
            "container.health_check.timeout": "allowed whole seconds from 2s to 60s",
            "container.health_check.start_period": "allowed whole seconds from 0s to 300s",
        },
    ),
    "a directory behind an access point": (
        {"efs": {"media": {**EFS, "access_point": "fsap-0123", "root_directory": "/a"}}},
        {"container.efs.media.root_directory": "the access point has a root of its own: leave it out"},
    ),
    "a sidecar only": (
        {"essential": False},
        {"container.essential": "the main container is what the task is for: it stays essential"},
    ),
}


@pytest.mark.parametrize(("container", "expected"), IN_CONTAINER.values(), ids=IN_CONTAINER.keys())
def test_a_container_that_cannot_be_is_refused(container, expected):
    assert faults(settings(container=container)) == expected


def test_a_moving_tag_may_be_accepted_on_purpose():
    image = {"repository": "shop/web", "version": "latest", "allow_mutable": True}
    made = ContainerServiceSpec.model_validate(settings(container={"image": image}))
    assert made.container.image is not None
    assert made.container.image.reference == "shop/web:latest"


def test_a_moving_tag_beside_a_digest_is_for_people():
    image = {"repository": "shop/web", "version": "latest", "digest": f"sha256:{'a' * 64}"}
    made = ContainerServiceSpec.model_validate(settings(container={"image": image}))
    assert made.container.image is not None
    assert made.container.image.reference == f"shop/web@sha256:{'a' * 64}"


NOT_A_SECRET = ["hunter2", "arn:aws:s3:::bucket/key", "arn:aws:ssm:eu-central-1:1:parameter/x"]


@pytest.mark.parametrize("value", NOT_A_SECRET)
def test_a_secret_is_an_arn_and_its_value_is_never_printed(value):
    with pytest.raises(ValidationError) as raised:
        ContainerServiceSpec.model_validate(settings(container={"secrets": {"KEY": value}}))
    assert value not in str(raised.value)


SIDE = {"image": IMAGE}
IN_SERVICE = {
    "no count": (
        {"count": None},
        {
            "count": "missing: without `elasticity` nothing sets the number of tasks; "
            "after removing rules state the count to settle on"
        },
    ),
    "rules and a count": (
        {"elasticity": RULES},
        {"count": "the rules under `elasticity` own the count: remove one of the two"},
    ),
    "bounds alone": (
        {"count": None, "elasticity": {"minimum": 1, "maximum": 2}},
        {
            "elasticity": "bounds without a rule move nothing: add a rule, or give `count` for a service of fixed size"
        },
    ),
    "no such cpu": (
        {"cpu": 300},
        {"cpu": "Fargate has no such size, allowed 256, 512, 1024, 2048, 4096, 8192, 16384 CPU units"},
    ),
    "no such memory, small": (
        {"cpu": 256, "memory": 4096},
        {"memory": "Fargate has no such size with cpu 256, allowed 512, 1024, 2048 MiB"},
    ),
    "no such memory, large": (
        {"cpu": 8192, "memory": 18432},
        {"memory": "Fargate has no such size with cpu 8192, allowed 16384 to 61440 in steps of 4096 MiB"},
    ),
    "storage on ec2": (
        {"capacity": {"kind": "ec2"}, "ephemeral_storage": 50},
        {"ephemeral_storage": "belongs to Fargate: on EC2 the instance's disk is shared"},
    ),
    "a long stop on fargate": (
        {"container": {"image": IMAGE, "stop_timeout": "5m"}},
        {"container.stop_timeout": "Fargate waits at most 2m before it kills a container"},
    ),
    "the main container's name": (
        {"sidecars": {"application": SIDE}},
        {"sidecars.application": "is the name of the main container: choose another"},
    ),
    "waiting for nobody": (
        {"sidecars": {"agent": {**SIDE, "depends_on": {"database": "START"}}}},
        {"sidecars.agent.depends_on.database": "not another container of the task, allowed application"},
    ),
    "waiting with nobody else": (
        {"container": {"image": IMAGE, "depends_on": {"application": "START"}}},
        {
            "container.depends_on.application": "not another container of the task, "
            "allowed none: there is no other"
        },
    ),
    "waiting for health without a check": (
        {"sidecars": {"agent": {**SIDE, "depends_on": {"application": "HEALTHY"}}}},
        {
            "sidecars.agent.depends_on.application": "waits for a health check that the container does not have: "
            "declare its `health_check`"
        },
    ),
    "waiting for the end of an essential container": (
        {"container": {"image": IMAGE, "depends_on": {"migrate": "SUCCESS"}}, "sidecars": {"migrate": SIDE}},
        {
            "container.depends_on.migrate": "waits for its end, but the task stops with an essential container: "
            "set `essential: false` on migrate"
        },
    ),
    "waiting in a circle": (
        {
            "container": {"image": IMAGE, "depends_on": {"a": "START"}},
            "sidecars": {"a": {**SIDE, "depends_on": {"b": "START"}}, "b": {**SIDE, "depends_on": {"application": "START"}}},
        },
        {"container.depends_on": "waits for itself over a, b: break the circle"},
    ),
    "a port in two containers": (
        {
            "container": {"image": IMAGE, "ports": {"http": {"number": 80}}},
            "sidecars": {"proxy": {**SIDE, "ports": {"proxy": {"number": 80}}}},
        },
        {
            "sidecars.proxy.ports.proxy": "the number is taken by application: containers of a task share one address"
        },
    ),
    "one volume name for two file systems": (
        {
            "container": {"image": IMAGE, "efs": {"media": EFS}},
            "sidecars": {"reader": {**SIDE, "efs": {"media": {**EFS, "root_directory": "/other"}}}},
        },
        {"sidecars.reader.efs.media": "another container mounts something else by this name: choose another"},
    ),
    "more than the task has": (
        {
            "container": {"image": IMAGE, "cpu": 400, "memory": 900},
            "sidecars": {"agent": {**SIDE, "cpu": 200, "memory": 200}},
        },
        {
            "cpu": "the containers ask for 600, more than the task has",
            "memory": "the containers ask for 1100, more than the task has",
        },
    ),
    "exec on a read-only root": (
        {"execute_command": True},
        {
            "container.read_only_root": "ECS Exec's agent writes to the root: "
            "set `read_only_root: false` while `execute_command` is on"
        },
    ),
    "a grace below the start-up": (
        {"count": None, "elasticity": {**RULES, "unit": {"start_up": "3m"}}, "health_check_grace": "90s"},
        {
            "health_check_grace": "shorter than the unit's start-up, so tasks would be killed before they can serve "
            "(EL032): raise it or leave it out"
        },
    ),
    "a grace of half a second": ({"health_check_grace": "1500ms"}, {"health_check_grace": "allowed whole seconds"}),
    "offering what is not there": (
        {"service_connect": {"offers": {"http": 80}}},
        {"service_connect.offers.http": "not a port of the main container, allowed none: it has no ports"},
    ),
    "spot on ec2": (
        {"capacity": {"kind": "ec2", "spot_weight": 1}},
        {"capacity.spot_weight": "belongs to Fargate: on EC2 the Auto Scaling group mixes in Spot"},
    ),
    "no weight": (
        {"capacity": {"on_demand_weight": 0}},
        {"capacity.on_demand_weight": "all weights are 0: at least one must be above 0"},
    ),
    "rebalancing at 100 percent": (
        {"deployment": {"minimum_percent": 0, "maximum_percent": 100}},
        {
            "deployment.rolling.zone_rebalancing": "moves a task by starting its successor first, which a maximum of 100 percent "
            "forbids (EL072): raise `maximum_percent`, or set `zone_rebalancing: false`"
        },
    ),
    "no room to deploy": (
        {"deployment": {"maximum_percent": 100, "zone_rebalancing": False}},
        {
            "deployment.rolling.maximum_percent": "with a minimum of 100 too no task may start or stop, so no deployment can "
            "begin: raise the maximum or lower the minimum"
        },
    ),
    "times that are no minutes": (
        {"deployment": {"strategy": "canary", "bake_time": "90s", "interval": "25h"}},
        {
            "deployment.canary.bake_time": "allowed whole minutes up to 24h",
            "deployment.canary.interval": "allowed whole minutes up to 24h",
        },
    ),
    "an approval of seconds": (
        {"deployment": {"strategy": "blue_green", "approvals": {"look": {"stage": "post_scale_up", "time_limit": "90s"}}}},
        {"deployment.blue_green.approvals.look.time_limit": "allowed whole minutes from 1m to 14d"},
    ),
    "two approvals at one stage": (
        {
            "deployment": {
                "strategy": "linear",
                "approvals": {"look": {"stage": "post_scale_up"}, "again": {"stage": "post_scale_up"}},
            }
        },
        {
            "deployment.linear.approvals.again.stage": "waits where look waits already: one gate for each stage"
        },
    ),
    "a whole service": (
        {"permissions": {"all": {"actions": ["s3:*"], "resources": ["*"]}}},
        {"permissions.all.actions.0": "a whole service is more than an application needs: name the actions"},
    ),
    "an opening to nobody": (
        {"egress": {"database": {"port": 5432}}},
        {"egress.database.cidr": "give exactly one of `cidr`, `security_group` and `prefix_list`"},
    ),
    "an opening without a port": (
        {"egress": {"database": {"cidr": "10.0.0.0/8"}}},
        {"egress.database.port": "give a port with tcp and udp, none with `protocol: all`"},
    ),
    "a range that runs backwards": (
        {"egress": {"database": {"port": 90, "to_port": 80, "cidr": "10.0.0.0/8"}}},
        {"egress.database.to_port": "below `port`, or without it"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("asked", "expected"), IN_SERVICE.values(), ids=IN_SERVICE.keys())
def test_a_service_that_cannot_be_is_refused(asked, expected):
    whole = settings(**asked) if "container" not in asked else {"count": 1, **asked}
    assert faults(whole) == expected


def test_all_faults_come_at_once():
    found = faults({"container": {"image": IMAGE}, "cpu": 300, "execute_command": True})
    assert list(found) == ["cpu", "count", "container.read_only_root"]


PAIRS = [(cpu, memory) for cpu, sizes in FARGATE_MEMORY.items() for memory in sizes]


def test_fargates_table_has_every_pair():
    assert len(PAIRS) == 3 + 4 + 7 + 13 + 23 + 12 + 12
    assert {cpu: (sizes[0], sizes[-1]) for cpu, sizes in FARGATE_MEMORY.items()} == {
        256: (512, 2048),
        512: (1024, 4096),
        1024: (2048, 8192),
        2048: (4096, 16384),
        4096: (8192, 30720),
        8192: (16384, 61440),
        16384: (32768, 122880),
    }


@pytest.mark.parametrize(("cpu", "memory"), PAIRS)
def test_every_size_of_fargate_is_accepted(cpu, memory):
    assert ContainerServiceSpec.model_validate(settings(cpu=cpu, memory=memory)).memory == memory


def test_development_may_save_a_second_set_of_tasks():
    deployment = {"minimum_percent": 0, "maximum_percent": 100, "zone_rebalancing": False}
    assert ContainerServiceSpec.model_validate(settings(deployment=deployment)).deployment.maximum_percent == 100


STEPS = {
    "rolling": ({}, ()),
    "blue_green": ({}, ((100, 0),)),
    "canary": ({"percent": 2.5, "interval": "15m"}, ((2.5, 900), (100, 0))),
    "linear": ({"percent": 30, "interval": "5m"}, ((30, 300), (60, 300), (90, 300), (100, 0))),
    "linear in halves": ({"percent": 50, "interval": "1m"}, ((50, 60), (100, 0))),
}


@pytest.mark.parametrize(("name", "asked"), STEPS.items(), ids=STEPS.keys())
def test_a_strategy_says_by_which_steps_requests_shift(name, asked):
    keys, steps = asked
    deployment = {"strategy": name.split()[0], **keys}
    assert ContainerServiceSpec.model_validate(settings(deployment=deployment)).deployment.steps == steps


@given(st.integers(30, 1_000), st.integers(0, 1_440))
def test_linear_steps_are_equal_and_end_with_everything(tenths, minutes):
    deployment = {"strategy": "linear", "percent": tenths / 10, "interval": f"{minutes}m"}
    steps = ContainerServiceSpec.model_validate(settings(deployment=deployment)).deployment.steps
    shares = [step.percent for step in steps]
    assert shares[-1] == 100
    assert shares[:-1] == [round(tenths * number / 10, 1) for number in range(1, len(shares))]
    assert [step.wait for step in steps] == [minutes * 60] * (len(shares) - 1) + [0]
