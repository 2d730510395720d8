"""Hypothesis strategies for rules, alarms, policies and loads: values that the models accept, unless a name says
otherwise."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from elasticity.alarms import BREACHES
from elasticity.policies import StepInterval, StepPolicy
from elasticity.quantities import Duration, Rate
from elasticity.rules import Elasticity

STATES = ("OK", "ALARM", "INSUFFICIENT_DATA")
MISSING = ("missing", "ignore", "breaching", "notBreaching")
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Cairo", "Etc/GMT+5")
"""With changes by an hour, by half an hour, in both hemispheres, at midnight (Cairo), and without any."""

counts = st.integers(0, 1_000)
utilisations = st.floats(0, 100).map(lambda value: round(value, 3))
targets = st.floats(1, 100).map(lambda value: round(value, 3))
points = st.one_of(st.none(), utilisations)
series = st.lists(points, max_size=60)
rule_names = st.from_regex(r"[a-z][a-z0-9_-]{0,19}", fullmatch=True)

durations = st.builds(
    lambda count, unit: Duration.parse(f"{count}{unit}"), st.integers(0, 10_000), st.sampled_from(("ms", "s", "m", "h"))
)
positive_durations = durations.filter(lambda duration: duration > 0)
rates = st.builds(
    lambda count, unit: Rate.parse(f"{count}/{unit}"), st.integers(1, 10_000), st.sampled_from(("s", "min", "h", "d"))
)


@st.composite
def alarm_inputs(draw: st.DrawFn) -> dict[str, Any]:
    """Arguments of `alarm_state` by keyword, with a range of up to two points more than the evaluation periods."""
    periods = draw(st.integers(1, 8))
    return {
        "points": draw(st.lists(points, max_size=periods + 2)),
        "threshold": draw(utilisations),
        "comparison": draw(st.sampled_from(tuple(BREACHES))),
        "evaluation_periods": periods,
        "datapoints_to_alarm": draw(st.integers(1, periods)),
        "missing": draw(st.sampled_from(MISSING)),
        "previous": draw(st.sampled_from(STATES)),
    }


@st.composite
def step_policies(draw: st.DrawFn) -> StepPolicy:
    """A valid step policy over the whole line: no gap, no overlap, both ends open."""
    edges = sorted(draw(st.sets(st.integers(-60, 60), min_size=1, max_size=12)))
    kind = draw(st.sampled_from(("ChangeInCapacity", "PercentChangeInCapacity", "ExactCapacity")))
    changes = st.integers(0, 50) if kind == "ExactCapacity" else st.integers(-100, 300)
    return StepPolicy(
        threshold=draw(st.integers(0, 100)),
        adjustment_type=kind,
        steps=tuple(
            StepInterval(lower, upper, draw(changes))
            for lower, upper in zip([None, *edges], [*edges, None], strict=True)
        ),
        min_adjustment_magnitude=draw(st.one_of(st.none(), st.integers(1, 5)))
        if kind == "PercentChangeInCapacity"
        else None,
        watches_low_side=draw(st.booleans()),
    )


@st.composite
def proposals(draw: st.DrawFn) -> dict[str, Any]:
    """What one policy asks for, as `combine` takes it."""
    alarm = draw(st.sampled_from(("high", "low", "ok")))
    return {
        "kind": draw(st.sampled_from(("target_tracking", "step"))),
        "alarm": alarm,
        "capacity": None if alarm == "ok" else draw(counts),
        "scale_in": draw(st.booleans()),
    }


cooldowns = st.one_of(st.none(), durations)


def _amount(metric: str) -> st.SearchStrategy[Any]:
    if metric in ("cpu", "memory"):
        return targets
    return positive_durations if metric in ("response_time", "queue_delay") else st.floats(0.5, 5_000)


@st.composite
def tracking_rules(draw: st.DrawFn) -> dict[str, Any]:
    """The mapping of one target-tracking rule, in the types of the model."""
    metric = draw(st.sampled_from(("cpu", "memory", "requests_per_target", "response_time", "queue_delay")))
    return {
        "metric": metric,
        "target": draw(_amount(metric)),
        "scale_in_cooldown": draw(cooldowns),
        "scale_out_cooldown": draw(cooldowns),
        "warm_up": draw(cooldowns),
        "scale_in": draw(st.booleans()),
    }


@st.composite
def step_rules(draw: st.DrawFn) -> dict[str, Any]:
    """The mapping of one step rule that watches the high side, with one to four steps without gap."""
    metric = draw(st.sampled_from(("cpu", "requests_per_target", "queue_delay")))
    edges = sorted(draw(st.sets(st.integers(1, 300), min_size=0, max_size=3)))
    bound = (lambda number: Duration(number)) if metric == "queue_delay" else float
    lowers, uppers = [0, *edges], [*edges, None]
    return {
        "metric": metric,
        "threshold": draw(_amount(metric)),
        "adjustment": draw(st.sampled_from(("change", "percent"))),
        "steps": [
            {
                "from": bound(lower),
                "to": None if upper is None else bound(upper),
                "change": draw(st.integers(1, 50)),
            }
            for lower, upper in zip(lowers, uppers, strict=True)
        ],
        "missing_data": draw(st.sampled_from(MISSING)),
        "cooldown": draw(cooldowns),
    }


@st.composite
def scheduled_rules(draw: st.DrawFn) -> dict[str, Any]:
    """The mapping of one schedule in five fields."""
    return {
        "cron": f"{draw(st.integers(0, 59))} {draw(st.integers(0, 23))} * * {draw(st.sampled_from(('*', 'MON-FRI')))}",
        "time_zone": draw(st.sampled_from(ZONES)),
        "minimum": draw(st.integers(0, 5)),
        "maximum": draw(st.integers(5, 50)),
    }


@st.composite
def predictive_rules(draw: st.DrawFn) -> dict[str, Any]:
    """The mapping of one predictive rule."""
    mode = draw(st.sampled_from(("forecast_only", "forecast_and_scale")))
    return {"metric": "cpu", "target": draw(targets), "mode": mode, "buffer": Duration(draw(st.integers(0, 3_599)))}


@st.composite
def elasticities(draw: st.DrawFn) -> Elasticity:
    """Rules that the model accepts: bounds, any mix of rules, names unique across kinds, a queue and a unit
    declared."""
    names = iter(draw(st.lists(rule_names, unique=True, min_size=8, max_size=8)))
    minimum = draw(st.integers(0, 10))
    maximum = minimum + draw(st.integers(0, 90))

    def some(rules: st.SearchStrategy[dict[str, Any]]) -> dict[str, dict[str, Any]]:
        return {next(names): draw(rules) for _ in range(draw(st.integers(0, 2)))}

    return Elasticity.model_validate(
        {
            "minimum": minimum,
            "maximum": maximum,
            "initial": draw(st.one_of(st.none(), st.integers(minimum, maximum))),
            "target_tracking": some(tracking_rules()),
            "step_scaling": some(step_rules()),
            "scheduled": some(scheduled_rules()),
            "predictive": some(predictive_rules()),
            "queue": {"name": "jobs", "time_per_message": draw(positive_durations)},
            "unit": {
                "capacity": draw(rates),
                "start_up": draw(durations),
                "service_time": draw(durations),
                "idle_cpu": draw(st.floats(0, 20)),
            },
        }
    )


loads = st.lists(st.floats(0, 10_000).map(lambda value: round(value, 2)), min_size=1, max_size=240)
"""Requests per second, one value per equal step."""
demands = st.lists(st.integers(0, 100), min_size=1, max_size=120)
"""Units needed, one value per equal step."""

nonsense: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=20),
        st.sampled_from(("5m", "-1s", "1e3", "60", "cpu", "0 8 * * *", "?", "NaN")),
    ),
    lambda children: st.one_of(
        st.lists(children, max_size=3),
        st.dictionaries(
            st.one_of(
                st.text(max_size=8),
                st.sampled_from(
                    (
                        "minimum",
                        "maximum",
                        "initial",
                        "target_tracking",
                        "step_scaling",
                        "scheduled",
                        "predictive",
                        "metrics",
                        "metric",
                        "target",
                        "threshold",
                        "steps",
                        "cron",
                        "unit",
                        "queue",
                        "accept",
                        "cpu",
                    )
                ),
            ),
            children,
            max_size=6,
        ),
    ),
    max_leaves=30,
)
"""Anything that YAML can hold, often under the language's own keys."""
