"""Run one Pulumi program: a RunRequest on standard input, a RunResponse to a file descriptor.

Arguments: whether the engine works on the `whole` program or on a `part` of it, and the descriptor.

Runs under the program's own interpreter, which may be older or newer than the host's, so it uses the SDK's own run
loop and touches its private parts only where they are.
"""

import asyncio
import gc
import os
import runpy
import signal
import sys
import threading
import time
import traceback
import types
from pathlib import Path
from types import FrameType
from typing import Any

if __package__:
    from localcloud.engine import refusals
    from localcloud.engine.interpreters import SHADOW_MARKER
else:
    from interpreters import INSTALL, SHADOW_MARKER  # type: ignore[import-not-found, no-redef, unused-ignore]

    try:
        import refusals  # type: ignore[import-not-found, no-redef, unused-ignore] # beside this file in the cache folder
    except ModuleNotFoundError as _error:
        # Without the SDK there is no message to answer with.
        _why = f"{sys.prefix} has no {_error.name}, which Pulumi's SDK needs; {INSTALL}"
        os.write(int(sys.argv[2]), b"F" + _why.encode())
        raise SystemExit(1) from None

    for _name in ("refusals", "nearest", "interpreters"):
        del sys.modules[_name]  # names that a program may have for modules of its own

_PARENT_POLL = 1.0  # seconds
_OUTPUTS_POLL = 1.0  # seconds, at least
_OUTPUTS_PER_SECOND = 5_000  # looked at, so that a look costs the same share of the time however many there are
_LOOPS_OWN = "python inline source runtime error:"


def end_with(parent: int) -> None:
    """End when the language host is gone: nobody would read the answer."""
    while os.getppid() == parent:
        time.sleep(_PARENT_POLL)
    os._exit(0)


def belongs(filename: str, directory: str) -> bool:
    """Whether a source file is the program's own: in its directory, and no installed package in a `.venv` there."""
    return filename.startswith(directory) and "site-packages" not in filename


def own_frame(directory: str) -> FrameType | None:
    """The innermost frame of the program's own; None when there is none."""
    walk: FrameType | None = sys._getframe(2)  # noqa: SLF001 - inspect.currentframe is the same, slower
    while walk is not None and not belongs(walk.f_code.co_filename, directory):
        walk = walk.f_back
    return walk


def line_of(directory: str) -> str:
    """The program's own line that is at work, `file:line`; empty when there is none."""
    frame = own_frame(directory)
    return f"{Path(frame.f_code.co_filename).relative_to(directory)}:{frame.f_lineno}" if frame else ""


def send_one_frame_only(directory: str) -> None:
    """Send where the program declares each resource, but not the stack of calls above that.

    The state holds the stack of each resource, nothing reads it, and the engine rewrites the whole state at each step:
    SDK and interpreter frames were 72 % of it, the program's own another tenth (run).
    """
    import pulumi.runtime.resource as resource  # only where the program's SDK has them
    from pulumi.runtime.proto import source_pb2

    if not (hasattr(resource, "_get_stack_trace") and hasattr(resource, "_get_source_position")):
        return

    def declared_at(stack: Any) -> Any:  # noqa: ARG001 - the SDK's signature
        walk = own_frame(directory)
        return walk and source_pb2.SourcePosition(uri=f"file://{walk.f_code.co_filename}", line=walk.f_lineno)

    # The two places that all registrations pass.
    resource._get_stack_trace = source_pb2.StackTrace  # noqa: SLF001
    resource._get_source_position = declared_at  # noqa: SLF001


def wait_for_outputs_in_batches() -> None:
    """Let the run loop look at unfinished outputs now and then, and at once when one fails or all are there.

    It looks at all of them whenever any is finished: for 1,000 resources, 40 % of the program's time (run). Once a
    second was half of it for 4,000 (run).
    """
    import pulumi.runtime.stack as stack

    async def wait(tasks: Any, **how: Any) -> Any:
        if how == {"return_when": asyncio.FIRST_COMPLETED}:
            pause = max(_OUTPUTS_POLL, len(tasks) / _OUTPUTS_PER_SECOND)
            how = {"return_when": asyncio.FIRST_EXCEPTION, "timeout": pause}
        return await asyncio.wait(tasks, **how)

    vars(stack)["asyncio"] = types.SimpleNamespace(**(vars(asyncio) | {"wait": wait}))


def plainly(error: BaseException, directory: str) -> str:
    """A program's unhandled exception with its own frames alone; those of host and run loop tell its author nothing."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if belongs(frame.filename, directory)]
    lines = ["Program failed with an unhandled exception:\n"]
    if own:
        lines += ["Traceback (most recent call last):\n", *traceback.format_list(own)]
    return "".join([*lines, *traceback.format_exception_only(error)]).rstrip()


def report_plainly(directory: str) -> list[str]:
    """Log an exception from inside an `apply` as one of the program itself, without the run loop's frames.

    Returns the messages logged as errors, which grow as the program runs.
    """
    from pulumi import log

    error = log.error
    logged: list[str] = []

    def plain(message: str, *arguments: Any, **named: Any) -> None:
        logged.append(message)
        raised = sys.exc_info()[1]
        error(plainly(raised, directory) if raised and message.startswith(_LOOPS_OWN) else message, *arguments, **named)

    log.error = plain  # type: ignore[assignment] # the same call, by fewer names
    return logged


def project_folder(root: str) -> str:
    """The project's folder: what the shadow names as the project that it stands for, or the root itself."""
    marker = Path(root, SHADOW_MARKER)
    return marker.read_text().strip() if marker.exists() else root


def main() -> None:
    """Read the request, run the program, write the response."""
    threading.Thread(target=end_with, args=[os.getppid()], daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the engine gets it too, and decides
    answer, extent = int(sys.argv.pop()), sys.argv.pop()

    from pulumi.automation import _server
    from pulumi.errors import RunError
    from pulumi.runtime.proto import language_pb2
    from pulumi.runtime.settings import SETTINGS

    request = language_pb2.RunRequest.FromString(sys.stdin.buffer.read())
    directory = os.path.join(os.path.realpath(request.info.program_directory), "")  # noqa: PTH118 - with the slash
    entry = Path(directory, request.info.entry_point)
    sys.argv = [str(entry)]
    # run_path puts a folder on sys.path for as long as it runs, but callbacks import later; a file it does not put.
    sys.path[0] = directory
    send_one_frame_only(directory)
    wait_for_outputs_in_batches()
    logged = report_plainly(directory)
    providers = refusals.attached(os.environ, dict(request.config)) if extent == "whole" else {}
    refused = refusals.Refusals(providers, lambda: line_of(directory), dry_run=request.dryRun)
    vars(_server)["run_in_stack"] = refused.judged(vars(_server)["run_in_stack"])

    def program() -> None:
        refused.watch(SETTINGS.monitor, request.project, request.stack)
        SETTINGS.root_directory = project_folder(request.info.root_directory)
        try:
            runpy.run_path(str(entry), run_name="__main__")
        except RunError:
            raise
        except Exception as error:
            raise RunError(plainly(error, directory)) from error

    # The collector walks ever more live futures: 60 % of the time of a large program (run).
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)
    try:
        response = _server.LanguageServer(program).Run(request, None)  # type: ignore[no-untyped-call]
    except Exception:
        # After a fault the run loop cancels what is unfinished; a registration in flight then raises InvalidStateError
        # (run, once in some ten previews), which would hide the fault.
        if not logged:
            raise
        response = language_pb2.RunResponse(error=logged[0])
    if response.error:
        response = language_pb2.RunResponse(bail=True)  # the run loop has logged it; with both it is shown twice
    sys.stdout.flush()
    sys.stderr.flush()
    with os.fdopen(answer, "wb") as out:
        out.write(b"R" + response.SerializeToString())  # a success has no bytes, and no bytes would mean that we died
    os._exit(0)  # threads that the program left must not keep the engine waiting


if __name__ == "__main__":
    main()
