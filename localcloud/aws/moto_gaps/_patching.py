"""The two ways of changing moto: replace what is there, add what is not.

Both refuse to work on a moto that has changed: a method to replace must exist, an action to add must not.
"""

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from moto.core.exceptions import ServiceException


class Refusal(ServiceException):
    """A request refused as AWS refuses it: `Refusal(code, message)`."""

    # moto takes a module name that begins with "moto" apart to find the service's error model, and fails on this one.
    __module__ = "refusals"


def replace(owner: Any, name: str = "") -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Put the decorated function in the place of the owner's attribute of its name; it gets the original first."""

    def install(function: Callable[..., Any]) -> Callable[..., Any]:
        attribute = name or function.__name__
        original = getattr(owner, attribute)

        @functools.wraps(original)
        def patched(*arguments: Any, **keywords: Any) -> Any:
            return function(original, *arguments, **keywords)

        setattr(owner, attribute, patched)
        return function

    return install


def add(owner: type) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make the decorated function a method of the owner, which must not have one of that name."""

    def install(function: Callable[..., Any]) -> Callable[..., Any]:
        if hasattr(owner, function.__name__):
            raise RuntimeError(f"moto has {owner.__name__}.{function.__name__} now; remove this gap's patch")
        setattr(owner, function.__name__, function)
        return function

    return install


def keep(model: object, parameters: Mapping[str, Any], names: Iterable[str]) -> None:
    """Keep members of a request that moto drops.

    moto's serializer looks a member up on the model by its AWS name or its snake_case name.
    """
    for name in names:
        if name in parameters:
            setattr(model, name, parameters[name])
