"""The shadow project: a folder that the engine takes for the user's project, so that it writes nothing there.

`stack init` rewrites a stack file, `stack rm` deletes it, every command may add a salt to it. In the shadow it is a
copy, made anew when the user's file changes; what `config set` did to the copy is carried over, key by key.
"""

import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localcloud.cloud import placeholders
from localcloud.cloud.project import Place, Project, yaml
from localcloud.engine.program import SHADOW_MARKER

Run = Callable[[Sequence[str]], None]
"""Runs an engine command in the shadow, quietly; raises LocalCloudError when it fails."""


def shadow_project(project: Project) -> str:
    """Pulumi.yaml for the shadow: `main` and other paths absolute, no place of its own for stack files or state."""
    document = yaml().load(project.file.read_text())
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
        if options.get("toolchain") == "uv" and "virtualenv" not in options:
            options["virtualenv"] = str(folder / ".venv")
    out = io.StringIO()
    yaml().dump(document, out)
    return out.getvalue()


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all, and only when it differs."""
    if path.exists() and path.read_text() == text:
        return
    staged = path.with_name(f"{path.name}.new")
    staged.touch(mode=0o600)
    staged.write_text(text)
    staged.replace(path)


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
        _write(self.place.shadow / "Pulumi.yaml", shadow_project(self.project))
        _write(self.place.shadow / SHADOW_MARKER, f"{self.project.folder}\n")

    def update_stack(self, stack: str, run: Run, source: Path | None = None) -> tuple[str, ...]:
        """Bring the copy of a stack file up to date and make the stack when it is not there.

        Returns the paths of secrets that are placeholders, when the copy was made anew and has some.
        """
        source = source or self.project.stack_file(stack)
        text = source.read_text() if source.exists() else ""
        note = self.place.generated / f"{stack}.digest"
        digest = hashlib.sha256(f"{source}\n{text}".encode()).hexdigest()
        copy, made = self.stack_file(stack), self.place.generated / f"{stack}.yaml"
        if self.exists(stack) and copy.exists() and note.exists() and note.read_text() == digest:
            return ()
        current = placeholders.read(copy.read_text(), str(copy)) if copy.exists() else {}
        changes: dict[str, Any] = {}
        if current and made.exists():
            changes = placeholders.local_changes(placeholders.read(made.read_text(), str(made)), current)
        local = placeholders.localised(text, str(source))
        base = local.text
        if "encryptionsalt" in current:
            # Placeholders and local secrets are encrypted with it.
            document = placeholders.read(base, str(source))
            document["encryptionsalt"] = current["encryptionsalt"]
            base = placeholders.write(document)
        note.unlink(missing_ok=True)
        _write(made, base)
        _write(copy, base)
        if not self.exists(stack):
            run(["stack", "init", stack, "--no-select", "--secrets-provider", "passphrase"])
        if local.secrets:
            values = [f"{path}={placeholders.placeholder(path)}" for path in local.secrets]
            pairs = [item for value in values for item in ("--secret", value)]
            run(["config", "set-all", "--stack", stack, "--path", *pairs])
        generated = copy.read_text()
        _write(made, generated)
        if changes:
            _write(
                copy, placeholders.write(placeholders.with_changes(placeholders.read(generated, str(copy)), changes))
            )
        _write(note, digest)
        return tuple(
            path for path in local.secrets if not any(path == key or path.startswith(f"{key}[") for key in changes)
        )
