"""Pulumi's config of the stack that runs -> `Settings`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pulumi

from stacks import configuration
from stacks.compositions import COMPOSITIONS, Settings, settings_model
from stacks.settings import SECRET_KEYS, SettingsError, validate
from stacks.stack_file import PROJECT, StackFile


def settings_of_this_stack() -> Settings:
    """The settings of the running stack; a fault ends the program with one message and no traceback.

    Values come from the engine, so `--config` counts; the stack file in the working directory gives the lines.
    """
    config = pulumi.Config(PROJECT)
    path = Path(f"Pulumi.{pulumi.get_stack()}.yaml")
    try:
        file = StackFile.read(path) if path.exists() else StackFile(path.name, {})
        known = {key for composition in COMPOSITIONS for key in settings_model(composition).model_fields}
        sections = known | (file.sections.keys() - SECRET_KEYS)
        settings = validate(file, {key: _value(text) for key in sections if (text := config.get(key)) is not None})
        wrong = configuration.judge(settings.configured, configuration.keys_beside(path), file)
        if errors := [each for each in wrong if each.severity == "error"]:
            raise SettingsError(errors)
        return settings
    except SettingsError as error:
        count, stack = len(error.faults), pulumi.get_stack()
        raise pulumi.RunError(f"{count} fault{'s' * (count > 1)} in the settings of stack {stack}:\n{error}") from None


def _value(text: str) -> Any:
    """Pulumi hands a structure over as JSON, a scalar as its text, and nothing as an empty one."""
    try:
        return json.loads(text, parse_constant=_no_number) if text else None
    except ValueError:
        return text


def _no_number(name: str) -> float:
    raise ValueError(name)  # NaN and the like are words: JSON has none
