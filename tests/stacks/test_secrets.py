"""Secrets of a stack's services as a program gets them. It cannot prove that Pulumi keeps them encrypted:
tests/engine/test_private_stack.py searches for one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pulumi
import pytest
from pulumi.runtime import config

from stacks import secrets

KEY = "accordion:service_secrets"


@pytest.fixture(autouse=True)
def _settings() -> Iterator[None]:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)  # the SDK binds what is secret to the current one
    yield
    asyncio.set_event_loop(None)
    loop.close()
    config.CONFIG.get().pop(KEY, None)


def given(text: str) -> dict[str, secrets.ServiceSecret]:
    config.set_config(KEY, text)
    return secrets.service_secrets()


def cure(name: str) -> str:
    return f"pulumi config set --secret --path 'service_secrets[\"{name}\"]'"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("planted", f"service_secrets: expected a map of names to texts: {cure('name')}"),
        ('["planted"]', f"service_secrets: expected a map of names to texts: {cure('name')}"),
        (
            '{"a": "planted", "b": "", "c": {"planted": 1}, "d": 12345678}',
            (
                f'service_secrets["b"]: is empty; give one: {cure("b")}\n'
                f'service_secrets["c"]: is no text; give one: {cure("c")}\n'
                f'service_secrets["d"]: is no text; give one: {cure("d")}'
            ),
        ),
    ],
)
def test_what_is_no_map_of_texts_is_refused_by_name_and_no_value_is_repeated(text: str, told: str) -> None:
    with pytest.raises(pulumi.RunError) as refused:
        given(text)
    assert str(refused.value) == told
    assert "planted" not in told


def test_each_content_has_a_version_of_its_own_by_name_and_stack_whatever_it_holds() -> None:
    hostile = ["a\nb", "a\r\nb", "a b", "$PATH ${X}", "'\"\\", "\u2028é\0", "x" * 400_000, "{}", " a", "a"]
    found = {f"s{number}": text for number, text in enumerate(hostile)}
    made = given(json.dumps(found | {"same": "a"}))
    versions = [one.version for one in made.values()]
    assert all(len(version) == 6 for version in versions)
    assert len(set(versions)) == len(versions), "that of another name too, so that equal contents are not told"
    assert [one.version for one in given(json.dumps(found)).values()] == versions[:-1]


def test_without_secrets_there_are_none() -> None:
    assert secrets.service_secrets() == {}
