"""What ends a command without its answer, and the exit codes of all commands.

Imports none of the project: every command begins with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

import click

DONE, BROKEN, NOT_RUN, STOPPED, NOBODY_READS = 0, 1, 2, 130, 141
EXIT_CODES: Mapping[int, str] = MappingProxyType(
    {
        DONE: "done: no error was found, every expectation is kept",
        BROKEN: "the answer is no: an error in a stack file, a broken expectation, a deployment that failed",
        NOT_RUN: "there is no answer: wrong usage, a file that cannot be read or written, a fault of accordion itself",
        STOPPED: "stopped from the keyboard",
        NOBODY_READS: "whoever read the output has closed it",
    }
)
"""Of every command. Commands of the engine, under `accordion local`, end with the engine's own."""


class CannotRun(click.ClickException):
    """What was asked for cannot be run; a gate tells it from a broken expectation by its exit code, NOT_RUN."""

    exit_code = NOT_RUN


USER_ERRORS: Mapping[str, int] = MappingProxyType(
    {
        "elasticity.ExpectationError": NOT_RUN,
        "elasticity.InputFileError": NOT_RUN,
        "elasticity.RecordingError": NOT_RUN,
        "elasticity.SimulationError": NOT_RUN,
        "elasticity.TraceError": NOT_RUN,
        "localcloud.LocalCloudError": BROKEN,
        "stacks.SettingsError": NOT_RUN,
    }
)
"""Exceptions of the rooms below whose message is for the user, by house and name, so that naming them imports
nothing."""


EXTRA_OF: Mapping[str, str] = MappingProxyType(
    {
        "boto3": "aws",
        "botocore": "aws",
        "cryptography": "local",
        "docker": "docker",
        "e2b_dockerfile_utils": "docker",
        "flask": "local",
        "google": "local",
        "grpc": "local",
        "jmespath": "local",
        "matplotlib": "pictures",
        "moto": "local",
        "optuna": "tune",
        "prometheus_client": "docker",
        "psutil": "local",
        "pulumi": "aws",
        "pulumi_aws": "aws",
        "pulumi_docker": "docker",
        "pulumi_policy": "aws",
        "requests": "docker",
        "scipy": "fit",
        "semver": "local",
        "werkzeug": "local",
    }
)
"""The extra of pyproject.toml that brings a top-level module."""


def missing_extra(error: ImportError) -> str | None:
    """What to install for an import that failed, told as a user's error; None when it is a fault of the program."""
    name = error.name or ""
    extra = EXTRA_OF.get(name.partition(".")[0])
    if not isinstance(error, ModuleNotFoundError) or extra is None:
        return None
    return f"this needs {name}, which is not installed; it comes with an extra: pip install 'accordion[{extra}]'"


def exit_code_of(error: BaseException) -> int | None:
    """The exit code of a user's mistake, which is told by its message; None for a fault of the program."""
    if isinstance(error, click.ClickException):
        return error.exit_code
    names = (f"{kind.__module__.partition('.')[0]}.{kind.__name__}" for kind in type(error).__mro__)
    return next((USER_ERRORS[name] for name in names if name in USER_ERRORS), None)


@contextmanager
def as_cannot_run() -> Iterator[None]:
    """Turns what a user can get wrong into CannotRun, for a caller that goes on with the next file."""
    try:
        yield
    except click.ClickException:
        raise
    except Exception as error:
        if exit_code_of(error) is None:
            raise
        raise CannotRun(str(error)) from None
