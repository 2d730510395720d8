"""A Pulumi language host for Python: answers the engine over gRPC and runs each program in a process of its own.

Started by `pulumi-language-python`; prints its port as the first line of its output, as the engine expects. A program
in the host's own process shares its interpreter lock with the gRPC threads: 1,737 resources took 25 to 63 s that way
against 13 to 25 s in a process of its own (run).

It must run from a cache folder with nothing but the `pulumi` package, so of this project it imports only what lies
beside it there.
"""

import importlib.util
import os
import re
import signal
import subprocess
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from concurrent import futures
from pathlib import Path
from typing import Any

if __name__ == "__main__" and (_sdk := importlib.util.find_spec("pulumi")) and _sdk.origin:
    # Of the SDK the protocol alone: the rest is half of the time to start, and each command starts two hosts (run).
    for _package in ("pulumi", "pulumi.runtime"):
        sys.modules[_package] = types.ModuleType(_package)
        sys.modules[_package].__path__ = [str(Path(_sdk.origin).parent.joinpath(*_package.split(".")[1:]))]

import grpc
from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

if __name__ == "__main__":
    import interpreters  # type: ignore[import-not-found, unused-ignore] # beside this file in the cache folder
else:
    from localcloud.engine import interpreters

ProgramError = interpreters.ProgramError
TYPECHECKERS = ("mypy", "pyright")
PROGRAM = Path(__file__).with_name("program.py")
_PARTLY = re.compile(r"-[tx]|--(target|exclude|run-program)")
PLUGINS: list[subprocess.Popen[bytes]] = []
_MESSAGE_LIMIT = 400 * 1024 * 1024  # bytes; the engine's own limit
_PARENT_POLL = 1.0  # seconds


def options(info: language_pb2.ProgramInfo) -> tuple[dict[str, Any], Path, Path]:
    """`runtime.options`, the folder of Pulumi.yaml and that of the program."""
    return json_format.MessageToDict(info.options), Path(info.root_directory), Path(info.program_directory)


def interpreter(info: language_pb2.ProgramInfo) -> Path:
    """The Python that a program wants; see `interpreters`.

    Raises: ProgramError when the environment that it means is not there, or its types do not check.
    """
    chosen, root, program = options(info)
    python: Path = interpreters.interpreter(chosen, root, program)
    return python


def check_types(info: language_pb2.ProgramInfo, python: Path) -> None:
    """Run the type checker that the options name on the program.

    Raises: ProgramError with what it says.
    """
    chosen, _, program = options(info)
    checker = chosen.get("typechecker")
    if checker is None:
        return
    if checker not in TYPECHECKERS:
        allowed = ", ".join(TYPECHECKERS)
        raise ProgramError(f"runtime option typechecker: {checker!r} is not allowed; allowed are {allowed}")
    answer = subprocess.run(
        [python, "-m", checker, str(program)],
        cwd=program,
        env=interpreters.activated(python, os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    if f"No module named {checker}" in answer.stderr:
        raise ProgramError(
            f"runtime option typechecker: {checker} is not installed for {python}; add it to the program's requirements"
        )
    if answer.returncode:
        raise ProgramError(f"runtime option typechecker: {checker} finds errors:\n{answer.stdout}{answer.stderr}")


def works_on_a_part(engine: int) -> bool:
    """Whether the engine's command, by its process, leaves resources of the program alone: by its options.

    The engine asks no provider about those, and a program of which a part is not served here may be run so.
    """
    told = subprocess.run(["ps", "-o", "args=", "-p", str(engine)], capture_output=True, text=True, check=False)
    return any(_PARTLY.match(word) for word in told.stdout.split())


def _run(request: language_pb2.RunRequest) -> language_pb2.RunResponse:
    """Run a program to its end; its output is this process's output, which the engine shows."""
    try:
        python = interpreter(request.info)
        check_types(request.info, python)
    except ProgramError as error:
        return language_pb2.RunResponse(error=str(error))
    response_read, response_write = os.pipe()
    extent = "part" if works_on_a_part(os.getppid()) else "whole"
    process = subprocess.Popen(
        [python, "-u", str(PROGRAM), extent, str(response_write)],
        stdin=subprocess.PIPE,
        pass_fds=[response_write],
        cwd=request.pwd,
        env=interpreters.activated(python, os.environ),
    )
    os.close(response_write)
    assert process.stdin is not None  # noqa: S101 - it is a pipe
    try:
        process.stdin.write(request.SerializeToString())  # a pipe, since the configuration may hold secrets
        process.stdin.close()
    except BrokenPipeError:
        pass  # it died at once, and said why on its standard error
    with os.fdopen(response_read, "rb") as response:
        answer = response.read()
    code = process.wait()
    if answer[:1] == b"F":
        return language_pb2.RunResponse(error=answer[1:].decode())
    if answer:
        finished: language_pb2.RunResponse = language_pb2.RunResponse.FromString(answer[1:])
        return finished
    how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
    return language_pb2.RunResponse(error=f"the program ended early with {how}: {python}")


ANSWERS = {
    "Handshake": language_pb2.LanguageHandshakeResponse(),
    "GetPluginInfo": plugin_pb2.PluginInfo(version="3.274.1"),
    "About": language_pb2.AboutResponse(executable=sys.executable, version=sys.version.split()[0]),
    "GetRequiredPlugins": language_pb2.GetRequiredPluginsResponse(),
    # No package is named: the local cloud attaches its provider, and the engine would try to download a named one.
    "GetRequiredPackages": language_pb2.GetRequiredPackagesResponse(),
    "GetProgramDependencies": language_pb2.GetProgramDependenciesResponse(),
    "RuntimeOptionsPrompts": language_pb2.RuntimeOptionsResponse(),
    "Cancel": empty_pb2.Empty(),
}
"""Methods of the language runtime protocol whose answer is always the same."""


def _passed_on(command: list[str], folder: str) -> Iterator[Any]:
    """Run a command; what it prints, as it comes.

    Raises: ProgramError when it fails.
    """
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    for line in process.stdout:
        yield language_pb2.InstallDependenciesResponse(stdout=line)
    if process.wait():
        raise ProgramError(f"exit code {process.returncode}: {' '.join(command)}")


class Host(language_pb2_grpc.LanguageRuntimeServicer):
    """The language runtime protocol, as far as running programs and plugins needs it."""

    def Run(self, request: Any, _context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Run a program to its end."""
        return _run(request)

    def InstallDependencies(self, request: Any, context: Any) -> Iterator[Any]:  # noqa: N802 - as above
        """Install a program's requirements by its tool chain, and pass on what that prints."""
        try:
            chosen, root, _ = options(request.info)
            for command in interpreters.commands(chosen, root, Path(request.directory)):
                yield from _passed_on(command, request.directory)
        except ProgramError as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))

    def RunPlugin(self, request: Any, context: Any) -> Iterator[language_pb2.RunPluginResponse]:  # noqa: N802 - as above
        """Start a policy pack or a provider written in Python and pass on what it prints."""
        try:
            python = interpreter(request.info)
        except ProgramError as error:
            yield language_pb2.RunPluginResponse(stderr=f"{error}\n".encode(), exitcode=1)
            return
        environment = interpreters.activated(python, os.environ | dict(e.split("=", 1) for e in request.env))
        process = subprocess.Popen(
            [python, "-u", request.info.program_directory, *request.args],
            cwd=request.pwd,
            env=environment,
            stdout=subprocess.PIPE,
        )
        PLUGINS.append(process)
        context.add_callback(process.terminate)
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        for line in process.stdout:
            yield language_pb2.RunPluginResponse(stdout=line)
        yield language_pb2.RunPluginResponse(exitcode=process.wait())


def _always(answer: object) -> Callable[[Host, Any, Any], object]:
    return lambda _self, _request, _context: answer


for _name, _answer in ANSWERS.items():
    setattr(Host, _name, _always(_answer))


def end_with(parent: int) -> None:
    """End this process and its plugins when the engine is gone: killed, it says no goodbye.

    A running program watches this process in the same way.
    """
    while os.getppid() == parent:
        time.sleep(_PARENT_POLL)
    for plugin in PLUGINS:
        plugin.terminate()
    os._exit(0)


def main() -> None:
    """Serve until the engine ends."""
    threading.Thread(target=end_with, args=[os.getppid()], daemon=True).start()
    server = grpc.server(futures.ThreadPoolExecutor(16), options=[("grpc.max_receive_message_length", _MESSAGE_LIMIT)])
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(Host(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, lambda *_: server.stop(0))
    print(port, flush=True)  # noqa: T201 - the protocol: the port is the first line
    server.wait_for_termination()


if __name__ == "__main__":
    main()
