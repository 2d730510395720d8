"""What fails is sent again: by its number of attempts, so that none is sent more often than it may be."""

from __future__ import annotations

from elasticity.autoscaler.layout import Plan, Reals
from elasticity.simulator.plant.state import PlantState, Totals


def remember(plant: PlantState, recent: Reals, arriving: float, index: int) -> float:
    """Requests that have arrived within the client timeout, with those of this tick: no more than they can wait."""
    place = index % len(recent)
    plant.lately = max(0.0, plant.lately + arriving - recent[place])
    recent[place] = arriving
    return plant.lately


def send_again(
    plan: Plan, plant: PlantState, totals: Totals, first: float, present: float, lost: float, backlog: float
) -> float:
    """Share what has failed out to the next tick, and return what has failed for good.

    `first`: requests of this tick that are sent for the first time; `present`: all that are served from, of which
    `lost` fail and `backlog` wait on, each attempt by its share of them.
    """
    given_up, again = 0.0, 0.0
    for attempt in range(plan.retry_limit, -1, -1):
        here = plant.waiting_by_attempt[attempt] + (plant.again_by_attempt[attempt] if attempt > 0 else first)
        share = here / present if present > 0.0 else 0.0
        plant.waiting_by_attempt[attempt] = backlog * share
        failed = lost * share
        if attempt < plan.retry_limit:
            sent = failed * plan.retry_factor
            plant.again_by_attempt[attempt + 1] = sent
            again += sent
            given_up += failed - sent
        else:
            given_up += failed
    plant.again = again
    totals.retried += again
    return given_up
