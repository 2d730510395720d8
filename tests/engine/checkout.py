"""A copy of the project with a local cloud of its own, driven by the `accordion` command as a person would."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

from localcloud.admission import secret_access_key
from tests.engine.census import census
from tests.engine.plan import Plan, read_plan

ROOT = Path(__file__).parents[2]
_LEFT_OUT = ("tests/", "bench/", "docs/")  # nothing of them runs in a deployment
_QUIET = ("--suppress-progress", "--color=never")
_NOW = ("--yes", "--skip-preview", *_QUIET)


def _sources() -> list[str]:
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return [name for name in names if name and not name.startswith(_LEFT_OUT) and (ROOT / name).exists()]


@dataclass
class Checkout:
    """One checkout, and what a test does with it."""

    folder: Path
    state: Path
    """The user's state folder, by XDG_STATE_HOME: never that of whoever runs the tests."""
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        own = {
            "XDG_STATE_HOME": str(self.state),
            "PYTHONPATH": str(self.folder),  # before the editable install, which is the project itself
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PULUMI_")}
        return kept | own | self.variables

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start `accordion` with these arguments."""
        return subprocess.Popen(
            [sys.executable, "-m", "operations.cli", *arguments],
            cwd=self.folder,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def __call__(self, *arguments: str, code: int = 0) -> str:
        """Run `accordion` to its end; returns all that it said."""
        process = self.start(*arguments)
        said, _ = process.communicate(timeout=240)
        assert process.returncode == code, said
        return said

    def up(self, stack: str, *arguments: str, code: int = 0) -> str:
        return self("local", "up", *_NOW, "--stack", stack, *arguments, code=code)

    def refresh(self, stack: str, *arguments: str, code: int = 0) -> str:
        return self("local", "refresh", *_NOW, "--stack", stack, *arguments, code=code)

    def destroy(self, stack: str, code: int = 0) -> str:
        return self("local", "destroy", *_NOW, "--stack", stack, code=code)

    def preview(self, stack: str, *arguments: str, code: int = 0) -> str:
        return self("local", "preview", *_QUIET, "--stack", stack, *arguments, code=code)

    def plan(self, stack: str, *arguments: str) -> Plan:
        """What a preview would change."""
        said = self("local", "preview", "--json", "--stack", stack, *arguments)
        return read_plan(said[said.index("{\n") :])

    def configure(self, stack: str, key: str, value: str, *options: str) -> None:
        """Set a key in the local copy of the stack file."""
        self("local", "config", "set", "--path", "--stack", stack, *options, f"accordion:{key}", value)

    def outputs(self, stack: str) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self("local", "stack", "output", "--json", "--stack", stack))
        return answer

    def exported(self, stack: str) -> list[dict[str, Any]]:
        """The resources of the stack's state."""
        state = json.loads(self("local", "stack", "export", "--stack", stack))
        resources: list[dict[str, Any]] = state["deployment"]["resources"]
        return resources

    def resource(self, stack: str, name: str) -> dict[str, Any]:
        """One resource of the state by its name in the program."""
        (found,) = [each for each in self.exported(stack) if each["urn"].endswith(f"::{name}")]
        return found

    @contextlib.contextmanager
    def edited(self, stack: str, *changes: tuple[str, str]) -> Iterator[None]:
        """The stack file with each text replaced by another, while the context lasts."""
        file = self.folder / f"Pulumi.{stack}.yaml"
        before = text = file.read_text()
        for old, new in changes:
            assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file.name}"
            text = text.replace(old, new)
        file.write_text(text)
        try:
            yield
        finally:
            file.write_text(before)

    @property
    def place(self) -> Path:
        """Where this checkout's cloud keeps everything."""
        folders = Path(self.state, "accordion", "local").iterdir()
        (found,) = [each for each in folders if (each / "shadow" / ".project").read_text().strip() == str(self.folder)]
        return found

    def record(self, server: str) -> dict[str, int]:
        record: dict[str, int] = json.loads((self.place / f"{server}.json").read_text())
        return record

    def client(self, service: str, stack: str) -> Any:
        """A boto3 client of the local cloud, in the stack's account and region."""
        text = (self.folder / f"Pulumi.{stack}.yaml").read_text()
        account = re.search(r'account_ids: \["(\d+)"\]', text)
        region = re.search(r"region: (\S+)", text)
        assert account
        assert region
        return self.client_of(service, account[1], region[1])

    def client_of(self, service: str, account: str, region: str) -> Any:
        """A boto3 client of the local cloud, in any account and region."""
        connect: Any = boto3.client  # its overloads want each service by name
        endpoint = f"http://127.0.0.1:{self.record('aws')['port']}"
        secret = secret_access_key((self.place / "state.token").read_text())
        keys = {"aws_access_key_id": f"ACCT0000{account}", "aws_secret_access_key": secret}
        return connect(service, endpoint_url=endpoint, region_name=region, **keys)

    def census(self, stack: str) -> dict[str, list[str]]:
        """What there is in the stack's account and region, by kind."""
        return census(lambda service: self.client(service, stack))

    def git(self, *arguments: str) -> str:
        command = ["git", "-c", "user.name=ada", "-c", "user.email=ada@example.com", *arguments]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=True).stdout


def summary(said: str) -> dict[str, int]:
    """The engine's last count of resources: `{"created": 54}`."""
    counts = said.rpartition("Resources:\n")[2].partition("\n\n")[0]
    return {what: int(count) for count, what in re.findall(r"(\d+) ([a-z ]+)", counts)}


def make_checkout(folder: Path, state: Path, **variables: str) -> Checkout:
    """Copy the project as git sees it, with what is not committed yet; commit the copy, to see what changes."""
    for name in _sources():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    (folder / ".venv").symlink_to(sys.prefix)
    made = Checkout(folder, state, variables)
    made.git("init", "-q")
    with (folder / ".git" / "info" / "exclude").open("a") as exclude:
        exclude.write(".venv\n")  # the project ignores a folder of this name, and here it is a link
    made.git("add", "-A")
    made.git("commit", "-qm", "all")
    return made
