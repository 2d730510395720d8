"""A release on the local cloud with the real engine: shifted, paused, continued, aborted, and a preview that
never sees what ECS moves. It cannot prove how AWS shifts, nor how long."""

import contextlib
import json
import re
import threading
from collections.abc import Iterator
from typing import Any

import psutil
import pytest

from tests.engine.checkout import Checkout

pytestmark = [pytest.mark.engine, pytest.mark.timeout(1200)]

ROUTE = (
    "        port: 8080\n",
    (
        "        port: 8080\n"
        "        routes: { all: { priority: 10, paths: ['/*'] } }\n"
        "        test_route: { priority: 5 }\n"
    ),
)
GATE = "approvals: { look: { stage: post_test_traffic_shift, time_limit: 2h } }"
LINEAR = f"{{ strategy: linear, percent: 10, interval: 1h, bake_time: 1h, {GATE} }}"  # long: the machine's own time passes too
BLUE_GREEN = "{ strategy: blue_green, bake_time: 10m }"
CANARY = "{ strategy: canary, percent: 5, interval: 3m, bake_time: 10m }"
WATCHED = "      rollback_alarms: {}\n"
ON_REQUESTS = (
    "cpu: { metric: cpu, target: 70, scale_in_cooldown: 5m, scale_out_cooldown: 5m }",
    "rate: { metric: requests_per_target, target: 1200 }",
)
NEXT, LATER, LAST = (("version: 1.29.1", f"version: 1.29.{number}") for number in (2, 3, 4))


def strategy(said: str, alarms: str = "      rollback_alarms: null\n") -> tuple[str, str]:
    return "      rollback_alarms: null\n", f"      deployment: {said}\n{alarms}"


@pytest.fixture(scope="module")
def deployed(checkout: Checkout) -> Iterator[Checkout]:
    """`dev` with a release in ten steps behind a gate, deployed."""
    with checkout.edited("dev", ROUTE, strategy(LINEAR, WATCHED), ON_REQUESTS):
        yield checkout


@pytest.fixture
def shop(deployed: Checkout) -> Checkout:
    """The same with nothing being released, whatever tests have left: they come in any order."""
    deployed.up("dev")
    if "continue" in deployed.start("release", "status", "--local").communicate(timeout=240)[0]:
        deployed("release", "continue", "--local")
        deployed("release", "advance", "12h")
    return deployed


def release(shop: Checkout, code: int = 0) -> dict[str, Any]:
    said = shop("release", "status", "--local", "--format", "json", code=code)
    (found,) = json.loads(said[said.index("{") :])["releases"]
    return dict(found)


def same(shop: Checkout) -> None:
    """Whatever ECS moves, the program has nothing to do."""
    shop.preview("dev", "--refresh", "--expect-no-changes")


def test_a_release_is_shifted_paused_continued_aborted_and_never_seen_by_a_preview(shop: Checkout) -> None:
    same(shop)
    with shop.edited("dev", NEXT):
        shop.up("dev")
        paused = release(shop)
        assert (paused["status"], paused["stage"]) == ("in_progress", "post_test_traffic_shift")
        assert [one["percent"] for one in paused["versions"]] == [0, 100]
        same(shop)
        waits = shop("monitor", "--local", "--stack", "dev", code=2)
        assert "accordion release continue" in waits
        shop("release", "continue", "--local")
        seen = [release(shop)["versions"][0]["percent"]]
        same(shop)
        for _ in range(9):
            shop("release", "advance", "1h")
            seen.append(release(shop)["versions"][0]["percent"])
            same(shop)
        assert seen == [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]
        assert release(shop)["stage"] == "bake_time"
        assert "web: nothing is being released\n" in shop("release", "advance", "61m")
        same(shop)
    with shop.edited("dev", LATER):
        shop.up("dev")
        back = shop("release", "rollback", "--local")
        assert "web: turned back: Rollback requested at a lifecycle hook\n" in back
        assert release(shop, 1)["status"] == "rollback_successful"


def kept(shop: Checkout) -> dict[str, str]:
    """Service and balancer by their ids."""
    types = ("aws:ecs/service:Service", "aws:lb/loadBalancer:LoadBalancer")
    return {one["type"]: one["id"] for one in shop.exported("dev") if one["type"] in types}


def load(shop: Checkout) -> str:
    """What a load says that needs two tasks for half an hour."""
    said = shop("local", "load", "--stack", "dev", "--shape", "spike base=4/s peak=45/s at=1h length=30m duration=3h")
    return next(line for line in said.splitlines() if line.startswith("web: "))


def test_scaled_during_a_shift_turned_back_by_an_alarm_and_moved_to_each_strategy_without_a_replacement(
    shop: Checkout,
) -> None:
    first = kept(shop)
    played = "web: 4 to 45 requests/s; desired 1 to 1, most 2; 1 times out, 1 in; 6 changes of its 2 alarms"
    assert load(shop) == played
    with shop.edited("dev", LAST):
        shop.up("dev")
        shop("release", "continue", "--local")
        for _ in range(4):
            shop("release", "advance", "1h")
        assert [one["percent"] for one in release(shop)["versions"]] == [50, 50]
        # Half of the requests go to each target group, and the rule counts both: it scales as before.
        assert load(shop) == played
        same(shop)
        # An alarm in the bake time turns the release back, and monitor says why.
        shop("release", "advance", "5h")
        assert release(shop)["stage"] == "bake_time"
        watch = shop.client("cloudwatch", "dev")
        (alarm,) = [
            one["AlarmName"] for one in watch.describe_alarms(AlarmNamePrefix="rollback-web-errors")["MetricAlarms"]
        ]
        watch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="planted")
        back = release(shop, 1)
        said = f"CloudWatch alarm {alarm} is in ALARM state"
        assert (back["status"], back["reason"]) == ("rollback_successful", said)
        told = shop("monitor", "--local", "--stack", "dev", code=1)
        assert "look at web.deployment" in told
        assert re.search(rf"running rolled back to \S+ \(\S+:1\.29\.\d+\), revision \d+: {said}\n", told), told
        watch.set_alarm_state(AlarmName=alarm, StateValue="OK", StateReason="over")
    # From one strategy to another the service is updated; neither it nor the balancer is replaced.
    file = shop.folder / "Pulumi.dev.yaml"
    declared = file.read_text()
    rolling = declared.replace(f"      deployment: {LINEAR}\n", "").replace("        test_route: { priority: 5 }\n", "")
    for text in (rolling, declared.replace(LINEAR, BLUE_GREEN), declared.replace(LINEAR, CANARY), rolling):
        file.write_text(text)
        plan = shop.plan("dev")
        shop.up("dev")
        assert "web-service" in plan.of("update"), plan
        assert set(plan.of("replace")) <= {"web-task"}, plan  # the image of the release that was turned back
        assert kept(shop) == first
        same(shop)
        if text != rolling:
            # To its end, in the middle of which nothing goes to rolling: ECS keeps the gate that is declared no more.
            shop("release", "continue", "--local")
            shop("release", "advance", "1h")
    file.write_text(declared)


def led_to(shop: Checkout) -> set[str]:
    """The target groups that the service's rule leads to now."""
    return weighted(shop.client("elbv2", "dev"), rule_of(shop))


def rule_of(shop: Checkout) -> str:
    rules = [one for one in shop.exported("dev") if one["type"] == "aws:lb/listenerRule:ListenerRule"]
    (arn,) = [one["id"] for one in rules if one["urn"].endswith("-all")]  # the test route's beside it
    return str(arn)


def weighted(balancer: Any, rule_arn: str) -> set[str]:
    (rule,) = balancer.describe_rules(RuleArns=[rule_arn])["Rules"]
    forward = rule["Actions"][-1]
    groups = forward.get("ForwardConfig", {}).get("TargetGroups", [forward])  # a plain forward names its only one
    return {one["TargetGroupArn"] for one in groups if one.get("Weight", 1)}


@contextlib.contextmanager
def answered(shop: Checkout) -> Iterator[list[str]]:
    """Looks at the service's rule again and again; yields what it has led to without a healthy task behind it."""
    balancer, arn, over, missed = shop.client("elbv2", "dev"), rule_of(shop), threading.Event(), list[str]()

    def healthy(group: str) -> bool:
        try:
            found = balancer.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        except balancer.exceptions.TargetGroupNotFoundException:
            return False
        return any(one["TargetHealth"]["State"] == "healthy" for one in found)

    def look() -> None:
        while not over.wait(0.01):
            before = weighted(balancer, arn)
            missing = [group for group in before if not healthy(group)]
            if missing and weighted(balancer, arn) == before:  # rewritten between the two looks, it proves nothing
                missed.extend(missing)

    watching = threading.Thread(target=look)
    watching.start()
    try:
        yield missed
    finally:
        over.set()
        watching.join()


def test_back_to_rolling_after_any_number_of_releases_requests_find_tasks_at_every_moment(shop: Checkout) -> None:
    file = shop.folder / "Pulumi.dev.yaml"
    declared = file.read_text()
    shifting = declared.replace(LINEAR, BLUE_GREEN)
    rolling = declared.replace(f"      deployment: {LINEAR}\n", "").replace("        test_route: { priority: 5 }\n", "")
    first, serving = kept(shop), set[str]()
    # ECS keeps a gate that is left out; the deployment says so, with the cure.
    file.write_text(shifting)
    said = shop.up("dev")
    assert "no approval is declared any more, and ECS keeps the gate that it had (post_test_traffic_shift)" in said
    service = shop.resource("dev", "web-service")["outputs"]
    no_hooks = {
        "cluster": service["cluster"],
        "service": service["name"],
        "deploymentConfiguration": {"lifecycleHooks": []},
    }
    shop.client("ecs", "dev").update_service(**no_hooks)
    shop.refresh("dev")
    assert "keeps the gate" not in shop.preview("dev")
    for releases in (1, 2, 3):
        for version in range(releases):
            file.write_text(shifting.replace("version: 1.29.1", f"version: 1.29.{releases}{version}"))
            with answered(shop) as missed:
                shop.up("dev")
                shop("release", "advance", "11m")
            assert missed == []
            same(shop)
        file.write_text(rolling.replace("version: 1.29.1", f"version: 1.29.{releases}9"))
        before = led_to(shop)
        with answered(shop) as missed:
            shop.up("dev")
        assert missed == []
        assert led_to(shop) == before
        same(shop)
        assert kept(shop) == first
        (group,) = [one for one in shop.exported("dev") if one["type"] == "aws:lb/targetGroup:TargetGroup"]
        serving.add(group["urn"].rpartition("::")[2])
    assert serving == {"balancer-web", "balancer-web-b"}
    file.write_text(declared)


def cut(shop: Checkout) -> None:
    """An `up` whose engine is killed once it has made the new task definition, before or while the service gets it."""
    command = ("local", "up", "--yes", "--skip-preview", "--suppress-progress", "--color=never", "--stack", "dev")
    with shop.start(*command) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "web-task" in line and "creat" in line:
                for child in psutil.Process(process.pid).children():
                    if child.name() == "pulumi":
                        child.kill()
    assert process.returncode == 137


def test_in_the_middle_of_a_release_up_says_so_a_killed_one_is_healed_and_destroy_ends_all(shop: Checkout) -> None:
    with shop.edited("dev", ("version: 1.29.1", "version: 1.29.39")):
        shop.up("dev")
    assert release(shop)["stage"] == "post_test_traffic_shift"
    with shop.edited("dev", ("version: 1.29.1", "version: 1.29.40")):
        cut(shop)
        shop.up("dev")
        there = release(shop)
        assert (there["status"], there["stage"]) == ("in_progress", "post_test_traffic_shift")
        assert ":1.29.40)" in there["versions"][0]["version"]
        same(shop)
        shop("release", "continue", "--local")
        assert led_to(shop) != set()
    with shop.edited("dev", ("version: 1.29.1", "version: 1.29.41")):
        said = shop.up("dev")
        assert "web-service: a release is under way. Where this deployment changes the service" in said
        there = release(shop)
        assert (there["stage"], there["versions"][0]["percent"]) == ("post_test_traffic_shift", 0)
        assert ":1.29.41)" in there["versions"][0]["version"]
        rolling = ("deployment: { strategy: linear", "deployment: { strategy: rolling } # { strategy: linear")
        with shop.edited("dev", rolling, ("        test_route: { priority: 5 }\n", "")):
            said = shop.preview("dev", code=1)
        assert "services.web: a release of it is under way (weights of its rule: " in said
        shop.destroy("dev")
    ecs = shop.client("ecs", "dev")
    arns = ecs.list_clusters()["clusterArns"]
    left = ecs.describe_clusters(clusters=arns)["clusters"]
    assert [(one["status"], one["runningTasksCount"], one["activeServicesCount"]) for one in left] == [
        ("INACTIVE", 0, 0)
    ]
