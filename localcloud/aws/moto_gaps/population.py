"""Whether anything that somebody made is left in moto.

Every object of moto that a service's backend holds is counted by its class when the backend is made, and again when
asked. Objects that AWS would no longer charge for (deleted, terminated, inactive) are not counted. A journal whose
replay ends with the same counts can begin anew. Changes of what an account has from the start (the default VPC's
attributes, for one) are forgotten then.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from moto.core.base_backend import BackendDict, BaseBackend

_GONE: Final = frozenset(
    {"INACTIVE", "deleted", "DELETED", "deleting", "DELETE_IN_PROGRESS", "terminated", "PendingDeletion"}
)
_STATES: Final = ("status", "state", "key_state")


def _gone(model: Any) -> bool:
    return any(getattr(model, name, None) in _GONE for name in _STATES if isinstance(getattr(model, name, None), str))


def _inside(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list | tuple | set | frozenset):
        yield from value


def population(backend: BaseBackend) -> Counter[str]:
    """How many objects of each class a backend holds, directly or in another of its objects."""
    counts: Counter[str] = Counter()
    seen: set[int] = set()
    open_ends: list[Any] = list(vars(backend).values())
    while open_ends:
        value = open_ends.pop()
        if id(value) in seen or isinstance(value, BaseBackend | BackendDict):
            continue
        seen.add(id(value))
        open_ends.extend(_inside(value))
        if type(value).__module__.startswith("moto.") and not isinstance(value, type) and not _gone(value):
            counts[type(value).__qualname__] += 1
            open_ends.extend(vars(value).values() if hasattr(value, "__dict__") else ())
    return counts


def is_empty() -> bool:
    """Whether every backend holds what a new one holds."""
    kept: Any = BackendDict
    for backends in kept._instances:
        for account, region, backend in list(backends.iter_backends()):
            if population(backend) != population(type(backend)(region, account)):
                return False
    return True
