"""An ECS service with its task, roles, logs, security group and scaling."""

from components._access import PermissionArgs
from components.container_service.args import ClusterReference, ContainerServiceArgs, TargetGroupAttachment
from components.container_service.service import ContainerService, ServiceMetrics

__all__ = [
    "ClusterReference",
    "ContainerService",
    "ContainerServiceArgs",
    "PermissionArgs",
    "ServiceMetrics",
    "TargetGroupAttachment",
]
