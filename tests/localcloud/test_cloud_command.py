"""Output of an engine command on its way to wherever it goes. A script stands in for the engine.

Cannot prove what the engine prints: tests/localcloud/test_cloud_engine.py runs it.
"""

import os
import subprocess
import sys

import pytest

ENGINE = """\
#!{python}
import sys
for _ in range(4_000):
    print("x" * 99)
sys.stdout.flush()
open("{done}", "w").close()
sys.exit({code})
"""
RUN = """\
import sys
from pathlib import Path
from localcloud.cloud import LocalCloudError
from localcloud.cloud.command import Command
try:
    sys.exit(Command(Path({engine!r}), Path("/"), {{}}).streamed(["stack", "export"]))
except LocalCloudError as error:
    print("error:", error, file=sys.stderr)
    sys.exit(1)
"""


@pytest.fixture
def streamed(tmp_path):
    """Runs a command whose engine prints 400 kB; returns how it ended, and whether the engine came to its end."""
    done = tmp_path / "done"

    def run(shell: str, code: int = 0) -> tuple[int, str, bool]:
        engine = tmp_path / "pulumi"
        engine.write_text(ENGINE.format(python=sys.executable, done=done, code=code))
        engine.chmod(0o700)
        (tmp_path / "run.py").write_text(RUN.format(engine=str(engine)))
        line = shell.format(f"{sys.executable} {tmp_path / 'run.py'}")
        ended = subprocess.run(["/bin/bash", "-c", line], capture_output=True, text=True, timeout=120)
        return ended.returncode, ended.stderr, done.exists()

    return run


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")  # noqa: PTH110
@pytest.mark.parametrize(
    ("code", "ends", "said"),
    [
        (0, 1, "error: the command succeeded, but its output could not be written: No space left on device\n"),
        (3, 3, ""),
    ],
)
def test_output_that_cannot_be_written_stops_nothing_and_is_told(streamed, code, ends, said):
    assert streamed("{} > /dev/full", code) == (ends, said, True)


@pytest.mark.parametrize("shell", ["{} | head -1", "{} | true; exit ${{PIPESTATUS[0]}}"])
def test_a_reader_that_goes_away_stops_nothing_and_is_no_error(streamed, shell):
    assert streamed(shell) == (0, "", True)


def test_a_closed_output_is_no_error(streamed):
    assert streamed("{} >&-") == (0, "", True)


def test_an_output_that_takes_a_part_at_a_time_gets_all(streamed, tmp_path):
    slow = "import os, sys, time; os.set_blocking(1, False); os.execvp(sys.argv[1], sys.argv[1:])"
    kept = tmp_path / "kept"
    shell = f"{sys.executable} -c '{slow}' {{}} | (sleep 1; cat > {kept})"
    assert streamed(shell) == (0, "", True)
    assert kept.stat().st_size == 400_000


def test_the_engines_own_exit_code_is_passed_on(streamed):
    assert streamed("{} > /dev/null", 7) == (7, "", True)


@pytest.mark.parametrize("shell", ["PYTHONWARNINGS=error {} > /dev/null", "PYTHONDEVMODE=1 {} | cat > /dev/null"])
def test_a_shell_in_which_python_warns_of_everything_sees_no_warning_of_ours(streamed, shell):
    assert streamed(shell) == (0, "", True)
