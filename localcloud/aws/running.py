"""AWS on this machine: moto in its place, and what keeps every client away from a real account."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from localcloud import ledger
from localcloud.admission import secret_access_key
from localcloud.clouds import Cloud, StandIn

if TYPE_CHECKING:
    from localcloud.cloud.project import Place
    from localcloud.ledger import Creation, Remembers

ACCOUNT = "123456789012"
NO_FILE = f"{os.devnull}/none"
"""A path at which no file can be: where root has replaced /dev/null, that file holds what others throw away."""
_REGION = ("AWS_REGION", "AWS_DEFAULT_REGION")  # boto3 reads the second, others the first
_NOWHERE = "http://127.0.0.1:9"  # the discard service: nothing answers, and nothing leaves this machine

_INVOCATION = re.compile(rb'"invocation":"([0-9]+-[0-9]+)/')  # quotes inside a body are escaped there

SETTINGS = ("ACCORDION_BROKEN_IMAGES", "ACCORDION_IAM_ROLE")
"""Variables that the stand-in reads when it starts."""


def _journal(place: Place) -> list[str]:
    return ["--journal", str(place.journal), "--last-change", str(ledger.last_change(place.ledger, AWS.package))]


class Aws(Cloud):
    """AWS: moto behind a journal."""

    title, package, module = "AWS", "aws", "localcloud.aws.cloud"
    provider = "provider"
    stand_in = StandIn(
        "localcloud.aws.moto",
        _journal,
        "starting the local cloud (about 2 s, and more to replay its changes)",
        kept=lambda place: place.journal,
        settings=lambda environment: " ".join(environment.get(name, "") for name in SETTINGS),
    )

    def leads_away(self, variable: str) -> bool:
        """Every variable of AWS's clients but the region."""
        return variable.startswith("AWS_") and variable not in _REGION

    def variables(self, endpoint: str | None, token: str, environment: Mapping[str, str]) -> Mapping[str, str]:
        """What sends any AWS client to the local cloud."""
        region = next((environment[name] for name in _REGION if environment.get(name)), "us-east-1")
        return {
            "AWS_ENDPOINT_URL": endpoint or _NOWHERE,
            "AWS_ACCESS_KEY_ID": f"ACCT0000{ACCOUNT}",  # with the number of another account, the key to that one
            "AWS_SECRET_ACCESS_KEY": secret_access_key(token),
            "AWS_CONFIG_FILE": NO_FILE,
            "AWS_SHARED_CREDENTIALS_FILE": NO_FILE,
            "AWS_EC2_METADATA_DISABLED": "true",
            **dict.fromkeys(_REGION, region),
        }

    def asked(self, place: Place) -> Collection[str] | None:
        """Those that stand in moto's journal: without one nothing answers as it did the first time."""
        if not place.journal.exists():
            return None
        return {key.decode() for key in _INVOCATION.findall(place.journal.read_bytes())}

    def remembers(self, place: Place) -> Remembers | None:
        """What stands in moto's journal, and what was there when it was emptied with the cloud."""
        from localcloud.aws import journal_file  # not needed by a command whose servers answer

        found = journal_file.numbers(place.journal)
        if found is None:
            return None
        emptied, numbers = found
        return lambda number: number <= emptied or number in numbers

    def of_a_shell(self, environment: Mapping[str, str], made: Iterable[Creation]) -> Mapping[str, str]:
        """The region in which most resources stand, so that `aws ecs list-clusters` shows them, where the shell names
        none."""
        regions = Counter(each.region for each in made if each.region and each.cloud == self.package)
        if not regions or any(environment.get(name) for name in _REGION):
            return {}
        return dict.fromkeys(_REGION, regions.most_common(1)[0][0])


AWS = Aws()
