"""Failures and exit codes of all commands. It cannot prove that a command uses them: each has its own tests."""

import pytest

from elasticity.expectations import ExpectationError
from elasticity.input_files import InputFileError
from elasticity.recordings.recording import RecordingError
from elasticity.simulator import SimulationError
from elasticity.traces import TraceError
from localcloud.cloud.errors import LocalCloudError
from operations.failures import BROKEN, NOT_RUN, USER_ERRORS, CannotRun, as_cannot_run, exit_code_of
from stacks.stack_file import SettingsError

TOLD = {
    ExpectationError: NOT_RUN,
    InputFileError: NOT_RUN,
    LocalCloudError: BROKEN,
    RecordingError: NOT_RUN,
    SettingsError: NOT_RUN,
    SimulationError: NOT_RUN,
    TraceError: NOT_RUN,
}


def test_every_name_in_the_table_is_an_exception_of_its_house() -> None:
    named = {f"{kind.__module__.partition('.')[0]}.{kind.__name__}": code for kind, code in TOLD.items()}
    assert named == USER_ERRORS


@pytest.mark.parametrize(("error", "code"), [(kind([]) if kind is SettingsError else kind("x"), code) for kind, code in TOLD.items()])  # fmt: skip
def test_a_mistake_has_the_exit_code_of_the_table(error: Exception, code: int) -> None:
    assert exit_code_of(error) == code
    with pytest.raises(CannotRun) as told, as_cannot_run():
        raise error
    assert told.value.exit_code == NOT_RUN


def test_a_fault_of_the_program_has_none_and_passes() -> None:
    assert exit_code_of(ValueError("x")) is None
    with pytest.raises(ZeroDivisionError), as_cannot_run():
        raise ZeroDivisionError
