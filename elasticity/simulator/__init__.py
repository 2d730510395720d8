"""Rules, platform and load to a timeline, with AWS's own semantics; and many at once.

`simulate` gives one `Timeline` with decisions in words; `simulate_many` gives figures of many rule sets on many loads.
"""

from elasticity.simulator.conditions import Conditions, Deployment, Instances, Retries, SimulationError
from elasticity.simulator.document import TimelineDocument, schema
from elasticity.simulator.failures import DownstreamLimit, RollingDeployment, SpotInterruptions, ZoneLoss
from elasticity.simulator.figures import FIGURES
from elasticity.simulator.held import Held
from elasticity.simulator.reasons import Decision
from elasticity.simulator.runs import Sweep, simulate, simulate_many
from elasticity.simulator.timeline import NOT_MODELLED, Timeline

__all__ = [
    "FIGURES",
    "NOT_MODELLED",
    "Conditions",
    "Decision",
    "Deployment",
    "DownstreamLimit",
    "Held",
    "Instances",
    "Retries",
    "RollingDeployment",
    "SimulationError",
    "SpotInterruptions",
    "Sweep",
    "Timeline",
    "TimelineDocument",
    "ZoneLoss",
    "schema",
    "simulate",
    "simulate_many",
]
