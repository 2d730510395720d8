"""Gaps of moto's EFS: backups that change, throughput, protection, the default security group, names that lead
nowhere."""

import json
from typing import Any

from moto.ec2.exceptions import DependencyViolationError
from moto.ec2.models import EC2Backend
from moto.efs import urls
from moto.efs.exceptions import BadRequest, FileSystemNotFound, PolicyNotFound
from moto.efs.models import EFSBackend, FileSystem, efs_backends
from moto.efs.responses import EFSResponse

from localcloud.aws.moto_gaps._patching import add, replace

JSON = {"Content-Type": "application/json"}
PROTECTION = "/2015-02-01/file-systems/<file_system_id>/protection"
urls.url_paths[PROTECTION] = urls.response.dispatch
BOUNDS = "ProvisionedThroughputInMibps is required when ThroughputMode is provisioned."


@replace(FileSystem)
def info_json(original: Any, self: Any) -> dict[str, Any]:
    """Show the protection, which every file system has."""
    shown: dict[str, Any] = original(self)
    kept = shown.pop("Protection", None) or "ENABLED"
    return {**shown, "FileSystemProtection": {"ReplicationOverwriteProtection": kept}}


@replace(EFSBackend)
def create_file_system(original: Any, self: Any, creation_token: str, **keywords: Any) -> FileSystem:
    """Refuse throughput that does not fit its mode; encryption has a key, AWS's own where none is named."""
    _check(keywords.get("throughput_mode"), keywords.get("provisioned_throughput_in_mibps"))
    made: FileSystem = original(self, creation_token, **keywords)
    if made.encrypted and not made.kms_key_id:
        made.kms_key_id = f"arn:aws:kms:{self.region_name}:{self.account_id}:key/aws-elasticfilesystem"
    return made


def _check(mode: str | None, provisioned: Any) -> None:
    if mode == "provisioned" and not provisioned:
        raise BadRequest(BOUNDS)
    if mode != "provisioned" and provisioned:
        raise BadRequest("ProvisionedThroughputInMibps can only be set when ThroughputMode is provisioned.")


@add(EFSResponse)
def update_file_system(self: Any) -> Any:
    """Another mode of throughput, or another size of the provisioned one."""
    found = _system(self)
    mode = self._get_param("ThroughputMode") or found.throughput_mode
    provisioned = self._get_param("ProvisionedThroughputInMibps")
    if provisioned is None and mode == "provisioned":
        provisioned = found.provisioned_throughput_in_mibps
    _check(mode, provisioned)
    found.throughput_mode, found.provisioned_throughput_in_mibps = mode, provisioned
    return json.dumps(found.info_json()), {**JSON, "status": 202}


@add(EFSResponse)
def update_file_system_protection(self: Any) -> Any:
    """Whether a replication may write over the file system."""
    found = _system(self)
    found.protection = self._get_param("ReplicationOverwriteProtection")
    return json.dumps({"ReplicationOverwriteProtection": found.protection}), JSON


@add(EFSResponse)
def put_backup_policy(self: Any) -> Any:
    """Turn automatic backups on or off."""
    status = self._get_param("BackupPolicy")["Status"]
    found = _system(self)
    found._backup, found._backup_status = status == "ENABLED", status
    return json.dumps({"BackupPolicy": {"Status": status}}), JSON


@replace(EFSBackend)
def describe_backup_policy(original: Any, self: Any, file_system_id: str) -> dict[str, str]:
    """A policy that was turned off is there and says so."""
    found = _of(self, file_system_id)
    status = getattr(found, "_backup_status", None)
    return {"Status": status} if status else dict(original(self, file_system_id))


@add(EFSResponse)
def delete_file_system_policy(self: Any) -> Any:
    """The file system has the default policy again."""
    found = _system(self)
    if not found.file_system_policy:
        raise PolicyNotFound("None")
    found.file_system_policy = None
    return "{}", JSON


@replace(EFSBackend)
def describe_file_system_policy(original: Any, self: Any, file_system_id: str) -> str:
    """Refuse a file system that is not there."""
    _of(self, file_system_id)
    return str(original(self, file_system_id))


@replace(EFSBackend)
def put_file_system_policy(original: Any, self: Any, file_system_id: str, **keywords: Any) -> None:
    """Refuse a file system that is not there."""
    _of(self, file_system_id)
    original(self, file_system_id, **keywords)


@replace(EFSBackend)
def create_access_point(original: Any, self: Any, *positional: Any, **keywords: Any) -> Any:
    """Refuse a file system that is not there; without a path it is the root."""
    _of(self, keywords["file_system_id"])
    if keywords.get("root_directory"):
        keywords["root_directory"] = {"Path": "/", **keywords["root_directory"]}
    return original(self, *positional, **keywords)


@replace(EFSBackend)
def delete_file_system(original: Any, self: Any, file_system_id: str) -> None:
    """A file system's access points and tags go with it."""
    original(self, file_system_id)
    self.tagging_service.delete_all_tags_for_resource(file_system_id)
    for name, point in list(self.access_points.items()):
        if point.file_system_id == file_system_id:
            del self.access_points[name]


@replace(EFSBackend)
def create_mount_target(
    original: Any, self: Any, file_system_id: str, subnet_id: str, ip_address: Any = None, security_groups: Any = None
) -> Any:
    """Without a group of its own, a mount target has the default one of its network."""
    if not security_groups and subnet_id in {s.id for s in self.ec2_backend.describe_subnets()}:
        vpc = self.ec2_backend.get_subnet(subnet_id).vpc_id
        named = self.ec2_backend.get_security_group_from_name("default", vpc)
        security_groups = [named.id] if named else None
    return original(self, file_system_id, subnet_id, ip_address, security_groups)


@replace(EC2Backend)
def delete_subnet(original: Any, self: Any, subnet_id: str) -> Any:
    """Refuse a subnet with a mount target in it."""
    targets = efs_backends[self.account_id][self.region_name].mount_targets_by_id.values()
    if any(target.subnet_id == subnet_id for target in targets):
        raise DependencyViolationError(f"The subnet '{subnet_id}' has dependencies and cannot be deleted.")
    return original(self, subnet_id)


def _of(backend: Any, file_system_id: str) -> Any:
    if file_system_id not in backend.file_systems_by_id:
        raise FileSystemNotFound(file_system_id)
    return backend.file_systems_by_id[file_system_id]


def _system(response: Any) -> Any:
    return _of(response.efs_backend, response._get_param("FileSystemId"))
