"""The Pulumi engine: found on PATH, installed or built, with a Python language host of our own beside it.

The `pulumi` command is on no Python index, so it is taken, in this order, from PATH (when recent enough), from this
user's cache, from the official installer, or built from Go modules at the version of the SDK (go.mod in this folder).
Whatever its origin, it runs from a cache folder with `pulumi-language-python` of this package beside the binary: the
engine takes a language host that lies beside it before any other, so every origin runs programs in the same way.
"""

from localcloud.engine.assembly import Engine, obtain
from localcloud.engine.sources import PIN, EngineError

__all__ = ["PIN", "Engine", "EngineError", "obtain"]
