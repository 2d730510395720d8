"""The key of a stack's logs, on the recording monitor. It cannot prove that CloudWatch Logs takes the key."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from components.log_key import LogKey, LogKeyArgs
from components.network import Network, NetworkArgs
from components.specs import LogKeySpec, NetworkSpec
from tests.recording import build


def test_the_account_administers_the_key_and_its_logs_use_it() -> None:
    built = build(lambda: LogKey("log-key"))
    key = built.one("aws:kms/key:Key").inputs
    assert (key["enableKeyRotation"], key["deletionWindowInDays"], key.get("policy")) == (True, 30, None)
    policy = built.one("KeyPolicy").inputs
    assert policy["keyId"] == "log-key-key-id"
    administration, logs = json.loads(policy["policy"])["Statement"]
    assert administration["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    assert logs["Principal"] == {"Service": "logs.eu-central-1.amazonaws.com"}
    assert logs["Condition"] == {
        "ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-central-1:123456789012:log-group:*"}
    }


def test_log_groups_wait_until_the_key_may_be_used() -> None:
    def program() -> None:
        key = LogKey("log-key")
        Network("net", NetworkArgs(NetworkSpec(zones=("eu-central-1a",)), log_key_arn=key.arn))

    group = build(program).one("LogGroup")
    assert group.inputs["kmsKeyId"] == "arn:aws:kms:eu-central-1:123456789012:log-key-key"
    assert {"log-key-key", "log-key-policy"} <= set(group.depends_on)


def test_a_key_carries_the_tags_that_it_is_given() -> None:
    built = build(lambda: LogKey("log-key", LogKeyArgs(tags={"team": "shop"})))
    assert built.one("aws:kms/key:Key").inputs["tags"]["team"] == "shop"


@pytest.mark.parametrize("window", ["6d", "31d", "7d12h"])
def test_a_waiting_period_that_kms_does_not_know_is_refused(window: str) -> None:
    with pytest.raises(ValidationError):
        LogKeySpec(deletion_window=window)
