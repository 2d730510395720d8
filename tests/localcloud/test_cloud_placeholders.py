"""Stack files made fit for this machine. Cannot prove that the engine reads each path as it is meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localcloud.cloud import LocalCloudError, placeholders

FILE = """\
# production
secretsprovider: awskms://alias/pulumi
encryptedkey: AQIDAHg
config:
  app:token:
    secure: v1:abc
  app:db:
    user: admin
    pass: {secure: v1:def}
    hosts:
      - {secure: v1:ghi}
      - plain
  app:a.b:
    secure: v1:jkl
  app:version: "1.10"
  app:octal: 0755
"""


def test_every_secure_value_becomes_a_placeholder_with_its_path():
    assert placeholders.localised(FILE, "Pulumi.prod.yaml").secrets == (
        "app:token",
        'app:db["pass"]',
        'app:db["hosts"][0]',
        'app:["a.b"]',
    )


def test_what_belongs_to_the_other_place_is_gone_and_the_rest_is_as_it_was():
    assert (
        placeholders.localised(FILE, "Pulumi.prod.yaml").text
        == f"""\
# production
config:
  app:token: {placeholders.placeholder("app:token")}
  app:db:
    user: admin
    pass: {placeholders.placeholder('app:db["pass"]')}
    hosts:
    - {placeholders.placeholder('app:db["hosts"][0]')}
    - plain
  app:a.b: {placeholders.placeholder('app:["a.b"]')}
  app:version: "1.10"
  app:octal: 0755
"""
    )


def test_a_file_without_secrets_is_copied_character_for_character():
    text = "config:\n    a:b:   'x'   # odd spacing\n\n\n"
    assert placeholders.localised(text, "x") == placeholders.LocalStackFile(text, ())


def test_a_salt_of_another_passphrase_is_dropped():
    assert placeholders.localised("encryptionsalt: v1:x\nconfig:\n  a:b: c\n", "x").text == "config:\n  a:b: c\n"


@pytest.mark.parametrize("text", ["", "# nothing\n", "config:\n"])
def test_an_empty_file_stays_as_it_is(text):
    assert placeholders.localised(text, "x") == placeholders.LocalStackFile(text, ())


def test_a_placeholder_is_the_same_in_each_run_and_differs_by_path():
    assert placeholders.placeholder("app:token") == "placeholder-6adb762b8789"
    assert placeholders.placeholder("app:other") != placeholders.placeholder("app:token")


def test_a_file_that_is_no_yaml_is_told_with_its_line():
    with pytest.raises(LocalCloudError, match=r"^Pulumi\.dev\.yaml:2: not valid YAML; "):
        placeholders.localised("config:\n  a: [}\n", "Pulumi.dev.yaml")


def test_a_file_that_is_no_mapping_is_told():
    with pytest.raises(LocalCloudError, match=r"^Pulumi\.dev\.yaml: wanted a mapping, got a list$"):
        placeholders.localised("- a\n", "Pulumi.dev.yaml")


VALUES = st.recursive(
    st.sampled_from(["x", "1", True, 3]) | st.just({"secure": "v1:x"}),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
CONFIG = st.dictionaries(st.sampled_from(["p:a", "p:b", "p:c.d", "aws:region"]), VALUES, max_size=4)


@given(CONFIG)
def test_no_encrypted_value_is_left_wherever_it_was(config):
    text = placeholders.localised(placeholders.write({"config": config}), "x").text
    assert "secure" not in text


@given(CONFIG, CONFIG)
def test_local_changes_made_again_give_the_local_file(generated, current):
    changes = placeholders.local_changes({"config": generated}, {"config": current})
    again = placeholders.with_changes({"config": dict(generated)}, changes)
    assert dict(again["config"]) == current


def test_local_changes_leave_new_values_of_the_user_alone():
    changes = placeholders.local_changes({"config": {"a": "1", "b": "1"}}, {"config": {"a": "local", "c": "more"}})
    assert placeholders.with_changes({"config": {"a": "2", "b": "2", "d": "2"}}, changes) == {
        "config": {"a": "local", "c": "more", "d": "2"}
    }
