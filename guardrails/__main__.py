import sys
from pathlib import Path

from pulumi_policy import PolicyPack

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the pack runs from its own folder

from guardrails.analyzer import listen_to_the_engine
from guardrails.policies import policies, stack_said

listen_to_the_engine()
PolicyPack("accordion-guardrails", policies(stack_said()))
