"""The shadow project: a folder that the engine takes for the user's project, so that it writes nothing there.

`stack init` rewrites a stack file, `stack rm` deletes it, every command may add a salt to it. In the shadow it is a
copy, made anew when the user's file changes; what `config set` did to the copy is carried over, key by key.
"""

import contextlib
import copy as copying
import hashlib
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localcloud.cloud import files, placeholders
from localcloud.cloud.errors import LocalCloudError
from localcloud.cloud.project import Place, Project, yaml
from localcloud.engine.interpreters import SHADOW_MARKER

_LOCAL_VALUES = (
    "it holds what `accordion local config set` gave this machine; remove it, and it is made anew from your stack file"
)

_LARGEST = 1024 * 1024  # bytes

Run = Callable[[Sequence[str]], None]
"""Runs an engine command in the shadow, quietly; raises LocalCloudError when it fails."""


def shadow_project(project: Project) -> str:
    """Pulumi.yaml for the shadow: `main` and other paths absolute, no place of its own for stack files or state."""
    document = copying.deepcopy(project.document)
    folder = project.folder
    document["main"] = str(folder / str(document.get("main") or "."))
    document.pop("stackConfigDir", None)
    document.pop("backend", None)
    if isinstance(document.get("config"), str):  # the old spelling of stackConfigDir
        del document["config"]
    for plugins in (document.get("plugins") or {}).values():
        for plugin in plugins:
            if isinstance(plugin.get("path"), str):
                plugin["path"] = str(folder / plugin["path"])
    runtime = document.get("runtime")
    options = runtime.get("options") if isinstance(runtime, dict) else None
    if isinstance(options, dict):
        for name in ("virtualenv", "binary"):
            if isinstance(options.get(name), str):
                options[name] = str(folder / options[name])
    out = io.StringIO()
    yaml().dump(document, out)
    return out.getvalue()


def _of_the_user(file: Path) -> str:
    """A file of the user's; an absent one is empty."""
    try:
        if file.exists() and not file.is_file():
            raise LocalCloudError(f"{file}: expected a regular file")
        if file.stat().st_size > _LARGEST:
            raise LocalCloudError(f"{file}: is larger than 1 MiB, the most that is read")
        return file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise LocalCloudError(f"{file}: byte {error.start} is no UTF-8 text; save the file as UTF-8") from None
    except OSError as error:
        raise LocalCloudError(f"{file} cannot be read: {error.strerror}") from None


def _parsed(file: Path, text: str | None) -> dict[str, Any]:
    """A file of the shadow, empty when there is none. All of them end with the end of a line."""
    with contextlib.suppress(LocalCloudError):
        if not text or text.endswith("\n"):
            return placeholders.read(text or "", str(file))
    raise files.damaged(file, "it is not whole", _LOCAL_VALUES)


@dataclass(frozen=True)
class Shadow:
    """The shadow of one project in its place."""

    project: Project
    place: Place
    exists: Callable[[str], bool]
    """Whether a stack of the project has a state."""

    def stack_file(self, stack: str) -> Path:
        """The shadow's copy of a stack file."""
        return self.place.shadow / f"Pulumi.{stack}.yaml"

    def update_project(self) -> None:
        """Bring the shadow's Pulumi.yaml up to date."""
        files.write_when_changed(self.place.shadow / "Pulumi.yaml", shadow_project(self.project))
        files.write_when_changed(self.place.shadow / SHADOW_MARKER, f"{self.project.folder}\n")

    def update_stack(self, stack: str, run: Run, source: Path | None = None) -> tuple[str, ...]:
        """Bring the copy of a stack file up to date and make the stack when it is not there.

        Returns the paths of secrets that are placeholders, when the copy was made anew and has some.
        """
        source = source or self.project.stack_file(stack)
        text = _of_the_user(source)
        note = self.place.generated / f"{stack}.digest"
        digest = hashlib.sha256(f"{source}\n{text}".encode()).hexdigest()
        copy, made = self.stack_file(stack), self.place.generated / f"{stack}.yaml"
        known, before = files.read(copy, _LOCAL_VALUES), files.read(made, _LOCAL_VALUES)
        if known == "" and before:
            raise files.damaged(copy, "it is empty", _LOCAL_VALUES)
        current, last = _parsed(copy, known), _parsed(made, before)
        if self.exists(stack) and known is not None and files.says(note, digest):
            return ()
        changes: dict[str, Any] = {}
        if current and before is not None:
            changes = placeholders.local_changes(last, current)
        local = placeholders.localised(text, str(source))
        base = local.text if local.text.endswith("\n") else f"{local.text}\n"
        if "encryptionsalt" in current:
            # Placeholders and local secrets are encrypted with it.
            document = placeholders.read(base, str(source))
            document["encryptionsalt"] = current["encryptionsalt"]
            base = placeholders.write(document)
        note.unlink(missing_ok=True)
        with _as_before_unless_done({made: before, copy: known}):
            files.write_when_changed(made, base)
            files.write_when_changed(copy, base)
            if not self.exists(stack):
                run(["stack", "init", stack, "--no-select", "--secrets-provider", "passphrase"])
            if local.secrets:
                values = [f"{path}={placeholders.placeholder(path)}" for path in local.secrets]
                pairs = [item for value in values for item in ("--secret", value)]
                run(["config", "set-all", "--stack", stack, "--path", *pairs])
            generated = copy.read_text(encoding="utf-8")
            placeholders.read(generated, str(source))  # what the engine made of it has to be read the next time
            files.write_when_changed(made, generated)
            if changes:
                files.write_when_changed(
                    copy,
                    placeholders.write(placeholders.with_changes(placeholders.read(generated, str(copy)), changes)),
                )
        files.write_when_changed(note, digest)
        return tuple(
            path for path in local.secrets if not any(path == key or path.startswith(f"{key}[") for key in changes)
        )


@contextlib.contextmanager
def _as_before_unless_done(texts: Mapping[Path, str | None]) -> Iterator[None]:
    """Put the files back when what is inside fails: what `config set` did is only in them."""
    try:
        yield
    except BaseException:
        for file, text in texts.items():
            if text is None:
                file.unlink(missing_ok=True)
            else:
                files.write_when_changed(file, text)
        raise
