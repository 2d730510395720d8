"""The SDK's analyzer, told the configuration of the stack.

An engine of today (3.274) sends it by `ConfigureStack` in place of an environment variable. The SDK (1.21) takes the
stack's tags of that message and nothing else, so that a pack would judge every stack as one without settings.
"""

from __future__ import annotations

from typing import Any

from pulumi_policy import policy

from guardrails.policies import policies, stack_said

_SERVICER = "_PolicyAnalyzerServicer"
"""The class of the SDK that answers the engine; a pack makes one, and offers no way to give it another."""
_POLICIES = f"{_SERVICER}__policies"
_OF_THE_SDK: Any = getattr(policy, _SERVICER)


class Analyzer(_OF_THE_SDK):  # type: ignore[misc]  # a class of the SDK that is not offered
    """Judges by what the stack says of itself."""

    def ConfigureStack(self, request: Any, context: Any) -> Any:  # noqa: N802 -- the protocol's name
        """Before anything is judged: the guardrails at the levels that this stack asks for."""
        setattr(self, _POLICIES, policies(stack_said(dict(request.config))))
        return super().ConfigureStack(request, context)


def listen_to_the_engine() -> None:
    """Let the policy pack that is made from now on have this analyzer."""
    if hasattr(_OF_THE_SDK, "ConfigureStack"):  # before that message the environment variable was all there was
        setattr(policy, _SERVICER, Analyzer)
