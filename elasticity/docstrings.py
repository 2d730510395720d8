"""Docstrings of attributes, read from the source only where somebody asks.

pydantic's own `use_attribute_docstrings` parses the source of each model at import, which was a fifth of the time that
a stack's program needs to start (run).
"""

import ast
import inspect
import itertools
import textwrap


def of_attributes(cls: type) -> dict[str, str]:
    """The text under each annotated attribute of a class and of those it inherits from, by attribute."""
    found: dict[str, str] = {}
    for origin in reversed(cls.__mro__):
        if inspect.get_annotations(origin) and origin.__module__.partition(".")[0] != "pydantic":
            found |= _own(origin)
    return found


def _own(cls: type) -> dict[str, str]:
    definitions = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    return {
        attribute.target.id: inspect.cleandoc(text.value.value)
        for definition in definitions
        if isinstance(definition, ast.ClassDef)
        for attribute, text in itertools.pairwise(definition.body)
        if isinstance(attribute, ast.AnnAssign)
        and isinstance(attribute.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }
