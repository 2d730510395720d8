"""Releases of ECS services that shift traffic, on the stand-in for AWS: stages, weights, gates, alarms, both sets of
tasks. It cannot prove that AWS shifts in these stages, or how long tasks take to start there."""

import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from localcloud.aws.played import send
from tests.localcloud.conftest import KEY, SECRET

REGION = "eu-west-1"
NOTHING: dict[str, Any] = {name: [] for name in ("metrics", "alarms", "activities", "targets", "services", "groups")}
LOOK = {"targetType": "PAUSE", "lifecycleStages": ["POST_TEST_TRAFFIC_SHIFT"]}
ROLLING = {"strategy": "ROLLING"}
STRATEGIES: dict[str, dict[str, Any]] = {
    "BLUE_GREEN": {},
    "LINEAR": {"linearConfiguration": {"stepPercent": 10.0, "stepBakeTimeInMinutes": 2}},
    "CANARY": {"canaryConfiguration": {"canaryPercent": 2.5, "canaryBakeTimeInMinutes": 15}},
}


class Service:
    """A service of two tasks with two target groups, a rule for everybody and one for testers."""

    def __init__(self, aws: Any, strategy: str, **configuration: Any) -> None:
        self.aws, self.name = aws, aws.name()
        vpc, subnets = aws.network()
        balancer = aws.elbv2.create_load_balancer(Name=self.name, Subnets=subnets)["LoadBalancers"][0]
        self.groups = [
            aws.elbv2.create_target_group(
                Name=f"{self.name}{end}", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip"
            )["TargetGroups"][0]["TargetGroupArn"]
            for end in ("", "-b")
        ]
        answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
        listener = aws.elbv2.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=[answer]
        )["Listeners"][0]["ListenerArn"]
        self.rules = [
            aws.elbv2.create_rule(
                ListenerArn=listener,
                Priority=priority,
                Conditions=[{"Field": "path-pattern", "Values": [path]}],
                Actions=[{"Type": "forward", "TargetGroupArn": self.groups[0]}],
            )["Rules"][0]["RuleArn"]
            for priority, path in ((10, "/test"), (20, "/*"))
        ]
        aws.ecs.create_cluster(clusterName=self.name)
        self.configuration = {"strategy": strategy, "bakeTimeInMinutes": 10, **STRATEGIES.get(strategy, {})}
        self.configuration |= configuration
        aws.ecs.create_service(
            cluster=self.name,
            serviceName=self.name,
            taskDefinition=self.register("1"),
            desiredCount=2,
            launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": {"subnets": subnets}},
            loadBalancers=[self.balancer(strategy)],
            deploymentConfiguration=self.configuration,
        )

    def balancer(self, strategy: str) -> dict[str, Any]:
        advanced = {
            "alternateTargetGroupArn": self.groups[1],
            "productionListenerRule": self.rules[1],
            "testListenerRule": self.rules[0],
            "roleArn": "arn:aws:iam::123456789012:role/shifts",
        }
        plain = {"targetGroupArn": self.groups[0], "containerName": "app", "containerPort": 80}
        return plain if strategy == "ROLLING" else plain | {"advancedConfiguration": advanced}

    def register(self, tag: str) -> str:
        made = self.aws.ecs.register_task_definition(
            family=self.name,
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            containerDefinitions=[{"name": "app", "image": f"shop/web:{tag}", "portMappings": [{"containerPort": 80}]}],
        )
        return str(made["taskDefinition"]["taskDefinitionArn"])

    def update(self, **members: Any) -> dict[str, Any]:
        return dict(self.aws.ecs.update_service(cluster=self.name, service=self.name, **members)["service"])

    def release(self, tag: str = "2") -> dict[str, Any]:
        self.update(taskDefinition=self.register(tag))
        return self.newest

    def later(self, minutes: float) -> dict[str, Any]:
        document = {"from": 0, "to": 0, **NOTHING, "passed": 60 * minutes}
        send(f"http://127.0.0.1:{self.aws.port}", (KEY, SECRET), REGION, document)
        return self.newest

    @property
    def newest(self) -> dict[str, Any]:
        listed = self.aws.ecs.list_service_deployments(cluster=self.name, service=self.name)["serviceDeployments"]
        arns = [listed[0]["serviceDeploymentArn"]]
        return dict(self.aws.ecs.describe_service_deployments(serviceDeploymentArns=arns)["serviceDeployments"][0])

    @property
    def now(self) -> dict[str, Any]:
        return dict(self.aws.ecs.describe_services(cluster=self.name, services=[self.name])["services"][0])

    def weights(self, rule: int = 1) -> list[int]:
        """Of the first and the second group, as the rule that ECS rewrote says."""
        (action,) = self.aws.elbv2.describe_rules(RuleArns=[self.rules[rule]])["Rules"][0]["Actions"]
        assert "TargetGroupArn" not in action, "the scalar is gone"
        found = {one["TargetGroupArn"]: one["Weight"] for one in action["ForwardConfig"]["TargetGroups"]}
        return [found[group] for group in self.groups]

    @property
    def targets(self) -> list[int]:
        """How many there are in each group."""
        return [
            len(self.aws.elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"])
            for group in self.groups
        ]

    def answer(self, action: str) -> None:
        (gate,) = [one for one in self.newest["lifecycleHookDetails"] if one["status"] == "AWAITING_ACTION"]
        arn = self.newest["serviceDeploymentArn"]
        self.aws.ecs.continue_service_deployment(serviceDeploymentArn=arn, hookId=gate["hookId"], action=action)

    def alarm(self, state: str) -> None:
        self.aws.cloudwatch.set_alarm_state(AlarmName=self.name, StateValue=state, StateReason="tests")

    def watched(self) -> None:
        self.aws.cloudwatch.put_metric_alarm(
            AlarmName=self.name,
            Namespace="AWS/ApplicationELB",
            MetricName="HTTPCode_Target_5XX_Count",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
        )
        self.alarm("OK")


def stage_of(deployment: dict[str, Any]) -> tuple[str, str | None]:
    return deployment["status"], deployment.get("lifecycleStage")


def test_a_first_deployment_shifts_nothing_and_rewrites_the_rules(filled_aws: Any) -> None:
    service = Service(filled_aws, "BLUE_GREEN")
    assert service.newest["status"] == "SUCCESSFUL"
    assert (service.weights(), service.weights(0), service.targets) == ([0, 100], [0, 100], [0, 2])


def test_blue_green_shifts_everything_at_once_and_stops_the_old_tasks_after_the_bake_time(filled_aws: Any) -> None:
    service = Service(filled_aws, "BLUE_GREEN")
    begun = service.release()
    assert stage_of(begun) == ("IN_PROGRESS", "BAKE_TIME")
    assert (service.weights(), service.weights(0), service.targets) == ([100, 0], [100, 0], [2, 2])
    target, (source,) = begun["targetServiceRevision"], begun["sourceServiceRevisions"]
    assert (target["requestedProductionTrafficWeight"], source["requestedProductionTrafficWeight"]) == (100, 0)
    assert (target["runningTaskCount"], source["runningTaskCount"], service.now["runningCount"]) == (2, 2, 4)
    shown = [(one["status"], one["rolloutState"], one["runningCount"]) for one in service.now["deployments"]]
    assert shown == [("PRIMARY", "IN_PROGRESS", 2), ("ACTIVE", "COMPLETED", 2)]
    assert stage_of(service.later(9.5)) == ("IN_PROGRESS", "BAKE_TIME")
    assert service.later(1)["status"] == "SUCCESSFUL"
    assert (service.weights(), service.targets, service.now["runningCount"]) == ([100, 0], [2, 0], 2)
    assert len(service.now["deployments"]) == 1


def test_the_groups_take_turns(filled_aws: Any) -> None:
    service = Service(filled_aws, "BLUE_GREEN", bakeTimeInMinutes=0)
    seen = []
    for tag in ("2", "3", "4"):
        assert service.release(tag)["status"] == "SUCCESSFUL"
        seen.append((service.weights(), service.targets))
    assert seen == [([100, 0], [2, 0]), ([0, 100], [0, 2]), ([100, 0], [2, 0])]


def test_linear_shifts_by_equal_steps_with_no_wait_after_the_last(filled_aws: Any) -> None:
    service = Service(filled_aws, "LINEAR")
    service.release()
    seen = [service.weights()[0]]
    for _ in range(9):
        assert stage_of(service.later(2))[0] == "IN_PROGRESS"
        seen.append(service.weights()[0])
    assert seen == [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]
    assert stage_of(service.newest) == ("IN_PROGRESS", "BAKE_TIME")
    assert service.later(10.1)["status"] == "SUCCESSFUL"


def test_a_canary_gets_its_tenths_of_percent_and_later_the_rest(filled_aws: Any) -> None:
    service = Service(filled_aws, "CANARY")
    assert service.release()["targetServiceRevision"]["requestedProductionTrafficWeight"] == 2.5
    assert service.weights() == [25, 975]
    assert stage_of(service.later(14)) == ("IN_PROGRESS", "PRODUCTION_TRAFFIC_SHIFT")
    assert stage_of(service.later(1.1)) == ("IN_PROGRESS", "BAKE_TIME")
    assert service.weights() == [100, 0]


def gated(action: str = "ROLLBACK", minutes: int = 60) -> dict[str, Any]:
    return LOOK | {"timeoutConfiguration": {"timeoutInMinutes": minutes, "action": action}}


def test_a_gate_is_waited_at_while_testers_alone_see_the_new_version(filled_aws: Any) -> None:
    service = Service(filled_aws, "CANARY", lifecycleHooks=[gated()])
    begun = service.release()
    assert stage_of(begun) == ("IN_PROGRESS", "POST_TEST_TRAFFIC_SHIFT")
    (gate,) = begun["lifecycleHookDetails"]
    assert (gate["targetType"], gate["status"], gate["timeoutAction"]) == ("PAUSE", "AWAITING_ACTION", "ROLLBACK")
    assert abs(gate["expiresAt"] - begun["createdAt"] - timedelta(hours=1)) < timedelta(seconds=5)
    assert (service.weights(0), service.weights()) == ([100, 0], [0, 100])
    service.later(59)
    service.answer("CONTINUE")
    assert stage_of(service.newest) == ("IN_PROGRESS", "PRODUCTION_TRAFFIC_SHIFT")
    refused = filled_aws.refusal(
        lambda: filled_aws.ecs.continue_service_deployment(
            serviceDeploymentArn=begun["serviceDeploymentArn"], hookId=gate["hookId"]
        )
    )
    assert refused == f"InvalidParameterException: The lifecycle hook {gate['hookId']} is not awaiting an action."


def turned_back(service: Service) -> tuple[Any, ...]:
    newest = service.newest
    return newest["status"], service.weights(), service.weights(0), service.targets, service.now["runningCount"]


BACK = ("ROLLBACK_SUCCESSFUL", [0, 100], [0, 100], [0, 2], 2)


@pytest.mark.parametrize(
    ("way", "reason"),
    [
        (lambda service: service.answer("ROLLBACK"), "Rollback requested at a lifecycle hook"),
        (lambda service: service.later(61), "nobody answered at POST_TEST_TRAFFIC_SHIFT within 60 minutes"),
        (
            lambda service: service.aws.ecs.stop_service_deployment(
                serviceDeploymentArn=service.newest["serviceDeploymentArn"], stopType="ROLLBACK"
            ),
            "Service deployment stopped by a user",
        ),
    ],
    ids=["by an answer", "at the limit", "by a stop"],
)
def test_a_release_is_turned_back(filled_aws: Any, way: Callable[[Service], Any], reason: str) -> None:
    service = Service(filled_aws, "LINEAR", lifecycleHooks=[gated()])
    before = service.now["taskDefinition"]
    service.release()
    way(service)
    assert turned_back(service) == BACK
    assert service.newest["rollback"]["reason"] == service.newest["statusReason"] == reason
    assert service.now["taskDefinition"] == before


def test_at_the_limit_a_gate_may_let_go_on(filled_aws: Any) -> None:
    service = Service(filled_aws, "BLUE_GREEN", lifecycleHooks=[gated("CONTINUE")])
    service.release()
    assert stage_of(service.later(61)) == ("IN_PROGRESS", "BAKE_TIME")
    assert service.later(8.5)["status"] == "IN_PROGRESS", "the bake time begins when the gate's time is over"
    assert service.later(1)["status"] == "SUCCESSFUL"


WAITING = {
    "PRE_SCALE_UP": ([0, 2], [0, 100], [0, 100]),
    "POST_SCALE_UP": ([2, 2], [0, 100], [0, 100]),
    "POST_TEST_TRAFFIC_SHIFT": ([2, 2], [100, 0], [0, 100]),
    "POST_PRODUCTION_TRAFFIC_SHIFT": ([2, 2], [100, 0], [100, 0]),
}
"""Stage of a gate -> targets of both groups, weights of the testers' rule, weights of everybody's."""


@pytest.mark.parametrize("stage", WAITING)
@pytest.mark.parametrize("answer", ["CONTINUE", "ROLLBACK", "limit CONTINUE", "limit ROLLBACK"])
def test_a_gate_holds_its_stage_and_takes_each_answer(filled_aws: Any, stage: str, answer: str) -> None:
    limit, _, action = answer.rpartition(" ")
    hook = gated(action if limit else {"CONTINUE": "ROLLBACK", "ROLLBACK": "CONTINUE"}[action])
    service = Service(filled_aws, "BLUE_GREEN", lifecycleHooks=[hook | {"lifecycleStages": [stage]}])
    service.release()
    assert stage_of(service.later(59)) == ("IN_PROGRESS", stage)
    assert (service.targets, service.weights(0), service.weights()) == WAITING[stage]
    if limit:
        service.later(2)
    else:
        service.answer(action)
    if action == "ROLLBACK":
        assert turned_back(service) == BACK
    else:
        assert stage_of(service.newest) == ("IN_PROGRESS", "BAKE_TIME")
        assert service.later(10.5)["status"] == "SUCCESSFUL"


EDGES: list[tuple[str, dict[str, Any], list[int], float]] = [
    ("LINEAR", {"linearConfiguration": {"stepPercent": 3.0, "stepBakeTimeInMinutes": 0}}, [100, 0], 0),
    ("LINEAR", {"linearConfiguration": {"stepPercent": 3.0, "stepBakeTimeInMinutes": 1440}}, [3, 97], 33 * 1440),
    ("LINEAR", {"linearConfiguration": {"stepPercent": 99.9, "stepBakeTimeInMinutes": 1}}, [999, 1], 1),
    ("LINEAR", {"linearConfiguration": {"stepPercent": 100.0, "stepBakeTimeInMinutes": 1440}}, [100, 0], 0),
    ("CANARY", {"canaryConfiguration": {"canaryPercent": 0.1, "canaryBakeTimeInMinutes": 1440}}, [1, 999], 1440),
    ("CANARY", {"canaryConfiguration": {"canaryPercent": 99.0, "canaryBakeTimeInMinutes": 1}}, [99, 1], 1),
    ("CANARY", {"canaryConfiguration": {"canaryPercent": 1.0, "canaryBakeTimeInMinutes": 0}}, [100, 0], 0),
]


@pytest.mark.parametrize(("strategy", "numbers", "first", "minutes"), EDGES)
@pytest.mark.parametrize("bake", [0, 1440])
def test_each_strategy_at_the_edges_of_its_numbers(
    filled_aws: Any, strategy: str, numbers: dict[str, Any], first: list[int], minutes: float, bake: int
) -> None:
    service = Service(filled_aws, strategy, bakeTimeInMinutes=bake, **numbers)
    service.release()
    assert service.weights() == first
    if minutes:
        assert stage_of(service.later(minutes - 0.5)) == ("IN_PROGRESS", "PRODUCTION_TRAFFIC_SHIFT")
        service.later(0.6)
    assert service.weights() == [100, 0]
    if bake:
        assert stage_of(service.later(bake - 0.5)) == ("IN_PROGRESS", "BAKE_TIME")
        service.later(1)
    assert (service.newest["status"], service.targets) == ("SUCCESSFUL", [2, 0])


def test_two_services_are_released_each_by_its_own_stages(filled_aws: Any) -> None:
    linear, blue = Service(filled_aws, "LINEAR"), Service(filled_aws, "BLUE_GREEN", lifecycleHooks=[gated()])
    linear.release()
    blue.release()
    linear.later(2.1)
    assert (linear.weights(), blue.weights()) == ([20, 80], [0, 100])
    blue.answer("ROLLBACK")
    assert turned_back(blue) == BACK
    assert (stage_of(linear.newest), linear.weights()) == (("IN_PROGRESS", "PRODUCTION_TRAFFIC_SHIFT"), [20, 80])


def test_a_service_that_is_deleted_in_the_middle_of_a_release_leaves_no_tasks(filled_aws: Any) -> None:
    service = Service(filled_aws, "LINEAR", lifecycleHooks=[gated()])
    service.release()
    service.update(desiredCount=0)
    filled_aws.ecs.delete_service(cluster=service.name, service=service.name)
    assert (service.targets, service.now["status"]) == ([0, 0], "INACTIVE")


def test_an_alarm_in_the_bake_time_turns_the_release_back_at_once(filled_aws: Any) -> None:
    service = Service(filled_aws, "BLUE_GREEN")
    service.watched()
    alarms = {"alarmNames": [service.name], "enable": True, "rollback": True}
    service.update(deploymentConfiguration={**service.configuration, "alarms": alarms})
    assert stage_of(service.release()) == ("IN_PROGRESS", "BAKE_TIME")
    assert service.newest["alarms"] == {
        "status": "MONITORING", "alarmNames": [service.name], "triggeredAlarmNames": [],
    }  # fmt: skip
    service.alarm("ALARM")
    assert turned_back(service) == BACK
    assert service.newest["statusReason"] == f"CloudWatch alarm {service.name} is in ALARM state"


def test_an_alarm_that_was_on_before_a_release_stops_none(filled_aws: Any) -> None:
    service = Service(filled_aws, "BLUE_GREEN")
    service.watched()
    service.alarm("ALARM")
    alarms = {"alarmNames": [service.name], "enable": True, "rollback": True}
    service.update(deploymentConfiguration={**service.configuration, "alarms": alarms})
    assert service.release()["alarms"]["status"] == "DISABLED"
    assert service.later(11)["status"] == "SUCCESSFUL"


def test_without_rollback_an_alarm_leaves_the_release_as_it_stands_until_the_next(filled_aws: Any) -> None:
    service = Service(filled_aws, "CANARY")
    service.watched()
    alarms = {"alarmNames": [service.name], "enable": True, "rollback": False}
    service.update(deploymentConfiguration={**service.configuration, "alarms": alarms})
    service.release()
    service.alarm("ALARM")
    assert service.newest["status"] == "STOPPED"
    assert (service.weights(), service.targets) == ([25, 975], [2, 2])
    service.alarm("OK")
    service.release("3")
    assert service.targets == [2, 2], "what was left is gone, the next version is there"
    assert service.later(26)["status"] == "SUCCESSFUL"


def test_scaling_during_a_release_counts_for_both_versions(filled_aws: Any) -> None:
    service = Service(filled_aws, "CANARY")
    service.release()
    service.update(desiredCount=5)
    assert (service.targets, service.now["runningCount"]) == ([5, 5], 10)
    service.update(desiredCount=3)
    assert service.targets == [3, 3]
    service.later(26)
    assert (service.targets, service.now["runningCount"]) == ([3, 0], 3)


def test_a_deployment_in_the_middle_of_a_release_begins_from_the_version_that_served(filled_aws: Any) -> None:
    service = Service(filled_aws, "LINEAR")
    first = service.release("2")
    service.later(5)
    second = service.release("3")
    assert second["sourceServiceRevisions"][0]["arn"] == first["sourceServiceRevisions"][0]["arn"]
    assert (service.weights(), service.targets) == ([10, 90], [2, 2])
    found = filled_aws.ecs.describe_service_deployments(serviceDeploymentArns=[first["serviceDeploymentArn"]])
    assert found["serviceDeployments"][0]["status"] == "STOPPED"


def test_rolling_and_back_keeps_the_service(filled_aws: Any) -> None:
    service = Service(filled_aws, "ROLLING")
    arn = service.now["serviceArn"]
    assert service.targets == [2, 0]
    service.update(
        deploymentConfiguration={"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 0},
        loadBalancers=[service.balancer("BLUE_GREEN")],
        forceNewDeployment=True,
    )
    assert (service.targets, service.weights()) == ([0, 2], [0, 100])
    service.update(
        deploymentConfiguration=ROLLING, loadBalancers=[service.balancer("ROLLING")], forceNewDeployment=True
    )
    assert (service.targets, service.now["serviceArn"]) == ([2, 0], arn)


def test_a_broken_image_never_gets_traffic(filled_aws: Any) -> None:
    service = Service(filled_aws, "CANARY", deploymentCircuitBreaker={"enable": True, "rollback": True})
    assert service.release("broken")["status"] == "ROLLBACK_SUCCESSFUL"
    assert (service.weights(), service.targets) == ([0, 100], [0, 2])


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal"


def test_a_release_goes_on_after_a_kill_with_the_same_tasks(start_aws: Any, journal: Path) -> None:
    aws = start_aws(journal)
    service = Service(aws, "LINEAR", lifecycleHooks=[LOOK | {"lifecycleStages": ["PRE_SCALE_UP"]}])
    service.release()
    service.answer("CONTINUE")
    service.later(5)

    def seen() -> Any:
        tasks = service.aws.ecs.list_tasks(cluster=service.name, serviceName=service.name)["taskArns"]
        return sorted(tasks), service.weights(), service.targets, stage_of(service.newest)

    before = seen()
    assert before[1:] == ([30, 70], [2, 2], ("IN_PROGRESS", "PRODUCTION_TRAFFIC_SHIFT"))
    aws.end(signal.SIGKILL)
    service.aws = start_aws(journal)
    assert seen() == before
    assert service.later(30)["status"] == "SUCCESSFUL"
