"""An ECS service with its task, roles, logs, security group and scaling."""

from components._access import PermissionArgs
from components.container_service.args import ContainerServiceArgs, TargetGroupAttachment
from components.container_service.service import ContainerService, ServiceMetrics
from components.references import ClusterReference

__all__ = [
    "ClusterReference",
    "ContainerService",
    "ContainerServiceArgs",
    "PermissionArgs",
    "ServiceMetrics",
    "TargetGroupAttachment",
]
