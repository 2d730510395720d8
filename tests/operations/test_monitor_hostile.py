"""Files that are not what they should be: one sentence or a verdict, never a traceback. It cannot prove that a verdict
on torn answers says anything: it says what could not be told."""

from __future__ import annotations

import copy
import json
import socket
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from hypothesis import given, settings
from hypothesis import strategies as st

from operations.declared import Declaration, from_outputs, from_state, restored
from operations.failures import CannotRun
from operations.live.answers import Remembered, Saved
from operations.live.aws import Aws, clients
from operations.monitor.comparison import Stack
from operations.monitor.judge import judge
from operations.monitor.render import FORMATS
from tests.operations.answered import NOW, World, state
from tests.operations.test_monitor import OUTPUTS

JUNK = st.sampled_from([None, True, -1, 1e308, "", "x", [], [None], {}, {"a": None}, "\x1b[2J", "9" * 30])


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place inside a value."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, one in inside for place in places(one, (*path, key)))]


def torn(value: Any, place: tuple[Any, ...], junk: Any, gone: bool) -> Any:
    """The value with something else, or nothing, at a place."""
    if not place:
        return junk
    found = copy.deepcopy(value)
    at = found
    for key in place[:-1]:
        at = at[key]
    if gone:
        del at[place[-1]]
    else:
        at[place[-1]] = junk
    return found


def kept() -> dict[str, Any]:
    remembered = Remembered(Aws(World()))
    judge(Stack(from_state(state(), "dev"), remembered, NOW), {})
    found: dict[str, Any] = json.loads(json.dumps(remembered.saved(), default=lambda value: value.isoformat()))
    return found


STATE, ANSWERS = state(), kept()
DECLARED = from_state(STATE, "dev").model_dump(mode="json")


def judged(declared: Callable[[], Declaration], answers: Any) -> None:
    """A verdict in every form, or a sentence; anything else is a fault."""
    try:
        verdict = judge(Stack(declared(), Remembered(Saved(answers, "kept.json")), NOW), {})
    except CannotRun:
        return  # a sentence, by its type
    assert verdict.exit_code in (0, 1, 2)
    for write in FORMATS.values():
        assert "\x1b" not in write(verdict)


@settings(derandomize=True)
@given(st.sampled_from(places(ANSWERS)[1:]), JUNK, st.booleans())
def test_torn_answers_end_in_a_verdict_or_a_sentence(place: tuple[Any, ...], junk: Any, gone: bool) -> None:
    judged(lambda: from_state(STATE, "dev"), torn(ANSWERS, place, junk, gone))


@settings(derandomize=True)
@given(st.sampled_from(places(STATE)), JUNK, st.booleans())
def test_a_torn_state_ends_in_a_verdict_or_a_sentence(place: tuple[Any, ...], junk: Any, gone: bool) -> None:
    content = torn(STATE, place, junk, gone)
    judged(lambda: from_state(content if isinstance(content, dict) else {}, "dev"), ANSWERS)


@settings(derandomize=True)
@given(st.sampled_from(places(DECLARED)), JUNK, st.booleans())
def test_a_torn_declaration_of_a_kept_file_ends_in_a_verdict_or_a_sentence(
    place: tuple[Any, ...], junk: Any, gone: bool
) -> None:
    judged(lambda: restored(torn(DECLARED, place, junk, gone), "kept.json"), ANSWERS)


@settings(derandomize=True)
@given(st.sampled_from(places(OUTPUTS)[1:]), JUNK, st.booleans())
def test_torn_outputs_end_in_a_verdict_or_a_sentence(place: tuple[Any, ...], junk: Any, gone: bool) -> None:
    judged(lambda: from_outputs(torn(OUTPUTS, place, junk, gone), "dev", {}), ANSWERS)


SHELL = (
    {"AWS_PROFILE": "none-of-this-name"},
    {"AWS_CONFIG_FILE": "/nowhere", "AWS_DEFAULT_PROFILE": "none-of-this-name"},
    {"AWS_ENDPOINT_URL": "https://genuine.example", "AWS_ENDPOINT_URL_ECS": "https://genuine.example"},
    {"AWS_USE_FIPS_ENDPOINT": "true", "AWS_USE_DUALSTACK_ENDPOINT": "true"},
    {"AWS_DEFAULTS_MODE": "no-mode", "AWS_RETRY_MODE": "no-mode", "AWS_MAX_ATTEMPTS": "many"},
    {"AWS_CA_BUNDLE": "/nowhere", "REQUESTS_CA_BUNDLE": "/nowhere", "AWS_ACCOUNT_ID_ENDPOINT_MODE": "required"},
    {"AWS_ACCESS_KEY_ID": "AKIAgenuine", "AWS_SECRET_ACCESS_KEY": "genuine", "AWS_SESSION_TOKEN": "genuine"},
    {"AWS_REGION": "mars-1", "AWS_DEFAULT_REGION": "mars-1", "AWS_SDK_UA_APP_ID": "genuine"},
    {"http_proxy": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9", "ALL_PROXY": "http://127.0.0.1:9"},
)  # fmt: skip


@pytest.mark.parametrize("shell", SHELL, ids=lambda shell: next(iter(shell)))
def test_whatever_a_shell_says_of_a_real_account_the_local_cloud_is_asked_and_as_itself(
    monkeypatch: pytest.MonkeyPatch, shell: dict[str, str]
) -> None:
    for name, value in shell.items():
        monkeypatch.setenv(name, value)
    with socket.create_server(("127.0.0.1", 0)) as free:
        endpoint = f"http://127.0.0.1:{free.getsockname()[1]}"
    asked: Any = clients("eu-west-1", endpoint=endpoint, keys=("ACCT0000123456789012", "of the place"))("ecs")
    keys = asked._get_credentials()
    assert (asked.meta.endpoint_url, asked.meta.region_name) == (endpoint, "eu-west-1")
    assert (keys.access_key, keys.secret_key, keys.token) == ("ACCT0000123456789012", "of the place", None)
    with pytest.raises(EndpointConnectionError, match=endpoint):
        asked.list_clusters()
