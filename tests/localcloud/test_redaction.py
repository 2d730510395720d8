"""What is derived from a secret is in no refusal: for the text-valued properties of every served type. This cannot
prove it of the engine's own words, nor of a program's.
"""

import base64
import functools
import hashlib
import json
import random
import re
import urllib.parse
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pulumi.runtime.proto import provider_pb2

from localcloud.aws.kinds import KINDS
from localcloud.provider import schema, wire
from tests.localcloud.conftest import Failed

MARKER = "Xq7zeta'Wv-9\nKj{4"
"""Has what a message quotes otherwise than it was given: a quote, an end of a line, a bracket."""
PIECES = [re.escape(MARKER[i : i + 6]) for i in range(len(MARKER) - 5)]
LEAKED = re.compile("|".join([*PIECES, re.escape("\\nKj{4"), "Xq7zeta", "xq7zeta"]))
DERIVED: dict[str, Callable[[str], str]] = {
    "as it is": lambda secret: secret,
    "joined": lambda secret: f"https://user:{secret}@shop.example/",
    "in a document": lambda secret: json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": secret}]}),
    "in a broken document": lambda secret: f'{{"Statement": [{{"Effect": "{secret}"',
    "encoded": lambda secret: base64.b64encode(secret.encode()).decode(),
    "cut": lambda secret: secret[1:-1],
}
TOKENS = sorted(KINDS)


def texts(token: str, value: str) -> tuple[dict[str, Any], set[str]]:
    """Each text, list of texts and map of texts of a type with this value; and their names."""
    found: dict[str, Any] = {}
    for name, t in schema.inputs(token).props.items():
        if t.kind in ("str", "union", "any"):
            found[name] = value
        elif t.kind == "list" and t.of.kind in ("str", "union"):
            found[name] = [value]
        elif t.kind == "map":
            found[name] = {value: value}
    return found, set(found)


def clean(said: str, value: str) -> bool:
    """Whether nothing of the secret, nor what was derived from it, is in what was said."""
    return not LEAKED.search(said) and value not in said


@pytest.mark.parametrize("way", DERIVED)
def test_no_refusal_of_a_preview_tells_a_secret(provider: Any, way: str, capfd: pytest.CaptureFixture[str]) -> None:
    value, refused = DERIVED[way](MARKER), 0
    for token in TOKENS:
        inputs, names = texts(token, value)
        news = wire.struct(inputs, wire.Secrets(properties=names))
        request = provider_pb2.CheckRequest(urn=provider.urn(token, "thing"), type=token, news=news)
        try:
            failures = [(f.property, f.reason) for f in provider._call("Check", request).failures]
        except Failed as error:
            failures = [("", str(error))]
        refused += len(failures)
        assert [f for f in failures if not clean(f"{f[0]} {f[1]}", value)] == [], token
    assert refused > len(TOKENS)
    logged = capfd.readouterr()
    assert clean(logged.out + logged.err, value)


@pytest.mark.parametrize("way", DERIVED)
def test_no_refusal_of_the_cloud_tells_a_secret(provider: Any, way: str, capfd: pytest.CaptureFixture[str]) -> None:
    value, refused = DERIVED[way](MARKER), 0
    for token in TOKENS:
        inputs, names = texts(token, value)
        required = {name: inputs[name] for name in schema.inputs(token).required if name in inputs}
        properties = wire.struct(required or inputs, wire.Secrets(properties=names))
        request = provider_pb2.CreateRequest(urn=provider.urn(token, "thing"), type=token, properties=properties)
        said = ""
        try:
            made = provider._call("Create", request)
        except Failed as error:
            said = str(error)
            refused += 1
        else:
            gone = provider_pb2.DeleteRequest(urn=request.urn, type=token, id=made.id, properties=made.properties)
            provider._call("Delete", gone)
        assert clean(said, value), token
    assert refused > len(TOKENS) / 2
    logged = capfd.readouterr()
    assert clean(logged.out + logged.err, value)


STEPS: dict[str, Callable[[str], str]] = {
    **DERIVED,
    "upper": str.upper,
    "lower": str.lower,
    "titled": str.title,
    "sliced": lambda secret: secret[len(secret) // 4 :],
    "twice": lambda secret: secret * 2,
    "hexadecimal": lambda secret: secret.encode().hex(),
    "hashed": lambda secret: hashlib.sha256(secret.encode()).hexdigest(),
    "quoted for an address": lambda secret: urllib.parse.quote(secret, safe=""),
    "text in a text": lambda secret: json.dumps(secret),
    "with spaces": lambda secret: f"  {secret}  ",
    "a line of a script": lambda secret: f"export TOKEN='{secret}'\n",
}
"""What a program may do to a secret before it is an input."""
OF_ITS_OWN = 10
"""Characters in a row that stand in no message by chance."""


def told(said: str, value: str) -> list[str]:
    """The stretches of a value within what was said, but for those that are words of a message or of the documents
    around a secret."""
    known = (
        json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": ""}]})
        + "https://user: @shop.example/ export TOKEN="
    )
    stretches = {value[at : at + OF_ITS_OWN] for at in range(len(value) - OF_ITS_OWN + 1)}
    return sorted(
        each
        for each in stretches
        if each in said and each.strip().lower() not in known.lower() and not re.fullmatch(r"[\s\\\"]*|[a-z ]*", each)
    )


@pytest.mark.parametrize("seed", range(3))
def test_no_refusal_of_a_preview_tells_what_was_made_of_a_secret_in_several_steps(provider: Any, seed: int) -> None:
    rng, refused, wrong = random.Random(seed), 0, {}
    for token in TOKENS:
        steps = rng.choices(sorted(STEPS), k=rng.choice((2, 2, 3)))
        value = functools.reduce(lambda text, step: STEPS[step](text), steps, MARKER)
        inputs, names = texts(token, value)
        news = wire.struct(inputs, wire.Secrets(properties=names))
        request = provider_pb2.CheckRequest(urn=provider.urn(token, "thing"), type=token, news=news)
        try:
            failures = [f"{f.property} {f.reason}" for f in provider._call("Check", request).failures]
        except Failed as error:
            failures = [str(error)]
        refused += len(failures)
        if found := [each for said in failures for each in told(said, value)]:
            wrong[token, *steps] = found[:3]
    assert wrong == {}
    assert refused > len(TOKENS)


def test_what_is_no_secret_is_told_where_there_is_none() -> None:
    assert (
        wire.plain(wire.struct({"name": "web", "size": 3}))[1].redact("'web' is 3 too large") == "'web' is 3 too large"
    )


def test_values_beside_a_secret_are_not_told() -> None:
    _, secrets = wire.plain(wire.struct({"name": "web", "token": "hush-hush"}, wire.Secrets(properties={"token"})))
    assert secrets.redact("'web' and 'hush' are not 'website'") == "'[secret]' and 'hush' are not 'website'"
    assert secrets.redact("HUSH-HUSH, hush-hu") == "[secret], [secret]"


short = st.text("0123456789", min_size=1, max_size=4) | st.text("abcXYZ_", min_size=1, max_size=4)
around = st.sampled_from(
    ["'{}'", '"{}"', "={}", " {} ", "({})", "user:{}@", "/{}/", "{}, ", "key.{}.end", "k-{}-m", "{}"]
)


@given(short, st.lists(around, min_size=1, max_size=3))
def test_a_short_secret_is_told_in_no_surroundings(secret: str, places: list[str]) -> None:
    said = " ".join(place.format(secret) for place in places)
    shown = wire.Secrets(texts={secret}).redact(f"got {said}; wanted another")
    assert shown == f"got {' '.join(place.format('[secret]') for place in places)}; wanted another"


@given(
    st.integers(0, 255), st.lists(st.integers(0, 255), min_size=3, max_size=3), st.integers(1, 65535), st.integers(0, 3)
)
@example(1, [127, 0, 0], 4566, 3)
def test_a_short_number_is_not_looked_for_inside_addresses_versions_and_times(
    secret: int, others: list[int], port: int, place: int
) -> None:
    address = ".".join(map(str, [*others[:place], secret, *others[place:]]))
    moment = f"2026-11-{secret:02}T{secret % 24:02}:{secret % 60:02}:00"
    said = f"no answer from http://{address}:{port}/ (moto 5.2.5) at {moment}Z: refused"
    assert wire.Secrets(texts={str(secret)}).redact(said) == said
    assert wire.Secrets(texts={str(secret)}).redact(f"{said} '{secret}'") == f"{said} '[secret]'"
