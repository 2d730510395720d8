"""A thousand resources: services without a network around them, ten resources each."""

import json

import pulumi
import pulumi_aws as aws

config = pulumi.Config()
services = config.get_int("services") or 100
assume = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)


class Part(pulumi.ComponentResource):
    """One service: two roles, a policy, a log group, a topic, a queue, a security group and three alarms."""

    def __init__(self, name: str, vpc: aws.ec2.Vpc) -> None:
        super().__init__("bench:index:Part", name)
        here = pulumi.ResourceOptions(parent=self)
        roles = [aws.iam.Role(f"{name}-{role}", assume_role_policy=assume, opts=here) for role in ("task", "start")]
        log = aws.cloudwatch.LogGroup(f"{name}-log", retention_in_days=30, opts=here)
        aws.iam.RolePolicy(
            f"{name}-write",
            role=roles[1].name,
            policy=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [{"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": log.arn}],
                }
            ),
            opts=here,
        )
        topic = aws.sns.Topic(f"{name}-topic", opts=here)
        aws.ec2.SecurityGroup(f"{name}-group", vpc_id=vpc.id, description=name, opts=here)
        for number in range(3):
            aws.cloudwatch.MetricAlarm(
                f"{name}-alarm-{number}",
                namespace="AWS/ECS",
                metric_name="CPUUtilization",
                statistic="Average",
                comparison_operator="GreaterThanThreshold",
                threshold=60 + 10 * number,
                period=60,
                evaluation_periods=3,
                dimensions={"ClusterName": name},
                alarm_actions=[topic.arn],
                opts=here,
            )


vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
for index in range(services):
    Part(f"part-{index:03}", vpc)
