"""How the language host picks an interpreter and what it shows of errors.

Cannot prove that the engine shows it so: tests/localcloud/test_cloud_engine.py runs that.
"""

import asyncio
import subprocess
import sys

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime import stack
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from localcloud.engine import PIN, language_host, program
from localcloud.engine.sources import MODULE_FOLDER


def info(root, **options):
    made = language_pb2.ProgramInfo(root_directory=str(root), program_directory=str(root), entry_point=".")
    made.options.update(options)
    return made


def environment(root, name):
    python = root / name / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    return str(python)


def test_a_program_that_declares_nothing_runs_under_the_hosts_interpreter(tmp_path):
    assert language_host.interpreter(info(tmp_path)) == sys.executable


def test_a_declared_environment_is_taken_from_the_projects_folder(tmp_path):
    python = environment(tmp_path, "venv")
    assert language_host.interpreter(info(tmp_path, virtualenv="venv")) == python


def test_an_absolute_environment_is_taken_as_it_is(tmp_path):
    python = environment(tmp_path, "venv")
    assert language_host.interpreter(info("/elsewhere", virtualenv=str(tmp_path / "venv"))) == python


def test_uv_keeps_its_environment_in_dot_venv(tmp_path):
    python = environment(tmp_path, ".venv")
    assert language_host.interpreter(info(tmp_path, toolchain="uv")) == python


def test_a_missing_environment_is_told_with_what_to_do(tmp_path):
    with pytest.raises(language_host.ProgramError) as error:
        language_host.interpreter(info(tmp_path, virtualenv="venv"))
    assert str(error.value) == (
        f"runtime option virtualenv: no Python at {tmp_path}/venv/bin/python; make the environment and install the "
        "program's requirements, or remove the option to use the interpreter that runs the local cloud"
    )


def test_poetry_without_a_declared_environment_is_told_how_to_declare_it(tmp_path):
    with pytest.raises(language_host.ProgramError) as error:
        language_host.interpreter(info(tmp_path, toolchain="poetry"))
    assert str(error.value) == (
        "runtime option toolchain: poetry keeps its environment in a place of its own; "
        "add the option virtualenv with the path that `poetry env info --path` prints"
    )


@pytest.mark.parametrize(
    ("file", "own"),
    [
        ("/project/__main__.py", True),
        ("/project/components/network.py", True),
        ("/project/.venv/lib/python3.11/site-packages/pulumi/resource.py", False),
        ("/usr/lib/python3.11/runpy.py", False),
        ("<frozen runpy>", False),
    ],
)
def test_the_programs_frames_are_those_in_its_folder_but_not_of_installed_packages(file, own):
    assert program.belongs(file, "/project/") is own


def test_an_exception_is_shown_with_the_programs_frames_alone(tmp_path):
    source = tmp_path / "network.py"
    source.write_text("def build(zones):\n    return zones['missing']\n")
    scope = {}
    exec(compile(source.read_text(), str(source), "exec"), scope)
    with pytest.raises(KeyError) as caught:
        scope["build"]({})
    assert program.plainly(caught.value, f"{tmp_path}/") == (
        "Program failed with an unhandled exception:\n"
        "Traceback (most recent call last):\n"
        f'  File "{source}", line 2, in build\n'
        "    return zones['missing']\n"
        "           ~~~~~^^^^^^^^^^^\n"
        "KeyError: 'missing'"
    )


def test_an_exception_from_elsewhere_alone_has_no_frames():
    with pytest.raises(ZeroDivisionError) as caught:
        _ = 1 / 0
    assert program.plainly(caught.value, "/project/") == (
        "Program failed with an unhandled exception:\nZeroDivisionError: division by zero"
    )


@pytest.fixture
def run_loop(monkeypatch):
    monkeypatch.setattr(stack, "asyncio", asyncio)  # as it was, afterwards
    program.wait_for_outputs_in_batches()
    return stack.asyncio


async def fail():
    raise KeyError("missing")


def test_a_failed_output_is_seen_while_others_are_unfinished(run_loop):
    async def look():
        endless, failed = asyncio.ensure_future(asyncio.Event().wait()), asyncio.ensure_future(fail())
        done, pending = await run_loop.wait([endless, failed], return_when=asyncio.FIRST_COMPLETED)
        endless.cancel()
        return [type(task.exception()) for task in done], pending == {endless}

    assert asyncio.run(look()) == ([KeyError], True)


def test_finished_outputs_are_seen_together_not_one_by_one(run_loop):
    async def look():
        tasks = [asyncio.ensure_future(asyncio.sleep(0.001 * number)) for number in range(10)]
        done, pending = await run_loop.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return len(done), len(pending)

    assert asyncio.run(look()) == (10, 0)


def test_an_endless_output_does_not_hide_what_comes_after(run_loop, monkeypatch):
    monkeypatch.setattr(program, "_OUTPUTS_POLL", 0.01)

    async def look():
        endless = asyncio.ensure_future(asyncio.Event().wait())
        done, pending = await run_loop.wait([endless], return_when=asyncio.FIRST_COMPLETED)
        endless.cancel()
        return done, pending == {endless}

    assert asyncio.run(look()) == (set(), True)


def test_the_projects_folder_is_that_which_the_shadow_stands_for(tmp_path):
    assert program.project_folder(str(tmp_path)) == str(tmp_path)
    (tmp_path / ".project").write_text("/home/ada/project\n")
    assert program.project_folder(str(tmp_path)) == "/home/ada/project"


@pytest.fixture
def host():
    process = subprocess.Popen(
        [sys.executable, str(MODULE_FOLDER / "language_host.py")], stdout=subprocess.PIPE, text=True
    )
    with process:
        port = process.stdout.readline().strip()
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield process, language_pb2_grpc.LanguageRuntimeStub(channel)
        process.terminate()


def test_the_host_names_the_pinned_version_and_no_package_to_download(host):
    _, stub = host
    assert stub.GetPluginInfo(empty_pb2.Empty()).version == str(PIN)
    assert list(stub.GetRequiredPackages(language_pb2.GetRequiredPackagesRequest()).packages) == []
    assert list(stub.InstallDependencies(language_pb2.InstallDependenciesRequest())) == []


def test_a_plugin_is_run_with_its_arguments_and_its_output_passed_on(host, tmp_path):
    _, stub = host
    (tmp_path / "__main__.py").write_text("import os, sys; print(sys.argv[1], os.environ['GIVEN']); sys.exit(3)")
    request = language_pb2.RunPluginRequest(
        pwd=str(tmp_path), info=info(tmp_path), args=["address"], env=["GIVEN=value=with equals"]
    )
    answers = list(stub.RunPlugin(request))
    assert b"".join(answer.stdout for answer in answers) == b"address value=with equals\n"
    assert answers[-1].exitcode == 3


def test_the_host_ends_when_it_is_told_to(host):
    process, _ = host
    process.terminate()
    assert process.wait(120) == 0


def test_the_host_ends_with_the_engine_that_started_it():
    starter = (
        "import subprocess, sys; "
        f"host = subprocess.Popen([sys.executable, {str(MODULE_FOLDER / 'language_host.py')!r}], stdout=subprocess.PIPE); "
        "host.stdout.readline()"
    )
    with subprocess.Popen([sys.executable, "-c", starter], stderr=subprocess.PIPE, text=True) as process:
        process.stderr.read()  # ends when the host, which holds the pipe too, has ended
