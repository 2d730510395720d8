"""`accordion bootstrap`: the program of a new account, ready to run, and what the roles that it makes may do."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import click

import stacks
from operations.failures import DONE, CannotRun
from operations.files import write_atomically

PROGRAM = Path(stacks.__file__).parent / "bootstrap"
FORMS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "--region": (r"[a-z]{2,}(-[a-z]+)+-\d", "a region, such as eu-central-1"),
        "--account": (r"\d{12}", "an account, of 12 digits"),
        "--repository": (r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+", "owner and name, such as my-shop/platform"),
        "--environment": (r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?", "small letters, digits and -, such as prod"),
    }
)


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--region", default="eu-central-1", show_default=True, help="Where the states stand.")
@click.option("--account", help="The account that is set up, of 12 digits.")
@click.option("--repository", help="Owner and name on GitHub, whose jobs may take the roles.")
@click.option(
    "--environment",
    "environments",
    multiple=True,
    default=("staging", "prod", "preview"),
    show_default=True,
    help="An environment of the code host that gets a role; may be given again.",
)
@click.option("--policy", "print_policy", is_flag=True, help="Print what a deploy role may write, as an IAM policy.")
def command(
    folder: Path | None,
    region: str,
    account: str | None,
    repository: str | None,
    environments: tuple[str, ...],
    *,
    print_policy: bool,
) -> int:
    """Write the program of a new account to FOLDER: a bucket for states with versions and locks, its key, the code
    host's issuer of tokens, a role for each environment.

    \b
        accordion bootstrap account --account 123456789012 --repository my-shop/platform
        cd account && accordion local up --stack account      look at it on this machine
        pulumi login --local && pulumi up --stack account     then there, as an administrator
    """
    if print_policy:
        click.echo((PROGRAM / "deploy-actions.json").read_text(encoding="utf-8"), nl=False)
        return DONE
    if folder is None or account is None or repository is None:
        raise click.UsageError("give FOLDER, --account and --repository, or --policy")
    given = [("--region", region), ("--account", account), ("--repository", repository)]
    given += [("--environment", name) for name in environments]
    if wrong := [f"{option}: {text!r} is not {FORMS[option][1]}" for option, text in given if not _fits(option, text)]:
        raise CannotRun("; ".join(wrong))
    program = {
        "Pulumi.yaml": _project(folder),
        "Pulumi.account.yaml": _settings(region, account, repository, environments),
        "__main__.py": (PROGRAM / "__main__.py").read_text(encoding="utf-8"),
    }
    if there := [name for name in program if os.path.lexists(folder / name)]:
        raise CannotRun(f"{folder}: {', '.join(there)} is there already; name another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise CannotRun(f"{folder}: cannot be made: {error}") from None
    for name, text in program.items():
        write_atomically(folder / name, text)
    click.echo(f"wrote {', '.join(program)} to {folder}")
    click.echo(f"look at it on this machine: cd {folder} && accordion local up --stack account")
    return DONE


def _fits(option: str, text: str) -> bool:
    return re.fullmatch(FORMS[option][0], text, re.ASCII) is not None


def _project(folder: Path) -> str:
    """The project's file, with the environment that this command runs in."""
    text = (PROGRAM / "Pulumi.yaml").read_text(encoding="utf-8")
    found = os.path.relpath(sys.prefix, folder.absolute())
    return text.replace("../../.venv", found)


def _settings(region: str, account: str, repository: str, environments: tuple[str, ...]) -> str:
    lines = {"region": region, "account_id": f'"{account}"', "repository": repository}
    lines["environments"] = f"[{', '.join(environments)}]"
    return "config:\n" + "".join(f"  accordion-account:{name}: {value}\n" for name, value in lines.items())
