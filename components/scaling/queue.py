"""Queue rules: an acceptable delay becomes a backlog per unit, and a minimum of zero brings a step that wakes.

Backlog per unit = acceptable delay / time per message (EC2UG as-using-sqs-queue: 300 s and 2 s give 150 messages).
"""

from __future__ import annotations

from components.scaling.plan import Refused
from elasticity.faults import Fault
from elasticity.rules import Elasticity
from elasticity.waking import NAME_TAKEN, taken_names


def queue_unit(rules: Elasticity) -> float:
    """Seconds that one message takes: a delay divided by it is a number of messages."""
    return float(rules.queue.time_per_message) if rules.queue is not None else 1.0


def taken_wake(rules: Elasticity) -> Refused:
    """Rules under the name of the wake step, which has it for itself."""
    return tuple(Fault((kind, name), NAME_TAKEN, "choose another name") for kind, name in taken_names(rules))
