"""Who listens on a port of this machine, and what keeps strangers out. It cannot prove that a guard is good: the tests that are
named do."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
LISTENERS = {
    "localcloud/aws/moto.py": ("aws.guard.Guard", "tests/localcloud/test_aws_guard.py"),
    "localcloud/state/server.py": ("Admission", "tests/localcloud/test_state_service.py"),
    "localcloud/provider/server.py": ("OwnUser", "tests/localcloud/test_provider_callers.py"),
    "localcloud/engine/language_host.py": (None, None),
    "operations/controller/exported.py": (None, None),
}
"""Module -> what admits its callers, and the test of it. The language host runs programs for the engine that has started it,
lives as long as that, and its protocol has no place for a token; pulumi's own is open in the same way. The controller's metrics are counts that anybody on the
machine may read, as of any exporter."""
_OPENS = re.compile(
    r"\b(add_insecure_port|serve_forever|start_http_server|make_server|start_server|run_simple|create_server|HTTPServer)\("
)


def test_whoever_opens_a_port_is_known_with_its_guard() -> None:
    rooms = [folder for folder in ROOT.iterdir() if (folder / "__init__.py").is_file() and folder.name != "tests"]
    found = {
        str(path.relative_to(ROOT))
        for room in rooms
        for path in room.rglob("*.py")
        if _OPENS.search(path.read_text(encoding="utf-8"))
    }
    assert found == set(LISTENERS)
    for module, (guard, test) in LISTENERS.items():
        if guard and test:
            assert guard.rpartition(".")[2] in (ROOT / module).read_text(encoding="utf-8")
            assert (ROOT / test).is_file()


def test_no_port_is_opened_to_the_network() -> None:
    for module in LISTENERS:
        text = (ROOT / module).read_text(encoding="utf-8")
        assert "127.0.0.1" in text
        assert "0.0.0.0" not in text
