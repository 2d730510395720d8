"""The alarms component."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
from pulumi_aws.cloudwatch import CompositeAlarm, CompositeAlarmActionsSuppressorArgs, Dashboard, MetricAlarm

from components._component import Component, Extensions
from components.alarms.dashboard import dashboard_body
from components.alarms.deployments import deployed, failed_deployments, running_deployment
from components.alarms.logs import count_lines, log_alarms
from components.alarms.metric_alarm import band_alarm, metric_alarm
from components.alarms.subject import Subject
from components.alarms.topic import alarm_topic, topic_key
from components.specs import AlarmsSpec, Severity, Topic

OWN_ALARMS = ("deployment_failed", "deploying")
"""Names of alarms that the component makes by itself."""
Arns = Mapping[str, pulumi.Output[str]]


@dataclass(frozen=True)
class AlarmsArgs:
    """Who is told, and of what."""

    spec: AlarmsSpec
    """Who is told at most, where, and whether there is a dashboard."""
    subjects: Mapping[str, Subject]
    """Services, groups and queues by name."""
    physical_name: str = ""
    """Start of the names of composites and of the dashboard, unique in account and region: these two know no
    auto-naming."""
    account_id: pulumi.Input[str] | None = None
    """Owner of the key of a topic that is made."""
    region: pulumi.Input[str] = ""
    """Region of the dashboard's metrics."""
    topic_arn: pulumi.Input[str] | None = None
    """A topic made in the same program, in place of making one."""
    kms_key_arn: pulumi.Input[str] | None = None
    """A key made in the same program, which lets CloudWatch and EventBridge use it, in place of making one."""
    pager_endpoint: pulumi.Input[str] | None = None
    """An https address that is paged; may be secret."""
    tags: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    """Laid on every child."""
    extensions: Extensions = field(default_factory=dict)
    """Options laid over those of single children, by role."""


class Alarms(Component):
    """Alarms of a stack, who hears of them, and its dashboard.

    Makes, as far as anybody is told, an encrypted topic (and one to page); per subject its alarms, rules on events of
    deployments, and one composite that pages; one dashboard. An alarm that records acts on nothing; one that
    notifies tells the topic when it fires and when it is over; one that pages is part of the composite, which is
    quiet while a deployment runs. Alarms that turn a deployment back come from an `Alarms` of their own with
    `tell="record"`, made from the balancer's metrics before the service, which takes their names.
    """

    alarm_names: Mapping[str, Arns]
    """By subject and alarm."""
    alarm_arns: Mapping[str, Arns]
    """By subject and alarm."""
    page_arns: Arns
    """The composite that pages, by subject; only where something pages."""
    topic_arn: pulumi.Output[str] | None
    """Where notices go; none where nobody is told."""
    pager_topic_arn: pulumi.Output[str] | None
    """Where pages go; none where nobody is paged."""
    dashboard_name: pulumi.Output[str] | None
    """The dashboard, if there is one."""

    def __init__(self, name: str, args: AlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, args.spec, tags=args.tags, extensions=args.extensions, opts=opts)
        self._args, self._spec = args, args.spec
        self._subjects = {key: _with_logs(key, subject, args.physical_name) for key, subject in args.subjects.items()}
        told = self._told()
        self._validate(told)
        self._make_topics(told)
        for key, subject in args.subjects.items():
            count_lines(self, key, subject, args.physical_name)
        made = {key: self._alarms_of(key, subject) for key, subject in self._subjects.items()}
        self.alarm_names = {key: {each: alarm.name for each, alarm in alarms.items()} for key, alarms in made.items()}
        self.alarm_arns = {key: {each: alarm.arn for each, alarm in alarms.items()} for key, alarms in made.items()}
        self.page_arns = {
            key: page.arn for key, subject in self._subjects.items() if (page := self._page(key, subject, made[key]))
        }
        self.dashboard_name = self._dashboard()
        self.finish()

    def _told(self) -> frozenset[Severity]:
        """Everything that some alarm does here."""
        subjects = self._subjects.values()
        watches = [alarm.watch for subject in subjects for alarm in subject.alarms.values()]
        watches += [subject.deployment_failed for subject in subjects if subject.deployment_failed]
        return frozenset(self._spec.told(watch.severity) for watch in watches)

    def _validate(self, told: frozenset[Severity]) -> None:
        args, spec, faults = self._args, self._spec, []
        needs_names = self._composites() or self._shown() or any(each.log_alarms for each in self._subjects.values())
        if needs_names and not args.physical_name:
            faults.append("physical_name: is missing; composites, dashboards and counts of lines need a unique name")
        if self._shown() and args.region == "":
            faults.append("region: is missing; a dashboard names the region of its metrics")
        makes = (told - {"record"}) and not (args.topic_arn or spec.topic.arn)
        if (makes or self._pages_apart(told)) and args.account_id is None and args.kms_key_arn is None:
            faults.append("account_id: is missing; the key of a topic has an owner")
        faults += [
            f"subjects.{key}.service_arn: is missing beside `deployment_failed`, or give `group_arn`"
            for key, subject in args.subjects.items()
            if subject.deployment_failed and deployed(subject) is None
        ]
        for key, subject in args.subjects.items():
            if subject.log_alarms and subject.log_group_name is None:
                faults.append(f"subjects.{key}.log_group_name: is missing beside `log_alarms`")
            faults += [
                f"subjects.{key}.log_alarms.{name}: there is an alarm of that name: rename one"
                for name in subject.log_alarms.keys() & subject.alarms.keys()
            ]
        if args.pager_endpoint is not None and spec.pager is not None and spec.pager.arn is not None:
            faults.append("pager_endpoint: the owner of a given pager subscribes to it: remove it or `pager.arn`")
        if args.topic_arn is not None and (spec.topic.emails or spec.topic.arn):
            faults.append("topic_arn: has no meaning beside `topic.arn` or `topic.emails`: remove one of them")
        faults += self._taken_names()
        if faults:
            raise pulumi.RunError("\n".join(f"Alarms {self._instance}: {fault}" for fault in faults))

    def _taken_names(self) -> list[str]:
        seen: dict[str, str] = {}
        faults = []
        for key, subject in self._subjects.items():
            for name in (*subject.alarms, *(f"{band}_band" for band in subject.bands), *OWN_ALARMS):
                role, place = _role(key, name), f"subjects.{key}.alarms.{name}"
                if role in seen:
                    faults.append(f"{place}: makes the same alarm {role} as {seen[role]}: rename one")
                seen[role] = place
        return faults

    def _composites(self) -> bool:
        subjects = self._subjects.values()
        return any(
            self._spec.told(alarm.watch.severity) == "page" for each in subjects for alarm in each.alarms.values()
        )

    def _shown(self) -> bool:
        return self._spec.dashboard and any(subject.panels for subject in self._subjects.values())

    def _pages_apart(self, told: frozenset[Severity]) -> bool:
        """Whether a topic is made for pages alone."""
        pager = self._spec.pager
        given = pager is not None and pager.arn is not None
        return "page" in told and not given and (pager is not None or self._args.pager_endpoint is not None)

    def _make_topics(self, told: frozenset[Severity]) -> None:
        spec, args = self._spec, self._args
        self.topic_arn = self.pager_topic_arn = None
        self._key_arn = args.kms_key_arn
        apart = self._pages_apart(told)
        elsewhere = apart or (spec.pager is not None and spec.pager.arn is not None)
        if "notify" in told or ("page" in told and not elsewhere):
            self.topic_arn = self._topic("topic", spec.topic, args.topic_arn, None)
        if "page" in told:
            pager = spec.pager or Topic()
            self.pager_topic_arn = (
                self._topic("pager", pager, None, args.pager_endpoint) if elsewhere else self.topic_arn
            )

    def _topic(
        self,
        role: str,
        topic: Topic,
        given: pulumi.Input[str] | None,
        endpoint: pulumi.Input[str] | None,
    ) -> pulumi.Output[str]:
        arn = given if given is not None else topic.arn
        if arn is not None:
            return pulumi.Output.from_input(arn)
        if self._key_arn is None:
            self._key_arn = topic_key(self, self._args.account_id or "").arn
        return alarm_topic(self, role, self._key_arn, topic.emails, endpoint).arn

    def _alarms_of(self, key: str, subject: Subject) -> dict[str, MetricAlarm]:
        made = {}
        for name, alarm in subject.alarms.items():
            notices = self._spec.told(alarm.watch.severity) == "notify" and self.topic_arn is not None
            made[name] = metric_alarm(
                self, _role(key, name), alarm, [self.topic_arn] if notices and self.topic_arn else []
            )
        if self._spec.anomaly_bands == "record":
            for name, measure in subject.bands.items():
                made[f"{name}_band"] = band_alarm(self, _role(key, f"{name}_band"), measure, self._spec.band_width)
        what = deployed(subject)
        if subject.deployment_failed and what is not None:
            topic = {"record": None, "notify": self.topic_arn, "page": self.pager_topic_arn}[
                self._spec.told(subject.deployment_failed.severity)
            ]
            made["deployment_failed"] = failed_deployments(self, key, what, subject.deployment_failed, topic)
        return made

    def _page(self, key: str, subject: Subject, made: Mapping[str, MetricAlarm]) -> CompositeAlarm | None:
        """The one alarm that pages for a subject: any of its parts that would."""
        parts = [
            made[name].name for name, alarm in subject.alarms.items() if self._spec.told(alarm.watch.severity) == "page"
        ]
        if not parts or self.pager_topic_arn is None:
            return None
        role = _role(key, "page")
        return CompositeAlarm(
            self.name_of(role),
            alarm_name=f"{self._args.physical_name}-{role}",
            alarm_description=f"{key} needs a person: one of {', '.join(_paging(subject, self._spec))}",
            alarm_rule=pulumi.Output.all(*parts).apply(lambda names: " OR ".join(f'ALARM("{each}")' for each in names)),
            alarm_actions=[self.pager_topic_arn],
            ok_actions=[self.pager_topic_arn],
            actions_suppressor=self._suppressor(key, subject),
            tags=self.tags_of(role),
            opts=self.options_of(role),
        )

    def _suppressor(self, key: str, subject: Subject) -> CompositeAlarmActionsSuppressorArgs | None:
        suppression, what = self._spec.suppression, deployed(subject)
        if suppression is None or what is None:
            return None
        alarm = running_deployment(self, key, what, suppression)
        return CompositeAlarmActionsSuppressorArgs(
            alarm=alarm.arn, wait_period=suppression.wait, extension_period=suppression.extension
        )

    def _dashboard(self) -> pulumi.Output[str] | None:
        if not self._shown():
            return None
        subjects = self._subjects
        made = Dashboard(
            self.name_of("dashboard"),
            dashboard_name=self._args.physical_name,
            dashboard_body=dashboard_body(
                {key: subject.panels for key, subject in subjects.items() if subject.panels},
                {key: list(arns.values()) for key, arns in self.alarm_arns.items()},
                self._args.region,
            ),
            opts=self.options_of("dashboard"),
        )
        return made.dashboard_name


def _with_logs(key: str, subject: Subject, namespace: str) -> Subject:
    return dataclasses.replace(subject, alarms={**subject.alarms, **log_alarms(key, subject, namespace)})


def _role(subject: str, alarm: str) -> str:
    return f"{subject}-{alarm}".replace("_", "-")


def _paging(subject: Subject, spec: AlarmsSpec) -> list[str]:
    return [name for name, alarm in subject.alarms.items() if spec.told(alarm.watch.severity) == "page"]
