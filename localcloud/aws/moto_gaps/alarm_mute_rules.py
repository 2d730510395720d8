"""Gaps of moto's CloudWatch: mute rules, which silence the actions of alarms in windows of time.

A muted alarm is evaluated as ever and changes its state; its actions do not run. Nothing here runs an alarm's actions
(moto keeps them and no more), so that a rule is kept, has the status of its moment, and is found by its alarms: whoever
acts on an alarm asks ListAlarmMuteRules first. Source: API PutAlarmMuteRule, Schedule, MuteTargets, GetAlarmMuteRule.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from moto.cloudwatch.exceptions import ResourceNotFoundException
from moto.cloudwatch.models import CloudWatchBackend
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult, EmptyResult

from localcloud.aws.limits.cron import MUTES, last_before, zone_fault
from localcloud.aws.limits.durations import duration
from localcloud.aws.moto_gaps import clock
from localcloud.aws.moto_gaps._patching import Refusal, add, replace

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=15)
MOST_TARGETS: Final = 100


def _rules(backend: Any) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = vars(backend).setdefault("alarm_mute_rules", {})
    return found


def _now() -> datetime:
    return datetime.fromtimestamp(clock.seconds(), UTC)


def _moment(value: Any) -> datetime | None:
    if value is None:
        return None
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def status(rule: dict[str, Any], now: datetime) -> str:
    """SCHEDULED, ACTIVE within a window, or EXPIRED (API GetAlarmMuteRule)."""
    schedule, expires, starts = rule["Rule"]["Schedule"], rule.get("ExpireDate"), rule.get("StartDate")
    lasts = duration(schedule["Duration"]) or SHORTEST
    if expires is not None and now >= expires:
        return "EXPIRED"
    began = last_before(schedule["Expression"], schedule.get("Timezone") or "UTC", now, LONGEST)
    if began is not None and now < began + lasts and (starts is None or began >= starts):
        return "ACTIVE"
    once = re.fullmatch(r"at\((.*)\)", schedule["Expression"])
    if once and last_before(schedule["Expression"], schedule.get("Timezone") or "UTC", now, now - _EPOCH):
        return "EXPIRED"
    return "SCHEDULED"


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _shown(rule: dict[str, Any]) -> dict[str, Any]:
    once = rule["Rule"]["Schedule"]["Expression"].startswith("at(")
    return rule | {"Status": status(rule, _now()), "MuteType": "ONE_TIME" if once else "RECURRING"}


def _refuse(why: str) -> Refusal:
    return Refusal("ValidationError", why)


def _check(backend: Any, asked: dict[str, Any]) -> None:
    schedule = asked["Rule"]["Schedule"]
    expression, lasts = schedule["Expression"], duration(schedule["Duration"])
    if fault := MUTES.fault(expression):
        raise _refuse(f"Invalid schedule expression: {fault}")
    if lasts is None or not SHORTEST <= lasts <= LONGEST:
        raise _refuse(f"Invalid duration {schedule['Duration']}: it must be between PT1M and P15D")
    if schedule.get("Timezone") and (fault := zone_fault(schedule["Timezone"])):
        raise _refuse(f"Invalid timezone: {fault}")
    starts, expires = asked.get("StartDate"), asked.get("ExpireDate")
    if expression.startswith("at(") and (starts or expires):
        raise _refuse("StartDate and ExpireDate cannot be given with an at expression")
    if starts and expires and expires <= starts:
        raise _refuse("ExpireDate must be after StartDate")
    names = (asked.get("MuteTargets") or {}).get("AlarmNames", [])
    if len(names) > MOST_TARGETS:
        raise _refuse(f"A mute rule can target up to {MOST_TARGETS} alarms")
    if missing := [name for name in names if name not in backend.alarms]:
        raise _refuse(f"The following alarms do not exist: {', '.join(missing)}")


@add(CloudWatchResponse)
def put_alarm_mute_rule(self: Any) -> EmptyResult:
    """Make a rule, or write it anew; tags are those of its making."""
    given, backend = self._get_params(), self.cloudwatch_backend
    members = ("Name", "Description", "Rule", "MuteTargets")
    asked = {name: given[name] for name in members if given.get(name) is not None}
    asked |= {name: _moment(given[name]) for name in ("StartDate", "ExpireDate") if given.get(name) is not None}
    _check(backend, asked)
    arn = f"arn:aws:cloudwatch:{backend.region_name}:{backend.account_id}:alarm-mute-rule:{asked['Name']}"
    if asked["Name"] not in _rules(backend):
        backend.tagger.tag_resource(arn, given.get("Tags") or [])
    _rules(backend)[asked["Name"]] = asked | {"AlarmMuteRuleArn": arn, "LastUpdatedTimestamp": _now()}
    return EmptyResult()


@add(CloudWatchResponse)
def get_alarm_mute_rule(self: Any) -> ActionResult:
    """A rule with its status now."""
    found = _rules(self.cloudwatch_backend).get(self._get_param("AlarmMuteRuleName"))
    if found is None:
        raise ResourceNotFoundException
    return ActionResult(_shown(found))


@add(CloudWatchResponse)
def list_alarm_mute_rules(self: Any) -> ActionResult:
    """The rules of an alarm, or those of a status, in short."""
    alarm, statuses = self._get_param("AlarmName"), self._get_param("Statuses") or []
    shown = [_shown(rule) for _, rule in sorted(_rules(self.cloudwatch_backend).items())]
    summary = ("AlarmMuteRuleArn", "ExpireDate", "Status", "MuteType", "LastUpdatedTimestamp")
    found = [
        {name: rule[name] for name in summary if name in rule}
        for rule in shown
        if (not alarm or alarm in (rule.get("MuteTargets") or {}).get("AlarmNames", ()))
        and (not statuses or rule["Status"] in statuses)
    ]
    return ActionResult({"AlarmMuteRuleSummaries": found})


@add(CloudWatchResponse)
def delete_alarm_mute_rule(self: Any) -> EmptyResult:
    """Forget a rule; one that is not there is no error."""
    found = _rules(self.cloudwatch_backend).pop(self._get_param("AlarmMuteRuleName"), None)
    if found:
        self.cloudwatch_backend.tagger.delete_all_tags_for_resource(found["AlarmMuteRuleArn"])
    return EmptyResult()


@replace(CloudWatchBackend)
def tag_resource(original: Any, self: Any, arn: str, tags: dict[str, str]) -> None:
    """Tag rules too."""
    if arn in {rule["AlarmMuteRuleArn"] for rule in _rules(self).values()}:
        self.tagger.tag_resource(arn, self.tagger.convert_dict_to_tags_input(tags))
    else:
        original(self, arn, tags)
