"""Alarms on metric references, who is told of them, and a dashboard."""

from components.alarms.alarms import Alarms, AlarmsArgs
from components.alarms.dashboard import Panels
from components.alarms.sets import balancer_alarms, custom_alarms, group_alarms, queue_alarms, service_alarms
from components.alarms.subject import Alarm, Subject

__all__ = [
    "Alarm",
    "Alarms",
    "AlarmsArgs",
    "Panels",
    "Subject",
    "balancer_alarms",
    "custom_alarms",
    "group_alarms",
    "queue_alarms",
    "service_alarms",
]
