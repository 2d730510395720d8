"""The only place where a program looks at the clock, and at the state that its last deployment left."""

from __future__ import annotations

import datetime
import os
from typing import Any

import pulumi
from pulumi.runtime import invoke

from components.deployed import Deployed

RESOURCES_OF_A_STACK = "pulumi:pulumi:readStackResourceOutputs"
"""The engine's own function, answered from the backend: no provider and no cloud is asked."""
MOMENT = "ACCORDION_MOMENT"
"""A variable with the moment that a program takes for now, such as 2026-01-05T08:00:00Z: two previews that are compared
must not differ by the hour between them."""


def what_is_deployed() -> Deployed:
    """The running stack's last state, and now.

    Where the engine cannot tell, nothing counts as deployed: bounds are then declared as they hold now, which a preview
    in another window shows as a change.
    """
    given = os.environ.get(MOMENT)
    now = datetime.datetime.fromisoformat(given) if given else datetime.datetime.now(datetime.UTC)
    try:
        answer: Any = invoke(RESOURCES_OF_A_STACK, {"stackName": pulumi.get_stack()}).value
        return Deployed.of(answer["outputs"], now)
    except Exception as error:  # noqa: BLE001 - an older engine or another backend: the deployment goes on without
        pulumi.log.debug(f"the state of the last deployment is not known: {error}")
        return Deployed(moment=now)
