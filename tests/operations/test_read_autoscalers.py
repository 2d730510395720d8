"""Autoscalers of Kubernetes, in the forms in which public charts have them, become rules, and nothing of one is lost
in silence.

Cannot prove that no cluster has another form, nor that a simulated service moves as Kubernetes' own loop does.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from operations.cli import run
from tests.operations import autoscaler_samples as samples
from tests.operations.test_read_templates import read

LOOP = (
    "the controller: these rules are simulated as an ECS service's target tracking, whose alarms and cooldowns are not "
    "the loop of 15 s, the tolerance of 10 % and the stabilisation of Kubernetes"
)
REQUEST = "percent of the request there, of the unit's whole here"

READ: dict[str, tuple[dict[str, tuple[object, ...]], tuple[str, ...]]] = {
    "quick": ({"quick": (1, 10, {"cpu": (50, True)})}, (f"cpu: {REQUEST}",)),
    "front": ({"front": (1, 20, {"cpu": (100, True)})}, (f"cpu: {REQUEST}",)),
    "steady": (
        {"steady": (2, 5, {"cpu": (80, True)})},
        (
            "behavior.scaleDown: a rules file has no words for stabilizationWindowSeconds, policies",
            "behavior.scaleUp: a rules file has no words for stabilizationWindowSeconds, selectPolicy, policies",
            f"cpu: {REQUEST}",
        ),
    ),
    "catalogue": (
        {"catalogue": (2, 12, {"cpu": (99, True)})},
        (
            f"cpu: {REQUEST}",
            "memory: its target is an amount (200Mi), and only a share of what a pod requests is read",
            "metric http_requests of type Pods: only cpu and memory of the pods are read",
        ),
    ),
    "hooks": (
        {"hooks-manager": (2, 20, {"cpu": (90, False), "memory": (70, False)})},
        (
            f"cpu: {REQUEST}",
            f"memory: {REQUEST}",
            "metric calls of type Object: only cpu and memory of the pods are read",
        ),
    ),
    "consumer": (
        {"consumer": (1, 10, {})},
        ("metric messages_ready of type External: only cpu and memory of the pods are read",),
    ),
    "sidecar": (
        {"sidecar": (2, 50, {"cpu": (70, False)})},
        (
            "behavior.scaleUp: a rules file has no words for selectPolicy",
            "cpu: of the container app alone there, of the whole unit here",
            f"cpu: {REQUEST}",
            f"memory: {REQUEST}",
            "metric ephemeral-storage of type Resource: only cpu and memory of the pods are read",
            "memory: target: got a percentage above 100, allowed 1 to 100",
        ),
    ),
    "bare": (
        {"bare": (1, 4, {"cpu": (80, True)})},
        (
            "metrics: none is named, for which Kubernetes takes cpu at 80 %, and so it is read",
            f"cpu: {REQUEST}",
        ),
    ),
    "listed": ({"one": (1, 6, {"cpu": (60, True)}), "two": (1, 6, {"cpu": (75, True)})}, (f"cpu: {REQUEST}",)),
}
"""By sample: bounds and targets of each workload, with whether it scales in, and every line that says what is not as there."""


@pytest.mark.parametrize("kind", samples.SOURCES)
def test_an_autoscaler_is_read_in_each_of_its_forms_and_what_is_not_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    workloads, said = READ[kind]
    found = read(tmp_path, samples.SOURCES[kind])
    assert {
        name: (
            one.elasticity.minimum,
            one.elasticity.maximum,
            {rule: (kept.target, kept.scale_in) for rule, kept in one.elasticity.target_tracking.items()},
        )
        for name, one in found.items()
    } == workloads
    lines = capsys.readouterr().err.splitlines()
    assert lines == [f"not translated: {name}: {line}" for name in workloads for line in (LOOP, *said)]
    assert all(
        f"# Not translated: {line.partition(': ')[2]}" in (tmp_path / "rules.yaml").read_text() for line in lines
    )


@pytest.mark.parametrize("kind", [kind for kind in samples.SOURCES if kind != "consumer"])
def test_what_was_read_is_checked_and_simulated(tmp_path: Path, kind: str) -> None:
    name = next(iter(read(tmp_path, samples.SOURCES[kind])))
    rules = str(tmp_path / "rules.yaml")
    assert run(["check", rules]) in (0, 1)
    assert run(["simulate", rules, "--service", name, "--shape", "steady rate=60/s", "--log", "0"]) == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (samples.CHART, "source: is a template of Helm: give what it makes, `helm template`"),
        (
            samples.STEADY.partition("# Source: steady/templates/autoscale.yaml")[0],
            "source: holds Service, Deployment of Kubernetes and no HorizontalPodAutoscaler",
        ),
        (
            samples.HOOKS.replace("'[{", "'{{"),
            "hooks-manager: autoscaling.alpha.kubernetes.io/metrics: is no JSON",
        ),
    ],
)
def test_what_is_no_autoscaler_is_told_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, said: str
) -> None:
    path = tmp_path / "source"
    path.write_text(content)
    assert run(["read", str(path)]) == (0 if "JSON" in said else 2)
    assert said in capsys.readouterr().err
