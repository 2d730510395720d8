"""Services that reach a steady state, fail and are rolled back; timing and health checks of AWS are not proved here."""

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from localcloud.aws.moto_gaps import images

GOOD, BROKEN = "registry.example.com/shop/web:1", "registry.example.com/shop/web:broken"
BREAKER = {"enable": True, "rollback": True}
FAILED = "ECS deployment circuit breaker: tasks failed to start."


class Service:
    """A Fargate service behind a balancer, and what a test asks of it."""

    def __init__(self, aws: Any, image: str = GOOD, count: int = 2, breaker: dict[str, bool] | None = None) -> None:
        self.aws, self.name, self.count = aws, aws.name(), count
        vpc, subnets = aws.network()
        balancer = aws.elbv2.create_load_balancer(Name=self.name, Subnets=subnets)["LoadBalancers"][0]
        group = aws.elbv2.create_target_group(Name=self.name, Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")
        self.group = group["TargetGroups"][0]["TargetGroupArn"]
        aws.elbv2.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"],
            Protocol="HTTP",
            Port=80,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": self.group}],
        )
        aws.ecs.create_cluster(clusterName=self.name)
        self.definition = self.register(image)
        self.made = aws.ecs.create_service(
            cluster=self.name,
            serviceName=self.name,
            taskDefinition=self.definition,
            desiredCount=count,
            launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": {"subnets": subnets}},
            loadBalancers=[{"targetGroupArn": self.group, "containerName": "app", "containerPort": 80}],
            deploymentConfiguration={"deploymentCircuitBreaker": breaker or {"enable": False, "rollback": False}},
        )["service"]

    def register(self, image: str) -> str:
        made = self.aws.ecs.register_task_definition(
            family=self.name,
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            containerDefinitions=[{"name": "app", "image": image, "portMappings": [{"containerPort": 80}]}],
        )
        return str(made["taskDefinition"]["taskDefinitionArn"])

    def update(self, **members: Any) -> dict[str, Any]:
        return dict(self.aws.ecs.update_service(cluster=self.name, service=self.name, **members)["service"])

    @property
    def now(self) -> dict[str, Any]:
        return dict(self.aws.ecs.describe_services(cluster=self.name, services=[self.name])["services"][0])

    @property
    def rollouts(self) -> list[tuple[str, str, str, int, int]]:
        """Status, state, revision, running and failed tasks of each deployment."""
        return [
            (
                d["status"],
                d["rolloutState"],
                d["taskDefinition"].rpartition(":")[2],
                d["runningCount"],
                d["failedTasks"],
            )
            for d in self.now["deployments"]
        ]

    @property
    def events(self) -> list[str]:
        """Messages, newest first, without the ids of deployments, tasks and target groups."""
        messages = [event["message"] for event in self.now["events"]]
        return [message.partition(f"(service {self.name}) ")[2].partition(": (task")[0] for message in messages]

    @property
    def tasks(self) -> list[dict[str, Any]]:
        arns = self.aws.ecs.list_tasks(cluster=self.name, serviceName=self.name)["taskArns"]
        return list(self.aws.ecs.describe_tasks(cluster=self.name, tasks=arns)["tasks"]) if arns else []

    @property
    def targets(self) -> dict[str, str]:
        found = self.aws.elbv2.describe_target_health(TargetGroupArn=self.group)["TargetHealthDescriptions"]
        return {f"{t['Target']['Id']}:{t['Target']['Port']}": t["TargetHealth"]["State"] for t in found}

    @property
    def deployments(self) -> list[dict[str, Any]]:
        listed = self.aws.ecs.list_service_deployments(cluster=self.name, service=self.name)["serviceDeployments"]
        arns = [d["serviceDeploymentArn"] for d in listed]
        return list(self.aws.ecs.describe_service_deployments(serviceDeploymentArns=arns)["serviceDeployments"])

    def stable(self) -> bool:
        from botocore.exceptions import WaiterError

        waiter = self.aws.ecs.get_waiter("services_stable")
        try:
            waiter.wait(cluster=self.name, services=[self.name], WaiterConfig={"Delay": 0, "MaxAttempts": 2})
        except WaiterError:
            return False
        return True


def addresses(tasks: list[dict[str, Any]]) -> set[str]:
    details = [d for task in tasks for a in task["attachments"] for d in a["details"]]
    return {d["value"] for d in details if d["name"] == "privateIPv4Address"}


def test_a_new_service_is_answered_as_begun(filled_aws: Any) -> None:
    made = Service(filled_aws).made
    assert (made["runningCount"], made["pendingCount"], made["desiredCount"]) == (0, 2, 2)
    assert [(d["status"], d["rolloutState"]) for d in made["deployments"]] == [("PRIMARY", "IN_PROGRESS")]
    assert made["events"] == []


def test_a_service_reaches_a_steady_state_with_running_tasks(filled_aws: Any) -> None:
    service = Service(filled_aws)
    assert service.stable()
    now = service.now
    assert (now["runningCount"], now["pendingCount"]) == (2, 0)
    assert service.rollouts == [("PRIMARY", "COMPLETED", "1", 2, 0)]
    deployment = now["deployments"][0]
    assert deployment["id"] == service.made["deployments"][0]["id"]
    assert deployment["rolloutStateReason"] == f"ECS deployment {deployment['id']} completed."
    assert [(t["lastStatus"], t["taskDefinitionArn"]) for t in service.tasks] == [("RUNNING", service.definition)] * 2
    assert service.targets == dict.fromkeys((f"{ip}:80" for ip in addresses(service.tasks)), "healthy")
    assert service.events == [
        "has reached a steady state.",
        f"(deployment {deployment['id']}) deployment completed.",
        f"registered 2 targets in (target-group {service.group})",
        "has started 2 tasks",
    ]


@pytest.mark.parametrize(
    ("count", "low", "high", "begins"),
    [(1, 50, 150, False), (1, 50, 200, True), (1, 0, 150, True), (2, 50, 150, True), (2, 90, 140, False), (4, 100, 124, False), (4, 100, 125, True)],
)  # fmt: skip
def test_a_deployment_that_may_move_no_task_never_ends(
    filled_aws: Any, count: int, low: int, high: int, begins: bool
) -> None:
    service = Service(filled_aws, count=count, breaker=BREAKER)
    percents = {"minimumHealthyPercent": low, "maximumPercent": high}
    service.update(deploymentConfiguration=percents)
    service.update(forceNewDeployment=True)
    assert service.stable() is begins
    if not begins:
        assert [one[:2] for one in service.rollouts] == [("PRIMARY", "IN_PROGRESS"), ("ACTIVE", "COMPLETED")]
        assert service.events[0] == (
            "was unable to stop or start tasks during a deployment because of the service deployment configuration. "
            "Update the minimumHealthyPercent or maximumPercent value and try again."
        )
        assert len(service.tasks) == count
        service.update(deploymentConfiguration={**percents, "maximumPercent": 200}, forceNewDeployment=True)
        assert service.stable()


def test_tasks_stay_running_when_they_are_described_again(filled_aws: Any) -> None:
    service = Service(filled_aws)
    assert [t["lastStatus"] for _ in range(3) for t in service.tasks] == ["RUNNING"] * 6


def test_a_cluster_counts_its_services_and_tasks(filled_aws: Any) -> None:
    service = Service(filled_aws, count=3)
    found = filled_aws.ecs.describe_clusters(clusters=[service.name])["clusters"][0]
    counts = (found["activeServicesCount"], found["runningTasksCount"], found["pendingTasksCount"])
    assert counts == (1, 3, 0)


@pytest.mark.parametrize(("first", "then"), [(1, 4), (4, 1), (2, 0)])
def test_the_desired_count_moves_the_tasks_without_a_deployment(filled_aws: Any, first: int, then: int) -> None:
    service = Service(filled_aws, count=first)
    before = service.now["deployments"][0]["id"]
    service.update(desiredCount=then)
    assert service.stable()
    assert (service.now["runningCount"], len(service.tasks), len(service.targets)) == (then, then, then)
    assert [d["id"] for d in service.now["deployments"]] == [before]


def test_a_new_task_definition_replaces_the_tasks_by_a_deployment(filled_aws: Any) -> None:
    service = Service(filled_aws)
    before = {t["taskArn"] for t in service.tasks}
    second = service.register(GOOD)
    answer = service.update(taskDefinition=second)
    shown = [(d["status"], d["rolloutState"]) for d in answer["deployments"]]
    assert shown == [("PRIMARY", "IN_PROGRESS"), ("ACTIVE", "COMPLETED")]
    assert service.stable()
    assert service.rollouts == [("PRIMARY", "COMPLETED", "2", 2, 0)]
    assert service.now["deployments"][0]["id"] == answer["deployments"][0]["id"]
    assert not before & {t["taskArn"] for t in service.tasks}
    assert {t["taskDefinitionArn"] for t in service.tasks} == {second}
    assert set(service.targets) == {f"{ip}:80" for ip in addresses(service.tasks)}


def test_a_change_that_tasks_do_not_see_begins_no_deployment(filled_aws: Any) -> None:
    service = Service(filled_aws)
    service.update(healthCheckGracePeriodSeconds=10)
    service.update(deploymentConfiguration={"minimumHealthyPercent": 50})
    assert len(service.deployments) == 1
    assert service.now["deploymentConfiguration"] == {
        "deploymentCircuitBreaker": {"enable": False, "rollback": False},
        "maximumPercent": 200,
        "minimumHealthyPercent": 50,
    }


def test_a_forced_deployment_replaces_the_tasks(filled_aws: Any) -> None:
    service = Service(filled_aws)
    before = {t["taskArn"] for t in service.tasks}
    service.update(forceNewDeployment=True)
    assert not before & {t["taskArn"] for t in service.tasks}
    assert len(service.deployments) == 2


def test_a_task_that_a_person_stops_is_replaced(filled_aws: Any) -> None:
    service = Service(filled_aws)
    first = service.tasks[0]["taskArn"]
    filled_aws.ecs.stop_task(cluster=service.name, task=first)
    assert first not in {t["taskArn"] for t in service.tasks}
    assert (len(service.tasks), len(service.targets)) == (2, 2)


def test_a_broken_image_is_rolled_back_in_silence(filled_aws: Any) -> None:
    service = Service(filled_aws, breaker=BREAKER)
    good = service.now["deployments"][0]["id"]
    before = {t["taskArn"] for t in service.tasks}
    answer = service.update(taskDefinition=service.register(BROKEN))
    assert answer["taskDefinition"].endswith(":2")
    failed = answer["deployments"][0]["id"]
    assert service.stable()
    assert service.now["taskDefinition"] == service.definition
    assert service.rollouts == [("PRIMARY", "COMPLETED", "1", 2, 0)]
    back = service.now["deployments"][0]
    assert back["id"] not in (good, failed)
    assert back["rolloutStateReason"] == f"ECS deployment circuit breaker: rolling back to deploymentId {good}."
    assert {t["taskArn"] for t in service.tasks} == before
    assert service.events[:5] == [
        "has reached a steady state.",
        f"(deployment {back['id']}) deployment completed.",
        f"rolling back to deployment {good}.",
        f"(deployment {failed}) deployment failed: tasks failed to start.",
        "is unable to consistently start tasks successfully.",
    ]


def test_the_history_of_deployments_tells_of_the_rollback(filled_aws: Any) -> None:
    service = Service(filled_aws, breaker=BREAKER)
    service.update(taskDefinition=service.register(BROKEN))
    listed = filled_aws.ecs.list_service_deployments(cluster=service.name, service=service.name)["serviceDeployments"]
    assert [d["status"] for d in listed] == ["ROLLBACK_SUCCESSFUL", "SUCCESSFUL"]
    failed, first = service.deployments
    assert failed["deploymentCircuitBreaker"] == {"status": "TRIGGERED", "failureCount": 3, "threshold": 3}
    assert first["deploymentCircuitBreaker"] == {"status": "MONITORING_COMPLETE", "failureCount": 0, "threshold": 3}
    assert failed["statusReason"] == FAILED
    assert failed["rollback"]["reason"] == FAILED
    assert failed["rollback"]["serviceRevisionArn"] == first["targetServiceRevision"]["arn"]
    arns = [d["targetServiceRevision"]["arn"] for d in (failed, first)]
    revisions = filled_aws.ecs.describe_service_revisions(serviceRevisionArns=arns)["serviceRevisions"]
    assert [r["containerImages"][0]["image"] for r in revisions] == [BROKEN, GOOD]
    only = filled_aws.ecs.list_service_deployments(
        cluster=service.name, service=service.name, status=["ROLLBACK_SUCCESSFUL"]
    )
    assert len(only["serviceDeployments"]) == 1


def test_a_rollback_restores_the_whole_revision(filled_aws: Any) -> None:
    service = Service(filled_aws, breaker=BREAKER)
    network = service.now["networkConfiguration"]
    subnets = network["awsvpcConfiguration"]["subnets"][:1]
    service.update(
        taskDefinition=service.register(BROKEN), networkConfiguration={"awsvpcConfiguration": {"subnets": subnets}}
    )
    assert service.now["networkConfiguration"] == network


def test_failed_tasks_say_why_they_stopped(filled_aws: Any) -> None:
    service = Service(filled_aws, breaker=BREAKER)
    service.update(taskDefinition=service.register(BROKEN))
    arns = filled_aws.ecs.list_tasks(cluster=service.name, serviceName=service.name, desiredStatus="STOPPED")[
        "taskArns"
    ]
    stopped = filled_aws.ecs.describe_tasks(cluster=service.name, tasks=arns)["tasks"]
    assert {(t["lastStatus"], t["stopCode"], t["stoppedReason"]) for t in stopped} == {
        ("STOPPED", "TaskFailedToStart", f"CannotPullContainerError: failed to resolve ref {BROKEN}: not found")
    }


def test_a_broken_first_deployment_has_nothing_to_go_back_to(filled_aws: Any) -> None:
    service = Service(filled_aws, image=BROKEN, breaker=BREAKER)
    assert not service.stable()
    assert service.rollouts == [("PRIMARY", "FAILED", "1", 0, 3)]
    assert service.now["deployments"][0]["rolloutStateReason"] == FAILED
    assert (service.tasks, service.targets, service.now["pendingCount"]) == ([], {}, 0)


def test_without_rollback_a_failed_deployment_stays_and_the_old_tasks_run_on(filled_aws: Any) -> None:
    service = Service(filled_aws, breaker={"enable": True, "rollback": False})
    broken = service.register(BROKEN)
    service.update(taskDefinition=broken)
    assert not service.stable()
    assert service.now["taskDefinition"] == broken
    assert service.rollouts == [("PRIMARY", "FAILED", "2", 0, 3), ("ACTIVE", "COMPLETED", "1", 2, 0)]
    assert [d["status"] for d in service.deployments] == ["STOPPED", "SUCCESSFUL"]


def test_without_a_circuit_breaker_a_broken_deployment_is_in_progress_for_ever(filled_aws: Any) -> None:
    service = Service(filled_aws)
    service.update(taskDefinition=service.register(BROKEN))
    assert not service.stable()
    assert service.rollouts == [("PRIMARY", "IN_PROGRESS", "2", 0, 3), ("ACTIVE", "COMPLETED", "1", 2, 0)]
    assert (service.now["runningCount"], service.now["pendingCount"]) == (2, 2)
    assert len(service.tasks) == len(service.targets) == 2


def test_a_good_image_ends_a_broken_deployment(filled_aws: Any) -> None:
    service = Service(filled_aws)
    service.update(taskDefinition=service.register(BROKEN))
    service.update(taskDefinition=service.register(GOOD))
    assert service.stable()
    assert service.rollouts == [("PRIMARY", "COMPLETED", "3", 2, 0)]


def test_the_tasks_that_run_on_follow_the_desired_count(filled_aws: Any) -> None:
    service = Service(filled_aws)
    service.update(taskDefinition=service.register(BROKEN))
    service.update(desiredCount=4)
    assert service.rollouts == [("PRIMARY", "IN_PROGRESS", "2", 0, 3), ("ACTIVE", "COMPLETED", "1", 4, 0)]
    assert {t["taskDefinitionArn"] for t in service.tasks} == {service.definition}


def test_a_service_of_no_tasks_takes_a_broken_image_and_cannot_grow(filled_aws: Any) -> None:
    service = Service(filled_aws, image=BROKEN, count=0, breaker=BREAKER)
    assert service.rollouts == [("PRIMARY", "COMPLETED", "1", 0, 0)]
    service.update(desiredCount=2)
    assert not service.stable()
    assert service.events[0] == "is unable to consistently start tasks successfully."


def test_a_deleted_service_leaves_no_task_and_no_target(filled_aws: Any) -> None:
    service = Service(filled_aws)
    filled_aws.ecs.delete_service(cluster=service.name, service=service.name, force=True)
    assert (service.now["status"], service.now["runningCount"]) == ("INACTIVE", 0)
    assert (service.tasks, service.targets) == ([], {})


def test_a_service_on_instances_reaches_its_steady_state(filled_aws: Any) -> None:
    aws = filled_aws
    name = aws.name()
    aws.ecs.create_cluster(clusterName=name)
    container = {"name": "app", "image": GOOD, "memory": 128}
    definition = aws.ecs.register_task_definition(family=name, containerDefinitions=[container])
    arn = definition["taskDefinition"]["taskDefinitionArn"]
    aws.ecs.create_service(cluster=name, serviceName=name, taskDefinition=arn, desiredCount=2)
    waiter = aws.ecs.get_waiter("services_stable")
    waiter.wait(cluster=name, services=[name], WaiterConfig={"Delay": 0, "MaxAttempts": 2})
    tasks = aws.ecs.describe_tasks(cluster=name, tasks=aws.ecs.list_tasks(cluster=name)["taskArns"])["tasks"]
    assert [(t["lastStatus"], t["launchType"], t["attachments"]) for t in tasks] == [("RUNNING", "EC2", [])] * 2


def test_a_rollback_is_the_same_after_a_kill(start_aws: Callable[..., Any], tmp_path: Path) -> None:
    aws = start_aws(tmp_path / "journal")
    service = Service(aws, breaker=BREAKER)
    service.update(taskDefinition=service.register(BROKEN))
    before = (service.now, service.tasks, service.deployments, service.targets)
    aws.end(signal.SIGKILL)
    service.aws = start_aws(tmp_path / "journal")
    assert (service.now, service.tasks, service.deployments, service.targets) == before


def test_the_user_names_broken_images(
    start_aws: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCORDION_BROKEN_IMAGES", "*/cursed:* old:1")
    aws = start_aws(tmp_path / "journal", "--broken-image", "shop/web:9")
    states = {
        image: Service(aws, image=image, breaker=BREAKER).rollouts[0][1]
        for image in ("registry.example.com/shop/web:9", "a/cursed:3", "old:1", "old:2", "web:broken")
    }
    assert list(states.values()) == ["FAILED", "FAILED", "FAILED", "COMPLETED", "FAILED"]


BY_DEFAULT = {
    "broken": True,
    "broken:1": True,
    "web:broken": True,
    "registry.example.com:5000/team/broken@sha256:00": True,
    "registry.example.com:5000/team/web:broken@sha256:00": True,
    "unbroken": False,
    "broken-link-checker:2": False,
    "web:not-broken": False,
    "broken.example.com/web:1": False,
    "broken/web:1": False,
    "registry.example.com:5000/web": False,
}


@pytest.mark.parametrize(("image", "expected"), BY_DEFAULT.items(), ids=BY_DEFAULT)
def test_the_default_pattern_surprises_nobody(image: str, expected: bool) -> None:
    assert images.is_broken(image) is expected


@pytest.mark.parametrize(("desired", "tasks"), [(1, 3), (6, 3), (7, 4), (25, 13), (400, 200), (800, 200)])
def test_the_circuit_breaker_waits_for_half_of_the_tasks(desired: int, tasks: int) -> None:
    from localcloud.aws.moto_gaps.ecs_deployments import failure_threshold  # here: it imports moto, most of a second

    assert failure_threshold(desired) == tasks
