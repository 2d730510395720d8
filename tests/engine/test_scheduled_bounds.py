"""Bounds that a schedule owns, across deployments in its window and outside; cannot prove when AWS runs a schedule."""

import contextlib
import datetime
from collections.abc import Iterator

import pytest

from tests.engine.checkout import Checkout, summary

pytestmark = pytest.mark.engine

RULES = "cpu: { metric: cpu, target: 70, scale_in_cooldown: 5m, scale_out_cooldown: 5m }"
SCHEDULED = (
    RULES,
    f"""{RULES}
        scheduled:
          office: {{ cron: "0 8 * * *", time_zone: Etc/UTC, minimum: 2 }}
          evening: {{ cron: "0 20 * * *", time_zone: Etc/UTC, minimum: 1 }}""",
)
RAISED = ("maximum: 2\n", "maximum: 3\n")
MORNING, NIGHT = (datetime.datetime(2026, 3, 3, hour, tzinfo=datetime.UTC) for hour in (10, 22))


@contextlib.contextmanager
def at(checkout: Checkout, moment: datetime.datetime, *changes: tuple[str, str]) -> Iterator[None]:
    """The same checkout at another hour: a program's clock is one expression in it."""
    program = checkout.folder / "__main__.py"
    text = program.read_text()
    asked = "what_is_deployed()"
    assert text.count(asked) == 1
    clock = f"__import__('dataclasses').replace({asked}, moment=__import__('datetime').{moment!r})".replace(
        "tzinfo=datetime", "tzinfo=__import__('datetime')"
    ).replace("__import__('datetime').datetime.datetime", "__import__('datetime').datetime")
    program.write_text(text.replace(asked, clock))
    try:
        with checkout.edited("dev", SCHEDULED, *changes):
            yield
    finally:
        program.write_text(text)


class Live:
    """The scalable target as it is, and a schedule that has run."""

    def __init__(self, checkout: Checkout) -> None:
        named = checkout.outputs("dev")["services"]["web"]
        self.client = checkout.client("application-autoscaling", "dev")
        self.resource = f"service/{named['cluster']}/{named['service']}"

    @property
    def bounds(self) -> tuple[int, int]:
        (found,) = self.client.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[self.resource])[
            "ScalableTargets"
        ]
        return found["MinCapacity"], found["MaxCapacity"]

    def fire(self, minimum: int) -> None:
        """What AWS does at the time of a schedule."""
        self.client.register_scalable_target(
            ServiceNamespace="ecs",
            ResourceId=self.resource,
            ScalableDimension="ecs:service:DesiredCount",
            MinCapacity=minimum,
        )


def test_a_deployment_leaves_the_bounds_of_the_hour_to_their_schedule(checkout: Checkout) -> None:
    with at(checkout, NIGHT):
        checkout.up("dev")
    live = Live(checkout)
    assert live.bounds == (1, 2)

    live.fire(2)
    with at(checkout, MORNING):
        checkout.preview("dev", "--expect-no-changes")
        checkout.up("dev", "--refresh", "--expect-no-changes")
    assert live.bounds == (2, 2), "a refreshed deployment without a change keeps the floor"
    with at(checkout, NIGHT):
        checkout.preview("dev", "--expect-no-changes")

    with at(checkout, MORNING, RAISED):
        assert checkout.plan("dev").changed["web-scalable-target"] == ["maxCapacity"]
        checkout.up("dev")
        assert live.bounds == (2, 3), "the maximum follows its declaration, the floor stays"
        checkout.preview("dev", "--expect-no-changes")

    live.fire(1)
    with at(checkout, NIGHT, RAISED):
        checkout.preview("dev", "--expect-no-changes")
    with at(checkout, NIGHT):
        said = checkout.up("dev")
        assert summary(said)["updated"] == 3, "the target, the dashboard and the component"
    assert live.bounds == (1, 2), "a floor that the evening has lowered is not raised by a changed maximum"
