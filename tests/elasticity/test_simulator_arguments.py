"""What `simulate` and `simulate_many` say of arguments that are none of theirs.

Cannot prove that every wrong value is refused: pydantic and the conditions' own ranges are tested beside them.
"""

import numpy as np
import pytest

from elasticity import Elasticity, simulate
from elasticity.simulator import SimulationError, simulate_many
from elasticity.traces import Load, TraceError

RULES = Elasticity.model_validate(
    {
        "minimum": 1,
        "maximum": 4,
        "target_tracking": {"cpu": {"metric": "cpu", "target": 60}},
        "unit": {"capacity": "10/s"},
    }
)
LOAD = Load(values=np.ones(60), step=60)
TICKS = "1, 2, 5, 10, 15, 20, 30, 60 seconds"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            {"rules": {"minimum": 1}},
            "`rules`: got a dict, allowed an Elasticity, such as Elasticity.model_validate({...})",
        ),
        ({"load": [1, 2]}, "`load`: got a list, allowed a Load: `read_trace` of a file, or a named shape"),
        ({"prices": 3}, "`prices`: got 3, allowed Prices, or nothing for the shipped table"),
        ({"start": "2026-01-05"}, "`start`: got text, allowed a datetime with its zone"),
        (
            {"unit_price": "x"},
            "`unit_price`: got text, allowed a number from 0 up an hour, a FargateTask or an Instance",
        ),
        ({"unit_price": -1}, "`unit_price`: got -1, allowed a number from 0 up an hour, a FargateTask or an Instance"),
        ({"tick": "60"}, "tick: got text, allowed a whole number of seconds"),
        ({"tick": 0}, f"tick: got 0, allowed {TICKS}"),
        ({"client_timeout": "30s"}, "client_timeout: got text, allowed a number of seconds"),
        ({"latency_goal": True}, "latency_goal: got true or false, allowed a number of seconds"),
        ({"instances": 3}, "instances: got 3, allowed Instances(units_per_instance=...)"),
        ({"deployments": [3]}, "deployments.0: got 3, allowed a Deployment"),
        ({"forecast": 3}, "forecast: got 3, allowed a function of hourly maxima and a number of hours"),
        ({"history": "1,2"}, "history: got text, allowed a list of requests per second, one an hour"),
        ({"parameters": 3}, "parameters: got 3, allowed PlatformParameters or a mapping of those that differ"),
        (
            {"slow_start": "30s", "reversal_window": None},
            "slow_start: got text, allowed a number of seconds\nreversal_window: got nothing, allowed a number of seconds",
        ),
    ],
)
def test_an_argument_of_another_kind_is_refused_by_name(arguments, expected):
    with pytest.raises(SimulationError) as error:
        simulate(**({"rules": RULES, "load": LOAD} | arguments))
    assert str(error.value) == expected


@pytest.mark.parametrize("seed", ["x", -1, 1.5])
def test_a_seed_that_repeats_nothing_is_refused(seed):
    with pytest.raises(TraceError, match="expected a whole number from 0 up, so that a run can be repeated"):
        simulate(RULES, LOAD, seed=seed)


def test_many_runs_refuse_what_one_refuses():
    with pytest.raises(SimulationError, match="`load`: got a list, allowed a Load"):
        simulate_many([RULES], [[1, 2]])
