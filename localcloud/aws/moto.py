"""AWS on this machine: moto behind a journal, with its gaps filled.

    python -m localcloud.aws.moto --port 5000 --token-file FILE --journal FILE [--broken-image PATTERN ...]

It serves the loopback address only, answers what is signed with keys of this cloud (`localcloud.aws.guard`: their
secrets hang on the token), and listens once the journal is replayed, so that the first answer comes from the cloud as
it was. It ends quietly, with exit code 0, on SIGTERM and SIGINT, after the request in work. A token, journal or port
that cannot be used is one line on the error output and exit code 2. `POST /moto-api/reset` with the token empties the
cloud and its journal.

`--broken-image` (or patterns separated by spaces in ACCORDION_BROKEN_IMAGES) names container images whose tasks never
start, see `localcloud.aws.moto_gaps.ecs_deployments`. ACCORDION_IAM_ROLE names the role as which the account's keys
act, see `localcloud.aws.enforcement`; unset, they may do everything.
"""

import errno
import logging
import os
import signal
import socket
import sys
import time
import warnings
from pathlib import Path
from types import FrameType
from typing import Any, Final

import click

from localcloud.admission import Admission, BadToken, read_token
from localcloud.aws.enforcement import VARIABLE, Enforced
from localcloud.aws.guard import Guard
from localcloud.aws.journal import Recorder, World
from localcloud.aws.journal_file import JournalError, JournalFile
from localcloud.aws.played import Played
from localcloud.clouds import WARNING
from localcloud.idle import Idle
from localcloud.server_log import lose_what_finds_no_room

SETTINGS: Final = {
    # Managed policies exist on AWS; without them each attachment is refused with NoSuchEntity.
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
    # moto leaves a certificate PENDING_VALIDATION for 60 s otherwise.
    "MOTO_ACM_VALIDATION_WAIT": "1",
    # Sets of names are walked in an order that hangs on the hash seed, and with them moto's random numbers.
    "PYTHONHASHSEED": "0",
}
"""Environment variables that moto, or Python, reads when it starts."""


class Moto(World):
    """What the journal steers in moto."""

    def seed(self, number: int) -> None:
        """Seed moto's random numbers, the source of all its ids."""
        from moto.moto_api._internal import mock_random

        mock_random.seed(number)

    def at(self, moment: float | None) -> None:
        """Set moto's clock; what goes on by the clock comes up to a change's moment before the change is handled."""
        from localcloud.aws.moto_gaps import clock

        clock.stand_at(moment)
        for module in ("instance_refresh", "ecs_releases"):
            goes_on = sys.modules.get(f"localcloud.aws.moto_gaps.{module}")
            if moment is not None and goes_on is not None:
                goes_on.bring_up_to_date()


def application(journal: JournalFile | None, broken_images: tuple[str, ...] = ()) -> Recorder:
    """moto as a WSGI application, its gaps filled, behind a journal that is not yet replayed."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    from localcloud.aws import moto_gaps
    from localcloud.aws.moto_gaps import images

    # moto warns of each refusal whose code is not in the service's model, as AWS's common errors are not.
    warnings.filterwarnings("ignore", category=UserWarning, module="moto.core.serialize")
    images.declare_broken(broken_images)
    moto_gaps.apply_when_used()
    return Recorder(Played(DomainDispatcherApplication(create_backend_app)), journal, Moto())


def serve(port: int, recorder: Recorder, token: str) -> None:
    """Answer on the loopback address, who knows the token, until SIGTERM or SIGINT."""
    from moto.moto_server.werkzeug_app import MotoRequestHandler
    from werkzeug.serving import make_server

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    idle = Idle.of(os.environ)
    role = os.environ.get(VARIABLE)
    guard = Guard(Enforced(recorder, role) if role else recorder, Admission(port, token), idle)
    idle.watch()
    with socket.create_server(("127.0.0.1", port), backlog=128) as listener:
        server = make_server(
            "127.0.0.1", port, guard, threaded=True, request_handler=MotoRequestHandler, fd=listener.fileno()
        )
        _until_told_to_stop(server, recorder)


def _until_told_to_stop(server: Any, recorder: Recorder) -> None:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    try:
        server.serve_forever()
    except SystemExit:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        recorder.close()
        sys.stdout.flush()
        os._exit(0)  # the interpreter would take seconds to take moto's objects apart, and nothing of them is kept


@click.command(context_settings={"show_default": True})
@click.option("--port", type=click.IntRange(1, 65535), required=True, help="Port on the loopback address.")
@click.option("--token-file", type=click.Path(path_type=Path), required=True, help="File with the place's token.")
@click.option("--journal", type=click.Path(path_type=Path), help="File of changes; none: forget all.")
@click.option("--last-change", default=0, help="Number of a change that is known; the next one is after it.")
@click.option("--broken-image", multiple=True, help="Image pattern whose tasks never start; may be repeated.")
def main(port: int, token_file: Path, journal: Path | None, last_change: int, broken_image: tuple[str, ...]) -> None:
    """Serve AWS on this machine."""
    _with_settings()
    began = time.monotonic()
    patterns = (*broken_image, *os.environ.get("ACCORDION_BROKEN_IMAGES", "").split())
    try:
        token = read_token(token_file)
        file = _journal(journal) if journal else None
        for warning in file.warnings if file else ():
            click.echo(f"{WARNING}{warning}")
        recorder = application(file, patterns)
        _derive_secrets(token)
        replayed = recorder.replay(last_change)
        if file and replayed and _holds_nothing():
            _empty(recorder)
        click.echo(f"replayed {replayed} changes in {time.monotonic() - began:.1f} s; http://127.0.0.1:{port}")
        sys.stdout.flush()
        serve(port, recorder, token)
    except (JournalError, BadToken) as error:
        raise SystemExit(_complain(str(error))) from None
    except OSError as error:
        _complain(f"cannot serve port {port}: {os.strerror(error.errno or 0)}")
        raise SystemExit(os.EX_TEMPFAIL if error.errno == errno.EADDRINUSE else 2) from None


def _with_settings() -> None:
    """Start this process anew when the settings are not in its environment: Python reads its hash seed first of all."""
    if any(os.environ.get(name) != value for name, value in SETTINGS.items()):
        os.environ.update(SETTINGS)
        os.execv(sys.executable, [sys.executable, "-m", "localcloud.aws.moto", *sys.argv[1:]])  # noqa: S606 - itself


def _journal(path: Path) -> JournalFile:
    from moto import __version__

    from localcloud.aws import moto_gaps

    try:
        return JournalFile(path, {"moto": __version__, "moto_gaps": moto_gaps.VERSION})
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise JournalError(
            f"{path} cannot be used: {why}; `accordion local reset` begins with an empty cloud"
        ) from None


def _derive_secrets(token: str) -> None:
    from localcloud.aws.moto_gaps import access_keys

    access_keys.derive_from(token)


def _holds_nothing() -> bool:
    from localcloud.aws.moto_gaps import population

    return population.is_empty()


def _empty(recorder: Recorder) -> None:
    from moto.moto_api._internal.models import moto_api_backend

    moto_api_backend.reset()
    recorder.forget(recorder.count)


def _complain(message: str) -> int:
    click.echo(f"error: {message}", err=True)
    return 2


if __name__ == "__main__":
    lose_what_finds_no_room()
    main()
