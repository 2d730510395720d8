"""The autoscaler before the first datapoint."""

from __future__ import annotations

import math

from elasticity.autoscaler.layout import INSUFFICIENT, NEVER, Plan, State, Tables


def at_rest(plan: Plan, tables: Tables, state: State) -> None:
    """The initial units are wanted, and nothing was ever measured. `state` comes all zero."""
    for alarm in range(tables.alarms):
        state.alarm[alarm] = INSUFFICIENT
    for signal in range(tables.signals):
        state.alarmed_at[signal] = state.acting_at[signal] = -1
        state.unchanged_above[signal] = math.inf
    for policy in range(tables.policies):
        state.noted[policy] = -1
    for place in range(tables.codes):
        state.kept[place] = math.nan
    state.desired = plan.initial
    state.minimum = plan.minimum
    state.maximum = plan.maximum
    state.acted = -NEVER
    for clock in range(tables.clocks):
        state.evaluated_at[clock] = -1
        state.next_close[clock] = tables.clock_first_close[clock]
        state.next_evaluation[clock] = tables.clock_first_evaluation[clock]
        state.next_publication[clock] = tables.clock_first_evaluation[clock]
