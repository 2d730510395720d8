"""A metric has one model, and its CloudWatch name is spelled once; whether AWS publishes it under that name cannot be
proved here: the tables cite its references.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import components
import elasticity
from components.alarms.dashboard import _rows
from components.metrics import QUEUE, TARGETS, UNITS, MetricExpression, MetricReference, alarm_inputs, metric_queries
from components.scaling.metrics import PREDEFINED
from components.specs import autoscaling_group
from elasticity import waking
from elasticity.autoscaler import signals
from elasticity.autoscaler.signals import KNOWN
from elasticity.checks import levels
from elasticity.checks import metrics as metric_checks
from elasticity.metrics import METRICS
from elasticity.recordings import performance

ROOM = Path(components.__file__).parent
WITH_A_LIST_OF_THEIR_OWN = {Path(autoscaling_group.__file__)}
"""What a group is asked to publish is a setting of the group, not a metric that something watches."""
RULES_ROOM = Path(elasticity.__file__).parent
RECOGNISED_IN = {Path(module.__file__) for module in (signals, levels, metric_checks, performance)}
"""Tables of names that a user may have declared: what they are made of, which of them are totals, which count requests."""
VISIBLE = MetricReference("AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": "orders"})
WAITING = MetricExpression("IF(units < 1, visible, 0)", {"visible": VISIBLE}, steps={"units": "FILL(visible, 0)"})


def texts(path: Path) -> Iterator[str]:
    """String literals of a module; docstrings and messages are longer than any name, so no name equals one."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_no_module_spells_the_name_of_a_metric_a_second_time():
    published = [metric for table in (*UNITS.values(), QUEUE, TARGETS) for metric in table.values()]
    modules = set(ROOM.rglob("*.py")) - WITH_A_LIST_OF_THEIR_OWN | {Path(waking.__file__)}
    spelled = Counter(text for path in modules for text in texts(path))
    both = "CPUUtilization"  # of two namespaces, one for each kind of unit
    assert {name: spelled[name] for name in {metric.name for metric in published}} == {
        **{metric.name: 1 for metric in published},
        both: 2,
    }


def test_what_declared_metrics_are_recognised_by_is_spelled_in_named_tables_and_as_it_is_published():
    published = [metric for table in (*UNITS.values(), QUEUE, TARGETS) for metric in table.values()]
    names = {metric.name for metric in published} | {name for _, name, _ in KNOWN}
    spelled = {path: Counter(text for text in texts(path) if text in names) for path in RULES_ROOM.rglob("*.py")}
    assert {path for path, found in spelled.items() if found} == {Path(waking.__file__), *RECOGNISED_IN}
    for path in (Path(waking.__file__), Path(signals.__file__)):
        assert {name for name, times in spelled[path].items() if times > 1} <= {"CPUUtilization"}
    assert not spelled[Path(signals.__file__)].keys() & spelled[Path(waking.__file__)].keys()
    recognised = {name for _, name, _ in KNOWN}
    for metric in published:
        assert metric.name not in recognised or (metric.namespace, metric.name, metric.statistic) in KNOWN


def test_a_metric_that_units_publish_and_rules_track_has_both_names():
    of_units = {(metric, platform) for (metric, platform), names in PREDEFINED.items() if names.of_units}
    assert of_units == {
        (metric, platform)
        for platform, published in UNITS.items()
        for metric in published
        if metric in METRICS and METRICS[metric].of_units
    }


def test_metric_math_with_steps_is_an_alarms_queries_in_the_order_they_are_read():
    assert [(one["id"], one.get("expression"), one["return_data"]) for one in metric_queries(WAITING)] == [
        ("visible", None, False),
        ("units", "FILL(visible, 0)", False),
        ("watched", "IF(units < 1, visible, 0)", True),
    ]


def test_a_reference_is_the_same_metric_in_both_forms_of_an_alarm():
    plain = alarm_inputs(VISIBLE)
    (query,) = metric_queries(VISIBLE, "m")
    assert plain.pop("statistic") == query["metric"].pop("stat") == "Average"
    assert plain == query["metric"]


def test_no_part_of_metric_math_becomes_finer_than_asked():
    fine = MetricExpression("a + b", {"a": VISIBLE.seen(period=10), "b": VISIBLE.seen(period=300)})
    assert [one.period for one in fine.at_least_every(60).references] == [60, 300]


def test_a_dashboard_hides_the_steps_of_metric_math_under_ids_of_their_own():
    rows = [row[-1] for row in _rows("s0", "left", "waiting", WAITING)]
    assert [(row["id"], row.get("expression"), row.get("visible", True)) for row in rows] == [
        ("s0_visible", None, False),
        ("s0_units", "FILL(s0_visible, 0)", False),
        ("s0", "IF(s0_units < 1, s0_visible, 0)", True),
    ]
