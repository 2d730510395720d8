"""A `pulumi` command line, read as far as the local cloud has to know it.

The engine runs in a shadow folder, so paths that the user means from where they stand are made absolute; the stack is
found out to copy its file; what would leave the local cloud is refused.
"""

import functools
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from localcloud.cloud.errors import LocalCloudError


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


@dataclass(frozen=True)
class _Flags:
    """What the engine says of its own flags, written by .ci/engine-flags."""

    of_command: Mapping[str, Mapping[str, Sequence[str]]]
    """By command: `""` for every command, `stack rm`."""
    named: Mapping[str, str]
    """The command as it is listed, by each way to write it below its group: `stack remove` is `stack rm`."""


@functools.cache
def _flags() -> _Flags:
    """Read when a command line is the first to need it: most commands of the house are none of the engine's.

    Without the flags that take the next argument as their value a value could be taken for a command word.
    """
    found = json.loads(Path(__file__).with_name("engine_flags.json").read_text())
    aliases = {
        f"{command.rpartition(' ')[0]} {alias}".strip(): command
        for command, entry in found.items()
        for alias in entry.get("aliases", ())
    }
    return _Flags(found, aliases | {command: command for command in found})


# Short flags that mean a path for some commands and a switch for others.
_SHORT_PATHS: dict[tuple[str, ...], frozenset[str]] = {("import",): frozenset({"-f", "-o"})}

_PATHS = _set("--plan --save-plan --import-file --file --out --generate-resources --profiling")
_PATH_LISTS = frozenset({"--policy-pack", "--policy-pack-config"})  # separated by commas
_WATCHED = ("watch",)
_GROUPS = _set("stack config state plugin policy package schema org deployment env project logs template")
_ALIASES = {
    "update": "up",
    "pre": "preview",
    "dn": "destroy",
    "down": "destroy",
    "cfg": "config",
    "conf": "config",
    "create": "new",
    "setup": "new",
}
_WORKERS = _set("up preview refresh destroy import watch do")
_WITHOUT_STACK = _set(
    "about version whoami plugin package schema convert gen-completion help template install policy logs"
)
_MAKERS = _set("up preview import watch do config")
_MAKES_A_STACK = _set("init new create setup")  # below `stack`
_STACKS_OWN = _MAKES_A_STACK | _set("ls list select rm remove delete unselect")
_CONFIG_WRITERS = _set("set set-all rm remove delete rm-all remove-all delete-all cp copy refresh")  # below `config`
_TRUE = _set("1 t T true TRUE True")  # as Go's strconv.ParseBool has it
_REFUSED = {
    "login": "the local cloud keeps its own state; log in with plain pulumi for real stacks",
    "logout": "the local cloud keeps its own state; log out with plain pulumi",
    "new": "it makes files of a new project; run plain `pulumi new`, then `accordion local up` in it",
}


@dataclass(frozen=True)
class Arguments:
    """A command line for the engine, made ready for the shadow folder."""

    words: tuple[str, ...]
    """The command and, in a group, its subcommand: `("up",)`, `("stack", "export")`."""
    passed: tuple[str, ...]
    """What the engine gets, without `-C` and `--config-file`."""
    stack: str | None
    """The stack that the command line names."""
    folder: Path
    """Where the command was meant to run: the user's folder, or that of `-C`."""
    config_file: Path | None
    """The file that `--config-file` names in place of the stack's own."""
    settings: tuple[str, ...] = ()
    """`KEY=VALUE` of each `--config` whose key is a path, as `--config-path` says: they are not passed.

    The engine would put a map of that one value into the place of all that the key holds."""

    @property
    def works_on_resources(self) -> bool:
        """Whether the engine will call the provider."""
        return bool(self.words) and self.words[0] in _WORKERS and not self.asks_for_help

    @property
    def asks_for_help(self) -> bool:
        """Whether it only prints help."""
        return not self.words or bool({"--help", "-h"} & set(self.passed))

    @property
    def needs_stack(self) -> bool:
        """Whether the command is about one stack that has to be there."""
        if self.asks_for_help or self.words[0] in _WITHOUT_STACK:
            return False
        return not (self.words[0] == "stack" and len(self.words) > 1 and self.words[1] in _STACKS_OWN)

    @property
    def may_make_a_stack(self) -> bool:
        """Whether the command makes sense on a stack that is not there yet; for others its name is a slip."""
        return bool(self.words) and self.words[0] in _MAKERS

    @property
    def writes_configuration(self) -> bool:
        """Whether the command writes into the stack file."""
        inner = self.words[1] if len(self.words) > 1 else ""
        if self.words[:1] == ("config",):
            return inner in _CONFIG_WRITERS
        if self.settings:
            return True
        return self.works_on_resources and any(
            item in ("-c", "--config") or item.startswith("--config=") for item in self.passed
        )


def _entries(words: Sequence[str]) -> Iterator[Mapping[str, Sequence[str]]]:
    """What is known of the flags of a command, the innermost first: its own, its groups' and those of every command.

    Before any word they may be the flags of whichever command comes that works on resources.
    """
    flags, path, paths = _flags(), "", [""]
    for word in words:
        inner = f"{path} {word}".strip()
        path = flags.named.get(inner, inner)
        paths.insert(0, path)
    for each in paths if words else ["", *sorted(_WORKERS)]:
        yield flags.of_command.get(each, {})


def _takes_value(name: str, words: Sequence[str]) -> bool:
    for entry in _entries(words):
        if name in entry.get("switches", ()):
            return False
        if name in entry.get("with_value", ()):
            return True
    return False


def _flag(item: str, words: Sequence[str]) -> tuple[str, str | None]:
    """A flag and the value written into the same argument: `--plan=x`, `-sdev`."""
    if item.startswith("--"):
        name, equals, value = item.partition("=")
        return name, value if equals else None
    return (item[:2], item[2:].removeprefix("=")) if len(item) > 2 and _takes_value(item[:2], words) else (item, None)


def _split(arguments: Sequence[str]) -> Iterator[tuple[str, str | None, bool]]:
    """Each argument as (flag or word, value or None, whether the value was an argument of its own)."""
    words: list[str] = []
    rest = iter(arguments)
    for item in rest:
        if item == "--":
            yield item, None, False
            for remaining in rest:
                yield remaining, None, False
            return
        if not item.startswith("-") or item == "-":
            words.append(_ALIASES.get(item, item) if not words else item)
            yield item, None, False
            continue
        name, value = _flag(item, words)
        if value is None and _takes_value(name, words):
            following = next(rest, None)
            yield name, following, following is not None
        else:
            yield name, value, False


def _words(parts: Sequence[tuple[str, str | None, bool]]) -> tuple[str, ...]:
    plain: list[str] = []
    for name, value, _ in parts:
        if name == "--":
            break
        if value is None and not name.startswith("-"):
            plain.append(name)
    if not plain:
        return ()
    first = _ALIASES.get(plain[0], plain[0])
    return (first, *plain[1:2]) if first in _GROUPS else (first,)


def _absolute(folder: Path, name: str, value: str, words: Sequence[str]) -> str:
    """The flag's value, with the paths in it absolute."""
    if name in _PATH_LISTS:
        return ",".join(os.path.join(folder, entry) for entry in value.split(","))  # noqa: PTH118 - keeps "a/../b"
    path = name in _PATHS or name in _SHORT_PATHS.get(tuple(words[:1]), ())
    path = path or (name == "--path" and tuple(words[:1]) == _WATCHED)
    return os.path.join(folder, value) if path and value != "-" else value  # noqa: PTH118


def _are_paths(parts: Sequence[tuple[str, str | None, bool]]) -> bool:
    """Whether `--config-path` is given; the last one decides, and what is no truth is left to the engine to refuse."""
    said = [value for name, value, _ in parts if name == "--config-path"]
    return bool(said) and (said[-1] is None or said[-1] in _TRUE)


def read(arguments: Sequence[str], folder: Path) -> Arguments:
    """Read the arguments after `pulumi`, given from `folder`.

    Raises: LocalCloudError for a command that would leave the local cloud.
    """
    parts = list(_split(arguments))
    words = _words(parts)
    if words and words[0] in _REFUSED:
        raise LocalCloudError(f"`{words[0]}` does not belong on the local cloud: {_REFUSED[words[0]]}")
    moved = next((value for name, value, _ in parts if name in ("-C", "--cwd") and value), None)
    folder = folder / moved if moved else folder
    config = next((value for name, value, _ in parts if name == "--config-file" and value), None)
    named = [value for name, value, _ in parts if name in ("-s", "--stack") and value]
    given = [value for name, value, _ in parts if name in ("-c", "--config") and value]
    settings = given if words and words[0] in _WORKERS and _are_paths(parts) else []
    passed: list[str] = []
    for name, value, apart in parts:
        if name in ("-C", "--cwd", "--config-file") or (settings and name in ("-c", "--config", "--config-path")):
            continue
        if value is None:
            passed.append(name)
            continue
        absolute = _absolute(folder, name, value, words)
        passed += [name, absolute] if apart else [f"{name}={absolute}"]
    positional = [name for name, value, _ in parts if value is None and not name.startswith("-")]
    if words == ("stack", "graph") and len(positional) > 2:
        passed[passed.index(positional[2])] = str(folder / positional[2])
    if words == ("import",) and not any(name == "--generate-code" for name, _, _ in parts):
        # Generating code asks for the schema of the whole provider and a language host that writes programs.
        passed.append("--generate-code=false")
    if (
        words[:1] == ("stack",)
        and words[1:]
        and words[1] in _MAKES_A_STACK
        and not any(name == "--secrets-provider" for name, _, _ in parts)
    ):
        passed.insert(passed.index(words[1]) + 1, "--secrets-provider=passphrase")  # as the file backend would choose
    return Arguments(
        words,
        tuple(passed),
        named[-1].rpartition("/")[2] if named else None,
        folder,
        folder / config if config else None,
        tuple(settings),
    )
