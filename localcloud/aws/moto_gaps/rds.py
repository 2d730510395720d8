"""Gaps of moto's RDS: settings that it drops, ids that all instances share, groups that it loses, the network."""

import string
from collections.abc import Iterable
from typing import Any

from moto.ec2.models import ec2_backends
from moto.moto_api._internal import mock_random
from moto.rds.exceptions import DBClusterNotFoundError, DBSubnetGroupNotFoundError
from moto.rds.models import DBCluster, DBInstance, DBInstanceClustered, MasterUserSecret, RDSBackend
from moto.rds.responses import RDSResponse

from localcloud.aws.moto_gaps._patching import Refusal, add, replace
from localcloud.aws.moto_gaps.ec2_routing import has_internet_gateway

VERSIONS = {
    "mariadb": "11.4.5", "mysql": "8.0.42", "postgres": "17.5", "oracle-ee": "19.0.0.0.ru-2025-04.rur-2025-04.r1",
    "oracle-se2": "19.0.0.0.ru-2025-04.rur-2025-04.r1", "sqlserver-ee": "16.00.4195.2.v1",
    "sqlserver-ex": "16.00.4195.2.v1", "sqlserver-se": "16.00.4195.2.v1", "sqlserver-web": "16.00.4195.2.v1",
}  # fmt: skip
"""What an instance runs when the program does not say: a version that RDS had in 2025."""
CLUSTER_VERSIONS = {
    "aurora-mysql": "8.0.mysql_aurora.3.08.2", "aurora-postgresql": "16.6", "mysql": "8.0.42", "postgres": "17.5",
}  # fmt: skip
AUTHORITY = "rds-ca-rsa2048-g1"
ZONES = {
    "us-east-1": "Z2R2ITUGPM61AM", "us-east-2": "Z2XHWR1WZ565X2", "us-west-1": "Z10WI91S59XXQN",
    "us-west-2": "Z1PVIF0B656C1W", "eu-west-1": "Z29XKXDKYMONMX", "eu-west-2": "Z1TTGA775OQIYO",
    "eu-central-1": "Z1RLNUO7B9Q6NB",
}  # fmt: skip
"""Route 53 zones of endpoints, where they are known; another region takes the first one's."""
SHOWN = {
    "enable_performance_insights": "performance_insights_enabled",
    "enable_iam_database_authentication": "enable_iam_database_authentication",
    "enable_customer_owned_ip": "customer_owned_ip_enabled", "db_port_number": "port",
    "performance_insights_kms_key_id": "performance_insights_kms_key_id",
    "performance_insights_retention_period": "performance_insights_retention_period",
    "database_insights_mode": "database_insights_mode", "network_type": "network_type",
    "dedicated_log_volume": "dedicated_log_volume", "engine_lifecycle_support": "engine_lifecycle_support",
    "nchar_character_set_name": "nchar_character_set_name", "timezone": "timezone", "backup_target": "backup_target",
    "monitoring_interval": "monitoring_interval", "monitoring_role_arn": "monitoring_role_arn",
}  # fmt: skip
"""Member of a request -> the name under which moto's answers look for it."""


def _keep(model: Any, asked: dict[str, Any]) -> None:
    for name, shown in SHOWN.items():
        if asked.get(name) is not None:
            setattr(model, shown, asked[name])
    if getattr(model, "performance_insights_enabled", False):
        if getattr(model, "performance_insights_retention_period", None) is None:
            model.performance_insights_retention_period = 7
        if getattr(model, "database_insights_mode", None) is None:
            model.database_insights_mode = "standard"


def _new_id() -> str:
    return "db-" + "".join(mock_random.choice(string.ascii_uppercase + string.digits) for _ in range(26))


def _same_network(backend: Any, vpc: str, groups: Iterable[str]) -> None:
    """Every security group is one of the subnets' network."""
    ec2 = ec2_backends[backend.account_id][backend.region_name]
    for group in groups:
        found = ec2.get_security_group_from_id(group)
        if found is None:
            raise Refusal("InvalidParameterValue", f"Invalid security group , groupId= {group}, groupName=.")
        if found.vpc_id != vpc:
            raise Refusal(
                "InvalidParameterCombination",
                "The DB instance and EC2 security group are in different VPCs. "
                f"The DB instance is in {vpc} and the EC2 security group is in {found.vpc_id}",
            )


def _default_group(ec2: Any, vpc: str) -> list[str]:
    group = ec2.get_default_security_group(vpc)
    return [group.id] if group else []


def _can_be_reached(backend: Any, vpc: str) -> None:
    if not has_internet_gateway(ec2_backends[backend.account_id][backend.region_name], vpc):
        raise Refusal(
            "InvalidVPCNetworkStateFault",
            "Cannot create a publicly accessible DBInstance. The specified VPC has no internet gateway attached."
            "Update the VPC and then try again",
        )


DBInstance.default_engine_versions.update(VERSIONS)


@replace(DBCluster)
def default_engine_version(original: Any, engine: str) -> str:
    """A version of this time."""
    return CLUSTER_VERSIONS.get(engine) or str(original(engine))


DBCluster.default_engine_version = staticmethod(DBCluster.default_engine_version)  # type: ignore[method-assign]


@replace(DBInstance)
def default_db_parameter_group_details(original: Any, self: Any) -> tuple[str, str]:
    """A family is named by the part of the version that upgrades by hand."""
    parts = str(self.engine_version).split(".")
    several = self.engine in ("mysql", "mariadb") or self.engine.startswith(("aurora-mysql", "sqlserver"))
    major = ".".join(parts[:2]) if several else parts[0]
    family = f"{self.engine.lower()}{'-' if self.engine.startswith(('oracle', 'sqlserver')) else ''}{major}"
    return family, f"default.{family}"


@replace(RDSBackend)
def create_db_instance(original: Any, self: Any, db_kwargs: dict[str, Any]) -> Any:
    """Settings are kept, and the network has to hold together."""
    group = db_kwargs.get("db_subnet_group_name")
    if group:
        vpc = self.describe_db_subnet_groups(group)[0].vpc_id
        _same_network(self, vpc, db_kwargs.get("vpc_security_group_ids") or ())
        if db_kwargs.get("publicly_accessible") is True:
            _can_be_reached(self, vpc)
    made = original(self, db_kwargs)
    made.dbi_resource_id = _new_id()
    if made.ca_certificate_identifier == "rds-ca-default":
        made.ca_certificate_identifier = AUTHORITY
    if made.publicly_accessible is None:
        made.publicly_accessible = False
    if group and not isinstance(made, DBInstanceClustered) and not db_kwargs.get("vpc_security_group_ids"):
        ec2 = ec2_backends[self.account_id][self.region_name]
        made.vpc_security_group_ids = _default_group(ec2, made.db_subnet_group.vpc_id)
    _keep(made, db_kwargs)
    for name, value in (
        ("network_type", "IPV4"), ("dedicated_log_volume", False), ("customer_owned_ip_enabled", False),
        ("performance_insights_enabled", False), ("database_insights_mode", "standard"), ("backup_target", "region"),
        ("engine_lifecycle_support", "open-source-rds-extended-support"), ("upgrade_rollout_order", "second"),
    ):  # fmt: skip
        if getattr(made, name, None) is None:
            setattr(made, name, value)
    return made


OWN_OF_A_REPLICA: dict[str, Any] = {
    "monitoring_interval": 0, "monitoring_role_arn": None, "multi_az": False, "deletion_protection": False,
    "copy_tags_to_snapshot": False, "performance_insights_enabled": False,
}  # fmt: skip
"""What a replica has not from its source, and where it begins (API CreateDBInstanceReadReplica); moto copies all."""


@replace(RDSBackend)
def create_db_instance_read_replica(original: Any, self: Any, db_kwargs: dict[str, Any]) -> Any:
    """A replica has an id of its own and takes no part in what happens to the other one's lists."""
    made = original(self, db_kwargs)
    made.dbi_resource_id = _new_id()
    made.tags = db_kwargs.get("tags") or []
    made.source_db_instance_identifier = db_kwargs["source_db_instance_identifier"]
    made.backup_retention_period = 0
    for name, value in OWN_OF_A_REPLICA.items():
        if hasattr(made, name) and db_kwargs.get(name) is None:
            setattr(made, name, value)
    made.enabled_cloudwatch_logs_exports = list(db_kwargs.get("enable_cloudwatch_logs_exports") or ())
    _keep(made, db_kwargs)
    return made


@replace(RDSBackend)
def modify_db_instance(original: Any, self: Any, db_instance_identifier: str, db_kwargs: dict[str, Any]) -> Any:
    """Settings are kept."""
    if db_kwargs.get("publicly_accessible") is True:
        group = getattr(self.describe_db_instances(db_instance_identifier)[0], "db_subnet_group", None)
        if group is not None:
            _can_be_reached(self, group.vpc_id)
    _keep_key(self.describe_db_instances(db_instance_identifier)[0], db_kwargs)
    changed = original(self, db_instance_identifier, db_kwargs)
    _keep(changed, db_kwargs)
    return changed


def _keep_key(database: Any, asked: dict[str, Any]) -> None:
    """Refuse another key of a secret that is there; moto keeps the old one without a word (API ModifyDBInstance)."""
    key, secret = asked.get("master_user_secret_kms_key_id"), getattr(database, "master_user_secret", None)
    if key and secret and key.rpartition(":key/")[2] != secret.kms_key_id.rpartition(":key/")[2]:
        raise Refusal(
            "InvalidParameterCombination",
            "You can't change the KMS key of the master user secret while RDS manages it: turn "
            "ManageMasterUserPassword off, then on again with the key.",
        )


@replace(RDSBackend)
def delete_db_cluster(original: Any, self: Any, cluster_identifier: str, snapshot_name: str | None = None) -> Any:
    """Snapshots that RDS made go with their cluster."""
    found = original(self, cluster_identifier, snapshot_name)
    for name, snapshot in list(self.cluster_snapshots.items()):
        if snapshot.snapshot_type == "automated" and snapshot.db_cluster_identifier == found.db_cluster_identifier:
            del self.cluster_snapshots[name]
    return found


def _restorable(self: Any) -> Any:
    """Whoever asks twice is told the same."""
    return self.created


DBInstance.latest_restorable_time = property(_restorable)  # type: ignore[method-assign, assignment]
DBCluster.latest_restorable_time = property(_restorable)  # type: ignore[method-assign, assignment]


def _endpoint(self: Any) -> dict[str, Any]:
    """An endpoint is in a zone of the region."""
    zone = ZONES.get(self.region, ZONES["us-east-1"])
    return {"Address": self.address, "Port": self.port, "HostedZoneId": zone}


DBInstance.endpoint = property(_endpoint)  # type: ignore[method-assign, assignment]


@replace(MasterUserSecret)
def _generate_secret_name(original: Any, self: Any) -> str:
    """A name that a replay gives again."""
    return f"rds!{self.resource.resource_type}-{mock_random.uuid4()}"


@replace(RDSBackend)
def create_db_cluster(original: Any, self: Any, kwargs: dict[str, Any]) -> Any:
    """Settings are kept; a name is taken once, and the subnet group is there."""
    name = kwargs["db_cluster_identifier"]
    if name in self.clusters:
        raise Refusal("DBClusterAlreadyExistsFault", "DB Cluster already exists")
    group = kwargs.get("db_subnet_group_name")
    if group and group not in self.subnet_groups:
        raise DBSubnetGroupNotFoundError(group)
    if group:
        _same_network(self, self.subnet_groups[group].vpc_id, kwargs.get("vpc_security_group_ids") or ())
    made = original(self, kwargs)
    if not kwargs.get("kms_key_id"):
        made.kms_key_id = None
    if not kwargs.get("db_cluster_parameter_group_name"):
        parts = made.engine_version.split(".")
        made.parameter_group = f"default.{made.engine}{'.'.join(parts[:2]) if 'mysql' in made.engine else parts[0]}"
    if not made.vpc_security_group_ids:
        ec2 = ec2_backends[self.account_id][self.region_name]
        vpc = self.subnet_groups[group].vpc_id if group else ec2.default_vpc.id
        made.vpc_security_group_ids = _default_group(ec2, vpc)
    _keep(made, kwargs)
    _settings_of_a_cluster(made, kwargs)
    made.status = "available"
    return made


def _settings_of_a_cluster(cluster: Any, asked: dict[str, Any]) -> None:
    cluster.certificate_details = {
        "CAIdentifier": asked.get("ca_certificate_identifier")
        or getattr(cluster, "certificate_details", {}).get("CAIdentifier", AUTHORITY),
        "ValidTill": "2061-05-25T22:34:57+00:00",
    }
    if asked.get("enable_iam_database_authentication") is not None:
        cluster.iam_auth = asked["enable_iam_database_authentication"]
    if asked.get("enable_http_endpoint") is not None:
        cluster._enable_http_endpoint = asked["enable_http_endpoint"]
    if "aurora" in cluster.engine:
        cluster.storage_type = asked.get("storage_type") or "aurora"
    for name, value in (
        ("engine_lifecycle_support", "open-source-rds-extended-support"), ("database_insights_mode", "standard"),
        ("upgrade_rollout_order", "second"),
        ("monitoring_interval", 0), ("performance_insights_enabled", False),
    ):  # fmt: skip
        if getattr(cluster, name, None) is None:
            setattr(cluster, name, value)


@replace(RDSBackend)
def modify_db_cluster(original: Any, self: Any, kwargs: dict[str, Any]) -> Any:
    """Settings are kept, and a cluster that is not there is not found."""
    name = kwargs["db_cluster_identifier"]
    if name not in self.clusters:
        raise DBClusterNotFoundError(name)
    _keep_key(self.clusters[name], kwargs)
    exports = kwargs.pop("cloudwatch_logs_export_configuration", None) or {}
    found = original(self, kwargs)
    cluster = self.clusters[kwargs.get("new_db_cluster_identifier") or name]
    off = exports.get("DisableLogTypes") or exports.get("disable_log_types") or []
    on = exports.get("EnableLogTypes") or exports.get("enable_log_types") or []
    held = [one for one in cluster.enabled_cloudwatch_logs_exports if one not in off]
    cluster.enabled_cloudwatch_logs_exports = [*held, *(one for one in on if one not in held)]
    _keep(cluster, kwargs)
    _settings_of_a_cluster(cluster, kwargs)
    return found


@replace(RDSBackend)
def create_subnet_group(
    original: Any, self: Any, subnet_name: str, description: str, subnets: list[Any], tags: list[dict[str, str]]
) -> Any:
    """A name is taken once; the subnets are in two zones at least, all of one network."""
    if subnet_name in self.subnet_groups:
        raise Refusal("DBSubnetGroupAlreadyExists", "The DB subnet group already exists.")
    _zones(subnets)
    return original(self, subnet_name, description, subnets, tags)


def _zones(subnets: list[Any]) -> None:
    zones = sorted({subnet.availability_zone for subnet in subnets})
    if len({subnet.vpc_id for subnet in subnets}) > 1:
        raise Refusal("InvalidParameterValue", "The specified subnets are in different VPCs")
    if len(zones) < 2:
        raise Refusal(
            "DBSubnetGroupDoesNotCoverEnoughAZs",
            "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. "
            f"Current AZ coverage: {', '.join(zones)}. Add subnets to cover at least 2 AZs.",
        )


@replace(RDSBackend)
def modify_db_subnet_group(original: Any, self: Any, subnet_name: str, description: str, subnets: list[Any]) -> Any:
    """A group that is changed stays."""
    if subnet_name not in self.subnet_groups:
        raise DBSubnetGroupNotFoundError(subnet_name)
    _zones(subnets)
    found = original(self, subnet_name, description, subnets)
    self.subnet_groups[subnet_name] = found
    return found


@replace(RDSBackend)
def delete_subnet_group(original: Any, self: Any, subnet_name: str) -> Any:
    """A group that is in use stays."""
    instances = [
        i.db_instance_identifier for i in self.databases.values() if vars(i).get("_db_subnet_group_name") == subnet_name
    ]
    clusters = [c.db_cluster_identifier for c in self.clusters.values() if c.db_subnet_group_name == subnet_name]
    if instances or clusters:
        what = f"database instance: {instances[0]}" if instances else f"database cluster: {clusters[0]}"
        raise Refusal(
            "InvalidDBSubnetGroupStateFault",
            f"Cannot delete the subnet group '{subnet_name}' because at least one {what} is still using it.",
        )
    return original(self, subnet_name)


def _reset(groups: dict[str, Any], name: str, asked: list[Any], everything: bool) -> None:
    held = groups[name].parameters
    for parameter in list(held) if everything else [one.original_dict()["ParameterName"] for one in asked]:
        held.pop(parameter, None)


@add(RDSResponse)
def reset_db_parameter_group(self: Any) -> Any:
    """Parameters have their own value again."""
    return _reset_group(self, "db_parameter_groups", "DBParameterGroupName")


@add(RDSResponse)
def reset_db_cluster_parameter_group(self: Any) -> Any:
    """Parameters have their own value again."""
    return _reset_group(self, "db_cluster_parameter_groups", "DBClusterParameterGroupName")


def _reset_group(response: Any, groups: str, member: str) -> Any:
    from moto.core.responses import ActionResult

    name, held = response.params[member], getattr(response.backend, groups)
    if name not in held:
        raise Refusal("DBParameterGroupNotFound", f"DBParameterGroup not found: {name}")
    _reset(held, name, response.params.get("Parameters") or [], bool(response.params.get("ResetAllParameters")))
    return ActionResult({member: name})
