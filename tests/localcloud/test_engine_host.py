"""How the language host picks an interpreter and what it shows of errors.

Cannot prove that the engine shows it so: tests/localcloud/test_cloud_engine.py runs that.
"""

import asyncio
import subprocess
import sys
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime import stack
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from localcloud.engine import PIN, interpreters, language_host, program
from localcloud.engine.sources import MODULE_FOLDER


def info(root, **options):
    made = language_pb2.ProgramInfo(root_directory=str(root), program_directory=str(root), entry_point=".")
    made.options.update(options)
    return made


def environment(root, name, *packages):
    python = root / name / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    for package in packages:
        (root / name / "lib" / "python3.11" / "site-packages" / package).mkdir(parents=True)
    return python


@pytest.fixture(autouse=True)
def plain_shell(monkeypatch):
    for name in (*interpreters.ACTIVATED, "PULUMI_PYTHON_CMD"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def commands(tmp_path, monkeypatch):
    """f(name, script) -> puts a command on PATH, on which nothing else is."""
    folder = tmp_path / "commands"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def put(name, script="exit 1"):
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
        return str(folder / name)

    return put


def test_a_program_that_declares_nothing_runs_under_the_hosts_interpreter(tmp_path):
    assert language_host.interpreter(info(tmp_path)) == Path(sys.executable)


def test_a_declared_environment_is_taken_from_the_projects_folder(tmp_path):
    python = environment(tmp_path, "venv")
    assert language_host.interpreter(info(tmp_path, virtualenv="venv")) == python


def test_an_absolute_environment_is_taken_as_it_is(tmp_path):
    python = environment(tmp_path, "venv")
    assert language_host.interpreter(info("/elsewhere", virtualenv=str(tmp_path / "venv"))) == python


@pytest.mark.parametrize("variable", interpreters.ACTIVATED)
def test_an_activated_environment_with_pulumi_is_taken(tmp_path, monkeypatch, variable):
    python = environment(tmp_path, "active", "pulumi")
    monkeypatch.setenv(variable, str(tmp_path / "active"))
    assert language_host.interpreter(info(tmp_path)) == python


def test_an_activated_environment_without_pulumi_is_not_taken(tmp_path, monkeypatch):
    environment(tmp_path, "active", "requests")
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "active"))
    assert language_host.interpreter(info(tmp_path)) == Path(sys.executable)


def test_the_projects_own_environment_that_runs_the_host_comes_before_an_activated_one(tmp_path, monkeypatch):
    environment(tmp_path, "active", "pulumi")
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "active"))
    (tmp_path / "Pulumi.yaml").touch()
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    assert language_host.interpreter(info(tmp_path / "src")) == Path(sys.executable)


def test_a_declared_environment_comes_before_an_activated_one(tmp_path, monkeypatch):
    environment(tmp_path, "active", "pulumi")
    python = environment(tmp_path, "venv")
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "active"))
    assert language_host.interpreter(info(tmp_path, virtualenv="venv")) == python


def test_pulumi_python_cmd_names_the_interpreter(tmp_path, monkeypatch, commands):
    monkeypatch.setenv("PULUMI_PYTHON_CMD", "python3.99")
    with pytest.raises(language_host.ProgramError, match=r"^PULUMI_PYTHON_CMD: there is no python3\.99 on PATH$"):
        language_host.interpreter(info(tmp_path))
    python = commands("python3.99")
    assert language_host.interpreter(info(tmp_path)) == Path(python)


@pytest.mark.parametrize("lock", ["uv.lock", "pyproject.toml"])
def test_uv_keeps_its_environment_beside_its_lock_or_project_file(tmp_path, lock):
    python = environment(tmp_path, ".venv")
    (tmp_path / lock).touch()
    assert language_host.interpreter(info(tmp_path / "src", toolchain="uv")) == python


def test_uv_keeps_its_environment_in_the_programs_folder_without_either(tmp_path):
    python = environment(tmp_path, ".venv")
    assert language_host.interpreter(info(tmp_path, toolchain="uv")) == python


def test_a_lock_file_names_the_tool_chain_where_the_options_do_not(tmp_path, commands):
    python = environment(tmp_path, "elsewhere")
    commands("poetry", f"echo {tmp_path / 'elsewhere'}")
    (tmp_path / "poetry.lock").touch()
    assert language_host.interpreter(info(tmp_path)) == python
    assert language_host.interpreter(info(tmp_path, toolchain="pip")) == Path(sys.executable)
    (tmp_path / "uv.lock").touch()
    python = environment(tmp_path, ".venv")
    assert language_host.interpreter(info(tmp_path)) == python


def test_poetry_is_asked_for_its_environment_in_the_programs_folder(tmp_path, commands):
    python = environment(tmp_path, "elsewhere")
    asked = tmp_path / "asked"
    commands("poetry", f'echo "$PWD $*" > {asked}; echo {tmp_path / "elsewhere"}')
    assert language_host.interpreter(info(tmp_path, toolchain="poetry")) == python
    assert asked.read_text() == f"{tmp_path} env info --path\n"


def test_poetry_need_not_be_there_for_an_environment_inside_the_project(tmp_path, commands):
    (tmp_path / "pyproject.toml").touch()
    python = environment(tmp_path, ".venv")
    assert language_host.interpreter(info(tmp_path, toolchain="poetry")) == python


NO_FILE = "there is no pyproject.toml in {0} or above it"
NO_POETRY = (
    "runtime option toolchain: poetry is not on PATH, and it alone knows where the program's environment is; "
    "install it, or add the option virtualenv with the path that `poetry env info --path` prints"
)
INSTALL = "`accordion local install`, or plain `pulumi install`, makes it and installs the program's requirements"


@pytest.mark.parametrize(
    ("options", "there", "why"),
    [
        ({"virtualenv": "venv"}, None, f"runtime option virtualenv: no Python at {{0}}/venv/bin/python; {INSTALL}"),
        ({"toolchain": "uv"}, None, f"runtime option toolchain: no Python at {{0}}/.venv/bin/python; {INSTALL}"),
        (
            {"toolchain": "poetry"},
            "poetry",
            f"runtime option toolchain: poetry has no environment for {{0}}; {INSTALL}",
        ),
        (
            {"toolchain": "poetry"},
            None,
            NO_POETRY,
        ),
        (
            {"toolchain": "pdm"},
            None,
            "runtime option toolchain: 'pdm' is not allowed; allowed are pip, poetry, uv",
        ),
    ],
)
def test_an_environment_that_is_not_there_is_told_with_what_to_do(tmp_path, commands, options, there, why):
    if there:
        commands(there)
    with pytest.raises(language_host.ProgramError) as error:
        language_host.interpreter(info(tmp_path, **options))
    assert str(error.value) == why.format(tmp_path)


def test_requirements_are_installed_by_the_tool_chain(tmp_path, commands):
    uv, poetry = commands("uv"), commands("poetry")
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "requirements.txt").touch()
    here = (tmp_path, tmp_path)
    assert interpreters.commands({"toolchain": "uv"}, *here) == [[uv, "sync"]]
    assert interpreters.commands({"toolchain": "poetry"}, *here) == [[poetry, "install", "--no-ansi"]]
    pip = ["-m", "pip", "install", "-r", "requirements.txt"]
    assert interpreters.commands({}, *here) == [[sys.executable, *pip]]
    venv = str(tmp_path / "venv")
    made, installed = [sys.executable, "-m", "venv", venv], [f"{venv}/bin/python", *pip]
    assert interpreters.commands({"virtualenv": "venv"}, *here) == [made, installed]
    environment(tmp_path, "venv")
    assert interpreters.commands({"virtualenv": "venv"}, *here) == [installed]
    (tmp_path / "requirements.txt").unlink()
    assert interpreters.commands({"virtualenv": "venv"}, *here) == []


@pytest.mark.parametrize(
    ("chain", "there", "why"),
    [
        ("uv", False, "runtime option toolchain: uv is not on PATH; install it, or use toolchain: pip"),
        ("poetry", False, "runtime option toolchain: poetry is not on PATH; install it, or use toolchain: pip"),
        (
            "uv",
            True,
            f"{NO_FILE}; `uv init --bare --no-package && uv add -r requirements.txt` makes one",
        ),
        ("poetry", True, f"{NO_FILE}; `poetry init` makes one"),
    ],
)
def test_what_cannot_be_installed_is_told_with_what_to_do(tmp_path, commands, chain, there, why):
    if there:
        commands(chain)
    with pytest.raises(language_host.ProgramError) as error:
        interpreters.commands({"toolchain": chain}, tmp_path, tmp_path)
    assert str(error.value) == why.format(tmp_path)


def test_a_programs_environment_is_activated_for_what_it_starts(tmp_path):
    python = environment(tmp_path, "venv")
    shell = {"PATH": "/bin", "PYTHONHOME": "/python", "VIRTUAL_ENV": "/other", "CONDA_PREFIX": "/conda", "A": "1"}
    assert interpreters.activated(python, shell) == shell
    (tmp_path / "venv" / "pyvenv.cfg").touch()
    assert interpreters.activated(python, shell) == {
        "PATH": f"{python.parent}:/bin",
        "VIRTUAL_ENV": str(tmp_path / "venv"),
        "A": "1",
    }


@pytest.mark.parametrize(
    ("text", "checker", "said"),
    [
        ("size: int = 1\n", "mypy", None),
        ("size: int = 'a'\n", "mypy", "runtime option typechecker: mypy finds errors:\n"),
        ("", "pyright", "runtime option typechecker: pyright is not installed for "),
        ("", "pylance", "runtime option typechecker: 'pylance' is not allowed; allowed are mypy, pyright"),
    ],
)
def test_the_types_are_checked_where_the_options_say_so(tmp_path, text, checker, said):
    (tmp_path / "__main__.py").write_text(text)
    asked = info(tmp_path, typechecker=checker)
    if said is None:
        language_host.check_types(asked, Path(sys.executable))
        return
    with pytest.raises(language_host.ProgramError) as error:
        language_host.check_types(asked, Path(sys.executable))
    assert str(error.value).startswith(said)


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


def test_looking_at_outputs_costs_the_same_share_of_the_time_however_many_there_are(run_loop, monkeypatch):
    pauses = []

    async def wait(_, *, return_when, timeout):
        pauses.append((return_when, timeout))
        return set(), set()

    monkeypatch.setattr(asyncio, "wait", wait)
    for count in (1, 5_000, 50_000):
        asyncio.run(run_loop.wait(range(count), return_when=asyncio.FIRST_COMPLETED))
    assert pauses == [(asyncio.FIRST_EXCEPTION, seconds) for seconds in (1.0, 1.0, 10.0)]


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


def test_what_an_installation_prints_is_passed_on_and_its_failure_told(host, tmp_path):
    _, stub = host
    request = language_pb2.InstallDependenciesRequest(directory=str(tmp_path), info=info(tmp_path))
    assert list(stub.InstallDependencies(request)) == []
    (tmp_path / "requirements.txt").write_text("./nowhere\n")
    said = []
    with pytest.raises(grpc.RpcError) as error:
        said.extend(answer.stdout for answer in stub.InstallDependencies(request))
    assert error.value.details().startswith("exit code 1: ")
    assert error.value.details().endswith(" -m pip install -r requirements.txt")


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


def test_an_environment_without_the_sdk_is_told_in_a_sentence(tmp_path, monkeypatch):
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    bare.chmod(0o755)
    monkeypatch.setattr(language_host, "interpreter", lambda info: bare)
    monkeypatch.setenv("PYTHONPATH", str(MODULE_FOLDER.parent))
    answer = language_host._run(language_pb2.RunRequest(pwd=str(tmp_path), info=info(tmp_path)))
    assert answer.error == f"{sys.base_prefix} has no grpc, which Pulumi's SDK needs; {INSTALL}"


@pytest.mark.parametrize(
    "variable", ["PYTHONSAFEPATH", "PYTHONOPTIMIZE", "PYTHONDONTWRITEBYTECODE", "PYTHONNOUSERSITE"]
)
def test_the_host_starts_whatever_a_shell_tells_python(variable):
    launcher = Path(language_host.__file__).with_name("pulumi-language-python")
    shell = {"PATH": "/usr/bin:/bin", "ACCORDION_PYTHON": sys.executable, variable: "1"}
    started = subprocess.Popen(["/bin/sh", str(launcher)], env=shell, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        assert int(started.stdout.readline())
    finally:
        started.kill()
        started.communicate()
