"""How programs are started. It cannot prove what a library does when it starts one."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path for room in ("elasticity", "components", "stacks", "guardrails", "localcloud", "operations", "image_context", "docker_client")
    for path in (ROOT / room).rglob("*.py")
)  # fmt: skip


@pytest.mark.parametrize("room", sorted({path.relative_to(ROOT).parts[0] for path in SOURCES}))
def test_nothing_of_ours_runs_between_fork_and_exec(room: str) -> None:
    """A command has threads of gRPC, whose own handlers of a fork ended it now and then."""
    calls = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in SOURCES
        if path.relative_to(ROOT).parts[0] == room
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and (
            any(word.arg == "preexec_fn" for word in call.keywords) or ast.unparse(call.func) in ("os.fork", "pty.fork")
        )
    ]
    assert calls == []
