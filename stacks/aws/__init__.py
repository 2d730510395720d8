"""What every composition on AWS has: environment, network, balancer, provider, alarms."""
