"""CloudWatch: mute rules, which silence the actions of alarms in windows of time."""

from datetime import UTC, datetime
from typing import Any

from localcloud.aws.client import Aws
from localcloud.aws.kind import Calls, Kind, Naming, OwnCalls, Properties, Props, Tags, Translation
from localcloud.aws.kinds.tagging import retag, tags_of

ARN = "arn:aws:cloudwatch:{region}:{account}:alarm-mute-rule:{id}"
DATES = {"startDate": "StartDate", "expireDate": "ExpireDate"}


def instant(text: str) -> Any:
    """A moment, however its offset is written."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def written(found: datetime | None) -> str | None:
    """A moment as programs write it."""
    return None if found is None else found.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def as_text(live: Props) -> Props:
    """The answer with its moments as texts."""
    return live | {name: written(live.get(name)) for name in (*DATES.values(), "LastUpdatedTimestamp")}


def described(aws: Aws, resource_id: str, props: Props) -> Props | None:
    """The rule with its status now."""
    return dict(aws("cloudwatch", "get_alarm_mute_rule", AlarmMuteRuleName=resource_id))


ROWS = (
    Kind(
        "aws:cloudwatch/alarmMuteRule:AlarmMuteRule",
        Calls("cloudwatch", "put_alarm_mute_rule", "{name}", read=described, update="upsert",
              delete=("delete_alarm_mute_rule", {"AlarmMuteRuleName": "{id}"})),
        naming=Naming("name"), tags=Tags(update=retag("cloudwatch", ARN)), translation=Translation(decode=as_text),
        properties=Properties(
            force_new={"name"}, defaults={"rule.schedule.timezone": "UTC"},
            unordered={"muteTargets.alarmNames"}, normalize=dict.fromkeys(DATES, instant),
            computed_on_update={"lastUpdatedTimestamp", "status"},
        ),
        own_calls=OwnCalls(join={"tags": tags_of("cloudwatch", ResourceARN="{AlarmMuteRuleArn}")}),
        outputs={"arn": ARN},
    ),
)  # fmt: skip
